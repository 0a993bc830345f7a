"""The command ``python -m gossipkit.grading``."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from .course import GradingError, assignments
from .grade import UNGRADED, WAITING, Result, grade
from .release import release


def main(argv: list[str] | None = None) -> int:
    """Run the command in the course's top folder; return its exit status: 1 if a submission is ungraded, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.grading", description="Release assignments, and grade what comes back."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    releasing = commands.add_parser("release", help="make exercises/ from solutions/")
    releasing.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    grading = commands.add_parser("grade", help="grade a folder of notebooks; they run with your rights")
    grading.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="STUDENT.ipynb or STUDENT/*.ipynb"
    )
    grading.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder that doesn't exist yet"
    )
    arguments = parser.parse_args(argv)
    # how nbgrader uses SQLAlchemy, and cells that were copied with their identity, are no concern of an instructor's
    warnings.filterwarnings("ignore", module=r"(nbgrader|nbformat)\.")
    try:
        if arguments.command == "release":
            for path, changed in release(Path.cwd(), assignments(Path.cwd(), arguments.assignments)).items():
                print(f"{'changed  ' if changed else 'unchanged'} {path.relative_to(Path.cwd())}")
            return 0
        results = grade(arguments.submissions, arguments.out, assignments(Path.cwd()), _tell)
    except GradingError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"marks: {arguments.out / 'marks.csv'}  feedback: {arguments.out / 'feedback'}")
    return 1 if any(mark.status == UNGRADED for result in results for mark in result.marks) else 0


def _tell(result: Result) -> None:
    waiting = sum(mark.maximum for mark in result.marks if mark.status == WAITING)
    if result.marks[0].status == UNGRADED:
        said = f"ungraded: {result.marks[0].reason}"
    else:
        said = f"{result.points:g} of {result.maximum:g}" + (
            f", {waiting:g} of them wait for you" if waiting else ""
        )
    print(f"{result.submission.student:24} {result.submission.assignment:12} {said}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
