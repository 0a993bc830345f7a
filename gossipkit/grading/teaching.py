"""What an assignment's authors say about its tasks: ``solutions/NAME/teaching.json``. Students do not receive it.

The file holds an object with three keys::

    {
      "answers": {CELL: [NAME, ...], ...},
      "tasks": {TASK: {"title": TEXT, "lesson": FILE, "section": HEADING}, ...},
      "misconceptions": [{"task": TASK, "answers": {NAME: TEXT}, "points_to": TEXT}, ...]
    }

``tasks`` names every task that gives points: what it is about, and where the course teaches it (a notebook in
``notebooks/``, and a heading in it). A misconception is a known wrong answer: the values that the test looks at, as Python
writes them (``"'C'"``), or instead of ``answers`` a ``reason``, a part of what the failed property says; and what it points
to. Of several that fit, the first counts.

``answers`` names what each answer cell gives: these names, and no others, a test takes from a student. ``release`` works
them out (see `answers.declared`) and writes them here, so that a change of the notebook that changes them is seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.utils import is_grade

from .answers import declared, grade_id
from .course import Assignment, GradingError
from .results import Mark


@dataclass(frozen=True)
class Task:
    """What a task is about, and where it is taught: a notebook's name and a heading in it."""

    title: str
    lesson: str
    section: str


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer, or a part of a reason, and what it points to."""

    task: str
    points_to: str
    answers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def fits(self, mark: Mark) -> bool:
        """Whether a mark shows it."""
        if mark.task != self.task or mark.points is None or mark.points >= mark.maximum:
            return False
        if self.reason:
            return self.reason in mark.reason
        return all(mark.answers.get(name) == text for name, text in self.answers.items())


@dataclass(frozen=True)
class Teaching:
    """What the authors of an assignment say about it."""

    tasks: Mapping[str, Task]
    misconceptions: tuple[Misconception, ...]

    def shown_by(self, mark: Mark) -> str:
        """What a wrong answer points to; empty if that is not known."""
        return next((one.points_to for one in self.misconceptions if one.fits(mark)), "")


def teaching(assignment: Assignment) -> Teaching:
    """Read what the authors say.

    Raises
    ------
    GradingError
        For a file that is missing or says something else than the rules above, with what is wrong.
    """
    path = _path(assignment)
    try:
        said = _said(path)
        told = Teaching(
            {name: Task(**task) for name, task in said["tasks"].items()},
            tuple(Misconception(**one) for one in said["misconceptions"]),
        )
        for text in (
            text for task in told.tasks.values() for text in (task.title, task.lesson, task.section)
        ):
            if not isinstance(text, str):
                raise TypeError(f"{text!r} is no text")
        answers = said["answers"]
    except FileNotFoundError:
        raise GradingError(f"{path} is missing: it says where each task is taught") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GradingError(
            f"{path} can't be read ({type(error).__name__}: {error}); see gossipkit/grading/teaching.py"
        ) from None
    if answers != declared(assignment.notebook):
        raise GradingError(
            f"{path} names other answers than {assignment.source.name} has: release brings it up to date"
        )
    graded = [grade_id(cell) for cell in assignment.notebook.cells if is_grade(cell)]
    if set(told.tasks) != set(graded):
        raise GradingError(
            f"{path} names the tasks {', '.join(sorted(told.tasks))}: it must name {', '.join(sorted(graded))}"
        )
    for one in told.misconceptions:
        if one.task not in told.tasks:
            raise GradingError(
                f"{path} has a misconception of the task {one.task!r}: there are {', '.join(graded)}"
            )
        if bool(one.answers) == bool(one.reason):
            raise GradingError(
                f"{path} has a misconception of {one.task!r} that needs either answers or a reason, not both"
            )
    return told


def with_answers(assignment: Assignment) -> bytes:
    """What ``teaching.json`` has to say: what it says, with the answers that the notebook has now.

    Raises
    ------
    GradingError
        If it holds no JSON object.
    """
    path, answers = _path(assignment), declared(assignment.notebook)
    try:
        said = _said(path) if path.exists() else {"tasks": {}, "misconceptions": []}
        if said.get("answers") == answers:
            return path.read_bytes()
    except (ValueError, AttributeError) as error:
        raise GradingError(f"{path} is no JSON object ({error})") from None
    return _written({"answers": answers} | {key: value for key, value in said.items() if key != "answers"})


def _path(assignment: Assignment) -> Path:
    return assignment.source.with_name("teaching.json")


def _said(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def _written(said: dict) -> bytes:
    """JSON with a line for each task, each misconception and the answers of each cell."""
    parts = []
    for key, held in said.items():
        texts = [
            json.dumps(one, ensure_ascii=False) for one in (held if isinstance(held, list) else held.values())
        ]
        if isinstance(held, dict):
            texts = [f"{json.dumps(name)}: {text}" for name, text in zip(held, texts, strict=True)]
        start, end = "[]" if isinstance(held, list) else "{}"
        parts.append(f'  "{key}": {start}\n    ' + ",\n    ".join(texts) + f"\n  {end}")
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()
