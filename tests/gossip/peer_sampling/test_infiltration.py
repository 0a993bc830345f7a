"""How many liars honest peers come to know: the recurrence, the samplers' uniformity, and runs of both protocols."""

from collections import Counter
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from gossipkit.gossip.peer_sampling import (
    Brahms,
    BrahmsConfig,
    Infiltrator,
    fixed_point,
    infiltrate,
    next_share,
)
from gossipkit.sim import Network, Uniform, World


@pytest.mark.parametrize("f", [0.02, 0.1, 0.2, 0.3])
def test_without_a_history_the_fixed_point_is_the_closed_one(f):
    """x² (1 - (1 - f) x) = f has, beside x = 1, the root of (1 - f) x² - f x - f = 0."""
    closed = (f + sqrt(4 * f - 3 * f * f)) / (2 * (1 - f))
    assert fixed_point(f, 0.5, 0.5, 0.0) == pytest.approx(closed, abs=1e-6)
    assert next_share(closed, f, 0.5, 0.5, 0.0) == pytest.approx(closed)
    assert next_share(1.0, f, 0.5, 0.5, 0.0) == 1.0, "all is a fixed point, too: nobody honest is known"


def test_a_history_keeps_some_honest_names_whatever_the_share_of_liars():
    assert fixed_point(0.34, 0.5, 0.5, 0.0) == 1.0 and fixed_point(0.0) == 0.0
    points = [fixed_point(f / 20) for f in range(1, 19)]
    assert all(low < high for low, high in pairwise(points)) and points[-1] < 0.995
    assert all(point <= 1 - 0.1 * (1 - f / 20) for f, point in enumerate(points, start=1)), (
        "γ (1 - f) at least"
    )


