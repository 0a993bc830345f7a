"""What a family shows on a stage: its nodes and where they stand, its messages by kind, its words, its three lanes.

A stage knows nothing of any system. A `Cast` does: it makes the run, says who may believe what of whom, names what
travels, and tells the trace's events in plain words. There is one for each family, a small class each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any, ClassVar

from ...sim import Network, Uniform, World, checks
from ...systems import outages as weather
from ...systems.simulated import Action, Simulated
from ..controls import Control, Slider

LATENCY = Uniform(0.05, 0.15)
LATENCY_NOTE = "Packets take 50–150 ms here, so that they can be seen; in a data centre it is about 1 ms."
LONGEST_S = 300.0
CENTRE, RADIUS = 500, 440
LATER_RADIUS, LATER_PLACES = 250, 16  # where nodes stand that come later


@dataclass(frozen=True)
class Belief:
    """A word that a node has for another one, and how it reads in "38 alive, 1 suspect"; severity 0 is fine, 3 is taken for dead."""

    word: str
    label: str
    severity: int


@dataclass(frozen=True)
class Lane:
    """One of the three lanes: what its curve counts, and what is said where the family has no such layer.

    The title stands before the curve where it counts something else than its name says.
    """

    name: str
    label: str
    unit: str = ""
    off: bool = False
    note: str = ""
    title: str = ""

    def meta(self, high: float) -> dict:
        """For the browser."""
        return {
            "name": self.name,
            "title": self.title or self.name,
            "curve": {"label": self.label, "unit": self.unit, "high": high},
            "off": self.off,
            "note": self.note,
        }


class Bare(Simulated):
    """A protocol alone, without a system around it: a world that can be played on as a system can."""

    def __init__(self, world: World):
        self.world, self.operations, self.refused = world, [], []


class Open(Bare):
    """The same of a protocol that new nodes can join: the world's ``newcomer`` makes them."""

    ACTIONS: ClassVar = {"join": Action(adds="name")}

    def join(self, name: str) -> None:
        """Start a new node.

        Raises
        ------
        ValueError
            If the name is taken.
        """
        if name in self.world.names:
            raise checks.Refused(f"there is a node {name!r} already: a new one needs a name of its own")
        self.world.add(name, self.world.newcomer(name))


LOSS = Slider("loss", 0.0, 0.5, 0.05, value=0.0, label="Loss", unit="of all packets")


CHURN = Slider("churn", 0, 30, 5, value=0, label="Churn", unit="crashes and as many joins a minute")
OUTAGES = Slider("churn", 0, 30, 5, value=0, label="Churn", unit="crashes a minute, each for 10 s")


def outages(system: Simulated, per_s: float, names: Sequence[str]) -> None:
    """Let random nodes crash, and come back after `weather.OUTAGE_S` seconds, for as long as any window."""
    weather.outages(system, per_s, names, LONGEST_S, "stage")


TOLD_BY_ALL = {
    "refused": ("authority", "refused: {what}, because {reason}"),
    "operation-begun": ("authority", "a client asks {node}: {what} {key}"),
    "operation-ended": ("authority", "{node} answers its client: {status}"),
    "join": ("gossip", "{node} is started and joins"),
    "leave": ("gossip", "{node} leaves without a word"),
}


