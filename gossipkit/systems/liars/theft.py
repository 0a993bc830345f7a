"""A thief of the key and six members: the attacks that were measured on real serf, in the model.

The agents were serf 0.9.4 (memberlist 0.2.2) with LAN settings on one machine; the thief was no member. Of each attack a few
runs were made, so ranges are all that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from ...gossip.adversary import Behaviour, Forge, Liar, hijack
from ...gossip.swim import HIGHEST_INCARNATION, SwimNode
from ...sim import World
from ...sim.checks import one_of, whole
from .trial import Watch

NAMES = tuple(f"n{number}" for number in range(1, 7))
VICTIM = "n4"
PEERS = tuple(name for name in NAMES if name != VICTIM)
BEGIN_S, STEP_S = 5.0, 0.037
"""When the thief speaks, and by how much later with each further seed: some moment within the members' intervals."""
WATCHED_S = 35.0
"""For so long the wrap was watched on serf."""


@dataclass(frozen=True)
class Measured:
    """What was seen on serf, in seconds from the packet on.

    Attributes
    ----------
    lost : str
        When all five peers held the victim for failed, or at the thief's address.
    back : str
        When all five took it for alive again.
    """

    lost: str
    back: str


MEASURED = {
    "a forged death": Measured("within 0.05", "0.15 to 0.55"),
    "the highest incarnation": Measured("within 0.2", "not within 35"),
    "a stolen address": Measured("within 0.03", "not within 20"),
}


@dataclass(frozen=True)
class Theft:
    """What became of one attack.

    Attributes
    ----------
    attack : str
    lost_s : float
        Seconds from the packet until all five peers took the victim for gone, or for somebody at the thief's address; inf: that
        did not come to pass.
    back_s : float
        Seconds until all of them had it back; inf: not within `WATCHED_S`.
    """

    attack: str
    lost_s: float
    back_s: float


def theft(attack: str, seed: int = 1) -> Theft:
    """Let the thief attack once.

    Parameters
    ----------
    attack : str
        One of `MEASURED`.
    seed : int

    Raises
    ------
    ValueError
        For another attack.
    """
    one_of("attack", attack, tuple(MEASURED))
    begin = BEGIN_S + STEP_S * whole("seed", seed, 0)
    world, watch = World(seed=seed, trace=False), Watch(NAMES)
    for name in NAMES:
        world.add(name, SwimNode(members=NAMES, delegate=watch.watcher(world, name)))
    world.add("thief", Liar(None, _lies(attack, begin)))
    world.run(until=begin + WATCHED_S)
    spans = {name: watch.spans(name, VICTIM, False, begin, begin + WATCHED_S) for name in PEERS}
    lost = [found[0][0] for found in spans.values() if found]
    back = [found[-1][1] for found in spans.values() if found]
    return Theft(
        attack,
        max(lost) - begin if len(lost) == len(PEERS) else inf,
        max(back) - begin if back and max(back) < begin + WATCHED_S else inf,
    )


def _lies(attack: str, at_s: float) -> tuple[Behaviour, ...]:
    if attack == "a stolen address":
        return hijack(VICTIM, "evil", at_s=at_s, to=PEERS)
    if attack == "the highest incarnation":
        return (Forge(about=VICTIM, incarnation=HIGHEST_INCARNATION, to=PEERS[:1], at_s=at_s),)
    return (Forge(about=VICTIM, incarnation=1, to=PEERS, at_s=at_s),)
