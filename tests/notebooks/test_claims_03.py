"""What lesson 03 says of its experiments holds for three seeds, and not for the one that is printed only."""

import contextlib
import io
import re
from functools import cache
from math import log, sqrt
from pathlib import Path

import nbformat
import numpy as np
import pytest

from gossipkit.authority.pbs import staleness
from gossipkit.lab import Stage
from gossipkit.repair.tombstones import DAY_S, deleted_row
from gossipkit.sim import Scenario
from gossipkit.systems import Cassandra
from gossipkit.systems.cassandra.experiments import (
    centres,
    converged_yet_different,
    digests,
    endings,
    fast_clock,
    rereads,
    suspicion,
    two_joins,
)

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "03_cassandra.ipynb"
FIVE = (1, 2, 3, 4, 5)
BARE = {"hints": False, "read_repair": False, "merkle": False}
OUTAGE = {"down": 1, "outage_s": 35}
seeds = pytest.mark.parametrize("seed", (1, 2, 3))
observe = cache(converged_yet_different)


def printed(cell_id, seed, **names):
    """What a cell of the lesson prints when its clusters have another seed."""
    cell = next(cell for cell in nbformat.read(LESSON, as_version=4).cells if cell.id == cell_id)
    source, count = re.subn(r"\bseed=\d+", f"seed={seed}", cell.source)
    namespace = dict(names)
    exec("from gossipkit.systems import Cassandra", namespace)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(source, namespace)
    assert count or names, "the cell has a seed of its own"
    return out.getvalue().splitlines(), namespace


def at(run, second):
    return int(run.divergent[run.times == second][0])


# the stages; what a student does there is said in words, with one seed


def stages(cell_id):
    """The stages that a cell shows."""
    source = next(cell.source for cell in nbformat.read(LESSON, as_version=4).cells if cell.id == cell_id)
    source = source.replace("from gossipkit.lab.stage import beside", "")
    namespace = {"Cassandra": Cassandra, "Scenario": Scenario, "Stage": Stage, "beside": lambda *both: both}
    *before, last = source.splitlines()
    exec("\n".join(before), namespace)
    shown = eval(last, namespace)
    return shown if isinstance(shown, tuple) else (shown,)


def test_a_crash_is_noticed_late_and_the_row_that_was_missed_arrives():
    (stage,) = stages("see-stage")
    for at_s, action, arguments in (
        (5, "crash", {"name": "node-4"}),
        (40, "write", {"key": "k", "value": "v", "consistency": "QUORUM"}),
        (50, "restart", {"name": "node-4"}),
    ):
        stage.step(at_s, action, **arguments)
        assert stage.wait(60)
    of_it = [(time, what) for time, _, what, told in stage.run.others if told.get("about") == "node-4"]
    convicted, kept, delivered = (
        [time for time, each in of_it if each == what]
        for what in ("on-dead", "hint-stored", "hint-delivered")
    )
    assert len(convicted) == 5 and 15 < min(convicted) < max(convicted) < 40
    assert 40 <= kept[0] < 50 < delivered[0] < 60


def test_a_node_that_was_down_keeps_all_that_it_missed_or_none():
    kept = []
    for stage in stages("investigate-misconception-stages"):
        assert stage.wait(60)
        kept += [line for line in stage.ask("node-6", 60.0)[0]["lines"] if line.startswith("keeps")]
    assert kept == ["keeps 6 rows", "keeps 0 rows"]


def test_the_write_at_quorum_is_refused_and_the_local_one_is_not():
    (stage,) = stages("break-centres-stage")
    assert stage.wait(60)
    ended = [told["status"] for _, _, what, told in stage.run.others if what == "operation-ended"]
    assert ended == ["ok", "unavailable"]


# the lab's debriefs


@seeds
def test_a_fanout_of_three_buys_a_round_or_two_for_almost_three_times_the_messages(seed):
    for nodes in (8, 32):
        one, three = (digests(nodes, fanout=fanout, seed=seed) for fanout in (1, 3))
        assert 1 <= one.everyone_s - three.everyone_s <= 2
        assert three.lag[1:].mean() < one.lag[1:].mean() / 2
        assert 2.4 < three.messages / one.messages < 3.1
    assert one.bytes > 2 * digests(8, seed=seed).bytes, "each SYN lists everybody"


@seeds
def test_half_of_the_packets_lost_costs_time_and_nothing_else(seed):
    calm, lossy = digests(16, seed=seed), digests(16, loss=0.5, seconds=60, seed=seed)
    assert calm.everyone_s < lossy.everyone_s < 60
    assert lossy.lag[1:].mean() > 3 * calm.lag[1:].mean()


@seeds
def test_seeds_are_how_newcomers_and_members_learn_of_each_other(seed):
    alone, seeded = (
        np.isnan(run.lags).sum() - len(run.names)
        for run in (digests(16, seeds=count, churn_per_minute=30, seed=seed) for count in (0, 2))
    )
    assert seeded < 0.7 * alone


