"""Each kind of mark leaves its ink where its numbers say, to a pixel: in the stored picture and in the browser.

One sheet has a plot for each mark, another the same plots without marks: what differs between them is the mark's ink.
"""

import io
from math import log10

import numpy as np
import pytest
from PIL import Image

from gossipkit.lab import shapes, still, style, widget
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.layout import TITLE_PX, Drawing
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text
from gossipkit.lab.style import BLUE, FAINT, GREEN, INK, ORANGE, PINK, SKY, VERMILION

WIDE, TALL, COLUMNS, ROWS = 720, 860, 4, 6
INKED = 30  # of 255: less is the edge of a pixel that a mark has touched
NEAR_PX = 0.8  # an edge may lie so far off: half a pixel is the renderer's to round
NEAR_COLOUR = 45  # of 255: a thin line shares its ink with the pixels beside it
AXIS_PX = 1.6  # and so far where it lies on an axis, whose own ink hides it


class Field:
    """The box of a plot, and where a value lies in it, in css pixels."""

    def __init__(self, plot, left, top, right, bottom):
        self.left, self.top, self.right, self.bottom = left, top, right, bottom
        self.axes = plot.x, plot.y

    def x(self, value):
        return self.left + share(self.axes[0], value) * (self.right - self.left)

    def y(self, value):
        return self.bottom - share(self.axes[1], value) * (self.bottom - self.top)

    def ink(self, x0, y0, x1, y1, pad=0.0):
        """Left, top, right and bottom of what lies between two places, with so many pixels around it."""
        return self.x(x0) - pad, self.y(y1) - pad, self.x(x1) + pad, self.y(y0) + pad


def share(axis, value):
    """How far up an axis a value lies, from 0 to 1."""
    low, high, value = (log10(each) if axis.scale == "log" else each for each in (axis.low, axis.high, value))
    return (value - low) / (high - low)


