"""Members of one sealed pool, of which some lie: what each lie does to beliefs, and what it costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

from ...gossip.adversary import Behaviour, Guarded, Liar, Signatures, Signed, SignedExchange, liar, member
from ...gossip.swim import SwimConfig, SwimNode
from ...sim import Network, World, checks
from ...sim.checks import one_of, whole
from ...systems.liars import ADVERSARIES, DEFENCES, NEWCOMERS, defences
from ...systems.liars.story import CHECKSUM, DAMAGE, LIE_S, OUTSIDER, VICTIM, settings
from ...systems.simulated import Action
from ..controls import Choice, Slider
from .actions import JOIN, LEAVE, NODE, action
from .cast import CHURN, LOSS, Cast, Lane, Open
from .swim import BELIEFS, FANOUT, KINDS, SORTS, TOLD, VERBS, member_is, news, swim_config

LIES = tuple(name for name in ADVERSARIES if name not in (OUTSIDER, DAMAGE))
"""What a member can do: an outsider is none, and a wire does not lie."""
GUARDS = tuple(name for name in DEFENCES if name != CHECKSUM)
"""What helps against members, as a checksum does not."""
SENT = ("datagram.sent.bytes", "stream.sent.bytes")
ENROLLED = (*(f"new-{number}" for number in range(1, 10)), *NEWCOMERS)
"""Whose signatures are known beside those of the first members."""
LIE = action(
    "lie",
    "Lie",
    name=NODE | {"label": "who lies"},
    what={"kind": "choice", "label": "lie", "choices": list(LIES[1:]), "value": LIES[1]},
    about=NODE | {"label": "about whom"},
)
HONEST = action("be_honest", "Be honest", name=NODE | {"label": "who"})


def lies(what: str, about: str, at_s: float) -> list[Behaviour]:
    """What an adversary does, about another victim and from another time on."""
    found = []
    for each in ADVERSARIES[what]:
        changed: dict[str, Any] = {"at_s": at_s + max(0.0, each.at_s - LIE_S)}
        if isinstance(getattr(each, "about", None), str):
            changed["about"] = about
        if getattr(each, "by", None) == about:
            changed["by"] = VICTIM  # nobody accuses itself
        if about in getattr(each, "to", ()):
            changed["to"] = (VICTIM,)  # who is accused is not told
        found.append(replace(each, **changed))
    return found


class Pool(Open):
    """Members who share one key, each of whom can be made to lie.

    Parameters
    ----------
    world : World
    liars : tuple of str
        Who lies because the controls say so.
    enrolled : collection of str, optional
        Whose signatures are known; None where none are asked for.
    """

    ACTIONS: ClassVar = Open.ACTIONS | {
        "leave": Action(nodes=("name",)),
        "lie": Action(nodes=("name", "about")),
        "be_honest": Action(nodes=("name",)),
    }

    def __init__(self, world: World, liars: tuple[str, ...] = (), enrolled: Collection[str] | None = None):
        super().__init__(world)
        self.liars, self._enrolled = liars, enrolled

    def join(self, name: str) -> None:
        """Start a new member.

        Raises
        ------
        ValueError
            If the name is taken, or signatures are asked for and nobody has enrolled it.
        """
        if self._enrolled is not None and name not in self._enrolled:
            raise checks.Refused(
                f"nobody knows a signature of {name!r}: {ENROLLED[0]} to {ENROLLED[8]} are enrolled"
            )
        super().join(name)

    def leave(self, name: str) -> None:
        """Have a member say farewell.

        Raises
        ------
        ValueError
            If it is down.
        """
        member(self.started(name)).leave()

    def _check_lie(self, name: str, what: str, about: str) -> None:
        one_of("what", what, list(LIES))
        if name == about:
            raise ValueError(f"about is {about!r}, who lies: a lie is about somebody else")

    def lie(self, name: str, what: str, about: str) -> None:
        """Have a member lie from now on.

        Parameters
        ----------
        name : str
            The liar.
        what : str
            One of `gossipkit.systems.liars.ADVERSARIES`.
        about : str
            The victim, where the lie has one.

        Raises
        ------
        ValueError
            For another lie, for a liar that is its own victim, or one that is down.
        """
        self._check_lie(name, what, about)
        lying = liar(self.started(name))
        for behaviour in lies(what, about, self.world.now):
            lying.lie(behaviour)

    def be_honest(self, name: str) -> None:
        """Have a liar stop.

        Raises
        ------
        ValueError
            If it is down.
        """
        liar(self.started(name)).stop()


class TrustCast(Cast):
    """Members of one sealed pool, of whom the last ones lie."""

    system, title = "trust", "Whom it trusts"
    kinds, sorts, beliefs, verbs = KINDS, SORTS, BELIEFS, VERBS
    good = ("alive", "suspect")
    told: ClassVar = TOLD | {
        "lie": ("gossip", "{node} lies: {behaviour}"),
        "claim-refused": ("repair", "{node} does not hear what {by} says of {about}: {why}"),
    }
    operations = (LIE, HONEST, JOIN, LEAVE)
    controls = (
        FANOUT,
        LOSS,
        CHURN,
        Slider("liars", 1, 3, 1, value=1, label="Liars", unit="of the members: the last ones"),
        Choice(
            "adversary",
            list(LIES),
            value="nobody",
            label=f"Their lie, about {VICTIM} from {LIE_S:g} s on",
        ),
        Choice("defence", list(GUARDS), value="shared key", label="Defence of the honest"),
    )
    lanes = (
        Lane("gossip", "Pairs that disagree with what is so", "pairs", title="beliefs"),
        Lane("authority", "", off=True, note="Nobody decides here: each member believes what it has heard."),
        Lane("repair", "Bytes that a member sends in a second", "bytes", title="money"),
    )

    def make(
        self,
        seed: int,
        network: Network,
        *,
        members: int = 8,
        fanout: int = 3,
        liars: int = 1,
        adversary: str = "nobody",
        defence: str = "shared key",
        config: SwimConfig | None = None,
    ) -> Pool:
        whole("members", members, 3)
        whole("liars", liars, 0, members - 2)
        one_of("adversary", adversary, list(LIES))
        one_of("defence", defence, list(GUARDS))
        config = settings(defence, swim_config(config, fanout, 4))
        names = tuple(f"m-{i}" for i in range(1, members + 1))
        guards = defences(defence, names + ENROLLED)

        def made(name: str, node: SwimNode, lying: tuple = ()) -> Guarded:
            return Guarded(Liar(node, lying), guards)

        def joining(name: str) -> Guarded:
            return made(name, SwimNode(config, seeds=tuple(each for each in names[:2] if each != name)))

        world = World(seed=seed, network=network, newcomer=joining)
        for at, name in enumerate(names):
            lying = lies(adversary, VICTIM, LIE_S) if at >= members - liars else ()
            world.add(
                name,
                made(name, SwimNode(config, members=names), lying),
                rebuild=lambda saved, name=name: joining(name),
            )
        signing = any(isinstance(each, Signatures) for each in guards)
        lying = names[members - liars :] if lies(adversary, VICTIM, LIE_S) else ()
        return Pool(world, lying, names + ENROLLED if signing else None)

    def sort(self, message: Any) -> str:
        if isinstance(message, Signed):
            return self.sort(message.word)
        if isinstance(message, SignedExchange):
            return self.sort(message.exchange)
        return super().sort(message)

    def groups(self, system: Pool) -> list[dict]:
        liars = [{"name": "liars", "label": "liars", "hull": True}] if system.liars else []
        return [*liars, *super().groups(system)]

    def places(self, system: Pool) -> list[dict]:
        return [
            place | {"group": "liars"} if place["name"] in system.liars else place
            for place in super().places(system)
        ]

    def subject(self, run) -> int:
        return run.names.index(VICTIM)

    def view(self, system: Pool, name: str) -> dict[str, str]:
        return dict(member(system.world.processes[name]).states)

    def is_what(self, system: Pool, name: str) -> list[str]:
        process = system.world.processes[name]
        return [
            *(f"lies now: {each.called}" for each in liar(process).behaviours),
            *member_is(member(process)),
        ]

    def waiting(self, system: Pool, name: str) -> list[str]:
        return news(member(system.world.processes[name]))

    def sample(self, system: Pool) -> tuple[float, int]:
        metrics = system.world.metrics
        sent = sum(metrics.value(name) for name in SENT if name in metrics.names)
        return sent, max(1, len(system.world.up))

    def repair(self, run) -> list[tuple[float, float]]:
        found = [(0.0, 0.0)]
        for (since, (before, _)), (time, (sent, up)) in pairwise(run.samples):
            found.append((time, (sent - before) / (time - since) / up))
        return found
