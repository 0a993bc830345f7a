"""Consul, read."""

from ..systems import Consul
from .evidence import Claim
from .loop import Answer, Reading

CONSUL = Reading(
    system="Consul",
    pressure=Answer(
        "thousands of agents must notice failures within seconds; heartbeats to a central server, or of all to all, "
        "would cost more with every node, while SWIM's load per member stays the same",
        ("SWIM, section 1", "Consul documentation: Gossip Protocol"),
    ),
    job=Answer(
        "membership: name, address, tags, state and incarnation of every agent of the data centre (LAN pool) and of all "
        "servers (WAN pool); failure suspicions; user events. No service, no key, no decision",
        ("memberlist state.go", "serf/serf.go", "Consul documentation: Gossip Protocol"),
    ),
    authority=Answer(
        "three to five servers with Raft: catalog, keys, sessions and ACLs are what a majority has committed. A failure that "
        "gossip noticed becomes the check serfHealth only when the leader commits it. For its own services an agent is the "
        "authority; for its own incarnation, the member itself",
        ("consul agent/consul/leader.go", "consul agent/local/state.go"),
    ),
    repair=Answer(
        "for membership, push/pull of the full state with a random member each 30 s and serf's attempts to reach failed "
        "members; for the catalog, each agent's comparison with it every one to two minutes (up to 128 nodes; less often in larger "
        "clusters); for a lagging server, Raft's log",
        ("memberlist state.go, pushPull", "serf/serf.go, reconnect", "consul agent/ae/ae.go"),
    ),
    trust=Answer(
        "whoever has the gossip key is believed about anybody, so it survives crashes, loss, slowness and partitions but no "
        "liar; where ACLs are enabled, and they are not by default, reading and writing data takes a token, which is something "
        "else; the servers survive the loss of a minority",
        (
            "memberlist SECURITY.md, keyring.go",
            "consul acl/policy_authorizer.go",
            "Consul documentation: Consul security architecture",
        ),
    ),
    metrics=Answer(
        "memberlist.health.score and memberlist.msg.suspect (slow members), serf.member.flap, "
        "memberlist.queue.broadcasts (news that waits), raft.state.candidate and raft.leader.lastContact (authority), "
        "and a comparison of members' views, because no metric says who does not know",
        ("Consul documentation: Telemetry", "memberlist awareness.go, queue.go"),
    ),
)

AGENTS, SERVERS = 9, 3


def _cluster(seed: int, **options) -> Consul:
    cluster = Consul(agents=AGENTS, servers=SERVERS, seed=seed, trace=False, **options)
    cluster.register("agent-1", "web")
    return cluster


def _buried_but_answered(cluster: Consul) -> str:
    """Gossip agrees that agent-1 is dead, and the servers still name it."""
    up = [name for name in cluster.world.up if name != "agent-1"]
    believing = [name for name in up if cluster.gossip.view(name).get("agent-1") != "dead"]
    if "agent-1" in cluster.world.up:
        return "agent-1 is up"
    if believing:
        return f"{len(believing)} of {len(up)} running members do not take agent-1 for dead, {believing[0]} among them"
    asked = [name for name in cluster.servers_of(1) if name in cluster.world.up]
    if not asked:
        return "no server is up that could be asked"
    if not all("agent-1" in cluster.authority.answer("web", server) for server in asked):
        return "the servers do not name agent-1 for the service web"
    return ""


def _split(cluster: Consul) -> str:
    """Everybody is up and connected, and members still take each other for dead."""
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down, so that a belief in its death is no mistake"
    if not cluster.connected:
        return "the network is still partitioned"
    buried = [pair for pair in cluster.gossip.disagreement() if pair[2] in ("dead", "left")]
    return (
        ""
        if len(buried) >= 10
        else f"there are {len(buried)} wrong beliefs that a living member is dead: show at least 10"
    )


CONSUL_CLAIMS = {
    "authority": Claim(
        "Gossip has buried agent-1 everywhere, and the catalog still names it, because only a commit changes the catalog.",
        system=_cluster,
        variant=lambda seed: _cluster(seed, authority=None),
        because="servers write what gossip says without a log",
        seen=_buried_but_answered,
    ),
    "repair": Claim(
        "The network is whole again, and members still take living members for dead, because nothing exchanges full state.",
        system=lambda seed: _cluster(seed, repair=None),
        variant=_cluster,
        because="members exchange their full state",
        seen=_split,
    ),
}
