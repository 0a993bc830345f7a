"""What the lesson on Cassandra runs: each experiment against what theory or the mechanism says."""

from math import isnan, log, sqrt

import numpy as np
import pytest

from gossipkit.gossip.phi import normal_phi
from gossipkit.systems.cassandra.experiments import (
    converged_yet_different,
    digests,
    suspicion,
    two_joins,
    zombies,
)


def test_a_new_state_is_known_to_all_after_about_log_n_rounds_and_knowledge_stays_that_old():
    runs = [digests(16, seed=seed, seconds=15) for seed in range(12)]
    assert all(run.knowing[0] == pytest.approx(1 / 16) for run in runs)
    everyone = np.array([run.everyone_s for run in runs])
    # push-pull to one node a round: about log3(n) rounds to half, and a tail; never faster than doubling both ways allows
    assert log(16, 3) <= everyone.mean() <= 2 * log(16, 2)
    lags = np.concatenate([run.lag[3:] for run in runs])
    assert 0.5 < lags.mean() < log(16, 2)
    assert all(np.isnan(np.diag(run.lags)).all() for run in runs)


def test_loss_and_churn_make_knowledge_older_and_nothing_breaks_at_the_ends():
    calm, lossy = (
        np.mean([digests(16, loss=loss, seed=seed).lag.mean() for seed in range(4)]) for loss in (0.0, 0.5)
    )
    assert lossy > 1.5 * calm
    gone = digests(16, loss=1.0, seconds=5)
    assert isnan(gone.everyone_s) and gone.knowing.max() == pytest.approx(1 / 16)
    restless = digests(16, churn_per_minute=60, seconds=20)
    assert set(restless.names) != {f"node-{i}" for i in range(1, 17)}


def test_eight_means_eighteen_means_in_cassandra_eight_in_chitchat_and_a_deviation_in_pekko():
    run = suspicion(8.0, jitter=0.0, pause_s=0.0)
    # nothing is random here: 120 beats, a second apart, the last one a second before the crash. Phi is looked at once a step,
    # so what is seen is the first step after the formula's time
    step_s = run.times[1] - run.times[0]
    mean_s = {
        "Cassandra": (2.0 + 119 * 1.0) / 120,  # the first beat counts as an interval of 2 s
        "chitchat": (5 * 5.0 + 119 * 1.0) / 124,  # five intervals of 5 s are assumed
        "Pekko": (0.75 + 1.25 + 119 * 1.0) / 121,  # two are assumed, a quarter less and more than 1 s
    }
    for name, intervals in (("Cassandra", 8 * log(10)), ("chitchat", 8)):
        exact = intervals * mean_s[name] - 1.0
        assert exact <= run.convicted_s[name] <= exact + step_s, name
    before, after = (
        normal_phi(1.0 + run.convicted_s["Pekko"] - early_s, mean_s["Pekko"], 0.1)
        for early_s in (step_s, 0.0)
    )
    assert before <= 8 < after
    assert run.wrongly == {"Cassandra": 0, "chitchat": 0, "Pekko": 0}


def test_a_pause_convicts_first_where_the_threshold_is_low():
    assert suspicion(1.0, pause_s=6.0).wrongly["Cassandra"] >= 1
    assert suspicion(8.0, pause_s=6.0).wrongly["Cassandra"] == 0
    assert suspicion(8.0, pause_s=30.0).wrongly["Cassandra"] == 1
    late = [suspicion(threshold).convicted_s["Cassandra"] for threshold in (2.0, 8.0, 12.0)]
    assert late == sorted(late)


def test_stale_reads_without_failures_are_as_many_as_pbs_says():
    runs = [converged_yet_different(down=0, seed=seed) for seed in range(8)]
    reads, stale = (sum(run.at_once[i] for run in runs) for i in (0, 1))
    predicted = runs[0].predicted
    assert 0.3 < predicted < 0.6
    assert stale / reads == pytest.approx(predicted, abs=4 * sqrt(predicted * (1 - predicted) / reads))


@pytest.mark.parametrize("levels", [("QUORUM", "QUORUM"), ("ALL", "ONE"), ("ONE", "ALL")])
def test_levels_that_must_meet_never_give_a_stale_read_also_with_a_node_down(levels):
    run = converged_yet_different(*levels, outage_s=20)
    assert run.predicted == 0.0
    assert run.at_once[1] == run.later[1] == 0


def test_gossip_agrees_again_and_replicas_do_not_until_something_repairs_them():
    nothing = converged_yet_different(hints=False, read_repair=False, merkle=False)
    assert nothing.wrong.max() > 0 and nothing.wrong[-1] == 0
    assert nothing.divergent[-1] > 0
    assert converged_yet_different(hints=True, merkle=False).divergent[-1] == 0
    trees = converged_yet_different(hints=False, merkle=True)
    assert trees.divergent[trees.times == 69] > 0 and trees.divergent[-1] == 0


def test_without_authority_quorum_is_only_a_word():
    run = converged_yet_different("QUORUM", "QUORUM", authority=False)
    assert run.at_once[1] > 0


def test_two_joins_at_once_lose_acknowledged_writes_by_gossip_and_none_by_the_log():
    gossip, log_ = two_joins("gossip"), two_joins("log")
    assert gossip.refused == 0 and gossip.lost > 0
    assert log_.refused >= 1 and log_.lost == 0
    assert not any(map(isnan, (*gossip.joined_s, *log_.joined_s)))


@pytest.mark.parametrize("apart_s", [5.0, 90.0])
def test_operators_who_wait_lose_nothing(apart_s):
    for membership in ("gossip", "log"):
        assert two_joins(membership, apart_s).lost == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: digests(2), "nodes is 2"),
        (lambda: digests(8, seeds=9), "seeds is 9"),
        (lambda: digests(8, churn_per_minute=-1), "churn_per_minute is -1"),
        (lambda: suspicion(0.0), "threshold is 0.0"),
        (lambda: suspicion(loss=1.0), "loss is 1.0"),
        (lambda: converged_yet_different(down=3), "down is 3"),
        (lambda: converged_yet_different(outage_s=60.0), "outage_s is 60.0"),
        (lambda: two_joins(apart_s=-1.0), "apart_s is -1.0"),
        (lambda: two_joins("raft"), "membership is 'raft'"),
    ],
)
def test_what_cannot_be_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (lambda: digests(3, seconds=4), "<Digests among 3 nodes: known to all after "),
        (lambda: suspicion(), "<Suspicion: phi above 8 after the crash: Cassandra 17.8 s, chitchat 9.0 s"),
        (lambda: zombies(seconds=200.0), "<Zombies: the first row is back after 95 s, 20 of 20 at the end>"),
    ],
)
def test_results_say_on_a_line_what_they_are(result, says):
    shown = repr(result())
    assert shown.startswith(says) and "\n" not in shown and len(shown) < 120
