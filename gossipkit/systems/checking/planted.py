"""Eight bugs to plant: each replaces one method of the engine by one with a mistake that real systems have had, or could have.

A bug is planted for a while, in this process, and nothing else of the engine knows of it::

    with BUGS["vote given twice"].planted():
        ...

A `Trial` is one run with such a bug, or without, on the ground where it is looked for (`grounds`); `hunt` searches and
shrinks. The mistakes are ours; the rules that they break are named with their sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...authority.raft import RaftNode
from ...authority.raft_messages import RequestVoteReply
from ...gossip.swim.broadcast import BroadcastQueue
from ...gossip.swim.exchange import Exchange
from ...gossip.swim.membership import Membership
from ...repair.hints import HintStore
from ...repair.merkle import Difference, MerkleTree, TokenRange
from ...repair.tombstones import purge
from ...sim import checks
from ..cassandra.coordination import Write
from ..cassandra.storage import Storage
from .grounds import GROUNDS
from .invariants import Broken, watch
from .search import Case, Found, search
from .shrinking import Shrunk, shrink

if TYPE_CHECKING:
    from concurrent.futures import Executor


@dataclass(frozen=True, repr=False)
class Bug:
    """One mistake, and where it is planted."""

    name: str
    ground: str
    """Where it is looked for, one of `GROUNDS`."""
    owner: type
    method: str
    wrong: Callable[..., Any]
    """What stands in place of the method."""
    rule: str
    """What is right, with its source."""
    mistake: str

    @property
    def where(self) -> str:
        """The method that is replaced, such as "HintStore.delivered"."""
        return f"{self.owner.__name__}.{self.method}"

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The engine with this bug, until the block ends; clusters that were made before have it too."""
        right = self.owner.__dict__[self.method]
        setattr(self.owner, self.method, self.wrong)
        try:
            yield
        finally:
            setattr(self.owner, self.method, right)

    def __repr__(self) -> str:
        return f"<Bug {self.name!r} in {self.where}: {self.mistake}>"


# the right methods, for those that do the same but for one thing
_take, _judge, _difference = BroadcastQueue.take, Write._judge, MerkleTree.difference


def _take_once(self: BroadcastQueue, room_bytes: int, members: int) -> list:
    taken = _take(self, room_bytes, members)
    self.items = [item for item in self.items if item[0] == 0]
    return taken


def _refute_without_raising(self: Membership, accused: int):
    self._states = None
    return self._claim_of_life()


def _deaf(self: Exchange, exchange) -> None:
    """Nothing of what the other one knows is believed."""


def _vote_for_all(self: RaftNode, env, sender: str, request) -> None:
    granted = (
        not self._has_other_leader(sender)
        and request.term == self.current_term
        and self._is_up_to_date(request)
    )
    if granted:
        self.voted_for = sender
        self._await_leader(env)
    self._send(env, sender, RequestVoteReply(self.current_term, granted))


def _delivered_twice(self: HintStore, target: str, number: int) -> bool:
    hint = self._held.get(target, {}).get(number)
    if hint is None:
        return False
    self.replayed += 1
    if self.replayed % 2:
        self._waiting[target].append(number)
    else:
        self._remove(hint)
    return True


def _count_hints(self: Write) -> None:
    store = self.node.hints.store
    self.operation.hinted = tuple(
        target
        for target in store.targets
        if any(hint.mutation is self._update for hint in store.held(target))
    )
    _judge(self)


def _drop_early(self: Storage, now: float) -> dict:
    return purge(self.cells, now, self.gc_grace_s / 2)


def _miss_the_last_leaf(self: MerkleTree, other: MerkleTree) -> Difference:
    found = _difference(self, other)
    last = self._range(self.leaves - 1, self.leaves)
    if last.up_to not in found:
        return found
    *others, run = found.ranges
    shortened = [TokenRange(run.after, last.after)] if run.after < last.after else []
    return replace(found, ranges=(*others, *shortened), leaves=found.leaves - 1)


