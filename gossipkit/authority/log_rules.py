"""What the cluster metadata log says: epochs, transformations, and who reads and writes where in each phase of an operation.

A `ClusterMetadata` never changes; `apply` makes the next one, an epoch later, or refuses. A node joins or leaves in four
entries of the log, so that no write is ever kept only by nodes that a read no longer asks:

=======================  ======================  ======================  ===============================================
entry                    replicas that are read  replicas written to     what has to be true before the next entry
=======================  ======================  ======================  ===============================================
`PrepareJoin`, `-Leave`  old                     old                     its ranges are locked, and owners know it
`StartJoin`, `-Leave`    old                     old and new             owners know it, so that all new writes reach the
                                                                         new replicas; these have been sent the rest
`MidJoin`, `-Leave`      new                     old and new             owners know it: nobody reads the old any more
`FinishJoin`, `-Leave`   new                     new                     (over: the lock is gone)
=======================  ======================  ======================  ===============================================

Ranges are locked whose replicas the operation changes. Two operations with locks that overlap cannot be in progress
together; the second is refused and may be tried again. An operation is planned on the ring as it will be when all those in
progress are finished, so that they may finish in any order.

`Cancel` takes an operation back in one entry from whatever phase, as Cassandra's does. From the last, midway, that is the
only step after which quorums can miss each other: somebody who still reads the new replicas may not see what is written to
the old ones alone.

Left out of Cassandra's: moving and replacing a node, `assassinate`, snapshots of the log, one placement per keyspace (here
one replication holds for all), and its transient replicas.

References
----------
apache/cassandra, src/java/org/apache/cassandra/tcm/TransactionalClusterMetadata.md and TCM_implementation.md; tcm/
ClusterMetadata.java, transformations/PrepareJoin.java and PrepareLeave.java, sequences/LockedRanges.java,
sequences/BootstrapAndJoin.java. CEP-21: Transactional Cluster Metadata.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from ..sim import Word
from .log_entries import (
    AlterSchema,
    Cancel,
    FinishJoin,
    FinishLeave,
    MidJoin,
    MidLeave,
    PrepareJoin,
    PrepareLeave,
    Register,
    StartJoin,
    StartLeave,
    Transformation,
    Unregister,
)
from .ring import Place, Replication, Ring


class NodeState(Word):
    """What a node is in the metadata (tcm/membership/NodeState.java)."""

    REGISTERED = "registered"
    JOINING = "joining"
    JOINED = "joined"
    LEAVING = "leaving"
    LEFT = "left"


class Phase(Word):
    """How far an operation is: which of its entries was the last."""

    PREPARED = "prepared"
    STARTED = "started"
    MIDWAY = "midway"


REGISTERED, JOINING, JOINED, LEAVING, LEFT = NodeState
PREPARED, STARTED, MIDWAY = Phase


class Refused(ValueError):
    """A transformation that does not apply to the metadata as it is, and why."""


_STEPS = {
    JOINING: {PREPARED: StartJoin, STARTED: MidJoin, MIDWAY: FinishJoin},
    LEAVING: {PREPARED: StartLeave, STARTED: MidLeave, MIDWAY: FinishLeave},
}
_NEXT = {PREPARED: STARTED, STARTED: MIDWAY}


class Placement(NamedTuple):
    """Who is read and who is written to at a position of the ring, and how many have to answer at QUORUM.

    While there are pending replicas, which are written to without being read or the reverse, a write needs as many answers
    more: then it meets every quorum of the old replicas and every quorum of the new ones.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read_quorum: int
    write_quorum: int


@dataclass(frozen=True)
class Operation:
    """A join or a leave in progress.

    Attributes
    ----------
    node : str
    kind : NodeState
        ``JOINING`` or ``LEAVING``.
    phase : Phase
    since : int
        The epoch of its latest entry.
    before, after : Ring
    locked : tuple of (int, int)
        The ranges (start, end] whose replicas differ between the two rings, in the order of the ring.
    """

    node: str
    kind: NodeState
    phase: Phase
    since: int
    before: Ring = field(repr=False)
    after: Ring = field(repr=False)
    locked: tuple[tuple[int, int], ...] = field(repr=False)

    @property
    def next_step(self) -> Transformation:
        """The entry that takes it on."""
        return _STEPS[self.kind][self.phase](self.node)

    def locks(self, token: int) -> bool:
        """Whether a position lies in one of its ranges."""
        return any(within(token, *locked) for locked in self.locked)


