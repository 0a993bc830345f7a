"""The figures of lesson 04: what they plot and say, computed once more from the result, and results at the edge."""

import re
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from gossipkit.authority.ring import RING, Move, Ring
from gossipkit.authority.versions import VectorClock
from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Dots, Line, Rule, Span, Text
from gossipkit.systems.dynamo.experiments import (
    History,
    cart_under_partition,
    catch_up,
    explore_quorums,
    figure_3,
    join_ring,
)
from gossipkit.systems.dynamo.experiments.catching_up import CatchUp
from gossipkit.systems.dynamo.experiments.histories import CartStory, Written
from gossipkit.systems.dynamo.experiments.quorums import Quorums, Run
from gossipkit.systems.dynamo.experiments.rings import Joining
from gossipkit.systems.dynamo.experiments.spreading import JoinSpread

NEVER = float("nan")


def test_join_ring_plots_its_run(plots):
    at = RING // 8
    before = Ring({0: "node-1", 2 * at: "node-2", 4 * at: "node-1"})
    result = Joining(
        n=1,
        before=before,
        after=before.join("node-3", [6 * at]),
        key_token=RING // 12,
        preference=("node-2", "node-1"),
        preference_after=("node-2", "node-1", "node-3"),
        moves=(Move(4 * at, 6 * at, "node-3", ("node-1",)), Move(6 * at, 0, "node-2", ("node-1",))),
        moved=0.5,
        whole_partitions=False,
        efficiency=(0.6, 0.6),
        metadata_bytes=(54, 72),
    )
    home, new, other = style.BLUE, style.VERMILION, style.FAINT
    plots(
        figures.join_ring(result),
        # turns go clockwise from the top: the key's star stands at the first twelfth
        Plot(
            [
                Arc(0.5, 1, 0.54, 0.7, other, "1"),
                Arc(0, 0.25, 0.54, 0.7, home, "2"),
                Arc(0.25, 0.5, 0.54, 0.7, other, "1"),
                Arc(0.75, 1, 0.74, 0.9, other, "1"),
                Arc(0, 0.25, 0.74, 0.9, home, "2"),
                Arc(0.25, 0.5, 0.74, 0.9, other, "1"),
                Arc(0.5, 0.75, 0.74, 0.9, new, "3"),
                Arc(0.5, 0.75, 0.935, 0.97, new, label="sent to it"),
                Arc(0.75, 1, 0.935, 0.97, style.INK, label="sent to others"),
                Text(0.995 / 2, 0.995 * sqrt(3) / 2, "★"),
                Text(0, 0.36, "★ the key's homes"),
                Text(0, 0.2, "1  node-2", home),
                Text(0, 0.07, "then node-1"),
            ],
            Axis(),
            Axis(),
            title="node-3 joins",
            equal=True,
            bare=True,
        ),
        # shares of the ring: before three quarters and one; after two, one and one
        Plot(
            [
                Bars((2.2, 1.2, 0.2), (75, 25, 0), style.INK, "before", across=True, hollow=True),
                Bars((1.8,), (50,), other, across=True),
                Bars((0.8,), (25,), home, across=True),
                Bars((-0.2,), (25,), new, "after", across=True),
                Rule(100 / 3, label="equal shares after"),
            ],
            Axis("share of all copies (%)", 0),
            Axis(low=-0.6, high=2.6, names=("node-3 (new)", "node-2 (1st)", "node-1")),
            title="Load",
        ),
    )


def test_join_ring_of_a_real_cluster_goes_round_once_and_shares_all_copies():
    result = join_ring(5)
    ring, load = figures.join_ring(result).plots
    arcs = [mark for mark in ring.marks if type(mark) is Arc]
    outer = sorted({arc.outer for arc in arcs})
    for of, radius in zip((result.before, result.after), outer, strict=False):
        drawn = [arc for arc in arcs if arc.outer == radius]
        assert sum(arc.end - arc.start for arc in drawn) == pytest.approx(1) and len(drawn) == len(
            of.ranges()
        )
    assert sum(arc.outer == outer[2] for arc in arcs) == len(result.moves)
    homes = [(mark.text[0], mark.y) for mark in ring.marks if type(mark) is Text and mark.text[0] in "123"]
    assert [each for each, _ in homes] == ["1", "2", "3"]
    assert [y for _, y in homes] == pytest.approx([0.2, 0.07, -0.06])
    before, *after = (mark.value for mark in load.marks if type(mark) is Bars)
    assert sum(before) == pytest.approx(100) and sum(value for (value,) in after) == pytest.approx(100)


