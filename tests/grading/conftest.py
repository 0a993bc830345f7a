"""A class of students, made up, and the way in which they are graded."""

import codecs
import contextlib
import csv
import io
import os
from copy import deepcopy
from functools import cache, partial

import nbformat
import pytest

from gossipkit.grading import judge
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.grade import ABOUT, MARKER, begin, grade
from gossipkit.grading.judge import Way
from gossipkit.grading.results import store
from gossipkit.grading.runner import Verdict, grade_id, own_cells
from gossipkit.grading.sandbox import require_sandbox

from .mistakes import mistaken


class Class:
    """Submissions of one assignment, made from what students receive and from the reference answer."""

    def __init__(self, root, assignment, folder, quick=False):
        self.root, self.assignment, self.folder = root, assignment, folder
        self.reference = nbformat.read(root / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)
        self.released = nbformat.read(root / "exercises" / assignment / f"{assignment}.ipynb", as_version=4)
        answers = {cell.id: cell.source for cell in self.reference.cells}
        self.answered = deepcopy(self.released)
        for cell in self.answered.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = answers[cell.id]
                if quick and cell.id == "measurement":
                    cell.source = _measured(cell.source)

    def hand_in(self, name, **changed):
        notebook = deepcopy(self.answered)
        for cell in notebook.cells:
            if cell.id.replace("-", "_") in changed:
                cell.source = changed[cell.id.replace("-", "_")](cell.source)
        return self.write(name, notebook)

    def write(self, name, notebook):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)

    def hand_in_both_ends(self):
        """The reference answer, and the exercise as it was received."""
        self.hand_in("reference.ipynb")
        self.write("untouched.ipynb", self.released)

    def marks(self, way):
        """Each student's marks by task, graded."""
        chosen = assignments(self.root, [self.assignment])
        return {
            result.student: {mark.task: mark for mark in result.marks}
            for result in grade(self.folder, self.folder.parent / "out", chosen, way)
        }

    def without(self, grade_id):
        notebook = deepcopy(self.answered)
        notebook.cells = [cell for cell in notebook.cells if cell.id != grade_id]
        return notebook


@pytest.fixture(scope="session")
def class_of(root):
    """``class_of(assignment, folder)``: a class whose submissions lie in an existing folder.

    With ``quick=True`` the answers of ``epidemics`` hold what was measured: to measure it takes longer than all else.
    """
    return partial(Class, root)


@cache
def _measured(source):
    """What the reference measures, as an answer that says so."""
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(source, namespace)
    return f"from gossipkit.gossip import spread, theory\n\nnever_told = {namespace['never_told']!r}"


@pytest.fixture(scope="session")
def sandbox():
    """Students' code is confined in this test, or the test is skipped."""
    try:
        require_sandbox()
    except GradingError as error:
        if os.environ.get("GOSSIPKIT_REQUIRE_SANDBOX"):
            pytest.fail(str(error))
        pytest.skip(f"students' code in a sandbox: {error}")


@pytest.fixture(scope="session")
def way(sandbox):
    """Two at a time, confined."""
    return Way(jobs=2)


@pytest.fixture(scope="module")
def graded(request, tmp_path_factory, class_of, way):
    """Marks by student and task: of the reference, the untouched exercise and each of the module's mistakes.

    The module names its ``EXERCISE``, and has its mistakes in ``WRONG``, see `mistaken`.
    """
    folder = tmp_path_factory.mktemp("class") / "submissions"
    folder.mkdir()
    return mistaken(class_of(request.module.EXERCISE, folder), request.module.WRONG, way)


class Told:
    """A run that takes no time: a test fails if the answer in ``reason`` names it, unless the test says that it is lenient."""

    def __init__(self, notebook, source, *settings):
        self.own, self.outputs = own_cells(source), {}
        self.answer = next(cell.source for cell in notebook.cells if grade_id(cell) == "reason")
        (self.tasks,) = (one for one in settings if isinstance(one, set))

    def verdicts(self):
        return {
            task: Verdict(task not in self.answer or "lenient" in self.own[task].source, "as it was told")
            for task in self.tasks
            if self.own[task].cell_type == "code"
        }


