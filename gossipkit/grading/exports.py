"""The marks in the columns that learning platforms import: ``gradebook_moodle.csv`` and ``gradebook_canvas.csv``.

A row a student, a column an assignment with the points of all its tasks. It is blank as long as one of them has none, and
a column at the end says why: blank is no zero.

Moodle asks which column identifies people (ID number, Username or Email address) and which grades are whose; the others are
left alone (grade/import/csv). A row in which that column is empty would be taken for the person above, so that whoever is
not on the roster is left out. Canvas wants its columns in this order, and takes those after *Section* for assignments, but
for such as *Final Grade* (lib/gradebook_importer.rb).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from .report import inert, write_rows
from .results import MISSING, UNGRADED, Result
from .roster import Matched, Person

MOODLE = ("ID number", "Username", "Email address")
CANVAS = ("ID", "SIS User ID", "SIS Login ID", "Section")


def write_exports(out: Path, results: Sequence[Result], matched: Matched | None) -> None:
    """Write both tables: of everybody on the roster, or of everybody who handed in if there is none."""
    maxima = {one.assignment: _number(one.maximum) for one in results if one.assignment}
    people = _everybody(results, matched)
    totals = [[_total(name, theirs, doubt) for name in maxima] for _, theirs, doubt in people]
    marks = [[points for points, _ in row] + [_line(why) for _, why in row] for row in totals]

    head = ["First name", "Last name", *MOODLE, *maxima, *(f"{name}: why it is blank" for name in maxima)]
    rows = [
        [_line(person.first), _line(person.last or person.name), *_ids(person, MOODLE), *row]
        for (person, _, _), row in zip(people, marks, strict=True)
    ]
    write_rows(out / "gradebook_moodle.csv", [head, *rows])

    columns = matched.roster.columns if matched else ()
    head = ["Student", *CANVAS, *(_canvas_name(name, columns) for name in maxima)]
    head += [f"{name}: why there is no Final Grade" for name in maxima]
    possible = ["    Points Possible", *[""] * len(CANVAS), *maxima.values(), *["(read only)"] * len(maxima)]
    rows = [
        [_line(_last_first(person)), *_ids(person, CANVAS), *row]
        for (person, _, _), row in zip(people, marks, strict=True)
    ]
    write_rows(out / "gradebook_canvas.csv", [head, possible, *rows])


def _everybody(results: Sequence[Result], matched: Matched | None) -> list[tuple[Person, list[Result], str]]:
    """Who has a row, with their results, and why it isn't known which are theirs."""
    if matched is not None:
        theirs = [[] for _ in matched.roster.people]
        for one in results:
            if one.student in matched.places:
                theirs[matched.places[one.student]].append(one)
        return [
            (person, theirs[at], matched.doubtful.get(at, ""))
            for at, person in enumerate(matched.roster.people)
        ]
    by_student: dict[str, list[Result]] = {}
    for one in results:
        by_student.setdefault(one.student, []).append(one)
    return [(_unlisted(student, theirs), theirs, "") for student, theirs in by_student.items()]


def _unlisted(student: str, results: Iterable[Result]) -> Person:
    """What is known of somebody without a roster."""
    number = next((one.lms["canvas"] for one in results if "canvas" in one.lms), "")
    return Person(student.removesuffix(f"_{number}"), ids={"ID": number} if number else {})


def _total(assignment: str, results: Iterable[Result], doubt: str) -> tuple[float | str, str]:
    """The points for an assignment, or nothing and why."""
    for one in results:
        if one.assignment == assignment:
            lacking = [f"{mark.task}: {mark.status}" for mark in one.marks if mark.points is None]
            return ("", "; ".join(lacking)) if lacking else (_number(one.points), "")
    if doubt:
        return "", doubt
    unread = [mark.reason for one in results if not one.assignment for mark in one.marks]
    return "", f"{UNGRADED}: {'; '.join(unread)}" if unread else f"{MISSING}: nothing was handed in"


def _number(points: float) -> float:
    return int(points) if points == int(points) else points


def _ids(person: Person, columns: Iterable[str]) -> list[str]:
    """Exactly as the platform gave them."""
    return [person.ids.get(column, "") for column in columns]


def _line(text: str) -> str:
    """A text in one line, which no spreadsheet computes."""
    return inert(" ".join(text.split()))


def _last_first(person: Person) -> str:
    return f"{person.last}, {person.first}" if person.first and person.last else person.name


def _canvas_name(assignment: str, columns: Iterable[str]) -> str:
    """An assignment's column: as Canvas wrote it, with its number, if the roster came from there and has it."""
    known = re.compile(rf"{re.escape(assignment)}\s*\(\d+\)", re.IGNORECASE)
    return next((column for column in columns if known.fullmatch(column)), assignment)
