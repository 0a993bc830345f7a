"""Membership runs: what an omniscient observer notes of a failure, and of the slow who accuse the healthy."""

from dataclasses import asdict

import numpy as np
import pytest

from gossipkit.gossip.swim import SwimConfig
from gossipkit.sim import Network
from gossipkit.systems.consul.experiments import failure, settled, slow_members
from gossipkit.systems.consul.experiments.failures import block

ENDS = [
    {"fanout": 1},
    {"fanout": 6},
    {"loss": 0.9},
    {"churn_per_minute": 30},
    {"slow": 20},
    {"suspicion_mult": 1},
    {"suspicion_mult": 8},
    {"variant": "swim"},
    {"variant": "lha-probe"},
    {"variant": "lha-suspicion"},
    {"variant": "buddy"},
    {"tcp": False, "loss": 0.9},
    {"churn_per_minute": 30, "slow": 20, "loss": 0.9, "suspicion_mult": 1, "variant": "swim"},
]
NAMED = [" ".join(f"{name}={value}" for name, value in end.items()) for end in ENDS]


def test_a_crash_without_other_trouble_is_noticed_by_everybody_in_order():
    seen = failure(20, seed=3)
    assert 0 < seen.first_suspicion_s < seen.first_death_s <= seen.everyone_s < 15
    # nothing shortens a suspicion below its minimum, 4 x log10(20) intervals
    assert seen.first_death_s - seen.first_suspicion_s >= 5.2 - 1e-6
    assert seen.beliefs[0].tolist() == [19, 0, 0]
    assert seen.beliefs[-1].tolist() == [0, 0, 19]
    assert (np.diff(seen.beliefs[:, 2]) >= 0).all(), "nobody takes it back"
    assert not seen.wrong.any()
    assert seen.buried_alive == 0
    dead = seen.times[seen.beliefs[:, 2] > 0][0]
    assert dead - 0.25 <= seen.first_death_s <= dead
    last = seen.times[seen.beliefs[:, 2] == 19][0]
    assert last - 0.25 <= seen.everyone_s <= last


@pytest.mark.parametrize("options", ENDS, ids=NAMED)
def test_both_ends_of_what_the_lesson_offers_make_sense(options):
    seen = failure(40, seed=2, seconds=12, **options)
    observers = seen.beliefs.sum(axis=1)
    assert seen.times[0] == 0
    assert seen.times[-1] == 12
    assert seen.beliefs.shape == (len(seen.times), 3)
    assert (seen.beliefs >= 0).all()
    if "churn_per_minute" in options:
        assert (observers <= 39 + 2 * 30).all()
        assert observers.min() >= 39 - 2 * 30 * 22 / 60
    else:
        assert (observers == 39).all(), "every running observer believes exactly one thing"
    assert (seen.wrong <= 39 * 38).all() or "churn_per_minute" in options
    assert 0 <= seen.buried_alive <= 39 + 30
    known = [
        time for time in (seen.first_suspicion_s, seen.first_death_s, seen.everyone_s) if not np.isnan(time)
    ]
    assert all(0 <= time <= 12 for time in known)
    assert seen.packets_per_s > 0
    assert seen.bytes_per_s > 0
    if not np.isnan(seen.everyone_s):
        assert seen.first_death_s <= seen.everyone_s or "slow" in options


@pytest.mark.parametrize("seed", range(12))
def test_churn_takes_nobody_who_has_crashed_already(seed):
    """The one that crashes is up until then, so that no time is before the crash."""
    seen = failure(20, churn_per_minute=30, seed=seed, seconds=15)
    assert seen.first_suspicion_s > 0
    assert seen.first_death_s > 0
    assert np.isnan(seen.everyone_s) or seen.everyone_s >= seen.first_death_s


def test_what_never_happens_is_nan():
    seen = failure(20, seconds=3, seed=1)
    assert np.isnan(seen.first_death_s)
    assert np.isnan(seen.everyone_s)
    at_once = failure(20, seconds=0, seed=1)
    assert np.isnan(at_once.first_suspicion_s)
    assert at_once.beliefs.tolist() == [[19, 0, 0]]


