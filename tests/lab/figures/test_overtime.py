"""Lines over seconds, and the moments that are marked in them."""

import numpy as np
import pytest

from gossipkit.lab import figures
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Line, Rule


def test_over_time_plots_its_run(plots):
    chart = figures.over_time(
        [2.0, 3.0, 5.0],
        {"a": [0, 4, 1], "b": [3, 2, 0]},
        title="T",
        y="nodes",
        marks={"late": 4.5, "soon": 2.5, "never": float("nan"), "before": 1.0, "after": 5.5, "last": 5.0},
    )
    plots(
        chart,
        Plot(
            [
                Line((2, 3, 5), (0, 4, 1), 0, "a"),
                Line((2, 3, 5), (3, 2, 0), 1, "b"),
                # letters go by time
                Rule(2.5, letter="A", text="soon"),
                Rule(4.5, letter="B", text="late"),
                Rule(5.0, letter="C", text="last"),
            ],
            Axis("seconds", 2, 5),
            Axis("nodes"),
        ),
    )
    assert chart.note == ("Not within these 3 s: never; before; after.",)
    assert chart.lines[0] == "late: 4.5 s." and "never: never." in chart.lines


def test_one_moment_can_be_drawn(plots):
    chart = figures.over_time([4.0], {"a": [0]}, title="T", y="nodes")
    plots(chart, Plot([Line((4,), (0,), 0, "a")], Axis("seconds", 4, 5), Axis("nodes")))


@pytest.mark.parametrize("series", [{}, {"a": [1]}, {"a": [1, 2], "b": [1, 2, 3]}])
def test_lines_of_another_length_are_refused(series):
    with pytest.raises(ValueError, match="each must have the 2 values of times"):
        figures.over_time(np.arange(2), series, title="T", y="nodes")
