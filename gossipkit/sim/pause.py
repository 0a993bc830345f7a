"""What a pause keeps from happening, until it ends."""

from collections import deque
from collections.abc import Callable


class Pause:
    """One process's pause, and what waits for its end.

    Attributes
    ----------
    ends_s : float
        When it ends, in seconds of the world.
    timers_run : bool
        Whether timers go off meanwhile.
    due : deque
        Calls that were due, in their order: method, arguments, and the timer, or None for an arrival.
    leaving : deque
        What the process wanted to send: for each thing a function that sends it, and one that loses it.
    """

    __slots__ = ("due", "ends_s", "leaving", "timers_run")

    def __init__(self):
        self.ends_s = 0.0
        self.timers_run = False
        self.due: deque[tuple] = deque()
        self.leaving: deque[tuple[Callable[[], None], Callable[[], None]]] = deque()

    def prolong(self, until_s: float, timers_run: bool) -> None:
        """Pause until then at least; of two pauses the one that was asked for last says whether timers run."""
        self.ends_s, self.timers_run = max(self.ends_s, until_s), timers_run

    def lose(self) -> None:
        """The process has crashed: its timers are gone, and what has arrived finds nobody."""
        for method, arguments, timer in self.due:
            if timer is None:
                method(arguments)
        for _, lose in self.leaving:
            lose()
