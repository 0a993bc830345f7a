"""``check``: what a student is told before handing in."""

from copy import deepcopy

import nbformat
import pytest

from gossipkit.grading.__main__ import main
from gossipkit.grading.check import check
from gossipkit.grading.course import GradingError


@pytest.fixture
def students(class_of, tmp_path):
    return class_of("epidemics", tmp_path)


def test_a_right_answer_passes_and_the_file_is_only_read(students, tmp_path, capsys):
    students.hand_in("mine.ipynb")
    before = (tmp_path / "mine.ipynb").read_bytes()
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 0
    said = capsys.readouterr().out
    assert "1-one-round-tells            passed" in said
    assert "4-advice                     answered, for a person to mark" in said
    assert "Hidden tests look at more cases" in said
    assert (tmp_path / "mine.ipynb").read_bytes() == before


def test_it_names_the_property_that_failed_and_the_answer_that_is_missing(students, tmp_path, capsys):
    unanswered = next(cell.source for cell in students.released.cells if cell.id == "4-advice")
    students.hand_in(
        "mine.ipynb",
        one_round=lambda source: source.replace("call.target in knows", "call.target in after").replace(
            "call.caller in knows", "call.caller in after"
        ),
        **{"4_advice": lambda source: unanswered},
    )
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 1
    said = capsys.readouterr().out
    assert "not so: who learns in this round passes nothing on before the next" in said
    assert "4-advice                     no answer was given" in said
    assert "2 of 9 tasks are not done" in said


def test_nothing_passes_untouched(students, tmp_path):
    students.write("mine.ipynb", students.released)
    verdicts = check(tmp_path / "mine.ipynb").verdicts.values()
    assert not any(verdict.passed for verdict in verdicts)
    assert {verdict.reason for verdict in verdicts} == {"no answer was given"}


def test_it_says_what_was_done_to_the_courses_own_cells(students, tmp_path):
    notebook = deepcopy(students.without("3-cost"))
    cells = {cell.id: cell for cell in notebook.cells}
    cells["3-speed"].source = "assert True"
    notebook.cells.append(deepcopy(cells["one-round"]))
    students.write("mine.ipynb", notebook)
    said = " ".join(check(tmp_path / "mine.ipynb").notes)
    assert "the cell '3-cost' is missing" in said
    assert "the cell '3-speed' was edited" in said
    assert "the cell 'one-round' is there 2 times" in said


def test_a_cell_that_ends_its_process_is_no_success(students, tmp_path):
    students.hand_in("mine.ipynb", one_round=lambda source: "import os; os._exit(0)")
    verdicts = check(tmp_path / "mine.ipynb").verdicts
    assert verdicts["1-one-round-tells"].passed is None
    assert "ended the process" in verdicts["1-one-round-tells"].reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "is not a notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "is no exercise of this course"),
    ],
)
def test_what_is_no_exercise_is_refused(tmp_path, capsys, content, said):
    (tmp_path / "mine.ipynb").write_text(content)
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 2
    assert said in capsys.readouterr().err
    with pytest.raises(GradingError):
        check(tmp_path / "nowhere.ipynb")
