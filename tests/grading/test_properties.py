"""The checks that exercises are written with: types before values, and messages that name the property."""

from collections import Counter, deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from gossipkit.grading import PropertyFailed, close, equal, form_only, hidden_tests_follow, holds


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __bool__(self):
        return True


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (3, 3.0),
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        ([1, 2], (1, 2)),
        ({"a"}, frozenset({"a"})),
        ({"a": [1, {"b"}]}, {"a": (1, {"b"})}),
        ("push", "push"),
        (None, None),
        (True, True),
        (Fraction(1, 2), 0.5),
        (Decimal("0.1"), 0.1),
        (np.array(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("push"), "push"),
        (np.array([1, 2]), [1, 2]),
        (np.array(["a"]), ("a",)),
        (deque([1, 2]), [1, 2]),
        ({"a": 1}.keys(), {"a"}),
        ({"a": 1, "b": 2}.keys(), ["a", "b"]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.items(), {("a", 1)}),
        (Counter("aa"), {"a": 2}),
        (2**70, 2**70),
    ],
)
def test_equal_accepts_the_value_in_its_other_spellings(actual, expected):
    equal(actual, expected, "they are equal")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (4, 3),
        (True, 1),
        (1, True),
        ("3", 3),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({1, 2}, {1}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        (float("nan"), 1.0),
        (Fraction(1, 3), 0.5),
        (Decimal("NaN"), 1.0),
        (2**70 + 1, 2**70),
        (np.array([1, 2]), [2, 1]),
        ({"b": 1, "a": 2}.keys(), ["a", "b"]),
        (AlwaysEqual(), 3),
        (AlwaysEqual(), "push"),
        ([AlwaysEqual()], [3]),
        ({"a": AlwaysEqual()}, {"a": 3}),
        ({AlwaysEqual()}, {"a"}),
        (None, 0),
    ],
)
def test_equal_refuses_another_value_or_an_object_that_equals_everything(actual, expected):
    with pytest.raises(PropertyFailed):
        equal(actual, expected, "they are equal")


def test_the_message_names_the_property_and_both_values():
    with pytest.raises(
        PropertyFailed, match=r"not so: each push is one message\. Yours gives 1, it should be 2\."
    ):
        equal(1, 2, "each push is one message")


def test_a_huge_answer_is_not_repeated_in_full():
    with pytest.raises(PropertyFailed) as failure:
        equal(list(range(100_000)), [], "it is empty")
    assert len(str(failure.value)) < 500


@pytest.mark.parametrize("truth", [False, None, 1, "yes", AlwaysEqual(), np.bool_(False)])
def test_holds_takes_nothing_but_true(truth):
    with pytest.raises(PropertyFailed, match="the limit holds"):
        holds(truth, "the limit holds")


def test_holds_accepts_true():
    holds(True, "the limit holds")


@pytest.mark.parametrize("value", [0.9, 1.1, np.float64(1.0), 1])
def test_close_accepts_up_to_its_tolerance(value):
    close(value, 1.0, 0.1 + 1e-12, "it is about one")


@pytest.mark.parametrize("value", [0.89, 1.11, float("nan"), True, "1", None, AlwaysEqual()])
def test_close_refuses_the_rest_and_keeps_the_number_to_itself(value):
    with pytest.raises(PropertyFailed) as failure:
        close(value, 1.0, 0.1, "the share is what the limit leaves")
    assert "1.0" not in str(failure.value)


def test_students_are_told_that_there_are_hidden_tests(capsys):
    hidden_tests_follow()
    assert "Hidden tests" in capsys.readouterr().out


def test_of_a_form_nobody_is_told_that_it_passes(capsys):
    form_only()
    said = capsys.readouterr().out
    assert "Form only" in said and "right is looked at when this is graded" in said
    assert "pass" not in said
