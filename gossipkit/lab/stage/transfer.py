"""Borrowed settings in an environment, on a stage: each cell of the table of failure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from ...gossip import scuttlebutt
from ...sim import Network
from ...sim.checks import number, whole
from ...systems.transfer import (
    BORROWED,
    ENVIRONMENTS,
    TIMES,
    Environment,
    Family,
    Settings,
    borrowed,
    cluster,
    environment,
)
from ...systems.transfer.cells import DOWN
from ..controls import Choice, Slider
from .bare import NO_AUTHORITY
from .cassandra import GOSSIP_SORTS
from .cassandra import VERBS as GOSSIPER_VERBS
from .cast import LONGEST_S, Bare, Belief, Cast, Lane
from .swim import SORTS, TOLD
from .swim import VERBS as MEMBER_VERBS

FANOUT_OF = {Family.SWIM: "gossip_nodes", Family.SCUTTLEBUTT: "fanout"}
SHOWN = 40
"""More members are not to be told apart: of a thousand so many are shown."""


class TransferCast(Cast):
    """Members with somebody's settings, in a place with faults of its own."""

    system, title = "transfer", "Borrowed settings"
    kinds: ClassVar = {
        "probe": "probe, ping",
        "ack": "answer",
        "gossip": "gossip",
        "push-pull": "push/pull",
        "digest": "digests (SYN, ACK, ACK2)",
        "heartbeat": "heartbeat",
        "other": "other",
    }
    sorts: ClassVar = (
        GOSSIP_SORTS
        | SORTS
        | {
            # SWIM's Ack answers a probe, Cassandra's carries digests
            scuttlebutt.Ack: "digest",
            "Heartbeat": "heartbeat",
            "BusPing": "probe",
            "Pong": "ack",
            "Fail": "gossip",
        }
    )
    beliefs = (
        Belief("alive", "alive", 0),
        Belief("suspect", "suspect", 2),
        Belief("dead", "dead", 3),
        Belief("up", "up", 0),
        Belief("down", "down", 3),
        Belief("unknown", "unknown", 1),
    )
    verbs: ClassVar = GOSSIPER_VERBS | MEMBER_VERBS
    good = ("alive", "up", "suspect")
    told = TOLD
    own_network = True
    notes = ("The environment's own faults happen by themselves; yours come on top.",)
    controls = (
        Slider(
            "fanout",
            0,
            6,
            1,
            value=0,
            label="Fanout, 0 as borrowed",
            help="Members told in a round. Who tells everybody, as in a full mesh, has no such thing.",
        ),
        Slider("loss", 0.0, 0.5, 0.05, value=0.0, label="More loss", unit="of all packets, beside its own"),
        Slider("churn", 0, 30, 5, value=0, label="More churn", unit="crashes and as many joins a minute"),
        Choice("environment", list(ENVIRONMENTS), value="lan", label="Environment"),
        Choice("settings", list(BORROWED), value="memberlist LAN", label="Settings borrowed from"),
        Slider("times", values=TIMES, value=1.0, label="All times", unit="times as long"),
    )
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        NO_AUTHORITY,
        Lane("repair", "Pairs of a member and one that it takes for dead", "pairs"),
    )

    def make(
        self,
        seed: int,
        network: Network,
        *,
        environment: str | Environment = "lan",
        settings: str | Settings = "memberlist LAN",
        times: float = 1.0,
        fanout: int = 0,
    ) -> Bare:
        number("times", times, low=1e-6)
        whole("fanout", fanout, 0)
        place = _environment(environment)
        place = replace(place.smaller(min(place.members, SHOWN)), warm_up_s=0.0)
        chosen = borrowed(settings) if isinstance(settings, str) else settings
        chosen = _told(chosen.scaled(times) if times != 1 else chosen, fanout)
        arrives = (1 - place.network.loss) * (1 - network.loss)
        place = replace(place, network=replace(place.network, loss=1 - arrives))
        world = cluster(place, chosen, seed, trace=True)
        world.play(place.scenario(seed, LONGEST_S))
        if place.churn_per_minute:
            rate = place.churn_per_minute / 60
            world.churn(leaves_per_s=rate, joins_per_s=rate, seconds=LONGEST_S)
        return Bare(world)

    def opinion(self, kind: str, told: dict) -> tuple[str | None, str | None] | None:
        found = super().opinion(kind, told)
        return found and (found[0], _word(found[1]))

    def view(self, system: Bare, name: str) -> dict[str, str]:
        process = system.world.processes[name]
        if hasattr(process, "endpoints"):
            return {other: "up" if known.alive else "down" for other, known in process.endpoints.items()}
        held = process.states if hasattr(process, "states") else process.beliefs
        return {other: _word(word) for other, word in held.items()}

    def repair(self, run) -> list[tuple[float, float]]:
        ends, found = set(map(run.folded.word, DOWN)), [(0.0, 0.0)]
        buried: set[tuple[int, int]] = set()
        for time, observer, subject, word in run.folded.beliefs:
            (buried.add if word in ends else buried.discard)((observer, subject))
            if len(buried) != found[-1][1]:
                found.append((time, float(len(buried))))
        return found


def _word(word: str | None) -> str | None:
    """Redis calls a suspect pfail, possibly failed."""
    return "suspect" if word == "pfail" else word


def _told(settings: Settings, fanout: int) -> Settings:
    """The settings with another fanout, where their family has one; 0 leaves them as they are."""
    name = FANOUT_OF.get(settings.family)
    if not fanout or name is None:
        return settings
    return replace(settings, config=replace(settings.config, **{name: fanout}))


def _environment(given: Any) -> Environment:
    return given if isinstance(given, Environment) else environment(given)