# the mark; the frame around its ink; places that have a colour, each with a style or a code; places that are as without it
CASES = {
    "line": (
        Line((0.5, 2, 3.5), (1, 1, 3), BLUE, plain=True),
        # the ends are cut straight across
        lambda at: (at.x(0.5), at.y(3) - 0.9, at.x(3.5) + 0.6, at.y(1) + 1),
        lambda at: [(at.x(1), at.y(1), BLUE), (at.x(2.75), at.y(2), BLUE), (at.x(3.2), at.y(2.6), BLUE)],
        lambda at: [(at.x(1), at.y(3)), (at.x(2.75), at.y(2) - 6), (at.x(2.75), at.y(2) + 6)],
    ),
    "line with a gap": (
        Line((0.5, 1.5, 2, 2.5, 3.5), (1, 3, None, 3, 3), BLUE),
        lambda at: at.ink(0.5, 1, 3.5, 3, 3.85),
        lambda at: [(at.x(0.5), at.y(1), BLUE), (at.x(1), at.y(2), BLUE), (at.x(3), at.y(3), BLUE)],
        lambda at: [(at.x(2), at.y(3)), (at.x(2), at.y(2))],
    ),
    "band": (
        Band((0.5, 3.5), (1, 2), (1.5, 4), ORANGE),
        lambda at: at.ink(0.5, 1, 3.5, 4),
        lambda at: [
            (at.x(x), at.y(y) + up, "faint") for x, y, up in ((2, 1.5, -3), (2, 2.75, 3), (3.4, 3.7, 3))
        ],
        lambda at: [(at.x(2), at.y(1.5) + 3), (at.x(2), at.y(2.75) - 3), (at.x(0.6), at.y(3.5))],
    ),
    "step": (
        Step((0, 2, 4), (1, 3, 2), PINK),
        lambda at: at.ink(0, 0, 4, 3, 0.75),
        lambda at: [
            (at.x(x) + right, at.y(y) + down, PINK)
            for x, y, right, down in ((0.5, 1, 0, 3), (1, 2.5, 3, 0), (2, 3, 0, 3), (3, 1.5, 3, 0))
        ],
        lambda at: [(at.x(0.5), at.y(1) - 3), (at.x(1) - 3, at.y(2.5)), (at.x(3) + 3, at.y(2.5))],
    ),
    "bars": (
        Bars((1, 3), (3, 1.5), VERMILION, width=1),
        lambda at: at.ink(0.5, 0, 3.5, 3, 0.4),
        lambda at: [
            (at.x(x) + right, at.y(y) + down, VERMILION)
            for x, y, right, down in (
                (1, 3, 0, 3),
                (0.5, 2, 3, 0),
                (1.5, 2, -3, 0),
                (3, 1.5, 0, 3),
                (3, 0, 0, -3),
            )
        ],
        lambda at: [(at.x(3), at.y(1.5) - 3), (at.x(1.5) + 3, at.y(1)), (at.x(2.5) - 3, at.y(1))],
    ),
    "bars across with a range": (
        Bars((1, 3), (1.5, 3), SKY, across=True, width=1, low=(1, None), high=(3.5, None)),
        lambda at: at.ink(0, 0.5, 3.5, 3.5, 0.5),
        lambda at: [
            (at.x(3) - 3, at.y(3.2), SKY),
            (at.x(1.5) - 3, at.y(0.7), SKY),
            (at.x(2.5), at.y(1), INK),
            (at.x(3.5), at.y(1) + 3, INK),
            (at.x(1), at.y(1) - 3, INK),
        ],
        lambda at: [(at.x(1.5) + 3, at.y(0.7)), (at.x(3) + 3, at.y(3)), (at.x(2.5), at.y(1) + 4)],
    ),
    "dots": (
        Dots((1, 3), (3, 1), BLUE, radius_px=8),
        lambda at: (at.x(1) - 8.3, at.y(3) - 8.3, at.x(3) + 8.3, at.y(1) + 8.3),
        lambda at: [
            (at.x(x) + right, at.y(y) + down, BLUE)
            for x, y in ((1, 3), (3, 1))
            for right, down in ((0, 0), (6, 0), (-6, 0), (0, 6), (0, -6))
        ],
        lambda at: [(at.x(1), at.y(1)), (at.x(3), at.y(3)), (at.x(1) + 7, at.y(3) + 7)],
    ),
    "dots of values with a range": (
        Dots((2, 2), (1, 3), values=(0, 10), low=(1, None), high=(3.5, None), radius_px=7),
        lambda at: (at.x(1) - 3, at.y(3) - 7.3, at.x(3.5) + 3, at.y(1) + 7.3),
        lambda at: [
            (at.x(2), at.y(1), style.RAMP[0]),
            (at.x(2), at.y(3), style.RAMP[-1]),
            (at.x(1.2), at.y(1), "faint"),
            (at.x(3.3), at.y(1), "faint"),
        ],
        lambda at: [(at.x(1.2), at.y(1) + 5), (at.x(3), at.y(3))],
    ),
    "hollow bar": (
        Bars((2,), (3,), VERMILION, width=2, hollow=True),
        lambda at: at.ink(1, 0, 3, 3, 0.4),
        lambda at: [],
        lambda at: [(at.x(2), at.y(1)), (at.x(1) + 3, at.y(3) + 3)],
    ),
    "hollow dot": (
        Dots((1,), (3,), BLUE, hollow=True, radius_px=8),
        lambda at: at.ink(1, 3, 1, 3, 8.8),
        lambda at: [(at.x(1) - 8, at.y(3), BLUE), (at.x(1), at.y(3) + 8, BLUE)],
        lambda at: [(at.x(1), at.y(3)), (at.x(1) + 5, at.y(3))],
    ),
    "shade": (
        Span(1, 2.5, style=GREEN),
        lambda at: at.ink(1, 0, 2.5, 4),
        lambda at: [(at.x(1) + 3, at.y(3.5), "faint"), (at.x(2.5) - 3, at.y(0.5), "faint")],
        lambda at: [(at.x(1) - 3, at.y(2)), (at.x(2.5) + 3, at.y(2))],
    ),
    "span in a row": (
        Span(1, 3.5, 3, VERMILION, width=1),
        lambda at: at.ink(1, 2.5, 3.5, 3.5, 0.4),
        lambda at: [(at.x(1) + 3, at.y(3), VERMILION), (at.x(2), at.y(3.5) + 3, VERMILION)],
        lambda at: [(at.x(2), at.y(1)), (at.x(2), at.y(3.5) - 3), (at.x(2), at.y(2.5) + 3)],
    ),
    "rule": (
        Rule(3, style=VERMILION),
        # it may end in a gap of its dashes
        lambda at: (at.x(3) - 0.65, at.top, at.x(3) + 0.65, None),
        lambda at: [(at.x(3), at.top + 1, VERMILION)],
        lambda at: [(at.x(3) - 3, at.y(2)), (at.x(3) + 3, at.y(2))],
    ),
    "level rule": (
        Rule(1, level=True, style=VERMILION),
        lambda at: (at.left, at.y(1) - 0.65, None, at.y(1) + 0.65),
        lambda at: [(at.left + 1, at.y(1), VERMILION)],
        lambda at: [(at.x(2), at.y(1) - 3), (at.x(2), at.y(3))],
    ),
    "cells": (
        Cells(((0, 10, None), (10, 5, 0))),
        lambda at: at.ink(-0.5, -0.5, 2.5, 1.5),
        lambda at: [
            (at.x(column) + right, at.y(row) + down, colour)
            for column, row, colour in (
                (0, 1, style.RAMP[0]),
                (1, 1, style.RAMP[-1]),
                (2, 1, FAINT),
                (0, 0, style.RAMP[-1]),
                (1, 0, style.RAMP[4]),
                (2, 0, style.RAMP[0]),
            )
            for right, down in ((0, 0), (-8, -8), (8, 8))
        ],
        lambda at: [(at.x(0), at.y(1.5) - 3), (at.x(2.5) + 3, at.y(0))],
    ),
    "arc": (
        # half a turn, clockwise from the top
        Arc(0, 0.5, 2, 4, ORANGE),
        lambda at: at.ink(0, -4, 4, 4),
        lambda at: [
            (at.x(0) + 3, at.y(4) + 3, ORANGE),
            (at.x(4) - 3, at.y(0), ORANGE),
            (at.x(0) + 3, at.y(-4) - 3, ORANGE),
            (at.x(2.12), at.y(2.12), ORANGE),
            (at.x(0) + 3, at.y(2) - 3, ORANGE),
        ],
        lambda at: [(at.x(x), at.y(y)) for x, y in ((1.2, 1.2), (-2.12, 2.12), (-2.12, -2.12), (3.2, 3.2))],
    ),
    "box": (
        Box(1.5, 3, 50, 30, "", style=BLUE),
        lambda at: (at.x(1.5) - 25.9, at.y(3) - 15.9, at.x(1.5) + 25.9, at.y(3) + 15.9),
        lambda at: [(at.x(1.5) - 25, at.y(3), BLUE), (at.x(1.5), at.y(3) + 15, BLUE)],
        lambda at: [(at.x(1.5), at.y(3)), (at.x(1.5) - 25.5, at.y(3) - 15.5)],
    ),
    "arrow": (
        Arrow(0.5, 1, 3.5, 1),
        lambda at: (at.x(0.5), at.y(1) - 4, at.x(3.5), at.y(1) + 4),
        lambda at: [
            (at.x(1), at.y(1), INK),
            (at.x(3.5) - 4, at.y(1), INK),
            (at.x(3.5) - 8, at.y(1) - 2, INK),
        ],
        lambda at: [(at.x(0.6), at.y(1) - 3), (at.x(3.5) - 2, at.y(1) - 3)],
    ),
    "lost arrow": (
        Arrow(0.5, 3, 3.5, 3, lost=True, style=VERMILION),
        lambda at: (at.x(0.5), at.y(3) - 4.7, at.x(2) + 4.7, at.y(3) + 4.7),
        lambda at: [(at.x(1), at.y(3), VERMILION), (at.x(2) + 2, at.y(3) + 2, VERMILION)],
        lambda at: [(at.x(3), at.y(3)), (at.x(2) + 6, at.y(3))],
    ),
    "bent arrow": (
        # half of the way lies a third of its length aside: to the left of who goes, which is up
        Arrow(0.5, 1, 3.5, 1, bend=0.3),
        lambda at: (at.x(0.5), at.y(1) - 0.3 * (at.x(3.5) - at.x(0.5)) - 0.75, at.x(3.5), at.y(1)),
        lambda at: [(at.x(2), at.y(1) - 0.3 * (at.x(3.5) - at.x(0.5)), INK)],
        lambda at: [(at.x(2), at.y(1))],
    ),
    "words": (
        # they stand 4 px under their place, less what they are moved up, and in the middle of it
        Text(2, 1, "HHHH", VERMILION, bold=True, right_px=6, up_px=5),
        lambda at: (at.x(2) - 14, at.y(1) - 11, at.x(2) + 26, at.y(1) - 1),
        lambda at: [],
        lambda at: [(at.x(2), at.y(3)), (at.x(2) + 6, at.y(1) + 2)],
    ),
    "dots on a logarithmic axis": (
        Dots((1, 3), (10, 100), BLUE, radius_px=6),
        lambda at: at.ink(1, 10, 3, 100, 6.3),
        lambda at: [(at.x(1), at.bottom + (at.top - at.bottom) / 3, BLUE), (at.x(3), at.y(100), BLUE)],
        lambda at: [(at.x(1), (at.top + at.bottom) / 2), (at.x(3), at.y(10))],
    ),
}
CLEAR = {"ticks": ()}
AXES = {
    "cells": {"x": Axis(low=-0.5, high=2.5, **CLEAR), "y": Axis(low=-0.5, high=1.5, **CLEAR)},
    "arc": {"x": Axis(low=-4, high=4, **CLEAR), "y": Axis(low=-4, high=4, **CLEAR), "equal": True},
    "dots on a logarithmic axis": {
        "x": Axis(low=0, high=4, ticks=(0, 1)),
        "y": Axis(low=1, high=1000, scale="log", ticks=(1, 10, 1000)),
    },
}
SIDES = ("left", "top", "right", "bottom")
WORDS_WIDE_PX = 12  # a font's letters are so much wider or narrower than another's, in all


