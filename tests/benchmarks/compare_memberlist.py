"""The SWIM engine against measurements of real memberlist clusters and the figures of the SWIM and Lifeguard papers.

Run ``python tests/benchmarks/compare_memberlist.py``; ``--tables detection load`` runs some of the tables, ``--share 0.2`` a
fifth of the trials, ``--members 64`` only cells of at most 64 members. Every line is a cell: the model, what was measured,
and the difference with its standard error, of both samples, where that is known. "outside" is a difference beyond the target
of the table by two standard errors or more, "perhaps outside" one beyond it by less: of cells that agree, one in twenty is more
than two standard errors away, and none more than four. What was measured, and how, is in the README of
``gossipkit.gossip.measured``.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, hypot, log10, nan, sqrt
from random import Random
from statistics import mean, stdev
from time import perf_counter

import numpy as np
from propagation import Propagation, propagation

from gossipkit.gossip import measured
from gossipkit.gossip.swim import SwimConfig, SwimNode
from gossipkit.sim import Network, Scenario, World

# reconnecting is serf's, and there was no serf around the measured members
LAN = replace(SwimConfig.lan(), reconnect_interval_s=0)
LEVELS = (50, 90, 99)
SEEDS = 10_000  # apart, from one cell to the next
Noted = list[tuple[float, str, str, str]]  # time, observer, change, about whom


@dataclass(frozen=True)
class Scope:
    """How much to run."""

    share: float
    members: int

    def trials(self, full: int) -> int:
        return max(2, round(full * self.share))

    def of_size(self, cells: list) -> list:
        return [cell for cell in cells if cell.members <= self.members]


class Table:
    """Prints its lines as they come, and at last how many are within the target."""

    def __init__(self, title: str, target: str):
        self.cells = self.outside = self.noise = 0
        self.begin = perf_counter()
        self.worst: list[tuple[float, str]] = []
        print(f"\n{title}\ntarget: {target}\n{'cell':48} {'model':>9} {'measured':>9}  difference")

    def line(self, cell: str, model: float, real: float, tolerance: float, error: float = 0.0) -> None:
        difference = model - real
        beyond = abs(difference) - tolerance
        verdict = "" if beyond <= 0 else "perhaps outside" if beyond < 2 * error else "outside"
        self.cells += 1
        self.outside += verdict == "outside"
        self.noise += verdict == "perhaps outside"
        self.worst.append((abs(difference) / tolerance, cell))
        uncertain = f" ± {error:.3f}" if error else ""
        change = f"{difference:+.3f} ({difference / real:+.0%}){uncertain}"
        print(f"{cell:48} {model:9.3f} {real:9.3f}  {change}  {verdict}", flush=True)

    def close(self) -> None:
        within = self.cells - self.outside - self.noise
        worst = ", ".join(f"{cell} {ratio:.2f}" for ratio, cell in sorted(self.worst, reverse=True)[:3])
        print(f"{self.cells} cells: {within} within, {self.noise} perhaps outside, {self.outside} outside")
        print(f"largest differences, in tolerances: {worst}; {perf_counter() - self.begin:.0f} s")


def settled(n: int, config: SwimConfig, seed: int, loss: float = 0.0) -> tuple[World, Noted]:
    """Members that all know each other, and a list to which all their changes of opinion are added."""
    world = World(seed=seed, trace=False, network=Network(loss=loss))
    noted: Noted = []
    names = tuple(f"n{number:03}" for number in range(n))
    for name in names:

        def note(change, subject, observer=name):
            noted.append((world.now, observer, change, subject.name))

        world.add(name, SwimNode(config, members=names, delegate=note))
    return world, noted


def standard_error(values: list[float]) -> float:
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0


# 1. how news spread


def updates(cell: Propagation, seed: int, trials: int) -> list[list[float]]:
    """Gossip intervals to each level for updates of random members of one cluster; nan where it was not reached."""
    config = replace(LAN, gossip_nodes=cell.fanout, push_pull_interval_s=0)
    world, noted = settled(cell.members, config, seed, cell.loss)
    random, found = Random(seed), []
    for number in range(trials):
        world.run(until=world.now + 1 + random.random())
        begin = world.now
        noted.clear()
        world.processes[random.choice(world.names)].update_metadata(f"v{number}")
        world.run(until=begin + 4)
        told = [
            (time - begin) / config.gossip_interval_s
            for time, _, change, _ in noted
            if change == "member-update"
        ]
        needed = (ceil(level * cell.members / 100) for level in LEVELS)
        found.append([told[count - 1] if len(told) >= count else nan for count in needed])
    return found


def dissemination(scope: Scope) -> None:
    """Dissemination: mean gossip intervals to 50, 90 and 99 % of the members."""
    table = Table(dissemination.__doc__, "two standard errors")
    for number, cell in enumerate(scope.of_size(propagation())):
        clusters = scope.trials(16 if cell.members <= 64 else 8 if cell.members <= 128 else 5)
        runs = np.array([updates(cell, SEEDS * number + seed, 10) for seed in range(clusters)])
        for place, level in enumerate(LEVELS):
            # updates of one cluster share the phases of its members: its mean is one observation
            of_clusters = [float(np.nanmean(told)) for told in runs[:, :, place] if not np.isnan(told).all()]
            if len(of_clusters) < 2:
                continue  # it got so far too seldom
            real = cell.mean[level]
            table.line(
                f"{cell.members} members, fanout {cell.fanout}, loss {cell.loss}, t{level}",
                float(np.nanmean(runs[:, :, place])),
                real,
                2 * (error := hypot(standard_error(of_clusters), cell.error[level])),
                error,
            )
    table.close()


# 2. how a crash is found out


def crash_one(
    n: int, config: SwimConfig, loss: float, seed: int, known: int, within_s: float
) -> tuple[str, float, Noted]:
    """Crash a member of a settled cluster, and wait until so many have buried it; the victim, when, what was noted."""
    world, noted = settled(n, config, seed, loss)
    random = Random(seed)
    world.run(until=5 + 10 * random.random())
    begin, victim = world.now, random.choice(world.names)
    noted.clear()
    world.crash(victim)
    while world.now < begin + within_s:
        world.run(until=world.now + 1)
        buried = {
            observer for _, observer, change, about in noted if about == victim and change == "member-failed"
        }
        if len(buried) >= known:
            break
    return victim, begin, noted


def detected(cell: measured.Detection, seed: int) -> tuple[float, float, float]:
    """Seconds from a crash to first suspicion, first death, and everyone's knowing."""
    config = replace(LAN.variant(cell.variant), buddy_system=True, disable_tcp_pings=not cell.tcp)
    victim, begin, noted = crash_one(cell.members, config, cell.loss, seed, cell.members - 1, 90.0)
    suspected = [time for time, _, change, about in noted if change == "suspect" and about == victim]
    # a member that is misled, and hears again that the victim is dead, has known from then on
    buried = {
        observer: time
        for time, observer, change, about in noted
        if change == "member-failed" and about == victim
    }
    return suspected[0] - begin, min(buried.values()) - begin, max(buried.values()) - begin


