"""Replicas that fall behind in an outage, and what makes them equal again."""

from dataclasses import dataclass

import numpy as np

from ....sim.checks import number, whole
from ..cluster import Dynamo


@dataclass(frozen=True, eq=False)
class CatchUp:
    """Replicas that fall behind and catch up. All arrays have shape (samples,)."""

    times: np.ndarray
    """Seconds since the node went down."""
    divergent: np.ndarray
    """Keys that some home has otherwise than all copies together, int."""
    hints: np.ndarray
    """Hints that are held, int."""
    back_s: float
    """When the node came back."""
    caught_up_s: float
    """When nothing was divergent any more after that, in seconds since it came back; nan for never."""
    hints_delivered: int
    merkle_objects: int
    """Objects received by Merkle repair, over all nodes, those that were equal in a differing leaf too."""

    def __repr__(self) -> str:
        equal = "never equal" if np.isnan(self.caught_up_s) else f"equal {self.caught_up_s:.0f} s after it"
        return (
            f"<CatchUp: the node is back after {self.back_s:.0f} s, replicas are {equal}; {self.divergent.max()} keys differed "
            f"at most, {self.hints_delivered} hints delivered, {self.merkle_objects} objects by trees>"
        )


def catch_up(
    outage_s: float = 20.0,
    *,
    keys: int = 60,
    hints: bool = True,
    merkle: bool = True,
    merkle_interval_s: float = 10.0,
    sloppy: bool = True,
    nodes: int = 6,
    seed: int = 1,
    seconds: float = 60.0,
) -> CatchUp:
    """Crash a node while clients write, bring it back, and watch the replicas become equal. Nobody reads.

    Parameters
    ----------
    outage_s : float
        From 1 s up; the clients write through all of it, each key once.
    keys : int
    hints, merkle : bool
        The parts of repair.
    merkle_interval_s : float
        Between two comparisons that a node begins.
    sloppy : bool
        If not, nobody stands in and there are no hints.
    nodes : int
    seed : int
    seconds : float
        For how long to watch, from the crash on; beyond the outage.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    number("outage_s", outage_s, low=1.0)
    number("seconds", seconds, low=outage_s)
    whole("keys", keys, 1)
    cluster = Dynamo(
        nodes,
        sloppy=sloppy,
        hints=hints,
        merkle=merkle,
        merkle_interval_s=merkle_interval_s,
        seed=seed,
        trace=False,
    )
    begin, victim = 2.0, "node-2"
    due = [(begin + outage_s * i / keys, f"key-{i}") for i in range(keys)]
    cluster.run(until=begin)
    cluster.crash(victim)
    times, divergent, held = np.arange(0.0, seconds + 1e-9, 1.0), [], []
    back_s = np.ceil(outage_s)
    for time in times:
        while due and due[0][0] <= begin + time:
            at, key = due.pop(0)
            cluster.run(until=at)
            cluster.put(key, "new")
        cluster.run(until=begin + time)
        if time == back_s:
            cluster.restart(victim)
        divergent.append(len(cluster.repair.divergent()))
        held.append(sum(sum(targets.values()) for targets in cluster.repair.hints().values()))
    equal = (np.array(divergent) == 0) & (times >= back_s)
    return CatchUp(
        times,
        np.array(divergent),
        np.array(held),
        float(back_s),
        float(times[equal.argmax()] - back_s) if equal.any() else float("nan"),
        int(cluster.metrics.value("hints_delivered")) if "hints_delivered" in cluster.metrics.names else 0,
        int(cluster.metrics.value("merkle_objects")) if "merkle_objects" in cluster.metrics.names else 0,
    )
