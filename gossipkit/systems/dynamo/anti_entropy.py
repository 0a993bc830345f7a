"""Merkle anti-entropy: two homes compare a tree for each key range that they share, and exchange what differs.

1. A node chooses one of the nodes that share ranges with it, at random, and sends the roots of its trees over them.
2. The other one descends where the roots differ. The real descent is a round trip a level; here it is one message with the
   bytes of all levels. It answers with all that it has in the leaves that differ.
3. The first one keeps that beside its own, and sends back what it has in those leaves.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, section 4.7.
"""

from typing import TYPE_CHECKING

from ...repair.merkle import MerkleTree, TokenRange
from ..placement import token_ranges
from .messages import Exchange, Roots, Trees
from .settings import MERKLE_DEPTH

if TYPE_CHECKING:
    from .node import Node


class AntiEntropy:
    """One node's part.

    Parameters
    ----------
    node : Node
    """

    def __init__(self, node: "Node"):
        self._node = node
        self._by_partner: dict[str, list[tuple[int, int]]] | None = None  # on this ring

    def start(self) -> None:
        """Begin to compare, at a phase of one's own."""
        env = self._node.env
        env.after(self._node.settings.merkle_interval_s * (1 - env.random.random()), self._turn)

    def begin(self, partner: str) -> None:
        """Compare with one node now."""
        trees = tuple(self._tree(within) for within in self._shared(partner))
        self._node.env.record("merkle", about=partner, ranges=len(trees))
        self._node.request(partner, Roots(0, Trees(trees)))

    def partners(self) -> tuple[str, ...]:
        """Who shares a range with this node."""
        return tuple(sorted(self._ranges()))

    def ring_changed(self) -> None:
        """Look anew who shares which range, when somebody asks."""
        self._by_partner = None

    def roots(self, sender: str, message: Roots) -> None:
        """Find where the trees differ, and send what is here."""
        compared, ranges = 0, []
        for theirs in message.trees.trees:
            found = theirs.difference(self._tree(theirs.within))
            compared += found.compared - 1  # the roots have been sent
            ranges += found.ranges
        if not ranges:
            self._done(sender, 0)
            return
        updates = self._node.storage.within(ranges)
        self._node.request(sender, Exchange(message.number, tuple(ranges), updates, compared, True))

    def exchange(self, sender: str, message: Exchange) -> None:
        """Keep what the other one has, and send back what it lacks."""
        node = self._node
        if message.both:
            mine = node.storage.within(message.ranges)
            node.request(sender, Exchange(message.number, message.ranges, mine, 0, False))
        for update in message.updates:
            node.keep(update.key, update.carried.copy)
        self._done(sender, len(message.updates))

    def _done(self, partner: str, objects: int) -> None:
        self._node.storage.last_sync_s = self._node.env.now
        self._node.env.count("merkle_objects", objects)
        self._node.env.record("merkle-done", about=partner, objects=objects)

    def _turn(self) -> None:
        node = self._node
        node.env.after(node.settings.merkle_interval_s, self._turn)
        healthy = [name for name in self.partners() if node.detector.up(name)]
        if node.settings.merkle and healthy:
            self.begin(node.env.random.choice(healthy))

    def _shared(self, partner: str) -> tuple[TokenRange, ...]:
        return token_ranges(self._ranges().get(partner, ()))

    def _ranges(self) -> dict[str, list[tuple[int, int]]]:
        """The ranges that each other node shares with this one."""
        if self._by_partner is None:
            node, ring, self._by_partner = self._node, self._node.ring, {}
            for start, end in ring.ranges() if ring else ():
                group = ring.replicas(end, node.settings.n)
                if node.name in group:
                    for name in group:
                        if name != node.name:
                            self._by_partner.setdefault(name, []).append((start, end))
        return self._by_partner

    def _tree(self, within: TokenRange) -> MerkleTree:
        return MerkleTree(self._node.storage.rows(within), within, MERKLE_DEPTH)
