"""Both renderers place every mark, range, tick and legend alike; everything lies on the page, the right way up."""

import itertools
import json
import runpy
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gossipkit.lab import still, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.layout import Drawing
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text

COURSE = runpy.run_path(str(Path(__file__).with_name("test_faces.py")))
WIDTHS = (1240, 720, 585, 325)
EVERY_MARK = {
    "line": Line((0, 1, 2, 3), (1, None, 2, 3), 1, "line"),
    "band": Band((0, 3), (1, 1), (2, 3), 2, "band"),
    "step": Step((0, 1, 3), (1, 2, 1), 3, "step"),
    "bars": Bars((1, 2), (2, None), 4, "bars", low=(1, None), high=(3, None), texts=("two", "none")),
    "bars across": Bars((1, 2), (2, 1), 4, "across", across=True, hollow=True, low=(1, 1), high=(3, 2)),
    "dots": Dots((1, None, 3), (1, 2, 3), 5, "dots", (0, 1, 2), (2, 3, 3), ("one", "two", "three")),
    "hollow dots": Dots((1,), (1,), 6, "hollow", hollow=True, radius_px=7),
    "coloured dots": Dots((1, 2), (1, 2), values=(0, 10)),
    "text": Text(1, 1, "words", 1, bold=True, small=True, align="left", right_px=3, up_px=4),
    "span": Span(1, 2, style=7, text="shade", label="span"),
    "row": Span(1, 2.5, 1, 4, "row", "in it", hatch=True),
    "rule": Rule(1.5, letter="A", text="a moment"),
    "level rule": Rule(1.5, level=True, style=1, label="threshold"),
    "cells": Cells(((0, 5, None), (10, 2, 1)), (("0", "5", ""), ("10", "2", "1"))),
    "arc": Arc(0.9, 1.2, 1, 2, 0, "7"),
    "box": Box(1.5, 1.5, 90, 70, "head", ("one line",), ("code: 1",), "corner", 1, dashed=True),
    "arrow": Arrow(0.5, 0.5, 2.5, 2.5, clear_px=10),
    "bent arrow": Arrow(2.5, 0.5, 0.5, 2.5, 1, bend=0.3),
    "lost arrow": Arrow(0.5, 2.5, 2.5, 0.5, lost=True),
}


def of_one(mark, **settings):
    """A chart with one mark."""
    axes = {"x": Axis("x (s)", 0, 3), "y": Axis("y (%)", 0, 3), "colours": Colours("c", 0, 10)} | settings
    return Chart("T", "alt", ["line"], ["a"], [("1",)], [Plot([mark], **axes)], 300)


CHARTS = {
    **{f"figure {name}": lambda name=name: COURSE["draw"](name) for name in sorted(COURSE["FIGURES"])},
    **{
        f"figure {name}, otherwise": lambda name=name: COURSE["draw"](name, other=True)
        for name in sorted(COURSE["FIGURES"])
    },
    **{f"mark {name}": lambda mark=mark: of_one(mark) for name, mark in EVERY_MARK.items()},
    "log axes": lambda: of_one(
        Line((1, 10, 1e7), (1e-9, 0, 3)), x=Axis("x", scale="log"), y=Axis(scale="log")
    ),
    "symlog axes": lambda: of_one(
        Dots((0, 0.5, 3e4), (0, 1, 9)), x=Axis(scale="symlog"), y=Axis(scale="symlog")
    ),
    "negative axes": lambda: of_one(Line((-3, 2), (-0.002, 0.0005)), x=Axis(whole=True), y=Axis()),
}


@cache
def described(name):
    return CHARTS[name]().describe()


def rough(text, size, bold):
    """A width of text that both languages compute alike."""
    return len(text) * size * (0.6 if bold else 0.55)


@cache
def placed(name, width):
    """Where Python places what."""
    drawing = Drawing(described(name), width, rough)
    said = {
        "height": drawing.height,
        "shapes": drawing.shapes,
        "ticks": [box["ticks"] for box in drawing.boxes],
    }
    return json.loads(json.dumps(said))


