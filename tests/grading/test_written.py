"""Written answers are found where students write them, and are shown whole to who marks them."""

from copy import deepcopy

import nbformat
import pytest

from gossipkit.grading.intake import Submission, make_whole
from gossipkit.grading.shown import shown
from gossipkit.grading.written import written_answers

TASK = "4-advice"
WORDS = "YOUR ANSWER HERE"
ADVICE = "Measure the parameters anew, with the loss that you have; a key decides, and epochs are compared at night."


@pytest.fixture(scope="module")
def given(root):
    return nbformat.read(root / "exercises/epidemics/epidemics.ipynb", as_version=4)


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def found(given, answer, above=(), below=(), first=(), last=()):
    notebook = deepcopy(given)
    at = next(place for place, cell in enumerate(notebook.cells) if cell.id == TASK)
    notebook.cells[at].source = answer
    notebook.cells[at + 1 : at + 1] = below
    notebook.cells[at:at] = above
    notebook.cells[1:1] = first
    notebook.cells += last
    make_whole(Submission("x", "x", "epidemics", notebook), given)
    return written_answers(notebook, given)[TASK]


def test_the_answers_own_cell_comes_without_the_words_that_mark_its_place(given):
    assert (
        found(given, ADVICE)
        == found(given, f"{WORDS}\n\n{ADVICE}")
        == found(given, f"{ADVICE}\n{WORDS}")
        == ADVICE
    )


@pytest.mark.parametrize("answer", [WORDS, "", " \n ", f"\n{WORDS}  \n"])
def test_nothing_is_found_where_nothing_was_written(given, answer):
    assert found(given, answer) == ""
    assert found(given, answer, first=[text("A note.")], last=[nbformat.v4.new_code_cell("x = 1")]) == ""


def test_cells_beside_the_answer_belong_to_it_in_their_order(given):
    got = found(
        given, "Second.", above=[text("First.")], below=[text("Third."), nbformat.v4.new_raw_cell("Fourth.")]
    )
    assert got == "First.\n\nSecond.\n\nThird.\n\nFourth."
    assert found(given, WORDS, below=[text("Short.")]) == "Short."


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("# measure it\n# anew", "```python\n# measure it\n# anew\n```"),
        ("'''Measure it.'''", "```python\n'''Measure it.'''\n```"),
        ("Measure it anew!", "Measure it anew!"),
        ("x = 1\nx + 1", ""),
        ("", ""),
    ],
)
def test_prose_in_a_cell_for_code_counts(given, source, kept):
    assert found(given, WORDS, below=[nbformat.v4.new_code_cell(source)]) == kept


def test_a_long_text_elsewhere_counts_where_the_answer_is_empty(given):
    assert found(given, WORDS, first=[text(ADVICE)]) == found(given, WORDS, last=[text(ADVICE)]) == ADVICE
    assert found(given, "My answer.", first=[text(ADVICE)]) == "My answer."


def noted(notebook, given):
    """Whether an instructor is told that the written answer is missing."""
    submission = Submission("x", "x", "epidemics", notebook)
    make_whole(submission, given)
    return f"there is no answer in {TASK!r}" in submission.notes


def test_an_answer_is_said_to_be_missing_only_where_nothing_is_found_for_a_person_to_mark(given):
    assert noted(deepcopy(given), given)
    for place in (0, len(given.cells)):
        notebook = deepcopy(given)
        notebook.cells.insert(place, text(ADVICE))
        assert not noted(notebook, given)


def test_what_was_added_to_the_courses_own_text_counts(given):
    notebook = deepcopy(given)
    named = {cell.id: cell for cell in notebook.cells}
    named["task-4"].source += f"\n\n{ADVICE}"
    submission = Submission("x", "x", "epidemics", notebook)
    make_whole(submission, given)
    assert written_answers(notebook, given)[TASK] == ADVICE
    assert any("'task-4' is kept in a cell of its own" in note for note in submission.notes)
    assert named["task-4"].source == next(cell.source for cell in given.cells if cell.id == "task-4")
    before = deepcopy(notebook)
    make_whole(Submission("x", "x", "epidemics", notebook), given)  # as regrade does
    assert notebook == before


def test_an_answer_cell_that_is_missing_has_its_text_elsewhere(given):
    notebook = deepcopy(given)
    notebook.cells = [cell for cell in notebook.cells if cell.id != TASK] + [text("Short, at the end.")]
    make_whole(Submission("x", "x", "epidemics", notebook), given)
    assert written_answers(notebook, given)[TASK] == "Short, at the end."


def test_who_marks_it_sees_it_whole(given):
    notebook = deepcopy(given)
    notebook.cells[-1].source = "First <b>half</b>."
    notebook.cells.append(text("Second half."))
    made = shown(notebook, {}, {}, {}, written_answers(notebook, given))
    cell = next(cell for cell in made.cells if cell.id == TASK)
    assert cell.source == "First &lt;b>half&lt;/b>.\n\nSecond half."
