"""A coordinator's part of an operation: whom to ask, how many must answer, and what it makes of the answers.

Any node coordinates what a client brings it, with *its* ring and *its* opinion of who is up. If too few replicas are up for
the level, the operation is unavailable and nothing is begun. If too few answer in time, it is a timeout and nobody knows what
was kept.

References
----------
apache/cassandra, service/StorageProxy.java (mutate, sendToHintedReplicas), service/AbstractWriteResponseHandler.java,
service/reads/AbstractReadExecutor.java, service/reads/DigestResolver.java, locator/ReplicaPlans.java.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ...authority.quorum import Demand, demand, satisfied
from ...repair.read_repair import read_repair
from ...repair.tombstones import supersedes
from ..asking import Asking
from ..operation import Status
from ..placement import position
from .messages import MUTATION, READ_REPAIR, Mutation, MutationDone, ReadAnswer, ReadCommand, Update
from .operation import Operation
from .settings import READ_TIMEOUT_S, WRITE_TIMEOUT_S
from .storage import digest

if TYPE_CHECKING:
    from .node import Node


def _demanded(node: "Node", operation: Operation) -> Demand:
    """What the level asks for. Without authority no level is honoured: one reply is enough."""
    settings = node.settings
    level = operation.consistency if settings.authority else "ONE"
    return demand(level, settings.replication, node.place.datacentre)


def _datacentres(node: "Node", names: Iterable[str]) -> list[str]:
    return [node.ownership.place(name).datacentre for name in names]


def _refused(node: "Node", operation: Operation, asked: Demand, alive: list[str], request: str) -> bool:
    operation.required = asked.count
    if satisfied(asked, _datacentres(node, alive)):
        return False
    node.env.count(f"ClientRequest.Unavailables.{request}")
    node.env.record("unavailable", key=operation.key, what=request, required=asked.count, alive=len(alive))
    operation.end(Status.UNAVAILABLE, node.env)
    return True


def _end(node: "Node", operation: Operation, status: Status, request: str) -> None:
    env = node.env
    if status is Status.TIMEOUT:
        env.count(f"ClientRequest.Timeouts.{request}")
        env.record(
            "timeout", key=operation.key, what=request, required=operation.required, got=len(operation.acks)
        )
    operation.end(status, env)
    env.count(f"ClientRequest.Latency.{request}")
    env.count(f"ClientRequest.TotalLatency.{request}", operation.latency_s * 1e6)


class Write:
    """A write or a deletion: to all replicas that are up, a hint for each that is not, and for each that does not answer.

    A hint is no acknowledgement, but at Cassandra's level ANY; with ``hints_count`` it is one at every level, which makes a
    sloppy quorum of the level.
    """

    def __init__(self, node: "Node", operation: Operation):
        self.node, self.operation = node, operation
        self._update = Update(operation.key, operation.cell)
        token = position(operation.key)
        readers, replicas = node.ownership.readers(token), node.ownership.writers(token)
        asked = _demanded(node, operation)
        # ReplicaPlans.forWrite: a pending replica has no older rows yet, and a read won't ask it. So its answer must not take
        # the place of another replica's: one more is demanded for each
        pending = [name for name in replicas if name not in readers]
        counted = sum(place in asked.replicas for place in _datacentres(node, pending))
        self._asked = Demand(asked.count + counted, asked.replicas)
        alive = [name for name in replicas if node.believes_up(name)]
        down = [name for name in replicas if name not in alive]
        counts = node.settings.hints and node.settings.hints_count
        # ReplicaPlans.assureSufficientLiveReplicas comes before everything: what is refused leaves no row and no hint anywhere
        if _refused(node, operation, self._asked, alive + down * counts, "Write"):
            return
        self._missing = dict.fromkeys(alive)
        self._asking = Asking(node, MutationDone, self._acknowledged, self._over, WRITE_TIMEOUT_S)
        for name in down:
            kept = node.hints.keep(name, self._update)
            if kept and counts:
                operation.hinted += (name,)
        mutation = Mutation(
            self._asking.number, self._update, MUTATION, node.env.clock(), node.ownership.epoch
        )
        # to all replicas that are up, also beyond what the level asks for: the level only says how many are waited for
        for name in alive:
            node.ask(name, mutation)
        self._judge()  # counted hints can be enough by themselves

    def _acknowledged(self, sender: str, message: MutationDone) -> None:
        if sender not in self._missing:
            return  # a datagram that came twice
        del self._missing[sender]
        if self.operation.finished_s is None:
            self.operation.acknowledge(sender, self.node.env)
            self._judge()
        # the client may have its answer, but a replica that stays silent until the time-out still gets a hint
        if not self._missing:
            self._asking.close()

    def _judge(self) -> None:
        operation = self.operation
        if satisfied(self._asked, _datacentres(self.node, operation.acks + operation.hinted)):
            _end(self.node, operation, Status.OK, "Write")

    def _over(self) -> None:
        # StorageProxy.submitHint: also for a replica that has kept the write and whose answer was lost, since nobody knows;
        # a hint carries the write's own timestamp, and what comes twice changes nothing
        for name in self._missing:
            self.node.hints.keep(name, self._update)
        if self.operation.finished_s is None:
            _end(self.node, self.operation, Status.TIMEOUT, "Write")


class Read:
    """A read: the cell from one replica and its digest from as many more as the level asks for; where these differ, the
    cells of all of them, and a blocking read repair.

    It asks no more replicas than the level needs: first itself, then its own data centre, in random order where Cassandra
    takes the fastest so far. The further one that Cassandra asks when an answer is slow (speculative_retry) is left out.
    """

    def __init__(self, node: "Node", operation: Operation):
        self.node, self.operation = node, operation
        readers = node.ownership.readers(position(operation.key))
        self._asked = asked = _demanded(node, operation)
        alive = [name for name in readers if node.believes_up(name)]
        if _refused(node, operation, asked, alive, "Read"):
            return
        here, place = node.place.datacentre, node.ownership.place
        order = [name for name in alive if place(name).datacentre in asked.replicas]
        if len(order) > 1:
            node.env.random.shuffle(order)
            order.sort(key=lambda name: (name != node.name, place(name).datacentre != here))
        self._contacts = order[: asked.count]
        self._deadline_s = node.env.now + READ_TIMEOUT_S
        self._ask(digests=True, answered=self._answered)

    def _ask(self, digests: bool, answered: Callable[..., None]) -> None:
        node, operation = self.node, self.operation
        self._answers: dict[str, ReadAnswer] = {}
        self._asking = Asking(node, ReadAnswer, answered, self._over, self._left_s)
        number, now, epoch = self._asking.number, node.env.clock(), node.ownership.epoch
        # the first contact sends the cell; of the others a digest is enough as long as all agree
        for place, name in enumerate(self._contacts):
            node.ask(name, ReadCommand(number, operation.key, digests and place > 0, now, epoch))

    @property
    def _left_s(self) -> float:
        # a coordinator that was paused can find answers that waited for it, later than its own deadline
        return max(0.0, self._deadline_s - self.node.env.now)

    def _all_in(self, sender: str, message: ReadAnswer) -> bool:
        self._answers[sender] = message
        if sender not in self.operation.acks:
            self.operation.acknowledge(sender, self.node.env)
        if len(self._answers) < len(self._contacts):
            return False
        self._asking.close()
        return True

    def _answered(self, sender: str, message: ReadAnswer) -> None:
        if not self._all_in(sender, message):
            return
        # DigestResolver.responsesMatch: the first contact sent its cell, the others a digest of theirs
        cell = self._answers[self._contacts[0]].cell
        if len(self._contacts) == 1 or all(
            answer.digest == digest(cell)
            for name, answer in self._answers.items()
            if name != self._contacts[0]
        ):
            self._done(cell)
        else:
            self.node.env.record("digest-mismatch", key=self.operation.key, contacts=tuple(self._contacts))
            # BlockingReadRepair.java, ReadOnlyReadRepair.java: which meter depends on the table's read_repair
            repairs = self.node.settings.read_repair
            self.node.env.count(f"ReadRepair.{'RepairedBlocking' if repairs else 'ReconcileRead'}")
            self._ask(digests=False, answered=self._compare)

    def _compare(self, sender: str, message: ReadAnswer) -> None:
        if not self._all_in(sender, message):
            return
        node = self.node
        cells = {
            name: () if answer.cell is None else (answer.cell,) for name, answer in self._answers.items()
        }
        found = read_repair(cells, supersedes)
        cell = found.versions[0] if found.versions else None
        if not found or not node.settings.read_repair:
            return self._done(cell)
        # BlockingPartitionRepair: the answer waits until as many replicas hold the winner as a write at this level would ask
        # for; without that, a second read that asks others could go back in time
        node.env.record("read-repair", key=self.operation.key, replicas=tuple(found.writes))
        self._winner, self._to_wait = cell, found.wait_for(self._asked.count)
        self._repaired: set[str] = set()
        self._asking = Asking(node, MutationDone, self._repair_done, self._over, self._left_s)
        update = Update(self.operation.key, cell)
        for name in found.writes:
            node.ask(
                name,
                Mutation(self._asking.number, update, READ_REPAIR, node.env.clock(), node.ownership.epoch),
            )

    def _repair_done(self, sender: str, message: MutationDone) -> None:
        self._repaired.add(sender)
        if len(self._repaired) == self._to_wait:
            self._asking.close()
            self._done(self._winner)

    def _done(self, cell) -> None:
        self.operation.cell = cell
        _end(self.node, self.operation, Status.OK, "Read")

    def _over(self) -> None:
        _end(self.node, self.operation, Status.TIMEOUT, "Read")
