"""What is drawn is the run: the numbers of each figure's marks, computed once more from the result."""

import runpy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gossipkit import reading
from gossipkit.authority.ring import RING
from gossipkit.gossip import overlays, spread
from gossipkit.gossip.assertions import assertion
from gossipkit.lab import figures, rumor_scene, style
from gossipkit.lab.marks import Arc, Arrow, Band, Bars, Box, Cells, Dots, Line, Rule, Span, Step, Text
from gossipkit.repair.tombstones import DAY_S, deleted_row
from gossipkit.systems.cassandra import experiments as cassandra
from gossipkit.systems.dynamo import experiments as dynamo

COURSE = runpy.run_path(str(Path(__file__).with_name("test_faces.py")))
RUN = spread(100, fanout=2, trials=20, max_rounds=40, seed=1)


def marks(chart, kind, plot=0):
    return [mark for mark in chart.plots[plot].marks if type(mark) is kind]


def shares(result, q, last):
    counts = np.pad(result.informed, ((0, 0), (0, last)), mode="edge")[:, : last + 1]
    return np.quantile(counts, q, axis=0) / result.nodes * 100


def test_spread_curves_are_the_median_and_its_band():
    chart = figures.spread_curves({"a": RUN})
    (line,), (band,) = marks(chart, Line), marks(chart, Band)
    last = len(line.x) - 1
    assert line.x == tuple(range(last + 1)) and line.label == "a"
    assert line.y == pytest.approx(shares(RUN, 0.5, last))
    assert band.low == pytest.approx(shares(RUN, 0.1, last))
    assert band.high == pytest.approx(shares(RUN, 0.9, last))
    assert line.y[0] < line.y[-1] == 100, "it goes up"
    assert "10–90 % of the runs" in band.label
    assert (chart.plots[0].y.low, chart.plots[0].y.high) == (0, 103), "the axis of a share holds still"


def test_epidemic_is_the_share_and_the_messages_of_each_round():
    chart = figures.epidemic(RUN)
    (line,), (bars,) = marks(chart, Line), marks(chart, Bars, 1)
    sent = RUN.messages.mean(axis=0) / RUN.nodes
    assert line.y == pytest.approx(shares(RUN, 0.5, len(line.x) - 1))
    assert bars.at == tuple(range(1, len(bars.at) + 1)) and bars.value == pytest.approx(sent[: len(bars.at)])


def test_the_tail_ends_where_nobody_is_left():
    (line,) = marks(figures.uninformed_share({"a": RUN}), Line)
    left = 1 - np.quantile(RUN.informed, 0.5, axis=0, method="nearest") / RUN.nodes
    for at, share in zip(map(int, line.x), line.y, strict=True):
        known = left[min(at, len(left) - 1)]
        assert share == (pytest.approx(known) if known > 0 else None)


def test_levels_are_medians_with_their_range_and_say_never_where_there_is_none():
    results = {"a": RUN, "b": spread(100, loss=0.9, max_rounds=20, trials=20, seed=1)}
    chart = figures.rounds_by_label(results)
    for level, dots in zip((0.5, 0.99, 1.0), marks(chart, Dots), strict=True):
        assert dots.y == (1, 0) and dots.label == f"{level:.0%} know"
        ends = np.quantile(RUN.rounds_to(level), (0.1, 0.5, 0.9), method="nearest")
        assert (dots.low[0], dots.x[0], dots.high[0]) == tuple(ends)
    assert marks(chart, Dots)[2].x[1] is None
    (never,) = marks(chart, Text)
    assert never.y == 0 and "100% not in 20 rounds" in never.text


def test_a_cut_run_is_said_to_be_cut_and_a_whole_one_is_not():
    cut = spread(100, loss=0.9, max_rounds=20, trials=20, seed=1)
    for draw in (figures.spread_curves, figures.uninformed_share):
        assert "Cut after 20 rounds" in draw({"a": cut}).note[0]
        assert draw({"a": RUN}).note == ()
    assert "Cut after 20 rounds" in figures.epidemic(cut).note[0] and figures.epidemic(RUN).note == ()
    both = figures.spread_curves({"slow": cut, "quick": RUN})
    assert "(slow)" in both.note[0] and "quick" not in both.note[0]


