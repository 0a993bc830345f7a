"""The command as an instructor meets it: interrupted and resumed, without a sandbox, after a test was mended."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import nbformat
import pytest
from nbgrader.api import Gradebook

from gossipkit.grading.__main__ import main
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.names import student_id
from gossipkit.grading.regrade import regrade

STUDENTS = 3


@pytest.fixture
def course(root, tmp_path, monkeypatch):
    """A copy of the course's sources that a test may change."""
    home = tmp_path / "course"
    shutil.copytree(
        root / "solutions", home / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def submissions(tmp_path, class_of):
    folder = tmp_path / "submissions"
    folder.mkdir()
    _hand_in(class_of("epidemics", folder, quick=True), range(STUDENTS))
    return folder


def _hand_in(students, numbers):
    for number in numbers:
        wrong = {"reason": lambda source: 'reason = "C"'} if number % 2 else {}
        students.hand_in(f"student-{number}.ipynb", **wrong)


def test_the_command_is_ready_without_a_grammar_that_it_does_not_need():
    source = "import gossipkit.grading.__main__, sys; print('rfc3987_syntax.syntax_helpers' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def marks(out):
    with (out / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def started(submissions, out, course):
    command = [
        sys.executable,
        "-m",
        "gossipkit.grading",
        "grade",
        str(submissions),
        "--out",
        str(out),
        "--jobs",
        "1",
    ]
    return subprocess.Popen(
        command,
        cwd=course,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a test run in the background ignores Ctrl-C, and so would what it starts
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def kept(out):
    return {path: path.stat().st_mtime_ns for path in out.glob("results/*/epidemics.json")}


def test_a_grading_that_was_killed_or_interrupted_goes_on_where_it_stopped(
    course, submissions, tmp_path, class_of, way
):
    _hand_in(class_of("epidemics", submissions, quick=True), range(STUDENTS, 6))
    grade(submissions, tmp_path / "whole", assignments(course), way)
    out = tmp_path / "out"
    before = {}
    for number, how in enumerate((signal.SIGKILL, signal.SIGINT), start=1):
        process = started(submissions, out, course)
        while len(kept(out)) < 2 * number and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
        assert process.returncode == (-signal.SIGKILL if how == signal.SIGKILL else 130), said
        assert not (out / "marks.csv").exists()
        assert before.items() <= kept(out).items(), "what is done is not done again"
        before = kept(out)
        assert 2 * number <= len(before) < 6
    assert "the same command goes on from there" in said
    process = started(submissions, out, course)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert before.items() <= kept(out).items()
    assert marks(out) == marks(tmp_path / "whole")


def test_without_a_sandbox_the_command_refuses_and_names_the_remedy(
    course, submissions, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", str(submissions), "--out", str(tmp_path / "out")]) == 2
    assert "apt install bubblewrap" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_sandbox_is_said_in_the_report(course, submissions, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    for path in list(submissions.iterdir())[2:]:
        path.unlink()
    assert main(["grade", str(submissions), "--out", str(tmp_path / "out"), "--no-sandbox"]) == 0
    assert "NOT CONFINED" in capsys.readouterr().out
    assert "sandbox" in (tmp_path / "out" / "class.html").read_text("utf-8")
    assert {row["status"] for row in marks(tmp_path / "out")} == {"graded", "needs marking"}


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_jobs_that_is_none_is_refused(capsys, jobs):
    with pytest.raises(SystemExit):
        main(["grade", "x", "--out", "y", "--jobs", jobs])
    assert f"{jobs!r} is not a whole number of at least 1" in capsys.readouterr().err


def mend(course, task, old, new):
    """Change a test in the source of the assignment."""
    path = course / "solutions" / "epidemics" / "epidemics.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == task)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def test_regrade_changes_what_a_mended_test_changes_and_keeps_what_a_person_gave(
    course, submissions, tmp_path, way, capsys
):
    out = tmp_path / "out"
    grade(submissions, out, assignments(course), way)
    before = marks(out)
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        given = book.find_grade("4-advice", "epidemics", "epidemics", student_id("student-0"))
        given.manual_score, given.needs_manual_grade = 3.5, False
        book.db.commit()
    mend(course, "2-explained", 'reason == "B"', 'reason in ("B", "C")')
    with pytest.raises(GradingError, match="say regrade"):
        grade(submissions, out, assignments(course), way)

    changes = regrade(out, assignments(course), way)
    after = marks(out)
    differing = {
        (new["student"], new["task"], new["points"])
        for old, new in zip(before, after, strict=True)
        if old != new
    }
    expected = {(f"student-{number}", "2-explained", "1.0") for number in range(1, STUDENTS, 2)}
    assert differing == expected | {("student-0", "4-advice", "3.5")}
    assert {(change.student, change.task, str(change.after.points)) for change in changes} == expected
    with (out / "changes.csv").open(encoding="utf-8", newline="") as file:
        assert {
            (row["student"], row["points before"], row["points after"]) for row in csv.DictReader(file)
        } == {(student, "0.0", "1.0") for student, _, _ in expected}
    assert len(list(out.glob("results/*/epidemics-before-*.json"))) == STUDENTS, "the marks before are kept"

    assert main(["regrade", str(out)]) == 0
    assert "0 marks changed" in capsys.readouterr().out
    assert marks(out) == after
    with pytest.raises(GradingError, match="holds no results"):
        regrade(tmp_path / "nowhere", assignments(course), way)


def test_a_new_submission_of_a_student_replaces_the_marks_and_keeps_the_old_ones_beside(
    course, submissions, tmp_path, class_of, way
):
    out = tmp_path / "out"
    grade(submissions, out, assignments(course), way)
    folder = out / "results" / student_id("student-1")
    unchanged = {path: stamp for path, stamp in kept(out).items() if path.parent != folder}
    class_of("epidemics", submissions, quick=True).hand_in("student-1.ipynb")
    grade(submissions, out, assignments(course), way)
    assert unchanged.items() <= kept(out).items()
    assert {
        row["points"] for row in marks(out) if row["student"] == "student-1" and row["task"] == "2-explained"
    } == {"1.0"}
    assert len(os.listdir(folder)) == 2
    assert not [name for name in os.listdir(folder) if name.endswith(".new")]


def test_an_assignment_that_came_later_is_taken_up(course, submissions, tmp_path, class_of, way):
    out, later = tmp_path / "out", tmp_path / "later"
    shutil.move(course / "solutions" / "consul", later)
    grade(submissions, out, assignments(course), way)
    shutil.move(later, course / "solutions" / "consul")
    class_of("consul", submissions).write("student-9.ipynb", class_of("consul", submissions).released)
    grade(submissions, out, assignments(course), way)
    assert {row["assignment"] for row in marks(out)} == {"epidemics", "consul"}


def test_a_mistake_of_the_graders_on_one_submission_keeps_nobody_else_from_their_marks(
    course, submissions, tmp_path, way, monkeypatch
):
    def judged(submission, *arguments):
        if submission.student == "student-2":
            raise ZeroDivisionError("by nothing")
        return right(submission, *arguments)

    module = sys.modules[grade.__module__]
    right = module.judged
    with monkeypatch.context() as patch:
        patch.setattr(module, "judged", judged)
        grade(submissions, tmp_path / "out", assignments(course), way)
    rows = [row for row in marks(tmp_path / "out") if row["student"] == "student-2"]
    assert {(row["status"], row["points"]) for row in rows} == {("ungraded", "")}
    assert all("ZeroDivisionError: by nothing" in row["reason"] for row in rows)
    assert len(kept(tmp_path / "out")) == STUDENTS - 1, "it is tried again the next time"
    grade(submissions, tmp_path / "out", assignments(course), way)
    assert {row["status"] for row in marks(tmp_path / "out")} == {"graded", "needs marking"}
