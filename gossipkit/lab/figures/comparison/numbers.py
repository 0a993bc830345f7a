"""Figures that set numbers beside numbers: model and measurement, cost and gain, one parameter and another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ... import style
from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells, Dots, Line


def curves(
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    x: str = "round",
    y: str = "value",
    takeaway: str = "",
) -> Chart:
    """Labelled rows of numbers, the first one at 0.

    Parameters
    ----------
    series : mapping of str to sequence of float
        One line each, by label.
    title, x, y : str
        Heading and axes, with units.
    takeaway : str
        What is to be seen, if it is known beforehand.
    """
    if not series or not all(map(len, series.values())):
        raise ValueError(
            "there is nothing to draw: give at least one labelled row, and none without a number"
        )
    longest = max(len(values) for values in series.values())
    marks = [
        Line(range(len(values)), values, number, label) for label, values, number in style.styled(series)
    ]
    plot = Plot(marks, Axis(x, 0, max(1, longest - 1), whole=True), Axis(y))
    lines = [
        f"{label}: from {values[0]:.4g} to {values[-1]:.4g}, highest {max(values):.4g}."
        for label, values in series.items()
    ]
    lines += [takeaway] if takeaway else []
    alt = f"Line chart: {y} over {x}, 0 to {longest - 1}. " + " ".join(lines)
    rows = tuple(
        (at, *(f"{values[at]:.4g}" if at < len(values) else "" for values in series.values()))
        for at in range(longest)
    )
    return Chart(title, alt, lines, (x, *series), rows, [plot])


def model_against_measured(
    model: Mapping[str, object],
    measured: Mapping[str, Sequence[float]],
    title: str = "The model against the real thing",
) -> Chart:
    """Lines: the model's mean share informed after each round. Points: the same, measured on a real system.

    Parameters
    ----------
    model : mapping of str to gossipkit.gossip.Spread
        One line each, by label.
    measured : mapping of str to sequence of float
        Under the same labels, the mean share informed (0 to 1) after each round, the start first.
    title : str
        The heading.

    Raises
    ------
    ValueError
        When the labels differ.
    """
    if not model or set(model) != set(measured):
        raise ValueError(
            f"model has {', '.join(model)}, measured {', '.join(measured)}: the labels must be the same"
        )
    if empty := [label for label, values in measured.items() if not len(values)]:
        raise ValueError(f"measured {empty[0]!r} is empty: it must hold the share at the start at least")
    last = max(_settled(np.asarray(values)) for values in measured.values())
    means, points, lines, marks = {}, {}, [], []
    for label, spread, number in style.styled(model):
        means[label] = _to_length(spread.informed.mean(axis=0) / spread.nodes * 100, last + 1)
        points[label] = _to_length(np.asarray(measured[label]) * 100, last + 1)
        marks += [
            Line(range(last + 1), means[label], number, plain=True),
            Dots(range(last + 1), points[label], number, label),
        ]
        gap = np.abs(means[label] - points[label])
        lines.append(
            f"{label}: largest gap {gap.max():.1f} percentage points, in round {gap.argmax()}; mean gap {gap.mean():.1f}."
        )
    plot = Plot(
        marks,
        Axis("round", -0.2, last, whole=True),
        Axis("nodes informed (%), mean", 0, 103, ticks=(0, 25, 50, 75, 100)),
    )
    alt = (
        f"Line chart with points: mean share of nodes informed, 0 to 100 %, over rounds 0 to {last}; points measured, "
        "lines from the model. " + " ".join(lines)
    )
    columns = ("round", *(f"{label}, {kind} (%)" for label in model for kind in ("model", "measured")))
    rows = tuple(
        (at, *(f"{values[label][at]:.1f}" for label in model for values in (means, points)))
        for at in range(last + 1)
    )
    return Chart(title, alt, lines, columns, rows, [plot], note=("Points: measured. Lines: model.",))


def beside_measured(
    rows: Mapping[str, tuple[float, float]], *, title: str, x: str, logarithmic: bool = False
) -> Chart:
    """Pairs of numbers, row by row: what the model gives and what somebody measured on a real system.

    Parameters
    ----------
    rows : mapping of str to (float, float)
        The model's number and the measured one, by label.
    title, x : str
        Heading and horizontal axis, with its unit.
    logarithmic : bool
        Whether the axis is logarithmic from 1 on, with room for 0.

    Raises
    ------
    ValueError
        When there is no row.
    """
    if not rows:
        raise ValueError("there is nothing to draw: give at least one row")
    model, real = (np.array([pair[which] for pair in rows.values()], dtype=float) for which in (0, 1))
    places = np.arange(len(rows))[::-1]
    gaps = [
        Line(pair, (place, place), style.FAINT, plain=True)
        for place, pair in zip(places, rows.values(), strict=True)
    ]
    marks = [
        *gaps,
        Dots(real, places, style.BLUE, "measured", hollow=True, radius_px=6),
        Dots(model, places, style.PINK, "model", radius_px=4),
    ]
    axis = Axis(
        x,
        0,
        float(max(model.max(), real.max())) * (1.8 if logarithmic else 1.08) or 1,
        scale="symlog" if logarithmic else "linear",
    )
    plot = Plot(marks, axis, Axis(low=-0.6, high=len(rows) - 0.4, names=list(rows)[::-1]))
    lines = tuple(
        f"{label}: model {ours:.3g}, measured {theirs:.3g}." for label, (ours, theirs) in rows.items()
    )
    alt = (
        f"Dot chart, {len(rows)} rows: {x}, a filled diamond for the model and a ring for the measurement. "
        + " ".join(lines)
    )
    table = tuple((label, f"{ours:.4g}", f"{theirs:.4g}") for label, (ours, theirs) in rows.items())
    return Chart(title, alt, lines, ("", "model", "measured"), table, [plot], 118 + 30 * len(rows))


def heatmap(
    values,
    *,
    rows: Sequence,
    columns: Sequence,
    row_name: str,
    column_name: str,
    value_name: str,
    title: str,
    digits: str = ".1f",
) -> Chart:
    """One number for every pair of two parameters, printed in its cell as well as coloured.

    Parameters
    ----------
    values : array of shape (len(rows), len(columns))
        nan is shown as "never".
    rows, columns : sequence
        The parameters' values.
    row_name, column_name, value_name : str
        What they are, with units.
    title : str
        The heading.
    digits : str
        Format of a cell.

    Raises
    ------
    ValueError
        When the shape does not fit.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)) or not np.isfinite(values).any():
        raise ValueError(
            f"values has shape {values.shape}: it must be {(len(rows), len(columns))}, with a number in it"
        )
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    said = [[format(value, digits) if np.isfinite(value) else "never" for value in row] for row in values]
    plot = Plot(
        [Cells(values, said)],
        Axis(column_name, -0.5, len(columns) - 0.5, names=[str(each) for each in columns]),
        Axis(row_name, -0.5, len(rows) - 0.5, names=[str(each) for each in rows][::-1]),
        colours=Colours(value_name, low, high if high > low else low + 1),
    )
    least, most = (
        np.unravel_index(np.nanargmin(values), values.shape),
        np.unravel_index(np.nanargmax(values), values.shape),
    )

    def where(cell):
        return f"{values[cell]:{digits}} at {row_name} {rows[cell[0]]}, {column_name} {columns[cell[1]]}"

    lines = [f"{value_name}: lowest {where(least)}; highest {where(most)}."]
    never = int(np.isnan(values).sum())
    lines += [f"Never reached in {never} of {values.size} cells."] if never else []
    alt = (
        f"Heat map of {value_name}: {row_name} from {rows[0]} to {rows[-1]} down, {column_name} from {columns[0]} to "
        f"{columns[-1]} across. " + " ".join(lines)
    )
    table = tuple((str(name), *row) for name, row in zip(rows, said, strict=True))
    heads = (f"{row_name} \\ {column_name}", *(str(each) for each in columns))
    return Chart(title, alt, lines, heads, table, [plot], max(240, 130 + 30 * len(rows)))


def _settled(values: np.ndarray) -> int:
    """The round after which a curve rises by no more than a thousandth."""
    return int(np.flatnonzero(values >= values[-1] - 0.001)[0]) + 1


def _to_length(values: np.ndarray, length: int) -> np.ndarray:
    return np.pad(values, (0, max(0, length - len(values))), mode="edge")[:length]
