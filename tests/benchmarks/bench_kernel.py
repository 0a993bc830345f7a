"""The event kernel against SimPy: 128 nodes, each pings a random other every second, 600 simulated seconds.

Run ``python tests/benchmarks/bench_kernel.py`` after ``pip install -e .[bench]``. Every variant does the same work: a
probe each second, an answer to it, one-way latency of 5 to 50 ms, 5 % loss, and a timeout of 500 ms that counts a miss
unless the answer came; nodes know each other by name, count messages and bytes both ways, and can lose and be cut off.
SimPy has no cancelled timers: there a timeout that is not needed any more asks a flag. What gossipkit does beyond that
stays in: immutable messages that know their size, counters as series over time, and readiness for crashes, pauses, loss
on single links, damage, repeats and a trace. One event is a probe, an arrival or a timeout. Printed are medians of CPU
time over alternated repeats in one process, and ratios, which outlast machines.
"""

import argparse
import gc
from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time

import simpy

from gossipkit.sim import Network, Uniform, World, message

NODES, SECONDS = 128, 600
PERIOD_S, TIMEOUT_S = 1.0, 0.5
LOW_S, HIGH_S, LOSS = 0.005, 0.050, 0.05
MESSAGE_BYTES = 9  # what gossipkit counts for one number

Counts = tuple[int, int, int]  # probes, answers that came, misses


@message
class Ping:
    number: int


@message
class Ack:
    number: int


class Prober:
    """The work as a gossipkit process."""

    def __init__(self, others: list[str]):
        self.others = others
        self.probes = self.answers = self.misses = 0
        self.timer = None

    def start(self, env):
        self.env, self.random = env, env.random.random
        env.after(self.random() * PERIOD_S, self.probe)

    def probe(self):
        env = self.env
        self.probes += 1
        env.send(self.others[int(self.random() * len(self.others))], Ping(self.probes))
        self.timer = env.after(TIMEOUT_S, self.miss)
        env.after(PERIOD_S, self.probe)

    def miss(self):
        self.misses += 1

    def receive(self, env, sender, received):
        if type(received) is Ping:
            env.send(sender, Ack(received.number))
        elif received.number == self.probes:
            self.answers += 1
            self.timer.cancel()


def gossipkit_world(trace: bool) -> Counts:
    world = World(seed=1, network=Network(latency=Uniform(LOW_S, HIGH_S), loss=LOSS), trace=trace)
    names = [f"node-{i}" for i in range(NODES)]
    for name in names:
        world.add(name, Prober([other for other in names if other != name]))
    world.run(until=SECONDS)
    return total(world.processes.values())


class Node:
    """What any simulation of a protocol needs of its network, for the variants in SimPy.

    A node has a name, and others know it by that; it counts datagrams and bytes, both ways; its links can lose, and be
    cut by a partition. No more: a message is a pair, and no other fault has a place.
    """

    def __init__(self, env: simpy.Environment, number: int, nodes: "dict[str, Node]"):
        self.name = f"node-{number}"
        self.env, self.nodes, self.random = env, nodes, Random(number).random
        self.others = [f"node-{other}" for other in range(NODES) if other != number]
        self.loss, self.side = LOSS, 0
        self.messages_sent = self.bytes_sent = self.messages_received = self.bytes_received = 0
        self.probes = self.answers = self.misses = 0
        nodes[self.name] = self

    def leave(self, to: str) -> float | None:
        """Count a datagram that leaves; how long it takes in seconds, or None if the network loses it."""
        self.messages_sent += 1
        self.bytes_sent += MESSAGE_BYTES
        target = self.nodes.get(to)
        if target is not None and target.side == self.side and self.random() >= self.loss:
            return LOW_S + (HIGH_S - LOW_S) * self.random()

    def arrives(self, sender: str) -> bool:
        """Whether a datagram gets in, and count it."""
        if self.nodes[sender].side != self.side:
            return False
        self.messages_received += 1
        self.bytes_received += MESSAGE_BYTES
        return True


