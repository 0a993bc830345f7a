"""Questions beside a panel, a stage or an experiment, with hints in steps and with what one should have seen."""

from __future__ import annotations

import math
import re
from pathlib import Path
from string import Formatter

from . import faces, questions

STEPS = ("Hint 1: a nudge", "Hint 2: where to look", "Hint 3: worked")
FRAME = '<div class="gk gk-asked">'
DEBRIEF = "What you should have seen"


class LabQuestion:
    """Lab question `key` of `lesson`: it asks, helps in three steps, and tells what was to be seen, in numbers just computed.

    It is html alone, so it works in a stored notebook, too: each step opens inside the one before it, with the keyboard as
    with the mouse. Its text face, by which a re-run is compared, holds the question and the debrief.

    Parameters
    ----------
    lesson, key : str
        Which question; see `gossipkit.lab.questions` for the files.
    folder : pathlib.Path
        Where the files are, for questions of one's own.
    **numbers
        What the debrief's fields stand for, such as ``mean=rounds.mean()`` for ``{mean:.1f}``: numbers, or words that a run
        gave.

    Raises
    ------
    ValueError
        For an unknown lesson or question, a number that is missing, not asked for or not finite, or one that its field
        can't format.
    """

    def __init__(self, lesson: str, key: str, /, *, folder: Path = questions.FOLDER, **numbers):
        asked = questions.lab(lesson, key, folder)
        self.question, self.hints = asked.question, asked.hints
        self.debrief = _filled(asked.debrief, numbers, f"{lesson}.json, lab, {key}")

    @property
    def text(self) -> str:
        """The question and the debrief."""
        return f"{self.question}\n\n{DEBRIEF}: {self.debrief}"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        html = faces.prose(self.question) + _steps(self.hints) + _fold(DEBRIEF, faces.prose(self.debrief))
        return {"text/html": _framed(html), "text/plain": self.text}


class Hints:
    """Three hints for a task of an exercise, each of them folded inside the one before it.

    The exercises hold them as html in a Markdown cell called ``hints-TASK``, so that nothing has to be run or imported for
    them; `gossipkit.lab.refresh` writes it.

    Parameters
    ----------
    exercise, task : str
        Whose; see `gossipkit.lab.questions` for the files.
    folder : pathlib.Path
        Where the files are, for hints of one's own.

    Raises
    ------
    ValueError
        For an unknown exercise or task, naming those there are.
    """

    def __init__(self, exercise: str, task: str, folder: Path = questions.FOLDER):
        self.steps = questions.hints(exercise, task, folder)

    @property
    def html(self) -> str:
        """The three steps."""
        return _steps(self.steps)

    def __repr__(self) -> str:
        return "Three hints, one inside the other: a nudge, where to look, worked."

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": _framed(self.html), "text/plain": repr(self)}


def _filled(debrief: str, numbers: dict, where: str) -> str:
    try:
        fields = _fields(debrief)
    except ValueError as error:
        raise ValueError(f"{where}: the debrief's fields can't be read: {error}") from None
    if unnamed := [name for name in fields if not name.isidentifier()]:
        raise ValueError(f"{where}: the debrief has a field named {unnamed[0]!r}: it must be a name")
    for name in fields - set(numbers):
        raise ValueError(f"{where}: the debrief needs the number {name!r}: it must be given")
    for name in set(numbers) - fields:
        raise ValueError(
            f"{where}: the debrief has no field {name!r}: it must be one of {', '.join(sorted(fields)) or 'none'}"
        )
    for name, number in numbers.items():
        # numpy's numbers convert as Python's do; words and rows don't, and are left to their fields
        if hasattr(number, "__float__") and getattr(number, "ndim", 0) == 0 and not math.isfinite(number):
            raise ValueError(f"{where}: {name} is {number!r}: it must be finite")
    try:
        # a format's percent sign stands at its number, the course's prose has a space there
        return re.sub(r"(?<=\d)%", " %", debrief.format(**numbers))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"{where}: the debrief can't be filled: {error}") from None


def _fields(template: str) -> set[str]:
    """The names of a format string's fields, and of the fields within their formats."""
    found = set()
    for _, name, form, _ in Formatter().parse(template):
        if name is not None:
            # {load[0]} and {run.rounds} are parts of load and run
            found |= {name.split(".")[0].split("[")[0]} | _fields(form)
    return found


def _steps(hints: tuple[str, ...]) -> str:
    html = ""
    for summary, hint in reversed(list(zip(STEPS, hints, strict=False))):
        html = _fold(summary, faces.prose(hint) + html)
    return html


def _fold(summary: str, content: str) -> str:
    # JupyterLab takes Enter for itself, except where an element says that it wants its keys
    return f'<details><summary data-lm-suppress-shortcuts="true">{summary}</summary>{content}</details>'


def _framed(content: str) -> str:
    return f"{FRAME}{content}</div>"
