"""nbgrader's own records of a class: its course folder, its gradebook, and the marks that a person gave in its formgrader."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment
from sqlalchemy import update

from .course import Assignment, nbgrader_course
from .hands import Hand, Hands
from .names import student_id
from .results import AGAIN, GRADED, WAITING, Mark, Result, store

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

    A person's mark counts more than the machine's, as long as it judged what is handed in now: a written answer by its
    text, any other task by the whole submission. A mark for something else no longer counts. It is kept beside, in
    `Mark.earlier`, and counts again if the student comes back to the text that it judged.

    Parameters
    ----------
    folder : Path
        nbgrader's course.
    results : iterable of Result
        As the machine gave them. Those of no assignment are left alone.

    Returns
    -------
    list of Result
        With the points and comments of the formgrader where they count.
    """
    marked = []
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book:
        hands = Hands(book.db)
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
            marks = []
            for mark in result.marks:
                said = result.written.get(mark.task, result.digest)
                text = hashlib.sha256(said.strip().encode()).hexdigest()
                grade, comment = grades[mark.task], comments.get(mark.task)
                hand = hands.of(student, result.assignment, mark, grade, comment, text)
                marks.append(_exchange(mark, grade, comment, hand))
            marked.append(replace(result, marks=tuple(marks)))
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


def _exchange(mark: Mark, grade: Grade, comment: Comment | None, hand: Hand) -> Mark:
    """A mark with what a person gave for it, and the gradebook brought up to it."""
    if grade.auto_score != mark.points:
        grade.auto_score = mark.points
    points, bonus = grade.manual_score, grade.extra_credit or 0.0
    if points is not None and points > mark.maximum:
        why = f"{points:g} points were given by hand, and the maximum is {mark.maximum:g}"
        mark = replace(mark, points=None, status=AGAIN, reason=why, earlier=hand.said)
    elif points is not None or bonus:
        said = comment.manual_comment if comment is not None else None
        given = (mark.points or 0.0) if points is None else points
        mark = replace(
            mark, points=given + bonus, status=GRADED, reason=said or mark.reason * (points is None)
        )
    elif hand.given and mark.status == WAITING:
        why = f"the answer is another one since a person gave {hand.said}"
        mark = replace(mark, status=AGAIN, reason=why, earlier=hand.said)
    elif hand.given:
        mark = replace(mark, earlier=hand.said)
    if grade.needs_manual_grade != (mark.points is None):
        grade.needs_manual_grade = mark.points is None
    beside = f"For what was handed in before: {mark.earlier}" if mark.earlier else None
    if comment is not None and comment.auto_comment != beside:
        comment.auto_comment = beside
    return mark
