"""Versions as a graph: who wrote what having seen which versions, and what a reader gets."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .. import style
from ..chart import Chart

LEFT, TOP, WIDTH = 60, 36, 106  # px; of a box, the last
LINE_PX = 13.5


def history(
    result, title: str = "A version history", *, siblings: Collection[str] = (), findings: Sequence[str] = ()
) -> Chart:
    """Versions as boxes, one lane a client, with an arrow from each to those that replace it.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.History
    title : str
    siblings : collection of str
        Names of versions to be marked as siblings.
    findings : sequence of str
        What is to be seen, the takeaway last; it stands under the graph, too.

    Raises
    ------
    ValueError
        When there is no version, or a sibling is none.
    """
    names = [version.name for version in result.nodes]
    if not names:
        raise ValueError("there is nothing to draw: the history has no version")
    if unknown := sorted(set(siblings) - set(names)):
        raise ValueError(f"siblings names {unknown[0]!r}: it must name versions: {', '.join(names)}")
    lanes = list(dict.fromkeys(sorted(version.client for version in result.nodes)))
    columns = _columns(result)
    below = 12 + 18 * len(findings)
    tall = max(len(_said(version)) for version in result.nodes) * LINE_PX + 14
    lane_px = tall + 16
    height = round(TOP + lane_px * len(lanes) + below + 8)
    step = min(150, (720 - LEFT - WIDTH - 12) / max(1, max(columns.values())))
    places = {
        version.name: (
            LEFT + step * columns[version.name],
            height - TOP - lane_px * (lanes.index(version.client) + 1) + 8,
        )
        for version in result.nodes
    }
    with style.canvas(height_px=height) as figure:
        plot = style.axes(figure, (0, 0, 720, height))
        plot.set_axis_off()
        plot.set(xlim=(0, 720), ylim=(0, height))
        plot.text(14, height - 16, title, weight="bold", size=11.5, va="center")
        for number, lane in enumerate(lanes):
            middle = height - TOP - lane_px * (number + 0.5)
            plot.axhspan(
                middle - lane_px / 2 + 2, middle + lane_px / 2 - 2, color=style.FAINT, alpha=0.35, linewidth=0
            )
            plot.text(12, middle, lane, size=11, weight="bold", va="center")
        for version in result.nodes:
            _box(plot, version, places[version.name], tall, version.name in siblings)
        for before, after in result.edges:
            _arrow(plot, places[before], places[after], tall)
        for line, finding in enumerate(findings):
            weight = "bold" if line == len(findings) - 1 else "normal"
            plot.text(14, below - 8 - 18 * line, finding, size=10, weight=weight, va="center")
    replaced = {before for before, _ in result.edges}
    lines = (
        *(
            f"{version.name} by {version.client}: {_value(version)}, {_clock(version)}"
            + (
                f"; replaced by {_and([b for a, b in result.edges if a == version.name])}."
                if version.name in replaced
                else "."
            )
            for version in result.nodes
        ),
        *findings,
    )
    alt = (
        f"Graph of {len(names)} versions in {len(lanes)} lanes, {', '.join(lanes)}, with {len(result.edges)} arrows from a version "
        "to one that replaces it. "
        + (f"Siblings: {_and(list(siblings))}. " if siblings else "")
        + " ".join(lines)
    )
    rows = tuple(
        (
            version.name,
            version.client,
            _value(version),
            _clock(version),
            ", ".join(after for before, after in result.edges if before == version.name),
        )
        for version in result.nodes
    )
    return Chart(title, figure, alt, lines, ("version", "client", "value", "clock", "replaced by"), rows)


def cart(result, title: str = "A cart on both sides of a partition") -> Chart:
    """The cart's versions, what a reader gets after the partition, and what becomes of eggs and milk.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.CartStory
    """
    values = {version.value: version.name for version in result.history.nodes[:-1]}
    siblings = [values[value] for value in result.siblings if value in values]
    siblings = siblings if len(siblings) > 1 else []
    bad = [f"{item}: put in, and lost" for item in result.lost]
    bad += [f"{item}: taken out, and back" for item in result.resurrected]
    bad += [f"{result.refused} operation was refused, its client knows"] if result.refused else []
    findings = (
        f"After the partition a reader gets {' and '.join(map(_items, result.siblings))}"
        f"; merged, {_items(result.merged)}.",
        f"At the end: {'; '.join(bad) if bad else 'nothing is lost, and nothing has come back'}.",
    )
    return history(result.history, title, siblings=siblings, findings=findings)


def _columns(result) -> dict[str, int]:
    """How far to the right each version stands: behind all that it replaces, and behind its client's last one."""
    columns: dict[str, int] = {}
    last: dict[str, int] = {}
    for version in result.nodes:
        before = [columns[name] for name, after in result.edges if after == version.name and name in columns]
        columns[version.name] = max([last.get(version.client, -1), *before]) + 1
        last[version.client] = columns[version.name]
    return columns


def _said(version) -> list[str]:
    """The lines of a box."""
    value = version.value
    said = (
        [] if value == version.name else [_items(value)] if not isinstance(value, tuple) else _wrapped(value)
    )
    return [version.name, *said, *(f"{node}: {counter}" for node, counter in version.clock.counters.items())]


def _wrapped(value: tuple) -> list[str]:
    words = [str(item) for item in value] or ["(empty)"]
    lines = [", ".join(words[at : at + 2]) for at in range(0, len(words), 2)]
    return [f"{line}," for line in lines[:-1]] + lines[-1:]


def _items(value) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, tuple) else str(value)


def _value(version) -> str:
    return _items(version.value)


def _clock(version) -> str:
    counters = version.clock.counters
    return (
        "[" + ", ".join(f"({node},{counter})" for node, counter in counters.items()) + "]"
        if counters
        else "no clock"
    )


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _box(plot, version, place: tuple[float, float], tall: float, sibling: bool) -> None:
    left, bottom = place
    colour = style.VERMILION if sibling else style.BLUE
    plot.add_patch(
        FancyBboxPatch(
            (left, bottom),
            WIDTH,
            tall,
            boxstyle="round,pad=0,rounding_size=7",
            facecolor="white",
            edgecolor=colour,
            linewidth=2.2 if sibling else 1.5,
            linestyle="--" if sibling else "-",
        )
    )
    first, *rest = _said(version)
    plot.text(left + 8, bottom + tall - 13, first, size=11, weight="bold", color=colour, va="center")
    if sibling:
        plot.text(
            left + WIDTH - 6, bottom + tall - 13, "sibling", size=8.5, style="italic", ha="right", va="center"
        )
    clock = len(version.clock.counters)
    for line, text in enumerate(rest):
        monospace = (
            {"family": "DejaVu Sans Mono", "size": 8.5} if line >= len(rest) - clock else {"size": 9.5}
        )
        plot.text(left + 8, bottom + tall - 13 - LINE_PX * (line + 1), text, va="center", **monospace)


def _arrow(plot, before: tuple[float, float], after: tuple[float, float], tall: float) -> None:
    plot.add_patch(
        FancyArrowPatch(
            (before[0] + WIDTH, before[1] + tall / 2),
            (after[0], after[1] + tall / 2),
            arrowstyle="-|>",
            mutation_scale=13,
            color=style.INK,
            linewidth=1.4,
            shrinkA=1,
            shrinkB=1,
        )
    )
