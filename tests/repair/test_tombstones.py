"""Cells and tombstones: which write wins, and what it takes to forget a deletion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.repair.tombstones import (
    DAY_S,
    GC_GRACE_S,
    Cell,
    deleted_row,
    merge,
    precedence,
    purge,
    supersedes,
    tombstone,
)

# Which of two cells wins: Cassandra's rules, each row both ways round.


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        (Cell("a", 2.0), Cell("z", 1.0)),
        (Cell("a", 2.0), tombstone(1.0, now=9.0)),
        (tombstone(2.0, now=0.0), Cell("z", 1.0)),
        (tombstone(1.0, now=0.0), Cell("z", 1.0)),
        (tombstone(1.0, now=6.0), tombstone(1.0, now=5.0)),
        (tombstone(2.0, now=5.0), tombstone(1.0, now=6.0)),
        (Cell("z", 1.0), Cell("a", 1.0)),
        (Cell("aa", 1.0), Cell("a", 1.0)),
        (Cell("a", 1.0), Cell("Z", 1.0)),
        (Cell("é", 1.0), Cell("z", 1.0)),
    ],
)
def test_the_winner_of_two_cells(winner, loser):
    assert merge({"k": winner}, {"k": loser}) == merge({"k": loser}, {"k": winner}) == {"k": winner}
    assert supersedes(winner, loser) and not supersedes(loser, winner)


def test_a_deletion_by_a_clock_that_is_behind_deletes_nothing():
    assert merge({"k": Cell("row", 100.0)}, {"k": tombstone(99.0, now=120.0)})["k"].live


times = st.integers(0, 3).map(float)  # few, so that ties are common
texts = st.text(max_size=2)
cells = st.builds(Cell, texts, times) | st.builds(tombstone, times, times)
tables = st.dictionaries(st.sampled_from("abc"), cells)


@given(tables, tables, tables)
def test_merging_is_commutative_associative_and_idempotent(one, two, three):
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three)) == merge(one, two, three)
    assert merge(one, one) == one == merge(one)


@given(tables, tables)
def test_a_merge_loses_no_key_and_makes_up_no_cell(one, two):
    merged = merge(one, two)
    assert merged.keys() == one.keys() | two.keys()
    for key, cell in merged.items():
        assert cell in (one.get(key), two.get(key))


@given(cells, cells)
def test_only_equal_cells_are_of_equal_precedence_and_values_go_by_their_bytes(one, two):
    assert (precedence(one) == precedence(two)) == (one == two)
    if one.live and two.live and one.timestamp == two.timestamp:
        assert supersedes(one, two) == (one.value.encode() > two.value.encode())


# What is forgotten.


def test_the_default_grace_is_ten_days():
    assert GC_GRACE_S == 864_000


def test_a_tombstone_is_purged_after_the_grace_and_not_at_its_end():
    table = {"old": tombstone(1.0, now=100.0), "new": tombstone(1.0, now=101.0), "row": Cell("v", 0.0)}
    assert purge(table, now=150.0, gc_grace_s=50.0) == table
    assert purge(table, now=150.5, gc_grace_s=50.0).keys() == {"new", "row"}
    assert purge(table, now=1e12).keys() == {"row"}


def test_it_is_the_time_of_deletion_that_counts_and_not_the_timestamp():
    assert purge({"k": tombstone(timestamp=0.0, now=100.0)}, now=120.0, gc_grace_s=50.0)


def test_a_negative_grace_is_refused():
    with pytest.raises(ValueError, match=r"gc_grace_s is -1"):
        purge({}, 0.0, gc_grace_s=-1)


# The deleted row that comes back.

days = st.integers(1, 30).map(lambda day: day * DAY_S)
from_today = days | st.just(0.0)


@given(repair=days, grace=from_today, deletion=from_today, compaction=days)
def test_a_row_comes_back_exactly_if_it_is_forgotten_before_it_is_repaired(
    repair, grace, deletion, compaction
):
    history = deleted_row(repair, grace, deletion, compaction, until_s=200 * DAY_S)
    repaired = next(k * repair for k in range(300) if k * repair >= deletion and k)
    forgotten = next(k * compaction for k in range(300) if k * compaction > deletion + grace)
    assert history.returned_s == (forgotten if forgotten <= repaired else None)
    assert history.everywhere_s == (repaired if forgotten <= repaired else None)


@given(grace=days, share=st.floats(0.05, 1.0), deletion=st.floats(0, 40 * DAY_S), compaction=days)
def test_no_row_comes_back_while_repairs_are_no_further_apart_than_the_grace(
    grace, share, deletion, compaction
):
    history = deleted_row(grace * share, grace, deletion, compaction, until_s=120 * DAY_S)
    assert history.returned_s is None and history.everywhere_s is None


@given(grace=days, compaction=days)
def test_a_repair_later_than_the_grace_and_a_compaction_brings_the_row_back(grace, compaction):
    late = grace + compaction
    history = deleted_row(late, grace, 0.0, compaction, until_s=2 * late)
    assert grace < history.returned_s <= grace + compaction
    assert history.everywhere_s == late


def test_the_longest_safe_interval_between_repairs_is_the_grace():
    grace = 10 * DAY_S
    assert deleted_row(10 * DAY_S, grace).returned_s is None
    assert deleted_row(11 * DAY_S, grace).returned_s == 11 * DAY_S  # dropped as the repair ends: too late


def test_what_each_replica_holds_of_a_row_that_comes_back():
    history = deleted_row(repair_interval_s=14 * DAY_S, compaction_interval_s=11 * DAY_S, until_s=14 * DAY_S)
    rows = [(stage.event, *(cell and cell.live for cell in stage.cells.values())) for stage in history.stages]
    assert rows == [
        ("write", True, True, True),
        ("delete", False, False, True),  # c missed it
        ("compact", None, None, True),  # a and b forget
        ("repair", True, True, True),  # and take c's row for news
    ]
    assert history.stages[1].row == tombstone(0.0, now=0.0)  # reading all replicas, it was deleted


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"repair_interval_s": 0.0}, "repair_interval_s is 0.0"),
        ({"repair_interval_s": 60.0, "compaction_interval_s": 59.0}, "compaction_interval_s is 59.0"),
        ({"repair_interval_s": DAY_S, "gc_grace_s": -1.0}, "gc_grace_s is -1.0"),
        ({"repair_interval_s": DAY_S, "deletion_s": float("nan")}, "deletion_s is nan"),
        ({"repair_interval_s": DAY_S, "until_s": float("inf")}, "until_s is inf"),
    ],
)
def test_what_is_no_time_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        deleted_row(**arguments)
