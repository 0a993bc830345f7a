"""How stale a read can be where R + W <= N: probabilistically bounded staleness, in versions and in time.

`k_staleness` counts versions and is exact; `staleness` draws the four messages of a write and a read (WARS) many times.

References
----------
P. Bailis et al., "Probabilistically bounded staleness for practical partial quorums", VLDB 2012, and its simulator,
pbailis/pbs-vldb-historical-paper-material.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, inf

from ..sim.arrays import np
from ..sim.checks import number, one_of, probability, whole


@dataclass(frozen=True)
class ParetoExponential:
    """Latency of one message, in ms: with probability ``body`` from a Pareto distribution, else exponential.

    Parameters
    ----------
    body : float
        From 0 to 1.
    least_ms : float
        The Pareto distribution's least value.
    shape : float
        Its exponent; the greater, the thinner the tail.
    rate : float
        Of the exponential distribution, per ms: 1 / mean.

    Raises
    ------
    ValueError
        For a share outside 0..1, or anything else below 0.
    """

    body: float
    least_ms: float
    shape: float
    rate: float

    def __post_init__(self):
        probability("body", self.body)
        for what in ("least_ms", "shape", "rate"):
            number(what, getattr(self, what))
            if not getattr(self, what):
                raise ValueError(f"{what} is 0: it must be above 0")

    def sample(self, random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Latencies in ms, independent of each other."""
        pareto = self.least_ms * (1 - random.random(shape)) ** (-1 / self.shape)
        return np.where(random.random(shape) < self.body, pareto, random.exponential(1 / self.rate, shape))


@dataclass(frozen=True)
class Wars:
    """Latencies of the four messages of an operation: the write, its acknowledgement, the read, its response.

    Anything with ``sample(random, shape)`` that returns milliseconds serves as a latency.

    Parameters
    ----------
    w, ars : ParetoExponential
        Of the write, and of each of the other three.
    remote_ms : float
        Added to each message between data centres. Above 0, every replica stands in one of its own, and the write and
        the read each begin in a data centre of their own choice.

    Raises
    ------
    ValueError
        For a remote_ms below 0.
    """

    w: ParetoExponential
    ars: ParetoExponential
    remote_ms: float = 0.0

    def __post_init__(self):
        number("remote_ms", self.remote_ms)


_SSD = ParetoExponential(0.9122, 0.235, 10, 1.66)
_DISK = ParetoExponential(0.38, 1.05, 1.51, 0.183)
FITS = {
    "LNKD-SSD": Wars(_SSD, _SSD),
    "LNKD-DISK": Wars(_DISK, _SSD),
    "YMMR": Wars(ParetoExponential(0.939, 3, 3.5, 0.0028), ParetoExponential(0.982, 1.5, 3.8, 0.0217)),
    "WAN": Wars(_DISK, _SSD, remote_ms=75),
}
"""The published fits: LinkedIn's Voldemort on flash and on disks, Yammer's Riak, and the disks over three continents.

Yammer's writes have the exponent of the paper's code, 3.5; its text prints 3.35 (the published table needs 3.5)."""


@dataclass(frozen=True, eq=False)
class Staleness:
    """What `staleness` measured: three arrays with one number of milliseconds per trial.

    Attributes
    ----------
    fresh_after_ms : numpy.ndarray
        How long after the write was acknowledged a read has to begin so that it returns it, or something newer; 0 if a
        read at once does.
    read_ms, write_ms : numpy.ndarray
        How long the operations took, as their client saw it.
    """

    fresh_after_ms: np.ndarray
    read_ms: np.ndarray
    write_ms: np.ndarray

    def __repr__(self) -> str:
        return f"<Staleness over {len(self.fresh_after_ms)} trials: {1 - self.p_fresh(0):.1%} of reads stale that begin at once>"

    def p_fresh(self, t_ms: float) -> float:
        """The share of reads that return the write, if they begin ``t_ms`` after it was acknowledged.

        Raises
        ------
        ValueError
            For a time below 0.
        """
        number("t_ms", t_ms)
        return float(np.mean(self.fresh_after_ms <= t_ms))

    def t_visible(self, p: float = 0.999) -> float:
        """How many ms after a write a share ``p`` of reads returns it: the paper's t-visibility.

        Raises
        ------
        ValueError
            For a share outside 0..1.
        """
        probability("p", p)
        return float(np.quantile(self.fresh_after_ms, p, method="inverted_cdf"))

    def between(self, p: float = 0.999) -> tuple[float, float]:
        """The shares between whose quantiles the true quantile of a share ``p`` lies with 95% confidence.

        How many of the trials lie below a quantile is binomial; this is its normal approximation.

        Raises
        ------
        ValueError
            For a share outside 0..1.

        Examples
        --------
        >>> disk = staleness(n=3, r=1, w=1, latencies="LNKD-DISK")
        >>> [round(disk.t_visible(p)) for p in disk.between()]
        [49, 62]
        """
        probability("p", p)
        half = 1.96 * (p * (1 - p) / len(self.fresh_after_ms)) ** 0.5
        return max(0.0, p - half), min(1.0, p + half)

    def read_latency(self, p: float = 0.999) -> float:
        """Within how many ms a share ``p`` of reads is answered."""
        probability("p", p)
        return float(np.quantile(self.read_ms, p))

    def write_latency(self, p: float = 0.999) -> float:
        """Within how many ms a share ``p`` of writes is acknowledged."""
        probability("p", p)
        return float(np.quantile(self.write_ms, p))


