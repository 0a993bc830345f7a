"""The stored picture: hatches and dashes, which differ from a browser's. Where marks lie `test_pixels.py` says."""

import io

import numpy as np
from PIL import Image

from gossipkit.lab import still, style
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.layout import TITLE_PX, Drawing
from gossipkit.lab.marks import Box, Span


def rgb(code):
    return tuple(int(code[at : at + 2], 16) for at in (1, 3, 5))


def colour(number):
    return rgb(style.STYLES[number].colour)


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
