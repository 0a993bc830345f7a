"""Phi accrual failure detection, in the three forms that are deployed: suspicion as a number that grows with silence.

==================  ========================================  ========================================================
window              phi after a silence of t                  phi = 8 with a beat each second means a silence of
==================  ========================================  ========================================================
`ArrivalWindow`     (t / mean) / ln 10       (Cassandra)      18.42 s: 18.42 means
`ChitchatWindow`    t / mean                 (chitchat)       8 s: 8 means
`PekkoWindow`       −log10 of a normal tail  (Akka, Pekko)    1.52 s with a deviation of 0.1 s, and the acceptable pause
==================  ========================================  ========================================================

So "convict at 8" is not a number of seconds. Cassandra's formula is the paper's for exponentially distributed intervals,
and Pekko's for normal ones. All times are seconds; intervals are kept in whole nanoseconds, so that sums stay exact.

References
----------
Hayashibara, Défago, Yared, Katayama: The Phi Accrual Failure Detector, SRDS 2004; apache/cassandra, gms/FailureDetector;
apache/pekko, PhiAccrualFailureDetector; quickwit-oss/chitchat, failure_detector.rs.
"""

from collections import deque
from collections.abc import Mapping
from math import exp, inf, log, log1p, sqrt

from ..sim import checks

PHI_FACTOR = 1.0 / log(10.0)
NANOSECONDS = 1_000_000_000
PRIOR_WEIGHT = 5.0
"""How many intervals chitchat's assumption is worth (failure_detector.rs, additive_smoothing)."""


def normal_phi(t: float, mean: float, deviation: float) -> float:
    """−log10 of the probability that a normal interval is longer than ``t``, in Pekko's logistic approximation.

    Pekko computes ``e = exp(-y * (1.5976 + 0.070566 * y * y))`` with ``y = (t - mean) / deviation``, and from it
    ``-log10(e / (1 + e))``. Copied into Python that overflows for a ``t`` far below the mean, and far above it ``e`` is 0
    and the logarithm fails (on the JVM phi becomes infinite). Written as ``log1p`` it does neither.

    Parameters
    ----------
    t, mean, deviation : float
        In the same unit; the deviation is more than 0.

    Raises
    ------
    ValueError
        For a deviation that is not more than 0.

    Examples
    --------
    >>> round(normal_phi(1000, 1000, 100), 1), round(normal_phi(1200, 1000, 100), 1), normal_phi(-25, 0, 1)
    (0.3, 1.6, 0.0)
    """
    if not deviation > 0.0:
        raise ValueError(f"deviation is {deviation!r}: it must be more than 0")
    y = (t - mean) / deviation
    x = y * (1.5976 + 0.070566 * y * y)
    return (max(x, 0.0) + log1p(exp(-abs(x)))) * PHI_FACTOR


class Intervals:
    """The last ``size`` intervals between heartbeats, with their exact sum; what the three windows are built on."""

    def __init__(self, size: int):
        checks.whole("size", size, 1)
        self._size = size
        self._intervals: deque[int] = deque()
        self._sum = 0
        self._last_s: float | None = None

    def __len__(self) -> int:
        return len(self._intervals)

    @property
    def last_s(self) -> float | None:
        """When the last heartbeat came, in seconds; None before the first."""
        return self._last_s

    @property
    def mean_s(self) -> float:
        """Mean interval in seconds."""
        return self._sum / len(self._intervals) / NANOSECONDS

    def _record(self, interval_s: float) -> None:
        interval = round(interval_s * NANOSECONDS)
        if len(self._intervals) == self._size:
            self._sum -= self._intervals.popleft()
        self._intervals.append(interval)
        self._sum += interval

    def _since_last(self, t: float) -> float:
        last_s = self._last_s
        if last_s is None:
            raise ValueError(f"there is no phi at {t!r}: it needs a heartbeat first")
        if not t >= last_s:
            raise ValueError(f"t is {t!r}: it must be a time in seconds, at least the last one's {last_s!r}")
        return t - last_s


