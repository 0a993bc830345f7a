"""Runs of a Consul cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes."""

from dataclasses import dataclass

import numpy as np

from ...gossip.parameters import whole
from ...sim import Network
from ...sim.checks import number, one_of
from .cluster import Consul

STEP_S = 0.5


@dataclass(frozen=True, eq=False)
class Layers:
    """A crash on its way through membership, catalog and answer. Times count from the crash, in seconds; nan for never."""

    times: np.ndarray
    believing: np.ndarray
    """Share of the running nodes that take the crashed one for dead, shape (samples,)."""
    answered: np.ndarray
    """Share of the running servers that still name it for its service, shape (samples,)."""
    first_suspicion_s: float
    everyone_s: float
    """When every running node took it for dead."""
    committed_s: float
    """When the catalog first said so."""
    unnamed_s: float
    """When no server named it any more."""


def crash_through_layers(
    agents: int = 17,
    *,
    loss: float = 0.0,
    servers_lost: int = 0,
    authority: bool = True,
    seed: int = 1,
    seconds: float = 40.0,
) -> Layers:
    """Crash the agent that offers a service, and watch its death pass from belief to decision to answer.

    Parameters
    ----------
    agents : int
        Beside them there are three servers.
    loss : float
        Share of packets lost.
    servers_lost : int
        Servers that are cut off from everybody in the same moment, 0 to 2 of 3.
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
    number("seconds", seconds, low=STEP_S)
    begin, victim = 20.0, "agent-1"
    consul = Consul(agents=agents, seed=seed, network=Network(loss=loss), authority=authority)
    consul.register(victim, "web")
    consul.run(until=begin)
    consul.crash(victim)
    lost = consul.servers_of(1)[:servers_lost]
    if lost:
        consul.partition(*([name] for name in lost))
    watching = [name for name in consul.world.up if name not in lost]
    servers = [name for name in watching if name in consul.servers_of(1)]
    times = np.arange(0.0, seconds + 1e-9, STEP_S)
    believing, answered = [], []
    for time in begin + times:
        consul.run(until=time)
        believing.append(np.mean([consul.gossip.view(name)[victim] == "dead" for name in watching]))
        answered.append(np.mean([victim in consul.authority.answer("web", name) for name in servers]))
    after = consul.trace.filter(after=begin, kind=("suspect", "reconciled"), node=watching)
    first = {"suspect": np.nan, "reconciled": np.nan}
    for event in after:
        decided = event.fields.get("state", "dead") == "dead"
        if event.fields["about"] == victim and decided and np.isnan(first[event.kind]):
            first[event.kind] = event.time - begin
    return Layers(
        times,
        np.array(believing),
        np.array(answered),
        first["suspect"],
        _first(times, np.array(believing) == 1),
        first["reconciled"],
        _first(times, np.array(answered) == 0),
    )


def _first(times: np.ndarray, reached: np.ndarray) -> float:
    return float(times[reached.argmax()]) if reached.any() else float("nan")


ORDERS = {
    "install, use, remove": (("install", "new"), ("use", "new"), ("remove", "old")),
    "install and use at once, remove": (("install", "new", "use", "new"), ("remove", "old")),
}


@dataclass(frozen=True, eq=False)
class Rotation:
    """A rotation of the gossip key. Times in seconds from its beginning."""

    times: np.ndarray
    unreadable: np.ndarray
    """Share of the pairs of nodes in which one cannot read the other, shape (samples,)."""
    wrong: np.ndarray
    """Wrong beliefs: pairs of a node and a living one that it takes for dead, int, shape (samples,)."""
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
    number("seconds", seconds, low=STEP_S)
    keys = {"old": b"o" * 16, "new": b"n" * 16}
    consul = Consul(agents=agents, seed=seed, gossip_key=keys["old"])
    begin = 10.0
    nodes = consul.nodes_of(1)
    due = sorted(
        (step * wait_s + rollout_s * position / (len(nodes) - 1), step, node)
        for step in range(len(ORDERS[order]))
        for position, node in enumerate(nodes)
    )
    times, unreadable, wrong = np.arange(0.0, seconds + 1e-9, STEP_S), [], []
    for time in times:
        while due and due[0][0] <= time:
            at, step, node = due.pop(0)
            consul.run(until=begin + at)
            what = ORDERS[order][step]
            for action, key in zip(what[::2], what[1::2], strict=True):
                getattr(consul.gossip.keyring(node), action)(keys[key])
        consul.run(until=begin + time)
        unreadable.append(len(consul.gossip.unreadable()) / (len(nodes) * (len(nodes) - 1)))
        wrong.append(len(consul.gossip.disagreement()))
    return Rotation(times, np.array(unreadable), np.array(wrong), len(consul.trace.filter(kind="unreadable")))
