"""Linearizability of registers: is there one order of all calls that keeps to real time and explains every answer?

The search goes along the history from one end of a call to the next. A state of it is how far it has come, what the register
holds, and which of the calls that are open there have taken effect. In the order in which things happen:

1. A call that ends here must have taken effect. If it has, the search goes on to the next end.
2. Else some open call takes effect now: this one, or another write before it. Each choice is a state to go on from.
3. A read (or a cas that is refused) takes effect as soon as the register holds what it saw: it changes nothing, so waiting
   for longer helps nobody.
4. A call of unknown outcome takes effect only where an open call sees it at once: what is overwritten unseen need not have
   been there.
5. A write that nobody is to see takes effect just before another one, or at its own end.
6. A state that has been met leads nowhere new (Lowe's memory). It does not, either, if it differs from one that was met only
   in that more calls of unknown outcome are used up.
7. The first end that no state gets past is the call that cannot be explained.

Keys are judged one by one: a history is linearizable exactly if its calls of each key are (Herlihy and Wing, theorem 1).
The question is NP-complete in general (Gibbons and Korach 1997). What keeps it short is that few calls are open at once: the
number of states grows with the history's length, and exponentially only with the calls that overlap.

References
----------
J. Wing, C. Gong, "Testing and verifying concurrent objects", J. Parallel and Distributed Computing 17 (1993);
G. Lowe, "Testing for linearizability", Concurrency and Computation 29 (2017) (the memory, and "just-in-time" linearization);
A. Horn, D. Kroening, "Faster linearizability checking via P-compositionality", FORTE 2015 (key by key);
M. Herlihy, J. Wing, ACM TOPLAS 12 (1990).
"""

from bisect import insort
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from math import inf
from typing import Any, NamedTuple

from .histories import Call, Kind, by_key, in_order
from .judgement import Judgement, Model

NOBODY_LOOKS = object()
"""What the register holds once nobody is to see its value any more: such values are all alike."""


def linearizable(history: Iterable[Call], initial: Any = None) -> Judgement:
    """Whether there is an order of the calls of each key that keeps to real time and explains all answers.

    A call comes before another one if it ended before that one began, or at the same instant and stands before it.

    Parameters
    ----------
    history : iterable of Call
    initial : hashable
        What is under each key at the beginning; None: nothing.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If something in the history is no call, or ``initial`` is not hashable.

    Examples
    --------
    >>> new = Call("ann", "write", "new", 0.0, 2.0)
    >>> during = [Call("bob", "read", value, at, at + 0.5) for value, at in ((None, 0.2), ("new", 0.8))]
    >>> linearizable([new, *during])
    <linearizable>
    >>> linearizable([new, *during, Call("bob", "read", None, 1.5, 1.9)])
    <not linearizable: bob read x=None from 1.5 to 1.9 s, and no order of the calls that keeps to real time explains it>
    """
    if not isinstance(initial, Hashable):
        raise ValueError(f"initial is {initial!r}: it must be hashable, such as a text or None")
    order: list[Call] = []
    looked_at = 0
    for calls in by_key(in_order(history)).values():
        found = _Search(calls, initial).run()
        looked_at += found.looked_at
        if not found:
            return replace(found, looked_at=looked_at)
        order += found.order
    return Judgement(Model.LINEARIZABLE, tuple(order), looked_at=looked_at)


class _State(NamedTuple):
    """Where a search has come to."""

    end: int
    """How many ends are behind it."""
    value: Any
    done: int
    """Which open calls have taken effect: a bit for each, which a later call has again."""
    spent: int
    """Which calls of unknown outcome have."""


