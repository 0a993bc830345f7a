"""Hinted handoff: a write that one replica missed is kept by another node, and delivered when the replica is back.

In the order in which things happen:

1. A replica does not take a write. If it has been down for longer than the **window**, the write is not kept for it any
   more: that hint is *lost*, and only read repair or a Merkle repair brings the write there.
2. Otherwise a hint is stored: the write as it was, timestamp and all, so that delivering it late or twice changes nothing.
   What is not yet flushed to disk is lost with a crash of the holder.
3. The replica is back: its hints are replayed, oldest first, at no more than the **throttle**. The throttle is divided by
   the number of other nodes, for all of them replay to that replica at once.
4. A hint older than ``gc_grace_s`` is *expired*, and not delivered: the replicas may have forgotten a deletion that came
   after it, and it would bring the row back, see `tombstones`.

================  =====================================  =====================================================
                  Cassandra                              Dynamo
================  =====================================  =====================================================
who holds it      the coordinator of the write           the next healthy node of the preference list
does it count     no (but at level ANY)                  yes: a sloppy quorum
window            3 h of downtime                        none told
throttle          1024 KiB/s over the other nodes        none told
================  =====================================  =====================================================

Hints are a best effort: they make the time shorter in which replicas differ, and prove nothing about its end.

References
----------
apache/cassandra doc/modules/cassandra/pages/managing/operating/hints.adoc (defaults); src/java/org/apache/cassandra/
service/StorageProxy.java (shouldHint), hints/Hint.java (isLive), hints/HintsDispatchExecutor.java (throttle);
DeCandia et al., Dynamo, SOSP 2007, section 4.6.
"""

from collections import deque
from collections.abc import Collection, Iterable
from typing import Any

from ..sim import Message, checks, message
from .tombstones import GC_GRACE_S

WINDOW_S = 10_800.0
"""Cassandra's max_hint_window, 3 h (hints.adoc). Too low, and a longer maintenance needs a full repair; too high, and hints
fill the disks of the healthy, and their replay loads a node that has just come back."""
THROTTLE_BYTES_S = 1024 * 1024
"""Cassandra's hinted_handoff_throttle, 1024 KiB/s, divided by the number of other nodes (hints.adoc)."""
FLUSH_S = 10.0
"""Cassandra's hints_flush_period (hints.adoc)."""

EARLY_S = 1e-9
"""A timer set for `HintStore.ready_s` may come a rounding error early."""


@message
class Hint:
    """A write for a replica that missed it, and for which it is kept."""

    number: int
    target: str
    mutation: Any
    """The write: a message."""
    created_s: float


