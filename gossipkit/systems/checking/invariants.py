"""What must hold at every moment of a run, as functions of its trace.

An invariant is handed the events one after the other, and says of each whether the rule still holds. It knows only what the
trace says, so it judges a stored run as well as one that has just ended, and any cluster whose rows have the same names
(`gossipkit.sim.trace`).

==========================  ============================================================================================
``OneLeaderATerm``          no term of a Raft log has two leaders (Ongaro and Ousterhout 2014, figure 3, election safety)
``RefutationsRaise``        a refutation has a higher incarnation than its member had (memberlist, state.go, refute)
``Retransmissions``         a piece of news is sent as often as the limit says, unless newer news replaces it (queue.go)
``ViewsEqual``              some time after the last fault all members that run believe the same, and the right thing
``HintsReplayedOnce``       a hint is delivered once, and only if it was stored (Cassandra, hints/HintsDispatcher.java)
``AcknowledgedOnQuorum``    what was acknowledged is held by a quorum from that moment on
``TombstonesKept``          no deletion is forgotten before gc_grace (Cassandra, repair.adoc)
``CopiesEqual``             some time after the last fault and write all homes of a key hold the same
==========================  ============================================================================================

Where a rule speaks of "some time after", it is a statement about repair: the trace must be long enough. A run that ends in
silence says so with a row ``end``: `gossipkit.sim.World.record`.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from ...gossip.swim import Compound, retransmit_limit
from ...gossip.swim.messages import Claim
from ...sim import Event, Trace, checks
from ..operation import Status
from ..rebuilt import Rebuilt


class Invariant(Protocol):
    """One rule; made anew for each trace."""

    name: str
    """The rule, in a sentence."""

    def follow(self, event: Event) -> str | None:
        """What is wrong from this event on; None if nothing is."""


@dataclass(frozen=True)
class Broken:
    """An invariant that does not hold."""

    invariant: str
    what: str
    """What is wrong."""
    at_s: float
    node: str | None
    """Of the event at which it was seen."""
    number: int
    """Which event of the trace that is, from 0."""

    def __repr__(self) -> str:
        return f"<Broken at {self.at_s:.3f} s: {self.what}>"


def watch(trace: Trace | Iterable[Event], invariants: Iterable[Invariant]) -> Broken | None:
    """Check invariants at every event, and give back the first breach; None if all hold to the end.

    Parameters
    ----------
    trace : Trace
        From the beginning of the world.
    invariants : iterable of Invariant
        Fresh ones.

    Examples
    --------
    >>> elected = [(at, server, "raft-elected", {"role": "leader", "term": 7}) for at, server in ((1.0, "a"), (2.5, "b"))]
    >>> watch(Trace(elected), [OneLeaderATerm()])
    <Broken at 2.500 s: a and b lead term 7>
    """
    invariants = list(invariants)
    for number, event in enumerate(trace):
        for each in invariants:
            what = each.follow(event)
            if what is not None:
                return Broken(each.name, what, event.time, event.node, number)
    return None


class OneLeaderATerm:
    """No term has two leaders."""

    name = "one leader a term"

    def __init__(self):
        self._leaders: dict[int, str] = {}

    def follow(self, event: Event) -> str | None:
        if event.kind == "raft-elected":
            term = event.fields["term"]
            first = self._leaders.setdefault(term, event.node)
            if first != event.node:
                return f"{first} and {event.node} lead term {term}"
        return None


class RefutationsRaise:
    """A member that refutes has a higher incarnation than before."""

    name = "a refutation raises the incarnation"

    def __init__(self):
        self._own: dict[str, int] = {}

    def follow(self, event: Event) -> str | None:
        node, fields = event.node, event.fields
        if event.kind == "beliefs":
            self._own[node] = 1  # a new life
        elif fields.get("about") == node and "incarnation" in fields:
            known, said = self._own.get(node, 1), fields["incarnation"]
            self._own[node] = said
            if event.kind == "refute" and said <= known:
                return f"{node} refutes in incarnation {said}, and had {known}"
        return None


class Retransmissions:
    """Each member sends a piece of news as often as the limit says; news about the same member replace it.

    It takes a trace with packets. A suspicion that a ping brings to the suspect itself comes from no queue (Lifeguard), so
    what was sent to the suspect counts only where too little was sent.

    Parameters
    ----------
    mult : int
        RetransmitMult.
    """

    name = "news is sent as often as the limit says"

    def __init__(self, mult: int):
        self._mult = checks.whole("mult", mult, 1)
        self._members: set[str] = set()
        # by sender and subject, the claim that was sent last, and how often to others than the subject
        self._sent: dict[tuple[str, str], tuple[Claim, int]] = {}
        self._to_subject: Counter[tuple[str, Claim]] = Counter()
        self._emptied: dict[str, float] = {}

    def follow(self, event: Event) -> str | None:
        time, node, kind, fields = event
        wrong = self._too_seldom(time) if self._emptied else None
        if kind == "beliefs":
            self._members.update(*fields["view"].values())
        elif kind in ("crash", "leave"):
            self._forget(node)
        elif kind == "queue":
            if fields["length"] == 0:
                self._emptied[node] = time
            else:
                self._emptied.pop(node, None)
        elif kind == "send":
            message = fields["message"]
            for part in message.parts if type(message) is Compound else (message,):
                if isinstance(part, Claim):
                    wrong = wrong or self._count(node, fields["to"], part)
        return wrong

    def _count(self, node: str, to: str, claim: Claim) -> str | None:
        if to == claim.node:
            self._to_subject[node, claim] += 1
            return None
        known, count = self._sent.get((node, claim.node), (None, 0))
        count = count + 1 if known == claim else 1
        self._sent[node, claim.node] = claim, count
        limit = retransmit_limit(self._mult, max(1, len(self._members)))
        if count > limit:
            return f"{node} sends {claim!r} for the {count}th time, and the limit is {limit}"
        return None

    def _too_seldom(self, now: float) -> str | None:
        """The queue's row comes before what was taken from it is sent, at the same instant."""
        wrong = None
        for node in [node for node, at in self._emptied.items() if at < now]:
            least = retransmit_limit(self._mult, 1)
            for (sender, _), (claim, others) in self._sent.items():
                count = others + self._to_subject[sender, claim]
                if sender == node and count < least:
                    wrong = f"{node} has sent {claim!r} {count} times and has nothing left to send, and the limit is {least}"
            self._forget(node)
        return wrong

    def _forget(self, node: str) -> None:
        self._emptied.pop(node, None)
        for counts in (self._sent, self._to_subject):
            for pair in [pair for pair in counts if pair[0] == node]:
                del counts[pair]


