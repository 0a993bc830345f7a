"""Demers' rumour mongering against his tables (Xerox CSL-89-1, page 13; n = 1000)."""

import numpy as np
import pytest

from gossipkit.gossip import rumor

TABLES = [
    ("table 1", {}, 1, 0.18, 1.7, 16.8),
    ("table 1", {}, 2, 0.037, 3.3, 16.9),
    ("table 1", {}, 3, 0.011, 4.5, 17.4),
    ("table 2", {"feedback": False, "counter": False}, 1, 0.96, 0.04, 38),
    ("table 2", {"feedback": False, "counter": False}, 2, 0.20, 1.6, 33),
    ("table 2", {"feedback": False, "counter": False}, 3, 0.060, 2.8, 32),
    ("table 3", {"mode": "pull"}, 1, 0.031, 2.7, 17.6),
]


@pytest.mark.parametrize(("table", "variant", "k", "residue", "traffic", "t_last"), TABLES, ids=str)
def test_the_paper_s_tables_come_out(table, variant, k, residue, traffic, t_last):
    trials = 400
    run = rumor(1000, k=k, trials=trials, seed=1, **variant)

    def close(sample, printed, digit):
        # half a digit of the printed number, and the error of two means of some hundred trials each
        return sample.mean() == pytest.approx(
            printed, abs=digit / 2 + 4 * sample.std() * np.sqrt(1 / trials + 1 / 100)
        )

    assert close(run.residue, residue, 0.01 if residue > 0.1 else 0.001)
    assert close(run.traffic, traffic, 0.1 if traffic > 1 else 0.01)
    assert close(run.t_last, t_last, 1 if t_last == int(t_last) else 0.1)


@pytest.mark.parametrize(
    "variant", [{}, {"counter": False}, {"feedback": False}, {"feedback": False, "counter": False}]
)
@pytest.mark.parametrize("k", [2, 3])
def test_every_push_buys_residue_with_traffic_at_the_same_rate(variant, k):
    run = rumor(1000, k=k, trials=300, seed=2, **variant)
    # both sides are means of one sample: four standard errors of the difference, to the first order
    expected = np.exp(-run.traffic.mean())
    apart = run.residue + expected * run.traffic
    assert run.residue.mean() == pytest.approx(expected, abs=4 * apart.std() / np.sqrt(300))


def test_a_blind_counter_calls_exactly_k_times():
    run = rumor(200, k=3, feedback=False, trials=50, seed=3)
    assert run.traffic * 200 == pytest.approx(3 * (1 - run.residue) * 200)


def test_one_seed_replays_everything():
    first, second = (rumor(300, k=2, trials=5, seed=7) for _ in range(2))
    assert (first.residue == second.residue).all()
    assert (first.t_last == second.t_last).all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"k": 0}, "k is 0: it must be a whole number, at least 1"),
        ({"nodes": 1}, "nodes is 1: it must be a whole number, at least 2"),
        ({"mode": "push-pull"}, "mode is 'push-pull': it must be push or pull"),
        ({"trials": 1.5}, "trials is 1.5: it must be a whole number"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(bad, message):
    with pytest.raises(ValueError, match=message):
        rumor(**{"nodes": 10, "k": 1, **bad})
