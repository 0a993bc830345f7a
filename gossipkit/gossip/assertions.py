"""How many runs a test of something random needs.

A test runs the engine some times, takes the mean of a number, and fails where that lies too far from what the right engine has.
It can be wrong in two ways: it fails though nothing is wrong (a *false alarm*), or it passes though something is (a *miss*).
By the central limit theorem the mean of n runs scatters by the standard deviation of one run over the root of n, which gives both.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np

from ..sim.checks import number, probability, whole
from .epidemic import spread

NODES = 200
POOL, TESTS = 2000, 400
"""So many runs of each engine are made once, and so many tests are drawn from them, of every size."""
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
NORMAL = NormalDist()


def sample_size(difference: float, deviation: float, false_alarm: float = 0.001, miss: float = 0.05) -> int:
    """The least number of runs with which a two-sided test of a mean is wrong no more often than that.

    Parameters
    ----------
    difference : float
        How far the bug moves the mean, not 0.
    deviation : float
        The standard deviation of one run, in the same unit.
    false_alarm, miss : float
        Chances, above 0 and below 1.

    Raises
    ------
    ValueError
        For a difference of 0, which no number of runs shows, and for chances that are none.

    References
    ----------
    J. Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988, chapter 2: n = ((z_a + z_b) s / d)².

    Examples
    --------
    >>> sample_size(0.5, 1.0)
    98
    """
    number("deviation", deviation)
    for name, chance in (("false_alarm", false_alarm), ("miss", miss)):
        if not 0 < probability(name, chance) < 1:
            raise ValueError(f"{name} is {chance}: it must be above 0 and below 1")
    if not difference:
        raise ValueError("difference is 0: it must be another number, since no number of runs shows it")
    wanted = NORMAL.inv_cdf(1 - false_alarm / 2) + NORMAL.inv_cdf(1 - miss)
    return max(1, ceil((wanted * deviation / difference) ** 2))


@dataclass(frozen=True, eq=False)
class Assertion:
    """A test of a mean, at every size of its sample.

    Attributes
    ----------
    round : int
        The number that is tested is how many of the `NODES` know after this round.
    right, wrong : float
        Its mean in the right engine, and in the one with the bug.
    deviation, wrong_deviation : float
        The standard deviation of one run.
    runs : int
        The size of the sample.
    width : float
        How far from the right engine's mean a test lets the mean be, in standard errors.
    false_alarms, misses : tuple of float
        For each of `SIZES`, by the formula.
    seen_false_alarms, seen_misses : tuple of float
        The share of `TESTS` tests that were.
    """

    round: int
    right: float
    wrong: float
    deviation: float
    wrong_deviation: float
    runs: int
    width: float
    false_alarms: tuple[float, ...]
    misses: tuple[float, ...]
    seen_false_alarms: tuple[float, ...]
    seen_misses: tuple[float, ...]

    def __repr__(self) -> str:
        return f"<Assertion of {self.runs} runs within {self.width:g} errors: {self.false_alarm:.2%} false alarms, {self.miss:.1%} missed>"

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of a sample, in runs."""
        return SIZES

    @property
    def tests(self) -> int:
        """How many tests of each size were made."""
        return TESTS

    @property
    def false_alarm(self) -> float:
        """The chance that the right engine fails, by the formula."""
        return self.false_alarms[SIZES.index(self.runs)]

    @property
    def miss(self) -> float:
        """The chance that the bug passes, by the formula."""
        return self.misses[SIZES.index(self.runs)]

    @property
    def needed(self) -> int | None:
        """How many runs find the bug 19 times of 20, with a false alarm once in a thousand tests; None if it shows nowhere."""
        # both means come from a pool of runs: what lies within its own error is no difference
        error = sqrt((self.deviation**2 + self.wrong_deviation**2) / POOL)
        difference = self.wrong - self.right
        return sample_size(difference, self.deviation) if abs(difference) > 4 * error else None


def assertion(
    fanout: int = 3, loss: float = 0.1, churn: float = 0.0, runs: int = 20, width: float = 3.0, seed: int = 1
) -> Assertion:
    """Test "so many know after the round in which half of them do" on the right engine, and on one that draws loss twice.

    The bug: a packet can be lost when it is sent, and once more when it arrives, so that 1 − (1 − loss)² of all are.

    Parameters
    ----------
    fanout, loss, churn
        Of a push among `NODES`, see `spread`.
    runs : int
        The size of the sample, one of `SIZES`.
    width : float
        In standard errors, above 0.
    seed : int

    Raises
    ------
    ValueError
        For runs that are not among `SIZES`, a width of 0, and what `spread` refuses.
    """
    if runs not in SIZES:
        raise ValueError(f"runs is {runs!r}: it must be one of {', '.join(map(str, SIZES))}")
    number("width", width)
    if width == 0:
        raise ValueError("width is 0: it must be above 0")
    whole("seed", seed, 0)
    twice = 1 - (1 - loss) ** 2
    engines = [
        spread(
            NODES, fanout=fanout, loss=share, churn=churn, max_rounds=40, trials=POOL, seed=seed + at
        ).informed
        for at, share in enumerate((loss, twice))
    ]
    means = engines[0].mean(axis=0)
    # with much loss and churn half of them are never told: then the round with the most
    after = int(np.argmax(means >= NODES / 2)) if means.max() >= NODES / 2 else int(np.argmax(means))
    right, wrong = (informed[:, min(after, informed.shape[1] - 1)].astype(float) for informed in engines)
    deviation, others = right.std(ddof=1), wrong.std(ddof=1)
    shift, rng = wrong.mean() - right.mean(), np.random.default_rng(seed)
    false_alarms, misses, seen_false, seen_missed = [], [], [], []
    for size in SIZES:
        limit = width * deviation / sqrt(size)
        false_alarms.append(2 * NORMAL.cdf(-width))
        scatter = NormalDist(shift, others / sqrt(size))
        misses.append(scatter.cdf(limit) - scatter.cdf(-limit))
        passed = [
            np.abs(rng.choice(pool, (TESTS, size)).mean(axis=1) - right.mean()) <= limit
            for pool in (right, wrong)
        ]
        seen_false.append(1 - float(passed[0].mean()))
        seen_missed.append(float(passed[1].mean()))
    return Assertion(
        after,
        float(right.mean()),
        float(wrong.mean()),
        float(deviation),
        float(others),
        runs,
        width,
        tuple(false_alarms),
        tuple(misses),
        tuple(seen_false),
        tuple(seen_missed),
    )
