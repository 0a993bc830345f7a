"""The runs of a Consul cluster that lesson 02 looks at: a crash on its way through the layers, and key rotations."""

from dataclasses import asdict

import numpy as np
import pytest

from gossipkit.systems.consul.experiments import ORDERS, crash_through_layers, rotate_keys
from gossipkit.systems.consul.experiments.layers import LAYERS_STEP_S

RIGHT, WRONG = ORDERS


def plain(seen):
    """A result as something that can be compared."""
    return repr({name: np.asarray(value).tolist() for name, value in asdict(seen).items()})


def test_a_crash_is_suspected_then_buried_then_committed_then_unnamed():
    seen = crash_through_layers(seed=2)
    assert 0 < seen.first_suspicion_s < seen.decided_s <= seen.unnamed_s
    assert seen.first_suspicion_s < seen.everyone_s
    # the leader commits what it believes itself, so a round trip after some member's burial, and not after the last's
    assert abs(seen.decided_s - seen.everyone_s) < 2
    assert seen.unnamed_s - seen.decided_s <= LAYERS_STEP_S + 0.1
    # the moment of the last burial itself, and not of the next look
    step = seen.everyone_s / LAYERS_STEP_S
    assert abs(step - round(step)) > 1e-6
    assert seen.believing[seen.times < seen.everyone_s].max() < 1
    assert seen.believing[seen.times >= seen.everyone_s].min() == 1
    assert seen.believing[0] == 0
    assert seen.believing[-1] == 1
    assert seen.answered[0] == 1
    assert seen.answered[-1] == 0


@pytest.mark.parametrize(
    "options",
    [
        {"agents": 5},
        {"agents": 37},
        {"loss": 0.5},
        {"servers_lost": 1},
        {"servers_lost": 2},
        {"servers_lost": 2, "back_s": 20},
        {"authority": False},
        {"agents": 5, "loss": 0.5, "servers_lost": 2, "authority": False},
    ],
    ids=lambda options: " ".join(f"{name}={value}" for name, value in options.items()),
)
def test_both_ends_of_what_the_lesson_offers_make_sense(options):
    seen = crash_through_layers(**options)
    assert len(seen.times) == len(seen.believing) == len(seen.answered) == 1801
    for share in (seen.believing, seen.answered):
        assert ((share >= 0) & (share <= 1)).all()
    assert seen.first_suspicion_s < seen.everyone_s <= 90
    if options.get("servers_lost") == 2 and options.get("authority", True) and "back_s" not in options:
        assert np.isnan(seen.decided_s), "one server of three commits nothing"
        assert np.isnan(seen.unnamed_s)
        assert (seen.answered == 1).all()
    elif options.get("authority", True):
        assert seen.first_suspicion_s < seen.decided_s <= seen.unnamed_s


@pytest.mark.parametrize("seed", range(1, 6))
def test_servers_that_come_back_bring_the_commit_with_them_and_not_before(seed):
    away = crash_through_layers(servers_lost=2, seed=seed)
    seen = crash_through_layers(servers_lost=2, back_s=20, seed=seed, seconds=90)
    assert seen.back_s == 20
    assert np.isnan(away.back_s)
    assert seen.everyone_s == away.everyone_s < 20
    assert (seen.answered[seen.times < 20] == 1).all()
    assert 20 < seen.decided_s <= seen.unnamed_s < 90
    assert seen.answered[-1] == 0


def test_who_was_never_away_does_not_come_back():
    assert plain(crash_through_layers(back_s=20, seconds=25)) == plain(crash_through_layers(seconds=25))


def test_gossip_is_as_fast_with_a_majority_as_without():
    """The median over seeds of the time until everybody knows, with no server and with two of three cut off."""
    medians = [
        np.median(
            [crash_through_layers(servers_lost=lost, seed=seed, seconds=12).everyone_s for seed in range(3)]
        )
        for lost in (0, 2)
    ]
    assert abs(medians[0] - medians[1]) < 2


def test_without_a_log_only_some_servers_ever_named_the_service():
    assert crash_through_layers(authority=False, seconds=1).answered[0] < 1


