"""A question that explains itself once it is answered."""

from __future__ import annotations

import contextlib
from html import escape
from pathlib import Path
from typing import ClassVar

import traitlets

from ..progress import CHECKS, ProgressFile
from . import faces, questions
from .progress import show_progress
from .widget import LabWidget, script

HOW = {
    "single": "Choose one.",
    "multiple": "Choose all that apply; there may be none.",
    "match": "Give each statement a category.",
    "order": "Give each statement its place, 1 being the first.",
}


class KnowledgeCheck(LabWidget):
    """Question `name` of `lesson`, from a data file of the package.

    What a student answers in the browser is kept in the `ProgressFile`, and is there again in the next session.
    The key stays in the kernel. An answer is told where it is right, and why each wrong choice in it is wrong; what it left
    out stays closed until the answer is right or the student asks to be shown. It can be answered any number of times; the
    last answer before everything was shown counts.

    Parameters
    ----------
    lesson, name : str
        Which question; see `gossipkit.lab.questions` for the files.
    folder : pathlib.Path
        Where the files are, for questions of one's own.

    Raises
    ------
    ValueError
        For an unknown lesson or question, naming those there are.
    """

    _esm = script("dom.js", "hear.js", "link.js", "check.js")

    page_kind: ClassVar[str] = "check"

    kind = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    how = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    feedback = traitlets.Dict().tag(sync=True)

    def __init__(self, lesson: str, name: str, folder: Path = questions.FOLDER):
        self._question = question = questions.load(lesson, name, folder)
        self._place, self._file = (lesson, CHECKS, name), ProgressFile()
        self._score: float | None = None
        super().__init__(
            kind=question.kind,
            prompt=question.prompt,
            how=HOW[question.kind],
            options=[option.text for option in question.options],
            choices=list(question.choices),
        )

    @property
    def score(self) -> float | None:
        """Share of the options that the answer judged rightly (all or nothing for a single choice), 0 to 1; None before."""
        return self._score

    def answer(self, *given) -> None:
        """Answer from Python, as the browser does.

        Parameters
        ----------
        *given : int or str
            `single`: the number of the option, counted from 1 as printed; `multiple`: the numbers of those that apply;
            `match`: a category for each option in the order printed; `order`: a place for each option in that order.

        Raises
        ------
        ValueError
            When the answer is not of that form; the last answer stands then.
        """
        said = self._said(given)
        judged = [was == option.key for was, option in zip(said, self._question.options, strict=True)]
        shown = self.feedback.get("shown", False)
        if not shown:
            self._score = float(all(judged)) if self.kind == "single" else sum(judged) / len(judged)
        verdict = self._verdict(sum(judged), len(judged))
        self._tell(given, said, judged, verdict + _SHOWN_BEFORE * shown, opened=all(judged), shown=shown)

    def show(self) -> None:
        """Tell the key and every option's reason. The score stays what it was: later answers don't count."""
        given = self.feedback.get("given", [])
        said = self._said(tuple(given)) if self.feedback else [None] * len(self.options)
        judged = [was == option.key for was, option in zip(said, self._question.options, strict=True)]
        self._tell(given, said, judged, _SHOWN, opened=True, shown=True)

    def _tell(self, given, said: list, judged: list, verdict: str, opened: bool, shown: bool) -> None:
        told = [
            self._told(was, right, option, opened)
            for was, right, option in zip(said, judged, self._question.options, strict=True)
        ]
        self.feedback = {"given": list(given), "verdict": verdict, "options": told, "shown": shown}

    def _told(self, was, right: bool, option: questions.Option, opened: bool) -> dict:
        """What one option says: its mark ("right", "wrong" or none), a judgement in words, and why."""
        if self.kind in ("single", "multiple"):
            # a cross stands at what was chosen wrongly only: the right option never wears one
            mark = "right" if option.key and (was or opened) else "wrong" if was and not option.key else ""
            says = _SAYS[bool(was), option.key]
            closed = not opened and not was
        else:
            place = "place " if self.kind == "order" else ""
            mark = "right" if right or was is None else "wrong"
            if right or was is None:
                says = f"Right: {place}{option.key}."
            else:
                says = f"Not {place}{was}" + (f": it is {place}{option.key}." if opened else ".")
            closed = False
        # the reason of a statement that has a category or a place tells which
        tells_why = opened or right or self.kind in ("single", "multiple")
        return (
            {"mark": "", "says": "", "why": ""}
            if closed
            else {"mark": mark, "says": says, "why": option.why * tells_why}
        )

    def _said(self, given: tuple) -> list:
        """What the answer says of each option, in terms of its key."""
        count = len(self.options)
        if self.kind in ("single", "multiple"):
            wrong = [number for number in given if number not in range(1, count + 1)]
            if wrong:
                raise ValueError(f"the answer has option {wrong[0]!r}: it must be from 1 to {count}")
            if self.kind == "single" and len(given) != 1:
                raise ValueError(f"the answer has {len(given)} options: it must have exactly one")
            return [number in given for number in range(1, count + 1)]
        if len(given) != count or any(str(each) not in self.choices for each in given):
            raise ValueError(
                f"the answer is {given}: each of the {count} statements must get one of {', '.join(self.choices)}"
            )
        if self.kind == "order" and len({int(place) for place in given}) < count:
            raise ValueError(
                f"the places are {', '.join(map(str, given))}: each of 1 to {count} must be given once"
            )
        return [int(place) for place in given] if self.kind == "order" else list(given)

    def answer_to(self, request: dict) -> None:
        """Judge the answer that the browser sends, show the key, or show what was answered in an earlier session."""
        if request.get("seen"):
            if not self.feedback:
                self._restore()
            return
        if "answer" in request:
            self.answer(*request["answer"])
        else:
            self.show()
        given, shown = self.feedback["given"], self.feedback["shown"]
        self._file.note(*self._place, given=given, score=self.score, shown=shown)
        show_progress()

    def _restore(self) -> None:
        lesson, what, name = self._place
        kept = self._file.lesson(lesson).get(what, {}).get(name, {})
        # the question, or a file that somebody edited, may have changed since
        with contextlib.suppress(ValueError, KeyError, TypeError):
            if kept["given"] or not kept["shown"]:
                self.answer(*kept["given"])
            if kept["shown"]:
                self.show()
            self._score = kept["score"]

    def recorded(self) -> tuple[dict, bytes]:
        """The question, and what each option says to each answer: by that a page judges without a kernel."""
        count = len(self.options)
        told = [
            [[was, self._cases(was, option)] for was in (*self._answers(), None)]
            for option in self._question.options
        ]
        verdicts = [self._verdict(right, count) for right in range(count + 1)]
        asked = {name: getattr(self, name) for name in ("kind", "prompt", "how", "options", "choices")}
        words = {"verdicts": verdicts, "shown": _SHOWN, "shown_before": _SHOWN_BEFORE}
        return asked | {"told": told, "words": words, "feedback": {}}, b""

    def _answers(self) -> tuple:
        """What an answer can say of an option, in terms of its key."""
        if self.kind in ("single", "multiple"):
            return True, False
        return tuple(map(int, self.choices)) if self.kind == "order" else tuple(self.choices)

    def _cases(self, was, option: questions.Option) -> dict:
        right = was == option.key
        return {
            "right": right,
            "closed": self._told(was, right, option, opened=False),
            "opened": self._told(was, right, option, opened=True),
        }

    def _verdict(self, right: int, count: int) -> str:
        return (
            _RIGHT_OR_NOT[right == count] if self.kind == "single" else f"{right} of {count} judged rightly."
        )

    def still(self) -> tuple[dict, dict]:
        """The question without its key; once answered, with the feedback."""
        lines = [f"{number}. {text}" for number, text in enumerate(self.options, 1)]
        categories = [f"Categories: {', '.join(self.choices)}"] if self.kind == "match" else []
        given = self.feedback.get("options", [])
        told = [
            f"{number}. {each['says']} {each['why']}".rstrip()
            for number, each in enumerate(given, 1)
            if each["says"]
        ]
        verdict = [self.feedback["verdict"]] if given else []
        html = faces.paragraph(self.prompt, strong=True) + f"<p><em>{escape(self.how)}</em></p>"
        html += faces.listing(self.options, ordered=True) + "".join(map(faces.paragraph, categories))
        html += "".join(map(faces.paragraph, verdict)) + (
            faces.listing(told) if told else "<p><em>Run the notebook to answer.</em></p>"
        )
        return {
            "text/html": html,
            "text/plain": "\n".join([self.prompt, self.how, *lines, *categories, *verdict, *told]),
        }, {}


_RIGHT_OR_NOT = {True: "Right.", False: "Not this one."}
_SHOWN = "Shown."
_SHOWN_BEFORE = " It doesn't count any more: the answer was shown."
_SAYS = {
    (True, True): "Right.",
    (True, False): "Not this one.",
    (False, True): "This one is right.",
    (False, False): "Rightly left out.",
}
