"""The figure of what clients of several systems see."""

from __future__ import annotations

from collections.abc import Sequence

from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells


def promises_table(seen: Sequence, title: str = "Runs in which clients saw a promise broken") -> Chart:
    """Systems down, promises across: the share of runs in which a client saw it broken.

    Parameters
    ----------
    seen : sequence of gossipkit.systems.checking.Promises

    Raises
    ------
    ValueError
        When there is no system.
    """
    if not seen:
        raise ValueError("there is nothing to draw: no system was watched")
    models = list(seen[0].broken)
    shares = [[100 * each.broken[model] / each.runs for model in models] for each in seen]
    texts = [[f"{each.broken[model]} of {each.runs}" for model in models] for each in seen]
    plot = Plot(
        [Cells(shares, texts)],
        Axis("", -0.5, len(models) - 0.5, names=list(map(str, models))),
        Axis("", -0.5, len(seen) - 0.5, names=[each.system for each in seen][::-1]),
        colours=Colours("% of the runs", 0.0, 100.0),
    )
    lines = [f"{each.system}: {_broken(each)}." for each in seen]
    keep = [each.system for each in seen if not any(each.broken.values())]
    lines.append(f"No promise was seen broken: {', '.join(keep) or 'in no system'}.")
    alt = (
        f"Heat map of broken promises, 0 to 100 % of the runs: {len(seen)} systems down, {len(models)} models across "
        f"({', '.join(models)}). " + " ".join(lines)
    )
    rows = tuple(
        (each.system, each.runs, each.calls, each.unknown, *(each.broken[model] for model in models))
        for each in seen
    )
    columns = ("system", "runs", "calls", "of unknown outcome", *map(str, models))
    return Chart(title, alt, lines, columns, rows, [plot], 130 + 34 * len(seen), narrowest=620)


def _broken(seen) -> str:
    said = [f"{model} broken in {count} of {seen.runs} runs" for model, count in seen.broken.items() if count]
    return ", ".join(said) or f"nothing broken in {seen.runs} runs"
