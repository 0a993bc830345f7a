"""What is refused, and in which words: the value, then what is allowed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import isfinite
from operator import index
from types import UnionType
from typing import Any


class Refused(ValueError):
    """What was asked for is right, and cannot be done as things are at the moment: the node is down, the name is taken."""


def number(name: str, value: Any, low: float = 0.0, high: float | None = None) -> None:
    """Raise ValueError unless ``value`` is a finite number of at least ``low`` and, where given, at most ``high``."""
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not numeric or not isfinite(value) or value < low or (high is not None and value > high):
        allowed = f"at least {low:g}" if high is None else f"between {low:g} and {high:g}"
        raise ValueError(f"{name} is {value!r}: it must be a number, {allowed}")


def probability(name: str, value: Any) -> float:
    """Return ``value`` as a float, or raise ValueError unless it is a number between 0 and 1."""
    number(name, value, high=1.0)
    return float(value)


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return ``value`` as an int, or raise ValueError unless it is a whole number of at least ``low`` and, where given, at
    most ``high``. True and False are no numbers here.
    """
    try:
        fits = index(value) >= low and (high is None or value <= high) and not isinstance(value, bool)
    except TypeError:
        fits = False
    if not fits:
        allowed = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name} is {value!r}: it must be a whole number, {allowed}")
    return index(value)


def name(name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` can be the name of a node."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}: it must be the name of a node, a text that is not empty")


def names(name: str, value: Any) -> tuple[str, ...]:
    """Return ``value`` as a tuple, or raise ValueError unless it is an iterable of names of nodes, each there once."""
    # a text is an iterable of letters, and never meant so
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise ValueError(f"{name} is {value!r}: it must be names of nodes, such as ('node-1', 'node-2')")
    found = tuple(value)
    for each in found:
        text(f"a name in {name}", each)
    if len(set(found)) < len(found):
        twice = next(each for each in found if found.count(each) > 1)
        raise ValueError(f"{name} names {twice!r} twice: a name is used once")
    return found


def text(name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` is a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}: it must be a text that is not empty")


def truth(name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}: it must be True or False")


def switch(name: str, value: Any) -> bool:
    """Return whether a part of a system is on, or raise ValueError unless ``value`` is True, False or None, which is off."""
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}: it must be True or False, or None")
    return bool(value)


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Raise ValueError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(map(repr, allowed))}")


def instance(name: str, value: Any, kinds: type | UnionType, allowed: str) -> None:
    """Raise ValueError, which says what is ``allowed``, unless ``value`` is of one of ``kinds``, such as ``Network | None``."""
    if not isinstance(value, kinds):
        raise ValueError(f"{name} is {value!r}: it must be {allowed}")


@contextmanager
def package(name: str, purpose: str) -> Iterator[None]:
    """Around the import of a package that only ``purpose`` needs: raise ModuleNotFoundError that says so, and the remedy."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name:
            raise
        raise ModuleNotFoundError(
            f"{purpose} needs the package {name}, which is not installed: pip install {name}", name=error.name
        ) from None
