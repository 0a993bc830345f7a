"""Panels and predictions in JupyterLab: what is said while a run takes its time, and where the focus stays."""

import nbformat
import pytest
from playwright.sync_api import expect

from gossipkit.lab.refresh import normalise

CELLS = [
    """from dataclasses import replace
from time import sleep

from gossipkit.lab import Panel, Prediction, Slider, figures


def run(wait):
    if wait == 4:
        raise ValueError("4 is too much")
    sleep(2.0 * (wait == 3))
    return {"x": [wait, 2 * wait]}


def draw(run):
    chart = figures.curves(run, title="Slow")
    return replace(chart, note=("how to read it", *chart.lines))


Panel("Slow", run=run, draw=draw, controls=[Slider("wait", 1, 4, 1)])""",
    "bet = Prediction('How many rounds?', low=1, high=60, unit='rounds')\nbet",
    "bet.score(7)",
]


@pytest.fixture(scope="module")
def jupyter(lab):
    return lab


@pytest.fixture(scope="module")
def opened(lab, shared):
    """The page of a notebook that was run."""
    cells = map(nbformat.v4.new_code_cell, CELLS)
    nbformat.write(
        normalise(nbformat.v4.new_notebook(cells=list(cells))), lab.course / "notebooks" / "panel.ipynb"
    )
    lab.run(shared, "notebooks/panel.ipynb")
    return shared


def test_a_run_that_takes_its_time_shows_it_and_one_that_was_shown_does_not_run_again(opened):
    panel = opened.get_by_role("group", name="Slow")
    slider, busy = panel.get_by_role("slider"), panel.locator(".gk-busy")
    # a finding that is a note of the picture, too, is said once
    expect(panel.locator(".gk-note")).to_have_text("how to read it")
    slider.focus()
    opened.keyboard.press("ArrowRight")
    expect(panel.locator(".gk-summary")).to_contain_text("4")
    expect(busy).to_be_hidden()
    opened.keyboard.press("ArrowRight")
    expect(busy).to_have_text("The kernel is working …")
    expect(busy).to_be_visible()
    expect(busy).to_be_hidden()
    expect(slider).to_be_focused()
    # once more: it is there without a run, so nothing is said
    opened.evaluate(
        """() => {
            window.said = [];
            const busy = document.querySelector('.gk-panel .gk-busy');
            new MutationObserver(() => window.said.push(busy.textContent)).observe(busy, { childList: true });
        }"""
    )
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("ArrowRight")
    expect(panel.locator(".gk-summary")).to_contain_text("6")
    assert not [text for text in opened.evaluate("() => window.said") if text]
    # what the run refuses is said, and the focus stays
    opened.keyboard.press("ArrowRight")
    expect(panel.get_by_role("alert")).to_have_text("4 is too much")
    expect(slider).to_be_focused()
    opened.keyboard.press("ArrowLeft")
    expect(panel.get_by_role("alert")).to_be_hidden()


def test_a_bet_is_placed_by_keyboard_and_the_focus_stays_on_the_button(opened):
    bet = opened.locator(".gk-prediction")
    number, lock = bet.get_by_label("Your prediction", exact=True), bet.get_by_role("button", name="Lock in")
    lock.focus()
    opened.keyboard.press("Enter")
    expect(bet.locator(".gk-status")).to_contain_text("Give a number from 1 to 60")
    expect(lock).to_be_focused()
    scale = bet.get_by_role("slider")
    scale.focus()
    opened.keyboard.press("Home")
    expect(scale).to_have_attribute("aria-valuetext", "1 round")
    number.fill("9")
    lock.focus()
    opened.keyboard.press("Enter")
    expect(bet.locator(".gk-status")).to_contain_text("Locked in: 9 rounds.")
    expect(lock).to_be_focused()
    expect(opened.locator(".gk-verdict-box")).to_contain_text("the run gave 7 rounds")
