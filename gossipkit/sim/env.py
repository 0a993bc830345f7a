"""What a process is handed: a clock, a random stream, the network, timers, and a place to write things down.

A process never sleeps, reads a clock or opens a socket; it reacts to ``start``, ``receive`` and its timers, and what it
wants done it asks of its `Env`. That is why one seed replays a run, and why a test can be the whole world.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappush
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from .endpoint import Endpoint
from .kernel import Timer
from .message import Message
from .network import stream

if TYPE_CHECKING:
    from .world import World


class Process(Protocol):
    """What the world needs of a protocol. A ``persisted()`` method is optional, see `World.add`."""

    def start(self, env: "Env") -> None:
        """Called once, when the process comes up: set the first timers, send the first messages."""

    def receive(self, env: "Env", sender: str, message: Message) -> None:
        """Called for every message that arrives; ``sender`` is the name of the process that sent it."""


class Env(Endpoint):
    """One process's view of the world; made by `World.add`.

    Attributes
    ----------
    name : str
        This process's name, which is also its address.
    random : random.Random
        Its own stream, derived from the world's seed and the name. It goes on across a restart.
    """

    __slots__ = ("_backlog", "_rebuild", "_saved", "_timers_run", "_wake_at", "_wall", "random")

    def __init__(self, world: "World", name: str, rebuild: Callable[[Any], Process] | None):
        super().__init__(world, name)
        self.random: Random = stream(world.seed, "process", name)
        self._rebuild = rebuild
        self._saved = None  # what the crashed process had persisted
        self._backlog: deque = deque()  # what waits for the end of a pause
        self._timers_run = False
        self._wake_at = 0.0
        self._wall = (0.0, 0.0, 0.0)  # offset, rate of drift, and since when

    @property
    def now(self) -> float:
        """Simulated seconds since the world began."""
        return self._world.now

    def clock(self) -> float:
        """Seconds by this node's wall clock, which `World.clock` may have set wrong; else the same as `now`.

        For what other nodes compare with theirs, such as a write's timestamp. How long something takes is measured by
        ``now`` and `after`, as by a monotonic clock.
        """
        now, (offset_s, rate, since) = self._world.now, self._wall
        return max(0.0, now + offset_s + rate * (now - since))

    def after(self, delay: float, callback: Callable[..., None], *arguments: Any) -> Timer:
        """Call ``callback(*arguments)`` in ``delay`` seconds, unless the process has crashed by then.

        Raises
        ------
        ValueError
            For a delay below 0, or one that is not a number.
        """
        if not delay >= 0.0:
            raise ValueError(f"delay is {delay!r}: it must be a number of seconds, at least 0")
        timer = Timer()
        if self._down:
            timer.cancel()
            return timer
        heappush(self._heap, (self._world.now + delay, self._next_order(), self, callback, arguments, timer))
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
        if self._log is not None and not self._down:
            self._log((self._world.now, self.name, kind, fields, None, None, None))

    def count(self, name: str, amount: float = 1) -> None:
        """Add to one of this process's counters, see `Metrics`."""
        if not self._down:
            self._world.metrics.count(self.name, name, amount)

    def gauge(self, name: str, value: float) -> None:
        """Set one of this process's gauges, see `Metrics`."""
        if not self._down:
            self._world.metrics.gauge(self.name, name, value)

    # What the world does with a process. ``_awake`` is false during a pause only: what is due then comes to `_hold`.

    def _hold(self, method: Callable[..., None], arguments: tuple, timer: Timer | None) -> None:
        if timer is None and not self._hears(arguments[0], method == self._accept):
            method(arguments)  # a message from behind a partition or a cut: it does not arrive
        elif timer is not None and self._timers_run:
            method(*arguments)
        else:
            self._backlog.append((method, arguments, timer))

    def _hears(self, sender: Endpoint, stream: bool) -> bool:
        if stream:
            return self._connects(sender)
        return self._side == sender._side and self.name not in sender._cut_datagrams

    def _pause(self, seconds: float, timers_run: bool) -> None:
        world = self._world
        if self._awake:
            self._awake, self._outbox, self._wake_at = False, [], world.now
        self._timers_run = timers_run
        self._wake_at = max(self._wake_at, world.now + seconds)
        world._schedule(self._wake_at, self._wake)

    def _wake(self) -> None:
        world = self._world
        if self._awake or world.now < self._wake_at:
            return  # it crashed meanwhile, or a later pause goes on
        leaving = deque(self._outbox)
        self._awake, self._outbox = True, None
        world._record(self.name, "wake", waiting=len(self._backlog), leaving=len(leaving))
        life, world._owner = self._life, self  # what waited is handled now
        try:
            while leaving and life == self._life:
                leave, _ = leaving.popleft()
                leave()
        finally:
            for _, lose in leaving:
                lose()  # a callback that waited for the sending has crashed the process
        while self._awake and self._backlog:  # handling one may crash or pause the process again
            method, arguments, timer = self._backlog.popleft()
            if timer is None:
                method(arguments, True)
            elif not timer:  # it may have been cancelled since it was due
                method(*arguments)

    def _crash(self) -> None:
        waiting, leaving = self._backlog, self._outbox or ()
        self._saved = self._process.persisted() if hasattr(self._process, "persisted") else None
        self._down, self._process = True, None
        self._life += 1
        self._awake, self._backlog, self._outbox = True, deque(), None
        for _, _, owner, _, _, timer in self._heap:
            if owner is self and timer is not None:
                timer.cancel()
        for method, arguments, timer in waiting:
            if timer is None:
                method(arguments)  # a message that now finds nobody
        for _, lose in leaving:
            lose()

    def _restart(self) -> None:
        self._down, self._process = False, self._rebuild(self._saved)
        self._process.start(self)
