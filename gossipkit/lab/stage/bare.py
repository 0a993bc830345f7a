"""Protocols alone on a stage: Cassandra's gossiper, Dynamo's membership, and a rumour told in rounds."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ...gossip.dissemination import ROUND_S
from ...gossip.dissemination import Gossiper as Teller
from ...gossip.membership_history import JOIN, LEAVE, Change, MembershipHistory
from ...gossip.neighbours import Neighbours, Overlay
from ...gossip.parameters import MODES, Parameters
from ...gossip.scuttlebutt import GossipConfig, Gossiper
from ...sim import Network, World, checks
from ...sim.checks import whole
from ...systems.simulated import Action
from ..controls import Choice, Slider
from . import actions
from .actions import NODE, action
from .cassandra import BELIEFS, FANOUT, GOSSIP_SORTS, PHI, VERBS, gossiper_is
from .cast import CHURN, LOSS, OUTAGES, Bare, Belief, Cast, Lane, Open, counted, outages
from .dynamo import FANOUT as HISTORY_FANOUT
from .dynamo import HISTORY_SORTS

NO_AUTHORITY = Lane(
    "authority", "", off=True, note="Nobody decides here: each node believes what it has heard."
)


class Gossipers(Open):
    """Gossipers, which can announce that they go down."""

    ACTIONS: ClassVar = Open.ACTIONS | {"shutdown": Action(nodes=("name",))}

    def shutdown(self, name: str) -> None:
        """Have a node announce that it goes down.

        Raises
        ------
        ValueError
            If it is down already.
        """
        self.started(name).shutdown()


class Ring(Open):
    """Nodes that belong to a ring because an administrator says so."""

    ACTIONS: ClassVar = {
        "join": Action(nodes=("via",), adds="name"),
        "leave": Action(nodes=("name", "via")),
    }

    def join(self, name: str, via: str | None = None) -> None:
        """Start a new node, and have an administrator tell one node of it, by default the first that is up.

        Raises
        ------
        ValueError
            If the name is taken, or ``via`` is down.
        """
        told = self.any_started(via)
        super().join(name)
        told.issue(JOIN, name)

    def leave(self, name: str, via: str | None = None) -> None:
        """Have an administrator tell one node, by default the one that leaves, that it leaves for good.

        Raises
        ------
        ValueError
            If ``via`` is down.
        """
        told = self.started(via or name)
        if name not in told.members:
            raise checks.Refused(f"{name!r} is no member, as {via or name} knows the ring")
        told.issue(LEAVE, name)


class ScuttlebuttCast(Cast):
    """Nodes that tell each other their heartbeats, and suspect by phi."""

    system, title = "scuttlebutt", "Scuttlebutt"
    operations = (actions.JOIN, action("shutdown", "Shut down", name=NODE))
    kinds: ClassVar = {
        "digest": "digests (SYN, ACK, ACK2)",
        "probe": "echo",
        "ack": "echo's answer",
        "gossip": "shutdown",
        "other": "other",
    }
    sorts, beliefs, verbs, good = GOSSIP_SORTS, BELIEFS, VERBS, ("up",)
    controls = (
        FANOUT,
        LOSS,
        CHURN,
        PHI,
        Slider("seeds", 0, 4, 1, value=2, label="Seeds", unit="nodes in everybody's list of seeds"),
    )
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs"),
        NO_AUTHORITY,
        Lane("repair", "", off=True, note="Digests find what is missing: here gossip and repair are one."),
    )
    told: ClassVar = {
        "shadow-round-failed": ("gossip", "{node} reached nobody whom it knows and does not start"),
        "on-restart": ("gossip", "{node} learns that {about} has begun a new life"),
        "local-pause": ("gossip", "{node} stood still itself, and convicts nobody"),
        "evict": ("gossip", "{node} forgets {about}"),
    }

    def make(
        self,
        seed: int,
        network: Network,
        *,
        nodes: int = 16,
        fanout: int = 1,
        seeds: int = 2,
        phi: float = 8,
        config: GossipConfig | None = None,
    ) -> Bare:
        whole("nodes", nodes, 2)
        whole("seeds", seeds, 0, nodes)
        config = replace(config or GossipConfig(), fanout=fanout, phi_convict_threshold=float(phi))
        names = tuple(f"node-{i}" for i in range(1, nodes + 1))
        chosen = names[:seeds]
        world = World(seed=seed, network=network, newcomer=lambda name: Gossiper(chosen, config))
        for name in names:
            world.add(
                name,
                Gossiper(chosen, config, members=names),
                rebuild=lambda generation: Gossiper(chosen, config, last_generation=generation),
            )
        return Gossipers(world)

    def is_what(self, system: Bare, name: str) -> list[str]:
        gossiper = system.world.processes[name]
        if not gossiper.enabled:
            return ["it does not gossip yet"]
        others = [other for other in gossiper.endpoints if other != name]
        return gossiper_is(
            name, gossiper, {other: gossiper.detector.phi(other, system.world.now) for other in others}
        )

    def view(self, system: Bare, name: str) -> dict[str, str]:
        return {
            other: "up" if known.alive else "down"
            for other, known in system.world.processes[name].endpoints.items()
        }


class HistoryCast(Cast):
    """Dynamo's membership: who belongs is what administrators wrote down."""

    system, title = "membership", "Dynamo's membership"
    operations = (actions.JOIN_VIA, actions.LEAVE_VIA)
    kinds: ClassVar = {"digest": "digest", "gossip": "changes", "other": "other"}
    sorts = HISTORY_SORTS
    beliefs = (
        Belief("member", "member", 0),
        Belief("unknown", "no member", 2),
    )
    verbs: ClassVar = {
        "member": "takes {about} for a member",
        "unknown": "does not take {about} for a member",
    }
    good = ("member",)
    there = ("up", "paused", "joining", "crashed")
    controls = (
        HISTORY_FANOUT,
        LOSS,
        OUTAGES,
        Slider("seeds", 0, 4, 1, value=1, label="Seeds", unit="nodes in everybody's list of seeds"),
    )
    lanes = (
        Lane("gossip", "Pairs that disagree with what was written down", "pairs"),
        Lane("authority", "Changes that administrators have written down", "changes"),
        Lane("repair", "", off=True, note="Histories are compared in pairs: here gossip and repair are one."),
    )
    told: ClassVar = {
        "membership-change": ("authority", "an administrator tells {node}: {action} of {about}"),
        "membership-learnt": ("gossip", "{node} learns: {action} of {about}"),
    }

    def make(self, seed: int, network: Network, *, nodes: int = 16, fanout: int = 1, seeds: int = 1) -> Bare:
        whole("nodes", nodes, 2)
        whole("seeds", seeds, 0, nodes)
        names = tuple(f"node-{i}" for i in range(1, nodes + 1))
        chosen, beginning = names[:seeds], tuple(Change(name, JOIN, 0.0, name) for name in names)

        world = World(
            seed=seed, network=network, newcomer=lambda name: MembershipHistory(names[:1], fanout=fanout)
        )
        for name in names:
            world.add(
                name,
                MembershipHistory(chosen, beginning, fanout=fanout),
                rebuild=lambda changes: MembershipHistory(chosen, changes, fanout=fanout),
            )
        return Ring(world)

    def is_what(self, system: Bare, name: str) -> list[str]:
        return [f"knows {counted(len(system.world.processes[name].changes), 'change')} of membership"]

    def churn(self, system: Bare, per_s: float) -> None:
        outages(system, per_s, system.world.names)

    def view(self, system: Bare, name: str) -> dict[str, str]:
        return dict.fromkeys(system.world.processes[name].members, "member")

    def opinion(self, kind: str, told: dict):
        if kind not in ("membership-change", "membership-learnt"):
            return None
        return told["about"], "member" if told["action"] == JOIN else "unknown"

    def authority(self, run) -> list[tuple[float, float]]:
        written, found = 0, [(0.0, 0.0)]
        for time, _, kind, _ in run.others:
            if kind in ("membership-change", "join"):
                written += 1
                found.append((time, float(written)))
        return found


