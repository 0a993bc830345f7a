"""SWIM and Lifeguard as hashicorp/memberlist runs them, with what serf adds for Consul.

================  ====================================================================================================
``config``        memberlist's settings, its three presets, and Lifeguard's parts one by one
``formulas``      retransmit limit, suspicion timeout, remaining suspicion, push/pull interval
``awareness``     local health
``suspicion``     one suspicion and its confirmations
``membership``    which claim beats which, as one table
``broadcast``     the queue of news
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
from .membership import RULES, Effects, Member, Membership
from .messages import (
    Ack,
    Alive,
    Compound,
    Dead,
    IndirectPing,
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
from .suspicion import Suspicion

__all__ = [
    "RULES",
    "VARIANTS",
    "Ack",
    "Alive",
    "Awareness",
    "BroadcastQueue",
    "Compound",
    "Dead",
    "Effects",
    "IndirectPing",
    "LamportClock",
    "Member",
    "Membership",
    "Nack",
    "Ping",
    "PushPull",
    "PushPullReply",
    "StreamAck",
    "StreamPing",
    "Suspect",
    "Suspicion",
    "SwimConfig",
    "SwimNode",
    "UserEvent",
    "UserEvents",
    "push_pull_scale",
    "remaining_suspicion",
    "retransmit_limit",
    "suspicion_timeout",
]
