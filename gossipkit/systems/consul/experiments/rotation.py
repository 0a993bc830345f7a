"""A rotation of the gossip key, node by node."""

from dataclasses import dataclass

import numpy as np

from ....sim.checks import number, one_of
from ..cluster import Consul

ROTATION_STEP_S = 0.5

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

    def __repr__(self) -> str:
        return (
            f"<Rotation in {len(self.steps)} steps: at worst {self.unreadable.max():.0%} of the pairs can't read each other and "
            f"{self.wrong.max():.0%} are wrong about a member, {self.dropped} packets dropped>"
        )


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
    consul = Consul(agents=agents, seed=seed, gossip_key=keys["old"], trace="events")
    begin = 10.0
    nodes = consul.nodes_of(1)
    due = sorted(
        (step * wait_s + rollout_s * position / (len(nodes) - 1), step, node)
        for step in range(len(ORDERS[order]))
        for position, node in enumerate(nodes)
    )
    times, pairs = np.arange(0.0, seconds + 1e-9, ROTATION_STEP_S), len(nodes) * (len(nodes) - 1)
    shares, wrong, rows = [], [], 0
    for time in times:
        changed = not shares
        while due and due[0][0] <= time:
            at, step, node = due.pop(0)
            consul.run(until=begin + at)
            what = ORDERS[order][step]
            for action, key in zip(what[::2], what[1::2], strict=True):
                getattr(consul.gossip.keyring(node), action)(keys[key])
            changed = True
        consul.run(until=begin + time)
        if changed:
            rings = [consul.gossip.keyring(node) for node in nodes]
            sealing = np.mean([ring.primary == keys["new"] for ring in rings])
            opening = np.mean([set(ring.keys) == set(keys.values()) for ring in rings])
            unreadable = len(consul.gossip.unreadable()) / pairs
        shares.append((sealing, opening, unreadable))
        if len(consul.trace) > rows:  # no belief changes without a row
            rows, doubted = len(consul.trace), len(consul.gossip.disagreement()) / pairs
        wrong.append(doubted)
    return Rotation(
        times,
        {" and ".join(what[::2]): step * wait_s for step, what in enumerate(ORDERS[order])},
        *np.array(shares).T,
        np.array(wrong),
        len(consul.trace.filter(kind="unreadable")),
    )
