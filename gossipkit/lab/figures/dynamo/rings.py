"""The figure of a ring, of one key's homes on it, and of what moves when a node joins."""

from __future__ import annotations

import numpy as np

from ....authority.ring import RING
from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Arc, Bars, Rule, Text

HOMES = (style.BLUE, style.GREEN, style.ORANGE, style.PINK, style.SKY)
PLACES = ("1st", "2nd", "3rd", "4th", "5th")
BEFORE, AFTER, SENT = (0.70, 0.16), (0.90, 0.16), (0.97, 0.035)
"""Outer radius and width of the three rings."""


def join_ring(result, title: str = "The ring, before and after a join") -> Chart:
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
    marks = [*_owners(result.before, BEFORE, colours), *_owners(result.after, AFTER, colours)]
    outer, width = SENT
    for move in result.moves:
        ours = move.node == newcomer
        number, label = (style.VERMILION, "sent to it") if ours else (style.INK, "sent to others")
        marks.append(Arc(*_turns(move.start, move.end), outer - width, outer, number, label=label))
    turn = 2 * np.pi * result.key_token / RING
    marks.append(Text(0.995 * np.sin(turn), 0.995 * np.cos(turn), "★"))
    marks.append(Text(0, 0.36, "★ the key's homes", small=True))
    for place, node in enumerate(result.preference[:n]):
        marks.append(Text(0, 0.2 - 0.13 * place, f"{place + 1}  {node}", HOMES[place], bold=True))
    rest = result.preference[n : n + 2]
    if rest:
        following = "then " + ", ".join(rest) + (" …" if len(result.preference) > n + 2 else "")
        marks.append(Text(0, 0.2 - 0.13 * n, following, small=True))
    square = Axis(low=-1.05, high=1.05)
    plots = [
        Plot(marks, square, square, title=f"{newcomer} joins", share=0.54, equal=True, bare=True),
        _bars(result, loads, colours, newcomer),
    ]
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
        f"{len(senders)} nodes can send. {newcomer} ends up with {loads[1][newcomer]:.1f} %"
        + ("; others get the rest." if any(move.node != newcomer for move in result.moves) else "."),
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
    columns = ("node", "copies before (%)", "copies after (%)")
    note = ("Inner ring: owners before the join. Outer ring: after it. Outermost: what is sent.",)
    return Chart(title, alt, lines, columns, rows, plots, 430, note=note)


def _owners(of, shape: tuple[float, float], colours: dict) -> list[Arc]:
    """One ring, each piece in the colour of the first replica, with its number where there is room."""
    outer, width = shape
    arcs = []
    for start, end in of.ranges():
        owner = of.replicas(end, 1)[0]
        number = colours.get(owner, style.FAINT)
        arcs.append(Arc(*_turns(start, end), outer - width, outer, number, str(_number(owner))))
    return arcs


def _turns(start: int, end: int) -> tuple[float, float]:
    """A range of tokens in turns of the ring, the end behind the start."""
    begin = start / RING
    return begin, begin + ((end - start) % RING or RING) / RING


def _number(node: str) -> int:
    return int(node.rsplit("-", 1)[1])


def _bars(result, loads: list[dict], colours: dict, newcomer: str) -> Plot:
    nodes = sorted(loads[1], key=_number)
    places = np.arange(len(nodes))[::-1]
    old, new = ([load.get(node, 0.0) for node in nodes] for load in loads)
    marks = [Bars(places + 0.2, old, style.INK, "before", across=True, width=0.36, hollow=True)]
    for place, node, load in zip(places, nodes, new, strict=True):
        number = colours.get(node, style.FAINT)
        marks.append(
            Bars(
                (place - 0.2,), (load,), number, "after" if node == newcomer else "", across=True, width=0.36
            )
        )
    marks.append(Rule(100 / len(nodes), label="equal shares after"))
    said = dict(zip(result.preference, PLACES, strict=False)) | {newcomer: "new"}
    names = [f"{node} ({said[node]})" if node in colours else node for node in nodes]
    return Plot(
        marks,
        Axis("share of all copies (%)", 0, 1.1 * max(*old, *new)),
        Axis(low=-0.6, high=len(nodes) - 0.4, names=names[::-1]),
        title="Load",
        share=0.46,
    )
