"""One process's connection to the network: datagrams as UDP sends them, and reliable messages as TCP does.

What happens to a datagram, in this order: it is counted and recorded; it is held while the sender is paused; it is lost
at once if nobody has the address, or a partition or a cut lies between; then its sender's stream decides on loss, on
damage, on a latency, and on a second copy with another latency. On arrival it is lost if the receiver is down or, by
now, a partition or a cut lies between; what has arrived at a paused receiver waits there, and only its crash can lose it. Every draw
comes from the sender's own stream, so a conversation between others changes nothing.
"""

from functools import partial
from heapq import heappush
from typing import TYPE_CHECKING

from . import checks
from .message import Message, corrupted
from .network import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from .world import World

# the names of the fields of these two events, whose values the trace keeps without a dict
SENT, RECEIVED = ("to", "number", "message"), ("sender", "number", "message")


class Endpoint:
    """What `Env` knows of the network; ``name`` is the address. Underscored fields are the world's."""

    __slots__ = (
        "_arrivals",
        "_arrive",
        "_awake",
        "_chance",
        "_corrupt",
        "_cut_datagrams",
        "_cut_streams",
        "_down",
        "_duplicate",
        "_envs",
        "_heap",
        "_latency",
        "_life",
        "_link_loss",
        "_log",
        "_loss",
        "_network_random",
        "_next_order",
        "_outbox",
        "_process",
        "_side",
        "_traffic",
        "_world",
        "name",
    )

    def __init__(self, world: "World", name: str):
        self.name = name
        self._traffic = [
            0,
            0,
            0,
            0,
        ]  # datagrams: messages sent, bytes sent, messages received, bytes received
        self._world = world
        self._heap, self._next_order, self._log = world._heap, world._next_order, world._log
        self._envs = world._envs
        self._arrive = self._deliver  # bound once, not for every datagram
        self._process = None
        self._awake, self._down = True, False
        self._life = 0  # how often it has crashed: whose callbacks are still wanted
        self._outbox: list | None = None  # while sends are held: what sends each, and what loses it
        self._side = 0  # of the partition
        # whom its datagrams do not reach, and with whom it has no connection
        self._cut_datagrams: set[str] = set()
        self._cut_streams: set[str] = set()
        self._arrivals: dict[str, float] = {}  # last arrival of a reliable message, by receiver
        self._network_random = stream(world.seed, "network", name)
        self._chance = self._network_random.random
        self._latency = world.network.latency.sampler(self._network_random)
        self._duplicate, self._corrupt = world.network.duplicate, world._corrupt
        self._loss, self._link_loss = world._loss, dict(world._loss_towards)

    def send(self, to: str, message: Message) -> None:
        """Send a datagram: it may be lost, repeated, damaged or overtaken, and nobody says so.

        Parameters
        ----------
        to : str
            The receiver's name. A name that nobody has is an address where nobody listens: the datagram is lost.
        message : Message
            A frozen value with ``size_bytes``, see `message`.
        """
        if self._down:
            return  # the rest of a handler that has crashed its own process
        size = message.size_bytes
        traffic = self._traffic
        traffic[0] = number = traffic[0] + 1
        traffic[1] += size
        if self._log is not None:
            self._log((self._world.now, self.name, "send", SENT, to, number, message))
        if self._outbox is None:
            self._transmit(to, number, size, message)
        else:
            leave = partial(self._transmit, to, number, size, message)
            self._outbox.append((leave, partial(self._lost, to, number, "down")))

    def when_sent(self, callback: "Callable[[], None]") -> None:
        """Call when all that was sent so far has left: at once, unless a pause that lets timers run holds it back.

        Sending never blocks here; a protocol whose real sending does can wait in this way. A crash ends the waiting.
        """
        if self._outbox is not None:
            self._outbox.append((callback, _lose_nothing))
        elif not self._down:
            callback()

    def _transmit(self, to: str, number: int, size: int, message: Message) -> None:
        target = self._envs.get(to)
        if target is None or target._side != self._side:
            return self._lost(to, number, "partition" if target else "unknown")
        if self._cut_datagrams and to in self._cut_datagrams:
            return self._lost(to, number, "cut")
        loss = self._link_loss.get(to, self._loss) if self._link_loss else self._loss
        if loss and self._chance() < loss:
            return self._lost(to, number, "loss")
        arrive = target._arrive
        if self._corrupt and self._chance() < self._corrupt:
            intact, message = message, self._damaged(to, number, message)
            if message is not intact:
                arrive = target._deliver_damaged
        arrival = (self, number, size, message)
        at = self._world.now + self._latency()
        heappush(self._heap, (at, self._next_order(), target, arrive, arrival, None))
        if self._duplicate and self._chance() < self._duplicate:
            self._world._record(self.name, "duplicate", to=to, number=number)
            at = self._world.now + self._latency()
            heappush(self._heap, (at, self._next_order(), target, arrive, arrival, None))

    def _deliver(self, arrival: "tuple[Endpoint, int, int, Message]", waited: bool = False) -> None:
        sender, number, size, message = arrival
        if self._down:
            return sender._lost(self.name, number, "down")
        if sender._side != self._side and not waited:
            return sender._lost(self.name, number, "partition")
        if sender._cut_datagrams and self.name in sender._cut_datagrams and not waited:
            return sender._lost(self.name, number, "cut")
        traffic = self._traffic
        traffic[2] += 1
        traffic[3] += size
        if self._log is not None:
            self._log((self._world.now, self.name, "receive", RECEIVED, sender.name, number, message))
        self._process.receive(self, sender.name, message)

    def _deliver_damaged(self, arrival: "tuple[Endpoint, int, int, Message]", waited: bool = False) -> None:
        self._world._damaged = True
        self._deliver(arrival, waited)

    def _lost(self, to: str, number: int, reason: str) -> None:
        self._world._record(self.name, "lost", to=to, number=number, reason=reason)

    def _damaged(self, to: str, number: int, message: Message) -> Message:
        found = corrupted(message, self._network_random)
        if found is None:
            return message
        self._world._record(self.name, "corrupt", to=to, number=number, field=found[1], message=found[0])
        return found[0]

    def send_reliably(
        self,
        to: str,
        message: Message,
        failed: "Callable[[str, Message], None] | None" = None,
        timeout_s: float = 10.0,
    ) -> None:
        """Send over a connection, as TCP does: never lost, repeated or damaged, and in order to each receiver.

        The message arrives after one latency (the handshake is not modelled), but not before what was sent reliably to
        the same receiver earlier. If the receiver is unknown, down, or behind a partition or a cut at that moment, then
        ``timeout_s`` seconds after the sending ``failed(to, message)`` is called, as a timer of this process. A paused
        receiver is no failure: its machine accepts the connection, and the message waits.

        Parameters
        ----------
        to : str
            The receiver's name.
        message : Message
            A frozen value with ``size_bytes``.
        failed : callable, optional
            Called with ``(to, message)`` if the message could not be delivered.
        timeout_s : float
            Seconds from sending to giving up; memberlist's TCPTimeout is 10 (its config.go, LAN).

        Raises
        ------
        ValueError
            For a negative ``timeout_s``.
        """
        checks.number("timeout_s", timeout_s)
        if self._down:
            return
        world, size = self._world, message.size_bytes
        world.metrics.count(self.name, "stream.sent.messages")
        world.metrics.count(self.name, "stream.sent.bytes", size)
        world._record(self.name, "stream-send", to=to, message=message)
        deadline = world.now + timeout_s
        arguments = (to, size, message, failed, deadline, self._life)
        if self._outbox is None:
            self._connect(*arguments)
        else:
            lose = partial(self._fail, to, message, failed, deadline, self._life)
            self._outbox.append((partial(self._connect, *arguments), lose))

    def _connect(self, to: str, size: int, message: Message, failed, deadline: float, life: int) -> None:
        world = self._world
        target = world._envs.get(to)
        if target is None or not target._connects(self):
            return self._fail(to, message, failed, deadline, life)
        at = max(world.now + self._latency(), self._arrivals.get(to, 0.0))
        self._arrivals[to] = at
        arrival = (self, size, message, failed, deadline, life)
        heappush(self._heap, (at, self._next_order(), target, target._accept, arrival, None))

    def _connects(self, other: "Endpoint") -> bool:
        """Whether a reliable message passes between the two: neither a partition nor a cut lies between."""
        return self._side == other._side and self.name not in other._cut_streams

    def _accept(self, arrival: tuple, waited: bool = False) -> None:
        sender, size, message, failed, deadline, life = arrival
        if self._down or not (waited or self._connects(sender)):
            return sender._fail(self.name, message, failed, deadline, life)
        self._world.metrics.count(self.name, "stream.received.messages")
        self._world.metrics.count(self.name, "stream.received.bytes", size)
        self._world._record(self.name, "stream-receive", sender=sender.name, message=message)
        self._process.receive(self, sender.name, message)

    def _fail(self, to: str, message: Message, failed, deadline: float, life: int) -> None:
        self._world._record(self.name, "stream-failed", to=to, message=message)
        # a crash ends the wish to know, also where the process has been restarted since
        if failed is not None and life == self._life:
            self.after(max(0.0, deadline - self._world.now), failed, to, message)


def _lose_nothing() -> None:
    """What a crash makes of a callback that waits."""
