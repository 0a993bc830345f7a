"""The page that shows what a student has done."""

from __future__ import annotations

import json
from pathlib import Path

import traitlets

from ..progress import BETS, CHECKS, EXERCISE, LESSONS, RUN, ProgressFile, fingerprint
from . import faces, questions
from .widget import LabWidget, script

HOME = "00_start_here"
"""Where the page of the whole course stands."""
ASKS = ("YOUR CODE HERE", "YOUR ANSWER HERE")
"""What an answer cell holds as it is handed out (nbgrader's code_stub and text_stub)."""
UNSEEN = "Your progress is shown here while the notebook runs: what you have run, bet, checked and written."
CHANGED = ", and changed since"


def _notebook(name: str, folder: Path) -> Path:
    return folder.parent / "exercises" / name / f"{name}.ipynb"


def exercise(name: str, folder: Path) -> tuple[int, int]:
    """Of an exercise in ``exercises/`` beside `folder`: how many answers differ from what was handed out, and of how many.

    An answer is untouched while its cell still holds the line that asks for it.
    """
    try:
        cells = json.loads(_notebook(name, folder).read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return 0, 0
    asked = [cell for cell in cells if cell.get("metadata", {}).get("nbgrader", {}).get("solution")]
    return sum(not any(stub in "".join(cell["source"]) for stub in ASKS) for cell in asked), len(asked)


class Progress(LabWidget):
    """What the student has run, bet, checked and written, of one lesson or of the course.

    Live it follows what is done in the same kernel; stored it says only what it is for, so that a re-run shows the same.

    Parameters
    ----------
    lesson : str, optional
        Such as ``01_epidemic_spread``; without one, the page of the whole course, with a button that resets it.

    Raises
    ------
    ValueError
        For an unknown lesson, naming those there are.
    """

    _esm = script("dom.js", "hear.js", "link.js", "progress.js")

    lines = traitlets.List().tag(sync=True)
    columns = traitlets.List().tag(sync=True)
    rows = traitlets.List().tag(sync=True)

    def __init__(self, lesson: str | None = None):
        if lesson is not None and lesson not in LESSONS:
            raise ValueError(f"there is no lesson {lesson!r}: it must be one of {', '.join(LESSONS)}")
        self._lesson, self._file = lesson, ProgressFile()
        super().__init__(lines=[UNSEEN])

    def answer_to(self, request: dict) -> None:
        """Show where the student is; note that the lesson was run, or forget everything."""
        if request.get("reset"):
            self._file.reset()
        else:
            self._file.note(self._lesson or HOME, RUN, "seen")
        show_progress()

    def show(self) -> None:
        """Read the file anew."""
        done, file = self._file.lessons(), self._file
        lost = [f"It is not kept for the next time: {file.path} can't be written ({file.refused})."] * bool(
            file.refused
        )
        if self._lesson:
            self.lines = [_line(self._lesson, done.get(self._lesson, {}), file.path.parent), *lost]
            return
        points = [bet["points"] for each in done.values() for bet in each.get(BETS, {}).values()]
        scored = [each for each in points if each is not None]
        with self.hold_sync():
            self.lines = [
                f"{_count(len(points), 'bet')} placed, {sum(scored):.2f} points of {len(scored)} that were scored.",
                *lost,
            ]
            self.columns = ["lesson", "run", "bets", "points", "checks right", "exercise"]
            self.rows = [_row(lesson, done.get(lesson, {}), self._file.path.parent) for lesson in LESSONS]

    def still(self) -> tuple[dict, dict]:
        """What it is for."""
        return {"text/html": faces.paragraph(UNSEEN), "text/plain": UNSEEN}, {}


def show_progress() -> None:
    """Let all pages of this kernel show what the file holds now."""
    for each in list(LabWidget._open):
        if isinstance(each, Progress):
            each.show()


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _checks(lesson: str, done: dict) -> tuple[float, int]:
    """Right answers, a share of one where a part is right; and how many questions there are."""
    return sum(each["score"] or 0 for each in done.get(CHECKS, {}).values()), len(questions.names(lesson))


def _points(done: dict) -> float:
    return sum(bet["points"] or 0 for bet in done.get(BETS, {}).values())


def _line(lesson: str, done: dict, folder: Path) -> str:
    right, of = _checks(lesson, done)
    said = [
        f"{_count(len(done.get(BETS, {})), 'bet')} placed, {_points(done):.2f} points",
        f"{right:g} of {of} checks right",
    ]
    if LESSONS[lesson]:
        written, asked = exercise(LESSONS[lesson], folder)
        said += [f"{written} of {asked} answers of the exercise written"] * bool(asked)
        said += _checked(lesson, done, folder)
    return "Your progress here: " + "; ".join(said) + "."


def _row(lesson: str, done: dict, folder: Path) -> list[str]:
    right, of = _checks(lesson, done)
    written, asked = exercise(LESSONS[lesson], folder) if LESSONS[lesson] else (0, 0)
    of_exercise = [f"{written} of {asked} answers"] * bool(asked) + _checked(lesson, done, folder)
    return [
        lesson,
        "yes" if done.get(RUN) else "no",
        str(len(done.get(BETS, {}))),
        f"{_points(done):.2f}",
        f"{right:g} of {of}",
        "; ".join(of_exercise),
    ]


def _checked(lesson: str, done: dict, folder: Path) -> list[str]:
    """What the last check before handing in said of the exercise, and whether that is still the notebook that was checked."""
    name = LESSONS[lesson]
    found = done.get(EXERCISE, {}).get(name)
    if not found:
        return []
    changed = CHANGED * (fingerprint(_notebook(name, folder)) != found["text"])
    return [f"{found['done']} of {_count(found['tasks'], 'task')} done when last checked{changed}"]