def test_measured_points_lie_over_the_model_s_line():
    real = np.array([0.01, 0.5, 0.9, 1.0])
    chart = figures.model_against_measured({"c": RUN}, {"c": real})
    (line,), (dots,) = marks(chart, Line), marks(chart, Dots)
    assert line.y[:4] == pytest.approx(100 * RUN.informed.mean(axis=0)[:4] / 100)
    assert dots.y[:4] == pytest.approx(100 * real) and dots.x == line.x


def test_model_and_measurement_stand_in_the_row_of_their_label():
    chart = figures.beside_measured({"a": (1, 3), "b": (4, 2)}, title="T", x="s")
    real, model = marks(chart, Dots)
    assert (real.label, real.x, real.y) == ("measured", (3, 2), (1, 0))
    assert (model.label, model.x, model.y) == ("model", (1, 4), (1, 0))
    assert chart.plots[0].y.names == ("b", "a"), "the first row is on top"


def test_heat_cells_are_the_values_in_their_order():
    chart = COURSE["draw"]("heatmap")
    (cells,) = marks(chart, Cells)
    assert cells.values == ((2, 5, None), (8, 10, 12)) and cells.texts[0] == ("2.0", "5.0", "never")
    assert chart.plots[0].y.names == ("2", "1") and chart.plots[0].x.names == ("0.0", "0.5", "0.9")
    assert (chart.plots[0].colours.low, chart.plots[0].colours.high) == (2, 12)


def test_curves_are_their_rows():
    first, second = marks(figures.curves({"a": [3, 1], "b": [5]}, title="T"), Line)
    assert (first.label, first.x, first.y, second.y) == ("a", (0, 1), (3, 1), (5,))
    assert first.style != second.style


OVER_TIME = {
    "failure": lambda r: dict(
        zip(("take it for alive", "suspect it", "take it for dead"), r.beliefs.T, strict=True)
    ),
    "crash_through_layers": lambda r: {
        "nodes that take it for dead": 100 * r.believing,
        "servers that name it for its service": 100 * r.answered,
    },
    "rotate_keys": lambda r: {
        "nodes that open both keys": 100 * r.opening,
        "nodes that seal with the new key": 100 * r.sealing,
        "pairs that cannot read each other": 100 * r.unreadable,
        "pairs with a wrong belief": 100 * r.wrong,
    },
}


@pytest.mark.parametrize("name", OVER_TIME)
def test_lines_over_time_are_the_run_s(name):
    result = COURSE["over_time"](COURSE["FEW"])
    lines = marks(getattr(figures, name)(result), Line)
    wanted = OVER_TIME[name](result)
    assert [line.label for line in lines] == list(wanted)
    for line, values in zip(lines, wanted.values(), strict=True):
        assert line.x == pytest.approx(result.times) and line.y == pytest.approx(values)


def test_moments_have_letters_in_their_order_and_those_that_never_came_have_none():
    result = COURSE["over_time"](COURSE["FEW"])
    rules = marks(figures.failure(result), Rule)
    assert [(rule.letter, rule.text, rule.at) for rule in rules] == [
        ("A", "first suspicion", 2.0),
        ("B", "first declares it dead", 5.0),
    ]
    assert figures.failure(result).note == ("Not within these 9.5 s: everybody does.",)


def test_digests_are_the_run_s_with_a_question_mark_where_nothing_is_known():
    result = cassandra.digests(8, seeds=0, churn_per_minute=30, seconds=12)
    chart = figures.digests(result)
    (know,), (lag,), (cells,) = marks(chart, Line), marks(chart, Line, 1), marks(chart, Cells, 2)
    assert know.y == pytest.approx(100 * result.knowing)
    assert [value for value in lag.y if value is not None] == pytest.approx(
        result.lag[np.isfinite(result.lag)]
    )
    unknown = np.isnan(result.lags) & ~np.eye(len(result.names), dtype=bool)
    assert unknown.any() and not unknown.all()
    for at, (row, said) in enumerate(zip(cells.values, cells.texts, strict=True)):
        assert row[at] == 0, "a node is never behind itself"
        assert [value is None for value in row] == [text == "?" for text in said] == list(unknown[at])
        assert [value for value in row if value] == [value for value in result.lags[at] if value > 0]


