"""Figures of what replicas hold: rows that differ, reads that are stale, a deleted row that comes back."""

from __future__ import annotations

import numpy as np

from ...repair.tombstones import DAY_S
from .. import style
from ..chart import Chart

BEFORE = -1.0  # days: where the picture begins, with the row on every replica
LOOKS = {
    "row": {"color": style.BLUE},
    "tombstone": {"color": style.ORANGE, "hatch": "///"},
    "nothing": {"color": "white"},
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
    drawn: set[str] = set()
    with style.canvas(height_px=300) as figure:
        plot = style.axes(figure, (92, 52, 704, 236), xlabel="days")
        figure.text(92 / 720, 284 / 300, title, weight="bold", size=11.5, va="center")
        for place, (_, runs) in zip((2, 1, 0), spells.items(), strict=True):
            for what, since, until in runs:
                name = {} if what in drawn else {"label": what}
                drawn.add(what)
                edge = {"height": 0.62, "edgecolor": style.INK, "linewidth": 0.8}
                plot.barh(place, until - since, left=since, **LOOKS[what], **edge, **name)
        plot.plot(
            repairs,
            [2.62] * len(repairs),
            "v",
            color=style.GREEN,
            markersize=7,
            label="repair ends",
            clip_on=False,
        )
        if result.returned_s is not None:
            back = result.returned_s / DAY_S
            plot.axvline(back, color=style.VERMILION, linewidth=2, linestyle="--", label="the row is back")
        plot.set(xlim=(BEFORE, end), ylim=(-0.5, 2.7))
        plot.set_yticks((2, 1, 0), [f"replica {name}" for name in spells])
        plot.grid(visible=False)
        plot.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=5, columnspacing=1.2, handlelength=1.4
        )
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
    return Chart(title, figure, alt, lines, ("replica", "holds", "from day", "to day"), table)


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