def differences(ours, theirs, where=""):
    """Where two structures of JSON differ by more than rounding."""
    if isinstance(ours, int | float) and not isinstance(ours, bool):
        near = isinstance(theirs, int | float) and abs(ours - theirs) < 1e-6
        return [] if near else [(where, ours, theirs)]
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return [found for key in ours for found in differences(ours[key], theirs[key], f"{where}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            found for at in range(len(ours)) for found in differences(ours[at], theirs[at], f"{where}[{at}]")
        ]
    return [] if ours == theirs else [(where, ours, theirs)]


def test_python_and_javascript_place_every_figure_of_the_course_alike(javascript):
    given = [[described(name), width] for name in CHARTS for width in WIDTHS]
    theirs = javascript(
        """const rough = (text, size, bold) => text.length * size * (bold ? 0.6 : 0.55);
        return given.map(([chart, width]) => {
            const { height, shapes, boxes } = new Drawing(chart, width, rough);
            return { height, shapes, ticks: boxes.map((box) => box.ticks) };
        });""",
        given,
    )
    for (name, width), found in zip(
        ((name, width) for name in CHARTS for width in WIDTHS), theirs, strict=True
    ):
        assert differences(placed(name, width), found)[:3] == [], f"{name} at {width} px"


@pytest.mark.parametrize("name", CHARTS)
def test_every_mark_label_and_range_is_drawn(name):
    chart = described(name)
    drawing = Drawing(chart, 720, still.text_px)
    drawn = {shape["of"] for shape in drawing.shapes}
    legend = [shape["text"] for shape in drawing.shapes if shape["of"] == "legend"]
    for number, (plot, box) in enumerate(zip(chart["plots"], drawing.boxes, strict=True)):
        for at, mark in enumerate(plot["marks"]):
            empty = mark["kind"] in ("line", "dots") and not [y for y in mark["y"] if y is not None]
            assert empty or f"{number}:{at}:{mark['kind']}" in drawn
            label = mark.get("text") if mark.get("letter") else mark.get("label")
            assert not label or label in legend
        for which in ("x", "y"):
            axis = plot[which]
            assert axis["low"] < axis["high"]
            assert all(axis["low"] - 1e-6 <= at <= axis["high"] + 1e-6 for at, _ in box["ticks"][which])
            if not plot.get("bare") and axis.get("ticks") != []:
                assert len(box["ticks"][which]) >= (2 if "names" not in axis else 1), f"{which} needs ticks"
    assert len(legend) == len(set(legend)) or len(chart["plots"]) > 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [name for name in CHARTS if name.startswith("figure")])
def test_all_words_lie_on_the_page_and_not_on_one_another(name, width):
    chart = described(name)
    width = max(width, chart.get("narrowest", 0))
    drawing = Drawing(chart, width, still.text_px)
    rows = {}
    for shape in drawing.shapes:
        if shape["shape"] != "words":
            continue
        wide = still.text_px(shape["text"], shape.get("size", 13), shape.get("bold", False))
        if shape.get("turned"):
            assert 8 <= shape["x"] <= width and 0 <= shape["y"] <= drawing.height, shape
            continue
        left = shape["x"] - wide * {"start": 0, "middle": 0.5, "end": 1}[shape.get("anchor", "start")]
        assert left >= -1 and left + wide <= width + 1, shape
        assert 0 < shape["y"] <= drawing.height + 4, shape
        if shape["of"] in ("legend", "x tick", "over", "y tick"):
            rows.setdefault((shape["of"] == "legend", round(shape["y"])), []).append((left, left + wide))
    for spans in rows.values():
        spans.sort()
        for (_, end), (begin, _) in itertools.pairwise(spans):
            assert begin >= end - 1, (name, width)


@pytest.mark.parametrize("name", [name for name in CHARTS if name.startswith("figure")])
def test_no_legend_lies_over_a_plot(name):
    for width in WIDTHS:
        drawing = Drawing(described(name), width, still.text_px)
        for shape in drawing.shapes:
            if shape["of"] in ("legend", "key") and "y" in shape:
                for box in drawing.boxes:
                    beside = not box["left"] <= shape["x"] <= box["right"]
                    assert beside or not box["top"] < shape["y"] - 3 < box["bottom"], (name, width, shape)


@pytest.mark.parametrize("width", WIDTHS)
def test_boxes_stand_beside_one_another(width):
    for name in (name for name in CHARTS if name.startswith("figure")):
        chart = described(name)
        shapes = Drawing(chart, max(width, chart.get("narrowest", 0)), still.text_px).shapes
        for one, other in itertools.combinations([each for each in shapes if each["shape"] == "frame"], 2):
            beside = abs(one["x"] - other["x"]) >= one["wide"] or abs(one["y"] - other["y"]) >= one["tall"]
            assert beside, (name, width, one, other)


def points_of(mark, **settings):
    drawing = Drawing(of_one(mark, **settings).describe(), 720, rough)
    return drawing.boxes[0], [shape for shape in drawing.shapes if shape["of"].startswith("0:0:")]