def test_suspicion_keeps_every_peak_and_shades_what_is_over_the_threshold():
    result = cassandra.suspicion(8.0, pause_s=6.0)
    chart = figures.suspicion(result)
    for at, (label, phi) in enumerate(result.phi.items()):
        (line,) = marks(chart, Line, at)
        assert chart.plots[at].title == label
        assert max(line.y) == pytest.approx(np.nanmax(phi)) and len(line.x) < len(phi)
        for begin in np.arange(0, result.times[-1], 0.4):
            within = (result.times >= begin + 1e-9) & (result.times < begin + 0.4 - 1e-9)
            there = phi[within][np.isfinite(phi[within])]
            drawn = [y for x, y in zip(line.x, line.y, strict=True) if begin - 0.05 <= x <= begin + 0.45]
            assert not len(there) or max(drawn) >= there.max(), f"a peak at {begin:g} s"
        points = dict(zip(result.times, phi, strict=True))
        assert all(points[x] == y for x, y in zip(line.x, line.y, strict=True))
        shades = [mark for mark in marks(chart, Span, at) if mark.style == style.ORANGE]
        over = result.times[np.nan_to_num(phi) > result.threshold]
        assert all(any(span.low <= moment <= span.high for span in shades) for moment in over)
        under = result.times[np.nan_to_num(phi) <= result.threshold]
        assert not any(span.low <= moment <= span.high for span in shades for moment in under)
    pauses = [mark for mark in marks(chart, Span) if mark.style == style.FAINT]
    assert [(pause.low, pause.high) for pause in pauses] == [tuple(result.pause)]


def test_converged_has_its_lines_and_a_bar_for_each_share():
    result = cassandra.converged_yet_different(merkle=False)
    chart = figures.converged_yet_different(result)
    (wrong,), (differ,) = marks(chart, Line), marks(chart, Line, 1)
    assert wrong.y == pytest.approx(result.wrong) and differ.y == pytest.approx(result.divergent)
    bars = {bar.at[0]: bar.value[0] for bar in marks(chart, Bars, 2)}
    assert bars == pytest.approx(
        {2: 100 * result.stale_at_once, 1: 100 * result.predicted, 0: 100 * result.stale_later}
    )
    names = chart.plots[2].y.names
    assert (
        names[2].startswith("right after") and names[1].endswith("by PBS") and names[0].startswith("of older")
    )
    silent = figures.converged_yet_different(replace(result, later=(0, 0)))
    assert marks(silent, Bars, 2)[-1].value == (None,) and marks(silent, Bars, 2)[-1].texts == ("no answer",)


def test_a_deleted_row_is_drawn_as_its_table_says():
    chart = figures.zombies(deleted_row(14 * DAY_S))
    rows = {2: "a", 1: "b", 0: "c"}
    drawn = [(rows[span.row], span.label, f"{span.low:g}", f"{span.high:g}") for span in marks(chart, Span)]
    assert drawn == list(chart.rows)
    (rule,) = marks(chart, Rule)
    assert (rule.at, rule.label) == (11, "the row is back")
    assert chart.plots[0].y.names == ("replica c", "replica b", "replica a")


def test_two_joins_are_drawn_from_when_they_asked_to_when_they_own():
    result = cassandra.two_joins("gossip", keys=5)
    chart = figures.two_joins(result)
    end = float(result.times[-1])
    waits, owns = marks(chart, Span)[::2], marks(chart, Span)[1::2]
    assert [(span.low, span.high, span.row) for span in waits] == [
        (asked, joined, row)
        for asked, joined, row in zip(result.asked_s, result.joined_s, (1, 0), strict=True)
    ]
    assert [(span.low, span.high) for span in owns] == [(joined, end) for joined in result.joined_s]
    (step,), (bars,) = marks(chart, Step, 1), marks(chart, Bars, 2)
    assert step.y == pytest.approx(result.disagreeing) and bars.value == (result.lost,)


