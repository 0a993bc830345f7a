"""What gossip spreads in Cassandra, and how suspicion grows: digests round by round, phi second by second."""

from dataclasses import dataclass

import numpy as np

from ....gossip.phi import ArrivalWindow, ChitchatWindow, PekkoWindow
from ....gossip.scuttlebutt import GossipConfig, Gossiper
from ....sim import Network, World
from ....sim.checks import number, probability, whole
from ....sim.network import stream

SETTLE_S, AFTER_S = 10, 25
CRASH_S, STEP_S = 120.0, 0.1


@dataclass(frozen=True, eq=False, repr=False)
class Digests:
    """One application state on its way, and how old everybody's knowledge is. Times count from the announcement, seconds."""

    times: np.ndarray
    knowing: np.ndarray
    """Share of the running nodes that know the new state, shape (samples,)."""
    lag: np.ndarray
    """Mean age of what one node knows of another running one, in heartbeats behind it, shape (samples,)."""
    names: tuple[str, ...]
    """The nodes that ran at the end."""
    lags: np.ndarray
    """Heartbeats that each observer (row) is behind each subject (column) at the end; nan where it knows nothing."""
    everyone_s: float
    """When all running nodes knew, nan if they did not in time."""
    messages: float
    """Sent per node and second, from the announcement on."""
    bytes: float
    """Sent per node and second."""

    def __repr__(self) -> str:
        known = (
            "not everybody knows"
            if np.isnan(self.everyone_s)
            else f"known to all after {self.everyone_s:g} s"
        )
        return f"<Digests among {len(self.names)} nodes: {known}, {self.lag[-1]:.2f} heartbeats behind at the end>"


def digests(
    nodes: int = 24,
    *,
    fanout: int = 1,
    seeds: int = 2,
    loss: float = 0.0,
    churn_per_minute: float = 0.0,
    seed: int = 1,
    seconds: int = AFTER_S,
) -> Digests:
    """Let one node of a settled cluster change its schema, and watch who knows it and how old all other knowledge is.

    Parameters
    ----------
    nodes : int
        At least 3; all know each other when it begins.
    fanout : int
        Live nodes that each begins an exchange with in a round; Cassandra fixes it at 1.
    seeds : int
        How many of them are seeds.
    loss : float
        Share of datagrams lost.
    churn_per_minute : float
        Nodes that crash, and new ones that come, per minute each, from the announcement on.
    seed : int
    seconds : int
        How long to watch.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("nodes", nodes, 3)
    whole("seeds", seeds, 0, nodes)
    whole("seconds", seconds, 1)
    number("churn_per_minute", churn_per_minute)
    names = tuple(f"node-{i}" for i in range(1, nodes + 1))
    chosen, config = names[:seeds], GossipConfig(fanout=fanout)

    def newcomer(name: str) -> Gossiper:
        return Gossiper(chosen, config)

    world = World(seed=seed, network=Network(loss=loss), trace=False, newcomer=newcomer)
    for name in names:
        world.add(name, Gossiper(chosen, config, members=names))
    world.run(until=SETTLE_S)
    source = world.processes[names[-1]]
    source.announce("SCHEMA", "new")
    version = source.endpoints[names[-1]].state.applications["SCHEMA"].version
    before = [world.metrics.value(f"datagram.sent.{what}") for what in ("messages", "bytes")]
    if churn_per_minute:
        rate = churn_per_minute / 60
        world.churn(leaves_per_s=rate, joins_per_s=rate, seconds=seconds)
    times = np.arange(seconds + 1.0)
    knowing, lag = [], []
    for time in times:
        world.run(until=SETTLE_S + time)
        running, lags = _lags(world)
        told = [
            known.state.max_version >= version
            for name, process in running.items()
            if (known := process.endpoints.get(names[-1])) is not None or name == names[-1]
        ]
        knowing.append(sum(told) / len(running) if running else 0.0)
        lag.append(float(np.nanmean(lags)) if np.isfinite(lags).any() else float("nan"))
    sent = [world.metrics.value(f"datagram.sent.{what}") for what in ("messages", "bytes")]
    per = [(after - first) / nodes / seconds for first, after in zip(before, sent, strict=True)]
    full = np.flatnonzero(np.array(knowing) == 1.0)
    return Digests(
        times,
        np.array(knowing),
        np.array(lag),
        tuple(running),
        lags,
        float(times[full[0]]) if len(full) else float("nan"),
        *per,
    )


def _lags(world: World) -> tuple[dict[str, Gossiper], np.ndarray]:
    running = {name: process for name, process in world.processes.items() if process.enabled}
    lags = np.full((len(running), len(running)), np.nan)
    for column, (subject, about) in enumerate(running.items()):
        own = about.endpoints[subject].state.heartbeat
        for row, (observer, process) in enumerate(running.items()):
            known = process.endpoints.get(subject)
            if (
                known is not None
                and observer != subject
                and known.state.heartbeat.generation == own.generation
            ):
                lags[row, column] = own.version - known.state.heartbeat.version
    return running, lags


@dataclass(frozen=True, eq=False, repr=False)
class Suspicion:
    """One node's heartbeats, as three failure detectors take them. Times in seconds."""

    times: np.ndarray
    phi: dict[str, np.ndarray]
    """By dialect, shape (samples,); nan before the first heartbeat."""
    convicted_s: dict[str, float]
    """By dialect, how long after the crash phi first was above the threshold; nan if it was not."""
    wrongly: dict[str, int]
    """By dialect, how often a node that was alive was convicted."""
    threshold: float
    pause: tuple[float, float]
    """When the node was paused."""
    crash_s: float

    def __repr__(self) -> str:
        after = ", ".join(
            f"{name} {'never' if np.isnan(at) else f'{at:.1f} s'}" for name, at in self.convicted_s.items()
        )
        return f"<Suspicion: phi above {self.threshold:g} after the crash: {after}>"


