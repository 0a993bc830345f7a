"""What comes back on a question: each prints as text, shows as Markdown in a notebook, and has a repr of one line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...sim import Trace

BLOCKS = "▁▂▃▄▅▆▇█"
A_ROW = 10


class Told:
    """What all replies have alike; a subclass has `text`, and `markdown` where that isn't the same in a fixed pitch."""

    def text(self) -> str:
        """What is printed."""
        raise NotImplementedError

    def markdown(self) -> str:
        """What a notebook shows."""
        return f"```text\n{self.text()}\n```"

    def __str__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def aligned(rows: Sequence[Sequence[Any]]) -> str:
    """Rows in columns of a fixed pitch."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _short(value: float) -> str:
    """A value to three digits; thousands are written out."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


@dataclass(frozen=True, eq=False, repr=False)
class Metrics(Told):
    """The metrics that there are: what a value costs nothing to know is that it exists."""

    rows: tuple[tuple[str, str, str], ...]
    """Name, unit, and which nodes have it."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self.rows)

    def __iter__(self):
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<{len(self.rows)} metrics: {', '.join(self.names)}>"

    def text(self) -> str:
        return aligned((("metric", "unit", "nodes"), *self.rows))

    def markdown(self) -> str:
        return table(("metric", "unit", "nodes"), [(f"`{name}`", *rest) for name, *rest in self.rows])


@dataclass(frozen=True, eq=False, repr=False)
class Series(Told):
    """A metric over time.

    Attributes
    ----------
    name, unit : str
    node : str or None
        None: the sum over all nodes.
    times, values : array
        Of a counter, what it counted a second in the seconds up to each time.
    """

    name: str
    unit: str
    node: str | None
    times: np.ndarray
    values: np.ndarray

    @property
    def extremes(self) -> str:
        """Its least and its greatest value, and when that was."""
        low, high = self.values.min(), self.values.max()
        if low == high:
            return f"always {_short(low)}"
        return f"{_short(low)} to {_short(high)}, most at {self.times[self.values.argmax()]:g} s"

    def __repr__(self) -> str:
        return f"<{self.name} of {self.node or 'all nodes'}, {self.unit}: {self.extremes}>"

    def text(self) -> str:
        low, high = self.values.min(), self.values.max()
        span = high - low or 1.0
        spark = "".join(BLOCKS[int((value - low) / span * (len(BLOCKS) - 1) + 0.5)] for value in self.values)
        rows = [
            (f"{self.times[at]:g} s", *map(_short, self.values[at : at + A_ROW]))
            for at in range(0, len(self.values), A_ROW)
        ]
        rows = [(*row, *[""] * (A_ROW + 1 - len(row))) for row in rows]
        step = self.times[1] - self.times[0]
        head = f"{self.name}, {self.node or 'sum over all nodes'}, in {self.unit}, each {step:g} s"
        return "\n".join((head, self.extremes, spark, aligned(rows)))


@dataclass(frozen=True, eq=False, repr=False)
class Belief(Told):
    """What one node says at a moment.

    Attributes
    ----------
    node : str
    at_s : float
    answers : bool
        False: it did not answer.
    view : dict of str to str
        What it believes of whom.
    facts : dict
        What else it says of itself.
    """

    node: str
    at_s: float
    answers: bool
    view: Mapping[str, str]
    facts: Mapping[str, Any]

    def __repr__(self) -> str:
        if not self.answers:
            return f"<{self.node} at {self.at_s:g} s does not answer>"
        counted = ", ".join(f"{count} {word}" for word, count in Counter(self.view.values()).items())
        return f"<{self.node} at {self.at_s:g} s: {counted or 'no members'}; {len(self.facts)} facts>"

    def text(self) -> str:
        if not self.answers:
            return f"{self.node} at {self.at_s:g} s does not answer."
        by_word: dict[str, list[str]] = {}
        for name, word in self.view.items():
            by_word.setdefault(word, []).append(name)
        rows = [(f"{word}:", ", ".join(names)) for word, names in by_word.items()]
        rows += [(f"{name}:", value) for name, value in self.facts.items()]
        return f"{self.node} at {self.at_s:g} s says\n{aligned(rows)}"


@dataclass(frozen=True, eq=False, repr=False)
class Lines(Told):
    """Some lines of a node's log.

    Attributes
    ----------
    node : str
    lines : tuple of (float, str)
        Time in seconds, and the line.
    more : int
        How many lines come after these that are not shown.
    """

    node: str
    lines: tuple[tuple[float, str], ...]
    more: int

    def __repr__(self) -> str:
        if not self.lines:
            return f"<log of {self.node}: no line>"
        return f"<log of {self.node}: {len(self.lines)} lines, {self.lines[0][0]:.1f} to {self.lines[-1][0]:.1f} s>"

    def text(self) -> str:
        shown = [f"{time:9.3f} {self.node} {line}" for time, line in self.lines]
        if self.more:
            shown.append(f"... and {self.more} more lines: ask again with a later `after`")
        return "\n".join(shown) or f"{self.node} has logged nothing there."


@dataclass(frozen=True, eq=False, repr=False)
class Diagram(Told):
    """The messages between some nodes in a window.

    Attributes
    ----------
    nodes : tuple of str
    after_s, before_s : float
    messages : tuple of (float, str, str, str, float or None)
        When it was sent, by whom, to whom, its kind, and when it arrived; None: never.
    """

    nodes: tuple[str, ...]
    after_s: float
    before_s: float
    messages: tuple[tuple[float, str, str, str, float | None], ...]

    def __repr__(self) -> str:
        lost = sum(arrived is None for *_, arrived in self.messages)
        return f"<{len(self.messages)} messages between {', '.join(self.nodes)}: {lost} never arrived>"

    @property
    def pairs(self) -> list[tuple[str, str, int, int, str]]:
        """By sender and receiver, how many were sent, how many of them never arrived, and of which kinds they were."""
        found: dict[tuple[str, str], list] = {(a, b): [] for a in self.nodes for b in self.nodes if a != b}
        for _, sender, receiver, kind, arrived in self.messages:
            found[sender, receiver].append((kind, arrived))
        return [
            (
                sender,
                receiver,
                len(sent),
                sum(arrived is None for _, arrived in sent),
                ", ".join(f"{kind} {count}" for kind, count in Counter(kind for kind, _ in sent).items()),
            )
            for (sender, receiver), sent in found.items()
        ]

    @property
    def extremes(self) -> str:
        """The sender and receiver between whom most was lost."""
        sender, receiver, sent, lost, _ = max(self.pairs, key=lambda pair: pair[3])
        return f"{sender} to {receiver}: {lost} of {sent} never arrived" if lost else "everything arrived"

    @property
    def trace(self) -> Trace:
        """The same as a trace, which `gossipkit.lab.spacetime` draws."""
        events = []
        for number, (sent, sender, receiver, kind, arrived) in enumerate(self.messages, 1):
            events.append((sent, sender, "send", {"to": receiver, "number": number, "message": kind}))
            if arrived is None:
                said = {"to": receiver, "number": number, "reason": "loss"}
                events.append((sent, sender, "lost", said))
            else:
                said = {"sender": sender, "number": number, "message": kind}
                events.append((arrived, receiver, "receive", said))
        return Trace(sorted(events, key=lambda event: event[0]))

    def text(self) -> str:
        head = f"messages from {self.after_s:g} to {self.before_s:g} s; {self.extremes}"
        return f"{head}\n{aligned((('from', 'to', 'sent', 'never arrived', 'kinds'), *self.pairs))}"

    def markdown(self) -> str:
        return f"{self.extremes}\n\n{table(('from', 'to', 'sent', 'never arrived', 'kinds'), self.pairs)}"