def test_the_ring_s_arcs_are_owners_before_and_after_and_what_is_sent():
    result = dynamo.join_ring(5)
    chart = figures.join_ring(result)
    arcs = marks(chart, Arc)
    outer = sorted({arc.outer for arc in arcs})
    for ring, radius in zip((result.before, result.after), outer, strict=False):
        drawn = [arc for arc in arcs if arc.outer == radius]
        assert [arc.text for arc in drawn] == [
            ring.replicas(end, 1)[0].rsplit("-", 1)[1] for _, end in ring.ranges()
        ]
        assert sum(arc.end - arc.start for arc in drawn) == pytest.approx(1), "a whole turn"
        assert [arc.start for arc in drawn] == pytest.approx([start / RING for start, _ in ring.ranges()])
    sent = [arc for arc in arcs if arc.outer == outer[2]]
    assert len(sent) == len(result.moves)
    newcomer = {arc.label for arc in sent if arc.style == style.VERMILION}
    assert newcomer == {"sent to it"} and {arc.label for arc in sent} <= {"sent to it", "sent to others"}
    before, *after = marks(chart, Bars, 1)
    assert [f"{value:.2f}" for value in before.value] == [row[1] or "0.00" for row in chart.rows]
    assert [f"{bar.value[0]:.2f}" for bar in after] == [row[2] for row in chart.rows]
    assert [name.split()[0] for name in chart.plots[1].y.names][::-1] == [row[0] for row in chart.rows]


def test_quorums_are_drawn_with_what_the_runs_leave_open():
    result = dynamo.explore_quorums(r=1, w=1, churn_per_s=2.0, loss=0.2, pairs=20, runs=4, answered=0.9)
    chart = figures.explore_quorums(result)
    model, strict, sloppy = marks(chart, Bars)
    assert model.value[0] == pytest.approx(100 * (1 - result.p_fresh)) and model.low == (None,)
    for bar, run, row in ((strict, result.strict, 1), (sloppy, result.sloppy, 0)):
        assert bar.at == (row,) and bar.value[0] == pytest.approx(100 * run.stale)
        assert (bar.low[0], bar.high[0]) == pytest.approx(tuple(100 * end for end in run.stale_range))
    assert marks(chart, Bars, 1)[0].texts == ("–",) and marks(chart, Bars, 1)[0].value == (None,)
    gets, puts = marks(chart, Dots, 2)
    assert gets.x == pytest.approx((result.read_ms, result.strict.read_ms, result.sloppy.read_ms))
    assert puts.x == pytest.approx((result.write_ms, result.strict.write_ms, result.sloppy.write_ms))
    assert [round(y) for y in gets.y] == [2, 1, 0] == [round(y) for y in puts.y]


def test_a_history_has_a_box_a_version_in_its_client_s_lane_and_an_arrow_a_replacement():
    replay = dynamo.figure_3()
    chart = figures.history_graph(replay.history, siblings=["D3"])
    boxes = {box.head: box for box in marks(chart, Box)}
    lanes = chart.plots[0].y.names
    for version in replay.history.nodes:
        box = boxes[version.name]
        assert lanes[int(box.y)] == version.client
        assert box.code == tuple(f"{node}: {count}" for node, count in version.clock.counters.items())
    places = {(box.x, box.y): name for name, box in boxes.items()}
    arrows = {(places[arrow.x0, arrow.y0], places[arrow.x1, arrow.y1]) for arrow in marks(chart, Arrow)}
    assert arrows == set(replay.history.edges)
    assert all(arrow.x1 > arrow.x0 for arrow in marks(chart, Arrow)), "what replaces stands further right"
    assert boxes["D3"].dashed and boxes["D3"].corner == "sibling" and not boxes["D1"].dashed


def test_catching_up_is_drawn_as_it_went():
    result = dynamo.catch_up(10.0, keys=20, seconds=40.0)
    lacking, hints = marks(figures.catch_up(result), Line)
    assert lacking.y == pytest.approx(result.divergent) and hints.y == pytest.approx(result.hints)


