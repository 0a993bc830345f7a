"""The model against real Redis 7.0 clusters, setting by setting: the first and the last observer of each step of a failover.

The model is looked at as the clusters were: each survivor every 20 to 50 ms. A sample of runs of the model is compared with
the measured one by Kolmogorov and Smirnov's distance, whose limit for two samples of n and m is c * sqrt((n + m) / (n m)), and
its median with the interval in which the measured one lies by order statistics. There are 36 comparisons, so that c and the
interval are chosen for a chance of one in ten thousand each: all but one in three hundred right models pass.
"""

from bisect import bisect_left, bisect_right
from functools import cache
from math import comb, log, sqrt
from statistics import median

import pytest

from gossipkit.gossip import measured
from gossipkit.sim.network import stream
from gossipkit.systems.redis_cluster.experiments import failover

CHANCE = 1e-4
RUNS = 60
STEPS = ("first_pfail", "last_pfail", "first_fail", "last_fail", "first_owner", "last_owner")
SETTINGS = {(each.masters, each.node_timeout_s, each.fault): each for each in measured.failovers()}


@cache
def sample(setting):
    masters, node_timeout_s, fault = setting
    return [
        observed(failover(node_timeout_s, fault=fault, masters=masters, seed=seed), stream(seed, "polls"))
        for seed in range(RUNS)
    ]


def observed(run, random):
    """What somebody sees who asks all survivors every 20 to 50 ms."""
    polls = [random.uniform(0.0, 0.05)]
    while polls[-1] < 30.0:
        polls.append(polls[-1] + random.uniform(0.02, 0.05))
    seen = {
        what: {name: polls[bisect_left(polls, at)] for name, at in times.items()}
        for what, times in (("pfail", run.pfail_s), ("fail", run.fail_s), ("owner", run.owner_s))
    }
    # a doubt that has become a failure by the next look was not seen
    seen["pfail"] = {name: at for name, at in seen["pfail"].items() if at < seen["fail"].get(name, 30.0)}
    return {
        f"{end}_{what}": pick(times.values())
        for what, times in seen.items()
        if times
        for end, pick in (("first", min), ("last", max))
    }


def distance(one, other):
    """Kolmogorov and Smirnov's: how far apart the shares below any value are at most."""
    one, other = sorted(one), sorted(other)
    return max(
        abs(bisect_right(one, at) / len(one) - bisect_right(other, at) / len(other)) for at in one + other
    )


def interval(values, chance):
    """Two of the values between which the median of what they are drawn from lies, but for a chance at most."""
    values, count = sorted(values), len(values)
    below = 0.0
    for left in range(count // 2):
        below += comb(count, left) / 2**count
        if 2 * below > chance:
            return values[max(0, left - 1)], values[count - max(1, left)]
    raise AssertionError(f"{count} values are too few")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_times_of_a_failover_are_those_that_were_measured(setting, step):
    real = [run[step] for run in SETTINGS[setting].runs if step in run]
    model = [run[step] for run in sample(setting) if step in run]
    n, m = len(real), len(model)
    assert m > 0.9 * RUNS
    assert distance(real, model) <= sqrt(-log(CHANCE / 2) / 2) * sqrt((n + m) / (n * m))
    if n >= 12:
        # the model's own median is known to within half a cron, 0.05 s, from so many runs
        low, high = interval(real, CHANCE * 10)
        assert low - 0.05 <= median(model) <= high + 0.05


def test_two_dead_masters_of_three_are_in_doubt_and_never_failed_as_measured():
    """Measured with a timeout of 2 s: doubted after 2.27 s, not failed and not replaced within 22 s."""
    for seed in range(5):
        run = failover(2.0, victims=2, seconds=22.0, seed=seed)
        assert len(run.pfail_s) == 4
        assert 2.0 < min(run.pfail_s.values()) < max(run.pfail_s.values()) < 3.3
        assert (run.fail_s, run.owner_s, run.new_owner) == ({}, {}, None)


def test_a_step_that_a_rule_delays_would_be_seen():
    """The limits are no formality: a model whose doubts, or whose elections, come 0.9 s later fails them."""
    setting = (3, 2.0, "kill")
    for step in ("first_fail", "first_owner"):
        real = [run[step] for run in SETTINGS[setting].runs]
        late = [run[step] + 0.9 for run in sample(setting)]
        n, m = len(real), len(late)
        assert distance(real, late) > sqrt(-log(CHANCE / 2) / 2) * sqrt((n + m) / (n * m))
