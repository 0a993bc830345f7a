"""What a person sees in the formgrader: nothing in it runs, and everything a student wrote can be read."""

import re

import nbformat
import pytest
from nbconvert import HTMLExporter

from gossipkit.grading.runner import Verdict
from gossipkit.grading.shown import LONGEST, shown, without_tags

RUNS = "<script>fetch('http://127.0.0.1:1')</script><img src=x onerror=alert(1)><iframe srcdoc='x'></iframe>"
TASK = {"nbgrader": {"grade_id": "advice", "grade": True, "solution": True, "locked": False, "points": 4}}


def notebook(*cells, **metadata):
    return nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)


def page(made):
    return HTMLExporter().from_notebook_node(made)[0].split("<body", 1)[1]


@pytest.mark.parametrize(
    "make", [nbformat.v4.new_markdown_cell, nbformat.v4.new_raw_cell, nbformat.v4.new_code_cell]
)
def test_nothing_of_a_student_runs_in_the_page(make):
    handed_in = notebook(
        make(RUNS, metadata={"tags": ["'><script>x</script>"], "raw_mimetype": "text/html"}),
        title=f"</title>{RUNS}",
    )
    outputs = {0: {"output": RUNS, "raised": {"name": RUNS, "text": RUNS}}}
    html = page(shown(handed_in, {}, outputs, {}, {}))
    for running in ("<script>fetch", "<img src=x", "<iframe", "<script>x"):
        assert running not in html
    assert "fetch(" in html, "it can still be read"


LINKS = [
    "[a](javascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](javascript\\:alert(1))",
    "![a](http://127.0.0.1:1/seen.png)",
    "[a]\n\n[a]: javascript:alert(1)",
    "[a][b]\n\n[b]:\n javascript:alert(1)",
    "<javascript:alert(1)>",
]


@pytest.mark.parametrize("text", LINKS)
def test_no_link_of_markdown_is_one(text):
    html = page(shown(notebook(nbformat.v4.new_markdown_cell(text)), {}, {}, {}, {}))
    assert "<img" not in html
    # a bare web address is a link all the same, to what it says
    assert all(target == "http://127.0.0.1:1/seen.png" for target in re.findall(r'<a href="([^"]*)', html))


def test_no_formula_has_a_link():
    assert r"\href" not in without_tags(r"$\href{javascript:alert(1)}{a}$ $\HREF{x}{y}$").lower()


def test_written_answers_keep_their_markdown_and_their_name():
    made = shown(
        notebook(nbformat.v4.new_markdown_cell("# Plan\n\n> *a* < b & c", metadata=TASK)), {}, {}, {}, {}
    )
    assert made.cells[0].metadata == TASK
    assert made.cells[0].source == "# Plan\n\n> *a* &lt; b &amp; c"


def test_a_tests_own_source_and_verdict_are_shown():
    named = {"nbgrader": {"grade_id": "1", "grade": True, "locked": True, "solution": False, "points": 1}}
    cell = nbformat.v4.new_code_cell("assert visible", metadata=named)
    ran = nbformat.v4.new_code_cell("assert visible and hidden", metadata=named)
    made = shown(
        notebook(nbformat.v4.new_code_cell("x = 1"), cell),
        {"1": ran},
        {},
        {"1": Verdict(False, "not so: it is.")},
        {},
    )
    assert made.cells[1].source == "assert visible and hidden"
    assert made.cells[1].outputs[0].evalue == "not so: it is."
    assert made.cells[0].outputs == []


def test_a_huge_answer_is_cut():
    assert len(without_tags("x" * 10**6)) < LONGEST + 100
