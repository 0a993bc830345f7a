"""The figure of two nodes that join at once, and of the rows that are lost by it."""

from __future__ import annotations

import numpy as np

from .. import style
from ..chart import Chart


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
    with style.canvas() as figure:
        figure.text(112 / 720, 384 / 400, title, weight="bold", size=11.5, va="center")
        plan = style.axes(figure, (112, 248, 552, 366))
        for place, (asked, joined) in zip((1, 0), waits, strict=True):
            bar = {"height": 0.5, "edgecolor": style.INK, "linewidth": 0.8}
            plan.barh(place, joined - asked, left=asked, color=style.ORANGE, hatch="///", **bar)
            plan.barh(place, end - joined, left=joined, color=style.BLUE, **bar)
        for label, colour, hatch in (
            ("joining or waiting", style.ORANGE, "///"),
            ("owns its tokens", style.BLUE, ""),
        ):
            plan.barh(9, 0, color=colour, hatch=hatch, edgecolor=style.INK, linewidth=0.8, label=label)
        plan.set(xlim=(begin, end), ylim=(-0.5, 2.1), xticklabels=[])
        plan.set_yticks((1, 0), ("first\nnewcomer", "second\nnewcomer"))
        plan.legend(loc="upper right", ncols=2, borderpad=0.1)
        disputed = style.axes(
            figure,
            (112, 52, 552, 222),
            xlabel="seconds since the first operator's command",
            ylabel="rows in dispute",
        )
        disputed.fill_between(
            result.times, result.disagreeing, step="mid", color=style.VERMILION, linewidth=1.5
        )
        disputed.set(xlim=(begin, end), ylim=(0, 1.05 * result.keys))
        lost = style.axes(figure, (628, 52, 700, 366), ylabel=f"lost rows of {result.keys}")
        lost.bar(0, result.lost, width=0.6, color=style.VERMILION, edgecolor=style.INK, linewidth=0.8)
        lost.text(0, result.lost + 0.02 * result.keys, str(result.lost), ha="center", size=12, weight="bold")
        style.whole_rounds(lost.yaxis)
        lost.set(xlim=(-0.6, 0.6), ylim=(0, 1.12 * result.keys), xticks=[])
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
        f"The {said[0]}; the {said[1]}. Turned away {result.refused} times.",
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
    return Chart(title, figure, alt, lines, ("seconds", *newcomers, "rows in dispute"), rows)
