"""Where bugs are looked for: for each system a small cluster, the cases that are tried, and the invariants that must hold.

A case's scenario has a few faults of one kind or several, each ended by what ends it, and what clients ask. Times are short,
so that a search tries many cases: where a product's own setting would take days, the cluster has a shorter one, which
`GROUNDS` says.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from ...authority import RaftConfig, RaftNode
from ...gossip.swim import SwimConfig, SwimNode
from ...sim import Scenario, Trace, World
from ..cassandra import Cassandra
from ..dynamo import Dynamo
from .invariants import (
    AcknowledgedOnQuorum,
    CopiesEqual,
    HintsReplayedOnce,
    Invariant,
    OneLeaderATerm,
    RefutationsRaise,
    Retransmissions,
    TombstonesKept,
    ViewsEqual,
)
from .search import Case

Steps = list[tuple[float, str, dict[str, Any]]]
Played = tuple[Trace, list[Invariant]]


@dataclass(frozen=True)
class Ground:
    """One system, where bugs are looked for."""

    says: str
    """What the cluster is, and which settings are not the product's."""
    nodes: int
    seconds: float
    play: Callable[[Case], Played]
    """Runs a case, and gives its trace and fresh invariants."""
    steps: Callable[[Random, list[str]], Steps]
    """The steps of one scenario, from the names of the nodes."""

    def cases(self, seeds: Iterable[int]) -> Iterator[Case]:
        """A case for each seed, which decides its scenario too."""
        names = names_of(self.nodes)
        for seed in seeds:
            yield Case(seed, self.nodes, self.seconds, Scenario(self.steps(Random(seed), names)))


def names_of(nodes: int) -> list[str]:
    """The names of the nodes of a case: ``node-1``, ``node-2`` and so on."""
    return [f"node-{number}" for number in range(1, nodes + 1)]


def _end(world: World, seconds: float) -> None:
    """Let time pass to the end, and say so in the trace: what must hold after quiet is asked there at the latest."""
    world.run(until=seconds)
    world.record(None, "end")


# SWIM.


def _swim(case: Case) -> Played:
    world, names, config = World(seed=case.seed), names_of(case.nodes), SwimConfig.lan()
    for name in names:
        others = tuple(other for other in names if other != name)
        world.add(
            name,
            SwimNode(config, members=tuple(names)),
            lambda saved, others=others: SwimNode(config, others),
        )
    world.play(case.scenario)
    _end(world, case.seconds)
    return world.trace, [
        RefutationsRaise(),
        Retransmissions(config.retransmit_mult),
        ViewsEqual(SWIM_SETTLES_S),
    ]


def _swim_steps(random: Random, names: list[str]) -> Steps:
    return faults(random, names, count=3, until_s=20.0, lasts_s=(2.0, 60.0))


SWIM_SETTLES_S = 150.0
"""Five intervals of push/pull and of serf's attempts to reach failed members again."""

# Raft.


class Nothing:
    """A state machine that does nothing."""

    def apply(self, command: Any) -> None:
        """Nothing."""

    def read(self, query: Any) -> None:
        """Nothing."""


def _raft(case: Case) -> Played:
    world, names, config = World(seed=case.seed, trace="events"), names_of(case.nodes), RaftConfig()
    for name in names:
        world.add(
            name,
            RaftNode(names, Nothing(), config),
            lambda saved: RaftNode(names, Nothing(), config, saved),
        )
    world.play(case.scenario)
    world.run(until=case.seconds)
    return world.trace, [OneLeaderATerm()]


def _raft_steps(random: Random, names: list[str]) -> Steps:
    return faults(random, names, count=6, until_s=8.0, lasts_s=(0.1, 2.0))


# Cassandra.

GC_GRACE_S = 20.0


def _cassandra(case: Case) -> Played:
    cluster = Cassandra(
        case.nodes,
        vnodes=2,
        seed=case.seed,
        gc_grace_s=GC_GRACE_S,
        compaction_interval_s=4.0,
        trace="events",
    )
    cluster.play(case.scenario)
    _end(cluster.world, case.seconds)
    return cluster.trace, [HintsReplayedOnce(), AcknowledgedOnQuorum(2), TombstonesKept(GC_GRACE_S)]


def _cassandra_steps(random: Random, names: list[str]) -> Steps:
    steps = faults(random, names, count=2, until_s=15.0, lasts_s=(2.0, 40.0))
    return steps + _requests(random, names, ("write", "write", "delete", "read"), until_s=60.0)


# Dynamo.


def _dynamo(case: Case) -> Played:
    cluster = Dynamo(
        case.nodes,
        seed=case.seed,
        vnodes=2,
        versions="lww",
        hints=False,
        read_repair=False,
        merkle_interval_s=1.0,
        trace="events",
    )
    cluster.play(case.scenario)
    _end(cluster.world, case.seconds)
    homes = next(iter(cluster.running().values())).homes if cluster.world.up else lambda key: ()
    return cluster.trace, [CopiesEqual(DYNAMO_SETTLES_S, homes)]


def _dynamo_steps(random: Random, names: list[str]) -> Steps:
    steps = faults(random, names, count=3, until_s=15.0, lasts_s=(2.0, 15.0))
    return steps + _requests(random, names, ("put",), until_s=30.0, keys=60)


DYNAMO_SETTLES_S = 30.0
"""Thirty comparisons that each node begins."""


# What happens.


def faults(
    random: Random, names: list[str], count: int, until_s: float, lasts_s: tuple[float, float]
) -> Steps:
    """Crashes, pauses, partitions and cuts from 1 s on, each of which ends."""
    steps: Steps = []
    for _ in range(random.randint(1, count)):
        at, lasts = round(random.uniform(1.0, until_s), 2), round(random.uniform(*lasts_s), 2)
        one, other, *_ = random.sample(names, 2)
        group = random.sample(names, random.randint(1, len(names) - 1))
        steps += random.choice(
            [
                [(at, "crash", {"name": one}), (at + lasts, "restart", {"name": one})],
                [(at, "pause", {"name": one, "seconds": lasts})],
                [(at, "partition", {"groups": [group]}), (at + lasts, "heal", {})],
                [(at, "cut", {"a": one, "b": other}), (at + lasts, "mend", {"a": one, "b": other})],
            ]
        )
    return steps


def _requests(
    random: Random, names: list[str], kinds: tuple[str, ...], until_s: float, keys: int = 3
) -> Steps:
    """What clients ask; each write has a value of its own."""
    steps: Steps = []
    for number in range(random.randint(5, 30)):
        kind = random.choice(kinds)
        arguments = {"key": f"k{random.randrange(keys)}", "via": random.choice(names)}
        if kind in ("write", "put"):
            arguments["value"] = str(number)
        steps.append((round(random.uniform(1.0, until_s), 2), kind, arguments))
    return steps


GROUNDS = {
    "SWIM": Ground("8 members with memberlist's LAN settings and serf", 8, 260.0, _swim, _swim_steps),
    "Raft": Ground("5 servers with the paper's times", 5, 12.0, _raft, _raft_steps),
    "Cassandra": Ground(
        "5 nodes, 3 replicas, writes at QUORUM; gc_grace 20 s and compactions each 4 s",
        5,
        100.0,
        _cassandra,
        _cassandra_steps,
    ),
    "Dynamo": Ground(
        "5 nodes, N = 3, last write wins; Merkle comparisons each second are all the repair there is",
        5,
        65.0,
        _dynamo,
        _dynamo_steps,
    ),
}
