"""The figures of open overlays: what they draw and say is the run."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.gossip import gossipsub, peer_sampling
from gossipkit.lab import figures
from gossipkit.lab.marks import Band, Line, Rule


def marks(chart, kind, plot=0):
    return [mark for mark in chart.plots[plot].marks if type(mark) is kind]


@pytest.fixture(scope="module")
def topic():
    return {
        "off": gossipsub.deliver(12, liars=0.25, scores=False, seconds=12.0, seed=1),
        "on": gossipsub.deliver(12, liars=0.25, attack="spam", seconds=12.0, seed=1),
    }


@pytest.fixture(scope="module")
def siege():
    return gossipsub.eclipse(20, rules="v1.0", publishes=True, honest=8, links=4, seconds=20.0, runs=2)


@pytest.fixture(scope="module")
def views():
    return {
        protocol: peer_sampling.infiltrate(protocol, 20, liars=0.25, rounds=8, runs=runs)
        for protocol, runs in (("cyclon", 1), ("brahms", 3))
    }


def test_a_topic_s_arrivals_and_meshes_are_the_run_s(topic):
    chart = figures.deliver(topic)
    for at, (label, result) in enumerate(topic.items()):
        curve, mesh = marks(chart, Line)[at], marks(chart, Line, 1)[at]
        assert curve.label == mesh.label == label
        for x, y in list(zip(curve.x, curve.y, strict=True))[::7]:
            assert y == pytest.approx(100 * np.count_nonzero(result.latency_s <= x) / result.pairs)
        assert mesh.x == tuple(result.times)
        assert mesh.y == pytest.approx(100 * result.mesh_share)
    assert "invalid messages looked at" in chart.lines[1] and "invalid" not in chart.lines[0]
    assert f"{topic['off'].bytes_per_node_s:,.0f} B/s" in chart.lines[0]
    assert (chart.plots[0].y.low, chart.plots[0].y.high) == (0, 103), "the axis of a share holds still"


def test_a_topic_in_which_nothing_arrives_can_be_drawn(topic):
    silent = replace(
        topic["off"], delivered=0.0, on_time=0.0, latency_s=np.array([]), mesh_share=np.full(13, np.nan)
    )
    chart = figures.deliver({"silent": silent})
    assert set(marks(chart, Line)[0].y) == {0.0} and set(marks(chart, Line, 1)[0].y) == {None}
    assert ", never half;" in chart.alt and "there are no meshes" in chart.alt and "nan" not in chart.alt
    assert chart.png(1)
    nobody = replace(silent, pairs=0, delivered=np.nan, on_time=np.nan)
    assert "none arrive" in figures.deliver({"nobody": nobody}).alt


def test_a_siege_is_the_mean_of_its_runs_and_marks_when_it_begins(siege):
    chart = figures.eclipse({"v1.0": siege})
    (mesh,), (rule,), (curve,) = marks(chart, Line), marks(chart, Rule), marks(chart, Line, 1)
    assert mesh.y == pytest.approx(100 * siege.mesh_share.mean(axis=0))
    assert (rule.at, rule.text) == (5.0, "the liars come")
    during = siege.latency_s[siege.published_s >= 5.0]
    assert max(curve.y) == pytest.approx(100 * np.mean(during <= curve.x[-1]))
    assert "its messages reach nine in ten" in chart.lines[0]
    assert [row[0] for row in chart.rows] == [str(at) for at in range(21)]


def test_a_cold_boot_begins_with_the_honest_peers_and_a_mesh_of_nobody_is_a_gap(siege):
    share = siege.mesh_share.copy()
    share[:, 0] = share[:, -1] = np.nan
    cold = replace(siege, mesh_share=share, settings=siege.settings | {"cold": True})
    chart = figures.eclipse({"a": cold})
    assert marks(chart, Rule)[0].text == "honest peers dial it"
    assert marks(chart, Line)[0].y[0] is None and chart.rows[0][1] == "no mesh"
    assert "holds nobody and no liars" in chart.lines[0]


def test_views_have_a_line_each_a_band_over_runs_and_the_share_of_all_peers(views):
    chart = figures.infiltrate(views)
    lines = {line.label: line for line in marks(chart, Line)}
    assert list(lines) == ["cyclon", "brahms", "brahms: its samples"]
    assert lines["cyclon"].y == pytest.approx(100 * views["cyclon"].share[0])
    assert lines["brahms"].y == pytest.approx(100 * views["brahms"].share.mean(axis=0))
    assert lines["brahms: its samples"].y == pytest.approx(100 * views["brahms"].samples.mean(axis=0))
    (band,), (rule,) = marks(chart, Band), marks(chart, Rule)
    assert band.style == lines["brahms"].style
    assert band.low == pytest.approx(100 * views["brahms"].share.min(axis=0))
    assert (rule.at, rule.level) == (25.0, True)
    assert "expected" in chart.lines[1] and "expected" not in chart.lines[0]
    assert len(chart.rows) == 9


@pytest.mark.parametrize("draw", [figures.deliver, figures.eclipse, figures.infiltrate])
def test_nothing_is_refused(draw):
    with pytest.raises(ValueError, match="nothing to draw"):
        draw({})
