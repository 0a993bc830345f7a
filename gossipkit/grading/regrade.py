"""Marks after a test was mended: only what that can change is run again, and every difference is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade

from .answers import declared, grade_id, needs, own_cells
from .changes import Change, between, write_changes
from .course import Assignment, GradingError, nbgrader_course, received
from .crew import Crew
from .grade import ours, shut, tests_at, write_all
from .gradebook import configure
from .intake import Submission, make_whole, mistake
from .judge import Way, in_order, judged, not_run
from .kept import graded, keep, keep_unread
from .names import student_id
from .results import Result, store
from .sandbox import Cancelled
from .teaching import teaching


def regrade(
    out: Path,
    chosen: list[Assignment],
    way: Way,
    done: Callable[[Result], None] = lambda result: None,
    expected: Callable[[int], None] = lambda count: None,
) -> list[Change]:
    """Judge what ``grade`` judged before by the tests as they are now.

    Of each submission those tests run whose cells, or the cells that they build on, have changed since it was judged;
    other marks stay, and so do those that a person gave. What was marked before is kept beside the new result, and the
    differences are added to ``OUT/changes.csv``. A call that is interrupted is continued by the next one.

    Parameters
    ----------
    out : Path
        The folder that ``grade`` wrote.
    chosen : list of Assignment
    way : Way
    done : callable
        Called with each result when it is there.
    expected : callable
        Called with how many there will be, before anything runs.

    Returns
    -------
    list of Change
        Those of this call.

    Raises
    ------
    GradingError
        If ``out`` was not made by ``grade``, or there is no sandbox.
    """
    out = out.resolve()
    if not ours(out):
        raise GradingError(f"{out} holds no results: name the folder that grade wrote")
    way = shut(way, chosen, {out: "the marks"})
    told = {assignment.name: teaching(assignment) for assignment in chosen}
    known = {assignment.name: assignment for assignment in chosen}
    before = {path: result for path, result in graded(out).items() if result.assignment in known}
    stale = {one.name for one in chosen if not tests_at(out, one.name, one.digest).exists()}
    if stale:
        nbgrader_course(out / "nbgrader", [one for one in chosen if one.name in stale])
    configure(out / "nbgrader")
    given = {assignment.name: received(assignment) for assignment in chosen}
    work = [_work(out, path, result, known[result.assignment], given, way) for path, result in before.items()]
    expected(len(work))
    results = []
    try:
        for result in in_order(work, way.jobs):
            results.append(result)
            done(result)
    finally:
        write_changes(out)
    for assignment in chosen:
        store(tests_at(out, assignment.name, assignment.digest), assignment.source.read_bytes())
    keep_unread(out, results, regraded=True)
    write_all(out, chosen, told)
    return [
        change
        for old, new in zip(before.values(), results, strict=True)
        if new.tests
        for change in between(old, new)
    ]


def _work(out: Path, path: Path, old: Result, assignment: Assignment, given: dict, way: Way):
    if old.tests == assignment.digest:
        return old
    tests = tests_at(out, old.assignment, old.tests)
    before = nbformat.read(tests, as_version=4) if tests.exists() else nbformat.v4.new_notebook()
    tasks = _changed(before, assignment.notebook)
    handed_in = (
        out / "nbgrader" / "submitted" / student_id(old.student) / old.assignment / f"{old.assignment}.ipynb"
    )

    def run(crew: Crew) -> Result:
        submission = Submission(old.student, old.file, old.assignment, digest=old.digest)
        try:
            submission.notebook = nbformat.read(handed_in, as_version=4)
            make_whole(submission, given[old.assignment])
            new = judged(submission, assignment, given[old.assignment], tasks, out / "nbgrader", way, crew)
        except Cancelled:
            raise
        except Exception as error:  # one submission must not keep a class from its marks
            return not_run(submission, assignment.notebook, mistake(error))
        if not new.tests:
            return new
        marks = {mark.task: mark for mark in old.marks} | {mark.task: mark for mark in new.marks}
        order = [grade_id(cell) for cell in assignment.notebook.cells if is_grade(cell)]
        new = replace(
            new,
            digest=old.digest,
            notes=old.notes,
            late=old.late,
            submitted=old.submitted,
            lms=old.lms,
            marks=tuple(marks[task] for task in order if task in marks),
        )
        keep(path, new)
        return new

    return run


def _changed(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> set[str]:
    """The tests of ``new`` whose own cells, or those that they build on, say something else in ``old``."""
    points = {grade_id(cell): cell.metadata.nbgrader.get("points") for cell in old.cells if grade_id(cell)}
    before, now = _built_on(old), _built_on(new)
    return {
        task
        for task, cell in own_cells(new).items()
        if is_grade(cell) and (before.get(task) != now[task] or points[task] != cell.metadata.nbgrader.points)
    }


def _built_on(source: nbformat.NotebookNode) -> dict[str, list]:
    """What each test's verdict depends on: the answers that it reads, and the text of the cells that run."""
    own, answers = own_cells(source), {name for given in declared(source).values() for name in given}
    return {
        test: [needed.answers, *(own[name].source for name in (*needed.setup, test))]
        for test, needed in needs(source, answers).items()
    }