def detection(scope: Scope) -> None:
    """Detection: first suspicion, first death and everyone knows, in seconds from the crash."""
    table = Table(detection.__doc__, "two standard errors")
    draws = np.random.default_rng(1)
    for number, cell in enumerate(scope.of_size(measured.detection())):
        trials = scope.trials(120 if cell.members <= 64 else 60)
        runs = zip(*(detected(cell, SEEDS * number + seed) for seed in range(trials)), strict=True)
        for event, times in zip(("first_suspect", "first_dead", "all_dead"), runs, strict=True):
            for percent, real in ((50, cell.median[event]), (95, cell.p95[event])):
                # both samples are taken to be from the model's distribution: how much would such differ
                both = [
                    np.percentile(draws.choice(times, (400, size)), percent, axis=1).std()
                    for size in (trials, cell.trials)
                ]
                pings = "" if cell.tcp else ", no TCP"
                table.line(
                    f"{cell.members}, loss {cell.loss}{pings}, {cell.variant}, {event} {percent} %",
                    float(np.percentile(times, percent)),
                    real,
                    2 * hypot(*both),
                    hypot(*both),
                )
    table.close()


# 3. what it costs


def packets(
    n: int, config: SwimConfig, updates_per_s: float, seed: int, seconds: int = 30
) -> tuple[float, float]:
    """Packets and bytes sent per member and second."""
    world, _ = settled(n, config, seed)
    random, counters = Random(seed), ("datagram.sent.messages", "datagram.sent.bytes")
    world.run(until=5)
    before = [world.metrics.value(name) for name in counters]
    for number in range(round(seconds * updates_per_s)):
        world.run(until=5 + number / updates_per_s)
        world.processes[random.choice(world.names)].update_metadata(f"v{number:03}")
    world.run(until=5 + seconds)
    sent, size = (
        (world.metrics.value(name) - old) / n / seconds for name, old in zip(counters, before, strict=True)
    )
    return sent, size


