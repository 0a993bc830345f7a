"""The course's frame: three boxes, two arrows, in the order of its table."""

from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Arrow, Box, Text


def test_three_parts_plots_its_run(plots):
    chart = figures.three_parts()
    boxes = [
        Box(0, 0, 1, 1, "1  Gossip", chart.rows[0][2:], corner="spreads", style=style.BLUE),
        Box(0, -1, 1, 1, "2  Authority", chart.rows[1][2:], corner="decides", style=style.VERMILION),
        Box(0, -2, 1, 1, "3  Repair", chart.rows[2][2:], corner="corrects", style=style.GREEN),
    ]
    # an arrow down from each box to the next, and beside it what it says
    plots(
        chart,
        Plot(
            [
                *boxes,
                Arrow(-0.6, -0.35, -0.6, -0.65),
                Text(-0.6, -0.5, "says which nodes are there"),
                Arrow(-0.6, -1.35, -0.6, -1.65),
                Text(-0.6, -1.5, "says which version replaces which"),
            ],
            Axis(low=-1, high=1),
            Axis(low=-2.5, high=0.5),
            bare=True,
        ),
    )
