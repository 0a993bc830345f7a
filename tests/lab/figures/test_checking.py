"""The figures of the tools that find bugs: what they say is what was called, what was found and what is left."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.marks import Bars, Cells, Dots, Rule, Span
from gossipkit.sim import Scenario
from gossipkit.systems.checking import (
    BUGS,
    Call,
    Case,
    Hunted,
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


def test_history_bars_plots_its_run(plots):
    lanes = Axis(low=-0.6, high=2.6, names=("cat", "bob", "ann"))
    # a call of unknown outcome goes on beyond all that is known, and only the first of a kind is in the legend
    bars = [
        Span(0, 2, 2, style.ORANGE, "writes", "1"),
        Span(0.5, 1, 1, style.SKY, "reads", "None"),
        Span(1.5, 3, 1, style.SKY, "", "1"),
        Span(4, 6.36, 2, style.GREEN, "compares and sets, outcome unknown", "1→2", hollow=True),
        Span(5, 6, 0, style.SKY, "", "2"),
    ]
    seconds = Axis("seconds", high=6.36)
    chart = figures.history_bars(CALLS)
    plots(chart, Plot(bars, seconds, lanes))
    assert chart.rows[3][4] == "unknown"
    # where an order is found, the first instants at which each may have taken effect, in that order
    order = figures.history_bars(CALLS, linearizable(CALLS))
    effects = Dots((0.5, 0.5, 1.5, 4, 5), (1, 2, 1, 2, 0), style.INK, "takes effect here")
    plots(order, Plot([*bars, effects], seconds, lanes))
    assert order.lines[-1] == "The history is linearizable."
    # the axis begins with the first call
    (later,) = figures.history_bars([Call("ann", "write", 1, 10.0, 12.0)]).plots
    assert (later.x.low, later.x.high) == pytest.approx((9.97, 12.12))


def test_the_call_that_cannot_be_explained_is_marked_and_no_other(plots):
    history = [*CALLS, STALE]
    chart = figures.history_bars(history, linearizable(history))
    *others, wrong, effects = chart.plots[0].marks
    assert type(effects) is Dots and effects.label == "may have taken effect here"
    assert wrong == Span(7, 8, 0, style.VERMILION, "cannot be explained", "None", hatch=True)
    assert not [mark for mark in others if mark.hatch or mark.style == style.VERMILION]
    assert [row[-1] for row in chart.rows][-1] == "cannot be explained"
    assert "Not linearizable: cat read x=None from 7 to 8 s" in chart.lines[-1]


def test_where_an_order_is_found_each_call_takes_effect_within_its_bar_and_in_that_order():
    judgement = linearizable(CALLS)
    chart = figures.history_bars(CALLS, judgement)
    (dots,) = (mark for mark in chart.plots[0].marks if type(mark) is Dots)
    assert len(dots.x) == len(judgement.order) == len(CALLS)
    assert list(dots.x) == sorted(dots.x)
    for call, at in zip(judgement.order, dots.x, strict=True):
        assert call.began_s <= at <= call.end_s
    assert chart.lines[-1] == "The history is linearizable."


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


def test_scenario_steps_plots_its_run(plots):
    before, after = Case(1, 3, 60.0, Scenario(STEPS)), Case(1, 3, 9.0, Scenario(STEPS[3:]))
    names = Axis(low=-0.6, high=3.6, names=("network", "node-3", "node-2", "node-1"))
    chart = figures.scenario_steps(Shrunk(before, after, SimpleNamespace(at_s=7.5, what="it fails"), 7))
    plots(
        chart,
        Plot(
            [
                Span(2, 6, 2, style.FAINT),
                # a step stands in the lane of each node that it names, or else in the network's
                Dots((1, 1, 2), (3, 1, 2), style.VERMILION, "faults"),
                Dots((5,), (0,), style.GREEN, "what ends them"),
                Dots((3,), (1,), style.BLUE, "clients and operators"),
            ],
            Axis("seconds", 0, 61.2),
            names,
            title="Before: 4 steps, 3 nodes, 60 s",
        ),
        Plot(
            [Dots((5,), (0,), style.GREEN, "what ends them"), Rule(7.5, text="fails")],
            Axis("seconds", 0, 9.18),
            names,
            title="After: 1 step, 3 nodes, 9 s",
        ),
    )
    assert chart.lines == (
        "Before: 4 steps, 3 nodes, 60 s.",
        "After 7 runs: 1 step, 3 nodes, 9 s.",
        "5 s: heal.",
        "What fails: it fails.",
    )
    assert [row[0] for row in chart.rows] == ["before"] * 4 + ["after"]


def test_a_pause_ends_with_the_run_and_one_after_it_is_not_drawn(plots):
    steps = Scenario(
        [
            (4.0, "pause", {"name": "node-1", "seconds": 9.0}),
            (7.0, "pause", {"name": "node-1", "seconds": 1.0}),
        ]
    )
    case = Case(1, 1, 6.0, steps)
    (plot, _) = figures.scenario_steps(Shrunk(case, case, "it fails", 1)).plots
    assert plot.marks == (
        Span(4, 6, 1, style.FAINT),
        Dots((4, 7), (1, 1), style.VERMILION, "faults", radius_px=4),
    )
    assert plot.x.high == pytest.approx(7.14), "what comes after the run's end is on the axis"


def test_hunts_table_plots_its_run(plots):
    def hunted(bug, tries, before, after):
        cases = [Case(1, 3, 9.0, Scenario([(1.0, "heal")] * steps)) for steps in (before, after)]
        found = SimpleNamespace(failure=SimpleNamespace(invariant="it"))
        return Hunted(SimpleNamespace(bug=bug, found=found, shrunk=Shrunk(*cases, None, 9)), tries)

    plots(
        figures.hunts_table([hunted("one", (7, 1, 2), 12, 1), hunted("other", (40, 50), 9, 3)]),
        Plot(
            [
                Dots(
                    (2, 45),
                    (1, 0),
                    style.BLUE,
                    "cases until it is found: median, least to most",
                    (1, 40),
                    (7, 50),
                )
            ],
            Axis("cases", 0.8, 65, scale="log"),
            Axis(low=-0.6, high=1.6, names=("other", "one")),
        ),
        Plot(
            [
                Bars((1.2, 0.2), (12, 9), style.SKY, "before shrinking", across=True, texts=("12", "9")),
                Bars((0.8, -0.2), (1, 3), style.VERMILION, "after", across=True, texts=("1", "3")),
            ],
            Axis("steps of the scenario", 0),
            Axis(low=-0.6, high=1.6, ticks=()),
        ),
    )


def test_the_stored_hunts_are_of_all_bugs_in_their_order():
    hunts = stored_hunts()
    chart = figures.hunts_table(hunts)
    assert chart.plots[0].y.names == tuple(BUGS)[::-1] and [row[0] for row in chart.rows] == list(BUGS)
    assert all(
        str(each.hunt.shrunk.after.nodes) in row[5] for each, row in zip(hunts, chart.rows, strict=True)
    )


def test_promises_table_plots_its_run(plots):
    nothing = dict.fromkeys(Model, 0)
    some = nothing | {Model.LINEARIZABLE: 3, Model.MONOTONIC_READS: 1}
    chart = figures.promises_table(
        [Promises("one", 4, 90, 2, some, {}), Promises("other", 8, 80, 0, nothing, {})]
    )
    said = ("3 of 4", "0 of 4", "1 of 4", "0 of 4"), ("0 of 8",) * 4
    plots(
        chart,
        Plot(
            [Cells(((75, 0, 25, 0), (0, 0, 0, 0)), said)],
            Axis("", -0.5, 3.5, names=tuple(map(str, Model))),
            Axis("", -0.5, 1.5, names=("other", "one")),
            colours=Colours("% of the runs", 0, 100),
        ),
    )
    assert chart.lines == (
        "one: linearizable broken in 3 of 4 runs, monotonic reads broken in 1 of 4 runs.",
        "other: nothing broken in 8 runs.",
        "No promise was seen broken: other.",
    )
    assert chart.rows[0] == ("one", 4, 90, 2, 3, 0, 1, 0)
