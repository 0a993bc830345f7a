"""What comes out of a grading: ``marks.csv``, and a page for each student. The instructor's page is in `classpage`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader

from .names import student_id
from .results import AGAIN, GRADED, MISSING, UNGRADED, WAITING, Mark, Result, store
from .roster import IDS, Matched, Person
from .teaching import Teaching

COLUMNS = ("student", "assignment", "task", "points", "maximum", "status", "reason", "earlier")
# what a spreadsheet would take for a formula (OWASP, CSV Injection)
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
LONGEST = 600  # characters of a reason or an answer on a page


def write_marks(path: Path, results: Sequence[Result], matched: Matched | None = None) -> None:
    """Write a row for each mark; points are empty where there are none.

    Parameters
    ----------
    path : Path
    results : sequence of Result
    matched : Matched or None
        Who of the roster is who. Then there is a row for everybody on it and each assignment for which nothing was handed
        in, and the roster's ids and what doesn't fit stand beside each mark.
    """
    ids = [column for column in IDS if matched and any(column in one.ids for one in matched.roster.people)]
    columns = [*COLUMNS, "late", "submitted", *(["name", *ids, "roster"] if matched else []), "id"]
    rows = []
    for result in results:
        person = matched.person(result.student) if matched else None
        told = (
            [person.name if person else "", *_ids(person, ids), matched.problems.get(result.student, "")]
            if matched
            else []
        )
        for mark in result.marks:
            about = ["LATE" if result.late else "", result.submitted]
            rows.append(
                [getattr(mark, column) for column in COLUMNS] + about + told + [student_id(mark.student)]
            )
    if matched:
        for assignment, maximum in {one.assignment: one.maximum for one in results if one.assignment}.items():
            for at in matched.missing(results, assignment):
                person = matched.roster.people[at]
                mark = [
                    person.name,
                    assignment,
                    "",
                    None,
                    maximum,
                    MISSING,
                    "nothing was handed in",
                    "",
                    "",
                    "",
                ]
                rows.append([*mark, person.name, *_ids(person, ids), "", student_id(person.name)])
    write_csv(path, columns, rows)


def _ids(person: Person | None, columns: Iterable[str]) -> list[str]:
    return [person.ids.get(column, "") if person else "" for column in columns]


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table in which there is nothing that a spreadsheet would compute.

    A text that it would compute begins with an apostrophe; one that began with apostrophes and then so has one more.
    """
    write_rows(path, [columns, *([inert(value) for value in row] for row in rows)])


def write_rows(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write a table as it is, in UTF-8 that says so: spreadsheets take it for something else otherwise."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
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
