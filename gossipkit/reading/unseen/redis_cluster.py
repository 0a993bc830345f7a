"""Redis Cluster, read."""

from ..loop import Answer, Reading

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
