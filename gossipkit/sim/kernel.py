"""The kernel: a clock, a heap of what is due, and the loop that takes the next thing from it.

How it works. An entry of the heap is ``(time, order, owner, method, arguments, timer)``. ``order`` counts up, so that
what is due at one instant happens in the order in which it was asked for, and no comparison ever reaches the owner. The
loop sets the clock to the entry's time and calls the method; a paused owner is asked to hold the call instead. Where
the entry has a timer, that says whether it was cancelled: it leaves the heap when its time comes all the same. An entry
without one is an arrival, whose method takes the arguments as one tuple. Nothing else moves time, nothing else is
random but streams derived from the seed, and so a seed and a list of calls are a run.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any

from .signal import Signal


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
    """What `World` is built on. Entries belong to an owner: a process's `Env`, or the world itself.

    Attributes
    ----------
    now : float
        Simulated seconds since the beginning.
    """

    _awake = True  # as the owner of faults, the world is never paused

    def __init__(self):
        self.now = 0.0
        self._heap: list[tuple] = []
        self._next_order = count().__next__
        self._owner: Any = None  # whose handler is running

    def _schedule(self, at: float, method: Callable[..., None], *arguments: Any) -> None:
        heappush(self._heap, (at, self._next_order(), self, method, arguments, Timer()))

    def _loop(self, until: float) -> None:
        heap = self._heap
        while heap:
            time, order, owner, method, arguments, timer = heappop(heap)
            if time > until:
                heappush(heap, (time, order, owner, method, arguments, timer))
                break
            if timer:
                continue  # cancelled
            self.now, self._owner = time, owner
            if not owner._awake:
                owner._hold(method, arguments, timer)
            elif timer is None:
                method(arguments)
            elif arguments:
                method(*arguments)
            else:
                method()  # a plain call is much cheaper than one with a star
        self.now, self._owner = until, None

    def _wait(self, signal: Signal, advance: Callable[[float], None]) -> None:
        stop = Timer()
        # a negative order: before all that is due at this instant
        signal._heard = lambda: heappush(
            self._heap, (self.now, -self._next_order(), self, self._stop, (), stop)
        )
        try:
            advance(inf if signal.latest_s is None else max(self.now, signal.latest_s))
        except _Stopped:
            pass
        finally:
            signal._heard = None
            stop.cancel()  # an exception may have left the run first

    def _stop(self) -> None:
        raise _Stopped
