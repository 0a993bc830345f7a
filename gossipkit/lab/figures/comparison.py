"""Figures that set numbers beside numbers: model and measurement, cost and gain, one parameter and another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import style
from ..chart import Chart


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
    with style.canvas() as figure:
        plot = style.axes(figure, (72, 52, 704, 362), title=title, xlabel=x, ylabel=y)
        for label, values, mark in style.marked(series):
            plot.plot(values, label=label, markevery=max(1, longest // 25), **mark.line())
        style.whole_rounds(plot.xaxis)
        plot.legend()
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
    return Chart(title, figure, alt, tuple(lines), (x, *series), rows)


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
    means, points, lines = {}, {}, []
    with style.canvas() as figure:
        plot = style.axes(
            figure, (62, 52, 704, 362), title=title, xlabel="round", ylabel="nodes informed (%), mean"
        )
        for label, spread, mark in style.marked(model):
            means[label] = _to_length(spread.informed.mean(axis=0) / spread.nodes * 100, last + 1)
            points[label] = _to_length(np.asarray(measured[label]) * 100, last + 1)
            plot.plot(means[label], color=mark.colour, linestyle=mark.dash)
            plot.plot(
                points[label],
                color=mark.colour,
                marker=mark.marker,
                linestyle="",
                markersize=6.5,
                label=label,
            )
            gap = np.abs(means[label] - points[label])
            lines.append(
                f"{label}: largest gap {gap.max():.1f} percentage points, in round {gap.argmax()}; mean gap {gap.mean():.1f}."
            )
        plot.set_xlim(-0.2, last)
        plot.set_ylim(0, 103)
        style.whole_rounds(plot.xaxis)
        plot.legend(loc="lower right", title="points measured, lines model")
    alt = (
        f"Line chart with points: mean share of nodes informed, 0 to 100 %, over rounds 0 to {last}; points measured, "
        "lines from the model. " + " ".join(lines)
    )
    columns = ("round", *(f"{label}, {kind} (%)" for label in model for kind in ("model", "measured")))
    rows = tuple(
        (at, *(f"{values[label][at]:.1f}" for label in model for values in (means, points)))
        for at in range(last + 1)
    )
    return Chart(title, figure, alt, tuple(lines), columns, rows)


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
    height = 110 + 30 * len(rows)
    model, real = (np.array([pair[which] for pair in rows.values()], dtype=float) for which in (0, 1))
    places = np.arange(len(rows))[::-1]
    with style.canvas(height_px=height) as figure:
        plot = style.axes(figure, (220, 52, 700, height - 46), title=title, xlabel=x)
        plot.hlines(places, np.minimum(model, real), np.maximum(model, real), color=style.FAINT, linewidth=3)
        plot.plot(
            real,
            places,
            "o",
            color=style.BLUE,
            markersize=8,
            label="measured",
            fillstyle="none",
            markeredgewidth=1.8,
        )
        plot.plot(model, places, "D", color=style.VERMILION, markersize=5, label="model")
        plot.set_yticks(places, list(rows))
        if logarithmic:
            plot.set_xscale("symlog", linthresh=1)
        plot.set_xlim(0, max(model.max(), real.max()) * (1.8 if logarithmic else 1.08) or 1)
        plot.margins(y=0.12)
        plot.legend(loc="best")
    lines = tuple(
        f"{label}: model {ours:.3g}, measured {theirs:.3g}." for label, (ours, theirs) in rows.items()
    )
    alt = (
        f"Dot chart, {len(rows)} rows: {x}, a filled diamond for the model and a ring for the measurement. "
        + " ".join(lines)
    )
    table = tuple((label, f"{ours:.4g}", f"{theirs:.4g}") for label, (ours, theirs) in rows.items())
    return Chart(title, figure, alt, lines, ("", "model", "measured"), table)


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
    height = max(220, 112 + 30 * len(rows))
    low, high = np.nanmin(values), np.nanmax(values)
    with style.canvas(height_px=height) as figure:
        plot = style.axes(
            figure, (78, 56, 640, height - 38), title=title, xlabel=column_name, ylabel=row_name
        )
        image = plot.imshow(
            values, cmap="cividis", aspect="auto", vmin=low, vmax=high if high > low else low + 1
        )
        for (row, column), value in np.ndenumerate(values):
            dark = np.isfinite(value) and value < (low + high) / 2
            said = format(value, digits) if np.isfinite(value) else "never"
            plot.text(column, row, said, ha="center", va="center", size=9, color="white" if dark else "black")
        plot.set_xticks(range(len(columns)), [str(each) for each in columns])
        plot.set_yticks(range(len(rows)), [str(each) for each in rows])
        plot.grid(visible=False)
        side = style.axes(figure, (656, 56, 670, height - 38))
        figure.colorbar(image, cax=side)
        side.grid(visible=False)
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
    table = tuple(
        (str(name), *(format(value, digits) if np.isfinite(value) else "never" for value in row))
        for name, row in zip(rows, values, strict=True)
    )
    heads = (f"{row_name} \\ {column_name}", *(str(each) for each in columns))
    return Chart(title, figure, alt, tuple(lines), heads, table)


def _settled(values: np.ndarray) -> int:
    """The round after which a curve rises by no more than a thousandth."""
    return int(np.flatnonzero(values >= values[-1] - 0.001)[0]) + 1


def _to_length(values: np.ndarray, length: int) -> np.ndarray:
    return np.pad(values, (0, max(0, length - len(values))), mode="edge")[:length]
