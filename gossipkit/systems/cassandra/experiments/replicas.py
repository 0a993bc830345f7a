"""Gossip has converged and replicas differ: one cluster, watched at both layers while clients write and read."""

from dataclasses import dataclass

import numpy as np

from ....authority.pbs import Wars, staleness
from ....authority.quorum import demand
from ....sim import LogNormal, Network
from ....sim.checks import number, whole
from ..cluster import Cassandra
from ..operation import Operation

NETWORK_S = 0.001
DISK = LogNormal(0.004, sigma=1.0)  # a write's way to memory and commit log: a long tail, as under compaction
NODES, REPLICAS, KEYS = 6, 3, 120
WARM_S, DOWN_S, BUSY_S, REPAIR_S, LAST_S = 5.0, 15.0, 60.0, 70.0, 80.0
OPERATION_S = 0.25


@dataclass(frozen=True, eq=False, repr=False)
class Converged:
    """Gossip and replicas of one cluster, second by second, while clients write and read. Times in seconds."""

    times: np.ndarray
    divergent: np.ndarray
    """Keys that replicas have otherwise than each other, shape (samples,)."""
    wrong: np.ndarray
    """Beliefs about who is up that are wrong, shape (samples,)."""
    keys: int
    """How many keys clients write, of which ``divergent`` counts some."""
    pairs: int
    """Of an observer and another node, of which ``wrong`` counts some."""
    down: tuple[float, float]
    """When some of the nodes were down."""
    at_once: tuple[int, int]
    """Reads right after a write of their key: answered, and of these stale."""
    later: tuple[int, int]
    """Reads of any key that had been written: answered, and of these stale."""
    refused: int
    """Operations that were unavailable or timed out."""
    predicted: float
    """Share of stale reads right after a write by latencies alone, without outages and loss: PBS's model, for a coordinator
    that asks R replicas."""
    hints_left: int
    """Hints that are still held at the end."""

    def __repr__(self) -> str:
        return (
            f"<Converged: stale reads {self.at_once[1]} of {self.at_once[0]} at once and {self.later[1]} of {self.later[0]} "
            f"later; at the end {self.divergent[-1]} of {self.keys} rows differ, {self.wrong[-1]} wrong beliefs>"
        )

    @property
    def stale_at_once(self) -> float:
        """Share of the reads right after a write that were stale; nan if none was answered."""
        return _share(*self.at_once)

    @property
    def stale_later(self) -> float:
        """Share of the other reads that were stale; nan if none was answered."""
        return _share(*self.later)


def _share(of: int, some: int) -> float:
    return some / of if of else float("nan")


class _Milliseconds:
    """A latency of the simulated network and disk as PBS's model takes it."""

    def __init__(self, *parts: LogNormal):
        self._parts = parts

    def sample(self, random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return sum(1000 * random.lognormal(np.log(part.median), part.sigma, shape) for part in self._parts)


def converged_yet_different(
    write: str = "ONE",
    read: str = "ONE",
    *,
    hints: bool = True,
    hints_count: bool = False,
    read_repair: bool = True,
    merkle: bool = True,
    authority: bool = True,
    down: int = 1,
    outage_s: float = 20.0,
    loss: float = 0.0,
    gap_s: float = 0.0,
    seed: int = 1,
) -> Converged:
    """Write and read for a minute, with some of six nodes down for a while, and watch two things: beliefs and replicas.

    Four times a second a key is written; it is read ``gap_s`` after that was acknowledged, and beside it any key that was
    written before. Coordinators are never replicas of their key, so that every message crosses the network, as in PBS's
    model. At 60 s the clients stop, and at 70 s a full Merkle repair runs.

    Parameters
    ----------
    write, read : str
        Consistency levels.
    hints, hints_count, read_repair, merkle, authority : bool
        As of `Cassandra`.
    down : int
        How many nodes go down, 0 to 2.
    outage_s : float
        For how long, from 15 s on.
    loss : float
        Share of datagrams lost.
    gap_s : float
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("down", down, 0, 2)
    number("outage_s", outage_s, low=1.0, high=BUSY_S - DOWN_S)
    number("gap_s", gap_s)
    network = LogNormal(NETWORK_S)
    cluster = Cassandra(
        NODES,
        replication=REPLICAS,
        vnodes=4,
        seed=seed,
        network=Network(latency=network, loss=loss),
        authority=authority,
        hints=hints,
        hints_count=hints_count,
        read_repair=read_repair,
        merkle=merkle,
        storage_write=DISK,
        trace=False,
    )
    victims = [f"node-{NODES - i}" for i in range(down)]
    cluster.run(until=WARM_S)
    random = cluster.world.processes["node-1"].env.random
    events = [(WARM_S + OPERATION_S * i, "operate") for i in range(int((BUSY_S - WARM_S) / OPERATION_S))]
    events += [(DOWN_S, "crash"), (DOWN_S + outage_s, "restart")]
    events += [(float(second), "look") for second in range(int(WARM_S), int(LAST_S) + 1)]
    events += [(REPAIR_S, "repair")] * merkle
    looks, later, keys = [], [], []
    for time, what in sorted(events, key=lambda event: event[0]):
        cluster.run(until=time)
        if what == "operate":
            if keys:
                later.append(_read(cluster, random.choice(keys), read))
            keys.append(f"k{random.randrange(KEYS)}")
            _write_then_read(cluster, keys[-1], write, read, gap_s)
        elif what == "look":
            looks.append((time, len(cluster.repair.divergent()), len(cluster.gossip.disagreement())))
        elif what == "repair":
            cluster.repair.run()
        else:
            for victim in victims:
                getattr(cluster, what)(victim)
    late = {id(one) for one in later}
    at_once = [one for one in cluster.operations if one.kind == "read" and id(one) not in late]
    levels = [demand(level, {"dc1": REPLICAS}, "dc1").count if authority else 1 for level in (write, read)]
    wars = Wars(_Milliseconds(network, DISK), _Milliseconds(network))
    model = staleness(REPLICAS, levels[1], levels[0], wars, trials=20_000, seed=seed, asked=levels[1])
    times, divergent, wrong = (np.array(column) for column in zip(*looks, strict=True))
    return Converged(
        times,
        divergent,
        wrong,
        KEYS,
        NODES * (NODES - 1),
        (DOWN_S, DOWN_S + outage_s),
        _counts(at_once),
        _counts(later),
        sum(one.status in ("unavailable", "timeout") for one in cluster.operations),
        1 - model.p_fresh(1000 * gap_s),
        sum(cluster.repair.backlog().values()),
    )


def _counts(reads: list[Operation]) -> tuple[int, int]:
    return sum(one.ok for one in reads), sum(one.stale for one in reads)


def _far(cluster: Cassandra, key: str) -> list[str]:
    """The running nodes that are no replicas of a key."""
    replicas = cluster.authority.replicas(key)
    return [name for name in cluster.running() if name not in replicas]


def _read(cluster: Cassandra, key: str, level: str) -> Operation:
    return cluster.read(key, level, _far(cluster, key)[-1])


def _write_then_read(cluster: Cassandra, key: str, write: str, read: str, gap_s: float) -> None:
    far = _far(cluster, key)
    operation = cluster.write(key, f"{cluster.world.now:.2f}", write, far[0])

    def then(done: Operation) -> None:
        noted(done)
        if far[-1] in cluster.world.up:
            cluster.started(far[-1]).env.after(gap_s, cluster.read, key, read, far[-1])

    noted = operation.finished
    if operation.finished_s is None:
        operation.finished = then
