"""Which version is newer: vector clocks, and dotted version vectors beside them.

======================  =====================================================  =========================================
kept with               what a write that knew nothing of another one does     the price
======================  =====================================================  =========================================
a timestamp             replaces it: the later clock wins                      a write is lost without a word
a vector clock each     both stay, as siblings, until a client merges them     grows with the nodes that coordinated;
(Dynamo)                                                                       truncated, it can err both ways
one version vector for  both stay, and so do versions that the writer had      siblings that nobody wrote concurrently
all siblings            read and meant to replace
a dot each, and one     both stay; exactly what the writer had read goes       a dot per sibling
version vector for all
======================  =====================================================  =========================================

References
----------
G. DeCandia et al., "Dynamo: Amazon's highly available key-value store", SOSP 2007, section 4.4; N. Preguiça et al.,
"Dotted version vectors: logical clocks for optimistic replication", 2010; ricardobcl/Dotted-Version-Vectors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..sim.checks import instance, name, number, whole

TRUNCATE_AT = 10
"""Entries a clock may have before the oldest goes (Dynamo, section 4.4: "say 10")."""

Dot = tuple[str, int]
"""One write: the node that coordinated it, and the how-manieth of that node's it was."""


class VectorClock:
    """How many writes of each node a version has seen; it never changes, each operation makes another one.

    Clocks are equal if their counters are. The times are beside the point, except for `truncate`.

    Parameters
    ----------
    counters : mapping of str to int
        By node, from 1 up; whoever is not named has 0.
    times : mapping of str to float
        When each node last incremented its counter, by its own clock; 0 where nothing is said.

    Raises
    ------
    ValueError
        For a counter below 1, and for a time that is no number or that is of a node without a counter. All methods raise it
        for an argument that is no clock, or no name of a node.

    Examples
    --------
    The example of the paper's figure 3: Sx, Sy and Sz coordinate writes.

    >>> d2 = VectorClock().increment("Sx").increment("Sx")
    >>> d3, d4 = d2.increment("Sy"), d2.increment("Sz")
    >>> d3.concurrent(d4), d3.descends(d2)
    (True, True)
    >>> d3.merge(d4).increment("Sx")
    VectorClock({'Sx': 3, 'Sy': 1, 'Sz': 1})
    """

    __slots__ = ("_counters", "_times")

    def __init__(self, counters: Mapping[str, int] | None = None, times: Mapping[str, float] | None = None):
        for what, given in (("counters", counters), ("times", times)):
            if given is not None:
                instance(what, given, Mapping, "a mapping by node, such as {'a': 1}")
        counters, times = dict(counters or {}), dict(times or {})
        for node, counter in counters.items():
            name("node", node)
            whole(f"the counter of {node}", counter, 1)
        for node, time in times.items():
            if node not in counters:
                raise ValueError(
                    f"times names {node!r}: it must name nodes with a counter: {sorted(counters)}"
                )
            number(f"the time of {node}", time)
        self._counters = dict(sorted(counters.items()))
        self._times = {node: times.get(node, 0.0) for node in self._counters}

    def __getitem__(self, node: str) -> int:
        return self._counters.get(node, 0)

    def __len__(self) -> int:
        return len(self._counters)

    def __eq__(self, other: object) -> bool:
        return self._counters == other._counters if isinstance(other, VectorClock) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._counters.items()))

    def __repr__(self) -> str:
        return f"VectorClock({self._counters})"

    @property
    def counters(self) -> dict[str, int]:
        """A copy, in the order of names."""
        return dict(self._counters)

    @property
    def times(self) -> dict[str, float]:
        """A copy, in the order of names."""
        return dict(self._times)

    def increment(self, node: str, now: float = 0.0) -> "VectorClock":
        """The clock of a write that ``node`` coordinates, of somebody who had read a version with this clock."""
        name("node", node)
        number("now", now)
        return _clock(self._counters | {node: self[node] + 1}, self._times | {node: now})

    def descends(self, other: "VectorClock") -> bool:
        """Whether this version has seen all that the other one has: it is equal, or replaces it."""
        _a_clock("other", other)
        return all(self[node] >= counter for node, counter in other._counters.items())

    def concurrent(self, other: "VectorClock") -> bool:
        """Whether neither has seen the other: both must be kept."""
        _a_clock("other", other)
        return not self.descends(other) and not other.descends(self)

    def merge(self, other: "VectorClock") -> "VectorClock":
        """The least clock that descends from both: what a client has seen that read both."""
        _a_clock("other", other)
        # with many copies of a key this is most of what a reader's work is
        counters, times = dict(self._counters), dict(self._times)
        for node, counter in other._counters.items():
            ours, time = counters.get(node, 0), other._times[node]
            if counter > ours or (counter == ours and time > times[node]):
                counters[node], times[node] = counter, time
        return _clock(counters, times)

    def truncate(self, limit: int = TRUNCATE_AT) -> "VectorClock":
        """Without the entries of the oldest times, so that at most ``limit`` are left; of equal times the first name's.

        It forgets writes, and so it errs in both directions:

        * a descendant no longer descends from its ancestor, and they become siblings of each other (the inefficiency
          that the paper admits);
        * a version that is concurrent with this one may descend from what is left of it, and replace it: a write is
          lost. Where a forgotten node counts from 1 again, two writes can even have one clock.

        Parameters
        ----------
        limit : int
            At least 1.

        Raises
        ------
        ValueError
            For a limit below 1.

        Examples
        --------
        >>> long = VectorClock({"a": 1, "b": 1, "c": 1}, {"a": 5, "b": 7, "c": 9})
        >>> long.truncate(2), long.truncate(2).descends(VectorClock({"a": 1}))
        (VectorClock({'b': 1, 'c': 1}), False)
        >>> other = VectorClock({"b": 1, "c": 2})
        >>> other.concurrent(long), other.descends(long.truncate(2))
        (True, True)
        """
        whole("limit", limit, 1)
        oldest = sorted(self._counters, key=lambda node: (self._times[node], node))
        kept = oldest[-limit:]
        return _clock(
            {node: self._counters[node] for node in kept}, {node: self._times[node] for node in kept}
        )


