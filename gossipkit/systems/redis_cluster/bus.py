"""The connections of the cluster bus: one to each other node, over which this node sends; answers come back on it.

What the kernel's TCP makes of faults is modelled here, since messages of the simulated streams are either delivered or not. A
node that is down refuses (RST): the connection is gone, and the next cron makes a new one. Behind a partition nobody answers:
what was sent is sent again after 0.2 s, then twice as long each time, and a new connection is tried after 1 s, 2 s, 4 s; what
comes later waits behind it. Loss costs time in the same way: a packet that is lost k times is late by 0.2 s x (2 ** k - 1).
A paused node's kernel takes connections and data, as that of a stopped process does.

Left out: the FIN by which idle connections of a crashed process close at once. The next message finds out, and since doubts
come from the age of pings and pongs alone, the difference is seen in a link's state only.
"""

from typing import TYPE_CHECKING

from ...gossip.cluster_bus import Peer
from .messages import BUS, Connect, Ping, Pong
from .settings import CONNECT_RTO_S, RTO_MAX_S, RTO_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...sim import Message
    from .node import Node


class Link:
    """A connection that this node has made; ``since_s`` is when."""

    __slots__ = ("last_s", "number", "since_s", "stalled", "stands", "wait_s", "waiting")

    def __init__(self, number: int, since_s: float, stands: bool = False):
        self.number, self.since_s = number, since_s
        self.stands = stands  # the other side has accepted it
        self.stalled = False  # nobody has answered, and a packet waits to be sent again
        self.waiting: list[Message] = []
        self.wait_s = 0.0  # the last wait before one was sent again
        self.last_s = since_s  # when the last packet left: none overtakes it


class Links:
    """All connections of one node."""

    def __init__(self, node: "Node"):
        self._node = node
        self._made = 0
        self._sent = {kind: f"cluster_stats_messages_{name}_sent" for kind, name in BUS.items()}

    def settled(self, peer: Peer) -> None:
        """There is a connection, and has been for long."""
        self._made += 1
        peer.link = Link(self._made, self._node.env.now - self._node.settings.node_timeout_s, stands=True)

    def connect(self, peer: Peer) -> None:
        """Open a connection."""
        self._made += 1
        peer.link = Link(self._made, self._node.env.now)
        self._open(peer.name, self._made)

    def _open(self, to: str, number: int) -> None:
        def opened(to: str, message: Connect) -> None:
            peer = self._current(to, number)
            if peer is not None and not peer.link.stands:
                self._opened(peer)

        self._leave(to, number, Connect(), opened)

    def _opened(self, peer: Peer) -> None:
        """A connection stands: ping at once, so that a node that was gone is not taken for failed (clusterLinkConnectHandler)."""
        link, env = peer.link, self._node.env
        link.stands, link.wait_s = True, 0.0
        if peer.ping_sent_s is None:  # the age of one that waits counts on
            peer.ping_sent_s = env.now
        waiting, link.waiting = link.waiting, []
        for each in (self._node.ping_for(peer), *waiting):
            self._transmit(peer, each)

    def send(self, peer: Peer, message: "Message") -> None:
        """Send over this node's own connection; without one it is not sent at all."""
        link = peer.link
        if link is None:
            return
        if link.stands and not link.stalled:
            self._transmit(peer, message)
        elif link.stands or type(message) is not Ping:  # when it opens, there is a ping anyway
            link.waiting.append(message)

    def answer(self, to: str, message: Pong, wait_s: float = RTO_S) -> None:
        """Answer over the other node's connection."""
        env = self._node.env

        def lost(to: str, message: Pong) -> None:
            # the other side gives its connection up after a node timeout, and knows an answer on an old one by its number
            if wait_s < self._node.settings.node_timeout_s:
                env.after(wait_s, self.answer, to, message, 2 * wait_s)

        env.count(self._sent[Pong])
        late_s = self._late(to)
        if late_s:
            env.after(late_s, env.send_reliably, to, message, lost, 0.0)
        else:
            env.send_reliably(to, message, lost, 0.0)

    def answered(self, peer: Peer, number: int) -> bool:
        """A pong has come on a connection; whether that is still the one to this peer."""
        link = peer.link
        if link is None or link.number != number:
            return False
        link.wait_s = 0.0
        return True

    def _transmit(self, peer: Peer, message: "Message") -> None:
        link, env = peer.link, self._node.env
        env.count(self._sent[type(message)])
        late_s = self._late(peer.name)
        link.last_s = leaves_s = max(link.last_s, env.now + late_s)
        if leaves_s > env.now:
            env.after(leaves_s - env.now, self._leave, peer.name, link.number, message)
        else:
            self._leave(peer.name, link.number, message)

    def _leave(
        self,
        to: str,
        number: int,
        message: "Message",
        opened: "Callable[[str, Message], None] | None" = None,
    ) -> None:
        def failed(to: str, message: "Message") -> None:
            self._failed(to, number, message)

        def refused(to: str, message: "Message") -> None:
            peer = self._current(to, number)
            if peer is not None:
                peer.link = None

        self._node.env.send_reliably(to, message, failed, 0.0, refused, opened)

    def _current(self, to: str, number: int) -> Peer | None:
        """The peer, if that is still the connection to it."""
        peer = self._node.bus.peers[to]
        return peer if peer.link is not None and peer.link.number == number else None

    def _failed(self, to: str, number: int, message: "Message") -> None:
        """Nobody has answered: keep it, and try again later."""
        peer = self._current(to, number)
        if peer is None:
            return
        link = peer.link
        if link.stands:
            link.waiting.append(message)
        if not link.stalled:
            link.stalled = True
            first_s = RTO_S if link.stands else CONNECT_RTO_S
            link.wait_s = min(2 * link.wait_s or first_s, RTO_MAX_S)
            self._node.env.after(link.wait_s, self._again, to, number)

    def _again(self, to: str, number: int) -> None:
        peer = self._current(to, number)
        if peer is None:
            return
        link = peer.link
        link.stalled = False
        if not link.stands:
            self._open(to, number)
            return
        waiting, link.waiting = link.waiting, []
        for message in waiting:
            self._leave(to, number, message)

    def _late(self, to: str) -> float:
        """How much later a packet arrives for those copies of it that are lost, in seconds."""
        env = self._node.env
        loss, late_s, wait_s = env.loss(to), 0.0, RTO_S
        while loss and wait_s < RTO_MAX_S and env.random.random() < loss:
            late_s += wait_s
            wait_s *= 2
        return late_s
