"""Two reads in a row: whether the second one can show something older than the first, with and without read repair."""

from dataclasses import dataclass

from ....sim.checks import whole
from ..cluster import Cassandra


@dataclass(frozen=True, repr=False)
class Rereads:
    """Rows of which one replica of three had the newest, each read twice at QUORUM."""

    rows: int
    first_new: int
    """Rows of which the first read showed the newest."""
    went_back: int
    """Of these, rows of which the second read showed the older one again."""
    mismatches: int
    """Reads whose digests differed, so that all rows were fetched."""
    repaired: int
    """Replicas that read repair wrote to while a client waited."""

    def __repr__(self) -> str:
        return f"<Rereads: {self.went_back} of {self.first_new} second reads went back in time>"


def rereads(read_repair: bool = True, *, rows: int = 20, seed: int = 1) -> Rereads:
    """Let a write reach one replica of three only, and read each row twice at QUORUM, by two coordinators.

    node-1 is cut off from the other two for three seconds, too short for anybody to notice; what is written through it at
    QUORUM times out, and stays on its disk. There are no hints. The first read asks node-1, the second one node-2.

    Parameters
    ----------
    read_repair : bool
        Whether a read that finds replicas apart writes the newest to them before it answers.
    rows : int
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.

    Examples
    --------
    >>> rereads(read_repair=True).went_back
    0

    References
    ----------
    apache/cassandra, service/reads/repair/BlockingReadRepair.java, service/reads/DigestResolver.java; documentation,
    operating/read_repair.adoc (monotonic quorum reads).
    """
    whole("rows", rows, 1)
    cluster = Cassandra(3, vnodes=1, seed=seed, hints=False, read_repair=read_repair)
    keys = [f"row-{number}" for number in range(rows)]
    cluster.run(until=10.0)
    for key in keys:
        cluster.wait(cluster.write(key, "old", "ALL"))
    cluster.partition(["node-1"], ["node-2", "node-3"])
    for key in keys:
        cluster.write(key, "new", "QUORUM", "node-1")
    cluster.run(until=cluster.world.now + 3.0)
    cluster.heal()
    cluster.run(until=cluster.world.now + 3.0)
    pairs = [
        tuple(cluster.wait(cluster.read(key, "QUORUM", via)).value for via in ("node-1", "node-2"))
        for key in keys
    ]
    return Rereads(
        rows,
        sum(first == "new" for first, _ in pairs),
        pairs.count(("new", "old")),
        len(cluster.trace.filter(kind="digest-mismatch").table()),
        sum(len(row["replicas"]) for row in cluster.trace.filter(kind="read-repair").table()),
    )
