"""What mended tests changed: every mark before and after, ``OUT/changes.csv``, made of the results that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .kept import retested
from .names import student_id
from .report import write_csv
from .results import Mark, Result

COLUMNS = (
    "when (UTC)",
    "student",
    "assignment",
    "task",
    "points before",
    "points after",
    "maximum before",
    "maximum after",
    "status before",
    "status after",
    "reason after",
    "id",
)


@dataclass(frozen=True)
class Change:
    """A mark before and after; None where a task did not exist."""

    student: str
    assignment: str
    task: str
    before: Mark | None
    after: Mark | None


def between(old: Result, new: Result) -> list[Change]:
    """The marks that differ."""
    before, after = ({mark.task: mark for mark in result.marks} for result in (old, new))
    return [
        Change(new.student, new.assignment, task, before.get(task), after.get(task))
        for task in before | after
        if before.get(task) != after.get(task)
    ]


def write_changes(out: Path) -> None:
    """Write a row for each mark that a regrade ever changed, in the order of time."""
    rows = []
    for old, new in retested(out):
        for change in between(old, new):
            sides = (change.before, change.after)
            row = [new.when[:19].replace("T", " "), change.student, change.assignment, change.task]
            for what in ("points", "maximum", "status"):
                row += ["" if mark is None else getattr(mark, what) for mark in sides]
            row += ["" if change.after is None else change.after.reason, student_id(change.student)]
            rows.append(row)
    write_csv(out / "changes.csv", COLUMNS, rows)
