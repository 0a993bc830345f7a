"""Values on their way from the student's process to the one that judges: what is plain arrives, the rest is not judged."""

import array
import enum
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from gossipkit.grading import PropertyFailed, close, equal, wire
from gossipkit.grading.remote import RemoteObject, remote
from gossipkit.grading.unjudged import Unjudged


class Mine(int):
    """A number that equals everything."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Level(enum.IntEnum):
    HIGH = 3


class Word(enum.StrEnum):
    PUSH = "push"


class Clock(dict):
    def __repr__(self):
        return "a clock"


class Names(set):
    pass


class Window(list):
    """More than a list: tests call it."""

    def add(self, item):
        self.append(item)


class Default(dict):
    def __missing__(self, key):
        return 0


class Holding(dict):
    def __init__(self):
        super().__init__(a=1)
        self.more = 2


def travelled(value):
    return wire.decode(wire.encode(value, lambda value: {"t": "object"}), lambda told: "an object", {})


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Fraction(1, 3), 1 / 3),
        (Fraction(6, 2), 3),
        (Decimal("0.1"), 0.1),
        (Decimal(8), 8),
        (Decimal("-Infinity"), float("-inf")),
        (np.float32(0.1), 0.1),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
        (np.array(0.25), 0.25),
        (np.array("push"), "push"),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([Fraction(1, 2), None]), [0.5, None]),
        (deque([1, 2]), [1, 2]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.keys(), {"a": 0}.keys()),
        ({"a": 1}.items(), {"a": 1}.items()),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        (UserDict(a=1), {"a": 1}),
        (UserList([1]), [1]),
        (UserString("a"), "a"),
        (array.array("d", [0.5]), [0.5]),
        (memoryview(b"ab"), b"ab"),
        (OrderedDict(a=Counter("a")), {"a": {"a": 1}}),
        (Mine(3), 3),
        (Level.HIGH, 3),
        (Word.PUSH, "push"),
        (Clock(a=Mine(1)), {"a": 1}),
        (Names("ab"), {"a", "b"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_plain_value_arrives_as_pythons_own(value, arrives):
    got = travelled(value)
    assert got == arrives and type(got) is type(arrives)


def test_not_a_number_arrives():
    assert np.isnan(travelled(Decimal("NaN")))


def test_a_number_that_equals_everything_arrives_as_what_it_is():
    assert travelled([Mine(4)]) == [4] and travelled(Mine(4)) != 5


def test_a_named_tuple_keeps_its_names():
    got = travelled(namedtuple("Pair", "first second")(1, Fraction(1, 2)))
    assert (got.first, got.second) == (1, 0.5)


@pytest.mark.parametrize(
    "value",
    [
        Window([1]),
        Default(a=1),
        Holding(),
        Decimal("sNaN"),
        Fraction(10**400, 3),
        SimpleNamespace(a=1),
        Path("a"),
        np.ma.array([1]),
        np.datetime64("2026-01-01"),
        iter([1]),
        (item for item in [1]),
        lambda: 1,
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_object_that_is_more_than_its_value_stays_where_it_is(value):
    assert travelled(value) == "an object"


class Way:
    """A student's process in which there is one object."""

    def call(self, ref, args, kwargs):
        return "called", args

    def asked(self, do, ref, name):
        return name


UNREAD = {"t": "object", "ref": 1, "type": "Odd", "unread": True, "lacks": ""}


@pytest.mark.parametrize(
    "asks",
    [
        lambda odd: odd == 1,
        lambda odd: odd != 1,
        lambda odd: 0 < odd < 1,
        lambda odd: odd in ("A", "B"),
        lambda odd: odd + 1,
        lambda odd: 1 - odd,
        lambda odd: -odd,
        lambda odd: round(odd, 1),
        lambda odd: float(odd),
        lambda odd: list(odd),
        lambda odd: len(odd),
        lambda odd: odd[0],
        lambda odd: "a" in odd,
        lambda odd: set(odd),
        lambda odd: f"{odd:.2f}",
        lambda odd: "yes" if odd else "no",
        lambda odd: isinstance(odd, dict),
        lambda odd: np.mean([odd]),
        lambda odd: equal(odd, "B", "it is B"),
        lambda odd: equal([odd], ["B"], "it is B"),
        lambda odd: equal(odd, None, "it is nothing"),
        lambda odd: close(odd, 1.0, 0.1, "it is about 1"),
    ],
)
def test_whoever_asks_for_the_value_of_an_object_cannot_judge(asks):
    with pytest.raises(Unjudged, match="'Odd'"):
        asks(remote(Way(), UNREAD))


def test_an_object_can_be_called_and_has_attributes():
    odd = remote(Way(), UNREAD)
    assert odd(1) == ("called", (1,)) and odd.phi == "phi"
    assert repr(odd) == "<your Odd>" and hash(odd) and type(odd) is RemoteObject


def test_a_function_is_a_wrong_value():
    function = remote(Way(), UNREAD | {"type": "function", "unread": False})
    for wrong in (lambda: equal(function, 3, "it is 3"), lambda: close(function, 3, 1, "it is about 3")):
        with pytest.raises(PropertyFailed):
            wrong()


def test_what_is_not_there_cannot_be_judged():
    with pytest.raises(Unjudged, match="the grader lacks the module 'pandas'"):
        remote(Way(), UNREAD | {"lacks": "the grader lacks the module 'pandas'"})
