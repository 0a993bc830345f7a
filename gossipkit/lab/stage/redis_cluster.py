"""Redis Cluster on a stage: masters on a circle, each with its replicas outside of it."""

from __future__ import annotations

from math import cos, pi, sin
from typing import ClassVar

from ...authority.slots import SLOTS, bits_of
from ...sim import Network
from ...systems import RedisCluster
from ..controls import Slider
from . import actions
from .cast import CENTRE, LOSS, OUTAGES, Belief, Cast, Lane, counted, outages
from .columns import UP

INNER, OUTER = 230, 440
FANOUT = Slider(
    "fanout",
    1,
    5,
    1,
    value=1,
    label="Fanout",
    unit="random pings a second",
    help="Beside those that the node timeout asks for. The product sends one.",
)
TIMEOUT = Slider(
    "node_timeout_s", 1, 15, 1, value=3, label="Node timeout", unit="s", help="The product's default is 15 s."
)


class RedisClusterCast(Cast):
    """Masters and their replicas."""

    system, title, shape = "redis_cluster", "Redis Cluster", "groups"
    kinds: ClassVar = {
        "probe": "ping",
        "ack": "pong",
        "gossip": "FAIL",
        "vote": "requests for votes, and votes",
        "update": "UPDATE: who owns these slots",
        "replication": "writes to replicas",
        "connect": "opening of a connection",
        "other": "other",
    }
    sorts: ClassVar = {
        "Ping": "probe",
        "Pong": "ack",
        "Fail": "gossip",
        "AuthRequest": "vote",
        "AuthAck": "vote",
        "Update": "update",
        "Psync": "replication",
        "FullSync": "replication",
        "Stream": "replication",
        "Confirm": "replication",
        "Refused": "replication",
        "Connect": "connect",
    }
    beliefs = (
        Belief("ok", "ok", 0),
        Belief("pfail", "fail?: it doubts this one", 2),
        Belief("fail", "fail: a majority of masters does", 3),
        Belief("unknown", "unknown", 1),
    )
    verbs: ClassVar = {
        "ok": "takes {about} for well",
        "pfail": "doubts {about} (PFAIL)",
        "fail": "takes {about} for failed (FAIL)",
        "unknown": "does not know {about}",
    }
    good = ("ok",)
    operations = actions.REDIS_CLUSTER
    controls = (FANOUT, LOSS, OUTAGES, TIMEOUT)
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        Lane("authority", "Share of the slots that a running node serves", "%"),
        Lane("repair", "Keys that replicas have otherwise than their masters", "keys"),
    )
    told: ClassVar = {
        "quorum-reached": ("gossip", "{node} counts a majority of masters that doubt {about}, and tells all"),
        "election-scheduled": (
            "authority",
            "{node} will stand for election in place of {about} in {delay_s:.2f} s",
        ),
        "election-started": ("authority", "{node} asks for votes in epoch {epoch}"),
        "vote": ("authority", "asked for a vote for {about} in epoch {epoch}, {node} says: {verdict}"),
        "promoted": ("authority", "{node} is the master in place of {about}, by epoch {term}"),
        "cluster-state": ("authority", "{node} has cluster_state:{state} now"),
        "unavailable": ("authority", "{node} refuses a {what} of {key}: {error}"),
        "migrating": ("repair", "{node} goes to {about}, which has no replica left"),
        "following": ("repair", "{node} replicates {master} from now on"),
        "update-sent": ("repair", "{node} tells {to} that {about} owns its slots"),
        "master-link": ("repair", "{node} has master_link_status:{status} now, to {about}"),
    }
    notes = ("All goes over TCP: loss makes packets late, and loses none.",)

    def make(
        self,
        seed: int,
        network: Network,
        *,
        node_timeout_s: float = 3.0,
        repl_diskless_sync_delay_s: float = 1.0,
        **others,
    ) -> RedisCluster:
        return RedisCluster(
            node_timeout_s=node_timeout_s,
            repl_diskless_sync_delay_s=repl_diskless_sync_delay_s,
            seed=seed,
            network=network,
            **others,
        )

    def view(self, system: RedisCluster, name: str) -> dict[str, str]:
        return system.gossip.view(name)

    def groups(self, system: RedisCluster) -> list[dict]:
        return [
            {"name": "masters", "label": "masters at the beginning", "hull": True},
            {"name": "replicas", "label": "replicas", "hull": False},
        ]

    def places(self, system: RedisCluster) -> list[dict]:
        belongs = system.authority.masters()
        masters = [name for name in system.world.names if belongs[name] is None]
        found = {}
        for at, master in enumerate(masters):
            replicas = [name for name in system.world.names if belongs[name] == master]
            # nobody stands on top, where the label of the masters is
            middle = at + 0.5
            found[master] = _place(master, "masters", middle / len(masters), INNER)
            for number, name in enumerate(replicas, 1):
                # a master's replicas share its part of the circle
                share = number / (len(replicas) + 1) - 0.5
                found[name] = _place(name, "replicas", (middle + share) / len(masters), OUTER)
        return [found[name] for name in system.world.names]

    def is_what(self, system: RedisCluster, name: str) -> list[str]:
        node = system.started(name)
        if node.master is None:
            slots = node.slots.count([name])
            what = f"a master: it owns {counted(slots, 'slot')} by epoch {node.config_epoch}"
        else:
            what = f"replicates {node.master}; the stream is {system.repair.link(name)}"
        serves = "takes requests" if node.ok else "takes no requests: cluster_state:fail"
        return [
            what,
            f"{serves}, in epoch {node.current_epoch}",
            f"has {counted(len(node.replication.data), 'key')}, offset {node.replication.offset}",
        ]

    def waiting(self, system: RedisCluster, name: str) -> list[str]:
        found = [
            f"{counted(count, 'write')} that {replica} has not confirmed"
            for (master, replica), count in system.repair.backlog().items()
            if master == name
        ]
        return found or ["nothing that a replica has not confirmed"]

    def churn(self, system: RedisCluster, per_s: float) -> None:
        outages(system, per_s, system.world.names)

    def authority(self, run) -> list[tuple[float, float]]:
        return _served(run)

    def repair(self, run) -> list[tuple[float, float]]:
        return _behind(run)


