"""``grade``: a class with right, wrong, odd and broken submissions, graded once; then what each of them got."""

import csv
import re
from copy import deepcopy

import nbformat
import pytest
from nbgrader.api import Gradebook

from gossipkit.grading.__main__ import main
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.report import feedback_page

TASKS = {
    "1-one-round-tells": 2,
    "1-one-round-counts": 2,
    "1-one-round-synchronous": 2,
    "2-measured": 3,
    "2-explained": 1,
    "3-coverage": 2,
    "3-speed": 2,
    "3-cost": 2,
    "4-advice": 4,
}


@pytest.fixture(scope="module")
def graded(root, tmp_path_factory, class_of, way):
    folder = tmp_path_factory.mktemp("class") / "submissions"
    folder.mkdir()
    students = class_of("epidemics", folder)
    students.hand_in("reference.ipynb")
    students.write("untouched.ipynb", students.released)
    students.hand_in(
        "chaining.ipynb",  # what is learnt in a round is passed on in it
        one_round=lambda source: source.replace("call.caller in knows", "call.caller in after").replace(
            "call.target in knows", "call.target in after"
        ),
    )
    students.hand_in(
        "arrivals.ipynb",  # lost messages are not counted, and coverage is taken for what was asked
        one_round=lambda source: source.replace(
            "messages += 1\n                if not call.lost:\n                    after",
            "messages += not call.lost\n                if not call.lost:\n                    after",
        ),
        measurement=lambda source: source.replace(
            "1 - float(run.coverage.mean())", "float(run.coverage.mean())"
        ),
    )
    students.hand_in(
        "copied.ipynb",  # memberlist's own settings, and no explanation but luck
        settings=lambda source: 'settings = {"mode": "push", "fanout": 3, "copies": 12}',
        reason=lambda source: 'reason = "C"',
    )
    students.hand_in("folder/any name.ipynb", reason=lambda source: "1/0")
    students.hand_in("dead.ipynb", one_round=lambda source: "import os; os._exit(0)")
    students.write("no test.ipynb", students.without("3-cost"))
    copied = deepcopy(students.answered)
    position = [cell.id for cell in copied.cells].index("one-round")
    copied.cells.insert(position + 1, deepcopy(copied.cells[position]))
    copied.cells[position + 1].id = "a-copy"
    next(cell for cell in copied.cells if cell.id == "3-cost").source = "assert True"
    students.write("copy.ipynb", copied)
    (folder / "broken.ipynb").write_text("not json")
    students.write("other.ipynb", nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(1)")]))
    students.hand_in("twice/one.ipynb")
    students.hand_in("twice/two.ipynb")
    before = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    out = folder.parent / "out"
    results = grade(folder, out, assignments(root), way)
    with (out / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {path: path.read_bytes() for path in folder.rglob("*.ipynb")} == before, (
        "submissions are only read"
    )
    return out, rows, {result.student: result for result in results}


def points(graded, student):
    return {
        row["task"]: row["points"] and float(row["points"]) for row in graded[1] if row["student"] == student
    }


def status(graded, student):
    return {row["status"] for row in graded[1] if row["student"] == student}


def lost(graded, student):
    """The tasks in which a student has less than all points, those that wait for a person left out."""
    return {task for task, got in points(graded, student).items() if got != "" and got < TASKS[task]}


def test_the_reference_has_every_point_that_a_machine_gives(graded):
    assert points(graded, "reference") == TASKS | {"4-advice": ""}
    assert status(graded, "reference") == {"graded", "needs marking"}


def test_the_untouched_exercise_has_none(graded):
    assert set(points(graded, "untouched").values()) == {0.0}


@pytest.mark.parametrize(
    ("student", "tasks"),
    [
        ("chaining", {"1-one-round-synchronous"}),
        ("arrivals", {"1-one-round-counts", "2-measured"}),
        ("copied", {"2-explained", "3-speed", "3-cost"}),
        ("folder", {"2-explained"}),
    ],
)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, student, tasks):
    assert lost(graded, student) == tasks


def test_the_reason_names_the_property(graded):
    reasons = {(row["student"], row["task"]): row["reason"] for row in graded[1]}
    assert "passes nothing on before the next" in reasons["chaining", "1-one-round-synchronous"]
    assert "95 % know within 7 rounds" in reasons["copied", "3-speed"]
    assert "NameError" in reasons["folder", "2-explained"]


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("broken", "is not a notebook"),
        ("other", "has no cell of an assignment"),
        ("twice", "handed in more than once (one.ipynb, two.ipynb)"),
    ],
)
def test_what_cannot_be_graded_is_ungraded_with_a_reason_and_has_no_points(graded, student, reason):
    rows = [row for row in graded[1] if row["student"] == student]
    assert rows
    for row in rows:
        assert row["status"] == "ungraded"
        assert row["points"] == ""
        assert reason in row["reason"]


