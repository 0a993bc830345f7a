"""A coordinator's part: whom to ask, how many must answer, and what it makes of the answers.

A node asks the first N *healthy* nodes of the key's preference list (`quorum.sloppy`), or those of the first N that are
healthy (`quorum.strict`); "healthy" is its own opinion. A node that stays silent for half a second has failed, and a sloppy
quorum asks the next healthy node in its place. If there are fewer nodes than are needed, the operation is unavailable and
nothing is begun. If too few answers come until the deadline, it is a timeout and nobody knows what was kept.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, sections 4.5, 4.6 and 5.
"""

from typing import TYPE_CHECKING

from ...authority.quorum import Target, sloppy, strict
from ...repair.read_repair import read_repair
from ..asking import Asking
from ..operation import Status
from .messages import Fetch, Fetched, Forward, ForwardDated, Kept, Outcome, Replicate, Seen, Update
from .objects import Carried, Object, supersedes
from .operation import Kind, Operation
from .settings import DEADLINE_S, RESPONSE_S

if TYPE_CHECKING:
    from .node import Node


def targets(node: "Node", key: str) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Whom to ask for a key, and who is left to stand in, as this node sees ring and health."""
    preference = node.preference(key)
    if not preference:
        return (), ()
    n = min(node.settings.n, len(preference))
    healthy = [name for name in preference if name == node.name or node.detector.up(name)]
    if not node.settings.sloppy:
        return strict(preference, n, healthy), ()
    asked = sloppy(preference, n, healthy)
    named = {target.node for target in asked}
    return asked, tuple(name for name in healthy if name not in named)


class _Coordination:
    """What a get and a put have in common: the targets are asked, until all have answered or the deadline is over."""

    def __init__(self, node: "Node", operation: Operation, answers: type):
        self.node, self.operation = node, operation
        operation.coordinator = node.name
        asked, spare = targets(node, operation.key)
        if len(asked) < operation.required:
            node.env.record("unavailable", key=operation.key, what=operation.kind, healthy=len(asked))
            node.env.count("unavailable")
            operation.end(Status.UNAVAILABLE, node.env)
            return
        self.spare = list(spare)
        self.waiting: dict[str, Target] = {}
        self._deadline_s = node.env.now + DEADLINE_S
        self.asking = Asking(node, answers, self._answered, self._over, DEADLINE_S)
        self.begin()
        for target in asked:
            self._ask(target)
        self._patience = node.env.after(RESPONSE_S, self._silence, asked)

    def _ask(self, target: Target) -> None:
        self.waiting[target.node] = target
        self.node.request(target.node, self.request(target))

    def _answered(self, sender: str, message: Kept | Fetched) -> None:
        if self.waiting.pop(sender, None) is None:
            return  # a datagram that came twice
        self.note(sender, message)
        operation = self.operation
        if operation.finished_s is None:
            operation.acknowledge(sender, self.node.env)
            if len(operation.acks) >= operation.required:
                self.enough()
                operation.end(Status.OK, self.node.env)
        if not self.waiting:
            self.asking.close()
            self._over()

    def _silence(self, asked: tuple[Target, ...]) -> None:
        node, instead = self.node, []
        for target in asked:
            # silence is all the failure detection there is (section 4.8.3): it counts for this node alone
            if target.node in self.waiting and target.node != node.name:
                node.silent(target.node)
                if self.spare:
                    # a stand-in can be silent as well: the hint always names the home that is missing
                    instead.append(Target(self.spare.pop(0), target.hint_for or target.node))
        for target in instead:
            self._ask(target)
        if instead and self._deadline_s - node.env.now > RESPONSE_S:
            self._patience = node.env.after(RESPONSE_S, self._silence, tuple(instead))

    def _over(self) -> None:
        self._patience.cancel()
        operation, env = self.operation, self.node.env
        if operation.finished_s is None:
            env.record("timeout", key=operation.key, what=operation.kind, acks=operation.acks)
            env.count("timeout")
            operation.end(Status.TIMEOUT, env)
        self.over()

    # What a get and a put do each in their own way.

    def begin(self) -> None:
        """Before anybody is asked."""

    def note(self, sender: str, message: Kept | Fetched) -> None:
        """Of each answer."""

    def enough(self) -> None:
        """R or W answers are there."""

    def over(self) -> None:
        """All have answered, or the deadline is over."""


class Put(_Coordination):
    """A write: a version of its own, kept here first, then sent to all targets; W of them must have kept it.

    The coordinator keeps its copy also where it is none of the N nodes: what it has counted under a key must not be
    forgotten.
    """

    def __init__(self, node: "Node", operation: Operation):
        super().__init__(node, operation, Kept)

    def begin(self) -> None:
        node, operation = self.node, self.operation
        # one version for all replicas, with a counter of this coordinator: the others keep it as it is and count nothing
        known = node.storage.read(operation.key)
        now = node.env.clock() if operation.timestamp is None else operation.timestamp
        written = known.put(operation.written, operation.seen, node.name, now)
        operation.copy = written
        node.keep(operation.key, written)
        self._update = Update(operation.key, Carried(written))
        node.env.count("node_puts")

    def request(self, target: Target) -> Replicate:
        return Replicate(self.asking.number, self._update, target.hint_for)


class Get(_Coordination):
    """A read: all versions from the targets; answered with the first R of them, and repaired after the last."""

    def __init__(self, node: "Node", operation: Operation):
        self._answers: dict[str, Object] = {}
        super().__init__(node, operation, Fetched)

    def begin(self) -> None:
        self.node.env.count("node_gets")

    def request(self, target: Target) -> Fetch:
        return Fetch(self.asking.number, self.operation.key)

    def note(self, sender: str, message: Fetched) -> None:
        self._answers[sender] = message.update.carried.copy

    def enough(self) -> None:
        copy = self.node.storage.nothing
        for answer in self._answers.values():
            copy = copy.sync(answer)
        self.operation.copy = copy

    def over(self) -> None:
        node, key = self.node, self.operation.key
        if not node.settings.read_repair or not self._answers:
            return
        nothing = node.storage.nothing
        found = read_repair(
            {name: () if copy == nothing else (copy,) for name, copy in self._answers.items()}, supersedes
        )
        # a stand-in need not have the newest: its copy goes to the home in any case
        homes = node.homes(key)
        lacking = {name: copies for name, copies in found.writes.items() if name in homes}
        if lacking:
            node.env.count("read_repairs")
            node.env.record("read-repair", key=key, replicas=tuple(lacking))
        for name, copies in lacking.items():
            for copy in copies:
                node.request(name, Replicate(0, Update(key, Carried(copy)), None))


class Entry:
    """A client's request at the node that it reached first, which coordinates it or passes it on to one that does."""

    def __init__(self, node: "Node", operation: Operation):
        self.node, self.operation = node, operation
        # section 5: any of the top N may coordinate, and not only the first of them, which would have most of the load
        asked, _ = targets(node, operation.key)
        names = [target.node for target in asked]
        if node.name in names or not names:
            (Get if operation.kind is Kind.GET else Put)(node, operation)
            return
        self._to = node.env.random.choice(names)
        node.env.count("coord_redirs")
        self._asking = Asking(node, Outcome, self._answered, self._late, DEADLINE_S)
        seen = Seen(operation.seen)
        request = (
            self._asking.number,
            operation.number,
            operation.kind,
            operation.key,
            operation.written,
            seen,
        )
        dated = operation.timestamp is not None
        node.request(self._to, ForwardDated(*request, operation.timestamp) if dated else Forward(*request))

    def _answered(self, sender: str, message: Outcome) -> None:
        """The coordinator says what became of it."""
        self._asking.close()
        operation = self.operation
        operation.coordinator, operation.acks = sender, message.acks
        operation.copy = message.update.carried.copy
        operation.end(message.status, self.node.env)

    def _late(self) -> None:
        self.node.silent(self._to)
        self.node.env.record("timeout", key=self.operation.key, what=self.operation.kind, acks=())
        self.operation.end(Status.TIMEOUT, self.node.env)