def test_explore_quorums_plots_its_run(plots):
    result = Quorums(
        must_meet=True,
        answered=0.9,
        p_fresh=0.8,
        visible_ms=3.0,
        visible_range_ms=(2.0, 4.0),
        read_ms=5.0,
        write_ms=7.0,
        strict=Run(0.1, 0.0, 6.0, 8.0, (0.05, 0.2), (0.0, 0.0), (5.0, 7.25), (7.0, 9.0), 50, 100),
        sloppy=Run(0.0, 0.25, 4.0, 12.0, gets=40, operations=80),
    )
    names = {"ticks": (2, 1, 0), "names": ("by the model", "strict quorum", "sloppy quorum")}

    def bars(*told):
        colours = (style.FAINT, style.BLUE, style.ORANGE)
        return [
            Bars((row,), (value,), colour, across=True, low=(low,), high=(high,), texts=(text,))
            for row, colour, (value, low, high, text) in zip((2, 1, 0), colours, told, strict=True)
        ]

    plots(
        figures.explore_quorums(result),
        Plot(
            bars((20, None, None, "20"), (10, 5, 20, "10 (5–20)"), (0, None, None, "0 of 40")),
            Axis("", 0, 46),
            Axis(**names),
            title="stale reads (%)",
        ),
        Plot(
            bars((None, None, None, "–"), (0, None, None, "0 of 100"), (25, None, None, "25")),
            Axis("", 0, 57.5),
            Axis(ticks=()),
            title="refused or\nout of time (%)",
        ),
        Plot(
            [
                Dots(
                    (5, 6, 4),
                    (2.18, 1.18, 0.18),
                    0,
                    "gets",
                    (None, 5, None),
                    (None, 7.25, None),
                    ("5", "6 (5–7.2)", "4"),
                ),
                Dots(
                    (7, 8, 12),
                    (1.82, 0.82, -0.18),
                    1,
                    "puts",
                    (None, 7, None),
                    (None, 9, None),
                    ("7", "8 (7–9)", "12"),
                ),
                Rule(300),
            ],
            Axis("", 0.3, 3000, scale="log"),
            Axis(ticks=()),
            title="90 % answered\nwithin (ms)",
        ),
    )


BOOK, FULL = ("book",), ("book", "milk", "eggs")
WRITTEN = (
    Written("V1", BOOK, VectorClock({"a": 1}), "a", "Bob", 0.0),
    Written("V2", FULL, VectorClock({"a": 1, "b": 1}), "b", "Ann", 1.0),
    Written("V3", (), VectorClock({"a": 2}), "a", "Bob", 1.0),
    Written("V4", "V4", VectorClock({"a": 2, "b": 2}), "b", "Ann", 2.0),
)
EDGES = (("V1", "V2"), ("V1", "V3"), ("V2", "V4"), ("V3", "V4"))
LANES = [Span(-0.5, 2.5, 0, style.FAINT), Span(-0.5, 2.5, 1, style.FAINT)]
ARROWS = [Arrow(0, 0, 1, 1), Arrow(0, 0, 1, 0), Arrow(1, 1, 2, 1), Arrow(1, 0, 2, 1)]
CLIENTS = Axis(low=-0.5, high=1.5, names=("Bob", "Ann"))


def boxes(siblings):
    told = (
        (0, 0, "V1", ("book",), ("a: 1",)),
        (1, 1, "V2", ("book, milk,", "eggs"), ("a: 1", "b: 1")),
        (1, 0, "V3", ("(empty)",), ("a: 2",)),
        (2, 1, "V4", (), ("a: 2", "b: 2")),
    )
    marked = {"corner": "sibling", "style": style.VERMILION, "dashed": True}
    return [
        Box(x, y, 1, 1, name, lines, code, **(marked if name in siblings else {}))
        for x, y, name, lines, code in told
    ]


def test_history_graph_plots_its_run(plots):
    # each stands further right than what it replaces, in its client's lane
    plots(
        figures.history_graph(History(WRITTEN, EDGES), siblings=["V3"]),
        Plot([*LANES, *boxes(["V3"]), *ARROWS], Axis(low=-0.5, high=2.5), CLIENTS, bare=True),
    )


@pytest.mark.parametrize(("read", "marked"), [((FULL, ()), ["V2", "V3"]), ((FULL,), [])])
def test_cart_under_partition_plots_its_run(plots, read, marked):
    plots(
        figures.cart_under_partition(CartStory(History(WRITTEN, EDGES), read, FULL, (FULL,), (), (), 0)),
        Plot([*LANES, *boxes(marked), *ARROWS], Axis(low=-0.5, high=2.5), CLIENTS, bare=True),
    )


def test_catch_up_plots_its_run(plots):
    result = CatchUp(np.arange(4.0), np.array([0, 9, 4, 0]), np.array([0, 3, 5, 1]), 1.5, 1.25, 7, 2)
    plots(
        figures.catch_up(result),
        Plot(
            [
                Line(range(4), (0, 9, 4, 0), 0, "keys that a home lacks"),
                Line(range(4), (0, 3, 5, 1), 1, "hints held"),
                Rule(1.5, letter="A", text="the node is back"),
                Rule(2.75, letter="B", text="replicas are equal"),
            ],
            Axis("seconds", 0, 3),
            Axis("keys or hints"),
        ),
    )


