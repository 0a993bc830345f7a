"""Every panel and player of the lessons, each control of it driven to both ends; predictions' and checks' still faces."""

import functools
import json

import pytest

from gossipkit.lab import KnowledgeCheck, Panel, Prediction
from tests import panels

ANEW = "\nIf that is meant, `python -m tests.panels` stores the numbers anew: look at its diff."


@pytest.fixture(scope="module")
def shown():
    """What a lesson shows, by cell."""
    return functools.cache(panels.shown)


def panels_of(shown, lesson):
    return {cell: value for cell, value in shown(lesson).items() if isinstance(value, Panel)}


def test_each_lesson_shows_what_is_driven_here(shown):
    for lesson in panels.LESSONS:
        for kind in (Panel, KnowledgeCheck, Prediction):
            assert any(isinstance(value, kind) for value in shown(lesson).values()), f"{lesson}: {kind}"


def assert_shows(panel, where):
    assert panel.state["chart"] or panel.state["scene"], where
    json.dumps(panel.state["chart"], allow_nan=False)
    assert len(panel.state["alt"]) > 80 and "nan" not in panel.state["alt"], where
    assert panel.state["lines"] and panel.state["rows"], where
    assert panel.chart.summary, where


@pytest.mark.parametrize("lesson", panels.LESSONS)
def test_every_control_shows_the_stored_numbers_at_its_ends(shown, browser_sends, lesson):
    now = {}
    for cell, panel in panels_of(shown, lesson).items():

        def move(positions, panel=panel, cell=cell):
            assert browser_sends(panel, {"positions": positions})["error"] == "", cell
            assert panel.state["positions"] == positions

        for setting in panels.driven(panel, move):
            where = f"{lesson}, {cell}: {setting}"
            assert_shows(panel, where)
            now[where] = panels.numbers(panel)
    before = {where: its for where, its in panels.stored().items() if where.startswith(f"{lesson}, ")}
    differ = panels.changes(before, now)
    assert not differ, "\n".join(differ) + ANEW


def test_another_number_is_a_change_and_a_platform_s_last_digits_are_none():
    was = {"lines": ["3 of 4"], "table": {"s": 1.5}, "drawn": 1000.0}
    for its in ({"lines": ["4 of 4"]}, {"table": {"s": 1.6}}, {"drawn": 1000.1}):
        (said,) = panels.changes({"a": was}, {"a": was | its})
        assert said.startswith("a: ") and "was" in said and "is" in said
    assert panels.changes({"a": was}, {"a": was | {"drawn": 1000.01}}) == []
    assert panels.changes({"a": was}, {"b": was}) == ["a: is gone", "b: is new"]


def test_a_panel_driven_away_and_back_shows_the_same(shown, browser_sends):
    for lesson in panels.LESSONS:
        for panel in panels_of(shown, lesson).values():
            start = [control.index(control.value) for control in panel.controls]
            browser_sends(panel, {"positions": start})
            before = panel.state
            browser_sends(panel, {"positions": [0 for _ in start]})
            browser_sends(panel, {"positions": start})
            assert panel.state == before


def test_controls_have_labels_and_a_text_of_its_own_for_each_position(shown):
    for lesson in panels.LESSONS:
        for cell, panel in panels_of(shown, lesson).items():
            for control in panel.spec:
                where = f"{lesson}, {cell}: {control['name']}"
                assert control["label"] and control["label"] != control["name"], where
                assert len(set(control["texts"])) == len(control["texts"]), where


def test_every_still_face_is_whole(shown, page):
    for lesson in panels.LESSONS:
        for cell, widget in shown(lesson).items():
            data, _ = widget._repr_mimebundle_()
            page(data["text/html"])
            assert data["text/plain"].strip(), f"{lesson}, {cell}"
            assert ("image/png" in data) == isinstance(widget, Panel), f"{lesson}, {cell}"
