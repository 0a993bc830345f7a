"""What all incidents on Cassandra have alike: its metrics, its log lines, what a node says."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ....systems import Cassandra
from ..recording import Metric
from ..taking import Scene
from .users import PHRASES as USERS


class CassandraScene(Scene):
    """Nodes of one ring, and users."""

    product = "Cassandra"
    metrics: ClassVar = {
        "FailureDetector.DownEndpointCount": Metric("nodes", "gauge", "members"),
        "gossip.states.sent": Metric("states/s", "counter", "traffic"),
        "Storage.TotalHints": Metric("hints/s", "counter", "repair"),
        "HintsService.HintsSucceeded": Metric("hints/s", "counter", "repair"),
        "ReadRepair.RepairedBlocking": Metric("reads/s", "counter", "repair"),
        "Streaming.IncomingBytes": Metric("bytes/s", "counter", "repair"),
        "ClientRequest.Latency.Write": Metric("writes/s", "counter", "users"),
        "ClientRequest.Timeouts.Write": Metric("writes/s", "counter", "users"),
        "ClientRequest.Unavailables.Write": Metric("writes/s", "counter", "users"),
        "ClientRequest.Timeouts.Read": Metric("reads/s", "counter", "users"),
        "ClientRequest.Unavailables.Read": Metric("reads/s", "counter", "users"),
        "DroppedMessage.Dropped.MUTATION": Metric("messages/s", "counter", "users"),
        "DroppedMessage.Dropped.READ": Metric("messages/s", "counter", "users"),
    }
    # gms/Gossiper.java, service/StorageService.java, hints/HintsDispatchExecutor.java, repair/RepairRunnable.java
    phrases: ClassVar = USERS | {
        "on-dead": "INFO  [GossipStage] Gossiper - InetAddress /{about} is now DOWN",
        "on-alive": "INFO  [GossipStage] Gossiper - InetAddress /{about} is now UP",
        "on-restart": "INFO  [GossipStage] Gossiper - Node /{about} has restarted, now UP",
        "on-join": "INFO  [GossipStage] Gossiper - Node /{about} is now part of the cluster",
        "on-remove": "INFO  [GossipStage] Gossiper - Removing host: /{about}",
        "refused-generation": "WARN  [GossipStage] Gossiper - received an invalid gossip generation for peer /{about}; received generation {generation}",
        "local-pause": "WARN  [GossipTasks] FailureDetector - Not marking nodes down due to local pause",
        "shadow-round": "INFO  [main] Gossiper - shadow round: {endpoints} endpoints known",
        "joining": "INFO  [main] StorageService - JOINING: waiting for ring information",
        "joined": "INFO  [main] StorageService - Node state jump to NORMAL",
        "streamed": "INFO  [StreamReceiveTask] StreamResultFuture - Received {cells} rows from {source}",
        "hint-not-stored": "DEBUG [MutationStage] StorageProxy - Not storing a hint for {about}: down for longer than max_hint_window",
        "repair": "INFO  [Repair] RepairSession - new session with {replicas} on {ranges} ranges",
        "repaired": "INFO  [Repair] RepairSession - session completed",
        "synchronised": "INFO  [Repair] SyncTask - {one} and {other} have {cells} rows out of sync",
        "repair-failed": "ERROR [Repair] RepairSession - session failed: {reason}",
        "compacted": "INFO  [CompactionExecutor] CompactionTask - purged tombstones of {keys}",
        "unavailable": "WARN  [Native-Transport] UnavailableException: {what} of {key} requires {required}, alive {alive}",
        "timeout": "WARN  [Native-Transport] {what}TimeoutException: {key}, required {required}, received {got}",
    }

    def roles(self, system: Cassandra) -> dict[str, str]:
        return {name: "app" if name.startswith("app") else "node" for name in system.world.names}

    def state(self, system: Cassandra, node: str) -> dict[str, dict]:
        if node.startswith("app"):
            return {"view": {}, "facts": {}}
        return {"view": dict(system.gossip.view(node)), "facts": dict(self.more(system, node))}

    def more(self, system: Cassandra, node: str) -> Mapping[str, Any]:
        """What a node says beside that in this incident."""
        return {}


def rows(system: Cassandra, node: str, keys: tuple[str, ...]) -> dict[str, str]:
    """What a node has on its disk under some keys, with timestamps."""
    cells = system.storage(node).cells
    return {
        f"row {key}": f"{cells[key].value if cells[key].live else 'tombstone'} written at {cells[key].timestamp:.1f} s"
        for key in keys
        if key in cells
    }
