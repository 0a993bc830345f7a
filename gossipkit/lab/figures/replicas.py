"""The figure of wrong beliefs, rows that differ and stale reads of one cluster."""

from __future__ import annotations

import numpy as np

from .. import style
from ..chart import Chart


def converged(result, title: str = "Gossip above, replicas below") -> Chart:
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
    with style.canvas() as figure:
        figure.text(84 / 720, 384 / 400, title, weight="bold", size=11.5, va="center")
        span = (float(result.times[0]), float(result.times[-1]))
        beliefs = style.axes(figure, (84, 236, 482, 364), ylabel="wrong beliefs\n(of 30 pairs)")
        beliefs.plot(result.times, result.wrong, markevery=5, **style.MARKS[0].line())
        beliefs.set(xlim=span, ylim=(-0.5, max(10, 1.15 * result.wrong.max())), xticklabels=[])
        rows = style.axes(figure, (84, 52, 482, 210), xlabel="seconds", ylabel="rows that differ\n(of 120)")
        rows.plot(result.times, result.divergent, markevery=5, **style.MARKS[1].line())
        rows.set(xlim=span, ylim=(-1, max(20, 1.15 * result.divergent.max())))
        for plot in (beliefs, rows):
            if outage:
                plot.axvspan(*result.down, color=style.FAINT, zorder=0)
        if outage:
            beliefs.text(
                sum(result.down) / 2,
                0.97,
                "down",
                transform=beliefs.get_xaxis_transform(),
                size=9.5,
                ha="center",
                va="top",
            )
        stale = style.axes(figure, (516, 52, 700, 364), xlabel="stale reads (%)")
        colours = (style.VERMILION, style.FAINT, style.VERMILION)
        edge = {"edgecolor": style.INK, "linewidth": 0.8}
        stale.barh((2, 1, 0), percent.values(), height=0.34, color=colours, **edge)
        reach = max(10.0, *percent.values())
        for place, (label, value) in zip((2, 1, 0), percent.items(), strict=True):
            said = "no answer" if np.isnan(shares[label]) else f"{value:.{0 if value >= 10 else 1}f} %"
            stale.text(0, place + 0.24, f"{label}: {said}", size=9.5, va="bottom")
        stale.set(xlim=(0, 1.25 * reach), ylim=(-0.4, 2.75))
        stale.set_yticks([])
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
        f"Two line charts over {span[0]:g} to {span[1]:g} seconds, wrong beliefs of 30 pairs above and rows that differ of 120 below, "
        "and three bars with the share of stale reads in %. " + " ".join(lines)
    )
    table = tuple(
        (f"{at:g}", str(wrong), str(differ))
        for at, wrong, differ in zip(result.times, result.wrong, result.divergent, strict=True)
    )
    return Chart(title, figure, alt, lines, ("seconds", "wrong beliefs", "rows that differ"), table)
