"""The figure of a deleted row, and of when it comes back."""

from __future__ import annotations

from ....repair.tombstones import DAY_S
from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Rule, Span

BEFORE = -1.0  # days: where the picture begins, with the row on every replica
LOOKS = {
    "row": {"style": style.BLUE},
    "tombstone": {"style": style.ORANGE, "hatch": True},
    "nothing": {"style": style.FAINT, "hollow": True},
}


def zombies(result, title: str = "A deleted row on three replicas") -> Chart:
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