def staleness(
    n: int,
    r: int,
    w: int,
    latencies: str | Wars,
    trials: int = 100_000,
    seed: int = 0,
    asked: int | None = None,
) -> Staleness:
    """How often a read misses the write before it, by latencies alone: the WARS model of PBS.

    One write goes to all ``n`` replicas and is acknowledged when ``w`` acks have come back, at ``w_t``. A read begins t
    later, asks all of them too, and answers with the first ``r`` responses. It is fresh exactly if for some i of these
    ``w_t + t + R[i] >= W[i]``: its request came to replica i after the write did. The model has no losses, no failures, no other
    writes, no read repair and no anti-entropy. So a real cluster can do worse, or better.

    Parameters
    ----------
    n, r, w : int
        Replicas, and how many of them a read and a write wait for.
    latencies : str or Wars
        The name of one of `FITS`, or your own.
    trials : int
        Pairs of a write and a read.
    seed : int
    asked : int, optional
        How many replicas the read asks: by default all, as in PBS's model and in Dynamo. Cassandra asks ``r``, and then
        none of them is the fastest because it was chosen for that.

    Raises
    ------
    ValueError
        For n or trials below 1, r or w outside 1..n, asked outside r..n, or a fit of another name.

    References
    ----------
    P. Bailis et al., "Probabilistically bounded staleness for practical partial quorums", VLDB 2012, sections 4 and 5.

    Examples
    --------
    >>> disk = staleness(n=3, r=1, w=1, latencies="LNKD-DISK")
    >>> round(disk.p_fresh(0), 2), round(disk.p_fresh(10), 2), staleness(3, 2, 2, "LNKD-DISK").p_fresh(0)
    (0.44, 0.93, 1.0)
    """
    whole("n", n, 1)
    whole("r", r, 1, n)
    whole("w", w, 1, n)
    whole("trials", trials, 1)
    whole("seed", seed, 0)
    asked = n if asked is None else asked
    whole("asked", asked, r, n)
    if isinstance(latencies, str):
        one_of("latencies", latencies, tuple(FITS))
        write, ack, read, response = _drawn_of_fit(n, latencies, trials, seed)
    else:
        write, ack, read, response = _drawn(n, latencies, trials, seed)
    acked = np.partition(write + ack, w - 1)[:, w - 1]
    answered = read + response
    answered[:, asked:] = inf  # all replicas are alike, so it does not matter which are left out
    read_ms = np.partition(answered, r - 1)[:, r - 1]
    late = np.where(answered <= read_ms[:, None], write - acked[:, None] - read, inf)
    return Staleness(np.maximum(late.min(axis=1), 0), read_ms, acked)


def _drawn(n: int, latencies: Wars, trials: int, seed: int) -> tuple[np.ndarray, ...]:
    """Latencies of the four messages to and from each replica."""
    random, shape = np.random.default_rng(seed), (trials, n)
    write = latencies.w.sample(random, shape)
    ack, read, response = (latencies.ars.sample(random, shape) for _ in range(3))
    for messages in ((write, ack), (read, response)):
        home = random.integers(n, size=(trials, 1))
        remote = latencies.remote_ms * (np.arange(n) != home)
        for latency in messages:
            latency += remote
    return write, ack, read, response


@lru_cache(maxsize=2)
def _drawn_of_fit(n: int, fit: str, trials: int, seed: int) -> tuple[np.ndarray, ...]:
    """The same for one of `FITS`, drawn once: whoever compares values of ``r`` and ``w`` asks for them again."""
    return _drawn(n, FITS[fit], trials, seed)


def k_staleness(n: int, r: int, w: int, k: int = 1) -> float:
    """The probability that a read returns one of the ``k`` newest versions, if quorums are random and nothing spreads.

    ``1 - (C(n-w, r) / C(n, r))**k``, computed exactly and rounded once: all of the last k writes went to w replicas
    chosen at random, and the read asks r chosen at random. Real writes go to all n, so this is the worst case.

    Parameters
    ----------
    n, r, w : int
        Replicas, and how many of them a read asks and a write reaches.
    k : int
        How many versions back will do; 1 is the last write.

    Raises
    ------
    ValueError
        For n or k below 1, or r or w outside 1..n.

    References
    ----------
    P. Bailis et al., VLDB 2012, section 3.1.

    Examples
    --------
    >>> [round(k_staleness(3, 1, 1, k), 4) for k in (1, 2, 3, 5, 10)]
    [0.3333, 0.5556, 0.7037, 0.8683, 0.9827]
    """
    whole("n", n, 1)
    whole("r", r, 1, n)
    whole("w", w, 1, n)
    whole("k", k, 1)
    return float(1 - Fraction(comb(n - w, r), comb(n, r)) ** k)