def test_spread_join_plots_its_run(plots):
    # eleven runs in any order, the quickest all one ring after 2 s, the slowest after 5.5
    speeds = [7, 1, 4, 2, 8, 3, 10, 0, 9, 5, 6]
    times = np.arange(9.0)
    knowing = np.array([np.minimum(1, times / (5.5 - 0.35 * speed)) for speed in speeds])
    result = JoinSpread(times, knowing, np.array([5.5 - 0.35 * speed for speed in speeds]), 300.0, 2.0)
    columns = [sorted(100 * run[second] for run in knowing) for second in range(7)]
    lines = [
        Band(
            range(7), [each[1] for each in columns], [each[9] for each in columns], 0, "10–90 % of the runs"
        ),
        Line(range(7), [sum(each) / 11 for each in columns], 0, "mean of the runs"),
    ]
    seconds, nodes = "seconds since the command", Axis("nodes that know (%)", -3, 106)
    # until the last run knows of it
    plots(
        figures.spread_join(result),
        Plot([*lines, Rule(3.75, letter="A", text="one ring, in the mean")], Axis(seconds, 0, 6), nodes),
    )
    never = replace(result, knowing=0 * knowing, one_ring_s=np.full(11, NEVER))
    flat = [
        replace(lines[0], x=range(9), low=[0] * 9, high=[0] * 9),
        replace(lines[1], x=range(9), y=[0] * 9),
    ]
    plots(figures.spread_join(never), Plot(flat, Axis(seconds, 0, 8), nodes))
    assert figures.spread_join(never).lines[0] == "In none of 11 runs all go by one ring within 8 s."


@pytest.mark.parametrize("strategy", [1, 2, 3])
def test_ring_table_is_everybodys_load_before_and_after(strategy):
    result = join_ring(6, strategy=strategy)
    before, after = (ring.ownership(3) for ring in (result.before, result.after))
    rows = figures.join_ring(result).rows
    assert [row[0] for row in rows] == [f"node-{number}" for number in range(1, 8)]
    for node, was, now in rows:
        assert was == (f"{100 * before[node] / 3:.2f}" if node in before else "")
        assert now == f"{100 * after[node] / 3:.2f}"
    assert sum(float(now) for _, _, now in rows) == pytest.approx(100, abs=0.05)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_ring_names_as_many_homes_as_there_are(n):
    result = join_ring(6, n=n)
    chart = figures.join_ring(result)
    assert chart.lines[0].startswith(f"The key's homes: {', '.join(result.preference[:n])};")
    ranked = [mark.text for plot in chart.plots for mark in plot.marks if isinstance(mark, Text)]
    assert [text for text in ranked if re.match(r"\d  node", text)] == [
        f"{place}  {node}" for place, node in enumerate(result.preference[:n], 1)
    ]
    assert sum(float(now) for _, _, now in chart.rows) == pytest.approx(100, abs=0.05)


def test_ring_says_what_is_sent_and_whether_it_is_whole_partitions():
    cut, dealt = (figures.join_ring(join_ring(6, strategy=strategy)) for strategy in (1, 3))
    assert "pieces of ranges, found by a scan" in cut.lines[1]
    assert "whole partitions, as files" in dealt.lines[1]
    result = join_ring(6)
    assert f"{100 * result.moved:.1f} % of all copies in {len(result.moves)} ranges" in cut.lines[1]
    # strategy 3 deals partitions anew, so that more is sent than the newcomer keeps
    assert "; others get the rest." in dealt.lines[1] and "others" not in cut.lines[1]


