"""Who is believed to be what: the rules by which claims about members replace each other.

A claim counts by its incarnation number, which only the member itself raises. Within one incarnation a worse claim beats a
better one. `RULES` is the whole of it: its rows are what is claimed and what is known, its three columns say whether the
claim's incarnation is lower than the known one, equal to it or higher, and its cells are what becomes of the claim.

A name has an address. A claim of life for a known name from another address is a conflict, whatever its incarnation, and
is not believed; but a member that has left, or has been dead for longer than ``dead_node_reclaim_time_s``, may be replaced.

References
----------
hashicorp/memberlist, state.go: aliveNode, suspectNode, deadNode, refute, mergeState, resetNodes; util.go: kRandomNodes.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random
from typing import NamedTuple

from ...sim import Word
from .config import SwimConfig
from .formulas import suspicion_timeout
from .messages import HIGHEST_INCARNATION, Alive, Claim, Dead, Rows, Suspect
from .suspicion import Suspicion


class State(Word):
    """What a member is believed to be; memberlist's NodeStateType."""

    ALIVE = "alive"
    SUSPECT = "suspect"
    DEAD = "dead"
    LEFT = "left"


class Known(Word):
    """The columns of `RULES` that are no state of a remembered member."""

    UNKNOWN = "unknown"
    SELF = "self"
    GONE = "self after leaving"


class Verdict(Word):
    """What becomes of a claim."""

    IGNORE = "ignore"
    ADMIT = "admit"  # alive in this incarnation; a suspicion ends
    ACCUSE = "accuse"  # suspect: a suspicion begins
    CONFIRM = "confirm"  # one more accuser, if it is a new one
    BURY = "bury"  # dead, or left if it says so itself
    COMPARE = "compare"  # about oneself in one's own incarnation: refute if the metadata are not one's own
    REFUTE = "refute"  # about oneself, and wrong: begin a higher incarnation


class Change(Word):
    """What followed from a claim: serf's events, and what happens between them."""

    JOIN = "member-join"
    UPDATE = "member-update"
    FAILED = "member-failed"
    LEAVE = "member-leave"
    ALIVE = "alive"  # a higher incarnation, perhaps the end of a suspicion
    SUSPECT = "suspect"
    CONFIRM = "confirm"
    REFUTE = "refute"
    CONFLICT = "name-conflict"  # the name is another address's


ALIVE, SUSPECT, DEAD, LEFT = State
UNKNOWN, SELF, GONE = Known
IGNORE, ADMIT, ACCUSE, CONFIRM, BURY, COMPARE, REFUTE = Verdict

# Four things to notice. A claim of life needs a higher incarnation, an accusation only the same one: so an accused member has
# to answer by raising its own. Unknown, dead and left members are not accused. A suspicion goes on in the incarnation in which
# it began, whatever those say who confirm it (suspectNode). What others say of oneself is never believed, only answered: a
# higher incarnation of oneself is from a life before a restart.
RULES: dict[type, dict[State | Known, tuple[Verdict, Verdict, Verdict]]] = {
    # known as:   the claim's incarnation is lower, equal, higher
    Alive: {
        UNKNOWN: (IGNORE, IGNORE, ADMIT),  # 0 is nobody's incarnation
        ALIVE: (IGNORE, IGNORE, ADMIT),
        SUSPECT: (IGNORE, IGNORE, ADMIT),
        DEAD: (IGNORE, IGNORE, ADMIT),
        LEFT: (IGNORE, IGNORE, ADMIT),
        SELF: (IGNORE, COMPARE, REFUTE),
        GONE: (IGNORE, IGNORE, IGNORE),  # its own farewell must not be answered by itself
    },
    Suspect: {
        UNKNOWN: (IGNORE, IGNORE, IGNORE),
        ALIVE: (IGNORE, ACCUSE, ACCUSE),
        SUSPECT: (IGNORE, CONFIRM, CONFIRM),
        DEAD: (IGNORE, IGNORE, IGNORE),
        LEFT: (IGNORE, IGNORE, IGNORE),
        SELF: (IGNORE, REFUTE, REFUTE),
        GONE: (IGNORE, IGNORE, IGNORE),
    },
    Dead: {
        UNKNOWN: (IGNORE, IGNORE, IGNORE),
        ALIVE: (IGNORE, BURY, BURY),
        SUSPECT: (IGNORE, BURY, BURY),
        DEAD: (IGNORE, IGNORE, IGNORE),
        LEFT: (IGNORE, IGNORE, IGNORE),
        SELF: (IGNORE, REFUTE, REFUTE),
        GONE: (IGNORE, IGNORE, IGNORE),
    },
}


