"""Membership alone: memberlist's clusters as they were measured, to see a failure found out and the slow accuse others.

Each function runs one settled SWIM cluster and returns what an omniscient observer would note: who believed what, when.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from ....gossip.swim import SwimConfig, SwimNode
from ....sim import Event, Network, Scenario, World
from ....sim.checks import number, whole

BEGIN_S = 1.0
"""When the first block begins."""
COUNT_ON_S = 5.0
"""For how long after the last block deaths are counted."""
BELIEFS = ("alive", "suspect", "dead")
_CHANGES = {
    "suspect": "suspect",
    "alive": "alive",
    "member-join": "alive",
    "member-update": "alive",
    "member-failed": "dead",
    "member-leave": "dead",
}


@dataclass(frozen=True, eq=False)
class Failure:
    """What happened in a cluster in which one member crashed. Times count from the crash, in seconds; nan for never."""

    members: int
    victim: str
    times: np.ndarray
    """Sample times in seconds, the crash at 0."""
    beliefs: np.ndarray
    """Observers that took the victim for alive, suspect and dead, int, shape (samples, 3)."""
    wrong: np.ndarray
    """Pairs of an observer and a living member that it suspected or took for dead, int, shape (samples,)."""
    first_suspicion_s: float
    first_death_s: float
    everyone_s: float
    """When the last observer had buried the victim."""
    buried_alive: int
    """Living members that somebody declared dead."""
    packets_per_s: float
    """Packets sent per member and second over the whole run."""
    bytes_per_s: float

    def __repr__(self) -> str:
        return (
            f"<Failure of {self.victim}, one of {self.members}: suspected after {self.first_suspicion_s:.1f} s, dead for all after "
            f"{self.everyone_s:.1f} s, {self.buried_alive} declared dead alive>"
        )


def failure(
    members: int = 40,
    *,
    fanout: int = 3,
    loss: float = 0.0,
    churn_per_minute: float = 0.0,
    slow: int = 0,
    suspicion_mult: int = 4,
    variant: str = "lifeguard",
    seed: int = 1,
    crash_at: float = 10.0,
    seconds: float = 30.0,
    tcp: bool = True,
) -> Failure:
    """Crash the last member of a settled cluster that churn has left, and note who believes what for a while.

    Parameters
    ----------
    members : int
        At least 3.
    fanout : int
        GossipNodes, members gossiped to in a round.
    loss : float
        Share of UDP packets lost.
    churn_per_minute : float
        Other members that crash, and newcomers that join, per minute each.
    slow : int
        Members that are blocked for 5 s and free for 1 s, again and again: their timers run, their packets wait.
    suspicion_mult : int
        SuspicionMult.
    variant : str
        What of Lifeguard is on, see `SwimConfig.variant`.
    seed : int
    crash_at, seconds : float
        When the crash is, and for how long after it to go on, in seconds.
    tcp : bool
        Whether a member that does not answer over UDP is also pinged over TCP, memberlist's default.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("members", members, 3)
    whole("slow", slow, 0, members - 2)
    number("churn_per_minute", churn_per_minute)
    number("crash_at", crash_at)
    number("seconds", seconds)
    config = replace(
        SwimConfig.lan(), gossip_nodes=fanout, suspicion_mult=suspicion_mult, disable_tcp_pings=not tcp
    ).variant(variant)
    world, names = settled(members, config, seed, Network(loss=loss))
    block(world, names[1 : 1 + slow], 5.0, 1.0, max(0.1, crash_at + seconds - BEGIN_S))
    if churn_per_minute:
        rate = churn_per_minute / 60
        world.churn(leaves_per_s=rate, joins_per_s=rate, seconds=crash_at + seconds)
    world.run(until=crash_at)
    victim = next((name for name in reversed(names) if name in world.up), None)
    if victim is None:
        raise ValueError(
            f"churn_per_minute is {churn_per_minute!r}: it must leave somebody who can crash after {crash_at} s"
        )
    world.crash(victim)
    world.run(until=crash_at + seconds)
    return _noted(world, victim, crash_at, seconds, members)


def settled(members: int, config: SwimConfig, seed: int, network: Network) -> tuple[World, list[str]]:
    """A world of members that all know each other, ``m-1`` to ``m-N``; who restarts joins through the first three, and
    newcomers through the first. Its trace leaves single messages out."""
    names = [f"m-{i}" for i in range(1, members + 1)]
    world = World(
        seed=seed,
        network=network,
        trace="events",
        newcomer=lambda name: SwimNode(config, seeds=(names[0],)),
    )
    everybody = tuple(names)
    for name in names:
        world.add(name, SwimNode(config, members=everybody), _rejoining(config, everybody, name))
    return world, names


def _rejoining(config: SwimConfig, everybody: tuple[str, ...], name: str) -> Callable[[None], SwimNode]:
    seeds = tuple(other for other in everybody[:3] if other != name)
    return lambda saved: SwimNode(config, seeds=seeds)


