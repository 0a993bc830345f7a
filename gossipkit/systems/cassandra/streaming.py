"""Joining: a node that is to own ranges is sent what is in them, and only then says that it owns them.

By gossip, in the order in which things happen: the newcomer listens for ``ring_delay_s``. If it then knows of another node
that is joining, it gives up and tries again later (``cassandra.consistent.rangemovement``). If not, it announces its tokens
with STATUS BOOT, waits for ``ring_delay_s`` once more so that writes reach it as well, and asks for its ranges: each from the
replica that it takes the place of, so that a quorum of the new replicas knows what a quorum of the old ones knew. When all
has arrived it announces STATUS NORMAL.

The flaw is in the first step: two nodes that begin within ``ring_delay_s`` of each other both find nobody joining. Each then
plans as if it came alone, and both may take the same replica's place. By the log the second one is refused, and waits.

References
----------
apache/cassandra before 6.0, service/StorageService.java (joinTokenRing, bootstrap), dht/BootStrapper.java, dht/
RangeStreamer.java (getAllRangesWithStrictSourcesFor).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...authority.layouts import moves
from ...authority.log_entries import Committed, Rejected
from ...authority.log_rules import JOINED, Operation
from ...authority.ring import Ring
from ..placement import token_ranges
from .messages import Stream, StreamRequest
from .ownership import BOOT, NORMAL, present, written
from .settings import STREAM_RETRY_S

if TYPE_CHECKING:
    from .node import Node


class Joining:
    """One node on its way into the ring.

    Parameters
    ----------
    node : Node
    tokens : tuple of int
        That it is to own.
    """

    def __init__(self, node: "Node", tokens: tuple[int, ...]):
        self._node, self._tokens = node, tokens
        self._open: dict[str, tuple] = {}  # ranges that were asked for, by source
        self._done: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin."""
        node = self._node
        if node.log is not None:
            node.log.join(node.env, self._tokens, self._ended)
        else:
            node.env.after(node.settings.gossip.ring_delay_s, self._listened)

    def _ended(self, outcome: Committed | Rejected) -> None:
        if type(outcome) is Rejected:
            self._refused(outcome.reason)
        else:
            self._joined()

    def _refused(self, reason: str) -> None:
        node = self._node
        if node.log is not None and node.log.metadata.nodes.get(node.name) == JOINED:
            return self._joined()  # a join that went on by itself after a restart
        node.env.record("join-refused", reason=reason)
        node.env.after(node.settings.gossip.ring_delay_s, self._again)

    def _again(self) -> None:
        if self._node.log is not None:
            self.start()
        else:
            self._listened()

    def _joined(self) -> None:
        node = self._node
        node.joining = None
        node.env.record("joined", tokens=len(self._tokens))

    # By gossip.

    def _listened(self) -> None:
        node = self._node
        ownership = node.ownership
        if ownership.pending or ownership.ring is None:
            others = ", ".join(ownership.pending) or "nobody who owns anything is known yet"
            self._refused(f"other bootstrapping nodes: {others}")
            return
        node.gossiper.announce("TOKENS", written(self._tokens))
        node.gossiper.announce("STATUS", BOOT)
        node.env.record("joining", tokens=len(self._tokens))
        node.env.after(node.settings.gossip.ring_delay_s, self._pending_is_known)

    def _pending_is_known(self) -> None:
        # as if nobody else were joining: what others have announced meanwhile is not looked at
        ring = self._node.ownership.ring
        self.stream(ring, ring.join(self._node.name, self._tokens, self._node.place), self._announce)

    def _announce(self) -> None:
        node = self._node
        node.gossiper.announce("STATUS", NORMAL)
        node.ownership.heard(node.name, node.gossiper.endpoints[node.name].state)
        self._joined()

    # What is sent.

    def stream_for(self, operation: Operation, done: Callable[[], None]) -> None:
        """The same for a join of the log's."""
        self.stream(operation.before, operation.after, done)

    def stream(self, before: Ring, after: Ring, done: Callable[[], None]) -> None:
        """Ask for all that this node will own and does not yet, and call back when it is here."""
        node, self._done = self._node, done
        wanted: dict[str, list[tuple[int, int]]] = {}
        old, new = (present(ring, node.settings.replication) for ring in (before, after))
        for move in moves(before, after, new if old == new else old):
            if move.node == node.name:
                staying = after.replicas(move.end, new)
                source = next((name for name in move.sources if name not in staying), move.sources[0])
                wanted.setdefault(source, []).append((move.start, move.end))
        self._open = {source: token_ranges(ranges) for source, ranges in wanted.items()}
        for source in tuple(self._open):
            self._ask(source)
        self._finish()

    def _ask(self, source: str) -> None:
        node = self._node
        if source in self._open:
            node.env.send_reliably(source, StreamRequest(node.name, self._open[source]))
            node.env.after(STREAM_RETRY_S, self._ask, source)

    def received(self, sender: str, message: Stream) -> None:
        """A source has sent what it has."""
        if self._open.pop(sender, None) is not None:
            self._node.env.record("streamed", source=sender, cells=len(message.updates))
            self._finish()

    def _finish(self) -> None:
        if not self._open:
            done, self._done = self._done, lambda: None
            done()
