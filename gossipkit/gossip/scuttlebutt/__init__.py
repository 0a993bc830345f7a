"""Cassandra's gossiper: every node's state with versions, reconciled by digests, and the phi accrual detector on top.

=================  ====================================================================================================
``states``         heartbeats, application states, digests
``rules``          which state beats which, as two tables: `compare`, `answer`, `apply`; and what buries an endpoint
``endpoint``       one node's opinion of another
``messages``       what is sent, with sizes
``config``         Cassandra's settings
``detector``       one phi window an endpoint, and the guard against one's own pauses
``targets``        whom a node talks to in a round
``shadow``         the round in which a starting node only listens
``gossiper``       the process that all of these make
=================  ====================================================================================================
"""

from .config import GossipConfig
from .detector import FailureDetector
from .endpoint import Belief, Endpoint
from .gossiper import Gossiper
from .messages import Ack, Ack2, Echo, EchoReply, Shutdown, Syn
from .rules import DIGEST_RULES, STATE_RULES, Change, Reply, Verdict, answer, apply, compare
from .states import (
    APPLICATION_STATES,
    DEAD_STATES,
    DEPARTED,
    HIGHEST_VERSION,
    Digest,
    EndpointState,
    HeartBeatState,
    Status,
    VersionedValue,
)
from .targets import targets

__all__ = [
    "APPLICATION_STATES",
    "DEAD_STATES",
    "DEPARTED",
    "DIGEST_RULES",
    "HIGHEST_VERSION",
    "STATE_RULES",
    "Ack",
    "Ack2",
    "Belief",
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
    "Status",
    "Syn",
    "Verdict",
    "VersionedValue",
    "answer",
    "apply",
    "compare",
    "targets",
]
