"""The figure of the table of failure."""

from __future__ import annotations

import numpy as np

from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells

LEAST = 1e-3


def failure_table(result, title: str = "") -> Chart:
    """One quantity for every set of settings (rows) in every environment (columns), coloured by its size's power of ten.

    Parameters
    ----------
    result : gossipkit.systems.transfer.FailureTable
    """
    values = np.array(result.values, dtype=float)
    coloured = np.log10(np.maximum(values, LEAST))
    finite = coloured[np.isfinite(coloured)]
    low, high = float(finite.min()), float(finite.max())
    plot = Plot(
        [Cells([[None if np.isnan(value) else value for value in row] for row in coloured], result.texts)],
        Axis("", -0.5, len(result.columns) - 0.5, names=list(result.columns)),
        Axis("", -0.5, len(result.rows) - 0.5, names=list(result.rows)[::-1]),
        colours=Colours(f"log10 of {result.what}", low, high if high > low else low + 1),
    )
    worst = [
        f"{column}: least with {result.rows[int(np.nanargmin(values[:, at]))]}, most with "
        f"{result.rows[int(np.nanargmax(values[:, at]))]}."
        for at, column in enumerate(result.columns)
        if np.isfinite(values[:, at]).any()
    ]
    lines = (f"{result.what}; three seeds each.", *worst)
    alt = (
        f"Heat map of {result.what}: {len(result.rows)} borrowed settings down, {len(result.columns)} environments across. "
        + " ".join(worst)
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