class Watched(Brahms):
    """A peer that writes down what a round brought it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rounds = []

    def _renew(self):
        if self._env.now > 20.0:
            self.rounds.append((list(self.view), self._pushed, self._pulled))
        super()._renew()


def overlay(nodes, liars, *, view=20, power=1, seconds=40.0, seed=1):
    config = BrahmsConfig(view_size=view, samplers=view)
    names = [f"n{at}" for at in range(nodes)]
    lying = set(names[nodes - liars :])
    world = World(seed=seed, network=Network(latency=Uniform(0.02, 0.08)), trace=False)
    for at, name in enumerate(names):
        if name in lying:
            per_round = power * config.pushes
            world.add(name, Infiltrator("brahms", sorted(lying), names[: nodes - liars], per_round, view))
        else:
            start = 7 * at % nodes
            known = [other for other in (names[start:] + names[:start])[: view + 1] if other != name][:view]
            world.add(name, Watched(known, config))
    world.run(until=seconds)
    return [world.process(name) for name in names[: nodes - liars]], names, lying


def test_a_run_has_the_three_parts_of_the_recurrence():
    """Each part in the mean of 20 rounds of 80 peers; the tolerance is four standard errors over peers, whose rounds hang together."""
    peers, _, lying = overlay(100, 20)
    f = 0.2
    by_peer = []
    for peer in peers:
        x = np.mean([np.mean([name in lying for name in view]) for view, _, _ in peer.rounds])
        pushes = [name in lying for _, pushed, _ in peer.rounds for name in pushed]
        pulls = [name in lying for _, _, pulled in peer.rounds for name in pulled]
        by_peer.append((x, sum(pushes), len(pushes), np.mean(pulls)))
    x, liars_pushed, pushed, pulled = np.array(by_peer).T
    share = x.mean()
    error = lambda values: 4 * values.std() / sqrt(len(values))  # noqa: E731 - of a mean over peers
    expected = f / (f + (1 - f) * (1 - share))
    ratio = liars_pushed.sum() / pushed.sum()
    assert (
        abs(ratio - expected) < error(liars_pushed - expected * pushed) / pushed.mean() + error(x) * expected
    )
    # honest names in honest views, pulled from honest peers: less by one's own name, one of 79 others
    assert (
        abs(pulled.mean() - (1 - (1 - share) ** 2))
        < error(pulled) + 2 * (1 - share) * error(x) + (1 - share) ** 2 / 79
    )
    kept = [name in lying for peer in peers for name in peer.samplers.samples]
    assert abs(np.mean(kept) - f) < 4 * sqrt(f * (1 - f) / len(kept))
    assert fixed_point(f) - 0.02 < share < fixed_point(f) + 0.08


def chi_square(q, freedom):
    """A quantile of the chi-square distribution, after Wilson and Hilferty: within one in a thousand from ten degrees on."""
    spread = 2 / (9 * freedom)
    return freedom * (1 - spread + NormalDist().inv_cdf(q) * sqrt(spread)) ** 3


@pytest.mark.parametrize("liars", [0, 8])
def test_samplers_come_to_keep_every_peer_alike_also_under_a_flood(liars):
    """A chi-square over who is kept, with 99.9 % of its distribution; views under the same flood fail it by far."""
    peers, names, lying = overlay(40, liars, view=12, power=3, seconds=40.0, seed=2)
    kept = Counter(name for peer in peers for name in peer.samplers.samples)
    # a peer never keeps itself: honest names have one chance less
    chance = {name: len(peers) - (name not in lying) for name in names}
    total, chances = sum(kept.values()), sum(chance.values())
    statistic = lambda counts, total: sum(  # noqa: E731 - of two countings
        (counts[name] - total * chance[name] / chances) ** 2 / (total * chance[name] / chances)
        for name in names
    )
    assert statistic(kept, total) < chi_square(0.999, len(names) - 1)
    if liars:
        known = Counter(name for peer in peers for name in peer.view)
        assert statistic(known, sum(known.values())) > 5 * chi_square(0.999, len(names) - 1)


def test_cyclon_s_views_are_taken_over_and_brahms_are_not():
    cyclon, brahms = (
        infiltrate(protocol, 60, liars=0.3, rounds=30, runs=3) for protocol in ("cyclon", "brahms")
    )
    assert np.all(cyclon.share[:, -1] > 0.97) and np.all(cyclon.isolated[:, -1] > 0.7)
    assert np.all(brahms.share[:, -1] < 0.8) and np.all(brahms.isolated[:, -1] < 0.15)
    assert np.all(np.abs(brahms.samples[:, -1] - 0.3) < 4 * sqrt(0.3 * 0.7 / (42 * 12)) + 0.05)
    assert np.all(np.isnan(cyclon.samples)) and np.isnan(cyclon.expected)
    assert brahms.expected == pytest.approx(fixed_point(0.3, 5 / 12, 5 / 12, 2 / 12))


def test_without_liars_nobody_is_one():
    for protocol in ("cyclon", "brahms"):
        found = infiltrate(protocol, 20, liars=0.0, rounds=5)
        assert np.all(found.share == 0) and np.all(found.isolated == 0)


def test_a_flood_freezes_brahms_views_where_they_are():
    flood = infiltrate("brahms", 40, liars=0.3, push_power=8.0, rounds=15)
    assert flood.blocked > 0.95 and np.ptp(flood.share[0]) < 0.05


def test_few_victims_are_blocked_and_others_are_left_in_peace():
    found = infiltrate("brahms", 40, liars=0.2, victims=4, rounds=15, seed=1)
    assert found.share[0, -1] < infiltrate("brahms", 40, liars=0.2, rounds=15, seed=1).share[0, -1] + 0.05
    assert infiltrate(**found.settings).share.tolist() == found.share.tolist()


def test_loss_and_churn_leave_views_standing():
    for protocol in ("cyclon", "brahms"):
        found = infiltrate(protocol, 30, liars=0.1, loss=0.2, churn_per_minute=60.0, rounds=20)
        assert found.share.shape == (1, 21) and np.all(np.isfinite(found.share))
        assert found.share[0, -1] < 0.6
