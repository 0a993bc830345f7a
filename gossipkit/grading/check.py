"""What a student runs before handing in: the tests that are in sight, each with the property that failed.

The notebook's own test cells are run, the way they are when it is graded; the stamp that `release` left in its metadata
tells which cells are no longer what was handed out, and a test that was edited, or builds on a cell that was, says
nothing. Nothing is confined: it is the student's own machine and code.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
from nbgrader.utils import is_solution

from .answers import grade_id, locked, names_of
from .course import GradingError
from .intake import decoded, read_notebook
from .properties import form_only
from .release import STAMP, cell_digest
from .runner import NO_VERDICT, Run, Verdict
from .sandbox import Confined, Limits, Stopped
from .unanswered import UNANSWERED

STUB = "raise NotImplementedError()"  # what an answer cell holds beside what helps to fill it in

HERE = "in its own cell; one that stands elsewhere is found when this is graded"
BACK = "put it back as it was, or begin with a fresh copy"
LOST = Verdict(None, f"its own cell is missing or was edited: {BACK}")


@dataclass(frozen=True)
class Checked:
    """What a student is told.

    Parameters
    ----------
    assignment : str
    notes : tuple of str
        What an instructor's computer would repair, or ask about.
    verdicts : dict
        Of each task, in their order; of a written answer only whether there is one.
    written : frozenset of str
        The tasks that a person marks.
    form_only : frozenset of str
        The tasks whose visible tests look at an answer's form and at nothing else.
    """

    assignment: str
    notes: tuple[str, ...]
    verdicts: dict[str, Verdict]
    written: frozenset[str]
    form_only: frozenset[str]

    @property
    def passed(self) -> bool:
        """Whether nothing is missing and every test in sight passed."""
        return all(verdict.passed for verdict in self.verdicts.values())

    def said(self, task: str) -> str:
        """What is to be said of a task."""
        verdict = self.verdicts[task]
        if verdict.passed and task in self.written:
            return "answered, for a person to mark"
        if verdict.passed and task in self.form_only:
            return "form only: whether it is right is looked at when this is graded"
        if verdict.passed:
            return "passed the checks in sight"
        return why(verdict.passed is None, verdict.reason)

    def lines(self) -> Iterator[str]:
        """All that is to be said: notes, a line for each task, and what it comes to."""
        yield from (f"note: {note}" for note in self.notes)
        yield from (f"{task:28} {self.said(task)}" for task in self.verdicts)
        states = Counter(map(self._state, self.verdicts))
        yield f"{self.assignment}, {len(self.verdicts)} tasks: " + ", ".join(
            f"{states[state]} {state}"
            for state in ("passed", "of form only", "written", "not done", "not checked")
            if states[state]
        )
        yield (
            "Grading adds hidden tests, which look at more cases and at whether answers of the right form are right, and a "
            "person marks what is written."
        )

    def _state(self, task: str) -> str:
        verdict = self.verdicts[task]
        if not verdict.passed:
            return "not checked" if verdict.passed is None else "not done"
        return "written" if task in self.written else "of form only" if task in self.form_only else "passed"


def why(unknown: bool, reason: str) -> str:
    """Why a task was not passed, in a sentence for whoever answered it.

    Parameters
    ----------
    unknown : bool
        Whether there is no verdict.
    reason : str
        What the verdict or the mark says.
    """
    if unknown:
        return f"not checked, because {reason.removeprefix(f'{NO_VERDICT}: ')}"
    if reason.startswith(UNANSWERED):
        return reason
    return (
        f"not passed, because this is {reason}" if reason.startswith("not so: ") else f"not passed: {reason}"
    )


def check(path: Path, limits: Limits = Limits()) -> Checked:  # noqa: B008 - it is frozen
    """Run a notebook's own tests on its answers. The file is only read.

    Raises
    ------
    GradingError
        If it is no notebook of an assignment of this course, or could not be run at all.
    """
    notes: list[str] = []
    notebook, stamp = read_exercise(path, notes)
    cells, tasks = stamp["cells"], dict(stamp["tasks"])
    notes += [*_noticed(notebook, cells), *_other_release(path, stamp)]
    _only_the_courses_own(notebook, cells)
    named = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    verdicts = {
        task: Verdict(
            None, f"the cell {lost[0]!r}, which its test builds on, is missing or was edited: {BACK}"
        )
        for task, setup in tasks.items()
        if task in named and (lost := [name for name in setup if name not in named])
    }
    written = {task for task in tasks if task in named and is_solution(named[task])}
    for task in written:
        there = cell_digest(named[task]) != cells[task]
        verdicts[task] = Verdict(there, "" if there else f"{UNANSWERED} {HERE}")
    start = partial(Confined, limits=limits, sandboxed=False, cancelled=threading.Event())
    tests = (tasks.keys() & named.keys()) - verdicts.keys()
    try:
        given = {
            grade_id(cell): cell.source if cell_digest(cell) == cells.get(grade_id(cell)) else STUB
            for cell in notebook.cells
            if is_solution(cell)
        }
        run = Run(notebook, notebook, start, limits.submission_s, tests, stamp["answers"], given)
        verdicts |= run.verdicts()
    except Stopped as error:
        raise GradingError(f"{path} could not be run: its process {error}") from None
    return Checked(
        stamp["assignment"],
        tuple(notes),
        {task: verdicts.get(task, LOST) for task in tasks},
        frozenset(written),
        frozenset(task for task in tests if form_only.__name__ in names_of(named[task].source).read),
    )


def read_exercise(path: Path, notes: list[str]) -> tuple[nbformat.NotebookNode, dict]:
    """A student's notebook, and the stamp of its release (see `release.handed_out`).

    Parameters
    ----------
    path : Path
    notes : list of str
        What was converted is added.

    Raises
    ------
    GradingError
        If it can't be read, or has no stamp.
    """
    try:
        data = path.read_bytes()
        notebook = read_notebook(data, notes)
        stamp = nbformat.reads(decoded(data), as_version=4).metadata.get(STAMP)
    except Exception as error:
        raise GradingError(f"{path} is not a notebook: {error}") from None
    kinds = {"assignment": str, "release": str, "cells": dict, "tasks": list, "answers": list}
    if not isinstance(stamp, dict) or any(
        not isinstance(stamp.get(key), kind) for key, kind in kinds.items()
    ):
        raise GradingError(
            f"{path} is no exercise of this course, or has lost the stamp of its release, or is of an old release: "
            "begin with a fresh copy"
        )
    return notebook, stamp


def beside(path: Path, *parts: str) -> Path | None:
    """The file with this path in the course that a student's notebook lies in, or that the command was called in."""
    folders = (*path.resolve().parents, Path.cwd())
    return next((found for folder in folders if (found := folder.joinpath(*parts)).is_file()), None)


