"""Every panel and player of the lessons, each control of it driven to both ends."""

import ast
import contextlib
import io
import json

import nbformat
import pytest

from gossipkit.lab import KnowledgeCheck, Panel, Prediction

# lesson, and how the names of the cells begin that are run: the whole of lesson 02, 03 or 04 would take a minute
LESSONS = {
    "00_start_here": "",
    "01_epidemic_spread": "",
    "02_consul_memberlist": "lab",
    "03_cassandra": "lab",
    "04_dynamo": "lab",
    "05_side_by_side": "lab",
    "06_parameters": "lab",
    "07_trust": "lab",
    "08_debugging": "lab",
}


@pytest.fixture(scope="module")
def shown(root):
    """What the lessons' cells evaluate to, by lesson and cell; each lesson's cells share one namespace."""
    return {
        lesson: run(nbformat.read(root / "notebooks" / f"{lesson}.ipynb", 4), begin)
        for lesson, begin in LESSONS.items()
    }


def run(notebook, begin):
    """The value of each code cell's last expression, by cell."""
    namespace, values = {"__name__": "__main__"}, {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id.startswith(begin):
            with contextlib.redirect_stdout(io.StringIO()):
                values[cell.id] = evaluate(cell, namespace)
    return values


def evaluate(cell, namespace):
    body = ast.parse(cell.source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), cell.id, "exec"), namespace)
    return last and eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace)


def widgets(shown, kind):
    return [
        (f"{lesson}, {cell}", value)
        for lesson, cells in shown.items()
        for cell, value in cells.items()
        if isinstance(value, kind)
    ]


def test_the_lessons_have_what_is_driven_here(shown):
    for lesson in LESSONS:
        here = shown[lesson].values()
        assert any(isinstance(value, Panel) and value.controls for value in here)
        if not LESSONS[lesson]:
            assert any(isinstance(value, KnowledgeCheck) for value in here)


def assert_shows(panel, where):
    assert panel.state["chart"] or panel.state["scene"], where
    json.dumps(panel.state["chart"], allow_nan=False)
    assert len(panel.state["alt"]) > 80 and "nan" not in panel.state["alt"], where
    assert panel.state["lines"] and panel.state["rows"], where
    assert panel.chart.summary, where


def both_ends(panel, name, place, others, browser_sends):
    """What can be read with one control at its first and at its last position."""
    control, faces = panel.controls[place], []
    for end in (0, len(control.positions) - 1):
        where = f"{name}: {control.name} at {control.positions[end]!r}"
        positions = [*others[:place], end, *others[place + 1 :]]
        assert browser_sends(panel, {"positions": positions})["error"] == "", where
        assert panel.state["positions"] == positions
        assert_shows(panel, where)
        faces.append((panel.state["alt"], panel.state["rows"]))
    return faces


def test_every_control_at_both_ends(shown, browser_sends):
    for name, panel in widgets(shown, Panel):
        assert_shows(panel, name)
        start = list(panel.state["positions"])
        last = [len(control.positions) - 1 for control in panel.controls]
        for place, control in enumerate(panel.controls):
            low, high = both_ends(panel, name, place, start, browser_sends)
            if low == high:  # a switch of what helps slow members shows nothing while nobody is slow
                low, high = both_ends(panel, name, place, last, browser_sends)
            assert low != high, f"{name}: {control.name} changes nothing that can be read"


@pytest.mark.parametrize("end", [0, -1])
def test_all_controls_at_the_same_end(shown, end, browser_sends):
    for name, panel in widgets(shown, Panel):
        positions = [end % len(control.positions) for control in panel.controls]
        assert browser_sends(panel, {"positions": positions})["error"] == "", f"{name}, all at {end}"
        assert_shows(panel, f"{name}, all at {end}")


def test_a_panel_driven_away_and_back_shows_the_same(shown, browser_sends):
    for _, panel in widgets(shown, Panel):
        start = [control.index(control.value) for control in panel.controls]
        browser_sends(panel, {"positions": start})
        before = panel.state
        browser_sends(panel, {"positions": [0 for _ in start]})
        browser_sends(panel, {"positions": start})
        assert panel.state == before


def test_controls_have_labels_and_a_text_of_its_own_for_each_position(shown):
    for name, panel in widgets(shown, Panel):
        for control in panel.spec:
            assert control["label"] and control["label"] != control["name"], f"{name}: {control['name']}"
            assert len(set(control["texts"])) == len(control["texts"]), f"{name}: {control['name']}"


def test_every_still_face_is_whole(shown, page):
    for name, widget in widgets(shown, (Panel, Prediction, KnowledgeCheck)):
        data, _ = widget._repr_mimebundle_()
        page(data["text/html"])
        assert data["text/plain"].strip(), name
        assert ("image/png" in data) == isinstance(widget, Panel), name
