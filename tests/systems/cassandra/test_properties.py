"""What holds in a Cassandra cluster whatever happens to it: no acknowledged row is lost, gossip converges, the trace tells all."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gossipkit.sim import Network
from gossipkit.systems import Cassandra
from gossipkit.systems.rebuilt import rebuilt

NODES = 4
NAMES = tuple(f"node-{i}" for i in range(1, NODES + 1))
KEYS = ("a", "b", "c")
names = st.sampled_from(NAMES)
pairs = st.permutations(NAMES).map(lambda mixed: mixed[:2])
EVENTS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(KEYS), names),
    st.tuples(st.just("delete"), st.sampled_from(KEYS), names),
    st.tuples(st.just("read"), st.sampled_from(KEYS), names),
    st.tuples(st.just("crash"), names),
    st.tuples(st.just("restart"), names),
    st.tuples(st.just("partition"), st.lists(names, min_size=1, max_size=2, unique=True)),
    st.tuples(st.just("cut"), pairs, st.booleans(), st.booleans()),
    st.tuples(st.just("pause"), names, st.sampled_from([1.0, 8.0])),
    st.tuples(st.just("heal")),
)
histories = st.lists(
    st.tuples(st.sampled_from([0.0, 0.003, 0.3, 4.0, 25.0]), EVENTS), min_size=3, max_size=14
)


def played(history, seed, **options):
    """A cluster in which all that has happened, in so far as it could; clients write and delete at QUORUM."""
    cluster = Cassandra(NODES, vnodes=2, seed=seed, **options)
    for wait_s, (what, *arguments) in history:
        cluster.run(until=cluster.world.now + wait_s)
        if what in ("write", "delete", "read"):
            key, via = arguments
            if via in cluster.running():
                value = (f"at {cluster.world.now:.3f}",) if what == "write" else ()
                getattr(cluster, what)(key, *value, "QUORUM", via)
        elif what == "cut":
            (a, b), both, streams = arguments
            cluster.cut(a, b, both, streams)
        elif what == "restart" and arguments[0] in cluster.world.up:
            continue
        else:
            getattr(cluster, what)(*arguments)
    return cluster


def healed(cluster):
    """Everybody is up and can talk, and has had a minute for it."""
    cluster.heal()
    cluster.run(until=cluster.world.now + 75.0)  # a node that reached nobody has stopped by now
    for name in cluster.world.names:
        if name not in cluster.world.up:
            cluster.restart(name)
    cluster.run(until=cluster.world.now + 60.0)


# a coordinator that is cut off, and has not convicted the others yet
CUT_OFF = [
    (0.3, ("partition", ["node-1"])),
    *((0.003, ("write", key, "node-1")) for key in KEYS),
    *((0.01, ("read", key, via)) for via in NAMES[1:] for key in KEYS),
]


@settings(max_examples=40, deadline=None)
@example(CUT_OFF, 1, 0.0)
@given(histories, st.integers(0, 999), st.sampled_from([0.0, 0.1]))
def test_with_equal_clocks_no_write_that_a_quorum_acknowledged_is_lost_to_a_quorum_after_healing_and_repair(
    history, seed, loss
):
    cluster = played(history, seed, network=Network(loss=loss), trace=False)
    cluster.set_loss(0.0)
    healed(cluster)
    before = [cluster.wait(cluster.read(key, "QUORUM", name)) for key in KEYS for name in NAMES]
    cluster.repair.run()
    cluster.run(until=cluster.world.now + 30.0)
    after = [cluster.wait(cluster.read(key, "QUORUM", name)) for key in KEYS for name in NAMES]
    # also without repair, and also while it went on: any two majorities of three replicas share one
    assert not any(operation.stale for operation in cluster.operations)
    assert all(read.ok for read in before + after)
    assert cluster.gossip.converged() and cluster.gossip.disagreement() == []
    assert cluster.repair.divergent() == () and cluster.repair.backlog() == {}
    assert all(operation.status != "pending" for operation in cluster.operations)


# hints that were not on disk when their holder crashed
UNFLUSHED = [
    (20.0, ("crash", "node-4")),
    (29.0, ("write", "a", "node-1")),
    *((0.01, ("write", key, "node-1")) for key in KEYS),
    (0.3, ("crash", "node-1")),
    (4.0, ("restart", "node-1")),
]


@settings(max_examples=25, deadline=None)
@example(UNFLUSHED, 1, {}, ("leave", "node-4"), 0.5)
@given(
    histories,
    st.integers(0, 999),
    st.sampled_from([{}, {"membership": "log"}, {"gc_grace_s": 10.0, "compaction_interval_s": 3.0}]),
    st.sampled_from(
        [("leave", "node-4"), ("join", "new"), ("shutdown", "node-2"), ("assassinate", "node-3")]
    ),
    st.sampled_from([0.5, 40.0, 130.0]),
)
def test_beliefs_cells_hints_and_operations_can_be_rebuilt_from_the_trace_alone(
    history, seed, options, last, after_s
):
    cluster = played(history, seed, **options)
    what, name = last
    if what == "join":
        cluster.join(name)
    elif what == "assassinate" and "node-1" in cluster.running():
        cluster.started("node-1").gossiper.assassinate(name)
    elif what == "shutdown" and name in cluster.running():
        cluster.started(name).gossiper.shutdown()
    elif what == "leave" and name in cluster.running():
        with suppress(ValueError):  # it owns nothing yet, or too few would stay
            cluster.leave(name)
    cluster.run(until=cluster.world.now + after_s)
    state = rebuilt(cluster.trace)
    assert {name: state.beliefs[name] for name in cluster.running()} == {
        name: cluster.gossip.view(name) for name in cluster.running()
    }
    assert state.applied == {
        (name, key): ((cell.value,) if cell.live else (), cell.timestamp)
        for name in cluster.world.names
        for key, cell in cluster.storage(name).cells.items()
    }
    running = {pair: held for pair, held in state.backlog.items() if pair[0] in cluster.running()}
    assert running == cluster.repair.backlog()
    assert set(state.pending) == {each.number for each in cluster.operations if each.status == "pending"}


@pytest.mark.parametrize(("ahead_s", "lost"), [(0.0, 0), (0.5, 0), (1.5, 20)])
def test_a_clock_that_runs_ahead_loses_the_updates_of_others_and_nobody_is_told(ahead_s, lost):
    cluster = Cassandra(nodes=3, seed=1)
    cluster.clock("node-1", offset_s=ahead_s)
    missing = 0
    for second in range(10, 50, 2):
        cluster.run(until=second)
        assert cluster.wait(cluster.write("k", "by node-1", "ALL", "node-1")).ok
        cluster.run(until=second + 1)  # a second later, at another node
        assert cluster.wait(cluster.write("k", "by node-2", "ALL", "node-2")).ok
        missing += cluster.wait(cluster.read("k", "ALL", "node-3")).value != "by node-2"
    assert missing == lost
    assert cluster.repair.divergent() == (), "and no repair finds anything"


def test_a_client_that_says_the_time_itself_is_believed():
    cluster = Cassandra(nodes=3, seed=1)
    assert cluster.wait(cluster.write("k", "future", "ALL", timestamp=1000.0)).ok
    assert cluster.wait(cluster.write("k", "present", "ALL")).ok
    found = cluster.wait(cluster.read("k", "ALL"))
    assert (found.value, found.timestamp) == ("future", 1000.0)
    assert cluster.wait(cluster.delete("k", "ALL", timestamp=1000.0)).ok, "a tie goes to the tombstone"
    assert cluster.wait(cluster.read("k", "ALL")).value is None
