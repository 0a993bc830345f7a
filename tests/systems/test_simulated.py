"""What happens to every system alike: a client that waits, and damage on the wire."""

import pytest

from gossipkit.sim import Constant, Network
from gossipkit.systems import Cassandra, Consul, Dynamo

SLOW = Network(latency=Constant(0.25))
CLIENTS = {
    "cassandra": (lambda: Cassandra(nodes=3, seed=1, network=SLOW), lambda system: system.write("k", "v")),
    "dynamo": (lambda: Dynamo(nodes=3, seed=1, network=SLOW), lambda system: system.put("k", "v")),
}
DAMAGED = {
    "consul": lambda seed: Consul(agents=3, servers=3, seed=seed),
    "cassandra": lambda seed: Cassandra(nodes=5, seed=seed, membership="log"),
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
def test_waiting_for_an_operation_whose_coordinator_is_gone_ends_a_second_after_its_deadline(make, begin):
    system = make()
    system.run(until=3.0)
    operation = begin(system)
    for name in system.world.names:
        system.crash(name)
    before = readings(system)
    assert system.wait(operation).status == "pending"
    assert system.world.now == operation.latest_s > 4.0
    assert readings(system) - before <= system.world.now - 3.0 + 1


@pytest.mark.parametrize(("make", "begin"), CLIENTS.values(), ids=CLIENTS)
def test_only_an_operation_can_be_waited_for(make, begin):
    with pytest.raises(ValueError, match="operation is None: it must be one that a client"):
        make().wait(None)


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
def test_damage_crashes_nodes_and_never_ends_a_run(make):
    errors = []
    for seed in range(4):
        system = make(seed)
        system.run(until=5.0)
        system.world.corrupt(0.05)
        system.run(until=30.0)
        crashes = system.trace.filter(kind="crash")
        errors += [event.fields["error"] for event in crashes]
        assert set(system.world.up) == set(system.world.names) - {event.node for event in crashes}
    assert errors, "damage that does no harm shows nothing"
