"""Cassandra's settings of gossip and failure detection."""

from dataclasses import dataclass, fields

from ...sim import checks


@dataclass(frozen=True, kw_only=True)
class GossipConfig:
    """The settings of one gossiper, all but three of them system properties or constants in Cassandra; seconds.

    Raises
    ------
    ValueError
        For a number out of range.

    References
    ----------
    apache/cassandra @ac8c8b2, Gossiper; @07242de, FailureDetector; conf/cassandra.yaml (phi_convict_threshold).

    Examples
    --------
    >>> GossipConfig().quarantine_delay_s, GossipConfig().fat_client_timeout_s
    (60.0, 30.0)
    """

    cluster_name: str = "Test Cluster"
    """A SYN from another cluster is thrown away."""

    interval_s: float = 1.0
    """Time between two rounds."""

    fanout: int = 1
    """Live nodes that are talked to in a round. Cassandra has no such setting: it is 1. Too high: more digests for news
    that a few rounds spread anyway."""

    phi_convict_threshold: float = 8.0
    """A node is down when phi is more. Too low: pauses and lost messages become outages. Too high: an outage is noticed
    late. Clouds are often run with 12."""

    sample_size: int = 1000
    """Intervals between heartbeats that are remembered."""

    initial_interval_s: float = 2.0
    """What the first heartbeat counts as."""

    max_interval_s: float = 2.0
    """Longer intervals are not recorded."""

    max_local_pause_s: float = 5.0
    """A node that was itself paused for longer convicts nobody, for as long again."""

    ring_delay_s: float = 30.0
    """How long gossip is given to reach everybody: a wait where a proof would be wanted."""

    shadow_round_retry_s: float = 5.0
    """How often a starting node repeats its empty SYN: a seed until ``ring_delay_s``, another node until twice that."""

    shutdown_announce_s: float = 2.0
    """How long a node goes on gossiping after it has announced its shutdown."""

    very_long_time_s: float = 259_200.0
    """How long the state of a node that has left is remembered: three days."""

    def __post_init__(self):
        checks.name("cluster_name", self.cluster_name)
        checks.whole("sample_size", self.sample_size, 1)
        checks.whole("fanout", self.fanout, 1)
        for field in fields(self):
            if field.type is float:
                checks.number(field.name, getattr(self, field.name))
        for name in (
            "interval_s",
            "initial_interval_s",
            "max_interval_s",
            "max_local_pause_s",
            "shadow_round_retry_s",
        ):
            if getattr(self, name) == 0:
                raise ValueError(f"{name} is {getattr(self, name)!r}: it must be more than 0")

    @property
    def quarantine_delay_s(self) -> float:
        """Gossip about a removed node is ignored for that long: twice the ring delay."""
        return 2 * self.ring_delay_s

    @property
    def fat_client_timeout_s(self) -> float:
        """A silent node without tokens is removed after that long: half the quarantine."""
        return self.quarantine_delay_s / 2
