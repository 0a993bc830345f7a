"""Marks for who learns without a teacher: the hidden tests of ``solutions/``, run on one's own answers, and said openly.

Nothing is confined, because code and machine are the learner's own, and nothing is kept.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import is_grade

from .answers import own_cells
from .check import beside, read_exercise, why
from .course import Assignment, GradingError
from .crew import Crew
from .intake import Submission, make_whole
from .judge import Way, judged
from .release import STAMP, handed_out
from .results import UNGRADED, WAITING, Mark, Result
from .rubrics import Rubric, rubrics
from .teaching import Teaching, teaching

SAID_OPENLY = (
    "Marked by the hidden tests, which are in solutions/ of this repository: what fails may tell you the answer. "
    "Nothing is kept, and nobody else sees it."
)


@dataclass(frozen=True)
class SelfMarked:
    """What somebody who marks their own work is told.

    Parameters
    ----------
    result : Result
    told : Teaching
        What the authors say about the tasks.
    schemes : mapping
        Of each written answer that waits for a mark, by task.
    """

    result: Result
    told: Teaching
    schemes: Mapping[str, Rubric]

    @property
    def passed(self) -> bool:
        """Whether every point is there, but for what a person has to mark."""
        return all(mark.points == mark.maximum or mark.status == WAITING for mark in self.result.marks)

    def lines(self) -> Iterator[str]:
        """All that is to be said: points by task, where a task is taught that lacks some, and how to mark what was written."""
        yield SAID_OPENLY
        yield from (f"note: {note}" for note in self.result.notes)
        for mark in self.result.marks:
            points = "-" if mark.points is None else f"{mark.points:g}"
            yield f"{mark.task:28} {points} of {mark.maximum:g}"
            yield from (f"    {said}" for said in self._said(mark))
        waits = sum(mark.maximum for mark in self.result.marks if mark.status == WAITING)
        open_ = sum(mark.maximum for mark in self.result.marks if mark.status == UNGRADED)
        yield (
            f"{self.result.assignment}: {self.result.points:g} of {self.result.maximum:g} points"
            + f"; {waits:g} are for you to mark, by the scheme below" * bool(waits)
            + f"; for {open_:g} there is no verdict" * bool(open_)
        )
        for task, rubric in self.schemes.items():
            yield f"\n{task}: the mark scheme\n\n{rubric.scheme}\n\n{task}: the reference answer\n\n{rubric.reference}"

    def _said(self, mark: Mark) -> Iterator[str]:
        if mark.status == WAITING:
            yield "for you to mark"
        elif mark.points != mark.maximum:
            yield why(mark.status == UNGRADED, mark.reason)
            if points_to := self.told.shown_by(mark):
                yield points_to
            task = self.told.tasks[mark.task]
            yield f"Taught in notebooks/{task.lesson}, {task.section!r}."


def mark_yourself(path: Path) -> SelfMarked:
    """Mark a notebook by the tests in the ``solutions/`` of the course that it lies in. The file is only read.

    Raises
    ------
    GradingError
        If it is no notebook of an assignment of this course, or there are no solutions beside it.
    """
    notes: list[str] = []
    notebook, stamp = read_exercise(path, notes)
    name = stamp["assignment"]
    source = beside(path, "solutions", name, f"{name}.ipynb")
    if source is None:
        raise GradingError(
            f"there is no solutions/{name}/{name}.ipynb in a folder above {path}, nor in the one that you are in: marking "
            "yourself takes the course's whole repository. Without --self, check runs the tests that are in your notebook"
        )
    assignment = Assignment(name, source)
    given = handed_out([assignment])[name]
    if given.metadata[STAMP]["release"] != stamp["release"]:
        notes.append(f"this notebook is of another release than {source}, and is marked by the tests there")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    submission = Submission("you", str(path), name, notebook, notes=notes, digest=digest)
    make_whole(submission, given)
    tests = {task for task, cell in own_cells(assignment.notebook).items() if is_grade(cell)}
    with tempfile.TemporaryDirectory() as folder, Crew() as crew:
        way = Way(1, sandboxed=False)
        result = judged(submission, assignment, given, tests, Path(folder), way, crew)
    waiting = {mark.task for mark in result.marks if mark.status == WAITING}
    schemes = {task: rubric for task, rubric in rubrics(assignment.notebook).items() if task in waiting}
    return SelfMarked(result, teaching(assignment), schemes)
