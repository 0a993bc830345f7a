"""Runs of a Consul cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes."""

from dataclasses import dataclass

import numpy as np

from ...sim import Network
from ...sim.checks import number, one_of, whole
from .cluster import Consul

LAYERS_STEP_S = 0.05
"""Between two looks at a crash. Belief, decision and answer are less than half a second apart, so it must be short."""
ROTATION_STEP_S = 0.5


@dataclass(frozen=True, eq=False)
class Layers:
    """A crash on its way through membership, catalog and answer. Times count from the crash, in seconds; nan for never."""

    times: np.ndarray
    believing: np.ndarray
    """Share of the reachable nodes that take the crashed one for dead, shape (samples,)."""
    answered: np.ndarray
    """Share of the reachable servers that name it for its service, shape (samples,)."""
    logged: bool
    """Whether there was a log."""
    back_s: float
    """When the servers that were cut off were reachable again."""
    first_suspicion_s: float
    everyone_s: float
    """When every reachable node took it for dead."""
    decided_s: float
    """When the catalog first said so: by a commit or, without a log, because a reachable server wrote it down."""
    unnamed_s: float
    """When no reachable server named it; 0 where none did when it crashed."""


def crash_through_layers(
    agents: int = 17,
    *,
    loss: float = 0.0,
    servers_lost: int = 0,
    back_s: float | None = None,
    authority: bool = True,
    seed: int = 1,
    seconds: float = 60.0,
) -> Layers:
    """Crash the agent that offers a service, and watch its death pass from belief to decision to answer.

    Parameters
    ----------
    agents : int
        Beside them there are three servers.
    loss : float
        Share of packets lost.
    servers_lost : int
        Servers that are cut off from everybody in the same moment, 0 to 2 of 3. The others are the reachable ones.
    back_s : float, optional
        How long they stay cut off, in seconds; without it, to the end. From then on they count as reachable.
    authority : bool
        Whether there is a log.
    seed : int
    seconds : float
        For how long to watch.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("agents", agents, 1)
    whole("servers_lost", servers_lost, 0, 2)
    number("seconds", seconds, low=LAYERS_STEP_S)
    if back_s is not None:
        number("back_s", back_s)
    begin, victim = 20.0, "agent-1"
    consul = Consul(agents=agents, seed=seed, network=Network(loss=loss), authority=authority)
    consul.register(victim, "web")
    consul.run(until=begin)
    consul.crash(victim)
    lost = consul.servers_of(1)[:servers_lost]
    if lost:
        consul.partition(*([name] for name in lost))
    times = np.arange(0.0, seconds + 1e-9, LAYERS_STEP_S)
    believing, answered, everyone_s = [], [], np.nan
    for time in times:
        if back_s is not None and time >= back_s and not consul.connected:
            consul.run(until=begin + back_s)
            consul.heal()
        consul.run(until=begin + time)
        reachable = [name for name in consul.world.up if consul.connected or name not in lost]
        believing.append(np.mean([consul.gossip.view(name)[victim] == "dead" for name in reachable]))
        if np.isnan(everyone_s) and believing[-1] == 1:
            buried = consul.trace.filter(after=begin, kind="member-failed", node=reachable)
            everyone_s = max(event.time for event in buried if event.fields["about"] == victim) - begin
        servers = [name for name in reachable if name in consul.servers_of(1)]
        answered.append(np.mean([victim in consul.authority.answer("web", name) for name in servers]))
    # a commit counts wherever it is made; what a server alone writes down counts where somebody can ask for it
    counted = {"suspect": lost, "reconciled": () if authority else lost}
    first = {"suspect": np.nan, "reconciled": np.nan}
    for event in consul.trace.filter(after=begin, kind=tuple(first)):
        decided = event.fields.get("state", "dead") == "dead" and event.node not in counted[event.kind]
        if event.fields["about"] == victim and decided and np.isnan(first[event.kind]):
            first[event.kind] = event.time - begin
    return Layers(
        times,
        np.array(believing),
        np.array(answered),
        authority,
        np.nan if back_s is None or not lost else back_s,
        first["suspect"],
        everyone_s,
        first["reconciled"],
        next((float(time) for time, share in zip(times, answered, strict=True) if share == 0), np.nan),
    )


ORDERS = {
    "install, use, remove": (("install", "new"), ("use", "new"), ("remove", "old")),
    "install and use at once, remove": (("install", "new", "use", "new"), ("remove", "old")),
}


@dataclass(frozen=True, eq=False)
class Rotation:
    """A rotation of the gossip key. Times in seconds from its beginning."""

    times: np.ndarray
    steps: dict[str, float]
    """When each step begins at the first node."""
    sealing: np.ndarray
    """Share of the nodes that seal with the new key, shape (samples,)."""
    opening: np.ndarray
    """Share of the nodes that can open both the old and the new key's packets, shape (samples,)."""
    unreadable: np.ndarray
    """Share of the pairs of nodes in which one cannot read the other, shape (samples,)."""
    wrong: np.ndarray
    """Wrong beliefs: share of the pairs of a node and a living one that it takes for dead, shape (samples,)."""
    dropped: int
    """Packets that somebody could not read."""