def test_without_a_log_who_is_left_may_never_have_heard_of_the_service():
    seen = crash_through_layers(authority=False, servers_lost=2, back_s=20, seconds=21, seed=2)
    assert seen.unnamed_s == 0
    assert not seen.answered[seen.times < 20].any()
    assert seen.answered[-1] > 0, "the server that was told of it is back, and has not heard of the crash"
    # what a server writes down that nobody can reach is no decision
    assert seen.first_suspicion_s < seen.decided_s < 20


def test_a_short_watch_sees_no_end():
    seen = crash_through_layers(seconds=1)
    assert np.isnan(seen.everyone_s)
    assert np.isnan(seen.decided_s)
    assert np.isnan(seen.unnamed_s)


@pytest.mark.parametrize(
    ("rollout_s", "wait_s", "outage"),
    [(0, 0, False), (5, 5, False), (15, 20, False), (15, 0, True), (15, 5, True)],
)
def test_the_right_order_has_an_outage_only_where_steps_overlap(rollout_s, wait_s, outage):
    seen = rotate_keys(rollout_s=rollout_s, wait_s=wait_s)
    assert (seen.unreadable.max() > 0) == outage
    assert (seen.dropped > 0) == outage
    assert seen.unreadable[-1] == 0
    assert seen.wrong[-1] == 0 or outage
    assert outage or not seen.wrong.any()
    assert (seen.wrong <= 1).all()
    assert seen.steps == {"install": 0, "use": wait_s, "remove": 2 * wait_s}
    assert seen.sealing[-1] == 1
    assert seen.opening[-1] == 0
    if not outage and wait_s:
        assert seen.sealing[seen.times < wait_s].max() == 0, "nobody uses it before that step"
        assert seen.opening[seen.times == rollout_s] == 1, "everybody has both by then"


@pytest.mark.parametrize("wait_s", [0, 20])
def test_a_key_that_is_used_at_once_cuts_nodes_off_however_long_one_waits(wait_s):
    seen = rotate_keys(order=WRONG, rollout_s=15, wait_s=wait_s)
    assert seen.unreadable.max() > 0.2
    assert seen.dropped > 0
    if wait_s >= 15:
        # half of the nodes use the new key and the others lack it: a quarter of all ordered pairs, and it is over
        # when the last node has it
        assert seen.unreadable.max() == pytest.approx(10 * 10 / (20 * 19))
        assert (seen.unreadable[seen.times > 15] == 0).all()


def test_a_key_that_is_used_everywhere_in_one_instant_cuts_nobody_off():
    assert not rotate_keys(order=WRONG, rollout_s=0, wait_s=10, seconds=20).unreadable.any()


def test_runs_are_replayed_by_their_seed():
    assert plain(crash_through_layers(5, loss=0.2, seed=1)) == plain(
        crash_through_layers(5, loss=0.2, seed=1)
    )
    assert plain(crash_through_layers(5, loss=0.2, seed=1)) != plain(
        crash_through_layers(5, loss=0.2, seed=2)
    )
    first, second = (rotate_keys(5, order=WRONG, rollout_s=15, seed=4, seconds=30) for _ in range(2))
    assert plain(first) == plain(second)
    assert plain(first) != plain(rotate_keys(5, order=WRONG, rollout_s=15, seed=5, seconds=30))


@pytest.mark.parametrize(
    ("run", "bad", "words"),
    [
        (crash_through_layers, {"agents": 0}, "agents is 0: it must be a whole number, at least 1"),
        (crash_through_layers, {"loss": -0.1}, "loss is -0.1"),
        (
            crash_through_layers,
            {"servers_lost": 3},
            "servers_lost is 3: it must be a whole number, from 0 to 2",
        ),
        (crash_through_layers, {"seconds": 0}, "seconds is 0: it must be a number, at least 0.05"),
        (crash_through_layers, {"back_s": -1}, "back_s is -1"),
        (rotate_keys, {"agents": -1}, "agents is -1"),
        (
            rotate_keys,
            {"order": "remove, use, install"},
            "order is 'remove, use, install': it must be one of",
        ),
        (rotate_keys, {"rollout_s": -1}, "rollout_s is -1"),
        (rotate_keys, {"wait_s": float("inf")}, "wait_s is inf"),
        (rotate_keys, {"seconds": 0}, "seconds is 0"),
    ],
)
def test_bad_input_is_named(run, bad, words):
    with pytest.raises(ValueError, match=words):
        run(**bad)