class Effects(NamedTuple):
    """What followed from a claim: None for nothing, and what is now to be gossiped, the claim itself or its refutation."""

    change: Change | None
    broadcast: Claim | None


NOTHING = Effects(None, None)
REFUSED = Effects(Change.CONFLICT, None)


class Member:
    """What is believed of one member; ``since_s`` is when its state last changed, in seconds."""

    __slots__ = ("address", "incarnation", "metadata", "name", "shared", "since_s", "state", "suspicion")

    def __init__(self, name: str):
        self.name = self.address = name
        self.incarnation = 0
        self.state = DEAD
        self.metadata = ""
        self.since_s = 0.0
        self.suspicion: Suspicion | None = None
        self.shared = False  # by the views of a settled cluster: then it is copied before it is changed

    def __repr__(self) -> str:
        return f"<{self.name} {self.state} in incarnation {self.incarnation}>"


@lru_cache(maxsize=4)
def _settled(names: tuple[str, ...], now_s: float) -> tuple[dict[str, Member], Rows]:
    """Members that are all alive in incarnation 1, and what a push/pull says of them.

    Many views begin with the same belief. They share it until they change it, or a cluster of n members would be n * n
    objects before anything has happened.
    """
    members = {}
    for name in names:
        member = members[name] = Member(name)
        member.incarnation, member.state, member.since_s, member.shared = 1, ALIVE, now_s, True
    return members, _rows(members.values())


def _rows(members) -> Rows:
    return Rows((m.name, m.incarnation, m.state, m.metadata, m.address) for m in members)


def _after(incarnation: int) -> int:
    """The next number that 32 bits hold."""
    return (incarnation + 1) & HIGHEST_INCARNATION


