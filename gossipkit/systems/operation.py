"""What a client asked a system for, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from ..sim import Signal, Word

if TYPE_CHECKING:
    from ..sim import Env

_short = Repr()  # a value's text, short enough for a line
_short.maxstring = _short.maxother = 24
_short.maxlevel, _short.maxtuple, _short.maxset = 2, 3, 3


class Status(Word):
    """What a client knows of its operation."""

    PENDING = "pending"
    """Nothing yet."""
    OK = "ok"
    """As many nodes as were needed have answered in time."""
    UNAVAILABLE = "unavailable"
    """Too few nodes were believed up: nothing was begun."""
    TIMEOUT = "timeout"
    """Too few nodes said so in time, or the node asked has crashed: nobody knows what was kept."""


@dataclass(eq=False, repr=False, kw_only=True)
class Operation(Signal):
    """What every system's operation has: look at it after the cluster has run.

    A write that is not ok may have been kept all the same. The nodes write ``operation-begun``, ``operation-acknowledged`` and
    ``operation-ended`` into the trace.
    """

    number: int
    """Which of the cluster's operations it is, from 1."""
    kind: str
    """In the product's word, such as "write" or "put"."""
    key: str
    via: str
    """The node that the client asked."""
    started_s: float
    patience_s: float
    """How long after its start a run that waits for it gives up, in seconds."""
    status: Status = Status.PENDING
    required: int = 0
    """How many nodes must answer."""
    acks: tuple[str, ...] = ()
    """The nodes whose answers counted, in the order in which they came; those after the end are not noted."""
    finished_s: float | None = None
    finished: Callable[[Any], None] | None = None
    """Called with the operation, at its end."""

    def acknowledge(self, by: str, env: "Env") -> None:
        """Note at the coordinator that an answer counts."""
        self.acks += (by,)
        env.record("operation-acknowledged", operation=self.number, by=by)

    def end(self, status: Status, env: "Env") -> None:
        """Tell the client, or the node that has passed it on."""
        self.status, self.finished_s = status, env.now
        if env.name == self.via:
            env.record("operation-ended", operation=self.number, status=status)
        if self.finished is not None:
            self.finished(self)
        self.trigger()

    @property
    def latest_s(self) -> float:
        """When a run that waits for the end gives up, in seconds since the cluster began."""
        return self.started_s + self.patience_s

    @property
    def ok(self) -> bool:
        """Whether as many nodes as were needed have answered in time."""
        return self.status is Status.OK

    @property
    def latency_s(self) -> float | None:
        """How long the client waited, in seconds; None while it is waiting."""
        return None if self.finished_s is None else self.finished_s - self.started_s

    @property
    def value(self) -> Any:
        """What was written, or what was read."""
        raise NotImplementedError

    def __repr__(self) -> str:
        value = "" if self.value is None else f" {_short.repr(self.value)}"
        if self.finished_s is None:
            end = f"{self.status} since {self.started_s:.3f} s"
        else:
            end = f"{self.status} after {self.latency_s:.4f} s"
        return f"<{self.kind} {_short.repr(self.key)}{value} via {self.via}: {end}>"


class Clients:
    """The operations of one node's clients: when the node crashes their connections break, and they learn no more."""

    def __init__(self):
        self._waiting: list[Operation] = []

    def add(self, operation: Operation, env: "Env") -> None:
        """A client has asked this node for something."""
        self._waiting = [each for each in self._waiting if each.finished_s is None]
        self._waiting.append(operation)
        env.record("operation-begun", operation=operation.number, what=operation.kind, key=operation.key)

    def disconnect(self, env: "Env | None") -> None:
        """End what is pending: the node has crashed. None: it had not even started."""
        for operation in self._waiting:
            if operation.finished_s is None:
                operation.end(Status.TIMEOUT, env)
