"""What a cell that shows a widget leaves in the notebook, and what becomes of the widget when the cell is run again."""

import gc
import weakref
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gossipkit.lab import KnowledgeCheck, Panel, Prediction, Slider, faces, figures, widget
from gossipkit.lab.widget import LabWidget

VIEW = "application/vnd.jupyter.widget-view+json"


def panel():
    return Panel(
        "Squares",
        run=lambda high: {"x²": [x * x for x in range(high + 1)]},
        draw=lambda run: figures.curves(run, title="Squares"),
        controls=[Slider("high", 1, 9, 1, value=3)],
    )


SHOWN = {
    "panel": panel,
    "check": lambda: KnowledgeCheck("01_epidemic_spread", "growth"),
    "bet": lambda: Prediction("?", low=1, high=9),
    "verdict": lambda: Prediction("?", low=1, high=9).score(3),
}


@pytest.fixture
def outputs(monkeypatch):
    """What cells show from now on: the data of each output."""
    shown = []
    monkeypatch.setattr(widget, "display", lambda data, metadata=None, raw=False: shown.append((data, raw)))
    return shown


@pytest.mark.parametrize("kind", sorted(SHOWN))
def test_a_cell_makes_a_still_output_and_a_live_one(kind, outputs):
    made = SHOWN[kind]()
    assert InteractiveShell.instance().display_formatter.format(made) == ({}, {})
    (still, raw), (live, also_raw) = outputs
    assert raw and also_raw
    assert VIEW not in still and {"text/html", "text/plain"} <= set(still)
    assert live == {VIEW: live[VIEW], "text/plain": ""} and live[VIEW]["model_id"] == made.model_id


@pytest.fixture
def run_cell(monkeypatch):
    """Runs something as a cell of the notebook."""
    runs = iter(range(1000))

    def run(cell, make):
        parent = {"metadata": {"cellId": cell}, "header": {"msg_id": f"run-{next(runs)}"}}
        monkeypatch.setattr(widget, "get_ipython", lambda: SimpleNamespace(parent_header=parent))
        return make()

    return run


@pytest.mark.parametrize("kind", sorted(SHOWN))
def test_a_cell_that_is_run_again_closes_what_it_made_before(kind, run_cell):
    first, elsewhere = run_cell("a", SHOWN[kind]), run_cell("b", SHOWN[kind])
    two = run_cell("c", lambda: (SHOWN[kind](), SHOWN[kind]()))
    second = run_cell("a", SHOWN[kind])
    assert first.comm is None and second.comm is not None and elsewhere.comm is not None
    assert all(each.comm is not None for each in two)


def test_without_a_frontend_that_names_cells_nothing_is_closed():
    first = panel()
    panel()
    assert first.comm is not None


def test_a_closed_panel_keeps_no_figure(run_cell):
    first = run_cell("a", panel)
    chart = weakref.ref(first.chart)
    run_cell("a", panel)
    gc.collect()
    assert chart() is None


def test_a_chart_leaves_its_picture_and_lives_beside_it(outputs):
    chart = panel().chart
    assert InteractiveShell.instance().display_formatter.format(chart) == ({}, {})
    (still, _), (live, _) = outputs
    own, _ = chart.bundle()
    assert still == own | {"text/html": faces.still(own["text/html"])} and VIEW not in still
    assert set(live) == {VIEW, "text/plain"} and live["text/plain"] == ""


def test_a_live_chart_has_all_that_is_drawn_and_read_and_keeps_no_chart(outputs):
    chart = figures.curves({"x²": [0, 1, 4]}, title="Squares")
    chart._ipython_display_()
    model = outputs[1][0][VIEW]["model_id"]
    (made,) = (each for each in LabWidget._open if each.comm is not None and each.model_id == model)
    assert made.state == chart.state()
    assert made.state["chart"] == chart.describe() and made.state["alt"] == chart.alt
    assert len(made.state["rows"]) == len(chart.rows)
    gone = weakref.ref(chart)
    del chart
    gc.collect()
    assert gone() is None


def test_a_chart_whose_cell_is_run_again_is_closed(run_cell, outputs):
    made = []
    for _ in range(3):
        run_cell("a", lambda: panel().chart._ipython_display_())
        made.append(outputs[-1][0][VIEW]["model_id"])
    alive = {each.model_id for each in LabWidget._open if each.comm is not None}
    assert made[-1] in alive and not alive & set(made[:-1])
