"""Consul, read."""

import networkx as nx

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
        "servers (WAN pool); failure suspicions; user events (news that clients hand to gossip). No service, no key, no "
        "decision",
        ("memberlist state.go", "serf/serf.go", "Consul documentation: Gossip Protocol"),
    ),
    authority=Answer(
        "three to five servers with Raft: catalog, keys, sessions and ACLs are what a majority has committed. A failure that "
        "gossip noticed becomes the check serfHealth only when the leader commits it. For its own services an agent is the "
        "authority; for its own incarnation, the member itself",
        ("consul agent/consul/leader.go", "consul agent/local/state.go"),
    ),
    repair=Answer(
        "for membership, push/pull of the full state with a random member each 30 s (up to 32 members; less often in "
        "larger clusters) and serf's attempts to reach failed members, and with retry_join whoever was restarted asks the "
        "configured servers; for the catalog, each agent's comparison with it every one to two minutes (up to 128 nodes; "
        "less often in larger clusters); for a lagging server, Raft's log",
        (
            "memberlist state.go, pushPull",
            "serf/serf.go, reconnect",
            "consul agent/retry_join.go",
            "consul agent/ae/ae.go",
        ),
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


def _cluster(seed: int, trace: bool = False, **options) -> Consul:
    cluster = Consul(agents=AGENTS, servers=SERVERS, seed=seed, trace=trace, **options)
    cluster.register("agent-1", "web")
    return cluster


def _alive_but_unnamed(cluster: Consul) -> str:
    """Gossip agrees that agent-1 is alive, and the servers leave it out."""
    if "agent-1" not in cluster.world.up:
        return "agent-1 is down"
    up = cluster.world.up
    doubting = [name for name in up if cluster.gossip.view(name).get("agent-1") != "alive"]
    if doubting:
        return f"{len(doubting)} of {len(up)} running members do not take agent-1 for alive, {doubting[0]} among them"
    asked = [name for name in cluster.servers_of(1) if name in up]
    if not asked:
        return "no server is up that could be asked"
    if not all(cluster.authority.catalog(server).entry("agent-1").services for server in asked):
        return "the servers have no service of agent-1 in their catalog yet"
    if any("agent-1" in cluster.authority.answer("web", server) for server in asked):
        return "the servers name agent-1 for the service web"
    return ""


def _dead_and_named(cluster: Consul) -> str:
    """Gossip agrees that agent-1, which is down, is dead, and a server still names it."""
    up = cluster.world.up
    if "agent-1" in up:
        return "agent-1 is up"
    unaware = [name for name in up if cluster.gossip.view(name).get("agent-1") != "dead"]
    if unaware:
        return f"{len(unaware)} of {len(up)} running members do not take agent-1 for dead, {unaware[0]} among them"
    asked = [name for name in cluster.servers_of(1) if name in up]
    if not any("agent-1" in cluster.authority.answer("web", server) for server in asked):
        return "no running server names agent-1 for the service web"
    return ""


def _camps(cluster: Consul) -> str:
    """Everybody is up and connected, and members keep to three camps or more, of which none knows another one alive."""
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down, so that a belief in its death is no mistake"
    if not cluster.connected:
        return "the network is still partitioned"
    known = nx.Graph()
    known.add_nodes_from(cluster.world.names)
    for name in cluster.world.names:
        view = cluster.gossip.view(name)
        known.add_edges_from((name, other) for other, state in view.items() if state not in ("dead", "left"))
    camps = nx.number_connected_components(known)
    if camps >= 3:
        return ""
    found = "all members are one camp" if camps == 1 else "there are two camps"
    return f"{found}, counting who takes whom for alive: show at least three"


CONSUL_CLAIMS = {
    "authority": Claim(
        "Every member knows that agent-1 is alive, and the catalog leaves it out, because only a commit changes the catalog.",
        system=_cluster,
        variant=lambda seed, **more: _cluster(seed, authority=None, **more),
        because="servers write what gossip says without a log",
        seen=_alive_but_unnamed,
    ),
    "repair": Claim(
        "The network is whole again, and members keep to three camps that take each other for dead, because nothing exchanges "
        "full state.",
        system=lambda seed, **more: _cluster(seed, repair=None, **more),
        variant=_cluster,
        because="members exchange their full state",
        seen=_camps,
    ),
}

CONSUL_EXAMPLE = Claim(
    "Every running member takes agent-1 for dead, and a server still names it for web, because only a commit changes the catalog.",
    system=_cluster,
    variant=lambda seed, **more: _cluster(seed, authority=None, **more),
    because="servers write what gossip says without a log",
    seen=_dead_and_named,
)
"""The claim for which a lesson builds the evidence before the eyes of its readers."""
