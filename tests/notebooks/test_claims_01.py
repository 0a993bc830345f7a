"""What lesson 01 says of its experiments, with three seeds each, and five where it is about their mean or spread."""

import numpy as np
import pytest

from gossipkit.gossip import disseminate, exchanges, measured, overlays, rumor, spread, theory
from gossipkit.lab import Stage

FIVE = range(1, 6)
seeds = pytest.mark.parametrize("seed", (1, 2, 3))


def heard(stage):
    """How many nodes that run have heard at the end."""
    return len(stage.run.names) - stage.run.folded.wrong[-1][1]


def limited(nodes, fanout, **settings):
    """A spread under memberlist's limit on copies."""
    return spread(nodes, fanout=fanout, retransmit=theory.retransmit_limit(4, nodes) / fanout, **settings)


def sent(run):
    """Messages of each member until the run ends, the mean of all runs."""
    return run.messages.sum(axis=1).mean() / run.nodes


# See it


@seeds
def test_a_crash_of_the_source_in_the_first_second_ends_the_rumour(seed):
    stage = Stage(disseminate, nodes=16, seed=seed)
    stage.step(0.5, "crash", name="node-0")
    assert not [event for event in stage.meta["events"] if event["kind"] == "learned"]


@seeds
def test_one_round_later_no_single_crash_stops_it(seed):
    stage = Stage(disseminate, nodes=16, seed=seed)
    for victim in range(16):
        stage.step(1.5, "crash", name=f"node-{victim}")
        assert stage.run.folded.wrong[-1][1] == 0, f"everybody who runs has heard without node-{victim}"
        stage.undo()


@seeds
def test_a_loss_of_half_does_not_stop_it(seed):
    stage = Stage(disseminate, nodes=16, seed=seed)
    stage.set(loss=0.5)
    assert heard(stage) == 16
    assert "lost" in " ".join(stage.meta["summary"])


# The idea


@seeds
def test_those_who_know_turn_into_almost_four(seed):
    informed = spread(1000, fanout=3, trials=200, seed=seed).informed[:, :4].mean(axis=0)
    growth = informed[1:] / informed[:-1]
    assert ((growth > 3.7) & (growth <= 4)).all()


@seeds
def test_99_per_cent_of_a_thousand_after_seven_rounds_and_a_million_after_five_more(seed):
    thousand = np.median(spread(1000, fanout=3, trials=200, seed=seed).rounds_to(0.99))
    million = np.median(spread(1_000_000, fanout=3, trials=20, seed=seed).rounds_to(0.99))
    assert thousand == 7 and million - thousand == 5


# Lab


@seeds
def test_six_in_place_of_three_costs_the_same_in_all_and_more_at_once_and_is_quicker(seed):
    one, three, six = (limited(1000, fanout, trials=1000, seed=seed) for fanout in (1, 3, 6))
    slow, usual, fast = (np.median(run.rounds_to(0.99)) for run in (one, three, six))
    assert slow >= 2 * usual and usual > fast
    assert abs(sent(three) - sent(six)) < 0.05
    burst, burst_six = (run.messages.max(axis=1).mean() / 1000 for run in (three, six))
    assert burst_six > 1.5 * burst
    assert 0.2 <= 0.2 * (usual - fast) <= 0.6


@seeds
def test_three_ways_back_cost_the_same_and_the_higher_fanout_is_quicker(seed):
    short, *back = (
        spread(1000, fanout=fanout, retransmit=telling, trials=1000, seed=seed)
        for fanout, telling in [(2, 1), (2, 4), (4, 2), (8, 1)]
    )
    assert 150 < 1000 * (1 - short.coverage.mean()) < 250
    assert all(abs(sent(run) - 8) < 0.05 for run in back)
    assert max(1000 * (1 - run.coverage.mean()) for run in back) < 1
    rounds = [np.median(run.rounds_to(0.99)) for run in back]
    assert rounds == sorted(rounds, reverse=True) and len(set(rounds)) == 3


@seeds
def test_under_churn_a_rumour_with_a_limit_is_forgotten_or_smoulders_on(seed):
    ever = spread(1000, fanout=2, churn=0.01, max_rounds=300, trials=50, seed=seed).coverage.mean()
    little = spread(1000, fanout=2, churn=0.01, retransmit=4, max_rounds=300, trials=50, seed=seed)
    much = spread(1000, fanout=2, churn=0.1, retransmit=4, max_rounds=300, trials=50, seed=seed)
    assert 0.98 < ever < 1, "the newest newcomers don't know"
    after_30 = little.informed[:, 30].mean() / 1000
    assert 0.75 < after_30 < 0.9 and little.coverage.mean() < 0.5
    assert np.mean(little.messages[:, -1] == 0) > 0.5 > np.median(little.coverage), (
        "in most runs nobody tells"
    )
    assert 0.75 < much.coverage.mean() < 0.85, "about one in five doesn't know it"


# Investigate


@seeds
def test_ten_times_the_members_cost_one_to_three_rounds(seed):
    sizes = [10, 100, 1_000, 10_000, 100_000, 1_000_000]
    rounds = [spread(n, fanout=3, trials=20, seed=seed).rounds_to(0.99).mean() for n in sizes]
    assert all(0.95 <= more <= 3 for more in np.diff(rounds))


