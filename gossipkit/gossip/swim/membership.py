"""Who is believed to be what: the rules by which claims about members replace each other.

A claim counts by its incarnation number, which only the member itself raises, and within one incarnation a worse claim
beats a better one. `RULES` says so in full: from what is claimed and what is known, and whether the claim's incarnation
is lower than, equal to or higher than the known one, follows what becomes of the claim.

References
----------
hashicorp/memberlist, state.go: aliveNode, suspectNode, deadNode, refute, mergeState, resetNodes; util.go: kRandomNodes.
What memberlist does when one name is claimed from two addresses has no place here: a name is an address.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from .config import SwimConfig
from .formulas import suspicion_timeout
from .messages import Alive, Claim, Dead, State, Suspect
from .suspicion import Suspicion

ALIVE, SUSPECT, DEAD, LEFT = "alive", "suspect", "dead", "left"
UNKNOWN, SELF, GONE = "unknown", "self", "self after leaving"

IGNORE, ADMIT, ACCUSE, CONFIRM, BURY, COMPARE, REFUTE = (
    "ignore",
    "admit",  # alive in this incarnation; a suspicion ends
    "accuse",  # suspect: a suspicion begins
    "confirm",  # one more accuser, if it is a new one
    "bury",  # dead, or left if it says so itself
    "compare",  # about oneself in one's own incarnation: refute if the metadata are not one's own
    "refute",  # about oneself, and wrong: begin a higher incarnation
)

RULES: dict[type, dict[str, tuple[str, str, str]]] = {
    # known as:   the claim's incarnation is lower, equal, higher
    Alive: {
        UNKNOWN: (IGNORE, IGNORE, ADMIT),  # 0 is nobody's incarnation
        ALIVE: (IGNORE, IGNORE, ADMIT),
        SUSPECT: (IGNORE, IGNORE, ADMIT),
        DEAD: (IGNORE, IGNORE, ADMIT),
        LEFT: (IGNORE, IGNORE, ADMIT),
        SELF: (IGNORE, COMPARE, REFUTE),
        GONE: (IGNORE, IGNORE, IGNORE),
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
    """What followed from a claim.

    ``change`` is None for nothing; serf's ``member-join``, ``member-update``, ``member-failed``, ``member-leave``; or
    ``alive`` (a higher incarnation, perhaps the end of a suspicion), ``suspect``, ``confirm``, ``refute``. ``broadcast``
    is what is now to be gossiped: the claim itself, or the refutation of it.
    """

    change: str | None
    broadcast: Claim | None


NOTHING = Effects(None, None)


class Member:
    """What is believed of one member; ``since_s`` is when its state last changed, in seconds."""

    __slots__ = ("incarnation", "metadata", "name", "since_s", "state", "suspicion")

    def __init__(self, name: str):
        self.name = name
        self.incarnation = 0
        self.state = DEAD
        self.metadata = ""
        self.since_s = 0.0
        self.suspicion: Suspicion | None = None

    def __repr__(self) -> str:
        return f"<{self.name} {self.state} in incarnation {self.incarnation}>"


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

    Attributes
    ----------
    me : Member
        Oneself.
    """

    def __init__(self, name: str, config: SwimConfig, random: Random, metadata: str = "", now_s: float = 0.0):
        self.name, self._config, self._random = name, config, random.random
        self._by_name: dict[str, Member] = {}
        self._order: list[Member] = []  # in which they are probed
        self._next = 0
        self._left = False
        self._states: tuple[State, ...] | None = (
            None  # made anew only after a change: at rest all exchanges share it
        )
        self.me = self._meet(name)
        self._admit(self.me, Alive(1, name, metadata), now_s)

    def __len__(self) -> int:
        """All that are remembered: oneself, and the dead until they are forgotten. memberlist's estNumNodes."""
        return len(self._order)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._order)

    def __getitem__(self, name: str) -> Member:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def known_as(self, name: str) -> str:
        """alive, suspect, dead, left, unknown, self, or self after leaving: the columns of `RULES`."""
        if name == self.name:
            return GONE if self._left else SELF
        member = self._by_name.get(name)
        return UNKNOWN if member is None else member.state

    def apply(self, claim: Claim, now_s: float) -> Effects:
        """Believe a claim, or not.

        Parameters
        ----------
        claim : Alive, Suspect or Dead
        now_s : float
            Seconds; suspicions and the time to forget the dead count from it.

        Returns
        -------
        Effects
        """
        member = self._by_name.get(claim.node)
        if member is None:
            known, incarnation = UNKNOWN, 0
        else:
            known = self.known_as(claim.node) if member is self.me else member.state
            incarnation = member.incarnation
        relation = (claim.incarnation > incarnation) - (claim.incarnation < incarnation)
        verdict = RULES[type(claim)][known][1 + relation]
        if verdict is IGNORE:
            return NOTHING
        if verdict is CONFIRM:
            return Effects("confirm", claim) if member.suspicion.confirm(claim.accuser) else NOTHING
        if verdict is REFUTE or verdict is COMPARE:
            if verdict is COMPARE and claim.metadata == member.metadata:
                return NOTHING
            return Effects("refute", self._raise_incarnation(claim.incarnation))
        if verdict is ADMIT:
            return Effects(self._admit(member or self._meet(claim.node), claim, now_s), claim)
        if verdict is ACCUSE:
            self._set(member, claim.incarnation, SUSPECT, now_s)
            member.suspicion = self._suspicion(claim.accuser, now_s)
            return Effects("suspect", claim)
        return self._bury(member, claim, now_s)

    def _admit(self, member: Member, claim: Alive, now_s: float) -> str:
        if member.state is DEAD or member.state is LEFT:
            change = "member-join"
        else:
            change = "alive" if claim.metadata == member.metadata else "member-update"
        member.metadata = claim.metadata
        self._set(member, claim.incarnation, ALIVE, now_s)
        return change

    def _bury(self, member: Member, claim: Dead, now_s: float) -> Effects:
        left = claim.node == claim.accuser
        self._set(member, claim.incarnation, LEFT if left else DEAD, now_s)
        return Effects("member-leave" if left else "member-failed", claim)

    def _set(self, member: Member, incarnation: int, state: str, now_s: float) -> None:
        self._states = None
        member.incarnation, member.suspicion = incarnation, None
        if member.state is not state:
            member.state, member.since_s = state, now_s

    def _suspicion(self, accuser: str, now_s: float) -> Suspicion:
        n, config = len(self._order), self._config
        # two probe intervals are lost because members do not probe in step, and k is smaller by as much
        k = max(0, config.suspicion_mult - 2)
        if n - 2 < k:  # without oneself and the suspect there are not enough members to confirm
            k = 0
        min_s = suspicion_timeout(config.suspicion_mult, n, config.probe_interval_s)
        return Suspicion(accuser, k, min_s, config.suspicion_max_timeout_mult * min_s, now_s)

    def _raise_incarnation(self, accused: int) -> Alive:
        me, self._states = self.me, None
        me.incarnation = max(me.incarnation, accused) + 1
        return Alive(me.incarnation, me.name, me.metadata)

    def update(self, metadata: str) -> Effects:
        """Change one's own metadata, in a new incarnation."""
        self.me.metadata = metadata
        return Effects("member-update", self._raise_incarnation(0))

    def leave(self, now_s: float) -> Effects:
        """Bury oneself, which is what makes it a leave; nothing is refuted any more."""
        self._left = True
        return self._bury(self.me, Dead(self.me.incarnation, self.name, self.name), now_s)

    def states(self) -> tuple[State, ...]:
        """All that is known, for a push/pull."""
        if self._states is None:
            self._states = tuple((m.name, m.incarnation, m.state, m.metadata) for m in self._order)
        return self._states

    def claims(self, states: tuple[State, ...]) -> Iterator[Claim]:
        """What a remote push/pull claims here, without what is believed already.

        A member that the other side buried arrives as a suspect of our own, not as dead: nobody is buried by hearsay,
        and whoever is alive gets the time to refute.
        """
        for name, incarnation, state, metadata in states:
            if state == ALIVE:
                member = self._by_name.get(name)
                if member is None or member is self.me or member.incarnation < incarnation:
                    yield Alive(incarnation, name, metadata)
            elif state == LEFT:
                yield Dead(incarnation, name, name)
            else:
                yield Suspect(incarnation, name, self.name)

    def _meet(self, name: str) -> Member:
        member = self._by_name[name] = Member(name)
        # at a random place among those to be probed: if newcomers queued up at the end, their crash would be noticed late
        order = self._order
        at = int(self._random() * len(order))
        order.append(member)
        order[at], order[-1] = order[-1], order[at]
        return member

    def next_to_probe(self, now_s: float) -> Member | None:
        """The next in a round robin over a shuffled list, reshuffled at each wrap; None if there is nobody to probe.

        At the wrap those who have been dead for longer than ``gossip_to_the_dead_time_s`` are forgotten.
        """
        considered = 0
        while considered < len(self._order):
            considered += 1
            if self._next >= len(self._order):
                self._forget_and_shuffle(now_s)
                self._next = 0
                continue
            member = self._order[self._next]
            self._next += 1
            if member is not self.me and (member.state is ALIVE or member.state is SUSPECT):
                return member
        return None

    def _forget_and_shuffle(self, now_s: float) -> None:
        oldest = now_s - self._config.gossip_to_the_dead_time_s
        order = []
        for member in self._order:
            if (member.state is DEAD or member.state is LEFT) and member.since_s < oldest:
                del self._by_name[member.name]
                self._states = None
            else:
                order.append(member)
        draw = self._random
        for last in range(len(order) - 1, 0, -1):
            at = int(draw() * (last + 1))
            order[at], order[last] = order[last], order[at]
        self._order = order

    def choose(self, k: int, eligible: Callable[[Member], bool]) -> list[Member]:
        """Up to ``k`` different random members, never oneself; memberlist's kRandomNodes.

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
