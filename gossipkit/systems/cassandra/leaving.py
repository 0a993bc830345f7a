"""Leaving, ``nodetool decommission``: a node sends its ranges to those who get them, and only then says that it has left.

By gossip: it announces STATUS LEAVING and is still read; from then on writes also go to those who will own its ranges. It
waits for ``ring_delay_s``, sends each of them what it has, and announces STATUS left. A node to which data is moving,
because it has heard that another one leaves, is not let go before that is over; who has not heard of it yet plans as if
nobody else were moving, as in `streaming`. By the log, the same steps are entries, and a second operation with ranges in
common has to wait.

Either way gossip has ``ring_delay_s`` to spread that it has left, before the process ends.

References
----------
apache/cassandra before 6.0, service/StorageService.java (decommission: "data is currently moving to this node", startLeaving,
unbootstrap, leaveRing); tcm/sequences/UnbootstrapAndLeave.java.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...authority.layouts import moves
from ...authority.log_entries import Committed, Rejected
from ...authority.log_rules import LEFT, Operation
from ...authority.ring import Ring
from ...gossip.scuttlebutt import Status
from ...repair.merkle import TokenRange
from ..placement import token_ranges
from .messages import Stream, SyncDone
from .ownership import present
from .settings import STREAM_RETRY_S

if TYPE_CHECKING:
    from .node import Node


class Leaving:
    """One node on its way out of the ring.

    Parameters
    ----------
    node : Node

    Attributes
    ----------
    over : bool
        Whether it owns nothing any more.
    """

    def __init__(self, node: "Node"):
        self._node = node
        self.over = False
        self._open: dict[str, tuple[str, tuple[TokenRange, ...]]] = {}  # by session: who is to have what
        self._done: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin, or go on after a restart."""
        node = self._node
        node.env.record("leaving")
        if node.log is None:
            self._say(Status.LEAVING)
            node.env.after(node.settings.gossip.ring_delay_s, self._pending_is_known)
        elif node.log.metadata.operation(node.name) is not None:
            node.log.drive(node.env, node.name, self._ended)
        else:
            node.log.leave(node.env, self._ended)

    def _say(self, status: Status) -> None:
        node = self._node
        node.gossiper.announce("STATUS", status)
        if node.log is None:
            node.ownership.heard(node.name, node.gossiper.endpoints[node.name].state)

    def _pending_is_known(self) -> None:
        ring = self._node.ownership.ring
        self.stream(ring, ring.leave(self._node.name), self._left)

    def _ended(self, outcome: Committed | Rejected) -> None:
        node = self._node
        if type(outcome) is Rejected and node.log.metadata.nodes.get(node.name) is not LEFT:
            node.env.record("leave-refused", reason=outcome.reason)
            node.env.after(node.settings.gossip.ring_delay_s, self.start)
        else:
            self._left()

    def _left(self) -> None:
        node = self._node
        self.over = True
        self._say(Status.LEFT)
        node.env.record("left")
        node.env.after(node.settings.gossip.ring_delay_s, node.settings.stop, node.name)

    # What is sent.

    def stream_for(self, operation: Operation, done: Callable[[], None]) -> None:
        """Send what the log's operation moves."""
        self.stream(operation.before, operation.after, done)

    def stream(self, before: Ring, after: Ring, done: Callable[[], None]) -> None:
        """Send all that others will own and do not yet, and call back when they have it."""
        node, self._done = self._node, done
        wanted: dict[str, list[tuple[int, int]]] = {}
        for move in moves(before, after, present(after, node.settings.replication)):
            wanted.setdefault(move.node, []).append((move.start, move.end))
        self._open = {
            f"{node.name}-{node.next_number()}": (target, token_ranges(ranges))
            for target, ranges in wanted.items()
        }
        for session in tuple(self._open):
            self._send(session)
        self._finish()

    def _send(self, session: str) -> None:
        env = self._node.env
        if session in self._open:
            target, ranges = self._open[session]
            updates = self._node.storage.within(ranges, env.clock())
            env.send_reliably(target, Stream(session, ranges, updates, False))
            env.after(STREAM_RETRY_S, self._send, session)

    def received(self, sender: str, message: SyncDone) -> None:
        """A new owner has kept what it was sent."""
        if self._open.pop(message.session, None) is not None:
            self._node.env.record("streamed", target=sender, cells=message.cells)
            self._finish()

    def _finish(self) -> None:
        if not self._open:
            done, self._done = self._done, lambda: None
            done()
