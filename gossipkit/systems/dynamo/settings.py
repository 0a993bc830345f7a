"""What all nodes of a Dynamo cluster share."""

from dataclasses import dataclass
from functools import lru_cache

from ...authority.layouts import equal_ring, random_ring
from ...authority.pbs import Wars
from ...authority.ring import Ring
from ...gossip.membership_history import JOIN, Change, members

# nodes that know the same members share one ring, with the preference lists that it has worked out: rings never change
_random_ring = lru_cache(maxsize=64)(random_ring)

RESPONSE_S = 0.5
"""How long a coordinator waits before it takes a silent node for failed and turns to the next; an assumption."""
DEADLINE_S = 2.0
"""How long a client waits; an assumption. Amazon's agreements were 300 ms for 99.9% of requests (section 2.2)."""
HANDOFF_S = 1.0
"""Between two looks at the hints; the paper says "periodically", this is an assumption."""
MERKLE_INTERVAL_S = 10.0
"""Between two comparisons that a node begins; not told in the paper. Riak compares all day and rebuilds trees weekly."""
MERKLE_DEPTH = 4
"""Levels of a tree over one key range."""
CLIENT_REFRESH_S = 10.0
"""How often a client that coordinates itself fetches the membership from a random node (Dynamo, section 6.4)."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What all nodes share; times in seconds."""

    seed: int
    seeds: tuple[str, ...]
    n: int
    r: int
    w: int
    strategy: int
    vnodes: int
    partitions: int
    sloppy: bool
    versions: str
    truncate_at: int
    latencies: Wars | None
    gossip: bool
    authority: bool
    hints: bool
    read_repair: bool
    merkle: bool
    merkle_interval_s: float
    fanout: int

    def required(self, reads: bool) -> int:
        """How many nodes must answer a get, which reads, or a put. Without authority one is enough."""
        return 1 if not self.authority else self.r if reads else self.w

    def ring(self, history: tuple[Change, ...]) -> Ring | None:
        """The ring that a history makes; None while it has nobody. The same history makes the same ring everywhere."""
        names = members(history)
        if not names:
            return None
        if self.strategy != 3:
            return _random_ring(
                names,
                self.vnodes,
                self.seed,
                partitions=self.partitions if self.strategy == 2 else None,
            )
        # strategy 3: the layout depends on the order in which nodes came and went, and each node plays it through alike
        begin = history[0].issued_s
        first = [change.subject for change in history if change.issued_s == begin and change.action == JOIN]
        ring = equal_ring(first, self.partitions, self.seed)
        for place, change in enumerate(history):
            if change.issued_s == begin:
                continue
            if change.action == JOIN:
                if change.subject not in ring.nodes:
                    ring = ring.steal(change.subject, self.seed + place)
            elif change.subject in ring.nodes and len(ring.nodes) > 1:
                ring = ring.hand_out(change.subject, self.seed + place)
        return ring
