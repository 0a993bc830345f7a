"""The rows that come back: deletions that one replica missed, gc_grace, and a repair that is in time or is not."""

from dataclasses import dataclass

import numpy as np

from ....sim.checks import number
from ..cluster import Cassandra

ROWS, STEP_S, COMPACTION_S = 20, 5.0, 5.0
MISSED = "node-3"


@dataclass(frozen=True, eq=False, repr=False)
class Zombies:
    """Twenty deleted rows on three replicas. Times count from the deletion, in seconds; nan for never."""

    times: np.ndarray
    rows: int
    """How many were deleted."""
    live: np.ndarray
    """Rows that each replica shows as live, int, shape (samples, 3): the one that missed the deletion is the last."""
    tombstones: np.ndarray
    """Tombstones on each replica's disk, int, shape (samples, 3)."""
    zombies: np.ndarray
    """Rows that reading all replicas would show again, int, shape (samples,)."""
    repaired: np.ndarray
    """When repair ran."""
    returned_s: float
    """When the first row was there again for a reader of all replicas."""
    everywhere_s: float
    """When all replicas had one again, so that no repair can tell any more."""

    def __repr__(self) -> str:
        back = (
            "no row is back"
            if np.isnan(self.returned_s)
            else f"the first row is back after {self.returned_s:g} s"
        )
        return f"<Zombies: {back}, {self.zombies[-1]} of {self.rows} at the end>"


def zombies(
    gc_grace_s: float = 90.0,
    repair_interval_s: float | None = 120.0,
    *,
    hints: bool = False,
    seed: int = 1,
    seconds: float = 300.0,
) -> Zombies:
    """Delete rows while one of their three replicas is down, bring it back, and repair at intervals.

    The times are short so that a run is; only their relation counts. The replica misses the deletions, by half a minute, and
    without hints nothing but repair tells it. Tombstones are compacted away every 5 s.

    Parameters
    ----------
    gc_grace_s : float
        How long a tombstone is kept.
    repair_interval_s : float or None
        Between two full repairs, and from the deletion to the first of them; None for no repair.
    hints : bool
        Whether the others keep the deletions for the replica.
    seed : int
    seconds : float
        How long to watch.

    Raises
    ------
    ValueError
        For a number out of range; an interval is at least 10 s, so that the replica is back.

    Examples
    --------
    >>> in_time, late = zombies(gc_grace_s=90, repair_interval_s=60), zombies(gc_grace_s=90, repair_interval_s=120)
    >>> int(in_time.zombies[-1]), int(late.zombies[-1]), late.returned_s, late.everywhere_s
    (0, 20, 95.0, 125.0)
    """
    number("gc_grace_s", gc_grace_s, low=10.0)
    if repair_interval_s is not None:
        number("repair_interval_s", repair_interval_s, low=10.0)
    number("seconds", seconds, low=STEP_S)
    cluster = Cassandra(
        3,
        vnodes=1,
        seed=seed,
        hints=hints,
        read_repair=False,
        gc_grace_s=gc_grace_s,
        compaction_interval_s=COMPACTION_S,
        trace=False,
    )
    rows = tuple(f"row-{i}" for i in range(ROWS))
    for row in rows:
        cluster.write(row, "there", "ALL")
    cluster.run(until=3.0)
    cluster.crash(MISSED)
    cluster.run(until=33.0)  # by now the others have convicted it
    for row in rows:
        cluster.delete(row, "QUORUM", "node-1")
    begin = cluster.world.now
    cluster.run(until=begin + 1.0)
    cluster.restart(MISSED)
    repairs = (
        [] if repair_interval_s is None else list(np.arange(repair_interval_s, seconds, repair_interval_s))
    )
    looks = np.arange(STEP_S, seconds + 1e-9, STEP_S)
    live, tombstones, again = [], [], []
    for time, what in sorted([(time, "repair") for time in repairs] + [(time, "watch") for time in looks]):
        cluster.run(until=begin + time)
        if what == "repair":
            cluster.repair.run()
            continue
        tables = [cluster.storage(name) for name in cluster.world.names]
        visible = [table.visible(cluster.world.now) for table in tables]
        live.append([sum(cell.live for cell in table.values()) for table in visible])
        tombstones.append([sum(not cell.live for cell in table.cells.values()) for table in tables])
        again.append(len(cluster.repair.zombies()))
    shown, everywhere = np.array(again) > 0, np.array(live).min(axis=1) > 0
    return Zombies(
        looks,
        len(rows),
        np.array(live),
        np.array(tombstones),
        np.array(again),
        np.array(repairs),
        _first(looks, shown),
        _first(looks, everywhere),
    )


def _first(times: np.ndarray, reached: np.ndarray) -> float:
    return float(times[reached.argmax()]) if reached.any() else float("nan")
