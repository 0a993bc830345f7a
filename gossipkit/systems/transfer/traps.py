"""Second-order traps: a setting that is right by itself, and wrong beside another one. Each run is made with its control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan

from ...gossip.phi import ArrivalWindow
from ...gossip.swim import SwimConfig, push_pull_scale
from ...sim import checks
from ..cassandra import Cassandra
from .borrowed import Family, Settings
from .cells import DOWN, cluster
from .environments import environment

SETTLED_S = 30.0
STALLED, CRASHED = "m-2", "m-5"


@dataclass(frozen=True)
class StallAndCrash:
    """What one stall and, later, one crash came to."""

    buried_by: int
    """Members that declared the stalled one dead."""
    crash_s: float
    """From the crash until the first declaration, in seconds; nan for never."""


def stall_and_crash(settings: Settings, stall_s: float, *, members: int = 24, seed: int = 1) -> StallAndCrash:
    """One member stands still for a while, as in a collection of garbage or a slow fsync; a minute later another crashes.

    Parameters
    ----------
    settings : Settings
    stall_s : float
        No thread of the member runs for so long.
    members : int
        In a LAN, at least 6.
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    checks.number("stall_s", stall_s)
    checks.whole("members", members, 6)
    place = replace(environment("lan"), members=members)
    world = cluster(place, settings, seed)
    world.run(until=SETTLED_S)
    world.pause(STALLED, stall_s)
    world.run(until=SETTLED_S + stall_s + 60.0)
    crash_s = world.now
    world.crash(CRASHED)
    world.run(until=crash_s + 90.0)
    declared = [
        (event.time, event.node, event.fields["about"])
        for event in world.trace.filter(after=SETTLED_S)
        if event.fields.get("belief") in DOWN and event.fields.get("about") in (STALLED, CRASHED)
    ]
    buried = {node for _, node, about in declared if about == STALLED}
    first_s = min((at for at, _, about in declared if about == CRASHED and at > crash_s), default=nan)
    return StallAndCrash(len(buried), first_s - crash_s)


@dataclass(frozen=True)
class FullState:
    """What exchanges of the whole state cost."""

    members: int
    bytes_per_s: float
    """Sent per member and second over connections."""
    longest: int
    """Bytes of one exchange, both ways."""


def full_state(members: int, *, stretched: bool = True, seed: int = 1) -> FullState:
    """memberlist's push/pull each 30 s, stretched with the size as in memberlist, or not, through one interval.

    Probes are so rare here that they cost nothing, and gossip is off.

    Parameters
    ----------
    members : int
    stretched : bool
        Whether the interval grows with the cluster.
    seed : int
    """
    checks.whole("members", members, 2)
    config = replace(SwimConfig.lan(), probe_interval_s=1e4, gossip_interval_s=0.0)
    interval_s = config.push_pull_interval_s
    stretch = push_pull_scale(interval_s, members) / interval_s
    if not stretched:
        config = replace(config, push_pull_interval_s=interval_s / stretch)
    place = replace(environment("lan"), members=members)
    world = cluster(place, Settings("memberlist LAN", Family.SWIM, config), seed)
    lasts_s = interval_s * stretch if stretched else interval_s
    world.run(until=2 * lasts_s)
    sent, times = (
        world.metrics.value(f"stream.sent.{what}") - world.metrics.value(f"stream.sent.{what}", at=lasts_s)
        for what in ("bytes", "messages")
    )
    return FullState(members, sent / members / lasts_s, round(2 * sent / times))


@dataclass(frozen=True)
class Adapted:
    """A window of phi after the heartbeats' interval has changed."""

    wrongly: int
    """Times that phi was above the threshold just before a heartbeat came."""
    of: int
    convict_s: float
    """Silence in seconds after which a crash is declared in the end."""


def after_change(
    before_s: float, after_s: float, *, max_interval_s: float = 2.0, threshold: float = 8.0, beats: int = 600
) -> Adapted:
    """Regular heartbeats, and as many more at another interval, seen by Cassandra's window.

    Parameters
    ----------
    before_s, after_s : float
        The interval before and after the change.
    max_interval_s : float
        Longer intervals are not recorded; Cassandra's is 2 s, chosen for one heartbeat a second.
    threshold : float
        Of phi.
    beats : int
        Before, and as many after.
    """
    checks.number("before_s", before_s, low=1e-3)
    checks.number("after_s", after_s, low=1e-3)
    checks.whole("beats", beats, 1)
    window, now, wrongly = ArrivalWindow(initial_s=max_interval_s, max_interval_s=max_interval_s), 0.0, 0
    for _ in range(beats):
        window.add(now)
        now += before_s
    now += after_s - before_s
    for _ in range(beats):
        wrongly += window.phi(now) > threshold
        window.add(now)
        now += after_s
    return Adapted(wrongly, beats, threshold / window.phi(window.last_s + 1.0))


@dataclass(frozen=True)
class HintsAndGrace:
    """What became of the deletions that a replica missed."""

    deleted: int
    delivered: int
    """Hints that reached the replica when it was back."""
    expired: int
    back: int
    """Deleted rows that reading all replicas shows again."""


def hints_and_grace(
    gc_grace_s: float, *, hint_window_s: float = 300.0, down_s: float = 120.0, rows: int = 10, seed: int = 1
) -> HintsAndGrace:
    """A replica is down for a while, and misses deletions; hints for it are kept within the window, and no repair runs.

    Parameters
    ----------
    gc_grace_s, hint_window_s, down_s : float
        Short, so that a run is; only their relation counts.
    rows : int
        Deleted ones.
    seed : int
    """
    checks.number("gc_grace_s", gc_grace_s)
    checks.number("down_s", down_s, low=40.0)
    checks.whole("rows", rows, 1)
    cluster = Cassandra(
        3,
        vnodes=1,
        seed=seed,
        read_repair=False,
        gc_grace_s=gc_grace_s,
        hint_window_s=hint_window_s,
        compaction_interval_s=5.0,
        trace="events",
    )
    names = [f"row-{i}" for i in range(rows)]
    for name in names:
        cluster.write(name, "there", "ALL")
    cluster.run(until=3.0)
    cluster.crash("node-3")
    cluster.run(until=33.0)  # by now the others have convicted it
    for name in names:
        cluster.delete(name, "QUORUM", "node-1")
    cluster.run(until=3.0 + down_s)
    cluster.restart("node-3")
    cluster.run(until=3.0 + down_s + gc_grace_s + 60.0)
    count = {kind: len(list(cluster.trace.filter(kind=kind))) for kind in ("hint-delivered", "hint-expired")}
    return HintsAndGrace(rows, count["hint-delivered"], count["hint-expired"], len(cluster.repair.zombies()))
