"""nbgrader's own records of a class: its course folder, its gradebook, and the marks that a person gave in its formgrader."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.api import Comment, Grade, Gradebook

from .course import Assignment, nbgrader_course
from .results import GRADED, UNGRADED, WAITING, Mark, Result, store

CONFIG = """# for nbgrader's formgrader: start JupyterLab in this folder
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "gossip-in-production"
"""
SWITCHED_OFF = (
    "nbgrader's autograde is switched off in this course: it would run submitted code with your rights. "
    "python -m gossipkit.grading grade SUBMISSIONS --out MARKS runs it in a sandbox, and brings the marks here."
)
# nbgrader makes its exporter before it reads, removes or runs anything
LOCK = f'''
from nbconvert.exporters import Exporter
from nbgrader.converters.base import NbGraderException


class SwitchedOff(Exporter):
    def __init__(self, parent=None, **named):
        said = "{SWITCHED_OFF}"
        parent.log.error(said)
        raise NbGraderException(said)


c.Autograde.exporter_class = SwitchedOff
'''
# no kernel has this name: what finds a submission here by another way than through the configuration runs nothing either
NO_KERNEL = {
    "name": "graded-by-gossipkit",
    "display_name": "None: graded by gossipkit.grading",
    "language": "python",
}


def make_course(folder: Path, chosen: list[Assignment]) -> None:
    """Make an nbgrader course at ``folder``, wholly or not at all; GradingError for a source that nbgrader refuses."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)  # what a loss of power left of an earlier attempt
    new.mkdir(parents=True)
    nbgrader_course(new, chosen)
    new.rename(folder)


def switch_off_autograde(folder: Path) -> None:
    """Let nbgrader run nothing of what was handed in; what an instructor has added to its configuration stays.

    Parameters
    ----------
    folder : Path
        nbgrader's course, also one that was made before there was this.
    """
    path = folder / "nbgrader_config.py"
    said = path.read_text("utf-8") if path.exists() else CONFIG
    if LOCK not in said:
        store(path, said + LOCK)
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book:
        for assignment in book.assignments:
            for notebook in assignment.notebooks:
                notebook.kernelspec = json.dumps(NO_KERNEL)
        book.db.commit()


def write_submission(
    folder: Path, student: str, assignment: str, submitted: nbformat.NotebookNode, run: nbformat.NotebookNode
) -> None:
    """Keep a submission as it was understood, and as it ran, where nbgrader looks for them."""
    for kind, notebook in (("submitted", submitted), ("autograded", run)):
        locked = nbformat.from_dict(notebook | {"metadata": notebook.metadata | {"kernelspec": NO_KERNEL}})
        store(folder / kind / student / assignment / f"{assignment}.ipynb", nbformat.writes(locked))


def record(folder: Path, results: Iterable[Result]) -> list[Result]:
    """Write marks into the gradebook, and take over those that a person has given there.

    Parameters
    ----------
    folder : Path
        nbgrader's course.
    results : iterable of Result
        As the machine gave them. Those of no assignment are left alone.

    Returns
    -------
    list of Result
        With the points and comments of the formgrader where there are any: a person's mark counts more.
    """
    marked = []
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book:
        for result in results:
            if not result.assignment:
                marked.append(result)
                continue
            book.update_or_create_student(result.student)
            book.update_or_create_submission(result.assignment, result.student)
            notebook = book.find_submission_notebook(result.assignment, result.assignment, result.student)
            _complete(book, notebook)
            grades = {grade.name: grade for grade in notebook.grades}
            comments = {comment.name: comment for comment in notebook.comments}
            marks = tuple(
                _exchange(mark, grades[mark.task], comments.get(mark.task)) for mark in result.marks
            )
            marked.append(replace(result, marks=marks))
        book.db.commit()
    return marked


def _complete(book: Gradebook, notebook) -> None:
    """Give a submission from before a change of the tests a place for the marks of new ones."""
    known = {grade.name for grade in notebook.grades}
    for cell in [*notebook.notebook.grade_cells, *notebook.notebook.task_cells]:
        if cell.name not in known:
            book.db.add(Grade(cell_id=cell.id, notebook=notebook))
    known = {comment.name for comment in notebook.comments}
    for cell in [*notebook.notebook.solution_cells, *notebook.notebook.task_cells]:
        if cell.name not in known:
            book.db.add(Comment(cell_id=cell.id, notebook=notebook))
    book.db.flush()


def _exchange(mark: Mark, grade: Grade, comment: Comment | None) -> Mark:
    if grade.auto_score != mark.points:
        grade.auto_score = mark.points
    waits = mark.status in (WAITING, UNGRADED) and grade.manual_score is None
    if grade.needs_manual_grade != waits:
        grade.needs_manual_grade = waits
    if grade.manual_score is None and not grade.extra_credit:
        return mark
    points = (mark.points or 0.0) if grade.manual_score is None else grade.manual_score
    said = comment.manual_comment if comment is not None else None
    return replace(
        mark,
        points=points + (grade.extra_credit or 0.0),
        status=GRADED,
        reason=said or mark.reason * (grade.manual_score is None),
    )
