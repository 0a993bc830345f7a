"""What the figures over time plot and say of a run."""

import numpy as np
import pytest

from gossipkit.lab import figures
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Line, Rule
from gossipkit.systems.consul.experiments import crash_through_layers, rotate_keys
from gossipkit.systems.consul.experiments.failures import Failure
from gossipkit.systems.consul.experiments.layers import Layers
from gossipkit.systems.consul.experiments.rotation import Rotation

TIMES = np.array([0.0, 1.0, 2.0, 3.0])
NEVER = float("nan")

TOLD = "without a log, a server knows only what it was told itself."


def test_failure_plots_its_run(plots):
    beliefs = np.array([(3, 0, 0), (2, 1, 0), (1, 1, 1), (0, 1, 2)])
    chart = figures.failure(
        Failure(4, "d", TIMES, beliefs, np.array([0, 5, 1, 0]), 1.0, 2.0, NEVER, 1, 9.0, 99.0)
    )
    plots(
        chart,
        Plot(
            [
                Line(TIMES, (3, 2, 1, 0), 0, "take it for alive"),
                Line(TIMES, (0, 1, 1, 1), 1, "suspect it"),
                Line(TIMES, (0, 0, 1, 2), 2, "take it for dead"),
                Rule(1, letter="A", text="first suspicion"),
                Rule(2, letter="B", text="first declares it dead"),
            ],
            Axis("seconds", 0, 3),
            Axis("observers"),
        ),
    )
    assert chart.note == ("Not within these 3 s: everybody does.",)


@pytest.mark.parametrize(
    ("logged", "says"), [(True, "committed to the catalog"), (False, "a server writes it down")]
)
def test_crash_through_layers_plots_its_run(plots, logged, says):
    dead, named = np.array([0, 0.25, 0.5, 1]), np.array([1, 1, 0.5, 0])
    plots(
        figures.crash_through_layers(Layers(TIMES, dead, named, logged, 1.5, 0.5, NEVER, 2.0, 2.5)),
        Plot(
            [
                Line(TIMES, (0, 25, 50, 100), 0, "nodes that take it for dead"),
                Line(TIMES, (100, 100, 50, 0), 1, "servers that name it for its service"),
                Rule(0.5, letter="A", text="first suspicion"),
                Rule(1.5, letter="B", text="the servers are back"),
                Rule(2, letter="C", text=says),
                Rule(2.5, letter="D", text="no reachable server names it"),
            ],
            Axis("seconds", 0, 3),
            Axis("share (%)"),
        ),
    )


def test_rotate_keys_plots_its_run(plots):
    shares = (
        np.array(each) for each in ((0, 0.5, 1, 1), (1, 0.75, 0.5, 0), (0, 0.2, 0, 0.1), (0, 0, 0.01, 0.02))
    )
    plots(
        figures.rotate_keys(Rotation(TIMES, {"install": 0.0, "use": 2.0}, *shares, 7)),
        Plot(
            [
                Line(TIMES, (100, 75, 50, 0), 0, "nodes that open both keys"),
                Line(TIMES, (0, 50, 100, 100), 1, "nodes that seal with the new key"),
                Line(TIMES, (0, 20, 0, 10), 2, "pairs that cannot read each other"),
                Line(TIMES, (0, 0, 1, 2), 3, "pairs with a wrong belief"),
                Rule(0, letter="A", text="install begins"),
                Rule(2, letter="B", text="use begins"),
            ],
            Axis("seconds", 0, 3),
            Axis("share (%)"),
        ),
    )


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ({}, "The commit came before the last node knew of the death, and the answer followed the commit."),
        (
            {"servers_lost": 2},
            "Nothing was committed, so servers name the dead agent to the end: what gossip knows has not been decided.",
        ),
        (
            {"servers_lost": 2, "back_s": 10},
            "The commit came after the last node knew of the death, and the answer followed the commit.",
        ),
        ({"authority": False}, f"In the moment of the crash 33 % of the reachable servers named it: {TOLD}"),
        (
            {"authority": False, "servers_lost": 2},
            f"No server that was reachable in the moment of the crash knew the service: {TOLD}",
        ),
        (
            {"authority": False, "servers_lost": 2, "back_s": 10},
            f"No server that was reachable in the moment of the crash knew the service: {TOLD} "
            "A server that is back names the dead agent again.",
        ),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_crash_through_the_layers_is_summed_up_as_it_happened(options, last):
    # a server that was away hears of the crash, and a leader writes it down, within a minute and a half
    seen = crash_through_layers(seconds=90 if "back_s" in options else 15, seed=2, **options)
    chart = figures.crash_through_layers(seen)
    assert chart.lines[-1] == last
    assert any(line.startswith("committed to the catalog: ") for line in chart.lines) == seen.logged
    assert any(line.startswith("a server writes it down: ") for line in chart.lines) != seen.logged
    assert ("the servers are back: 10.0 s." in chart.lines) == ("back_s" in options)


def test_a_rotation_without_an_outage_shows_its_steps():
    chart = figures.rotate_keys(rotate_keys(5, seconds=30))
    assert chart.lines[:3] == ("install begins: 0.0 s.", "use begins: 10.0 s.", "remove begins: 20.0 s.")
    _, opening, sealing, unreadable, wrong = zip(*chart.rows, strict=True)
    assert "100" in opening
    assert "100" in sealing
    assert set(unreadable) == set(wrong) == {"0"}
