"""``check --self``: marks by the hidden tests, for who has nobody to grade."""

import shutil

import pytest

from gossipkit.grading.__main__ import main
from gossipkit.grading.selfmarking import mark_yourself


@pytest.fixture
def students(class_of, tmp_path):
    return class_of("epidemics", tmp_path, quick=True)


def test_points_reasons_and_how_to_mark_what_was_written(students, root, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(root)
    students.hand_in("mine.ipynb", reason=lambda source: 'reason = "D"')
    before = sorted(tmp_path.iterdir()), (tmp_path / "mine.ipynb").read_bytes()
    assert main(["check", "--self", str(tmp_path / "mine.ipynb")]) == 1
    said = capsys.readouterr().out
    assert said.startswith(
        "Marked by the hidden tests, which are in solutions/ of this repository: what fails may tell"
    )
    assert "1-one-round-tells            2 of 2\n" in said
    assert (
        "2-explained                  0 of 1\n    not passed, because this is not so: the reason explains"
        in said
    )
    assert "The limit is taken for a constant" in said
    assert "Taught in notebooks/01_epidemic_spread.ipynb, 'When members stop talking'." in said
    assert "epidemics: 15 of 20 points; 4 are for you to mark, by the scheme below" in said
    points, scheme, reference = (
        said.index(part) for part in ("15 of 20", "Sample C, 0 of 4", "Keep memberlist's *reasoning*")
    )
    assert points < scheme < reference
    assert before == (sorted(tmp_path.iterdir()), (tmp_path / "mine.ipynb").read_bytes()), "nothing is kept"


def test_with_every_point_it_is_a_success(students, root, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(root)
    students.hand_in("mine.ipynb")
    assert main(["check", "--self", str(tmp_path / "mine.ipynb")]) == 0
    assert "epidemics: 16 of 20 points; 4 are for you to mark" in capsys.readouterr().out


def test_who_wrote_nothing_is_not_shown_the_reference(students, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    students.write("mine.ipynb", students.released)
    told = mark_yourself(tmp_path / "mine.ipynb")
    said = "\n".join(told.lines())
    assert "epidemics: 0 of 20 points" in said and not told.passed
    assert "4-advice                     0 of 4\n    no answer was given" in said
    assert "Keep memberlist's" not in said and "Sample C" not in said


def test_deleted_and_edited_cells_are_put_right(students, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    notebook = students.without("task-3-measure")
    next(cell for cell in notebook.cells if cell.id == "2-explained").source = "assert True"
    students.write("mine.ipynb", notebook)
    told = mark_yourself(tmp_path / "mine.ipynb")
    assert told.result.points == 16
    said = "\n".join(told.lines())
    assert "note: the cell 'task-3-measure' was missing and was put back" in said
    assert "note: the cell '2-explained' was edited, and runs as it was handed out" in said


def test_the_course_is_found_above_the_notebook(students, root, tmp_path, monkeypatch):
    course = tmp_path / "course"
    shutil.copytree(root / "solutions" / "epidemics", course / "solutions" / "epidemics")
    students.folder = course / "exercises"
    students.folder.mkdir()
    students.hand_in("mine.ipynb")
    monkeypatch.chdir(tmp_path)
    assert mark_yourself(course / "exercises" / "mine.ipynb").result.points == 16


def test_another_release_is_said(students, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    students.answered.metadata.gossipkit.release = "another"
    students.hand_in("mine.ipynb")
    assert (
        mark_yourself(tmp_path / "mine.ipynb")
        .result.notes[0]
        .startswith("this notebook is of another release")
    )


def test_without_solutions_it_is_refused(students, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    students.hand_in("mine.ipynb")
    assert main(["check", "--self", "mine.ipynb"]) == 2
    said = capsys.readouterr()
    assert "there is no solutions/epidemics/epidemics.ipynb in a folder above mine.ipynb" in said.err
    assert not said.out
