"""Joining: a node that is to own ranges is sent what is in them, and only then says that it owns them.

By gossip, in the order in which things happen:

1. In its shadow round the newcomer looks at what a seed knows. If somebody is joining (STATUS BOOT) or leaving (LEAVING), it
   is turned away before anybody has heard of it (``cassandra.consistent.rangemovement``). Moving is not modelled.
2. It gossips, without a STATUS, and listens for ``ring_delay_s``. If it then knows of somebody who is joining or leaving, it
   is turned away as well.
3. It announces its tokens with STATUS BOOT, and waits for ``ring_delay_s`` once more so that writes reach it as well.
4. It asks for its ranges: each from the replica that it takes the place of, so that a quorum of the new replicas knows what a
   quorum of the old ones knew. When all has arrived it announces STATUS NORMAL.

In Cassandra a node that is turned away ends with an error, and an operator starts it again; here it tries again by itself,
``ring_delay_s`` later. And there a join fails if the one source of a range is down; here another replica is asked, which may
lack what the first one had.

Both looks are looks at what gossip has brought. A newcomer says nothing of its plan until it announces BOOT, ``ring_delay_s``
after it came; so two that come so close together that the word of the first one's BOOT is not there when the second one looks
for the last time both find nobody. On a good network that is a second or two, with loss or a partition it is longer. Each then
plans as if it came alone, and both may take the same replica's place. By the log the second one is refused, and waits.

References
----------
apache/cassandra before 6.0, service/StorageService.java (checkForEndpointCollision, joinTokenRing, prepareForBootstrap,
bootstrap), dht/BootStrapper.java, dht/RangeStreamer.java (getAllRangesWithStrictSourcesFor).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ...authority.layouts import moves
from ...authority.log_entries import Committed, Rejected
from ...authority.log_rules import JOINED, Operation
from ...authority.ring import Ring
from ...gossip.scuttlebutt import EndpointState, Status
from ...repair.merkle import TokenRange
from ..placement import token_ranges
from .messages import Stream, StreamRequest
from .ownership import present, written
from .settings import STREAM_RETRY_S

if TYPE_CHECKING:
    from .node import Node

MOVING = (Status.BOOT, Status.LEAVING)


class Joining:
    """One node on its way into the ring.

    Parameters
    ----------
    node : Node
    tokens : tuple of int
        That it is to own.

    Attributes
    ----------
    turned_away : bool
        Whether it has to wait, unknown to the others, until it may look again.
    """

    def __init__(self, node: "Node", tokens: tuple[int, ...]):
        self._node, self._tokens = node, tokens
        self.turned_away = False
        # by range that is still to come: the replicas that have it, the best one first
        self._open: dict[TokenRange, tuple[str, ...]] = {}
        self._done: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to join by the log."""
        self._node.log.join(self._node.env, self._tokens, self._ended)

    def _ended(self, outcome: Committed | Rejected) -> None:
        if type(outcome) is Rejected:
            self._refused(outcome.reason)
        else:
            self._joined()

    def _refused(self, reason: str) -> None:
        node = self._node
        if node.log is not None and node.log.metadata.nodes.get(node.name) is JOINED:
            return self._joined()  # a join that went on by itself after a restart
        self._try_again(reason, self.start)

    def _try_again(self, reason: str, again: Callable[[], None]) -> None:
        node = self._node
        node.env.record("join-refused", reason=reason)
        node.env.after(node.settings.gossip.ring_delay_s, again)

    def _joined(self) -> None:
        node = self._node
        node.joining = None
        node.env.record("joined", tokens=len(self._tokens))

    # By gossip.

    def admitted(self, states: Mapping[str, EndpointState]) -> bool:
        """Whether it may begin to gossip, by what a seed told in the shadow round; if so, it listens from now on.

        References
        ----------
        apache/cassandra, service/StorageService.java, checkForEndpointCollision.
        """
        node = self._node
        # its own state is left out: it may be known as BOOT from a life in which it crashed
        moving = [name for name, state in states.items() if name != node.name and state.status in MOVING]
        self.turned_away = bool(moving)
        if moving:
            self._try_again(_others(moving), node.start_gossip)
        else:
            node.env.after(node.settings.gossip.ring_delay_s, self._listened)
        return not moving

    def _listened(self) -> None:
        node = self._node
        ownership = node.ownership
        # StorageService.prepareForBootstrap looks for the second time
        if ownership.pending or ownership.leaving:
            return self._try_again(_others((*ownership.pending, *ownership.leaving)), self._listened)
        if ownership.ring is None:
            return self._try_again("nobody who owns anything is known yet", self._listened)
        node.gossiper.announce("TOKENS", written(self._tokens))
        node.gossiper.announce("STATUS", Status.BOOT)
        node.env.record("joining", tokens=len(self._tokens))
        node.env.after(node.settings.gossip.ring_delay_s, self._pending_is_known)

    def _pending_is_known(self) -> None:
        # as if nobody else were joining: what others have announced meanwhile is not looked at
        ring = self._node.ownership.ring
        self.stream(ring, ring.join(self._node.name, self._tokens, self._node.place), self._announce)

    def _announce(self) -> None:
        node = self._node
        node.gossiper.announce("STATUS", Status.NORMAL)
        # gossip tells a node nothing of itself: without this its own ring would lack it
        node.ownership.heard(node.name, node.gossiper.endpoints[node.name].state)
        self._joined()

    # What is sent.

    def stream_for(self, operation: Operation, done: Callable[[], None]) -> None:
        """The same for a join of the log's."""
        self.stream(operation.before, operation.after, done)

    def stream(self, before: Ring, after: Ring, done: Callable[[], None]) -> None:
        """Ask for all that this node will own and does not yet, and call back when it is here."""
        node, self._done = self._node, done
        # the first node of a data centre makes it part of the replication; what it will own was nobody's there, so nothing is sent
        old, new = (present(ring, node.settings.replication) for ring in (before, after))
        self._open = {}
        for move in moves(before, after, new if old == new else old):
            if move.node == node.name:
                staying = after.replicas(move.end, new)
                # RangeStreamer, strict sources: first the replica whose place it takes. It knows all that was acknowledged with its
                # help; from another one, a quorum of the new replicas could miss a write
                sources = tuple(sorted(move.sources, key=lambda name: name in staying))
                for each in token_ranges([(move.start, move.end)]):
                    self._open[each] = sources
        self._ask()
        self._finish()

    def _ask(self) -> None:
        node, wanted = self._node, {}
        for each, sources in self._open.items():
            source = next((name for name in sources if node.believes_up(name)), sources[0])
            wanted.setdefault(source, []).append(each)
        for source, ranges in wanted.items():
            node.env.send_reliably(source, StreamRequest(node.name, tuple(ranges)))
        if wanted:
            node.env.after(STREAM_RETRY_S, self._ask)

    def received(self, sender: str, message: Stream) -> None:
        """A source has sent what it has."""
        if [each for each in message.ranges if self._open.pop(each, None) is not None]:
            self._node.env.record("streamed", source=sender, cells=len(message.updates))
            self._finish()

    def _finish(self) -> None:
        if not self._open:
            done, self._done = self._done, lambda: None
            done()


def _others(names: Iterable[str]) -> str:
    return f"other bootstrapping/leaving/moving nodes: {', '.join(names)}"
