"""How many runs a test of something random needs: the formula against tests that are made."""

import numpy as np
import pytest

from gossipkit.gossip.assertions import NORMAL, SIZES, TESTS, assertion, sample_size


def test_the_sample_is_as_large_as_the_promise_needs_and_one_less_breaks_it():
    """Made as the formula assumes: runs that are normal, with the same deviation."""
    for difference in (0.3, 1.0):
        size = sample_size(difference, 1.0, false_alarm=0.01, miss=0.1)
        width = NORMAL.inv_cdf(1 - 0.01 / 2)
        assert NORMAL.cdf(width - difference * size**0.5) <= 0.1
        assert NORMAL.cdf(width - difference * (size - 1) ** 0.5) > 0.1


def test_a_difference_half_as_large_takes_four_times_the_runs():
    assert sample_size(0.1, 1.0) == pytest.approx(4 * sample_size(0.2, 1.0), abs=4)
    assert sample_size(-0.1, 1.0) == sample_size(0.1, 1.0)


@pytest.mark.parametrize("settings", [{}, {"loss": 0.02}, {"fanout": 1}, {"churn": 0.05}])
def test_tests_that_are_made_are_wrong_as_often_as_the_formula_says(settings):
    """The normal law holds for means of some runs, not for one run. Four deviations of a share of 400 tests."""
    found = assertion(width=2.0, **settings)
    for size, *pairs in zip(
        SIZES,
        zip(found.false_alarms, found.misses, strict=True),
        zip(found.seen_false_alarms, found.seen_misses, strict=True),
        strict=True,
    ):
        (false_alarm, miss), (seen_false, seen_miss) = pairs
        if size >= 20:
            for share, seen in ((false_alarm, seen_false), (miss, seen_miss)):
                # beside the tests' scatter 0.03 for what a sum of 20 runs is not normal
                assert seen == pytest.approx(share, abs=0.03 + 4 * np.sqrt(share * (1 - share) / TESTS))


def test_a_wider_limit_alarms_less_and_misses_more():
    close, wide = assertion(loss=0.02, width=1.0), assertion(loss=0.02, width=4.0)
    assert close.false_alarm > wide.false_alarm and close.miss < wide.miss


def test_where_nothing_is_lost_no_sample_shows_that_loss_is_drawn_twice():
    found = assertion(loss=0.0)
    assert found.needed is None and min(found.seen_misses) > 0.9


def test_the_number_that_is_needed_keeps_its_promise():
    found = assertion(loss=0.05, width=NORMAL.inv_cdf(1 - 0.001 / 2))
    enough = next(at for at, size in enumerate(SIZES) if size >= found.needed)
    assert found.misses[enough] <= 0.06, "the bug scatters a little more than the right engine"
    few = max(at for at, size in enumerate(SIZES) if size < found.needed / 2)
    assert found.misses[few] > 0.2


@pytest.mark.parametrize(
    "wrong", [{"runs": 3}, {"width": 0}, {"width": -1}, {"fanout": 0}, {"loss": 2}, {"seed": -1}]
)
def test_wrong_arguments_are_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        assertion(**wrong)


@pytest.mark.parametrize("wrong", [(0, 1.0), (1.0, -1.0), (1.0, 1.0, 0.0), (1.0, 1.0, 0.1, 1.0)])
def test_a_sample_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="it must be"):
        sample_size(*wrong)
