"""The closed forms against the rows of their sources."""

import math

import numpy as np
import pytest

from gossipkit.gossip import spread, theory

# serf's simulator page: (nodes, fanout, loss, failures) and the percentages it draws, to four digits
SERF = {
    (30, 3, 0, 0): [3.125, 12.631, 39.3175, 74.3838, 92.8642, 98.3143, 99.6189, 99.9147, 99.981, 99.9958],
    (10, 3, 0, 0): [8.3333, 28.9483, 64.6138, 89.1108, 97.3457, 99.3953, 99.8644, 99.9697, 99.9932],
    (30, 6, 0, 0): [3.125, 39.3175, 92.8642, 99.6189, 99.981, 99.9991],
    (30, 3, 0.1, 0): [
        3.125,
        11.0663,
        32.432,
        64.9311,
        87.7182,
        96.4974,
        99.0678,
        99.7567,
        99.9368,
        99.9836,
        99.9958,
    ],
}
SERF_ROUNDS = [
    ({"nodes": 30, "fanout": 3}, 9),
    ({"nodes": 10, "fanout": 3}, 8),
    ({"nodes": 100, "fanout": 3}, 10),
    ({"nodes": 300, "fanout": 3}, 10),
    ({"nodes": 1000, "fanout": 3}, 11),
    ({"nodes": 10_000, "fanout": 3}, 13),
    ({"nodes": 30, "fanout": 3, "loss": 0.1}, 10),
    ({"nodes": 30, "fanout": 3, "loss": 0.25}, 12),
    ({"nodes": 30, "fanout": 3, "failures": 0.5}, 17),
    ({"nodes": 30, "fanout": 1}, 26),
    ({"nodes": 30, "fanout": 2}, 13),
    ({"nodes": 30, "fanout": 4}, 7),
    ({"nodes": 30, "fanout": 6}, 5),
]


@pytest.mark.parametrize("case", SERF, ids=str)
def test_serf_s_curve_is_drawn_digit_by_digit(case):
    nodes, fanout, loss, failures = case
    curve = theory.serf_convergence(nodes, fanout, loss=loss, failures=failures)
    assert (100 * curve.fraction).round(4).tolist() == SERF[case]


@pytest.mark.parametrize(("case", "rounds"), SERF_ROUNDS, ids=str)
def test_serf_s_simulator_stops_after_as_many_rounds(case, rounds):
    curve = theory.serf_convergence(**case)
    assert len(curve.fraction) - 1 == rounds
    assert curve.seconds[-1] == pytest.approx(0.2 * rounds)


def test_serf_s_bandwidth():
    assert theory.serf_convergence(30, 3).bytes_per_second == 42_000


def test_demers_equation_has_the_printed_solutions():
    assert [round(theory.rumor_residue(k), 4) for k in range(1, 6)] == [0.2032, 0.0595, 0.0198, 0.007, 0.0025]


@pytest.mark.parametrize(
    ("mult", "n", "limit"), [(3, 0, 0), (3, 1, 3), (3, 99, 6), (1, 10, 2), (4, 5, 4), (4, 10_000, 20)]
)
def test_memberlist_s_own_rows_of_its_retransmit_limit(mult, n, limit):
    assert theory.retransmit_limit(mult, n) == limit


@pytest.mark.parametrize("n", [100, 1000, 10_000])
def test_push_takes_log2_n_plus_ln_n_rounds_and_about_one_more(n):
    rounds = spread(n, trials=1000, seed=1).rounds_to(1.0)
    assert 0.5 < rounds.mean() - theory.push_rounds(n) < 1.7


@pytest.mark.parametrize("informed", [100, 500, 950])
def test_a_round_of_push_and_of_pull_leave_the_expected_share(informed):
    """From a state of many informed nodes: reached by a spread, conditioned on its count."""
    n = 1000
    push = spread(n, trials=4000, seed=2).informed
    pull = spread(n, mode="pull", trials=4000, seed=2).informed
    for counts, step in ((push, lambda p: theory.push_step(p, n)), (pull, theory.pull_step)):
        before, after = counts[:, :-1].ravel(), counts[:, 1:].ravel()
        near = np.abs(before - informed) <= 10
        p = 1 - before[near] / n
        expected = np.array([step(share) for share in p])
        left = 1 - after[near] / n
        assert near.sum() >= 20
        # the closed forms are for the caller's target drawn from all n nodes, itself included: 1/n of a difference
        assert left.mean() == pytest.approx(
            expected.mean(), abs=4 * left.std() / math.sqrt(near.sum()) + 2 / n
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.push_rounds(1), "n is 1: it must be a whole number, at least 2"),
        (lambda: theory.pull_step(1.2), "p is 1.2: it must be a number, between 0 and 1"),
        (lambda: theory.push_step(-1, 10), "p is -1: it must be a number, between 0 and 1"),
        (lambda: theory.rumor_residue(0), "k is 0: it must be a whole number, at least 1"),
        (lambda: theory.serf_convergence(30, 0), "fanout is 0: it must be a whole number, at least 1"),
        (lambda: theory.serf_convergence(30, 3, loss=2), "loss is 2: it must be a number, between 0 and 1"),
        (lambda: theory.serf_convergence(30, 3, interval_s=0), "interval_s is 0: it must be more than 0"),
        (lambda: theory.retransmit_limit(0, 10), "mult is 0: it must be a whole number, at least 1"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