def _clock(counters: dict[str, int], times: dict[str, float]) -> VectorClock:
    """A clock made of parts of others, which need not be looked at again; every counter has its time."""
    clock = object.__new__(VectorClock)
    clock._counters = dict(sorted(counters.items()))
    clock._times = {node: times[node] for node in clock._counters}
    return clock


def _a_clock(what: str, value: Any) -> None:
    instance(what, value, VectorClock, "a VectorClock")


@dataclass(frozen=True)
class Version:
    """A value with a clock of its own, as Dynamo keeps it."""

    value: Any
    clock: VectorClock


def reconcile(versions: Iterable[Version]) -> tuple[Version, ...]:
    """The versions that no other replaces: one if all is in order, else siblings that the application has to merge.

    The paper calls it syntactic reconciliation. Of versions with equal clocks the first is kept.

    Examples
    --------
    >>> d2 = VectorClock({"Sx": 2})
    >>> history = [Version("milk", d2), Version("milk, eggs", d2.increment("Sy")), Version("beer", d2.increment("Sz"))]
    >>> [version.value for version in reconcile(history)]
    ['milk, eggs', 'beer']
    """
    kept: list[Version] = []
    for version in versions:
        # equal clocks descend from each other: so the first one stays
        if not any(other.clock.descends(version.clock) for other in kept):
            kept = [other for other in kept if not version.clock.descends(other.clock)]
            kept.append(version)
    return tuple(kept)


