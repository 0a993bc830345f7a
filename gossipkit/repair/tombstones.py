"""Cells, tombstones and last write wins: why a deletion is a write, and what it takes to forget one.

A replica that missed a deletion still holds the row, and to a merge a row that one side has and the other lacks looks like
a write that the other missed. So a deletion leaves a tombstone that wins the merge. Tombstones cannot stay for ever: after
``gc_grace_s`` each replica drops its own, without asking the others. A replica that has not heard of the deletion by then gives
the row back to everybody: repair must have reached every replica *before* the first of them forgets.

Which of two cells of one key wins, see `precedence`:

====================================  ======================================
the two cells                         winner
====================================  ======================================
timestamps differ                     the later
same timestamp, one is a tombstone    the tombstone
same timestamp, both are tombstones   the one that was deleted later
same timestamp, both live             the greater value, compared as bytes
====================================  ======================================

The last two rows mean nothing; they are there so that every replica decides alike. The timestamp is the *writer's* clock:
a deletion by a clock that is behind deletes nothing. Cells with a time to live are left out, and so is that Cassandra drops
a tombstone only in a compaction that sees every file that might hold older data of the row, and, where a table's
``only_purge_repaired_tombstones`` is set, only after it was repaired.

References
----------
apache/cassandra src/java/org/apache/cassandra/db/rows/Cells.java (`precedence`: resolveRegular, read at 11dc50a),
doc/modules/cassandra/pages/managing/operating/compaction/tombstones.adoc and repair.adoc (gc_grace_seconds).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..sim import message
from ..sim.checks import number

DAY_S = 86_400.0
GC_GRACE_S = 10 * DAY_S
"""Cassandra's gc_grace_seconds, 864 000. Too low, and deleted rows come back when a repair is late; too high, and reads
wade through tombstones."""


@message
class Cell:
    """What is stored under one key: a value, or the mark that it was deleted.

    ``timestamp`` is the write's, in seconds of the writer's clock (Cassandra: microseconds of the client's or the
    coordinator's). ``deleted_s`` is when the deletion was made, which `purge` counts from, and None in a live cell.
    """

    value: str
    timestamp: float
    deleted_s: float | None = None

    @property
    def live(self) -> bool:
        """Whether there is a value to read."""
        return self.deleted_s is None


def tombstone(timestamp: float, now: float) -> Cell:
    """The cell that a deletion writes.

    Parameters
    ----------
    timestamp, now : float
        Both in seconds: the deletion's by the writer's clock, and when it is made.
    """
    return Cell("", timestamp, now)


def precedence(cell: Cell) -> tuple:
    """What sorts cells of one key: the greatest wins. Equal only for equal cells, so the order never decides.

    Examples
    --------
    >>> max(Cell("new", 5.0), tombstone(5.0, now=5.0), key=precedence).live  # a tie goes to the tombstone
    False
    """
    return cell.timestamp, not cell.live, 0.0 if cell.live else cell.deleted_s, cell.value


def supersedes(cell: Cell, other: Cell) -> bool:
    """Whether the first of two cells of one key wins; the order that `read_repair` asks for."""
    return precedence(cell) > precedence(other)


def merge(*tables: Mapping[str, Cell]) -> dict[str, Cell]:
    """What replicas hold once they have told each other everything: by key, the cell that wins.

    Commutative, associative and idempotent, so it does not matter who tells whom, in which order, or how often.

    Examples
    --------
    >>> merge({"k": Cell("old", 1.0)}, {"k": tombstone(2.0, now=2.0)})["k"].live
    False
    """
    merged: dict[str, Cell] = {}
    for table in tables:
        for key, cell in table.items():
            if key not in merged or supersedes(cell, merged[key]):
                merged[key] = cell
    return merged


def purge(table: Mapping[str, Cell], now: float, gc_grace_s: float = GC_GRACE_S) -> dict[str, Cell]:
    """The table without the tombstones that are older than ``gc_grace_s``: what compaction makes of it.

    Raises
    ------
    ValueError
        For a ``gc_grace_s`` below 0.
    """
    number("gc_grace_s", gc_grace_s)
    # by this replica's own clock, and without asking the others whether they have the tombstone
    return {key: cell for key, cell in table.items() if cell.live or cell.deleted_s >= now - gc_grace_s}


@dataclass(frozen=True)
class Stage:
    """One event in the life of a row, and what each replica holds after it (None: nothing)."""

    time_s: float
    event: str
    cells: Mapping[str, Cell | None]

    @property
    def row(self) -> Cell | None:
        """What reading all replicas says."""
        held = [cell for cell in self.cells.values() if cell is not None]
        return max(held, key=precedence, default=None)


@dataclass(frozen=True)
class DeletedRow:
    """What became of a row, see `deleted_row`."""

    stages: tuple[Stage, ...]
    """In the order of time; the events are "write", "delete", "repair" and "compact"."""

    @property
    def returned_s(self) -> float | None:
        """When reading all replicas first shows the row alive after its deletion; None if it stays deleted."""
        return next((stage.time_s for stage in self.stages[1:] if stage.row and stage.row.live), None)

    @property
    def everywhere_s(self) -> float | None:
        """When every replica has the row alive again, so that no repair can tell; None if that does not happen."""
        for stage in self.stages[1:]:
            if all(cell is not None and cell.live for cell in stage.cells.values()):
                return stage.time_s
        return None


def deleted_row(
    repair_interval_s: float,
    gc_grace_s: float = GC_GRACE_S,
    deletion_s: float = 0.0,
    compaction_interval_s: float = DAY_S,
    until_s: float = 40 * DAY_S,
) -> DeletedRow:
    """Replay the life of a row on replicas a, b and c, whose deletion c misses and no hint brings.

    Each repair makes the three equal, at once; each compaction purges on all three. A compaction at the time of a repair
    comes first: a repair that ends as the tombstones are dropped is too late. While ``repair_interval_s`` is at most
    ``gc_grace_s`` the row stays deleted, whenever it was deleted.

    Parameters
    ----------
    repair_interval_s : float
        Between the *ends* of two repairs, which last: what counts is when the tombstone has arrived. The first ends at
        this time.
    deletion_s : float
        When the row is deleted; at 0, just after a repair, it waits longest for the next one.
    compaction_interval_s : float
        Between two compactions of the row; the first is at this time.

    Raises
    ------
    ValueError
        For intervals below a minute, or negative times.

    Examples
    --------
    >>> deleted_row(repair_interval_s=7 * DAY_S).returned_s  # Cassandra's advice, a repair a week
    >>> deleted_row(repair_interval_s=11 * DAY_S).everywhere_s / DAY_S  # gc_grace and a day: too late
    11.0
    >>> deleted_row(repair_interval_s=14 * DAY_S).returned_s / DAY_S  # all but c have forgotten the deletion
    11.0
    >>> deleted_row(repair_interval_s=14 * DAY_S).everywhere_s / DAY_S  # and repair gives the row back to everybody
    14.0
    """
    number("repair_interval_s", repair_interval_s, low=60.0)
    number("gc_grace_s", gc_grace_s)
    number("deletion_s", deletion_s)
    number("compaction_interval_s", compaction_interval_s, low=60.0)
    number("until_s", until_s)
    written = {"k": Cell("row", deletion_s - 1.0)}
    deleted = {"k": tombstone(deletion_s, deletion_s)}
    tables = {"a": written, "b": written, "c": written}
    # the second item orders what happens at the same time
    events = [(deletion_s, 0, "delete")]
    events += [(at, 1, "compact") for at in _every(compaction_interval_s, until_s)]
    events += [(at, 2, "repair") for at in _every(repair_interval_s, until_s)]
    stages = [_stage(deletion_s - 1.0, "write", tables)]
    for now, _, event in sorted(event for event in events if event[0] >= deletion_s):
        if event == "delete":
            tables = {"a": deleted, "b": deleted, "c": written}
        elif event == "repair":
            tables = dict.fromkeys(tables, merge(*tables.values()))
        else:
            tables = {name: purge(table, now, gc_grace_s) for name, table in tables.items()}
        stages.append(_stage(now, event, tables))
    return DeletedRow(tuple(stages))


def _every(interval_s: float, until_s: float) -> list[float]:
    return [k * interval_s for k in range(1, int(until_s / interval_s) + 1)]


def _stage(time_s: float, event: str, tables: Mapping[str, Mapping[str, Cell]]) -> Stage:
    return Stage(time_s, event, {name: table.get("k") for name, table in tables.items()})
