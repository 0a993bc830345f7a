"""The instructor's page, ``class.html``: what a class knows and what it mistakes, and what waits for a person."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .course import Assignment
from .report import feedback_page, outcome, pages
from .results import GRADED, OPEN, UNGRADED, Mark, Result, store
from .roster import Matched
from .rubrics import rubrics
from .teaching import Task, Teaching

# Okabe and Ito's colours; the hatches are for those who don't see these apart
LOOKS = {
    "passed": ("#009E73", ""),
    "partly": ("#56B4E9", ".."),
    "not passed": ("#D55E00", "//"),
    "waits": ("#F0E442", "xx"),
    "not graded": ("#999999", "\\\\"),
}
COMMONEST = 5
INK = "#1f2933"


@dataclass(frozen=True)
class Wrong:
    """One way in which a task was not passed: how many, what was said, the values that were looked at, what it points to."""

    count: int
    what: str
    points_to: str


@dataclass(frozen=True)
class TaskSummary:
    """A task over the class."""

    name: str
    task: Task
    outcomes: Counter
    reasons: tuple[Wrong, ...]
    answers: tuple[Wrong, ...]


@dataclass(frozen=True)
class Plot:
    """A picture as a ``data:`` address, and what it shows, in words."""

    source: str
    alt: str


@dataclass(frozen=True)
class Answer:
    """A written answer, and the mark that a person gave to an earlier one, in words."""

    student: str
    text: str
    earlier: str


@dataclass(frozen=True)
class Queue:
    """Written answers to one task, with what a marker needs."""

    name: str
    task: Task
    scheme: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class StudentSummary:
    """A student's page of feedback, and the points so far by assignment, in words."""

    page: str
    points: Mapping[str, str]


@dataclass(frozen=True)
class AssignmentSummary:
    """An assignment over the class."""

    name: str
    submissions: int
    maximum: float
    tasks: tuple[TaskSummary, ...]
    outcomes: Plot
    totals: Plot
    total_rows: tuple[tuple[str, int], ...]
    queues: tuple[Queue, ...]


def class_page(
    path: Path,
    results: Sequence[Result],
    chosen: Iterable[Assignment],
    told: Mapping[str, Teaching],
    matched: Matched | None = None,
) -> None:
    """Write the instructor's page.

    Parameters
    ----------
    path : Path
    results : sequence of Result
    chosen : iterable of Assignment
    told : mapping
        What the authors say, by assignment.
    matched : Matched or None
        Who of the roster is who.
    """
    summaries = []
    for assignment in chosen:
        theirs = [result for result in results if result.assignment == assignment.name]
        if theirs:
            summaries.append(_summary(assignment, theirs, told[assignment.name]))
    ungraded = [mark for result in results for mark in result.marks if mark.status == UNGRADED]
    page = pages().get_template("class.html")
    html = page.render(
        assignments=summaries,
        students=_students(results),
        missing=_missing(results, matched) if matched else {},
        problems=matched.problems if matched else {},
        everybody=len({result.student for result in results}),
        submissions=len(results),
        statuses=Counter(mark.status for result in results for mark in result.marks),
        ungraded=_by_reason(ungraded),
        unconfined=sorted({result.student for result in results if result.tests and not result.sandboxed}),
        limited_by=sorted({result.limited_by for result in results if result.limited_by}),
        notes=[(result.student, note) for result in results for note in result.notes],
        looks=list(LOOKS),
    )
    store(path, html)


def _missing(results: Sequence[Result], matched: Matched) -> dict[str, list[str]]:
    """The names of those who handed in nothing, by assignment."""
    names = {result.assignment for result in results if result.assignment}
    return {
        name: [matched.roster.people[at].name for at in matched.missing(results, name)]
        for name in sorted(names)
    }


def _students(results: Sequence[Result]) -> dict[str, StudentSummary]:
    points: dict[str, dict[str, str]] = {}
    for result in results:
        if result.assignment:
            open_ = any(mark.points is None for mark in result.marks)
            said = f"{result.points:g} of {result.maximum:g}" + " so far" * open_
            points.setdefault(result.student, {})[result.assignment] = said
    return {student: StudentSummary(feedback_page(student), theirs) for student, theirs in points.items()}


