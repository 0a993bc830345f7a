"""What all incidents on Redis Cluster have alike: its metrics, its log lines, what a node says."""

from typing import ClassVar

from ....systems import RedisCluster
from ..recording import Metric
from ..taking import Scene
from .users import PHRASES as USERS

MASTERS = ("node-1", "node-2", "node-3")
"""At the beginning; node-4 replicates node-1, and so on."""


class RedisScene(Scene):
    """Masters with a replica each, and users."""

    product = "Redis Cluster"
    metrics: ClassVar = {
        "cluster_state": Metric("nodes that say ok", "gauge", "commits"),
        "cluster_current_epoch": Metric("epochs", "gauge", "votes"),
        "cluster_slots_pfail": Metric("slots", "gauge", "members"),
        "cluster_slots_fail": Metric("slots", "gauge", "members"),
        "cluster_stats_messages_ping_sent": Metric("messages/s", "counter", "traffic"),
        "cluster_stats_messages_auth-req_sent": Metric("messages/s", "counter", "votes"),
        "cluster_stats_messages_fail_sent": Metric("messages/s", "counter", "members"),
        "master_link_status": Metric("links that are up", "gauge", "repair"),
        "sync_full": Metric("syncs/s", "counter", "repair"),
        "errorstat_CLUSTERDOWN": Metric("errors/s", "counter", "users"),
        "errorstat_MOVED": Metric("redirections/s", "counter", "users"),
    }
    # redis 7.0, cluster.c and replication.c
    phrases: ClassVar = USERS | {
        "possibly-failing": "* NODE {about} possibly failing.",
        "failing": "* FAIL message received about {about}, or quorum reached",
        "quorum-reached": "* Marking node {about} as failing (quorum reached).",
        "reachable": "* Clear FAIL state for node {about}: it is reachable again.",
        "election-scheduled": "# Start of election delayed for {delay_s:.3f} s (rank #{rank}).",
        "election-started": "# Starting a failover election for epoch {epoch}.",
        "vote": "# Failover auth asked by {about} for epoch {epoch}: {verdict}",
        "promoted": "# Failover election won: I'm the new master.",
        "cluster-state": "# Cluster state changed: {state}",
        "following": "# Reconfiguring myself as a replica of {master}",
        "master-link": "* MASTER <-> REPLICA sync: link to {about} is {status}",
        "update-sent": "* Sending UPDATE about {about} to {to}",
        "unavailable": "* error reply to {what} {key}: {error}",
    }

    def roles(self, system: RedisCluster) -> dict[str, str]:
        names = system.world.names
        return {
            name: "app" if name.startswith("app") else "master" if name in MASTERS else "replica"
            for name in names
        }

    def state(self, system: RedisCluster, node: str) -> dict[str, dict]:
        if node.startswith("app"):
            return {"view": {}, "facts": {}}
        process = system.started(node)
        facts = {
            "role": f"replica of {process.master}" if process.master else "master",
            "cluster_state": "ok" if process.ok else "fail",
            "epochs": f"current {process.current_epoch}, own {process.config_epoch}",
            "slots": "; ".join(
                f"{owner} {sum(last - first + 1 for first, last in ranges)}"
                for owner, ranges in sorted(system.authority.slots(node).items())
            ),
        }
        return {"view": dict(system.gossip.view(node)), "facts": facts | dict(self.more(system, node))}

    def more(self, system: RedisCluster, node: str) -> dict:
        """What a node says beside that in this incident."""
        return {}
