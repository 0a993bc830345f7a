"""Figures of what replicas hold: rows that differ, reads that are stale, a deleted row that comes back."""

from __future__ import annotations

import numpy as np

from ...repair.tombstones import DAY_S
from .. import style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Bars, Dots, Line, Rule, Span

BEFORE = -1.0  # days: where the picture begins, with the row on every replica
LOOKS = {
    "row": {"style": style.BLUE},
    "tombstone": {"style": style.ORANGE, "hatch": True},
    "nothing": {"style": style.FAINT, "hollow": True},
}


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
                "wrong beliefs\n(of 30 pairs)", -0.5, max(10.0, 1.15 * float(result.wrong.max())), whole=True
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
                "rows that differ\n(of 120)", -1, max(20.0, 1.15 * float(result.divergent.max())), whole=True
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
        f"Two line charts over {span[0]:g} to {span[1]:g} seconds, wrong beliefs of 30 pairs above and rows that differ of 120 below, "
        "and three bars with the share of stale reads in %. " + " ".join(lines)
    )
    table = tuple(
        (f"{at:g}", str(wrong), str(differ))
        for at, wrong, differ in zip(result.times, result.wrong, result.divergent, strict=True)
    )
    return Chart(title, alt, lines, ("seconds", "wrong beliefs", "rows that differ"), table, plots)


def deleted_row(result, title: str = "A deleted row on three replicas") -> Chart:
    """What each replica holds of a row after its deletion: the row, a tombstone or nothing.

    Parameters
    ----------
    result : gossipkit.repair.tombstones.DeletedRow
    """
    deletion = result.stages[1].time_s / DAY_S
    end = result.stages[-1].time_s / DAY_S
    repairs = [stage.time_s / DAY_S for stage in result.stages if stage.event == "repair"]
    spells = {name: _spells(result, name, end) for name in result.stages[0].cells}
    marks = [
        Span(since, until, row, label=what, **LOOKS[what])
        for row, runs in zip((2, 1, 0), spells.values(), strict=True)
        for what, since, until in runs
    ]
    marks.append(Dots(repairs, [2.62] * len(repairs), style.GREEN, "repair ends" if repairs else ""))
    if result.returned_s is not None:
        marks.append(Rule(result.returned_s / DAY_S, style=style.VERMILION, label="the row is back"))
    names = [f"replica {name}" for name in spells][::-1]
    plot = Plot(marks, Axis("days", BEFORE, end), Axis(low=-0.5, high=2.9, names=names))
    forgotten = [
        until for runs in spells.values() for what, _, until in runs if what == "tombstone" and until < end
    ]
    told = [since for what, since, _ in spells["c"] if what == "tombstone"]
    lines = (
        f"Deleted on day {deletion:g} on a and b. "
        + (f"c hears of it on day {told[0]:g}. " if told else "c never hears of it. ")
        + (
            f"The first tombstone is dropped on day {min(forgotten):g}."
            if forgotten
            else "No tombstone is dropped."
        ),
        "The row stays deleted."
        if result.returned_s is None
        else f"The row is back on day {result.returned_s / DAY_S:g}"
        + (
            "."
            if result.everywhere_s is None
            else f", and repair has given it to every replica on day {result.everywhere_s / DAY_S:g}."
        ),
    )
    alt = (
        f"Timeline of three bars, replicas a, b and c, over {deletion:g} to {end:g} days; each shows the row, a tombstone or nothing, "
        f"with {len(repairs)} repairs marked. " + " ".join(lines)
    )
    table = tuple(
        (name, what, f"{since:g}", f"{until:g}")
        for name, runs in spells.items()
        for what, since, until in runs
    )
    return Chart(title, alt, lines, ("replica", "holds", "from day", "to day"), table, [plot], 300)


def _spells(result, name: str, end: float) -> list[tuple[str, float, float]]:
    """What one replica holds, from when to when in days."""
    runs: list[tuple[str, float, float]] = []
    for stage, following in zip(result.stages, [*result.stages[1:], None], strict=True):
        cell = stage.cells[name]
        what = "nothing" if cell is None else "row" if cell.live else "tombstone"
        since = BEFORE if stage.event == "write" else stage.time_s / DAY_S
        until = following.time_s / DAY_S if following else end
        if runs and runs[-1][0] == what:
            runs[-1] = (what, runs[-1][1], until)
        elif until > since:
            runs.append((what, since, until))
    return runs