class HintStore:
    """The hints that one node holds for others; a part of a `Process`, which does the sending and keeps the time.

    The process calls `add` for each write that a replica missed. When a replica is back it calls `take` until that gives
    None, sends each hint, and comes back at `ready_s`. An acknowledged hint is `delivered`; if the replica has gone again,
    or an acknowledgement is overdue, `retry` makes all hints that are under way wait again.

    All times are simulated seconds, and None for a limit means that there is none.

    Parameters
    ----------
    window_s : float or None
        A replica that has been down for longer gets no more hints.
    throttle_bytes_s : float or None
        Of all holders together, to one replica.
    gc_grace_s : float or None
        Older hints are not delivered. No more than the tables' own, or a deleted row can come back by a hint.

    Attributes
    ----------
    stored, replayed, past_window, expired, unflushed, dropped : int
        How many hints were ever stored, and what became of those that are not held any more; ``past_window`` counts the
        writes that were never stored.
    """

    def __init__(
        self,
        window_s: float | None = WINDOW_S,
        throttle_bytes_s: float | None = THROTTLE_BYTES_S,
        gc_grace_s: float | None = GC_GRACE_S,
    ):
        for name, limit, low in (
            ("window_s", window_s, 0.0),
            ("throttle_bytes_s", throttle_bytes_s, 1e-6),
            ("gc_grace_s", gc_grace_s, 0.0),
        ):
            if limit is not None:
                checks.number(name, limit, low)
        self.window_s, self.throttle_bytes_s, self.gc_grace_s = window_s, throttle_bytes_s, gc_grace_s
        self.stored = self.replayed = self.past_window = self.expired = self.unflushed = self.dropped = 0
        # by target: hints by number, the numbers still to be sent, bytes held, and when the throttle opens again
        self._held: dict[str, dict[int, Hint]] = {}
        self._waiting: dict[str, deque[int]] = {}
        self._bytes: dict[str, int] = {}
        self._ready_s: dict[str, float] = {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The replicas that hints are held for."""
        return tuple(target for target, held in self._held.items() if held)

    def held(self, target: str) -> Collection[Hint]:
        """The hints held for a replica, oldest first, those under way too: a view that follows what happens."""
        return self._held.get(target, {}).values()

    def size_bytes(self, target: str) -> int:
        """Of the hints held for a replica."""
        return self._bytes.get(target, 0)

    def add(self, target: str, mutation: Message, now: float, down_s: float = 0.0) -> Hint | None:
        """Keep a write for a replica that missed it; None if the replica has been down for longer than the window.

        Parameters
        ----------
        down_s : float
            For how long the replica has been down, as this node sees it; 0 if it only failed to answer in time.

        Raises
        ------
        ValueError
            For a target that is no name, or a negative ``down_s``.
        """
        checks.name("target", target)
        checks.number("down_s", down_s)
        if self.window_s is not None and down_s > self.window_s:
            self.past_window += 1
            return None
        hint = Hint(self.stored, target, mutation, now)
        self.stored += 1
        self._held.setdefault(target, {})[hint.number] = hint
        self._waiting.setdefault(target, deque()).append(hint.number)
        self._bytes[target] = self.size_bytes(target) + hint.size_bytes
        return hint

    def take(self, target: str, now: float, nodes: int) -> Hint | None:
        """The next hint to send to a replica; None if none waits or the throttle is closed until `ready_s`.

        It stays held until it is `delivered`. Hints that have grown too old are given up on the way.

        Parameters
        ----------
        nodes : int
            How many the cluster has, from this node's own view: the throttle is shared by all but the target.

        Raises
        ------
        ValueError
            For fewer than one node.
        """
        checks.whole("nodes", nodes, 1)
        if now < self.ready_s(target) - EARLY_S:
            return None
        self.expire(target, now)
        waiting = self._waiting.get(target)
        if not waiting:
            return None
        hint = self._held[target][waiting.popleft()]
        if self.throttle_bytes_s is not None:
            # HintsDispatchExecutor: a node that comes back is sent hints by all others at once, and each may use its share only
            self._ready_s[target] = now + hint.size_bytes * max(1, nodes - 1) / self.throttle_bytes_s
        return hint

    def expire(self, target: str, now: float) -> tuple[Hint, ...]:
        """Give up a replica's hints that wait and have grown too old, and return them, oldest first."""
        waiting, gone = self._waiting.get(target, ()), []
        while waiting:
            hint = self._held[target].get(waiting[0])
            if hint is not None:
                if self.gc_grace_s is None or now < hint.created_s + self.gc_grace_s:
                    break
                self._remove(hint)
                gone.append(hint)
            waiting.popleft()  # one that is not held was acknowledged after all, while it waited for another try
        self.expired += len(gone)
        return tuple(gone)

    def ready_s(self, target: str) -> float:
        """When the throttle lets the next hint to a replica go; a time that may have passed."""
        return self._ready_s.get(target, 0.0)

    def delivered(self, target: str, number: int) -> bool:
        """The replica has acknowledged a hint. A second acknowledgement changes nothing, and gives False."""
        hint = self._held.get(target, {}).get(number)
        if hint is None:
            return False
        self._remove(hint)
        self.replayed += 1
        return True

    def retry(self, target: str) -> None:
        """What was sent to a replica and not acknowledged waits again, in the old order."""
        self._waiting[target] = deque(self._held.get(target, ()))

    def drop(self, target: str) -> tuple[Hint, ...]:
        """Give up a replica's hints, and return them: it has left for good, or an operator wants them gone (nodetool
        truncatehints).
        """
        gone = self._remove_all(self.held(target))
        self.dropped += len(gone)
        return gone

    def lose_unflushed(self, now: float) -> tuple[Hint, ...]:
        """This node crashes: what came since the last flush, every 10 s, was only in its memory (Cassandra); return it."""
        flushed_s = now // FLUSH_S * FLUSH_S
        gone = self._remove_all(
            hint for held in self._held.values() for hint in held.values() if hint.created_s > flushed_s
        )
        self.unflushed += len(gone)
        return gone

    def _remove_all(self, hints: Iterable[Hint]) -> tuple[Hint, ...]:
        gone = tuple(hints)
        for hint in gone:
            self._remove(hint)
        return gone

    def _remove(self, hint: Hint) -> None:
        del self._held[hint.target][hint.number]
        self._bytes[hint.target] -= hint.size_bytes
