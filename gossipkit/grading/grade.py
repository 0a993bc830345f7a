"""Marks for a class: every submission run, kept as soon as it is done, and never run twice for nothing.

``OUT/results`` holds one file a submission. A call that is interrupted, by Ctrl-C or by a loss of power, is continued by
the next one, which finds there what is done. Everything else in ``OUT`` is made from these files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from nbgrader.utils import is_grade

from .answers import own_cells
from .changes import write_changes
from .classpage import class_page
from .course import Assignment, GradingError, nbgrader_course, received
from .crew import Crew
from .exports import write_exports
from .gradebook import configure, make_course, record, rename_students
from .intake import Submission, collect, mistake
from .judge import Way, in_order, judged, not_run
from .kept import everything, keep, keep_unread, kept, kept_at
from .names import student_id
from .report import write_feedback, write_marks
from .results import Result, results_from_json, results_to_json, store
from .roster import Matched, match, read_roster
from .sandbox import Cancelled, require_sandbox
from .teaching import teaching

ROSTER = "roster.csv"
MARKER = "made-by-gossipkit-grading.txt"
ABOUT = """Marks, feedback and an nbgrader course, made by python -m gossipkit.grading.
What counts is in results/, one file a submission: delete one, and grade runs that submission again.
A student's folders and pages bear an id, which marks.csv has beside the name.
"""


def grade(
    submissions: Path,
    out: Path,
    chosen: list[Assignment],
    way: Way,
    noticed: Callable[[list[Submission]], None] = lambda found: None,
    done: Callable[[Result], None] = lambda result: None,
    roster: Path | None = None,
    read: Callable[[int, int], None] = lambda done, total: None,
) -> list[Result]:
    """Grade submissions, and write everything about them into ``out``; or go on with what an earlier call began.

    Parameters
    ----------
    submissions : Path
        A folder or a zip file of notebooks, see `intake.collect`; nothing in it is changed.
    out : Path
        A folder that doesn't exist, an empty one, or one that an earlier call made.
    chosen : list of Assignment
        Those that may have been handed in.
    way : Way
    noticed : callable
        Called with the submissions before anything runs: they say what was found to be wrong with them.
    done : callable
        Called with each result when it is there, in the order of the submissions.
    roster : Path or None
        Who should have handed in, see `roster.read_roster`. It is kept in ``out``, for later calls too.
    read : callable
        Called with how many files of the submissions were read, and how many there are.

    Returns
    -------
    list of Result
        Of everything that is kept in ``out``, earlier calls' too.

    Raises
    ------
    GradingError
        If ``out`` is somebody else's, the tests have changed since it was begun, there is nothing to grade, no such
        roster, or no sandbox; then nothing was run.
    """
    out = out.resolve()  # nbgrader works in a folder of its own
    if roster is not None:
        read_roster(roster)
    told = {assignment.name: teaching(assignment) for assignment in chosen}
    given = {assignment.name: received(assignment) for assignment in chosen}
    begun = ours(out)
    store(out / MARKER, ABOUT)  # there is something that the sandbox must not show
    try:
        with ThreadPoolExecutor(1) as aside:
            # the probe is a process of its own: meanwhile everything is read
            hidden = {out: "the marks", submissions.resolve(): "the submissions"}
            shutting = aside.submit(shut, way, chosen, hidden)
            refuse_changed(out, chosen)
            found = collect(submissions, given, read)
            handed_in = {submission.assignment for submission in found}
            if begun:
                shutting.result()  # where it isn't shut, nothing new comes into what an earlier call made
            begin(out, [assignment for assignment in chosen if assignment.name in handed_in])
            way = shutting.result()
    except GradingError:
        if not begun:
            shutil.rmtree(out)  # no trace of what was begun for nothing
        raise
    if roster is not None:
        store(out / ROSTER, roster.read_bytes())
    noticed(found)
    known = {assignment.name: assignment for assignment in chosen}
    work = [_work(out, submission, known.get(submission.assignment), given, way) for submission in found]
    results = []
    for result in in_order(work, way.jobs):
        results.append(result)
        done(result)
    keep_unread(out, results)
    return write_all(out, chosen, told)


def shut(way: Way, chosen: list[Assignment], hidden: dict[Path, str]) -> Way:
    """The way in which nobody's code sees some folders, nor the course and its solutions; GradingError if it would."""
    if not way.sandboxed:
        return way
    hidden = {chosen[0].source.resolve().parents[2]: "the course and its solutions"} | hidden
    require_sandbox(hidden)
    return replace(way, hidden=tuple(hidden))


