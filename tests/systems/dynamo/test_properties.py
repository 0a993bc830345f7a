"""What holds of every run of a Dynamo cluster, and the counter-examples where it does not."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import Scenario
from gossipkit.systems.dynamo import Dynamo
from gossipkit.systems.dynamo.experiments.misses import (
    NODES,
    SLOPPY_MISSES,
    missed_writes,
    random_scenario,
    search,
)
from gossipkit.systems.rebuilt import rebuilt

names = st.sampled_from(NODES)
groups = st.lists(names, min_size=1, max_size=4, unique=True)
faults = st.one_of(
    st.tuples(st.just("crash"), st.fixed_dictionaries({"name": names})),
    st.tuples(st.just("restart"), st.fixed_dictionaries({"name": names})),
    st.tuples(
        st.just("pause"), st.fixed_dictionaries({"name": names, "seconds": st.sampled_from([0.4, 1.0, 4.0])})
    ),
    st.tuples(st.just("set_loss"), st.fixed_dictionaries({"p": st.sampled_from([0.0, 0.1, 0.4])})),
    st.tuples(st.just("partition"), st.builds(lambda group: {"groups": [group]}, groups)),
    st.tuples(
        st.just("cut"),
        st.builds(
            lambda ends, **how: {"a": ends[0], "b": ends[1]} | how,
            st.lists(names, min_size=2, max_size=2, unique=True),
            both=st.booleans(),
            streams=st.booleans(),
        ),
    ),
    st.tuples(
        st.just("clock"),
        st.fixed_dictionaries({"name": names, "offset_s": st.sampled_from([-3.0, 0.5, 60.0])}),
    ),
    st.tuples(st.just("heal"), st.just({})),
)
times = st.integers(2, 60).map(lambda quarter: quarter / 4)
scenarios = st.lists(st.tuples(times, faults), max_size=8).map(
    lambda steps: Scenario([(at, action, arguments) for at, (action, arguments) in steps])
)
MEETING = [(2, 2), (1, 3), (3, 1)]


# A strict quorum with R + W > N.


@settings(max_examples=60, deadline=None)
@given(scenarios, st.sampled_from(MEETING), st.integers(0, 1000))
def test_with_strict_quorums_that_meet_no_acknowledged_write_is_missing_from_a_later_get(
    scenario, quorums, seed
):
    r, w = quorums
    assert missed_writes(scenario, sloppy=False, r=r, w=w, seed=seed) == ()


@st.composite
def histories(draw):
    """Puts and gets of three clients of one key, each through a node of its choice, beside a scenario."""
    steps = st.tuples(st.sampled_from(["get", "put"]), st.sampled_from("abc"), names)
    return draw(st.lists(steps, min_size=3, max_size=25)), draw(scenarios), draw(st.integers(0, 1000))


def play(history, **options):
    """Every half second a step of the history; a put hands back the context of its client's last get or put.

    Returns the cluster and, for each put, the values that it replaces: what its client had read, and what that replaced.
    """
    steps, scenario, seed = history
    cluster = Dynamo(NODES, seed=seed, **({"trace": False} | options))
    cluster.play(scenario)
    last, replaced = {}, {}
    for number, (kind, client, via) in enumerate(steps):
        cluster.run(until=1.0 + number / 2)
        if via not in cluster.world.up:
            continue
        if kind == "get":
            read = cluster.get("k", via)
            read.finished = lambda read, client=client: last.__setitem__(client, read) if read.ok else None
            continue
        seen = last.get(client)
        read = set(seen.siblings) if seen else set()
        replaced[number] = read.union(*(replaced[value] for value in read))
        cluster.put("k", number, seen.context if seen else None, via)
    cluster.run(until=max(cluster.world.now + 5.0, 16.0))  # the scenario's last step is at 15 s
    return cluster, replaced


@settings(max_examples=60, deadline=None)
@given(histories())
def test_dots_let_a_write_go_only_if_somebody_who_had_read_it_wrote(history):
    cluster, replaced = play(history, sloppy=False, versions="dotted")
    puts = [operation for operation in cluster.operations if operation.kind == "put"]
    for read in (operation for operation in cluster.operations if operation.kind == "get" and operation.ok):
        overwritten = set().union(
            *(replaced[put.written] for put in puts if put.started_s <= read.finished_s)
        )
        for put in puts:
            if put.ok and put.finished_s <= read.started_s and put.written not in overwritten:
                assert put.written in read.siblings


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(["vector", "vnode", "dotted", "lww"]))
def test_a_get_misses_no_acknowledged_put_as_the_versions_themselves_judge(history, versions):
    cluster, _ = play(history, sloppy=False, versions=versions)
    for operation in cluster.operations:
        assert cluster.authority.missed(operation) == ()


# The trace.


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(["vector", "vnode", "dotted", "lww"]), names, st.floats(0.0, 6.0))
def test_beliefs_copies_hints_and_operations_can_be_rebuilt_from_the_trace_alone(
    history, versions, leaver, after_s
):
    cluster, _ = play(history, versions=versions, trace=True)
    if leaver in cluster.world.up:
        cluster.leave(leaver)
        cluster.join("newcomer", via=leaver)
        cluster.put("k", "late", via=leaver)
    cluster.run(until=cluster.world.now + after_s)
    state = rebuilt(cluster.trace)
    assert state.beliefs == {name: cluster.gossip.view(name) for name in cluster.running()}
    disks = {name: cluster.storage(name) for name in cluster.world.names}
    assert state.applied == {
        (name, key): (copy.values, copy.version)
        for name, disk in disks.items()
        for key, copy in disk.objects.items()
    }
    assert set(state.hints) == {
        (name, target, hint.number)
        for name, disk in disks.items()
        for target in disk.hints.targets
        for hint in disk.hints.held(target)
    }
    assert set(state.pending) == {each.number for each in cluster.operations if each.status == "pending"}


# A sloppy quorum.


def test_a_sloppy_quorum_misses_a_write_in_the_stored_scenario():
    missed = missed_writes(SLOPPY_MISSES)
    assert missed
    for each in missed:
        # two kept it and two were read, as W and R ask, and they have no node in common
        assert len(each.stored_at) == len(each.read_from) == 2
        assert not set(each.stored_at) & set(each.read_from)
        assert not set(each.stored_at) | set(each.read_from) <= set(each.homes)
    assert missed_writes(SLOPPY_MISSES, sloppy=False) == ()


def test_the_stored_scenario_is_what_the_search_finds():
    assert search() == SLOPPY_MISSES


def test_the_search_finds_nothing_against_a_strict_quorum_that_meets_and_something_against_one_that_does_not():
    assert search(tries=30, sloppy=False) is None
    assert search(tries=30, sloppy=False, r=1, w=1) is not None


def test_a_scenario_of_the_search_is_a_function_of_its_random_stream():
    assert random_scenario(Random(4)) == random_scenario(Random(4))


# Replicas after the faults.


def settle(cluster, seconds=60.0):
    """End all faults, and let time pass."""
    cluster.heal()
    cluster.set_loss(0.0)
    for name in cluster.world.names:
        if name not in cluster.world.up:
            cluster.restart(name)
    cluster.run(until=cluster.world.now + seconds)


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(["vector", "vnode", "dotted", "lww"]), st.booleans(), st.integers(1, 3))
def test_replicas_are_equal_once_faults_have_stopped_and_repair_has_run(history, versions, sloppy, quorum):
    cluster, _ = play(history, versions=versions, sloppy=sloppy, r=quorum, w=quorum)
    settle(cluster)
    assert cluster.repair.divergent() == ()
    assert cluster.repair.hints() == {}
    assert len({cluster.authority.copy("k", home).content for home in cluster.authority.homes("k")}) == 1


@settings(max_examples=25, deadline=None)
@given(histories())
def test_acknowledged_and_never_replaced_writes_survive_sloppy_quorums_once_repair_has_run(history):
    cluster, replaced = play(history, versions="dotted", sloppy=True)
    settle(cluster)
    overwritten = set().union(*replaced.values())
    kept = {put.written for put in cluster.operations if put.kind == "put" and put.ok}
    for home in cluster.authority.homes("k"):
        assert kept - overwritten <= set(cluster.authority.siblings("k", home))


OUTAGE = Scenario([(2.0, "crash", {"name": "node-1"}), (6.0, "restart", {"name": "node-1"})])


@pytest.mark.parametrize(("parts", "equal"), [({}, True), ({"repair": None}, False)])
def test_without_repair_an_outage_leaves_replicas_different_for_good(parts, equal):
    cluster = Dynamo(NODES, seed=0, trace=False, **parts)
    cluster.play(OUTAGE)
    for number in range(50):
        cluster.run(until=1.0 + number / 10)
        via = next(name for name in cluster.world.up if name != "node-1")
        cluster.put(f"k{number}", number, via=via)
    settle(cluster, seconds=600.0)
    assert (cluster.repair.divergent() == ()) == equal
