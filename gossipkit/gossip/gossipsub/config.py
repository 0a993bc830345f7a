"""gossipsub's settings, under the names of go-libp2p-pubsub."""

from dataclasses import dataclass
from typing import Self

from ...sim import checks


@dataclass(frozen=True, kw_only=True)
class GossipsubConfig:
    """The settings of one router, and by default those of go-libp2p-pubsub.

    Names are those of gossipsub.go in snake case; those that end in ``_s`` are seconds.

    Raises
    ------
    ValueError
        For a number out of range, and for degrees in the wrong order.

    References
    ----------
    libp2p/go-libp2p-pubsub, gossipsub.go; libp2p/specs, pubsub/gossipsub/gossipsub-v1.0.md and gossipsub-v1.1.md.

    Examples
    --------
    >>> GossipsubConfig().d_lo, GossipsubConfig.of_degree(3).d_hi
    (5, 6)
    """

    d: int = 6
    """Peers in the mesh, to whom every message goes in full. Too low: one liar or loss more is a message that takes the slow
    way. Too high: that many copies of everything."""

    d_lo: int = 5
    """With fewer than this the router grafts. The specification says 4; the implementation has 5."""

    d_hi: int = 12
    """With more than this the router prunes, down to ``d``."""

    d_score: int = 4
    """When it prunes it keeps so many by their score and the others at random. Too high: newcomers never get in."""

    d_out: int = 2
    """So many of the mesh are peers that the router has dialled itself. 0: whoever dials in often enough takes it over."""

    d_lazy: int = 6
    """To at least so many peers outside the mesh a heartbeat tells what it has."""

    gossip_factor: float = 0.25
    """And to this share of them, if that is more. v1.0 had no factor: with enough Sybils among the peers, ``d_lazy`` honest
    ones are hardly ever drawn."""

    flood_publish: bool = True
    """A router's own messages go to all peers and not to its mesh only. Off: who surrounds a publisher silences it."""

    history_length: int = 5
    """Heartbeats for which a message can be asked for."""

    history_gossip: int = 3
    """Heartbeats for which it is advertised."""

    gossip_retransmission: int = 3
    """One peer may ask for one message so often."""

    heartbeat_initial_delay_s: float = 0.1
    heartbeat_interval_s: float = 1.0
    """Between two rounds of grafting, pruning and gossip. Too low: gossip costs. Too high: what the mesh missed comes late."""

    prune_backoff_s: float = 60.0
    """After a prune both sides leave each other alone for so long."""

    graft_limit: bool = True
    """A mesh of ``d_hi`` refuses peers that have dialled in; not a setting there, but what v1.0 did not do. Off: the next
    heartbeat draws at random among all that have grafted, and who grafts most stays."""

    graft_flood_threshold_s: float = 10.0
    """A graft that comes sooner than this after the prune is penalised twice."""

    peer_exchange: bool = False
    """Whether a prune for want of room names other peers; meant for bootstrappers."""

    prune_peers: int = 16
    """How many."""

    opportunistic_graft_ticks: int = 60
    """Every so many heartbeats the mesh's median score is looked at."""

    opportunistic_graft_peers: int = 2
    """So many better peers are then grafted."""

    max_ihave_messages: int = 10
    """IHAVEs listened to from one peer in a heartbeat."""

    max_ihave_length: int = 5000
    """Messages asked for from one peer in a heartbeat."""

    iwant_followup_s: float = 3.0
    """What was asked for must come within this, or the promise is broken (P7)."""

    seen_ttl_s: float = 120.0
    """A message that is older counts as new. Too low: it goes round again."""

    def __post_init__(self):
        for name in ("d", "d_lo", "d_hi", "d_lazy", "history_length", "history_gossip"):
            checks.whole(name, getattr(self, name), 1)
        for name in ("d_score", "d_out", "gossip_retransmission", "prune_peers", "max_ihave_messages"):
            checks.whole(name, getattr(self, name), 0)
        for name in ("opportunistic_graft_ticks", "opportunistic_graft_peers", "max_ihave_length"):
            checks.whole(name, getattr(self, name), 1)
        for name in ("prune_backoff_s", "graft_flood_threshold_s", "iwant_followup_s", "seen_ttl_s"):
            checks.number(name, getattr(self, name))
        checks.number("heartbeat_initial_delay_s", self.heartbeat_initial_delay_s)
        checks.number("heartbeat_interval_s", self.heartbeat_interval_s, low=0.01)
        checks.probability("gossip_factor", self.gossip_factor)
        checks.truth("flood_publish", self.flood_publish)
        checks.truth("peer_exchange", self.peer_exchange)
        checks.truth("graft_limit", self.graft_limit)
        if not self.d_lo <= self.d <= self.d_hi:
            raise ValueError(
                f"d is {self.d}: it must be from d_lo, {self.d_lo}, to d_hi, {self.d_hi}, so that a mesh can be full"
            )
        # specification v1.1, Outbound Mesh Quotas
        if self.d_out and (self.d_out >= self.d_lo or self.d_out > self.d / 2):
            raise ValueError(
                f"d_out is {self.d_out}: it must be below d_lo, {self.d_lo}, and at most half of d, {self.d / 2:g}"
            )
        if self.d_score > self.d:
            raise ValueError(f"d_score is {self.d_score}: it must be at most d, {self.d}")
        if self.history_gossip > self.history_length:
            raise ValueError(
                f"history_gossip is {self.history_gossip}: it must be at most history_length, {self.history_length}"
            )

    @classmethod
    def of_degree(cls, d: int, **settings) -> Self:
        """A mesh of ``d`` peers whose bounds keep the proportions of the default, 5 : 6 : 12 with 4 by score and 2 dialled.

        Parameters
        ----------
        d : int
            At least 1.
        **settings
            Whatever else differs from the default.
        """
        checks.whole("d", d, 1)
        d_lo = max(1, round(d * 5 / 6))
        derived = {
            "d_lo": d_lo,
            "d_hi": 2 * d,
            "d_score": round(d * 2 / 3),
            "d_out": min(2, d // 2, d_lo - 1),
        }
        return cls(d=d, **(derived | settings))

    @classmethod
    def v1_0(cls, d: int = 6) -> Self:
        """The rules before the security extensions: no backoff, no limit to grafts, no quota of dialled peers, gossip to ``d_lazy``
        peers only, and one's own messages to the mesh only. Scores are off if the router is given none.
        """
        return cls.of_degree(
            d, d_out=0, gossip_factor=0.0, flood_publish=False, prune_backoff_s=0.0, graft_limit=False
        )
