"""What a client asked for, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import Word
from .. import operation
from ..operation import Status
from .settings import DEADLINE_S

if TYPE_CHECKING:
    from ...sim import Env


class Kind(Word):
    """What a client can ask for."""

    GET = "get"
    SET = "set"


@dataclass(eq=False, repr=False, kw_only=True)
class Operation(operation.Operation):
    """A get or a set: look at it after the cluster has run.

    ``via`` is the node that the client asked first. ``acks`` are the nodes that have kept or read it: the master, and the
    replicas that have confirmed a write before the end. ``required`` is 1, for the master, and one more for each replica that
    ``wait`` asks for. A timeout of a write that waits for replicas has been kept by its master.
    """

    kind: Kind
    patience_s: float = DEADLINE_S + 1.0
    slot: int
    written: str | None = None
    """Of a set, what was written."""
    read: str | None = None
    """Of a get, what was found; None if there is no such key."""
    follow: bool = True
    """Whether the client goes where MOVED points."""
    readonly: bool = False
    """Whether a replica may answer a get."""
    asked: tuple[str, ...] = ()
    """All nodes that the client has asked, in order: the last one has answered."""
    error: str | None = None
    """The error as Redis words it, such as ``MOVED 866 node-2``, of an operation that is not ok."""
    offset: int | None = None
    """Of a set that a master has kept, where the replication stream stood behind it."""
    redirect: Callable[["Operation", str], bool] | None = None
    """The client's library: takes the operation to another node; whether that one took the connection."""

    @property
    def value(self) -> str | None:
        """What was written, or what was read."""
        return self.written if self.kind is Kind.SET else self.read

    def end(self, status: Status, env: "Env", error: str | None = None) -> None:
        """Tell the client; a second time, this changes nothing."""
        if self.finished_s is not None:
            return
        self.error = error
        self.status, self.finished_s = status, env.now
        # the node that answers need not be the one that was asked first
        env.record("operation-ended", operation=self.number, status=status)
        self.trigger()
