"""Figures over simulated time: who believes what, what is decided, what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Line, Rule


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
    top = max(float(line.max()) for line in values.values()) or 1.0
    begin, end = float(times[0]), float(times[-1])
    plot = Plot(
        [
            *(Line(times, line, number, label) for label, line, number in style.styled(values)),
            *_moments({label: at for label, at in marks.items() if begin <= at <= end}),
        ],
        Axis("seconds", begin, end if end > begin else begin + 1),
        Axis(y, -0.03 * top, 1.06 * top),
    )
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
    missing = [label for label, at in marks.items() if not begin <= at <= end]
    note = (f"Not within these {end - begin:g} s: {'; '.join(missing)}.",) if missing else ()
    return Chart(title, alt, lines or (alt,), ("seconds", *values), rows, [plot], note=note)


def _moments(marks: Mapping[str, float]) -> list[Rule]:
    """A line with a letter for each, which the legend explains: names would lie on top of one another."""
    moments = sorted(marks.items(), key=lambda mark: mark[1])
    return [
        Rule(at, letter=letter, text=label) for letter, (label, at) in zip("ABCDEFG", moments, strict=False)
    ]
