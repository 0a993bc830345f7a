"""Nothing in the folder of marks is lost: not by a second batch, a resubmission, a lower maximum or an interruption."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import nbformat
import pytest
from nbgrader.api import Gradebook

from gossipkit.grading.course import assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.gradebook import record
from gossipkit.grading.kept import everything
from gossipkit.grading.names import student_id
from gossipkit.grading.regrade import regrade

WRITTEN = "4-advice"


@pytest.fixture
def course(root, tmp_path):
    """A copy of the course's sources that a test may change."""
    for name in ("epidemics", "consul"):
        shutil.copytree(
            root / "solutions" / name,
            tmp_path / "course" / "solutions" / name,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
        )
    return tmp_path / "course"


@pytest.fixture
def graded(course, tmp_path, quick, begun):
    """``graded(folder)``: grade a batch into the one folder of marks, and return that."""
    shutil.copytree(begun, tmp_path / "out")

    def graded(folder):
        grade(folder.path, tmp_path / "out", assignments(course, ["epidemics"]), quick)
        return tmp_path / "out"

    return graded


def by_hand(out, student, points, comment=None):
    """Give points for the written answer, as the formgrader does."""
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        given = book.find_grade(WRITTEN, "epidemics", "epidemics", student_id(student))
        given.manual_score, given.needs_manual_grade = points, points is None
        said = book.find_comment(WRITTEN, "epidemics", "epidemics", student_id(student))
        said.manual_comment = comment
        book.db.commit()


def in_formgrader(out, student):
    """Points, whether some are to be given, and what stands in the comment's place."""
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        given = book.find_grade(WRITTEN, "epidemics", "epidemics", student_id(student))
        said = book.find_comment(WRITTEN, "epidemics", "epidemics", student_id(student))
        return given.manual_score, given.needs_manual_grade, said.manual_comment, said.auto_comment


def edit(course, task, change):
    """Edit a cell of the assignment's source."""
    path = course / "solutions" / "epidemics" / "epidemics.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(next(cell for cell in notebook.cells if cell.id == task))
    nbformat.write(notebook, path)


def lenient(cell):
    cell.source += "\n# lenient"


def written(rows, out, student="ada"):
    (row,) = (row for row in rows(out) if row["student"] == student and row["task"] == WRITTEN)
    return row


def test_a_second_batch_adds_to_the_marks_and_pages(graded, batch, rows):
    first, second = batch("first"), batch("second")
    for name in ("ada", "bob"):
        first.hand_in(f"{name}.ipynb")
    out = graded(first)
    before = rows(out)
    second.hand_in("carl.ipynb", fails="2-measured")
    graded(second)
    after = rows(out)
    assert [row for row in after if row["student"] != "carl"] == before
    assert sum(row["student"] == "carl" for row in after) == len(before) / 2
    page = (out / "class.html").read_text("utf-8")
    assert all(f"<bdi>{name}</bdi>" in page for name in ("ada", "bob", "carl"))
    assert len(list((out / "feedback").iterdir())) == 3


def test_what_could_not_be_read_stays_until_its_student_hands_in_something_that_can(graded, batch, rows):
    first, second, third = batch("first"), batch("second"), batch("third")
    first.hand_in("ada.ipynb")
    for name in ("bob", "carl"):
        (first.path / f"{name}.ipynb").write_text("no notebook")
    (first.path / "bob").mkdir()
    (first.path / "bob" / "again.ipynb").write_text("neither")
    out = graded(first)
    second.hand_in("dora.ipynb")
    graded(second)
    ungraded = [(row["student"], row["reason"][:9]) for row in rows(out) if row["status"] == "ungraded"]
    assert ungraded == [("bob", "bob.ipynb"), ("bob", "again.ipy"), ("carl", "carl.ipyn")]
    graded(second)
    assert sum(row["status"] == "ungraded" for row in rows(out)) == 3
    third.hand_in("bob.ipynb")
    graded(third)
    assert {row["student"] for row in rows(out) if row["status"] == "ungraded"} == {"carl"}


def test_a_later_submission_that_cannot_be_graded_takes_no_marks_away_and_is_said(
    course, graded, batch, rows, quick
):
    first, second = batch("first"), batch("second")
    first.hand_in("ada.ipynb")
    out = graded(first)
    before = rows(out)
    for name in ("a", "b"):
        second.hand_in(f"ada/{name}.ipynb")
    graded(second)
    assert [row for row in rows(out) if row["task"]] == before
    (said,) = (row for row in rows(out) if not row["task"])
    assert (said["student"], said["assignment"], said["status"]) == ("ada", "epidemics", "ungraded")
    assert "handed in more than once (a.ipynb, b.ipynb)" in said["reason"]
    page = next((out / "feedback").glob("ada-*.html")).read_text("utf-8")
    assert "could not be graded" in page and "points so far" in page
    with_reason = rows(out)
    edit(course, "2-measured", lenient)
    regrade(out, assignments(course, ["epidemics"]), quick)
    assert rows(out) == with_reason, "another test is no other submission"
    (second.path / "ada" / "b.ipynb").unlink()
    graded(second)
    assert rows(out) == before


