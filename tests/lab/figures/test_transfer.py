"""The figures of borrowed settings: what they say is what they were given."""

import math
from dataclasses import replace

import pytest

from gossipkit.lab import figures
from gossipkit.systems.transfer import QUANTITIES, failure_table, storm, trial


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
