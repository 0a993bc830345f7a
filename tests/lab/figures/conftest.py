"""Holds what a chart plots against numbers that a test has computed from the run itself."""

from dataclasses import fields
from itertools import zip_longest

import pytest

from gossipkit.lab.axes import Axis

# how a mark looks, or where its words have room: everything else of it is what the chart says
LOOKS = {
    *("plain", "width", "radius_px", "bold", "small", "align", "right_px", "up_px", "width_px", "height_px"),
    *("clear_px", "bend"),
}


@pytest.fixture
def plots():
    """Fails unless a chart has these plots: their marks in their order with their numbers, words and styles, and their axes.

    An axis of `wanted` without ends asks that the drawn one holds every mark, and one with ends asks for these; ticks are
    compared where `wanted` gives some, or names.
    """

    def check(chart, *wanted):
        found = [
            f"plot {at}, {line}"
            for at, pair in enumerate(zip_longest(chart.plots, wanted))
            for line in (differences(*pair) if all(pair) else [f"drawn {pair[0]}, wanted {pair[1]}"])
        ]
        assert not found, "\n".join([f"{chart.title!r}:", *found])

    return check


def differences(drawn, wanted):
    """In what a plot differs from the one that is wanted, a line each."""
    lines = []
    for at, (have, want) in enumerate(zip_longest(drawn.marks, wanted.marks)):
        if type(have) is not type(want):
            lines.append(f"mark {at}: {have} instead of {want}")
            continue
        for name in (each.name for each in fields(want) if each.name not in LOOKS):
            if not near(getattr(have, name), getattr(want, name)):
                lines.append(f"mark {at}, {name}: {getattr(have, name)!r} instead of {getattr(want, name)!r}")
    for name in ("title", "below", "equal", "bare", "colours"):
        have, want = (getattr(plot, name) for plot in (drawn, wanted))
        if name == "colours" and have and want:
            have, want = ((each.label, each.low, each.high, each.whole) for each in (have, want))
        if not near(have, want):
            lines.append(f"{name}: {have!r} instead of {want!r}")
    for at, which in enumerate("xy"):
        reached = [mark.reach()[at] for mark in drawn.marks]
        lines += of_axis(which, getattr(drawn, which), getattr(wanted, which), reached)
    return lines


def of_axis(which: str, drawn: Axis, wanted: Axis, reached):
    """In what an axis differs; `reached` is what each mark needs of it."""
    names = ["label", "scale", "names", *(["ticks"] if wanted.ticks is not None else [])]
    ends = [end for end in ("low", "high") if getattr(wanted, end) is not None]
    for name in (*names, *ends):
        have, want = (getattr(axis, name) for axis in (drawn, wanted))
        if not near(have, want):
            yield f"{which} axis, {name}: {have!r} instead of {want!r}"
    if len(ends) < 2:
        held = [value for values in reached for value in values if value is not None]
        low, high = drawn.range(held)
        for value in held:
            if not low - 1e-9 <= value <= high + 1e-9 and not (drawn.scale == "log" and value <= 0):
                yield f"{which} axis from {low} to {high}: {value} lies outside"


def near(have, want):
    """Whether two numbers or texts, or rows of them, are one."""
    if isinstance(want, list | tuple):
        alike = isinstance(have, list | tuple) and len(have) == len(want)
        return alike and all(near(*pair) for pair in zip(have, want, strict=True))
    if isinstance(want, str | bool) or None in (have, want):
        return have == want
    return have == pytest.approx(want, rel=1e-9, abs=1e-9)
