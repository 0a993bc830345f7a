"""One choice of N, R and W: staleness and latency, by the model and in runs with faults."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from ....authority.pbs import FITS, staleness
from ....sim import Constant, Network
from ....sim.checks import number, one_of, probability, whole
from ..cluster import Dynamo
from ..operation import Kind, Operation

DRAWS = 400
MODEL_TRIALS = 100_000
NOT_KNOWN = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Run:
    """What clients saw of a cluster, or of several that differ in their seeds only.

    Each range is where 95% of the results lie when the runs are drawn again from those there are, with replacement (a
    bootstrap); nan for a single run, of which nobody can say how far it is off.
    """

    stale: float
    """Share of the answered gets that missed the put before them, which had been acknowledged."""
    failed: float
    """Share of all operations that were refused or ran out of time."""
    read_ms: float
    """Within how many ms the share `Quorums.answered` of the answered gets was answered, entry node and detours included."""
    write_ms: float
    stale_range: tuple[float, float] = NOT_KNOWN
    failed_range: tuple[float, float] = NOT_KNOWN
    read_range_ms: tuple[float, float] = NOT_KNOWN
    write_range_ms: tuple[float, float] = NOT_KNOWN
    gets: int = 0
    """Gets that ``stale`` is a share of."""
    operations: int = 0
    """Operations that ``failed`` is a share of."""


@dataclass(frozen=True)
class Quorums:
    """One choice of N, R and W: by the model of latencies alone, and in runs with faults."""

    must_meet: bool
    """Whether R + W > N."""
    answered: float
    """The share of operations that all latencies here are for."""
    p_fresh: float
    """By WARS: share of reads that return a write if they begin when it is acknowledged."""
    visible_ms: float
    """By WARS: after so many ms 99.9% of reads return it."""
    visible_range_ms: tuple[float, float]
    """Where that lies with 95% confidence."""
    read_ms: float
    """By WARS: the share ``answered`` of reads is answered within so many ms."""
    write_ms: float
    strict: Run
    sloppy: Run

    def __repr__(self) -> str:
        return (
            f"<Quorums that {'must' if self.must_meet else 'need not'} meet: {100 * (1 - self.p_fresh):.1f} % of reads stale by the "
            f"model, {100 * self.strict.stale:.1f} % strict, {100 * self.sloppy.stale:.1f} % sloppy>"
        )


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
    runs: int = 1,
    answered: float = 0.999,
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
    runs : int
        With strict and with sloppy quorum each, with seeds from ``seed`` on. From two on there are ranges.
    answered : float
        The share of operations that latencies are given for, 0 to 1. For 99.9% a run needs thousands of pairs: of fewer it is
        the slowest or nearly so, and chance decides.
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    one_of("latencies", latencies, tuple(FITS))
    probability("loss", loss)
    number("churn_per_s", churn_per_s)
    whole("pairs", pairs, 1)
    whole("runs", runs, 1)
    probability("answered", answered)
    model = staleness(n, r, w, latencies, trials=MODEL_TRIALS, seed=seed)

    def run(sloppy: bool, seed: int) -> tuple[Seen, bool]:
        """One run, and whether a node was silent in it."""
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
        return pairs_seen(cluster, pairs, churn_per_s, seed), "silences" in cluster.metrics.names

    strict, sloppy = [], []
    for each in range(seed, seed + runs):
        seen, silence = run(True, each)
        sloppy.append(seen)
        # the two kinds of quorum differ only in whether another node is asked in place of a silent one
        strict.append(run(False, each)[0] if silence else seen)
    of_sloppy = _run(sloppy, answered)
    alike = all(one is other for one, other in zip(strict, sloppy, strict=True))
    return Quorums(
        r + w > n,
        answered,
        model.p_fresh(0),
        model.t_visible(),
        tuple(map(model.t_visible, model.between())),
        model.read_latency(answered),
        model.write_latency(answered),
        of_sloppy if alike else _run(strict, answered),
        of_sloppy,
    )


class Seen(NamedTuple):
    """One run, operation by operation."""

    stale: list[bool]
    failed: list[bool]
    read_ms: list[float]
    write_ms: list[float]


def pairs_seen(cluster: Dynamo, pairs: int, churn_per_s: float, seed: int) -> Seen:
    """Let clients put and at once get, while nodes crash; see `explore_quorums`."""
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
    for operation in cluster.operations:  # a put that ends begins its get: the list grows while it is read
        if operation.finished_s is None:
            cluster.wait(operation)
    took = {
        kind: [1000 * each.latency_s for each in cluster.operations if each.kind is kind and each.ok]
        for kind in Kind
    }
    return Seen(
        [not get.has_seen(put) for put, get in gets if put.ok and get.ok],
        [not each.ok for each in cluster.operations],
        took[Kind.GET],
        took[Kind.PUT],
    )


def _run(seen: list[Seen], answered: float) -> Run:
    columns = [[np.array(values, dtype=float) for values in column] for column in zip(*seen, strict=True)]
    measures = [_share, _share, *2 * [partial(_within, answered=answered)]]

    def measured(times: np.ndarray) -> list[np.ndarray]:
        return [measure(column, times) for measure, column in zip(measures, columns, strict=True)]

    ranges = [NOT_KNOWN] * 4
    if len(seen) > 1:
        random = np.random.default_rng(0)
        places = random.integers(len(seen), size=(DRAWS, len(seen)))
        times = (places[:, :, None] == np.arange(len(seen))).sum(axis=1)
        ranges = [_middle(values[~np.isnan(values)]) for values in measured(times)]
    counts = (sum(len(run.stale) for run in seen), sum(len(run.failed) for run in seen))
    once = measured(np.ones((1, len(seen)), dtype=int))
    return Run(*(float(values[0]) for values in once), *ranges, *counts)


def _share(runs: list[np.ndarray], times: np.ndarray) -> np.ndarray:
    """The mean of all values where run i is taken times[j, i] times, for each j; nan where there is no value."""
    sums, counts = times @ [values.sum() for values in runs], times @ [len(values) for values in runs]
    return np.divide(sums, counts, out=np.full(len(times), np.nan), where=counts > 0)


def _within(runs: list[np.ndarray], times: np.ndarray, answered: float) -> np.ndarray:
    """The same for a quantile, with numpy's interpolation between two neighbours."""
    values, run = np.concatenate(runs), np.repeat(np.arange(len(runs)), [len(each) for each in runs])
    if not len(values):
        return np.full(len(times), np.nan)
    order = np.argsort(values)
    values, rank = values[order], np.cumsum(times[:, run[order]], axis=1)
    count = rank[:, -1]
    place = np.maximum(count - 1, 0) * answered
    below = np.floor(place)
    low, high = (
        values[np.minimum((rank <= at[:, None]).sum(axis=1), len(values) - 1)] for at in (below, below + 1)
    )
    # the one above the greatest is not asked for: there the share of it is 0
    return np.where(count > 0, low + (place - below) * np.where(place > below, high - low, 0.0), np.nan)


def _middle(values: np.ndarray) -> tuple[float, float]:
    return (
        (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if len(values) else NOT_KNOWN
    )