def test_a_join_is_drawn_until_the_last_run_knows_of_it():
    result = dynamo.spread_join(8, runs=6)
    chart = figures.spread_join(result)
    (mean,), (moment,) = marks(chart, Line), marks(chart, Rule)
    drawn = len(mean.x)
    assert mean.y == pytest.approx(100 * result.knowing.mean(axis=0)[:drawn])
    assert mean.y[-1] == 100 and mean.x[-1] >= result.one_ring_s.max()
    assert moment.at == pytest.approx(result.one_ring_s.mean())
    never = figures.spread_join(dynamo.spread_join(8, runs=2, loss=1.0))
    assert not marks(never, Rule) and never.lines[0] == "In none of 2 runs all go by one ring within 30 s."


def test_an_assertion_s_lines_are_the_formula_and_its_points_the_tests_that_were_made():
    result = assertion(loss=0.05, runs=50)
    chart = figures.assertion(result)
    missed, alarmed = marks(chart, Line)
    assert missed.x == result.sizes and missed.y == pytest.approx(result.misses)
    assert alarmed.y == pytest.approx(result.false_alarms)
    seen_missed, seen_alarmed = marks(chart, Dots)
    assert seen_missed.y == pytest.approx(result.seen_misses)
    assert seen_alarmed.y == pytest.approx(result.seen_false_alarms)
    (sample,) = marks(chart, Rule)
    assert sample.at == 50 and f"{result.needed} runs" in chart.lines[-1]
    one = figures.assertion(assertion(loss=0.05, runs=1, width=1.0)).lines[1]
    assert one.startswith("1 run, within 1 standard error: ")


def test_a_network_s_nodes_have_the_colour_of_their_round():
    ring = overlays.ring(30)
    result = spread(30, overlay=ring, fanout=2, track=True, max_rounds=6, seed=1)
    learned = result.learned_at[0]
    chart = rumor_scene(ring, result).chart
    told, origin, ignorant = marks(chart, Dots)
    assert sorted(told.values) == sorted(learned[learned > 0])
    assert len(origin.x) == 1 and len(ignorant.x) == np.sum(learned < 0) and ignorant.hollow
    (links,) = marks(chart, Line)
    assert sum(y is None for y in links.y) == ring.number_of_edges()


def test_the_frame_has_three_boxes_and_two_arrows_in_the_order_of_its_table():
    chart = figures.three_parts()
    boxes = marks(chart, Box)
    assert [(box.head.split()[1], box.corner) for box in boxes] == [row[:2] for row in chart.rows]
    rows = [box.y for box in boxes]
    assert rows == sorted(rows, reverse=True), "from top to bottom"
    gaps = [(arrow.y0, arrow.y1) for arrow in marks(chart, Arrow)]
    assert all(above > y0 > y1 > below for (above, below), (y0, y1) in zip(pairwise(rows), gaps, strict=True))


def test_a_dot_is_full_where_a_panel_had_moved_and_chosen_panels_are_shaded():
    result = reading.separating_metrics(2)
    chart = figures.separating_metrics(result)
    names, panels = list(result.moved), list(next(iter(result.moved.values())))
    full, empty = marks(chart, Dots)
    for dots, state in ((full, True), (empty, False)):
        assert {
            (panels[int(x)], names[len(names) - 1 - int(y)]) for x, y in zip(dots.x, dots.y, strict=True)
        } == {(panel, name) for name in names for panel in panels if result.moved[name][panel] is state}
    assert [panels[round((span.low + span.high) / 2)] for span in marks(chart, Span)] == list(result.chosen)
    assert [row[0] for row in chart.rows] == names


def test_an_incident_s_metric_is_drawn_as_it_was_asked_and_units_are_not_mixed():
    incident = reading.Incident.load("cold-caches")
    series = incident.series("db.queries")
    (line,) = marks(figures.incident_series(series, paged_s=incident.paged_s), Line)
    assert line.x == pytest.approx(series.times) and line.y == pytest.approx(series.values)
    with pytest.raises(ValueError, match="one"):
        figures.incident_series(series, incident.series("raft.apply"))
