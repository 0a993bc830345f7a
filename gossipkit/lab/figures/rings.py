"""The figure of a ring, of one key's homes on it, and of what moves when a node joins."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

from ...authority.ring import RING
from .. import style
from ..chart import Chart

HOMES = (style.BLUE, style.GREEN, style.ORANGE, style.PINK, style.SKY)
PLACES = ("1st", "2nd", "3rd", "4th", "5th")
BEFORE, AFTER, SENT = (0.70, 0.16), (0.90, 0.16), (0.97, 0.035)
"""Outer radius and width of the three rings."""


def ring(result, title: str = "The ring, before and after a join") -> Chart:
    """Who owns which range before (inner) and after (outer ring) a join, what is sent, and everybody's load.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.Joining
    title : str

    Raises
    ------
    ValueError
        For a ring with more than 5 replicas of a key: there are no more colours.
    """
    n = result.n
    if n > len(HOMES):
        raise ValueError(f"n is {n!r}: it must be from 1 to {len(HOMES)}")
    newcomer = (set(result.after.nodes) - set(result.before.nodes)).pop()
    colours = dict(zip(result.preference, HOMES[:n], strict=False)) | {newcomer: style.VERMILION}
    loads = [
        {node: 100 * share / n for node, share in each.ownership(n).items()}
        for each in (result.before, result.after)
    ]
    with style.canvas() as figure:
        figure.text(14 / 720, 384 / 400, title, weight="bold", size=11.5, va="center")
        plot = style.axes(figure, (6, 4, 374, 372))
        plot.set(xlim=(-1.07, 1.07), ylim=(-1.07, 1.07))
        plot.set_axis_off()
        _owners(plot, result.before, BEFORE, colours)
        _owners(plot, result.after, AFTER, colours)
        for ours, colour in ((True, style.VERMILION), (False, style.INK)):
            sent = [
                _wedge(move.start, move.end, *SENT)
                for move in result.moves
                if (move.node == newcomer) == ours
            ]
            plot.add_collection(PolyCollection(sent, facecolor=colour, linewidth=0))
        angle = np.radians(_degrees(result.key_token))
        plot.plot(
            0.98 * np.cos(angle),
            0.98 * np.sin(angle),
            "*",
            color=style.INK,
            markersize=13,
            markeredgecolor="white",
        )
        plot.text(0, 0.33, "★ the key's homes", size=9, ha="center", va="center")
        for place, node in enumerate(result.preference[:n]):
            said = f"{place + 1}  {node}"
            plot.text(
                0,
                0.17 - 0.13 * place,
                said,
                size=10,
                weight="bold",
                color=HOMES[place],
                ha="center",
                va="center",
            )
        rest = result.preference[n : n + 2]
        following = "then " + ", ".join(rest) + (" …" if len(result.preference) > n + 2 else "")
        if rest:
            plot.text(0, 0.17 - 0.13 * n, following, size=8, ha="center", va="center")
        _bars(style.axes(figure, (474, 56, 704, 330)), result, loads, colours, newcomer)
    new_homes = [node for node in result.preference_after[:n] if node not in result.preference[:n]]
    how = "whole partitions, as files" if result.whole_partitions else "pieces of ranges, found by a scan"
    senders = {source for move in result.moves for source in move.sources}
    lines = (
        f"The key's homes: {', '.join(result.preference[:n])}; "
        + (
            f"after the join {', '.join(new_homes)} is one of them."
            if new_homes
            else "the same after the join."
        ),
        f"Sent for the join: {100 * result.moved:.1f} % of all copies in {len(result.moves)} ranges, {how}; "
        f"{len(senders)} nodes can send. {newcomer} ends up with {loads[1][newcomer]:.1f} %.",
        f"Mean load over the greatest: {result.efficiency[0]:.2f} before, {result.efficiency[1]:.2f} after. "
        f"Each node remembers {result.metadata_bytes[0]:,} bytes of ring before, {result.metadata_bytes[1]:,} after.",
    )
    alt = (
        f"Two concentric rings, the owners of {len(result.before.ranges())} ranges inside before and of "
        f"{len(result.after.ranges())} outside after {newcomer} has joined, with a star where the key lies; beside them bars "
        f"of the load of {len(loads[1])} nodes, 0 to {max(loads[0].values()):.0f} % of all copies. "
        + " ".join(lines)
    )
    rows = tuple(
        (node, f"{loads[0][node]:.2f}" if node in loads[0] else "", f"{loads[1][node]:.2f}")
        for node in sorted(loads[1], key=_number)
    )
    return Chart(title, figure, alt, lines, ("node", "copies before (%)", "copies after (%)"), rows)


def _owners(plot, of, shape: tuple[float, float], colours: dict) -> None:
    """One ring of wedges, each in the colour of the first replica, with its number where there is room."""
    wedges, faces = [], []
    for start, end in of.ranges():
        owner = of.replicas(end, 1)[0]
        wedges.append(_wedge(start, end, *shape))
        faces.append(colours.get(owner, style.FAINT))
        span = ((end - start) % RING or RING) / RING
        if span > 0.02:
            angle = np.radians(_degrees(end - span * RING / 2))
            middle = shape[0] - shape[1] / 2
            plot.text(
                middle * np.cos(angle),
                middle * np.sin(angle),
                _number(owner),
                size=8,
                ha="center",
                va="center",
                color="white"
                if colours.get(owner) in (style.BLUE, style.GREEN, style.VERMILION)
                else style.INK,
            )
    plot.add_collection(
        PolyCollection(
            wedges, facecolors=faces, edgecolors="white", linewidths=0.5 if len(wedges) > 60 else 1
        )
    )


def _wedge(start: int, end: int, radius: float, width: float) -> np.ndarray:
    """The corners of a ring's piece, a point each two degrees along its arcs."""
    last = _degrees(end)
    span = 360 * ((end - start) % RING or RING) / RING
    angles = np.radians(np.linspace(last, last + span, 2 + int(span / 2)))
    arc = np.column_stack((np.cos(angles), np.sin(angles)))
    return np.concatenate((radius * arc, (radius - width) * arc[::-1]))


def _degrees(token: float) -> float:
    """Clockwise from the top."""
    return 90 - 360 * token / RING


def _number(node: str) -> int:
    return int(node.rsplit("-", 1)[1])


def _bars(plot, result, loads: list[dict], colours: dict, newcomer: str) -> None:
    nodes = sorted(loads[1], key=_number)
    places = np.arange(len(nodes))[::-1]
    old, new = ([load.get(node, 0.0) for node in nodes] for load in loads)
    edge = {"edgecolor": style.INK, "linewidth": 0.6}
    plot.barh(places + 0.2, old, height=0.38, color="white", label="before", **edge)
    plot.barh(
        places - 0.2,
        new,
        height=0.38,
        color=[colours.get(node, style.FAINT) for node in nodes],
        label="after",
        **edge,
    )
    mean = 100 / len(nodes)
    plot.axvline(mean, color=style.INK, linestyle="--", linewidth=1.1)
    said = dict(zip(result.preference, PLACES, strict=False)) | {newcomer: "new"}
    homes = set(colours)
    plot.set_yticks(places, [f"{node} ({said[node]})" if node in homes else node for node in nodes], size=9)
    plot.set(ylim=(-0.6, len(nodes) - 0.4), xlim=(0, 1.1 * max(*old, *new)))
    plot.set_xlabel("share of all copies (%)")
    plot.set_title("load: white before, filled after\ndashed: equal shares after", size=9.5, weight="normal")
