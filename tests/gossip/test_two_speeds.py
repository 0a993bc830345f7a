"""Two speeds, one truth: the epidemic on arrays and the epidemic message by message have one distribution."""

import numpy as np
import pytest

from gossipkit.gossip import Spread, overlays, spread
from gossipkit.gossip.dissemination import ROUND_S, Teller
from gossipkit.gossip.parameters import Parameters
from gossipkit.sim import Constant, Network, World

LATENCY_S = 0.25


def disseminate(nodes, trials=1, seed=0, **options):
    """What `spread` computes, with every message sent: trial ``i`` is a world of its own with the seed ``seed + i``."""
    parameters = Parameters(nodes=nodes, trials=trials, seed=seed, track=True, **options)
    runs = [_one_world(parameters, parameters.seed + trial) for trial in range(parameters.trials)]
    rounds = max(len(messages) for _, messages, _ in runs)
    return Spread(
        parameters,
        np.array([informed + informed[-1:] * (rounds + 1 - len(informed)) for informed, _, _ in runs]),
        np.array([messages + [0] * (rounds - len(messages)) for _, messages, _ in runs]),
        np.array([learned for _, _, learned in runs]),
    )


def _one_world(parameters: Parameters, seed: int) -> tuple[list[int], list[int], list[int]]:
    """One trial: how many are informed after each round, messages in each round, and when each node learnt."""
    network = Network(latency=Constant(LATENCY_S), loss=parameters.loss)
    world = World(seed=seed, network=network, trace=False)
    names = [f"node-{i}" for i in range(parameters.nodes)]
    gossipers = []
    for i, name in enumerate(names):
        near = parameters.overlay
        contacts = (
            names[:i] + names[i + 1 :]
            if near is None
            else [names[j] for j in near.targets[near.starts[i] : near.starts[i + 1]]]
        )
        gossipers.append(Teller(parameters, contacts, learned=0 if i == 0 else None))
        world.add(name, gossipers[-1])
    informed, messages = [1], []
    for round_ in range(1, parameters.max_rounds + 1):
        world.run(until=(round_ + 0.75) * ROUND_S)  # calls, requests and replies of this round have arrived
        messages.append(int(world.metrics.value("datagram.sent.messages")) - sum(messages))
        informed.append(sum(gossiper.learned is not None for gossiper in gossipers))
        everyone = parameters.copies is None and informed[-1] == parameters.nodes
        if everyone or not any(gossiper.tells_next() for gossiper in gossipers):
            break
    return informed, messages, [-1 if g.learned is None else g.learned for g in gossipers]


NODES = 40
SLOW, FAST = 300, 3000
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
