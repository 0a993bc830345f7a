"""A notebook that was handed in becomes whole again: what is restored, put back or doubted, cell by cell."""

import json
from copy import deepcopy

import nbformat
import pytest

from gossipkit.grading.intake import MOST_CELLS, Submission, collect, make_whole, read_notebook

V4 = nbformat.v4


def cell(name, source, kind="code", **said):
    about = {"grade_id": name, "grade": False, "locked": False, "solution": False, "task": False} | said
    new = V4.new_code_cell if kind == "code" else V4.new_markdown_cell
    return new(source, id=name, metadata={"nbgrader": about})


def handed_out():
    """An assignment: a setup cell, an answer, and its test."""
    return V4.new_notebook(
        cells=[
            cell("setup", "n = 3", locked=True),
            cell("answer", "def f():\n    raise NotImplementedError", solution=True),
            cell("test", "assert f() == n", locked=True, grade=True, points=4),
        ]
    )


def whole(change):
    """What becomes of a notebook with this change, by name, and what is noted."""
    given, notebook = handed_out(), handed_out()
    change(notebook.cells)
    submission = Submission("anna", "anna.ipynb", notebook=notebook)
    make_whole(submission, given)
    named = {each.metadata.nbgrader.grade_id: each for each in notebook.cells if "nbgrader" in each.metadata}
    return named, submission.notes, notebook


def test_what_was_only_answered_stays_as_it_is():
    named, notes, _ = whole(lambda cells: cells[1].update(source="def f():\n    return 3"))
    assert named["answer"].source == "def f():\n    return 3"
    assert notes == []


def test_a_test_that_was_edited_runs_as_it_was_handed_out():
    named, notes, _ = whole(lambda cells: cells[2].update(source="assert True"))
    assert named["test"].source == "assert f() == n"
    assert "the cell 'test' was edited, and runs as it was handed out" in notes


def test_points_that_were_edited_are_restored():
    named, notes, _ = whole(lambda cells: cells[2].metadata.nbgrader.update(points=400))
    assert named["test"].metadata.nbgrader.points == 4
    assert "what the cell 'test' says about marks was edited, and was restored" in notes


def test_a_test_that_is_missing_is_put_back_in_its_place():
    named, notes, notebook = whole(lambda cells: cells.pop(2))
    assert named["test"].source == "assert f() == n"
    assert notebook.cells[-1] is named["test"]
    assert "the cell 'test' was missing and was put back as it was handed out" in notes


def test_an_answer_cell_that_is_missing_comes_back_empty():
    # the one that was handed out raises NotImplementedError, and would undo an answer that stands in another cell
    def move(cells):
        cells[1] = V4.new_code_cell("def f():\n    return 3", id="mine")

    named, _, notebook = whole(move)
    assert named["answer"].source == ""
    assert [each.source for each in notebook.cells].count("def f():\n    return 3") == 1


@pytest.mark.parametrize("answered_first", [True, False])
def test_of_an_answer_cell_that_is_there_twice_the_answered_one_is_read(answered_first):
    def double(cells):
        copy = deepcopy(cells[1])
        copy.id = "copy"
        (cells[1] if answered_first else copy).source = "def f():\n    return 3"
        cells.insert(2, copy)

    named, notes, _ = whole(double)
    assert named["answer"].source == "def f():\n    return 3"
    assert "the cell 'answer' was there twice, and one was read as an ordinary cell" in notes


def test_a_cell_that_lost_its_name_gets_it_back():
    named, _, _ = whole(lambda cells: cells[2].metadata.pop("nbgrader"))
    assert named["test"].metadata.nbgrader.points == 4


def test_outputs_and_foreign_metadata_are_not_read():
    notebook = handed_out()
    notebook.cells[0].outputs = [V4.new_output("stream", text="passed")]
    notebook.cells[0].execution_count = 5
    notebook.cells[0].metadata["tags"] = ["skip-execution"]
    read = read_notebook(nbformat.writes(notebook).encode(), [])
    assert (read.cells[0].outputs, read.cells[0].execution_count) == ([], None)
    assert "tags" not in read.cells[0].metadata


def test_a_notebook_of_too_many_cells_is_refused_with_their_number():
    raw = {"cell_type": "raw", "metadata": {}, "source": ""}
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [raw] * (MOST_CELLS + 1)}
    with pytest.raises(ValueError, match=f"it has {MOST_CELLS + 1} cells: at most {MOST_CELLS} are read"):
        read_notebook(json.dumps(data).encode(), [])


def handed_in_twice(folder, *times):
    """What is collected of one student's answers, each in an attempt of nbgrader's own with its time, or without one."""
    for number, time in enumerate(times):
        notebook = handed_out()
        notebook.cells[1].source = f"def f():\n    return {number}"
        attempt = folder / "anna" / f"attempt-{number}"
        attempt.mkdir(parents=True)
        nbformat.write(notebook, attempt / "work.ipynb")
        if time:
            (attempt / "timestamp.txt").write_text(time)
    (submission,) = collect(folder, {"assignment": handed_out()})
    return submission


EARLY, LATE = "2026-11-01 10:00:00 UTC", "2026-11-02 10:00:00 UTC"


@pytest.mark.parametrize(("times", "newest"), [((EARLY, LATE), 1), ((LATE, EARLY), 0)])
def test_of_several_submissions_the_newest_counts(tmp_path, times, newest):
    submission = handed_in_twice(tmp_path, *times)
    assert submission.reason == ""
    assert f"return {newest}" in submission.notebook.cells[1].source


@pytest.mark.parametrize("times", [(EARLY, EARLY), (EARLY, LATE, LATE), (EARLY, None), (EARLY, LATE, None)])
def test_several_whose_order_is_not_known_are_a_question_for_the_instructor(tmp_path, times):
    assert "handed in more than once" in handed_in_twice(tmp_path, *times).reason
