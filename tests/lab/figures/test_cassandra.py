"""The figures of lesson 03: their tables and sentences computed once more from the result, and results at the edge."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.lab import figures
from gossipkit.repair.tombstones import DAY_S, deleted_row
from gossipkit.systems.cassandra.experiments import (
    converged_yet_different,
    digests,
    suspicion,
    two_joins,
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
