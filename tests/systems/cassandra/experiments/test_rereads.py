"""Monotonic reads, by blocking read repair."""

import pytest

from gossipkit.systems.cassandra.experiments import rereads


@pytest.mark.parametrize("seed", range(1, 6))
def test_with_read_repair_no_second_read_is_older_and_without_it_about_half_are(seed):
    on, off = (rereads(read_repair, seed=seed) for read_repair in (True, False))
    assert on.first_new == off.first_new == on.rows == 20, "the first coordinator has the new row itself"
    assert on.went_back == 0 < off.went_back
    # node-2 asks itself and one of two others: half of the time the one that knows; 20 throws of a coin
    assert 2 <= off.went_back <= 18
    assert on.repaired >= on.rows and off.repaired == 0


def test_digests_are_what_finds_the_difference():
    assert rereads().mismatches >= 20, "each first read finds the other replica behind"


def test_a_number_of_rows_below_one_is_refused():
    with pytest.raises(ValueError, match="rows is 0"):
        rereads(rows=0)
