"""``release``: the same bytes every time, nothing in them that a student should not see, nobody's work overwritten."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbgrader.dbutil import ALEMBIC_DIR

from gossipkit.grading.__main__ import main
from gossipkit.grading.course import GradingError, assignments, nbgrader_course, received
from gossipkit.grading.release import ROOT_FILES, release

REGION = re.compile(
    r"BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)(.*?)END (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.DOTALL
)


def course_in(folder, root, link):
    shutil.copytree(
        root / "solutions", folder / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    for name in ("gossipkit", "notebooks"):
        link(folder / name, root / name)
    for name in ROOT_FILES:
        shutil.copy(root / name, folder)
    return folder


@pytest.fixture
def course(root, tmp_path, link):
    return course_in(tmp_path, root, link)


@pytest.fixture
def few(course):
    """Two assignments of the course."""
    return assignments(course, ["consul", "epidemics"])


@pytest.fixture(scope="module")
def whole(root, link, tmp_path_factory):
    """The course with all assignments released, only to be looked at, and the files that were made."""
    course = course_in(tmp_path_factory.mktemp("whole"), root, link)
    return course, release(course, assignments(course))


def notebooks(made):
    return [path for path in made if path.suffix == ".ipynb"]


def test_exercises_are_what_release_makes_of_solutions(root, whole):
    course, made = whole
    assert all(made.values())
    made = notebooks(made)
    assert len(made) == len(list(root.glob("solutions/*/*.ipynb")))
    for path in made:
        assert path.read_bytes() == (root / path.relative_to(course)).read_bytes(), (
            "run python -m gossipkit.grading release"
        )


def test_grading_takes_for_handed_out_what_was_handed_out(root):
    for assignment in assignments(root):
        released = root / "exercises" / assignment.name / assignment.source.name
        assert received(assignment).cells == nbformat.read(released, as_version=4).cells


def test_a_source_that_cannot_be_handed_out_is_named(course):
    (assignment,) = assignments(course, ["epidemics"])
    text = assignment.source.read_text(encoding="utf-8").replace("### END SOLUTION", "### END", 1)
    assignment.source.write_text(text, encoding="utf-8")
    with pytest.raises(GradingError, match=r"epidemics\.ipynb cannot be released"):
        received(assignment)


def test_a_second_release_changes_nothing(course, few):
    assert all(release(course, few).values())
    assert not any(release(course, few).values())


def test_no_answer_hidden_test_or_mark_scheme_is_handed_out(root):
    for assignment in assignments(root):
        released = (root / "exercises" / assignment.name / assignment.source.name).read_text(encoding="utf-8")
        students = "\n".join(cell.source for cell in nbformat.reads(released, as_version=4).cells)
        hidden = [
            line.strip()
            for cell in assignment.notebook.cells
            for region in REGION.findall(cell.source)
            for line in region.splitlines()
            if len(line.strip()) > 30
        ]
        assert len(hidden) > 20
        # a test may say once more, hidden, what it says in sight
        shown = "\n".join(REGION.sub("", cell.source) for cell in assignment.notebook.cells)
        assert not [line for line in hidden if line in students and line not in shown]
        assert not re.search("HIDDEN TESTS|BEGIN SOLUTION|MARK SCHEME|Sample [ABC]", released)


def test_edited_exercises_are_not_overwritten(course, few):
    (path,) = [path for path in notebooks(release(course, few)) if path.stem == "epidemics"]
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[4].source = "an evening's work"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with pytest.raises(GradingError, match="edited since it was released"):
        release(course, few)
    assert path.read_bytes() == before


def test_an_exercise_that_was_only_run_may_be_replaced(course, few):
    path = notebooks(release(course, few))[0]
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = 7
    nbformat.write(notebook, path)
    assert release(course, few)[path]


def test_the_command_names_what_is_wrong(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    assert main(["release", "epidemic"]) == 2
    assert "there is no assignment 'epidemic': there are cassandra, consul, " in capsys.readouterr().err
    monkeypatch.chdir(course / "solutions")
    assert main(["release"]) == 2
    assert "run this in the course's top folder" in capsys.readouterr().err


def test_the_archive_has_what_a_student_needs_and_nothing_else(root, whole):
    course, _ = whole
    for assignment in assignments(course):
        with zipfile.ZipFile(course / "exercises" / f"{assignment.name}.zip") as archive:
            held = {
                name.removeprefix(f"{assignment.name}/"): archive.read(name) for name in archive.namelist()
            }
        notebook = f"exercises/{assignment.name}/{assignment.name}.ipynb"
        assert held[notebook] == (course / notebook).read_bytes()
        needed = {
            "README.md",
            "requirements.txt",
            ".constraints.txt",
            "pyproject.toml",  # which names the licence
            "LICENSE",
            "gossipkit/grading/check.py",
        }
        lessons = {path.relative_to(root).as_posix() for path in root.glob("notebooks/*.ipynb")}
        assert needed | lessons <= set(held)
        tops = {name.split("/")[0] for name in held if "/" in name}
        assert tops == {"exercises", "gossipkit", "notebooks"}
        assert [name for name in held if name.startswith("exercises/")] == [notebook]
        assert not [name for name, content in held.items() if b"BEGIN HIDDEN TESTS\n" in content]
        assert not [name for name in held if name.startswith("gossipkit/reading/unseen")]
        assert "gossipkit/reading/loop.py" in held
        readme = held["README.md"].decode()
        assert f"gossipkit.grading check {notebook}" in readme


def test_an_unpacked_archive_checks_itself(whole, tmp_path):
    course, _ = whole
    with zipfile.ZipFile(course / "exercises" / "epidemics.zip") as archive:
        archive.extractall(tmp_path / "student")
    home = tmp_path / "student" / "epidemics"
    done = subprocess.run(
        [sys.executable, "-m", "gossipkit.grading", "check", "exercises/epidemics/epidemics.ipynb"],
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "epidemics, 9 tasks: 9 not done" in done.stdout


def test_a_gradebook_begins_with_its_version_where_no_command_is_on_the_path(root, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    nbgrader_course(tmp_path, assignments(root, ["epidemics"]))
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as book:
        versions = book.execute("SELECT version_num FROM alembic_version").fetchall()
    known = {path.stem.partition("_")[0] for path in Path(ALEMBIC_DIR, "versions").glob("*.py")}
    assert len(versions) == 1 and versions[0][0] in known
