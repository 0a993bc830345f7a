"""Runs that a lesson looks at, as functions from parameters to what an omniscient observer notes.

==================  =================================================================================================
``failures``        membership alone: a failure found out, and the slow who accuse the healthy
``layers``          a crash on its way from belief to decision to answer
``rotation``        a rotation of the gossip key
``lossy_wan``       failure detection between regions
==================  =================================================================================================
"""

from .failures import Accusations, Failure, failure, settled, slow_members
from .layers import Layers, crash_through_layers
from .lossy_wan import LossyWan, lossy_wan
from .rotation import ORDERS, Rotation, rotate_keys

__all__ = [
    "ORDERS",
    "Accusations",
    "Failure",
    "Layers",
    "LossyWan",
    "Rotation",
    "crash_through_layers",
    "failure",
    "lossy_wan",
    "rotate_keys",
    "settled",
    "slow_members",
]
