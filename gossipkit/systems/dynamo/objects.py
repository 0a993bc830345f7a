"""What a replica keeps under one key, in four kinds: how each takes a write, and how two replicas' copies become one.

================  =========================================  ======================================================
``versions=``     a copy                                     two writes of which neither writer had read the other
================  =========================================  ======================================================
``"vector"``      siblings, each with a vector clock         both stay, if different nodes coordinated them; through
(the paper)                                                  one and the same, the second seems to follow the first
``"vnode"``       siblings under one version vector, as in   both stay, and so does what the second writer had read and
(Riak 1.0-1.4)    Riak before dots                           meant to replace, if another write came in between
``"dotted"``      siblings with dots under one context       both stay
(Riak 2.0)
``"lww"``         one value with a timestamp                 the later one stays
================  =========================================  ======================================================

`sync` is commutative and idempotent in all four, and associative in all but "vnode": then it does not matter who tells whom, in
which order, or how often. Without authority there is a fifth kind, `Unjudged`, in which what comes last stays.

Ann and Bob take turns at one key: each hands back the context of its own last write. Each of them replaces that write, and
nothing of the other one's.

>>> from gossipkit.systems import Dynamo
>>> for versions in ("vnode", "dotted", "vector"):
...     dynamo, seen = Dynamo(seed=1, versions=versions), {"Ann": None, "Bob": None}
...     via = dynamo.authority.homes("k")[0]
...     for turn in range(10):
...         for client in seen:
...             seen[client] = dynamo.wait(dynamo.put("k", f"{client} {turn}", seen[client], via)).context
...     found = dynamo.wait(dynamo.get("k")).siblings
...     print(versions, len(found), found[-1])
vnode 20 Bob 9
dotted 2 Bob 9
vector 1 Bob 9

"vnode" keeps all twenty writes; "dotted" keeps the last one of each client; "vector" takes Bob's last write for a follower of
Ann's, and loses hers.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, section 4.4; N. Preguiça et al., "Dotted version vectors", 2010 (what entries of
servers lose when clients write concurrently through one server); wombat.me, "Dotted Version Vectors In Riak" (Riak's rules
before and after); basho/riak_kv, src/riak_object.erl (reconcile, merge_contents).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from math import isfinite
from typing import Any, Protocol

from ...authority.quorum import Written, last_write_wins
from ...authority.versions import DottedSiblings, VectorClock, VectorSiblings, Version, reconcile
from ...sim.message import wire_size

NOTHING = VectorClock()
TIME_BYTES = 8


def content(value: Any) -> bytes:
    """The same bytes for equal values, whatever the order of their sets."""
    return json.dumps(value, sort_keys=True, default=sorted).encode()


def storable(value: Any) -> bool:
    """Whether a client may write that: what never changes afterwards, and equals itself on every replica, as nan doesn't."""
    if isinstance(value, tuple | set | frozenset):
        return all(map(storable, value))
    return isinstance(value, str | int | None) or (isinstance(value, float) and isfinite(value))


class Object(Protocol):
    """What the kinds have in common; all are values that never change."""

    values: tuple[Any, ...]
    context: VectorClock

    @property
    def version(self) -> dict[str, int] | int:
        """What makes a copy newer or older than another one: the counters of its context, or a timestamp in microseconds."""

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "Object":
        """Take a write that ``node`` coordinates, of somebody who had read ``seen``."""

    def sync(self, other: Any) -> "Object":
        """What two replicas have when each has told the other."""


@dataclass(frozen=True)
class VectorVersions:
    """Siblings, each with its own vector clock."""

    versions: tuple[Version, ...] = ()
    truncate_at: int = field(default=10, compare=False)

    @cached_property
    def values(self) -> tuple[Any, ...]:
        return tuple(version.value for version in self.versions)

    @property
    def version(self) -> dict[str, int]:
        return self.context.counters

    @cached_property
    def context(self) -> VectorClock:
        return reduce(VectorClock.merge, (version.clock for version in self.versions), NOTHING)

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "VectorVersions":
        # the entry counts on from what this node has counted under this key, so that no two writes have one clock
        counted = max((version.clock[node] for version in self.versions), default=0)
        if counted > seen[node]:
            seen = seen.merge(VectorClock({node: counted}))
        clock = seen.increment(node, now).truncate(self.truncate_at)
        return self.sync(VectorVersions((Version(value, clock),)))

    def sync(self, other: "VectorVersions") -> "VectorVersions":
        if not other.versions or self.versions == other.versions:
            return self
        # sorted, so that copies are equal whatever came first
        both = sorted((*self.versions, *other.versions), key=_content_of)
        return replace(self, versions=reconcile(both))

    @cached_property
    def content(self) -> bytes:
        return b"|".join(_content_of(version) for version in self.versions)

    @cached_property
    def size_bytes(self) -> int:
        return sum(wire_size(version.value) + clock_bytes(version.clock) for version in self.versions)