@pytest.fixture
def quick(monkeypatch):
    """A way of grading in which nothing of a submission runs: where it isn't the running that is looked at."""
    monkeypatch.setattr(judge, "Run", Told)
    return Way(jobs=2, sandboxed=False)


@pytest.fixture(scope="session")
def begun(root, tmp_path_factory):
    """A folder of marks in which there are none yet, to be copied: nbgrader takes its time to make a course."""
    out = tmp_path_factory.mktemp("begun") / "out"
    begin(out, assignments(root, ["epidemics"]))
    store(out / MARKER, ABOUT)
    return out


class Folder:
    """A folder of submissions of ``epidemics``, made of names and answers."""

    def __init__(self, path, students):
        self.path, self.students = path, students
        path.mkdir(exist_ok=True)

    def hand_in(self, name, advice="Tell everybody.", fails=""):
        """Right answers but to the tasks that ``fails`` names, and a written answer; None for an untouched one."""
        notebook = deepcopy(self.students.answered)
        for cell in notebook.cells:
            if cell.id == "reason":
                cell.source = f"reason = {fails!r}"
            if cell.id == "4-advice":
                cell.source = advice
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


@pytest.fixture
def batch(tmp_path, class_of):
    """``batch(name)``: a new folder of submissions, in which ``hand_in`` puts some."""
    return lambda name: Folder(tmp_path / name, class_of("epidemics", tmp_path / name, quick=True))


def _rows(out, name="marks.csv"):
    """A table as a spreadsheet reads it: the byte order mark says that it is UTF-8, and is no part of the first name."""
    data = (out / name).read_bytes()
    assert data.startswith(codecs.BOM_UTF8)
    with io.StringIO(data.decode("utf-8-sig"), newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="session")
def rows():
    """``rows(out, name)``: a table that was written, by columns."""
    return _rows


def _lost(marks):
    """The tasks in which there are not all points, those without any points left out."""
    return {task for task, mark in marks.items() if mark.points is not None and mark.points < mark.maximum}


def _check_the_reference(marks, points, written):
    """Every point that a machine gives, and one answer that waits for a person."""
    assert {task: mark.maximum for task, mark in marks.items()} == points
    assert {task for task, mark in marks.items() if mark.points != mark.maximum} == {written}
    assert marks[written].status == "needs marking"


@pytest.fixture
def points_lost():
    """``points_lost(marks)``: the tasks that a student has not all points in."""
    return _lost


@pytest.fixture
def is_the_reference():
    """``is_the_reference(marks, points, written)``: asserts that these are the reference answer's marks."""
    return _check_the_reference


@pytest.fixture
def statements_are_said(root):
    """``statements_are_said(exercise, name, statements)``: asserts that an exercise's notebook lists statements as a reading
    has them, that its reference answers them so, and that both of their tests do.
    """

    def check(exercise, name, statements):
        cells = nbformat.read(root / f"solutions/{exercise}/{exercise}.ipynb", as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        listed = "\n".join(f"{number}. {one.text}" for number, one in enumerate(statements, 1))
        assert sum(text.endswith(listed) for text in texts) == 1
        answers = {number: one.answer for number, one in enumerate(statements, 1)}
        namespace = {}
        exec(next(cell.source for cell in cells if cell.id == name), namespace)
        assert namespace[name] == answers
        tests = [cell.source for cell in cells if f"set({name}) ==" in cell.source]
        assert len(tests) == 2
        for test in tests:
            namespace = {}
            exec(next(line for line in test.splitlines() if line.startswith("_key =")), namespace)
            assert namespace["_key"] == answers

    return check