@dataclass(frozen=True)
class ClusterMetadata:
    """What all nodes with the same epoch agree on.

    Attributes
    ----------
    epoch : int
        How many transformations made it, the first metadata included.
    replication : int or mapping of str to int
        See `Ring.replicas`.
    nodes : mapping of str to NodeState
    places : mapping of str to Place
    settled : Ring
        The ring when all operations in progress are finished.
    operations : tuple of Operation
        In progress, in the order of their preparation.
    schema : mapping of str to str
        Tables and their definitions.

    Examples
    --------
    >>> metadata = ClusterMetadata.first(Ring({100: "a", 200: "b", 300: "c"}), replication=2)
    >>> for entry in (Register("d"), PrepareJoin("d", (150,)), StartJoin("d")):
    ...     metadata = apply(metadata, entry)
    >>> metadata.epoch, metadata.placement(120).reads, metadata.placement(120).writes
    (4, ('b', 'c'), ('b', 'c', 'd'))
    """

    epoch: int
    replication: Replication
    nodes: Mapping[str, NodeState]
    places: Mapping[str, Place]
    settled: Ring
    operations: tuple[Operation, ...] = ()
    schema: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def first(cls, ring: Ring, replication: Replication) -> "ClusterMetadata":
        """Epoch 1: a ring that is taken over as it is, as ``nodetool cms initialize`` does with what gossip knew.

        Raises
        ------
        ValueError
            For a replication that the ring cannot have.
        """
        ring.replicas(0, replication)
        return cls(1, replication, dict.fromkeys(ring.nodes, JOINED), dict(ring.places), ring)

    @cached_property
    def ring(self) -> Ring:
        """The ring that is read: tokens of a joining node count, and those of a leaving one do not, from the mid entry on.

        For a picture, or where nothing is in progress; `placement` says who is read and written to.
        """
        # from the ring as it will be, take back what is not read yet: the last one first, as it was planned on those before it
        tokens, places = dict(self.settled.tokens), dict(self.settled.places)
        for operation in reversed(self.operations):
            if operation.phase is not MIDWAY:
                gone = {token for token, node in tokens.items() if node == operation.node}
                tokens = {token: node for token, node in tokens.items() if token not in gone}
                places.pop(operation.node, None)
                if operation.kind is LEAVING:
                    before = operation.before
                    tokens |= {token: node for token, node in before.tokens.items() if node == operation.node}
                    places[operation.node] = before.places[operation.node]
        return Ring(tokens, places, self.settled.partitions)

    def operation(self, node: str) -> Operation | None:
        """The operation of a node that is in progress."""
        return next((operation for operation in self.operations if operation.node == node), None)

    def placement(self, token: int) -> Placement:
        """Who is read and written to at a position.

        Raises
        ------
        ValueError
            For a position outside the ring.
        """
        # one at most: operations in progress have no locked range in common
        operation = next((one for one in self.operations if one.locks(token)), None)
        if operation is None:
            reads = writes = self.settled.replicas(token, self.replication)
        else:
            old = operation.before.replicas(token, self.replication)
            new = operation.after.replicas(token, self.replication)
            reads = new if operation.phase is MIDWAY else old
            writes = old if operation.phase is PREPARED else tuple(dict.fromkeys(old + new))
        count = self.replication
        quorum = (sum(count.values()) if isinstance(count, Mapping) else count) // 2 + 1
        return Placement(reads, writes, quorum, quorum + len(writes) - len(reads))

    def owners(self, operation: Operation) -> tuple[tuple[str, ...], ...]:
        """For each range that an operation locks, everybody who keeps it before or after."""
        return tuple(
            tuple(
                dict.fromkeys(
                    operation.before.replicas(end, self.replication)
                    + operation.after.replicas(end, self.replication)
                )
            )
            for _, end in operation.locked
        )


def within(token: int, start: int, end: int) -> bool:
    """Whether a position lies in the range (start, end], which may wrap around; the whole ring if start is end."""
    return start < token <= end if start < end else token > start or token <= end


def overlap(one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]) -> bool:
    """Whether any range of the one has a position in common with any of the other."""
    other = tuple(other)
    # where two ranges meet, the end of one of them lies in the other
    return any(within(a[1], *b) or within(b[1], *a) for a in one for b in other)


def changed(before: Ring, after: Ring, replication: Replication) -> tuple[tuple[int, int], ...]:
    """The ranges (start, end] that have other replicas after than before."""
    ends = sorted({end for ring in (before, after) for _, end in ring.ranges()})
    return tuple(
        (start, end)
        for start, end in zip([ends[-1], *ends[:-1]], ends, strict=True)
        # as sets: another order of the same replicas moves no data
        if set(before.replicas(end, replication)) != set(after.replicas(end, replication))
    )


def apply(metadata: ClusterMetadata, transformation: Transformation) -> ClusterMetadata:
    """The metadata one epoch later.

    Raises
    ------
    Refused
        If the transformation does not fit the metadata, with the reason. Nothing has happened then, and there is no new
        epoch.
    """
    rule = _RULES.get(type(transformation))
    if rule is None:
        raise Refused(f"{transformation!r} is no transformation")
    return replace(rule(metadata, transformation), epoch=metadata.epoch + 1)