def _other_release(path: Path, stamp: dict) -> list[str]:
    """Whether the course has another release of the exercise by now."""
    name = stamp["assignment"]
    present = beside(path, "exercises", name, f"{name}.ipynb")
    if present is None or present.samefile(path):
        return []
    with suppress(GradingError):
        if read_exercise(present, [])[1]["release"] != stamp["release"]:
            return [f"this notebook is of another release than {present}, and is checked by its own tests"]
    return []


def _only_the_courses_own(notebook: nbformat.NotebookNode, handed_out: dict[str, str]) -> None:
    """Let the course's cells be those that are as they were handed out, and each answer's cell be there once.

    All others become ordinary cells, as they do in grading: of two cells for an answer, the first that holds one counts.
    """
    seen: dict[str, nbformat.NotebookNode] = {}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is None:
            continue
        untouched = cell_digest(cell) == handed_out.get(name)
        before = seen.get(name)
        if name not in handed_out or (locked(cell) and not untouched):
            cell.metadata = nbformat.NotebookNode()
        elif before is None:
            seen[name] = cell
        elif not locked(cell) and not untouched and cell_digest(before) == handed_out[name]:
            before.metadata = nbformat.NotebookNode()
            seen[name] = cell
        else:
            cell.metadata = nbformat.NotebookNode()


def _noticed(notebook: nbformat.NotebookNode, handed_out: dict[str, str]) -> list[str]:
    """What differs from the exercise as it was handed out, in cells that are the course's."""
    found = Counter(grade_id(cell) for cell in notebook.cells if grade_id(cell))
    notes = [f"the cell {name!r} is missing: {BACK}" for name in handed_out if name not in found]
    notes += [
        f"the cell {name!r} is there {count} times: leave one" for name, count in found.items() if count > 1
    ]
    notes += [
        f"the cell {grade_id(cell)!r} was edited: when this is graded it runs as it was handed out"
        for cell in notebook.cells
        if locked(cell) and handed_out.get(grade_id(cell)) not in (None, cell_digest(cell))
    ]
    return notes
