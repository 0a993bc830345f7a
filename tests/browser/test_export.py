"""A lesson that was exported to html, as it is read without a kernel and without a network, and as it is printed."""

import subprocess
import sys

import nbformat
import pytest
from playwright.sync_api import expect

CELLS = (
    "from gossipkit.lab import KnowledgeCheck, Panel, Prediction, Slider, Stage, figures\n"
    "from gossipkit.systems import Dynamo",
    "Panel('Squares', run=lambda high: {'x²': [x * x for x in range(high + 1)]},\n"
    "      draw=lambda run: figures.curves(run, title='Squares'), controls=[Slider('high', 1, 9, 1, value=3)])",
    "KnowledgeCheck('01_epidemic_spread', 'growth')",
    "Prediction('How many rounds?', low=1, high=60, unit='rounds')",
    "Stage(Dynamo, nodes=6, seed=1)",
    "line = [" + ", ".join(f"'a long line of code {part}'" for part in range(12)) + "]",
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The html that nbconvert makes of a notebook that it runs first."""
    folder = tmp_path_factory.mktemp("exported")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, folder / "lesson.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "lesson.ipynb"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "lesson.html"


@pytest.fixture
def reader(browser, exported):
    """A page that reaches nothing but the file: nbconvert's own page asks other hosts for MathJax and for widgets."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    context.route(
        "**/*",
        lambda route: (
            route.continue_() if route.request.url.startswith(("file:", "data:")) else route.abort()
        ),
    )
    page = context.new_page()
    page.goto(exported.as_uri())
    yield page
    context.close()


def test_each_thing_shows_its_still_face(reader):
    stills = reader.locator(".gk-still")
    expect(stills).to_have_count(4)
    for still, said in zip(
        stills.all(), ("Squares", "Push with fanout 3", "How many rounds?", "Dynamo"), strict=True
    ):
        expect(still).to_be_visible()
        expect(still).to_contain_text(said)
    expect(stills.first.get_by_role("img")).to_be_visible()
    expect(reader.get_by_text("model not found")).to_have_count(0)


def test_on_paper_tables_are_open_and_no_line_of_code_is_cut(reader):
    table = reader.locator(".gk-still table").first
    code = reader.locator(".jp-InputArea pre").last
    assert table.bounding_box() is None or not table.is_visible()
    reader.emulate_media(media="print")
    expect(table).to_be_visible()
    assert table.bounding_box()["height"] > 40
    assert code.evaluate("pre => pre.scrollWidth <= pre.clientWidth")
