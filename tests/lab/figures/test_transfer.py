"""The figures of borrowed settings: what they plot and say is what they were given."""

import math
from dataclasses import replace
from math import log10
from types import SimpleNamespace

import numpy as np
import pytest

from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.marks import Cells, Dots, Line
from gossipkit.systems.transfer import QUANTITIES, failure_table, storm, trial
from gossipkit.systems.transfer.storm import Storm
from gossipkit.systems.transfer.table import FailureTable

NEVER = float("nan")


def test_failure_table_plots_its_run(plots):
    texts = (("5", "0", "never"), ("100", "0.5", "20"))
    result = FailureTable(
        "seconds", ("A", "B"), ("lan", "wan", "far"), ((5, 0, NEVER), (100, 0.6, 20)), texts
    )
    plots(
        figures.failure_table(result),
        Plot(
            # powers of ten; what was never seen is a step below the least that was, 0.6 / 3
            [Cells(((log10(5), log10(0.2), None), (2, log10(0.6), log10(20))), texts)],
            Axis("", -0.5, 2.5, names=("lan", "wan", "far")),
            Axis("", -0.5, 1.5, names=("B", "A")),
            colours=Colours("log10 of seconds", log10(0.2), 2),
        ),
    )


def test_storm_plots_its_run(plots):
    # six times what the first one has in its first ten seconds is the most that is drawn
    quiet = [8.0, 12.0] * 5
    both = Storm(np.arange(12.0), np.array([*quiet, 0, 400.0]), np.full(12, 40.0))
    one = replace(both, arrived=np.array([*quiet, 59.0, 61.0]))
    plots(
        figures.storm({"both": both, "one": one}),
        Plot(
            [
                Line(range(12), [*quiet, 0, 60], 0, "both"),
                Line(range(12), [*quiet, 59, 60], 1, "one"),
            ],
            Axis("seconds", 0, 11),
            Axis("requests a second, at most 60 drawn"),
        ),
    )


def test_trial_plots_its_run(plots):
    shares = {
        "few": (5.0, 20.0),
        "just": (3.0, 3.0),
        "late": (NEVER, 9.0),
        "many": (30.0, 20.0),
        "most": (9e5, 1.0),
    }
    names = Axis(low=-0.6, high=4.6, names=("most", "many", "late", "just", "few"))
    times = Axis("times the limit", 0, 1800, scale="symlog")
    limit = Line((1, 1), (-0.5, 4.5), style.FAINT)
    plots(
        figures.trial(SimpleNamespace(shares=shares)),
        Plot(
            [
                limit,
                Dots((0.25, 1), (4, 3), style.BLUE, "kept"),
                Dots((1000, 1.5, 1000), (2, 1, 0), style.VERMILION, "missed", hollow=True),
            ],
            times,
            names,
        ),
    )
    plots(
        figures.trial(SimpleNamespace(shares={"few": (5.0, 20.0)})),
        Plot(
            [replace(limit, y=(-0.5, 0.5)), Dots((0.25,), (0,), style.BLUE, "kept")],
            times,
            Axis(names=("few",)),
        ),
    )


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_quantity_has_a_table_with_all_its_texts(quantity):
    result = failure_table(quantity)
    chart = figures.failure_table(result)
    assert [row[1:] for row in chart.rows] == list(result.texts)
    assert QUANTITIES[quantity] in chart.alt and "nan" not in chart.alt


def test_the_table_says_where_nothing_differs_and_where_the_watch_was_too_short():
    alike = figures.failure_table(failure_table("false_positives_per_day", [1.0]))
    assert "lan: the same with all that were seen." in alike.lines
    late = figures.failure_table(failure_table("first_s", [2.0]))
    assert any("not in time with memberlist WAN × 2" in line for line in late.lines)


def test_a_trial_says_of_each_limit_whether_it_is_kept():
    seen = trial(interval_s=4.0, suspicion_mult=8)
    lines = figures.trial(seen).lines
    assert "kept" in lines[0] and "missed" in lines[1]
    never = replace(seen, cell=replace(seen.cell, first_s=math.nan))
    assert "never" in figures.trial(never).lines[1]


def test_the_storm_says_who_is_never_served_again():
    chart = figures.storm({"one": storm(1, 0), "both": storm(1, 1)})
    assert "served again" in chart.lines[0] and chart.lines[1].endswith("never served again.")


def test_large_numbers_are_written_out():
    chart = figures.trial(trial(fanout=1, loss=0.3, interval_s=0.5, suspicion_mult=1))
    assert chart.rows[0][1] == "17,300" and "17,300, at most 20 asked" in chart.lines[0]