def sheet(marked):
    """A chart with a plot for each mark, with the mark or without."""
    plots = []
    for number, (name, (mark, *_)) in enumerate(CASES.items()):
        axes = {"x": Axis(low=0, high=4, **CLEAR), "y": Axis(low=0, high=4, **CLEAR)} | AXES.get(name, {})
        plots.append(
            Plot(
                [mark] if marked else [],
                **axes,
                share=1 / COLUMNS,
                below=number % ROWS > 0,
                colours=Colours("c", 0, 10) if getattr(mark, "values", ()) else None,
            )
        )
    return Chart("T", "alt", ["l"], ["a"], [("1",)], plots, TALL)


class Sheet:
    """What a renderer makes of both sheets, at two pixels a css pixel, and where the plots lie in it."""

    def __init__(self, with_marks, without, boxes):
        self.pixels, self.blank = (
            np.array(Image.open(io.BytesIO(each)).convert("RGB")).astype(int)
            for each in (with_marks, without)
        )
        assert self.pixels.shape == self.blank.shape
        self.fields = {
            name: Field(plot, *box) for name, plot, box in zip(CASES, sheet(False).plots, boxes, strict=True)
        }
        self.changed = np.abs(self.pixels - self.blank).max(axis=2) > INKED

    def ink(self, at):
        """The frame around what a plot's mark has changed: left, top, right and bottom in css pixels."""
        left, top, right, bottom = (
            round(2 * each) for each in (at.left - 8, at.top - 7, at.right + 8, at.bottom + 7)
        )
        rows, columns = np.nonzero(self.changed[top:bottom, left:right])
        assert len(rows), "nothing is drawn"
        return tuple(
            (each + start) / 2
            for each, start in (
                (columns.min(), left),
                (rows.min(), top),
                (columns.max() + 1, left),
                (rows.max() + 1, top),
            )
        )

    def colour(self, x, y, of="pixels"):
        return getattr(self, of)[int(2 * y), int(2 * x)]


