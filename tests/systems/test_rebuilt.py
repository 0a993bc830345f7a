"""Whatever happens to a Consul cluster, its trace alone tells what its nodes believe, know and have committed.

Cassandra's and Dynamo's traces are held to the same in the tests of their properties.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import Network, Scenario, Uniform
from gossipkit.systems import Consul
from gossipkit.systems.rebuilt import rebuilt

AGENTS, SERVERS = ("agent-1", "agent-2", "agent-3"), ("server-1", "server-2", "server-3")
names = st.sampled_from(AGENTS + SERVERS)
agents = st.sampled_from(AGENTS)
ends = st.permutations(AGENTS + SERVERS)
services = st.sampled_from(["web", "db"])
times = st.integers(0, 320).map(lambda quarter: quarter / 4)


def step(action, **arguments):
    return st.tuples(times, st.just(action), st.fixed_dictionaries(arguments))


STORIES = st.lists(
    st.one_of(
        step("crash", name=names),
        step("restart", name=names),
        step(
            "pause",
            name=names,
            seconds=st.sampled_from([0.7, 5.0, 40.0]),
            timers=st.sampled_from(["wait", "run"]),
        ),
        ends.flatmap(lambda order: step("cut", a=st.just(order[0]), b=st.just(order[1]), both=st.booleans())),
        ends.flatmap(lambda order: step("partition", groups=st.just([order[:2]]))),
        step("heal"),
        step("set_loss", p=st.sampled_from([0.0, 0.3])),
        step("corrupt", p=st.sampled_from([0.0, 0.05])),
        step("clock", name=names, offset_s=st.sampled_from([-3.0, 3.0])),
        step(
            "register",
            node=agents,
            service=services,
            check=st.sampled_from([None, {"ttl_s": 4.0}, {"interval_s": 3.0}]),
        ),
        step("deregister", node=agents, service=services),
        step("leave", name=agents),
        step("write", key=st.just("k"), value=st.just("v"), via=names, timeout_s=st.just(3.0)),
    ),
    min_size=2,
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(STORIES, st.integers(0, 999), st.sampled_from([0.05, 0.4, 2.0, 30.0]), st.booleans())
def test_beliefs_backlog_roles_and_commit_indexes_can_be_rebuilt_from_the_trace_alone(
    story, seed, after_s, authority
):
    consul = Consul(
        3, 3, seed=seed, network=Network(latency=Uniform(0.01, 0.1)), trace="events", authority=authority
    )
    consul.play(Scenario(story))
    consul.run(until=max(at for at, *_ in story) + after_s)
    state = rebuilt(consul.trace)
    running = consul.world.processes
    assert state.beliefs == {name: consul.gossip.view(name) for name in running}
    assert state.backlog == consul.repair.backlog()
    assert {name: state.queued.get(name, 0) for name in running} == {
        name: sum(map(len, process.swim._queues)) for name, process in running.items()
    }
    assert {name: state.registered.get(name, {}) for name in running} == {
        name: {
            service: checks[service].status if service in checks else None
            for service in process.local.services
        }
        for name, process in running.items()
        for checks in [{check.service_id: check for check in process.local.checks.values()}]
    }
    stores = {name: process.store for name, process in running.items() if authority and name in SERVERS}
    assert state.roles == {name: (store.role, store.current_term) for name, store in stores.items()}
    assert state.committed == {name: store.commit_index for name, store in stores.items()}
    assert state.last == {name: store.log.last_index for name, store in stores.items()}
    assert set(state.pending) == {each.number for each in consul.operations if each.status == "pending"}
    assert state.suspicions == pytest.approx(
        {
            (observer, member.name): member.suspicion.deadline_s
            for observer, process in running.items()
            for member in process.swim.members
            if member.suspicion is not None
        }
    )


def test_a_state_in_the_past_is_the_end_of_a_shorter_run():
    story = Scenario([(3.0, "crash", {"name": "agent-2"}), (9.0, "restart", {"name": "agent-2"})])
    whole, half = (Consul(3, 3, seed=1) for _ in range(2))
    for consul, until in ((whole, 30.0), (half, 7.0)):
        consul.play(story)
        consul.run(until=until)
    assert rebuilt(whole.trace, at=7.0) == rebuilt(half.trace) != rebuilt(whole.trace)


def test_what_waits_to_be_gossiped_is_rebuilt_at_every_moment():
    consul = Consul(3, 3, seed=2, trace="events")
    consul.play(Scenario([(3.0, "crash", {"name": "agent-2"}), (20.0, "leave", {"name": "agent-1"})]))
    seen = set()
    for tenth in range(300):
        consul.run(until=tenth / 10)
        state = rebuilt(consul.trace)
        for name, process in consul.world.processes.items():
            waiting = sum(map(len, process.swim._queues))
            assert state.queued.get(name, 0) == waiting
            seen.add(waiting)
    assert seen != {0}
