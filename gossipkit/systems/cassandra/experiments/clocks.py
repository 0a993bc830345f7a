"""A clock that runs ahead: last write wins by the writer's clock, and a later update is lost without a word."""

from dataclasses import dataclass

from ....sim.checks import number, whole
from ..cluster import Cassandra

BETWEEN_S = 1.0


@dataclass(frozen=True, repr=False)
class FastClock:
    """Rows that were written twice, the second time a second later and by a node whose clock is right."""

    ahead_s: float
    rows: int
    acknowledged: int
    """Second writes that a QUORUM acknowledged."""
    lost: int
    """Of these, those that a QUORUM read right after does not show."""
    divergent: int
    """Rows that replicas have otherwise than each other at the end."""

    def __repr__(self) -> str:
        return f"<FastClock {self.ahead_s:g} s ahead: {self.lost} of {self.acknowledged} later updates lost>"


def fast_clock(ahead_s: float = 1.5, *, rows: int = 20, seed: int = 1) -> FastClock:
    """Write rows through a node whose clock is ahead, and a second later through another one.

    Parameters
    ----------
    ahead_s : float
        How far node-1's clock is ahead, in seconds, 0 to 10.
    rows : int
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.

    Examples
    --------
    >>> [fast_clock(ahead).lost for ahead in (0.5, 1.5)]
    [0, 20]

    References
    ----------
    apache/cassandra, db/rows/Cells.java (resolveRegular): the later timestamp is the cell.
    """
    number("ahead_s", ahead_s, high=10.0)
    whole("rows", rows, 1)
    cluster = Cassandra(3, vnodes=1, seed=seed)
    cluster.run(until=10.0)
    cluster.clock("node-1", offset_s=ahead_s)
    keys = [f"row-{number}" for number in range(rows)]
    acknowledged = lost = 0
    for key in keys:
        cluster.wait(cluster.write(key, "first", "QUORUM", "node-1"))
        cluster.run(until=cluster.world.now + BETWEEN_S)
        second = cluster.wait(cluster.write(key, "second", "QUORUM", "node-2"))
        acknowledged += second.ok
        lost += second.ok and cluster.wait(cluster.read(key, "QUORUM", "node-2")).value != "second"
    cluster.run(until=cluster.world.now + 1.0)
    return FastClock(ahead_s, rows, acknowledged, lost, len(cluster.repair.divergent()))