def rotate_keys(
    agents: int = 17,
    *,
    order: str = "install, use, remove",
    rollout_s: float = 5.0,
    wait_s: float = 10.0,
    seed: int = 1,
    seconds: float = 60.0,
) -> Rotation:
    """Rotate the gossip key of a cluster, node by node.

    Parameters
    ----------
    agents : int
        Beside them there are three servers.
    order : str
        One of `ORDERS`.
    rollout_s : float
        How long it takes until the last node has carried out a step, in seconds.
    wait_s : float
        Time between the beginnings of two steps, in seconds; less than the rollout takes, and steps overlap.
    seed : int
    seconds : float
        For how long to watch.

    Raises
    ------
    ValueError
        For another order, or a number out of range.
    """
    one_of("order", order, tuple(ORDERS))
    number("rollout_s", rollout_s)
    number("wait_s", wait_s)
    number("seconds", seconds, low=ROTATION_STEP_S)
    keys = {"old": b"o" * 16, "new": b"n" * 16}
    consul = Consul(agents=agents, seed=seed, gossip_key=keys["old"])
    begin = 10.0
    nodes = consul.nodes_of(1)
    due = sorted(
        (step * wait_s + rollout_s * position / (len(nodes) - 1), step, node)
        for step in range(len(ORDERS[order]))
        for position, node in enumerate(nodes)
    )
    times, pairs = np.arange(0.0, seconds + 1e-9, ROTATION_STEP_S), len(nodes) * (len(nodes) - 1)
    sealing, opening, unreadable, wrong = [], [], [], []
    for time in times:
        while due and due[0][0] <= time:
            at, step, node = due.pop(0)
            consul.run(until=begin + at)
            what = ORDERS[order][step]
            for action, key in zip(what[::2], what[1::2], strict=True):
                getattr(consul.gossip.keyring(node), action)(keys[key])
        consul.run(until=begin + time)
        rings = [consul.gossip.keyring(node) for node in nodes]
        sealing.append(np.mean([ring.primary == keys["new"] for ring in rings]))
        opening.append(np.mean([set(ring.keys) == set(keys.values()) for ring in rings]))
        unreadable.append(len(consul.gossip.unreadable()) / pairs)
        wrong.append(len(consul.gossip.disagreement()) / pairs)
    return Rotation(
        times,
        {" and ".join(what[::2]): step * wait_s for step, what in enumerate(ORDERS[order])},
        np.array(sealing),
        np.array(opening),
        np.array(unreadable),
        np.array(wrong),
        len(consul.trace.filter(kind="unreadable")),
    )
