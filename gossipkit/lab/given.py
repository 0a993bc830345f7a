"""What a chart is given, checked: an error names the argument, its value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite


def refuse(name: str, value, allowed: str):
    raise ValueError(f"{name} is {value!r}: it must be {allowed}")


def number(name: str, value, *, optional: bool = False):
    """`value` as a float; None where it is missing and may be."""
    if optional and (value is None or value != value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not isfinite(number):
        refuse(name, value, "a finite number" + (" or None" if optional else ""))
    return number


def numbers(name: str, values, *, gaps: bool = False, count: int | None = None) -> tuple:
    if isinstance(values, str) or not isinstance(values, Iterable):
        refuse(name, values, "a row of numbers")
    found = tuple(number(f"{name}[{at}]", value, optional=gaps) for at, value in enumerate(values))
    if count is not None and len(found) != count:
        raise ValueError(f"{name} has {len(found)} values: it must have {count}")
    return found


def some(x: tuple) -> tuple:
    if not x:
        raise ValueError("x is empty: it must have at least one value")
    return x


def texts(name: str, values, count: int | None = None) -> tuple[str, ...]:
    found = tuple(values)
    if wrong := [each for each in found if not isinstance(each, str)]:
        refuse(name, wrong[0], "text")
    if count is not None and len(found) not in (0, count):
        raise ValueError(f"{name} has {len(found)} values: it must have {count}, or none")
    return found


def one_of(name: str, value, allowed: Sequence):
    if value not in allowed:
        refuse(name, value, f"one of {', '.join(map(repr, allowed))}")


def short(value):
    """Numbers to six digits, which no screen can tell from more; tuples as lists."""
    if isinstance(value, tuple):
        return [short(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
