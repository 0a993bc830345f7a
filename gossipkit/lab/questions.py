"""Questions as data: what they look like in a file, and what is checked before a student meets one.

A lesson's questions stand in ``questions/<lesson>.json``: an object whose keys are the questions' names. Every question has
``kind``, ``prompt`` and ``options``, in which each option has a ``text`` and a ``why`` that is shown once it is answered::

    {
      "shape": {
        "kind": "single",
        "prompt": "How do rounds grow with members?",
        "options": [
          {"text": "with the logarithm", "right": true, "why": "Those who know multiply."},
          {"text": "in proportion", "right": false, "why": "That is what a ring gives."}
        ]
      }
    }

=============  =====================================================  =================================================
kind           beside text and why an option has                      the student
=============  =====================================================  =================================================
``single``     ``right``: true for exactly one                        picks one
``multiple``   ``right``: true or false                               ticks all that are right, which may be none
``match``      ``category``, one of the question's ``categories``     gives each option a category
``order``      nothing: the file holds them in the right order        gives each option, shown shuffled, its place
=============  =====================================================  =================================================

One key is no check's name: under ``lab`` stand the questions that belong to a panel, a stage or an experiment::

    {
      "lab": {
        "loss": {
          "question": "Put *Loss* at 0.5. How many rounds does the median move?",
          "nudge": "…", "pointer": "…", "worked": "…",
          "debrief": "From {before:.0f} rounds to {after:.0f}. …"
        }
      }
    }

The three hints stand together or not at all; the fields of ``debrief`` are numbers that a cell of the lesson computes. An
exercise's hints stand in ``questions/exercise_<name>.json``, by task, each with ``nudge``, ``pointer`` and ``worked``. All of
these are texts in paragraphs, with `code` and *emphasis*.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "questions"
KINDS = ("single", "multiple", "match", "order")
LAB = "lab"
HINTS = ("nudge", "pointer", "worked")
_EXERCISE = "exercise_"


@dataclass(frozen=True)
class Option:
    """One thing to judge: its text, what is right to say of it, and why."""

    text: str
    key: bool | str | int
    why: str


@dataclass(frozen=True)
class Question:
    """A question in the order in which it is shown; `choices` is what can be said of each option, in words."""

    kind: str
    prompt: str
    options: tuple[Option, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A lab question: what it asks, its three hints or none, and what one should have seen, with fields for numbers."""

    question: str
    hints: tuple[str, ...]
    debrief: str


def load(lesson: str, name: str, folder: Path = FOLDER) -> Question:
    """Question `name` of `lesson`, checked.

    Raises
    ------
    ValueError
        For an unknown lesson or question, or one that breaks the rules above; the message says where and what is allowed.
    """
    file = _file(lesson, folder)
    checks = {key: raw for key, raw in file.items() if key != LAB}
    return _question(_one(checks, name, f"{lesson}.json", "question"), f"{lesson}.json, {name}")


