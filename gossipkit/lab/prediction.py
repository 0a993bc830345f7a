"""A bet placed before the run, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import traitlets

from ..progress import BETS, ProgressFile
from . import faces
from .controls import Choice, Slider, decimals
from .progress import show_progress
from .widget import LabWidget, script

COVERED = "The run has been made. Place your bet above, and this shows both."


class Verdict(LabWidget):
    """A prediction beside what the run gave; it follows the prediction, also where that is locked in later.

    Live, it keeps the run's number covered until there is a prediction or the student asks for it. Its still faces hold the
    number, folded, because a re-run is compared by it.

    Attributes
    ----------
    points : float or None
        1 for a hit, falling to 0 where the prediction is off by as much as the result itself; None without a prediction.
    text : str
        Both, the distance between them, and the explanation, a line each.
    """

    _esm = script("dom.js", "hear.js", "link.js", "verdict.js")

    page_kind: ClassVar[str] = "verdict"

    covered = traitlets.Bool(True).tag(sync=True)
    lines = traitlets.List().tag(sync=True)

    def __init__(self, prediction: Prediction, actual, explanation: str):
        self._prediction, self._actual, self._explanation = prediction, actual, explanation
        super().__init__(lines=[COVERED])
        self._follow()

    @property
    def points(self) -> float | None:
        return self._prediction.points(self._actual)

    @property
    def text(self) -> str:
        return "\n".join([*self._prediction.outcome(self._actual), *filter(None, [self._explanation])])

    def _follow(self) -> None:
        """Uncover once there is a prediction."""
        if self._prediction.value is not None:
            self.answer_to({})

    def answer_to(self, request: dict) -> None:
        """Uncover what the run gave."""
        with self.hold_sync():
            self.covered = False
            self.lines = self.text.splitlines()

    def __repr__(self) -> str:
        return self.text

    def recorded(self) -> tuple[dict, bytes]:
        """What the run gave, covered again; on its page it finds the bet by the question."""
        gave, explained = self._prediction._said(self._actual), list(filter(None, [self._explanation]))
        words = {"prompt": self._prediction.prompt, "gave": gave, "explained": explained}
        return {"covered": True, "lines": [COVERED]} | words, b""

    def still(self) -> tuple[dict, dict]:
        """The text; in a page it is folded while there is no prediction."""
        first, *rest = self.text.splitlines()
        html = faces.paragraph(first, strong=True) + "".join(map(faces.paragraph, rest))
        if self.points is None:
            html = faces.folded("What the run gave", html)
        return {"text/html": html, "text/plain": self.text}, {}


class Prediction(LabWidget):
    """A question about an experiment to come, answered by a number on a scale or by one of some choices.

    Parameters
    ----------
    prompt : str
        The question.
    low, high, step : int or float
        The scale. A step below 1 allows a bet with as many digits after the point, and the verdict gives as many.
    unit : str
        Of the number, as after 2; after 1 a plural's last s is left out.
    choices : sequence of str
        In place of a scale.
    keep : (str, str), optional
        The lesson, and this bet's name in it, under which a bet that a student places in the browser is kept in the
        `ProgressFile`; it is there again in the next session.

    Raises
    ------
    ValueError
        Without a usable scale and without choices.

    Examples
    --------
    >>> bet = Prediction("Rounds until 99 % of 1 000 members know?", low=1, high=60, unit="rounds")
    >>> bet.score(7.0, "Those who know multiply.")
    No prediction locked in; the run gave 7 rounds.
    Those who know multiply.
    >>> bet.lock(10)
    >>> bet.score(7.0, "Those who know multiply.")
    You predicted 10 rounds; the run gave 7 rounds.
    Off by 3 rounds: 0.64 points of 1.
    Those who know multiply.
    """

    _esm = script("dom.js", "hear.js", "link.js", "prediction.js")

    page_kind: ClassVar[str] = "prediction"

    prompt = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    scale = traitlets.Dict().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    value = traitlets.Any(None, allow_none=True).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        prompt: str,
        *,
        low=None,
        high=None,
        step=1,
        unit: str = "",
        choices: Sequence[str] = (),
        keep: tuple[str, str] | None = None,
    ):
        self._control = Choice("prediction", choices) if choices else Slider("prediction", low, high, step)
        scale = {} if choices else {"low": low, "high": high, "step": step}
        self._verdicts: list[Verdict] = []
        self._keep, self._file, self._by_student = keep, ProgressFile(), False
        super().__init__(prompt=prompt, unit=unit, scale=scale, choices=list(choices))

    def answer_to(self, request: dict) -> None:
        """Lock in what the browser sends, or show what was locked in in an earlier session."""
        if request.get("seen"):
            value = self._kept().get("value") if self.value is None else None
        else:
            value = request["value"]
        if value is not None or not request.get("seen"):
            self._by_student = True
            self.lock(value)

    def _kept(self) -> dict:
        if not self._keep:
            return {}
        lesson, name = self._keep
        return self._file.lesson(lesson).get(BETS, {}).get(name, {})

    def lock(self, value) -> None:
        """Keep `value` as the prediction, for good.

        Raises
        ------
        ValueError
            When it is off the scale, none of the choices, or when a prediction is locked in already.
        """
        if self.value is not None:
            raise ValueError(f"the prediction {self.value!r} is locked in: it stays")
        self.value = self._control.positions[self._control.index(value)]
        self._tell()
        for verdict in self._verdicts:
            verdict._follow()

    def score(self, actual, explanation: str = "") -> Verdict:
        """Compare with what the run gave, now or when a prediction is locked in.

        Parameters
        ----------
        actual : float or str
            A number in the scale's unit, nan or infinity for what never came, or one of the choices.
        explanation : str
            Why it is so.

        Raises
        ------
        ValueError
            When `actual` is none of the choices.
        """
        if self.choices:
            self._control.index(actual)
        verdict = Verdict(self, actual, explanation)
        self._verdicts = [verdict]  # a cell that is run again scores anew
        self._tell()
        return verdict

    def points(self, actual) -> float | None:
        """What the prediction is worth beside `actual`, 0 to 1; None without a prediction."""
        if self.value is None:
            return None
        if self.choices:
            return float(self.value == actual)
        # within half a step nobody could have said better
        beyond = max(0.0, abs(self.value - actual) - self.scale["step"] / 2)
        return max(0.0, 1 - beyond / max(abs(actual), self.scale["step"]))

    def outcome(self, actual) -> list[str]:
        """The prediction beside `actual`, in words."""
        gave, points = self._said(actual), self.points(actual)
        if points is None:
            return [f"No prediction locked in; the run gave {gave}."]
        first = f"You predicted {self._said(self.value)}; the run gave {gave}."
        if self.choices:
            return [first, f"{'A hit' if points else 'A miss'}: {points:.0f} points of 1."]
        off = abs(self.value - actual)
        distance = f"Off by {self._said(off)}" if math.isfinite(off) else "A miss"
        return [first, f"{distance}: {points:.2f} points of 1."]

    def _tell(self) -> None:
        if self.value is not None:
            points = self.points(self._verdicts[0]._actual) if self._verdicts else None
            outcome = (
                "It is scored further down." if points is None else f"{points:.2f} points of 1, see below."
            )
            self.said = f"Locked in: {self._said(self.value)}. {outcome}"
            if self._keep and self._by_student:
                lesson, name = self._keep
                self._file.note(lesson, BETS, name, value=self.value, points=points)
                show_progress()

    def _said(self, value) -> str:
        if self.choices:
            return str(value)
        if not math.isfinite(value):
            return "never"
        number = _rounded(value, decimals(self.scale["step"]))
        return (
            f"{number} {self.unit[:-1] if number == '1' and self.unit.endswith('s') else self.unit}".strip()
        )

    def recorded(self) -> tuple[dict, bytes]:
        """The question, open again."""
        asked = {name: getattr(self, name) for name in ("prompt", "unit", "scale", "choices")}
        return asked | {"value": None, "said": ""}, b""

    def still(self) -> tuple[dict, dict]:
        """The question, and the prediction once there is one."""
        scale = (
            [f"from {self.scale['low']:,} to {self.scale['high']:,} {self.unit}".strip()]
            if self.scale
            else []
        )
        locked = (
            "No prediction locked in yet. Run the notebook to place one."
            if self.value is None
            else f"Locked in: {self._said(self.value)}."
        )
        listed = [f"- {choice}" for choice in self.choices] + [line[0].upper() + line[1:] for line in scale]
        html = faces.paragraph(self.prompt, strong=True)
        html += faces.listing(self.choices) if self.choices else faces.paragraph(listed[0])
        html += faces.paragraph(locked)
        return {"text/html": html, "text/plain": "\n".join([self.prompt, *listed, locked])}, {}


def _rounded(value, digits: int) -> str:
    """A number as one would say it: to so many digits after the point, or else three in all; whole ones without a point."""
    value = float(value)
    if digits:
        return f"{value:,.{digits}f}".rstrip("0").rstrip(".")
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