class CallbackProber(Node):
    """The work as callbacks of SimPy events."""

    def __init__(self, env: simpy.Environment, number: int, nodes: dict[str, Node]):
        super().__init__(env, number, nodes)
        self.answered = True
        env.timeout(self.random() * PERIOD_S).callbacks.append(self.probe)

    def send(self, to: str, message: tuple) -> None:
        latency = self.leave(to)
        if latency is not None:
            timeout = self.env.timeout(latency, (self.name, message))
            timeout.callbacks.append(self.nodes[to].deliver)

    def deliver(self, event):
        sender, message = event.value
        if self.arrives(sender):
            self.receive(sender, message)

    def probe(self, _event):
        self.probes += 1
        self.answered = False
        self.send(self.others[int(self.random() * len(self.others))], ("ping", self.probes))
        self.env.timeout(TIMEOUT_S).callbacks.append(self.timeout)
        self.env.timeout(PERIOD_S).callbacks.append(self.probe)

    def receive(self, sender: str, message: tuple) -> None:
        kind, number = message
        if kind == "ping":
            self.send(sender, ("ack", number))
        elif number == self.probes:
            self.answers += 1
            self.answered = True

    def timeout(self, _event):
        if not self.answered:
            self.misses += 1


class ProcessProber(Node):
    """The work as SimPy processes: one for each node, one for each message under way."""

    def __init__(self, env: simpy.Environment, number: int, nodes: dict[str, Node]):
        super().__init__(env, number, nodes)
        env.process(self.run())

    def run(self):
        env = self.env
        yield env.timeout(self.random() * PERIOD_S)
        while True:
            next_probe = env.now + PERIOD_S
            self.probes += 1
            answer = env.event()
            env.process(self.ping(self.others[int(self.random() * len(self.others))], answer))
            yield answer | env.timeout(TIMEOUT_S)
            if answer.triggered:
                self.answers += 1
            else:
                self.misses += 1
            yield env.timeout(next_probe - env.now)

    def ping(self, to: str, answer: simpy.Event):
        latency = self.leave(to)
        if latency is not None:
            yield self.env.timeout(latency)
            target = self.nodes[to]
            if target.arrives(self.name):
                self.env.process(target.ack(self.name, answer))

    def ack(self, to: str, answer: simpy.Event):
        latency = self.leave(to)
        if latency is not None:
            yield self.env.timeout(latency)
            if self.nodes[to].arrives(self.name):
                answer.succeed()


def simpy_world(kind: type) -> Counts:
    env = simpy.Environment()
    nodes = {}
    for number in range(NODES):
        kind(env, number, nodes)
    env.run(until=SECONDS)
    return total(nodes.values())


def total(probers) -> Counts:
    probers = list(probers)
    return tuple(sum(getattr(prober, name) for prober in probers) for name in ("probes", "answers", "misses"))


VARIANTS: dict[str, Callable[[], Counts]] = {
    "gossipkit, trace off": lambda: gossipkit_world(trace=False),
    "gossipkit, trace on": lambda: gossipkit_world(trace=True),
    "SimPy callbacks": lambda: simpy_world(CallbackProber),
    "SimPy processes": lambda: simpy_world(ProcessProber),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats

    seconds = {name: [] for name in VARIANTS}
    counts = {}
    for _ in range(repeats):
        for name, run in VARIANTS.items():
            gc.collect()
            begin = process_time()
            counts[name] = run()
            seconds[name].append(process_time() - begin)

    reference = counts["gossipkit, trace off"]
    for name, found in counts.items():
        for ours, theirs in zip(reference, found, strict=True):
            # misses, the rarest, are binomial: one standard deviation is 1 % of them
            assert abs(ours - theirs) <= 0.05 * ours, f"{name} did other work: {found}, not {reference}"

    probes = reference[0]
    events = probes * (1 + (1 - LOSS) + (1 - LOSS) ** 2 + 1)
    base = median(seconds["gossipkit, trace off"])
    print(
        f"{NODES} nodes, {SECONDS} s, {probes} probes, {events:.0f} events; medians of {repeats} alternated runs"
    )
    for name, times in seconds.items():
        middle = median(times)
        print(f"{name:22} {middle:6.3f} s  {middle / events * 1e6:5.2f} µs/event  {middle / base:5.2f} x")


if __name__ == "__main__":
    main()
