"""Bad weather: what levels, hint window and repair interval do in it."""

from math import sqrt
from statistics import fmean, stdev

import pytest

from gossipkit.systems.cassandra.experiments import weather

SEEDS = range(1, 5)


def mean(runs, what):
    return sum(getattr(run, what) for run in runs) / len(runs)


@pytest.fixture(scope="module")
def quorums():
    return [weather("QUORUM", "QUORUM", 30.0, 28.0, seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def unrepaired():
    return [weather("ONE", "ONE", 30.0, None, seed) for seed in SEEDS]


def test_the_same_seed_is_the_same_weather(quorums):
    assert weather("QUORUM", "QUORUM", 30.0, 28.0, SEEDS[0]) == quorums[0]


def test_quorums_that_meet_and_a_repair_in_time_serve_clients(quorums):
    assert all(run.stale == run.zombies == run.lacking == 0 for run in quorums)
    assert all(run.reads > 100 for run in quorums)


def test_one_and_one_without_repair_reads_stale_rows_and_brings_deleted_ones_back(unrepaired):
    assert mean(unrepaired, "stale") > 1
    assert mean(unrepaired, "zombies") > 1
    assert mean(unrepaired, "lacking") > 1


def test_a_higher_level_is_refused_more_often(quorums, unrepaired):
    everybody = [weather("ALL", "QUORUM", 30.0, 28.0, seed) for seed in SEEDS]
    assert mean(unrepaired, "refused") < mean(quorums, "refused") < mean(everybody, "refused")


def test_a_longer_window_holds_more_hints_and_a_shorter_interval_sends_more(quorums):
    longer = [weather("QUORUM", "QUORUM", 10_800.0, 14.0, seed) for seed in SEEDS]
    assert mean(longer, "hints") > mean(quorums, "hints")
    # pairs of one seed, with the same clients and crashes: the mean difference against four of its standard errors
    apart = [
        one.repair_bytes_s - 2 * other.repair_bytes_s for one, other in zip(longer, quorums, strict=True)
    ]
    assert fmean(apart) == pytest.approx(0, abs=4 * stdev(apart) / sqrt(len(apart)))


def test_without_repair_nothing_is_sent_for_it(unrepaired):
    assert mean(unrepaired, "repair_bytes_s") == 0


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="consistency is 'MOST'"):
        weather("MOST", "ONE", 30.0, None, 1)
