"""The figures of incidents: metrics as they were asked for, and a dot for what each panel showed."""

import numpy as np
import pytest

from gossipkit import reading
from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Dots, Line, Rule, Span, Text
from gossipkit.reading.incidents import panels
from gossipkit.reading.incidents.replies import Series

PANELS = list(panels.PANELS)


def test_incident_series_plots_its_run(plots):
    # a counter's first value ends at its first scrape: the others have one more, and the last ones are those that all have
    counter = Series("errors", "errors/s", "node-2", np.array([10.0, 15.0]), np.array([3.0, 1.0]))
    gauge = Series("errors", "errors/s", None, np.array([5.0, 10.0, 15.0]), np.array([9.0, 2.0, 4.0]))
    plots(
        figures.incident_series(gauge, counter, paged_s=12.0),
        Plot(
            [
                Line((10, 15), (2, 4), 0, "errors, all nodes"),
                Line((10, 15), (3, 1), 1, "errors, node-2"),
                Rule(12, letter="A", text="the page"),
            ],
            Axis("seconds", 10, 15),
            Axis("errors/s"),
        ),
    )
    plots(
        figures.incident_series(gauge),
        Plot(
            [Line((5, 10, 15), (9, 2, 4), 0, "errors, all nodes")], Axis("seconds", 5, 15), Axis("errors/s")
        ),
    )


def test_units_are_not_mixed():
    incident = reading.Incident.load("cold-caches")
    with pytest.raises(ValueError, match="they must have one"):
        figures.incident_series(incident.series("db.queries"), incident.series("raft.apply"))


def test_separating_metrics_plots_its_run(plots):
    showed = {"one": (True, False, None), "other": (False, True, True)}
    silent = dict.fromkeys(PANELS)
    moved = {name: silent | dict(zip(PANELS, states, strict=False)) for name, states in showed.items()}
    result = panels.Panels(moved, {"one": "gossip", "other": "repair"}, (PANELS[2], PANELS[0]), (1, 1), 1)
    above = [Text(at, 1.8, panel) for at, panel in enumerate(PANELS)]
    plots(
        figures.separating_metrics(result),
        Plot(
            [
                Span(1.54, 2.46, style=style.SKY),
                Span(-0.46, 0.46, style=style.SKY),
                Dots((0, 1, 2), (1, 0, 0), style.VERMILION, "moved"),
                Dots((1, 0), (1, 0), style.BLUE, "did not", hollow=True),
                *above,
                Text(2, 2.5, "1"),
                Text(0, 2.5, "2"),
            ],
            Axis(low=-0.5, high=len(PANELS) - 0.5, names=[" "] * len(PANELS)),
            Axis(low=-0.5, high=2.9, names=("other (repair)", "one (gossip)")),
        ),
    )


def test_the_incidents_of_the_course_are_the_rows_in_their_order():
    result = reading.separating_metrics(2)
    chart = figures.separating_metrics(result)
    assert [row[0] for row in chart.rows] == list(result.moved)
    full, empty = (mark for mark in chart.plots[0].marks if type(mark) is Dots)
    states = [state for row in result.moved.values() for state in row.values()]
    assert (len(full.x), len(empty.x)) == (states.count(True), states.count(False))
