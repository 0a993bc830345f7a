"""Who lies how, and who defends itself how: the rows and the columns of the tables of outcomes.

The story is the same in all runs. Members ``m-1``, ``m-2`` and so on make a settled cluster, of memberlist or of Cassandra's
gossipers, and the last of them can lie. At 3 s ``m-2`` changes its metadata, as after a deployment. At 5 s the lies begin; most
are about ``m-1``. At 20 s ``m-2`` crashes, and stays down. At 90 s all is over.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ...authority import Keyring
from ...gossip.adversary import (
    Behaviour,
    Cap,
    Defence,
    Delay,
    FirstHand,
    Flood,
    Forge,
    ForgeState,
    Keys,
    Quorum,
    Replay,
    Signatures,
    Sybil,
    TwoFaces,
    Vouch,
    Withhold,
    hijack,
)
from ...gossip.swim import HIGHEST_INCARNATION, SwimConfig
from ...sim import checks
from .key import SharedKey

VICTIM, CRASHED, THIEF = "m-1", "m-2", "thief"
UPDATE_S, LIE_S, CRASH_S, END_S = 3.0, 5.0, 20.0, 90.0

MEMBERLIST, SCUTTLEBUTT = "memberlist", "Scuttlebutt"
NOBODY, OUTSIDER, DAMAGE = "nobody", "an outsider's death", "a wire that damages"
DAMAGED = 0.3
"""The share of datagrams in which a field arrives changed, from the time of the lies on, where the wire damages."""
ADVERSARIES: dict[str, tuple[Behaviour, ...]] = {
    NOBODY: (),
    DAMAGE: (),
    OUTSIDER: (Forge(about=VICTIM, incarnation=1, at_s=LIE_S),),
    "a forged death": (Forge(about=VICTIM, at_s=LIE_S),),
    "a storm of deaths": (Forge(about=VICTIM, growth=1, every_s=0.1, for_s=10.0, at_s=LIE_S),),
    "a death in others' names": tuple(Forge(about=VICTIM, by=by, at_s=LIE_S) for by in ("m-3", "m-4", "m-5")),
    "the highest incarnation": (
        Forge(about=VICTIM, incarnation=HIGHEST_INCARNATION, to=("m-3",), at_s=LIE_S),
    ),
    "a stolen address": hijack(VICTIM, "nowhere", at_s=LIE_S),
    "vouching for the dead": (Vouch(about=CRASHED, at_s=LIE_S),),
    "silence": (Withhold(kinds=("Alive", "Suspect", "Dead"), at_s=LIE_S),),
    "late answers": (Delay(seconds=3.0, kinds=("Ack", "StreamAck", "Compound"), at_s=LIE_S),),
    "old packets": (Replay(after_s=30.0, every_s=0.2),),
    "two faces": (TwoFaces(at_s=LIE_S),),
    "many names": (Sybil(count=5, at_s=LIE_S),),
    "a flood of events": (Flood(every_s=0.1, for_s=15.0, at_s=LIE_S),),
    "a flood of suspicions": (Flood(what="suspicions", every_s=0.1, for_s=15.0, at_s=LIE_S),),
}
"""What the liar does, by name. The outsider is no member and has no key, and a wire does not mean to lie; all others are
members."""

YEAR_S = 365 * 86_400
STATE_ADVERSARIES: dict[str, tuple[Behaviour, ...]] = {
    NOBODY: (),
    "a life one second ahead": (ForgeState(about=VICTIM, generation_s=1, at_s=LIE_S),),
    "a life one hour ahead": (ForgeState(about=VICTIM, generation_s=3600, at_s=LIE_S),),
    "a life over a year ahead": (ForgeState(about=VICTIM, generation_s=YEAR_S + 3600, at_s=LIE_S),),
    "a version far ahead": (ForgeState(about=VICTIM, version=10**6, at_s=LIE_S),),
    "a farewell": (ForgeState(about=VICTIM, generation_s=1, status="left", at_s=LIE_S),),
    "silence": (Withhold(kinds=("Ack", "Ack2"), at_s=LIE_S),),
    "old packets": (Replay(after_s=30.0, every_s=0.2),),
}
"""The same for Cassandra's gossipers."""

NONE, CHECKSUM, REFUSE = "none", "checksum", "no highest incarnation"
MADE: dict[str, Callable[[tuple[str, ...]], tuple[Defence, ...]]] = {
    NONE: lambda names: (),
    CHECKSUM: lambda names: (),
    "shared key": lambda names: (SharedKey(keyring=Keyring(b"a shared secret!")),),
    REFUSE: lambda names: (),
    "cap": lambda names: (Cap(ahead_s=60.0),),
    "first hand": lambda names: (FirstHand(),),
    "quorum": lambda names: (Quorum(),),
    "signatures": lambda names: (Signatures(keys=_keys(names)),),
    "signatures and quorum": lambda names: (Quorum(), Signatures(keys=_keys(names))),
}
DEFENCES = tuple(MADE)
"""Names of what all members have, and nothing else beside it: packets carry a CRC only with "checksum". That, and "no highest
incarnation", are ``crc`` and ``refuse_unrefutable`` of `gossipkit.gossip.swim.SwimConfig`."""


STATE_DEFENCES = (NONE, "shared key", "cap", "signatures")
"""Those that gossipers have. Cassandra's own guard, a year, is always there."""
SYSTEMS = {MEMBERLIST: (ADVERSARIES, DEFENCES), SCUTTLEBUTT: (STATE_ADVERSARIES, STATE_DEFENCES)}


@lru_cache(maxsize=8)
def _keys(names: tuple[str, ...]) -> Keys:
    return Keys(names)


def defences(name: str, names: tuple[str, ...], system: str = MEMBERLIST) -> tuple[Defence, ...]:
    """The defences of one member of a cluster of these.

    Raises
    ------
    ValueError
        For another name of a defence.
    """
    checks.one_of("defence", name, SYSTEMS[system][1])
    return MADE[name](names)


def settings(defence: str, config: SwimConfig | None = None) -> SwimConfig:
    """memberlist's settings of one member with a defence, by default its LAN settings; packets carry a checksum only where that
    is the defence.

    Raises
    ------
    ValueError
        For another name of a defence.
    """
    checks.one_of("defence", defence, DEFENCES)
    config = SwimConfig.lan() if config is None else config
    return replace(config, crc=defence == CHECKSUM, refuse_unrefutable=defence == REFUSE)


def behaviours(adversary: str, names: tuple[str, ...], system: str = MEMBERLIST) -> tuple[Behaviour, ...]:
    """What a liar among these does.

    Raises
    ------
    ValueError
        For another adversary.
    """
    found = SYSTEMS[system][0]
    checks.one_of("adversary", adversary, tuple(found))
    if adversary != OUTSIDER:
        return found[adversary]
    told = tuple(name for name in names if name != VICTIM)
    return tuple(replace(each, to=told) for each in found[OUTSIDER])
