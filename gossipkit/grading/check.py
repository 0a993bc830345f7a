"""What a student runs before handing in: the tests that are in sight, each with the property that failed.

The notebook's own test cells are run, the way they are when it is graded; the stamp that `release` left in its metadata
tells which cells are no longer what was handed out. Nothing is confined: it is the student's own machine and code.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution

from .answers import grade_id, locked, needs
from .course import GradingError
from .intake import read_notebook
from .release import STAMP, cell_digest
from .runner import Run, Verdict
from .sandbox import Confined, Limits, Stopped
from .unanswered import UNANSWERED

STUB = "raise NotImplementedError()"  # what an answer cell holds beside what helps to fill it in


@dataclass(frozen=True)
class Checked:
    """What a student is told.

    Parameters
    ----------
    assignment : str
    notes : tuple of str
        What an instructor's computer would repair, or ask about.
    verdicts : dict
        Of each test in sight, and of each written answer, by task; of a written answer only whether there is one.
    written : frozenset of str
        The tasks that a person marks.
    """

    assignment: str
    notes: tuple[str, ...]
    verdicts: dict[str, Verdict]
    written: frozenset[str]

    @property
    def passed(self) -> bool:
        """Whether nothing is missing and every test in sight passed."""
        return all(verdict.passed for verdict in self.verdicts.values())


def check(path: Path, limits: Limits = Limits()) -> Checked:  # noqa: B008 - it is frozen
    """Run a notebook's own tests on its answers. The file is only read.

    Raises
    ------
    GradingError
        If it is no notebook of an assignment of this course, or could not be run at all.
    """
    notes: list[str] = []
    try:
        notebook = read_notebook(path.read_bytes(), notes)
        stamp = nbformat.reads(path.read_text("utf-8-sig"), as_version=4).metadata.get(STAMP)
    except Exception as error:
        raise GradingError(f"{path} is not a notebook: {error}") from None
    if not isinstance(stamp, dict) or not isinstance(stamp.get("cells"), dict):
        raise GradingError(f"{path} is no exercise of this course, or has lost the stamp of its release")
    handed_out = stamp["cells"]
    notes += _noticed(notebook, handed_out)
    tests = {
        grade_id(cell)
        for cell in notebook.cells
        if cell.cell_type == "code" and is_grade(cell) and locked(cell)
    }
    start = partial(Confined, limits=limits, sandboxed=False, cancelled=threading.Event())
    try:
        given = {
            grade_id(cell): cell.source if cell_digest(cell) == handed_out.get(grade_id(cell)) else STUB
            for cell in notebook.cells
            if is_solution(cell)
        }
        verdicts = Run(
            notebook, notebook, start, limits.submission_s, tests, _answers(notebook), given
        ).verdicts()
    except Stopped as error:
        raise GradingError(f"{path} could not be run: its process {error}") from None
    written = {grade_id(cell): cell for cell in notebook.cells if is_grade(cell) and is_solution(cell)}
    for task, cell in written.items():
        there = cell_digest(cell) != handed_out.get(task)
        verdicts[task] = Verdict(there, "" if there else UNANSWERED)
    order = [grade_id(cell) for cell in notebook.cells if grade_id(cell) in verdicts]
    return Checked(
        str(stamp.get("assignment")),
        tuple(notes),
        {task: verdicts[task] for task in dict.fromkeys(order)},
        frozenset(written),
    )


def _answers(notebook: nbformat.NotebookNode) -> set[str]:
    """The names that are the student's: here, where there is no reference to say so, whatever the course leaves open."""
    return {name for needed in needs(notebook, ()).values() for _, name in needed.nowhere}


def _noticed(notebook: nbformat.NotebookNode, handed_out: dict[str, str]) -> list[str]:
    """What differs from the exercise as it was handed out, in cells that are the course's."""
    found = Counter(grade_id(cell) for cell in notebook.cells if grade_id(cell))
    notes = [
        f"the cell {name!r} is missing: put it back, or begin with a fresh copy"
        for name in handed_out
        if name not in found
    ]
    notes += [
        f"the cell {name!r} is there {count} times: leave one" for name, count in found.items() if count > 1
    ]
    notes += [
        f"the cell {grade_id(cell)!r} was edited: when this is graded it runs as it was handed out"
        for cell in notebook.cells
        if locked(cell) and handed_out.get(grade_id(cell)) not in (None, cell_digest(cell))
    ]
    return notes
