"""memberlist's formulas, each as a pure function.

References
----------
hashicorp/memberlist @1b4c746: util.go (retransmitLimit, suspicionTimeout, pushPullScale), suspicion.go
(remainingSuspicionTime). The comments there say log(N+1); these functions are what the code does.
"""

from math import ceil, floor, log, log2, log10

from ...sim import checks
from ..theory import retransmit_limit

__all__ = ["push_pull_scale", "remaining_suspicion", "retransmit_limit", "suspicion_timeout"]


def suspicion_timeout(mult: int, n: int, interval_s: float) -> float:
    """Seconds that a suspect has at the least to refute: ``mult * max(1, log10(n)) * interval_s``.

    The logarithm is cut to thousandths, and it is never below 1: no cluster of 10 or fewer members waits less than
    ``mult`` intervals.

    Parameters
    ----------
    mult : int
        SuspicionMult.
    n : int
        Members, oneself included.
    interval_s : float
        ProbeInterval in seconds.

    Examples
    --------
    >>> suspicion_timeout(4, 30, 1.0), suspicion_timeout(4, 1000, 1.0)
    (5.908, 12.0)
    """
    checks.whole("mult", mult, 1)
    checks.whole("n", n, 0)
    checks.number("interval_s", interval_s)
    return mult * int(1000 * max(1.0, log10(max(1, n)))) * interval_s / 1000


def remaining_suspicion(confirmations: int, k: int, elapsed_s: float, min_s: float, max_s: float) -> float:
    """Seconds until a suspicion becomes a death, by the logarithmic rule of Lifeguard; 0 or less is at once.

    Parameters
    ----------
    confirmations : int
        Independent accusers beyond the first.
    k : int
        Confirmations that bring the wait down to ``min_s``; with 0 it is ``min_s`` from the beginning.
    elapsed_s : float
        Seconds since the suspicion began.
    min_s, max_s : float
        The wait in seconds with ``k`` confirmations, and with none.

    References
    ----------
    Dadgar, Phillips, Currey, "Lifeguard: Local Health Awareness for More Accurate Failure Detection",
    arXiv 1707.00788, LHA-Suspicion; memberlist floors it to milliseconds.

    Examples
    --------
    >>> [round(remaining_suspicion(c, 2, 0.0, 4.0, 24.0), 3) for c in (0, 1, 2)]
    [24.0, 11.381, 4.0]
    """
    checks.whole("confirmations", confirmations, 0)
    checks.whole("k", k, 0)
    for name, value in (("elapsed_s", elapsed_s), ("min_s", min_s)):
        checks.number(name, value)
    checks.number("max_s", max_s, low=min_s)
    if k < 1:
        return min_s - elapsed_s
    timeout_s = max_s - log(confirmations + 1) / log(k + 1) * (max_s - min_s)
    return max(min_s, floor(1000 * timeout_s) / 1000) - elapsed_s


def push_pull_scale(interval_s: float, n: int) -> float:
    """Seconds between two push/pulls of one member: once more the interval for every doubling beyond 32 members.

    It keeps the full state exchanges, whose size grows with ``n``, from eating the network of a large cluster.

    Parameters
    ----------
    interval_s : float
        PushPullInterval in seconds.
    n : int
        Members.

    Examples
    --------
    >>> [push_pull_scale(30.0, n) for n in (32, 33, 65, 1000)]
    [30.0, 60.0, 90.0, 180.0]
    """
    checks.number("interval_s", interval_s)
    checks.whole("n", n, 0)
    return interval_s if n <= 32 else interval_s * (ceil(log2(n) - 5) + 1)
