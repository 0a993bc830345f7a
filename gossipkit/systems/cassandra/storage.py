"""What one replica has on its disk."""

import hashlib
import json
from collections.abc import Iterable

from ...repair.merkle import Row, TokenRange
from ...repair.tombstones import Cell, purge, supersedes
from ..placement import position
from .messages import Update


def content(cell: Cell) -> bytes:
    """The same bytes for the same cell, and no others."""
    return json.dumps((cell.timestamp, cell.deleted_s, cell.value)).encode()


def digest(cell: Cell | None) -> bytes:
    """What a replica sends instead of its cell: an MD5, as Cassandra's; of nothing, nothing."""
    return b"" if cell is None else hashlib.md5(content(cell), usedforsecurity=False).digest()


class Storage:
    """One table of one replica; it outlives the process, as a disk does.

    A tombstone older than ``gc_grace_s`` is shown to no read and no repair, and `compact` takes it off the disk. Until
    then it still keeps older writes out.

    Parameters
    ----------
    gc_grace_s : float
        Seconds.

    Attributes
    ----------
    cells : dict of str to Cell
    repaired_s : float or None
        When a repair of this node's own ranges last ended well.

    References
    ----------
    apache/cassandra, db/ReadCommand.java (withoutPurgeableTombstones), db/compaction/CompactionManager.java (a
    validation is a compaction that writes nothing).
    """

    def __init__(self, gc_grace_s: float):
        self.gc_grace_s = gc_grace_s
        self.cells: dict[str, Cell] = {}
        self.repaired_s: float | None = None

    def apply(self, update: Update) -> bool:
        """Keep a cell, unless what is there wins; whether it was kept."""
        known = self.cells.get(update.key)
        wins = known is None or supersedes(update.cell, known)
        if wins:
            self.cells[update.key] = update.cell
        return wins

    def read(self, key: str, now: float) -> Cell | None:
        """The cell under a key."""
        cell = self.cells.get(key)
        forgotten = cell is not None and not cell.live and cell.deleted_s < now - self.gc_grace_s
        return None if forgotten else cell

    def visible(self, now: float) -> dict[str, Cell]:
        """All cells that reads and repairs see."""
        return purge(self.cells, now, self.gc_grace_s)

    def rows(self, now: float) -> dict[str, Row]:
        """The same, as Merkle trees take them."""
        return {key: Row(position(key), content(cell)) for key, cell in self.visible(now).items()}

    def within(self, ranges: Iterable[TokenRange], now: float) -> tuple[Update, ...]:
        """What lies in some ranges, in the order of keys."""
        return tuple(
            Update(key, cell)
            for key, cell in sorted(self.visible(now).items())
            if any(position(key) in each for each in ranges)
        )

    def compact(self, now: float) -> tuple[str, ...]:
        """Drop the tombstones that are old enough, and return their keys."""
        before, self.cells = self.cells, self.visible(now)
        return tuple(sorted(before.keys() - self.cells.keys()))
