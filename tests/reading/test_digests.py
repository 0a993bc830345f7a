"""Exchanges of digests by right and by wrong rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.scuttlebutt import EndpointState, HeartBeatState, VersionedValue, compare
from gossipkit.reading.digests import BROKEN, RIGHT, differs, exchange


def known(generation, upto):
    """What somebody has who has heard all of a generation up to a version: a value was set at 2, 5, 8 …; one replaced another."""
    values = {f"S{at % 4}": VersionedValue(str(at), at) for at in range(2, upto + 1, 3)}
    return EndpointState(HeartBeatState(generation, upto), values)


states = st.builds(known, st.integers(1, 3), st.integers(1, 30))
knowledge = st.dictionaries(st.sampled_from("abcd"), states)


def newest(*of):
    return max((state for state in of if state is not None), key=lambda state: state.digest("")[1:])


@given(knowledge, knowledge)
def test_after_an_exchange_both_have_the_newest_of_all_that_the_asker_named(asker, asked):
    one, other = exchange(RIGHT, asker, asked)
    assert one.keys() == asker.keys()
    assert other.keys() == asker.keys() | asked.keys()
    for name in asker:
        assert one[name] == other[name] == newest(asker[name], asked.get(name))


@given(knowledge, knowledge)
def test_a_second_exchange_changes_nothing(asker, asked):
    both = exchange(RIGHT, asker, asked)
    assert exchange(RIGHT, *both) == both


@pytest.mark.parametrize(("name", "row"), [("A", "generation lower"), ("B", "version lower"), ("C", "newer")])
@given(mine=states, theirs=states)
def test_a_broken_gossiper_is_wrong_in_one_row_only(name, row, mine, theirs):
    if differs(BROKEN[name], {"e": mine}, {"e": theirs}):
        rule = compare(mine.digest("e"), theirs).rule
        assert rule == row or (row == "newer" and rule in ("version higher", "version lower"))


@pytest.mark.parametrize(
    ("name", "mine", "theirs"),
    [
        ("A", known(1, 9), known(2, 4)),
        ("B", known(1, 2), known(1, 9)),
        ("C", known(1, 2), known(1, 9)),
    ],
)
def test_each_broken_gossiper_loses_something(name, mine, theirs):
    assert differs(BROKEN[name], {"e": mine}, {"e": theirs})
    assert not differs(RIGHT, {"e": mine}, {"e": theirs})


@pytest.mark.parametrize(
    ("asker", "words"),
    [
        ([], r"asker is \[\]: it must be a dict"),
        ({"e": (1, 2)}, "must be a dict from a name to an EndpointState"),
        ({str(i): known(1, 1) for i in range(21)}, "has 21 endpoints: at most 20"),
    ],
)
def test_knowledge_of_another_kind_is_refused(asker, words):
    with pytest.raises(ValueError, match=words):
        exchange(RIGHT, asker, {})
