"""Lines over simulated time, with moments marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import style
from ..chart import Chart


def over_time(
    times: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    y: str,
    marks: Mapping[str, float] | None = None,
    findings: Sequence[str] = (),
) -> Chart:
    """Lines over time in seconds, with moments marked.

    Parameters
    ----------
    times : sequence of float
        Sample times in seconds.
    series : mapping of str to sequence of float
        One line each, as long as `times`.
    title, y : str
        Heading and vertical axis, with its unit.
    marks : mapping of str to float
        Moments to be marked, in seconds; nan for what never came.
    findings : sequence of str
        What is to be seen, the takeaway last.

    Raises
    ------
    ValueError
        When a line is not as long as `times`, or there is none.
    """
    times = np.asarray(times, dtype=float)
    values = {label: np.asarray(line, dtype=float) for label, line in series.items()}
    if not values or not len(times) or any(len(line) != len(times) for line in values.values()):
        raise ValueError(
            f"series has the lines {', '.join(series)}: each must have the {len(times)} values of times, and at least one"
        )
    marks = dict(marks or {})
    with style.canvas() as figure:
        plot = style.axes(figure, (66, 52, 704, 318), xlabel="seconds", ylabel=y)
        figure.text(66 / 720, 378 / 400, title, weight="bold", size=11.5, va="center")
        for label, line, mark in style.marked(values):
            plot.plot(times, line, label=label, markevery=max(1, len(times) // 15), **mark.line())
        top = max(float(line.max()) for line in values.values()) or 1.0
        plot.set(xlim=(times[0], times[-1]), ylim=(-0.03 * top, 1.06 * top))
        _mark(
            plot,
            {label: at for label, at in marks.items() if times[0] <= at <= times[-1]},
            times[-1] - times[0],
        )
        plot.legend(loc="best")
    said = [f"{label}: {'never' if np.isnan(at) else f'{at:.1f} s'}." for label, at in marks.items()]
    lines = tuple(said + list(findings))
    alt = (
        f"Line chart: {y} over {times[0]:g} to {times[-1]:g} seconds. "
        + " ".join(
            f"{label}: from {line[0]:.3g} to {line[-1]:.3g}, highest {line.max():.3g}."
            for label, line in values.items()
        )
        + (" " + " ".join(lines) if lines else "")
    )
    some = range(0, len(times), max(1, len(times) // 40))
    rows = tuple((f"{times[at]:g}", *(f"{line[at]:.4g}" for line in values.values())) for at in some)
    return Chart(title, figure, alt, lines or (alt,), ("seconds", *values), rows)


def _mark(plot, marks: Mapping[str, float], span: float) -> None:
    """Vertical lines with a letter each, which is explained in the legend: names would lie on top of one another."""
    last, row = -span, 0
    for letter, (label, at) in zip("ABCDEFG", sorted(marks.items(), key=lambda mark: mark[1]), strict=False):
        row = row + 1 if at - last < 0.025 * span else 0
        last = at
        plot.axvline(at, color=style.INK, linewidth=1, linestyle=(0, (1, 2)))
        place = {"transform": plot.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        plot.text(at, 1.01 + 0.055 * row, letter, size=10, weight="bold", **place)
        plot.plot([], [], " ", label=f"{letter}: {label}")
