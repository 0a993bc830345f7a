"""Marks after a test was mended: only what that can change is run again, and every difference is shown."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade

from .course import Assignment, GradingError, nbgrader_course
from .grade import UNREAD, keep, kept, ours, released, tests_at, write_all
from .intake import Submission, make_whole
from .judge import Way, in_order, judged
from .names import student_id
from .results import Mark, Result, results_from_json, store
from .runner import grade_id, needed, own_cells
from .sandbox import require_sandbox
from .teaching import teaching


@dataclass(frozen=True)
class Change:
    """A mark before and after; None where a task did not exist."""

    student: str
    assignment: str
    task: str
    before: Mark | None
    after: Mark | None


def regrade(
    out: Path, chosen: list[Assignment], way: Way, done: Callable[[Result], None] = lambda result: None
) -> list[Change]:
    """Judge what ``grade`` judged before by the tests as they are now.

    Of each submission those tests run whose cells, or the cells that they build on, have changed since it was judged;
    other marks stay, and so do those that a person gave. What was marked before is kept beside the new result, and the
    differences are written to ``OUT/changes.csv``. A call that is interrupted is continued by the next one.

    Raises
    ------
    GradingError
        If ``out`` was not made by ``grade``, or there is no sandbox.
    """
    out = out.resolve()
    if not ours(out):
        raise GradingError(f"{out} holds no results: name the folder that grade wrote")
    if way.sandboxed:
        require_sandbox()
    told = {assignment.name: teaching(assignment) for assignment in chosen}
    before = {
        path: result
        for path in sorted(out.glob("results/*/*.json"))
        if (result := kept(path)) is not None and path.stem == result.assignment
    }
    stale = {one.name for one in chosen if not tests_at(out, one.name, one.digest).exists()}
    if stale:
        nbgrader_course(out / "nbgrader", [one for one in chosen if one.name in stale])
    given = released(out, chosen)
    known = {assignment.name: assignment for assignment in chosen}
    work = [_work(out, path, result, known[result.assignment], given, way) for path, result in before.items()]
    results = []
    for result in in_order(work, way.jobs):
        results.append(result)
        done(result)
    for assignment in chosen:
        store(tests_at(out, assignment.name, assignment.digest), assignment.source.read_bytes())
    changes = [
        change for old, new in zip(before.values(), results, strict=True) for change in _changes(old, new)
    ]
    _write_changes(out / "changes.csv", changes)
    unread = results_from_json((out / "results" / UNREAD).read_text("utf-8"))
    write_all(out, results + unread, chosen, told)
    return changes


def _work(out: Path, path: Path, old: Result, assignment: Assignment, given: dict, way: Way):
    if old.tests == assignment.digest:
        return old
    tasks = _changed(
        nbformat.read(tests_at(out, old.assignment, old.tests), as_version=4), assignment.notebook
    )
    handed_in = (
        out / "nbgrader" / "submitted" / student_id(old.student) / old.assignment / f"{old.assignment}.ipynb"
    )

    def run(cancelled: threading.Event) -> Result:
        submission = Submission(old.student, old.file, old.assignment, nbformat.read(handed_in, as_version=4))
        make_whole(submission, given[old.assignment])
        new = judged(submission, assignment, given[old.assignment], tasks, out / "nbgrader", way, cancelled)
        marks = {mark.task: mark for mark in old.marks} | {mark.task: mark for mark in new.marks}
        order = [grade_id(cell) for cell in assignment.notebook.cells if is_grade(cell)]
        new = replace(
            new,
            digest=old.digest,
            notes=old.notes,
            marks=tuple(marks[task] for task in order if task in marks),
        )
        keep(path, new)
        return new

    return run


def _changed(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> set[str]:
    """The tests of ``new`` whose own cells, or those that they build on, say something else in ``old``."""
    before, now = own_cells(old), own_cells(new)
    points = {grade_id(cell): cell.metadata.nbgrader.get("points") for cell in old.cells if grade_id(cell)}
    return {
        task
        for task, cell in now.items()
        if is_grade(cell)
        and (
            task not in before
            or points[task] != cell.metadata.nbgrader.points
            or [now[name].source for name in needed(now, {task})]
            != [before[name].source for name in needed(before, {task})]
        )
    }


def _changes(old: Result, new: Result) -> list[Change]:
    before, after = ({mark.task: mark for mark in result.marks} for result in (old, new))
    return [
        Change(new.student, new.assignment, task, before.get(task), after.get(task))
        for task in before | after
        if before.get(task) != after.get(task)
    ]


def _write_changes(path: Path, changes: list[Change]) -> None:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(
        [
            "student",
            "assignment",
            "task",
            "points before",
            "points after",
            "status before",
            "status after",
            "reason after",
        ]
    )
    for change in changes:
        sides = [change.before, change.after]
        rows.writerow(
            [change.student, change.assignment, change.task]
            + ["" if mark is None or mark.points is None else mark.points for mark in sides]
            + ["" if mark is None else mark.status for mark in sides]
            + ["" if change.after is None else change.after.reason]
        )
    store(path, text.getvalue())
