"""What a student has done, in a file beside the notebooks, and the page that shows it."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import traitlets

from . import faces, questions
from .widget import LabWidget, script

FILE = "progress.json"
LESSONS = {
    "00_start_here": None,
    "01_epidemic_spread": "epidemics",
    "02_consul_memberlist": "consul",
    "03_cassandra": "cassandra",
    "04_dynamo": "dynamo",
}
"""Each lesson's exercise."""
HOME = "00_start_here"
"""Where the page of the whole course stands."""
ASKS = ("YOUR CODE HERE", "YOUR ANSWER HERE")
"""What an answer cell holds as it is handed out (nbgrader's code_stub and text_stub)."""
UNSEEN = "Your progress is shown here while the notebook runs: what you have run, bet, checked and written."
RUN, BETS, CHECKS = "run", "bets", "checks"


class ProgressFile:
    """Bets, answers and visits by lesson, in ``progress.json`` of a folder.

    Only what a student does in the browser is written; running a notebook alone writes nothing. A file that can't be read is
    set aside under another name, never overwritten.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Where the notebooks are: the kernel's working folder.
    """

    def __init__(self, folder: Path | None = None):
        self.path = (folder or Path.cwd()) / FILE

    def lesson(self, lesson: str) -> dict:
        """What was done in a lesson: ``run``, ``bets`` and ``checks``, each by name; empty where nothing was."""
        return self._read().get(lesson, {})

    def lessons(self) -> dict[str, dict]:
        """All lessons in which something was done."""
        return self._read()

    def note(self, lesson: str, what: str, name: str, **said) -> None:
        """Keep one thing; a file or folder that can't be written is no reason to stop a student.

        Parameters
        ----------
        lesson : str
            Such as ``01_epidemic_spread``.
        what : {"run", "bets", "checks"}
        name : str
            Which of the lesson's.
        **said
            What is kept of it, as JSON can hold it.
        """
        kept = self._read()
        kept.setdefault(lesson, {}).setdefault(what, {})[name] = said
        with contextlib.suppress(OSError):
            self._write(kept)

    def reset(self) -> None:
        """Forget everything; the old file stays beside it under another name."""
        self._set_aside()

    def _read(self) -> dict:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(kept, dict) or not all(isinstance(each, dict) for each in kept.values()):
                raise ValueError
        except OSError:
            return {}
        except ValueError:
            self._set_aside()
            return {}
        return kept

    def _write(self, kept: dict) -> None:
        scratch = self.path.with_name(f".{FILE}.{os.getpid()}")
        scratch.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(scratch, self.path)

    def _set_aside(self) -> None:
        number = 1
        while (other := self.path.with_name(f"progress-old-{number}.json")).exists():
            number += 1
        with contextlib.suppress(OSError):
            os.replace(self.path, other)


def exercise(name: str, folder: Path) -> tuple[int, int]:
    """Of an exercise in ``exercises/`` beside `folder`: how many answers differ from what was handed out, and of how many.

    An answer is untouched while its cell still holds the line that asks for it.
    """
    path = folder.parent / "exercises" / name / f"{name}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
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

    _esm = script("dom.js", "link.js", "progress.js")

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
        done = self._file.lessons()
        if self._lesson:
            self.lines = [_line(self._lesson, done.get(self._lesson, {}), self._file.path.parent)]
            return
        points = [bet["points"] for each in done.values() for bet in each.get(BETS, {}).values()]
        scored = [each for each in points if each is not None]
        with self.hold_sync():
            self.lines = [
                f"{_count(len(points), 'bet')} placed, {sum(scored):.2f} points of {len(scored)} that were scored."
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
    return "Your progress here: " + "; ".join(said) + "."


def _row(lesson: str, done: dict, folder: Path) -> list[str]:
    right, of = _checks(lesson, done)
    written, asked = exercise(LESSONS[lesson], folder) if LESSONS[lesson] else (0, 0)
    return [
        lesson,
        "yes" if done.get(RUN) else "no",
        str(len(done.get(BETS, {}))),
        f"{_points(done):.2f}",
        f"{right:g} of {of}",
        f"{written} of {asked} answers" if asked else "",
    ]
