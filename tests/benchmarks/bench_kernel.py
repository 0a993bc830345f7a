"""The event kernel against SimPy: 128 nodes, each pings a random other every second, 600 simulated seconds.

Run ``python tests/benchmarks/bench_kernel.py`` after ``pip install -e .[bench]``. Every variant does the same work: a
probe each second, an answer to it, one-way latency of 5 to 50 ms, 5 % loss, and a timeout of 500 ms that counts a miss
unless the answer came. What gossipkit does beyond that stays in: addresses, bytes, metrics, and readiness for every
fault. SimPy has no cancelled timers: there a timeout that is not needed any more asks a flag. One event is a probe, an
arrival or a timeout. Printed are medians over alternated repeats in one process, and ratios, which outlast machines.
"""

import argparse
import gc
from collections.abc import Callable
from random import Random
from statistics import median
from time import perf_counter

import simpy

from gossipkit.sim import Network, Uniform, World, message

NODES, SECONDS = 128, 600
PERIOD_S, TIMEOUT_S = 1.0, 0.5
LOW_S, HIGH_S, LOSS = 0.005, 0.050, 0.05

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


class CallbackProber:
    """The work as callbacks of SimPy events."""

    def __init__(self, env: simpy.Environment, number: int):
        self.env, self.random = env, Random(number).random
        self.probes = self.answers = self.misses = 0
        self.answered = True
        env.timeout(self.random() * PERIOD_S).callbacks.append(self.probe)

    def transmit(self, handler: Callable, value: tuple) -> None:
        if self.random() >= LOSS:
            latency = LOW_S + (HIGH_S - LOW_S) * self.random()
            self.env.timeout(latency, value).callbacks.append(handler)

    def probe(self, _event):
        self.probes += 1
        self.answered = False
        target = self.others[int(self.random() * len(self.others))]
        self.transmit(target.ping, (self, self.probes))
        self.env.timeout(TIMEOUT_S).callbacks.append(self.timeout)
        self.env.timeout(PERIOD_S).callbacks.append(self.probe)

    def ping(self, event):
        sender, number = event.value
        self.transmit(sender.ack, (self, number))

    def ack(self, event):
        _, number = event.value
        if number == self.probes:
            self.answers += 1
            self.answered = True

    def timeout(self, _event):
        if not self.answered:
            self.misses += 1


class ProcessProber:
    """The work as SimPy processes: one for each node, one for each message under way."""

    def __init__(self, env: simpy.Environment, number: int):
        self.env, self.random = env, Random(number).random
        self.probes = self.answers = self.misses = 0
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

    def ping(self, target: "ProcessProber", answer: simpy.Event):
        if self.random() >= LOSS:
            yield self.env.timeout(LOW_S + (HIGH_S - LOW_S) * self.random())
            self.env.process(target.ack(answer))

    def ack(self, answer: simpy.Event):
        if self.random() >= LOSS:
            yield self.env.timeout(LOW_S + (HIGH_S - LOW_S) * self.random())
            answer.succeed()


def simpy_world(kind: type) -> Counts:
    env = simpy.Environment()
    probers = [kind(env, number) for number in range(NODES)]
    for prober in probers:
        prober.others = [other for other in probers if other is not prober]
    env.run(until=SECONDS)
    return total(probers)


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
            begin = perf_counter()
            counts[name] = run()
            seconds[name].append(perf_counter() - begin)

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
