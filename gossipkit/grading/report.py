"""What comes out of a grading: ``marks.csv``, and a page for each student. The instructor's page is in `classpage`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader

from .names import student_id
from .results import AGAIN, GRADED, UNGRADED, WAITING, Mark, Result, store
from .teaching import Teaching

COLUMNS = ("student", "assignment", "task", "points", "maximum", "status", "reason", "earlier", "id")
# what a spreadsheet would take for a formula (OWASP, CSV Injection)
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
LONGEST = 600  # characters of a reason or an answer on a page


def write_marks(path: Path, results: Iterable[Result]) -> None:
    """Write a row for each mark; points are empty where there are none."""
    write_csv(
        path,
        COLUMNS,
        (
            [getattr(mark, column) for column in COLUMNS[:-1]] + [student_id(mark.student)]
            for result in results
            for mark in result.marks
        ),
    )


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table that spreadsheets read rightly: UTF-8 that says so, and nothing that they would compute.

    A text that they would compute begins with an apostrophe; one that began with apostrophes and then so has one more.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([inert(value) for value in row] for row in rows)
    store(path, text.getvalue().encode("utf-8-sig"))


def inert(value: object) -> object:
    """A value that a spreadsheet shows and does not compute."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def pages() -> Environment:
    """Templates for pages on which nothing of a student's runs: everything is escaped, and long texts are cut."""
    made = Environment(
        loader=PackageLoader("gossipkit.grading"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"points": lambda number: f"{number:g}", "cut": cut}
    made.globals |= {"GRADED": GRADED, "WAITING": WAITING, "UNGRADED": UNGRADED}
    return made


def cut(text: str, longest: int = LONGEST) -> str:
    """The beginning of a text that is too long."""
    return text if len(text) <= longest else f"{text[:longest]} … ({len(text):,} characters)"


def write_feedback(folder: Path, results: Sequence[Result], told: Mapping[str, Teaching]) -> None:
    """Write a page for each student, ``ID.html``.

    Parameters
    ----------
    folder : Path
    results : sequence of Result
        Those of no assignment have no page: nobody knows what they are. They are in ``marks.csv``.
    told : mapping
        What the authors say, by assignment; nothing is said of one that is no longer in the course.
    """
    told = {result.assignment: Teaching({}, ()) for result in results} | dict(told)
    by_student: dict[str, list[Result]] = {}
    for result in results:
        if result.assignment:
            by_student.setdefault(result.student, []).append(result)
    page = pages().get_template("feedback.html")
    for student, theirs in by_student.items():
        store(
            folder / feedback_page(student),
            page.render(student=student, results=theirs, told=told, outcome=outcome),
        )


def feedback_page(student: str) -> str:
    """The name of a student's page."""
    return f"{student_id(student)}.html"


def outcome(mark: Mark) -> str:
    """What became of a task, in a word."""
    if mark.status != GRADED:
        return {WAITING: "waits", AGAIN: "waits", UNGRADED: "not graded"}[mark.status]
    if mark.points == mark.maximum:
        return "passed"
    return "partly" if mark.points else "not passed"
