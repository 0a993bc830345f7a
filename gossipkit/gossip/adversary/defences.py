"""Defences that need no keys: a cap on versions, first-hand words only, and a quorum of accusers.

| defence | what it stops | what it doesn't stop | what it costs |
|---|---|---|---|
| Cap | one packet that lifts a version to where nobody can follow | the same in steps; any lie within the cap | who refuted more often than the cap while it was cut off is not heard |
| FirstHand | every accusation by hearsay, and leaves in others' names | lies about versions and addresses; ghosts | each member must find each death itself |
| Quorum | a death that few say | a liar with many names; leaves in others' names; versions | a death is believed when so many have said it |
"""

from dataclasses import dataclass

from ...sim import checks
from ..scuttlebutt import Digest, Gossiper
from ..swim import HIGHEST_INCARNATION, Alive, Dead, JoinIntent, LeaveIntent, Suspect, SwimNode
from .guard import Check, Defence, Guarded
from .words import word_of


@dataclass(frozen=True, kw_only=True)
class Cap(Defence):
    """No version far above the known one, of a member or of oneself.

    In SWIM a claim counts only up to ``jump`` above the incarnation that is known of its member. An honest member restarts at
    incarnation 1 while others may remember a far higher one; so who joins hears from those whom it asks in which incarnation
    it was, whatever that is, and begins above it. The first word about a stranger is believed, too, but for the last ``jump``
    incarnations that there are.

    In Scuttlebutt a generation, which is the moment at which a life began, counts up to ``ahead_s`` before the reader's clock,
    also of a stranger; and a version up to ``jump`` above two for each round since then. Both go by the clock, and not by what is
    known: a node that was cut off for long is heard again. That a node was shut down is heard from itself only, for what others
    tell of it then has the highest of all versions.

    Parameters
    ----------
    jump : int
        At least 1. Too low: honest members that refuted more often than that behind a partition are not heard. Too high: the
        top is reached in fewer steps.
    ahead_s : float
        Seconds. Too low: honest restarts on clocks that are ahead are refused. Too high: a forged generation silences its
        victim until its clock gets there.

    References
    ----------
    hashicorp/memberlist, pull request 359 (a limit on what is heard); apache/cassandra, Gossiper.MAX_GENERATION_DIFFERENCE
    (a year, and only for known endpoints); apple/swift-cluster-membership, SWIMInstance.swift, on incarnations beyond a limit.
    """

    called = "cap"
    jump: int = 1000
    ahead_s: float = 3600.0

    def __post_init__(self):
        checks.whole("jump", self.jump, 1, HIGHEST_INCARNATION)
        checks.number("ahead_s", self.ahead_s)

    def watch(self, guard):
        """See `Defence`."""
        return Capped(guard, self)


class Capped(Check):
    """`Cap` at work."""

    called = Cap.called

    def __init__(self, guard: Guarded, cap: Cap):
        super().__init__(guard)
        self._jump, self._ahead_s = cap.jump, cap.ahead_s

    def word(self, sender, word):
        """A word within the jump."""
        node: SwimNode = self.guard.node
        if isinstance(word, JoinIntent | LeaveIntent):
            return word
        known = node.members.get(word.node)
        if known is None or (known is node.members.me and sender in node.joining):
            most = HIGHEST_INCARNATION - self._jump
        else:
            most = known.incarnation + self._jump
        return word if word.incarnation <= most else None

    def state(self, sender, name, state):
        """A state of a generation that is not ahead, at a version that so old a life can have come to."""
        if isinstance(state, Digest):
            generation, version = state.generation, state.max_version
        else:
            generation, version = state.heartbeat.generation, state.max_version
        gossiper: Gossiper = self.guard.node
        lived_s = self.guard.env.clock() - generation
        if lived_s < -self._ahead_s:
            return False
        # a node raises its version once a round, and once for each application state that it sets
        return version <= self._jump + 2 * max(0.0, lived_s) / gossiper.config.interval_s


@dataclass(frozen=True, kw_only=True)
class FirstHand(Defence):
    """An accusation counts only from one's own probes, and a leave only from the one that leaves.

    What others say of oneself is heard, or nothing could be refuted. Claims of life are heard from anybody: without that
    nobody would learn of newcomers.
    """

    called = "first hand"

    def watch(self, guard):
        """See `Defence`."""
        return OwnEyes(guard)


class OwnEyes(Check):
    """`FirstHand` at work."""

    called = FirstHand.called

    def word(self, sender, word):
        """Not an accusation by hearsay."""
        kind, me = type(word), self.guard.env.name
        if kind is Alive or kind is JoinIntent or word.node == me:
            return word
        farewell = kind is LeaveIntent or (kind is Dead and word.accuser == word.node)
        return word if farewell and sender == word.node else None


@dataclass(frozen=True, kw_only=True)
class Quorum(Defence):
    """A death by hearsay is only a suspicion, until so many different members have accused in that incarnation or a later one.

    A suspect has time to refute, and one that is dead has not. Accusers are counted by the name that they give: without
    `Signatures` a liar can invent them. What a member's own timer says needs nobody else.

    Parameters
    ----------
    accusers : int
        At least 2.
    """

    called = "quorum"
    accusers: int = 3

    def __post_init__(self):
        checks.whole("accusers", self.accusers, 2)

    def watch(self, guard):
        """See `Defence`."""
        return Counted(guard, self.accusers)


class Counted(Check):
    """`Quorum` at work."""

    called = Quorum.called

    def __init__(self, guard: Guarded, accusers: int):
        super().__init__(guard)
        self._needed = accusers
        self._said: dict[str, dict[str, int]] = {}  # accused -> accuser -> in which incarnation, at last

    def word(self, sender, word):
        """The word itself, or a suspicion in place of a death."""
        if (
            not isinstance(word, Suspect | Dead)
            or word.accuser == word.node
            or word.node == self.guard.env.name
        ):
            return word
        known = self.guard.node.members.get(word.node)
        if known is None:
            return word
        said = self._said.setdefault(word.node, {})
        said[word.accuser] = max(word.incarnation, said.get(word.accuser, 0))
        if type(word) is Suspect or self._enough(word.node, known.incarnation):
            return word
        return Suspect(word.incarnation, word.node, word.accuser)

    def _enough(self, name: str, incarnation: int) -> bool:
        # accusations of an earlier incarnation have been refuted
        said = self._said.get(name, {}).values()
        return sum(each >= incarnation for each in said) >= self._needed

    def row(self, sender, row):
        """Not an accusation, unless enough have said it: mergeState makes it its reader's own word, and readers add up."""
        word = word_of(row, sender)
        if type(word) is not Suspect or word.node == self.guard.env.name:
            return True
        return self._enough(word.node, word.incarnation)
