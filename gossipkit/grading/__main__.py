"""The command ``python -m gossipkit.grading``."""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
import warnings
from collections import Counter
from pathlib import Path

from ..progress import note_check
from . import processes, resting, sooner  # noqa: F401 - before nbformat
from .accounts import begin_in_scope
from .answers import declared
from .changes import Change
from .check import check
from .course import GradingError, assignments
from .grade import grade, on_roster
from .intake import Submission
from .judge import Way
from .regrade import regrade
from .release import release
from .results import UNGRADED, WAITING, Result
from .sandbox import counting
from .selfmarking import mark_yourself

resting.collect_again()

FINE, INCOMPLETE, REFUSED, INTERRUPTED = 0, 1, 2, 130
MADE = ("marks.csv", "gradebook_moodle.csv", "gradebook_canvas.csv", "class.html", "feedback", "nbgrader")
UNCONFINED = (
    "NOT CONFINED (--no-sandbox): submitted code runs with your rights, and can read and change what you can."
)


def main(argv: list[str] | None = None) -> int:
    """Run the command in the course's top folder; return its exit status.

    Returns
    -------
    int
        0; 1 if a check failed or a submission is ungraded; 2 for what has to be mended first; 130 after Ctrl-C.
    """
    arguments = _parser().parse_args(argv)
    sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack the letters of a name
    # how nbgrader uses SQLAlchemy, and cells that were copied with their identity, are no concern of an instructor's
    warnings.filterwarnings("ignore", module=r"(nbgrader|nbformat)\.")
    try:
        return arguments.run(arguments)
    except GradingError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        kept = " What was graded is kept: the same command goes on from there." * arguments.goes_on
        print(f"\nInterrupted.{kept}", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.grading", description="Release assignments, check an answer, grade a class."
    )
    parser.set_defaults(goes_on=False)
    commands = parser.add_subparsers(required=True)

    releasing = commands.add_parser("release", help="make exercises/ from solutions/")
    releasing.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    releasing.set_defaults(run=_release)

    checking = commands.add_parser(
        "check", help="run the tests in sight on your own answers, before you hand in"
    )
    checking.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    checking.add_argument(
        "--self",
        action="store_true",
        dest="yourself",
        help="mark yourself, where nobody grades you: by the hidden tests in solutions/, said openly",
    )
    checking.set_defaults(run=_check)

    grading = commands.add_parser(
        "grade", help="grade a folder or zip archive of submissions; goes on where it stopped"
    )
    grading.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="holds STUDENT.ipynb, STUDENT/ANYTHING.ipynb, or what Moodle or Canvas export",
    )
    grading.add_argument("--out", type=Path, required=True, metavar="DIR", help="where marks and pages go")
    grading.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="CSV with who should have handed in, as Moodle, Canvas or a plain list have it; it is kept for later calls",
    )
    grading.set_defaults(run=_grade)

    regrading = commands.add_parser("regrade", help="after a test was mended: run again what that can change")
    regrading.add_argument("out", type=Path, metavar="DIR", help="the folder that grade wrote")
    regrading.set_defaults(run=_regrade)

    for running in (grading, regrading):
        running.add_argument(
            "--jobs",
            type=_jobs,
            default=_cores(),
            metavar="N",
            help="how many at a time (default: %(default)s, the cores)",
        )
        running.add_argument("--no-sandbox", action="store_true", help="run submitted code with your rights")
        running.set_defaults(goes_on=True)
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _release(arguments: argparse.Namespace) -> int:
    chosen = assignments(Path.cwd(), arguments.assignments)
    for path, changed in release(Path.cwd(), chosen).items():
        print(f"{'changed  ' if changed else 'unchanged'} {path.relative_to(Path.cwd())}")
    for assignment in chosen:
        print(f"{assignment.name}: names that tests may take from a student, by answer cell")
        for cell, names in declared(assignment.notebook).items():
            print(f"  {cell}: {', '.join(names)}")
    return FINE


def _check(arguments: argparse.Namespace) -> int:
    told = (mark_yourself if arguments.yourself else check)(arguments.notebook)
    for line in told.lines():
        print(line)
    if not arguments.yourself:  # of which nothing is kept
        done = sum(verdict.passed is True for verdict in told.verdicts.values())
        note_check(arguments.notebook, done, len(told.verdicts))
    return FINE if told.passed else INCOMPLETE