class RumorCast(Cast):
    """A rumour on its overlay, told in rounds of a second."""

    system, title = "rumor", "A rumour"
    kinds: ClassVar = {
        "gossip": "the rumour",
        "probe": "a question",
        "exchange": "all that one holds",
        "other": "other",
    }
    sorts: ClassVar = {"Tell": "gossip", "Ask": "probe", "State": "exchange"}
    beliefs = (
        Belief("has not heard", "has not heard", 1),
        Belief("has heard", "has heard", 0),
    )
    unknown = "has not heard"
    verbs: ClassVar = {
        "has heard": "has heard the rumour of {about}",
        "has not heard": "has not heard the rumour of {about}",
    }
    good = ("has heard",)
    there = ("up", "paused", "crashed", "joining", "left")
    subjects_all = False
    controls = (
        Slider("fanout", 1, 8, 1, value=2, label="Fanout", unit="members called in a round"),
        LOSS,
        CHURN,
        Choice("mode", MODES, value="push", label="Who calls"),
    )
    lanes = (
        Lane("gossip", "Nodes that have not heard", "nodes"),
        NO_AUTHORITY,
        Lane("repair", "Nodes told by an exchange", "nodes"),
    )
    told: ClassVar = {
        "learned": ("gossip", "{node} hears the rumour in round {round}"),
        "caught-up": ("repair", "{node} learns of the rumour in an exchange with {about}"),
    }

    def make(
        self,
        seed: int,
        network: Network,
        *,
        nodes: int = 24,
        fanout: int = 2,
        mode: str = "push",
        overlay: Overlay | None = None,
        retransmit: float | None = None,
        exchange_s: float | None = None,
    ) -> Bare:
        if exchange_s is not None:
            checks.number("exchange_s", exchange_s, low=ROUND_S)
        parameters = Parameters(
            nodes=nodes, mode=mode, fanout=fanout, overlay=overlay, retransmit=retransmit, seed=seed
        )
        names = [f"node-{i}" for i in range(nodes)]
        near = parameters.overlay

        def teller(contacts: list[str], learned: int | None = None) -> Teller:
            return Teller(parameters, contacts, learned, exchange_s)

        world = World(seed=seed, network=network, newcomer=lambda name: teller(names))
        for i, name in enumerate(names):
            contacts = _others(names, i) if near is None else _near(names, near, i)
            world.add(
                name,
                teller(contacts, 0 if i == 0 else None),
                rebuild=lambda nothing, contacts=contacts: teller(contacts),
            )
        return Bare(world)

    def opinion(self, kind: str, told: dict):
        # a node that is started again has forgotten it
        heard = {"learned": "has heard", "caught-up": "has heard", "restart": "has not heard"}.get(kind)
        return heard and ("node-0", heard)

    def subject(self, run) -> int:
        return 0

    def is_what(self, system: Bare, name: str) -> list[str]:
        teller = system.world.processes[name]
        heard = "has not heard" if teller.learned is None else f"heard in round {teller.learned}"
        return [f"in its round {teller.round}: {heard}"]

    def view(self, system: Bare, name: str) -> dict[str, str]:
        heard = system.world.processes[name].learned is not None
        return {"node-0": "has heard" if heard else "has not heard"}

    def pairs(self, system: Bare):
        return lambda observer, subject: subject == "node-0"

    def repair(self, run) -> list[tuple[float, float]]:
        told = [time for time, _, kind, _ in run.others if kind == "caught-up"]
        return [(0.0, 0.0), *((time, float(number)) for number, time in enumerate(told, 1))]


def _others(names: list[str], at: int) -> list[str]:
    return names[:at] + names[at + 1 :]


def _near(names: list[str], near: Neighbours, at: int) -> list[str]:
    return [names[j] for j in near.targets[near.starts[at] : near.starts[at + 1]]]
