"""Closed forms that the course measures against, each with its source and with what it leaves out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..sim.arrays import np
from ..sim.checks import probability, whole


def push_rounds(n: int) -> float:
    """Rounds until a push with fanout 1 has told all of ``n`` nodes: ``log2 n + ln n``.

    The two terms are the two halves of an epidemic: doubling up to the crowd, and a factor of e in each round of the
    tail. It leaves out a bounded term, about one round in practice.

    References
    ----------
    B. Pittel, "On spreading a rumor", SIAM J. Appl. Math. 47(1), 1987.

    Examples
    --------
    >>> round(push_rounds(1000), 2)
    16.87
    """
    whole("n", n, 2)
    return math.log2(n) + math.log(n)


def push_step(p: float, n: int) -> float:
    """Expected share of uninformed nodes after a round of push with fanout 1, from a share ``p`` of ``n`` nodes.

    ``p' = p (1 - 1/n)^(n (1 - p))``, about ``p / e`` once nearly everybody knows.

    References
    ----------
    A. Demers et al., "Epidemic algorithms for replicated database maintenance", Xerox CSL-89-1 (PODC 1987), section 1.3.

    Examples
    --------
    >>> round(push_step(0.01, 1000) / 0.01, 3)  # nearly 1/e
    0.371
    """
    whole("n", n, 2)
    return probability("p", p) * (1 - 1 / n) ** (n * (1 - p))


def pull_step(p: float) -> float:
    """Expected share of uninformed nodes after a round of pull with fanout 1: ``p' = p**2``.

    It is a law of one cluster's share: the mean over clusters of ``p**2`` is more than the square of their mean.

    References
    ----------
    A. Demers et al., "Epidemic algorithms for replicated database maintenance", Xerox CSL-89-1 (PODC 1987), section 1.3.

    Examples
    --------
    >>> pull_step(0.01)
    0.0001
    """
    return probability("p", p) ** 2


def rumor_residue(k: int) -> float:
    """Share of nodes that a rumour never reaches, by Demers' differential equation: ``s = e**(-(k + 1) (1 - s))``.

    It treats the nodes as a fluid and interest as lost with probability 1/k after a useless call (feedback and coin).

    References
    ----------
    A. Demers et al., "Epidemic algorithms for replicated database maintenance", Xerox CSL-89-1 (PODC 1987), section 1.4.

    Examples
    --------
    >>> [round(rumor_residue(k), 4) for k in (1, 2, 3, 4, 5)]
    [0.2032, 0.0595, 0.0198, 0.007, 0.0025]
    """
    whole("k", k, 1)
    residue = 0.0
    for _ in range(200):  # a contraction: its slope at the fixed point is (k + 1) s < 0.41
        residue = math.exp(-(k + 1) * (1 - residue))
    return residue


@dataclass(frozen=True, eq=False)
class SerfConvergence:
    """What serf's simulator page draws."""

    fraction: np.ndarray
    """Fraction informed after each round, the start first; shape (rounds + 1,)."""
    seconds: np.ndarray
    """Time of each of those, in seconds."""
    bytes_per_second: float
    """What the page gives as bandwidth: full packets of 1400 bytes, sent and received."""

    def __repr__(self) -> str:
        return f"<SerfConvergence: {self.fraction[-1]:.1%} informed after {self.seconds[-1]:.1f} s at {self.bytes_per_second:.0f} bytes a second>"


def serf_convergence(
    nodes: int, fanout: int, loss: float = 0.0, failures: float = 0.0, interval_s: float = 0.2
) -> SerfConvergence:
    """The curve of serf's convergence simulator, a logistic mean field.

    ``1 / (1 + (nodes + 1) e^(-contact * nodes * x))`` after ``x`` rounds, with
    ``contact = fanout / nodes * (1 - loss) * (1 - failures) / 2``. It starts at ``1 / (nodes + 2)``, knows no limit on
    retransmissions, and always arrives at 100 %.

    Parameters
    ----------
    loss, failures : float
        Share of packets lost, and of nodes failed.
    interval_s : float
        Length of a round in seconds.

    Returns
    -------
    SerfConvergence
        Fraction informed per round, until at least 99.99 % or 100 rounds.

    References
    ----------
    hashicorp/serf, website/source/assets/javascripts/_simulator.js at f6265f5.

    Examples
    --------
    >>> curve = serf_convergence(30, 3)
    >>> len(curve.fraction) - 1, (100 * curve.fraction[:3]).round(3).tolist(), curve.bytes_per_second
    (9, [3.125, 12.631, 39.317], 42000.0)
    """
    whole("nodes", nodes, 1)
    whole("fanout", fanout, 1)
    if interval_s <= 0:
        raise ValueError(f"interval_s is {interval_s!r}: it must be more than 0 seconds")
    growth = fanout * (1 - probability("loss", loss)) * (1 - probability("failures", failures)) / 2
    fraction = 1 / (1 + (nodes + 1) * np.exp(-growth * np.arange(101)))
    arrived = np.flatnonzero(fraction >= 0.9999)
    fraction = fraction[: arrived[0] + 1] if arrived.size else fraction
    return SerfConvergence(fraction, np.arange(len(fraction)) * interval_s, 1400 * fanout / interval_s * 2)


def retransmit_limit(mult: int, n: int) -> int:
    """How many copies of one update a memberlist member sends: ``mult * ceil(log10(n + 1))``.

    Parameters
    ----------
    mult : int
        RetransmitMult: 4 in the LAN and WAN defaults, 2 in the Local ones. Too low leaves members untold when packets
        are lost; too high spends bandwidth on members that know.
    n : int
        Members of the cluster.

    References
    ----------
    hashicorp/memberlist, util.go, retransmitLimit; config.go for the defaults.

    Examples
    --------
    >>> retransmit_limit(4, 30), retransmit_limit(4, 1000)
    (8, 16)
    """
    return whole("mult", mult, 1) * math.ceil(math.log10(whole("n", n, 0) + 1))
