"""Dynamo and its heirs, read."""

from collections import Counter

from ..sim import Scenario
from ..systems import Dynamo
from .evidence import Claim
from .loop import Answer, Reading

DYNAMO = Reading(
    system="Dynamo",
    pressure=Answer(
        "a shopping cart must take writes while disks, networks or a data centre fail, at latencies promised for 99.9 % of "
        "requests; a central directory of members and keys would be in every request's way and could itself be gone",
        ("Dynamo, SOSP 2007, sections 1, 2.2, 2.3 and 3.3",),
    ),
    job=Answer(
        "the history of joins and leaves, and with it which node has which tokens: each node reconciles with one random peer a "
        "second. Not who is down (that is each node's own experience with its peers), and no object",
        ("Dynamo, sections 4.8.1 to 4.8.3", "Riak documentation: Clusters"),
    ),
    authority=Answer(
        "for membership, an administrator's explicit join or leave: an outage is no departure. For an object, its vector clock: "
        "a version that descends from another replaces it, and of concurrent ones all stay, as siblings, until a client that has "
        "read them writes what they make together. R and W say how many copies must answer, not which version is right",
        ("Dynamo, sections 4.4, 4.5 and 4.8.1",),
    ),
    repair=Answer(
        "hinted handoff gives what a stand-in took to its home when that is back; read repair tells replicas that answered with "
        "less; Merkle trees for each key range find the rest, also where nobody reads",
        ("Dynamo, sections 4.6, 4.7 and 5", "Riak documentation: Active Anti-Entropy"),
    ),
    trust=Answer(
        "all nodes are one administration's, in a network where nobody lies; nothing is signed. It survives crashes, loss and "
        "partitions, also those that split it: both sides go on taking writes, and the price is paid at the merge",
        ("Dynamo, sections 2.1, 2.3 and 3.3",),
    ),
    metrics=Answer(
        "versions returned by a read (99.94 % of the paper's had one), hints waiting and their age, keys exchanged by Merkle "
        "trees, load imbalance, latency at the 99.9th percentile, and whether all nodes know the same members; Riak counts "
        "node_gets, node_puts, read_repairs and coord_redirs_total",
        ("Dynamo, sections 6.1 to 6.4", "Riak documentation: Statistics"),
    ),
)

NODES = tuple(f"node-{i}" for i in range(1, 6))


def _asked(seed: int, sloppy: bool, trace: bool = False) -> Dynamo:
    """Five nodes, N = 3 and R = W = 2: a put each second from 2 to 25 s, and half a second later a get, of one key."""
    cluster = Dynamo(NODES, sloppy=sloppy, versions="dotted", seed=seed, trace=trace)
    steps = [(second, "put", {"key": "k", "value": second}) for second in range(2, 26)]
    steps += [(second + 0.5, "get", {"key": "k"}) for second in range(2, 26)]
    cluster.play(Scenario(steps))
    return cluster


def _missed(cluster: Dynamo) -> str:
    gets = [operation for operation in cluster.operations if operation.kind == "get" and operation.ok]
    if any(cluster.authority.missed(get) for get in gets):
        return ""
    return f"{len(gets)} reads were answered, and none missed an acknowledged write"


def _loaded(seed: int, repair: bool | None, trace: bool = False) -> Dynamo:
    """Six nodes, N = 3 and R = W = 2: a new key is put each second from 5 to 34 s."""
    cluster = Dynamo(6, repair=repair, merkle_interval_s=5.0, seed=seed, trace=trace)
    cluster.play(
        Scenario([(5 + number, "put", {"key": f"k{number}", "value": number}) for number in range(30)])
    )
    return cluster


def _apart(cluster: Dynamo) -> str:
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down, so that not everybody can have the newest"
    if not cluster.connected:
        return "the network is still partitioned"
    wrong = cluster.gossip.disagreement()
    if wrong:
        return f"{wrong[0][0]} takes {wrong[0][1]} for {wrong[0][2]}: nodes do not yet agree who is up"
    lacking = Counter(key for keys in cluster.repair.lacking().values() for key in keys)
    most = sum(homes >= 2 for homes in lacking.values())
    return (
        "" if most >= 10 else f"{most} keys are missing at two of their three homes or more: show at least 10"
    )


DYNAMO_CLAIMS = {
    "quorum": Claim(
        "A get misses a put that was acknowledged before it, though R + W > N and the network is whole all the time, because "
        "stand-ins count.",
        system=lambda seed, **more: _asked(seed, sloppy=True, **more),
        variant=lambda seed, **more: _asked(seed, sloppy=False, **more),
        because="only a key's homes count",
        seen=_missed,
        actions=("crash", "restart", "pause"),
    ),
    "repair": Claim(
        "Everybody is up and agrees on it, and of 30 keys at least ten are missing at two of their three homes, because nothing "
        "repairs.",
        system=lambda seed, **more: _loaded(seed, repair=None, **more),
        variant=lambda seed, **more: _loaded(seed, repair=True, **more),
        because="hints are handed over and trees are compared each 5 s",
        seen=_apart,
    ),
}