class ArrivalWindow(Intervals):
    """Cassandra's: ``phi = (t / mean) / ln 10``, and a node is convicted when that is more than 8.

    Parameters
    ----------
    size : int
        Intervals that are remembered.
    initial_s : float
        What the first heartbeat counts as. It is long because in the beginning a wrong alarm is worse than a late one.
    max_interval_s : float
        A longer interval is not recorded: the detector must not get used to a node that is often away for that long.

    Raises
    ------
    ValueError
        For a size below 1, times that are not more than 0, and a time that goes back.

    Examples
    --------
    >>> window = ArrivalWindow(4)
    >>> for millisecond in (111, 222, 333, 444, 555):
    ...     window.add(millisecond / 1000)
    >>> round(window.phi(0.666), 4), round(window.phi(3.0), 3)  # ArrivalWindowTest's rows
    (0.4343, 9.566)
    """

    def __init__(self, size: int = 1000, initial_s: float = 2.0, max_interval_s: float = 2.0):
        super().__init__(size)
        _positive("initial_s", initial_s)
        _positive("max_interval_s", max_interval_s)
        self._initial_s, self._max_interval_s = initial_s, max_interval_s

    def add(self, t: float) -> None:
        """A heartbeat at ``t`` seconds."""
        if self._last_s is None:
            checks.number("t", t)
            self._record(self._initial_s)
        # ArrivalWindow.add, MAX_INTERVAL_IN_NANO: a pause that was survived would make the next one look normal
        elif self._since_last(t) <= self._max_interval_s:
            self._record(t - self._last_s)
        self._last_s = t

    def phi(self, t: float) -> float:
        """Suspicion at ``t`` seconds; infinite if every interval so far was 0."""
        elapsed_s, mean_s = self._since_last(t), self.mean_s
        if mean_s:
            return elapsed_s / mean_s * PHI_FACTOR
        return inf if elapsed_s else 0.0


def suspected(windows: Mapping[str, ArrivalWindow], t: float, threshold: float) -> list[str]:
    """The names of the windows whose phi at ``t`` seconds, not before their last heartbeat, is more than ``threshold``."""
    found = []
    for name, window in windows.items():
        # `ArrivalWindow.phi`, written out: every node asks this about every other one, each second
        elapsed_s, mean_s = t - window._last_s, window._sum / len(window._intervals) / NANOSECONDS
        if (elapsed_s / mean_s * PHI_FACTOR if mean_s else inf if elapsed_s else 0.0) > threshold:
            found.append(name)
    return found


class ChitchatWindow(Intervals):
    """chitchat's: ``phi = t / mean``, where the mean counts the initial interval five times beside the rest.

    Parameters
    ----------
    size : int
        Intervals that are remembered.
    initial_s : float
        The interval that is assumed before there are any.
    max_interval_s : float
        A longer interval is not recorded.

    Raises
    ------
    ValueError
        For a size below 1, times that are not more than 0, and a time that goes back.

    Examples
    --------
    >>> window = ChitchatWindow(initial_s=1.0)
    >>> for second in range(100):
    ...     window.add(second)
    >>> window.phi(99 + 8)
    8.0
    """

    def __init__(
        self,
        size: int = 1000,
        initial_s: float = 5.0,
        max_interval_s: float = 10.0,
    ):
        super().__init__(size)
        _positive("initial_s", initial_s)
        _positive("max_interval_s", max_interval_s)
        self._initial_s, self._max_interval_s = initial_s, max_interval_s

    @property
    def mean_s(self) -> float:
        """The smoothed mean interval in seconds."""
        return (self._sum / NANOSECONDS + PRIOR_WEIGHT * self._initial_s) / (len(self) + PRIOR_WEIGHT)

    def add(self, t: float) -> None:
        """A heartbeat at ``t`` seconds."""
        if self._last_s is None:
            checks.number("t", t)
        else:
            interval_s = self._since_last(t)
            if interval_s <= self._max_interval_s:
                self._record(interval_s)
        self._last_s = t

    def phi(self, t: float) -> float:
        """Suspicion at ``t`` seconds."""
        return self._since_last(t) / self.mean_s


