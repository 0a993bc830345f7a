"""The figure of wrong beliefs, rows that differ and stale reads of one cluster."""

from __future__ import annotations

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars, Line, Span


def converged_yet_different(result, title: str = "Gossip above, replicas below") -> Chart:
    """Wrong beliefs and differing rows of one cluster over time, and how many reads were stale.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Converged
    """
    shares = {
        "right after a write": result.stale_at_once,
        "the same, by PBS": result.predicted,
        "of older rows": result.stale_later,
    }
    percent = {label: 0.0 if np.isnan(share) else 100 * share for label, share in shares.items()}
    outage = result.wrong.max() > 0
    span = (float(result.times[0]), float(result.times[-1]))
    named = ("of older\nrows", "the same,\nby PBS", "right after\na write")
    said = [
        "no answer" if np.isnan(share) else f"{100 * share:.{0 if share >= 0.1 else 1}f} %"
        for share in shares.values()
    ]
    plots = [
        Plot(
            [
                *([Span(*result.down, style=style.FAINT, text="down")] if outage else []),
                Line(result.times, result.wrong),
            ],
            Axis("seconds", *span),
            Axis(
                f"wrong beliefs\n(of {result.pairs} pairs)",
                -0.5,
                max(10.0, 1.15 * float(result.wrong.max())),
                whole=True,
            ),
            share=0.62,
        ),
        Plot(
            [
                *([Span(*result.down, style=style.FAINT)] if outage else []),
                Line(result.times, result.divergent, style.VERMILION),
            ],
            Axis("seconds", *span),
            Axis(
                f"rows that differ\n(of {result.keys})",
                -1,
                max(20.0, 1.15 * float(result.divergent.max())),
                whole=True,
            ),
            below=True,
        ),
        Plot(
            [
                Bars(
                    (2,),
                    [100 * result.stale_at_once],
                    style.VERMILION,
                    across=True,
                    width=0.4,
                    texts=said[:1],
                ),
                Bars((1,), [100 * result.predicted], style.FAINT, across=True, width=0.4, texts=said[1:2]),
                Bars(
                    (0,), [100 * result.stale_later], style.VERMILION, across=True, width=0.4, texts=said[2:]
                ),
            ],
            Axis("stale reads (%)", 0, 1.5 * max(10.0, *percent.values())),
            Axis(low=-0.6, high=2.6, names=named),
            share=0.38,
        ),
    ]
    answered, missed = zip(result.at_once, result.later, strict=True)
    lines = (
        f"Reads right after a write of their row: {missed[0]} of {answered[0]} stale; by latencies alone PBS expects "
        f"{100 * result.predicted:.0f} %. Reads of older rows: {missed[1]} of {answered[1]} stale. "
        f"Unavailable or timed out: {result.refused} operations.",
        f"Rows that differ: at most {result.divergent.max()}, {result.divergent[-1]} at the end; hints left: {result.hints_left}.",
        f"Wrong beliefs: at most {result.wrong.max()}, {result.wrong[-1]} at the end"
        + (
            ". Gossip has converged, and the replicas have not."
            if result.divergent[-1] and not result.wrong[-1]
            else "."
        ),
    )
    alt = (
        f"Two line charts over {span[0]:g} to {span[1]:g} seconds, wrong beliefs of {result.pairs} pairs above and "
        f"rows that differ of {result.keys} below, "
        "and three bars with the share of stale reads in %. " + " ".join(lines)
    )
    table = tuple(
        (f"{at:g}", str(wrong), str(differ))
        for at, wrong, differ in zip(result.times, result.wrong, result.divergent, strict=True)
    )
    return Chart(title, alt, lines, ("seconds", "wrong beliefs", "rows that differ"), table, plots)
