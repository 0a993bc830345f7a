"""How the lab's charts look, on paper and in the browser: the one place that holds colours, markers and dashes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import cos, pi, sin


@dataclass(frozen=True)
class Style:
    """What tells one series from the next: a colour, and beside it a marker and a dash for those who don't see it.

    Parameters
    ----------
    name : str
        What Okabe and Ito call the colour.
    colour, on_dark : str
        On white, and in a dark theme: each has a contrast of at least 3 to what is behind it, but for the faintest.
    marker : tuple of (float, float)
        The corners of a shape around 0, 0, x to the right and y down, for a radius of 1.
    dash : tuple of float
        Lengths in px, drawn and left out in turn; none is a solid line.
    """

    name: str
    colour: str
    on_dark: str
    marker: tuple[tuple[float, float], ...]
    dash: tuple[float, ...] = ()


_CIRCLE = tuple((cos(pi * at / 12), sin(pi * at / 12)) for at in range(24))
_SQUARE = ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9))
_UP, _DOWN = ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)), ((0, 1.1), (1.1, -0.9), (-1.1, -0.9))
_DIAMOND = ((0, -1.25), (1.1, 0), (0, 1.25), (-1.1, 0))
_PLUS = tuple(
    (x, y)
    for x, y in (
        *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
        *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
    )
)
_CROSS = tuple(((x - y) * 0.75, (x + y) * 0.75) for x, y in _PLUS)
# Okabe and Ito, Color Universal Design, 2008: told apart with every common kind of colour blindness
STYLES = (
    Style("blue", "#0072B2", "#4FA8EC", _CIRCLE),
    Style("vermilion", "#D55E00", "#FF8A45", _SQUARE, (7, 3)),
    Style("green", "#009E73", "#2FCB9C", _UP, (9, 3, 2, 3)),
    Style("pink", "#CC79A7", "#E7A1C8", _DIAMOND, (2, 2.5)),
    Style("orange", "#E69F00", "#F2B632", _DOWN, (9, 2.5, 2, 2.5, 2, 2.5)),
    Style("sky", "#56B4E9", "#A6DDFF", _PLUS, (12, 4)),
    Style("ink", "#1F2933", "#E4E7EB", _CROSS, (3, 3)),
    Style("faint", "#C3CBD3", "#5A6673", _CIRCLE),
)
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY, INK, FAINT = range(len(STYLES))
SERIES = INK + 1  # so many styles tell series apart; after them they repeat

GRID, PAPER = "#E1E6EB", "#FFFFFF"
# cividis, made for eyes that don't see red or green apart (Nuñez, Anderton and Renslow, 2018), at nine steps
RAMP = ("#00224E", "#1A386F", "#434E6C", "#61656F", "#7D7C78", "#9B9476", "#BCAE6C", "#DEC958", "#FEE838")

WIDTH_PX, HEIGHT_PX = 720, 400


def styled(series: dict):
    """(label, value, style) of each of `series`; the styles repeat after seven."""
    for number, (label, value) in enumerate(series.items()):
        yield label, value, number % SERIES


def sheet() -> str:
    """The colours as css variables `--gk-0`, `--gk-1`, …, for a light and for a dark theme."""

    def variables(colours):
        return " ".join(f"--gk-{number}: {colour};" for number, colour in enumerate(colours))

    light, dark = (variables(getattr(each, side) for each in STYLES) for side in ("colour", "on_dark"))
    # where a reader forces colours, ink is theirs; the others on white are far enough from black, too
    theirs = {INK: "CanvasText", FAINT: "color-mix(in srgb, CanvasText 35%, Canvas)"}
    forced = variables(theirs.get(number, each.colour) for number, each in enumerate(STYLES))
    return (
        f"@media print {{ .gk.gk.gk {{ {light} }} }}\n"
        f'.gk {{ {light} }}\n[data-jp-theme-light="false"] .gk {{ {dark} }}\n'
        f"@media (forced-colors: active) {{ .gk.gk {{ {forced} }} }}\n"
    )


def javascript() -> str:
    """Markers, dashes and the ramp of colours, for the browser."""
    look = {
        "markers": [[[round(at, 3) for at in corner] for corner in each.marker] for each in STYLES],
        "dashes": [" ".join(map(str, each.dash)) for each in STYLES],
        "ramp": RAMP,
    }
    return f"const LOOK = {json.dumps(look)};\n"