class _Search:
    """The calls of one key, in the order of their beginnings."""

    def __init__(self, calls: list[Call], initial: Any):
        self._calls, self._initial = calls, initial
        self._bits: dict[int, int] = {}
        self._ends: list[int] = []  # the calls, in the order of their ends
        # at each end, the calls that have begun and not ended before, the one that ends soonest first
        self._open: list[tuple[int, ...]] = []
        self._unknown: list[int] = []  # the writes of unknown outcome, in the order of their beginnings
        self._begun: list[int] = []  # at each end, how many of those have begun
        self._lay_out()
        self._unknown_cas = [number for number in self._unknown if calls[number].kind is Kind.CAS]
        self._writing: dict[Any, list[int]] = {}  # the writes of unknown outcome by what they write
        for number in self._unknown:
            self._writing.setdefault(calls[number].value, []).append(number)
        self._refusals = any(call.kind is Kind.CAS and not call.done for call in calls)
        # until which end a value may be seen by somebody
        self._seen_until = {calls[number].expected: len(self._ends) for number in self._unknown_cas}
        for end, number in enumerate(self._ends):
            if calls[number].kind is not Kind.WRITE:
                seen = _sees(calls[number])
                self._seen_until[seen] = max(end, self._seen_until.get(seen, 0))

    def _lay_out(self) -> None:
        running: list[int] = []
        free: list[int] = []

        def end_until(now_s: float) -> None:
            while running and self._calls[running[0]].end_s <= now_s:
                self._open.append(tuple(running))
                self._begun.append(len(self._unknown))
                self._ends.append(running.pop(0))
                free.append(self._bits[self._ends[-1]])

        for number, call in enumerate(self._calls):
            end_until(call.began_s)
            if call.ended_s is not None:
                # as few bits as calls are open at once: short numbers are quick to compare
                self._bits[number] = free.pop() if free else 1 << len(running)
                insort(running, number, key=lambda each: self._calls[each].end_s)
            elif call.writes:
                self._bits[number] = 1 << len(self._unknown)
                self._unknown.append(number)
        end_until(inf)

    def run(self) -> Judgement:
        """Search depth first; what was placed on the way to a state is a chain back to the beginning."""
        met: dict[tuple[int, Any, int], list[int]] = {}
        state, trail = self._go_on(_State(0, self._initial, 0, 0), ())
        looked_at, furthest = 1, (state.end, trail)
        stack = [(state, trail)]
        while stack:
            state, trail = stack.pop()
            if state.end > furthest[0]:
                furthest = state.end, trail
            if state.end == len(self._ends):
                return Judgement(Model.LINEARIZABLE, self._order(trail), looked_at=looked_at)
            following = []
            for number in self._next(state):
                after, so_far = self._go_on(*self._place(state, trail, number))
                before = met.setdefault(after[:3], [])
                # one that has used up fewer calls of unknown outcome can do all that this one can
                if any(spent & ~after.spent == 0 for spent in before):
                    continue
                before.append(after.spent)
                looked_at += 1
                following.append((after, so_far))
            stack += reversed(following)
        misplaced = self._calls[self._ends[furthest[0]]]
        return Judgement(
            Model.LINEARIZABLE, self._order(furthest[1]), misplaced, self._why(misplaced), looked_at
        )

    def _next(self, state: _State) -> Iterator[int]:
        """The calls of which one must take effect next, in the order in which they are tried."""
        calls, must_end = self._calls, self._ends[state.end]
        waiting = [number for number in self._open[state.end] if not state.done & self._bits[number]]
        known = [
            number
            for number in waiting
            if (
                calls[number].kind is Kind.WRITE
                and (number == must_end or not self._unseen(number, state.end))
            )
            or (
                calls[number].kind is Kind.CAS
                and calls[number].done
                and calls[number].expected == state.value
            )
        ]
        wanted = None if must_end in known else _sees(calls[must_end])
        # a guess at the order saves most of the search: who ends soonest, after what the one that ends here wants to see
        if wanted is not None:
            known.sort(key=lambda number: calls[number].value != wanted)
        yield from known
        begun = self._begun[state.end]
        latest = self._unknown[begun - 1] if begun else -1
        useful = dict.fromkeys(
            _sees(calls[number])
            for number in (*waiting, *(each for each in self._unknown_cas if self._bits[each] & ~state.spent))
            if calls[number].kind is not Kind.WRITE
        )
        refused = any(calls[number].kind is Kind.CAS and not calls[number].done for number in waiting)
        candidates = (
            self._unknown
            if refused
            else [number for value in useful for number in self._writing.get(value, ())]
        )
        alike = set()
        for number in candidates:
            call = calls[number]
            what = call.kind, call.expected, call.value
            if (
                self._bits[number] & ~state.spent
                and number <= latest
                and (call.kind is Kind.WRITE or call.expected == state.value)
                and what not in alike
            ):
                alike.add(what)  # of calls that do the same any one will do
                yield number

    def _place(self, state: _State, trail: tuple, number: int) -> tuple[_State, tuple]:
        """Let a write take effect, and just before it, so that nobody sees them, those that nobody is to see."""
        end, _, done, spent = state
        call = self._calls[number]
        if call.kind is Kind.WRITE:
            for other in self._open[end]:
                if other != number and not done & self._bits[other] and self._unseen(other, end):
                    done |= self._bits[other]
                    trail = other, trail
        if call.ended_s is None:
            spent |= self._bits[number]
        else:
            done |= self._bits[number]
        return _State(end, call.value, done, spent), (number, trail)

    def _unseen(self, number: int, end: int) -> bool:
        """Whether nobody is to see what a call writes. A refused cas may have seen anything but one value."""
        call = self._calls[number]
        return call.kind is Kind.WRITE and not self._refusals and self._seen_until.get(call.value, -1) < end

    def _go_on(self, state: _State, trail: tuple) -> tuple[_State, tuple]:
        """Let all take effect that see what is there, and pass the ends of those that have."""
        end, value, done, spent = state
        while end < len(self._ends):
            for number in self._open[end]:
                call, bit = self._calls[number], self._bits[number]
                if not done & bit and (
                    (call.kind is Kind.READ and call.value == value)
                    or (call.kind is Kind.CAS and not call.done and call.expected != value)
                ):
                    done |= bit
                    trail = number, trail
            bit = self._bits[self._ends[end]]
            if not done & bit:
                break
            done, end = done & ~bit, end + 1
        if self._seen_until.get(value, -1) < end:
            value = NOBODY_LOOKS
        return _State(end, value, done, spent), trail

    def _order(self, trail: tuple) -> tuple[Call, ...]:
        order = []
        while trail:
            number, trail = trail
            order.append(self._calls[number])
        return tuple(reversed(order))

    def _why(self, misplaced: Call) -> str:
        calls = self._calls
        said = f"{misplaced.client} {_said(misplaced)} from {misplaced.began_s:g} to {misplaced.ended_s:g} s"
        if misplaced.kind is Kind.READ:
            sources = [call for call in calls if call.writes and call.value == misplaced.value]
            if misplaced.value != self._initial and not sources:
                return f"{said}, and nobody ever wrote that"
            if misplaced.value != self._initial and all(call.began_s >= misplaced.end_s for call in sources):
                return f"{said}, and nobody had begun to write that by then"
            last = max((call.end_s for call in sources), default=-inf)
            between = [
                call
                for call in calls
                if call.writes
                and call.began_s >= last
                and call.end_s <= misplaced.began_s
                and call.value != misplaced.value
            ]
            if between:
                newer = max(between, key=lambda call: call.began_s)
                return f"{said}, which {newer.client}'s {newer.value!r} had replaced by {newer.end_s:g} s"
        return f"{said}, and no order of the calls that keeps to real time explains it"


def _sees(call: Call) -> Any:
    """What a read or a cas says that the register held, or did not hold."""
    return call.value if call.kind is Kind.READ else call.expected


def _said(call: Call) -> str:
    if call.kind is Kind.READ:
        return f"read {call.key}={call.value!r}"
    if call.kind is Kind.WRITE:
        return f"wrote {call.key}={call.value!r}"
    return f"{'set' if call.done else 'was refused to set'} {call.key}={call.value!r} in place of {call.expected!r}"