def _by_reason(ungraded: list[Mark]) -> list[tuple[str, str, str, list[str]]]:
    """Student, assignment, reason, and the tasks it is about."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for mark in ungraded:
        found.setdefault((mark.student, mark.assignment, mark.reason), []).append(mark.task)
    return [(*key, tasks) for key, tasks in found.items()]


def _summary(assignment: Assignment, results: list[Result], told: Teaching) -> AssignmentSummary:
    marks: dict[str, list[Mark]] = {}
    for result in results:
        for mark in result.marks:
            marks.setdefault(mark.task, []).append(mark)
    tasks = tuple(_task(name, told, of) for name, of in marks.items() if name in told.tasks)
    graded = [result for result in results if any(mark.status == GRADED for mark in result.marks)]
    maximum = max((result.maximum for result in results), default=0.0)
    shares = _shares([result.points for result in graded], maximum)
    return AssignmentSummary(
        assignment.name,
        len(results),
        maximum,
        tasks,
        _outcome_plot(tasks),
        _total_plot(shares, len(graded), maximum),
        shares,
        tuple(_queues(assignment, results, told)),
    )


def _task(name: str, told: Teaching, marks: list[Mark]) -> TaskSummary:
    failed = [mark for mark in marks if mark.status == GRADED and mark.points < mark.maximum]
    reasons = Counter((_general(mark.reason), told.shown_by(mark)) for mark in failed)
    answers = Counter(
        (", ".join(f"{key} = {value}" for key, value in sorted(mark.answers.items())), told.shown_by(mark))
        for mark in failed
        if mark.answers
    )
    return TaskSummary(
        name, told.tasks[name], Counter(map(outcome, marks)), _commonest(reasons), _commonest(answers)
    )


def _general(reason: str) -> str:
    """The property that a reason names, without what was found with this student."""
    return reason.split(". ")[0]


def _commonest(found: Counter) -> tuple[Wrong, ...]:
    return tuple(Wrong(count, what, points_to) for (what, points_to), count in found.most_common(COMMONEST))


def _queues(assignment: Assignment, results: list[Result], told: Teaching) -> Iterable[Queue]:
    for task, rubric in rubrics(assignment.notebook).items():
        waiting = tuple(
            Answer(result.student, result.written[task], mark.earlier)
            for result in results
            for mark in result.marks
            if mark.task == task and mark.status in OPEN and task in result.written
        )
        if waiting:
            scheme = f"{rubric.scheme}\n\nReference answer:\n\n{rubric.reference}"
            yield Queue(task, told.tasks[task], scheme, waiting)


def _shares(points: list[float], maximum: float) -> tuple[tuple[str, int], ...]:
    """How many students have how much, in tenths of the maximum."""
    tenths = Counter(min(int(10 * got / maximum), 9) if maximum else 0 for got in points)
    edges = [f"{maximum * tenth / 10:g} to {maximum * (tenth + 1) / 10:g}" for tenth in range(10)]
    return tuple((edge, tenths[tenth]) for tenth, edge in enumerate(edges))


def _outcome_plot(tasks: Sequence[TaskSummary]) -> Plot:
    figure = Figure(figsize=(8, 0.9 + 0.38 * len(tasks)), layout="constrained")
    axes = figure.add_subplot()
    names = [task.name for task in tasks]
    left = [0] * len(tasks)
    for look, (colour, hatch) in LOOKS.items():
        counts = [task.outcomes[look] for task in tasks]
        if any(counts):
            axes.barh(
                names, counts, left=left, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.6, label=look
            )
            left = [before + count for before, count in zip(left, counts, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("students")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=len(LOOKS), frameon=False)
    hardest = max(tasks, key=lambda task: task.outcomes["not passed"] / max(1, task.outcomes.total()))
    failed, of = hardest.outcomes["not passed"], hardest.outcomes.total()
    alt = (
        f"Stacked bars, one a task, number of students by outcome. Most failed: {hardest.name}, {failed} of {of}. "
        "The table below has all numbers."
    )
    return Plot(_png(figure), alt)


def _total_plot(shares: Sequence[tuple[str, int]], graded: int, maximum: float) -> Plot:
    figure = Figure(figsize=(8, 2.6), layout="constrained")
    axes = figure.add_subplot()
    width = maximum / 10 or 1.0
    axes.bar(
        [width * (tenth + 0.5) for tenth in range(10)],
        [count for _, count in shares],
        width * 0.94,
        color="#0072B2",
    )
    axes.set_xlabel(f"points so far, of {maximum:g}")
    axes.set_ylabel("students")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    most = max(shares, key=lambda share: share[1])
    alt = f"Histogram of the points of {graded} graded students, from 0 to {maximum:g}. Most of them, {most[1]}, have {most[0]} points."
    return Plot(_png(figure), alt)


def _png(figure: Figure) -> str:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=160, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
