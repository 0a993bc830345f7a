"""What happens to every system alike: a client that waits, damage on the wire, and clocks that differ."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import Constant, Network, Scenario
from gossipkit.systems import Cassandra, Consul, Dynamo
from gossipkit.systems.operation import Status

SLOW = Network(latency=Constant(0.25))
CLIENTS = {
    "cassandra": (lambda: Cassandra(nodes=3, seed=1, network=SLOW), lambda system: system.write("k", "v")),
    "dynamo": (lambda: Dynamo(nodes=3, seed=1, network=SLOW), lambda system: system.put("k", "v")),
}
DAMAGED = {
    "consul": lambda seed: Consul(agents=3, servers=3, seed=seed),
    "cassandra": lambda seed: Cassandra(nodes=5, seed=seed, membership="log"),
    "dynamo": lambda seed: Dynamo(nodes=5, seed=seed),
}


def readings(system):
    return len(system.metrics.series("datagram.sent.messages", system.world.names[0])[0])


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_waiting_for_an_operation_ends_with_it_and_changes_nothing_but_one_reading(make, begin):
    waited, ran = make(), make()
    for system in (waited, ran):
        system.run(until=3.0)
    operation = waited.wait(begin(waited))
    assert operation.ok and waited.world.now == operation.finished_s > 3.0
    assert waited.wait(operation) is operation  # it has ended: no time passes
    assert waited.world.now == operation.finished_s
    same = begin(ran)
    for system in (waited, ran):
        system.run(until=10.5)
    assert same.finished_s == operation.finished_s
    assert waited.trace.to_jsonl() == ran.trace.to_jsonl()
    assert readings(waited) == readings(ran) + 1


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_an_operation_ends_when_the_node_asked_crashes(make, begin):
    system = make()
    system.run(until=3.0)
    operation, other = begin(system), begin(system)
    assert operation.via != other.via, "another seed would be needed"
    system.run(until=3.1)
    system.crash(operation.via)
    assert (operation.status, operation.latency_s) == ("timeout", pytest.approx(0.1))
    assert operation.status is Status.TIMEOUT and not other.triggered
    system.restart(operation.via)
    assert system.wait(other).ok
    system.run(until=20.0)
    assert operation.finished_s == pytest.approx(3.1)  # what comes later changes nothing


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_waiting_for_an_operation_whose_coordinator_stands_still_ends_a_second_after_its_deadline(
    make, begin
):
    system = make()
    system.run(until=3.0)
    operation = begin(system)
    for name in system.world.names:
        system.pause(name, 60.0)
    before = readings(system)
    assert system.wait(operation).status == "pending"
    assert system.world.now == operation.latest_s > 4.0
    assert readings(system) - before <= system.world.now - 3.0 + 1


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_an_operation_fits_on_a_line(make, begin):
    system = make()
    system.run(until=3.0)
    operation = begin(system)
    assert repr(operation) == f"<{operation.kind} 'k' 'v' via {operation.via}: pending since 3.000 s>"
    system.wait(operation)
    assert repr(operation) == (
        f"<{operation.kind} 'k' 'v' via {operation.via}: ok after {operation.latency_s:.4f} s>"
    )
    system.crash(operation.via)
    assert operation.ok  # it had ended


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_only_an_operation_can_be_waited_for(make, begin):
    with pytest.raises(ValueError, match="operation is None: it must be one that a client"):
        make().wait(None)


@pytest.mark.parametrize(
    ("make", "ask"),
    [
        (lambda: Cassandra(nodes=5, seed=1, network=Network(loss=0.2)), ("write", "read")),
        (lambda: Dynamo(nodes=5, seed=1, network=Network(loss=0.2)), ("put", "get")),
    ],
    ids=["cassandra", "dynamo"],
)
def test_operations_can_be_rebuilt_from_the_trace(make, ask):
    system = make()
    system.run(until=1.0)
    for number in range(20):
        getattr(system, ask[0])(f"k{number % 3}", f"v{number}")
        getattr(system, ask[1])(f"k{number % 3}")
        system.run(until=system.world.now + 0.3)
        if number == 10:
            system.crash(system.operations[-1].via)
    system.run(until=20.0)
    told = {number: [] for number in range(1, 41)}
    acks = {number: [] for number in range(1, 41)}
    for event in system.trace:
        if event.kind == "operation-begun":
            told[event.fields["operation"]] = [
                event.fields["what"],
                event.fields["key"],
                event.node,
                event.time,
            ]
        elif event.kind == "operation-acknowledged":
            acks[event.fields["operation"]].append(event.fields["by"])
        elif event.kind == "operation-ended":
            assert event.node == told[event.fields["operation"]][2]
            told[event.fields["operation"]] += [event.fields["status"], event.time]
    for operation in system.operations:
        live = [operation.kind, operation.key, operation.via, operation.started_s]
        assert told[operation.number] == [*live, operation.status, operation.finished_s]
        # an answer that was on its way to the node asked, when the deadline came, counted at the coordinator only
        assert operation.acks in ((), tuple(acks[operation.number]))
        assert not operation.ok or len(operation.acks) == operation.required
    assert {operation.status for operation in system.operations} >= {"ok", "timeout"}


MADE = {
    "cassandra": lambda **how: Cassandra(nodes=4, seed=1, **how),
    "consul": lambda **how: Consul(agents=4, servers=3, seed=1, **how),
    "dynamo": lambda **how: Dynamo(nodes=4, seed=1, **how),
}
# for each an operation's method and arguments, and a node that takes it
ASKED = {
    "cassandra": ("write", {"key": "k", "value": "v", "via": "node-2"}),
    "consul": ("write", {"key": "k", "value": "v", "via": "agent-2"}),
    "dynamo": ("put", {"key": "k", "value": ("v", 1), "via": "node-2"}),
}
systems = pytest.mark.parametrize("system", MADE)


@systems
def test_before_the_first_run_a_cluster_shows_its_start_and_its_run_is_the_same(system):
    asked, other = MADE[system](), MADE[system]()
    name = asked.world.names[-1]
    assert len(asked.gossip.view(name)) == len(asked.world.names)
    assert asked.gossip.disagreement() == [] and asked.world.now == 0.0
    for cluster in (asked, other):
        cluster.run(until=5.0)
    assert asked.trace.to_jsonl() == other.trace.to_jsonl()
    assert [asked.metrics.series(name) for name in asked.metrics.names] == [
        other.metrics.series(name) for name in other.metrics.names
    ]


@systems
def test_a_cluster_shows_itself_on_a_line_and_looking_changes_nothing(system):
    cluster, name = MADE[system](), type(MADE[system]()).__name__
    count = len(cluster.world.names)
    assert repr(cluster) == f"<{name} at 0.000 s: {count} of {count} nodes have not started>"
    cluster.run(until=20.0)
    victim = cluster.world.names[-1]
    cluster.crash(victim)
    rows = len(cluster.trace)
    assert repr(cluster).startswith(f"<{name} at 20.000 s: {count - 1} of {count} nodes up, ")
    assert f"{count - 1} wrong beliefs" in repr(cluster) and len(repr(cluster)) < 110
    for other in cluster.world.names[:-1]:
        cluster.crash(other)
    assert repr(cluster) == f"<{name} at 20.000 s: 0 of {count} nodes up, nobody to ask>"
    assert len(cluster.trace) == rows + count - 1


@systems
def test_a_pause_lets_a_whole_node_stand_still_by_default(system):
    cluster = MADE[system]()
    cluster.run(until=5.0)
    name = cluster.world.names[-1]
    cluster.pause(name, seconds=3.0)
    cluster.run(until=7.9)
    assert cluster.trace.filter(kind="pause")[0].fields == {"seconds": 3.0, "timers": "wait"}
    assert {row.kind for row in cluster.trace.filter(after=5.0, node=name)} <= {"pause", "held"}


@systems
def test_an_action_of_a_scenario_is_the_method_called_at_that_time(system):
    played, called = MADE[system](), MADE[system]()
    method, arguments = ASKED[system]
    scenario = Scenario([(3.0, method, arguments), (4.0, "crash", {"name": arguments["via"]})])
    played.play(Scenario.from_json(scenario.to_json()))
    called.world.at(3.0, lambda: getattr(called, method)(**arguments))
    called.world.at(4.0, called.crash, arguments["via"])
    for cluster in (played, called):
        cluster.run(until=10.0)
    assert played.trace.to_jsonl() == called.trace.to_jsonl()
    (operation,) = played.operations
    assert operation.ok and (operation.kind, operation.via) == (method, arguments["via"])
    assert operation.started_s == 3.0 and operation.value in ("v", ("v", 1), True)
    assert played.refused == []


WRONG = {
    "cassandra": [
        (
            "put",
            {"key": "k"},
            "action is 'put': a Cassandra has 'write', 'delete', .* and the faults 'crash'",
        ),
        (
            "write",
            {"key": "k"},
            r"write was given key: it takes write\(key, value, consistency='QUORUM', via=None",
        ),
        (
            "write",
            {"key": "k", "value": "v", "by": "me"},
            r"write was given key, value, by: it takes write\(",
        ),
        ("write", {"key": "k", "value": 3}, "value is 3: it must be text"),
        ("write", {"key": "", "value": "v"}, "key is ''"),
        ("write", {"key": "k", "value": "v", "via": "node-9"}, "'node-9' is not a node of this cluster"),
        ("read", {"key": "k", "consistency": "MOST"}, "consistency is 'MOST'"),
        ("join", {"name": "node-1"}, "there is a node 'node-1' already"),
        ("join", {"name": "x", "tokens": []}, "'x' would own nothing"),
        ("join", {"name": "x", "tokens": [-1]}, "token is -1"),
        ("leave", {"name": "x"}, "'x' is not a node of this cluster"),
    ],
    "consul": [
        ("lock", {}, "action is 'lock': a Consul has 'write', 'read', 'register'"),
        ("write", {"key": "k", "value": "v", "if_index": -1}, "if_index is -1"),
        ("write", {"key": "k", "value": 1}, "value is 1: it must be text"),
        ("read", {"key": "k", "timeout_s": "long"}, "timeout_s is 'long'"),
        ("read", {"key": "k", "via": 7}, "via is 7: it must be the name of a node"),
        ("register", {"node": "agent-9", "service": "web"}, "'agent-9' is not a node of this cluster"),
        ("register", {"node": "agent-1", "service": "web", "port": -1}, "port is -1"),
        ("register", {"node": "agent-1", "service": "web", "check": {"ttl": 1}}, "check is {'ttl': 1}"),
        ("register", {"node": "agent-1", "service": "web", "check": {"ttl_s": 0}}, "ttl_s is 0"),
        ("leave", {"name": "server-1"}, "'server-1' is a server"),
    ],
    "dynamo": [
        (
            "write",
            {"key": "k", "value": "v"},
            "action is 'write': a Dynamo has 'get', 'put', 'join', 'leave'",
        ),
        ("put", {"key": "k", "value": "v", "context": {"node-1": 1}}, "context is {'node-1': 1}"),
        (
            "put",
            {"key": "k", "value": "v", "timestamp": 3.0},
            "timestamp is 3.0, but this cluster's versions are 'vector'",
        ),
        ("join", {"name": "x", "via": "y"}, "'y' is not a node of this cluster"),
        ("leave", {"name": "x"}, "'x' is not a node of this cluster"),
    ],
}


@pytest.mark.parametrize(
    ("system", "action", "arguments", "words"),
    [(system, *wrong) for system, all_wrong in WRONG.items() for wrong in all_wrong],
)
def test_an_action_that_a_system_cannot_do_is_refused_before_anything_is_played(
    system, action, arguments, words
):
    cluster, untouched = MADE[system](), MADE[system]()
    scenario = Scenario([(1.0, "crash", {"name": cluster.world.names[0]}), (2.0, action, arguments)])
    with pytest.raises(ValueError, match=rf"^step 2 in order of time \({action} at 2 s\): .*{words}"):
        cluster.play(scenario)
    for each in (cluster, untouched):
        each.run(until=3.0)
    assert cluster.trace.to_jsonl() == untouched.trace.to_jsonl()


@systems
def test_a_step_that_cannot_be_done_at_its_time_is_noted_and_the_run_goes_on(system):
    cluster = MADE[system]()
    method, arguments = ASKED[system]
    cluster.play(Scenario([(1.0, "crash", {"name": arguments["via"]}), (2.0, method, arguments)]))
    cluster.run(until=3.0)
    (refusal,) = cluster.refused
    assert (refusal.at, refusal.action, refusal.arguments) == (2.0, method, arguments)
    assert refusal.reason.startswith(f"'{arguments['via']}' is down")
    assert [row.fields for row in cluster.trace.filter(kind="refused")] == [
        {"what": method, "reason": refusal.reason}
    ]
    assert cluster.operations == []


def test_nodes_that_a_scenario_lets_join_can_be_named_by_later_steps_and_by_no_earlier():
    steps = [
        (5.0, "join", {"name": "x"}),
        (60.0, "write", {"key": "k", "value": "v", "via": "x"}),
        (61.0, "crash", {"name": "x"}),
        (62.0, "restart", {"name": "x"}),
        (63.0, "cut", {"a": "x", "b": "node-1"}),
    ]
    cluster = Cassandra(nodes=4, seed=1)
    cluster.play(Scenario(steps))
    cluster.run(until=70.0)
    assert cluster.refused == [] and cluster.operations[0].via == "x"
    with pytest.raises(ValueError, match=r"step 1 in order of time \(crash at 4 s\): 'x' is not a node"):
        Cassandra(nodes=4, seed=1).play(Scenario([(4.0, "crash", {"name": "x"}), *steps]))
    dynamo = Dynamo(nodes=4, seed=1)
    dynamo.play(
        Scenario(
            [(2.0, "join", {"name": "x", "via": "x"}), (3.0, "put", {"key": "k", "value": 1, "via": "x"})]
        )
    )
    dynamo.run(until=5.0)
    assert dynamo.refused == [] and dynamo.operations[0].via == "x"


def test_a_consul_scenario_registers_locks_and_leaves():
    consul = MADE["consul"]()
    lock = {"key": "lock", "value": "me", "if_index": 0}
    consul.play(
        Scenario(
            [
                (1.0, "register", {"node": "agent-1", "service": "web", "check": {"ttl_s": 2.0}}),
                (1.0, "register", {"node": "agent-2", "service": "web"}),
                (10.0, "write", {**lock, "via": "agent-1"}),
                (11.0, "write", {**lock, "via": "agent-2"}),
                (12.0, "read", {"key": "lock", "via": "server-1"}),
                (13.0, "deregister", {"node": "agent-1", "service": "web"}),
                (14.0, "deregister", {"node": "agent-4", "service": "web"}),
                (20.0, "leave", {"name": "agent-3"}),
            ]
        )
    )
    consul.run(until=9.0)
    assert consul.authority.answer("web") == ("agent-2",)  # the other one's check has not passed
    consul.run(until=40.0)
    assert [operation.value for operation in consul.operations] == [True, False, "me"]
    assert all(operation.ok and operation.acks[0].startswith("server-") for operation in consul.operations)
    assert [refusal.action for refusal in consul.refused] == ["deregister"]
    assert consul.gossip.view("agent-1")["agent-3"] == "left"


def test_time_does_not_pass_within_a_run():
    cluster = MADE["dynamo"]()
    cluster.world.at(1.0, cluster.run, 2.0)
    with pytest.raises(RuntimeError, match="run was called while the world runs"):
        cluster.run(until=5.0)
    cluster.run(until=5.0)
    assert cluster.world.now == 5.0


def test_consuls_client_is_answered_at_the_instant_of_the_answer():
    consul = Consul(agents=2, servers=3, seed=1)
    consul.run(until=5.0)
    before = readings(consul)
    assert consul.authority.write("k", "v") is True
    assert consul.world.now < 5.05  # some milliseconds, and no step of a clock
    assert readings(consul) == before + 1
    for name in consul.servers_of(1):
        consul.crash(name)
    begin = consul.world.now
    assert consul.authority.write("k", "w", timeout_s=2.0) is None
    assert consul.world.now == begin + 2.0


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED)
def test_damage_never_ends_a_run(make):
    damaged = 0
    for seed in range(4):
        system = make(seed)
        system.run(until=5.0)
        system.corrupt(0.05)
        system.run(until=30.0)
        crashes = {event.node for event in system.trace.filter(kind="crash")}
        damaged += len(system.trace.filter(kind="corrupt"))
        assert set(system.world.up) == set(system.world.names) - crashes
    assert damaged > 20


# Clocks.


def lost_updates(system, write, read):
    """Of 30 acknowledged writes, one each 0.1 s after one through node-1: how many nobody reads at once."""
    first = system.world.now
    assert system.wait(write("ahead", "node-1")).ok
    lost = 0
    for number in range(1, 31):
        system.run(until=first + number / 10)
        assert system.wait(write(f"v{number}", "node-2")).ok
        found = system.wait(read("node-3"))
        assert found.ok
        lost += f"v{number}" not in (found.siblings if hasattr(found, "siblings") else [found.value])
    return lost


@pytest.mark.parametrize("ahead_s", [0.0, 1.5])
def test_a_clock_that_runs_ahead_makes_acknowledged_writes_through_others_get_lost(ahead_s):
    cassandra = Cassandra(nodes=3, seed=1)
    last, vectors = (Dynamo(nodes=3, seed=1, versions=versions) for versions in ("lww", "vector"))
    for system in (cassandra, last, vectors):
        system.run(until=5.0)
        system.clock("node-1", offset_s=ahead_s)

    def put(value, via):
        return vectors.put("k", value, vectors.wait(vectors.get("k", via=via)).context, via)

    expected = (
        14 if ahead_s else 0
    )  # for 1.5 s, ten writes a second: the fifteenth is later than the first by a hair
    assert (
        lost_updates(
            cassandra,
            lambda value, via: cassandra.write("k", value, "QUORUM", via),
            lambda via: cassandra.read("k", "QUORUM", via),
        )
        == expected
    )
    assert (
        lost_updates(
            last, lambda value, via: last.put("k", value, via=via), lambda via: last.get("k", via=via)
        )
        == expected
    )
    assert lost_updates(vectors, put, lambda via: vectors.get("k", via=via)) == 0


def test_a_clients_timestamp_counts_instead_of_the_coordinators_clock():
    cassandra = Cassandra(nodes=3, seed=1)
    cassandra.run(until=5.0)
    assert cassandra.wait(cassandra.write("k", "new", timestamp=100)).timestamp == 100.0
    assert cassandra.wait(cassandra.write("k", "later", timestamp=99.0)).ok
    assert cassandra.wait(cassandra.delete("k")).ok  # by the coordinator's clock: about 5
    assert cassandra.wait(cassandra.read("k")).value == "new"
    assert cassandra.wait(cassandra.delete("k", timestamp=101.0)).ok
    assert cassandra.wait(cassandra.read("k")).value is None


@pytest.mark.parametrize("via", ["node-1", "node-2", "node-3", "node-4", "node-5"])
def test_a_clients_timestamp_reaches_the_coordinator_that_a_put_is_passed_on_to(via):
    dynamo = Dynamo(nodes=5, seed=1, versions="lww")
    dynamo.run(until=5.0)
    new = dynamo.wait(dynamo.put("k", "new", via=via, timestamp=100.0))
    assert new.ok and new.copy.timestamp_us == 100_000_000
    assert dynamo.wait(dynamo.put("k", "later", via=via)).ok
    assert dynamo.wait(dynamo.get("k", via=via)).value == "new"


def test_timestamps_that_say_nothing_are_refused():
    cassandra, dynamo = Cassandra(nodes=3), Dynamo(nodes=3)
    for write in (cassandra.write, dynamo.put):
        with pytest.raises(ValueError, match="timestamp is -1: it must be a number, at least 0"):
            write("k", "v", timestamp=-1)
    with pytest.raises(
        ValueError, match=r"timestamp is 3\.0, but this cluster's versions are 'vector': only 'lww'"
    ):
        dynamo.put("k", "v", timestamp=3.0)
    assert cassandra.operations == dynamo.operations == []


def test_replicas_drop_what_a_coordinator_with_a_slow_clock_asks_of_them():
    """Cassandra takes what is older than its timeout, by two clocks, for something that nobody waits for any more."""
    cassandra = Cassandra(nodes=3, seed=1)
    cassandra.run(until=5.0)
    cassandra.clock("node-1", offset_s=-4.0)
    written = cassandra.wait(cassandra.write("k", "v", "QUORUM", "node-1"))
    assert (written.status, written.acks) == ("timeout", ("node-1",))
    assert {event.node for event in cassandra.trace.filter(kind="dropped")} == {"node-2", "node-3"}


def test_a_node_that_starts_with_a_clock_more_than_a_year_ahead_is_not_believed():
    """Its generation is its clock's seconds; Cassandra's guard is against corrupt memory, and takes it for that."""
    cassandra = Cassandra(nodes=3, seed=1)
    cassandra.run(until=5.0)
    cassandra.clock("node-3", offset_s=366 * 86_400.0)
    cassandra.crash("node-3")
    cassandra.run(until=40.0)
    cassandra.restart("node-3")
    cassandra.run(until=100.0)
    assert {event.node for event in cassandra.trace.filter(kind="refused-generation")} == {"node-1", "node-2"}
    assert {wrong[1] for wrong in cassandra.gossip.disagreement()} == {"node-3"}


NODES = tuple(f"node-{number}" for number in range(1, 6))
node = st.sampled_from(NODES)
times = st.integers(8, 120).map(lambda quarter: quarter / 4)
STORIES = st.lists(
    st.one_of(
        st.tuples(times, st.just("crash"), st.fixed_dictionaries({"name": node})),
        st.tuples(times, st.just("restart"), st.fixed_dictionaries({"name": node})),
        st.tuples(times, st.just("pause"), st.fixed_dictionaries({"name": node, "seconds": st.just(3.0)})),
        st.tuples(
            times,
            st.just("cut"),
            st.builds(
                lambda ends, **how: {"a": ends[0], "b": ends[1]} | how,
                st.lists(node, min_size=2, max_size=2, unique=True),
                both=st.booleans(),
                streams=st.booleans(),
            ),
        ),
        st.tuples(times, st.just("heal"), st.just({})),
    ),
    max_size=10,
)


@settings(max_examples=30, deadline=None)
@given(story=STORIES, seed=st.integers(0, 1000), offset_s=st.sampled_from([0.0, 50.0]))
def test_with_equal_clocks_no_write_that_a_quorum_acknowledged_is_lost(story, seed, offset_s):
    cassandra = Cassandra(nodes=5, seed=seed, vnodes=4, trace=False)
    for name in NODES:
        cassandra.clock(name, offset_s=offset_s, drift_ppm=100.0 if offset_s else 0.0)
    cassandra.play(Scenario(story))
    for number in range(60):
        cassandra.run(until=1.0 + number / 2)
        if cassandra.running():
            cassandra.write(f"k{number % 2}", f"v{number}", "QUORUM")
            cassandra.read(f"k{number % 2}", "QUORUM")
    cassandra.heal()
    for name in set(NODES) - set(cassandra.world.up):
        cassandra.restart(name)
    cassandra.run(until=120.0)
    last = [cassandra.wait(cassandra.read(key, "QUORUM", via)) for key in ("k0", "k1") for via in NODES]
    assert all(read.ok for read in last)
    assert not any(operation.stale for operation in cassandra.operations)
