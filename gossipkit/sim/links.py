"""What lies between the nodes: partitions, cuts, losses and damage, and what they make of one datagram.

Faults are rare and datagrams are many. So a fault works out at once what it means for each sender, and a datagram finds
that ready: which nodes its sender reaches, and with what loss.
"""

from collections.abc import Iterable
from heapq import heappush
from typing import Any

from .kernel import Kernel
from .message import Message, corrupted
from .network import Network, Uniform, stream


class Outgoing:
    """What happens to the datagrams of one sender.

    Attributes
    ----------
    reach : dict of str to Env
        The nodes that they reach. While nothing keeps nodes apart, all senders share one dict.
    loss : float
        Probability that one is lost; ``loss_towards`` has other ones by receiver.
    corrupt : float
        Probability that one is damaged.
    latency : callable
        Draws the seconds that one takes.
    """

    __slots__ = (
        "_chance",
        "_duplicate",
        "_heap",
        "_kernel",
        "_links",
        "_low",
        "_name",
        "_random",
        "_width",
        "corrupt",
        "latency",
        "loss",
        "loss_towards",
        "reach",
    )

    def __init__(self, kernel: Kernel, links: "Links", name: str, seed: int):
        self._kernel, self._heap = kernel, kernel._heap
        self._links, self._name = links, name
        self._random = stream(seed, "network", name)
        self._chance = self._random.random
        self._duplicate = links.network.duplicate
        latency = links.network.latency
        self.latency = latency.sampler(self._random)
        # a uniform latency is drawn where it is needed: a call would cost a tenth of all that a datagram costs
        self._low, self._width = 0.0, None
        if isinstance(latency, Uniform):
            self._low, self._width = latency.low, latency.high - latency.low
        self.loss, self.loss_towards, self.corrupt = links.loss, dict(links.loss_towards), links.corrupt
        self.reach: dict[str, Any] = links.nodes

    def carry(self, sender: Any, to: str, number: int, size: int, message: Message) -> None:
        """Have a datagram arrive some time, or not. Its sender's stream decides: on loss, damage, latency, repetition."""
        try:
            target = self.reach[to]
        except KeyError:
            return self.lost(to, number, self._links.barrier(self._name, to))
        loss = self.loss_towards.get(to, self.loss) if self.loss_towards else self.loss
        if loss and self._chance() < loss:
            return self.lost(to, number, "loss")
        if self.corrupt or self._duplicate:
            return self._carry_badly(sender, target, number, size, message)
        kernel, width = self._kernel, self._width
        kernel._order = order = kernel._order + 1
        seconds = self.latency() if width is None else self._low + width * self._chance()
        arrival = (sender, number, size, message)
        heappush(self._heap, (kernel.now + seconds, order, target, target._arrive, arrival, None, None))

    def _carry_badly(self, sender: Any, target: Any, number: int, size: int, message: Message) -> None:
        arrive = target._arrive
        if self.corrupt and self._chance() < self.corrupt:
            found = corrupted(message, self._random)
            if found is not None:
                message, field = found
                arrive = target._arrive_damaged
                self._kernel._note_packet(
                    self._name, "corrupt", to=target.name, number=number, field=field, message=message
                )
        self._put(target, arrive, (sender, number, size, message))
        if self._duplicate and self._chance() < self._duplicate:
            self._kernel._note_packet(self._name, "duplicate", to=target.name, number=number)
            # a negative number: the second copy of that one
            self._put(target, arrive, (sender, -number, size, message))

    def _put(self, target: Any, arrive: Any, arrival: tuple) -> None:
        kernel = self._kernel
        at = kernel.now + self.latency()
        kernel._order += 1
        heappush(self._heap, (at, kernel._order, target, arrive, arrival, None, None))

    def lost(self, to: str, number: int, reason: str) -> None:
        """It does not arrive."""
        self._kernel._note_packet(
            self._name, "lost", to=to, number=abs(number), reason=reason, **second_copy(number)
        )