@seeds
def test_rows_with_the_same_product_take_nearly_the_same_time_and_everybody_knows_in_the_end(seed):
    def rounds(fanout, loss):
        run = spread(1000, fanout=fanout, loss=loss, max_rounds=300, trials=200, seed=seed)
        assert (run.coverage == 1).all()
        return run.rounds_to(0.99).mean()

    three = [rounds(3, 0.0), rounds(4, 0.25), rounds(6, 0.5)]
    half = [rounds(3, 0.5), rounds(6, 0.75)]
    assert np.ptp(three) < 0.3 and np.ptp(half) < 0.3 and min(half) > max(three) + 3
    assert rounds(3, 0.9) > 3 * max(half)


@seeds
def test_the_tail_of_push_falls_by_e_and_that_of_pull_squares(seed):
    push, pull = (
        spread(1000, mode=mode, fanout=1, trials=400, seed=seed).informed for mode in ("push", "pull")
    )
    # a share of 2 to 10 per cent: below, few members decide
    for informed, law in ((push, lambda p: theory.push_step(p, 1000)), (pull, theory.pull_step)):
        before, after = 1 - informed[:, :-1].ravel() / 1000, 1 - informed[:, 1:].ravel() / 1000
        some = (before > 0.02) & (before < 0.1)
        expected = np.array([law(p) for p in before[some]])
        error = 4 * np.sqrt(np.sum(expected * (1 - expected) / 1000)) / some.sum()
        assert abs(after[some].mean() - expected.mean()) < error
    assert theory.push_step(0.01, 1000) / 0.01 == pytest.approx(np.exp(-1), rel=0.02)


def test_the_stages_show_a_push_that_waits_for_its_last_member_and_a_pull_that_does_not():
    waits = {}
    for mode in ("push", "pull"):
        wrong = Stage(disseminate, nodes=32, fanout=1, seed=11, mode=mode).run.folded.wrong
        waits[mode] = max(at for at, left in wrong if left == 0) - min(at for at, left in wrong if left <= 5)
    assert waits["push"] > 5 > 2 > waits["pull"]


@seeds
def test_pull_needs_fewer_rounds_for_the_last_per_cent(seed):
    push, pull = (spread(1000, mode=mode, fanout=1, trials=200, seed=seed) for mode in ("push", "pull"))
    left = {run: (run.rounds_to(1.0) - run.rounds_to(0.99)).mean() for run in (push, pull)}
    assert left[pull] < left[push] - 0.5


@seeds
@pytest.mark.parametrize(
    "how",
    [{"k": 1}, {"k": 2}, {"k": 3}]
    + [{"k": 2, "feedback": feedback, "counter": counter} for feedback, counter in [(1, 0), (0, 1), (0, 0)]],
    ids=str,
)
def test_the_residue_of_every_way_to_lose_interest_is_e_to_the_minus_traffic(seed, how):
    run = rumor(1000, trials=300, seed=seed, **how)
    residue, traffic = run.residue.mean(), run.traffic.mean()
    # four standard errors of the ratio, to the first order, from 300 runs
    error = (run.residue / residue + run.traffic).std() / traffic / np.sqrt(300)
    assert -np.log(residue) / traffic == pytest.approx(1, abs=4 * error)


@seeds
def test_loss_leaves_more_members_untold_under_memberlist_s_limit(seed):
    runs = [limited(64, 3, loss=loss, trials=4000, seed=seed) for loss in (0.0, 0.25, 0.5, 0.7)]
    untold = [1 - run.coverage.mean() for run in runs]
    clusters = [np.mean(run.coverage < 1) for run in runs]
    assert untold == sorted(untold) and untold[0] > 0
    assert clusters == sorted(clusters) and 0.6 < clusters[2] < 0.75


@seeds
def test_long_links_make_gossip_fast(seed):
    def rounds(overlay):
        return spread(256, fanout=2, overlay=overlay, max_rounds=400, trials=50, seed=seed).rounds_to(1.0)

    complete, ring = rounds(overlays.complete(256)), rounds(overlays.ring(256))
    random = rounds(overlays.random_regular(256, degree=8, seed=1))
    near = rounds(overlays.watts_strogatz(256, degree=8, rewire=0.1, seed=1))
    apart = rounds(overlays.two_datacentres(256, degree=8, links=4, seed=1))
    assert random.mean() - complete.mean() < 1.5, "nearly as good as everybody"
    assert 1.3 < near.mean() / random.mean() < 1.7, "about half as long again"
    assert ring.min() >= 127 and apart.mean() > 1.2 * random.mean()


