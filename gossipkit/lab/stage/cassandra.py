"""Cassandra on a stage: nodes in the order of their tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ...gossip.scuttlebutt import GossipConfig, Gossiper
from ...sim import Network
from ...systems import Cassandra
from ..controls import Slider
from . import actions
from .cast import CENTRE, LOSS, OUTAGES, Belief, Cast, Lane, counted, on_circle, outages
from .quorums import clean, hints, in_order

GOSSIP_SORTS = {
    "Syn": "digest",
    "Ack": "digest",
    "Ack2": "digest",
    "Echo": "probe",
    "EchoReply": "ack",
    "Shutdown": "gossip",
}
BELIEFS = (
    Belief("up", "up", 0),
    Belief("down", "down", 3),
    Belief("left", "left", 1),
    Belief("unknown", "unknown", 1),
)
VERBS = {
    "up": "takes {about} for up",
    "down": "takes {about} for down",
    "left": "knows that {about} left",
    "unknown": "knows nothing of {about}",
}
PHI = Slider(
    "phi",
    values=(1, 2, 4, 6, 8, 10, 12, 16),
    value=8,
    label="phi_convict_threshold",
    help="A node is taken for down when phi is more.",
)
FANOUT = Slider(
    "fanout",
    1,
    6,
    1,
    value=1,
    label="Fanout",
    unit="nodes told in a round, of those alive",
    help="Cassandra fixes this at 1; now and then a dead node and a seed are told as well.",
)


def gossiper_is(name: str, gossiper: Gossiper, phis: dict[str, float]) -> list[str]:
    """What a gossiper says of itself, and whom it suspects most, in words."""
    own = gossiper.endpoints[name].state.heartbeat
    most = sorted(phis.items(), key=lambda each: (-each[1], each[0]))[:3]
    return [
        f"generation {own.generation}, heartbeat {own.version}",
        "suspects most: " + (", ".join(f"{name} (phi {phi:.2f})" for name, phi in most) or "nobody"),
    ]


class CassandraCast(Cast):
    """Nodes on a ring; data centres apart."""

    system, title, shape = "cassandra", "Cassandra", "ring"
    kinds: ClassVar = {
        "digest": "digests (SYN, ACK, ACK2)",
        "probe": "echo",
        "ack": "echo's answer",
        "gossip": "shutdown",
        "client": "mutations and reads",
        "hint": "hint",
        "merkle": "Merkle trees and streams",
        "raft": "log of epochs",
        "other": "other",
    }
    sorts: ClassVar = GOSSIP_SORTS | {
        "Mutation": "client",
        "MutationDone": "client",
        "ReadCommand": "client",
        "ReadAnswer": "client",
        "ValidationRequest": "merkle",
        "ValidationResponse": "merkle",
        "SyncRequest": "merkle",
        "SyncDone": "merkle",
        "Stream": "merkle",
        "StreamRequest": "merkle",
        "LogEntry": "raft",
        "Committed": "raft",
        "Rejected": "raft",
        "FetchLog": "raft",
        "LogState": "raft",
        "AskEpoch": "raft",
        "AtEpoch": "raft",
    }
    beliefs, verbs, good = BELIEFS, VERBS, ("up",)
    operations = actions.CASSANDRA
    controls = (FANOUT, LOSS, OUTAGES, PHI)
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        Lane("authority", "Share of the ring with a clean quorum", "%"),
        Lane("repair", "Hints held for nodes that missed a write", "hints"),
    )
    told: ClassVar = {
        "joining": ("authority", "{node} begins to join the ring"),
        "joined": ("authority", "{node} owns its {tokens} tokens"),
        "join-refused": ("authority", "{node} may not join: {reason}"),
        "leaving": ("authority", "{node} begins to leave the ring"),
        "left": ("authority", "{node} owns nothing any more"),
        "unavailable": ("authority", "{node} refuses a {what} of {key}: too few replicas are up"),
        "timeout": ("authority", "{node} gives up a {what} of {key}: too few replicas answered"),
        "shadow-round-failed": ("gossip", "{node} reached nobody whom it knows and does not start"),
        "local-pause": ("gossip", "{node} stood still itself, and convicts nobody"),
        "hint-stored": ("repair", "{node} keeps a hint for {about}: {key}"),
        "hint-delivered": ("repair", "{node} has delivered a hint to {about}"),
        "hint-expired": ("repair", "{node} gives up a hint for {about}: it is too old"),
        "read-repair": ("repair", "{node} repairs {key} after a read"),
        "repair": ("repair", "{node} begins a Merkle repair of its ranges"),
        "repaired": ("repair", "{node} has repaired its ranges"),
        "synchronised": ("repair", "{one} and {other} have exchanged {cells} rows"),
    }

    def make(
        self,
        seed: int,
        network: Network,
        *,
        nodes: int = 12,
        vnodes: int = 4,
        fanout: int = 1,
        phi: float = 8,
        config: GossipConfig | None = None,
        **others,
    ) -> Cassandra:
        config = replace(config or GossipConfig(), fanout=fanout, phi_convict_threshold=float(phi))
        return Cassandra(nodes, vnodes=vnodes, seed=seed, network=network, config=config, **others)

    def view(self, system: Cassandra, name: str) -> dict[str, str]:
        return system.gossip.view(name)

    def groups(self, system: Cassandra) -> list[dict]:
        centres = sorted({system.place(name).datacentre for name in system.world.names})
        return [{"name": name, "label": name, "hull": len(centres) > 1} for name in centres]

    def places(self, system: Cassandra) -> list[dict]:
        by_centre: dict[str, list[str]] = {}
        for name in in_order(system.world.names, self.sample(system)):
            by_centre.setdefault(system.place(name).datacentre, []).append(name)
        found, count = {}, len(by_centre)
        for at, (centre, names) in enumerate(sorted(by_centre.items())):
            x = 1000 * (2 * at + 1) / (2 * count)
            for place in on_circle(names, centre, x, CENTRE, 440 / count):
                found[place["name"]] = place
        return [found[name] for name in system.world.names]

    def is_what(self, system: Cassandra, name: str) -> list[str]:
        node = system.running().get(name)
        if node is None:
            return ["it does not take part yet, or no more"]
        phis = {
            other: node.gossiper.detector.phi(other, system.world.now)
            for other in node.gossiper.endpoints
            if other != name
        }
        return [
            *gossiper_is(name, node.gossiper, phis),
            f"keeps {counted(len(system.storage(name).cells), 'row')}",
        ]

    def waiting(self, system: Cassandra, name: str) -> list[str]:
        held = [
            f"{counted(count, 'hint')} for {target}"
            for (holder, target), count in system.repair.backlog().items()
            if holder == name
        ]
        return held or ["no hints"]

    def churn(self, system: Cassandra, per_s: float) -> None:
        outages(system, per_s, system.world.names)

    def sample(self, system: Cassandra):
        running = system.running()
        return next(iter(running.values())).ownership.ring if running else None

    def facts(self, system: Cassandra) -> dict:
        return dict(system.settings.replication)

    def authority(self, run) -> list[tuple[float, float]]:
        return clean(run, run.facts, sum(run.facts.values()) // 2 + 1)

    def repair(self, run) -> list[tuple[float, float]]:
        return hints(run)
