"""A chart as a cell's value: live in JupyterLab, its picture where nothing is live and on paper; a lab question beside it."""

import nbformat
import pytest
from playwright.sync_api import expect

from gossipkit.lab.refresh import normalise

SOURCES = [
    "from gossipkit.lab import figures\n\nfigures.curves({'told': [1, 3, 9, 20]}, title='Told by round')",
    "from gossipkit.lab import Hints, LabQuestion\n\nLabQuestion('lesson', 'q', folder=FOLDER, told=20)",
]


@pytest.fixture(scope="module")
def jupyter(lab):
    return lab


NOTEBOOK = "notebooks/chart.ipynb"


@pytest.fixture(scope="module")
def opened(lab, shared):
    """A notebook with a chart and a lab question, as it is handed out, run."""
    (lab.course / "lesson.json").write_text(
        '{"lab": {"q": {"question": "How many?", "nudge": "Count.", "pointer": "The last.", "worked": "It is the last.",'
        ' "debrief": "{told} of them."}}}'
    )
    cells = [
        nbformat.v4.new_code_cell(f"from pathlib import Path\n\nFOLDER = Path({str(lab.course)!r})"),
        *map(nbformat.v4.new_code_cell, SOURCES),
    ]
    nbformat.write(normalise(nbformat.v4.new_notebook(cells=cells)), lab.course / NOTEBOOK)
    lab.run(shared, NOTEBOOK)
    return shared


def test_a_chart_is_live_and_leaves_its_picture_for_paper(opened):
    page = opened
    live, picture = page.locator(".gk-alone"), page.locator(".gk-still img")
    expect(live.get_by_role("img")).to_be_visible()
    expect(picture).to_have_count(1)
    expect(picture).to_be_hidden()
    assert "Told by round" in live.inner_text()

    # read by keys, with the focus staying where it is
    board = live.get_by_role("group", name="Chart")
    board.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(live.locator(".gk-readout")).to_contain_text("20")
    expect(board).to_be_focused()

    # it takes the page's colours, and its width
    def ink():
        return live.locator("svg text").first.evaluate("text => getComputedStyle(text).fill")

    light = ink()
    page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    assert ink() != light
    ground = live.evaluate("chart => getComputedStyle(chart).backgroundColor")
    assert ground != "rgb(255, 255, 255)"
    wide = live.locator("svg").bounding_box()["width"]
    page.set_viewport_size({"width": 620, "height": 800})
    page.wait_for_function(f"() => document.querySelector('.gk-alone svg').clientWidth < {wide - 50}")

    # on paper the picture stands in its place
    page.emulate_media(media="print")
    expect(picture).to_be_visible()
    expect(live).to_be_hidden()
    page.emulate_media(media="screen")
    expect(picture).to_be_hidden()


def test_hints_open_one_after_the_other_by_keyboard(opened):
    page = opened
    asked = page.locator(".gk-asked")
    steps = [
        asked.get_by_text(text) for text in ("Hint 1: a nudge", "Hint 2: where to look", "Hint 3: worked")
    ]
    debrief = asked.get_by_text("What you should have seen")
    expect(steps[1]).to_be_hidden()
    steps[0].focus()
    for step, said in zip(steps, ("Count.", "The last.", "It is the last."), strict=True):
        expect(step).to_be_focused()
        page.keyboard.press("Enter")
        expect(asked.get_by_text(said, exact=True)).to_be_visible()
        page.keyboard.press("Tab")
    expect(debrief).to_be_focused()
    expect(asked.get_by_text("20 of them.")).to_be_hidden()
    page.keyboard.press("Space")
    expect(asked.get_by_text("20 of them.")).to_be_visible()


def test_a_chart_outlives_its_kernel_and_saved_and_reopened_it_shows_its_picture(lab, opened):
    page = opened
    live = page.locator(".gk-alone")
    expect(live.locator("svg")).to_be_visible()
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    live.get_by_role("group", name="Chart").focus()
    page.keyboard.press("Home")
    expect(live.locator(".gk-readout")).to_have_text("round 0: told 1")
    page.keyboard.press("End")
    expect(live.locator(".gk-readout")).to_have_text("round 3: told 20")

    saved = nbformat.read(lab.course / NOTEBOOK, as_version=4)
    assert any(
        "image/png" in output.get("data", {}) for cell in saved.cells for output in cell.get("outputs", [])
    )
    lab.open(page, NOTEBOOK)
    expect(page.locator(".gk-still img")).to_be_visible()
    assert "model not found" not in page.locator(".jp-Notebook").inner_text().lower()
