"""The charts of a comparison: each row and cell is the run's."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.gossip import spread
from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.marks import Bars, Cells, Dots, Line, Rule, Span, Text
from gossipkit.systems.comparison import NOTHING, matrix, one_outage
from gossipkit.systems.comparison.matrix import Outcome
from gossipkit.systems.comparison.outage import Story

FAULT = "cut in half for 60 s"


@pytest.fixture(scope="module")
def stories():
    return one_outage(FAULT, systems=["Consul", "Dynamo"])


SMALL = Story(
    "A",
    FAULT,
    times=np.arange(-1.0, 6.0),
    believing=np.array([0, 0, 0.5, 1, 1, 0.25, 0]),
    moved=np.array([0, 0, 0, 0, 1, 1, 1]),
    behind=np.array([0, 0, 3, 9, 1, 0, 0]),
    writes=((-0.5, 0, False), (0.5, 0, True), (1.5, 1, False), (2.5, 0, False)),
    lost=0,
    bytes={("gossip", "ping"): 48_000, ("gossip", "ack"): 12_000, ("data", "put"): 24_000},
    metrics={},
    nodes=4,
)
NAMES = ("repair", "decision", "B: belief", "repair", "decision", "A: belief")


def test_one_outage_plots_its_run(plots):
    still = replace(SMALL, system="B", believing=0 * SMALL.believing, moved=0 * SMALL.moved)
    still = replace(still, behind=np.array([0, 0, 0, 0, 0, 0, 7]), writes=((4.0, 0, False),))
    shared = [Rule(0, letter="A", text=FAULT), Rule(60, letter="B", text="the halves meet")]
    plots(
        figures.one_outage({"A": SMALL, "B": still}),
        Plot(
            [
                # some believe it, all do, some do
                Span(1, 2, 5, style.BLUE, hatch=True),
                Span(2, 4, 5, style.BLUE),
                Span(4, 5, 5, style.BLUE, hatch=True),
                Span(3, 5, 4, style.VERMILION),
                # what is missing is missing, however much it is
                Span(1, 4, 3, style.GREEN),
                Dots((1.5, 2.5), (4, 4), style.INK, "a write that was not accepted"),
                Span(5, 5, 0, style.GREEN),
                Dots((4,), (1,), style.INK),
                Line((-1, 5), (2.5, 2.5), style.FAINT),
                *shared,
            ],
            Axis("seconds since A", -1, 5),
            Axis(low=-0.6, high=5.6, names=NAMES),
        ),
    )


def test_one_outage_s_real_stories_have_the_moments_of_their_own_numbers(stories):
    story, marks = stories["Consul"], figures.one_outage(stories).plots[0].marks
    belief = [mark for mark in marks if type(mark) is Span and mark.row == 5]
    assert belief[0].low == story.first_s and belief[0].hatch and belief[-1].high == story.believed_back_s
    assert any(span.low == story.everyone_s and not span.hatch for span in belief)
    (crosses,) = (mark for mark in marks if type(mark) is Dots and set(mark.y) == {4.0})
    assert len(crosses.x) == sum(story.refused)


def test_on_the_wire_plots_its_run(plots):
    # of 4 nodes in 100 seconds; a bar for each layer, those without a message too
    other = replace(SMALL, bytes={("repair", "tree"): 80_000})
    heights = {"gossip": (7, 3), "authority": (6, 2), "repair": (5, 1), "data": (4, 0)}
    values = {"gossip": (150, 0), "authority": (0, 0), "repair": (0, 200), "data": (60, 0)}
    colours = (style.BLUE, style.VERMILION, style.GREEN, style.INK)
    plots(
        figures.on_the_wire({"A": SMALL, "B": other}),
        Plot(
            [
                Bars(heights[layer], values[layer], colour, layer, True, texts=list(map(str, values[layer])))
                for layer, colour in zip(heights, colours, strict=True)
            ],
            Axis("bytes a node sends in a second, logarithmic", 0, 600, scale="symlog"),
            Axis(
                low=-0.6,
                high=7.6,
                names=(
                    "data",
                    "repair",
                    "authority",
                    "B: gossip",
                    "data",
                    "repair",
                    "authority",
                    "A: gossip",
                ),
            ),
        ),
    )


def test_matrix_plots_its_run(plots):
    well = Outcome("A", NOTHING, True, True, 0, True, 40, 40, 0, 30, 0, 0)
    broken = replace(well, off="repair", wrong=2, agreed=False, accepted=30, missed=3, found=27, differ=5)
    words = (
        ("yes", "yes", "0 pairs", "yes", "40 of 40", "0 of 30", "0", "0"),
        ("yes", "yes", "2 pairs", "no", "30 of 40", "3 of 30", "0", "5"),
    )
    marks = [Text(column, 1, text) for column, text in enumerate(words[0])]
    for column, text in enumerate(words[1]):
        worse = column in (2, 3, 4, 5, 7)
        marks += [Span(column - 0.46, column + 0.46, 0, hollow=True)] if worse else []
        marks.append(Text(column, 0, text, style.VERMILION if worse else style.INK))
    plots(
        figures.matrix({("A", NOTHING): well, ("A", "repair"): broken}),
        Plot(
            marks,
            Axis(low=-0.5, high=7.5, names="abcdefgh"),
            Axis(low=-0.5, high=1.5, names=("A, repair off", "A, all on")),
        ),
    )


def test_curves_plots_its_run(plots):
    plots(
        figures.curves({"a": [3, 1], "b": [5, 6, 9]}, title="T", x="round", y="copies"),
        Plot(
            [Line((0, 1), (3, 1), 0, "a"), Line((0, 1, 2), (5, 6, 9), 1, "b")],
            Axis("round", 0, 2),
            Axis("copies"),
        ),
    )


def test_model_against_measured_plots_its_run(plots):
    run = spread(4, max_rounds=5, trials=2, seed=1)
    # means of 1, 2, 3.5 of 4 nodes; what is known at the end stays so
    slow = replace(run, informed=np.array([(1, 2, 3), (1, 2, 4)]))
    quick = replace(run, informed=np.array([(1, 4, 4), (1, 3, 4)]))
    measured = {"quick": [0.25, 0.8, 1.0], "slow": [0.25, 0.5, 0.75, 1.0, 1.0]}
    plots(
        figures.model_against_measured({"slow": slow, "quick": quick}, measured),
        Plot(
            [
                Line(range(5), (25, 50, 87.5, 87.5, 87.5), 0),
                Dots(range(5), (25, 50, 75, 100, 100), 0, "slow"),
                Line(range(5), (25, 87.5, 100, 100, 100), 1),
                Dots(range(5), (25, 80, 100, 100, 100), 1, "quick"),
            ],
            Axis("round"),
            Axis("nodes informed (%), mean", 0, 103),
        ),
    )


def test_beside_measured_plots_its_run(plots):
    drawn = [
        Line((1, 3), (1, 1), style.FAINT),
        Line((4, 2), (0, 0), style.FAINT),
        Dots((3, 2), (1, 0), style.BLUE, "measured", hollow=True),
        Dots((1, 4), (1, 0), style.PINK, "model"),
    ]
    for logarithmic in (False, True):
        plots(
            figures.beside_measured({"a": (1, 3), "b": (4, 2)}, title="T", x="s", logarithmic=logarithmic),
            Plot(
                drawn,
                Axis("s", 0, scale="symlog" if logarithmic else "linear"),
                Axis(low=-0.6, high=1.6, names=("b", "a")),
            ),
        )


def test_heatmap_plots_its_run(plots):
    options = {"row_name": "fanout", "column_name": "loss", "value_name": "rounds", "title": "T"}
    plots(
        figures.heatmap([[2, 5, np.nan], [8, 10, 12.04]], rows=[1, 2], columns=[0.0, 0.5, 0.9], **options),
        Plot(
            [Cells(((2, 5, None), (8, 10, 12.04)), (("2.0", "5.0", "never"), ("8.0", "10.0", "12.0")))],
            Axis("loss", -0.5, 2.5, names=("0.0", "0.5", "0.9")),
            # the first row is on top
            Axis("fanout", -0.5, 1.5, names=("2", "1")),
            colours=Colours("rounds", 2, 12.04),
        ),
    )
    (plot,) = figures.heatmap([[3]], rows=[1], columns=[1], **options).plots
    assert (plot.colours.low, plot.colours.high) == (3, 4), "one value has a colour, too"


def test_the_sentence_says_what_the_numbers_say(stories):
    consul, dynamo = figures.one_outage(stories).lines
    assert f"{sum(stories['Consul'].refused)} of {sum(stories['Consul'].asked)} writes refused" in consul
    assert "its work stays its own" in dynamo and "its work is taken from it after" in consul
    joins = one_outage("a join", systems=["Dynamo"])
    assert "the first knows it" in figures.one_outage(joins).lines[0]


def test_the_table_says_never_where_there_is_no_time(stories):
    row = figures.one_outage(stories).rows[1]
    assert row[0] == "Dynamo" and row[3] == "never"


def test_a_matrix_frames_what_is_worse_than_its_control():
    outcomes = matrix(["Cassandra"], [NOTHING, "repair"])
    chart = figures.matrix(outcomes)
    (frame,) = (mark for mark in chart.plots[0].marks if type(mark) is Span)
    assert (frame.row, np.round((frame.low + frame.high) / 2)) == (0, 7)
    assert chart.lines == (
        f"Cassandra without repair: keys that differ at last: {outcomes['Cassandra', 'repair'].differ}.",
    )


@pytest.mark.parametrize("draw", [figures.one_outage, figures.on_the_wire, figures.matrix])
def test_nothing_to_draw_is_an_error(draw):
    with pytest.raises(ValueError, match=r"stories is empty|outcomes has nothing"):
        draw({})


def test_a_matrix_needs_each_system_s_control():
    with pytest.raises(ValueError, match="each system needs a row"):
        figures.matrix(matrix(["Dynamo"], ["repair"]))
