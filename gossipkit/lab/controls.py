"""The controls of a panel: each one a name, a finite row of positions, and words for every position."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

# the first word in the plural: crashes, histories, nodes; "s" alone means seconds
_ONE = re.compile(r"^(\w+(?:ch|sh|ss|x)(?=es\b)|\w+?(?=ies\b|s\b))(es|ies|s)\b")


@dataclass(frozen=True)
class Control:
    """A row of `positions` that a student can move along; `value` is where it starts.

    Parameters
    ----------
    name : str
        The keyword under which the panel's `run` receives the value.
    positions : tuple
        Every value that can be chosen, in the order of the control.
    value : object
        The default.
    label : str
        What the student reads.
    unit : str
        Said after each value; it begins with its noun, in the plural where it has one.
    help : str
        One more sentence, or nothing.
    """

    kind = "choice"

    name: str
    positions: tuple
    value: Any
    label: str
    unit: str = ""
    help: str = ""
    allowed: str = field(default="", repr=False)

    def __post_init__(self):
        if not self.name.isidentifier():
            raise ValueError(
                f"name is {self.name!r}: it must be a name that a function can have as a parameter"
            )
        self.index(self.value)

    @property
    def low(self):
        """The value at the first position."""
        return self.positions[0]

    @property
    def high(self):
        """The value at the last position."""
        return self.positions[-1]

    def index(self, value) -> int:
        """The place of `value` among the positions.

        Raises
        ------
        ValueError
            When it is none of them.
        """
        try:
            return self.positions.index(value)
        except ValueError:
            raise ValueError(f"{self.name} is {value!r}: it must be {self.allowed}") from None

    def at(self, position):
        """The value at `position`, as the browser counts: from 0.

        Raises
        ------
        ValueError
            When there is no such position.
        """
        if not isinstance(position, int) or position not in range(len(self.positions)):
            raise ValueError(
                f"{self.name} is at position {position!r}: it must be from 0 to {len(self.positions) - 1}"
            )
        return self.positions[position]

    def said(self, value) -> str:
        """`value` in words, with its unit, whose first word is in the singular for 1."""
        unit = _ONE.sub(lambda found: found[1] + ("y" if found[2] == "ies" else ""), self.unit)
        return f"{_number(value)} {unit if value == 1 else self.unit}".strip()

    def spec(self) -> dict:
        """What the browser needs to draw it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "label": self.label,
            "help": self.help,
            "texts": [self.said(value) for value in self.positions],
            "start": self.index(self.value),
        }


class Slider(Control):
    """A row of numbers, from `low` to `high` in steps of `step`, or exactly `values`.

    Parameters
    ----------
    name : str
        The keyword under which the panel's `run` receives the value.
    low, high, step : int or float
        First and last value and the distance between neighbours; floats are rounded to the digits of `low` and `step`.
    value : int or float, optional
        The default; `low` if not given.
    label, unit, help : str
        What the student reads; the label is the name if not given.
    values : iterable of numbers, optional
        In place of low, high and step, e.g. for a logarithmic row.

    Raises
    ------
    ValueError
        When the default is not on the row, or the row has less than two positions.

    Examples
    --------
    >>> [Slider("churn", 0, 2, 1, value=0, unit="crashes a minute").said(value) for value in (0, 1)]
    ['0 crashes a minute', '1 crash a minute']
    >>> loss = Slider("loss", 0.0, 0.9, 0.3, value=0.3, unit="of all messages")
    >>> loss.positions
    (0.0, 0.3, 0.6, 0.9)
    >>> Slider("nodes", values=[10, 100, 1000], value=100).high
    1000
    >>> loss.index(2)
    Traceback (most recent call last):
    ...
    ValueError: loss is 2: it must be from 0.0 to 0.9 in steps of 0.3
    """

    kind = "range"

    def __init__(
        self, name, low=None, high=None, step=None, *, value=None, label="", unit="", help="", values=None
    ):
        if values is None:
            positions = _evenly(name, low, high, step)
            allowed = f"from {low} to {high} in steps of {step}"
        else:
            positions = tuple(values)
            allowed = f"one of {', '.join(map(str, positions))}"
        if len(positions) < 2:
            raise ValueError(f"{name} has the positions {positions}: a slider needs at least two")
        value = positions[0] if value is None else value
        super().__init__(name, positions, value, label or name, unit, help, allowed)

    @property
    def step(self):
        """The distance between the first two positions."""
        return self.positions[1] - self.positions[0]


class Choice(Control):
    """One of a few named options, shown as a native select.

    >>> Choice("mode", ["push", "pull"], label="Who calls").value
    'push'
    """

    kind = "choice"

    def __init__(self, name: str, options: Iterable, *, value=None, label="", help=""):
        options = tuple(options)
        if not options:
            raise ValueError(f"{name} has no options: a choice needs at least one")
        value = options[0] if value is None else value
        super().__init__(
            name, options, value, label or name, "", help, f"one of {', '.join(map(str, options))}"
        )


class Toggle(Control):
    """On or off.

    >>> Toggle("repair", True, label="Repair").said(False)
    'off'
    """

    kind = "toggle"

    def __init__(self, name: str, value: bool = False, *, label="", help=""):
        super().__init__(name, (False, True), value, label or name, "", help, "True or False")

    def said(self, value) -> str:
        """`on` or `off`."""
        return "on" if value else "off"


def decimals(number: int | float) -> int:
    """How many digits `number` has after the point.

    >>> decimals(5), decimals(0.25)
    (0, 2)
    """
    return max(0, -Decimal(str(number)).as_tuple().exponent)


def _evenly(name, low, high, step) -> tuple:
    if None in (low, high, step):
        raise ValueError(f"{name} has low {low}, high {high}, step {step}: give all three, or give values")
    if not (step > 0 and high > low):
        raise ValueError(
            f"{name} goes from {low} to {high} in steps of {step}: step and high - low must be above 0"
        )
    count = round((high - low) / step)
    digits = max(decimals(low), decimals(step))
    if abs(low + count * step - high) > 1e-9:
        raise ValueError(f"{name} goes from {low} to {high} in steps of {step}: high must lie on a step")
    steps = [low + position * step for position in range(count + 1)]
    return tuple(
        steps
        if all(isinstance(end, int) for end in (low, high, step))
        else (round(at, digits) for at in steps)
    )


def _number(value) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
