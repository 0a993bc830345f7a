"""The figures of lesson 03: what they plot and say, computed once more from the result, and results at the edge."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.marks import Bars, Cells, Dots, Line, Rule, Span, Step
from gossipkit.repair.tombstones import DAY_S, deleted_row
from gossipkit.systems.cassandra.experiments import (
    converged_yet_different,
    digests,
    suspicion,
    two_joins,
)
from gossipkit.systems.cassandra.experiments.beliefs import Digests, Suspicion
from gossipkit.systems.cassandra.experiments.joins import Joins
from gossipkit.systems.cassandra.experiments.replicas import Converged

NEVER = float("nan")


def test_digests_plots_its_run(plots):
    lags = np.array([(7, 0, 2), (NEVER, 0, 9), (1, NEVER, NEVER)])
    names = ("node-1", "node-2", "newcomer-3")
    result = Digests(
        np.arange(4.0),
        np.array([0.25, 0.5, 0.75, 0.5]),
        np.array([NEVER, 1, 4.5, 2]),
        names,
        lags,
        NEVER,
        2.0,
        300.0,
    )
    seconds = Axis("seconds since it was announced", 0, 3)
    plots(
        figures.digests(result),
        Plot([Line(range(4), (25, 50, 75, 50))], seconds, Axis("know the\nnew state (%)", -4, 106)),
        Plot(
            [Line(range(4), (None, 1, 4.5, 2), style.VERMILION)],
            seconds,
            Axis("mean lag\n(heartbeats)", 0),
            below=True,
        ),
        # a node is never behind itself; the first one is on top
        Plot(
            [Cells(((0, 0, 2), (None, 0, 9), (1, None, 0)), (("", "", ""), ("?", "", ""), ("", "?", "")))],
            Axis("what is known of node", -0.5, 2.5, ticks=(0, 1, 2), names=("1", "2", "+3")),
            Axis("known by node", -0.5, 2.5, ticks=(2, 1, 0), names=("1", "2", "+3")),
            title="At the end, each pair",
            colours=Colours("heartbeats behind", 0, 9),
        ),
    )


def test_suspicion_plots_its_run(plots):
    # of the looks the figure keeps the least and the greatest of each 0.4 seconds
    times = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    one = np.array([1, 2, 9, 3, 4, 5, 2, 6, NEVER, NEVER, 8.5])
    other = np.array([0, 1, 2, 3, 17, 9, 8.5, 8, 7, 6, 8])
    result = Suspicion(
        times, {"A": one, "B": other}, {"A": 0.1, "B": NEVER}, {"A": 1, "B": 0}, 8.0, (0.3, 0.6), 0.9
    )
    seconds, phi = Axis("seconds", 0, 1), Axis("phi", 0, 16, ticks=(0, 8, 16))
    plots(
        figures.suspicion(result),
        Plot(
            [
                Span(0.3, 0.6, style=style.FAINT, text="paused"),
                Rule(0.9, text="crash"),
                Span(0.2, 0.2, style=style.ORANGE),
                Span(1.0, 1.0, style=style.ORANGE),
                Rule(8, level=True),
                Line((0, 0.2, 0.6, 0.7, 1.0), (1, 9, 2, 6, 8.5), 0),
            ],
            seconds,
            phi,
            title="A",
        ),
        Plot(
            [
                Span(0.3, 0.6, style=style.FAINT),
                Rule(0.9),
                Span(0.4, 0.6, style=style.ORANGE),
                Rule(8, level=True),
                Line((0, 0.3, 0.4, 0.7, 0.9, 1.0), (0, 3, 17, 8, 6, 8), 1),
            ],
            seconds,
            phi,
            title="B",
            below=True,
        ),
    )
    unpaused = figures.suspicion(replace(result, pause=(0.3, 0.3)))
    assert not [mark for plot in unpaused.plots for mark in plot.marks if mark.style == style.FAINT]


def test_suspicion_keeps_every_peak_of_a_real_run():
    result = suspicion(8.0, pause_s=6.0)
    for plot, phi in zip(figures.suspicion(result).plots, result.phi.values(), strict=True):
        line = plot.marks[-1]
        assert len(line.x) < len(phi) and set(zip(line.x, line.y, strict=True)) <= set(
            zip(result.times, phi, strict=True)
        )
        for begin in np.arange(0, result.times[-1], 0.4):
            within = (result.times >= begin + 1e-9) & (result.times < begin + 0.4 - 1e-9)
            there = phi[within][np.isfinite(phi[within])]
            drawn = [y for x, y in zip(line.x, line.y, strict=True) if begin - 0.05 <= x <= begin + 0.45]
            assert not len(there) or max(drawn) >= there.max(), f"a peak at {begin:g} s"


def test_converged_yet_different_plots_its_run(plots):
    result = Converged(
        times=np.array([5.0, 6.0, 7.0]),
        divergent=np.array([0, 40, 30]),
        wrong=np.array([0, 20, 4]),
        keys=120,
        pairs=30,
        down=(5.5, 6.5),
        at_once=(40, 5),
        later=(200, 1),
        refused=3,
        predicted=0.25,
        hints_left=0,
    )
    seconds = Axis("seconds", 5, 7)
    bars = Plot(
        [
            Bars((2,), (12.5,), style.VERMILION, across=True, texts=("12 %",)),
            Bars((1,), (25,), style.FAINT, across=True, texts=("25 %",)),
            Bars((0,), (0.5,), style.VERMILION, across=True, texts=("0.5 %",)),
        ],
        # room for what stands behind the longest bar
        Axis("stale reads (%)", 0, 37.5),
        Axis(names=("of older\nrows", "the same,\nby PBS", "right after\na write")),
    )
    wrong, differ = Line((5, 6, 7), (0, 20, 4)), Line((5, 6, 7), (0, 40, 30), style.VERMILION)
    beliefs, rows = Axis("wrong beliefs\n(of 30 pairs)"), Axis("rows that differ\n(of 120)")
    plots(
        figures.converged_yet_different(result),
        Plot([Span(5.5, 6.5, style=style.FAINT, text="down"), wrong], seconds, beliefs),
        Plot([Span(5.5, 6.5, style=style.FAINT), differ], seconds, rows, below=True),
        bars,
    )
    # nobody was down, and of the older rows no read was answered
    calm = replace(result, wrong=np.zeros(3, int), divergent=np.zeros(3, int), later=(0, 0), predicted=0.0)
    plots(
        figures.converged_yet_different(calm),
        Plot([replace(wrong, y=(0, 0, 0))], seconds, replace(beliefs, low=-0.5, high=10)),
        Plot([replace(differ, y=(0, 0, 0))], seconds, replace(rows, low=-1, high=20), below=True),
        replace(
            bars,
            marks=[
                bars.marks[0],
                replace(bars.marks[1], value=(0,), texts=("0.0 %",)),
                replace(bars.marks[2], value=(None,), texts=("no answer",)),
            ],
            x=Axis("stale reads (%)", 0, 18.75),
        ),
    )


def test_zombies_plots_its_run(plots):
    looks = {
        "row": {"style": style.BLUE},
        "tombstone": {"style": style.ORANGE, "hatch": True},
        "nothing": {"style": style.FAINT, "hollow": True},
    }

    def spans(*told):
        return [Span(since, until, row, label=what, **looks[what]) for row, what, since, until in told]

    days, names = Axis("days", -1, 40), Axis(names=("replica c", "replica b", "replica a"))
    # every fourteen days a repair, and after ten the compaction of the eleventh drops the tombstone
    plots(
        figures.zombies(deleted_row(14 * DAY_S)),
        Plot(
            [
                *spans(
                    (2, "row", -1, 0), (2, "tombstone", 0, 11), (2, "nothing", 11, 14), (2, "row", 14, 40)
                ),
                *spans(
                    (1, "row", -1, 0), (1, "tombstone", 0, 11), (1, "nothing", 11, 14), (1, "row", 14, 40)
                ),
                *spans((0, "row", -1, 40)),
                Dots((14, 28), (2.62, 2.62), style.GREEN, "repair ends"),
                Rule(11, style=style.VERMILION, label="the row is back"),
            ],
            days,
            names,
        ),
    )
    plots(
        figures.zombies(deleted_row(50 * DAY_S, gc_grace_s=60 * DAY_S)),
        Plot(
            [
                *spans(
                    (2, "row", -1, 0), (2, "tombstone", 0, 40), (1, "row", -1, 0), (1, "tombstone", 0, 40)
                ),
                *spans((0, "row", -1, 40)),
                Dots((), (), style.GREEN),
            ],
            days,
            names,
        ),
    )


@pytest.mark.parametrize("joined", [6.0, NEVER])
def test_two_joins_plots_its_run(plots, joined):
    result = Joins(
        np.array([-1.0, 0, 1, 2, 9]), np.array([0, 0, 5, 3, 0]), 5, (0.0, 2.0), (4.0, joined), 1, 2
    )
    until = 9 if np.isnan(joined) else 6
    waits = {"style": style.ORANGE, "label": "joining or waiting", "hatch": True}
    owns = {"style": style.BLUE, "label": "owns its tokens"}
    seconds = Axis("seconds since the first operator's command", -1, 9)
    plots(
        figures.two_joins(result),
        Plot(
            [
                Span(0, 4, 1, **waits),
                Span(4, 9, 1, **owns),
                Span(2, until, 0, **waits),
                Span(until, 9, 0, **owns),
            ],
            seconds,
            Axis(names=("second\nnewcomer", "first\nnewcomer")),
        ),
        Plot(
            [Step((-1, 0, 1, 2, 9), (0, 0, 5, 3, 0), style.VERMILION)],
            seconds,
            Axis("rows in dispute", 0),
            below=True,
        ),
        Plot(
            [Bars((0,), (2,), style.VERMILION, texts=("2",))], Axis(ticks=()), Axis("lost rows of 5", 0, 5.6)
        ),
    )


def test_digests_says_how_many_pairs_know_nothing_and_how_old_the_rest_is():
    result = digests(8, seeds=0, churn_per_minute=30, seconds=12)
    chart = figures.digests(result)
    nodes, known = len(result.names), np.isfinite(result.lags)
    ignorant = nodes * (nodes - 1) - known.sum()
    assert ignorant > 0, "a newcomer without seeds knows nobody"
    assert f"{ignorant} of {nodes * (nodes - 1)} pairs know nothing" in chart.alt
    assert f"{result.lags[known].mean():.1f} heartbeats old on average" in chart.alt
    for row, at in zip(chart.rows, range(13), strict=True):
        assert row == (f"{at}", f"{100 * result.knowing[at]:.0f}", f"{result.lag[at]:.2f}")


def test_digests_of_a_cluster_in_which_nobody_hears_anybody():
    chart = figures.digests(digests(8, loss=1.0, seconds=2))
    assert "12 % know the new state after 2 s" in chart.alt
    one_left = digests(8, seeds=8, loss=0.8, churn_per_minute=60, seconds=25)
    assert len(one_left.names) == 1
    assert "no node knows anything of another; 0 of 0 pairs" in figures.digests(one_left).alt


def test_suspicion_names_who_was_convicted_wrongly_and_when_the_crash_was_noticed():
    result = suspicion(8.0, pause_s=6.0)
    chart = figures.suspicion(result)
    for label, times in result.wrongly.items():
        assert f"{label} {times}" in chart.lines[0]
        assert f"{label} {result.convicted_s[label]:.1f} s after the crash" in chart.lines[1]
    never = figures.suspicion(suspicion(16.0, pause_s=0.0, seconds=5.0))
    assert "Cassandra not, chitchat not" in never.lines[1]
    for seconds, *phis in chart.rows:
        at = np.abs(result.times - float(seconds)).argmin()
        assert phis == [f"{phi[at]:.3g}" if np.isfinite(phi[at]) else "" for phi in result.phi.values()]


def test_converged_says_so_only_where_gossip_agrees_and_rows_differ():
    bare = {"hints": False, "read_repair": False, "merkle": False}
    apart = converged_yet_different(down=0, loss=0.1, **bare)
    chart = figures.converged_yet_different(apart)
    assert apart.wrong.max() == 0 < apart.divergent[-1]
    assert chart.lines[-1].endswith("Gossip has converged, and the replicas have not.")
    assert f"{apart.later[1]} of {apart.later[0]} stale" in chart.lines[0]
    assert chart.rows[-1] == ("80", "0", str(apart.divergent[-1]))
    together = figures.converged_yet_different(replace(apart, divergent=0 * apart.divergent))
    assert together.lines[-1] == "Wrong beliefs: at most 0, 0 at the end."


@pytest.mark.filterwarnings("error")
def test_converged_without_an_answered_read_can_be_drawn():
    silent = replace(converged_yet_different(), at_once=(0, 0), later=(0, 0))
    chart = figures.converged_yet_different(silent)
    assert chart.png(1) and "0 of 0 stale" in chart.alt and "nan" not in chart.alt


def test_deleted_row_table_is_what_each_replica_holds_from_when_to_when():
    stays = figures.zombies(deleted_row(7 * DAY_S))
    assert stays.rows == (
        ("a", "row", "-1", "0"),
        ("a", "tombstone", "0", "11"),
        ("a", "nothing", "11", "40"),
        ("b", "row", "-1", "0"),
        ("b", "tombstone", "0", "11"),
        ("b", "nothing", "11", "40"),
        ("c", "row", "-1", "7"),
        ("c", "tombstone", "7", "11"),
        ("c", "nothing", "11", "40"),
    )
    assert stays.lines[-1] == "The row stays deleted." and "c hears of it on day 7" in stays.alt
    back = figures.zombies(deleted_row(14 * DAY_S))
    assert back.rows[-1] == ("c", "row", "-1", "40")
    assert "c never hears of it" in back.alt
    assert back.lines[-1] == "The row is back on day 11, and repair has given it to every replica on day 14."


def test_a_tombstone_that_outlives_the_picture_is_not_called_dropped():
    chart = figures.zombies(deleted_row(7 * DAY_S, gc_grace_s=60 * DAY_S))
    assert "No tombstone is dropped." in chart.alt


def test_two_joins_table_follows_both_newcomers():
    result = two_joins("log", keys=5)
    chart = figures.two_joins(result)
    assert f"Times turned away: {result.refused}." in chart.lines[0]
    assert chart.lines[-1].endswith("0 of 5 rows.")
    states = [row[1:3] for row in chart.rows]
    assert states[0] == ("not there", "not there") and states[-1] == ("owns", "owns")
    lost = figures.two_joins(two_joins("gossip", keys=5))
    assert any(int(row[3]) == 5 for row in lost.rows), "the moment of the dispute is in the table"


def test_a_newcomer_that_never_owns_anything_is_said_to():
    chart = figures.two_joins(replace(two_joins("log", keys=5), joined_s=(float("nan"), 3.0)))
    assert "does not own its tokens at the end" in chart.lines[0]
    assert "nan" not in chart.alt and chart.png(1)