@seeds
def test_eight_is_three_different_pauses(seed):
    first = {
        name: min(p for p in range(0, 31, 3) if suspicion(pause_s=float(p), seed=seed).wrongly[name])
        for name in ("Pekko", "chitchat", "Cassandra")
    }
    assert first["Pekko"] == 3 and 9 <= first["chitchat"] <= 12 and first["Cassandra"] == 18


@seeds
def test_pekko_reacts_to_jitter_and_chitchat_learns_outages_as_the_rhythm(seed):
    calm, shaky, rare = (
        suspicion(pause_s=0.0, seed=seed, **more).convicted_s for more in ({}, {"jitter": 0.5}, {"loss": 0.8})
    )
    assert shaky["Pekko"] > 3 * calm["Pekko"]
    assert all(0.8 < shaky[name] / calm[name] < 1.2 for name in ("Cassandra", "chitchat"))
    assert rare["chitchat"] > 2.5 * calm["chitchat"] and rare["Cassandra"] < 1.5 * calm["Cassandra"]


@seeds
def test_while_gossip_is_right_about_the_dead_node_more_rows_differ_each_second(seed):
    run = observe(seed=seed, **BARE, **OUTAGE)
    right = int(run.times[(run.wrong > 0) & (run.times < 50)].max()) + 1
    assert 33 <= right <= 40, "about twenty seconds after the crash"
    assert run.wrong[run.times == 49] == 0
    assert at(run, right) < at(run, 49)
    assert run.divergent[-1] > 0


@seeds
def test_stale_reads_right_after_a_write_are_those_of_pbs_and_waiting_ends_them(seed):
    now, later = (observe(gap_s=gap, seed=seed, **OUTAGE) for gap in (0.0, 0.02))
    for run in (now, later):
        error = sqrt(run.predicted * (1 - run.predicted) / run.at_once[0])
        assert abs(run.stale_at_once - run.predicted) < 3 * error + 0.01
    assert later.stale_at_once < now.stale_at_once / 5
    assert later.later[1] < 0.05 * later.later[0], "hints bring what was missed"


@pytest.mark.parametrize("levels", [("QUORUM", "QUORUM"), ("ALL", "ONE"), ("ONE", "ALL")])
@seeds
def test_with_r_plus_w_above_n_no_read_is_stale_and_two_dead_nodes_make_them_refuse(levels, seed):
    run = observe(*levels, down=2, outage_s=35, seed=seed)
    assert run.at_once[1] == run.later[1] == 0
    assert run.refused > observe(seed=seed, down=2, outage_s=35).refused > 0


# investigate


@seeds
def test_the_first_conviction_needs_its_silence_at_any_fanout_and_only_the_last_comes_sooner(seed):
    one, three = (endings("crash", fanout=fanout, seed=seed).convicted_s for fanout in (1, 3))
    assert all(8 * log(10) - 1 < times[0] < 8 * log(10) + 2 for times in (one, three))
    assert three[-1] < one[-1] and len(one) == len(three) == 5
    assert one[0] > 15, "for most of the stage's thirty seconds the others take it for up"
    assert endings("shutdown", seed=seed).convicted_s[-1] < 0.05


@seeds
def test_gossip_is_never_wrong_and_about_a_fifth_of_the_rows_differ(seed):
    run = observe(down=0, loss=0.1, seed=seed, **BARE)
    assert run.wrong.max() == 0
    assert 0.15 < run.divergent[-1] / run.keys < 0.25
    assert run.later[1] > 0


@pytest.mark.parametrize(
    ("levels", "strict"),
    [(("ONE", "ONE"), 0), (("QUORUM", "ONE"), 0), (("QUORUM", "QUORUM"), 1), (("ALL", "ONE"), 1)],
)
@seeds
def test_without_failures_stale_reads_are_as_latencies_have_it_or_none(levels, strict, seed):
    run = observe(*levels, down=0, seed=seed)
    error = sqrt(run.predicted * (1 - run.predicted) / run.at_once[0])
    assert run.at_once[1] == 0 if strict else abs(run.stale_at_once - run.predicted) < 3 * error + 0.01
    assert run.later[1] == 0 and run.refused == 0


@seeds
def test_pbs_has_what_the_paper_has_for_linkedins_latencies(seed):
    for name, fresh in (("LNKD-SSD", 0.975), ("LNKD-DISK", 0.439)):
        fit = staleness(n=3, r=1, w=1, latencies=name, trials=100_000, seed=seed)
        assert fit.p_fresh(0.0) == pytest.approx(fresh, abs=0.01)
        assert fit.t_visible(0.999) == pytest.approx({"LNKD-SSD": 1.85, "LNKD-DISK": 45.5}[name], rel=0.3)


def test_with_the_papers_trials_the_last_reads_of_disks_move_by_milliseconds_with_the_seed():
    late = [
        staleness(n=3, r=1, w=1, latencies="LNKD-DISK", trials=50_000, seed=seed).t_visible(0.999)
        for seed in FIVE
    ]
    assert 5 < max(late) - min(late) < 20


