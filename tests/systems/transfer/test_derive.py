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
    outlasting_per_day,
    probe_fails,
    rest_bytes_per_s,
    retransmit_mult_for,
    udp_only,
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
        assert len(one.took_s) < one.asked and (np.diff(one.took_s) >= 0).all()


def test_stalls_are_read_off_late_answers(seen):
    lasts = np.array([step.fault.seconds for step in METRO.scenario(9, 100_000.0).steps])
    for seconds in (1.0, 2.0):
        really = (lasts > seconds).sum() * 86_400 / 100_000
        guessed = np.mean([outlasting_per_day(one, seconds) for one in seen.values()])
        assert guessed == pytest.approx(really, rel=0.3)
    assert outlasting_per_day(seen[1], 1e6) == 0.0, "the trace never saw one"


def test_a_probe_fails_as_the_product_of_its_ways():
    assert probe_fails(0.0, 3) == 0.0 and probe_fails(1.0, 3) == 1.0
    assert probe_fails(0.1, 0) == pytest.approx(1 - 0.81)
    assert probe_fails(0.1, 2) < probe_fails(0.1, 1) < probe_fails(0.1, 0)


def test_copies_leave_untold_what_the_formula_says():
    for copies, loss in ((4, 0.05), (6, 0.3), (8, 0.5)):
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
        assert rest_bytes_per_s(30, interval_s, push_pull_s, 72) == pytest.approx(cell.bytes_per_s, rel=0.15)


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