def test_a_failure_is_replayed_by_its_seed():
    def run(seed):
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in asdict(failure(12, loss=0.2, slow=2, seed=seed, seconds=10)).items()
        }

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_larger_multiplier_gives_a_suspect_longer():
    lasts = [
        seen.first_death_s - seen.first_suspicion_s
        for seen in (failure(20, suspicion_mult=mult, seed=3) for mult in (1, 4, 8))
    ]
    assert lasts[0] < lasts[1] < lasts[2]


def test_tcp_pings_make_up_for_lost_packets():
    with_tcp = failure(20, loss=0.6, seed=1, seconds=10)
    without = failure(20, loss=0.6, seed=1, seconds=10, tcp=False)
    assert with_tcp.wrong.sum() < without.wrong.sum() / 4


# how much of it there is beside real memberlist's is in tests/gossip/swim/test_measured.py


def test_what_the_slow_do_is_counted_at_all_at_the_healthy_and_by_victim():
    seen = slow_members(32, slow=4, variant="swim", seed=1, seconds=40)
    assert seen.at_all > 0
    assert 0 <= seen.at_healthy <= seen.at_all
    assert 0 < seen.victims <= min(28, seen.at_all)
    assert seen == slow_members(32, slow=4, variant="swim", seed=1, seconds=40)
    assert seen != slow_members(32, slow=4, variant="swim", seed=2, seconds=40)


def test_without_slow_members_nobody_is_declared_dead():
    seen = slow_members(16, slow=0, variant="swim", seconds=30)
    assert (seen.at_all, seen.at_healthy, seen.victims) == (0, 0, 0)


def test_a_settled_cluster_knows_itself_and_takes_newcomers():
    world, names = settled(5, SwimConfig.lan(), 1, Network())
    assert names == ["m-1", "m-2", "m-3", "m-4", "m-5"]
    world.run(until=1)
    assert all(world.processes[name].states == dict.fromkeys(names, "alive") for name in names)
    world.churn(joins_per_s=1, seconds=10)
    world.run(until=20)
    joined = [name for name in world.up if name.startswith("newcomer")]
    assert joined
    assert all(world.processes["m-5"].states[name] == "alive" for name in joined)


def test_members_are_blocked_in_step_and_free_in_between():
    world, names = settled(4, SwimConfig.lan(), 1, Network())
    assert block(world, names[:2], 3.0, 2.0, seconds=12.0) == 14.0
    world.run(until=20)
    pauses = [
        (event.time, event.node or event.fields.get("name")) for event in world.trace.filter(kind="pause")
    ]
    assert pauses == [(time, name) for time in (1.0, 6.0, 11.0) for name in names[:2]]


@pytest.mark.parametrize(
    ("run", "bad", "words"),
    [
        (failure, {"members": 2}, "members is 2: it must be a whole number, at least 3"),
        (failure, {"fanout": -1}, "gossip_nodes is -1"),
        (failure, {"loss": 1.1}, "loss is 1.1"),
        (failure, {"churn_per_minute": -1}, "churn_per_minute is -1"),
        (failure, {"slow": 39}, "slow is 39: it must be a whole number, from 0 to 38"),
        (failure, {"suspicion_mult": 0}, "suspicion_mult is 0"),
        (failure, {"variant": "raft"}, "is 'raft': it must be one of 'swim'"),
        (failure, {"seconds": -1}, "seconds is -1"),
        (failure, {"seconds": float("nan")}, "seconds is nan"),
        (failure, {"crash_at": -1}, "crash_at is -1"),
        (failure, {"seed": 1.5}, "seed is 1.5"),
        (failure, {"members": 3, "churn_per_minute": 600}, "churn_per_minute is 600: it must leave somebody"),
        (slow_members, {"members": 2}, "members is 2"),
        (slow_members, {"slow": 63}, "slow is 63: it must be a whole number, from 0 to 62"),
        (slow_members, {"blocked_s": 0.0}, "blocked_s is 0.0"),
        (slow_members, {"free_s": -1}, "free_s is -1"),
        (slow_members, {"variant": "raft"}, "is 'raft': it must be one of 'swim'"),
        (slow_members, {"seconds": -1}, "seconds is -1"),
    ],
)
def test_bad_input_is_named(run, bad, words):
    with pytest.raises(ValueError, match=words):
        run(**bad)
