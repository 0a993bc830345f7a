"""What test cells say: one property at a time, in words, and never more about hidden tests than that they exist.

Comparisons go by type before value, so that an object whose ``==`` is always true equals nothing.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

DICTS = (dict, OrderedDict, defaultdict, Counter)
SHOWN = 300  # characters of a wrong answer that a message repeats
KEYS, VALUES, ITEMS = (type(getattr({}, name)()) for name in ("keys", "values", "items"))


class PropertyFailed(AssertionError):
    """An answer does not have a property that it was asked to have; the message says which one."""

    def __init__(self, that: str, detail: str = ""):
        super().__init__(f"not so: {that}." + (f" {detail}" if detail else ""))


def holds(truth: bool, that: str, detail: str = "") -> None:
    """Require that ``truth`` is True.

    Parameters
    ----------
    truth : bool
        True itself; a value that only counts as true does not do.
    that : str
        The property, as a statement that a right answer makes true.
    detail : str
        What was found instead, shown with a failure.

    Raises
    ------
    PropertyFailed
        When it is not.
    """
    if truth is not True:
        raise PropertyFailed(that, detail)


def equal(actual: Any, expected: Any, that: str) -> None:
    """Require that an answer is of the expected type and value.

    Numbers of Python and NumPy, ``Fraction`` and ``Decimal`` are one type; so are sets and frozensets, and lists, tuples,
    deques and arrays; a dict's keys and items are both. True is no number.

    Raises
    ------
    PropertyFailed
        Otherwise, with both values.
    """
    if not _same(actual, expected):
        raise PropertyFailed(that, f"Yours gives {_shown(actual)}, it should be {_shown(expected)}.")


def close(actual: Any, expected: float, within: float, that: str) -> None:
    """Require that an answer is a number no further than ``within`` from the expected one.

    Raises
    ------
    PropertyFailed
        Otherwise; the expected number is not told, because tests of this kind ask for a measurement.
    """
    plain = _plain(actual)
    if not _number(plain) or not abs(float(plain) - expected) <= within:
        raise PropertyFailed(that, f"Yours is {_shown(actual)}.")


def hidden_tests_follow() -> None:
    """Say, at the end of the checks that a student can see, that there are others."""
    print("The checks that you can see pass. Hidden tests look at more cases when this is graded.")


def form_only() -> None:
    """Say the same of checks that any answer of the right form passes, be it right or wrong.

    A test cell ends its visible part with this or with `hidden_tests_follow`; ``check`` tells a student which of them it is.
    """
    print("Form only: your answer has the right form. Whether it is right is looked at when this is graded.")


def _number(value: Any) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """What a value is in Python's own types, if it is NumPy's or only another kind of list."""
    if type(value) in (deque, VALUES):
        return list(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    return value


def _same(actual: Any, expected: Any) -> bool:
    actual, expected = _plain(actual), _plain(expected)
    isinstance(actual, type(expected))  # a student's object whose value can't be read objects to that
    if _number(expected):
        whole = isinstance(actual, Integral) and isinstance(expected, Integral)
        return _number(actual) and (actual == expected if whole else float(actual) == float(expected))
    for kinds in ((list, tuple), (set, frozenset)):
        if isinstance(expected, kinds):
            if type(actual) not in (*kinds, KEYS, ITEMS) or len(actual) != len(expected):
                return False
            if kinds == (list, tuple):
                return all(map(_same, actual, expected))
            return all(any(_same(item, other) for other in expected) for item in actual)
    if isinstance(expected, dict):
        return (
            type(actual) in DICTS
            and _same(set(actual), set(expected))
            and all(_same(actual[key], value) for key, value in expected.items())
        )
    return type(actual) is type(expected) and actual == expected


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"
