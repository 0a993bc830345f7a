"""Read repair: what a reader is told, and which replicas are told what they lack."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.repair.read_repair import maximal, read_repair
from gossipkit.repair.tombstones import Cell, merge, supersedes, tombstone


def descends(version, other):
    """The order of vector clocks, written as tuples of counters."""
    return version != other and all(mine >= theirs for mine, theirs in zip(version, other, strict=True))


times = st.integers(0, 3).map(float)
cells = st.builds(Cell, st.text(max_size=2), times) | st.builds(tombstone, times, times)
clocks = st.tuples(*[st.integers(0, 2)] * 3)


def answers_of(versions, most):
    return st.dictionaries(
        st.sampled_from("abcde"), st.lists(versions, max_size=most, unique=True), min_size=1
    )


def after(answers, found, order):
    """What the answering replicas hold once they were written."""
    return {
        replica: set(maximal([*held, *found.writes.get(replica, ())], order))
        for replica, held in answers.items()
    }


@given(answers_of(cells, most=1))
def test_under_last_write_wins_all_answering_replicas_agree_on_the_one_winner(answers):
    found = read_repair(answers, supersedes)
    held = after(answers, found, supersedes)
    everything = merge(*({"k": cell} for cells in answers.values() for cell in cells))
    assert all(versions == set(everything.values()) == set(found.versions) for versions in held.values())


@given(answers_of(clocks, most=3))
def test_under_vector_clocks_all_answering_replicas_agree_on_the_siblings(answers):
    found = read_repair(answers, descends)
    assert all(versions == set(found.versions) for versions in after(answers, found, descends).values())
    assert len(set(found.versions)) == len(found.versions)  # each once, however many answered with it
    for version in found.versions:
        assert not any(descends(other, version) for held in answers.values() for other in held)
    for version in (version for held in answers.values() for version in held):
        assert any(kept == version or descends(kept, version) for kept in found.versions)


@given(answers_of(clocks, most=3))
def test_a_second_read_of_repaired_replicas_repairs_nothing(answers):
    held = after(answers, read_repair(answers, descends), descends)
    assert not read_repair({replica: list(versions) for replica, versions in held.items()}, descends)


@given(answers_of(clocks, most=3))
def test_nobody_is_written_what_it_has(answers):
    found = read_repair(answers, descends)
    assert {*found.writes, *found.up_to_date} == answers.keys()
    assert not found.writes.keys() & set(found.up_to_date)
    for replica, lacks in found.writes.items():
        assert lacks and not set(lacks) & set(answers[replica])


def test_a_tombstone_is_a_version_like_any_other():
    gone = tombstone(2.0, now=2.0)
    found = read_repair({"a": [gone], "b": [Cell("row", 1.0)], "c": []}, supersedes)
    assert found.versions == (gone,) and found.writes == {"b": (gone,), "c": (gone,)}


def test_siblings_are_written_to_each_other():
    # D3 and D4 of the Dynamo paper, over (Sx, Sy, Sz); c has D2, which both descend from
    d2, d3, d4 = (2, 0, 0), (2, 1, 0), (2, 0, 1)
    found = read_repair({"a": [d3], "b": [d4], "c": [d2]}, descends)
    assert found.versions == (d3, d4)
    assert found.writes == {"a": (d4,), "b": (d3,), "c": (d3, d4)}


def test_nothing_to_repair_where_nobody_knows_the_key():
    found = read_repair({"a": [], "b": []}, supersedes)
    assert not found and found.versions == () and found.up_to_date == ("a", "b")


# Blocking: what the reader waits for. N = 3; (how many of those asked have it already, asked, level) -> acknowledgements.


@pytest.mark.parametrize(
    ("having", "asked", "block_for", "wait_for"),
    [
        (2, 2, 2, 0),  # QUORUM, both agree
        (1, 2, 2, 1),  # QUORUM: the other must acknowledge
        (2, 3, 2, 0),  # a third was asked, and lacks it: it is written, nobody waits
        (1, 3, 2, 1),  # a third was asked: one of the two suffices
        (1, 3, 3, 2),  # ALL
        (1, 3, 0, 0),  # in the background
    ],
)
def test_a_blocking_read_waits_until_its_level_holds_the_version(having, asked, block_for, wait_for):
    answers = {replica: [2 if at < having else 1] for at, replica in enumerate("abc"[:asked])}
    assert read_repair(answers, lambda version, other: version > other).wait_for(block_for) == wait_for


@given(answers_of(clocks, most=2), st.integers(0, 5))
def test_after_the_wait_as_many_replicas_hold_it_as_the_level_asks(answers, block_for):
    found = read_repair(answers, descends)
    if block_for > len(answers):
        with pytest.raises(ValueError, match=f"block_for is {block_for}"):
            found.wait_for(block_for)
    else:
        waited = found.wait_for(block_for)
        assert waited <= len(found.writes) and len(found.up_to_date) + waited >= block_for
        assert waited == 0 or len(found.up_to_date) + waited == block_for


@pytest.mark.parametrize("holder", "abc")
def test_quorum_reads_that_block_do_not_go_back_in_time_and_those_in_the_background_can(holder):
    def newer(version, other):
        return version > other

    backward = {0: 0, 2: 0}
    for block_for in backward:
        for first, second in product(combinations("abc", 2), repeat=2):
            held = {replica: [2 if replica == holder else 1] for replica in "abc"}
            found = read_repair({replica: held[replica] for replica in first}, newer)
            for replica in list(found.writes)[: found.wait_for(block_for)]:
                held[replica] = list(found.versions)
            again = read_repair({replica: held[replica] for replica in second}, newer)
            backward[block_for] += again.versions < found.versions
    # two first reads see the new version, and of the three second ones the pair without its holder does not
    assert backward == {0: 2, 2: 0}


def test_no_answer_is_refused():
    with pytest.raises(ValueError, match="at least one replica"):
        read_repair({}, supersedes)
