"""Merkle repair, ``nodetool repair -pr``: a node's own ranges, compared and made equal among all of their replicas.

1. For each set of replicas that share ranges of its own, the node asks all of them for trees. If one of them is down, those
   ranges are not repaired: the others agreeing proves nothing about it.
2. Where the trees of two replicas differ, these two send each other all that they have in the leaves that do.
3. Tombstones older than ``gc_grace_s`` take no part. That is why a deletion must have reached everybody before that.

References
----------
apache/cassandra, repair/RepairJob.java, repair/ValidationTask.java, repair/SyncTask.java; doc/modules/cassandra/pages/
managing/operating/repair.adoc.
"""

from itertools import combinations
from typing import TYPE_CHECKING

from ...repair.merkle import MerkleTree, TokenRange
from ..placement import token_ranges
from .messages import Stream, SyncDone, SyncRequest, Trees, ValidationRequest, ValidationResponse
from .settings import MERKLE_DEPTH

if TYPE_CHECKING:
    from ...sim import Message
    from .node import Node


class _Session:
    """Some ranges and the replicas that they share."""

    def __init__(self, replicas: tuple[str, ...], ranges: tuple[TokenRange, ...]):
        self.replicas, self.ranges = replicas, ranges
        self.trees: dict[str, tuple[MerkleTree, ...]] = {}
        self.differing: set[tuple[str, str]] = set()


class AntiEntropy:
    """One node's part.

    Parameters
    ----------
    node : Node
    """

    def __init__(self, node: "Node"):
        self._node = node
        self._sessions: dict[str, _Session] = {}
        self._all_well = True

    def start(self) -> None:
        """Begin to repair, at a phase of one's own, where that is scheduled."""
        interval = self._node.settings.repair_interval_s
        if self._node.settings.merkle and interval is not None:
            self._node.env.after(interval * (1 - self._node.env.random.random()), self._turn)

    def _turn(self) -> None:
        self._node.env.after(self._node.settings.repair_interval_s, self._turn)
        self.begin()

    def begin(self) -> None:
        """Repair the ranges that end in this node's tokens, now."""
        node = self._node
        ring = node.ownership.ring
        if ring is None:
            return  # it owns nothing yet
        shared: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for start, end in ring.ranges():
            # -pr: only the ranges whose first replica it is, so that each is repaired once if every node does this
            if ring.tokens[end] == node.name:
                shared.setdefault(node.ownership.readers(end), []).append((start, end))
        self._sessions, self._all_well = {}, True
        for replicas, ranges in shared.items():
            session = f"{node.name}-{node.next_number()}"
            down = [name for name in replicas if not node.believes_up(name)]
            if down:
                self._failed(session, f"{', '.join(down)} is down")
                continue
            self._sessions[session] = _Session(replicas, token_ranges(ranges))
        for session, about in tuple(self._sessions.items()):
            node.env.record("repair", session=session, replicas=about.replicas, ranges=len(about.ranges))
            for name in about.replicas:
                depths = (MERKLE_DEPTH,) * len(about.ranges)
                self._send(name, ValidationRequest(session, about.ranges, depths))

    def _send(self, to: str, message: "Message") -> None:
        def failed(to: str, message: "Message") -> None:
            self._failed(message.session, f"{to} does not answer")

        self._node.deliver(to, message, failed)

    def _failed(self, session: str, reason: str) -> None:
        self._sessions.pop(session, None)
        self._all_well = False
        self._node.env.count("Repair.Failed")
        self._node.env.record("repair-failed", session=session, reason=reason)

    # At every replica.

    def validate(self, sender: str, message: ValidationRequest) -> None:
        """Build the trees that are asked for."""
        rows = self._node.storage.rows(self._node.env.clock())
        trees = tuple(
            MerkleTree(rows, within, depth)
            for within, depth in zip(message.ranges, message.depths, strict=True)
        )
        self._send(sender, ValidationResponse(message.session, Trees(trees)))

    def synchronise(self, sender: str, message: SyncRequest) -> None:
        """Exchange with a partner what both have in some ranges; the partner's part comes back as a `Stream`."""
        mine = self._node.storage.within(message.ranges, self._node.env.clock())
        self._send(message.partner, Stream(message.session, message.ranges, mine, True))

    def received(self, sender: str, message: Stream) -> None:
        """Keep what a partner has; the first of the two gets the same back, and the second tells who asked for it."""
        node = self._node
        if message.both:
            # read before the partner's part is kept: what came from there need not go back
            mine = node.storage.within(message.ranges, node.env.clock())
            self._send(sender, Stream(message.session, message.ranges, mine, False))
        for update in message.updates:
            node.keep(update)
        node.env.count("Streaming.IncomingBytes", message.size_bytes)
        if not message.both:
            coordinator = message.session.rpartition("-")[0]
            self._send(coordinator, SyncDone(message.session, sender, len(message.updates)))

    # At the node that repairs.

    def validated(self, sender: str, message: ValidationResponse) -> None:
        """A replica's trees are here; with the last of them, see who differs from whom."""
        session = self._sessions.get(message.session)
        if session is None:
            return
        session.trees[sender] = message.trees.trees
        if len(session.trees) < len(session.replicas):
            return
        for one, other in combinations(session.replicas, 2):
            found = [
                each
                for mine, theirs in zip(session.trees[one], session.trees[other], strict=True)
                for each in mine.difference(theirs).ranges
            ]
            if found:
                session.differing.add((one, other))
                self._send(one, SyncRequest(message.session, tuple(found), other))
        self._finish(message.session)

    def synchronised(self, sender: str, message: SyncDone) -> None:
        """Two replicas have exchanged what differed."""
        session = self._sessions.get(message.session)
        if session is not None:
            session.differing.discard((sender, message.partner))
            self._node.env.record("synchronised", one=sender, other=message.partner, cells=message.cells)
            self._finish(message.session)

    def _finish(self, name: str) -> None:
        node = self._node
        if self._sessions[name].differing:
            return
        del self._sessions[name]
        if not self._sessions and self._all_well:
            node.storage.repaired_s = node.env.now
            node.env.record("repaired")
