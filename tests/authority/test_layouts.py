"""The paper's three partitioning strategies: load and metadata."""

import numpy as np
import pytest

from gossipkit.authority.layouts import balance

SEEDS = range(20)


@pytest.fixture(scope="module")
def measured():
    return {strategy: [balance(strategy, seed=seed) for seed in SEEDS] for strategy in (1, 2, 3)}


def test_with_equal_metadata_strategy_3_is_best_and_2_is_worst(measured):
    # dynamo.json, efficiency_order: "3 > 1 > 2 at equal membership-metadata size (S=30, N=3)"
    means = {strategy: np.mean([each.efficiency for each in runs]) for strategy, runs in measured.items()}
    errors = {
        strategy: np.std([each.efficiency for each in runs]) / len(SEEDS) ** 0.5
        for strategy, runs in measured.items()
    }
    assert means[3] - means[1] > 3 * np.hypot(errors[3], errors[1])
    assert means[1] - means[2] > 3 * np.hypot(errors[1], errors[2])


def test_nodes_out_of_balance_have_the_same_order(measured):
    shares = {strategy: np.mean([each.imbalance for each in runs]) for strategy, runs in measured.items()}
    assert shares[3] == 0 < shares[1] < shares[2]


def test_the_budget_is_kept_and_used(measured):
    for runs in measured.values():
        for each in runs:
            assert 0.99 * 34_560 <= each.metadata_bytes <= 34_560


def test_the_same_balance_costs_strategy_3_a_fraction_of_the_metadata():
    lean = [balance(3, metadata_bytes=1_080, seed=seed) for seed in SEEDS]
    rich = [balance(1, metadata_bytes=34_560, seed=seed) for seed in SEEDS]
    assert lean[0].metadata_bytes * 32 == rich[0].metadata_bytes
    assert np.mean([each.efficiency for each in lean]) > 0.95 * np.mean([each.efficiency for each in rich])


@pytest.mark.parametrize(
    "arguments",
    [
        {"strategy": 4},
        {"strategy": 1, "nodes": 2},
        {"strategy": 3, "metadata_bytes": 10},
        {"strategy": 1, "n": 0},
    ],
)
def test_what_is_refused(arguments):
    with pytest.raises(ValueError, match=" is "):
        balance(**arguments)
