"""serf's part of membership: who means to leave, who has left and who has failed, in Lamport time.

memberlist knows that a member is gone; serf knows whether it meant to. A member that leaves says so first (`LeaveIntent`),
and one that joins says that too (`JoinIntent`). Each intent has a Lamport time, and counts only if that is later than the
latest one known of the member:

===============  =====================================================  =============================================
intent           about a member that is                                 what follows
===============  =====================================================  =============================================
leave or join    not known yet                                          it is kept until the member comes; passed on
                                                                        if it is later than what is kept
leave or join    of an older or equal time                              nothing
leave            oneself, who stays                                     a join at one's own time, which refutes it
leave            alive                                                  leaving: its death will be a leave
leave            failed                                                 left
leave            leaving or left                                        passed on
join             leaving                                                alive: the farewell was an older one
join             another                                                passed on
===============  =====================================================  =============================================

References
----------
hashicorp/serf, serf/serf.go: handleNodeJoin, handleNodeLeave, handleNodeJoinIntent, handleNodeLeaveIntent, upsertIntent,
reap; serf/delegate.go: LocalState, MergeRemoteState.
"""

from typing import NamedTuple

from ...sim import Word
from .events import LamportClock
from .membership import Change
from .messages import JoinIntent, LeaveIntent

Intent = JoinIntent | LeaveIntent

RECENT_INTENT_TIMEOUT_S = 300.0
"""For so long an intent is kept whose member is not known (serf/config.go, RecentIntentTimeout)."""
TOMBSTONE_TIMEOUT_S = 86400.0
"""For so long who has left is listed as such (serf/config.go, TombstoneTimeout)."""


class Status(Word):
    """serf's word for a member that memberlist still takes for alive; for the others memberlist's words are shown."""

    LEAVING = "leaving"


class Heard(Word):
    """What becomes of an intent."""

    IGNORE = "ignore"
    PASS_ON = "pass on"
    LEAVING = "leaving"  # and pass on
    LEFT = "left"  # and pass on
    STAYS = "stays"  # and pass on: it was leaving
    REFUTE = "refute"


class Gone(NamedTuple):
    """Since when a member is gone, in seconds, and where it was."""

    since_s: float
    address: str


class Serf:
    """What one member's serf remembers beside memberlist's view.

    Parameters
    ----------
    name : str
        Its own.

    Attributes
    ----------
    clock : LamportClock
    failed, left : dict of str to Gone
        They outlive memberlist's memory of the dead.
    leaving : set of str
    """

    __slots__ = ("_name", "_recent", "_times", "clock", "failed", "leaving", "left")

    def __init__(self, name: str):
        self._name = name
        self.clock = LamportClock()
        self.clock.increment()  # so that the first intent is later than no intent, whose time is 0
        self.failed: dict[str, Gone] = {}
        self.left: dict[str, Gone] = {}
        self.leaving: set[str] = set()
        self._times: dict[str, int] = {}  # of the latest intent, where it is not 0: serf's statusLTime
        self._recent: dict[str, tuple[Intent, float]] = {}  # about members that are not known yet

    @property
    def status_ltimes(self) -> tuple[tuple[str, int], ...]:
        """The Lamport time of each member's latest intent, where there was one."""
        return tuple(self._times.items())

    def intent(self, kind: type[Intent]) -> Intent:
        """An intent of one's own, at the present Lamport time."""
        made = kind(self.clock.time, self._name)
        self.clock.increment()
        self._times[self._name] = made.ltime
        if kind is LeaveIntent:
            self.leaving.add(self._name)
        return made

    def handle_node_join(self, name: str, now_s: float) -> None:
        """memberlist has admitted a member; an intent that came before it counts now."""
        known = self.failed.pop(name, None) or self.left.pop(name, None) or name in self.leaving
        self.leaving.discard(name)
        early = self._recent.pop(name, None)
        if not known and early is not None and now_s - early[1] <= RECENT_INTENT_TIMEOUT_S:
            self._times[name] = early[0].ltime
            if type(early[0]) is LeaveIntent:
                self.leaving.add(name)

    def handle_node_leave(self, name: str, address: str, now_s: float) -> Change:
        """memberlist takes a member for dead or gone; whether that is a failure, its intent says."""
        gone = Gone(now_s, address)
        # handleNodeLeave: a member that had said that it leaves has left, however memberlist learnt of its end
        if name in self.leaving:
            self.leaving.discard(name)
            self.left[name] = gone
            return Change.LEAVE
        self.failed[name] = gone
        return Change.FAILED

    def handle_intent(self, intent: Intent, known: bool, now_s: float) -> Heard:
        """serf's handleNodeJoinIntent and handleNodeLeaveIntent; ``known`` says whether memberlist knows the member."""
        self.clock.witness(intent.ltime)
        name = intent.node
        if not known and name not in self.failed and name not in self.left:
            return self._upsert(intent, now_s)
        if intent.ltime <= self._times.get(name, 0):
            return Heard.IGNORE
        leave = type(intent) is LeaveIntent
        if leave and name == self._name and name not in self.leaving:
            return Heard.REFUTE
        # the time is kept also where the state stays as it is: else each repetition of an intent would count as news, and two
        # members could refute each other for ever
        self._times[name] = intent.ltime
        if not leave:
            if name not in self.leaving:
                return Heard.PASS_ON
            self.leaving.discard(name)
            return Heard.STAYS
        if name in self.failed:
            # the farewell was slower than the failure detector: it was no failure after all, and is not tried again
            self.left[name] = self.failed.pop(name)
            return Heard.LEFT
        if name in self.leaving or name in self.left:
            return Heard.PASS_ON
        self.leaving.add(name)
        return Heard.LEAVING

    def _upsert(self, intent: Intent, now_s: float) -> Heard:
        # gossip keeps no order: an intent can be here before the member that it is about
        before = self._recent.get(intent.node)
        if before is not None and before[0].ltime >= intent.ltime:
            return Heard.IGNORE
        self._recent[intent.node] = intent, now_s
        return Heard.PASS_ON

    def reap(self, reconnect_timeout_s: float, now_s: float) -> list[str]:
        """Who is given up now: failed or gone for too long."""
        given_up: list[str] = []
        if not (self.failed or self.left or self._recent):
            return given_up
        for list_, timeout_s in ((self.failed, reconnect_timeout_s), (self.left, TOMBSTONE_TIMEOUT_S)):
            for name in [name for name, gone in list_.items() if now_s - gone.since_s > timeout_s]:
                del list_[name]
                self._times.pop(name, None)
                given_up.append(name)
        for name in [n for n, (_, at) in self._recent.items() if now_s - at > RECENT_INTENT_TIMEOUT_S]:
            del self._recent[name]
        return given_up
