"""What is to be shown of Redis Cluster. Its reading is not here: an exercise asks for it, see `HELD_BACK` in `gossipkit.grading.course`."""

from ..sim import Scenario
from ..systems import RedisCluster
from .evidence import Claim

NODE_TIMEOUT_S = 15.0
LASTING_S = 4 * NODE_TIMEOUT_S
SETS = 100


def _standing(seed: int, masters: int, trace: bool | str = False) -> RedisCluster:
    # when a node has crashed is read off the trace
    return RedisCluster(masters, node_timeout_s=NODE_TIMEOUT_S, seed=seed, trace=trace or "events")


def _suspected_for_good(cluster: RedisCluster) -> str:
    """A master is down for four node timeouts, all running nodes say PFAIL of it, and to all of them its slots are still its own."""
    running = cluster.running()
    if not running:
        return "no node is up that could be asked"
    crashed = {row["node"]: row["time"] for row in cluster.trace.filter(kind="crash").table()}
    reasons = []
    for name, time in crashed.items():
        if name in running:
            continue
        doubts = {via: cluster.gossip.view(via)[name] for via in running}
        other = next((via for via, belief in doubts.items() if belief != "pfail"), None)
        without = next((via for via in running if name not in cluster.authority.slots(via)), None)
        down_s = cluster.world.now - time
        if without is not None:
            reasons.append(f"{name} owns no slot, as {without} knows it")
        elif other is not None:
            reasons.append(f"{other} takes {name} for {doubts[other]}")
        elif down_s < LASTING_S:
            reasons.append(f"{name} is down for {down_s:.0f} s, and it must be {LASTING_S:.0f} s")
        else:
            return ""
    return "; ".join(reasons) or "every node is up"


def _written(seed: int, wait: int, trace: bool | str = False) -> RedisCluster:
    """Three masters with a replica each: a new key of node-1's slot 105 is set each second from 5 to 104 s, at node-1."""
    cluster = RedisCluster(node_timeout_s=NODE_TIMEOUT_S, seed=seed, trace=trace)
    sets = [
        (
            5 + number,
            "set",
            {"key": f"{{orders}}:{number}", "value": str(number), "via": "node-1", "wait": wait},
        )
        for number in range(SETS)
    ]
    cluster.play(Scenario(sets))
    return cluster


def _gone(cluster: RedisCluster) -> str:
    running = cluster.running()
    if set(cluster.world.names) != set(running):
        return "some node is down"
    slot = cluster.slot("{orders}:0")
    owners = sorted({str(cluster.authority.owner(slot, via)) for via in running})
    if len(owners) > 1:
        return f"nodes don't agree yet who owns slot {slot}: {' and '.join(owners)}"
    acknowledged = [one.key for one in cluster.operations if one.kind == "set" and one.ok]
    held = running[owners[0]].replication.data
    if any(key not in held for key in acknowledged):
        return ""
    return f"{len(acknowledged)} writes were acknowledged, and {owners[0]} has them all"


REDIS_CLUSTER_CLAIMS = {
    "pfail": Claim(
        "A master is down for a minute, every running node says PFAIL of it, and its slots stay its own, because PFAIL is "
        "each node's own opinion and no majority of masters is left that could make FAIL of it.",
        system=lambda seed, **more: _standing(seed, 5, **more),
        variant=lambda seed, **more: _standing(seed, 7, **more),
        because="there are seven masters",
        seen=_suspected_for_good,
        actions=("crash", "restart"),
    ),
    "lost": Claim(
        "A write that a client got OK for is gone, though the network is whole all the time, because a master answers before "
        "its replica has the write.",
        system=lambda seed, **more: _written(seed, wait=0, **more),
        variant=lambda seed, **more: _written(seed, wait=1, **more),
        because="each client waits until a replica has the write (WAIT 1)",
        seen=_gone,
        actions=("crash", "restart", "pause"),
    ),
}
