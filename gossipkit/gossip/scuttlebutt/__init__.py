"""Cassandra's gossiper: every node's state with versions, reconciled by digests, and the phi accrual detector on top.

=================  ====================================================================================================
``states``         heartbeats, application states, digests
``rules``          which state beats which, as two tables: `compare`, `answer`, `apply`
``endpoint``       one node's opinion of another
``messages``       what is sent, with sizes
``config``         Cassandra's settings
``detector``       one phi window an endpoint, and the guard against one's own pauses
``targets``        whom a node talks to in a round
``shadow``         the round in which a starting node only listens
``assassination``  how an operator buries an endpoint
``gossiper``       the process that all of these make
=================  ====================================================================================================
"""

from .config import GossipConfig
from .detector import FailureDetector
from .endpoint import Endpoint
from .gossiper import Gossiper
from .messages import Ack, Ack2, Echo, EchoReply, Shutdown, Syn
from .rules import DIGEST_RULES, Change, Reply, answer, apply, compare
from .states import (
    APPLICATION_STATES,
    DEAD_STATES,
    HIGHEST_VERSION,
    Digest,
    EndpointState,
    HeartBeatState,
    VersionedValue,
)
from .targets import targets

__all__ = [
    "APPLICATION_STATES",
    "DEAD_STATES",
    "DIGEST_RULES",
    "HIGHEST_VERSION",
    "Ack",
    "Ack2",
    "Change",
    "Digest",
    "Echo",
    "EchoReply",
    "Endpoint",
    "EndpointState",
    "FailureDetector",
    "GossipConfig",
    "Gossiper",
    "HeartBeatState",
    "Reply",
    "Shutdown",
    "Syn",
    "VersionedValue",
    "answer",
    "apply",
    "compare",
    "targets",
]
