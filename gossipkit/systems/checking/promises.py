"""What clients of each system see while it is in trouble, and which promises that breaks.

Clients read and write two keys through any node, each write with a value of its own, while nodes crash, pause and are cut
off, in 30 s. Then all is mended; after another minute every node is asked for each key once. A client keeps to one node.

`seen_by_clients` makes one such history, `promises` judges many. A promise that is kept in all runs is not proved by that; one that
is broken in a single run is not kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from ...sim import Scenario, checks
from ..cassandra import Cassandra
from ..consul import Consul
from ..dynamo import Dynamo
from ..redis_cluster import RedisCluster
from ..simulated import Simulated
from .grounds import faults
from .histories import Call, history
from .judgement import Judgement, Model
from .linearizability import linearizable
from .sessions import convergent, monotonic_reads, read_your_writes

BEGIN_S, TROUBLE_S, QUIET_S = 8.0, 30.0, 90.0
"""Clients begin when a leader has been elected; no write begins after the trouble, and the last reads come after quiet."""
CALLS = 60
KEYS = ("k1", "k2")


@dataclass(frozen=True)
class Watched:
    """One system, and how its clients ask."""

    make: Callable[[int], Simulated]
    """From a seed."""
    reads: str
    writes: str
    options: Mapping[str, Any]
    """Further arguments of both."""


WATCHED = {
    "Consul": Watched(lambda seed: Consul(3, 3, seed=seed, trace=False), "read", "write", {"timeout_s": 2.0}),
    "Cassandra at QUORUM": Watched(
        lambda seed: Cassandra(5, seed=seed, trace=False), "read", "write", {"consistency": "QUORUM"}
    ),
    "Cassandra at ONE": Watched(
        lambda seed: Cassandra(5, seed=seed, trace=False), "read", "write", {"consistency": "ONE"}
    ),
    "Dynamo, strict": Watched(
        lambda seed: Dynamo(5, versions="lww", sloppy=False, seed=seed, trace=False), "get", "put", {}
    ),
    "Dynamo, sloppy": Watched(
        lambda seed: Dynamo(5, versions="lww", seed=seed, trace=False), "get", "put", {}
    ),
    "Redis Cluster": Watched(
        lambda seed: RedisCluster(node_timeout_s=2.0, seed=seed, trace=False), "get", "set", {}
    ),
}
"""By name. Dynamo keeps the last write by its coordinators' clocks, so that a key has one value; Redis Cluster takes a node for
dead after 2 s, so that there are failovers in this time."""


def seen_by_clients(system: str, seed: int) -> tuple[Call, ...]:
    """What clients of one system saw in one run.

    Parameters
    ----------
    system : str
        One of `WATCHED`.
    seed : int
        Of the cluster, of what clients ask and of the faults.

    Raises
    ------
    ValueError
        For another system, or a seed that is none.
    """
    checks.one_of("system", system, tuple(WATCHED))
    checks.whole("seed", seed, 0)
    watched, random = WATCHED[system], Random(seed)
    cluster = watched.make(seed)
    names = list(cluster.world.names)
    steps = faults(random, names, count=4, until_s=TROUBLE_S - 5.0, lasts_s=(1.0, 10.0))
    for number in range(CALLS):
        at, writes = random.uniform(BEGIN_S, TROUBLE_S), random.random() < 0.5
        arguments = {"key": random.choice(KEYS), "via": random.choice(names)} | watched.options
        if writes:
            arguments["value"] = str(number)
        steps.append((at, watched.writes if writes else watched.reads, arguments))
    steps += [(TROUBLE_S + 10.0, "heal", {})]
    steps += [
        (QUIET_S, watched.reads, {"key": key, "via": name} | watched.options)
        for name in names
        for key in KEYS
    ]
    cluster.play(Scenario(steps))
    cluster.run(until=QUIET_S + 10.0)
    return history(cluster.operations)


@dataclass(frozen=True)
class Promises:
    """What became of the promises of one system in many runs."""

    system: str
    runs: int
    calls: int
    """In all runs."""
    unknown: int
    """Those of unknown outcome."""
    broken: Mapping[Model, int]
    """By model, in how many runs the history did not keep to it."""
    first: Mapping[Model, tuple[int, Judgement]]
    """By model that was broken, the first such seed, and why."""

    def __repr__(self) -> str:
        said = ", ".join(f"{model} {count}" for model, count in self.broken.items())
        return f"<Promises of {self.system}, broken in so many of {self.runs} runs: {said}>"


def promises(system: str, seeds: Iterable[int]) -> Promises:
    """Hold the histories of many runs to all four models.

    Parameters
    ----------
    system : str
        One of `WATCHED`.
    seeds : iterable of int

    Raises
    ------
    ValueError
        For another system, or a seed that is none.
    """
    checks.one_of("system", system, tuple(WATCHED))
    runs = calls = unknown = 0
    broken, first = dict.fromkeys(Model, 0), {}
    for seed in seeds:
        seen = seen_by_clients(system, seed)
        runs, calls = runs + 1, calls + len(seen)
        unknown += sum(call.ended_s is None for call in seen)
        judged = (
            linearizable(seen),
            read_your_writes(seen),
            monotonic_reads(seen),
            convergent(seen, QUIET_S),
        )
        for judgement in judged:
            if not judgement:
                broken[judgement.model] += 1
                first.setdefault(judgement.model, (seed, judgement))
    return Promises(system, runs, calls, unknown, broken, first)
