"""The figure of a scenario before and after shrinking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...layout import NOTE_PX
from ...marks import Dots, Rule, Span

FAULTS = ("crash", "pause", "partition", "cut", "set_loss", "corrupt", "clock", "churn")
ENDS = ("restart", "heal", "mend")
LOOKS = {"faults": style.VERMILION, "what ends them": style.GREEN, "clients and operators": style.BLUE}
ALL = "network"
"""The lane of what befalls no node in particular."""


def scenario_steps(shrunk, title: str = "The failing scenario, before and after shrinking") -> Chart:
    """The steps of both cases over time, a lane for each node.

    Parameters
    ----------
    shrunk : gossipkit.systems.checking.Shrunk
    """
    before, after = shrunk.before, shrunk.after
    plots = [
        _plot(before, f"Before: {_size(before)}", None, shrunk.before.seconds),
        _plot(after, f"After: {_size(after)}", getattr(shrunk.failure, "at_s", None), after.seconds),
    ]
    what = getattr(shrunk.failure, "what", shrunk.failure)
    steps = [f"{step.at:g} s: {_said(step)}" for step in after.scenario.steps]
    lines = (
        f"Before: {_size(before)}.",
        f"After {shrunk.runs} runs: {_size(after)}.",
        *(f"{step}." for step in steps),
        f"What fails: {what}.",
    )
    alt = (
        f"Two timelines of a scenario's steps, a lane for each node, the first over 0 to {before.seconds:g} seconds, the second over "
        f"0 to {after.seconds:g} seconds. " + " ".join(lines)
    )
    rows = tuple(
        (which, f"{step.at:g}", step.action, _arguments(step))
        for which, case in (("before", before), ("after", after))
        for step in case.scenario.steps
    )
    height = 150 + NOTE_PX * len(lines[2:]) + 26 * (max(before.nodes, after.nodes) + 1)
    return Chart(title, alt, lines, ("", "time (s)", "step", "with"), rows, plots, height, note=lines[2:])


def _size(case) -> str:
    steps = len(case.scenario)
    return f"{steps} step{'s' * (steps != 1)}, {case.nodes} nodes, {case.seconds:g} s"


def _plot(case, title: str, failed_s: float | None, seconds: float) -> Plot:
    lanes = [*(f"node-{number}" for number in range(1, case.nodes + 1)), ALL]
    rows = {name: len(lanes) - 1 - at for at, name in enumerate(lanes)}
    marks: list = []
    for label, look in LOOKS.items():
        places = [
            (step.at, rows[name])
            for step in case.scenario.steps
            if _group(step.action) == label
            for name in dict.fromkeys(_named(step.arguments, lanes)) or [ALL]
        ]
        if places:
            marks.append(Dots(*zip(*places, strict=True), look, label, radius_px=4))
    pauses = [
        step for step in case.scenario.steps if step.action == "pause" and step.arguments["name"] in rows
    ]
    marks = [
        Span(
            step.at,
            min(step.at + step.arguments["seconds"], seconds),
            rows[step.arguments["name"]],
            style.FAINT,
        )
        for step in pauses
        if step.at < seconds
    ] + marks
    if failed_s is not None:
        marks.append(Rule(failed_s, text="fails"))
    # what failed may not need all the time that the steps were meant for
    high = max([seconds, *(step.at for step in case.scenario.steps)])
    return Plot(
        marks,
        Axis("seconds", 0.0, 1.02 * max(high, 1.0)),
        Axis(low=-0.6, high=len(lanes) - 0.4, names=lanes[::-1]),
        title=title,
        share=0.5,
    )


def _group(action: str) -> str:
    return "faults" if action in FAULTS else "what ends them" if action in ENDS else "clients and operators"


def _named(value: Any, lanes: list[str]) -> Iterator[str]:
    """The nodes that a step's arguments name."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _named(each, lanes)
    elif isinstance(value, tuple):
        for each in value:
            yield from _named(each, lanes)
    elif value in lanes:
        yield value


def _arguments(step) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in step.arguments.items())


def _said(step) -> str:
    return f"{step.action} {', '.join(_plain(value) for value in step.arguments.values())}".strip()


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return " | ".join(
            " ".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value
        )
    return re.sub(r"\.0$", "", str(value))
