"""Marks, and the folder in which they are kept: one small file a submission, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

GRADED, WAITING, UNGRADED = "graded", "needs marking", "ungraded"
AGAIN = "needs marking again"
MISSING = "missing"  # who is on the roster and handed in nothing
OPEN = (WAITING, AGAIN)  # a person has to give the points


@dataclass(frozen=True)
class Mark:
    """Points of one student for one task, a row of ``marks.csv``.

    Parameters
    ----------
    student, assignment, task : str
    points : float or None
        None as long as nobody and nothing has given any.
    maximum : float
    status : str
        ``graded``; ``needs marking`` by a person; ``needs marking again``, when a person gave points that no longer count;
        ``ungraded``, when no verdict was possible; ``missing``, when nothing was handed in.
    reason : str
        Why there are not all points: the property that failed, or what kept the test from a verdict.
    answers : dict
        The student's values that the test looked at, as text; for the instructor's report.
    earlier : str
        Points and comment that a person gave and that no longer count, in words.
    """

    student: str
    assignment: str
    task: str
    points: float | None
    maximum: float
    status: str
    reason: str
    answers: Mapping[str, str] = field(default_factory=dict)
    earlier: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one submission.

    Parameters
    ----------
    student, assignment : str
        ``assignment`` is empty where nobody knows it.
    file : str
        What was handed in, as the instructor knows it.
    digest : str
        Of the bytes handed in.
    notes : tuple of str
        What was repaired or noticed before anything ran.
    marks : tuple of Mark
        In the order of the tasks.
    written : dict
        Written answers, in Markdown, by task.
    sandboxed : bool
        Whether the student's code was confined.
    tests : str
        Which tests judged it: the digest of their source. Empty if it was not run.
    limited_by : str
        How its processor time, memory and processes were counted (`accounts`).
    when : str
        When it was kept, in UTC, as ISO 8601 has it.
    late : bool
        Whether the learning platform says that it came late.
    submitted : str
        When it was handed in, if anything says so.
    lms : dict
        Numbers that the platform gave, see `names.Label`.
    """

    student: str
    assignment: str
    file: str
    digest: str
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    sandboxed: bool = True
    tests: str = ""
    limited_by: str = ""
    when: str = ""
    late: bool = False
    submitted: str = ""
    lms: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """What the marks come to so far."""
        return sum(mark.points or 0 for mark in self.marks)

    @property
    def maximum(self) -> float:
        """What they could come to."""
        return sum(mark.maximum for mark in self.marks)


def store(path: Path, content: str | bytes) -> None:
    """Write a file so that a loss of power leaves the old one or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def results_to_json(results: Iterable[Result]) -> str:
    """Results as text."""
    return json.dumps([asdict(result) for result in results], indent=1)


def results_from_json(text: str) -> list[Result]:
    """The results that a text says."""
    return [
        Result(
            **(said | {"notes": tuple(said["notes"]), "marks": tuple(Mark(**mark) for mark in said["marks"])})
        )
        for said in json.loads(text)
    ]
