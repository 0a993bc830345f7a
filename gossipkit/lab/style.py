"""How the lab's pictures look, set explicitly so that neither a user's settings nor a notebook's backend changes them."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK = "#1f2933"
FAINT = "#d5dbe1"
# Okabe and Ito, Color Universal Design, 2008: told apart with every common kind of colour blindness
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"

WIDTH_PX, HEIGHT_PX = 720, 400
CSS_PX_PER_INCH = 100
PIXELS_PER_CSS_PX = 2  # sharp on the screens that students have

_LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titley": 1.0,  # where it would come to stand by itself, found at a tenth of the time of a drawing
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.5,
}


# those that are about windows, and not about looks; the backend must not even be read, that would choose one
_NOT_LOOKS = ("backend", "backend_fallback", "interactive", "toolbar", "webagg.address")
_SETTINGS = {
    name: value for name, value in matplotlib.rcParamsDefault.items() if name not in _NOT_LOOKS
} | _LOOK


@dataclass(frozen=True)
class Mark:
    """What tells one series from the next: a colour, and beside it a marker and a dash for those who don't see it."""

    colour: str
    marker: str
    dash: str | tuple

    def line(self) -> dict:
        """Arguments for `Axes.plot`."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.dash}


MARKS = (
    Mark(BLUE, "o", "-"),
    Mark(VERMILION, "s", "--"),
    Mark(GREEN, "^", "-."),
    Mark(PINK, "D", ":"),
    Mark(ORANGE, "v", (0, (6, 1.5, 1.5, 1.5, 1.5, 1.5))),
    Mark(SKY, "P", (0, (8, 3))),
    Mark(INK, "X", (0, (2, 2))),
)


def marked(series: dict):
    """(label, value, Mark) of each of `series`; the marks repeat after seven."""
    for (label, value), mark in zip(series.items(), itertools.cycle(MARKS), strict=False):
        yield label, value, mark


def look():
    """A context in which the lab's look holds; matplotlib reads settings when it renders, too, and not only before."""
    return matplotlib.rc_context(_SETTINGS)


@contextmanager
def canvas(width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX):
    """A new `Figure` of that size in css pixels; what is drawn inside the block has the lab's look."""
    size = (width_px / CSS_PX_PER_INCH, height_px / CSS_PX_PER_INCH)
    with look():
        yield Figure(figsize=size, dpi=CSS_PX_PER_INCH * PIXELS_PER_CSS_PX, facecolor="white")


def axes(figure: Figure, box: tuple[float, float, float, float], **labels) -> Axes:
    """Axes in `box` (left, bottom, right, top in css pixels from the figure's lower left corner)."""
    width, height = figure.get_size_inches() * CSS_PX_PER_INCH
    left, bottom, right, top = box
    place = (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
    return figure.add_axes(place, **labels)


def whole_rounds(axis) -> None:
    """Ticks at whole numbers only: there is no half a round."""
    axis.set_major_locator(MaxNLocator(integer=True))


def shades() -> list[tuple[int, int, int]]:
    """Every colour that a picture is made of, 0 to 255 each: the lab's on their way to white, and two colour maps."""
    found = [(255, 255, 255)]
    for colour in (INK, FAINT, BLUE, VERMILION, GREEN, PINK, ORANGE, SKY):
        rgb = to_rgb(colour)
        found += [tuple(round(255 * (1 - (1 - part) * step / 20)) for part in rgb) for step in range(1, 21)]
    for name in ("cividis", "viridis"):
        found += [
            tuple(round(255 * part) for part in rgb[:3])
            for rgb in matplotlib.colormaps[name](np.linspace(0, 1, 47))
        ]
    return found
