"""A node's hints on their way: kept when a replica missed a write, replayed when it is believed up again.

References
----------
apache/cassandra, hints/HintsService.java, HintsDispatchTrigger.java, HintsDispatcher.java, service/StorageProxy.java
(shouldHint).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...repair.hints import Hint, HintStore
from ..asking import Asking
from .messages import HINT, Mutation, MutationDone, Update
from .settings import HINTS_DISPATCH_S, WRITE_TIMEOUT_S

if TYPE_CHECKING:
    from .node import Node


class Hints:
    """The hints of one node.

    Every 10 s it begins to replay to each replica that is up, hint by hint (Cassandra sends a page of them before it waits).
    A hint that is not acknowledged in 2 s waits, with all that come after it, for the next time.

    Parameters
    ----------
    node : Node
    store : HintStore
        What is on the disk.

    Attributes
    ----------
    store : HintStore
    """

    def __init__(self, node: "Node", store: HintStore):
        self._node, self.store = node, store
        self._under_way: set[str] = set()

    def start(self) -> None:
        """Begin to look, from time to time, who is back."""
        for target in self.store.targets:
            self.store.retry(target)  # what was under way when the node last crashed
        # nodes are not started in step
        self._node.env.after(HINTS_DISPATCH_S * (1 - self._node.env.random.random()), self._look)

    def keep(self, target: str, update: Update) -> bool:
        """A replica has missed a write; whether it is kept for it."""
        node = self._node
        if not node.settings.hints:
            return False
        env = node.env
        # StorageProxy.shouldHint: what counts is for how long this node has believed the replica down, not since when it is
        hint = self.store.add(target, update, env.now, node.down_s(target))
        if hint is None:
            env.count(f"HintedHandOffManager.Hints_not_stored-{target}")
            env.record("hint-not-stored", about=target, key=update.key)
            return False
        env.count(f"HintedHandOffManager.Hints_created-{target}")
        env.count("Storage.TotalHints")
        env.record("hint-stored", about=target, key=update.key, hint=hint.number)
        return True

    def drop(self, target: str) -> None:
        """A node is gone for good, and its hints with it (hints/HintsService.java, excise)."""
        self._record("hint-dropped", self.store.drop(target))

    def crash(self) -> None:
        """The node crashes: what it had not flushed is gone."""
        if self._node.env is not None:
            self._record("hint-dropped", self.store.lose_unflushed(self._node.env.now))

    def _record(self, kind: str, hints: Iterable[Hint]) -> None:
        for hint in hints:
            self._node.env.record(kind, about=hint.target, key=hint.mutation.key, hint=hint.number)

    def _look(self) -> None:
        node = self._node
        node.env.after(HINTS_DISPATCH_S, self._look)
        for target in self.store.targets:
            if target not in self._under_way and node.believes_up(target):
                self._under_way.add(target)
                self._next(target)

    def _next(self, target: str) -> None:
        node, store, env = self._node, self.store, self._node.env
        # Hint.isLive: after gc_grace the replicas may have forgotten a later deletion, and the hint would bring the row back
        self._record("hint-expired", store.expire(target, env.now))
        hint = store.take(target, env.now, len(node.ownership.owners))
        if hint is None:
            if store.held(target):
                env.after(max(0.0, store.ready_s(target) - env.now), self._next, target)
            else:
                self._under_way.discard(target)
            return

        def acknowledged(sender: str, message: MutationDone) -> None:
            asking.close()
            env.count("HintsService.HintsSucceeded")
            if store.delivered(target, hint.number):
                self._record("hint-delivered", [hint])
            self._next(target)

        def overdue() -> None:
            env.count("HintsService.HintsTimedOut")
            store.retry(target)
            self._under_way.discard(target)

        asking = Asking(node, MutationDone, acknowledged, overdue, WRITE_TIMEOUT_S)
        node.ask(target, Mutation(asking.number, hint.mutation, HINT, env.clock(), node.ownership.epoch))