def _work(out: Path, submission: Submission, assignment: Assignment | None, given: dict, way: Way):
    if assignment is None or submission.reason:
        return _told(not_run(submission, assignment and assignment.notebook, submission.reason), submission)
    path = kept_at(out, submission.student, submission.assignment)
    before = kept(path)
    if before is not None and before.digest == submission.digest:
        if (told := _told(before, submission)) != before:
            store(path, results_to_json([told]))
        return told
    tasks = {name for name, cell in own_cells(assignment.notebook).items() if is_grade(cell)}

    def run(crew: Crew) -> Result:
        try:
            result = judged(
                submission, assignment, given[assignment.name], tasks, out / "nbgrader", way, crew
            )
        except Cancelled:
            raise
        except Exception as error:  # one submission must not keep a class from its marks
            result = not_run(submission, assignment.notebook, mistake(error))
        result = _told(result, submission)
        if result.tests:
            keep(path, result)
        return result

    return run


def _told(result: Result, submission: Submission) -> Result:
    """A result with what is known of how it was handed in."""
    return replace(
        result,
        file=submission.path,
        late=submission.late,
        submitted=submission.submitted,
        lms=dict(submission.lms),
    )


def write_all(out: Path, chosen: list[Assignment], told: dict) -> list[Result]:
    """Write the marks, the pages and the gradebook, all of them of everything that is kept.

    Returns
    -------
    list of Result
        Those that are kept, with the marks that a person gave.
    """
    results = everything(out)
    matched = on_roster(out, results)
    results = record(out / "nbgrader", results, matched)
    write_marks(out / "marks.csv", results, matched)
    write_exports(out, results, matched)
    write_changes(out)
    write_feedback(out / "feedback", results, told)
    class_page(out / "class.html", results, chosen, told, matched)
    return results


def on_roster(out: Path, results: list[Result]) -> Matched | None:
    """Who of the roster that is kept in ``out`` is who in the results; None if there is no roster."""
    return match(results, read_roster(out / ROSTER)) if (out / ROSTER).exists() else None


def tests_at(out: Path, assignment: str, digest: str) -> Path:
    """Where the tests are kept that judged a submission."""
    return out / "tests" / f"{assignment}-{digest}.ipynb"


def ours(out: Path) -> bool:
    """Whether an earlier call made the folder; GradingError if it holds something else.

    A folder of an earlier version, whose folders bore students' names, is brought up to date.
    """
    if (out / MARKER).exists():
        if (out / MARKER).read_text("utf-8") != ABOUT:
            _name_by_id(out)
            store(out / MARKER, ABOUT)
        return True
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GradingError(
            f"{out} holds something else, and nothing is overwritten: name a folder that doesn't exist yet"
        )
    return False


def _name_by_id(out: Path) -> None:
    """Rename what bears a student's name to what the student's id is now. An interruption is gone on with."""
    named = {path.parent.name: kept(path).student for path in sorted(out.glob("results/*/*.json"))}
    named = {old: name for old, name in named.items() if old != student_id(name)}
    if (out / "nbgrader" / "gradebook.db").exists():
        rename_students(out / "nbgrader", named)
    for old, name in named.items():
        (out / "feedback" / f"{old}.html").unlink(missing_ok=True)  # it is written again under the id
        for folder in (out / "nbgrader" / "submitted", out / "nbgrader" / "autograded", out / "results"):
            if (folder / old).exists():
                (folder / old).rename(folder / student_id(name))
    unread = out / "results" / "not-run.json"
    if unread.exists():
        keep_unread(out, results_from_json(unread.read_text("utf-8")))
        unread.unlink()
    if (out / "nbgrader" / "gradebook.db").exists():
        record(out / "nbgrader", everything(out))  # what a person gave until now judged what is kept now


def refuse_changed(out: Path, chosen: list[Assignment]) -> None:
    """Make sure that nothing was judged by other tests than there are now; GradingError if something was."""
    for assignment in chosen:
        kept_tests = list(out.glob(f"tests/{assignment.name}-*.ipynb"))
        if kept_tests and tests_at(out, assignment.name, assignment.digest) not in kept_tests:
            raise GradingError(
                f"{assignment.source} has changed since {out} was begun, and marks by two sets of tests would be mixed: "
                "say regrade, or name another folder"
            )


def begin(out: Path, handed_in: list[Assignment]) -> None:
    """Begin a folder of results, or go on with one: nbgrader's course has the assignments of which anything was handed in."""
    if not (out / "nbgrader").exists():
        make_course(out / "nbgrader", handed_in)
    new = [
        one for one in handed_in if not (out / "nbgrader" / "release" / one.name / one.source.name).exists()
    ]
    if new:
        nbgrader_course(out / "nbgrader", new)
    configure(out / "nbgrader")
    for assignment in handed_in:
        store(tests_at(out, assignment.name, assignment.digest), assignment.source.read_bytes())
