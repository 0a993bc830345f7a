"""nbgrader's own records of a class: its course folder, its gradebook, and the marks that a person gave in its formgrader."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment
from sqlalchemy import update

from .course import Assignment, nbgrader_course
from .names import student_id
from .results import GRADED, UNGRADED, WAITING, Mark, Result, store

CONFIG = """# for nbgrader's formgrader: start JupyterLab in this folder
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "gossip-in-production"
"""


def make_course(folder: Path, chosen: list[Assignment]) -> None:
    """Make an nbgrader course at ``folder``, wholly or not at all; GradingError for a source that nbgrader refuses."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)  # what a loss of power left of an earlier attempt
    new.mkdir(parents=True)
    nbgrader_course(new, chosen)
    store(new / "nbgrader_config.py", CONFIG)
    new.rename(folder)


def write_submission(
    folder: Path, student: str, assignment: str, submitted: nbformat.NotebookNode, run: nbformat.NotebookNode
) -> None:
    """Keep a submission as it was understood, and as it ran, where nbgrader looks for them."""
    for kind, notebook in (("submitted", submitted), ("autograded", run)):
        path = folder / kind / student_id(student) / assignment / f"{assignment}.ipynb"
        store(path, nbformat.writes(notebook))


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
            student = student_id(result.student)
            book.update_or_create_student(student, **_shown(result.student))
            book.update_or_create_submission(result.assignment, student)
            notebook = book.find_submission_notebook(result.assignment, result.assignment, student)
            _complete(book, notebook)
            grades = {grade.name: grade for grade in notebook.grades}
            comments = {comment.name: comment for comment in notebook.comments}
            marks = tuple(
                _exchange(mark, grades[mark.task], comments.get(mark.task)) for mark in result.marks
            )
            marked.append(replace(result, marks=marks))
        book.db.commit()
    return marked


def _shown(student: str) -> dict[str, str]:
    """A name as nbgrader can show it: it shows an id where a first name is missing, and writes names into pages as HTML."""
    return {"last_name": student.replace("<", "‹").replace(">", "›"), "first_name": "\N{NO-BREAK SPACE}"}


def rename_students(folder: Path, named: Mapping[str, str]) -> None:
    """Give students of the gradebook, whose ids were their names once, the ids of now; all of them or none."""
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book:
        for old, name in named.items():
            values = {"id": student_id(name), **_shown(name)}
            book.db.execute(update(Student).where(Student.id == old).values(values))
            theirs = update(SubmittedAssignment).where(SubmittedAssignment.student_id == old)
            book.db.execute(theirs.values(student_id=student_id(name)))
        book.db.commit()


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