def block(world: World, names: list[str], blocked_s: float, free_s: float, seconds: float) -> float:
    """Block members in step, as in the measurements of the real cluster: input and output wait, timers run.

    Blocks begin for ``seconds`` from `BEGIN_S` on; returned is when the last of them ends.
    """
    rounds = ceil(seconds / (blocked_s + free_s))
    world.play(
        Scenario(
            (
                BEGIN_S + turn * (blocked_s + free_s),
                "pause",
                {"name": name, "seconds": blocked_s, "timers": "run"},
            )
            for turn in range(rounds)
            for name in names
        )
    )
    return BEGIN_S + (rounds - 1) * (blocked_s + free_s) + blocked_s


def _noted(world: World, victim: str, crash_at: float, seconds: float, members: int) -> Failure:
    times = np.arange(0.0, seconds + 1e-9, 0.25)
    up = {name for name in world.names if not name.startswith("newcomer")} - {victim}
    view = dict.fromkeys(up, "alive")  # of the victim, by observer
    doubted: set[tuple[str, str]] = set()
    beliefs, wrong = [], []
    buried: set[str] = set()
    first = dict.fromkeys(("suspect", "member-failed"), float("nan"))
    everyone = float("nan")
    events = _relevant(world)
    event = next(events, None)
    for time in crash_at + times:
        while event is not None and event.time <= time:
            observer, about = event.node, event.fields.get("about")
            if event.kind in ("crash", "leave"):
                up.discard(observer)
            elif event.kind == "join":
                up.add(observer)
            elif about == victim:
                view[observer] = _CHANGES[event.kind]
                if event.time >= crash_at and not first.get(event.kind, 0.0) >= 0:
                    first[event.kind] = event.time - crash_at
            elif about in up or _CHANGES[event.kind] == "alive":
                doubting = _CHANGES[event.kind] != "alive"
                (doubted.add if doubting else doubted.discard)((observer, about))
                if event.kind == "member-failed" and about in up:
                    buried.add(about)
            event = next(events, None)
        watching = [view[observer] for observer in up if observer in view]
        beliefs.append([watching.count(belief) for belief in BELIEFS])
        wrong.append(sum(observer in up and about in up for observer, about in doubted))
        if np.isnan(everyone) and watching and all(belief == "dead" for belief in watching):
            everyone = (
                max(
                    e.time
                    for e in world.trace.filter(before=time + 1e-9, kind="member-failed")
                    if e.fields["about"] == victim
                )
                - crash_at
            )
    sent = world.metrics.value("datagram.sent.messages"), world.metrics.value("datagram.sent.bytes")
    packets, size = (value / members / (crash_at + seconds) for value in sent)
    return Failure(
        members,
        victim,
        times,
        np.array(beliefs),
        np.array(wrong),
        first["suspect"],
        first["member-failed"],
        everyone,
        len(buried),
        packets,
        size,
    )


def _relevant(world: World) -> Iterator[Event]:
    return iter(world.trace.filter(kind=(*_CHANGES, "crash", "leave", "join")))


@dataclass(frozen=True)
class Accusations:
    """What slow members did to healthy ones in a run."""

    at_all: int
    """Events in which somebody declared a healthy member dead, one per observer: the Lifeguard paper's FP."""
    at_healthy: int
    """Those of them at healthy observers: FP−."""
    victims: int
    """Different healthy members that were declared dead."""


def slow_members(
    members: int = 64,
    *,
    slow: int = 8,
    blocked_s: float = 8.0,
    free_s: float = 0.064,
    variant: str = "lifeguard",
    buddy: bool | None = None,
    seed: int = 1,
    seconds: float = 120.0,
) -> Accusations:
    """Block some members again and again, and count how often healthy ones are declared dead.

    The window is that of the measurements of real clusters: blocks that have begun end, and `COUNT_ON_S` more are counted,
    because a member that was blocked last accuses when it is free again.

    Parameters
    ----------
    members, slow : int
        How many, and how many of them are slow.
    blocked_s, free_s : float
        For how long the slow are blocked and free, in step, in seconds.
    variant : str
        What of Lifeguard is on.
    buddy : bool, optional
        Whether the buddy system is on, which memberlist has no switch for; by default as in the variant.
    seed : int
    seconds : float
        For how long blocks begin.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("members", members, 3)
    whole("slow", slow, 0, members - 2)
    number("blocked_s", blocked_s, low=1e-3)
    number("free_s", free_s)
    number("seconds", seconds, low=1e-3)
    config = SwimConfig.lan().variant(variant)
    if buddy is not None:
        config = replace(config, buddy_system=buddy)
    world, names = settled(members, config, seed, Network())
    # spread over the list: neighbours in it would not be neighbours in anything
    chosen = names[:: members // slow][:slow] if slow else []
    last_s = block(world, chosen, blocked_s, free_s, seconds)
    world.run(until=last_s + COUNT_ON_S)
    deaths = [e for e in world.trace.filter(kind="member-failed") if e.fields["about"] not in chosen]
    return Accusations(
        len(deaths), sum(e.node not in chosen for e in deaths), len({e.fields["about"] for e in deaths})
    )
