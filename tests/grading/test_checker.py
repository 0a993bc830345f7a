"""The process that judges, with the student's process played by hand: what each side is told, and whose fault a failure is."""

import io

import numpy as np
import pytest

from gossipkit.grading import wire
from gossipkit.grading.checker import Checker

FUNCTION = {"t": "object", "ref": 7, "type": "function"}


def checker(*answers):
    """A checker, and what it asks; the student's process gives these answers in turn."""
    told, asks = io.BytesIO(), io.BytesIO()
    for answer in answers:
        wire.write(told, answer)
    told.seek(0)
    return Checker(told, asks)


def run(source, *answers, values=None, setup=(), gone=""):
    """One test that reads ``f``, a student's function, and what it comes to."""
    values = {"f": FUNCTION} if values is None else values
    return checker(*answers).run([*map(list, setup)], ["test", source], values, gone)


def plain(value):
    return wire.encode(value, None)


def returns(value, *args):
    """The student's function has returned a value, and has left its arguments like this."""
    return {"value": plain(value), "args": [plain(arg) for arg in args], "kwargs": {}}


def raises(name, text, lacks=""):
    return {"raised": {"name": name, "text": text, "lacks": lacks}, "args": [], "kwargs": {}}


def test_a_test_that_finds_nothing_says_nothing_but_what_it_looked_at():
    assert run("assert x == [1]", values={"x": [1]}) == {"answers": {"x": "[1]"}}


@pytest.mark.parametrize(
    "value", [[1, 2], {1, 2}, {"a": 1}, np.array([1.0, 2.0])], ids=lambda value: type(value).__name__
)
def test_what_a_students_function_changes_in_an_argument_is_changed_here(value):
    now = {list: [9, 2], set: {9}, dict: {"b": 2}, np.ndarray: np.array([9.0, 2.0])}[type(value)]
    judge = checker(returns(None, now))
    given = value
    judge.call(7, (given,), {})
    assert given is value
    assert np.array_equal(given, now) if type(now) is np.ndarray else given == now


def test_an_array_of_another_shape_is_not_poured_into_the_argument():
    given = np.array([1.0, 2.0])
    checker(returns(None, np.array([1.0, 2.0, 3.0]))).call(7, (given,), {})
    assert given.tolist() == [1.0, 2.0]


def test_an_error_of_the_students_function_is_raised_here_as_the_same_builtin():
    found = run(
        "try:\n    f()\nexcept KeyError as error:\n    assert 'k' in str(error)", raises("KeyError", "k")
    )
    assert found.keys() == {"answers"}


@pytest.mark.parametrize(
    "name", ["TheirOwn", "SystemExit", "KeyboardInterrupt", "print", "UnicodeDecodeError"]
)
def test_any_other_error_is_a_runtime_error_that_names_it(name):
    assert run("f()", raises(name, "why"))["raised"] == {"name": "RuntimeError", "text": f"{name}: why"}


def test_what_the_grader_lacks_leaves_a_test_without_a_verdict():
    assert run("f()", raises("ImportError", "no pandas", lacks="pandas"))["unjudged"] == "pandas"


def test_who_is_gone_is_gone_also_for_a_test_that_bears_all_errors():
    found = run("try:\n    f()\nexcept Exception:\n    pass", {"gone": "ran too long"})
    assert found["gone"] == "ran too long"
    assert not {"failed", "raised"} & found.keys()


def test_without_values_the_reason_is_told():
    judge = checker()
    assert judge.run([], ["test", "assert False"], None, "never came up") == {
        "answers": {},
        "gone": "never came up",
    }


def test_a_setup_cell_that_fails_is_named_and_no_answer_is_to_blame():
    found = run("assert False", setup=[("first", "a = 1"), ("second", "a / 0")])
    assert found["broken"] == {"cell": "second", "name": "ZeroDivisionError", "text": "division by zero"}
    assert "raised" not in found


def test_each_test_has_a_fresh_namespace_with_the_setup_cells_alone():
    judge = checker()
    assert judge.run([["setup", "a = 1"]], ["one", "b = a"], {}) == {"answers": {}}
    assert judge.run([], ["two", "a"], {})["raised"]["name"] == "NameError"
    assert judge.run([], ["three", "b"], {})["raised"]["name"] == "NameError"


def test_what_a_test_prints_reaches_nobody(capsys):
    run("import sys\nprint('hidden')\nprint('hidden', file=sys.stderr)", values={})
    assert capsys.readouterr() == ("", "")


def test_a_failed_property_is_told_as_it_is():
    source = "from gossipkit.grading.properties import PropertyFailed\nraise PropertyFailed('n is odd')"
    assert run(source, values={})["failed"] == "not so: n is odd."
