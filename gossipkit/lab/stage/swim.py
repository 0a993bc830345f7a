"""Bare SWIM on a stage: memberlist's members, with nothing decided above them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ...gossip.swim import SwimConfig, SwimNode
from ...sim import Network, World
from ...sim.checks import whole
from ...systems.simulated import Action
from ..controls import Slider
from .actions import JOIN, LEAVE
from .cast import CHURN, LOSS, Bare, Belief, Cast, Lane, Open, counted

KINDS = {
    "probe": "probe",
    "ack": "ack and nack",
    "gossip": "gossip",
    "push-pull": "push/pull",
    "other": "other",
}
SORTS = {
    "Ping": "probe",
    "IndirectPing": "probe",
    "StreamPing": "probe",
    "Ack": "ack",
    "Nack": "ack",
    "StreamAck": "ack",
    "Alive": "gossip",
    "Suspect": "gossip",
    "Dead": "gossip",
    "UserEvent": "gossip",
    "JoinIntent": "gossip",
    "LeaveIntent": "gossip",
    "PushPull": "push-pull",
    "PushPullReply": "push-pull",
}
BELIEFS = (
    Belief("alive", "alive", 0),
    Belief("suspect", "suspect", 2),
    Belief("dead", "dead", 3),
    Belief("leaving", "leaving", 1),
    Belief("left", "left", 1),
    Belief("unknown", "unknown", 1),
)
VERBS = {
    "alive": "takes {about} for alive",
    "suspect": "suspects {about}",
    "dead": "takes {about} for dead",
    "leaving": "knows that {about} is leaving",
    "left": "knows that {about} left",
    "unknown": "knows nothing of {about}",
}
TOLD = {
    "probe-failed": ("gossip", "{node} had no answer from {about}"),
    "refute": ("gossip", "{node} refutes what is said of it"),
    "push-pull-failed": ("repair", "{node} could not exchange all state with {about}"),
    "member-reap": ("repair", "{node} gives {about} up"),
}
FANOUT = Slider("fanout", 1, 6, 1, value=3, label="Fanout", unit="members gossiped to in a round")
SUSPICION = Slider(
    "suspicion_mult",
    1,
    8,
    1,
    value=4,
    label="SuspicionMult",
    help="How long a suspect has to refute at least: this times log10 of the members, in probe intervals.",
)


def swim_config(config: SwimConfig | None, fanout: int, suspicion_mult: int) -> SwimConfig:
    """memberlist's LAN settings with what the sliders say."""
    return replace(config or SwimConfig.lan(), gossip_nodes=fanout, suspicion_mult=suspicion_mult)


def buried(run) -> list[tuple[float, float]]:
    """Pairs of an observer and a member that it takes for dead, by time: whom repair still tries to reach."""
    dead, count, found = run.folded.word("dead"), 0, [(0.0, 0.0)]
    now: dict[tuple[int, int], int] = {}
    for time, observer, subject, word in run.folded.beliefs:
        before = now.get((observer, subject), 0)
        now[observer, subject] = word
        difference = (word == dead) - (before == dead)
        if difference:
            count += difference
            found.append((time, float(count)))
    return found


def member_is(node: SwimNode) -> list[str]:
    """What a member says of itself, in words."""
    lines = [f"incarnation {node.members.me.incarnation}, local health score {node.health.score}"]
    for member in node.members:
        if member.suspicion is not None:
            accused = member.suspicion
            lines.append(
                f"suspects {member.name} until {accused.deadline_s:.2f} s: "
                f"{accused.confirmations} of {accused.k} confirmations"
            )
    return lines


def news(node: SwimNode) -> list[str]:
    """What a member has still to gossip, in words, in the order of sending."""
    found = []
    for queue in (node.gossip.claims, node.gossip.intents, node.gossip.events):
        for sent, _, _, about, message in queue.items:
            of = f" of {about}" if about else ""
            found.append(f"to be gossiped: {type(message).__name__}{of}, sent {counted(sent, 'time')} so far")
    return found or ["nothing to be gossiped"]


class Members(Open):
    """Members of one pool, who can say farewell."""

    ACTIONS: ClassVar = Open.ACTIONS | {"leave": Action(nodes=("name",))}

    def leave(self, name: str) -> None:
        """Have a member say farewell.

        Raises
        ------
        ValueError
            If it is down.
        """
        self.started(name).leave()


class SwimCast(Cast):
    """Members of one pool."""

    system, title = "swim", "SWIM"
    kinds, sorts, beliefs, verbs, told = KINDS, SORTS, BELIEFS, VERBS, TOLD
    good = ("alive", "suspect")
    operations = (JOIN, LEAVE)
    controls = (FANOUT, LOSS, CHURN, SUSPICION)
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        Lane("authority", "", off=True, note="Nobody decides here: each member believes what it has heard."),
        Lane("repair", "Pairs of a member and one that it takes for dead", "pairs"),
    )

    def make(
        self,
        seed: int,
        network: Network,
        *,
        members: int = 40,
        fanout: int = 3,
        suspicion_mult: int = 4,
        config: SwimConfig | None = None,
    ) -> Bare:
        whole("members", members, 1)
        config = swim_config(config, fanout, suspicion_mult)
        names = tuple(f"m-{i}" for i in range(1, members + 1))

        def joining(name: str) -> SwimNode:
            return SwimNode(config, seeds=tuple(seed for seed in names[:2] if seed != name))

        world = World(seed=seed, network=network, newcomer=joining)
        for name in names:
            world.add(name, SwimNode(config, members=names), rebuild=lambda saved, name=name: joining(name))
        return Members(world)

    def view(self, system: Bare, name: str) -> dict[str, str]:
        return dict(system.world.processes[name].states)

    def is_what(self, system: Bare, name: str) -> list[str]:
        return member_is(system.world.processes[name])

    def waiting(self, system: Bare, name: str) -> list[str]:
        return news(system.world.processes[name])

    def repair(self, run) -> list[tuple[float, float]]:
        return buried(run)
