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
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "questions"
KINDS = ("single", "multiple", "match", "order")


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


def load(lesson: str, name: str, folder: Path = FOLDER) -> Question:
    """Question `name` of `lesson`, checked.

    Raises
    ------
    ValueError
        For an unknown lesson or question, or one that breaks the rules above; the message says where and what is allowed.
    """
    questions = _file(lesson, folder)
    if name not in questions:
        raise ValueError(f"{lesson}.json has no question {name!r}: it must be one of {', '.join(questions)}")
    return _question(questions[name], f"{lesson}.json, {name}")


def names(lesson: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The questions of a lesson, in the order of its file; a `ValueError` for an unknown lesson."""
    return tuple(_file(lesson, folder))


def _file(lesson: str, folder: Path) -> dict:
    path = folder / f"{lesson}.json"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.json"))) or "none yet"
        raise ValueError(f"there are no questions for lesson {lesson!r}: it must be one of {known}")
    return json.loads(path.read_text(encoding="utf-8"))


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
