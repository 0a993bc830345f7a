"""The figure of a trial: each number as a share of what it may be."""

from __future__ import annotations

import math

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Line
from .table import three_digits

MOST = 1000.0


def trial(result, title: str = "What was asked, and what came") -> Chart:
    """How many times its limit each number is; left of 1 it is kept.

    Parameters
    ----------
    result : gossipkit.systems.transfer.Trial
    """
    shares = result.shares
    names = list(shares)
    # what never came stands at the right end
    times = {
        name: MOST if math.isnan(value) else min(value / limit, MOST)
        for name, (value, limit) in shares.items()
    }
    kept = {name: not math.isnan(value) and value <= limit for name, (value, limit) in shares.items()}
    marks = [Line((1, 1), (-0.5, len(names) - 0.5), style.FAINT, plain=True)]
    for number, label, wanted in ((style.BLUE, "kept", True), (style.VERMILION, "missed", False)):
        here = [name for name in names if kept[name] is wanted]
        if here:
            places = [len(names) - 1 - names.index(name) for name in here]
            marks.append(
                Dots([times[name] for name in here], places, number, label, radius_px=6, hollow=not wanted)
            )
    plot = Plot(
        marks,
        Axis("times the limit", 0, MOST * 1.8, scale="symlog"),
        Axis(low=-0.6, high=len(names) - 0.4, names=names[::-1]),
    )
    lines = tuple(
        f"{name}: {'never' if math.isnan(value) else three_digits(value)}, at most {limit:,.10g} asked: "
        f"{'kept' if kept[name] else 'missed'}."
        for name, (value, limit) in shares.items()
    )
    alt = f"Dot chart, {len(names)} rows: each number as times its limit, from 0 to {MOST:,.0f}. " + " ".join(
        lines
    )
    rows = tuple(
        (
            name,
            "never" if math.isnan(value) else three_digits(value),
            f"{limit:,.10g}",
            "kept" if kept[name] else "missed",
        )
        for name, (value, limit) in shares.items()
    )
    return Chart(title, alt, lines, ("", "measured", "limit", ""), rows, [plot], 150 + 34 * len(names))