def _content_of(version: Version) -> bytes:
    return content((version.clock.counters, version.value))


def clock_bytes(clock: VectorClock) -> int:
    """What a clock takes on the wire: names, counters and the times that truncation goes by."""
    return wire_size(clock.counters) + TIME_BYTES * len(clock)


class _OneContext:
    """Siblings under one context, which says how new the copy is."""

    siblings: VectorSiblings | DottedSiblings

    @property
    def version(self) -> dict[str, int]:
        return self.context.counters

    @cached_property
    def context(self) -> VectorClock:
        return self.siblings.context


@dataclass(frozen=True)
class VnodeObject(_OneContext):
    """Siblings under one version vector for them all, as in Riak before dots. Clocks are not truncated."""

    siblings: VectorSiblings = field(default_factory=VectorSiblings)

    @property
    def values(self) -> tuple[Any, ...]:
        return self.siblings.values

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "VnodeObject":
        return _sorted(self.siblings.put(value, seen, node))

    def sync(self, other: "VnodeObject") -> "VnodeObject":
        return self if self == other else _sorted(self.siblings.sync(other.siblings))

    @cached_property
    def content(self) -> bytes:
        return content((self.context.counters, self.values))

    @cached_property
    def size_bytes(self) -> int:
        return clock_bytes(self.context) + wire_size(self.values)


def _sorted(siblings: VectorSiblings) -> VnodeObject:
    # so that copies are equal whatever came first
    return VnodeObject(replace(siblings, values=tuple(sorted(siblings.values, key=content))))


@dataclass(frozen=True)
class DottedObject(_OneContext):
    """Siblings with dots under one context. Clocks are not truncated: only nodes that coordinated have an entry."""

    siblings: DottedSiblings = field(default_factory=DottedSiblings)

    @cached_property
    def values(self) -> tuple[Any, ...]:
        return tuple(value for _, value in sorted(self.siblings.dots.items()))

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "DottedObject":
        return DottedObject(self.siblings.put(value, seen, node))

    def sync(self, other: "DottedObject") -> "DottedObject":
        return self if self == other else DottedObject(self.siblings.sync(other.siblings))

    @cached_property
    def content(self) -> bytes:
        return content((self.context.counters, sorted(self.siblings.dots.items())))

    @cached_property
    def size_bytes(self) -> int:
        return clock_bytes(self.context) + wire_size(self.siblings.dots)


@dataclass(frozen=True)
class LastWritten:
    """The value with the latest timestamp, by the coordinator's clock or the client's."""

    timestamp_us: int = -1
    value: Any = None

    @cached_property
    def values(self) -> tuple[Any, ...]:
        return () if self.timestamp_us < 0 else (self.value,)

    @property
    def version(self) -> int:
        return self.timestamp_us

    @cached_property
    def context(self) -> VectorClock:
        return NOTHING

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "LastWritten":
        return self.sync(LastWritten(round(now * 1e6), value))

    def sync(self, other: "LastWritten") -> "LastWritten":
        copies = {(each.timestamp_us, content(each.value)): each for each in (self, other)}
        winner = last_write_wins(Written(*key) for key in copies)
        return copies[winner.timestamp_us, winner.value]

    @cached_property
    def content(self) -> bytes:
        return content((self.timestamp_us, self.value))

    @cached_property
    def size_bytes(self) -> int:
        return TIME_BYTES + wire_size(self.value)


@dataclass(frozen=True)
class Unjudged(LastWritten):
    """Without authority: what comes last stays, and nobody asks when it was written."""

    def put(self, value: Any, seen: VectorClock, node: str, now: float) -> "Unjudged":
        return Unjudged(round(now * 1e6), value)

    def sync(self, other: "Unjudged") -> "Unjudged":
        return other if other.values else self


def empty(versions: str, truncate_at: int, authority: bool) -> Object:
    """What a replica has under a key that it does not know."""
    if not authority:
        return Unjudged()
    kinds = {
        "vector": VectorVersions(truncate_at=truncate_at),
        "vnode": VnodeObject(),
        "dotted": DottedObject(),
        "lww": LastWritten(),
    }
    return kinds[versions]


def supersedes(one: Object, other: Object) -> bool:
    """Whether a copy has all that another one has, and more: the strict order that read repair asks for."""
    return one != other and one.sync(other) == one


class Carried(Mapping[str, Any]):
    """A copy on the wire. As a mapping, which is what a trace shows, it holds the values and the context."""

    def __init__(self, copy: Object):
        self.copy = copy

    def __getitem__(self, name: str) -> Any:
        return {"values": self.copy.values, "context": self.copy.context.counters}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("values", "context"))

    def __len__(self) -> int:
        return 2
