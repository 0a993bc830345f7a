"""The figure of two nodes that join at once, and of the rows that are lost by it."""

from __future__ import annotations

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars, Span, Step


def two_joins(result, title: str = "Two operators, one range of the ring") -> Chart:
    """Two nodes that join, when they own their tokens, and what acknowledged rows become of it.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Joins
    """
    begin, end = float(result.times[0]), float(result.times[-1])
    newcomers = ("first newcomer", "second newcomer")
    waits = [
        (asked, end if np.isnan(joined) else max(joined, asked))
        for asked, joined in zip(result.asked_s, result.joined_s, strict=True)
    ]
    plan = []
    for row, (asked, joined) in zip((1, 0), waits, strict=True):
        plan += [
            Span(asked, joined, row, style.ORANGE, "joining or waiting", hatch=True),
            Span(joined, end, row, style.BLUE, "owns its tokens"),
        ]
    seconds = Axis("seconds since the first operator's command", begin, end)
    lost = Bars((0,), (result.lost,), style.VERMILION, texts=(str(result.lost),))
    plots = [
        Plot(
            plan, seconds, Axis(low=-0.5, high=1.5, names=("second\nnewcomer", "first\nnewcomer")), share=0.78
        ),
        Plot(
            [Step(result.times, result.disagreeing, style.VERMILION)],
            seconds,
            Axis("rows in dispute", 0, 1.05 * result.keys, whole=True),
            below=True,
        ),
        Plot(
            [lost],
            Axis(low=-0.6, high=0.6, ticks=()),
            Axis(f"lost rows of {result.keys}", 0, 1.12 * result.keys, whole=True),
            share=0.22,
        ),
    ]
    said = [
        f"{who} asked at {asked:.0f} s and "
        + (
            "does not own its tokens at the end"
            if np.isnan(joined)
            else f"owns its tokens from {joined:.0f} s on"
        )
        for who, asked, joined in zip(newcomers, result.asked_s, result.joined_s, strict=True)
    ]
    lines = (
        f"The {said[0]}; the {said[1]}. Times turned away: {result.refused}.",
        f"At most {result.disagreeing.max():.0f} of {result.keys} rows were in dispute: running nodes would have asked different "
        "replicas.",
        f"Acknowledged at QUORUM and not seen by some QUORUM read afterwards: {result.lost} of {result.keys} rows.",
    )
    alt = (
        f"Three charts: two horizontal bars over {begin:g} to {end:g} seconds, for each newcomer how long it joined and from when it "
        f"owned its tokens; below them the rows in dispute, 0 to {result.keys}; beside them the lost rows. "
        + " ".join(lines)
    )
    moments = sorted(
        {begin, end, *(at for at, count in zip(result.times, result.disagreeing, strict=True) if count)}
        | {at for wait in waits for at in wait}
    )
    rows = tuple(
        (
            f"{at:.1f}",
            *(
                "owns" if joined <= at else "joining" if asked <= at else "not there"
                for asked, joined in zip(result.asked_s, result.joined_s, strict=True)
            ),
            str(int(result.disagreeing[np.abs(result.times - at).argmin()])),
        )
        for at in moments
    )
    return Chart(title, alt, lines, ("seconds", *newcomers, "rows in dispute"), rows, plots)