def _expect(metadata: ClusterMetadata, node: str, *states: str | None) -> None:
    state = metadata.nodes.get(node)
    if state not in states:
        wanted = " or ".join(name or "unknown" for name in states)
        raise Refused(f"{node!r} is {state or 'unknown'}: it must be {wanted}")


def _register(metadata: ClusterMetadata, entry: Register) -> ClusterMetadata:
    _expect(metadata, entry.node, None, LEFT)
    return replace(
        metadata,
        nodes={**metadata.nodes, entry.node: REGISTERED},
        places={**metadata.places, entry.node: entry.place},
    )


def _unregister(metadata: ClusterMetadata, entry: Unregister) -> ClusterMetadata:
    _expect(metadata, entry.node, REGISTERED, LEFT)
    return replace(
        metadata,
        nodes={node: state for node, state in metadata.nodes.items() if node != entry.node},
        places={node: place for node, place in metadata.places.items() if node != entry.node},
    )


def _alter_schema(metadata: ClusterMetadata, entry: AlterSchema) -> ClusterMetadata:
    return replace(metadata, schema={**metadata.schema, entry.table: entry.definition})


def _prepare_join(metadata: ClusterMetadata, entry: PrepareJoin) -> ClusterMetadata:
    _expect(metadata, entry.node, REGISTERED)
    try:
        after = metadata.settled.join(entry.node, entry.tokens, metadata.places[entry.node])
    except ValueError as error:
        raise Refused(str(error)) from None
    return _prepare(metadata, entry.node, JOINING, after)


def _prepare_leave(metadata: ClusterMetadata, entry: PrepareLeave) -> ClusterMetadata:
    _expect(metadata, entry.node, JOINED)
    place, needed = metadata.places[entry.node], metadata.replication
    if isinstance(needed, Mapping):
        staying = [n for n, at in metadata.settled.places.items() if at.datacentre == place.datacentre]
        needed = needed.get(place.datacentre, 0)
    else:
        staying = metadata.settled.nodes
    if len(staying) - 1 < needed:
        raise Refused(f"{entry.node!r} cannot leave: {needed} replicas need as many nodes")
    return _prepare(metadata, entry.node, LEAVING, metadata.settled.leave(entry.node))


def _prepare(metadata: ClusterMetadata, node: str, kind: str, after: Ring) -> ClusterMetadata:
    locked = changed(metadata.settled, after, metadata.replication)
    for other in metadata.operations:
        if overlap(locked, other.locked):
            raise Refused(f"{node!r} has to wait: {other.node!r} is {other.kind} and has locked ranges of it")
    operation = Operation(node, kind, PREPARED, metadata.epoch + 1, metadata.settled, after, locked)
    return replace(
        metadata,
        nodes={**metadata.nodes, node: kind},
        settled=after,
        operations=(*metadata.operations, operation),
    )


def _step(metadata: ClusterMetadata, entry: Transformation) -> ClusterMetadata:
    operation = metadata.operation(entry.node)
    if operation is None or operation.next_step != entry:
        found = f"{operation.kind}, {operation.phase}" if operation else "in no operation"
        raise Refused(f"{entry!r} does not come next: {entry.node!r} is {found}")
    if operation.phase in _NEXT:
        further = replace(operation, phase=_NEXT[operation.phase], since=metadata.epoch + 1)
        operations = tuple(further if one is operation else one for one in metadata.operations)
        return replace(metadata, operations=operations)
    state = JOINED if operation.kind is JOINING else LEFT
    return replace(
        metadata,
        nodes={**metadata.nodes, entry.node: state},
        operations=tuple(one for one in metadata.operations if one is not operation),
    )


def _cancel(metadata: ClusterMetadata, entry: Cancel) -> ClusterMetadata:
    operation = metadata.operation(entry.node)
    if operation is None:
        raise Refused(f"{entry.node!r} is in no operation")
    # the ring that the later one was planned on would never come to be
    if operation.after is not metadata.settled:
        raise Refused(f"{entry.node!r} cannot be cancelled: a later operation was planned on top of it")
    state = REGISTERED if operation.kind is JOINING else JOINED
    return replace(
        metadata,
        nodes={**metadata.nodes, entry.node: state},
        settled=operation.before,
        operations=tuple(one for one in metadata.operations if one is not operation),
    )


_RULES = {
    Register: _register,
    Unregister: _unregister,
    AlterSchema: _alter_schema,
    PrepareJoin: _prepare_join,
    PrepareLeave: _prepare_leave,
    Cancel: _cancel,
    **{step: _step for steps in _STEPS.values() for step in steps.values()},
}
