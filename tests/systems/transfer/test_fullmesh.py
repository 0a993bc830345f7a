"""Heartbeats to all, and pings with a vote."""

import pytest

from gossipkit.sim import World
from gossipkit.systems.transfer.fullmesh import Bus, BusConfig, HeartbeatConfig, Heartbeats

NAMES = tuple(f"m-{i}" for i in range(1, 8))


def mesh(kind, config, seed=1):
    world = World(seed=seed, trace="events", newcomer=lambda name: kind(config, seeds=NAMES[:2]))
    for name in NAMES:
        world.add(name, kind(config, members=NAMES))
    return world


def of(world, kind, about):
    return [event.time for event in world.trace.filter(kind=kind) if event.fields["about"] == about]


def test_a_silent_member_is_dead_for_each_after_its_own_timeout_and_one_interval_at_most():
    world = mesh(Heartbeats, HeartbeatConfig(interval_s=1.0, timeout_s=5.0))
    world.run(until=10)
    world.crash("m-7")
    world.run(until=30)
    declared = of(world, "dead", "m-7")
    assert len(declared) == 6 and min(declared) >= 14 - 0.01 and max(declared) <= 16.01


def test_who_is_heard_again_is_alive_again():
    world = mesh(Heartbeats, HeartbeatConfig(timeout_s=3.0))
    world.run(until=10)
    world.partition(["m-7"])
    world.run(until=20)
    assert world.process("m-1").beliefs["m-7"] == "dead"
    world.heal()
    world.run(until=22)
    assert world.process("m-1").beliefs["m-7"] == "alive"


def test_pfail_comes_after_the_timeout_and_at_most_half_as_much_again():
    timeout_s = 4.0
    world = mesh(Bus, BusConfig(node_timeout_s=timeout_s))
    world.run(until=20)
    world.crash("m-7")
    world.run(until=40)
    tick_s = timeout_s / 20
    since = [at - 20 for at in of(world, "pfail", "m-7")]
    assert since and timeout_s <= min(since) and max(since) <= 1.5 * timeout_s + 3 * tick_s


def test_a_minority_never_calls_anybody_failed():
    world = mesh(Bus, BusConfig(node_timeout_s=4.0))
    world.run(until=20)
    world.partition(["m-5", "m-6", "m-7"])
    world.run(until=80)
    for name in ("m-5", "m-6", "m-7"):
        assert world.process(name).beliefs["m-1"] == "pfail"
    for name in ("m-1", "m-2", "m-3", "m-4"):
        assert world.process(name).beliefs["m-7"] == "dead"


def test_reports_count_for_twice_the_timeout_only():
    world = mesh(Bus, BusConfig(node_timeout_s=4.0))
    world.run(until=20)
    observer = world.process("m-1")
    observer.beliefs["m-7"] = "pfail"
    from gossipkit.systems.transfer.fullmesh import Belief

    observer.beliefs["m-7"] = Belief.PFAIL
    observer.reports["m-7"] = dict.fromkeys(NAMES[1:6], world.now - 8.1)
    observer._count("m-7")
    assert observer.beliefs["m-7"] is Belief.PFAIL
    observer.reports["m-7"] = dict.fromkeys(NAMES[1:4], world.now - 7.9)
    observer._count("m-7")
    assert observer.beliefs["m-7"] is Belief.DEAD, "three reports and its own are four of seven"


def test_a_failed_member_that_answers_again_is_alive():
    world = mesh(Bus, BusConfig(node_timeout_s=4.0))
    world.run(until=20)
    world.pause("m-7", 15)
    world.run(until=34)
    assert world.process("m-1").beliefs["m-7"] == "dead"
    world.run(until=45)
    assert world.process("m-1").beliefs["m-7"] == "alive"


@pytest.mark.parametrize(
    ("kind", "config"), [(Heartbeats, HeartbeatConfig()), (Bus, BusConfig(node_timeout_s=4.0))]
)
def test_a_newcomer_is_known_to_all_and_knows_all(kind, config):
    world = mesh(kind, config)
    world.churn(joins_per_s=1.0, seconds=2.0)
    world.run(until=15)
    new = [name for name in world.names if name.startswith("newcomer")]
    assert new
    for name in world.names:
        assert set(world.process(name).beliefs) == set(world.names) - {name}


@pytest.mark.parametrize(
    "make",
    [
        lambda: BusConfig(node_timeout_s=0),
        lambda: HeartbeatConfig(interval_s=-1),
        lambda: HeartbeatConfig(timeout_s=float("nan")),
    ],
)
def test_times_must_be_more_than_nothing(make):
    with pytest.raises(ValueError, match="_s is"):
        make()
