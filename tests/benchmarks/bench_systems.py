"""Whole clusters: processor time for a simulated second, how it grows with the nodes, and what a settled cluster costs to make.

Run ``python -m tests.benchmarks systems``. There is no peer that does the same; the numbers are to be compared with those of
another version on the same machine. Every cluster first runs for some seconds that are not counted.
"""

import gc
from math import log
from statistics import median
from time import process_time

from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World
from gossipkit.systems import Cassandra, Consul, Dynamo, RedisCluster

REPEATS = 3


def second(make, warm_s: float, seconds: float) -> float:
    """Median milliseconds of processor time for one simulated second of a cluster at rest."""
    taken = []
    for _ in range(REPEATS):
        cluster = make()
        cluster.run(until=warm_s)
        gc.collect()
        begin = process_time()
        cluster.run(until=warm_s + seconds)
        taken.append(1e3 * (process_time() - begin) / seconds)
    return median(taken)


def settled(members: int) -> float:
    """Seconds of processor time to make a SWIM cluster in which everybody knows everybody, and to start it."""
    gc.collect()
    begin = process_time()
    world = World(seed=1, trace=False)
    names = tuple(f"node-{number}" for number in range(members))
    for name in names:
        world.add(name, SwimNode(members=names))
    world.run(until=0.0)
    return process_time() - begin


def grown(small: float, large: float, times: float) -> str:
    """The growth as a power of the number of nodes."""
    return f"n^{log(large / small) / log(times):.1f}"


def main() -> None:
    print(f"at rest, ms of processor time for a simulated second, trace off, medians of {REPEATS}")
    consul = [second(lambda n=n: Consul(agents=n, seed=1, trace=False), 10.0, 10.0) for n in (25, 100)]
    print(f"Consul     25 agents {consul[0]:8.1f}   100 agents {consul[1]:8.1f}   {grown(*consul, 4):>6}")
    cassandra = [second(lambda n=n: Cassandra(n, seed=1, trace=False), 5.0, 5.0) for n in (32, 128)]
    print(
        f"Cassandra  32 nodes  {cassandra[0]:8.1f}   128 nodes  {cassandra[1]:8.1f}   {grown(*cassandra, 4):>6}"
    )
    dynamo = [second(lambda n=n: Dynamo(n, seed=1, trace=False), 5.0, 20.0) for n in (8, 32)]
    print(f"Dynamo      8 nodes  {dynamo[0]:8.1f}    32 nodes  {dynamo[1]:8.1f}   {grown(*dynamo, 4):>6}")
    redis = [second(lambda n=n: RedisCluster(n, seed=1, trace=False), 5.0, 20.0) for n in (3, 12)]
    print(f"Redis       6 nodes  {redis[0]:8.1f}    24 nodes  {redis[1]:8.1f}   {grown(*redis, 4):>6}")
    made = [median(settled(members) for _ in range(REPEATS)) for members in (256, 1024)]
    print(
        f"a settled SWIM cluster, s: 256 members {made[0]:.2f}, 1,024 members {made[1]:.2f}, {grown(*made, 4)}"
    )


if __name__ == "__main__":
    main()
