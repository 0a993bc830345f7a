"""What happens to every system alike: damage on the wire."""

import pytest

from gossipkit.systems import Cassandra, Consul

DAMAGED = {
    "consul": lambda seed: Consul(agents=3, servers=3, seed=seed),
    "cassandra": lambda seed: Cassandra(nodes=5, seed=seed, membership="log"),
}


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
