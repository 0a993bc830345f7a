"""Distinct draws of many rows at once."""

from itertools import permutations

import numpy as np

from gossipkit.gossip.sampling import distinct, staggered


def sets_of(rng, rows, draws, population):
    """What each row has drawn, as a sorted tuple."""
    drawn = [each.copy() for each in staggered(rng, np.full(rows, float(population - draws)), draws * [rows])]
    return [tuple(sorted(row)) for row in np.stack(drawn, axis=1).tolist()]


def test_rows_that_draw_differently_often_get_different_numbers_below_their_own_bound():
    rng = np.random.default_rng(1)
    draws = np.sort(rng.integers(1, 7, size=2000))[::-1]
    population = draws + rng.integers(0, 5, size=2000)
    found = [[] for _ in draws]
    drawing = [int((draws > j).sum()) for j in range(draws[0])]
    for drawn in staggered(rng, (population - draws).astype(float), drawing):
        for row, number in zip(found, drawn.tolist(), strict=False):
            row.append(number)
    for row, number, bound in zip(found, draws, population, strict=True):
        assert len(row) == len(set(row)) == number
        assert min(row) >= 0 and max(row) < bound


def test_every_set_is_as_likely_as_any_other():
    rows, rng = 30_000, np.random.default_rng(2)
    sets = sorted({tuple(sorted(each)) for each in permutations(range(5), 3)})
    for drawn in (
        sets_of(rng, rows, 3, 5),
        [tuple(sorted(row)) for row in distinct(rng, 5, 3, rows).T.tolist()],
    ):
        counts = np.array([drawn.count(each) for each in sets])
        assert counts.sum() == rows
        expected = rows / len(sets)
        # chi-squared with nine degrees of freedom is above 39.3 once in 100 000
        assert ((counts - expected) ** 2 / expected).sum() < 39.3
