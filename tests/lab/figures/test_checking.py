"""The figures of the tools that find bugs: what they say is what was called, what was found and what is left."""

from dataclasses import replace

import pytest

from gossipkit.lab import figures, style
from gossipkit.lab.marks import Bars, Cells, Dots, Rule, Span
from gossipkit.sim import Scenario
from gossipkit.systems.checking import (
    BUGS,
    Call,
    Case,
    Model,
    Promises,
    Shrunk,
    linearizable,
    stored_hunts,
)

CALLS = [
    Call("ann", "write", 1, 0.0, 2.0),
    Call("bob", "read", None, 0.5, 1.0),
    Call("bob", "read", 1, 1.5, 3.0),
    Call("ann", "cas", 2, 4.0, None, expected=1),
    Call("cat", "read", 2, 5.0, 6.0),
]
STALE = Call("cat", "read", None, 7.0, 8.0)


def marks(chart, kind, plot=0):
    return [mark for mark in chart.plots[plot].marks if type(mark) is kind]


def test_each_call_is_a_bar_in_its_clients_lane():
    chart = figures.history_bars(CALLS)
    assert chart.plots[0].y.names == ("cat", "bob", "ann")
    bars = [(bar.row, bar.low, bar.high, bar.text) for bar in marks(chart, Span)]
    beyond_s = chart.plots[0].x.high
    assert beyond_s > 6.0
    assert bars == [
        (2, 0.0, 2.0, "1"),
        (1, 0.5, 1.0, "None"),
        (1, 1.5, 3.0, "1"),
        (2, 4.0, beyond_s, "1→2"),
        (0, 5.0, 6.0, "2"),
    ]
    assert [bar.hollow for bar in marks(chart, Span)] == [False, False, False, True, False]
    assert marks(chart, Dots) == [] and chart.rows[3][4] == "unknown"


def test_where_an_order_is_found_each_call_takes_effect_within_its_bar_and_in_that_order():
    judgement = linearizable(CALLS)
    chart = figures.history_bars(CALLS, judgement)
    (dots,) = marks(chart, Dots)
    assert len(dots.x) == len(judgement.order) == len(CALLS)
    assert list(dots.x) == sorted(dots.x)
    for call, at in zip(judgement.order, dots.x, strict=True):
        assert call.began_s <= at <= call.end_s
    assert chart.lines[-1] == "The history is linearizable."


def test_the_call_that_cannot_be_explained_is_marked_and_no_other():
    history = [*CALLS, STALE]
    chart = figures.history_bars(history, linearizable(history))
    (bar,) = [bar for bar in marks(chart, Span) if bar.hatch]
    assert (bar.low, bar.high, bar.style, bar.label) == (7.0, 8.0, style.VERMILION, "cannot be explained")
    assert [row[-1] for row in chart.rows][-1] == "cannot be explained"
    assert "Not linearizable: cat read x=None from 7 to 8 s" in chart.lines[-1]


def test_calls_of_one_client_that_overlap_and_keys_have_lanes_of_their_own():
    calls = [Call("ann", "write", 1, 0.0, 5.0), Call("ann", "write", 2, 1.0, 2.0)]
    assert figures.history_bars(calls).plots[0].y.names == ("ann (2)", "ann")
    keys = [Call("ann", "write", 1, 0.0, 1.0), Call("ann", "write", 1, 2.0, 3.0, key="y")]
    assert figures.history_bars(keys).plots[0].y.names == ("ann, y", "ann, x")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="the history has no call"):
        figures.history_bars([])
    with pytest.raises(ValueError, match="must be of a call of this history"):
        figures.history_bars(
            CALLS, linearizable([STALE, Call("ann", "write", 7, 0.0, 1.0), replace(STALE, value=9)])
        )
    with pytest.raises(ValueError, match="no bug was hunted"):
        figures.hunts_table([])
    with pytest.raises(ValueError, match="no system was watched"):
        figures.promises_table([])


STEPS = [
    (1.0, "partition", {"groups": [["node-1", "node-3"]]}),
    (2.0, "pause", {"name": "node-2", "seconds": 4.0}),
    (3.0, "write", {"key": "k", "value": "v", "via": "node-3"}),
    (5.0, "heal"),
]


def test_steps_stand_in_the_lanes_of_the_nodes_that_they_name():
    before, after = Case(1, 3, 60.0, Scenario(STEPS)), Case(1, 3, 9.0, Scenario(STEPS[3:]))
    chart = figures.scenario_steps(Shrunk(before, after, "it fails", 7))
    assert chart.plots[0].y.names == ("network", "node-3", "node-2", "node-1")
    dots = {mark.label: list(zip(mark.x, mark.y, strict=True)) for mark in marks(chart, Dots)}
    assert dots == {
        "faults": [(1.0, 3), (1.0, 1), (2.0, 2)],
        "what ends them": [(5.0, 0)],
        "clients and operators": [(3.0, 1)],
    }
    (pause,) = marks(chart, Span)
    assert (pause.low, pause.high, pause.row) == (2.0, 6.0, 2)
    assert [mark.label for mark in marks(chart, Dots, 1)] == ["what ends them"] and not marks(chart, Rule, 1)
    assert chart.lines == (
        "Before: 4 steps, 3 nodes, 60 s.",
        "After 7 runs: 1 step, 3 nodes, 9 s.",
        "5 s: heal.",
        "What fails: it fails.",
    )
    assert [row[0] for row in chart.rows] == ["before"] * 4 + ["after"]


def test_the_moment_at_which_it_fails_is_marked():
    shrunk = stored_hunts()[0].hunt.shrunk
    (rule,) = marks(figures.scenario_steps(shrunk), Rule, 1)
    assert rule.at == shrunk.failure.at_s


def test_a_row_for_each_hunt_with_its_searches_and_steps():
    hunts = stored_hunts()
    chart = figures.hunts_table(hunts)
    (dots,), (before, after) = marks(chart, Dots), marks(chart, Bars, 1)
    assert chart.plots[0].y.names == tuple(BUGS)[::-1]
    assert dots.x == tuple(each.median_tries for each in hunts)
    assert dots.low == tuple(min(each.tries) for each in hunts) and dots.high == tuple(
        max(each.tries) for each in hunts
    )
    assert before.value == tuple(len(each.hunt.shrunk.before.scenario) for each in hunts)
    assert after.value == tuple(len(each.hunt.shrunk.after.scenario) for each in hunts)
    assert [row[0] for row in chart.rows] == list(BUGS)
    assert all(
        str(each.hunt.shrunk.after.nodes) in row[5] for each, row in zip(hunts, chart.rows, strict=True)
    )


def test_a_cell_is_the_share_of_runs_in_which_a_promise_was_broken():
    nothing = dict.fromkeys(Model, 0)
    some = nothing | {Model.LINEARIZABLE: 3, Model.MONOTONIC_READS: 1}
    chart = figures.promises_table(
        [Promises("one", 4, 90, 2, some, {}), Promises("other", 4, 80, 0, nothing, {})]
    )
    (cells,) = marks(chart, Cells)
    assert cells.values == ((75.0, 0.0, 25.0, 0.0), (0.0, 0.0, 0.0, 0.0))
    assert cells.texts[0] == ("3 of 4", "0 of 4", "1 of 4", "0 of 4")
    assert chart.plots[0].y.names == ("other", "one")
    assert chart.lines == (
        "one: linearizable broken in 3 of 4 runs, monotonic reads broken in 1 of 4 runs.",
        "other: nothing broken in 4 runs.",
        "No promise was seen broken: other.",
    )
    assert chart.rows[0] == ("one", 4, 90, 2, 3, 0, 1, 0)
