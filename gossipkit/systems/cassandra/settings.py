"""What all nodes of a Cassandra cluster share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ...authority.log_rules import ClusterMetadata
from ...authority.ring import Place
from ...gossip.scuttlebutt import GossipConfig
from ...sim import Constant, LogNormal, Uniform

WRITE_TIMEOUT_S = 2.0
"""How long a coordinator waits for replicas to acknowledge a write (cassandra.yaml, write_request_timeout: 2000ms)."""
READ_TIMEOUT_S = 5.0
"""How long it waits for them to answer a read (cassandra.yaml, read_request_timeout: 5000ms)."""
HINTS_DISPATCH_S = 10.0
"""How often a node looks whether somebody it holds hints for is up (hints/HintsService.java, startDispatch)."""
STREAM_RETRY_S = 10.0
"""A node that joins or leaves tries again what has not arrived after so long; a joining node asks another source if the first
one is down. An assumption: in Cassandra the operation fails, and an operator resumes it."""
LOAD_INTERVAL_S = 60.0
"""How often a node tells by gossip how much it stores (service/LoadBroadcaster.java, BROADCAST_INTERVAL)."""
VNODES = 16
"""Tokens of a node (cassandra.yaml, num_tokens: 16)."""
MERKLE_DEPTH = 4
"""Levels of the tree over one range between two tokens. Cassandra spreads up to 2**20 leaves over all ranges of a replica; a
table here has few rows."""
SCHEMA = "59adb24e-f3cd-3e02-97f0-5b395827453f"
"""What every node announces as its schema's version: there is one table, and it does not change."""

Latency = Constant | Uniform | LogNormal


class Peer(NamedTuple):
    """What a node remembers of another over a restart (Cassandra's table system.peers)."""

    tokens: tuple[int, ...]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What all nodes share; times in seconds."""

    seed: int
    seeds: tuple[str, ...]
    peers: Mapping[str, Peer]
    """The nodes that the cluster begins with."""
    replication: Mapping[str, int]
    """Replicas by data centre."""
    vnodes: int
    gossip: GossipConfig
    log: ClusterMetadata | None
    """What the log of epochs begins with; None where tokens are gossiped."""
    cms: tuple[str, ...]
    """The nodes that commit to the log."""
    authority: bool
    hints: bool
    hints_count: bool
    """Whether a hint counts as an acknowledgement."""
    hint_window_s: float
    read_repair: bool
    merkle: bool
    repair_interval_s: float | None
    gc_grace_s: float
    compaction_interval_s: float
    stop: Callable[[str], None]
    """How a node that has left ends its process."""
    storage_write: Latency
    storage_read: Latency
