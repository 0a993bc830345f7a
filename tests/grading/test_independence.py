"""A test's verdict is its own: alone, in any order, and after every other test has failed it is the same."""

import ast
import os
import random
from copy import deepcopy

import nbformat
import pytest
from nbgrader.utils import is_grade

from gossipkit.grading.answers import grade_id, locked
from gossipkit.grading.runner import Run

from . import corpus, test_cassandra, test_consul, test_dynamo, test_unseen
from .forked import Parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def to(text):
    return lambda source: text


# of each answer cell, ways of changing it for the worse
WRONG = {
    "epidemics": {
        "one-round": [
            to(corpus.WRONG["one-round"]),
            to("one_round = None"),
            lambda source: source.replace("in knows", "in after"),
            to("import os\n\ndef one_round(knows, calls, mode):\n    os._exit(0)"),
        ],
        "prediction": [to("prediction = 7"), to("")],
        "measurement": [to("never_told = {64: 2.0, 1024: 'x'}"), to("1 / 0")],
        "reason": [to("reason = 'C'"), to("reason = ['B']")],
        "settings": [to(corpus.WRONG["settings"]), to("settings = {}"), to("settings = []")],
    },
    "consul": {},
    "cassandra": {},
    "dynamo": {},
    # its evidence takes long, and its other answers are all of one kind: one way of each
    "unseen": {
        cell: [next(change for at, change, _ in test_unseen.WRONG.values() if at == cell)]
        for cell in ("redis", "evidence", "cockroachdb", "corrosion", "trust", "metrics")
    },
}
for assignment, module in (("consul", test_consul), ("cassandra", test_cassandra), ("dynamo", test_dynamo)):
    for cell, change, _ in module.WRONG.values():
        WRONG[assignment].setdefault(cell, []).append(change)
COUNT = {assignment: max(map(len, wrong.values())) for assignment, wrong in WRONG.items()}


@pytest.fixture(scope="module")
def parent():
    parent = Parent()
    yield parent
    parent.close()


class Answered:
    """A submission, and what each of its tests says when they run as they were handed out."""

    def __init__(self, root, parent, assignment, number):
        self.parent = parent
        self.source = nbformat.read(root / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)
        self.notebook = deepcopy(self.source)
        for cell in self.notebook.cells:
            wrong = WRONG[assignment].get(cell.id, [])
            if number is not None and number < len(wrong):
                cell.source = wrong[number](cell.source)
        self.tests = [grade_id(cell) for cell in self.source.cells if is_test(cell)]
        self.verdicts = self.run(self.notebook, self.source, self.tests)

    def run(self, notebook, source, tasks):
        verdicts = Run(notebook, source, self.parent.start, 60.0, set(tasks)).verdicts()
        return {task: verdicts[task].passed for task in tasks}

    def with_tests(self, change):
        """The submission and its source, with the tests below everything else, changed as a list."""
        made = []
        for notebook in (self.notebook, self.source):
            other = deepcopy(notebook)
            tests = [cell for cell in other.cells if is_test(cell)]
            other.cells = [cell for cell in other.cells if not is_test(cell)] + change(tests)
            made.append(other)
        return made


def is_test(cell):
    return cell.cell_type == "code" and is_grade(cell) and locked(cell)


def stopped_early(test):
    """A test that fails half-way, when it has bound whatever it binds until then."""
    made = deepcopy(test)
    parts = ast.parse(test.source).body
    half = [part for part in parts[: len(parts) // 2] if not isinstance(part, ast.Expr)]
    made.source = "\n".join([*map(ast.unparse, half), "raise AssertionError('stopped')"])
    made.metadata.nbgrader.grade_id = f"{grade_id(test)}-stopped"
    return made


@pytest.fixture(
    scope="module",
    params=[(name, n) for name in WRONG for n in (None, *range(min(2, COUNT[name])))],
    ids=str,
)
def answered(request, root, parent):
    return Answered(root, parent, *request.param)


def test_the_reference_passes_and_wrong_answers_do_not(answered, request):
    number = request.node.callspec.params["answered"][1]
    assert all(answered.verdicts.values()) == (number is None), answered.verdicts


def test_a_test_says_the_same_in_any_order(answered):
    shuffled = answered.tests[:]
    random.Random(4).shuffle(shuffled)
    for order in (answered.tests[::-1], shuffled):
        notebook, source = answered.with_tests(
            lambda tests, order=order: sorted(tests, key=lambda test: order.index(grade_id(test)))
        )
        assert answered.run(notebook, source, order) == {task: answered.verdicts[task] for task in order}


def test_a_test_says_the_same_after_all_have_failed(answered):
    notebook, source = answered.with_tests(lambda tests: [*map(stopped_early, tests), *tests])
    stopped = [f"{test}-stopped" for test in answered.tests]
    verdicts = answered.run(notebook, source, stopped + answered.tests)
    assert not any(verdicts[test] for test in stopped)
    assert {test: verdicts[test] for test in answered.tests} == answered.verdicts


def test_a_test_says_the_same_alone(answered):
    for test in answered.tests:
        assert answered.run(answered.notebook, answered.source, [test]) == {test: answered.verdicts[test]}