def test_more_is_higher_and_later_is_further_right():
    box, shapes = points_of(Line((0, 3), (0, 3)))
    (begin, end) = shapes[0]["lines"][0]
    assert begin == [box["left"], box["bottom"]] and end == [box["right"], box["top"]]


@pytest.mark.parametrize("lost", [False, True])
def test_an_arrow_that_leaves_its_plot_is_cut_at_the_edge(lost):
    _, shapes = points_of(Arrow(0, 0, 1, 3, lost=lost), y=Axis(low=1, high=2))
    assert len(shapes) == 2 and all(shape["clip"] == 0 for shape in shapes)


def test_bars_stand_on_zero_and_end_at_their_value():
    box, (bar,) = points_of(Bars((1,), (1.5,)))
    ys = [y for _, y in bar["lines"][0]]
    assert max(ys) == box["bottom"] and min(ys) == pytest.approx((box["top"] + box["bottom"]) / 2)
    box, (bar,) = points_of(Bars((1,), (1.5,), across=True))
    xs = [x for x, _ in bar["lines"][0]]
    assert min(xs) == box["left"] and max(xs) == pytest.approx((box["left"] + box["right"]) / 2)


def test_the_first_row_of_cells_is_on_top():
    _, shapes = points_of(Cells(((0,), (10,))), x=Axis(low=-0.5, high=0.5), y=Axis(low=-0.5, high=1.5))
    assert shapes[0]["lines"][0][0][1] < shapes[1]["lines"][0][0][1]


def test_an_arc_goes_clockwise_from_the_top():
    square = {"x": Axis(low=-1, high=1), "y": Axis(low=-1, high=1), "equal": True, "bare": True}
    box, (arc,) = points_of(Arc(0, 0.25, 0, 1), **square)
    (x0, y0), (x1, y1) = arc["lines"][0][0], arc["lines"][0][30]
    middle = (box["left"] + box["right"]) / 2, (box["top"] + box["bottom"]) / 2
    assert x0 == pytest.approx(middle[0]) and y0 == pytest.approx(box["top"])
    assert x1 == pytest.approx(box["right"]) and y1 == pytest.approx(middle[1])
    assert box["right"] - box["left"] == pytest.approx(box["bottom"] - box["top"]), "a ring is a circle"


def test_a_box_has_its_size_in_pixels_at_every_width():
    chart = of_one(EVERY_MARK["box"]).describe()
    for width in WIDTHS:
        (frame,) = (each for each in Drawing(chart, width, rough).shapes if each["shape"] == "frame")
        assert (frame["wide"], frame["tall"]) == (90, 70)


def test_a_gap_in_a_line_is_not_bridged():
    _, shapes = points_of(Line((0, 1, 2, 3), (1, 2, None, 3)))
    assert [len(run) for run in shapes[0]["lines"]] == [2, 1]


@pytest.mark.parametrize("mark", [Span(1, 2.5, 1, text="in it"), Arc(0.1, 0.9, 0, 1, text="in it")])
@pytest.mark.parametrize("theme", ["colour", "on_dark"])
def test_words_can_be_read_on_every_colour_in_both_themes(mark, theme):
    grounds = {"ground": {"colour": "#FFFFFF", "on_dark": "#212121"}[theme], "#000000": "#000000"}
    colours = {f"s{at}": getattr(each, theme) for at, each in enumerate(style.STYLES)}

    def light(code):
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    for number in range(style.SERIES - 1):
        _, shapes = points_of(replace(mark, style=number))
        path, words = shapes
        on, of = light(colours[path["fill"]]), light((grounds | colours)[words["colour"]])
        assert max(on, of) / min(on, of) >= 3, style.STYLES[number].name


def test_the_key_of_an_arrow_is_solid_as_the_arrow_is():
    (key,) = (
        each
        for each in Drawing(of_one(Arrow(0, 0, 1, 1, label="a")).describe(), 720, rough).shapes
        if each["of"] == "key"
    )
    assert "dash" not in key


def test_no_grid_goes_through_cells():
    shapes = Drawing(of_one(EVERY_MARK["cells"]).describe(), 720, rough).shapes
    assert not [shape for shape in shapes if shape["of"] == "grid"]


def test_narrow_pages_have_columns_one_below_the_other():
    chart = described("figure epidemic")
    wide, narrow = (Drawing(chart, width, rough) for width in (720, 325))
    assert wide.boxes[0]["top"] == pytest.approx(wide.boxes[1]["top"], abs=25)
    assert narrow.boxes[1]["top"] > narrow.boxes[0]["bottom"] and narrow.height > wide.height
