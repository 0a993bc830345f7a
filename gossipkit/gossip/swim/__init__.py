"""SWIM and Lifeguard as hashicorp/memberlist runs them, with what serf adds for Consul.

================  ====================================================================================================
``config``        memberlist's settings, its three presets, and Lifeguard's parts one by one
``formulas``      retransmit limit, suspicion timeout, remaining suspicion, push/pull interval
``awareness``     local health
``suspicion``     one suspicion and its confirmations
``membership``    which claim beats which, as one table
``serf``          who means to leave and who failed, in Lamport time
``broadcast``     the queue of news
``gossip``        how it goes out
``events``        serf's user events in Lamport time
``messages``      what is sent, with sizes
``probe``         the failure detector
``exchange``      join, push/pull and reconnect
``node``          the member that all of these make
================  ====================================================================================================
"""

from .awareness import Awareness
from .broadcast import BroadcastQueue
from .config import VARIANTS, SwimConfig
from .events import LamportClock, UserEvents
from .formulas import push_pull_scale, remaining_suspicion, retransmit_limit, suspicion_timeout
from .membership import RULES, Change, Effects, Known, Member, Membership, State, Verdict
from .messages import (
    HIGHEST_INCARNATION,
    Ack,
    Alive,
    Compound,
    Dead,
    IndirectPing,
    JoinIntent,
    LeaveIntent,
    Nack,
    Ping,
    PushPull,
    PushPullReply,
    StreamAck,
    StreamPing,
    Suspect,
    UserEvent,
)
from .node import SwimNode
from .serf import Heard, Serf, Status
from .suspicion import Suspicion

__all__ = [
    "HIGHEST_INCARNATION",
    "RULES",
    "VARIANTS",
    "Ack",
    "Alive",
    "Awareness",
    "BroadcastQueue",
    "Change",
    "Compound",
    "Dead",
    "Effects",
    "Heard",
    "IndirectPing",
    "JoinIntent",
    "Known",
    "LamportClock",
    "LeaveIntent",
    "Member",
    "Membership",
    "Nack",
    "Ping",
    "PushPull",
    "PushPullReply",
    "Serf",
    "State",
    "Status",
    "StreamAck",
    "StreamPing",
    "Suspect",
    "Suspicion",
    "SwimConfig",
    "SwimNode",
    "UserEvent",
    "UserEvents",
    "Verdict",
    "push_pull_scale",
    "remaining_suspicion",
    "retransmit_limit",
    "suspicion_timeout",
]