BUGS: dict[str, Bug] = {
    bug.name: bug
    for bug in (
        Bug(
            "retransmit limit of 1",
            "SWIM",
            BroadcastQueue,
            "take",
            _take_once,
            "A piece of news is sent RetransmitMult x ceil(log10(n + 1)) times (memberlist, queue.go, util.go).",
            "It is dropped after it was sent once.",
        ),
        Bug(
            "refutation that does not raise",
            "SWIM",
            Membership,
            "_refute",
            _refute_without_raising,
            "Who is accused begins a higher incarnation (memberlist, state.go, refute).",
            "The refutation has the incarnation that was accused.",
        ),
        Bug(
            "deaf push/pull",
            "SWIM",
            Exchange,
            "_merge",
            _deaf,
            "Both sides of a push/pull merge what the other one knows (memberlist, state.go, mergeState).",
            "State is exchanged, and none of it is merged.",
        ),
        Bug(
            "vote given twice",
            "Raft",
            RaftNode,
            "_on_request_vote",
            _vote_for_all,
            "A server votes for one candidate a term (Ongaro and Ousterhout 2014, 5.2).",
            "It does not look whom it has voted for.",
        ),
        Bug(
            "hints replayed twice",
            "Cassandra",
            HintStore,
            "delivered",
            _delivered_twice,
            "An acknowledged hint is deleted (Cassandra, hints/HintsDispatcher.java).",
            "Every other acknowledged hint stays and is sent again.",
        ),
        Bug(
            "quorum that counts a hint",
            "Cassandra",
            Write,
            "_judge",
            _count_hints,
            "A hint is no acknowledgement, but at level ANY (Cassandra, hints.adoc).",
            "A hint that the coordinator keeps counts as the replica's answer.",
        ),
        Bug(
            "tombstone dropped early",
            "Cassandra",
            Storage,
            "visible",
            _drop_early,
            "A tombstone stays for gc_grace_seconds (Cassandra, tombstones.adoc).",
            "It goes after half of that.",
        ),
        Bug(
            "Merkle range off by one",
            "Dynamo",
            MerkleTree,
            "difference",
            _miss_the_last_leaf,
            "All leaves of the range are compared (DeCandia et al. 2007, section 4.7).",
            "The last leaf is not.",
        ),
    )
}
"""By name."""


@dataclass(frozen=True)
class Trial:
    """One run on the ground of a bug, with the bug or without: what `search` and `shrink` take.

    Parameters
    ----------
    bug : str
        One of `BUGS`.
    planted : bool
        If not, it is the right engine.

    Raises
    ------
    ValueError
        For another name.
    """

    bug: str
    planted: bool = True

    def __post_init__(self):
        checks.one_of("bug", self.bug, tuple(BUGS))
        checks.truth("planted", self.planted)

    def __call__(self, case: Case) -> Broken | None:
        """Run a case, and say which invariant breaks first; None if none does."""
        bug = BUGS[self.bug]
        play = GROUNDS[bug.ground].play
        if not self.planted:
            return watch(*play(case))
        with bug.planted():
            return watch(*play(case))


def cases(bug: str, seeds: Iterable[int]) -> Iterator[Case]:
    """Generated cases on the ground of a bug, one for each seed.

    Parameters
    ----------
    bug : str
        One of `BUGS`.
    seeds : iterable of int
        It may be endless.

    Raises
    ------
    ValueError
        For another bug.
    """
    checks.one_of("bug", bug, tuple(BUGS))
    return GROUNDS[BUGS[bug].ground].cases(seeds)


@dataclass(frozen=True)
class Hunt:
    """What became of the search for one bug."""

    bug: str
    tries: int
    """Cases at most."""
    found: Found | None
    shrunk: Shrunk | None
    """The case that was found, and what is left of it; None where nothing was found."""

    def __repr__(self) -> str:
        if self.found is None:
            return f"<Hunt for {self.bug!r}: nothing in {self.tries} cases>"
        before, after = self.shrunk.before, self.shrunk.after
        return (
            f"<Hunt for {self.bug!r}: found in case {self.found.tries}; {len(before.scenario)} steps, {before.nodes} nodes and "
            f"{before.seconds:g} s shrunk to {len(after.scenario)}, {after.nodes} and {after.seconds:g}>"
        )


def hunt(bug: str, tries: int = 200, *, first_seed: int = 0, executor: Executor | None = None) -> Hunt:
    """Search for a case in which a planted bug breaks an invariant, and shrink it.

    Parameters
    ----------
    bug : str
        One of `BUGS`.
    tries : int
        Cases at most.
    first_seed : int
        Of the cases; the others follow it.
    executor : concurrent.futures.Executor, optional
        For the search; the result is the same.

    Raises
    ------
    ValueError
        For another bug, or fewer tries than one.
    """
    checks.whole("tries", tries, 1)
    checks.whole("first_seed", first_seed, 0)
    run = Trial(bug)
    found = search(run, cases(bug, range(first_seed, first_seed + tries)), executor=executor)
    return Hunt(bug, tries, found, shrink(run, found.case) if found else None)