class PekkoWindow(Intervals):
    """Akka's and Pekko's: the tail of a normal distribution with the window's mean and deviation, see `normal_phi`.

    Before the first interval it assumes two, ``first_s`` less and more a quarter. An interval that ended after the node
    had been given up (phi at ``threshold`` or more) is not recorded.

    Parameters
    ----------
    size : int
        Intervals that are remembered.
    first_s : float
        The interval that is expected first.
    min_deviation_s : float
        The deviation is never taken to be less: where beats are too regular every delay would be suspicious.
    acceptable_pause_s : float
        Added to the mean: a pause that shall not yet raise suspicion.
    threshold : float
        From which phi on a node is given up.

    Raises
    ------
    ValueError
        For a size below 2, times that are not more than 0 (the pause may be 0), and a time that goes back.

    Examples
    --------
    >>> window = PekkoWindow(acceptable_pause_s=0.0)
    >>> for second in range(1000):
    ...     window.add(second)
    >>> 7.9 < window.phi(999 + 1.523) < 8.1
    True
    """

    def __init__(
        self,
        size: int = 1000,
        first_s: float = 1.0,
        min_deviation_s: float = 0.1,
        acceptable_pause_s: float = 3.0,
        threshold: float = 8.0,
    ):
        checks.whole("size", size, 2)
        super().__init__(size)
        _positive("first_s", first_s)
        _positive("min_deviation_s", min_deviation_s)
        _positive("threshold", threshold)
        checks.number("acceptable_pause_s", acceptable_pause_s)
        self._min_deviation_s, self._pause_s, self._threshold = min_deviation_s, acceptable_pause_s, threshold
        self._squares = 0
        self._record(first_s - first_s / 4)
        self._record(first_s + first_s / 4)

    def _record(self, interval_s: float) -> None:
        oldest = self._intervals[0] if len(self) == self._size else 0
        super()._record(interval_s)
        self._squares += self._intervals[-1] ** 2 - oldest**2

    @property
    def deviation_s(self) -> float:
        """Standard deviation of the intervals in seconds, at least the smallest allowed."""
        n = len(self)
        deviation_s = sqrt(n * self._squares - self._sum * self._sum) / n / NANOSECONDS
        return max(deviation_s, self._min_deviation_s)

    def add(self, t: float) -> None:
        """A heartbeat at ``t`` seconds."""
        if self._last_s is None:
            checks.number("t", t)
        # PhiAccrualFailureDetector.heartbeat: only if it was available until now, since an outage says nothing of the usual rhythm
        elif self.phi(t) < self._threshold:
            self._record(t - self._last_s)
        self._last_s = t

    def phi(self, t: float) -> float:
        """Suspicion at ``t`` seconds."""
        return normal_phi(self._since_last(t), self.mean_s + self._pause_s, self.deviation_s)


class LocalPauseGuard:
    """A node that was itself paused convicts nobody: it cannot know whether others were silent or it was deaf.

    Asked before each round of convictions, it says no if it was last asked more than ``max_pause_s`` seconds ago, and then
    for ``max_pause_s`` more, in which the heartbeats that waited can be read.

    Raises
    ------
    ValueError
        For a pause that is not more than 0.

    References
    ----------
    apache/cassandra, FailureDetector.interpret, cassandra.max_local_pause_in_ms.
    """

    def __init__(self, now_s: float, max_pause_s: float = 5.0):
        _positive("max_pause_s", max_pause_s)
        self._max_pause_s, self._asked_s, self._paused_s = max_pause_s, now_s, float("-inf")

    def allows(self, now_s: float) -> bool:
        """Whether to convict at ``now_s`` seconds."""
        silent_s, self._asked_s = now_s - self._asked_s, now_s
        # FailureDetector.interpret: asked each round, and not for so long; then this process was not running
        if silent_s > self._max_pause_s:
            self._paused_s = now_s
        return now_s - self._paused_s >= self._max_pause_s


def _positive(name: str, value: float) -> None:
    checks.number(name, value)
    if value == 0:
        raise ValueError(f"{name} is {value!r}: it must be more than 0")
