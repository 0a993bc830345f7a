"""The figures of lesson 04: their tables and sentences computed once more from the result, and results at the edge."""

import re
from dataclasses import replace

import numpy as np
import pytest

from gossipkit.lab import figures
from gossipkit.lab.marks import Text
from gossipkit.systems.dynamo.experiments import (
    History,
    cart_under_partition,
    catch_up,
    explore_quorums,
    figure_3,
    join_ring,
)


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