class HintsReplayedOnce:
    """A hint is delivered once, and only if it is there."""

    name = "a hint is replayed once"

    def __init__(self):
        self._held: set[tuple] = set()

    def follow(self, event: Event) -> str | None:
        if not event.kind.startswith("hint-") or event.kind == "hint-not-stored":
            return None
        hint = event.node, event.fields["about"], event.fields["hint"]
        if event.kind == "hint-stored":
            self._held.add(hint)
        elif hint in self._held:
            self._held.remove(hint)
        elif event.kind == "hint-delivered":
            return f"{event.node} has delivered hint {hint[2]} to {hint[1]}, and holds no such hint any more"
        return None


class AcknowledgedOnQuorum:
    """From the moment at which a client is told that its write is kept, a quorum of replicas has it, or something newer.

    It is for writes at QUORUM where versions are the coordinator's time and all clocks are right, as in a `Cassandra` without
    the fault ``clock``.

    Parameters
    ----------
    quorum : int
        Replicas.
    """

    name = "what was acknowledged is held by a quorum"

    def __init__(self, quorum: int):
        self._quorum = checks.whole("quorum", quorum, 1)
        self._begun: dict[int, tuple[str, float]] = {}
        self._versions: dict[str, dict[str, float]] = {}

    def follow(self, event: Event) -> str | None:
        kind, fields = event.kind, event.fields
        if kind == "operation-begun" and fields["what"] in ("write", "delete"):
            self._begun[fields["operation"]] = fields["key"], event.time
        elif kind == "applied":
            self._versions.setdefault(fields["key"], {})[event.node] = fields["version"]
        elif kind == "operation-ended" and fields["operation"] in self._begun:
            key, begun_s = self._begun.pop(fields["operation"])
            if fields["status"] is Status.OK:
                held = [name for name, version in self._versions.get(key, {}).items() if version >= begun_s]
                if len(held) < self._quorum:
                    return f"the write of {key!r} is acknowledged and held by {', '.join(held) or 'nobody'}"
        return None


