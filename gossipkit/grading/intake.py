"""What was handed in: found, named, recognised, and made whole before anything of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from .course import GradingError

STUDENT = re.compile(r"\w[\w.@ -]*")  # what can be a folder's name everywhere


@dataclass
class Submission:
    """One student's notebook. With a ``reason`` it can't be graded; ``notes`` say what was repaired."""

    student: str
    path: Path
    assignment: str = ""
    notebook: nbformat.NotebookNode | None = None
    reason: str = ""
    notes: list[str] = field(default_factory=list)


def collect(folder: Path, released: dict[str, nbformat.NotebookNode]) -> list[Submission]:
    """Read the submissions in ``folder``: ``STUDENT.ipynb``, or ``STUDENT/ANYTHING.ipynb``. Nothing is changed there.

    Parameters
    ----------
    folder : Path
        Where the submissions lie. Which assignment a notebook belongs to is told by its cells, not by its name.
    released : dict
        What students received, by the assignment's name.

    Returns
    -------
    list of Submission
        Ordered by student and assignment. A notebook that can't be graded is among them, with its reason.

    Raises
    ------
    GradingError
        If there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise GradingError(f"{folder} is no folder: name the one that holds the submissions")
    found = [_read(student, path, released) for student, path in _notebooks(folder)]
    if not found:
        raise GradingError(
            f"no notebooks in {folder}: it must hold STUDENT.ipynb files, or a folder per student with notebooks"
        )
    handed_in: dict[tuple[str, str], list[Submission]] = {}
    for submission in found:
        if submission.assignment:
            handed_in.setdefault((submission.student, submission.assignment), []).append(submission)
    for several in handed_in.values():
        if len(several) > 1:
            names = ", ".join(submission.path.name for submission in several)
            for submission in several:
                submission.reason = f"handed in more than once ({names}): leave one"
    return sorted(found, key=lambda one: (one.student, one.assignment, one.path))


def _notebooks(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from ((path.name, inner) for inner in sorted(path.glob("*.ipynb")))
        elif path.suffix == ".ipynb":
            yield path.stem, path


def _read(student: str, path: Path, released: dict[str, nbformat.NotebookNode]) -> Submission:
    submission = Submission(student, path)
    if not STUDENT.fullmatch(student):
        submission.reason = f"the name {student!r} can't be used: letters, digits, spaces and . _ @ - only"
        return submission
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        what = str(error).strip().splitlines()
        submission.reason = f"{path.name} is not a notebook: {what[0] if what else type(error).__name__}"
        return submission
    shared = {name: len(_grade_ids(notebook) & _grade_ids(given)) for name, given in released.items()}
    best = max(shared, key=shared.get)
    if not shared[best]:
        submission.reason = f"{path.name} has no cell of an assignment of this course ({', '.join(released)})"
        return submission
    submission.assignment, submission.notebook = best, notebook
    _make_whole(submission, released[best])
    return submission


def _grade_ids(notebook: nbformat.NotebookNode) -> set[str]:
    return {_grade_id(cell) for cell in notebook.cells} - {None}


def _grade_id(cell: nbformat.NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _make_whole(submission: Submission, released: nbformat.NotebookNode) -> None:
    """Let each cell of the assignment be there once: a copy becomes an ordinary cell, a test that is missing comes back."""
    source = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
    notebook, notes = submission.notebook, submission.notes
    seen = set()
    for cell in notebook.cells:
        name = _grade_id(cell)
        if name is not None and (name in seen or name not in source):
            del cell.metadata["nbgrader"]
            notes.append(f"the cell {name!r} was there twice, and its copy was read as an ordinary cell")
        seen.add(name)
    at = 0
    for name, cell in source.items():
        if name in seen:
            at = 1 + [_grade_id(other) for other in notebook.cells].index(name)
        elif cell.cell_type == "code" and cell.metadata.nbgrader.solution:
            notes.append(f"the answer cell {name!r} was missing; the answer was looked for in other cells")
        else:
            notes.append(f"the cell {name!r} was missing and was put back as it was handed out")
            back = deepcopy(cell)
            back.id = f"{back.id}-put-back"  # some other cell may have its identity by now
            notebook.cells.insert(at, back)
            at += 1
