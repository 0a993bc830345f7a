"""What a client asked for, and what became of it."""

from dataclasses import dataclass

from ...repair.tombstones import Cell, supersedes
from .. import operation
from .settings import READ_TIMEOUT_S


@dataclass(eq=False, repr=False, kw_only=True)
class Operation(operation.Operation):
    """A write, a deletion or a read: look at it after the cluster has run.

    ``kind`` is "write", "delete" or "read". The node asked coordinates. ``acks`` are replicas.
    """

    patience_s: float = READ_TIMEOUT_S + 1.0
    """A second more than the longest timeout: a coordinator that is paused can answer later."""
    consistency: str
    cell: Cell | None = None
    """What was written, or what the read returned; None for a key that nobody has."""
    expected: Cell | None = None
    """Of a read: the newest cell under its key whose write had been acknowledged when the read began."""
    deletion: float | None = None
    """Of a read: the timestamp of the newest deletion that was asked for under its key, acknowledged or not."""
    hinted: tuple[str, ...] = ()
    """Replicas for which a hint counted."""

    @property
    def value(self) -> str | None:
        """What was written or read; None if it was deleted or never there."""
        return self.cell.value if self.cell is not None and self.cell.live else None

    @property
    def timestamp(self) -> float | None:
        """When that was written by its writer's clock, in seconds."""
        return None if self.cell is None else self.cell.timestamp

    @property
    def stale(self) -> bool:
        """Whether a read was answered with less than had been acknowledged before it began.

        Nothing is not less where a later deletion was asked for: it may have been kept, and its tombstone be gone again.
        """
        if self.kind != "read" or not self.ok or self.expected is None:
            return False
        if self.cell is None:
            return self.expected.live and (self.deletion is None or self.deletion < self.expected.timestamp)
        return supersedes(self.expected, self.cell)
