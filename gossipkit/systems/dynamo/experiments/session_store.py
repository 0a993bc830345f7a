"""A session store, against which N, R, W, the kind of quorum and the interval of Merkle trees are chosen."""

from dataclasses import dataclass

from ....sim import Constant, Network
from ....sim.remembered import remembered
from ..cluster import Dynamo
from .quorums import Seen, pairs_seen

NODES, KEYS, VICTIM = 6, 40, "node-2"
PAIRS, LOSS, CHURN_PER_S = 60, 0.03, 0.15
REST_S, OUTAGE_S, LONGEST_S = 60.0, 20.0, 60


@remembered
def busy(n: int, r: int, w: int, sloppy: bool, seed: int) -> Seen:
    """What clients of six nodes see: three messages in a hundred are lost, a node crashes about each seven seconds for three.

    Latencies are those of LinkedIn's disks. A session is read in the instant in which it was written. Runs that were made
    already are remembered.

    Parameters
    ----------
    n, r, w : int
    sloppy : bool
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    cluster = Dynamo(
        NODES,
        n=n,
        r=r,
        w=w,
        sloppy=sloppy,
        versions="dotted",
        latencies="LNKD-DISK",
        network=Network(latency=Constant(0.0), loss=LOSS),
        seed=seed,
        trace=False,
    )
    return pairs_seen(cluster, PAIRS, CHURN_PER_S, seed)


@dataclass(frozen=True)
class Outage:
    """What an outage left behind, and what repair costs."""

    equal_s: int
    """Seconds from the return of the node until all replicas were equal, at most 60."""
    bytes: float
    """Sent per node and second at rest, before it."""


@remembered
def outage(n: int, r: int, w: int, sloppy: bool, merkle_s: float, seed: int) -> Outage:
    """Crash one of six nodes for 20 s, in which clients write 40 keys; nobody reads.

    Runs that were made already are remembered.

    Parameters
    ----------
    n, r, w : int
    sloppy : bool
    merkle_s : float
        Between two comparisons of Merkle trees that a node begins.
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    cluster = Dynamo(
        NODES, n=n, r=r, w=w, sloppy=sloppy, merkle_interval_s=float(merkle_s), seed=seed, trace=False
    )
    cluster.run(until=REST_S)
    sent = cluster.metrics.value("datagram.sent.bytes")
    cluster.crash(VICTIM)
    for number in range(KEYS):
        cluster.put(f"key-{number}", number)
        cluster.run(until=REST_S + 0.5 + OUTAGE_S * number / KEYS)
    cluster.restart(VICTIM)
    seconds = 0
    while cluster.repair.divergent() and seconds < LONGEST_S:
        seconds += 1
        cluster.run(until=REST_S + OUTAGE_S + seconds)
    return Outage(seconds, sent / NODES / REST_S)
