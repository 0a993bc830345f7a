"""Which names are a student's, and where a test takes all the others from."""

import gc
import json
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import nbformat
import pytest

from gossipkit.grading.__main__ import main
from gossipkit.grading.answers import declared, names_of, needs, parse, refuse_others
from gossipkit.grading.course import Assignment, GradingError, assignments
from gossipkit.grading.release import ROOT_FILES, release
from gossipkit.grading.runner import Run
from gossipkit.grading.sandbox import Confined, Limits
from gossipkit.grading.teaching import teaching

KINDS = {
    "setup": {"locked": True, "grade": False, "solution": False},
    "test": {"locked": True, "grade": True, "solution": False, "points": 1},
    "answer": {"locked": False, "grade": False, "solution": True},
}


def assignment_of(*cells):
    """A notebook of cells, each a kind and a source, named a, b, c and so on."""
    notebook = nbformat.v4.new_notebook()
    for name, (kind, source) in zip("abcdefgh", cells, strict=False):
        about = {"grade_id": name, "schema_version": 3, "task": False} | KINDS[kind]
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": about}, id=name))
    return notebook


CHECKS = ("setup", "from gossipkit.grading import equal, holds")


def test_no_test_of_the_course_takes_more_than_it_may(root):
    for assignment in assignments(root):
        refuse_others(assignment.name, assignment.notebook)
        answers = {name for given in declared(assignment.notebook).values() for name in given}
        for test, needed in needs(assignment.notebook, answers).items():
            assert needed.answers, f"{assignment.name}, {test}: it reads no answer"
            assert not needed.nowhere


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1\ny, *z = [2]", ["x", "y", "z"]),
        ("def f(a):\n    inner = a\n\n\nclass C:\n    held = 1", ["C", "f"]),
        ("for n in range(3):\n    total = n\nif (w := 1):\n    pass", ["n", "total", "w"]),
        ("import os\nfrom math import pi as p\nx = [i for i in (1, 2)]", ["x"]),
        ("x = {i: j for i, j in ()}\ny = {k for k in x}", ["x", "y"]),
        ("for n in range(3):\n    x = [n for n in (n,)]", ["n", "x"]),
        ("x = [(y := [i for i in row]) for row in ()]", ["x", "y"]),
        ("import os\nos = 1", ["os"]),
        ("def f():\n    global g\n    g = 1", ["f", "g"]),
        ("given = 3\nmine = 4", ["mine"]),
        ("result = 3\nmine = 4", ["mine"]),
    ],
)
def test_answers_are_what_an_answer_cell_binds_and_the_course_does_not(source, names):
    notebook = assignment_of(
        ("setup", "given = 1"), ("answer", source), ("test", "result = 1\nassert result")
    )
    assert declared(notebook) == {"b": names}


@pytest.mark.parametrize(
    "source", ["x = [i + k for i in z]", "x = {i: k for i in z}", "x = {i + k for i in z}"]
)
def test_the_names_within_a_comprehension_are_its_own_on_each_python(source):
    found = names_of(source)
    assert (found.read, found.bound) == ({"k", "z"}, {"x"})


@pytest.mark.parametrize("deep", [3_000, 50_000])
def test_a_cell_that_is_nested_too_deep_to_be_read_has_no_names(deep):
    assert names_of(f"x = {'not ' * deep}1").bound == set()


def test_a_cell_that_reads_an_answer_is_no_setup():
    notebook = assignment_of(
        CHECKS,
        ("answer", "x = 1"),
        ("setup", "def doubled(x):\n    return 2 * x"),
        ("setup", "shown = doubled(x)"),
        ("test", "equal(doubled(x), 2, 'it is two')"),
    )
    (needed,) = needs(notebook, {"x"}).values()
    assert needed.setup == ("a", "c") and needed.answers == ("x",)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (
            [("answer", "x = 1"), ("test", "key = 1\nassert x == key"), ("test", "assert x <= key")],
            "the test 'c' needs 'key', which the test 'b' binds",
        ),
        (
            [("answer", "x = 1"), ("setup", "twice = 2 * x"), ("test", "assert twice == 2 and x")],
            "the test 'c' needs 'twice', which the cell 'b' binds; but that cell reads the answer 'x'",
        ),
        (
            [("answer", "x = 1"), ("setup", "def twice():\n    return 2 * x"), ("test", "assert twice() == 2")],
            "that cell reads the answer 'x'",
        ),
        (
            [("answer", "x = 1"), ("test", "assert x == key"), ("setup", "key = 1")],
            "the test 'b' needs 'key', which the cell 'c' binds, and that stands below it",
        ),
        (
            [("answer", "from math import pi\nx = pi"), ("test", "assert x == pi")],
            "the test 'b' needs 'pi', which the answer cell 'a' only imports",
        ),
        (
            [("answer", "from math import pi\nx = pi"), ("setup", "def tau():\n    return 2 * pi"), ("test", "assert x < tau()")],
            "the test 'c' builds on the cell 'b', which needs 'pi', which the answer cell 'a' only imports",
        ),
        ([("answer", "x = 1"), ("test", "assert x == y")], "'y', which neither an answer nor a cell of the course"),
        (
            [("setup", "def f():\n    pass"), ("answer", "def f():\n    return 1"), ("test", "assert f() == 1")],
            "the test 'c' reads 'f', which both the answer cell 'b' and the cell 'a' bind",
        ),
        ([("answer", "x = 1"), ("test", "%matplotlib inline\nassert x")], "the cell 'b' is no plain Python (line 1"),
        ([("answer", "x = ")], "the cell 'a' is no plain Python (line 1"),
    ],
)  # fmt: skip
def test_a_test_that_takes_anything_else_is_refused_by_cell_and_name(cells, says):
    with pytest.raises(GradingError) as raised:
        refuse_others("course", assignment_of(*cells))
    assert str(raised.value).startswith("course: ") and says in str(raised.value)


