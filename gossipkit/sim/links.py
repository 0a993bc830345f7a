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
    unusual : bool
        Whether `carry` has more to look at than ``reach``, ``loss`` and a uniform latency. Without that `Env.send` does it
        itself, from ``chance``, the sender's stream, and ``low`` and ``width``, the latency's bounds in seconds.
    """

    __slots__ = (
        "_duplicate",
        "_kernel",
        "_links",
        "_name",
        "_random",
        "chance",
        "corrupt",
        "latency",
        "loss",
        "loss_towards",
        "low",
        "reach",
        "unusual",
        "width",
    )

    def __init__(self, kernel: Kernel, links: "Links", name: str, seed: int):
        self._kernel, self._links, self._name = kernel, links, name
        self._random = stream(seed, "network", name)
        self.chance = self._random.random
        self._duplicate = links.network.duplicate
        latency = links.network.latency
        self.latency = latency.sampler(self._random)
        self.low, self.width = (
            (latency.low, latency.high - latency.low) if type(latency) is Uniform else (None, None)
        )
        self.loss, self.loss_towards, self.corrupt = links.loss, dict(links.loss_towards), links.corrupt
        self.reach: dict[str, Any] = links.nodes
        self.look()

    def look(self) -> None:
        """See anew whether anything is unusual, after a change."""
        self.unusual = bool(self.loss_towards or self.corrupt or self._duplicate or self.width is None)

    def carry(self, sender: Any, to: str, number: int, size: int, message: Message) -> None:
        """Have a datagram arrive some time, or not. Its sender's stream decides: on loss, damage, latency, repetition."""
        target = self.reach.get(to)
        if target is None:
            return self.lost(to, number, self._links.barrier(self._name, to))
        loss = self.loss_towards.get(to, self.loss)
        if loss and self.chance() < loss:
            return self.lost(to, number, "loss")
        arrive = target._arrive
        if self.corrupt and self.chance() < self.corrupt:
            found = corrupted(message, self._random)
            if found is not None:
                message, field = found
                arrive = target._arrive_damaged
                self._kernel._note_packet(
                    self._name, "corrupt", to=to, number=number, field=field, message=message
                )
        self._put(target, arrive, (sender, number, size, message))
        if self._duplicate and self.chance() < self._duplicate:
            self._kernel._note_packet(self._name, "duplicate", to=to, number=number)
            # a negative number: the second copy of that one
            self._put(target, arrive, (sender, -number, size, message))

    def _put(self, target: Any, arrive: Any, arrival: tuple) -> None:
        kernel = self._kernel
        at = kernel.now + self.latency()
        kernel._order += 1
        heappush(kernel._heap, (at, kernel._order, target, arrive, arrival, None, None))

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
    apart : bool
        Whether anything keeps nodes from each other: a partition or a cut.
    loss, corrupt : float
        What new senders begin with; ``loss_towards`` by receiver.
    """

    def __init__(self, network: Network):
        self.network = network
        self.nodes: dict[str, Any] = {}
        self.apart = False
        self.loss, self.corrupt = network.loss, network.corrupt
        self.loss_towards: dict[str, float] = {}
        self._sides: dict[str, int] = {}  # of a partition; who is in none of its groups has 0
        # pairs (from, to) between which datagrams are cut, and pairs between which connections are, in both orders
        self._cut_datagrams: set[tuple[str, str]] = set()
        self._cut_streams: set[tuple[str, str]] = set()

    def add(self, name: str, node: Any) -> None:
        """A new node, which is in no group of a partition."""
        self.nodes[name] = node
        if self.apart:
            self._work_out()

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
        self.apart = bool(self._sides or self._cut_datagrams or self._cut_streams)
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
            node._outgoing.look()

    def set_corrupt(self, p: float) -> None:
        """See `World.corrupt`."""
        self.corrupt = p
        for node in self.nodes.values():
            node._outgoing.corrupt = p
            node._outgoing.look()
