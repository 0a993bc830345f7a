"""What a chart is made of: marks on axes, as checked values that say nothing of how they are drawn.

===========  =======================================================================================================
`Line`       a curve; a missing number is a gap
`Band`       what lies between two curves
`Step`       an area under steps
`Bars`       bars from 0, with a whisker each where a range is known
`Dots`       points, each with an interval along x where one is known
`Text`       words at a place
`Span`       a stretch of x: of the whole height, or as a bar in one row
`Rule`       a line across the plot: a moment, a threshold
`Cells`      a table of coloured cells, numbers in them where there is room
`Arc`        a piece of a ring around 0, 0
`Box`        words in a frame; its size is in pixels, so that the words fit
`Arrow`      from one place to another; one that is lost ends in a cross on its way
===========  =======================================================================================================

A *style* is a whole number that means a colour, a marker and a dash at once, so that no difference rests on colour alone:
`gossipkit.lab.style.STYLES`. All numbers are in the units of the axes, unless a name ends in `_px` (css pixels).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields

from .given import number, numbers, one_of, refuse, short, some, texts
from .style import INK, STYLES

ALIGNMENTS = ("left", "center", "right")


class Mark:
    """What all marks share: a style that exists, and a description for the browser."""

    def _set(self, **values) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_style(self) -> None:
        if isinstance(self.style, bool) or self.style not in range(len(STYLES)):
            refuse("style", self.style, f"from 0 to {len(STYLES) - 1}")

    def reach(self) -> tuple[Iterable, Iterable]:
        """The places along x and along y that an axis must hold."""
        raise NotImplementedError

    def describe(self) -> dict:
        """The mark as JSON, without what is left at its default."""
        said = {"kind": type(self).__name__.lower()}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING or value != field.default:
                said[field.name] = short(value)
        return said


@dataclass(frozen=True)
class Line(Mark):
    """A curve through `x`, `y`; None or nan in `y` is a gap. `plain` leaves its markers out.

    >>> Line((0, 1, 2), (5, None, 7)).describe()
    {'kind': 'line', 'x': [0.0, 1.0, 2.0], 'y': [5.0, None, 7.0]}
    """

    x: Sequence[float]
    y: Sequence[float | None]
    style: int = 0
    label: str = ""
    plain: bool = False

    def __post_init__(self):
        self._check_style()
        x = numbers("x", self.x)
        self._set(x=x, y=numbers("y", self.y, gaps=True, count=len(x)))

    def reach(self):
        return self.x, self.y


@dataclass(frozen=True)
class Band(Mark):
    """What lies between `low` and `high` at each `x`."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    style: int = 0
    label: str = ""

    def __post_init__(self):
        self._check_style()
        x = some(numbers("x", self.x))
        low, high = (numbers(name, getattr(self, name), count=len(x)) for name in ("low", "high"))
        if crossed := [at for at, ends in enumerate(zip(low, high, strict=True)) if ends[0] > ends[1]]:
            refuse(f"low[{crossed[0]}]", low[crossed[0]], f"at most high, {high[crossed[0]]}")
        self._set(x=x, low=low, high=high)

    def reach(self):
        return self.x, (*self.low, *self.high)


@dataclass(frozen=True)
class Step(Mark):
    """The area under `y`, which changes half-way between two values of `x`."""

    x: Sequence[float]
    y: Sequence[float]
    style: int = 0
    label: str = ""

    def __post_init__(self):
        self._check_style()
        x = some(numbers("x", self.x))
        self._set(x=x, y=numbers("y", self.y, count=len(x)))

    def reach(self):
        return self.x, (0.0, *self.y)


@dataclass(frozen=True)
class Bars(Mark):
    """Bars from 0 to each of `value`, upwards at x = `at`, or `across` in the rows y = `at`; a gap has no bar, but its text.

    `low` and `high` are whiskers (None: none), `texts` stand at the bars' ends, `hollow` bars have an outline only.
    """

    at: Sequence[float]
    value: Sequence[float | None]
    style: int = 0
    label: str = ""
    across: bool = False
    width: float = 0.72
    hollow: bool = False
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    texts: Sequence[str] = ()

    def __post_init__(self):
        self._check_style()
        at = numbers("at", self.at)
        if not number("width", self.width) > 0:
            refuse("width", self.width, "above 0")
        ranges = {
            name: numbers(name, getattr(self, name), gaps=True, count=len(at))
            if len(getattr(self, name))
            else ()
            for name in ("low", "high")
        }
        if bool(ranges["low"]) != bool(ranges["high"]):
            raise ValueError("low and high must be given together")
        value = numbers("value", self.value, gaps=True, count=len(at))
        self._set(at=at, value=value, texts=texts("texts", self.texts, len(at)), **ranges)

    def reach(self):
        along = [end for at in self.at for end in (at - self.width / 2, at + self.width / 2)]
        values = (0.0, *self.value, *self.high)
        return (values, along) if self.across else (along, values)


@dataclass(frozen=True)
class Dots(Mark):
    """Points at `x`, `y`, each with an interval from `low` to `high` along x where it is known.

    `values` colour them by the plot's `Colours` instead of their style; `texts` stand beside them.
    """

    x: Sequence[float | None]
    y: Sequence[float]
    style: int = 0
    label: str = ""
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    texts: Sequence[str] = ()
    values: Sequence[float] = ()
    hollow: bool = False
    radius_px: float = 4.5

    def __post_init__(self):
        self._check_style()
        y = numbers("y", self.y, gaps=True)
        if not number("radius_px", self.radius_px) > 0:
            refuse("radius_px", self.radius_px, "above 0")
        optional = {
            name: numbers(name, getattr(self, name), gaps=name != "values", count=len(y))
            if len(getattr(self, name))
            else ()
            for name in ("low", "high", "values")
        }
        if bool(optional["low"]) != bool(optional["high"]):
            raise ValueError("low and high must be given together")
        x = numbers("x", self.x, gaps=True, count=len(y))
        self._set(x=x, y=y, texts=texts("texts", self.texts, len(y)), **optional)

    def reach(self):
        return (*self.x, *self.low, *self.high), self.y


