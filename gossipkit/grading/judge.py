"""From a submission to its result: run, put into marks, and written down as a notebook that nbgrader can show."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import nbformat
from nbgrader.utils import is_grade

from .answers import grade_id
from .course import Assignment
from .crew import Crew
from .gradebook import write_submission
from .intake import Submission
from .results import GRADED, UNGRADED, WAITING, Mark, Result
from .runner import Run, Verdict
from .sandbox import Limits, Stopped, counting
from .shown import shown
from .unanswered import UNANSWERED
from .written import written_answers

WRITTEN = "a written answer, for a person to mark"


@dataclass(frozen=True)
class Way:
    """How submissions are run.

    Parameters
    ----------
    jobs : int
        How many at a time.
    sandboxed : bool
        Whether bubblewrap confines them.
    limits : Limits
    hidden : tuple of Path
        What the sandbox must not show, even below a folder that Python needs.
    """

    jobs: int
    sandboxed: bool = True
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[Path, ...] = ()


class Work(Protocol):
    """Something that gives a result, and gives up when its crew is called off."""

    def __call__(self, crew: Crew) -> Result: ...


def in_order(work: list[Result | Work], jobs: int) -> Iterator[Result]:
    """Results, in the order given: some are there, the others are worked out, several at a time.

    When the one who asks stops asking, for whatever reason, what is running is called off.
    """
    crew, pool = Crew(), ThreadPoolExecutor(jobs)
    try:
        coming = [one if isinstance(one, Result) else pool.submit(one, crew) for one in work]
        for one in coming:
            yield one if isinstance(one, Result) else one.result()
    finally:
        crew.cancelled.set()
        pool.shutdown(cancel_futures=True)
        crew.dismiss()


def judged(
    submission: Submission,
    assignment: Assignment,
    given: nbformat.NotebookNode,
    tasks: set[str],
    course: Path,
    way: Way,
    crew: Crew,
) -> Result:
    """Run a submission, and write it down in nbgrader's course.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
        With the tests.
    given : NotebookNode
        What the student received.
    tasks : set of str
        The tests to run; the marks of others are left out.
    course : Path
        nbgrader's course.
    way : Way
    crew : Crew

    Raises
    ------
    Cancelled
        If it was called off; then nothing is known, and nothing was written.
    """
    source = assignment.notebook
    start = partial(crew.process, limits=way.limits, sandboxed=way.sandboxed, hidden=way.hidden)
    run = Run(submission.notebook, source, start, way.limits.submission_s, tasks)
    try:
        verdicts = run.verdicts()
    except Stopped as error:
        return not_run(submission, source, f"the process that was to run it {error}")
    written = written_answers(submission.notebook, given)
    marks = []
    for cell in filter(is_grade, source.cells):
        task, maximum = grade_id(cell), float(cell.metadata.nbgrader.points)
        mark = partial(Mark, submission.student, assignment.name, task)
        if task in verdicts:
            marks.append(_mark(mark, maximum, verdicts[task]))
        elif written.get(task):
            marks.append(mark(None, maximum, WAITING, WRITTEN))
        elif task in written:
            marks.append(mark(0.0, maximum, GRADED, UNANSWERED))
    seen = shown(submission.notebook, run.own, run.outputs, verdicts, written)
    write_submission(course, submission.student, assignment.name, submission.notebook, seen)
    return Result(
        submission.student,
        assignment.name,
        submission.path,
        submission.digest,
        tuple(submission.notes),
        tuple(marks),
        {mark.task: written[mark.task] for mark in marks if mark.status == WAITING},
        way.sandboxed,
        assignment.digest,
        counting(way.sandboxed).name,
    )


def not_run(submission: Submission, source: nbformat.NotebookNode | None, reason: str) -> Result:
    """The result of a submission that can't be graded: every task of it is ungraded, with the reason.

    Parameters
    ----------
    source : NotebookNode or None
        The assignment, if anybody knows which.
    """
    tasks = (
        [(grade_id(cell), float(cell.metadata.nbgrader.points)) for cell in source.cells if is_grade(cell)]
        if source
        else []
    )
    marks = tuple(
        Mark(submission.student, submission.assignment, task, None, maximum, UNGRADED, reason)
        for task, maximum in tasks or [("", 0.0)]
    )
    notes = tuple(submission.notes)
    return Result(submission.student, submission.assignment, submission.path, submission.digest, notes, marks)


def _mark(mark: partial, maximum: float, verdict: Verdict) -> Mark:
    if verdict.passed is None:
        return mark(None, maximum, UNGRADED, verdict.reason, verdict.answers)
    return mark(maximum if verdict.passed else 0.0, maximum, GRADED, verdict.reason, verdict.answers)
