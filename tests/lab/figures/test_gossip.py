"""The figures of an epidemic: what they plot is the run, computed once more by hand."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from gossipkit.gossip import overlays, spread
from gossipkit.gossip.assertions import assertion
from gossipkit.lab import figures, rumor_scene, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.figures.gossip import network_chart
from gossipkit.lab.marks import Band, Bars, Dots, Line, Rule, Text

# eleven runs: a tenth, the half and nine tenths of them are the second, the sixth and the tenth in order;
# in the last round only the tenth moves
INFORMED = np.array(
    [
        (1, 2, 3, 10, 18, 18),
        (1, 2, 5, 12, 19, 20),
        (1, 2, 5, 14, 20, 20),
        (1, 3, 6, 15, 20, 20),
        (1, 3, 7, 15, 20, 20),
        (1, 3, 8, 16, 20, 20),
        (1, 3, 9, 17, 20, 20),
        (1, 4, 9, 18, 20, 20),
        (1, 4, 10, 18, 20, 20),
        (1, 4, 11, 19, 20, 20),
        (1, 4, 12, 20, 20, 20),
    ]
)
SENT = np.array([(20, 40, 160, 300, 20)] * 10 + [(20, 40, 160, 80, 20)])
RUN = replace(spread(20, max_rounds=5, trials=11, seed=1), informed=INFORMED[::-1], messages=SENT)
# one run, quicker, and over a round earlier
QUICK = replace(RUN, informed=np.array([(1, 5, 16, 20)]), messages=np.array([(20, 20, 20)]))
ROUNDS = Axis("round", 0, 5)
SHARE = Axis("nodes informed (%)", 0, 103, ticks=(0, 25, 50, 75, 100))
LOW, MIDDLE, HIGH = (5, 10, 25, 60, 95, 100), (5, 15, 40, 80, 100, 100), (5, 20, 55, 95, 100, 100)


def test_spread_curves_plots_its_run(plots):
    plots(
        figures.spread_curves({"slow": RUN, "quick": QUICK}),
        Plot(
            [
                Band(range(6), LOW, HIGH, 0, "10–90 % of the runs"),
                Line(range(6), MIDDLE, 0, "slow"),
                Band(range(6), (5, 25, 80, 100, 100, 100), (5, 25, 80, 100, 100, 100), 1),
                Line(range(6), (5, 25, 80, 100, 100, 100), 1, "quick"),
            ],
            ROUNDS,
            SHARE,
        ),
    )


def test_epidemic_plots_its_run(plots):
    plots(
        figures.epidemic(RUN),
        Plot(
            [Band(range(6), LOW, HIGH, 0, "10–90 % of the runs"), Line(range(6), MIDDLE, 0, "median")],
            ROUNDS,
            SHARE,
            title="Who knows",
        ),
        # 3,080 messages of 11 runs in the fourth round, among 20 nodes
        Plot(
            [Bars((1, 2, 3, 4, 5), (1, 2, 8, 14, 1), style.VERMILION)],
            Axis("round", 0.3, 5.7),
            Axis("messages per node", 0),
            title="What it costs",
        ),
    )


def test_uninformed_share_plots_its_run(plots):
    plots(
        figures.uninformed_share({"slow": RUN, "quick": QUICK}),
        Plot(
            [
                Line(range(6), (0.95, 0.85, 0.6, 0.2, None, None), 0, "slow"),
                Line(range(6), (0.95, 0.75, 0.2, None, None, None), 1, "quick"),
            ],
            ROUNDS,
            Axis("nodes not informed (share)", high=1.5, scale="log"),
        ),
    )


def test_rounds_by_label_plots_its_run(plots):
    # of 20 nodes 10, 20 and 20; one of the eleven slow runs never comes to 20
    plots(
        figures.rounds_by_label({"slow": RUN, "quick": QUICK}),
        Plot(
            [
                Dots((3, 2), (1, 0), 0, "50% know", (2, 2), (3, 2)),
                Dots((4, 3), (1, 0), 1, "99% know", (4, 3), (5, 3)),
                Dots((4, 3), (1, 0), 2, "100% know", (4, 3), (5, 3)),
            ],
            Axis("rounds", 0),
            Axis(low=-0.5, high=1.5, names=("quick", "slow")),
        ),
    )
    never = replace(QUICK, informed=np.array([(1, 5, 16, 19)]))
    plots(
        figures.rounds_by_label({"never": never}),
        Plot(
            [
                Dots((2,), (0,), 0, "50% know", (2,), (2,)),
                Dots((None,), (0,), 1, "99% know", (None,), (None,)),
                Dots((None,), (0,), 2, "100% know", (None,), (None,)),
                Text(0, 0, "99%, 100% never"),
            ],
            Axis("rounds", 0),
            Axis(names=("never",)),
        ),
    )


def test_rounds_that_lie_far_apart_are_on_a_logarithmic_axis():
    slow = replace(QUICK, informed=np.array([(1, 10, *(11,) * 50, 20)]), messages=np.ones((1, 52)))
    assert [figures.rounds_by_label({"a": each}).plots[0].x.scale for each in (QUICK, slow)] == [
        "linear",
        "symlog",
    ]


def test_a_cut_run_is_said_to_be_cut_and_a_whole_one_is_not():
    whole = spread(100, fanout=2, trials=20, max_rounds=40, seed=1)
    cut = spread(100, loss=0.9, max_rounds=20, trials=20, seed=1)
    for draw in (figures.spread_curves, figures.uninformed_share):
        assert "Cut after 20 rounds" in draw({"a": cut}).note[0]
        assert draw({"a": whole}).note == ()
    assert "Cut after 20 rounds" in figures.epidemic(cut).note[0] and figures.epidemic(whole).note == ()
    both = figures.spread_curves({"slow": cut, "quick": whole})
    assert "(slow)" in both.note[0] and "quick" not in both.note[0]


def test_assertion_plots_its_run(plots):
    result = assertion(loss=0.05, runs=50)
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    plots(
        figures.assertion(result),
        Plot(
            [
                Line(sizes, result.misses, style.VERMILION, "bug missed"),
                Line(sizes, result.false_alarms, style.BLUE, "false alarm"),
                Dots(
                    sizes,
                    result.seen_misses,
                    style.VERMILION,
                    f"bug missed, in {result.tests} tests",
                    hollow=True,
                ),
                Dots(
                    sizes,
                    result.seen_false_alarms,
                    style.BLUE,
                    f"false alarm, in {result.tests} tests",
                    hollow=True,
                ),
                Rule(50, text="your sample"),
            ],
            Axis("runs in a test", scale="log", ticks=sizes),
            Axis("share of tests that are wrong"),
        ),
    )
    # a larger sample finds the bug, and the formula says what the tests saw
    assert result.misses[0] > result.misses[-1] and result.misses == pytest.approx(
        result.seen_misses, abs=0.1
    )
    assert f"{result.needed} runs" in figures.assertion(result).lines[-1]
    one = figures.assertion(assertion(loss=0.05, runs=1, width=1.0)).lines[1]
    assert one.startswith("1 run, within 1 standard error: ")


PLACES = np.array([(200, 0), (1000, 0), (0, 1000), (1000, 400)])


def test_network_chart_plots_its_run(plots):
    knows = np.array([(1, 0, 0, 0), (1, 0, 1, 0), (1, 1, 1, 0)], bool)
    chart = network_chart(PLACES, [(0, 1), (1, 2)], knows, 2, "T")
    assert chart.rows == ((0, 1, 1), (1, 2, 1), (2, 3, 1))
    plots(
        chart,
        # places count downwards, a plot upwards
        Plot(
            [
                Line((200, 1000, 1000, 1000, 0, 0), (1000, 1000, None, 1000, 0, None), style.FAINT),
                Dots((1000, 0), (1000, 0), values=(2, 1)),
                Dots((200,), (1000,), style.VERMILION, "started it"),
                Dots((1000,), (600,), style.INK, "does not know", hollow=True),
            ],
            Axis(),
            Axis(),
            equal=True,
            bare=True,
            colours=Colours("learnt it in round", 1, 2, whole=True),
        ),
    )
    # the third was replaced in round 2 and has learnt it again in round 3, as the fourth
    again = np.array([(1, 0, 0, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 1, 1, 1)], bool)
    plots(
        network_chart(PLACES, [], again, 9000, "T"),
        Plot(
            [
                Dots((1000, 0, 1000), (1000, 0, 600), values=(2, 3, 3)),
                Dots((200,), (1000,), style.VERMILION, "started it"),
            ],
            Axis(),
            Axis(),
            equal=True,
            bare=True,
            colours=Colours("learnt it in round", 1, 3, whole=True),
        ),
    )


def test_a_network_s_nodes_have_the_colour_of_their_round_and_all_links_are_drawn():
    ring = overlays.ring(30)
    result = spread(30, overlay=ring, fanout=2, track=True, max_rounds=6, seed=1)
    learned = result.learned_at[0]
    links, told, origin, ignorant = rumor_scene(ring, result).chart.plots[0].marks
    assert sorted(told.values) == sorted(learned[learned > 0])
    assert (len(origin.x), len(ignorant.x)) == (1, np.sum(learned < 0)) and ignorant.hollow
    assert sum(y is None for y in links.y) == nx.number_of_edges(ring)
