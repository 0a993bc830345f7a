"""Two speeds, one truth: the epidemic on arrays and the epidemic message by message have one distribution."""

import numpy as np
import pytest

from gossipkit.gossip import disseminate, overlays, spread

NODES = 40
SLOW, FAST = 200, 3000
CASES = {
    "push": {"fanout": 1},
    "push with loss": {"fanout": 3, "loss": 0.3},
    "push with memberlist's limit": {"fanout": 3, "loss": 0.5, "retransmit": 8 / 3},
    "pull": {"mode": "pull", "fanout": 1, "loss": 0.2},
    "pull with a limit": {"mode": "pull", "fanout": 2, "loss": 0.2, "retransmit": 3},
    "push-pull": {"mode": "push-pull", "fanout": 2, "loss": 0.3, "retransmit": 1.5},
    "push on a small world": {
        "fanout": 2,
        "overlay": overlays.watts_strogatz(NODES, degree=4, rewire=0.2, seed=1),
    },
}


def largest_gap(a, b):
    """Kolmogorov and Smirnov's distance between two samples; a trial that never got there is later than all."""
    a, b = (np.sort(np.nan_to_num(np.asarray(sample, float), nan=np.inf)) for sample in (a, b))
    points = np.unique(np.concatenate([a, b]))
    return np.abs(
        np.searchsorted(a, points, side="right") / len(a) - np.searchsorted(b, points, side="right") / len(b)
    ).max()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_speeds_have_one_distribution(case):
    slow = disseminate(NODES, trials=SLOW, seed=1000, **case)
    fast = spread(NODES, trials=FAST, seed=1, **case)
    # exceeded once in 10 000 pairs of samples from one distribution; for whole numbers more seldom still
    limit = np.sqrt(-np.log(0.00005) / 2 * (1 / SLOW + 1 / FAST))
    for level in (0.5, 0.9, 1.0):
        assert largest_gap(slow.rounds_to(level), fast.rounds_to(level)) < limit
    assert largest_gap(slow.coverage, fast.coverage) < limit
    assert largest_gap(slow.messages.sum(axis=1), fast.messages.sum(axis=1)) < limit


def test_the_comparison_can_fail():
    slow = disseminate(NODES, fanout=2, trials=SLOW, seed=1000).rounds_to(1.0)
    fast = spread(NODES, fanout=3, trials=FAST, seed=1).rounds_to(1.0)
    assert largest_gap(slow, fast) > 0.3


def test_what_each_node_learnt_adds_up():
    run = disseminate(NODES, fanout=2, loss=0.2, trials=5, seed=3)
    for learned, informed in zip(run.learned_at, run.informed, strict=True):
        assert learned[0] == 0
        assert [
            int(np.sum((learned >= 0) & (learned <= at))) for at in range(len(informed))
        ] == informed.tolist()


def test_a_trial_is_replayed_by_its_seed():
    several, one = disseminate(NODES, fanout=2, trials=3, seed=5), disseminate(NODES, fanout=2, seed=7)
    assert several.learned_at[2].tolist() == one.learned_at[0].tolist()


def test_bad_input_is_refused_as_by_spread():
    with pytest.raises(ValueError, match="fanout is 40: it must be a whole number, from 1 to 39"):
        disseminate(NODES, fanout=40)
