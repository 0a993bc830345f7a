"""Cassandra's gossip by size of the cluster: how old knowledge is, how long news takes, what a round costs.

Run ``python tests/benchmarks/bench_scuttlebutt.py``. Staleness, spread and traffic come from the gossiper, message by message,
beside two models without messages: the version matrix, and the synchronous push-pull epidemic with fanout 1 (`spread`), of
which the mean round in which a node learns is the staleness to expect. The cost of a round is compared between plain dicts of
versions and the version matrix; that both send the same states is a test's to say
(tests/gossip/scuttlebutt/test_version_matrix.py).
"""

from functools import partial
from math import log
from random import Random
from statistics import mean, median
from time import process_time

import numpy as np

from gossipkit.gossip import spread
from gossipkit.gossip.scuttlebutt import Gossiper
from gossipkit.gossip.version_matrix import VersionMatrix
from gossipkit.sim import World

TARGET = {100: 10, 1000: 80}  # times the dict messages
SEEDS, SETTLE_S, WATCH_S, NEWS, TAIL_S = 2, 15, 15, 40, 15


class News:
    """When somebody hears of the state that a node announced, by that node."""

    def __init__(self):
        self.world, self.heard = None, {}

    def __call__(self, change, endpoint, state):
        if change == "on-change" and "SCHEMA" in state.applications:
            self.heard.setdefault(endpoint, []).append(self.world.now)


def gossipers(nodes, seed):
    """Mean heartbeats behind, seconds until each announcement is known to all, messages and bytes a node and second."""
    news, names = News(), tuple(f"n{number}" for number in range(nodes))
    world = news.world = World(seed=seed, trace=False)
    for name in names:
        world.add(name, Gossiper(names[:SEEDS], members=names, delegate=news))
    world.run(until=SETTLE_S)
    sent = [world.metrics.value(f"datagram.sent.{what}") for what in ("messages", "bytes")]
    behind = []
    for _ in range(WATCH_S):
        world.run(until=world.now + 1.0)
        versions = np.array(
            [[p.endpoints[n].state.heartbeat.version for n in names] for p in world.processes.values()]
        )
        behind.append((versions.diagonal() - versions).sum() / (nodes * (nodes - 1)))
    traffic = [
        (world.metrics.value(f"datagram.sent.{what}") - before) / nodes / WATCH_S
        for what, before in zip(("messages", "bytes"), sent, strict=True)
    ]
    random, announced = Random(seed), {}
    for name in random.sample(names, min(nodes, NEWS)):  # each once: nothing newer overtakes it
        announced[name] = world.now
        world.processes[name].announce("SCHEMA", name)
        world.run(until=world.now + 0.5 + random.random())
    world.run(until=world.now + TAIL_S)
    assert all(len(news.heard[name]) == nodes - 1 for name in announced), "somebody has not heard in time"
    return mean(behind), [max(news.heard[name]) - since for name, since in announced.items()], traffic


def matrix_staleness(nodes):
    """Mean heartbeats behind at the end of a round."""
    cluster, behind = VersionMatrix(nodes, seeds=SEEDS, seed=1), []
    for _ in range(SETTLE_S + 40):
        cluster.round()
        behind.append(cluster.staleness().sum() / (nodes * (nodes - 1)))
    return mean(behind[SETTLE_S:])


def spreading():
    print(
        "        heartbeats behind, mean      s until all know    synchronous push-pull       messages   bytes"
    )
    print(
        "nodes   gossiper  matrix  age (s)   median   p95    n   mean  median  p95  log3 n   a node and round"
    )
    for nodes in (8, 16, 32, 64, 128, 256):
        runs = [gossipers(nodes, seed) for seed in range(max(3, 120 // nodes))]
        behind, took = mean(run[0] for run in runs), np.array([one for run in runs for one in run[1]])
        epidemic = spread(nodes, mode="push-pull", trials=4000, seed=1)
        rounds = epidemic.rounds_to(1.0)
        learnt = (nodes - epidemic.informed).sum(axis=1).mean() / (nodes - 1)
        messages, size = (mean(run[2][what] for run in runs) for what in (0, 1))
        print(
            # what a node knows is as old as the heartbeats it is behind, and half an interval
            f"{nodes:5} {behind:10.2f} {matrix_staleness(nodes):7.2f} {behind + 0.5:8.2f} "
            f"{np.median(took):8.2f} {np.quantile(took, 0.95):5.2f} {len(took):4} {learnt:6.2f} {np.median(rounds):7.1f} "
            f"{np.quantile(rounds, 0.95):4.0f} {log(nodes, 3):7.1f} {messages:10.2f} {size:7.0f}"
        )


def dict_round(known, random):
    """One round of all nodes with SYN, ACK and ACK2 as dicts from name to version; the number of states sent."""
    names, sent = list(known), 0
    for name in random.sample(names, len(names)):
        mine, other = known[name], random.choice(names)
        mine[name] += 1
        if other == name:
            continue
        theirs = known[other]
        syn = dict(mine)
        ack = {about: theirs[about] for about, version in syn.items() if theirs[about] > version}
        wanted = [about for about, version in syn.items() if theirs[about] < version]
        mine.update(ack)
        ack2 = {about: mine[about] for about in wanted}
        theirs.update(ack2)
        sent += len(ack) + len(ack2)
    return sent


def timed(action, times):
    """Median seconds of an action, and the mean of what it counts."""
    taken, counted = [], []
    for _ in range(times):
        start = process_time()
        counted.append(action())
        taken.append(process_time() - start)
    return median(taken), mean(counted)


def cost():
    print("\nnodes   dicts (ms/round)   matrix (ms/round)   ratio   to reach   states a round: dicts, matrix")
    for nodes in (32, 100, 320, 1000):
        names = [f"n{number}" for number in range(nodes)]
        known = {name: dict.fromkeys(names, 1) for name in names}
        random, matrix = Random(1), VersionMatrix(nodes, seed=1)
        for _ in range(10):  # until knowledge is as old as it stays
            dict_round(known, random)
            matrix.round()
        dicts, by_dict = timed(partial(dict_round, known, random), 5)
        arrays, by_matrix = timed(lambda matrix=matrix: sum(matrix.round()[1:]), 30)
        print(
            f"{nodes:5} {1e3 * dicts:18.2f} {1e3 * arrays:19.3f} {dicts / arrays:7.0f} {TARGET.get(nodes, ''):>10}"
            f"   {by_dict:10,.0f} {by_matrix:10,.0f}"
        )


if __name__ == "__main__":
    spreading()
    cost()
