"""A whole SWIM cluster against SimPy that only pings: members at rest, 600 simulated seconds, trace on.

Run ``python tests/benchmarks/bench_swim.py`` after ``pip install -e .[bench]``. The cluster is Lifeguard with memberlist's
LAN defaults: probes, gossip every 200 ms, push/pull, reconnect. SimPy does a probe, its answer and its timeout, the bare
work of ``bench_kernel.py``, with 128 nodes. Printed are medians over alternated repeats in one process, and ratios.
"""

import argparse
import gc
from statistics import median
from time import process_time

from bench_kernel import NODES, SECONDS, CallbackProber, ProcessProber, gossipkit_world, simpy_world

from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World

MEMBERS = (32, 128, 512)
TICKS_PER_S = 1 + 5  # probe and gossip
DATAGRAMS_PER_S = 2  # ping and ack
TIMEOUTS_PER_S = 1


def swim(members: int, trace: bool = True) -> int:
    """Run a settled cluster; returns the number of events."""
    world = World(seed=1, trace=trace)
    names = tuple(f"node-{number}" for number in range(members))
    for name in names:
        world.add(name, SwimNode(members=names))
    world.run(until=SECONDS)
    sent = world.metrics.value("datagram.sent.messages")
    assert abs(sent / members / SECONDS - DATAGRAMS_PER_S) < 0.01, f"{sent} packets: not a cluster at rest"
    return members * SECONDS * (TICKS_PER_S + DATAGRAMS_PER_S + TIMEOUTS_PER_S)


def bare(counts: tuple[int, int, int]) -> int:
    """Events of a bench of bare probing: probes, their arrivals and answers, and timeouts; without losses."""
    return 4 * counts[0]


VARIANTS = {
    **{f"SWIM, {members} members": lambda members=members: swim(members) for members in MEMBERS},
    "SWIM, 128, trace off": lambda: swim(128, trace=False),
    "bare probing, gossipkit": lambda: bare(gossipkit_world(trace=True)),
    "bare probing, SimPy callbacks": lambda: bare(simpy_world(CallbackProber)),
    "bare probing, SimPy processes": lambda: bare(simpy_world(ProcessProber)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats

    seconds = {name: [] for name in VARIANTS}
    events = {}
    for _ in range(repeats):
        for name, run in VARIANTS.items():
            gc.collect()
            begin = process_time()
            events[name] = run()
            seconds[name].append(process_time() - begin)

    cost = {name: median(times) / events[name] for name, times in seconds.items()}
    base = cost["SWIM, 128 members"]
    print(f"{SECONDS} s, bare probing with {NODES} nodes; medians of {repeats} alternated runs")
    for name, times in seconds.items():
        print(
            f"{name:30} {median(times):7.3f} s  {cost[name] * 1e6:5.2f} µs/event  {cost[name] / base:5.2f} x"
        )


if __name__ == "__main__":
    main()