def suspicion(
    threshold: float = 8.0,
    *,
    jitter: float = 0.1,
    loss: float = 0.0,
    pause_s: float = 6.0,
    seed: int = 1,
    seconds: float = 60.0,
) -> Suspicion:
    """Feed one node's heartbeats to Cassandra's, chitchat's and Pekko's detectors.

    It sends one each second for two minutes, is paused once, after a minute, and crashes at 120 s.

    Parameters
    ----------
    threshold : float
        Above which phi convicts.
    jitter : float
        Standard deviation of a heartbeat's delay, in seconds, around a mean of two such.
    loss : float
        Share of the heartbeats lost.
    pause_s : float
        Nothing is sent for so long, and nothing later for it.
    seed : int
    seconds : float
        How long to watch after the crash.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    number("threshold", threshold, low=0.1)
    probability("jitter", jitter)
    number("loss", loss, high=0.99)
    number("pause_s", pause_s, high=CRASH_S / 2)
    number("seconds", seconds, low=1.0)
    random, pause = stream(seed, "heartbeats"), (CRASH_S / 2, CRASH_S / 2 + pause_s)
    beats = []
    for beat in range(int(CRASH_S)):
        delay, lost = max(0.0, random.gauss(2 * jitter, jitter)), random.random() < loss
        if not lost and not pause[0] <= beat < pause[1]:
            beats.append(beat + delay)
    beats.sort()
    windows = {
        "Cassandra": ArrivalWindow(),
        "chitchat": ChitchatWindow(),
        "Pekko": PekkoWindow(acceptable_pause_s=0.0, threshold=threshold),
    }
    times = np.arange(0.0, CRASH_S + seconds, STEP_S)
    phi = {name: np.full(len(times), np.nan) for name in windows}
    coming = iter([*beats, float("inf")])
    following = next(coming)
    for place, time in enumerate(times):
        while following <= time:
            for window in windows.values():
                window.add(following)
            following = next(coming)
        for name, window in windows.items():
            if window.last_s is not None:
                phi[name][place] = window.phi(float(time))
    above = {name: np.nan_to_num(values) > threshold for name, values in phi.items()}
    crashed = np.searchsorted(times, CRASH_S)
    return Suspicion(
        times,
        phi,
        {
            name: float(times[crashed:][over[crashed:]][0] - CRASH_S)
            if over[crashed:].any()
            else float("nan")
            for name, over in above.items()
        },
        {name: int(np.sum(over[1:crashed] & ~over[: crashed - 1])) for name, over in above.items()},
        threshold,
        pause,
        CRASH_S,
    )
