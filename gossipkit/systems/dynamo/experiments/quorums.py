"""One choice of N, R and W: staleness and latency, by the model and in runs with faults."""

from dataclasses import dataclass

import numpy as np

from ....authority.pbs import FITS, staleness
from ....authority.ring import whole
from ....sim import Constant, Network
from ....sim.checks import number, one_of
from ..cluster import Dynamo
from ..operation import Operation
from ..settings import DEADLINE_S


@dataclass(frozen=True)
class Run:
    """What clients saw of a cluster."""

    stale: float
    """Share of the answered gets that missed the put before them, which had been acknowledged."""
    failed: float
    """Share of all operations that were refused or ran out of time."""
    read_ms: float
    """Within how many ms 99.9% of the answered gets were answered, entry node and detours included."""
    write_ms: float


@dataclass(frozen=True)
class Quorums:
    """One choice of N, R and W: by the model of latencies alone, and in two runs with faults."""

    must_meet: bool
    """Whether R + W > N."""
    p_fresh: float
    """By WARS: share of reads that return a write if they begin when it is acknowledged."""
    visible_ms: float
    """By WARS: after so many ms 99.9% of reads return it."""
    read_ms: float
    """By WARS: 99.9% of reads are answered within so many ms."""
    write_ms: float
    strict: Run
    sloppy: Run


def explore_quorums(
    n: int = 3,
    r: int = 2,
    w: int = 2,
    *,
    latencies: str = "LNKD-DISK",
    loss: float = 0.0,
    churn_per_s: float = 0.0,
    nodes: int = 6,
    coordination: str = "server",
    pairs: int = 60,
    seed: int = 1,
) -> Quorums:
    """Staleness and latency of one choice of N, R and W.

    In the runs every pair is a put and, in the instant in which that ends, a get of the same key, each through a node as
    ``coordination`` has it. A coordinator has its own write at once, so the runs are fresher than the model.

    Parameters
    ----------
    n, r, w : int
    latencies : str
        One of `gossipkit.authority.pbs.FITS`.
    loss : float
        Share of messages lost, 0 to 1.
    churn_per_s : float
        Nodes that crash per second, each for 3 s; at most one is down at a time.
    nodes : int
    coordination : {"server", "client"}
    pairs : int
        Of a put and a get, in each run.
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    one_of("latencies", latencies, tuple(FITS))
    number("loss", loss, high=1.0)
    number("churn_per_s", churn_per_s)
    whole("pairs", pairs, 1)
    model = staleness(n, r, w, latencies, trials=5_000, seed=seed)
    runs = []
    for sloppy in (False, True):
        cluster = Dynamo(
            nodes,
            n=n,
            r=r,
            w=w,
            sloppy=sloppy,
            coordination=coordination,
            versions="dotted",
            latencies=latencies,
            network=Network(latency=Constant(0.0), loss=loss),
            seed=seed,
            trace=False,
        )
        runs.append(_pairs(cluster, pairs, churn_per_s, seed))
    return Quorums(
        r + w > n,
        model.p_fresh(0),
        model.t_visible(),
        model.read_latency(),
        model.write_latency(),
        *runs,
    )


def _pairs(cluster: Dynamo, pairs: int, churn_per_s: float, seed: int) -> Run:
    random = np.random.default_rng(seed)
    names, down, up_again_s, next_s = list(cluster.world.names), None, 0.0, np.inf
    if churn_per_s:
        next_s = random.exponential(1 / churn_per_s)
    gets: list[tuple[Operation, Operation]] = []
    for pair in range(pairs):
        # a pair each 200 ms, so that failures fall between them
        cluster.run(until=max(cluster.world.now, 0.2 * pair))
        if down is not None and cluster.world.now >= up_again_s:
            cluster.restart(down)
            down, next_s = None, cluster.world.now + random.exponential(1 / churn_per_s)
        elif down is None and cluster.world.now >= next_s:
            down, up_again_s = names[random.integers(len(names))], cluster.world.now + 3.0
            cluster.crash(down)
        key = f"key-{pair % 20}"
        cluster.put(key, pair).finished = lambda put: gets.append((put, cluster.get(put.key)))
    cluster.run(until=cluster.world.now + 2 * DEADLINE_S)
    missed = [not get.has_seen(put) for put, get in gets if put.ok and get.ok]
    done = {kind: [op for op in cluster.operations if op.kind == kind and op.ok] for kind in ("get", "put")}
    read_ms, write_ms = (
        float(np.quantile([op.latency_s * 1000 for op in done[kind]], 0.999)) if done[kind] else float("nan")
        for kind in ("get", "put")
    )
    return Run(
        float(np.mean(missed)) if missed else float("nan"),
        sum(not op.ok for op in cluster.operations) / len(cluster.operations),
        read_ms,
        write_ms,
    )
