"""nbgrader's own records of a class: its course folder, its gradebook, and the marks that a person gave in its formgrader."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from sqlalchemy import update

from .course import Assignment, nbgrader_course
from .hands import Hand, Hands
from .names import moment, student_id
from .report import write_csv
from .results import AGAIN, GRADED, MISSING, WAITING, Mark, Result, store
from .roster import Matched, Person

NO_FIRST_NAME = "\N{NO-BREAK SPACE}"
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
EXPORT = """
# nbgrader's own writes 0 for what nobody has marked
c.ExportApp.plugin_class = "gossipkit.grading.gradebook.Export"
"""


def make_course(folder: Path, chosen: list[Assignment]) -> None:
    """Make an nbgrader course at ``folder``, wholly or not at all; GradingError for a source that nbgrader refuses."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)  # what a loss of power left of an earlier attempt
    new.mkdir(parents=True)
    nbgrader_course(new, chosen)
    new.rename(folder)


def configure(folder: Path) -> None:
    """Let nbgrader run nothing of what was handed in, and export as `Export` does.

    What an instructor has added to its configuration stays.

    Parameters
    ----------
    folder : Path
        nbgrader's course, also one that was made before there was this.
    """
    path = folder / "nbgrader_config.py"
    before = path.read_text("utf-8") if path.exists() else ""
    said = (before or CONFIG) + LOCK * (LOCK not in before) + EXPORT * (EXPORT not in before)
    if said != before:
        store(path, said)
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
        path = folder / kind / student_id(student) / assignment / f"{assignment}.ipynb"
        locked = notebook | {"metadata": notebook.metadata | {"kernelspec": NO_KERNEL}}
        # not by nbformat: its copies, checks and indents take a third of all that this process does for a submission
        store(path, json.dumps(locked, ensure_ascii=False) + "\n")


def record(folder: Path, results: Iterable[Result], matched: Matched | None = None) -> list[Result]:
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
    matched : Matched or None
        Who of the roster is who.

    Returns
    -------
    list of Result
        With the points and comments of the formgrader where they count.
    """
    marked = []
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book, _at_once(book):
        hands = Hands(book.db)
        for result in results:
            if not result.assignment:
                marked.append(result)
                continue
            student = student_id(result.student)
            person = matched.person(result.student) if matched else None
            book.update_or_create_student(student, **_shown(result.student, person))
            when = moment(result.submitted) if result.submitted.endswith(" UTC") else None
            book.update_or_create_submission(result.assignment, student, timestamp=when)
            notebook = book.find_submission_notebook(result.assignment, result.assignment, student)
            _complete(book, notebook)
            grades = {grade.name: grade for grade in notebook.grades}
            comments = {comment.name: comment for comment in notebook.comments}
            for rubric in set(grades) - {mark.task for mark in result.marks}:
                grades[rubric].needs_manual_grade = False  # it describes a task, and has no points of its own
            marks = []
            for mark in result.marks:
                said = result.written.get(mark.task, result.digest)
                text = hashlib.sha256(said.strip().encode()).hexdigest()
                grade, comment = grades[mark.task], comments.get(mark.task)
                hand = hands.of(student, result.assignment, mark, grade, comment, text)
                marks.append(_exchange(mark, grade, comment, hand))
            marked.append(replace(result, marks=tuple(marks)))
        hands.write()
    return marked


@contextlib.contextmanager
def _at_once(book: Gradebook) -> Iterator[None]:
    """Commit all that is written or nothing: nbgrader commits after each row, and reads everything again after that."""
    book.db.commit = book.db.flush
    try:
        yield
    finally:
        del book.db.commit
    book.db.commit()


def _shown(student: str, person: Person | None = None) -> dict[str, str | None]:
    """Who it is, as nbgrader can show it: it shows an id where a first name is missing, and writes names into pages as HTML."""
    first, last = (person.first, person.last or person.name) if person else ("", student)
    ids = person.ids if person else {}
    return {
        "last_name": last.replace("<", "‹").replace(">", "›"),
        "first_name": first.replace("<", "‹").replace(">", "›") or NO_FIRST_NAME,
        "email": ids.get("Email address"),
        "lms_user_id": ids.get("ID"),
    }


class Export(ExportPlugin):
    """What ``nbgrader export`` writes in this course: as nbgrader's own, but blank, with the reason, where marks are lacking."""

    def export(self, gradebook: Gradebook) -> None:
        """Write a row for each assignment and student."""
        columns = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
        columns += ["raw_score", "late_submission_penalty", "score", "max_score", "reason"]
        rows = []
        for assignment in gradebook.assignments:
            for student in gradebook.students:
                if self.assignment and assignment.name not in self.assignment:
                    continue
                if self.student and student.id not in map(str, self.student):
                    continue
                try:
                    submission = gradebook.find_submission(assignment.name, student.id)
                except MissingEntry:
                    scores, when, why = ["", "", ""], None, f"{MISSING}: nothing was handed in"
                else:
                    when, late = submission.timestamp, submission.late_submission_penalty
                    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
                    lacking = [grade.name for grade in grades if grade.needs_manual_grade]
                    why = f"not marked: {', '.join(lacking)}" if lacking else ""
                    scores = [submission.score, late, max(0.0, submission.score - late)]
                    scores = ["", late, ""] if lacking else scores
                names = [student.last_name, (student.first_name or "").strip(NO_FIRST_NAME), student.email]
                row = [assignment.name, assignment.duedate, when, student.id, *names]
                rows.append([*row, *scores, assignment.max_score, why])
        write_csv(Path(self.to or "grades.csv"), columns, rows)


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