def _place(name: str, group: str, turn: float, radius: float) -> dict:
    angle = 2 * pi * turn
    return {
        "name": name,
        "group": group,
        "x": round(CENTRE + radius * sin(angle)),
        "y": round(CENTRE - radius * cos(angle)),
    }


def _served(run) -> list[tuple[float, float]]:
    """By time, in percent: for how many slots some node runs, takes them for its own and takes requests."""
    up = dict.fromkeys(run.first, True)
    own: dict[str, int] = {}
    serving: dict[str, bool] = {}
    happened = [
        (time, at, "state", run.names[node], state)
        for at, (time, node, state) in enumerate(run.folded.states)
    ]
    happened += [
        (time, at, kind, node, told)
        for at, (time, node, kind, told) in enumerate(run.others)
        if kind in ("slots", "started", "cluster-state")
    ]
    found: list[tuple[float, float]] = []
    for time, _, kind, node, told in sorted(happened, key=lambda each: (each[0], each[1])):
        if kind == "state":
            up[node] = told == UP
        elif kind == "slots":
            own[node] = bits_of(told["owned"].get(node, ()))
        else:
            serving[node] = told["ok"]
        covered = 0
        for name, bits in own.items():
            if up.get(name) and serving.get(name):
                covered |= bits
        _noted(found, time, 100.0 * covered.bit_count() / SLOTS)
    return found


def _behind(run) -> list[tuple[float, float]]:
    """By time: how many keys running replicas have otherwise than their running masters."""
    data: dict[str, dict] = {}
    masters: dict[str, str | None] = {}
    found: list[tuple[float, float]] = [(0.0, 0.0)]
    for time, node, kind, told in run.others:
        if kind == "applied":
            data.setdefault(node, {})[told["key"]] = told["values"], told["version"]
        elif kind == "compacted":
            for key in told["keys"]:
                data[node].pop(key, None)
        elif kind in ("crash", "leave"):
            masters.pop(node, None)
        elif "master" in told:
            masters[node] = told["master"]
        else:
            continue
        behind = 0
        for name, master in masters.items():
            if master in masters:
                own, its = data.get(name, {}), data.get(master, {})
                behind += sum(own.get(key) != its.get(key) for key in own.keys() | its.keys())
        _noted(found, time, float(behind))
    return found


def _noted(found: list[tuple[float, float]], time: float, value: float) -> None:
    """Add a change to a curve; of several at one time the last counts."""
    if found and found[-1][0] == time:
        found.pop()
    if not found or found[-1][1] != value:
        found.append((time, value))
