"""The liar on membership: adversaries against defences, measured.

=============  =======================================================================================================
``key``        a shared key as a defence
``story``      who lies how, who defends itself how, and what happens meanwhile
``trial``      one liar against one defence, and what came of it
``table``      all of them, over seeds, computed by one command, stored, and read from the store
=============  =======================================================================================================
"""

from .key import SharedKey
from .story import ADVERSARIES, DEFENCES, behaviours, defences
from .table import Outcomes, outcomes, stored
from .trial import Harm, Outcome, play, trial

__all__ = [
    "ADVERSARIES",
    "DEFENCES",
    "Harm",
    "Outcome",
    "Outcomes",
    "SharedKey",
    "behaviours",
    "defences",
    "outcomes",
    "play",
    "stored",
    "trial",
]
