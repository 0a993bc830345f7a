"""Which cast plays which system."""

from __future__ import annotations

from typing import Any

from ...gossip import disseminate
from ...gossip.adversary import Liar
from ...gossip.membership_history import MembershipHistory
from ...gossip.scuttlebutt import Gossiper
from ...gossip.swim import SwimNode
from ...systems import Cassandra, Consul, Dynamo, RedisCluster
from ...systems.sealed import SealedPool
from ...systems.transfer import cluster
from .bare import HistoryCast, RumorCast, ScuttlebuttCast
from .cassandra import CassandraCast
from .cast import Cast
from .consul import ConsulCast
from .dynamo import DynamoCast
from .redis_cluster import RedisClusterCast
from .sealed import SealedCast
from .swim import SwimCast
from .transfer import TransferCast
from .trust import TrustCast

CASTS: dict[Any, type[Cast]] = {
    Consul: ConsulCast,
    Cassandra: CassandraCast,
    Dynamo: DynamoCast,
    RedisCluster: RedisClusterCast,
    SwimNode: SwimCast,
    Gossiper: ScuttlebuttCast,
    MembershipHistory: HistoryCast,
    disseminate: RumorCast,
    cluster: TransferCast,
    Liar: TrustCast,
    SealedPool: SealedCast,
}


def cast_of(system: Any) -> Cast:
    """The cast of a system, or of a protocol alone.

    Raises
    ------
    ValueError
        For anything else.
    """
    try:
        return CASTS[system]()
    except (KeyError, TypeError):
        known = ", ".join(one.__name__ for one in CASTS)
        raise ValueError(f"system is {system!r}: it must be one of {known}") from None