def _line(student: str, assignment: str, said: str) -> str:
    """A line about a submission, in which a file's name gives no command to the terminal."""
    line = f"{student:24} {assignment:12} {said}"
    return "".join(repr(one)[1:-1] if unicodedata.category(one) == "Cc" else one for one in line)


def _bar(unit: str, doing: str, total: int | None = None):
    from tqdm import tqdm  # not at the top, where `processes` would come after it

    return tqdm(unit=unit, desc=doing, total=total, disable=None)


class _Progress:
    """A line for each submission, and under them a bar with the time left."""

    def __init__(self, way: Way):
        self.way = way
        self.bar = _bar("file", "reading")

    def __enter__(self) -> _Progress:
        if not self.way.sandboxed:
            self.bar.write(UNCONFINED)
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()

    def read(self, done: int, total: int) -> None:
        """Show how much of what was handed in has been read."""
        self.bar.total = total
        self.bar.update(done - self.bar.n)

    def expected(self, count: int) -> None:
        """Show how many submissions there are, from now on."""
        self.bar.close()
        self.bar = _bar("submission", "grading", count)

    def noticed(self, found: list[Submission]) -> None:
        """Say, before anything runs, what is wrong with what was handed in."""
        for submission in found:
            for remark in [f"can't be graded: {submission.reason}"] * bool(
                submission.reason
            ) + submission.notes:
                self.bar.write(_line(submission.student, submission.assignment, remark))
        self.expected(len(found))

    def done(self, result: Result) -> None:
        """Say what became of a submission."""
        ungraded = [mark for mark in result.marks if mark.status == UNGRADED]
        waiting = sum(mark.maximum for mark in result.marks if mark.status == WAITING)
        if len(ungraded) == len(result.marks):
            said = f"ungraded: {ungraded[0].reason}"
        else:
            said = f"{result.points:g} of {result.maximum:g}"
            said += f", {waiting:g} of them wait for you" * bool(waiting)
            said += (
                f", {sum(mark.maximum for mark in ungraded):g} of them are ungraded: {ungraded[0].reason}"
                if ungraded
                else ""
            )
        self.bar.write(_line(result.student, result.assignment, said))
        self.bar.update()


def _grade(arguments: argparse.Namespace) -> int:
    way = Way(arguments.jobs, not arguments.no_sandbox)
    with _Progress(way) as progress:
        results = grade(
            arguments.submissions,
            arguments.out,
            assignments(Path.cwd()),
            way,
            progress.noticed,
            progress.done,
            arguments.roster,
            progress.read,
        )
    print(f"limits kept by {counting(way.sandboxed).name}")
    _say_roster(arguments.out, results)
    statuses = Counter(mark.status for result in results for mark in result.marks)
    print("tasks: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    for name in MADE:
        print(arguments.out / name)
    return INCOMPLETE if statuses[UNGRADED] else FINE


def _say_roster(out: Path, results: list[Result]) -> None:
    """Say who is not on the roster, and of whom of it there is nothing."""
    matched = on_roster(out, results)
    if matched is not None:
        for student, why in matched.problems.items():
            print(_line(student, "roster", why))
        for name in sorted({result.assignment for result in results} - {""}):
            missing = len(matched.missing(results, name))
            print(f"{name}: of {len(matched.roster.people)} on the roster, {missing} handed in nothing")


def _regrade(arguments: argparse.Namespace) -> int:
    way = Way(arguments.jobs, not arguments.no_sandbox)
    with _Progress(way) as progress:
        changes = regrade(arguments.out, assignments(Path.cwd()), way, progress.done, progress.expected)
    for change in changes:
        said = f"{change.task:28} {_points(change, 'before')} -> {_points(change, 'after')}"
        print(_line(change.student, change.assignment, said))
    print(f"{len(changes)} marks changed: {arguments.out / 'changes.csv'}")
    return FINE


def _points(change: Change, side: str) -> str:
    mark = getattr(change, side)
    if mark is None:
        return "no such task"
    return mark.status if mark.points is None else f"{mark.points:g}"


if __name__ == "__main__":
    if {"grade", "regrade"} & set(sys.argv[1:2]) and "--no-sandbox" not in sys.argv:
        begin_in_scope([sys.executable, "-m", "gossipkit.grading", *sys.argv[1:]])
    sys.exit(main())
