"""The figures of open overlays: what they draw and say is the run."""

from dataclasses import replace

import numpy as np
import pytest

from gossipkit.gossip import gossipsub, peer_sampling
from gossipkit.lab import figures
from gossipkit.lab.axes import Axis, Plot
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


def test_a_cold_boot_begins_with_the_honest_peers_and_a_mesh_of_nobody_is_a_gap(siege):
    share = siege.mesh_share.copy()
    share[:, 0] = share[:, -1] = np.nan
    cold = replace(siege, mesh_share=share, settings=siege.settings | {"cold": True})
    chart = figures.eclipse({"a": cold})
    assert marks(chart, Rule)[0].text == "honest peers dial it"
    assert marks(chart, Line)[0].y[0] is None and chart.rows[0][1] == "no mesh"
    assert "holds nobody and no liars" in chart.lines[0]


SOON = [0.02 * 500 ** (step / 60) for step in range(61)]
ARRIVED = (
    Axis("seconds since it was published", 0.02, 10, scale="log"),
    Axis("messages arrived (%)", 0, 103),
    "How soon messages arrive",
)


def arrived(waits, of, number, label):
    """The line of messages that have arrived within each time, of so many."""
    return Line(SOON, [100 * sum(wait <= soon for wait in waits) / of for soon in SOON], number, label)


def test_deliver_plots_its_run(plots, topic):
    share = np.array([np.nan, 0.5, 0.25, 0.75])
    one = replace(topic["off"], pairs=8, latency_s=np.array([0.02, 0.3, 0.4, 2.0, 11.0]), mesh_share=share)
    other = replace(one, latency_s=np.array([0.05]), mesh_share=np.array([1.0, 0.1]))
    plots(
        figures.deliver({"one": one, "other": other}),
        Plot([arrived(one.latency_s, 8, 0, "one"), arrived([0.05], 8, 1, "other")], *ARRIVED),
        Plot(
            [Line(range(4), (None, 50, 25, 75), 0, "one"), Line((0, 1), (100, 10), 1, "other")],
            Axis("seconds", 0, 3),
            Axis("liars in the mesh (%)", -3, 103),
            title="Who is in honest meshes",
        ),
    )


def test_deliver_says_what_a_real_topic_cost(topic):
    chart = figures.deliver(topic)
    assert "invalid messages looked at" in chart.lines[1] and "invalid" not in chart.lines[0]
    assert f"{topic['off'].bytes_per_node_s:,.0f} B/s" in chart.lines[0]


def test_eclipse_plots_its_run(plots, siege):
    # means over the runs in which there is a mesh; only what is published from the siege on counts
    share = np.array([[0, 0.5, np.nan, np.nan], [0.5, 1, 0.25, np.nan]])
    one = replace(
        siege,
        mesh_share=share,
        published_s=np.array([1.0, 1.5, 2.0, 3.0, 3.5]),
        latency_s=np.array([0.05, 0.06, np.inf, 5.0, 0.3]),
        at_s=1.5,
    )
    other = replace(one, mesh_share=np.array([[1.0, 0.0, 0.0, 0.0]]), latency_s=np.full(5, 0.02))
    plots(
        figures.eclipse({"one": one, "other": other}),
        Plot(
            [
                Line(range(4), (25, 75, 25, None), 0, "one"),
                Line(range(4), (100, 0, 0, 0), 1, "other"),
                Rule(1.5, text="the liars come"),
            ],
            Axis("seconds", 0, 3),
            Axis("liars in the mesh (%)", -3, 103),
            title="Who is in the victim's mesh",
        ),
        Plot([arrived([0.06, np.inf, 5.0, 0.3], 4, 0, "one"), arrived([0.02] * 4, 4, 1, "other")], *ARRIVED),
    )


def test_eclipse_says_how_a_real_siege_ended(siege):
    chart = figures.eclipse({"v1.0": siege})
    assert "its messages reach nine in ten" in chart.lines[0]
    assert [row[0] for row in chart.rows] == [str(at) for at in range(21)]


def test_infiltrate_plots_its_run(plots, views):
    share = np.array([[0.2, 0.4, 0.9], [0.1, 0.2, 0.5], [0.3, 0.9, 0.7]])
    brahms = replace(views["brahms"], share=share, samples=share / 2, isolated=0 * share)
    cyclon = replace(brahms, share=share[1:2, :2], samples=np.full((1, 2), np.nan), isolated=share[1:2, :2])
    plots(
        figures.infiltrate({"cyclon": cyclon, "brahms": brahms}),
        Plot(
            [
                Band(range(3), (10, 20, 50), (30, 90, 90), 1),
                Line((0, 1), (10, 20), 0, "cyclon"),
                Line(range(3), (20, 50, 70), 1, "brahms"),
                Line(range(3), (10, 25, 35), 2, "brahms: its samples"),
                Rule(25, level=True, label="of all peers"),
            ],
            Axis("round", 0, 2),
            Axis("liars (%)", -3, 103),
        ),
    )


def test_infiltrate_says_of_real_views_what_is_expected_where_that_is_known(views):
    chart = figures.infiltrate(views)
    assert "expected" in chart.lines[1] and "expected" not in chart.lines[0]
    assert len(chart.rows) == 9


@pytest.mark.parametrize("draw", [figures.deliver, figures.eclipse, figures.infiltrate])
def test_nothing_is_refused(draw):
    with pytest.raises(ValueError, match="nothing to draw"):
        draw({})
