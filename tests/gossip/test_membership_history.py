"""Explicit membership that spreads by gossip, seeds against logical partitions, and failure that is nobody else's business."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.local_detection import LocalDetector
from gossipkit.gossip.membership_history import Change, MembershipHistory, members
from gossipkit.sim import Constant, Network, World


def world_of(names, seeds=(), history=(), knowing=None, **options):
    """Processes that know ``history`` at the start, or what ``knowing`` says by name."""
    world = World(seed=3, **options)
    for name in names:
        known = history if knowing is None else knowing.get(name, ())
        world.add(name, MembershipHistory(seeds, known), rebuild=lambda saved: MembershipHistory((), saved))
    world.run(until=0)
    return world


def joined(names):
    return tuple(Change(name, "join", 0.0, name) for name in names)


def views(world):
    return {name: process.members for name, process in world.processes.items()}


def test_a_node_talks_to_one_peer_each_second():
    names = "abcdef"
    world = world_of(names, history=joined(names))
    world.run(until=30)
    sent = world.trace.filter(kind="send")
    assert len(sent) == 30 * len(names)  # all agree, so a comparison is one message
    assert {event.fields["to"] for event in sent.filter(node="a")} == set("bcdef")


def test_a_join_told_to_any_node_reaches_all():
    names = [f"n{i}" for i in range(20)]
    world = world_of([*names, "new"], knowing=dict.fromkeys(names, joined(names)))
    world.processes["n7"].issue("join", "new")
    world.run(until=15)
    assert set(views(world).values()) == {tuple(sorted([*names, "new"]))}


def test_a_leave_after_a_join_leaves_whatever_is_heard_first():
    history = (*joined("ab"), Change("b", "leave", 5.0, "a"))
    world = world_of("abc", knowing={"a": history, "c": joined("abc")})
    world.run(until=10)
    assert set(views(world).values()) == {("a", "c")}


def test_silence_is_no_departure():
    world = world_of("abc", history=joined("abc"))
    world.crash("c")
    world.run(until=60)
    assert views(world)["a"] == ("a", "b", "c")
    world.restart("c")
    world.run(until=61)
    assert views(world)["c"] == ("a", "b", "c")


@pytest.mark.parametrize(("seeds", "rings"), [((), {("x",), ("y",)}), (("s",), {("x", "y")})])
def test_without_seeds_two_administrators_make_two_rings(seeds, rings):
    world = world_of("sxy", seeds)
    for name in "xy":
        world.processes[name].issue("join", name)
    world.run(until=60)
    assert {view for name, view in views(world).items() if name != "s"} == rings


def test_the_two_rings_become_one_once_somebody_is_in_both():
    world = world_of("xy")
    for name in "xy":
        world.processes[name].issue("join", name)
    world.run(until=30)
    assert set(views(world).values()) == {("x",), ("y",)}
    world.processes["x"].issue("join", "y")
    world.run(until=40)
    assert set(views(world).values()) == {("x", "y")}


def test_changes_spread_under_loss():
    names = "abcdefgh"
    world = world_of(names, history=joined(names), network=Network(loss=0.3))
    world.processes["a"].issue("leave", "h")
    world.run(until=30)
    assert set(views(world).values()) == {tuple("abcdefg")}


changes = st.builds(
    Change,
    st.sampled_from("ab"),
    st.sampled_from(["join", "leave"]),
    st.integers(0, 3).map(float),
    st.sampled_from("ab"),
)


@given(st.lists(changes), st.randoms())
def test_what_a_history_says_does_not_depend_on_the_order_of_hearing(history, random):
    shuffled = random.sample(history, len(history))
    assert members(history) == members(shuffled)
    assert MembershipHistory(changes=history).digest == MembershipHistory(changes=shuffled).digest


@pytest.mark.parametrize(
    ("action", "subject"), [("join", "b"), ("leave", "z"), ("remove", "b"), ("join", "")]
)
def test_an_administrator_who_errs_is_told_so_and_nothing_changes(action, subject):
    world = world_of("ab", history=joined("ab"))
    with pytest.raises(ValueError, match="is '"):
        world.processes["a"].issue(action, subject)
    assert world.processes["a"].changes == joined("ab")


def test_intervals_are_checked():
    with pytest.raises(ValueError, match="interval_s is 0"):
        MembershipHistory(interval_s=0)
    with pytest.raises(ValueError, match="retry_s is 0"):
        LocalDetector(retry_s=0)


# Failure detection.


def detectors(names, **options):
    world = World(seed=1, **options)
    for name in names:
        world.add(name, LocalDetector())
    world.run(until=0)
    return world


def test_a_may_consider_b_failed_although_b_answers_c():
    world = detectors("abc")
    world.set_loss(1.0, src="b", dst="a")
    for name in "ac":
        world.processes[name].silent("b")
    world.run(until=10)
    assert not world.processes["a"].up("b")
    assert world.processes["c"].up("b")


def test_a_failed_node_is_tried_every_second_until_it_answers():
    world = detectors("ab")
    world.crash("b")
    world.processes["a"].silent("b")
    world.run(until=20)
    assert len(world.trace.filter(kind="send", node="a")) == 20
    assert world.processes["a"].failed == {"b": 0.0}


def test_nobody_is_told():
    world = detectors("abc")
    world.crash("b")
    world.processes["a"].silent("b")
    world.run(until=20)
    assert world.processes["c"].up("b")
    assert {event.fields["to"] for event in world.trace.filter(kind="send")} == {"b"}


def test_a_larger_fanout_compares_with_so_many_different_nodes_each_time():
    world, names = World(seed=1, network=Network(latency=Constant(0.0))), "abcdef"
    changes = [Change(name, "join", 0.0, name) for name in names]
    for name in names:
        world.add(name, MembershipHistory(("a",), changes, fanout=3 if name == "b" else 1))
    world.run(until=0.999999)
    sent = [event.fields["to"] for event in world.trace.filter(kind="send", node="b")]
    assert len(set(sent)) == len(sent) == 3
    assert len(world.trace.filter(kind="send", node="c")) == 1
    with pytest.raises(ValueError, match="fanout is 0"):
        MembershipHistory(fanout=0)
