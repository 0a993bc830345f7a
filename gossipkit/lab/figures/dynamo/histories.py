"""Versions as a graph: who wrote what having seen which versions, and what a reader gets."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...layout import NOTE_PX, TITLE_PX
from ...marks import Arrow, Box, Span
from ...shapes import LINE_PX

WIDTH_PX, STEP_PX = 108, 134  # of a box, and from one to the next


def history_graph(
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
    last = max(columns.values())
    tall = max(len(_said(version)) for version in result.nodes) * LINE_PX + 16
    places = {
        version.name: (columns[version.name], len(lanes) - 1 - lanes.index(version.client))
        for version in result.nodes
    }
    marks = [Span(-0.5, last + 0.5, row, style.FAINT, width=0.94) for row in range(len(lanes))]
    marks += [_box(version, places[version.name], tall, version.name in siblings) for version in result.nodes]
    marks += [
        Arrow(*places[before], *places[after], clear_px=WIDTH_PX / 2 + 1) for before, after in result.edges
    ]
    plot = Plot(
        marks,
        Axis(low=-0.5, high=last + 0.5),
        Axis(low=-0.5, high=len(lanes) - 0.5, names=lanes[::-1]),
        bare=True,
    )
    height = round(TITLE_PX + 16 + (tall + 20) * len(lanes) + NOTE_PX * len(findings))
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
    columns = ("version", "client", "value", "clock", "replaced by")
    needed = 70 + STEP_PX * (last + 1)
    return Chart(title, alt, lines, columns, rows, [plot], height, narrowest=needed, note=findings)


def cart_under_partition(result, title: str = "A cart on both sides of a partition") -> Chart:
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
    return history_graph(result.history, title, siblings=siblings, findings=findings)


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
    return [version.name, *_content(version), *_counters(version)]


def _content(version) -> list[str]:
    value = version.value
    if value == version.name:
        return []
    return _wrapped(value) if isinstance(value, tuple) else [_items(value)]


def _counters(version) -> list[str]:
    return [f"{node}: {counter}" for node, counter in version.clock.counters.items()]


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


def _box(version, place: tuple[int, int], tall: float, sibling: bool) -> Box:
    return Box(
        *place,
        WIDTH_PX,
        tall,
        version.name,
        _content(version),
        _counters(version),
        corner="sibling" if sibling else "",
        style=style.VERMILION if sibling else style.BLUE,
        dashed=sibling,
    )