@dataclass(frozen=True)
class Text(Mark):
    """Words at `x`, `y`, moved by `right_px` and `up_px`."""

    x: float
    y: float
    text: str
    style: int = INK
    bold: bool = False
    small: bool = False
    align: str = "center"
    right_px: float = 0
    up_px: float = 0

    def __post_init__(self):
        self._check_style()
        one_of("align", self.align, ALIGNMENTS)
        self._set(x=number("x", self.x), y=number("y", self.y))

    def reach(self):
        return (self.x,), (self.y,)


@dataclass(frozen=True)
class Span(Mark):
    """From `low` to `high` along x: a shade over the whole height, or a bar in the row y = `row`; a faint bar is a lane."""

    low: float
    high: float
    row: float | None = None
    style: int = 0
    label: str = ""
    text: str = ""
    hatch: bool = False
    hollow: bool = False
    width: float = 0.6

    def __post_init__(self):
        self._check_style()
        low, high = number("low", self.low), number("high", self.high)
        if low > high:
            refuse("low", low, f"at most high, {high}")
        self._set(low=low, high=high, row=number("row", self.row, optional=True))

    def reach(self):
        rows = () if self.row is None else (self.row - self.width / 2, self.row + self.width / 2)
        return (self.low, self.high), rows


@dataclass(frozen=True)
class Rule(Mark):
    """A dashed line across the plot, upright at x = `at`, or `level` at y = `at`.

    A `letter` stands over it, and `text` beside the letter in the legend; without a letter `text` itself stands there.
    """

    at: float
    level: bool = False
    style: int = INK
    letter: str = ""
    text: str = ""
    label: str = ""

    def __post_init__(self):
        self._check_style()
        self._set(at=number("at", self.at))

    def reach(self):
        return ((), (self.at,)) if self.level else ((self.at,), ())


@dataclass(frozen=True)
class Cells(Mark):
    """A table of cells, coloured by the plot's `Colours`: the first row on top, columns at x = 0, 1, 2, …

    The last row stands at y = 0. A cell without a number is grey; `texts` are what stands in the cells.
    """

    values: Sequence[Sequence[float | None]]
    texts: Sequence[Sequence[str]] = ()

    def __post_init__(self):
        rows = tuple(numbers(f"values[{at}]", row, gaps=True) for at, row in enumerate(self.values))
        if not rows or len({len(row) for row in rows}) != 1 or not rows[0]:
            raise ValueError(
                f"values has rows of {[len(row) for row in rows]} cells: all must have as many, and some"
            )
        said = tuple(texts(f"texts[{at}]", row, len(rows[0])) for at, row in enumerate(self.texts))
        if len(said) not in (0, len(rows)):
            raise ValueError(f"texts has {len(said)} rows: it must have {len(rows)}, or none")
        self._set(values=rows, texts=said)

    def reach(self):
        return (-0.5, len(self.values[0]) - 0.5), (-0.5, len(self.values) - 0.5)


@dataclass(frozen=True)
class Arc(Mark):
    """A piece of a ring around 0, 0 between two radii, from `start` to `end` in turns clockwise from the top."""

    start: float
    end: float
    inner: float
    outer: float
    style: int = 0
    text: str = ""
    label: str = ""

    def __post_init__(self):
        self._check_style()
        start, end = number("start", self.start), number("end", self.end)
        inner, outer = number("inner", self.inner), number("outer", self.outer)
        if not start <= end <= start + 1:
            refuse("end", end, f"from start to a turn after it, {start} to {start + 1}")
        if not 0 <= inner < outer:
            refuse("inner", inner, f"from 0 to below outer, {outer}")
        self._set(start=start, end=end, inner=inner, outer=outer)

    def reach(self):
        return (-self.outer, self.outer), (-self.outer, self.outer)


@dataclass(frozen=True)
class Box(Mark):
    """A frame of `width_px` by `height_px` around `x`, `y`: a head, lines, lines of code; `corner` stands in its corner."""

    x: float
    y: float
    width_px: float
    height_px: float
    head: str
    lines: Sequence[str] = ()
    code: Sequence[str] = ()
    corner: str = ""
    style: int = 0
    dashed: bool = False

    def __post_init__(self):
        self._check_style()
        for name in ("width_px", "height_px"):
            if not number(name, getattr(self, name)) > 0:
                refuse(name, getattr(self, name), "above 0")
        place = {"x": number("x", self.x), "y": number("y", self.y)}
        self._set(lines=texts("lines", self.lines), code=texts("code", self.code), **place)

    def reach(self):
        return (self.x,), (self.y,)


@dataclass(frozen=True)
class Arrow(Mark):
    """From `x0`, `y0` to `x1`, `y1`, keeping `clear_px` along x free at both ends, as for boxes that stand there.

    One that is `lost` ends in a cross on half its way; `bend` moves its middle aside by that share of its length.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    style: int = INK
    label: str = ""
    lost: bool = False
    bend: float = 0.0
    clear_px: float = 0.0

    def __post_init__(self):
        self._check_style()
        if not -1 <= number("bend", self.bend) <= 1:
            refuse("bend", self.bend, "from -1 to 1")
        self._set(**{name: number(name, getattr(self, name)) for name in ("x0", "y0", "x1", "y1")})

    def reach(self):
        return (self.x0, self.x1), (self.y0, self.y1)
