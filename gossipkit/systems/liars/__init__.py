"""The liar on membership: adversaries against defences, measured.

=============  =======================================================================================================
``key``        a shared key as a defence
``story``      who lies how, who defends itself how, and what happens meanwhile
``trial``      one liar against one defence, and what came of it
``watched``    one lie moment by moment, also with loss and churn
``theft``      the attacks that were measured on real serf
``table``      all of them, over seeds, computed by one command, stored, and read from the store
=============  =======================================================================================================
"""

from .key import SharedKey
from .story import ADVERSARIES, DEFENCES, STATE_ADVERSARIES, STATE_DEFENCES, behaviours, defences, settings
from .table import Outcomes, outcomes, stored
from .theft import MEASURED, Theft, theft
from .trial import Harm, Outcome, play, trial
from .watched import NEWCOMERS, OneLie, one_lie

__all__ = [
    "ADVERSARIES",
    "DEFENCES",
    "MEASURED",
    "NEWCOMERS",
    "STATE_ADVERSARIES",
    "STATE_DEFENCES",
    "Harm",
    "OneLie",
    "Outcome",
    "Outcomes",
    "SharedKey",
    "Theft",
    "behaviours",
    "defences",
    "one_lie",
    "outcomes",
    "play",
    "settings",
    "stored",
    "theft",
    "trial",
]
