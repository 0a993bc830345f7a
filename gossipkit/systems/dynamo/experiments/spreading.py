"""How long a join takes to reach every node's ring, and what comparing costs."""

from dataclasses import dataclass

import numpy as np

from ....gossip.membership_history import JOIN, Change, MembershipHistory
from ....sim import Network, World
from ....sim.checks import number, probability, whole
from ....sim.network import stream

DOWN_S = 10.0
"""For how long each crash lasts."""
STEP_S = 0.1
TOLD = "node-2"
"""Whom the administrator tells: not the seed, with which everybody compares."""


@dataclass(frozen=True, eq=False)
class JoinSpread:
    """A join on its way to every node, in several runs that differ in their seeds only."""

    times: np.ndarray
    """Seconds since the administrator's command, shape (samples,)."""
    knowing: np.ndarray
    """Share of the old nodes that have the newcomer on their ring, on disk too, shape (runs, samples)."""
    one_ring_s: np.ndarray
    """When the last of them had it, shape (runs,); nan for not within the time that was watched."""
    bytes_per_node_s: float
    """Sent by a node in a second while the join is under way, in the mean."""
    messages_per_node_s: float

    @property
    def mean_s(self) -> float:
        """Mean of `one_ring_s` over the runs in which it came to that; nan if there is none."""
        there = self.one_ring_s[~np.isnan(self.one_ring_s)]
        return float(there.mean()) if len(there) else float("nan")

    def __repr__(self) -> str:
        late = int(np.isnan(self.one_ring_s).sum())
        return (
            f"<JoinSpread: one ring after {self.mean_s:.1f} s in the mean of {len(self.one_ring_s)} runs, {late} of them not within "
            f"{self.times[-1]:g} s; {self.bytes_per_node_s:.0f} bytes a node and second>"
        )


def spread_join(
    nodes: int = 16,
    *,
    fanout: int = 1,
    loss: float = 0.0,
    churn_per_min: float = 0.0,
    runs: int = 12,
    seconds: float = 30.0,
    seed: int = 1,
) -> JoinSpread:
    """Tell one node that another one joins, and watch the change reach the histories of all.

    Every node compares its history of joins and leaves with ``fanout`` random peers a second (Dynamo, section 4.8.1: one).
    The protocol runs alone: no clients, no repair, and nobody tries nodes that have failed.

    Parameters
    ----------
    nodes : int
        Before the join, from 3 up.
    fanout : int
        Peers that a node compares with each second.
    loss : float
        Share of messages lost, 0 to 1.
    churn_per_min : float
        Crashes a minute in the whole cluster, as a Poisson process; each node is back after `DOWN_S` seconds, with its disk.
    runs : int
        With seeds from ``seed`` on.
    seconds : float
        For how long a run is watched at most; it ends when all know.
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("nodes", nodes, 3)
    probability("loss", loss)
    number("churn_per_min", churn_per_min)
    whole("runs", runs, 1)
    number("seconds", seconds, low=1.0)
    names = tuple(f"node-{i}" for i in range(1, nodes + 1))
    learnt, sent, node_seconds = np.full((runs, nodes), np.inf), np.zeros(2), 0.0
    for run in range(runs):
        world = _world(names, fanout, loss, seed + run)
        _outages(world, churn_per_min / 60, seconds)
        world.processes[TOLD].issue(JOIN, "newcomer")
        heard = {TOLD: 0.0}
        while world.now < seconds and len(heard) < nodes:
            world.run(until=min(world.now + 1.0, seconds))
            heard |= {event.node: event.time for event in world.trace.filter(kind="membership-learnt")}
        learnt[run, : len(heard)] = list(heard.values())
        sent += [world.metrics.value(f"datagram.sent.{what}") for what in ("bytes", "messages")]
        node_seconds += world.now * nodes
    times = np.arange(0.0, seconds + STEP_S / 2, STEP_S)
    last = learnt.max(axis=1)
    return JoinSpread(
        times,
        (learnt[:, :, None] <= times).mean(axis=1),
        np.where(np.isinf(last), np.nan, last),
        *(float(total) for total in sent / node_seconds),
    )


def _world(names: tuple[str, ...], fanout: int, loss: float, seed: int) -> World:
    """Nodes that all know the same history."""
    seeds, beginning = names[:1], tuple(Change(name, JOIN, 0.0, name) for name in names)
    world = World(seed=seed, network=Network(loss=loss), trace="events")
    for name in names:
        world.add(
            name,
            MembershipHistory(seeds, beginning, fanout=fanout),
            rebuild=lambda changes: MembershipHistory(seeds, changes, fanout=fanout),
        )
    world.run(until=0)
    return world


def _outages(world: World, per_s: float, seconds: float) -> None:
    """Let random nodes crash, each for `DOWN_S` seconds; not the one that is told, so that the news can start."""
    if not per_s:
        return
    random, at = stream(world.seed, "outages"), 0.0
    names = [name for name in world.names if name != TOLD]
    # whole nanoseconds: logarithms differ in their last bit from one platform to another
    while (at := round(at + random.expovariate(per_s), 9)) < seconds:
        world.at(at, _down, world, random.choice(names))


def _down(world: World, name: str) -> None:
    if name in world.up:
        world.crash(name)
        world.at(world.now + DOWN_S, world.restart, name)
