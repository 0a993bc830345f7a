"""Which share of a ring has a clean quorum: enough of its own replicas run and reach each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...authority.ring import RING, Replication, Ring
from ...systems.rebuilt import HINT_ENDS
from .columns import JOINING, LEFT, UP


def in_order(names: Sequence[str], ring: Ring | None) -> list[str]:
    """The nodes in the order in which one meets them on the ring; who has no token comes last."""
    order = {name: at for at, name in enumerate(dict.fromkeys(ring.tokens.values() if ring else ()))}
    return sorted(names, key=lambda name: order.get(name, len(order)))


def clean(run, replication: Replication, quorum: int) -> list[tuple[float, float]]:
    """By time, in percent: the share of the ring for which some running node reaches a quorum of the replicas.

    Parameters
    ----------
    run : Run
        Its samples are times and rings.
    replication : int or mapping of str to int
    quorum : int
        How many replicas are needed.
    """
    index, count = run.folded.index, len(run.names)
    running = np.array([True] * len(run.first) + [False] * (count - len(run.first)))
    side, cuts = np.zeros(count, dtype=int), np.zeros((count, count), dtype=bool)
    weights, keeps = np.zeros(0), np.zeros((0, count), dtype=bool)
    happened = [(time, 0, 0, (node, state)) for time, node, state in run.folded.states]
    happened += [(time, 1, at, each) for at, (time, *each) in enumerate(run.others) if each[1] in _NETWORK]
    happened += [(time, 2, 0, (ring,)) for time, ring in run.samples]
    found: list[tuple[float, float]] = []
    for time, what, _, change in sorted(happened, key=lambda each: each[:3]):
        if what == 0:
            node, state = change
            running[node] = state in (UP, JOINING, LEFT)
        elif what == 1:
            _network(change[1], change[2], index, side, cuts)
        else:
            ranges = change[0].ranges() if change[0] else []
            weights = np.array([((end - start) % RING or RING) / RING for start, end in ranges])
            keeps = np.zeros((len(weights), count), dtype=bool)
            for row, (_, end) in enumerate(ranges):
                keeps[row, [index[node] for node in change[0].replicas(end, replication)]] = True
        reach = (side[:, None] == side) & ~cuts & running & running[:, None]
        reached = keeps.astype(int) @ reach.astype(int)
        value = 100.0 * float(weights[(reached >= quorum).any(axis=1)].sum()) if len(weights) else 0.0
        value = round(value, 6)
        if found and found[-1][0] == time:
            found.pop()
        if not found or found[-1][1] != value:
            found.append((time, value))
    return found


_NETWORK = ("partition", "heal", "cut", "mend")


def _network(kind: str, told: dict, index: dict[str, int], side: np.ndarray, cuts: np.ndarray) -> None:
    if kind == "partition":
        side[:] = 0
        for number, group in enumerate(told["groups"], 1):
            side[[index[name] for name in group]] = number
    elif kind == "heal":
        side[:] = 0
        cuts[:] = False
    else:
        # an answer has to come back, so that a cut in one direction is one in both
        one, other = index[told["a"]], index[told["b"]]
        cuts[one, other] = cuts[other, one] = kind == "cut"


def hints(run) -> list[tuple[float, float]]:
    """By time: how many hints are held."""
    held, found = 0, [(0.0, 0.0)]
    for time, _, kind, _ in run.others:
        difference = (kind == "hint-stored") - (kind in HINT_ENDS)
        if difference:
            held += difference
            found.append((time, float(held)))
    return found
