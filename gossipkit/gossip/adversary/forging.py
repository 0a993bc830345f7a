"""Lies about others, and two truths about oneself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import checks
from ..scuttlebutt import (
    HIGHEST_VERSION,
    Ack,
    Ack2,
    Digest,
    EndpointState,
    HeartBeatState,
    Syn,
    VersionedValue,
)
from ..swim import HIGHEST_INCARNATION, Alive, Dead, Suspect
from .base import Behaviour, Speaks
from .words import without

if TYPE_CHECKING:
    from .liar import Acting

DEATH, SUSPICION, LIFE, FAREWELL = "dead", "suspect", "alive", "leave"
CLAIMS = (DEATH, SUSPICION, LIFE, FAREWELL)


@dataclass(frozen=True, kw_only=True)
class Forge(Speaks):
    """Say that somebody is dead, suspect, alive or leaving.

    Parameters
    ----------
    about : str
        The victim.
    claim : {"dead", "suspect", "alive", "leave"}
        A leave is a death that its victim seems to announce.
    incarnation : int, optional
        By default what the liar knows of the victim, and for a claim of life one more.
    growth : int
        Added to it at each repetition, up to the highest of 32 bits.
    by : str, optional
        Who seems to accuse; by default the liar itself.
    address : str
        Where the victim is said to live; empty is its own. For claims of life.
    metadata : str
        Of the victim. For claims of life.

    Raises
    ------
    ValueError
        For another claim, a number out of range, or what belongs to another kind of claim.
    """

    called = "forge"
    lasts = False
    about: str
    claim: str = DEATH
    incarnation: int | None = None
    growth: int = 0
    by: str | None = None
    address: str = ""
    metadata: str = ""

    def __post_init__(self):
        super().__post_init__()
        checks.name("about", self.about)
        checks.one_of("claim", self.claim, CLAIMS)
        if self.incarnation is not None:
            checks.whole("incarnation", self.incarnation, 0, HIGHEST_INCARNATION)
        checks.whole("growth", self.growth, 0, HIGHEST_INCARNATION)
        if self.by is not None:
            checks.name("by", self.by)
            if self.claim in (LIFE, FAREWELL):
                raise ValueError(f"by is {self.by!r}: only a death or a suspicion has an accuser")
        for name in ("address", "metadata"):
            checks.instance(name, getattr(self, name), str, "text")
            if getattr(self, name) and self.claim != LIFE:
                raise ValueError(f"{name} is {getattr(self, name)!r}: only a claim of life has one")

    def step(self, acting):
        """Tell everybody who is to hear it."""
        liar = acting.liar
        incarnation = liar.known(self.about) + (self.claim == LIFE)
        if self.incarnation is not None:
            incarnation = self.incarnation
        incarnation = min(incarnation + self.growth * acting.count, HIGHEST_INCARNATION)
        if self.claim == LIFE:
            claim = Alive(incarnation, self.about, self.metadata, self.address)
        elif self.claim == SUSPICION:
            claim = Suspect(incarnation, self.about, self.by or liar.env.name)
        else:
            claim = Dead(
                incarnation, self.about, self.about if self.claim == FAREWELL else self.by or liar.env.name
            )
        to = self.to or liar.others(but=self.about)
        liar.note(self, about=self.about, to=to)
        for name in to:
            liar.say(name, claim)


def hijack(about: str, address: str, at_s: float = 0.0, to: tuple[str, ...] = ()) -> tuple[Forge, Forge]:
    """Take a member's name to another address: its leave, and then its life there.

    A name belongs to an address until its member has left; so the leave comes first.

    References
    ----------
    hashicorp/memberlist, issue 370; state.go, aliveNode (a member that left can be replaced from another address).
    """
    checks.name("address", address)
    leave = Forge(about=about, claim=FAREWELL, at_s=at_s, to=to)
    # a moment later: claims of one instant are looked at with those of life first
    return leave, Forge(about=about, claim=LIFE, address=address, at_s=at_s + 0.01, to=to)


@dataclass(frozen=True, kw_only=True)
class TwoFaces(Speaks):
    """Say two things of oneself under one incarnation: neither is newer, so nothing ever reconciles them.

    Parameters
    ----------
    one, other : str
        What the first half of the members hears as metadata, and what the second half hears.
    """

    called = "two faces"
    one: str = "one"
    other: str = "other"

    def __post_init__(self):
        super().__post_init__()
        for name in ("one", "other"):
            checks.instance(name, getattr(self, name), str, "text")
        if self.one == self.other:
            raise ValueError(f"one and other are both {self.one!r}: two faces differ")

    def step(self, acting):
        """Tell both halves."""
        liar = acting.liar
        me, to = liar.env.name, self.to or liar.others()
        incarnation = min(liar.known(me) + 1 + acting.count, HIGHEST_INCARNATION)
        liar.note(self, about=me, to=to)
        for place, name in enumerate(to):
            liar.say(name, Alive(incarnation, me, self.one if 2 * place < len(to) else self.other))

    def hears(self, acting, sender, message):
        """Its own honest part must not correct it: it hears nothing about itself."""
        me = acting.liar.env.name
        return without(message, lambda word: type(word) is Alive and word.node == me)


@dataclass(frozen=True, kw_only=True)
class ForgeState(Behaviour):
    """Scuttlebutt: in digests and states, say of somebody that it has begun a later life or is at a later version.

    Parameters
    ----------
    about : str
        The victim.
    generation_s : int
        Seconds by which its generation is put ahead of what is known.
    version : int
        By how much its heartbeat's version is, up to the highest of 31 bits.
    status : str, optional
        What its STATUS is said to be, such as "left".

    Raises
    ------
    ValueError
        Where nothing is forged.
    """

    called = "forge state"
    about: str
    generation_s: int = 0
    version: int = 0
    status: str | None = None

    def __post_init__(self):
        super().__post_init__()
        checks.name("about", self.about)
        checks.whole("generation_s", self.generation_s, 0, HIGHEST_VERSION)
        checks.whole("version", self.version, 0, HIGHEST_VERSION)
        if self.status is not None:
            checks.text("status", self.status)
        if not self.generation_s and not self.version:
            raise ValueError(
                "generation_s and version are both 0: one of them must be more, or nobody believes it"
            )

    def sends(self, acting, to, message):
        """The same, with the victim's entries forged; always to the same heartbeat, ahead of what was known at the beginning."""
        kind = type(message)
        if kind is Syn:
            digests = tuple(self._digest(acting, each) for each in message.digests)
            message = Syn(message.cluster, digests)
        elif kind is Ack:
            states = tuple(self._state(acting, each) for each in message.states)
            message = Ack(message.requests, states, message.shadow)
        elif kind is Ack2:
            message = Ack2(tuple(self._state(acting, each) for each in message.states))
        return ((0.0, message),)

    def _heartbeat(self, acting: "Acting", generation: int, version: int) -> HeartBeatState:
        if not acting.kept:
            forged = generation + self.generation_s, version + self.version
            acting.kept.append(HeartBeatState(*(min(each, HIGHEST_VERSION) for each in forged)))
            acting.liar.note(self, about=self.about, to=acting.liar.others(but=self.about))
        return acting.kept[0]

    def _digest(self, acting: "Acting", digest: Digest) -> Digest:
        if digest.endpoint != self.about:
            return digest
        return Digest(self.about, *self._heartbeat(acting, digest.generation, digest.max_version))

    def _state(self, acting: "Acting", named: tuple[str, EndpointState]) -> tuple[str, EndpointState]:
        name, state = named
        if name != self.about:
            return named
        heartbeat = self._heartbeat(acting, *state.heartbeat)
        applications = dict(state.applications)
        if self.status is not None:
            applications["STATUS"] = VersionedValue(self.status, heartbeat.version)
        return name, EndpointState(heartbeat, applications)
