"""Which panels of a dashboard tell the layers apart: computed from the incidents, each against its run without the fault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from ...sim.checks import whole
from .judging import Answer
from .recording import load, load_answers
from .replies import Told, table

PANELS = {
    "traffic": "messages sent and received, queues",
    "members": "who is taken for failed, left or back",
    "health": "how well a node thinks that it hears",
    "commits": "entries, commits, the cluster's state",
    "votes": "candidacies, epochs, terms",
    "repair": "hints, streams, synchronisations, entries",
    "users": "what users ask for, and what fails",
    "acts": "what programs do by what they are told",
    "monitor": "what the monitoring itself shows",
}
"""By panel, what is on it; each metric of an incident belongs to one."""


@dataclass(frozen=True, eq=False, repr=False)
class Panels(Told):
    """Which panels had moved when the page came, and which of them tell the layers apart.

    Attributes
    ----------
    moved : dict of str to dict
        By incident and panel, whether any of its metrics had left its range; None where the product has no such panel.
    layers : dict of str to str
        By incident, its layer.
    chosen : tuple of str
        The panels, one after the other, each the one that tells most further pairs apart.
    told_apart : tuple of int
        After each of them, how many pairs of incidents of different layers look different.
    pairs : int
        How many there are.
    """

    moved: Mapping[str, Mapping[str, bool | None]]
    layers: Mapping[str, str]
    chosen: tuple[str, ...]
    told_apart: tuple[int, ...]
    pairs: int

    def __repr__(self) -> str:
        return f"<Panels: {', '.join(self.chosen)} tell {self.told_apart[-1]} of {self.pairs} pairs apart>"

    def alike(self) -> tuple[tuple[str, ...], ...]:
        """Incidents of different layers that look alike on the chosen panels, in groups."""
        groups: dict[tuple, list[str]] = {}
        for name, row in self.moved.items():
            groups.setdefault(tuple(row[panel] for panel in self.chosen), []).append(name)
        return tuple(
            tuple(group) for group in groups.values() if len({self.layers[name] for name in group}) > 1
        )

    def rows(self) -> list[tuple[str, ...]]:
        """A row an incident: its name, its layer, and what each panel showed."""
        words = {True: "moved", False: "–", None: "none"}
        return [
            (name, self.layers[name], *(words[row[panel]] for panel in PANELS))
            for name, row in self.moved.items()
        ]

    def text(self) -> str:
        steps = "; ".join(
            f"{panel}: {count} of {self.pairs}"
            for panel, count in zip(self.chosen, self.told_apart, strict=True)
        )
        return "\n".join(
            (
                f"Pairs of incidents of different layers that look different after each panel: {steps}",
                *(f"alike on these: {', '.join(group)}" for group in self.alike()),
            )
        )

    def markdown(self) -> str:
        return f"{self.text()}\n\n{table(('incident', 'layer', *PANELS), self.rows())}"


def separating_metrics(count: int = 3, incidents: Iterable[str] | None = None) -> Panels:
    """Choose the panels that tell the layers apart, one after the other.

    A panel has moved when one of its metrics, summed over all nodes, had left the range of a run without the fault by more than a
    quarter of that range before the page came. The choice is greedy: each panel is the one by which most further pairs of
    incidents of different layers look different.

    Parameters
    ----------
    count : int
        How many panels, 1 to 9.
    incidents : iterable of str, optional
        By default all of which the answers are here.

    Raises
    ------
    ValueError
        For a count out of range, or an incident that there is not, or of which the answer is not here.
    """
    whole("count", count, 1, len(PANELS))
    answers = load_answers()
    names = tuple(answers) if incidents is None else tuple(incidents)
    for name in names:
        if name not in answers:
            raise ValueError(f"incidents names {name!r}: there are {', '.join(answers)}")
    found = {name: Answer.from_json(answers[name]) for name in names}
    moved = {name: _moved(name, answer) for name, answer in found.items()}
    layers = {name: answer.layer for name, answer in found.items()}
    left = [pair for pair in combinations(names, 2) if layers[pair[0]] != layers[pair[1]]]
    pairs, chosen, told_apart = len(left), [], []
    for _ in range(count):
        rest = [panel for panel in PANELS if panel not in chosen]
        best = max(rest, key=lambda panel: sum(_differ(moved, pair, panel) for pair in left))
        left = [pair for pair in left if not _differ(moved, pair, best)]
        chosen.append(best)
        told_apart.append(pairs - len(left))
    return Panels(moved, layers, tuple(chosen), tuple(told_apart), pairs)


def _moved(name: str, answer: Answer) -> dict[str, bool | None]:
    recording = load(name)
    row: dict[str, bool | None] = dict.fromkeys(PANELS)
    for metric, each in recording.metrics.items():
        soon = answer.moved_s.get(metric, recording.duration_s + 1) <= recording.paged_s
        row[each.panel] = bool(row[each.panel]) or soon
    return row


def _differ(moved: Mapping[str, Mapping[str, bool | None]], pair: tuple[str, str], panel: str) -> bool:
    """Whether a panel tells two incidents apart; one that a product lacks tells its incidents from no others."""
    one, other = (moved[name][panel] for name in pair)
    return None not in (one, other) and one != other
