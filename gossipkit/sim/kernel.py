"""The kernel: a clock, a queue of what is due, and the loop that takes the next thing from it.

How it works. An entry of the queue is ``(time, order, owner, method, arguments, timer, lane)``. ``order`` counts up, so
that what is due at one instant happens in the order in which it was asked for, and no comparison ever reaches the owner.
The loop sets the clock to the entry's time and calls the method; a paused owner is asked to hold the call instead. Where
the entry has a timer, that says whether it was cancelled: it leaves the queue when its time comes all the same. An entry
without one is an arrival, whose method takes the arguments as one tuple. Nothing else moves time, nothing else is
random but streams derived from the seed, and so a seed and a list of calls are a run.

The queue is a heap, and beside it lanes, as in Node.js (lib/internal/timers.js): timers of one and the same delay are due
in the order in which they were set, so a lane needs no sorting, and only its first timer stands in the heap. Protocols
have few delays and set them again and again; most timeouts are cancelled, and those never come near the heap.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush, heapreplace
from itertools import chain
from math import inf
from typing import Any

from . import checks
from .metrics import Metrics
from .signal import Signal
from .trace import Trace

LANES = 64
"""How many delays have a lane, at most."""
REMEMBERED = 1024
"""How many delays are remembered as asked for once; the second time makes a lane."""


class Timer(list):
    """One call in the future. A list that stays empty until the call is off: the kernel asks nothing cheaper of it.

    So a timer that is still on is false, as every empty list: ask ``timer is not None``.
    """

    __slots__ = ()

    def cancel(self) -> None:
        """Call it off; after the call has happened, or a second time, this changes nothing."""
        self.append("cancelled")


class _Stopped(Exception):
    """The signal that a run waits for has been triggered."""


class Kernel:
    """What `World` is built on: time, and the record of what happens in it.

    Entries of the queue belong to an owner, which is a process's `Env`, or the kernel itself.

    Parameters
    ----------
    trace : bool or "events"
        What to keep, see `World`.

    Attributes
    ----------
    now : float
        Simulated seconds since the beginning.
    trace : Trace
    metrics : Metrics
    """

    _pause = None  # as the owner of faults, the world is never paused

    def __init__(self, trace: bool | str = True):
        if trace != "events" and not isinstance(trace, bool):
            raise ValueError(f"trace is {trace!r}: it must be True, False or 'events'")
        self.now = 0.0
        self.trace = Trace()
        self.metrics = Metrics(lambda: self.now)
        # what writes a row: those of packets, and all others; None where nobody listens
        self._packets = self.trace.write if trace is True else None
        self._events = self.trace.write if trace else None
        self._order = 0
        self._heap: list[tuple] = []
        self._lanes: dict[float, deque] = {}
        self._seen_once: set[float] = set()
        self._owner: Any = None  # whose handler is running
        self._damaged = False  # whether a process has handled a damaged message
        self._next_scrape = 0.0

    def record(self, node: str | None, kind: str, /, **fields: Any) -> None:
        """Write an event into the trace; what befalls all nodes has the node None."""
        if self._events is not None:
            self._events((self.now, node, kind, fields, None, None, None))

    def _note_packet(self, node: str, kind: str, **fields: Any) -> None:
        if self._packets is not None:
            self._packets((self.now, node, kind, fields, None, None, None))

    def _schedule(self, at: float, method: Callable[..., None], *arguments: Any) -> None:
        self._order += 1
        heappush(self._heap, (at, self._order, self, method, arguments, Timer(), None))

    def _new_lane(self, delay: float) -> deque | None:
        """A lane for a delay that has none: from the second time on that it is asked for, as long as there are few."""
        if not delay >= 0.0:
            raise ValueError(f"delay is {delay!r}: it must be a number of seconds, at least 0")
        if len(self._lanes) == LANES:
            return None
        if delay in self._seen_once:
            self._seen_once.discard(delay)
            lane = self._lanes[delay] = deque()
            return lane
        if len(self._seen_once) == REMEMBERED:
            self._seen_once.clear()  # random delays, which come once each
        self._seen_once.add(delay)
        return None

    def _due(self) -> Iterator[tuple]:
        """All entries of the queue, in no order; the first of a lane twice."""
        return chain(self._heap, *self._lanes.values())

    def run(self, until: float | Signal) -> None:
        """Let time pass until ``until`` seconds, what is due at that instant included, or until something has happened.

        Parameters
        ----------
        until : float or Signal
            A time in seconds. Or a `Signal`, such as a client's operation: then the run ends at the instant of its
            `trigger`, before anything else that is due at that instant; or at its ``latest_s``, if that comes first.

        Raises
        ------
        ValueError
            If the time is in the past, or if nothing is left to happen and the signal, which has no ``latest_s``, has not
            been triggered.
        RuntimeError
            If it is called while the world runs, by a process or by a step of a scenario.
        """
        if self._owner is not None:
            raise RuntimeError("run was called while the world runs: time passes by itself there")
        try:
            if not isinstance(until, Signal):
                checks.number("until", until, low=self.now)
                self._advance(float(until))  # an integer clock would write other bytes into the trace
            elif not until.triggered:
                self._wait(until)
                self.metrics.scrape()
        finally:
            self._owner = None  # also where an exception has left a handler

    def _advance(self, until: float) -> None:
        while self._next_scrape <= until:
            if until == inf and not self._heap:
                raise ValueError("until is a signal that never comes: nothing is left to happen")
            self._run(self._next_scrape)
            self.metrics.scrape()
            self._next_scrape += self.metrics.interval_s
        self._run(until)
        self.metrics.scrape()

    def _run(self, until: float) -> None:
        while True:
            try:
                return self._loop(until)
            except Exception as error:
                if not self._bears(error):
                    raise

    def _bears(self, error: Exception) -> bool:
        """Whether the run goes on after an exception in a handler."""
        return False

    def _loop(self, until: float) -> None:
        heap = self._heap
        while heap:
            time, _, owner, method, arguments, timer, lane = heap[0]
            if time > until:
                break
            if lane is None:
                heappop(heap)
            else:
                lane.popleft()
                while lane and lane[0][5]:
                    lane.popleft()  # cancelled before it came near the heap
                if lane:
                    heapreplace(heap, lane[0])
                else:
                    heappop(heap)
            if timer:
                continue  # cancelled
            self.now, self._owner = time, owner
            if owner._pause is not None:
                owner._hold(method, arguments, timer)
            elif timer is None:
                method(arguments)
            elif arguments:
                method(*arguments)
            else:
                method()  # a plain call is much cheaper than one with a star
        self.now, self._owner = until, None

    def _wait(self, signal: Signal) -> None:
        stop = Timer()

        def heard() -> None:
            # a negative order: before all that is due at this instant
            self._order += 1
            heappush(self._heap, (self.now, -self._order, self, self._stop, (), stop, None))

        signal._heard = heard
        try:
            self._advance(inf if signal.latest_s is None else max(self.now, signal.latest_s))
        except _Stopped:
            pass
        finally:
            signal._heard = None
            stop.cancel()  # an exception may have left the run first

    def _stop(self) -> None:
        raise _Stopped
