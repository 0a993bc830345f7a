"""One lie as it goes: who is wrongly taken for gone, moment by moment, in good and in bad weather."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...gossip.adversary import Guarded, Liar
from ...gossip.swim import SwimConfig, SwimNode
from ...sim import Network, World, checks
from .story import (
    CRASH_S,
    CRASHED,
    DAMAGE,
    DAMAGED,
    LIE_S,
    OUTSIDER,
    THIEF,
    behaviours,
    defences,
    settings,
)
from .trial import Watch

SEEN_S, STEP_S = 60.0, 0.05
"""How long one watches, and how often one looks."""
NEWCOMERS = tuple(f"newcomer-{number}" for number in range(1, 101))
"""Who may come by churn, enrolled before: else their words would be worth nothing where signatures are asked for."""


@dataclass(frozen=True)
class OneLie:
    """What became of one lie.

    Attributes
    ----------
    adversary, defence : str
    members : int
        At the beginning, liars among them.
    times : numpy.ndarray of float, shape (moments,)
        Seconds.
    wrong : numpy.ndarray of int, shape (moments,)
        Pairs of an honest member and an honest one that runs, in which the first takes the second for dead, gone, or at
        another address.
    bytes_per_member_s : float
        What a member sent, a second.
    detect_s : float
        Seconds from a real crash at 20 s until all honest members had declared it; nan: not within the run.
    refused : int
        Words that the defence did not let through.
    """

    adversary: str
    defence: str
    members: int
    times: np.ndarray
    wrong: np.ndarray
    bytes_per_member_s: float
    detect_s: float
    refused: int

    @property
    def wrong_pair_s(self) -> float:
        """Wrong pairs, summed over seconds."""
        return float(self.wrong.sum() * STEP_S)

    @property
    def right_again_s(self) -> float:
        """Seconds from the first wrong pair to the last; 0 where there was none, nan where there is one at the end."""
        found = self.times[self.wrong > 0]
        if not len(found):
            return 0.0
        return float("nan") if self.wrong[-1] else float(found[-1] - found[0] + STEP_S)

    def __repr__(self) -> str:
        return (
            f"<OneLie, {self.adversary} against {self.defence}: {self.wrong_pair_s:.1f} wrong pair-seconds>"
        )


def one_lie(
    adversary: str = "a forged death",
    defence: str = "shared key",
    *,
    liars: int = 1,
    members: int = 12,
    fanout: int = 3,
    loss: float = 0.0,
    churn_per_minute: float = 0.0,
    seed: int = 1,
) -> OneLie:
    """Let the last members lie from 5 s on, and look for a minute; at 20 s another member really crashes.

    Parameters
    ----------
    adversary : str
        One of `ADVERSARIES`.
    defence : str
        One of `DEFENCES`.
    liars : int
        So many of the last members do the same; at most half.
    members : int
        From 6 to 64.
    fanout : int
        Members gossiped to per round.
    loss : float
        Of datagrams, between 0 and 1.
    churn_per_minute : float
        Crashes, and as many joins.
    seed : int

    Raises
    ------
    ValueError
        For a name that is not known, or a number out of range.
    """
    checks.whole("members", members, 6, 64)
    checks.whole("liars", liars, 1, members // 2)
    checks.number("churn_per_minute", churn_per_minute)
    names = tuple(f"m-{number}" for number in range(1, members + 1))
    lies, guards = behaviours(adversary, names), defences(defence, names + NEWCOMERS)
    config = settings(defence, replace(SwimConfig.lan(), gossip_nodes=fanout))
    network = Network(loss=checks.probability("loss", loss))
    world = World(
        seed=seed,
        network=network,
        trace="events",
        newcomer=lambda name: Guarded(SwimNode(config, seeds=names[:3]), guards),
    )
    watch, outside = Watch(names), adversary == OUTSIDER
    honest = names if outside else names[: members - liars]
    for name in names:
        node = SwimNode(config, members=names, delegate=watch.watcher(world, name))
        world.add(name, Guarded(Liar(node, () if name in honest else lies), guards))
    if outside:
        world.add(THIEF, Liar(None, lies))
    if adversary == DAMAGE:
        world.at(LIE_S, world.corrupt, DAMAGED)
    world.at(CRASH_S, world.crash, CRASHED)
    if churn_per_minute:
        world.churn(churn_per_minute / 60, churn_per_minute / 60, SEEN_S)
    world.run(until=SEEN_S)
    down = {event.node: event.time for event in world.trace if event.kind in ("crash", "leave")}
    times = np.arange(round(SEEN_S / STEP_S)) * STEP_S
    return OneLie(
        adversary,
        defence,
        members,
        times,
        sum(_wrong(watch, one, other, down, times) for one in honest for other in honest if one != other),
        _bytes(world, honest, down),
        _found(watch, honest, down),
        sum(event.node in honest for event in world.trace.filter(kind="claim-refused")),
    )


def _wrong(watch: Watch, one: str, other: str, down: dict[str, float], times: np.ndarray) -> np.ndarray:
    """When a member took another one for gone while both ran, as ones."""
    end, wrong = min(down.get(one, SEEN_S), down.get(other, SEEN_S)), np.zeros(len(times), dtype=int)
    for since, until in watch.spans(one, other, False, 0.0, end):
        wrong[(times >= since) & (times < until)] = 1
    return wrong


def _found(watch: Watch, honest: tuple[str, ...], down: dict[str, float]) -> float:
    """When the last of those that run had declared the crash, in seconds after it."""
    waits = []
    for one in honest:
        if one not in down:
            spans = watch.spans(one, CRASHED, False, CRASH_S, SEEN_S)
            waits.append(spans[0][0] - CRASH_S if spans else float("nan"))
    return float(np.max(waits)) if waits else float("nan")


def _bytes(world: World, honest: tuple[str, ...], down: dict[str, float]) -> float:
    sent = sum(
        world.metrics.value(metric, name)
        for metric in ("datagram.sent.bytes", "stream.sent.bytes")
        if metric in world.metrics.names
        for name in honest
    )
    return sent / sum(down.get(name, SEEN_S) for name in honest)