def verdicts_of(notebook, source):
    """Of each test of a source, run on a notebook."""
    start = partial(Confined, limits=Limits(wall_s=60), sandboxed=False, cancelled=threading.Event())
    return Run(notebook, source, start, 60, {cell.id for cell in source.cells}).verdicts()


def answered(source, **answers):
    made = nbformat.from_dict(source)
    for cell in made.cells:
        cell.source = answers.get(cell.id, cell.source)
    return made


def test_what_the_author_has_to_mend_is_no_fault_of_the_student():
    source = assignment_of(
        CHECKS,
        ("setup", "half = 1 / 0"),
        ("answer", "x = 1"),
        ("test", "equal(x, key, 'it is the key')"),
        ("test", "equal(x, half, 'it is half')"),
        ("test", "equal(x, 1, 'it is one')"),
    )
    said = verdicts_of(answered(source, c="x = key = half = 1"), source)
    assert (said["d"].passed, said["e"].passed, said["f"].passed) == (None, None, True)
    assert "the course's cell 'd' needs 'key'" in said["d"].reason
    assert "the course's cell 'b' ended with ZeroDivisionError" in said["e"].reason
    for task in "de":
        assert "author has to mend that" in said[task].reason


def test_nothing_but_answers_is_asked_of_the_students_process():
    source = assignment_of(
        ("setup", "from gossipkit.grading import equal\n\n\ndef key():\n    return [1, 2]"),
        ("answer", "x = [1]"),
        ("test", "mine = key()\nmine.append(3)\nequal(x + mine, [1, 1, 2, 3], 'it is one')"),
        ("test", "equal(x + key(), [1, 1, 2], 'it is one')"),
    )
    theirs = "x = [1]\n\ndef equal(*given):\n    raise SystemExit\n\nkey = mine = given = None"
    notebook = answered(source, b=theirs)
    notebook.cells.append(nbformat.v4.new_code_cell("x = equal = None"))
    assert [verdict.passed for verdict in verdicts_of(notebook, source).values()] == [True, True]
    notebook = answered(source, b=theirs.replace("[1]", "[2]"))
    assert [verdict.passed for verdict in verdicts_of(notebook, source).values()] == [False, False]


def test_a_test_that_changes_what_the_course_gave_it_changes_it_for_itself():
    source = assignment_of(
        ("setup", "from gossipkit.grading import equal\n\ngiven = {'a': 1}"),
        ("answer", "def mine(held):\n    return held"),
        ("test", "equal(mine(given), {'a': 1}, 'it is handed back')"),
        ("test", "equal(mine(given), {'a': 1}, 'it is handed back, again')"),
    )
    notebook = answered(source, b="def mine(held):\n    kept = dict(held)\n    held.clear()\n    return kept")
    assert [verdict.passed for verdict in verdicts_of(notebook, source).values()] == [True, True]


DYING = "import os\n\n\ndef mine(n):\n    if n in {dies}:\n        os._exit(0)\n    return n"


@pytest.mark.parametrize(
    ("dies", "passed"),
    [
        ("()", [True] * 7),
        ("(3,)", [True, True, True, None, True, True, True]),
        # more often than cells may: each test has a process, whatever the others did
        ("(0, 1, 2, 3, 4, 5)", [None] * 6 + [True]),
    ],
)
def test_a_question_that_ends_the_process_costs_the_test_that_asked_it(dies, passed):
    tests = [("test", f"equal(mine({n}), {n}, 'it is {n}')") for n in range(6)]
    source = assignment_of(CHECKS, ("answer", "def mine(n):\n    return n"), *tests)
    more = nbformat.v4.new_code_cell(
        "y = 1", metadata={"nbgrader": {"grade_id": "y"} | KINDS["answer"]}, id="y"
    )
    test = nbformat.v4.new_code_cell(
        "equal(y, 1, 'it is one')", metadata={"nbgrader": {"grade_id": "z"} | KINDS["test"]}, id="z"
    )
    source.cells += [more, test]
    said = verdicts_of(answered(source, b=DYING.format(dies=dies)), source)
    assert [verdict.passed for verdict in said.values()] == passed
    assert all("ended the process" in verdict.reason for verdict in said.values() if verdict.passed is None)


