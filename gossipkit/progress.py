"""What a student has done, in a file beside the notebooks: written by the lab's widgets and by the check before handing in."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

FILE = "progress.json"
LESSONS = {
    "00_start_here": None,
    "01_epidemic_spread": "epidemics",
    "02_consul_memberlist": "consul",
    "03_cassandra": "cassandra",
    "04_dynamo": "dynamo",
    "05_side_by_side": "unseen",
    "06_parameters": "parameters",
    "07_trust": "trust",
    "08_debugging": "incidents",
}
"""Each lesson's exercise."""
RUN, BETS, CHECKS, EXERCISE = "run", "bets", "checks", "exercise"


class ProgressFile:
    """Bets, answers, visits and checked exercises by lesson, in ``progress.json`` of a folder.

    Only what a student does is written; running a notebook alone writes nothing. A file that can't be read is
    set aside under another name, never overwritten.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Where the notebooks are: the kernel's working folder.

    Attributes
    ----------
    refused : str
        Why the last thing that was to be kept was not: what the system said of the file or folder; empty if it was.
    """

    def __init__(self, folder: Path | None = None):
        self.path = (folder or Path.cwd()) / FILE
        self.refused = ""

    def lesson(self, lesson: str) -> dict:
        """What was done in a lesson: ``run``, ``bets``, ``checks`` and ``exercise``, each by name; empty where nothing was."""
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
        what : {"run", "bets", "checks", "exercise"}
        name : str
            Which of the lesson's.
        **said
            What is kept of it, as JSON can hold it.
        """
        kept = self._read()
        kept.setdefault(lesson, {}).setdefault(what, {})[name] = said
        try:
            self._write(kept)
            self.refused = ""
        except OSError as error:
            self.refused = error.strerror or type(error).__name__

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


def note_check(notebook: Path, done: int, tasks: int) -> None:
    """Keep what the check before handing in said of an exercise, if it stands in the course: ``exercises/NAME/NAME.ipynb``.

    Parameters
    ----------
    notebook : pathlib.Path
        What was checked.
    done, tasks : int
        How many tasks nothing in sight is against, and how many there are.
    """
    notebook = notebook.resolve()
    of = {name: lesson for lesson, name in LESSONS.items()}
    name = notebook.stem
    if name not in of or notebook.parts[-3:] != ("exercises", name, notebook.name):
        return
    folder = notebook.parents[2] / "notebooks"
    if folder.is_dir():
        ProgressFile(folder).note(
            of[name], EXERCISE, name, done=done, tasks=tasks, text=fingerprint(notebook)
        )


def fingerprint(notebook: Path) -> str:
    """What a notebook's cells hold, in short: the same for a copy that was run or saved again; "" where there is none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        held = json.dumps(["".join(cell["source"]) for cell in cells])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return hashlib.sha256(held.encode()).hexdigest()