def test_another_assignment_adds_rows(course, graded, batch, rows, tmp_path, quick, class_of):
    first, second = batch("first"), batch("second")
    first.hand_in("ada.ipynb")
    out = graded(first)
    before = rows(out)
    students = class_of("consul", second.path)
    second.students.write("ada.ipynb", students.released)
    grade(second.path, out, assignments(course, ["consul"]), quick)
    assert [row for row in rows(out) if row["assignment"] == "epidemics"] == before
    assert {row["student"] for row in rows(out) if row["assignment"] == "consul"} == {"ada"}


def test_a_mark_by_hand_stays_with_the_text_that_it_judged(graded, batch, rows):
    first = batch("first")
    first.hand_in("ada.ipynb", "Tell everybody.")
    first.hand_in("bob.ipynb", "Tell nobody.")
    out = graded(first)
    by_hand(out, "ada", 4.0, "well said")
    by_hand(out, "bob", 1.0)
    graded(first)
    assert (written(rows, out)["points"], written(rows, out)["status"]) == ("4.0", "graded")

    first.hand_in("ada.ipynb", "Tell everybody.", fails="2-measured")  # another submission, the same text
    graded(first)
    assert (written(rows, out)["points"], written(rows, out)["reason"]) == ("4.0", "well said")

    first.hand_in("ada.ipynb", "Tell three.")
    for _ in range(2):  # and a call in which nothing is new changes nothing
        graded(first)
        row = written(rows, out)
        assert (row["points"], row["status"]) == ("", "needs marking again")
        assert row["earlier"] == "4 of 4 points: well said" and "4 of 4 points" in row["reason"]
        points, waits, comment, beside = in_formgrader(out, "ada")
        assert (points, waits, comment) == (None, True, None) and "4 of 4 points: well said" in beside
        assert "Marked before: 4 of 4 points: well said" in (out / "class.html").read_text("utf-8")
    assert written(rows, out, "bob")["points"] == "1.0", "nobody else's mark is touched"

    first.hand_in("ada.ipynb", "Tell everybody.")  # back to what was judged
    graded(first)
    assert (written(rows, out)["points"], written(rows, out)["earlier"]) == ("4.0", "")
    assert in_formgrader(out, "ada") == (4.0, False, "well said", None)

    first.hand_in("ada.ipynb", "Tell three.")
    graded(first)
    by_hand(out, "ada", 2.0)
    graded(first)
    assert (written(rows, out)["points"], written(rows, out)["earlier"]) == ("2.0", "")


def test_a_mark_that_was_given_just_before_a_new_text_came_judged_the_old_one(graded, batch, rows):
    first = batch("first")
    first.hand_in("ada.ipynb", "Tell everybody.")
    out = graded(first)
    by_hand(out, "ada", 4.0)
    first.hand_in("ada.ipynb", "Tell three.")
    graded(first)
    assert (written(rows, out)["status"], written(rows, out)["earlier"]) == (
        "needs marking again",
        "4 of 4 points",
    )


def test_a_mark_that_a_person_takes_back_is_taken_back(graded, batch, rows):
    first = batch("first")
    first.hand_in("ada.ipynb")
    out = graded(first)
    by_hand(out, "ada", 4.0)
    graded(first)
    by_hand(out, "ada", None)
    graded(first)
    assert (written(rows, out)["status"], written(rows, out)["earlier"]) == ("needs marking", "")


def test_a_mark_by_hand_on_a_test_does_not_outlive_the_submission(graded, batch, rows):
    first = batch("first")
    first.hand_in("ada.ipynb", fails="2-measured")
    out = graded(first)
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        given = book.find_grade("2-measured", "epidemics", "epidemics", student_id("ada"))
        given.manual_score = 2.5
        book.db.commit()

    def measured():
        (row,) = (row for row in rows(out) if row["task"] == "2-measured")
        return row["points"], row["status"], row["earlier"]

    graded(first)
    assert measured() == ("2.5", "graded", "")
    first.hand_in("ada.ipynb", "other", fails="2-measured")
    graded(first)
    assert measured() == ("0.0", "graded", "2.5 of 3 points")


