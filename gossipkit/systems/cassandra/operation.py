"""What a client asked for, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ...repair.tombstones import Cell, supersedes
from ...sim import Signal
from .settings import READ_TIMEOUT_S

PENDING, OK, UNAVAILABLE, TIMEOUT = "pending", "ok", "unavailable", "timeout"


@dataclass(eq=False)
class Operation(Signal):
    """A write, a deletion or a read: look at it after the cluster has run.

    A write that is not ok may have been kept all the same: ``timeout`` says that too few replicas said so in time.
    """

    kind: str
    """"write", "delete" or "read"."""
    key: str
    consistency: str
    coordinator: str
    started_s: float
    cell: Cell | None = None
    """What was written, or what the read returned; None for a key that nobody has."""
    expected: Cell | None = None
    """Of a read: the newest cell under its key whose write had been acknowledged when the read began."""
    deletion: float | None = None
    """Of a read: the timestamp of the newest deletion that was asked for under its key, acknowledged or not."""
    status: str = PENDING
    """"pending", "ok", "unavailable" (too few replicas were believed up: nothing was begun) or "timeout"."""
    required: int = 0
    """Replies that the consistency level asks for."""
    acks: tuple[str, ...] = ()
    """Replicas whose replies counted, in the order in which they came; those after the end are not noted."""
    hinted: tuple[str, ...] = ()
    """Replicas for which a hint counted."""
    finished_s: float | None = None
    finished: Callable[["Operation"], None] | None = field(default=None, repr=False)
    """Called at the end."""

    def end(self, status: str, now: float) -> None:
        """Tell the client."""
        self.status, self.finished_s = status, now
        if self.finished is not None:
            self.finished(self)
        self.trigger()

    @property
    def latest_s(self) -> float:
        """When a run that waits for the end gives up: a second after the longest timeout, where the coordinator has crashed."""
        return self.started_s + READ_TIMEOUT_S + 1.0

    @property
    def ok(self) -> bool:
        """Whether it was done as the consistency level asks."""
        return self.status == OK

    @property
    def latency_s(self) -> float | None:
        """How long the client waited, in seconds; None while it is waiting."""
        return None if self.finished_s is None else self.finished_s - self.started_s

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
