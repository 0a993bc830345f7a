"""Bad weather: clients, outages and loss for some minutes, against which levels, hint window and repair interval are chosen."""

from dataclasses import dataclass

from ....sim import LogNormal, Network
from ....sim.network import stream
from ....sim.remembered import remembered
from ..cluster import Cassandra

NODES, SECONDS, CALM_S = 6, 330.0, 90.0
GC_GRACE_S = 130.0
OPERATION_S = 0.5
WRITES, DELETIONS = (
    0.35,
    0.5,
)  # of the operations: writes below the first, deletions below the second, and else reads
LONG_S, OUTAGE_S, BETWEEN_S = (80.0, 100.0), (15.0, 50.0), (20.0, 40.0)


@dataclass(frozen=True, repr=False)
class Weather:
    """What clients and operators of one cluster saw."""

    reads: int
    """Reads that were answered."""
    stale: int
    """Of them, those that missed what had been acknowledged before."""
    operations: int
    refused: int
    """Operations that were unavailable or timed out."""
    zombies: int
    """Rows whose deletion was acknowledged, and that are there again at the end."""
    lacking: int
    """Rows whose write was acknowledged, and that some replica lacks at the end."""
    hints: int
    """The most hints that running nodes held at one moment, all together."""
    repair_bytes_s: float
    """Sent by Merkle repair, per node and second."""

    def __repr__(self) -> str:
        return (
            f"<Weather: {self.stale} of {self.reads} reads stale, {self.refused} of {self.operations} operations refused, "
            f"{self.zombies} zombies, {self.lacking} rows lacking>"
        )


@remembered
def weather(
    write: str, read: str, hint_window_s: float, repair_interval_s: float | None, seed: int
) -> Weather:
    """Let six nodes with three replicas live through five and a half minutes.

    Of two operations a second a third are writes of new rows, some are deletions, half are reads of any row. One datagram in
    a hundred is lost. One node at a time is down: the first one for 80 to 100 s, others for 15 to 50 s, with 20 to 40 s
    between two outages; the last 90 s are calm. Tombstones are kept for 130 s. Runs that were made already are remembered.

    Parameters
    ----------
    write, read : str
        Consistency levels; deletions are writes.
    hint_window_s : float
    repair_interval_s : float or None
        Between two Merkle repairs of a node's own ranges; None for no repair.
    seed : int

    Raises
    ------
    ValueError
        For another level, or a number out of range.
    """
    cluster = Cassandra(
        NODES,
        vnodes=4,
        seed=seed,
        network=Network(latency=LogNormal(0.001), loss=0.01),
        hint_window_s=hint_window_s,
        repair_interval_s=repair_interval_s,
        gc_grace_s=GC_GRACE_S,
        compaction_interval_s=10.0,
        storage_write=LogNormal(0.004, sigma=1.0),
        trace=False,
    )
    random = stream(seed, "weather")
    keys: list[str] = []
    deleted: set[str] = set()
    most = 0
    for time, what, about in _events(random):
        cluster.run(until=time)
        if what != "operate":
            getattr(cluster, what)(about)
            continue
        most = max(most, sum(cluster.repair.backlog().values()))
        kind = random.random()
        if kind < WRITES or not keys:
            keys.append(f"row-{len(keys)}")
            cluster.write(keys[-1], "there", write)
        elif kind < DELETIONS:
            key = random.choice(keys)
            if key not in deleted:
                deleted.add(key)
                cluster.delete(key, write)
        else:
            cluster.read(random.choice(keys), read)
    cluster.run(until=SECONDS)
    reads = [one for one in cluster.operations if one.kind == "read" and one.ok]
    sent = cluster.metrics.value("stream.sent.bytes") if "stream.sent.bytes" in cluster.metrics.names else 0.0
    return Weather(
        len(reads),
        sum(one.stale for one in reads),
        len(cluster.operations),
        sum(not one.ok for one in cluster.operations),
        len(cluster.repair.zombies()),
        _lacking(cluster),
        most,
        sent / NODES / SECONDS,
    )


def _lacking(cluster: Cassandra) -> int:
    changed = [one for one in cluster.operations if one.kind != "read"]
    deleted = {one.key for one in changed if one.kind == "delete"}
    kept = {one.key for one in changed if one.ok} - deleted
    return sum(None in cluster.authority.held(key).values() for key in kept)


def _events(random) -> list[tuple[float, str, str]]:
    events, time, lasts = [], 10.0, LONG_S
    while time < SECONDS - CALM_S:
        name, length = f"node-{random.randrange(NODES) + 1}", random.uniform(*lasts)
        lasts = OUTAGE_S
        events += [(time, "crash", name), (time + length, "restart", name)]
        time += length + random.uniform(*BETWEEN_S)
    events += [(10.0 + OPERATION_S * i, "operate", "") for i in range(int((SECONDS - 20.0) / OPERATION_S))]
    return sorted(events)
