"""A client's request at the node that it has reached: answered, pointed elsewhere, or refused.

A node serves the slots that it owns, as long as it takes the cluster for whole (``cluster_state:ok``). For all others it says
who owns them, MOVED, and the client's library goes there. A set is kept by the master alone and acknowledged at once; its
replicas have it a moment later, or never. ``WAIT`` makes the client wait until some have confirmed it.

References
----------
redis 7.0 src/cluster.c: getNodeByQuery, clusterRedirectClient; src/replication.c: waitCommand, checkGoodReplicasStatus.
"""

from typing import TYPE_CHECKING

from ..operation import Status
from .operation import Kind, Operation
from .settings import REDIRECTIONS

if TYPE_CHECKING:
    from .node import Node

CLUSTER_DOWN = "CLUSTERDOWN The cluster is down"
NOT_SERVED = "CLUSTERDOWN Hash slot not served"
NO_REPLICAS = "NOREPLICAS Not enough good replicas to write."
NO_CONNECTION = "Connection refused"


class Requests:
    """The requests of one node's clients; when it crashes their connections break, and they learn no more."""

    def __init__(self, node: "Node"):
        self._node = node
        self._open: list[Operation] = []

    def take(self, operation: Operation) -> None:
        """A client has reached this node; a node that stands still answers when it goes on."""
        self._open = [each for each in self._open if each.finished_s is None]
        self._open.append(operation)
        operation.asked += (self._node.name,)
        self._node.env.after(0.0, self._answer, operation)

    def disconnect(self) -> None:
        """The node has crashed."""
        for operation in self._open:
            # one that has followed MOVED is another node's by now
            if operation.asked[-1] == self._node.name:
                operation.end(Status.TIMEOUT, self._node.env, "Connection closed")

    def confirmed(self) -> None:
        """A replica has confirmed more of the stream: who has waited for that long enough?"""
        for operation in self._open:
            if operation.finished_s is None and operation.offset is not None:
                self._count(operation)

    def _answer(self, operation: Operation) -> None:
        node = self._node
        owner = node.slots.owner(operation.slot)
        stale_read = operation.kind is Kind.GET and operation.readonly and owner == node.master
        if owner is None:
            self._refuse(operation, NOT_SERVED)
        elif not node.ok:
            self._refuse(operation, CLUSTER_DOWN)
        elif owner == node.name or stale_read:
            self._serve(operation)
        else:
            self._point(operation, owner)

    def _serve(self, operation: Operation) -> None:
        node, env = self._node, self._node.env
        if operation.kind is Kind.GET:
            held = node.replication.data.get(operation.key)
            operation.read = None if held is None else held[0]
            operation.acknowledge(node.name, env)
            operation.end(Status.OK, env)
            return
        if node.replication.good_replicas() < node.settings.min_replicas_to_write:
            self._refuse(operation, NO_REPLICAS)
            return
        waits = operation.required > 1
        operation.offset = node.replication.write(operation.key, operation.written, ask=waits)
        operation.acknowledge(node.name, env)
        if waits:
            left_s = max(0.0, operation.latest_s - 1.0 - env.now)
            env.after(left_s, operation.end, Status.TIMEOUT, env, "too few replicas have confirmed")
        else:
            operation.end(Status.OK, env)

    def _count(self, operation: Operation) -> None:
        node = self._node
        for name in node.replication.confirmed_by(operation.offset):
            if name not in operation.acks:
                operation.acknowledge(name, node.env)
        if len(operation.acks) >= operation.required:
            operation.end(Status.OK, node.env)

    def _point(self, operation: Operation, owner: str) -> None:
        node = self._node
        node.env.count("errorstat_MOVED")
        moved = f"MOVED {operation.slot} {owner}"
        if not operation.follow or len(operation.asked) > REDIRECTIONS:
            operation.end(Status.UNAVAILABLE, node.env, moved)
        elif not operation.redirect(operation, owner):
            operation.end(Status.UNAVAILABLE, node.env, NO_CONNECTION)

    def _refuse(self, operation: Operation, error: str) -> None:
        node = self._node
        node.env.count(f"errorstat_{error.split()[0]}")
        node.env.record("unavailable", key=operation.key, what=operation.kind, error=error)
        operation.end(Status.UNAVAILABLE, node.env, error)
