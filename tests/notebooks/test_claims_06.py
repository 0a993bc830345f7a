"""What lesson 06 says of its experiments, with three seeds each: the same functions, and the sentence as an assertion."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gossipkit.gossip import spread as spreading
from gossipkit.gossip.swim import SwimConfig, retransmit_limit, suspicion_timeout
from gossipkit.lab import Stage
from gossipkit.sim import Scenario
from gossipkit.systems.transfer import (
    BORROWED,
    DERIVED,
    ENVIRONMENTS,
    METRO,
    METRO_LIMITS,
    after_change,
    borrowed,
    cells,
    cluster,
    detection_s,
    environment,
    failure_table,
    fewer_than,
    full_state,
    mean,
    measure,
    metro_cells,
    never_told,
    observe,
    probe_fails,
    rest_bytes_per_s,
    stall_and_crash,
    stall_log,
    storm,
    trial,
    udp_only,
    untold_per_day,
)

seeds = pytest.mark.parametrize("seed", (1, 2, 3))


# See it, Predict


@seeds
def test_one_outage_of_a_region_buries_about_all_with_lan_settings_and_nobody_with_wan_settings(seed):
    place = replace(environment("wan"), warm_up_s=20.0, counted_s=80.0, outage_every_s=1000.0)
    assert measure(place, borrowed("memberlist LAN"), seed).false_positives >= 21
    assert measure(place, borrowed("memberlist WAN"), seed).false_positives == 0


def test_the_stage_shows_the_outage_at_15_s_and_its_end():
    stage = Stage(cluster, environment="wan", seed=1, seconds=45)
    times = {round(time) for time, _, kind, _ in stage.run.others if kind in ("partition", "heal")}
    assert times == {15, 40}


def test_the_patient_settings_pay_with_their_time_to_detect():
    assert mean(cells("wan", "memberlist WAN"), "first_s") > 5 * mean(
        cells("wan", "memberlist LAN"), "first_s"
    )


def test_redis_buries_the_fewest_of_the_four_in_the_bet_and_detects_late():
    buried = {name: mean(cells("starved", name), "false_positives") for name in BORROWED}
    asked = ("heartbeats to all", "Cassandra", "memberlist LAN", "Redis Cluster")
    assert min(asked, key=buried.get) == "Redis Cluster"
    assert mean(cells("starved", "Redis Cluster"), "first_s") > 2 * mean(
        cells("starved", "memberlist LAN"), "first_s"
    )


@pytest.mark.parametrize("seed", (4, 5))
def test_starved_members_are_buried_often_with_heartbeats_and_seldom_with_redis(seed):
    # seeds 1 to 3 are the stored ones
    for at in range(3):
        stored = {name: cells("starved", name)[at].false_positives for name in BORROWED}
        assert stored["heartbeats to all"] > stored["memberlist LAN"] > stored["Redis Cluster"]
    place = replace(environment("starved"), warm_up_s=5.0, counted_s=60.0)
    found = {
        name: measure(place, borrowed(name), seed).false_positives
        for name in ("heartbeats to all", "memberlist LAN", "Redis Cluster")
    }
    assert found["heartbeats to all"] > found["memberlist LAN"] >= found["Redis Cluster"]


def test_each_syn_of_cassandra_lists_all_members():
    for cell in cells("thousand", "Cassandra"):
        assert 25_000 < cell.bytes_per_s < 40_000
    assert mean(cells("thousand", "memberlist LAN"), "bytes_per_s") < 1000


# The idea, Lab


def test_no_row_is_good_in_all_places():
    false, late = failure_table("false_positives_per_day"), failure_table("first_s")
    load = failure_table("bytes_per_s")
    for row in range(len(false.rows)):
        assert (
            max(false.values[row]) > 50
            or not np.nanmax(late.values[row]) <= 30
            or max(load.values[row]) > 5000
        )


def test_a_false_positive_in_a_trial_is_1440_a_day():
    assert trial().cell.counted_s == 60.0


@seeds
def test_a_shorter_interval_detects_sooner_and_costs_more(seed):
    quick, normal, slow = (trial(interval_s=interval_s, seed=seed).cell for interval_s in (0.5, 1.0, 4.0))
    assert quick.first_s < slow.first_s / 3
    assert quick.bytes_per_s > normal.bytes_per_s > slow.bytes_per_s > quick.bytes_per_s / 8


def test_multiplier_1_buries_whom_4_spares_and_detects_sooner():
    for turn in range(3):
        runs = {
            mult: [trial(suspicion_mult=mult, seed=seed).cell for seed in range(6 * turn, 6 * turn + 6)]
            for mult in (1, 4)
        }
        wrong = {mult: sum(one.false_positives for one in cells) for mult, cells in runs.items()}
        assert wrong[1] > wrong[4]
        assert mean(runs[1], "first_s") < mean(runs[4], "first_s") - 2


@seeds
def test_the_fanout_spreads_sooner_for_the_same_bytes(seed):
    told = {
        fanout: mean([trial(fanout, seed=10 * seed + turn).cell for turn in range(3)], "telling_s")
        for fanout in (1, 6)
    }
    assert told[6] < told[1] < 2
    cost = {fanout: trial(fanout, seed=seed).cell.bytes_per_s for fanout in (1, 6)}
    assert cost[6] == pytest.approx(cost[1], rel=0.3)


@seeds
def test_loss_and_churn_make_news(seed):
    clean, lossy, restless = (
        trial(loss=0.0, seed=seed),
        trial(loss=0.3, seed=seed),
        trial(churn_per_minute=20, seed=seed),
    )
    assert lossy.cell.bytes_per_s > 4 * clean.cell.bytes_per_s
    assert restless.cell.bytes_per_s > 2 * clean.cell.bytes_per_s


# Investigate


@seeds
def test_helpers_go_around_a_one_way_cut(seed):
    place = replace(environment("edge"), warm_up_s=10.0, counted_s=20.0)
    assert measure(place, borrowed("heartbeats to all"), seed).missing > 0.5
    assert measure(place, borrowed("memberlist LAN"), seed).missing < 0.05


@seeds
def test_the_trace_gives_loss_and_round_trip(seed):
    seen = observe(METRO, seconds=200.0, seed=seed)
    assert seen.asked == 60 * 200
    # four standard errors of the answers missing among 12 000, a share s of 0.0975; the loss is 1 - sqrt(1 - s)
    error = np.sqrt(0.0975 * 0.9025 / seen.asked) / (2 * np.sqrt(0.9025))
    assert seen.loss == pytest.approx(0.05, abs=4 * error) and 0.11 < seen.round_trip_s < 0.4


@seeds
def test_the_derived_wait_outlasts_all_but_a_few_stalls_of_a_day(seed):
    log = stall_log(METRO, seed=seed)
    wait_s = 2.0 + suspicion_timeout(3, METRO.members, 2.0)
    assert (log > wait_s).sum() <= 10 and detection_s(2.0, 3, METRO.members) <= 20
    lan_s = 1.0 + suspicion_timeout(4, METRO.members, 1.0)
    assert (log > lan_s).sum() > 10, "memberlist's own wait does not"


@seeds
def test_three_helpers_leave_fewer_suspicions_by_loss_than_stalls_make(seed):
    probes = METRO.members * 86_400 / 2.0
    assert probes * probe_fails(0.05, 3) < (stall_log(METRO, seed=seed) > 2.0).sum()
    assert probes * probe_fails(0.05, 1) > 20 * probes * probe_fails(0.05, 3)


@seeds
def test_the_formula_for_copies_is_right_to_a_third_where_a_run_can_tell(seed):
    for copies in (4, 6, 8):
        run = spreading(METRO.members, fanout=2, loss=0.05, retransmit=copies / 2, trials=4000, seed=seed)
        # a third, and what 4 000 runs leave open: four standard errors
        allowed = never_told(copies, 0.05) / 3 + 4 * run.coverage.std() / np.sqrt(4000)
        assert never_told(copies, 0.05) == pytest.approx(1 - run.coverage.mean(), abs=allowed)


def test_fourteen_copies_leave_room_and_eight_do_not():
    suspicions = 4300
    assert untold_per_day(suspicions, 60, 8, 0.05) > METRO_LIMITS.false_positives_per_day
    assert untold_per_day(suspicions, 60, 14, 0.05) < 1


def test_the_derived_settings_keep_all_three_and_lans_do_not():
    derived, lan = metro_cells("derived"), metro_cells("memberlist LAN")
    assert sum(cell.counted_s for cell in derived) == 6 * 3600
    assert (
        mean(derived, "false_positives") == 0 and fewer_than(derived) < METRO_LIMITS.false_positives_per_day
    )
    assert mean(derived, "first_s") < METRO_LIMITS.detect_s
    assert mean(derived, "bytes_per_s") < METRO_LIMITS.bytes_per_s < mean(lan, "bytes_per_s")
    assert mean(lan, "false_positives_per_day") > 3 * METRO_LIMITS.false_positives_per_day


@seeds
def test_a_timeout_of_250_ms_is_longer_than_the_round_trip(seed):
    assert observe(METRO, seed=seed).round_trip_s < 0.25


def test_somebody_is_suspected_every_twenty_seconds_or_so():
    gaps = []
    for seed in (1, 2, 3):
        world = cluster(METRO, DERIVED, seed)
        world.play(METRO.scenario(seed, 300.0))
        world.run(until=300)
        about = [event.fields["about"] for event in world.trace if event.fields.get("belief") == "suspect"]
        # a suspect is spoken of by many at once
        gaps.append(300 / sum(one != other for one, other in pairwise(["", *about])))
    assert 8 < np.mean(gaps) < 40, gaps


def test_bytes_at_rest_are_about_half_of_what_runs_send():
    assert 1.7 < mean(metro_cells("derived"), "bytes_per_s") / rest_bytes_per_s(60, 2.0, 60.0) < 2.6


@seeds
def test_the_derived_settings_send_less_than_lans_with_any_seed(seed):
    place = replace(METRO, warm_up_s=10.0, counted_s=60.0)
    lan = measure(place, udp_only("LAN", SwimConfig.lan()), seed)
    config = replace(
        SwimConfig.lan(),
        probe_interval_s=2.0,
        probe_timeout_s=0.25,
        suspicion_mult=3,
        retransmit_mult=7,
        push_pull_interval_s=60.0,
    )
    derived = measure(place, udp_only("derived", config), seed)
    assert derived.bytes_per_s < 0.75 * lan.bytes_per_s and derived.first_s > lan.first_s


# Break it: the runs' own tests are in tests/systems/transfer/test_traps.py, with the same seeds


@seeds
def test_a_quarter_of_all_times_buries_a_paused_member_and_lans_times_do_not(seed):
    assert stall_and_crash(borrowed("memberlist LAN", 0.25), 3.0, seed=seed).buried_by == 23
    assert stall_and_crash(borrowed("memberlist LAN"), 3.0, seed=seed).buried_by == 0


def test_the_stage_of_the_pause_shows_the_same():
    pause = Scenario([(5, "pause", {"name": "m-2", "seconds": 3.0})])
    for times, dead in ((0.25, True), (1.0, False)):
        place = environment("lan").smaller(24)
        stage = Stage(cluster, environment=place, times=times, controls=(), scenario=pause, seconds=14)
        buried = Counter(told["about"] for _, _, _, told in stage.run.others if told.get("belief") == "dead")
        assert set(buried) == ({"m-2"} if dead else set())


def test_an_exchange_of_all_state_is_as_long_as_the_cluster():
    small, large = full_state(32), full_state(1000)
    assert large.longest == pytest.approx(1000 / 32 * small.longest, rel=0.03)
    assert full_state(1000, stretched=False).bytes_per_s == pytest.approx(6 * large.bytes_per_s, rel=0.05)


@seeds
def test_a_copied_limit_misses_the_same_share_and_so_more_members(seed):
    untold = {
        members: members
        * (
            1
            - spreading(members, fanout=3, loss=0.3, retransmit=8 / 3, trials=200, seed=seed).coverage.mean()
        )
        for members in (100, 1000, 10_000)
    }
    assert untold[1000] > 5 * untold[100] and untold[10_000] > 7 * untold[1000]
    grown = spreading(
        10_000, fanout=3, loss=0.3, retransmit=retransmit_limit(4, 10_000) / 3, trials=200, seed=seed
    )
    assert 10_000 * (1 - grown.coverage.mean()) < 0.2


def test_phis_window_convicts_before_every_beat_or_too_late():
    assert after_change(1, 20).wrongly == 600 and after_change(1, 1).wrongly == 0
    # four in ten of the 1,000 intervals are old: 0.4 × 1 s + 0.6 × 0.2 s is 0.52 of what it was
    assert after_change(1, 0.2).convict_s == pytest.approx(0.52 * after_change(1, 1).convict_s, rel=0.01)
    # beats of 0.2 s alone would make it 3.7 s
    assert after_change(1, 0.2).convict_s > 2 * after_change(0.2, 0.2).convict_s


@seeds
def test_two_layers_that_retry_never_recover_and_one_does(seed):
    both, one = storm(1, 1, seed=seed), storm(1, 0, seed=seed)
    assert np.isnan(both.lasts_s) and one.lasts_s < 40
    # 40 new ones a second, each tried four times: four deviations of a Poisson stream's mean over twenty seconds, times four
    assert both.arrived[-20:].mean() == pytest.approx(160, abs=4 * 4 * np.sqrt(40 / 20))


# Operator's view, Reading loop


@seeds
def test_suspicions_grow_without_a_crash_where_members_stall_and_not_in_a_lan(seed):
    counts = {}
    for name in ("lan", "starved"):
        place = environment(name)
        world = cluster(place, borrowed("memberlist Local"), seed)
        world.play(place.scenario(seed, 60.0))
        world.run(until=60)
        read = world.metrics
        counts[name] = read.value("memberlist.msg.suspect") if "memberlist.msg.suspect" in read.names else 0
    assert counts["starved"] > 200 and counts["lan"] < 100


@seeds
def test_the_evidence_is_seen_with_lan_and_not_with_wan_settings(seed):
    steps = Scenario([(10, "partition", {"groups": [["m-1", "m-2"]]}), (35, "heal")])
    for name, dead in (("memberlist LAN", True), ("memberlist WAN", False)):
        stage = Stage(cluster, environment="five", settings=name, scenario=steps, seconds=40, seed=seed)
        assert any(told.get("belief") == "dead" for _, _, _, told in stage.run.others) is dead


def test_the_places_are_as_the_lesson_tells():
    assert environment("wan").members == 24 and environment("wan").outage_s == 25.0
    starved = environment("starved")
    assert (starved.members, starved.stalls_per_minute, starved.stall_median_s) == (32, 1.0, 2.0)
    lasts = np.array([step.fault.seconds for step in starved.scenario(1, 20_000.0).steps])
    assert (lasts > 8).mean() == pytest.approx(1 / 40, abs=4 * np.sqrt(1 / 40 * 39 / 40 / len(lasts)))
    assert set(ENVIRONMENTS) == {"lan", "wan", "thousand", "five", "starved", "spot", "edge"}