def load(scope: Scope) -> None:
    """Load: packets sent per member and second."""
    table = Table(load.__doc__, "1 % at rest, 10 % with an update each second")
    quiet = replace(LAN, push_pull_interval_s=0)
    for cell in scope.of_size(measured.load()):
        sent, size = packets(cell.members, quiet, cell.updates_per_s, seed=1)
        what = f"{cell.members} members, {cell.updates_per_s:g} updates/s"
        table.line(
            f"{what}, packets", sent, cell.packets, (0.1 if cell.updates_per_s else 0.01) * cell.packets
        )
        if not cell.updates_per_s:  # with updates it depends on the length of names and metadata
            print(f"{what + ', bytes (not compared)':48} {size:9.1f} {cell.bytes:9.1f}")
    if scope.members >= 512:
        sent, _ = packets(512, quiet, 0.0, seed=1)
        table.line("512 members at rest, packets; a ping and an ack", sent, 2.0, 0.02)
    table.close()


# 4. and 5. whom the slow accuse


def accused(
    n: int, slow: int, mode: str, blocked_s: float, free_s: float, config: SwimConfig, seed: int
) -> tuple[int, int]:
    """Deaths of healthy members, an event for each observer: at all observers, and at healthy ones.

    The window is the measurement's: blocks begin for 120 s, those that have begun end, and 5 s more are counted.
    """
    world, noted = settled(n, config, seed)
    chosen, random, begin, end = set(world.names[:: n // slow][:slow]), Random(seed), 10.0, 130.0
    steps, last = [], begin
    for name in sorted(chosen):
        independent = mode == "random"
        at = begin + (random.random() * (blocked_s + free_s) if independent else 0.0)
        while at < end:
            blocked, free = (
                length * (random.uniform(0.5, 1.5) if independent else 1.0) for length in (blocked_s, free_s)
            )
            steps.append((at, "pause", {"name": name, "seconds": blocked, "timers": "run"}))
            last = max(last, at + blocked)
            at += blocked + free
    world.play(Scenario(steps))
    world.run(until=last + 5.0)
    observers = [
        observer for _, observer, change, about in noted if change == "member-failed" and about not in chosen
    ]
    return len(observers), sum(observer not in chosen for observer in observers)


VARIANTS = {
    "swim": "swim",
    "lha_probe_only": "lha-probe",
    "lha_suspicion_only": "lha-suspicion",
    "lifeguard": "lifeguard",
}
FEW = 10  # events in all runs: a ratio of fewer is noise


def false_positives(scope: Scope) -> None:
    """False positives: 64 members, deaths of healthy ones at all observers in 120 s, mean of a run."""
    table = Table(false_positives.__doc__, "ratio Lifeguard/SWIM within a factor of 3, and the order")
    loads: dict[tuple, dict[str, tuple[float, int, float, int]]] = defaultdict(dict)
    for number, cell in enumerate(measured.false_positives()):
        trials = scope.trials(8)
        config = replace(LAN.variant(VARIANTS[cell.variant]), buddy_system=True)
        key = cell.slow, cell.mode, cell.blocked_s, cell.free_s
        runs = [accused(64, *key, config, SEEDS * number + seed) for seed in range(trials)]
        every, healthy = (list(column) for column in zip(*runs, strict=True))
        where = f"{cell.slow} slow, {cell.mode}, {cell.blocked_s:g}/{cell.free_s:g} s"
        print(
            f"{where + ', ' + cell.variant:48} {mean(every):9.2f} {cell.at_all:9.2f}  ± {standard_error(every):.2f}"
            f"; at healthy observers {mean(healthy):.2f}, measured {cell.at_healthy:.2f}",
            flush=True,
        )
        loads[where][cell.variant] = mean(every), trials, cell.at_all, cell.trials
    for where, found in loads.items():
        (swim, swim_runs, real_swim, _), (ours, runs, real, real_runs) = found["swim"], found["lifeguard"]
        if ours * runs < FEW or real * real_runs < FEW or swim * swim_runs < FEW:
            ratio = ours / swim if swim else nan
            print(
                f"{where}: Lifeguard/SWIM {ratio:.4f}, measured {real / real_swim:.4f}: too few events to judge"
            )
        else:  # compared as powers of ten, in which a factor is a difference
            model = log10(ours / swim)
            table.line(f"{where}: log10 Lifeguard/SWIM", model, log10(real / real_swim), log10(3))
        if len(found) > 2:
            by_model = sorted(found, key=lambda variant: -found[variant][0])
            by_real = sorted(found, key=lambda variant: -found[variant][2])
            print(f"{where}: order by model {' > '.join(by_model)}; measured {' > '.join(by_real)}")
    table.close()


# FP and FP− of the Lifeguard paper (arXiv 1707.00788), in its order from most to fewest
PAPER = {
    "swim": (339_002, 1_326),
    "buddy": (318_935, 591),
    "lha-probe": (229_574, 436),
    "lha-suspicion": (10_174, 89),
    "lifeguard": (5_193, 25),
}
# slow members, blocked and free for how long; the paper goes through 1 to 32 members, 0.128 to 32.8 s and 0.001 to 16.4 s
ANOMALIES = ((4, 16.384, 0.064), (8, 16.384, 1.024), (8, 32.768, 0.256))


def lifeguard(scope: Scope) -> None:
    """Lifeguard paper: false positives of five configurations, share of SWIM's; suspicion_mult 5, slow members in step."""
    n = min(128, scope.members)
    print(f"\n{lifeguard.__doc__}\n{n} members, 120 s, (slow, blocked s, free s) of {ANOMALIES}")
    runs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for seed in range(scope.trials(6)):
        for anomaly in ANOMALIES:
            for variant in PAPER:
                slow, blocked_s, free_s = anomaly
                config = replace(LAN, suspicion_mult=5).variant(variant)
                runs[variant].append(accused(n, slow, "sync", blocked_s, free_s, config, seed))
        sums = (f"{name} {np.sum(found[-len(ANOMALIES) :], axis=0)}" for name, found in runs.items())
        print(f"seed {seed}, [FP FP-]: {', '.join(sums)}", flush=True)
    for place, name in enumerate(("FP", "FP-")):
        counts = {variant: np.array([run[place] for run in found]) for variant, found in runs.items()}
        print(f"{name + ', ' + str(len(counts['swim'])) + ' runs each':48} {'model':>9} {'paper':>9}  events")
        for variant, found in counts.items():
            share = found.sum() / max(1, counts["swim"].sum())
            paper = PAPER[variant][place] / PAPER["swim"][place]
            print(f"{name + ' ' + variant:48} {share:9.4f} {paper:9.4f}  {found.sum()}", flush=True)
        for more, fewer in zip(list(PAPER)[:-1], list(PAPER)[1:], strict=True):
            # the same loads and seeds: pairs
            gaps = (counts[more] - counts[fewer]).reshape(-1, len(ANOMALIES)).sum(axis=1)
            error = standard_error(gaps.tolist())
            size = abs(gaps.mean())
            verdict = (
                "not separated" if size <= 2 * error else "as the paper" if gaps.mean() > 0 else "reversed"
            )
            print(f"{name} {more} - {fewer}: {gaps.mean():+.1f} ± {error:.1f} a seed: {verdict}")


# 6. the SWIM paper


def paper_config() -> SwimConfig:
    """The protocol of the SWIM paper: news only rides on pings and acks, no state exchange."""
    return replace(LAN.variant("swim"), gossip_interval_s=0, push_pull_interval_s=0, disable_tcp_pings=True)


def periods(n: int, seed: int) -> int:
    """Protocol periods from a crash until somebody probes the victim; the accusation follows one period later."""
    config = paper_config()
    victim, begin, noted = crash_one(n, config, 0.0, seed, 1, 3.0 * n)
    first = min(time for time, _, change, about in noted if change == "suspect" and about == victim)
    return max(1, ceil((first - begin) / config.probe_interval_s - 1))


def swim(scope: Scope) -> None:
    """SWIM paper: mean periods to first detection, and packets per member and period. Its expectation is for targets
    drawn at random; the engine goes round, as the paper goes on to advise, which finds sooner in small groups."""
    table = Table(swim.__doc__, "periods 10 %; packets 1 %")
    for n in (3, 5, 10, 28, 55, 100):
        if n <= scope.members:
            found = [periods(n, seed) for seed in range(scope.trials(800 if n < 50 else 400))]
            error, mine = standard_error(found), mean(found)
            expected = 1 / (1 - (1 - 1 / n) ** (n - 1))
            table.line(
                f"{n} members, periods, random target (the paper)", mine, expected, 0.1 * expected, error
            )
            # in a pass over n-1 others each comes once: j periods spare the victim with chance 1 - j/(n-1)
            expected = sum((1 - j / (n - 1)) ** (n - 1) for j in range(n))
            table.line(f"{n} members, periods, round robin", mine, expected, 0.1 * expected, error)
    for n in (16, 32, 64, 128, 256, 512):
        if n <= scope.members:
            sent, _ = packets(n, paper_config(), 0.0, seed=1)
            table.line(f"{n} members, packets", sent, 2.0, 0.02)
    table.close()


TABLES: dict[str, Callable[[Scope], None]] = {
    "dissemination": dissemination,
    "detection": detection,
    "load": load,
    "false-positives": false_positives,
    "lifeguard": lifeguard,
    "swim": swim,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--share", type=float, default=1.0, help="of the trials")
    parser.add_argument("--members", type=int, default=512, help="cells of at most so many")
    options = parser.parse_args()
    for name in options.tables:
        TABLES[name](Scope(options.share, options.members))


if __name__ == "__main__":
    main()