class Membership:
    """One member's view of all. It sends nothing and holds no timers: what is to be done, `apply` returns.

    Parameters
    ----------
    name : str
        Whose view it is.
    config : SwimConfig
    random : random.Random
        For the order of probing and for random members.
    metadata : str
        One's own.
    now_s : float
        Seconds.
    address : str, optional
        One's own, by default the name.
    settled : tuple of str
        Members that are known from the beginning, alive in incarnation 1.

    Attributes
    ----------
    me : Member
        Oneself.
    """

    def __init__(
        self,
        name: str,
        config: SwimConfig,
        random: Random,
        metadata: str = "",
        now_s: float = 0.0,
        address: str | None = None,
        settled: tuple[str, ...] = (),
    ):
        self.name, self._config, self._random = name, config, random.random
        self._mine: dict[str, Member] = {}
        # shared with the other views of a settled cluster; a name that is in both dicts counts as it is in the first
        self._shared: dict[str, Member] = {}
        self._order: list[Member] = []  # in which they are probed
        self._next = 0
        self._left = False
        self._states: Rows | None = None  # made anew only after a change: at rest all exchanges share it
        self._all_alive: Rows | None = None  # the states of a settled cluster, in which nothing is news
        if settled:
            self._shared, rows = _settled(settled, now_s)
            self._order = [*self._shared.values()]
            if name in self._shared:
                self._order.remove(self._shared[name])
        self.me = self._meet(name)
        self.me.address = address or name
        self._admit(self.me, Alive(1, name, metadata, self.me.address), now_s)
        if settled:
            self._next = len(self._order)  # shuffled before the first is probed
            if name in self._shared and not metadata and self.me.address == name:
                self._states = self._all_alive = rows

    def __len__(self) -> int:
        """All that are remembered: oneself, and the dead until they are forgotten. memberlist's estNumNodes."""
        return len(self._order)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._order)

    def __getitem__(self, name: str) -> Member:
        return self._mine.get(name) or self._shared[name]

    def __contains__(self, name: str) -> bool:
        return name in self._mine or name in self._shared

    def get(self, name: str) -> Member | None:
        """What is believed of a member; None for one that is not known."""
        return self._mine.get(name) or self._shared.get(name)

    def known_as(self, name: str) -> State | Known:
        """The column of `RULES` in which a name stands."""
        if name == self.name:
            return GONE if self._left else SELF
        member = self.get(name)
        return UNKNOWN if member is None else member.state

    def apply(self, claim: Claim, now_s: float) -> Effects:
        """Believe a claim, or not: state.go's aliveNode, suspectNode and deadNode, by `RULES`.

        Parameters
        ----------
        claim : Alive, Suspect or Dead
        now_s : float
            Seconds; suspicions and the time to forget the dead count from it.

        Returns
        -------
        Effects
        """
        name, kind = claim.node, type(claim)
        member = self._mine.get(name) or self._shared.get(name)
        if member is None:
            known, incarnation = UNKNOWN, 0
        else:
            known = self.known_as(name) if member is self.me else member.state
            incarnation = member.incarnation
        if kind is Alive and member is not None and member.address != (claim.address or name):
            # the address counts before the incarnation: a member that takes over a name begins with a low one
            if not self._can_be_replaced(member, now_s):
                return REFUSED
            verdict = ADMIT
        else:
            relation = (claim.incarnation > incarnation) - (claim.incarnation < incarnation)
            verdict = RULES[kind][known][1 + relation]
        if verdict is IGNORE:
            return NOTHING
        if claim.incarnation == HIGHEST_INCARNATION and self._config.refuse_unrefutable and kind is not Alive:
            return NOTHING
        if verdict is CONFIRM:
            return Effects(Change.CONFIRM, claim) if member.suspicion.confirm(claim.accuser) else NOTHING
        if verdict is REFUTE or verdict is COMPARE:
            # the usual case of COMPARE: one's own claim comes back in gossip
            if verdict is COMPARE and claim.metadata == member.metadata:
                return NOTHING
            return Effects(Change.REFUTE, self._refute(claim.incarnation))
        member = self._meet(name) if member is None else self._own(member)
        if verdict is ADMIT:
            return Effects(self._admit(member, claim, now_s), claim)
        if verdict is ACCUSE:
            self._set(member, claim.incarnation, SUSPECT, now_s)
            member.suspicion = self._suspicion(claim.accuser, now_s)
            return Effects(Change.SUSPECT, claim)
        return self._bury(member, claim, now_s)

    def _can_be_replaced(self, member: Member, now_s: float) -> bool:
        """aliveNode: whether another address may take over a name."""
        # a member that left has given its name up; a dead one may only be cut off, and has DeadNodeReclaimTime to come back
        if member.state is LEFT and member is not self.me:
            return True
        reclaim_s = self._config.dead_node_reclaim_time_s
        return member.state is DEAD and 0 < reclaim_s < now_s - member.since_s

    def _admit(self, member: Member, claim: Alive, now_s: float) -> Change:
        """aliveNode: of a member that was dead or gone it is a join."""
        if member.state is DEAD or member.state is LEFT:
            change = Change.JOIN
        else:
            change = Change.ALIVE if claim.metadata == member.metadata else Change.UPDATE
        member.metadata, member.address = claim.metadata, claim.address or claim.node
        self._set(member, claim.incarnation, ALIVE, now_s)
        return change

    def _bury(self, member: Member, claim: Dead, now_s: float) -> Effects:
        """deadNode: who is named dead by itself has left."""
        left = claim.node == claim.accuser
        # two states: the dead are gossiped to for a while, because they may have been buried wrongly; those that left are not
        self._set(member, claim.incarnation, LEFT if left else DEAD, now_s)
        return Effects(Change.LEAVE if left else Change.FAILED, claim)

    def _set(self, member: Member, incarnation: int, state: State, now_s: float) -> None:
        self._states = None
        member.incarnation, member.suspicion = incarnation, None
        if member.state is not state:
            member.state, member.since_s = state, now_s

    def _own(self, member: Member) -> Member:
        """The member, in a copy of this view's own if other views share it."""
        if not member.shared:
            return member
        own = self._mine[member.name] = Member(member.name)
        own.address, own.metadata = member.address, member.metadata
        own.incarnation, own.state, own.since_s = member.incarnation, member.state, member.since_s
        self._order[self._order.index(member)] = own
        return own

    def _suspicion(self, accuser: str, now_s: float) -> Suspicion:
        """suspectNode: how long it may last, and who can shorten it."""
        n, config = len(self._order), self._config
        # two probe intervals are lost because members do not probe in step, and k is smaller by as much
        k = max(0, config.suspicion_mult - 2)
        if n - 2 < k:  # without oneself and the suspect there are not enough members to confirm
            k = 0
        min_s = suspicion_timeout(config.suspicion_mult, n, config.probe_interval_s)
        return Suspicion(accuser, k, min_s, config.suspicion_max_timeout_mult * min_s, now_s)

    def _refute(self, accused: int) -> Alive:
        """refute: begin an incarnation above the accused one."""
        me, self._states = self.me, None
        # refute skips beyond the accused one: after a restart the others can remember a higher incarnation than one's own
        me.incarnation = _after(me.incarnation)
        if accused >= me.incarnation:
            me.incarnation = _after(accused)
        # nothing is above the highest: without the fix the member begins again at 0, and everybody ignores that (memberlist's 358)
        if me.incarnation < accused and self._config.refuse_unrefutable:
            me.incarnation = HIGHEST_INCARNATION
        return self._claim_of_life()

    def _claim_of_life(self) -> Alive:
        me = self.me
        return Alive(me.incarnation, me.name, me.metadata, "" if me.address == me.name else me.address)

    def update(self, metadata: str) -> Effects:
        """UpdateNode: change one's own metadata. Only a new incarnation makes others take them."""
        self.me.metadata = metadata
        return Effects(Change.UPDATE, self._refute(0))

    def leave(self, now_s: float) -> Effects:
        """Leave: bury oneself, which is what makes it a leave; nothing is refuted any more."""
        self._left = True
        return self._bury(self.me, Dead(self.me.incarnation, self.name, self.name), now_s)

    def states(self) -> Rows:
        """sendLocalState: all that is known, for a push/pull."""
        if self._states is None:
            self._states = _rows(self._order)
        return self._states

    def claims(self, states: Rows) -> Iterator[Claim]:
        """mergeState: what a remote push/pull claims here, without what is believed already.

        A member that the other side buried arrives as a suspect of our own, not as dead: nobody is buried by hearsay,
        and whoever is alive gets the time to refute.
        """
        if states is self._all_alive and states is self._states:
            return
        for name, incarnation, state, metadata, address in states:
            if state is ALIVE:
                member = self.get(name)
                if (
                    member is None
                    or member is self.me
                    or member.incarnation < incarnation
                    or member.address != address
                ):
                    yield Alive(incarnation, name, metadata, "" if address == name else address)
            elif state is LEFT:
                yield Dead(incarnation, name, name)
            else:
                # the accuser is oneself, as in mergeState: what came by push/pull is one voice, whoever spoke first
                yield Suspect(incarnation, name, self.name)

    def _meet(self, name: str) -> Member:
        """aliveNode, of a name that is new."""
        member = self._mine[name] = Member(name)
        # at a random place among those to be probed: if newcomers queued up at the end, their crash would be noticed late
        order = self._order
        at = int(self._random() * len(order))
        order.append(member)
        order[at], order[-1] = order[-1], order[at]
        return member

    def next_to_probe(self, now_s: float) -> Member | None:
        """probe: the next in a round robin over a shuffled list, reshuffled at each wrap; None if there is nobody to probe.

        At the wrap those who have been dead for longer than ``gossip_to_the_dead_time_s`` are forgotten.
        """
        considered, order = 0, self._order
        while considered < len(order):
            considered += 1
            at = self._next
            if at >= len(order):
                order = self._reset_nodes(now_s)
                self._next = 0
                continue
            self._next, member = at + 1, order[at]
            state = member.state
            if (state is ALIVE or state is SUSPECT) and member is not self.me:
                return member
        return None

    def _reset_nodes(self, now_s: float) -> list[Member]:
        """resetNodes: forget the dead, and shuffle; the new order."""
        oldest = now_s - self._config.gossip_to_the_dead_time_s
        order, forgotten = [], []
        for member in self._order:
            if (member.state is DEAD or member.state is LEFT) and member.since_s < oldest:
                forgotten.append(member.name)
            else:
                order.append(member)
        if forgotten:
            # from now on this view shares nothing: in what is shared, the forgotten are still alive
            self._mine, self._shared, self._states = self._shared | self._mine, {}, None
            for name in forgotten:
                del self._mine[name]
        draw = self._random
        for last in range(len(order) - 1, 0, -1):
            at = int(draw() * (last + 1))
            order[at], order[last] = order[last], order[at]
        self._order = order
        return order

    def choose(self, k: int, eligible: Callable[[Member], bool]) -> list[Member]:
        """kRandomNodes: up to ``k`` different random members, never oneself.

        With fewer than ``3 * k`` members all are looked at. Beyond that it is ``3 * n`` draws at most, which may find
        fewer than there are.
        """
        order, draw, chosen = self._order, self._random, []
        n = len(order)
        if n < 3 * k:
            rest = [m for m in order if m is not self.me and eligible(m)]
            while rest and len(chosen) < k:
                chosen.append(rest.pop(int(draw() * len(rest))))
            return chosen
        for _ in range(3 * n):
            if len(chosen) == k:
                break
            member = order[int(draw() * n)]
            if member is not self.me and member not in chosen and eligible(member):
                chosen.append(member)
        return chosen
