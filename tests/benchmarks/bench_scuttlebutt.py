"""Cassandra's gossip by size of the cluster: how old knowledge is, how long news takes, what a round costs.

Run ``python tests/benchmarks/bench_scuttlebutt.py``. Staleness, spread and messages come from the gossiper, message by message.
The cost of a round is compared between messages as plain dicts of versions and the version matrix; that both send the same
states is a test's to say (tests/gossip/scuttlebutt/test_version_matrix.py).
"""

from functools import partial
from math import log, log2
from random import Random
from statistics import mean, median
from time import perf_counter

from gossipkit.gossip.version_matrix import VersionMatrix
from gossipkit.systems.cassandra.experiments import digests

TARGET = {100: 10, 1000: 80}  # times the dict messages


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
        start = perf_counter()
        counted.append(action())
        taken.append(perf_counter() - start)
    return median(taken), mean(counted)


def spread():
    print("nodes   mean staleness   news at everybody   log2 n   log3 n   messages   bytes")
    print("         (heartbeats)    (s, median, worst)                     per node and second")
    for nodes in (8, 16, 32, 64, 128):
        runs = [digests(nodes, seed=seed, seconds=20) for seed in range(8 if nodes < 128 else 4)]
        everyone = sorted(run.everyone_s for run in runs)
        print(
            f"{nodes:5} {mean(float(run.lag[5:].mean()) for run in runs):16.2f} "
            f"{median(everyone):12.0f} {everyone[-1]:6.0f} {log2(nodes):8.1f} {log(nodes, 3):8.1f} "
            f"{mean(run.messages for run in runs):10.2f} {mean(run.bytes for run in runs):7.0f}"
        )


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
    spread()
    cost()