def test_when_cells_have_ended_too_many_processes_a_test_that_asks_nothing_still_runs():
    source = assignment_of(
        CHECKS,
        ("answer", "x = 1"),
        *[("answer", f"y{n} = 1") for n in range(4)],
        ("test", "equal(x, 1, 'it is one')"),
        ("test", "holds(1 < 2, 'numbers are in order')"),
    )
    said = verdicts_of(answered(source, **dict.fromkeys("cdef", "import os\nos._exit(0)")), source)
    assert said["g"].passed is None and "cells had ended 4 processes" in said["g"].reason
    assert said["h"].passed is True


def test_an_answer_is_taken_where_its_test_stands_whatever_other_tests_look_for_further_down():
    source = assignment_of(
        CHECKS,
        ("answer", "x = 1"),
        ("test", "equal(x, 1, 'x is one')"),
        ("answer", "y = 1"),
        ("test", "equal(y, 1, 'y is one')"),
    )
    notebook = answered(source, b="")  # x is missing, and looked for to the end
    notebook.cells.append(nbformat.v4.new_code_cell("y = 2"))
    assert {task: verdict.passed for task, verdict in verdicts_of(notebook, source).items()} == {
        "c": False,
        "e": True,
    }
    notebook.cells.append(nbformat.v4.new_code_cell("x = 1"))
    assert all(verdict.passed for verdict in verdicts_of(notebook, source).values())


@pytest.fixture
def course(root, tmp_path, link):
    shutil.copytree(root / "solutions" / "epidemics", tmp_path / "solutions" / "epidemics")
    for name in ("gossipkit", "notebooks"):
        link(tmp_path / name, root / name)
    for name in ROOT_FILES:
        shutil.copy(root / name, tmp_path)
    return tmp_path


def edit(course, cell_id, change):
    path = course / "solutions" / "epidemics" / "epidemics.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    cell.source = change(cell.source)
    nbformat.write(notebook, path)
    return Assignment("epidemics", path)


def test_release_writes_the_answers_down_and_shows_them(course, monkeypatch, capsys):
    assignment = edit(
        course, "reason", lambda source: source.replace('reason = "B"', 'reason = "B"\nextra = 1')
    )
    with pytest.raises(GradingError, match=r"names other answers than .*: release brings it up to date"):
        teaching(assignment)
    path = course / "solutions" / "epidemics" / "teaching.json"
    before = path.read_text("utf-8")
    monkeypatch.chdir(course)
    assert main(["release"]) == 0
    assert "  reason: extra, reason\n" in capsys.readouterr().out
    assert json.loads(path.read_text("utf-8"))["answers"]["reason"] == ["extra", "reason"]
    assert path.read_text("utf-8") == before.replace('"reason": ["reason"]', '"reason": ["extra", "reason"]')
    teaching(assignment)


def test_release_begins_a_file_where_there_is_none(course):
    path = course / "solutions" / "epidemics" / "teaching.json"
    path.unlink()
    release(course, assignments(course))
    assert json.loads(path.read_text("utf-8"))["answers"]["settings"] == ["settings"]


def test_release_refuses_a_test_that_takes_more_and_writes_nothing(course, monkeypatch, capsys):
    edit(course, "2-explained", lambda source: source + "\nassert never_seen")
    monkeypatch.chdir(course)
    assert main(["release"]) == 2
    assert "epidemics: the test '2-explained' needs 'never_seen'" in capsys.readouterr().err
    assert not (course / "exercises").exists()


def test_submissions_are_parsed_side_by_side():
    # Python 3.11: a collection in the midst of a tree lets another thread run, which begins a tree of its own
    source = "x = [f(a + b * (c - d)) for a in range(3) if g(h(i(j)))]\n" * 20
    before, switching = gc.get_threshold(), sys.getswitchinterval()

    def collected(phase, told):
        sum(range(50))

    gc.callbacks.append(collected)
    try:
        gc.set_threshold(20)
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(lambda number: parse(source), range(80)))
    finally:
        gc.callbacks.remove(collected)
        gc.set_threshold(*before)
        sys.setswitchinterval(switching)
    assert {len(tree.body) for tree in trees} == {20}