@seeds
def test_strict_refuses_and_sloppy_accepts_is_stale_and_is_right_later(seed):
    lines = printed("investigate-sloppy", seed)[0]
    assert lines[0] == "replicas count:" and lines[3] == "hints count:"
    assert lines[1].endswith("0 writes acknowledged; of 10 reads 0 stale") and "healing 0 rows" in lines[2]
    assert lines[4].endswith("10 writes acknowledged; of 10 reads 10 stale") and "healing 10 rows" in lines[5]


@seeds
def test_read_repair_makes_reads_monotonic(seed):
    on, off = (rereads(read_repair, seed=seed) for read_repair in (True, False))
    assert on.went_back == 0 < off.went_back


def test_a_deleted_row_is_back_exactly_where_repair_is_later_than_gc_grace():
    for every in (5, 7, 10, 14, 21, 30):
        for grace in (1, 3, 5, 10, 15):
            assert (deleted_row(every * DAY_S, grace * DAY_S).returned_s is None) == (every <= grace)


@seeds
def test_a_clock_ahead_by_more_than_the_time_between_two_writes_loses_the_second(seed):
    for ahead, lost in ((0.0, 0), (0.5, 0), (1.5, 20), (5.0, 20)):
        run = fast_clock(ahead, seed=seed)
        assert (run.acknowledged, run.lost, run.divergent) == (20, lost, 0)


@seeds
def test_two_clients_that_read_the_same_stock_both_sell_and_one_sale_is_lost(seed):
    assert printed("investigate-lwt", seed)[0] == ["both sales ok ok and in stock are 9"]


# break it


@seeds
def test_each_repair_does_its_part_and_gossip_is_the_same_in_all(seed):
    runs = {
        name: observe("ONE", "QUORUM", seed=seed, **(BARE | on | OUTAGE))
        for name, on in {
            "nothing": {},
            "hints": {"hints": True},
            "read repair": {"read_repair": True},
            "Merkle": {"merkle": True},
        }.items()
    }
    assert 0 < at(runs["nothing"], 69) < at(runs["nothing"], 49), "some rows are written again"
    assert at(runs["hints"], 69) == 0
    assert at(runs["read repair"], 80) > 0, "nobody read the others"
    assert at(runs["Merkle"], 69) > 0 == at(runs["Merkle"], 80)
    agreed = [run.times[run.wrong > 0].max() + 1 for run in runs.values()]
    assert max(agreed) - min(agreed) <= 2


@seeds
def test_beyond_the_hint_window_only_repair_helps(seed):
    lines, _ = printed("break-hints", seed)
    left = [
        [int(number) for number in re.findall(r"60 acknowledged, +(\d+) rows differ; (\d+) after", line)[0]]
        for line in lines
    ]
    (all_of_it, _), (some, _), (more, _) = left
    assert all_of_it == 0 < some < more
    assert [after for _, after in left] == [0, 0, 0]


@seeds
def test_a_quorum_that_nobody_honours_is_a_word(seed):
    kept, not_kept = (
        observe("QUORUM", "QUORUM", authority=authority, seed=seed, **OUTAGE) for authority in (True, False)
    )
    assert kept.at_once[1] == kept.later[1] == 0
    assert not_kept.stale_at_once > 0.25


@seeds
def test_a_local_quorum_goes_on_and_the_other_centre_misses_it_until_hints_have_crossed(seed):
    local, whole = (centres(level, seed=seed) for level in ("LOCAL_QUORUM", "QUORUM"))
    assert (local.accepted, local.seen_here, local.seen_there, local.seen_later) == (10, 10, 0, 10)
    assert (whole.accepted, whole.refused_there) == (0, 10)
    one = centres("ONE", seed=seed)
    assert (one.accepted, one.seen_here, one.seen_later) == (10, 0, 10), "reads come before the packets"


@seeds
def test_two_joins_at_once_lose_rows_by_gossip_and_none_by_the_log(seed):
    gossip, log_run = (two_joins(membership, 0, seed=seed) for membership in ("gossip", "log"))
    assert gossip.lost >= 15 and gossip.refused == 0 and (gossip.disagreeing > 0).any()
    assert log_run.lost == 0 and log_run.refused >= 1 and max(log_run.joined_s) > 29


@seeds
def test_two_seconds_are_enough_on_a_good_network(seed):
    run = two_joins("gossip", 2, seed=seed)
    assert run.lost == 0 and run.refused >= 1


def test_two_seconds_are_not_always_enough_on_a_bad_network_and_the_log_never_loses():
    assert any(two_joins("gossip", 2, loss=0.3, seed=seed).lost for seed in range(1, 7))
    assert not any(two_joins("log", 2, loss=0.3, seed=seed).lost for seed in FIVE)


@seeds
def test_a_newcomer_starts_only_if_a_seed_answers_its_shadow_round(seed):
    lines, namespace = printed("break-shadow", seed)
    assert [line.split("node-7 ")[1] for line in lines] == ["runs", "has stopped again"]
    before, after = printed("break-assassinate", seed, cluster=namespace["cluster"])[0]
    assert "generation 0, STATUS 1:NORMAL, 6 owners" in before
    assert "generation 1," in after and ":left, 5 owners" in after