def test_ring_says_whether_the_newcomer_is_a_home_of_the_key():
    texts = {}
    for number in range(20):
        result = join_ring(6, key=f"key-{number}")
        texts["node-7" in result.preference_after[:3]] = figures.join_ring(result).lines[0]
    assert texts[True].endswith("node-7 is one of them.") and texts[False].endswith(
        "the same after the join."
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("options", [{"nodes": 1, "n": 1, "vnodes": 2}, {"nodes": 12, "vnodes": 32, "n": 5}])
def test_ring_of_the_smallest_and_of_a_large_cluster(options):
    chart = figures.join_ring(join_ring(**options))
    assert chart.png(1) and "nan" not in chart.alt
    with pytest.raises(ValueError, match="n is 6: it must be from 1 to 5"):
        figures.join_ring(join_ring(12, n=6))


def test_quorums_table_has_the_model_and_both_runs_with_what_they_leave_open():
    result = explore_quorums(r=1, w=1, churn_per_s=2.0, loss=0.2, pairs=20, runs=4, answered=0.9)
    model, strict, sloppy = figures.explore_quorums(result).rows
    assert model[1:3] == (f"{100 * (1 - result.p_fresh):.0f}", "–")
    for row, run in ((strict, result.strict), (sloppy, result.sloppy)):
        for cell, value, (low, high) in (
            (row[1], 100 * run.stale, run.stale_range),
            (row[2], 100 * run.failed, run.failed_range),
        ):
            assert cell == f"{value:.0f} ({100 * low:.0f}–{100 * high:.0f})"
        assert row[3] == f"{run.read_ms:.2g} ({run.read_range_ms[0]:.2g}–{run.read_range_ms[1]:.2g})"
    assert figures.explore_quorums(result).columns[3] == "gets, 90 % within (ms)"


def test_quorums_of_a_single_run_pretend_no_range_and_of_none_say_of_how_many():
    chart = figures.explore_quorums(explore_quorums(pairs=20))
    assert chart.rows[1][1:3] == ("0 of 20", "0 of 40")
    assert "strict quorum: none of 20 reads stale, none of 40 operations failed" in chart.lines[2]
    assert "(" not in chart.rows[1][3] and "nan" not in chart.alt


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("runs", [1, 3])
def test_quorums_in_which_nobody_is_answered_can_be_drawn(runs):
    chart = figures.explore_quorums(explore_quorums(loss=1.0, pairs=5, runs=runs))
    assert chart.png(1)
    assert "nan" not in chart.alt and "strict quorum: no reads to be stale, 100 %" in chart.lines[2]
    assert "of gets never, of puts never." in chart.lines[2]


@pytest.mark.parametrize(
    ("r", "w", "says"), [(2, 2, "among homes they must meet"), (1, 2, "they may miss each other")]
)
def test_quorums_says_whether_they_meet(r, w, says):
    assert says in figures.explore_quorums(explore_quorums(r=r, w=w, pairs=2)).lines[0]


def test_history_table_names_who_replaces_whom_and_the_clocks_of_the_paper():
    replay = figure_3()
    chart = figures.history_graph(replay.history, siblings=replay.siblings)
    assert [(row[0], *row[3:]) for row in chart.rows] == [
        ("D1", "[(Sx,1)]", "D2"),
        ("D2", "[(Sx,2)]", "D3, D4"),
        ("D3", "[(Sx,2), (Sy,1)]", "D5"),
        ("D4", "[(Sx,2), (Sz,1)]", "D5"),
        ("D5", "[(Sx,3), (Sy,1), (Sz,1)]", ""),
    ]
    assert "Siblings: D3 and D4." in chart.alt


def test_a_history_without_versions_or_with_a_strange_sibling_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.history_graph(History((), ()))
    with pytest.raises(ValueError, match="siblings names 'D9': it must name versions: D1"):
        figures.history_graph(figure_3().history, siblings=["D9"])


@pytest.mark.parametrize(
    ("options", "end"),
    [
        ({}, "milk: taken out, and back"),
        ({"versions": "lww"}, "eggs: put in, and lost"),
        ({"sloppy": False}, "1 operation was refused, its client knows"),
    ],
)
def test_cart_says_what_each_choice_costs(options, end):
    story = cart_under_partition(**options)
    chart = figures.cart_under_partition(story)
    assert chart.lines[-1] == f"At the end: {end}."
    assert ("Siblings: V3 and V4." in chart.alt) == (len(story.siblings) == 2)
    assert len(chart.rows) == len(story.history.nodes)


def test_cart_in_which_nothing_goes_wrong_says_so():
    story = replace(cart_under_partition(), resurrected=())
    assert (
        figures.cart_under_partition(story).lines[-1]
        == "At the end: nothing is lost, and nothing has come back."
    )


def test_an_empty_cart_can_be_drawn():
    chart = figures.cart_under_partition(cart_under_partition(lambda siblings: ()))
    assert chart.png(1) and chart.rows[-1][2] == "[]"


def test_catching_up_says_when_replicas_are_equal_or_that_they_never_are():
    caught = catch_up(10.0, keys=20, seconds=40.0)
    chart = figures.catch_up(caught)
    assert chart.lines[1] == f"replicas are equal: {10 + caught.caught_up_s:.1f} s."
    assert chart.lines[-1].startswith(f"Equal {caught.caught_up_s:.0f} s after")
    assert [int(row[1]) for row in chart.rows] == list(caught.divergent[np.arange(0, 41)])
    left = catch_up(10.0, keys=20, seconds=40.0, hints=False, merkle=False)
    lost = figures.catch_up(left)
    assert lost.lines[1] == "replicas are equal: never."
    assert lost.lines[-1].startswith(f"At the end {left.divergent[-1]} keys still differ")
    assert "nan" not in lost.alt