@seeds
def test_where_the_formulas_stop(seed):
    everyone = spread(1000, fanout=1, trials=300, seed=seed).rounds_to(1.0).mean()
    assert 0.5 < everyone - theory.push_rounds(1000) < 1.7, "about a round is left out"
    coin, count = (rumor(1000, k=2, counter=c, trials=300, seed=seed).residue.mean() for c in (False, True))
    assert theory.rumor_residue(2) > coin > count
    lossy = spread(30, fanout=3, loss=0.5, retransmit=8 / 3, trials=2000, seed=seed)
    curve = theory.serf_convergence(30, 3, loss=0.5).fraction
    assert curve[-1] > 0.999 > 0.99 > lossy.coverage.mean()
    assert (curve[1:8] < lossy.informed.mean(axis=0)[1:8] / 30).all(), "it rises later"


@seeds
def test_the_measured_rounds_are_met(seed):
    chosen = [(2, 0.0), (4, 0.0), (3, 0.25), (3, 0.5)]
    clusters = [c for c in measured.dissemination() if c.members == 64 and (c.fanout, c.loss) in chosen]
    assert len(clusters) == 4
    for cluster in clusters:
        retransmit = cluster.retransmit_limit / cluster.fanout
        run = spread(
            64, fanout=cluster.fanout, loss=cluster.loss, retransmit=retransmit, trials=2000, seed=seed
        )
        for level in (50, 90, 99):
            ours, theirs = np.nanmean(run.rounds_to(level / 100)), cluster.rounds[level]
            assert abs(ours - theirs) <= max(0.1 * theirs, 0.15)


# Break it


def test_exchanges_reach_everybody_whom_the_rumour_alone_misses():
    left = []
    for seed in (*FIVE, 6):
        settings = {"nodes": 32, "fanout": 3, "loss": 0.5, "retransmit": 8 / 3, "seed": seed}
        left.append(32 - heard(Stage(disseminate, **settings)))
        assert heard(Stage(disseminate, **settings, exchange_s=10)) == 32
    assert left[-1] == 2 and sum(left) > 2
    assert theory.retransmit_limit(4, 32) == 8


@seeds
def test_two_exchanges_finish_it_where_half_knew_and_the_rest_is_nearly_all_of_the_mean(seed):
    rumour = limited(64, 3, loss=0.5, trials=4000, seed=seed)
    untold = 1 - exchanges(rumour, 7, seed=seed) / 64
    got_away = rumour.coverage > 0.5
    assert untold[got_away, 2].max() == 0
    assert untold[got_away, 1].mean() < untold[got_away, 0].mean() ** 2, "p² and better"
    assert untold[:, 2].mean() > 3 * untold[:, 0].mean() ** 2, "p² promises too much for the mean of all"
    stuck, expected = np.sum(rumour.informed[:, -1] == 1), 4000 * 0.5**8
    assert abs(stuck - expected) < 4 * np.sqrt(expected)
    assert untold[got_away].sum(axis=0)[1] < 0.1 * untold.sum(axis=0)[1]


def first(seed, ahead=0):
    """When each of a thousand members heard of leader A, and of leader B."""
    a, b = (
        spread(1000, fanout=3, max_rounds=300, track=True, seed=2 * seed + i).learned_at[0] for i in (0, 1)
    )
    return a, b[::-1] + ahead


@seeds
def test_two_leaders_split_the_cluster_though_everybody_hears_both(seed):
    a, b = first(seed)
    assert a.min() == b.min() == 0, "both reach everybody, and nobody is at -1"
    assert 0.3 < np.mean(a < b) < 0.42 and 0.3 < np.mean(b < a) < 0.42 and 0.22 < np.mean(a == b) < 0.36


def test_the_split_differs_from_run_to_run():
    assert len({int(np.sum(a < b)) for a, b in map(first, FIVE)}) == 5


def test_a_head_start_of_several_rounds_decides_for_a():
    shares = [[np.mean(b < a) for a, b in (first(seed, ahead) for seed in FIVE)] for ahead in range(9)]
    means = [np.mean(row) for row in shares]
    assert means == sorted(means, reverse=True)
    assert 0.3 < means[0] < 0.42 and 0.1 < means[1] < 0.2 and means[3] < 0.03
    assert next(n for n, row in enumerate(shares) if max(row) == 0) in (5, 6, 7, 8)


# Misconceptions and key insights


@seeds
def test_a_higher_fanout_saves_less_and_less_for_more_and_more(seed):
    rounds, until = {}, {}
    for fanout in (1, 2, 6, 8, 12):
        run = spread(1000, fanout=fanout, trials=100, seed=seed)
        at = run.rounds_to(0.99).astype(int)
        rounds[fanout] = at.mean()
        until[fanout] = np.mean([row[:n].sum() / 1000 for row, n in zip(run.messages, at, strict=True)])
    assert rounds[1] - rounds[2] == pytest.approx(6, abs=0.5) and until[2] - until[1] < 0.6
    assert rounds[6] - rounds[12] == pytest.approx(1, abs=0.3) and until[12] - until[6] == pytest.approx(
        5, abs=1
    )
    assert 4 < rounds[8] < 4.5 and until[8] < until[6], "at fanout 8 four rounds are mostly enough"


def test_memberlist_s_copies_grow_with_the_logarithm_of_the_cluster():
    assert [theory.retransmit_limit(4, n) for n in (10, 100, 1000, 10_000)] == [8, 12, 16, 20]
