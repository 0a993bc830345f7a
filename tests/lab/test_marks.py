"""What a chart is made of: checked before it is drawn, JSON, and the axes that hold it."""

import json

import numpy as np
import pytest

from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Line((0, 1), (1,)), "y has 1 values: it must have 2"),
        (lambda: Line((0, np.nan), (1, 2)), r"x\[1\] is nan: it must be a finite number"),
        (lambda: Line((0, 1), (1, np.inf)), r"y\[1\] is inf: it must be a finite number or None"),
        (lambda: Line((0,), ("a",)), r"y\[0\] is 'a': it must be a finite number"),
        (lambda: Line("01", (1, 2)), "x is '01': it must be a row of numbers"),
        (lambda: Line((0,), (1,), style=8), "style is 8: it must be from 0 to 7"),
        (lambda: Line((0,), (1,), style=True), "style is True: it must be from 0 to 7"),
        (lambda: Band((0,), (2,), (1,)), r"low\[0\] is 2.0: it must be at most high, 1.0"),
        (lambda: Band((), (), ()), "x is empty: it must have at least one value"),
        (lambda: Step((), ()), "x is empty: it must have at least one value"),
        (lambda: Bars((0,), (1,), low=(1,)), "low and high must be given together"),
        (lambda: Bars((0,), (1,), texts=("a", "b")), "texts has 2 values: it must have 1, or none"),
        (lambda: Bars((0,), (1,), width=0), "width is 0: it must be above 0"),
        (lambda: Dots((0,), (1,), values=(1, 2)), "values has 2 values: it must have 1"),
        (lambda: Dots((0,), (1,), radius_px=-1), "radius_px is -1: it must be above 0"),
        (lambda: Text(0, 0, "a", align="up"), "align is 'up': it must be one of 'left', 'center', 'right'"),
        (lambda: Span(2, 1), "low is 2.0: it must be at most high, 1.0"),
        (lambda: Rule(None), "at is None: it must be a finite number"),
        (lambda: Cells(((1, 2), (3,))), r"values has rows of \[2, 1\] cells: all must have as many"),
        (lambda: Cells(((1,),), (("a",), ("b",))), "texts has 2 rows: it must have 1, or none"),
        (lambda: Arc(0, 1.5, 0, 1), "end is 1.5: it must be from start to a turn after it"),
        (lambda: Arc(0, 1, 2, 1), "inner is 2.0: it must be from 0 to below outer, 1.0"),
        (lambda: Box(0, 0, 0, 9, "a"), "width_px is 0: it must be above 0"),
        (lambda: Arrow(0, 0, 1, 1, bend=2), "bend is 2: it must be from -1 to 1"),
        (lambda: Axis(scale="cubic"), "scale is 'cubic': it must be one of 'linear', 'log', 'symlog'"),
        (lambda: Axis(low=2, high=1), "low is 2.0: it must be below high, 1.0"),
        (lambda: Axis(low=0, high=1, scale="log"), "low is 0.0: it must be above 0"),
        (lambda: Axis(low=-1, scale="symlog"), "low is -1.0: it must be from 0 on"),
        (lambda: Axis(ticks=(1, 2), names=("a",)), "names has 1 values: it must have 2"),
        (lambda: Colours("c", 1, 1), "low is 1.0: it must be below high, 1.0"),
        (lambda: Plot([Line((0,), (1,)), "line"]), "marks is 'line': it must be marks only"),
        (lambda: Plot([], share=0), "share is 0: it must be over 0 and at most 1"),
        (lambda: Plot([Cells(((1,),))]), "colours is None: it must be given"),
        (lambda: Chart("T", "a", [], [], [], []), "plots is empty: there must be at least one"),
        (lambda: Chart("T", "a", [], ["x"], [(1, 2)], [Plot([])]), "a row has 2 cells: it must have 1"),
        (
            lambda: Chart("T", "a", [], [], [], [Plot([]), Plot([])]),
            "shares of 2 in all: it must be at most 1",
        ),
        (lambda: Chart("T", "a", [], [], [], [Plot([])], 20), "height is 20: it must be at least 100"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong()


def test_a_description_is_json_with_gaps_as_null_and_six_digits():
    line = Line(np.arange(2), np.array([1 / 3, np.nan]), 2, "a")
    said = line.describe()
    assert said == {"kind": "line", "x": [0.0, 1.0], "y": [0.333333, None], "style": 2, "label": "a"}
    json.dumps(said, allow_nan=False)


def test_what_is_needed_is_described_even_where_it_is_empty():
    assert Dots((), ()).describe() == {"kind": "dots", "x": [], "y": []}


@pytest.mark.parametrize(
    ("axis", "values", "ends"),
    [
        (Axis(), (0, 10), (0, 10.5)),
        (Axis(), (5, 15), (4.5, 15.5)),
        (Axis(), (None, 3), (2, 3)),
        (Axis(low=0), (0,), (0, 1)),
        (Axis(low=1, high=2), (0, 9), (1, 2)),
        (Axis(), (), (0.0, 1.0)),
        (Axis(scale="log", high=1.5), (0, 0.1, 1), (0.1 / 10**0.15, 1.5)),
    ],
)
def test_an_axis_holds_its_values_with_a_little_room(axis, values, ends):
    assert axis.range(values) == pytest.approx(ends)


def test_bars_areas_and_whiskers_are_held_by_their_axes():
    plot = Plot([Bars((1, 2), (4, None), low=(1, None), high=(9, None)), Step((0, 3), (2, 3))])
    x, y = (plot.describe()[axis] for axis in "xy")
    assert x["low"] <= 0 and x["high"] >= 2.36 and y["low"] == 0 and y["high"] >= 9
    sideways = Plot([Bars((1,), (4,), across=True)]).describe()
    assert sideways["x"]["high"] >= 4 and sideways["y"]["low"] <= 0.64


def test_a_chart_describes_the_ends_of_its_axes():
    chart = Chart("T", "alt", ["l"], ["x"], [(1,)], [Plot([Line((0, 2), (0, 4))], Axis("x (s)", 0, 2))])
    (plot,) = chart.describe()["plots"]
    assert plot["x"] == {"label": "x (s)", "low": 0.0, "high": 2.0, "scale": "linear"}
    assert (plot["y"]["low"], plot["y"]["high"]) == (0, 4.2)