@dataclass(frozen=True)
class VectorSiblings:
    """The siblings of a key at one node under one version vector for them all.

    The vector says what all siblings together have seen, not which of them is which write. A writer who had not read
    the last version is answered by keeping *everything*, also what that writer had read and replaced: two clients that
    take turns and never read each other's writes add a sibling with every write (sibling explosion). Riak did so from 1.0,
    under the name of vnode vclocks, until it had dots with 2.0 (wombat.me, "Dotted Version Vectors In Riak").

    Attributes
    ----------
    context : VectorClock
        What a reader is given, and hands back with its write.
    values : tuple
    """

    context: VectorClock = field(default_factory=VectorClock)
    values: tuple[Any, ...] = ()

    def put(self, value: Any, seen: VectorClock, node: str) -> "VectorSiblings":
        """Write what somebody writes who had read with the context ``seen``, coordinated by ``node``."""
        # all or nothing: which of the siblings the writer had read, one vector for all of them can't say
        values = () if seen.descends(self.context) else self.values
        return VectorSiblings(self.context.merge(seen).increment(node), (*values, value))

    def sync(self, other: "VectorSiblings") -> "VectorSiblings":
        """What two nodes have after they have told each other all: who has seen less takes the other one's siblings.

        If neither has seen more, all siblings stay, of equal values one. Unlike with dots the order matters in which several
        nodes tell each other: a sibling that was replaced can come back.
        """
        if self.context != other.context:
            for more, less in ((self, other), (other, self)):
                if more.context.descends(less.context):
                    return more
        new = tuple(value for value in other.values if value not in self.values)
        return VectorSiblings(self.context.merge(other.context), self.values + new)


@dataclass(frozen=True)
class DottedSiblings:
    """The siblings of a key at one node, each with the dot of its write, under one version vector for them all.

    A write replaces exactly the dots that its writer had read, whatever else has happened since.

    Attributes
    ----------
    context : VectorClock
        All writes seen so far: what a reader is given, and hands back with its write.
    dots : dict of (str, int) to value
        The siblings, by who coordinated their write and the how-manieth of that node's it was.

    Raises
    ------
    ValueError
        For a dot that the context has not seen.

    Examples
    --------
    Two clients take turns at one node: each reads after its own write, and so misses one write of the other.

    >>> for kind in (VectorSiblings, DottedSiblings):
    ...     stored, seen = kind(), {"ann": VectorClock(), "bob": VectorClock()}
    ...     for turn in range(5):
    ...         for client in seen:
    ...             stored = stored.put(f"{client} {turn}", seen[client], "Sx")
    ...             seen[client] = stored.context
    ...     print(len(stored.values), stored.values[-2:])
    10 ('ann 4', 'bob 4')
    2 ('ann 4', 'bob 4')
    """

    context: VectorClock = field(default_factory=VectorClock)
    dots: Mapping[Dot, Any] = field(default_factory=dict)

    def __post_init__(self):
        for node, counter in self.dots:
            if not 1 <= counter <= self.context[node]:
                raise ValueError(
                    f"dots has {(node, counter)}: its counter must be from 1 to {self.context[node]}"
                )

    @property
    def values(self) -> tuple[Any, ...]:
        """The siblings, in the order in which they came to this node."""
        return tuple(self.dots.values())

    def put(self, value: Any, seen: VectorClock, node: str) -> "DottedSiblings":
        """Write what somebody writes who had read with the context ``seen``, coordinated by ``node``, which keeps this."""
        context = self.context.merge(seen).increment(node)
        kept = {dot: old for dot, old in self.dots.items() if not _saw(seen, dot)}
        return DottedSiblings(context, kept | {(node, context[node]): value})

    def sync(self, other: "DottedSiblings") -> "DottedSiblings":
        """What two nodes have after they have told each other all: a sibling stays if neither knows that it was replaced.

        A dot that one has and the other has seen, but no longer has, was replaced.
        """
        dots = {
            dot: value
            for dot, value in self.dots.items()
            if dot in other.dots or not _saw(other.context, dot)
        }
        new = {dot: value for dot, value in other.dots.items() if not _saw(self.context, dot)}
        return DottedSiblings(self.context.merge(other.context), dots | new)


def _saw(clock: VectorClock, dot: Dot) -> bool:
    node, counter = dot
    return clock[node] >= counter