class Cast:
    """What one family shows. Subclasses say all that differs.

    Attributes
    ----------
    system : str
        Its short name.
    title : str
    shape : str
        "circle", "ring" or "groups".
    kinds : mapping of str to str
        The kinds of packets: name and label, in the order in which they are shown.
    sorts : mapping of str or type to str
        From the class of a message, or its name, to the name of its kind; the class itself goes first.
    beliefs : tuple of Belief
        The first is what everybody believes at the beginning.
    unknown : str
        The word for what one knows nothing of.
    good : tuple of str
        The words that are right of a node that is there.
    there : tuple of str
        The states in which a node is to be believed there.
    verbs : mapping of str to str
        From a word to how a sentence says it, with {about}.
    controls : tuple of Control
    lanes : tuple of Lane
    told : mapping of str to (lane, sentence)
        What of the trace's kinds is told, and how.
    operations : tuple of dict
        What clients and operators can do, as forms.
    subjects_all : bool
        Whether everybody can be the subject of beliefs.
    own_network : bool
        Whether latency and loss are part of what is made, and not the stage's.
    """

    system: ClassVar[str]
    title: ClassVar[str]
    shape: ClassVar[str] = "circle"
    kinds: ClassVar[Mapping[str, str]]
    sorts: ClassVar[Mapping[str | type, str]]
    beliefs: ClassVar[tuple[Belief, ...]]
    unknown: ClassVar[str] = "unknown"
    good: ClassVar[tuple[str, ...]]
    there: ClassVar[tuple[str, ...]] = ("up", "paused", "joining")
    verbs: ClassVar[Mapping[str, str]]
    controls: ClassVar[tuple[Control, ...]]
    lanes: ClassVar[tuple[Lane, Lane, Lane]]
    told: ClassVar[Mapping[str, tuple[str, str]]] = {}
    notes: ClassVar[tuple[str, ...]] = ()
    own_network: ClassVar[bool] = False
    subjects_all: ClassVar[bool] = True
    operations: ClassVar[tuple[dict, ...]] = ()

    def opinion(self, kind: str, told: dict) -> tuple[str | None, str | None] | None:
        """Of whom an event of the trace says that its node believes something else now, and what; None for other events."""
        return (told.get("about"), told["belief"]) if "belief" in told else None

    def make(self, seed: int, network: Network, **parameters) -> Simulated:
        """A run that has not begun."""
        raise NotImplementedError

    def view(self, system: Simulated, name: str) -> dict[str, str]:
        """What a running node believes, by subject; who is left out is unknown."""
        raise NotImplementedError

    def pairs(self, system: Simulated):
        """Who is to know of whom: a function of two names, or None for everybody of everybody."""
        return None

    def groups(self, system: Simulated) -> list[dict]:
        """The groups in which nodes stand."""
        return [{"name": "members", "label": "members", "hull": False}]

    def places(self, system: Simulated) -> list[dict]:
        """At the beginning: the nodes with their group and place, in the world's order."""
        return on_circle(system.world.names, self.groups(system)[-1]["name"])

    def subject(self, run) -> int:
        """The place of whom beliefs are first shown of: the node that the first step names, or else the last one."""
        return len(run.first) - 1

    def churn(self, system: Simulated, per_s: float) -> None:
        """Let members crash and others join, so many a second, for as long as any window."""
        system.world.churn(leaves_per_s=per_s, joins_per_s=per_s, seconds=LONGEST_S)

    def sample(self, system: Simulated) -> Any:
        """What only the system can be asked, now, such as its ring; None where the trace says all."""
        return None

    def facts(self, system: Simulated) -> dict:
        """What the curves need to know of the system beside the trace."""
        return {}

    def authority(self, run) -> list[tuple[float, float]]:
        """The curve of the second lane: time and value at each change."""
        return []

    def repair(self, run) -> list[tuple[float, float]]:
        """The curve of the third lane: time and value at each change."""
        return run.samples

    def is_what(self, system: Simulated, name: str) -> list[str]:
        """What a running node is, in words."""
        return []

    def waiting(self, system: Simulated, name: str) -> list[str]:
        """What waits at a running node to be told, sent or repaired, in words."""
        return ["nothing that can wait"]

    def sort(self, message: Any) -> str:
        """The kind of a message, by name: of one that carries others, that of the first."""
        while True:
            inner = getattr(message, "parts", None) or getattr(message, "content", None)
            if not inner:
                break
            message = inner[0] if isinstance(inner, tuple) else inner
        found = type(message)
        return self.sorts.get(found) or self.sorts.get(found.__name__, "other")


def counted(count: int, what: str) -> str:
    """So many of something, in the singular where it is one.

    >>> counted(1, "hint"), counted(0, "hint")
    ('1 hint', '0 hints')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def on_circle(
    names: Sequence[str], group: str, x: float = CENTRE, y: float = CENTRE, radius: float = RADIUS
) -> list[dict]:
    """Nodes evenly on a circle, the first at the top, clockwise. From 60 on they fill its inside as well."""
    count = len(names)
    if count >= 60:
        return _on_rings(names, group, x, y, radius)
    return [
        _place(name, group, x + radius * sin(2 * pi * at / count), y - radius * cos(2 * pi * at / count))
        for at, name in enumerate(names)
    ]


def _on_rings(names: Sequence[str], group: str, x: float, y: float, radius: float) -> list[dict]:
    """Nodes on rings inside each other, as many on each as it is long."""
    rings = max(2, round((len(names) / pi) ** 0.5))
    radii = [radius * (ring + 1) / rings for ring in reversed(range(rings))]
    shares = [len(names) * each / sum(radii) for each in radii]
    found, begun, until = [], 0, 0.0
    for each, share in zip(radii, shares, strict=True):
        until += share
        end = round(until)
        here = names[begun:end]
        found += [
            _place(
                name,
                group,
                x + each * sin(2 * pi * at / len(here)),
                y - each * cos(2 * pi * at / len(here)),
            )
            for at, name in enumerate(here)
        ]
        begun = end
    return found


def in_the_middle(names: Sequence[str], group: str) -> list[dict]:
    """Nodes that come later, each at a place of its own, which is the same however many follow."""
    found = []
    for at, name in enumerate(names):
        # each a third of the circle on from the one before it, so that the names of a few don't lie on each other
        turn, ring = 5 * at % LATER_PLACES, at // LATER_PLACES
        angle = 2 * pi * (turn + ring / 2) / LATER_PLACES
        radius = LATER_RADIUS * 0.7**ring
        found.append(_place(name, group, CENTRE + radius * sin(angle), CENTRE - radius * cos(angle)))
    return found


def _place(name: str, group: str, x: float, y: float) -> dict:
    return {"name": name, "group": group, "x": round(x), "y": round(y)}
