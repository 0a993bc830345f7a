"""Histories: what clients asked of one register and what they were told, each call with its beginning and its end.

A register is a key with one value: it can be read, written, or compared and set. A history is what a checker is given. It
knows nothing of replicas, messages or clocks of nodes: only what clients saw.

A call whose outcome nobody knows (it timed out, or is still pending) has no end: it may take effect at any time after it
began, or never.

References
----------
M. Herlihy, J. Wing, "Linearizability: a correctness condition for concurrent objects", ACM TOPLAS 12 (1990), section 2
(invocations, responses, and the order "ended before the other began"); Jepsen's operations ok, fail and info
(jepsen-io/jepsen, doc/tutorial).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

from ...sim import Word, checks
from ..consul.messages import Denied
from ..consul.operation import Operation as ConsulOperation
from ..dynamo.operation import Operation as DynamoOperation
from ..operation import Operation, Status


class Kind(Word):
    """What a client asks of a register."""

    READ = "read"
    WRITE = "write"
    CAS = "cas"


@dataclass(frozen=True, repr=False)
class Call:
    """One call of a client.

    Attributes
    ----------
    client : str
        Who called.
    kind : Kind
    value : Any
        What was read, or written, or is to be set; None: nothing is there. It must be hashable.
    began_s : float
        When the client asked, in seconds.
    ended_s : float or None
        When it was told, in seconds; None if it never was: the call may take effect at any time from its beginning on.
    key : str
    expected : Any
        Of a cas, the value in whose place the new one is to be set.
    done : bool
        Of a cas that has ended, whether it has set its value; if not, another value than ``expected`` was there.

    Raises
    ------
    ValueError
        For another kind, an end before the beginning, a value that is not hashable, or a client or key that is no text.

    Examples
    --------
    >>> Call("ann", "write", 1, 0.0, 2.5)
    <ann writes x=1: 0 to 2.5 s>
    >>> Call("bob", "cas", 2, 3.0, None, expected=1)
    <bob sets x=2 if it is 1: from 3 s, outcome unknown>
    """

    client: str
    kind: Kind
    value: Any
    began_s: float
    ended_s: float | None
    key: str = "x"
    expected: Any = None
    done: bool = True

    def __post_init__(self):
        checks.text("client", self.client)
        checks.text("key", self.key)
        checks.one_of("kind", self.kind, tuple(Kind))
        object.__setattr__(self, "kind", Kind(self.kind))
        checks.number("began_s", self.began_s)
        if self.ended_s is not None:
            checks.number("ended_s", self.ended_s, low=self.began_s)
        checks.truth("done", self.done)
        for name in ("value", "expected"):
            if not isinstance(getattr(self, name), Hashable):
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}: it must be hashable, such as a text, a number or a tuple"
                )

    @property
    def end_s(self) -> float:
        """When it ended, in seconds; infinity if nobody knows its outcome."""
        return inf if self.ended_s is None else self.ended_s

    @property
    def writes(self) -> bool:
        """Whether it has put its value there, or may have."""
        return self.kind is Kind.WRITE or (self.kind is Kind.CAS and (self.done or self.ended_s is None))

    def __repr__(self) -> str:
        what = {
            Kind.READ: f"reads {self.key}={self.value!r}",
            Kind.WRITE: f"writes {self.key}={self.value!r}",
            Kind.CAS: f"sets {self.key}={self.value!r} if it is {self.expected!r}",
        }[self.kind]
        if self.ended_s is None:
            return f"<{self.client} {what}: from {self.began_s:g} s, outcome unknown>"
        failed = "" if self.done else ", and it is not"
        return f"<{self.client} {what}{failed}: {self.began_s:g} to {self.ended_s:g} s>"


def in_order(history: Iterable[Call]) -> list[Call]:
    """The calls in the order of their beginnings; those that began at one instant keep theirs.

    It decides what precedes what: a call precedes those behind it in this list that began when it ended, or later.

    Raises
    ------
    ValueError
        If it is no iterable, or something in it is no call.
    """
    if not isinstance(history, Iterable):
        raise ValueError(
            f"history is {history!r}: it must be calls, such as [Call('ann', 'write', 1, 0.0, 2.5)]"
        )
    calls = list(history)
    for each in calls:
        checks.instance("a call of history", each, Call, "a Call, such as Call('ann', 'write', 1, 0.0, 2.5)")
    return sorted(calls, key=lambda call: call.began_s)


def by_key(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The calls of each key, in their order."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.key, []).append(call)
    return found


READS = ("read", "get")
WRITES = ("write", "put", "set", "delete")


def history(
    operations: Iterable[Operation], client: Callable[[Operation], str] | None = None
) -> tuple[Call, ...]:
    """The history that a cluster's operations are, as a checker takes it.

    Parameters
    ----------
    operations : iterable of Operation
        ``cluster.operations`` of Consul (in one data centre), Cassandra, Dynamo or Redis Cluster. What is no read or write of
        a key is left out.
    client : callable, optional
        From an operation to the name of its client; by default the node that was asked, as if each node had one client.

    Returns
    -------
    tuple of Call
        A deletion writes None. What was unavailable or denied had no effect and is left out; so are reads without an answer.
        Consul's check-and-set by index becomes a cas by the value that somebody read with that index. Where nobody has read
        it, or its key had a value twice, the index says more than a value: then one that was done, or may have been, is a
        write, and one that was refused is left out.

    Raises
    ------
    ValueError
        If something is no operation, and for a get of Dynamo's that found siblings and has no merge policy: a register has
        one value.
    """
    if not isinstance(operations, Iterable):
        raise ValueError(f"operations is {operations!r}: it must be operations, such as cluster.operations")
    operations = list(operations)
    for each in operations:
        checks.instance("one of operations", each, Operation, "an Operation, as cluster.operations has them")
    # Consul's operators can put a key by a command of the catalog
    of_keys = [
        each
        for each in operations
        if each.kind in READS + WRITES or (isinstance(each, ConsulOperation) and each.written is not None)
    ]
    indexes = _Indexes([each for each in of_keys if isinstance(each, ConsulOperation)])
    found = []
    for each in of_keys:
        denied = isinstance(each, ConsulOperation) and isinstance(each.answer, Denied)
        if denied or each.status is Status.UNAVAILABLE or (each.kind in READS and not each.ok):
            continue
        name = each.via if client is None else client(each)
        ended_s = each.finished_s if each.ok else None
        if each.kind in READS:
            found.append(Call(name, Kind.READ, _found(each), each.started_s, ended_s, each.key))
        elif not isinstance(each, ConsulOperation):
            found.append(Call(name, Kind.WRITE, each.value, each.started_s, ended_s, each.key))
        elif each.if_index is not None and indexes.tell(each):
            expected = indexes.value(each)
            found.append(
                Call(
                    name,
                    Kind.CAS,
                    each.written,
                    each.started_s,
                    ended_s,
                    each.key,
                    expected,
                    each.answer is not False,
                )
            )
        elif each.answer is not False:
            found.append(Call(name, Kind.WRITE, each.written, each.started_s, ended_s, each.key))
    return tuple(found)


def _found(read: Operation) -> Any:
    if isinstance(read, DynamoOperation) and read.value is None and len(read.siblings) > 1:
        raise ValueError(
            f"{read!r} found {read.siblings!r}: a register has one value; give the cluster a merge policy, or versions='lww'"
        )
    return read.value


class _Indexes:
    """What Consul's indexes stood for, as far as its clients saw."""

    def __init__(self, operations: Iterable[ConsulOperation]):
        self._values = {
            (each.key, each.answer[1]): each.value
            for each in operations
            if each.kind == "read" and isinstance(each.answer, tuple)
        }
        written = Counter((each.key, each.written) for each in operations if each.written is not None)
        self._twice = {key for (key, _), count in written.items() if count > 1}

    def tell(self, write: ConsulOperation) -> bool:
        """Whether the index that a check-and-set names says as much as the value that was there."""
        known = write.if_index == 0 or (write.key, write.if_index) in self._values
        return known and write.key not in self._twice

    def value(self, write: ConsulOperation) -> str | None:
        """That value; None for index 0, a key that is not there."""
        return self._values.get((write.key, write.if_index))
