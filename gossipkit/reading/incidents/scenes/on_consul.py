"""What all incidents on Consul have alike: its metrics, its log lines, what a node says."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ....systems import Consul
from ..recording import Metric
from ..taking import Scene
from .users import PHRASES as USERS


class ConsulScene(Scene):
    """Servers, agents, and users or programs beside them."""

    product = "Consul"
    metrics: ClassVar = {
        "serf.member.failed": Metric("events/s", "counter", "members"),
        "serf.member.left": Metric("events/s", "counter", "members"),
        "serf.member.join": Metric("events/s", "counter", "members"),
        "serf.member.flap": Metric("events/s", "counter", "members"),
        "memberlist.msg.suspect": Metric("claims/s", "counter", "members"),
        "memberlist.health.score": Metric("points", "gauge", "health"),
        "memberlist.queue.broadcasts": Metric("messages", "gauge", "traffic"),
        "consul.leader.reconcileMember": Metric("members/s", "counter", "commits"),
        "raft.apply": Metric("entries/s", "counter", "commits"),
        "raft.state.candidate": Metric("candidacies/s", "counter", "votes"),
        "raft.state.leader": Metric("elections won/s", "counter", "votes"),
    }
    # memberlist/state.go, net.go; serf/serf.go; raft/raft.go; consul/agent/local/state.go, agent/consul/leader.go
    phrases: ClassVar = USERS | {
        "probe-failed": "[INFO]  memberlist: Suspect {about} has failed, no acks received",
        "tcp-only": "[WARN]  memberlist: Was able to connect to {about} over TCP but UDP probes failed, network may be misconfigured",
        "refute": "[WARN]  memberlist: Refuting a suspect or dead message (from: {by})",
        "push-pull-failed": "[ERR]   memberlist: Push/Pull with {about} failed",
        "unreadable": "[ERR]   memberlist: Decrypt packet failed: No installed keys could decrypt the message from={sender}",
        "member-failed": "[INFO]  serf: EventMemberFailed: {about}",
        "member-join": "[INFO]  serf: EventMemberJoin: {about}",
        "member-leave": "[INFO]  serf: EventMemberLeave: {about}",
        "raft-candidate": "[WARN]  raft: heartbeat timeout reached, entering candidate state: term={term}",
        "raft-elected": "[INFO]  raft: election won, entering leader state: term={term}",
        "raft-deposed": "[INFO]  raft: entering follower state: term={term}",
        "reconciled": "[INFO]  consul: member reconciled: member={about} status={state}",
        "synced": "[INFO]  agent: Synced node info and services",
        "registered": "[INFO]  agent: registered service: service={about}",
    }

    def roles(self, system: Consul) -> dict[str, str]:
        """By node, its role; what is no node of Consul's is named after its role."""
        return {name: name.rsplit("-", 1)[0] for name in system.world.names}

    def state(self, system: Consul, node: str) -> dict[str, dict]:
        process = system.world.process(node)
        if not hasattr(process, "swim"):
            return {"view": {}, "facts": dict(process.facts()) if hasattr(process, "facts") else {}}
        facts: dict[str, Any] = {}
        if hasattr(process, "store"):
            store = process.store
            facts |= {
                "raft": f"{store.role} in term {store.current_term}",
                "leader": store.leader or "none",
                "commit index": store.commit_index,
                "catalog": _catalog(store.machine.nodes),
            }
        else:
            facts["services"] = ", ".join(process.local.services) or "none"
        return {"view": system.gossip.view(node), "facts": facts | self.more(system, node)}

    def more(self, system: Consul, node: str) -> Mapping[str, Any]:
        """What a node says beside that in this incident."""
        return {}


def _catalog(nodes: Mapping[str, Any]) -> str:
    """By service, the nodes that offer it and have no critical check, and then those that have one."""
    healthy: dict[str, list[str]] = {}
    for name, entry in sorted(nodes.items()):
        critical = any(check.status == "critical" for check in entry.checks.values())
        for service in entry.services.values():
            healthy.setdefault(service.name, []).append(f"{name} (critical)" if critical else name)
    return "; ".join(f"{service}: {', '.join(found)}" for service, found in healthy.items()) or "no services"
