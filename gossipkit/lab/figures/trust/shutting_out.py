"""The figure of one stolen laptop, and what it takes to shut it out."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars

ROW_PX = 40


def shut_out(
    runs: Sequence[object], title: str = "One stolen laptop: until nobody hears it any more"
) -> Chart:
    """A bar for each run: from the decision until no member that was up hears the laptop.

    Parameters
    ----------
    runs : sequence of gossipkit.systems.trust.ShutOut

    Raises
    ------
    ValueError
        When there is none.
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")
    rows, lines, texts, values = [], [], [], []
    for run in runs:
        never = isnan(run.out_s)
        out = "never" if never else f"{run.out_s:.1f} s"
        locked = ", ".join(run.locked_out)
        texts.append(f"{out}, {run.messages} messages" + (f"; {locked} locked out" if locked else ""))
        values.append(None if never else run.out_s)
        rows.append((str(run.way), out, run.messages, run.bytes, locked or "nobody", len(run.let_in)))
        still = f", {len(run.let_in)} still let it in" if run.let_in else ""
        lines.append(
            f"{str(run.way).capitalize()}: out {'' if never else 'after '}{out}; locked out too: {locked or 'nobody'}{still}."
        )
    longest = max((value for value in values if value is not None), default=1.0)
    places = range(len(runs) - 1, -1, -1)
    plot = Plot(
        [Bars(tuple(places), values, style.VERMILION, across=True, texts=texts)],
        # room for what stands behind the longest bar
        Axis("seconds from the decision", 0, 2.9 * max(longest, 1.0)),
        Axis(low=-0.6, high=len(runs) - 0.4, names=[str(run.way) for run in runs][::-1]),
    )
    alt = (
        f"Bars of seconds, 0 to {longest:.0f}, for {len(runs)} ways to shut one member out of a pool of {runs[0].members}. "
        + " ".join(lines)
    )
    columns = ("way", "out after", "messages", "bytes", "locked out too", "members that still let it in")
    return Chart(title, alt, lines, columns, rows, [plot], 110 + ROW_PX * len(runs), narrowest=720)
