"""Taking an operation from step to step, with a barrier after each: what a joining or leaving node does.

Nothing depends on it for safety but the barriers: an operation whose driver is gone stays where it is, with its ranges
locked and its writes going to old and new replicas, until somebody drives it on or cancels it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..sim import Timer
from .log_entries import AskEpoch, Committed, Rejected
from .log_rules import JOINED, JOINING, LEFT, STARTED, NodeState, Operation

if TYPE_CHECKING:
    from ..sim import Env
    from .log import LogNode

RETRY_S = 1.0
"""Seconds after which a question of a barrier, or for missing entries, is repeated."""


class Driver:
    """Drives one operation: asks its owners for their epoch, streams, commits the next step, until it is finished.

    Parameters
    ----------
    env : Env
    node : LogNode
        Whose copy of the log it looks at, and through which it commits.
    about : str
        The node that joins or leaves.
    done : callable
        Called with `Committed` and the epoch at the end, or with `Rejected` if somebody cancelled the operation.
    """

    def __init__(self, env: "Env", node: "LogNode", about: str, done: Callable[[Committed | Rejected], None]):
        self._env, self._node, self._about, self._done = env, node, about, done
        self._goal: NodeState | None = None  # the state of the node when all is finished
        self._acked: dict[str, int] = {}  # the epoch that each node said it has
        self._waits = self._streamed = False  # for a commit or a stream
        self._asked = 0  # the step whose owners have been asked
        self._timer = Timer()

    def acked(self, sender: str, epoch: int) -> None:
        """A node said at which epoch it is."""
        self._acked[sender] = max(self._acked.get(sender, 0), epoch)

    def barrier(self) -> tuple[int, int]:
        """How many of the ranges that change have a majority of owners at the step's epoch, and how many there are."""
        operation = self._node.metadata.operation(self._about)
        if operation is None:
            return 0, 0
        acked = {**self._acked, self._env.name: self._node.epoch}
        ranges = self._node.metadata.owners(operation)
        met = [
            2 * sum(acked.get(one, 0) >= operation.since for one in owners) > len(owners) for owners in ranges
        ]
        return sum(met), len(met)

    def go_on(self) -> bool:
        """Do what can be done now; whether the operation is still in progress."""
        if self._waits:
            return True
        operation = self._node.metadata.operation(self._about)
        if operation is None:
            return False
        self._goal = JOINED if operation.kind is JOINING else LEFT
        met, ranges = self.barrier()
        if met < ranges:
            self._ask(operation)
        elif operation.phase is STARTED and not self._streamed:
            self._waits = True
            self._node.stream(operation, self._stream_ended)
        else:
            self._env.record("barrier", about=self._about, epoch=operation.since)
            self._waits = True
            self._node.commit(self._env, operation.next_step, self._stepped)
        return True

    def end(self) -> None:
        """Say what became of the operation, now that it is in progress no more."""
        self._timer.cancel()
        metadata = self._node.metadata
        if metadata.nodes.get(self._about) is self._goal:
            self._done(Committed(metadata.epoch))
        else:
            self._done(Rejected(f"the operation of {self._about!r} was cancelled", metadata.epoch))

    def _ask(self, operation: Operation) -> None:
        if self._asked == operation.since:
            return
        self._asked = operation.since
        for name in sorted({name for owners in self._node.metadata.owners(operation) for name in owners}):
            if name != self._env.name and self._acked.get(name, 0) < operation.since:
                self._env.send(name, AskEpoch(operation.since))
        self._timer.cancel()
        self._timer = self._env.after(RETRY_S, self._ask_again)

    def _ask_again(self) -> None:
        self._asked = 0
        self._node.go_on()

    def _stream_ended(self) -> None:
        self._waits, self._streamed = False, True
        self._node.go_on()

    def _stepped(self, result: Committed | Rejected) -> None:
        # a step that was rejected has been taken already, or there is nothing to take any more: the log will tell
        self._waits = False
        self._node.go_on()
