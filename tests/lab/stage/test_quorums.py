"""The share of a ring with a clean quorum: its own replicas, running, and within reach of each other."""

from types import SimpleNamespace

import pytest

from gossipkit.authority.ring import RING, Ring
from gossipkit.lab.stage.columns import CRASHED, PAUSED, UP
from gossipkit.lab.stage.quorums import clean, hints, in_order

# four equal ranges; with three replicas each leaves out one node
QUARTERS = Ring({RING // 4 * at - 1: name for at, name in enumerate("abcd", 1)})


def run_of(states=(), others=(), samples=((0.0, QUARTERS),)):
    folded = SimpleNamespace(index={name: at for at, name in enumerate("abcd")}, states=list(states))
    return SimpleNamespace(
        names=tuple("abcd"), first=tuple("abcd"), folded=folded, others=list(others), samples=list(samples)
    )


def test_one_node_down_leaves_a_majority_and_two_do_not():
    run = run_of([(1.0, 0, CRASHED), (2.0, 1, PAUSED), (3.0, 1, UP)])
    assert clean(run, 3, 2) == [(0.0, 100.0), (2.0, 50.0), (3.0, 100.0)]


def test_all_replicas_are_needed_for_a_quorum_of_all():
    assert clean(run_of([(1.0, 0, CRASHED)]), 3, 3) == [(0.0, 100.0), (1.0, 25.0)]


def test_a_partition_leaves_the_quorums_of_its_larger_side_until_it_heals():
    others = [(1.0, None, "partition", {"groups": (("a",),)}), (2.0, None, "heal", {})]
    assert clean(run_of(others=others), 3, 3) == [(0.0, 100.0), (1.0, 25.0), (2.0, 100.0)]
    halves = [(1.0, None, "partition", {"groups": (("a", "b"),)})]
    assert clean(run_of(others=halves), 3, 2)[-1] == (0.0, 100.0)
    assert clean(run_of(others=halves), 3, 3)[-1] == (1.0, 0.0)


def test_a_cut_keeps_two_apart_that_may_both_reach_a_third():
    cut = {"a": "a", "b": "b"}
    others = [(1.0, None, "cut", cut), (2.0, None, "mend", cut)]
    # a range of a, b and c has c to coordinate; one of a, b and d has d
    assert clean(run_of(others=others), 3, 3) == [(0.0, 100.0)]
    many = [(1.0, None, "cut", {"a": "a", "b": other}) for other in "bcd"]
    assert clean(run_of(others=many), 3, 3)[-1] == (1.0, 25.0)


def test_without_a_ring_there_is_no_quorum():
    assert clean(run_of(samples=[(0.0, QUARTERS), (4.0, None)]), 3, 2) == [(0.0, 100.0), (4.0, 0.0)]


def test_hints_are_counted_until_they_are_delivered_or_given_up():
    kinds = [
        "hint-stored",
        "hint-stored",
        "hint-delivered",
        "applied",
        "hint-stored",
        "hint-expired",
        "hint-dropped",
    ]
    run = run_of(others=[(float(at), "a", kind, {}) for at, kind in enumerate(kinds)])
    assert [held for _, held in hints(run)] == [0, 1, 2, 1, 2, 1, 0]


@pytest.mark.parametrize(("ring", "expected"), [(QUARTERS, list("abcdz")), (None, list("zdcba"))])
def test_nodes_stand_in_the_order_of_the_ring(ring, expected):
    assert in_order("zdcba", ring) == expected
