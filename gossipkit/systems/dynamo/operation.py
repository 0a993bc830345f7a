"""What a client asked for, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...authority.versions import VectorClock
from ...sim import Word
from .. import operation
from .objects import LastWritten, Object, VnodeObject
from .settings import DEADLINE_S


class Kind(Word):
    """What a client can ask for."""

    GET = "get"
    PUT = "put"


@dataclass(eq=False, repr=False, kw_only=True)
class Operation(operation.Operation):
    """A get or a put: look at it after the cluster has run.

    ``via`` is the node that the client asked, which coordinates or passes it on. ``acks`` are the
    nodes that have answered, ``required`` is R or W.
    """

    kind: Kind
    patience_s: float = DEADLINE_S + 1.0
    """A second more than the deadline: a node that is paused can answer later."""
    written: Any = None
    """Of a put, what was written."""
    seen: VectorClock = field(default_factory=VectorClock)
    """Of a put, the context that its writer had read."""
    timestamp: float | None = None
    """Of a put, seconds by its client's own clock, if that said the time."""
    merge: Callable[[tuple[Any, ...]], Any] | None = None
    """Of a get, the application's policy for siblings."""
    copy: Object | None = None
    """What a get found; of a put, what the coordinator has under the key now."""
    coordinator: str | None = None
    """Who has coordinated it; None while its client does not know."""

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
        """Of a put, what was written. Of a get the one value; of several the policy's merge, or, without a policy, None."""
        if self.kind is Kind.PUT:
            return self.written
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
        if isinstance(self.copy, VnodeObject):  # VectorSiblings.put: all siblings go, or none
            return self.seen.descends(other.copy.context)
        return self is not other and self.clock.descends(other.clock)

    def has_seen(self, put: "Operation") -> bool:
        """Whether what a get found has that put's version, or one that replaces it."""
        if isinstance(put.copy, LastWritten):
            return self.copy.timestamp_us >= put.copy.timestamp_us
        coordinator, counter = put.event
        return self.context[coordinator] >= counter
