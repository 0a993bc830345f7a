"""Liars, who hold the key and break the rules, and what honest members can do about them.

==================  ==================================================================================================
``behaviours``      all lies in a table, and `behaviour`, which makes one from plain data
``base``            what they share: when they begin, how long they last
``forging``         words in others' names: deaths, lives, farewells, versions
``passing_on``      what is not passed on, or late, or again, or for the dead
``crowds``          floods, and one member under many names
``liar``            the process that lies
``defences``        a cap on versions, first-hand words, a quorum of accusers
``signatures``      words signed by their origin
``signed_states``   the same for Scuttlebutt's states
``guard``           the process behind defences
``wrapper``         what both are built on
``words``           what they look at in a message
==================  ==================================================================================================

A shared key, which holds off those who don't have it, is `gossipkit.systems.liars.SharedKey`; a checksum, which notices
damage and no lie, is ``crc`` of `gossipkit.gossip.swim.SwimConfig`.
"""

from .base import Behaviour
from .behaviours import BEHAVIOURS, behaviour
from .crowds import Flood, Sybil
from .defences import Cap, FirstHand, Quorum
from .forging import Forge, ForgeState, TwoFaces, hijack
from .guard import Check, Defence, Guarded
from .liar import Liar, liar
from .passing_on import Delay, Replay, Vouch, Withhold
from .signatures import Keys, Signatures
from .words import Signed, SignedExchange
from .wrapper import member

__all__ = [
    "BEHAVIOURS",
    "Behaviour",
    "Cap",
    "Check",
    "Defence",
    "Delay",
    "FirstHand",
    "Flood",
    "Forge",
    "ForgeState",
    "Guarded",
    "Keys",
    "Liar",
    "Quorum",
    "Replay",
    "Signatures",
    "Signed",
    "SignedExchange",
    "Sybil",
    "TwoFaces",
    "Vouch",
    "Withhold",
    "behaviour",
    "hijack",
    "liar",
    "member",
]
