"""A question that explains itself once it is answered."""

from __future__ import annotations

from html import escape
from pathlib import Path

import traitlets

from . import faces, questions
from .widget import LabWidget, script

HOW = {
    "single": "Choose one.",
    "multiple": "Choose all that apply; there may be none.",
    "match": "Give each statement a category.",
    "order": "Give each statement its place, 1 being the first.",
}


class KnowledgeCheck(LabWidget):
    """Question `name` of `lesson`, from a data file of the package.

    The key stays in the kernel until the question has been answered. It can be answered any number of times; the last
    answer counts.

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

    _esm = script("dom.js", "check.js")

    kind = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    how = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    feedback = traitlets.Dict().tag(sync=True)

    def __init__(self, lesson: str, name: str, folder: Path = questions.FOLDER):
        self._question = question = questions.load(lesson, name, folder)
        super().__init__(
            kind=question.kind,
            prompt=question.prompt,
            how=HOW[question.kind],
            options=[option.text for option in question.options],
            choices=list(question.choices),
        )
        self.on_msg(self._submitted)

    @property
    def score(self) -> float | None:
        """Share of the options that the last answer judged rightly (all or nothing for a single choice), 0 to 1; None before."""
        return self.feedback.get("score")

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
        options = self._question.options
        judged = [was == option.key for was, option in zip(said, options, strict=True)]
        score = float(all(judged)) if self.kind == "single" else sum(judged) / len(judged)
        self.feedback = {
            "score": score,
            "verdict": f"{sum(judged)} of {len(judged)} judged rightly."
            if self.kind != "single"
            else _RIGHT_OR_NOT[all(judged)],
            "options": [
                {"right": right, "says": self._says(was, option.key), "why": option.why}
                for right, was, option in zip(judged, said, options, strict=True)
            ],
            "error": "",
        }

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

    def _says(self, was, key) -> str:
        """The judgement of one option, in words."""
        if self.kind == "match":
            return f"Right: {key}." if was == key else f"You said {was}; it is {key}."
        if self.kind == "order":
            return f"Right: place {key}." if was == key else f"You said place {was}; it is place {key}."
        return _SAYS[was, key]

    def _submitted(self, _widget, message: dict, _buffers) -> None:
        try:
            self.answer(*message["answer"])
        except ValueError as error:
            self.feedback = self.feedback | {"error": str(error)}

    def still(self) -> tuple[dict, dict]:
        """The question without its key; once answered, with the feedback."""
        lines = [f"{number}. {text}" for number, text in enumerate(self.options, 1)]
        categories = [f"Categories: {', '.join(self.choices)}"] if self.kind == "match" else []
        given = self.feedback.get("options", [])
        told = [f"{number}. {each['says']} {each['why']}" for number, each in enumerate(given, 1)]
        verdict = [self.feedback["verdict"]] if given else []
        html = faces.paragraph(self.prompt, strong=True) + f"<p><em>{escape(self.how)}</em></p>"
        html += faces.listing(self.options, ordered=True) + "".join(map(faces.paragraph, categories))
        html += "".join(map(faces.paragraph, verdict)) + (
            faces.listing((line.split(" ", 1)[1] for line in told), ordered=True)
            if told
            else "<p><em>Run the notebook to answer.</em></p>"
        )
        return {
            "text/html": html,
            "text/plain": "\n".join([self.prompt, self.how, *lines, *categories, *verdict, *told]),
        }, {}


_RIGHT_OR_NOT = {True: "Right.", False: "Not this one."}
_SAYS = {
    (True, True): "Right.",
    (True, False): "No.",
    (False, True): "This one is right.",
    (False, False): "Rightly left out.",
}