@pytest.fixture(scope="module")
def picture():
    drawing = Drawing(sheet(True).describe(), WIDE, still.text_px)
    boxes = [
        (box["left"], box["top"] + TITLE_PX, box["right"], box["bottom"] + TITLE_PX) for box in drawing.boxes
    ]
    return Sheet(*(sheet(marked).png(1) for marked in (True, False)), boxes)


@pytest.fixture(scope="module")
def page(browser):
    """The same on a page, where the boxes are those of the axes that are drawn."""
    page = browser.new_page(viewport={"width": WIDE, "height": TALL + 100}, device_scale_factor=2)
    page.set_content(
        f"<style>{widget.LabWidget._css} body {{ margin: 0 }}</style>"
        f"<main class='gk' style='width: {WIDE}px; padding: 0; border: 0'></main>"
    )
    page.add_script_tag(content=style.javascript() + widget.script("dom.js", "layout.js", "chart.js"))
    shots = []
    for marked in (True, False):
        page.evaluate(
            """(chart) => {
                const live = makeChart();
                document.querySelector("main").replaceChildren(live.element);
                live.show(chart, "alt", []);
            }""",
            sheet(marked).describe(),
        )
        page.wait_for_function("() => document.querySelector('main svg').childElementCount > 1")
        shots.append(page.screenshot())
    boxes = page.evaluate(
        """() => {
            const place = document.querySelector("main svg").getBoundingClientRect();
            return [...document.querySelectorAll("main svg [data-of=axis]")].map((each) => {
                const { x, y, width, height } = each.getBBox();
                return [x, y, x + width, y + height].map((at, side) => at + (side % 2 ? place.y : place.x));
            });
        }"""
    )
    page.close()
    return Sheet(*shots, boxes)


