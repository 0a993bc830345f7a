"""What a client may expect where no order of all calls is promised: its own writes, no steps back, agreement after quiet.

Each of these judges only what is certain from the history: a value was older than another one if everybody who may have
written it had ended before anybody who may have written the other began. What was there at the beginning is older than all.

References
----------
D. Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994 (read your writes, monotonic reads);
W. Vogels, "Eventually consistent", CACM 52 (2009) (the same for a reader of today; the window after the last write).
"""

from collections.abc import Iterable
from math import inf
from typing import Any, NamedTuple

from ...sim.checks import number
from .histories import Call, Kind, by_key, in_order
from .judgement import Judgement, Model


class _Age(NamedTuple):
    """When a value may have been written: of all who may have written it, the first beginning and the last end."""

    begun_s: float
    first: int
    """Where the one with the first beginning stands among the calls."""
    ended_s: float
    last: int
    """Where the last one stands."""
    writers: int
    """How many they are."""

    def precedes(self, begun_s: float, place: int) -> bool:
        """Whether all of them had ended before a call at that place began."""
        return self.ended_s <= begun_s and self.last < place


def read_your_writes(history: Iterable[Call], initial: Any = None) -> Judgement:
    """Whether each client that had written saw that afterwards, or something that may be newer.

    Parameters
    ----------
    history : iterable of Call
        Calls of one client that overlap are in no order.
    initial : Any
        What is under each key at the beginning.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If something in the history is no call.

    Examples
    --------
    >>> write = Call("ann", "write", "new", 0.0, 1.0)
    >>> read_your_writes([write, Call("bob", "read", None, 2.0, 3.0)])
    <read your writes>
    >>> read_your_writes([write, Call("ann", "read", None, 2.0, 3.0)])
    <not read your writes: ann wrote 'new' by 1 s and read None from 2 s on>
    """
    for calls in by_key(in_order(history)).values():
        ages = _Ages(calls, initial)
        written: dict[str, list[tuple[int, Call]]] = {}
        for place, call in enumerate(calls):
            if call.writes:
                written.setdefault(call.client, []).append((place, call))
            elif _answered(call):
                before = [each for each in written.get(call.client, ()) if each[1].end_s <= call.began_s]
                # a value that nobody has written is older than all
                if before and ages.of(call).precedes(before[-1][1].began_s, before[-1][0]):
                    _, newest = before[-1]
                    because = (
                        f"{call.client} wrote {newest.value!r} by {newest.end_s:g} s and read {call.value!r} "
                        f"from {call.began_s:g} s on"
                    )
                    return Judgement(Model.READ_YOUR_WRITES, misplaced=call, because=because)
    return Judgement(Model.READ_YOUR_WRITES)


def monotonic_reads(history: Iterable[Call], initial: Any = None) -> Judgement:
    """Whether no client, after it had seen a value, saw an older one.

    A value that was written once and that a client has seen before another one is older than that other one, too.

    Parameters and errors are those of `read_your_writes`.

    Examples
    --------
    >>> writes = [Call("ann", "write", value, at, at + 1.0) for value, at in ((1, 0.0), (2, 1.0))]
    >>> reads = [Call("bob", "read", value, at, at + 0.1) for value, at in ((2, 3.0), (1, 4.0))]
    >>> monotonic_reads([*writes, *reads])
    <not monotonic reads: bob read 2 by 3.1 s and the older 1 from 4 s on>
    """
    for calls in by_key(in_order(history)).values():
        ages = _Ages(calls, initial)
        reads: dict[str, list[tuple[Call, _Age]]] = {}
        for read in filter(_answered, calls):
            age = ages.of(read)
            earlier = [each for each in reads.setdefault(read.client, []) if each[0].end_s <= read.began_s]
            others = [each for each in earlier if each[0].value != read.value]
            if others:
                newest, newest_age = max(others, key=lambda each: each[1].first)
                last, _ = max(others, key=lambda each: each[0].began_s)
                # seen before the other one: the same version again is older, if it is the same version
                known_s = min((each.end_s for each, _ in earlier if each.value == read.value), default=inf)
                newer = (
                    newest
                    if age.precedes(newest_age.begun_s, newest_age.first)
                    else last
                    if age.writers == 1 and known_s <= last.began_s
                    else None
                )
                if newer is not None:
                    because = (
                        f"{read.client} read {newer.value!r} by {newer.end_s:g} s and the older {read.value!r} "
                        f"from {read.began_s:g} s on"
                    )
                    return Judgement(Model.MONOTONIC_READS, misplaced=read, because=because)
            reads[read.client].append((read, age))
    return Judgement(Model.MONOTONIC_READS)


def convergent(history: Iterable[Call], quiet_s: float, initial: Any = None) -> Judgement:
    """Whether all reads from a time on saw the same under each key, and something that was written there.

    Parameters
    ----------
    history : iterable of Call
    quiet_s : float
        In seconds: when all writes had ended, with as much time as the replicas may need.
    initial : Any
        What is under each key at the beginning; it may be seen only where nobody has written.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If something in the history is no call, or a write begins at ``quiet_s`` or later.

    Examples
    --------
    >>> write = Call("ann", "write", "new", 0.0, 1.0)
    >>> reads = [Call("bob", "read", None, 2.0, 3.0), Call("bob", "read", "new", 9.0, 9.5)]
    >>> convergent([write, *reads], quiet_s=5.0), convergent([write, *reads], quiet_s=1.5)
    (<convergent after quiet>, <not convergent after quiet: bob read None at 2 s, after quiet, and nobody had written that>)
    """
    number("quiet_s", quiet_s)
    calls = in_order(history)
    for call in calls:
        if call.writes and call.began_s >= quiet_s:
            raise ValueError(
                f"quiet_s is {quiet_s!r}: it must be after the last write began, and {call!r} did not"
            )
    for of_key in by_key(calls).values():
        # who knows nothing of any write may see what was there before
        certain = any(call.writes and call.ended_s is not None for call in of_key)
        allowed = {call.value for call in of_key if call.writes} | (set() if certain else {initial})
        first: Call | None = None
        for read in filter(_answered, of_key):
            if read.began_s < quiet_s:
                continue
            first = first or read
            said = f"{read.client} read {read.value!r} at {read.began_s:g} s, after quiet, and"
            if read.value not in allowed:
                return Judgement(Model.CONVERGENT, misplaced=read, because=f"{said} nobody had written that")
            if read.value != first.value:
                because = f"{said} {first.client} read {first.value!r} at {first.began_s:g} s"
                return Judgement(Model.CONVERGENT, misplaced=read, because=because)
    return Judgement(Model.CONVERGENT)


def _answered(call: Call) -> bool:
    return call.kind is Kind.READ and call.ended_s is not None


class _Ages:
    """The ages of the values under one key."""

    def __init__(self, calls: Iterable[Call], initial: Any):
        self._initial = initial
        self._writers: dict[Any, list[tuple[int, Call]]] = {}
        for place, call in enumerate(calls):
            if call.writes:
                self._writers.setdefault(call.value, []).append((place, call))

    def of(self, read: Call) -> _Age:
        """Of the value that was read: who may have written it is whoever had begun by then."""
        sources = [each for each in self._writers.get(read.value, ()) if each[1].began_s <= read.end_s]
        there = read.value == self._initial
        if there or not sources:
            first, begun_s = -1, -inf
        else:
            first, begun_s = sources[0][0], sources[0][1].began_s
        ended_s = max((call.end_s for _, call in sources), default=-inf)
        return _Age(begun_s, first, ended_s, sources[-1][0] if sources else -1, len(sources) + there)
