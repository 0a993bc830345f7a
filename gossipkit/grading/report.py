"""What comes out of a grading: ``marks.csv``, and a page for each student. The instructor's page is in `classpage`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader

from .results import GRADED, UNGRADED, WAITING, Mark, Result, store
from .teaching import Teaching

COLUMNS = ("student", "assignment", "task", "points", "maximum", "status", "reason")
# what a spreadsheet would take for a formula (OWASP, CSV Injection)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST = 600  # characters of a reason or an answer on a page


def write_marks(path: Path, results: Iterable[Result]) -> None:
    """Write a row for each mark; points are empty where there are none."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows(
        [_cell(getattr(mark, column)) for column in COLUMNS] for result in results for mark in result.marks
    )
    store(path, text.getvalue())


def _cell(value: object) -> object:
    """A value that a spreadsheet shows and does not compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


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


def write_feedback(folder: Path, results: Iterable[Result], told: Mapping[str, Teaching]) -> None:
    """Write a page for each student, ``STUDENT.html``.

    Parameters
    ----------
    folder : Path
    results : iterable of Result
        Those of no assignment have no page: nobody knows whose they are, or their name can't be a file's. They are in
        ``marks.csv``.
    told : mapping
        What the authors say, by assignment.
    """
    by_student: dict[str, list[Result]] = {}
    for result in results:
        if result.assignment:
            by_student.setdefault(result.student, []).append(result)
    page = pages().get_template("feedback.html")
    for student, theirs in by_student.items():
        store(
            folder / f"{student}.html",
            page.render(student=student, results=theirs, told=told, outcome=outcome),
        )


def outcome(mark: Mark) -> str:
    """What became of a task, in a word."""
    if mark.status != GRADED:
        return {WAITING: "waits", UNGRADED: "not graded"}[mark.status]
    if mark.points == mark.maximum:
        return "passed"
    return "partly" if mark.points else "not passed"
