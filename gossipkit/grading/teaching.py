"""What an assignment's authors say about its tasks: ``solutions/NAME/teaching.json``. Students do not receive it.

The file holds an object with two keys::

    {
      "tasks": {TASK: {"title": TEXT, "lesson": FILE, "section": HEADING}, ...},
      "misconceptions": [{"task": TASK, "answers": {NAME: TEXT}, "points_to": TEXT}, ...]
    }

``tasks`` names every task that gives points: what it is about, and where the course teaches it (a notebook in
``notebooks/``, and a heading in it). A misconception is a known wrong answer: the values that the test looks at, as Python
writes them (``"'C'"``), or instead of ``answers`` a ``reason``, a part of what the failed property says; and what it points
to. Of several that fit, the first counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.utils import is_grade

from .course import Assignment, GradingError
from .results import Mark
from .runner import grade_id


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
    path = assignment.source.with_name("teaching.json")
    try:
        said = json.loads(path.read_text("utf-8"))
        told = Teaching(
            {name: Task(**task) for name, task in said["tasks"].items()},
            tuple(Misconception(**one) for one in said["misconceptions"]),
        )
        for text in (
            text for task in told.tasks.values() for text in (task.title, task.lesson, task.section)
        ):
            if not isinstance(text, str):
                raise TypeError(f"{text!r} is no text")
    except FileNotFoundError:
        raise GradingError(f"{path} is missing: it says where each task is taught") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GradingError(
            f"{path} can't be read ({type(error).__name__}: {error}); see gossipkit/grading/teaching.py"
        ) from None
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
