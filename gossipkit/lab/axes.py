"""Axes, what colours mean, and the plot that puts marks on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10

from .given import number, numbers, one_of, refuse, short, texts
from .marks import Cells, Mark

SCALES = ("linear", "log", "symlog")


@dataclass(frozen=True)
class Axis:
    """One axis: what it is called, with its unit, and what it holds.

    Parameters
    ----------
    label : str
        What is measured, with its unit.
    low, high : float or None
        Its ends; None is the data's.
    scale : str
        `linear`; `log`, from above 0; `symlog`, from 0 on, which is linear to 1 and logarithmic beyond.
    whole : bool
        Ticks at whole numbers only: there is no half a round.
    ticks : sequence of float or None
        Where they are; None is where it suits the size, and an empty row is nowhere.
    names : sequence of str
        What stands at the ticks; without `ticks` they are at 0, 1, 2, …

    Raises
    ------
    ValueError
        For ends in the wrong order, a scale that does not exist, a logarithm of 0, and names that don't match the ticks.
    """

    label: str = ""
    low: float | None = None
    high: float | None = None
    scale: str = "linear"
    whole: bool = False
    ticks: Sequence[float] | None = None
    names: Sequence[str] = ()

    def __post_init__(self):
        one_of("scale", self.scale, SCALES)
        low, high = (number(name, getattr(self, name), optional=True) for name in ("low", "high"))
        if low is not None and high is not None and low >= high:
            refuse("low", low, f"below high, {high}")
        if self.scale == "log" and min((end for end in (low, high) if end is not None), default=1) <= 0:
            refuse("low", low, "above 0 on a logarithmic axis")
        if self.scale == "symlog" and low is not None and low < 0:
            refuse("low", low, "from 0 on on a symlog axis")
        ticks = None if self.ticks is None else numbers("ticks", self.ticks)
        names = texts("names", self.names)
        if names and ticks is None:
            ticks = tuple(float(at) for at in range(len(names)))
        if names and len(names) != len(ticks):
            raise ValueError(
                f"names has {len(names)} values: it must have {len(ticks)}, one for each of ticks"
            )
        for name, value in (("low", low), ("high", high), ("ticks", ticks), ("names", names)):
            object.__setattr__(self, name, value)

    def range(self, values: Iterable) -> tuple[float, float]:
        """The ends, those that are not given with a little room around `values`."""
        there = [value for value in values if value is not None and (value > 0 or self.scale != "log")]
        least, most = min(there, default=1.0), max(there, default=1.0)
        if self.scale == "log":
            room = max(0.05 * log10(most / least), 0.15)
            ends = least / 10**room, most * 10**room
        else:
            room = 0.05 * (most - least)
            ends = least - room if least else 0.0, most + room
        low = ends[0] if self.low is None else self.low
        high = ends[1] if self.high is None else self.high
        if high <= low:  # all values are one, or none is there
            low, high = (low, low + 1) if self.low is not None else (high - 1, high)
        return low, high

    def describe(self, values: Iterable) -> dict:
        """The axis as JSON, with its ends."""
        low, high = self.range(values)
        said = {"label": self.label, "low": short(low), "high": short(high), "scale": self.scale}
        if self.whole:
            said["whole"] = True
        if self.ticks is not None:
            said["ticks"] = short(self.ticks)
        if self.names:
            said["names"] = list(self.names)
        return said


@dataclass(frozen=True)
class Colours:
    """What the colours of `Cells` and of `Dots` with values mean; a bar beside the plot shows it."""

    label: str
    low: float
    high: float
    whole: bool = False

    def __post_init__(self):
        low, high = number("low", self.low), number("high", self.high)
        if low >= high:
            refuse("low", low, f"below high, {high}")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


@dataclass(frozen=True)
class Plot:
    """Marks on one pair of axes.

    Parameters
    ----------
    marks : sequence of Mark
        In the order in which they are drawn.
    x, y : Axis
    title : str
        Over this plot; the chart has a title of its own.
    share : float
        Of the chart's width, over 0 to 1; plots stand side by side.
    below : bool
        Under the plot before, in its column and with its x axis, instead of beside it.
    equal : bool
        One unit of x is as long as one of y.
    bare : bool
        Without lines and numbers for axes: a drawing. Names stay.
    colours : Colours or None
        Needed by `Cells` and by `Dots` with values.

    Raises
    ------
    ValueError
        For a share out of range, what is no mark, and colours that are missing.
    """

    marks: Sequence[Mark]
    x: Axis = Axis()
    y: Axis = Axis()
    title: str = ""
    share: float = 1.0
    below: bool = False
    equal: bool = False
    bare: bool = False
    colours: Colours | None = None

    def __post_init__(self):
        object.__setattr__(self, "marks", tuple(self.marks))
        if wrong := [mark for mark in self.marks if not isinstance(mark, Mark)]:
            refuse("marks", wrong[0], "marks only")
        if not 0 < number("share", self.share) <= 1:
            refuse("share", self.share, "over 0 and at most 1")
        if self.colours is None and any(isinstance(m, Cells) or getattr(m, "values", ()) for m in self.marks):
            raise ValueError("colours is None: it must be given where marks are coloured by values")

    def describe(self) -> dict:
        """The plot as JSON."""
        reached = [mark.reach() for mark in self.marks]
        said = {
            "x": self.x.describe(at for xs, _ in reached for at in xs),
            "y": self.y.describe(at for _, ys in reached for at in ys),
            "marks": [mark.describe() for mark in self.marks],
        }
        for name in ("title", "share", "below", "equal", "bare"):
            if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                said[name] = getattr(self, name)
        if self.colours:
            said["colours"] = {
                "label": self.colours.label,
                "low": short(self.colours.low),
                "high": short(self.colours.high),
                "whole": self.colours.whole,
            }
        return said