def test_a_mark_above_a_lowered_maximum_is_said_and_has_to_be_given_again(course, graded, batch, rows, quick):
    first = batch("first")
    first.hand_in("ada.ipynb")
    first.hand_in("bob.ipynb")
    out = graded(first)
    by_hand(out, "ada", 4.0)
    by_hand(out, "bob", 3.0)
    graded(first)
    edit(course, WRITTEN, lambda cell: cell.metadata.nbgrader.update(points=3))
    regrade(out, assignments(course, ["epidemics"]), quick)
    row = written(rows, out)
    assert (row["points"], row["maximum"], row["status"]) == ("", "3.0", "needs marking again")
    assert (
        row["earlier"] == "4 of 4 points"
        and "4 points were given by hand, and the maximum is 3" in row["reason"]
    )
    assert written(rows, out, "bob")["points"] == "3.0"
    assert in_formgrader(out, "ada")[:2] == (4.0, True)
    by_hand(out, "ada", 3.0)
    graded(first)
    assert (written(rows, out)["points"], written(rows, out)["status"]) == ("3.0", "graded")


class Pulled(Exception):
    """The plug."""


@pytest.mark.parametrize("after", range(4))
def test_an_interrupted_regrade_loses_no_change(course, graded, batch, rows, quick, after):
    first = batch("first")
    names = ["ada", "bob", "carl"]
    for name in names:
        first.hand_in(f"{name}.ipynb", fails="2-measured 3-cost")
    out = graded(first)
    edit(course, "2-measured", lenient)
    seen = []

    def done(result):
        if len(seen) == after:
            raise Pulled
        seen.append(result)

    one_by_one = type(quick)(1, sandboxed=False)
    begun = datetime.now(UTC)
    if after < len(names):
        with pytest.raises(Pulled):
            regrade(out, assignments(course, ["epidemics"]), one_by_one, done)
        assert {row["student"] for row in rows(out, "changes.csv")} >= {result.student for result in seen}
    regrade(out, assignments(course, ["epidemics"]), quick)
    changed = rows(out, "changes.csv")
    assert sorted(
        (row["student"], row["task"], row["points before"], row["points after"]) for row in changed
    ) == [(name, "2-measured", "0.0", "3.0") for name in names]
    for row in changed:
        when = datetime.fromisoformat(row["when (UTC)"]).replace(tzinfo=UTC)
        assert begun.replace(microsecond=0) <= when <= datetime.now(UTC)

    edit(course, "3-cost", lenient)
    regrade(out, assignments(course, ["epidemics"]), quick)
    regrade(out, assignments(course, ["epidemics"]), quick)
    grown = rows(out, "changes.csv")
    assert grown[:3] == changed, "what changed before stays"
    assert [row["task"] for row in grown[3:]] == ["3-cost"] * 3
    first.hand_in("ada.ipynb", "Another answer.")
    graded(first)
    assert rows(out, "changes.csv") == grown


def test_every_result_that_was_replaced_is_kept(graded, batch):
    first = batch("first")
    for advice in ("one", "two", "one", "two"):
        first.hand_in("ada.ipynb", advice)
        out = graded(first)
    assert len(list(out.glob("results/*/epidemics-before-*.json"))) == 3


def test_a_mistake_of_the_graders_while_regrading_keeps_the_marks_and_is_said(
    course, graded, batch, rows, quick
):
    first = batch("first")
    for name in ("ada", "bob"):
        first.hand_in(f"{name}.ipynb", fails="2-measured")
    out = graded(first)
    edit(course, "2-measured", lenient)
    shutil.move(out / "nbgrader" / "submitted" / student_id("ada"), out / "away")
    regrade(out, assignments(course, ["epidemics"]), quick)
    measured = {row["student"]: row["points"] for row in rows(out) if row["task"] == "2-measured"}
    assert measured == {"ada": "0.0", "bob": "3.0"}
    (said,) = (row for row in rows(out) if row["status"] == "ungraded")
    assert said["student"] == "ada" and "FileNotFoundError" in said["reason"]
    shutil.move(out / "away", out / "nbgrader" / "submitted" / student_id("ada"))
    regrade(out, assignments(course, ["epidemics"]), quick)
    assert {row["points"] for row in rows(out) if row["task"] == "2-measured"} == {"3.0"}
    assert "ungraded" not in {row["status"] for row in rows(out)}


def test_the_gradebook_takes_over_all_marks_or_none(graded, batch):
    folder = batch("first")
    folder.hand_in("ada.ipynb")
    out = graded(folder)
    (ada,) = everything(out)
    broken = replace(ada, student="bob", marks=(replace(ada.marks[0], task="no such task"),))
    with pytest.raises(KeyError):
        record(out / "nbgrader", [replace(ada, student="cyd"), broken])
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        assert [student.id for student in book.students] == [student_id("ada")]
