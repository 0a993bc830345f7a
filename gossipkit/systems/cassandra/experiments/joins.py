"""Two operators add a node each, at once: with tokens that are gossiped, and with a log of epochs."""

from dataclasses import dataclass
from itertools import count, islice

import numpy as np

from ....sim import Network
from ....sim.checks import number, whole
from ...placement import position
from ..cluster import Cassandra


@dataclass(frozen=True, eq=False, repr=False)
class Joins:
    """Two nodes that joined one after the other. Times in seconds, nan for never."""

    times: np.ndarray
    disagreeing: np.ndarray
    """Keys for which running nodes would ask different replicas, shape (samples,)."""
    keys: int
    asked_s: tuple[float, float]
    """When each operator gave the command."""
    joined_s: tuple[float, float]
    """When each of the two owned its tokens."""
    refused: int
    """How often one of the two was turned away and had to wait."""
    lost: int
    """Keys whose acknowledged write some QUORUM read does not see any more after both have joined."""

    def __repr__(self) -> str:
        owners = " and ".join("never" if np.isnan(at) else f"{at:.0f} s" for at in self.joined_s)
        return f"<Joins: owners after {owners}, turned away {self.refused} times, {self.lost} of {self.keys} rows lost>"


def two_joins(
    membership: str = "gossip", apart_s: float = 0.0, *, loss: float = 0.0, seed: int = 1, keys: int = 20
) -> Joins:
    """Let two operators add a node each, ``apart_s`` after each other, to the same range of the ring.

    Before that, one of the range's three replicas was down while all keys were written at QUORUM, and hints did not reach
    it: an ordinary state, in which every quorum read is right. Each newcomer takes the place of one replica, and asks that
    one for its rows.

    Parameters
    ----------
    membership : {"gossip", "log"}
        Who says which tokens are whose.
    apart_s : float
        Seconds between the two operators.
    loss : float
        Share of datagrams lost.
    seed : int
    keys : int
        How many are written and read.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    number("apart_s", apart_s, high=120.0)
    whole("keys", keys, 1)
    cluster = Cassandra(
        5,
        vnodes=1,
        seed=seed,
        network=Network(loss=loss),
        membership=membership,
        repair=None,
        trace="events",
    )
    ring = cluster.authority.ring()
    start, end = max(
        ring.ranges(), key=lambda each: each[1] - each[0]
    )  # the widest that does not wrap around
    tokens = start + (end - start) // 2, start + 3 * (end - start) // 4
    candidates = (f"k{number}" for number in count())
    names = list(islice((name for name in candidates if start < position(name) <= tokens[0]), keys))
    replicas = cluster.authority.replicas(names[0])
    displaced, coordinator = replicas[-1], replicas[0]
    cluster.run(until=5.0)
    cluster.crash(displaced)
    cluster.run(until=30.0)  # by now everybody has convicted it
    for name in names:
        cluster.wait(cluster.write(name, "acknowledged", "QUORUM", coordinator))
    cluster.restart(displaced)
    begin = cluster.world.now + 20.0
    newcomers = ("node-6", "node-7")
    looks = []
    events = [(begin, "join", 0), (begin + apart_s, "join", 1)]
    events += [(begin + second, "look", 0) for second in range(-5, int(apart_s) + 130)]
    for time, what, which in sorted(events):
        cluster.run(until=time)
        if what == "join":
            cluster.join(newcomers[which], [tokens[which]])
        else:
            looks.append((time - begin, len(cluster.authority.owners_disagree(tuple(names)))))
    reads = [cluster.read(name, "QUORUM", via) for name in names for via in cluster.running()]
    cluster.run(until=cluster.world.now + 6.0)
    joined = {row["node"]: row["time"] - begin for row in cluster.trace.filter(kind="joined").table()}
    times, disagreeing = (np.array(column) for column in zip(*looks, strict=True))
    return Joins(
        times,
        disagreeing,
        len(names),
        (0.0, apart_s),
        tuple(joined.get(name, float("nan")) for name in newcomers),
        len(cluster.trace.filter(kind="join-refused").table()),
        len({read.key for read in reads if read.stale}),
    )
