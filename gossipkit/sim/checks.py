"""What is refused, and in which words: the value, then what is allowed."""

from math import isfinite
from operator import index
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


def text(name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` is a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}: it must be a text that is not empty")


def truth(name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}: it must be True or False")


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Raise ValueError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(map(repr, allowed))}")


def instance(name: str, value: Any, kinds: type | tuple[type, ...], allowed: str) -> None:
    """Raise ValueError, which says what is ``allowed``, unless ``value`` is of one of ``kinds``."""
    if not isinstance(value, kinds):
        raise ValueError(f"{name} is {value!r}: it must be {allowed}")
