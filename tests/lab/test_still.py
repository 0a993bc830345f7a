"""The stored picture: each kind of mark leaves its colour where it belongs, and none elsewhere."""

import io

import numpy as np
import pytest
from PIL import Image

from gossipkit.lab import still, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.layout import TITLE_PX, Drawing
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text

WHITE = (255, 255, 255)


def rgb(code):
    return tuple(int(code[at : at + 2], 16) for at in (1, 3, 5))


def colour(number):
    return rgb(style.STYLES[number].colour)


def faint(number, opacity):
    return tuple(round(255 - (255 - part) * opacity) for part in colour(number))


def painted(mark, **settings):
    """Pixels of a picture of one mark on axes from 0 to 4, without a grid, and where a value lies in it."""
    axes = {"x": Axis(low=0, high=4, ticks=()), "y": Axis(low=0, high=4, ticks=())} | settings
    chart = Chart("T", "alt", ["l"], ["a"], [("1",)], [Plot([mark], **axes)], 330)
    described = chart.describe()
    pixels = np.array(Image.open(io.BytesIO(chart.png(1))).convert("RGB")).astype(int)
    (box,) = Drawing(described, style.WIDTH_PX, still.text_px).boxes
    x, y = described["plots"][0]["x"], described["plots"][0]["y"]

    def at(across, up):
        column = box["left"] + (across - x["low"]) / (x["high"] - x["low"]) * (box["right"] - box["left"])
        row = box["bottom"] - (up - y["low"]) / (y["high"] - y["low"]) * (box["bottom"] - box["top"])
        return pixels[round(2 * (row + TITLE_PX)), round(2 * column)]

    return at


# mark, places where it is in which colour, places where nothing is
@pytest.mark.parametrize(
    ("mark", "there", "empty"),
    [
        (Line((0, 4), (1, 3), 0, plain=True), {(2, 2): colour(0), (3, 2.5): colour(0)}, [(2, 2.5), (3, 1.5)]),
        (Line((0, 1, 2, 3, 4), (2, 2, None, 2, 2)), {(0.5, 2): colour(0)}, [(2, 2)]),
        (Band((0, 4), (1, 1), (3, 3), 2), {(2, 2): faint(2, 0.22)}, [(2, 0.5), (2, 3.5)]),
        (Step((0, 2, 4), (1, 3, 1), 3), {(2, 2.5): colour(3), (0.5, 0.5): colour(3)}, [(0.5, 2), (3.5, 2)]),
        (Bars((1, 3), (3, 1), 1), {(1, 2): colour(1), (3, 0.5): colour(1)}, [(3, 2), (2, 1), (1, 3.2)]),
        (Bars((1,), (3,), 4, across=True), {(2, 1): colour(4)}, [(3.3, 1), (2, 2)]),
        (Dots((1, 3), (3, 1), 5, radius_px=8), {(1, 3): colour(5), (3, 1): colour(5)}, [(1, 1), (3, 3)]),
        (Dots((2,), (2,), 0, low=(1,), high=(3,)), {(1.3, 2): faint(0, 0.35)}, [(0.7, 2), (3.3, 2)]),
        (Span(1, 2, style=4), {(1.5, 3.5): faint(4, 0.3)}, [(2.5, 2), (0.5, 2)]),
        (Span(1, 3, 2, 0), {(2, 2): colour(0)}, [(2, 3), (0.5, 2), (3.5, 2)]),
        (Rule(2, level=True, style=1), {}, [(2, 3), (2, 1)]),
        (Arc(0, 0.5, 1, 3, 2), {(2, 0.1): colour(2), (1.4, -1.4): colour(2)}, [(-2, 0), (0.3, 0)]),
        (Box(2, 2, 120, 90, "", style=1), {}, [(2, 2.2), (0.5, 2)]),
        (Arrow(0.5, 2, 3.5, 2), {(1, 2): colour(6), (3.42, 2): colour(6)}, [(3.8, 2), (2, 3)]),
        (Arrow(0.5, 2, 3.5, 2, lost=True), {(1, 2): colour(6)}, [(3, 2), (3.42, 2)]),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "reach") else "",
)
def test_a_mark_is_where_its_numbers_are(mark, there, empty):
    round_ = {"x": Axis(low=-4, high=4, ticks=()), "y": Axis(low=-4, high=4, ticks=()), "equal": True}
    at = painted(mark, **(round_ if isinstance(mark, Arc) else {}))
    for place, wanted in there.items():
        assert np.abs(at(*place) - wanted).max() <= 12, f"{place}: {at(*place)}, wanted {wanted}"
    for place in empty:
        assert tuple(at(*place)) == WHITE, place


def test_cells_have_the_colours_of_their_values_and_grey_for_none():
    at = painted(
        Cells(((0, 10), (None, 5))),
        x=Axis(low=-0.5, high=1.5),
        y=Axis(low=-0.5, high=1.5),
        colours=Colours("c", 0, 10),
    )
    for place, wanted in {
        (0, 1): rgb(style.RAMP[0]),
        (1, 1): rgb(style.RAMP[-1]),
        (1, 0): rgb(style.RAMP[4]),
        (0, 0): colour(style.FAINT),
    }.items():
        assert np.abs(at(*place) - wanted).max() <= 12, place


def darkest_near(at, x, y):
    return min(sum(at(x + 0.01 * dx, y + 0.01 * dy)) for dx in range(-8, 9) for dy in range(-8, 9))


def test_words_rules_and_frames_leave_ink():
    assert darkest_near(painted(Text(2, 2, "HHHH", bold=True)), 2, 2) < 300
    assert darkest_near(painted(Rule(2)), 2, 2) < 300
    frame = painted(Box(2, 2, 120, 90, "H", style=0))
    left = 2 - 60 / 706 * 4
    assert any(np.abs(frame(left + 0.002 * step, 2) - colour(0)).max() < 40 for step in range(-8, 9))


def test_a_hatch_is_ink_on_its_colour():
    at = painted(Span(1, 3, 2, style.ORANGE, hatch=True))
    seen = {tuple(at(1.5 + 0.01 * step, 2)) for step in range(80)}
    assert any(np.abs(np.array(each) - colour(style.ORANGE)).max() <= 12 for each in seen)
    assert any(sum(each) < 300 for each in seen)


def test_a_dashed_frame_has_gaps():
    solid, dashed = (painted(Box(2, 2, 120, 90, "", style=1, dashed=dash)) for dash in (False, True))

    def inked(at):
        top = 2 + 45 / 260 * 4
        rows = [top + 0.004 * step for step in range(-12, 13)]
        return sum(any(sum(at(1.75 + 0.01 * step, row)) < 600 for row in rows) for step in range(50))

    assert inked(dashed) < inked(solid)
