"""What compares a chart with the numbers of its run notices every kind of mistake; and every figure has a test that does so."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from gossipkit.lab import figures
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.chart import Chart
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text

HERE = Path(__file__).parent


def holding(path):
    """The names of a module's tests that hold a chart against what is wanted of it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            called = {
                each.func.id
                for each in ast.walk(node)
                if isinstance(each, ast.Call) and hasattr(each.func, "id")
            }
            if "plots" in called:
                yield node.name


def test_every_figure_has_a_test_of_what_it_plots():
    found = Counter(name for path in HERE.glob("test_*.py") for name in holding(path))
    # one that is no function of `figures`: `rumor_scene` draws it
    wanted = [f"test_{name}_plots_its_run" for name in (*figures.__all__, "network_chart")]
    assert [name for name in wanted if found[name] != 1] == []


MARKS = {
    "line": (
        Line((0, 1, 2), (1, None, 5), 1, "a"),
        {"y": [(5, None, 1), (0.01, None, 0.05), (1, None, 4), (1, 3, 5)], "x": [(1, 2, 3)], "label": ["b"]},
    ),
    "band": (
        Band((0, 1), (1, 2), (3, 4), 1, "a"),
        {"low": [(3, 4), (0, 2)], "high": [(3, 5)], "x": [(0, 2)], "style": [2]},
    ),
    "step": (Step((0, 1), (1, 2)), {"y": [(2, 1)], "x": [(1, 2)]}),
    "bars": (
        Bars((0, 1), (3, None), texts=("a", "b"), low=(1, None), high=(4, None)),
        {
            "value": [(None, 3), (3, 0)],
            "at": [(1, 0)],
            "across": [True],
            "low": [(None, None)],
            "high": [(5, None)],
            "texts": [("b", "a"), ()],
            "hollow": [True],
        },
    ),
    "dots": (
        Dots((0, 1), (2, 3), values=(4, 5)),
        {"x": [(1, 0)], "y": [(3, 2)], "values": [(5, 4)], "hollow": [True]},
    ),
    "text": (Text(0, 1, "a"), {"x": [1], "y": [0], "text": ["b"], "style": [0]}),
    "span": (
        Span(0, 1, 2, label="a", text="b"),
        {"low": [0.5], "high": [2], "row": [None, 1], "text": [""], "hatch": [True], "hollow": [True]},
    ),
    "rule": (Rule(1, letter="A", text="a"), {"at": [2], "level": [True], "letter": ["B"], "text": ["b"]}),
    "cells": (
        Cells(((0, None), (2, 3)), (("a", "b"), ("c", "d"))),
        {"values": [((2, 3), (0, None)), ((None, 0), (3, 2))], "texts": [(("c", "d"), ("a", "b")), ()]},
    ),
    "arc": (Arc(0, 0.2, 1, 2, text="a"), {"start": [0.1], "end": [0.3], "inner": [0.5], "outer": [3]}),
    "box": (
        Box(0, 1, 9, 9, "a", ("b",), ("c",)),
        {"x": [1], "y": [0], "head": ["b"], "lines": [()], "code": [("d",)], "dashed": [True]},
    ),
    "arrow": (
        Arrow(0, 1, 2, 3),
        {"x0": [2], "y0": [3], "x1": [0], "y1": [1], "lost": [True], "label": ["a"], "style": [0]},
    ),
}


def chart(*of):
    return Chart("T", "alt", [], [], [], list(of))


def plot(*drawn, **settings):
    return Plot(
        drawn, Axis("x (s)"), Axis("y (%)", scale="symlog"), colours=Colours("c", 0, 9), share=0.5, **settings
    )


@pytest.mark.parametrize("kind", MARKS)
def test_a_mark_that_says_something_else_is_noticed(plots, kind):
    mark, others = MARKS[kind]
    wanted = plot(mark, Rule(0))
    plots(chart(wanted), wanted)
    for name, values in others.items():
        for value in values:
            with pytest.raises(AssertionError, match=f"mark 0, {name}"):
                plots(chart(plot(replace(mark, **{name: value}), Rule(0))), wanted)


def test_marks_that_are_left_out_or_in_another_order_are_noticed(plots):
    one, other = Line((0, 1), (0, 1), 0, "a"), Line((0, 1), (1, 0), 1, "b")
    wanted = plot(one, other)
    for drawn in ([one], [other, one], [one, other, other], [one, replace(other, style=0)]):
        with pytest.raises(AssertionError, match="mark"):
            plots(chart(plot(*drawn)), wanted)
    for two in ([wanted], [wanted, wanted, wanted]):
        with pytest.raises(AssertionError, match="plot"):
            plots(chart(wanted, wanted), *two)


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ({"x": Axis("x")}, "x axis, label"),
        ({"y": Axis("y (%)")}, "y axis, scale"),
        ({"x": Axis("y (%)", scale="symlog"), "y": Axis("x (s)")}, "x axis, label"),
        ({"x": Axis("x (s)", ticks=(0, 1), names=("b", "a"))}, "x axis, names"),
        ({"x": Axis("x (s)", high=0.5)}, "1.0 lies outside"),
        ({"title": "t"}, "title"),
        ({"below": True}, "below"),
        ({"colours": Colours("c", 0, 10)}, "colours"),
        ({"colours": Colours("d", 0, 9)}, "colours"),
    ],
)
def test_a_plot_with_other_axes_is_noticed(plots, drawn, said):
    wanted = plot(Line((0, 1), (0, 1)))
    with pytest.raises(AssertionError, match=said):
        plots(chart(replace(wanted, **drawn)), wanted)


def test_ends_and_ticks_are_compared_where_they_are_asked_for(plots):
    wanted = Plot([Line((0, 1), (0, 9))], Axis(low=0, high=1), Axis(high=5, low=0, ticks=(0, 5)))
    plots(chart(wanted), wanted)
    for drawn in (Axis(low=0, high=6, ticks=(0, 5)), Axis(low=1, high=5, ticks=(0, 5)), Axis(low=0, high=5)):
        with pytest.raises(AssertionError, match="y axis"):
            plots(chart(replace(wanted, y=drawn)), wanted)
