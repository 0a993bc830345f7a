"""One cell of the table of failure: settings in an environment, and what an omniscient observer notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

from ...sim import Event, World, checks
from .borrowed import Family, Settings
from .environments import Environment

WATCH_S = 180.0
"""For how long after the crash a cell waits at most for the last to know."""
EPISODE_S = 60.0
"""Of one living member at most one false positive is counted in this time, however many declare it, and however often."""
DOWN = ("dead", "down")
DAY_S = 86_400.0
DATAGRAM_HEADERS, STREAM_HEADERS = 28, 40
"""Bytes of IPv4 with UDP, and with TCP: more than a heartbeat itself."""
MESSAGES_UP_TO = 200
"""Members above which only SWIM is run message by message."""


@dataclass(frozen=True)
class Cell:
    """What a run of one environment with one set of settings came to. Times are seconds, nan for never."""

    environment: str
    settings: str
    times: float
    seed: int
    false_positives: int
    """Times that a living member was declared dead by somebody, in ``counted_s``, at most once a minute each."""
    counted_s: float
    first_s: float
    """From the crash until the first declaration."""
    everyone_s: float
    """From the crash until the last running member knew."""
    packets_per_s: float
    """Datagrams and messages over connections that a member sends in a second, before the crash."""
    bytes_per_s: float
    """The same in bytes, headers of IPv4 and UDP or TCP included."""
    missing: float
    """Living members that a member takes for dead, on average over members and over the counted time: what repair has to mend."""

    @property
    def false_positives_per_day(self) -> float:
        """At that rate."""
        return self.false_positives * DAY_S / self.counted_s

    @property
    def telling_s(self) -> float:
        """From the first declaration until the last knew."""
        return self.everyone_s - self.first_s


def cluster(environment: Environment, settings: Settings, seed: int, trace: bool | str = "events") -> World:
    """The environment's members with these settings, all of whom know each other; nothing has happened yet.

    Parameters
    ----------
    environment : Environment
    settings : Settings
    seed : int
    trace : bool or "events"
        As of a `World`.
    """
    names = environment.names
    seeds = names[:3]
    world = World(
        seed=seed,
        network=environment.network,
        trace=trace,
        # by some service of discovery: who is told of machines that are gone never gets in
        newcomer=lambda name: settings.process(seeds=world.up[:3]),
    )
    for name in names:
        rejoining = tuple(other for other in names[:4] if other != name)[:3]
        world.add(
            name,
            settings.process(members=names, seeds=seeds if settings.family is Family.SCUTTLEBUTT else ()),
            rebuild=lambda saved, rejoining=rejoining: settings.process(seeds=rejoining),
        )
    return world


def measure(environment: Environment, settings: Settings, seed: int = 1) -> Cell:
    """Let a cluster live in its environment for a while, then crash one member and see who notices.

    Up to `MESSAGES_UP_TO` members, and SWIM in any size, each message is simulated. Above that Cassandra's gossip runs in
    rounds (`gossipkit.gossip.version_matrix`), and the two full meshes are computed by formulas: see `large`.

    Parameters
    ----------
    environment : Environment
    settings : Settings
    seed : int

    Raises
    ------
    ValueError
        For an argument of another type.

    Examples
    --------
    >>> from gossipkit.systems.transfer import borrowed, environment
    >>> cell = measure(environment("five"), borrowed("memberlist LAN"))
    >>> cell.false_positives, round(cell.first_s), round(cell.packets_per_s)
    (0, 7, 2)
    """
    checks.instance("environment", environment, Environment, "one of transfer.ENVIRONMENTS")
    checks.instance("settings", settings, Settings, "one of transfer.BORROWED, or its scaled(...)")
    if environment.members > MESSAGES_UP_TO and settings.family is not Family.SWIM:
        from .large import computed

        return computed(environment, settings, seed)
    begin, end = environment.warm_up_s, environment.warm_up_s + environment.counted_s
    world = cluster(environment, settings, seed)
    world.play(environment.scenario(seed, end + WATCH_S))
    if environment.churn_per_minute:
        rate = environment.churn_per_minute / 60
        world.churn(leaves_per_s=rate, joins_per_s=rate, seconds=end + WATCH_S)
    world.run(until=begin)
    sent = _sent(world)
    world.run(until=end)
    packets, size = (after - before for after, before in zip(_sent(world), sent, strict=True))
    victim = next(name for name in reversed(environment.names) if name in world.up)
    world.crash(victim)
    # looked at each second, so that a run ends when all know
    first_s, everyone_s = nan, nan
    while everyone_s != everyone_s and world.now < end + WATCH_S:
        world.run(until=world.now + 1.0)
        first_s, everyone_s = _known(world.trace, world.up, victim, end)
    wrong, missing = _wrong(world.trace, environment.names, begin, end)
    share = environment.counted_s * environment.members
    return Cell(
        environment.name,
        settings.name,
        settings.times,
        seed,
        wrong,
        environment.counted_s,
        first_s,
        everyone_s,
        packets / share,
        size / share,
        missing / share,
    )


def _sent(world: World) -> tuple[float, float]:
    """Messages and bytes that all members together have sent so far."""
    read, known = world.metrics.value, world.metrics.names
    messages, size = 0.0, 0.0
    for way, headers in (("datagram", DATAGRAM_HEADERS), ("stream", STREAM_HEADERS)):
        if f"{way}.sent.messages" in known:
            sent = read(f"{way}.sent.messages")
            messages += sent
            size += read(f"{way}.sent.bytes") + headers * sent
    return messages, size


def _known(events: Iterable[Event], up: tuple[str, ...], victim: str, crash_s: float) -> tuple[float, float]:
    """When the first declared the victim, and when the last of those that run had, from the crash."""
    since: dict[str, float] = {}
    first_s = nan
    for event in events:
        if event.fields.get("about") == victim and "belief" in event.fields:
            if event.fields["belief"] in DOWN:
                if first_s != first_s and event.time > crash_s:
                    first_s = event.time
                since.setdefault(event.node, max(event.time, crash_s))  # who was wrong before is right now
            else:
                since.pop(event.node, None)
    # a newcomer that never heard of it has nothing to learn
    known = [since.get(name) for name in up if not name.startswith("newcomer")]
    everyone_s = nan if not known or None in known else max(known)
    return first_s - crash_s, everyone_s - crash_s


def _wrong(events: Iterable[Event], names: tuple[str, ...], begin: float, end: float) -> tuple[int, float]:
    """How many false positives there were, and how many member-seconds living members were taken for dead in.

    Who is heard of for the first time, as not reached yet, was not taken for alive before: that is no declaration.
    """
    up, count, missing = set(names), 0, 0.0
    last: dict[str, float] = {}
    since: dict[tuple[str, str], float] = {}  # observer and living member that it takes for dead
    known: set[tuple[str, str]] = (
        set()
    )  # observer and member that it has taken for alive; beside all pairs of the beginning
    settled = frozenset(names)

    def over(pair: tuple[str, str], at: float) -> None:
        nonlocal missing
        began = since.pop(pair, None)
        if began is not None:
            missing += max(0.0, min(at, end) - max(began, begin))

    for event in events:
        if event.time > end:
            break
        node = event.node
        if event.kind in ("crash", "leave"):
            up.discard(node)
            for pair in [pair for pair in since if node in pair]:
                over(pair, event.time)
        elif event.kind in ("join", "restart"):
            up.add(node)
        about, belief = event.fields.get("about"), event.fields.get("belief")
        if belief is None or about not in up or about == node:
            continue
        pair = (node, about)
        if belief not in DOWN:
            known.add(pair)
            over(pair, event.time)
        elif pair not in since and (pair in known or settled.issuperset(pair)):
            since[pair] = event.time
            if event.time - last.get(about, -EPISODE_S) >= EPISODE_S:
                count += event.time >= begin
                last[about] = event.time
    for pair in list(since):
        over(pair, end)
    return count, missing
