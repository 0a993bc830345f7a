"""Dynamo on a stage: nodes in the order of their tokens, membership and health as each node has them."""

from __future__ import annotations

from typing import ClassVar

from ...sim import Network
from ...systems import Dynamo
from ..controls import Slider, Toggle
from . import actions
from .cast import LOSS, OUTAGES, Belief, Cast, Lane, counted, on_circle, outages
from .quorums import clean, hints, in_order

FANOUT = Slider(
    "fanout",
    1,
    6,
    1,
    value=1,
    label="Fanout",
    unit="nodes compared with each second",
    help="The paper says one random peer.",
)
HISTORY_SORTS = {"Compare": "digest", "Changes": "gossip"}


class DynamoCast(Cast):
    """Nodes on a ring."""

    system, title, shape = "dynamo", "Dynamo", "ring"
    kinds: ClassVar = {
        "digest": "digest of the membership",
        "gossip": "membership",
        "probe": "try of a failed node",
        "ack": "its answer",
        "client": "puts and gets",
        "hint": "hint",
        "merkle": "Merkle trees",
        "other": "other",
    }
    sorts: ClassVar = HISTORY_SORTS | {
        "Try": "probe",
        "TryReply": "ack",
        "Replicate": "client",
        "Kept": "client",
        "Fetch": "client",
        "Fetched": "client",
        "Forward": "client",
        "ForwardDated": "client",
        "Outcome": "client",
        "Roots": "merkle",
        "Exchange": "merkle",
    }
    beliefs = (
        Belief("up", "up", 0),
        Belief("failed", "failed: no answer", 3),
        Belief("unknown", "no member", 1),
    )
    verbs: ClassVar = {
        "up": "takes {about} for up",
        "failed": "has no answer from {about}",
        "unknown": "does not take {about} for a member",
    }
    good = ("up",)
    operations = actions.DYNAMO
    controls = (
        FANOUT,
        LOSS,
        OUTAGES,
        Slider("r", 1, 3, 1, value=2, label="R", unit="answers that a get waits for"),
        Slider("w", 1, 3, 1, value=2, label="W", unit="answers that a put waits for"),
        Toggle("sloppy", True, label="Sloppy quorum: others stand in for homes that have failed"),
    )
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        Lane("authority", "Share of the ring with a clean quorum", "%"),
        Lane("repair", "Hints held for homes that missed a write", "hints"),
    )
    told: ClassVar = {
        "membership-change": ("authority", "an administrator tells {node}: {action} of {about}"),
        "unavailable": ("authority", "{node} refuses a {what} of {key}: too few nodes are up"),
        "timeout": ("authority", "{node} gives up a {what} of {key}: too few nodes answered"),
        "hint-stored": ("repair", "{node} keeps a hint for {about}: {key}"),
        "hint-delivered": ("repair", "{node} has delivered a hint to {about}"),
        "read-repair": ("repair", "{node} repairs {key} after a get"),
        "merkle-done": ("repair", "{node} has compared its trees with {about}: {objects} objects exchanged"),
    }

    def make(self, seed: int, network: Network, *, nodes: int = 12, **others) -> Dynamo:
        return Dynamo(nodes, seed=seed, network=network, **others)

    def view(self, system: Dynamo, name: str) -> dict[str, str]:
        return system.gossip.view(name)

    def groups(self, system: Dynamo) -> list[dict]:
        return [{"name": "ring", "label": "nodes", "hull": False}]

    def places(self, system: Dynamo) -> list[dict]:
        placed = on_circle(in_order(system.world.names, self.sample(system)), "ring")
        found = {place["name"]: place for place in placed}
        return [found[name] for name in system.world.names]

    def sort(self, message) -> str:
        if getattr(message, "hint_for", None) is not None:
            return "hint"
        return super().sort(message)

    def is_what(self, system: Dynamo, name: str) -> list[str]:
        node = system.started(name)
        return [
            f"knows {counted(len(node.history.changes), 'change')} of membership",
            f"keeps {counted(len(system.storage(name).objects), 'object')}",
        ]

    def waiting(self, system: Dynamo, name: str) -> list[str]:
        store = system.storage(name).hints
        return [f"{counted(len(store.held(target)), 'hint')} for {target}" for target in store.targets] or [
            "no hints"
        ]

    def churn(self, system: Dynamo, per_s: float) -> None:
        outages(system, per_s, system.world.names)

    def sample(self, system: Dynamo):
        running = system.running()
        return next(iter(running.values())).ring if running else None

    def facts(self, system: Dynamo) -> dict:
        return {"n": system.settings.n, "quorum": max(system.settings.r, system.settings.w)}

    def authority(self, run) -> list[tuple[float, float]]:
        return clean(run, run.facts["n"], run.facts["quorum"])

    def repair(self, run) -> list[tuple[float, float]]:
        return hints(run)
