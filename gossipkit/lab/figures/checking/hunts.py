"""The figure of the hunts for planted bugs."""

from __future__ import annotations

from collections.abc import Sequence

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars, Dots


def hunts_table(hunts: Sequence, title: str = "What it takes to find a planted bug") -> Chart:
    """Of each bug, how many cases searches took, and how many steps its case has before and after shrinking.

    Parameters
    ----------
    hunts : sequence of gossipkit.systems.checking.Hunted

    Raises
    ------
    ValueError
        When there is no hunt.
    """
    if not hunts:
        raise ValueError("there is nothing to draw: no bug was hunted")
    rows = [len(hunts) - 1 - at for at in range(len(hunts))]
    names = [each.bug for each in hunts]
    before, after = ([len(_case(each, when).scenario) for each in hunts] for when in ("before", "after"))
    height = [each + 0.2 for each in rows], [each - 0.2 for each in rows]
    plots = [
        Plot(
            [
                Dots(
                    [each.median_tries for each in hunts],
                    rows,
                    style.BLUE,
                    "cases until it is found: median, least to most",
                    low=[min(each.tries) for each in hunts],
                    high=[max(each.tries) for each in hunts],
                )
            ],
            Axis("cases", 0.8, 1.3 * max(max(each.tries) for each in hunts), scale="log"),
            Axis(low=-0.6, high=len(hunts) - 0.4, names=names[::-1]),
            share=0.62,
        ),
        Plot(
            [
                Bars(
                    height[0],
                    before,
                    style.SKY,
                    "before shrinking",
                    across=True,
                    width=0.36,
                    texts=list(map(str, before)),
                ),
                Bars(
                    height[1],
                    after,
                    style.VERMILION,
                    "after",
                    across=True,
                    width=0.36,
                    texts=list(map(str, after)),
                ),
            ],
            Axis("steps of the scenario", 0, 1.15 * max(before)),
            Axis(low=-0.6, high=len(hunts) - 0.4, ticks=()),
            share=0.38,
        ),
    ]
    lines = [
        f"{each.bug}: found in case {each.median_tries:g} by the median of {len(each.tries)} searches, in case {max(each.tries)} by "
        f"the longest; steps of its scenario: {steps}, then {left}."
        for each, steps, left in zip(hunts, before, after, strict=True)
    ]
    hardest = max(hunts, key=lambda each: each.median_tries)
    lines.append(f"The longest search is for: {hardest.bug}.")
    alt = (
        f"Dot chart and bar chart, {len(hunts)} rows: cases until a planted bug is found, from "
        f"{min(min(each.tries) for each in hunts)} to {max(max(each.tries) for each in hunts)} on a logarithmic axis, and steps of "
        f"its scenario before and after shrinking, 0 to {max(before)}. " + " ".join(lines)
    )
    table = tuple(
        (
            each.bug,
            each.hunt.found.failure.invariant,
            f"{each.median_tries:g}",
            max(each.tries),
            *_from_to(each),
            each.hunt.shrunk.runs,
        )
        for each in hunts
    )
    columns = (
        "planted bug",
        "rule that breaks",
        "cases, median",
        "at most",
        "steps",
        "nodes",
        "seconds",
        "runs to shrink",
    )
    return Chart(title, alt, lines, columns, table, plots, 130 + 38 * len(hunts), narrowest=620)


def _case(hunted, when: str):
    return getattr(hunted.hunt.shrunk, when)


def _from_to(hunted) -> tuple[str, str, str]:
    before, after = _case(hunted, "before"), _case(hunted, "after")
    return (
        f"{len(before.scenario)} → {len(after.scenario)}",
        f"{before.nodes} → {after.nodes}",
        f"{before.seconds:g} → {after.seconds:g}",
    )
