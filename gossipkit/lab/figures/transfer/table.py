"""The figure of the table of failure."""

from __future__ import annotations

import numpy as np

from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells


def failure_table(result, title: str = "") -> Chart:
    """One quantity for every set of settings (rows) in every environment (columns), coloured by its size's power of ten.

    Parameters
    ----------
    result : gossipkit.systems.transfer.FailureTable
    """
    values = np.array(result.values, dtype=float)
    seen = values[np.isfinite(values) & (values > 0)]
    # where nothing was seen: a step below the least that was
    least = (float(seen.min()) if seen.size else 1.0) / 3
    coloured = np.log10(np.maximum(values, least))
    low, high = float(np.nanmin(coloured)), float(np.nanmax(coloured))
    plot = Plot(
        [Cells([[None if np.isnan(value) else value for value in row] for row in coloured], result.texts)],
        Axis("", -0.5, len(result.columns) - 0.5, names=list(result.columns)),
        Axis("", -0.5, len(result.rows) - 0.5, names=list(result.rows)[::-1]),
        colours=Colours(f"log10 of {result.what}", low, high if high > low else low + 1),
    )
    extremes = [_extremes(column, values[:, at], result.rows) for at, column in enumerate(result.columns)]
    lines = (f"{result.what}; three seeds each.", *extremes)
    alt = (
        f"Heat map of {result.what}: {len(result.rows)} borrowed settings down, {len(result.columns)} environments across, "
        f"from {three_digits(np.nanmin(values))} to {three_digits(np.nanmax(values))}. " + " ".join(extremes)
    )
    rows = tuple((name, *texts) for name, texts in zip(result.rows, result.texts, strict=True))
    return Chart(
        title or result.what.capitalize(),
        alt,
        lines,
        ("settings", *result.columns),
        rows,
        [plot],
        130 + 30 * len(result.rows),
        narrowest=620,
    )


def three_digits(value: float) -> str:
    """Three digits, and no power of ten."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _extremes(column: str, values: np.ndarray, rows: tuple[str, ...]) -> str:
    """With which settings a place has the least and the most."""
    if np.isnan(values).all():
        return f"{column}: not reached."
    if np.nanmin(values) == np.nanmax(values):
        return f"{column}: the same with all that were seen."
    least, most = (rows[int(which(values))] for which in (np.nanargmin, np.nanargmax))
    late = (
        f"; not in time with {', '.join(np.array(rows)[np.isnan(values)])}" if np.isnan(values).any() else ""
    )
    return f"{column}: least with {least}, most with {most}{late}."
