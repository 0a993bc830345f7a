"""The figure of which panels of a dashboard tell the layers apart."""

from __future__ import annotations

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Span, Text

ROW_PX = 24


def separating_metrics(result, title: str = "What each panel showed when the page came") -> Chart:
    """Incidents (rows) by panels (columns): a dot where a panel had moved, and the chosen panels shaded.

    Parameters
    ----------
    result : gossipkit.reading.incidents.Panels
    """
    names, panels = list(result.moved), list(next(iter(result.moved.values())))
    height = {name: len(names) - 1 - place for place, name in enumerate(names)}
    at = {panel: place for place, panel in enumerate(panels)}
    seen = {
        state: [
            (at[panel], height[name])
            for name in names
            for panel in panels
            if result.moved[name][panel] is state
        ]
        for state in (True, False)
    }
    marks = [Span(at[panel] - 0.46, at[panel] + 0.46, style=style.SKY) for panel in result.chosen]
    for state, label, hollow in ((True, "moved", False), (False, "did not", True)):
        x, y = zip(*seen[state], strict=True) if seen[state] else ((), ())
        marks.append(Dots(x, y, style.VERMILION if state else style.BLUE, label, hollow=hollow))
    # an axis leaves out every second of nine names; so many fit in small letters over the columns
    marks += [
        Text(at[panel], len(names) - 0.2, panel, small=True, bold=panel in result.chosen) for panel in panels
    ]
    marks += [
        Text(at[panel], len(names) + 0.5, f"{place}", small=True, bold=True)
        for place, panel in enumerate(result.chosen, 1)
    ]
    labels = [f"{name} ({result.layers[name]})" for name in names]
    plot = Plot(
        marks,
        Axis(low=-0.5, high=len(panels) - 0.5, names=[" "] * len(panels)),
        Axis(low=-0.5, high=len(names) + 0.9, names=labels[::-1]),
    )
    lines = [
        f"{panel}: with it, {count} of {result.pairs} pairs of incidents of different layers look different."
        for panel, count in zip(result.chosen, result.told_apart, strict=True)
    ]
    lines += [f"Alike on these panels: {', '.join(group)}." for group in result.alike()]
    lines.append(f"{result.pairs - result.told_apart[-1]} pairs are told apart by questions only.")
    alt = (
        f"Dot chart, {len(names)} incidents down by {len(panels)} panels across: {', '.join(panels)}. A full dot is a panel that had "
        "moved when the page came, an empty one had not, none is a panel that the product lacks. "
        + " ".join(lines)
    )
    note = ("Shaded, with their order: the panels that tell most pairs of different layers apart.",)
    columns = ("incident", "layer", *panels)
    size = 147 + ROW_PX * len(names)
    return Chart(title, alt, lines, columns, result.rows(), [plot], size, narrowest=760, note=note)
