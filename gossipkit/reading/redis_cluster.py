"""Redis Cluster, read."""

from ..sim import Scenario
from ..systems import RedisCluster
from .evidence import Claim
from .loop import Answer, Reading

SPECIFICATION = "Redis cluster specification (redis/redis-doc docs/reference/cluster-spec.md)"

REDIS_CLUSTER = Reading(
    system="Redis Cluster",
    pressure=Answer(
        "a client must find the owner of any of 16 384 slots in one step, and a dead owner must be replaced, without a proxy, a "
        "coordinator or a configuration service beside the nodes; so each node has to know all others, their slots and who is down",
        (
            f"{SPECIFICATION}: Main properties and rationales of the design, Cluster topology",
            "redis src/cluster.h: clusterMsg",
        ),
    ),
    job=Answer(
        "in the header of each ping and pong what the sender is: master or whose replica, its slots, its configEpoch, the newest "
        "epoch it knows, where its replication stream stands. In the gossip section, for a few nodes drawn at random and for all "
        "that the sender doubts: that they exist, and whether it takes them for ok, PFAIL or FAIL. No key, and no vote",
        (
            "redis src/cluster.c: clusterBuildMessageHdr, clusterSendPing, clusterProcessGossipSection",
            f"{SPECIFICATION}: Heartbeat and gossip messages",
        ),
    ),
    authority=Answer(
        "gossip says that a master has failed, once a majority of masters has doubted it within two node timeouts, and that only "
        "sets the next step off: its replica is the master when a majority of masters has voted for it, each once an epoch, with "
        "the failure in its own view. Of two that claim a slot the higher configEpoch owns it. Without a majority nothing is "
        "decided, and nobody serves",
        (
            "redis src/cluster.c: markNodeAsFailingIfNeeded, clusterHandleSlaveFailover, clusterSendFailoverAuthIfNeeded, clusterUpdateState",
            f"{SPECIFICATION}: Failure detection, Replica election and promotion",
        ),
    ),
    repair=Answer(
        "whoever claims slots by an old epoch is sent an UPDATE that names the owner, and becomes its replica; a client that asks "
        "the wrong node is sent to the right one (MOVED). A replica that missed writes gets the rest of its master's stream, or a "
        "copy of everything. What an old master had acknowledged and not passed on is thrown away",
        (
            "redis src/cluster.c: clusterSendUpdate, clusterUpdateSlotsConfigWith, getNodeByQuery",
            "redis src/replication.c: masterTryPartialResync",
            f"{SPECIFICATION}: UPDATE messages, Write safety",
        ),
    ),
    trust=Answer(
        "whoever reaches the bus port and is taken for a node is believed: its slots, its epoch, a FAIL it tells of; TLS can keep "
        "others off, and no message is signed. It survives the crash of a minority of masters, each with a replica that is left, and "
        "a partition on the side with the majority; acknowledged writes can be lost in both cases",
        (
            "redis src/cluster.c: clusterProcessPacket (CLUSTERMSG_TYPE_FAIL)",
            f"{SPECIFICATION}: Write safety, Availability",
        ),
    ),
    metrics=Answer(
        "CLUSTER INFO at every node: cluster_state, cluster_slots_pfail and cluster_slots_fail, cluster_current_epoch (it grows "
        "with each election), cluster_stats_messages_fail_sent and auth-req_sent; CLUSTER COUNT-FAILURE-REPORTS; and "
        "master_link_status and the distance of master_repl_offset and slave_repl_offset, which a failover would lose",
        (
            "Redis commands: CLUSTER INFO, CLUSTER COUNT-FAILURE-REPORTS, INFO",
            "redis src/cluster.c: clusterCommand",
        ),
    ),
)

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
