"""The figure of a lying server: what the honest ones have committed."""

from __future__ import annotations

from collections.abc import Mapping

from ...axes import Axis, Plot
from ...chart import Chart
from ..words import words

ROW_PX = 30
NO_OP, NOTHING = "no-op", "–"


def lying_server(runs: Mapping[str, object], title: str = "What honest servers have committed") -> Chart:
    """The committed values of each honest server by index; where two of one run differ, they are framed.

    Parameters
    ----------
    runs : mapping of str to gossipkit.systems.trust.TwoLogs
        By a label, such as what the liar does.

    Raises
    ------
    ValueError
        When there is none.
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")
    last = max((index for run in runs.values() for log in run.committed.values() for index in log), default=1)
    names, texts, framed, rows, lines = [], [], [], [], []
    for label, run in runs.items():
        for server, log in run.committed.items():
            row = [log.get(index, NOTHING) or NO_OP for index in range(1, last + 1)]
            names.append(f"{label}: {server}")
            texts.append(row)
            framed.append([index == run.split for index in range(1, last + 1)])
            rows.append((label, server, *row))
        told = ", ".join(f"{client} was told {holder or 'nothing'}" for client, holder in run.told.items())
        found = (
            "one value at each index"
            if run.safe
            else f"two values at index {run.split}: "
            + ", ".join(f"{server} {log.get(run.split) or NOTHING}" for server, log in run.committed.items())
        )
        lines.append(f"{label}, {run.weather}: {found}. {told[0].upper()}{told[1:]}.")
    plot = Plot(
        words(texts, framed),
        Axis("index in the log", -0.5, last - 0.5, names=[str(index) for index in range(1, last + 1)]),
        Axis(low=-0.5, high=len(names) - 0.5, names=names[::-1]),
    )
    alt = (
        f"Table of {len(names)} rows, honest servers, and {last} columns, the indices of their logs from 1 to {last}: "
        "the values committed. " + " ".join(lines)
    )
    columns = ("run", "server", *(f"index {index}" for index in range(1, last + 1)))
    return Chart(title, alt, lines, columns, rows, [plot], 120 + ROW_PX * len(names), narrowest=480)
