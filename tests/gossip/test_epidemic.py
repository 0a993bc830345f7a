"""`spread`: its exact path against the path that follows every node, its invariants, and its bounds."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.gossip import overlays, spread
from gossipkit.gossip.neighbours import Neighbours

SETTINGS = settings(max_examples=40, deadline=None)

parameters = st.fixed_dictionaries(
    {
        "nodes": st.integers(2, 40),
        "mode": st.sampled_from(["push", "pull", "push-pull"]),
        "loss": st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        "retransmit": st.sampled_from([None, 1, 2, 2.5, 8 / 3]),
        "trials": st.integers(1, 4),
        "seed": st.integers(0, 2**32),
        "track": st.booleans(),
        "max_rounds": st.integers(1, 40),
    }
)


def largest_gap(a, b):
    """Kolmogorov and Smirnov's distance between two samples."""
    points = np.union1d(a, b)
    below = [np.searchsorted(np.sort(sample), points, side="right") / len(sample) for sample in (a, b)]
    return np.abs(below[0] - below[1]).max()


CASES = [
    {"mode": "push", "fanout": 1},
    {"mode": "push", "fanout": 3, "loss": 0.3},
    {"mode": "push", "fanout": 3, "loss": 0.5, "retransmit": 8 / 3},
    {"mode": "push", "fanout": 2, "churn": 0.05, "max_rounds": 20},
    {"mode": "push", "fanout": 2, "churn": 0.05, "max_rounds": 20, "retransmit": 2.5},
    {"mode": "pull", "fanout": 1},
    {"mode": "pull", "fanout": 2, "loss": 0.4},
    {"mode": "pull", "fanout": 2, "loss": 0.2, "churn": 0.03, "max_rounds": 20, "retransmit": 3},
    {"mode": "push-pull", "fanout": 1},
    {"mode": "push-pull", "fanout": 2, "loss": 0.3, "retransmit": 1.5},
    {"mode": "push-pull", "fanout": 1, "loss": 0.1, "churn": 0.02, "max_rounds": 20},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_exact_path_and_the_node_path_have_one_distribution(case):
    trials = 1500
    counts, nodes = (
        spread(60, trials=trials, seed=11, overlay=overlay, **case)
        for overlay in (None, overlays.complete(60))
    )
    # Kolmogorov-Smirnov at one in 100 000 a comparison; ties in whole numbers only make it stricter on us
    limit = np.sqrt(-np.log(1e-5 / 2) / trials)
    samples = {
        "messages": [run.messages.sum(axis=1) for run in (counts, nodes)],
        "coverage": [run.coverage for run in (counts, nodes)],
        "rounds to half": [np.nan_to_num(run.rounds_to(0.5), nan=1e9) for run in (counts, nodes)],
    }
    for column in (2, 4, 6, 9):
        last = min(column, counts.informed.shape[1] - 1, nodes.informed.shape[1] - 1)
        samples[f"informed after {column}"] = [run.informed[:, last] for run in (counts, nodes)]
    gaps = {name: largest_gap(*pair) for name, pair in samples.items()}
    assert max(gaps.values()) < limit, gaps


@pytest.mark.parametrize("case", CASES, ids=str)
def test_who_learns_when_has_one_distribution_whether_nodes_are_dealt_out_or_followed(case):
    trials = 3000
    dealt, followed = (
        spread(12, trials=trials, seed=seed, overlay=overlay, track=True, **case).learned_at
        for seed, overlay in ((1, None), (2, overlays.complete(12)))
    )
    limit = np.sqrt(-np.log(1e-5 / 2) / trials)
    samples = {
        "the first node": [run[:, 0] for run in (dealt, followed)],
        "another one": [run[:, 5] for run in (dealt, followed)],
        "two nodes, as one number": [run[:, 2] * 1000 + run[:, 11] for run in (dealt, followed)],
        "how far apart two nodes are": [np.abs(run[:, 3] - run[:, 7]) for run in (dealt, followed)],
        "how many learn when the last one does": [
            (run == run.max(axis=1, keepdims=True)).sum(axis=1) for run in (dealt, followed)
        ],
    }
    gaps = {name: largest_gap(*pair) for name, pair in samples.items()}
    assert max(gaps.values()) < limit, gaps


def test_nodes_are_dealt_out_to_the_rounds_by_their_counts():
    run = spread(1000, fanout=2, loss=0.2, retransmit=2, trials=20, seed=4, track=True)
    assert (run.learned_at[:, 0] == 0).all()
    for trial, informed in zip(run.learned_at, run.informed, strict=True):
        assert [((trial >= 0) & (trial <= now)).sum() for now in range(len(informed))] == informed.tolist()
    assert (run.learned_at == -1).sum() == (1000 - run.informed[:, -1]).sum() > 0


@pytest.mark.parametrize("degrees", ["equal", "different"])
@pytest.mark.parametrize("trials", [1, 5])
def test_whoever_may_call_more_than_it_has_neighbours_calls_each_once(degrees, trials):
    graph = overlays.random_regular(60, degree=6, seed=1) if degrees == "equal" else nx.path_graph(60)
    run = spread(60, fanout=8, retransmit=1, overlay=graph, trials=trials, track=True, seed=1)
    distance = nx.single_source_shortest_path_length(graph, 0)
    assert (run.learned_at == [distance[node] for node in range(60)]).all()
    degree = np.array([graph.degree[node] for node in range(60)])
    assert (run.messages.sum(axis=1) == degree.sum()).all()


@pytest.mark.parametrize(
    ("nodes", "mode", "rounds"),
    [
        (10, "push", 6.07),
        (10, "push-pull", 3.47),
        (1000, "push", 18.1),
        (1000, "pull", 13.9),
        (1000, "push-pull", 9.12),
    ],
)
def test_rounds_until_all_know_are_those_of_other_simulations(nodes, mode, rounds):
    measured = spread(nodes, mode=mode, trials=2000, seed=1).rounds_to(1.0)
    # the reference rows are means themselves, of samples whose size is not told: allow 2 % beside our own error
    assert measured.mean() == pytest.approx(rounds, abs=0.02 * rounds + 3 * measured.std() / np.sqrt(2000))


def test_a_pull_takes_the_rounds_of_its_markov_chain():
    """From i informed of n, each of the others finds one with chance i/(n-1): a chain that can be solved."""
    n = 10
    rounds = {n: 0.0}
    for i in range(n - 1, 0, -1):
        p, left = i / (n - 1), n - i
        onward = sum(
            math.comb(left, new) * p**new * (1 - p) ** (left - new) * rounds[i + new]
            for new in range(1, left + 1)
        )
        rounds[i] = (1 + onward) / (1 - (1 - p) ** left)
    measured = spread(n, mode="pull", trials=20_000, seed=1).rounds_to(1.0)
    assert measured.mean() == pytest.approx(rounds[1], abs=4 * measured.std() / np.sqrt(20_000))


def test_a_push_with_fanout_three_tells_a_thousand_in_eight_rounds():
    assert spread(1000, fanout=3, trials=500, seed=1).rounds_to(1.0).mean() == pytest.approx(8.2, abs=0.15)


@SETTINGS
@given(parameters, st.integers(1, 5))
def test_counts_stay_within_their_bounds(kwargs, fanout):
    fanout = min(fanout, kwargs["nodes"] - 1)
    if kwargs["retransmit"] is not None and round(kwargs["retransmit"] * fanout) < 1:
        return
    run = spread(fanout=fanout, **kwargs)
    rounds = run.messages.shape[1]
    assert run.informed.shape == (kwargs["trials"], rounds + 1)
    assert rounds <= kwargs["max_rounds"]
    assert (run.informed[:, 0] == 1).all()
    assert (np.diff(run.informed, axis=1) >= 0).all()  # without churn nobody forgets
    assert run.informed.max() <= kwargs["nodes"]
    calls = 2 if kwargs["mode"] != "push" else 1
    assert (run.messages <= calls * fanout * kwargs["nodes"]).all()
    if kwargs["loss"] == 1:
        assert run.informed.max() == 1
    if kwargs["track"]:
        assert ((run.learned_at >= 0).sum(axis=1) == run.informed[:, -1]).all()
        assert (run.learned_at[:, 0] == 0).all()
        for round_ in range(rounds + 1):
            known = (run.learned_at >= 0) & (run.learned_at <= round_)
            assert (known.sum(axis=1) == run.informed[:, round_]).all()


@pytest.mark.parametrize("retransmit", [None, 3])
def test_under_churn_it_is_said_who_knew_in_each_round(retransmit):
    run = spread(60, fanout=2, churn=0.1, retransmit=retransmit, track=True, trials=4, max_rounds=20, seed=1)
    assert run.knew.shape == (4, run.messages.shape[1] + 1, 60)
    assert (run.knew.sum(axis=2) == run.informed).all()
    assert (run.knew[:, 0] == (np.arange(60) == 0)).all()
    assert ((run.learned_at >= 0) == run.knew[:, -1]).all()
    assert (run.knew[:, :-1] & ~run.knew[:, 1:]).any(), "some forget"
    assert spread(60, track=True, seed=1).knew is None and spread(60, churn=0.1, seed=1).knew is None


@SETTINGS
@given(parameters)
def test_one_seed_replays_everything(kwargs):
    if kwargs["nodes"] == 2:
        kwargs["nodes"] = 3
    first, second = (spread(fanout=2, **kwargs) for _ in range(2))
    assert (first.informed == second.informed).all()
    assert (first.messages == second.messages).all()


@pytest.mark.parametrize("track", [False, True])
@pytest.mark.parametrize("retransmit", [1, 8 / 3, 4])
def test_a_budget_is_spent_to_the_last_copy_and_not_beyond(track, retransmit):
    run = spread(64, fanout=3, loss=0.5, retransmit=retransmit, trials=50, seed=3, track=track)
    assert (run.messages.sum(axis=1) == round(3 * retransmit) * run.informed[:, -1]).all()


@pytest.mark.parametrize("track", [False, True])
def test_churn_keeps_a_rumour_below_everyone(track):
    run = spread(400, fanout=3, churn=0.1, max_rounds=60, trials=40, seed=5, track=track)
    later = run.informed[:, 30:] / 400
    alive = later[:, -1] > 0
    # in equilibrium x = (1 - churn) (1 - (1 - x) e^-(3 x)) for a push with fanout 3
    x = 1.0
    for _ in range(200):
        x = 0.9 * (1 - (1 - x) * np.exp(-3 * x))
    spread_of_mean = later[alive].mean(axis=1).std() / np.sqrt(alive.sum())
    assert later[alive].mean() == pytest.approx(x, abs=4 * spread_of_mean + 2 / 400)


@SETTINGS
@given(st.integers(0, 1000), st.sampled_from(["push", "pull", "push-pull"]), st.integers(1, 4))
def test_on_an_overlay_news_moves_one_hop_a_round(seed, mode, fanout):
    graph = overlays.watts_strogatz(40, degree=4, rewire=0.2, seed=seed)
    learned_at = spread(40, mode=mode, fanout=fanout, overlay=graph, seed=seed, track=True).learned_at[0]
    distance = nx.single_source_shortest_path_length(graph, 0)
    for node, when in enumerate(learned_at):
        assert when == -1 or when >= distance[node]
        if when > 0:
            assert any(0 <= learned_at[other] < when for other in graph[node])


def test_a_flood_on_an_overlay_takes_exactly_the_distance():
    graph = overlays.tree(40, branching=3)
    learned_at = spread(40, fanout=39, overlay=graph, track=True).learned_at[0]
    distance = nx.single_source_shortest_path_length(graph, 0)
    assert learned_at.tolist() == [distance[node] for node in range(40)]


def test_an_overlay_that_is_complete_changes_nothing():
    kwargs = {"fanout": 2, "loss": 0.2, "trials": 1500}
    anybody = spread(50, seed=1, **kwargs).rounds_to(1.0)
    listed = spread(50, seed=2, overlay=overlays.complete(50), **kwargs).rounds_to(1.0)
    assert largest_gap(anybody, listed) < np.sqrt(-np.log(1e-5 / 2) / 1500)


def test_a_graph_and_its_arrays_are_the_same_overlay():
    graph = overlays.random_regular(100, degree=6, seed=2)
    first, second = (
        spread(100, fanout=2, overlay=overlay, seed=4) for overlay in (graph, Neighbours.of(graph))
    )
    assert (first.informed == second.informed).all()


def test_rounds_to_counts_whole_members_and_the_originator():
    run = spread(10, fanout=9, seed=1)
    assert run.rounds_to(0.1).tolist() == [0.0]
    assert run.rounds_to(0.11).tolist() == [1.0]
    assert np.isnan(spread(10, loss=1.0, max_rounds=3).rounds_to(0.2)).all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"nodes": 1}, "nodes is 1: it must be a whole number, at least 2"),
        ({"nodes": 10.5}, "nodes is 10.5: it must be a whole number"),
        ({"fanout": 0}, "fanout is 0: it must be a whole number, from 1 to 9"),
        ({"fanout": 10}, "fanout is 10: it must be a whole number, from 1 to 9"),
        ({"loss": 1.2}, "loss is 1.2: it must be a number, between 0 and 1"),
        ({"loss": float("nan")}, "loss is nan: it must be a number, between 0 and 1"),
        ({"churn": -0.1}, "churn is -0.1: it must be a number, between 0 and 1"),
        ({"mode": "shout"}, "mode is 'shout': it must be one of push, pull, push-pull"),
        ({"max_rounds": 0}, "max_rounds is 0: it must be a whole number, at least 1"),
        ({"trials": 0}, "trials is 0: it must be a whole number, at least 1"),
        ({"seed": -1}, "seed is -1: it must be a whole number, at least 0"),
        ({"retransmit": 0}, "retransmit is 0: it must be None"),
        ({"retransmit": "2"}, "retransmit is '2': it must be None"),
        ({"overlay": "ring"}, "overlay is 'ring': it must be a networkx graph"),
        ({"overlay": overlays.ring(9)}, "overlay has 9 nodes: it must have as many as nodes, 10"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_bad_input_is_named_with_what_is_allowed(bad, message):
    with pytest.raises(ValueError, match=message):
        spread(**{"nodes": 10, **bad})
