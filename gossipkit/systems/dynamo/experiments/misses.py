"""A search for scenarios in which a get misses a put that was acknowledged, and one that it found."""

from dataclasses import dataclass
from random import Random

from ....sim import Scenario
from ...checking.search import Case
from ...checking.search import search as first_failing
from ...checking.shrinking import fewer_steps
from ..cluster import Dynamo
from ..operation import Kind

NODES = tuple(f"node-{i}" for i in range(1, 6))
SECONDS = 20
SLOPPY_MISSES = Scenario([(9.0, "partition", {"groups": [["node-1", "node-3", "node-4"]]})])
"""What ``search()`` found: a partition with stand-ins on both sides. Each side takes writes that the other cannot see,
although R + W > N."""


@dataclass(frozen=True)
class Missed:
    """A get that missed a put."""

    value: int
    """What was written."""
    put_s: float
    """When that was acknowledged."""
    stored_at: tuple[str, ...]
    """Who had acknowledged it by then."""
    homes: tuple[str, ...]
    read_s: float
    """When the get began."""
    read_from: tuple[str, ...]
    """Who answered it."""


def missed_writes(
    scenario: Scenario, *, sloppy: bool = True, r: int = 2, w: int = 2, seed: int = 0
) -> tuple[Missed, ...]:
    """Play a scenario on five nodes that hold one key three times, and list what gets miss.

    Every second a client that has read nothing writes the number of the second, and half a second later another one reads;
    each reaches a random node that is up. No write replaces another one (``versions="dotted"``), so whatever a get lacks
    that had been acknowledged before it began is missed.

    Parameters
    ----------
    scenario : Scenario
        On nodes ``node-1`` to ``node-5``.
    sloppy : bool
    r, w : int
        Of N = 3.
    seed : int

    Raises
    ------
    ValueError
        If the scenario makes no sense on these nodes, or r or w is out of range.
    """
    cluster = Dynamo(NODES, r=r, w=w, sloppy=sloppy, versions="dotted", seed=seed, trace=False)
    cluster.play(scenario)
    gets = []
    for second in range(1, SECONDS + 1):
        cluster.run(until=second)
        if cluster.world.up:
            cluster.put("k", second)
        cluster.run(until=second + 0.5)
        if cluster.world.up:
            gets.append(cluster.get("k"))
    cluster.run(until=SECONDS + 5.0)
    homes = next(iter(cluster.running().values())).homes("k") if cluster.world.up else ()
    return tuple(
        Missed(put.written, put.finished_s, put.acks, homes, get.started_s, get.acks)
        for get in gets
        for put in cluster.operations
        if get.ok and put.kind is Kind.PUT and put.ok and put.finished_s <= get.started_s
        if put.written not in get.siblings
    )


def random_scenario(random: Random, faults: int = 4) -> Scenario:
    """Crashes, restarts, pauses, loss, partitions and heals at random times in the first 15 s."""
    steps = []
    for _ in range(random.randint(1, faults)):
        at, name = float(random.randint(2, 15)), random.choice(NODES)
        group = random.sample(NODES, random.randint(1, len(NODES) - 1))
        steps.append(
            random.choice(
                [
                    (at, "crash", {"name": name}),
                    (at, "restart", {"name": name}),
                    (at, "pause", {"name": name, "seconds": float(random.randint(1, 4))}),
                    (at, "set_loss", {"p": random.choice([0.0, 0.2])}),
                    (at, "partition", {"groups": [group]}),
                    (at, "heal", {}),
                ]
            )
        )
    return Scenario(steps)


def search(tries: int = 50, *, sloppy: bool = True, r: int = 2, w: int = 2, seed: int = 0) -> Scenario | None:
    """The first of so many random scenarios in which a get misses a write, without the steps that it takes not; or None.

    Parameters
    ----------
    tries : int
    sloppy : bool
    r, w : int
    seed : int
        Of the scenarios; the cluster's own is 0.
    """
    random = Random(seed)

    def misses(case: Case) -> tuple[Missed, ...]:
        return missed_writes(case.scenario, sloppy=sloppy, r=r, w=w, seed=case.seed)

    cases = (Case(0, len(NODES), SECONDS + 5.0, random_scenario(random)) for _ in range(tries))
    found = first_failing(misses, cases)
    return found and fewer_steps(misses, found.case).scenario
