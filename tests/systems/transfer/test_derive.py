"""From what is measured to settings: each formula beside a run."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.gossip import spread
from gossipkit.gossip.swim import SwimConfig
from gossipkit.systems.transfer import (
    METRO,
    copies_for,
    detection_s,
    environment,
    measure,
    never_told,
    observe,
    probe_fails,
    rest_bytes_per_s,
    retransmit_mult_for,
    stall_log,
    udp_only,
    untold_per_day,
)
from gossipkit.systems.transfer.trial import METRO_LIMITS, Limits, trial


@pytest.fixture(scope="module")
def seen():
    return {seed: observe(METRO, seed=seed) for seed in (1, 2, 3)}


def test_loss_and_round_trip_are_measured(seen):
    for one in seen.values():
        # answers missing among 36 000: a share of 0.0975 to two per mille each way
        assert one.loss == pytest.approx(0.05, abs=0.004)
        assert 0.11 < one.round_trip_s < 0.5
        assert one.asked == 36_000, "60 machines ask for ten minutes, each second"
        assert len(one.took_s) < one.asked and (np.diff(one.took_s) >= 0).all()


def test_the_log_holds_the_stalls_that_happen():
    log = stall_log(METRO, seconds=7200.0)
    assert (np.diff(log) >= 0).all() and np.median(log) == pytest.approx(1.5, rel=0.1)
    world_stalls = [step.fault.seconds for step in METRO.scenario(1, 7200.0).steps]
    assert sorted(world_stalls) == log.tolist()


def test_refutations_that_miss_somebody_grow_with_suspicions_members_and_loss():
    assert untold_per_day(100, 60, 8, 0.05) == pytest.approx(100 * 59 * never_told(8, 0.05))
    assert (
        untold_per_day(100, 60, 8, 0.3) > untold_per_day(100, 60, 8, 0.05) > untold_per_day(100, 60, 12, 0.05)
    )


def test_a_probe_fails_as_the_product_of_its_ways():
    assert probe_fails(0.0, 3) == 0.0 and probe_fails(1.0, 3) == 1.0
    assert probe_fails(0.1, 0) == pytest.approx(1 - 0.81)
    assert probe_fails(0.1, 2) < probe_fails(0.1, 1) < probe_fails(0.1, 0)


def test_copies_leave_untold_what_the_formula_says():
    for copies, loss in ((2, 0.0), (4, 0.05), (6, 0.3), (8, 0.5)):
        run = spread(1000, fanout=2, loss=loss, retransmit=copies / 2, trials=200, seed=1)
        reached = run.coverage[run.coverage > 0.5]  # a rumour that died at once is chance in the beginning
        assert never_told(copies, loss) == pytest.approx(1 - reached.mean(), rel=0.15)


def test_the_fewest_copies_and_the_multiplier_that_gives_them():
    for coverage, loss in ((0.99, 0.1), (0.9999, 0.3)):
        copies = copies_for(coverage, loss)
        assert never_told(copies, loss) <= 1 - coverage < never_told(copies - 1, loss)
    assert retransmit_mult_for(8, 40) == 4 and retransmit_mult_for(9, 40) == 5


def test_detection_takes_what_the_formula_says():
    place = replace(environment("lan"), members=24, warm_up_s=5.0, counted_s=5.0)
    config = replace(SwimConfig.lan(), probe_interval_s=2.0, probe_timeout_s=0.5, suspicion_mult=3)
    first = [measure(place, udp_only("x", config), seed).first_s for seed in range(25)]
    # a median of 25 waits whose deviation is an interval
    assert np.median(first) == pytest.approx(detection_s(2.0, 3, 24), abs=3 * 1.25 * 2.0 / 5)


def test_rest_costs_what_the_formula_says():
    place = replace(environment("lan"), members=30, warm_up_s=60.0, counted_s=120.0)
    for interval_s, push_pull_s in ((1.0, 30.0), (2.0, 60.0)):
        config = replace(SwimConfig.lan(), probe_interval_s=interval_s, push_pull_interval_s=push_pull_s)
        cell = measure(place, udp_only("x", config), 1)
        assert rest_bytes_per_s(30, interval_s, push_pull_s) == pytest.approx(cell.bytes_per_s, rel=0.15)


def test_a_trial_is_held_against_its_limits():
    seen = trial(interval_s=2.0, suspicion_mult=3)
    detect, limit = seen.shares["seconds to detect a crash"]
    assert detect == seen.cell.first_s and limit == METRO_LIMITS.detect_s
    hasty = trial(interval_s=0.5, suspicion_mult=1)
    assert hasty.cell.false_positives > seen.cell.false_positives and hasty.cell.first_s < detect


@pytest.mark.parametrize(
    "call",
    [
        lambda: Limits(0, 1, 1),
        lambda: copies_for(1.0, 0.1),
        lambda: never_told(0, 0.1),
        lambda: probe_fails(1.2, 1),
        lambda: trial(churn_per_minute=-1),
        lambda: observe(METRO, seconds=0),
    ],
)
def test_wrong_arguments_are_refused(call):
    with pytest.raises(ValueError, match=" is "):
        call()


def test_a_helper_saves_a_probe_only_if_four_packets_arrive():
    assert probe_fails(0.1, 0) == pytest.approx(1 - 0.9**2)
    assert probe_fails(0.1, 2) == pytest.approx((1 - 0.9**2) * (1 - 0.9**4) ** 2)
