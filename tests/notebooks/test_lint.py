"""What every notebook of the course keeps to, read off the stored files."""

import ast
import itertools
import re
from pathlib import Path

import nbformat
import pytest

from gossipkit.lab import questions
from gossipkit.lab.refresh import LANGUAGE

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(ROOT.glob("notebooks/[0-9]*.ipynb"))
PAGES = [ROOT / "notebooks" / "glossary.ipynb"]
SOLUTIONS = sorted(ROOT.glob("solutions/*/*.ipynb"))
EXERCISES = sorted(ROOT.glob("exercises/*/*.ipynb"))

# a lesson's sections, in the one order that tells students where they are
ANATOMY = [
    "See it",
    "Predict",
    "The idea",
    "Lab",
    "Investigate",
    "Break it",
    "Operator's view",
    "Reading loop",
    "Knowledge check",
    "Key insights",
]
# verbs that can be seen done; "understand" and "know" can not
OBSERVABLE = {
    "predict",
    "measure",
    "compare",
    "explain",
    "choose",
    "show",
    "name",
    "read",
    "separate",
    "compute",
    "find",
    "tell",
    "state",
    "run",
    "sort",
    "trace",
    "implement",
    "tune",
    "defend",
    "judge",
    "classify",
    "reproduce",
}


def notebooks(*groups):
    paths = [path for group in groups for path in group]
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.relative_to(ROOT).as_posix())


def read(path):
    return nbformat.read(path, as_version=4)


def headings(notebook):
    """(level, text) of every heading outside fenced code, in order."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"^```.*?^```", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            yield from (
                (len(marks), text) for marks, text in re.findall(r"^(#{1,6}) +(.+?)\s*$", prose, re.MULTILINE)
            )


@notebooks(LESSONS, PAGES, SOLUTIONS, EXERCISES)
def test_it_is_valid_nbformat(path):
    nbformat.validate(read(path))


@notebooks(LESSONS, PAGES, SOLUTIONS, EXERCISES)
def test_it_has_one_title_and_skips_no_level(path):
    levels = [level for level, _ in headings(read(path))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels)), levels


@notebooks([path for path in LESSONS if not path.name.startswith("00")])
def test_a_lesson_has_the_fixed_anatomy(path):
    sections = [text for level, text in headings(read(path)) if level == 2]
    found = [next((name for name in ANATOMY if text.startswith(name)), text) for text in sections]
    assert found == ANATOMY


@notebooks(LESSONS)
def test_it_opens_with_promise_minutes_needs_and_objectives(path):
    opening = read(path).cells[0].source
    assert re.search(r"\*\*\d+ minutes\*\*", opening)
    assert "**You need**" in opening
    objectives = re.findall(r"^- \*\*(\w+)\*\*", opening, re.MULTILINE)
    assert len(objectives) >= 3
    assert {verb.lower() for verb in objectives} <= OBSERVABLE


@notebooks(LESSONS)
def test_no_two_code_cells_without_a_reason_between(path):
    # a lab question is its own reason, and so is the cell that installs a missing course
    kept = [cell for cell in read(path).cells if "LabQuestion(" not in cell.source and cell.id != "install"]
    kinds = [cell.cell_type for cell in kept]
    assert ("code", "code") not in itertools.pairwise(kinds)


@notebooks(LESSONS)
def test_each_lab_question_is_asked_once_with_numbers_that_a_run_gave(path):
    calls = [
        node
        for cell in read(path).cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LabQuestion"
    ]
    asked = [(call.args[0].value, call.args[1].value) for call in calls]
    assert sorted(asked) == sorted((path.stem, key) for key in questions.lab_keys(path.stem))
    for call in calls:
        assert not [each.arg for each in call.keywords if isinstance(each.value, ast.Constant)]


@notebooks(LESSONS)
def test_cells_are_short(path):
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 16, cell.source


@notebooks(LESSONS, SOLUTIONS)
def test_every_cell_was_run_in_order_without_an_error(path):
    code = [cell for cell in read(path).cells if cell.cell_type == "code" and cell.source.strip()]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


@notebooks(LESSONS, PAGES, SOLUTIONS, EXERCISES)
def test_nothing_of_a_run_but_its_results_is_stored(path):
    notebook = read(path)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.language_info == LANGUAGE
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", []):
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@notebooks(LESSONS, SOLUTIONS)
def test_every_picture_says_what_it_shows(path):
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                alt = output.metadata["image/png"]["alt"]
                assert len(alt) > 40
                assert re.search(r"<img[^>]* alt=\"[^\"]{40}", data["text/html"])
                assert len(data["text/plain"].splitlines()) > 1, "the text face carries the numbers"
        for alt in re.findall(r"!\[(.*?)\]\(", cell.source if cell.cell_type == "markdown" else ""):
            assert alt.strip()


@notebooks(LESSONS, PAGES, SOLUTIONS, EXERCISES)
def test_links_to_files_resolve(path):
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#\s]+)", cell.source):
                if not re.match(r"[a-z]+:", target):
                    assert (path.parent / target).exists(), target


def test_links_of_the_readme_resolve():
    for target in re.findall(r"\]\(([^)#\s]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / target).exists(), target


def test_the_readme_starts_jupyterlab_where_lessons_reach_exercises():
    """Given a notebook alone, JupyterLab serves that notebook's folder, and links out of it lead nowhere."""
    starts = re.findall(r"jupyter lab [^`\n]*\.ipynb", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(starts) == 3
    assert all(" --ServerApp.root_dir=. " in start for start in starts)


@notebooks(LESSONS)
def test_answer_keys_stay_out_of_the_source(path):
    for cell in read(path).cells:
        assert not re.search(r"correct\s*[=:]|answer_key", cell.source)
