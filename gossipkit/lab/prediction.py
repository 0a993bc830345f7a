"""A bet placed before the run, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import traitlets

from . import faces
from .controls import Choice, Slider, decimals
from .widget import LabWidget, script


@dataclass(frozen=True)
class Verdict:
    """A prediction beside what the run gave.

    Parameters
    ----------
    points : float or None
        1 for a hit, falling to 0 where the prediction is off by as much as the result itself; None without a prediction.
    text : str
        Both, the distance between them, and the explanation, a line each.
    """

    points: float | None
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        first, *rest = self.text.splitlines()
        return faces.paragraph(first, strong=True) + "".join(map(faces.paragraph, rest))


class Prediction(LabWidget):
    """A question about an experiment to come, answered by a number on a scale or by one of some choices.

    Parameters
    ----------
    prompt : str
        The question.
    low, high, step : int or float
        The scale. A step below 1 allows a bet with as many digits after the point, and the verdict gives as many.
    unit : str
        Of the number.
    choices : sequence of str
        In place of a scale.

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

    _esm = script("dom.js", "prediction.js")

    prompt = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    scale = traitlets.Dict().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    value = traitlets.Any(None, allow_none=True).tag(sync=True)

    def __init__(
        self, prompt: str, *, low=None, high=None, step=1, unit: str = "", choices: Sequence[str] = ()
    ):
        self._control = Choice("prediction", choices) if choices else Slider("prediction", low, high, step)
        scale = {} if choices else {"low": low, "high": high, "step": step}
        super().__init__(prompt=prompt, unit=unit, scale=scale, choices=list(choices))
        self.on_msg(lambda _widget, message, _buffers: self.lock(message["value"]))

    def lock(self, value) -> None:
        """Keep `value` as the prediction, for good.

        Raises
        ------
        ValueError
            When it is off the scale, none of the choices, or when a prediction is locked in already.
        """
        if self.value is not None:
            raise ValueError(
                f"the prediction {self.value!r} is locked in: run its cell again to place another"
            )
        self.value = self._control.positions[self._control.index(value)]

    def score(self, actual, explanation: str = "") -> Verdict:
        """Compare with what the run gave.

        Parameters
        ----------
        actual : float or str
            A number in the scale's unit, nan or infinity for what never came, or one of the choices.
        explanation : str
            Why it is so.
        """
        predicted, gave = self.value, self._said(actual)
        if predicted is None:
            points, lines = None, [f"No prediction locked in; the run gave {gave}."]
        elif self.choices:
            points = float(predicted == self._control.positions[self._control.index(actual)])
            lines = [
                f"You predicted {predicted}; the run gave {gave}.",
                f"{'A hit' if points else 'A miss'}: {points:.0f} points of 1.",
            ]
        else:
            off = abs(predicted - actual)
            # within half a step nobody could have said better
            beyond = max(0.0, off - self.scale["step"] / 2)
            points = max(0.0, 1 - beyond / max(abs(actual), self.scale["step"]))
            distance = f"Off by {self._said(off)}" if math.isfinite(off) else "A miss"
            lines = [
                f"You predicted {self._said(predicted)}; the run gave {gave}.",
                f"{distance}: {points:.2f} points of 1.",
            ]
        return Verdict(points, "\n".join([*lines, *filter(None, [explanation])]))

    def _said(self, value) -> str:
        if self.choices:
            return str(value)
        if not math.isfinite(value):
            return "never"
        return f"{_rounded(value, decimals(self.scale['step']))} {self.unit}".strip()

    def still(self) -> tuple[dict, dict]:
        """The question, and the prediction once there is one."""
        scale = (
            [f"from {self.scale['low']:,} to {self.scale['high']:,} {self.unit}".strip()]
            if self.scale
            else []
        )
        locked = (
            "No prediction locked in yet." if self.value is None else f"Locked in: {self._said(self.value)}."
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