def second_copy(number: int) -> dict[str, int]:
    """What a row says of a datagram's copy, besides its number."""
    return {"copy": 2} if number < 0 else {}


class Links:
    """Who reaches whom, and with what loss, in a world.

    Attributes
    ----------
    nodes : dict of str to Env
        All nodes, in the order of adding.
    network : Network
    loss, corrupt : float
        What new senders begin with; ``loss_towards`` by receiver.
    """

    def __init__(self, network: Network):
        self.network = network
        self.nodes: dict[str, Any] = {}
        self.loss, self.corrupt = network.loss, network.corrupt
        self.loss_towards: dict[str, float] = {}
        self._sides: dict[str, int] = {}  # of a partition; who is in none of its groups has 0
        # pairs (from, to) between which datagrams are cut, and pairs between which connections are, in both orders
        self._cut_datagrams: set[tuple[str, str]] = set()
        self._cut_streams: set[tuple[str, str]] = set()

    def add(self, name: str, node: Any) -> None:
        """A new node, which is in no group of a partition."""
        self.nodes[name] = node
        if not self.connected:
            self._work_out()

    @property
    def connected(self) -> bool:
        """Whether nothing keeps nodes apart."""
        return not (self._sides or self._cut_datagrams or self._cut_streams)

    def partition(self, groups: Iterable[Iterable[str]]) -> None:
        """See `World.partition`."""
        self._sides = {name: side for side, group in enumerate(groups, 1) for name in group}
        self._work_out()

    def heal(self) -> None:
        """See `World.heal`."""
        self._sides = {}
        self._cut_datagrams.clear()
        self._cut_streams.clear()
        self._work_out()

    def cut(self, a: str, b: str, both: bool, streams: bool) -> None:
        """See `World.cut`."""
        self._cut_datagrams |= {(a, b), (b, a)} if both else {(a, b)}
        if streams:
            self._cut_streams |= {(a, b), (b, a)}
        self._work_out()

    def mend(self, a: str, b: str) -> None:
        """See `World.mend`."""
        self._cut_datagrams -= {(a, b), (b, a)}
        self._cut_streams -= {(a, b), (b, a)}
        self._work_out()

    def _work_out(self) -> None:
        sides: dict[int, dict[str, Any]] = {}
        for name, node in self.nodes.items():
            sides.setdefault(self._sides.get(name, 0), {})[name] = node
        if len(sides) == 1:
            sides = dict.fromkeys(sides, self.nodes)  # the dict that all share, and that new nodes come into
        for name, node in self.nodes.items():
            node._outgoing.reach = sides[self._sides.get(name, 0)]
        for a, b in self._cut_datagrams:
            outgoing = self.nodes[a]._outgoing
            outgoing.reach = {name: node for name, node in outgoing.reach.items() if name != b}

    def barrier(self, sender: str, to: str) -> str:
        """What keeps a datagram from arriving."""
        if to not in self.nodes:
            return "unknown"
        return "partition" if self._sides.get(sender, 0) != self._sides.get(to, 0) else "cut"

    def connects(self, a: str, b: str) -> bool:
        """Whether a reliable message passes between two nodes: neither a partition nor a cut lies between."""
        return self._sides.get(a, 0) == self._sides.get(b, 0) and (a, b) not in self._cut_streams

    def set_loss(self, p: float, src: str | None, dst: str | None) -> None:
        """See `World.set_loss`."""
        if src is None:
            # who is added later sends over links of the same kind
            if dst is None:
                self.loss, self.loss_towards = p, {}
            else:
                self.loss_towards[dst] = p
        for node in self.nodes.values() if src is None else (self.nodes[src],):
            if dst is None:
                node._outgoing.loss, node._outgoing.loss_towards = p, {}
            else:
                node._outgoing.loss_towards[dst] = p

    def set_corrupt(self, p: float) -> None:
        """See `World.corrupt`."""
        self.corrupt = p
        for node in self.nodes.values():
            node._outgoing.corrupt = p
