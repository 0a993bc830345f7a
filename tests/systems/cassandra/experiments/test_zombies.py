"""Rows that come back, as the lesson runs them: gc_grace against the interval of repair."""

from math import isnan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gossipkit.systems.cassandra.experiments import zombies


@settings(max_examples=15, deadline=None)
@given(gc_grace_s=st.integers(10, 150), repair_interval_s=st.integers(10, 150), seed=st.integers(0, 10**6))
def test_rows_come_back_exactly_when_the_first_repair_is_later_than_gc_grace(
    gc_grace_s, repair_interval_s, seed
):
    # between gc_grace and the next compaction, 5 s later at most, a tombstone is still on the disk and keeps the row out
    assume(not 0 <= repair_interval_s - gc_grace_s <= 6)
    run = zombies(gc_grace_s, repair_interval_s, seed=seed, seconds=200.0)
    late = repair_interval_s > gc_grace_s
    assert bool(run.zombies[-1]) is late
    assert isnan(run.returned_s) is not late
    if late:
        assert gc_grace_s <= run.returned_s <= gc_grace_s + 5.0
        # the first repair gives the row to everybody, where it comes; before that, only the replica that missed it has it
        assert repair_interval_s <= run.everywhere_s <= repair_interval_s + 5.0
    assert (run.live == run.live[:, :1]).all(axis=1)[-1], "a repair has made the replicas equal"


def test_without_repair_one_replica_keeps_the_rows_and_the_others_forget_them():
    run = zombies(repair_interval_s=None)
    assert run.live[-1].tolist() == [0, 0, 20]
    assert run.tombstones[0].tolist() == [20, 20, 0] and run.tombstones[-1].tolist() == [0, 0, 0]
    assert len(run.repaired) == 0 and isnan(run.everywhere_s)


def test_a_hint_in_time_is_as_good_as_a_repair():
    run = zombies(repair_interval_s=None, hints=True)
    assert not run.zombies.any() and run.live[-1].tolist() == [0, 0, 0]


def test_a_run_is_sampled_evenly_from_the_deletion_on():
    run = zombies(seconds=60.0)
    assert np.diff(run.times).tolist() == [5.0] * 11
    assert run.live.shape == run.tombstones.shape == (12, 3) and run.zombies.shape == (12,)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"gc_grace_s": 9}, "gc_grace_s is 9"),
        ({"repair_interval_s": 0}, "repair_interval_s is 0"),
        ({"seconds": 1}, "seconds is 1"),
    ],
)
def test_what_cannot_be_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        zombies(**options)