@pytest.fixture(params=["picture", "page"])
def drawn(request):
    return request.getfixturevalue(request.param)


def rgb(code):
    return np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)])


def faint(colour, opacity):
    return 255 - (255 - colour) * opacity


@pytest.mark.parametrize("name", CASES)
def test_the_ink_of_a_mark_is_where_its_numbers_say(drawn, name):
    mark, frame, inked, clear = CASES[name]
    at = drawn.fields[name]
    axes = at.left, None, None, at.bottom
    for side, seen, wanted, axis in zip(SIDES, drawn.ink(at), frame(at), axes, strict=True):
        if wanted is not None:
            on_axis = axis is not None and abs(wanted - axis) < 1
            room = WORDS_WIDE_PX if name == "words" else AXIS_PX if on_axis else NEAR_PX
            assert seen == pytest.approx(wanted, abs=room), side
    for x, y, wanted in inked(at):
        own = rgb(style.STYLES[getattr(mark, "style", 0)].colour)
        if wanted == "faint":
            wanted = faint(own, {Band: 0.22, Dots: 0.35, Span: 0.3}[type(mark)])
        else:
            wanted = rgb(wanted) if isinstance(wanted, str) else rgb(style.STYLES[wanted].colour)
        seen = drawn.colour(x, y)
        assert np.abs(seen - wanted).max() <= NEAR_COLOUR, (
            f"{x - at.left:.1f}, {y - at.top:.1f}: {seen}, not {wanted}"
        )
    for x, y in clear(at):
        assert np.abs(drawn.colour(x, y) - drawn.colour(x, y, "blank")).max() <= 14, f"{x:.1f}, {y:.1f}"


def test_every_kind_of_mark_is_on_the_sheet():
    assert {type(mark).__name__.lower() for mark, *_ in CASES.values()} == set(shapes.DRAWERS)


def test_words_stand_on_their_line_and_around_their_place(drawn):
    at = drawn.fields["words"]
    left, _, right, bottom = drawn.ink(at)
    assert (left + right) / 2 == pytest.approx(at.x(2) + 6, abs=1)
    assert bottom == pytest.approx(at.y(1) - 1, abs=NEAR_PX)


def test_axes_and_grid_lie_where_their_values_say(drawn):
    at = drawn.fields["dots on a logarithmic axis"]
    middle, grid = (at.top + at.bottom) / 2, rgb(style.GRID)
    for x, y, wanted in (
        (at.left, middle, rgb(style.STYLES[INK].colour)),
        ((at.left + at.right) / 2, at.bottom, rgb(style.STYLES[INK].colour)),
        (at.x(1), at.y(300), grid),
        (at.x(2), at.y(10), grid),
        (at.x(2), at.y(10) - 3, rgb(style.PAPER)),
        (at.x(2), at.y(100), rgb(style.PAPER)),
        (at.x(1) - 3, at.y(300), rgb(style.PAPER)),
        (at.right + 3, middle, rgb(style.PAPER)),
    ):
        # a line of one pixel may share its ink with the pixel beside it
        around = [
            drawn.colour(x + right, y + down, "blank") for right in (-0.5, 0, 0.5) for down in (-0.5, 0, 0.5)
        ]
        assert min(np.abs(each - wanted).max() for each in around) <= 40, (x, y)
