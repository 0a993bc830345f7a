"""Consul on a stage: agents around their servers."""

from __future__ import annotations

from typing import ClassVar

from ...gossip.swim import SwimConfig
from ...sim import Network
from ...systems import Consul
from ...systems.consul.settings import LAN
from . import actions
from .cast import CENTRE, LOSS, OUTAGES, Cast, Lane, counted, on_circle, outages
from .swim import (
    BELIEFS,
    FANOUT,
    KINDS,
    SORTS,
    SUSPICION,
    TOLD,
    VERBS,
    member_is,
    news,
    swim_config,
)

SERVICE, OFFERED_BY = "web", 3


class ConsulCast(Cast):
    """Servers inside, agents around them; each further data centre beside the first."""

    system, title, shape = "consul", "Consul", "groups"
    kinds: ClassVar = {**KINDS, "raft": "Raft", "client": "catalog and clients"}
    kinds["other"] = kinds.pop("other")
    sorts: ClassVar = SORTS | {
        "RequestVote": "raft",
        "RequestVoteReply": "raft",
        "RequestPreVote": "raft",
        "RequestPreVoteReply": "raft",
        "AppendEntries": "raft",
        "AppendEntriesReply": "raft",
        "Write": "client",
        "Read": "client",
        "Answer": "client",
        "Redirect": "client",
    }
    beliefs, verbs, good = BELIEFS, VERBS, ("alive", "suspect")
    operations = actions.CONSUL
    controls = (FANOUT, LOSS, OUTAGES, SUSPICION)
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        Lane("authority", "Committed index"),
        Lane("repair", "Registrations that the catalog has not been told of", "registrations"),
    )
    told: ClassVar = TOLD | {
        "raft-candidate": ("authority", "{node} stands for election in term {term}"),
        "raft-elected": ("authority", "{node} is elected: it leads in term {term}"),
        "raft-deposed": ("authority", "{node} leads no longer"),
        "raft-committed": ("authority", "{node} knows that all is committed up to entry {index}"),
        "reconciled": ("authority", "{node} has committed that {about} is {state}"),
        "synced": ("repair", "{node} has told the catalog what it lacked"),
        "check": ("repair", "the check {about} of {node} is {status} now"),
    }
    notes = (f"The first {OFFERED_BY} agents offer the service {SERVICE}.",)

    def make(
        self,
        seed: int,
        network: Network,
        *,
        agents: int = 17,
        servers: int = 3,
        fanout: int = 3,
        suspicion_mult: int = 4,
        config: SwimConfig | None = None,
        **others,
    ) -> Consul:
        config = swim_config(config or LAN, fanout, suspicion_mult)
        cluster = Consul(agents, servers, seed=seed, network=network, config=config, **others)
        for name in [name for name in cluster.nodes_of(1) if "agent" in name][:OFFERED_BY]:
            cluster.register(name, SERVICE)
        return cluster

    def opinion(self, kind: str, told: dict):
        # servers are members of a second pool, that of all data centres, where they may believe otherwise
        return None if kind.startswith("wan-") else super().opinion(kind, told)

    def view(self, system: Consul, name: str) -> dict[str, str]:
        return system.gossip.view(name)

    def pairs(self, system: Consul):
        where = {
            name: number for number in range(1, system.datacentres + 1) for name in system.nodes_of(number)
        }
        return lambda one, other: where.get(one, 1) == where.get(other, 1)

    def groups(self, system: Consul) -> list[dict]:
        found = []
        for number in range(1, system.datacentres + 1):
            label = f" of dc{number}" if system.datacentres > 1 else ""
            found += [
                {"name": f"servers-{number}", "label": f"servers{label}", "hull": True},
                {"name": f"agents-{number}", "label": f"agents{label}", "hull": False},
            ]
        return found

    def places(self, system: Consul) -> list[dict]:
        count, found = system.datacentres, {}
        for number in range(1, count + 1):
            x = 1000 * (2 * number - 1) / (2 * count)
            radius = 440 / count
            servers = system.servers_of(number)
            agents = [name for name in system.nodes_of(number) if name not in servers]
            for place in on_circle(servers, f"servers-{number}", x, CENTRE, radius * 0.4) + on_circle(
                agents, f"agents-{number}", x, CENTRE, radius
            ):
                found[place["name"]] = place
        return [found[name] for name in system.world.names]

    def is_what(self, system: Consul, name: str) -> list[str]:
        agent, lines = system.process(name), []
        store = getattr(agent, "store", None)
        if hasattr(store, "commit_index"):
            lines.append(
                f"{store.role} in term {store.current_term}: the log has {store.log.last_index} entries, "
                f"{store.commit_index} committed, {store.last_applied} applied"
            )
        services = ", ".join(agent.local.services) or "no service"
        return [*lines, f"offers {services}", *member_is(agent.swim)]

    def waiting(self, system: Consul, name: str) -> list[str]:
        untold = system.repair.backlog().get((name, "catalog"), 0)
        catalog = [f"{counted(untold, 'registration')} to be told to the catalog"] if untold else []
        return [*catalog, *news(system.process(name).swim)]

    def churn(self, system: Consul, per_s: float) -> None:
        servers = {name for number in range(1, system.datacentres + 1) for name in system.servers_of(number)}
        outages(system, per_s, [name for name in system.world.names if name not in servers])

    def authority(self, run) -> list[tuple[float, float]]:
        highest, found = 0, [(0.0, 0.0)]
        for time, _, kind, told in run.others:
            if kind in ("raft-committed", "raft-applied") and told["index"] > highest:
                highest = told["index"]
                found.append((time, float(highest)))
        return found

    def repair(self, run) -> list[tuple[float, float]]:
        untold: dict[str, int] = {}
        found = [(0.0, 0.0)]
        for time, node, kind, told in run.others:
            if kind == "untold":
                untold[node] = told["length"]
            elif kind in ("crash", "leave"):
                untold.pop(node, None)
            waiting = float(sum(untold.values()))
            if found[-1][1] != waiting:
                found.append((time, waiting))
        return found
