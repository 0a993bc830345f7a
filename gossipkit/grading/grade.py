"""Marks for a folder of submissions: nbgrader runs and scores them; what it can't grade is ungraded, never 0."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

import nbformat
from jinja2 import Environment, PackageLoader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import is_grade

from .course import Assignment, GradingError, nbgrader_course
from .intake import Submission, collect

ERROR_LINE = re.compile(r"^ *((?:\w+\.)*\w*(?:Error|Exception)\b.*)$", re.MULTILINE)
GRADED, WAITING, UNGRADED = "graded", "needs marking", "ungraded"


@dataclass(frozen=True)
class Mark:
    """A row of ``marks.csv``: points of one student for one task. Without points, the reason says why."""

    student: str
    assignment: str
    task: str
    points: float | None
    maximum: float
    status: str
    reason: str


@dataclass(frozen=True)
class Result:
    """What became of one submission."""

    submission: Submission
    marks: list[Mark] = field(default_factory=list)

    @property
    def points(self) -> float:
        """What the marks come to so far."""
        return sum(mark.points or 0 for mark in self.marks)

    @property
    def maximum(self) -> float:
        """What they could come to."""
        return sum(mark.maximum for mark in self.marks)


def grade(
    submissions: Path,
    out: Path,
    chosen: list[Assignment],
    tell: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade a folder of submissions, and write ``marks.csv``, ``feedback/`` and an nbgrader course into ``out``.

    Parameters
    ----------
    submissions : Path
        A folder of notebooks, see `intake.collect`; nothing in it is changed.
    out : Path
        A folder that doesn't exist, or an empty one.
    chosen : list of Assignment
        Those that may have been handed in.
    tell : callable
        Called with each result as soon as it is there.

    Raises
    ------
    GradingError
        If ``out`` holds anything, or there is nothing to grade; then nothing was written.
    """
    out = out.resolve()  # nbgrader works in a folder of its own
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GradingError(
            f"{out} is not empty, and nothing is overwritten: name a folder that doesn't exist yet"
        )
    fresh = not out.exists()
    course = out / "nbgrader"
    course.mkdir(parents=True)
    try:
        api = nbgrader_course(course, chosen)
        released = {
            assignment.name: nbformat.read(
                course / "release" / assignment.name / assignment.source.name, as_version=4
            )
            for assignment in chosen
        }
        found = collect(submissions, released)
    except GradingError:
        shutil.rmtree(out if fresh else course)
        raise
    results = []
    for submission in found:
        results.append(_result(api, course, submission, released))
        tell(results[-1])
    _write_marks(out / "marks.csv", results)
    _write_feedback(out / "feedback", results)
    return results


def _result(api: NbGraderAPI, course: Path, submission: Submission, released: dict) -> Result:
    if submission.reason:
        return Result(submission, _ungraded(submission, released, submission.reason))
    name = f"{submission.assignment}.ipynb"
    home = course / "submitted" / submission.student / submission.assignment
    home.mkdir(parents=True)
    nbformat.write(submission.notebook, home / name)
    outcome = api.autograde(submission.assignment, submission.student)
    if not outcome["success"]:
        # the log ends with nbgrader's own exception, which only says that there was one
        errors = [line for line in ERROR_LINE.findall(outcome["log"]) if "NbGraderException" not in line]
        reason = f"it could not be run to its end ({errors[-1] if errors else 'nbgrader gave no reason'})"
        return Result(submission, _ungraded(submission, released, reason))
    graded = nbformat.read(
        course / "autograded" / submission.student / submission.assignment / name, as_version=4
    )
    with api.gradebook as gradebook:
        return Result(
            submission, [_mark(gradebook, submission, cell) for cell in graded.cells if is_grade(cell)]
        )


def _mark(gradebook, submission: Submission, cell: nbformat.NotebookNode) -> Mark:
    task = cell.metadata.nbgrader.grade_id
    grade = gradebook.find_grade(task, submission.assignment, submission.assignment, submission.student)
    waits = grade.auto_score is None
    return Mark(
        submission.student,
        submission.assignment,
        task,
        None if waits else grade.auto_score,
        grade.max_score,
        WAITING if waits else GRADED,
        _reason(cell, grade.auto_score, grade.max_score),
    )


def _reason(cell: nbformat.NotebookNode, score: float | None, maximum: float) -> str:
    """Why there are not all points: the property that failed, or the error that kept the test from running."""
    if score is None:
        return "a written answer, for a person to mark"
    if score == maximum:
        return ""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            if output.ename == "PropertyFailed":
                return output.evalue
            return f"the test could not run ({output.ename}{output.evalue and ': '}{output.evalue})"
    return "no answer was given"


def _ungraded(submission: Submission, released: dict, reason: str) -> list[Mark]:
    if not submission.assignment:
        return [Mark(submission.student, "", "", None, 0.0, UNGRADED, reason)]
    return [
        Mark(
            submission.student,
            submission.assignment,
            cell.metadata.nbgrader.grade_id,
            None,
            float(cell.metadata.nbgrader.points),
            UNGRADED,
            reason,
        )
        for cell in released[submission.assignment].cells
        if is_grade(cell)
    ]


def _write_marks(path: Path, results: list[Result]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(column.name for column in fields(Mark))
        rows.writerows(astuple(mark) for result in results for mark in result.marks)


def _write_feedback(folder: Path, results: list[Result]) -> None:
    page = Environment(
        loader=PackageLoader("gossipkit.grading"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = page.get_template("feedback.html")
    by_student: dict[str, list[Result]] = {}
    for result in results:
        by_student.setdefault(result.submission.student, []).append(result)
    folder.mkdir()
    for student, theirs in by_student.items():
        # a name that can't be a file's has an ungraded row in marks.csv
        if not any(result.submission.assignment for result in theirs):
            continue
        html = template.render(student=student, results=theirs, waiting=WAITING, ungraded=UNGRADED)
        (folder / f"{student}.html").write_text(html, encoding="utf-8")
