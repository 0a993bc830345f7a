"""What a client asked for, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...authority.versions import VectorClock
from ...sim import Signal
from .objects import LastWritten, Object
from .settings import DEADLINE_S

PENDING, OK, UNAVAILABLE, TIMEOUT = "pending", "ok", "unavailable", "timeout"


@dataclass(eq=False)
class Operation(Signal):
    """A get or a put: look at it after the cluster has run.

    A put that is not ok may have been kept all the same: ``timeout`` says that too few nodes said so in time.
    """

    kind: str
    """"get" or "put"."""
    key: str
    entry: str
    """The node that the client reached."""
    started_s: float
    put_value: Any = None
    """Of a put, what was written."""
    seen: VectorClock = field(default_factory=VectorClock)
    """Of a put, the context that its writer had read."""
    timestamp: float | None = None
    """Of a put, seconds by its client's own clock, if that said the time."""
    merge: Callable[[tuple[Any, ...]], Any] | None = field(default=None, repr=False)
    """Of a get, the application's policy for siblings."""
    copy: Object | None = field(default=None, repr=False)
    """What a get found; of a put, what the coordinator has under the key now."""
    coordinator: str | None = None
    status: str = PENDING
    """"pending", "ok", "unavailable" (too few nodes were believed up: nothing was begun) or "timeout"."""
    acks: tuple[str, ...] = ()
    """Who answered before the end, in the order in which the answers came."""
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
        """When a run that waits for the end gives up: a second after the deadline, where the coordinator has crashed."""
        return self.started_s + DEADLINE_S + 1.0

    @property
    def ok(self) -> bool:
        """Whether R or W nodes have answered in time."""
        return self.status == OK

    @property
    def latency_s(self) -> float | None:
        """How long the client waited, in seconds; None while it is waiting."""
        return None if self.finished_s is None else self.finished_s - self.started_s

    @property
    def siblings(self) -> tuple[Any, ...]:
        """The values of all versions of which none replaces another; empty if there is none."""
        return () if self.copy is None else self.copy.values

    @property
    def context(self) -> VectorClock:
        """What to hand back with the write that replaces these siblings."""
        return VectorClock() if self.copy is None else self.copy.context

    @property
    def value(self) -> Any:
        """The one value; of several the policy's merge of them, or, without a policy, None."""
        if len(self.siblings) == 1:
            return self.siblings[0]
        return self.merge(self.siblings) if self.siblings and self.merge else None

    @property
    def event(self) -> tuple[str, int]:
        """Of a put that was begun: who coordinated it, and the how-manieth of that node's under this key it was."""
        return self.coordinator, self.context[self.coordinator]

    @property
    def clock(self) -> VectorClock:
        """Of a put that was begun: what its writer had read, and the write itself; empty under last-write-wins."""
        return (
            self.seen
            if isinstance(self.copy, LastWritten)
            else self.seen.merge(VectorClock(dict([self.event])))
        )

    def replaces(self, other: "Operation") -> bool:
        """Of two puts that were begun, whether this one's version replaces the other one's, as the replicas judge."""
        if isinstance(self.copy, LastWritten):
            return self.copy.timestamp_us > other.copy.timestamp_us
        return self is not other and self.clock.descends(other.clock)

    def has_seen(self, put: "Operation") -> bool:
        """Whether what a get found has that put's version, or one that replaces it."""
        if isinstance(put.copy, LastWritten):
            return self.copy.timestamp_us >= put.copy.timestamp_us
        coordinator, counter = put.event
        return self.context[coordinator] >= counter
