"""What a question costs, and what a finding is worth after the questions that were asked."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from .judging import POINTS, Answer
from .layers import MECHANISMS
from .replies import Told, aligned, table

COSTS = {"series": 1, "ask": 2, "logs": 2, "diagram": 4}
"""What a question costs, in points of an operator's time."""
LINE = 96
"""So many letters of a line of code fit on a notebook's page."""
ECONOMY = 100 - sum(POINTS.values())


class Question(NamedTuple):
    """A question that was asked."""

    name: str
    arguments: tuple
    cost: int

    def __str__(self) -> str:
        return f"incident.{self.name}({_code(self.name, self.arguments)})"


_CALLED = {
    "series": ("", "node"),
    "ask": ("", "at_s"),
    "logs": ("", "after", "before"),
    "diagram": ("", "after", "before"),
}


def _code(name: str, arguments: tuple) -> str:
    """Arguments as they are written in a call; those that are None are left out."""
    said = zip(_CALLED[name], arguments, strict=True)
    return ", ".join(
        f"{called}={_written(value)}" if called else _written(value)
        for called, value in said
        if value is not None
    )


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


@dataclass(frozen=True, eq=False, repr=False)
class Verdict(Told):
    """What a finding is worth, and what it was.

    Attributes
    ----------
    score : float
        0 to 100.
    parts : dict of str to (float, int)
        By part, the points got, and those there were.
    spent : int
        What the questions cost.
    path : tuple of Question
        The reference path: a short one, on which everything can be seen; ``shows`` says by which piece of each reply.
    shows : tuple of str
    path_cost : int
    answer : Answer
    """

    parts: dict[str, tuple[float, int]]
    spent: int
    path: tuple[Question, ...]
    answer: Answer

    @property
    def score(self) -> float:
        return sum(got for got, _ in self.parts.values())

    @property
    def shows(self) -> tuple[str, ...]:
        return tuple(shows for *_, shows in self.answer.path)

    @property
    def path_cost(self) -> int:
        return sum(question.cost for question in self.path)

    @property
    def source(self) -> str:
        return self.answer.source

    @property
    def debrief(self) -> str:
        return self.answer.debrief

    def __repr__(self) -> str:
        return f"<verdict: {self.score:.0f} of 100; {self.spent} spent, {self.path_cost} would do>"

    def _rows(self) -> list[tuple[str, str, str]]:
        answer = self.answer
        first = min(answer.moved_s.values(), default=None)
        right = {
            "layer": answer.layer,
            "node": " or ".join(answer.nodes),
            "moment": f"{answer.moment_s:g} s",
            "mechanism": f"{answer.mechanism}: {MECHANISMS[answer.mechanism]}",
            "first metric": " or ".join(name for name, at in answer.moved_s.items() if at == first),
            "economy": f"{self.spent} points spent, the path below costs {self.path_cost}",
        }
        return [(part, f"{got:.0f} of {of}", right[part]) for part, (got, of) in self.parts.items()]

    def text(self) -> str:
        return "\n".join(
            (
                f"{self.score:.0f} of 100",
                aligned(self._rows()),
                "",
                self.debrief,
                "",
                "A short path:",
                *(f"  {question}  # {shows}" for question, shows in zip(self.path, self.shows, strict=True)),
                "",
                f"Source: {self.source}",
            )
        )

    def markdown(self) -> str:
        path = "\n".join(
            # a page breaks a longer line in the middle of a word
            f"{question}  # {shows}" if len(f"{question}{shows}") < LINE else f"{question}\n  # {shows}"
            for question, shows in zip(self.path, self.shows, strict=True)
        )
        return (
            f"**{self.score:.0f} of 100**\n\n{table(('part', 'points', 'it was'), self._rows())}\n\n{self.debrief}\n\n"
            f"A short path:\n\n```python\n{path}\n```\n\nSource: {self.source}"
        )