class TombstonesKept:
    """No replica throws a deletion away before it is older than gc_grace, or a row that lives at all.

    It is for versions that are times, as `AcknowledgedOnQuorum`.

    Parameters
    ----------
    gc_grace_s : float
        Seconds.
    """

    name = "no tombstone is dropped before gc_grace"

    def __init__(self, gc_grace_s: float):
        checks.number("gc_grace_s", gc_grace_s)
        self._gc_grace_s = gc_grace_s
        self._cells: dict[tuple[str, str], tuple[tuple, float]] = {}

    def follow(self, event: Event) -> str | None:
        if event.kind == "applied":
            self._cells[event.node, event.fields["key"]] = event.fields["values"], event.fields["version"]
        elif event.kind == "compacted":
            for key in event.fields["keys"]:
                values, version = self._cells.pop((event.node, key))
                if values:
                    return f"{event.node} throws {key!r} away, which is no tombstone"
                if event.time - version < self._gc_grace_s:
                    return (
                        f"{event.node} throws the tombstone of {key!r} away after {event.time - version:.1f} s, "
                        f"and gc_grace is {self._gc_grace_s:g} s"
                    )
        return None


FAULTS = frozenset(
    ("crash", "restart", "pause", "wake", "partition", "heal", "cut", "mend", "set_loss", "set_corrupt", "clock", "join", "leave")
)  # fmt: skip


class _AfterQuiet:
    """What must hold once nothing has disturbed the cluster for a while, and nothing keeps its nodes apart."""

    disturbs = FAULTS

    def __init__(self, settle_s: float):
        checks.number("settle_s", settle_s)
        self._settle_s = settle_s
        self._quiet_s = 0.0
        self._apart: set = set()
        self._state = Rebuilt()
        self._asked = False

    def follow(self, event: Event) -> str | None:
        time, _, kind, fields = event
        self._state.follow(event)
        if kind in self.disturbs:
            self._quiet_s, self._asked = time, False
            if kind == "partition":
                self._apart.add(kind)
            elif kind == "cut":
                self._apart.add(frozenset((fields["a"], fields["b"])))
            elif kind == "mend":
                self._apart.discard(frozenset((fields["a"], fields["b"])))
            elif kind == "heal":
                self._apart.clear()
            elif kind in ("set_loss", "set_corrupt") and fields["p"]:
                self._apart.add(kind)
            elif kind in ("set_loss", "set_corrupt"):
                self._apart.discard(kind)
        # once at the end of the time, and then where anything changes
        if self._apart or time - self._quiet_s < self._settle_s or (self._asked and not self.changes(event)):
            return None
        self._asked = True
        return self.wrong(self._state)

    def changes(self, event: Event) -> bool:
        """Whether an event changes what is asked."""
        raise NotImplementedError

    def wrong(self, state: Rebuilt) -> str | None:
        """What is wrong with a cluster that has had its time."""
        raise NotImplementedError


class ViewsEqual(_AfterQuiet):
    """Members that run believe of each other what each believes of itself, and of none that is down.

    Parameters
    ----------
    settle_s : float
        How long after the last fault, in seconds.
    """

    name = "views are equal after healing"

    def changes(self, event: Event) -> bool:
        return "belief" in event.fields or event.kind == "beliefs"

    def wrong(self, state: Rebuilt) -> str | None:
        beliefs = state.beliefs
        for node, view in beliefs.items():
            for about, other in beliefs.items():
                if view.get(about) != other[about]:
                    return f"{node} believes that {about} is {view.get(about)}, and it is {other[about]}"
            for about, belief in view.items():
                if about not in beliefs and belief == view[node]:
                    return f"{node} believes that {about} is {belief}, and it is down"
        return None


class CopiesEqual(_AfterQuiet):
    """All homes of a key that run hold the same version of it.

    Parameters
    ----------
    settle_s : float
        How long after the last fault or write, in seconds.
    homes : callable
        From a key to the names of the nodes that are to hold it.
    """

    name = "copies are equal after repair"
    disturbs = FAULTS | {"operation-begun"}

    def __init__(self, settle_s: float, homes: Callable[[str], Iterable[str]]):
        super().__init__(settle_s)
        self._homes = homes

    def changes(self, event: Event) -> bool:
        return event.kind == "applied"

    def wrong(self, state: Rebuilt) -> str | None:
        for key in sorted({key for _, key in state.applied}):
            running = [name for name in self._homes(key) if name in state.beliefs]
            held = {name: state.applied.get((name, key)) for name in running}
            first = next(iter(held), None)
            for name in running:
                if held[name] != held[first]:
                    return f"{first} and {name} hold different copies of {key!r}"
        return None