def names(lesson: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The checks of a lesson, in the order of its file; a `ValueError` for an unknown lesson."""
    return tuple(name for name in _file(lesson, folder) if name != LAB)


def lab(lesson: str, key: str, folder: Path = FOLDER) -> Asked:
    """Lab question `key` of `lesson`, checked.

    Raises
    ------
    ValueError
        As `load`.
    """
    raw = _one(_file(lesson, folder).get(LAB, {}), key, f"{lesson}.json", "lab question")
    where = f"{lesson}.json, lab, {key}"
    hinted = set(HINTS) if set(HINTS) & set(raw) else set()
    _exactly(raw, {"question", "debrief"} | hinted, where)
    _prose(raw, where)
    return Asked(raw["question"], tuple(raw[name] for name in HINTS if hinted), raw["debrief"])


def lab_keys(lesson: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The lab questions of a lesson, in the order of its file; a `ValueError` for an unknown lesson."""
    return tuple(_file(lesson, folder).get(LAB, {}))


def hints(exercise: str, task: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The three hints for `task` of `exercise`, checked.

    Raises
    ------
    ValueError
        For an unknown exercise or task, or hints that break the rules above.
    """
    file = f"{_EXERCISE}{exercise}.json"
    known = sorted(each.stem.removeprefix(_EXERCISE) for each in folder.glob(f"{_EXERCISE}*.json"))
    if exercise not in known:
        raise ValueError(
            f"there are no hints for exercise {exercise!r}: it must be one of {', '.join(known) or 'none yet'}"
        )
    raw = _one(json.loads((folder / file).read_text(encoding="utf-8")), task, file, "task")
    _exactly(raw, set(HINTS), f"{file}, {task}")
    _prose(raw, f"{file}, {task}")
    return tuple(raw[name] for name in HINTS)


def lessons(folder: Path = FOLDER) -> tuple[str, ...]:
    """The lessons that have questions."""
    return tuple(sorted(each.stem for each in folder.glob("*.json") if not each.stem.startswith(_EXERCISE)))


def _file(lesson: str, folder: Path) -> dict:
    if lesson not in lessons(folder):
        known = ", ".join(lessons(folder)) or "none yet"
        raise ValueError(f"there are no questions for lesson {lesson!r}: it must be one of {known}")
    return json.loads((folder / f"{lesson}.json").read_text(encoding="utf-8"))


def _one(known: dict, name: str, file: str, what: str) -> dict:
    if name not in known:
        raise ValueError(f"{file} has no {what} {name!r}: it must be one of {', '.join(known) or 'none yet'}")
    return known[name]


def _prose(raw: dict, where: str) -> None:
    """Texts that say something, and whose marks come in pairs: an open one would turn the rest of the text into code."""
    for name, text in raw.items():
        if not (isinstance(text, str) and text.strip()):
            raise ValueError(f"{where}: {name} is {text!r}: it must be a text that says something")
        if any(paragraph.count("`") % 2 for paragraph in re.split(r"\n\s*\n", text)):
            raise ValueError(f"{where}: {name} has a ` without its second: they must come in pairs")


def _question(raw: dict, where: str) -> Question:
    kind = raw.get("kind")
    if kind not in KINDS:
        raise ValueError(f"{where}: kind is {kind!r}: it must be one of {', '.join(KINDS)}")
    fields = {"single": {"right"}, "multiple": {"right"}, "match": {"category"}, "order": set()}[kind] | {
        "text",
        "why",
    }
    _exactly(raw, {"kind", "prompt", "options"} | ({"categories"} if kind == "match" else set()), where)
    if len(raw["options"]) < 2:
        raise ValueError(f"{where}: there are {len(raw['options'])} options: there must be at least two")
    for number, option in enumerate(raw["options"], 1):
        _exactly(option, fields, f"{where}, option {number}")
        if not (option["text"].strip() and option["why"].strip()):
            raise ValueError(f"{where}, option {number}: text and why must say something")
    return {"single": _choice, "multiple": _choice, "match": _match, "order": _order}[kind](raw, where)


def _choice(raw: dict, where: str) -> Question:
    for number, option in enumerate(raw["options"], 1):
        if not isinstance(option["right"], bool):
            raise ValueError(
                f"{where}, option {number}: right is {option['right']!r}: it must be true or false"
            )
    right = sum(option["right"] for option in raw["options"])
    if raw["kind"] == "single" and right != 1:
        raise ValueError(f"{where}: {right} options are right: in a single choice it must be exactly one")
    options = tuple(Option(option["text"], option["right"], option["why"]) for option in raw["options"])
    return Question(raw["kind"], raw["prompt"], options, ())


def _match(raw: dict, where: str) -> Question:
    categories = tuple(raw["categories"])
    for number, option in enumerate(raw["options"], 1):
        if option["category"] not in categories:
            allowed = ", ".join(categories)
            raise ValueError(
                f"{where}, option {number}: category is {option['category']!r}: it must be one of {allowed}"
            )
    options = tuple(Option(option["text"], option["category"], option["why"]) for option in raw["options"])
    return Question("match", raw["prompt"], options, categories)


def _order(raw: dict, where: str) -> Question:
    options = [Option(option["text"], place, option["why"]) for place, option in enumerate(raw["options"], 1)]
    shown = options.copy()
    # seeded by the question itself: the same in every kernel, so that a stored notebook stays as it is
    draw = random.Random(raw["prompt"])
    while shown == options:
        draw.shuffle(shown)
    return Question(
        "order", raw["prompt"], tuple(shown), tuple(str(place) for place in range(1, len(options) + 1))
    )


def _exactly(raw: dict, fields: set[str], where: str) -> None:
    if set(raw) != fields:
        raise ValueError(
            f"{where}: the fields are {', '.join(sorted(raw))}: they must be {', '.join(sorted(fields))}"
        )