def test_a_cell_that_ends_its_process_takes_only_the_verdicts_that_depend_on_it(graded):
    rows = {row["task"]: row for row in graded[1] if row["student"] == "dead"}
    ungraded = {task for task, row in rows.items() if row["status"] == "ungraded"}
    assert ungraded == {"1-one-round-tells", "1-one-round-counts", "1-one-round-synchronous"}
    assert all("ended the process that it ran in" in rows[task]["reason"] for task in ungraded)
    assert all(rows[task]["points"] == "" for task in ungraded), "no verdict is no zero"
    assert lost(graded, "dead") == set()


def test_a_deleted_test_is_put_back_and_an_edited_one_restored(graded):
    assert lost(graded, "no test") == lost(graded, "copy") == set()
    assert set(points(graded, "no test")) == set(TASKS)
    assert graded[2]["no test"].notes == (
        "the cell '3-cost' was missing and was put back as it was handed out",
    )
    assert graded[2]["copy"].notes == (
        "the cell 'one-round' was there twice, and one was read as an ordinary cell",
        "the cell '3-cost' was edited, and runs as it was handed out",
    )


def test_feedback_says_what_failed_and_shows_no_hidden_test(graded):
    def page_of(student):
        return (graded[0] / "feedback" / feedback_page(student)).read_text("utf-8")

    page = page_of("chaining")
    assert re.search(r"<h1>Feedback for <bdi>chaining</bdi></h1>", page)
    assert "passes nothing on before the next" in page
    assert '<code class="quiet">1-one-round-synchronous</code>' in page
    assert "_chain" not in page
    assert "ended the process that it ran in" in page_of("dead")
    assert "Not graded" in page_of("twice")
    assert not list((graded[0] / "feedback").glob("broken*")), "nobody knows whose assignment that was"


def test_the_gradebook_has_the_assignments_of_which_something_was_handed_in(graded):
    with Gradebook(f"sqlite:///{graded[0] / 'nbgrader' / 'gradebook.db'}") as book:
        assert [assignment.name for assignment in book.assignments] == ["epidemics"]
    assert [path.name for path in (graded[0] / "nbgrader" / "release").iterdir()] == ["epidemics"]


def test_nothing_is_overwritten_and_a_wrong_folder_leaves_no_trace(root, tmp_path, way, monkeypatch, capsys):
    monkeypatch.chdir(root)
    full = tmp_path / "full"
    full.mkdir()
    (full / "marks.csv").write_text("last year's")
    assert main(["grade", str(tmp_path), "--out", str(full)]) == 2
    assert "holds something else, and nothing is overwritten" in capsys.readouterr().err
    assert (full / "marks.csv").read_text() == "last year's"
    for wrong in (tmp_path / "nowhere", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(GradingError):
            grade(wrong, tmp_path / "out", assignments(root), way)
        assert not (tmp_path / "out").exists()
