"""What a process is handed: a clock, a random stream, the network, timers, and a place to write things down.

A process never sleeps, reads a clock or opens a socket; it reacts to ``start``, ``receive`` and its timers, and what it
wants done it asks of its `Env`. That is why one seed replays a run, and why a test can be the whole world.

What happens to a datagram, in this order: it is counted and recorded; it is held while the sender is paused; it is lost
at once if nobody has the address, or a partition or a cut lies between; then its sender's stream decides on loss, on
damage, on a latency, and on a second copy with another latency. On arrival it is lost if the receiver is down or, by
now, a partition or a cut lies between; what has arrived at a paused receiver waits there, and only its crash can lose it.
Every draw comes from the sender's own stream, so a conversation between others changes nothing.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappush
from random import Random
from typing import Any, Protocol

from . import checks
from .kernel import Kernel, Timer
from .letters import Letter
from .links import Links, Outgoing, second_copy
from .message import Message
from .metrics import Tally
from .network import stream
from .pause import Pause

# the names of the fields of these two events, whose values the trace keeps without a dict
SENT, RECEIVED = ("to", "number", "message"), ("sender", "number", "message")


class Process(Protocol):
    """What the world needs of a protocol. A ``persisted()`` method is optional, see `World.add`.

    So is ``checksummed(message)``: whether a datagram with this message carries a checksum. One that arrives damaged is then
    counted as ``datagram.checksum.failed``, is ``lost`` for the reason checksum, and is not handled.
    """

    def start(self, env: "Env") -> None:
        """Called once, when the process comes up: set the first timers, send the first messages."""

    def receive(self, env: "Env", sender: str, message: Message) -> None:
        """Called for every message that arrives; ``sender`` is the name of the process that sent it."""


class Env:
    """One process's view of the world; made by `World.add`. What begins with an underscore is the world's.

    Attributes
    ----------
    name : str
        This process's name, which is also its address.
    random : random.Random
        Its own stream, derived from the world's seed and the name. It goes on across a restart.
    """

    __slots__ = (
        "_arrive",
        "_arrive_damaged",
        "_down",
        "_kernel",
        "_last_arrivals",
        "_life",
        "_links",
        "_outgoing",
        "_pause",
        "_process",
        "_rebuild",
        "_received",
        "_saved",
        "_sent",
        "_streams",
        "_traffic",
        "_waking",
        "_wall",
        "name",
        "random",
    )

    def __init__(
        self,
        kernel: Kernel,
        links: Links,
        seed: int,
        name: str,
        process: Process,
        rebuild: Callable[[Any], Process] | None,
    ):
        self.name = name
        self.random: Random = stream(seed, "process", name)
        self._kernel, self._links = kernel, links
        self._outgoing = Outgoing(kernel, links, name, seed)
        self._traffic = kernel.metrics.watch(name)
        self._streams = 0  # how many reliable messages it has sent
        self._sent: Tally | None = None  # counts them, from the first on; and those it has received
        self._received: Tally | None = None
        self._last_arrivals: dict[str, float] = {}  # of a reliable message, by receiver
        self._arrive, self._arrive_damaged = self._deliver, self._deliver_damaged  # bound once, not each time
        self._process, self._rebuild = process, rebuild
        self._saved = None  # what the crashed process had persisted
        self._down, self._life = False, 0  # how often it has crashed: whose callbacks are still wanted
        self._pause: Pause | None = None
        self._waking = False  # what is handled now had arrived long ago
        self._wall = (0.0, 0.0, 0.0)  # offset, rate of drift, and since when

    @property
    def now(self) -> float:
        """Simulated seconds since the world began."""
        return self._kernel.now

    def clock(self) -> float:
        """Seconds by this node's wall clock, which `World.clock` may have set wrong; else the same as `now`.

        For what other nodes compare with theirs, such as a write's timestamp. How long something takes is measured by
        ``now`` and `after`, as by a monotonic clock.
        """
        now, (offset_s, rate, since) = self._kernel.now, self._wall
        return max(0.0, now + offset_s + rate * (now - since))

    def after(self, delay: float, callback: Callable[..., None], *arguments: Any) -> Timer:
        """Call ``callback(*arguments)`` in ``delay`` seconds, unless the process has crashed by then.

        Raises
        ------
        ValueError
            For a delay below 0, or one that is not a number.
        """
        timer, kernel = Timer(), self._kernel
        lane = kernel._lanes.get(delay)
        if lane is None:
            lane = kernel._new_lane(delay)
        if self._down:
            timer.cancel()
            return timer
        kernel._order = order = kernel._order + 1
        entry = (kernel.now + delay, order, self, callback, arguments, timer, lane)
        if lane:
            lane.append(entry)
        else:  # there is none, or this is its first
            heappush(kernel._heap, entry)
            if lane is not None:
                lane.append(entry)
        return timer

    def record(self, kind: str, /, **fields: Any) -> None:
        """Write an event of this process into the trace. Fields are kept as they are: hand in values, not live lists.

        Raises
        ------
        ValueError
            For a field named ``time``, ``node`` or ``kind``: every event has those.
        """
        if "time" in fields or "node" in fields or "kind" in fields:
            raise ValueError(f"fields are {', '.join(fields)}: time, node and kind are every event's own")
        kernel = self._kernel
        if kernel._events is not None and not self._down:
            kernel._events((kernel.now, self.name, kind, fields, None, None, None))

    def count(self, name: str, amount: float = 1) -> None:
        """Add to one of this process's counters, see `Metrics`."""
        if not self._down:
            self._kernel.metrics.count(self.name, name, amount)

    def gauge(self, name: str, value: float) -> None:
        """Set one of this process's gauges, see `Metrics`."""
        if not self._down:
            self._kernel.metrics.gauge(self.name, name, value)

    # Datagrams.

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
        size, traffic, kernel = message.size_bytes, self._traffic, self._kernel
        traffic[0] = number = traffic[0] + 1
        traffic[1] += size
        write = kernel._packets
        if write is not None:
            write((kernel.now, self.name, "send", SENT, to, number, message))
        if self._pause is not None:
            return self._hold_back(to, number, size, message)
        outgoing = self._outgoing
        target = outgoing.reach.get(to)
        if target is None or outgoing.unusual:
            return outgoing.carry(self, to, number, size, message)
        # what `Outgoing.carry` does in the usual case, written out: the call would cost a twentieth of the whole run
        loss, chance = outgoing.loss, outgoing.chance
        if loss and chance() < loss:
            return outgoing.lost(to, number, "loss")
        at = kernel.now + (outgoing.low + outgoing.width * chance())
        kernel._order = order = kernel._order + 1
        arrival = (self, number, size, message)
        heappush(kernel._heap, (at, order, target, target._arrive, arrival, None, None))

    def _hold_back(self, to: str, number: int, size: int, message: Message) -> None:
        """What is sent during a pause leaves at its end."""
        self._kernel._note_packet(self.name, "held", to=to, number=number, stream=False)
        leave = partial(self._outgoing.carry, self, to, number, size, message)
        self._pause.leaving.append((leave, partial(self._outgoing.lost, to, number, "down")))

    def when_sent(self, callback: Callable[[], None]) -> None:
        """Call when all that was sent so far has left: at once, unless a pause that lets timers run holds it back.

        Sending never blocks here; a protocol whose real sending does can wait in this way. A crash ends the waiting.
        """
        if self._pause is not None:
            self._pause.leaving.append((callback, _lose_nothing))
        elif not self._down:
            callback()

    def _deliver(self, arrival: tuple["Env", int, int, Message]) -> None:
        sender, number, size, message = arrival
        if self._down:
            return sender._outgoing.lost(self.name, number, "down")
        if self._links.apart and not self._arrives(arrival):
            return sender._outgoing.lost(self.name, number, self._links.barrier(sender.name, self.name))
        traffic, kernel = self._traffic, self._kernel
        traffic[2] += 1
        traffic[3] += size
        write = kernel._packets
        if write is not None:
            if number > 0:
                write((kernel.now, self.name, "receive", RECEIVED, sender.name, number, message))
            else:
                kernel._note_packet(
                    self.name, "receive", sender=sender.name, number=-number, message=message, copy=2
                )
        self._process.receive(self, sender.name, message)

    def _deliver_damaged(self, arrival: tuple["Env", int, int, Message]) -> None:
        sender, number, _, message = arrival
        checksummed = getattr(self._process, "checksummed", None)
        if checksummed is not None and checksummed(message) and self._arrives(arrival):
            self._kernel.metrics.count(self.name, "datagram.checksum.failed")
            return sender._outgoing.lost(self.name, number, "checksum")
        self._kernel._damaged = True
        self._deliver(arrival)

    # Reliable messages.

    def send_reliably(
        self,
        to: str,
        message: Message,
        failed: Callable[[str, Message], None] | None = None,
        timeout_s: float = 10.0,
        refused: Callable[[str, Message], None] | None = None,
        acknowledged: Callable[[str, Message], None] | None = None,
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
        refused : callable, optional
            Called with ``(to, message)``, in place of ``failed``, at the instant at which the message reaches a node that is
            down: its machine still answers, and closes the connection. Behind a partition or a cut nobody answers.
        acknowledged : callable, optional
            Called with ``(to, message)`` at the instant at which the message reaches the receiver's machine, which accepts it
            also where the process is paused and handles it later.

        Raises
        ------
        ValueError
            For a negative ``timeout_s``.
        """
        checks.number("timeout_s", timeout_s)
        if self._down:
            return
        kernel = self._kernel
        self._streams += 1
        letter = Letter(self, to, self._streams, message, failed, timeout_s, refused, acknowledged)
        if self._sent is None:
            self._sent = kernel.metrics.tally(self.name, "stream.sent")
        self._sent.add(letter.size)
        if kernel._packets is not None:
            kernel._note_packet(self.name, "stream-send", to=to, number=letter.number, message=message)
        if self._pause is None:
            letter.leave()
        else:
            kernel._note_packet(self.name, "held", to=to, number=letter.number, stream=True)
            self._pause.leaving.append((letter.leave, letter.fail))

    def loss(self, to: str) -> float:
        """The share of datagrams to ``to`` that are lost at present, for a process that models what a connection makes of it.

        `send_reliably` leaves it out: its messages take one latency whatever is lost. See `World.set_loss`.
        """
        outgoing = self._outgoing
        return outgoing.loss_towards.get(to, outgoing.loss)

    def _accept(self, letter: Letter) -> None:
        sender, kernel = letter.sender.name, self._kernel
        if self._links.apart and not self._arrives(letter):
            return letter.fail()
        if self._down:
            return letter.refuse()
        if not self._waking:  # else it was acknowledged when it came
            letter.acknowledge()
        if self._received is None:
            self._received = kernel.metrics.tally(self.name, "stream.received")
        self._received.add(letter.size)
        if kernel._packets is not None:
            kernel._note_packet(
                self.name, "stream-receive", sender=sender, number=letter.number, message=letter.message
            )
        self._process.receive(self, sender, letter.message)

    # What the world does with a process.

    def _arrives(self, arrival: Any) -> bool:
        """Whether a message reaches this node: no partition and no cut keeps it from its sender, or did so when it came."""
        if self._waking:
            return True
        if type(arrival) is Letter:
            return self._links.connects(arrival.sender.name, self.name)
        return self.name in arrival[0]._outgoing.reach

    def _hold(self, method: Callable[..., None], arguments: Any, timer: Timer | None) -> None:
        """Something is due during a pause."""
        pause = self._pause
        if timer is None:
            if not self._arrives(arguments):
                return method(arguments)  # that loses it
            self._note_held(arguments)
            if type(arguments) is Letter:
                arguments.acknowledge()
        elif pause.timers_run:
            return method(*arguments)
        pause.due.append((method, arguments, timer))

    def _note_held(self, arrival: Any) -> None:
        note = self._kernel._note_packet
        if type(arrival) is Letter:
            note(self.name, "held", sender=arrival.sender.name, number=arrival.number, stream=True)
        else:
            sender, number, *_ = arrival
            copy = second_copy(number)
            note(self.name, "held", sender=sender.name, number=abs(number), stream=False, **copy)

    def _be_paused(self, seconds: float, timers_run: bool) -> None:
        kernel = self._kernel
        if self._pause is None:
            self._pause = Pause()
        self._pause.prolong(kernel.now + seconds, timers_run)
        kernel._schedule(self._pause.ends_s, self._wake, self._pause)

    def _wake(self, pause: Pause) -> None:
        kernel, life = self._kernel, self._life
        if self._pause is not pause or kernel.now < pause.ends_s:
            return  # it crashed meanwhile, or a later pause goes on
        self._pause = None
        due, leaving = pause.due, pause.leaving
        kernel.record(self.name, "wake", waiting=len(due), leaving=len(leaving))
        kernel._owner = self  # what waited is handled now
        try:
            self._waking = True
            while leaving and life == self._life:
                leave, _ = leaving.popleft()
                leave()
            while due and life == self._life and self._pause is None:
                method, arguments, timer = due.popleft()
                if timer is None:
                    method(arguments)
                elif not timer:  # it may have been cancelled since it was due
                    method(*arguments)
        except Exception:
            if life == self._life:  # what still waits goes on, or is lost by the crash that follows
                self._pause = pause
                kernel._schedule(kernel.now, self._wake, pause)
            raise
        finally:
            self._waking = False
            if life != self._life:  # one of these has crashed the process
                pause.lose()
            elif self._pause is not None:  # or paused it again
                self._pause.due = due

    def _crash(self) -> None:
        process, pause = self._process, self._pause
        self._saved = process.persisted() if hasattr(process, "persisted") else None
        self._down, self._process, self._pause = True, None, None
        self._life += 1
        for _, _, owner, _, _, timer, _ in self._kernel._due():
            if owner is self and timer is not None:
                timer.cancel()
        if pause is not None:
            pause.lose()

    def _restart(self) -> None:
        self._down, self._process = False, self._rebuild(self._saved)
        self._process.start(self)


def _lose_nothing() -> None:
    """What a crash makes of a callback that waits."""
