"""Figures of Dynamo's ring, of what N, R and W are worth, and of replicas that catch up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from ...authority.ring import RING
from .. import style
from ..chart import Chart
from .overtime import over_time

HOMES = (style.BLUE, style.GREEN, style.ORANGE, style.PINK, style.SKY)
PLACES = ("1st", "2nd", "3rd", "4th", "5th")
BEFORE, AFTER, SENT = (0.70, 0.16), (0.90, 0.16), (0.97, 0.035)
"""Outer radius and width of the three rings."""
PROMISED_MS = 300
"""The paper's example of an agreement on 99.9 % of requests (Dynamo, section 2.2)."""


def ring(result, title: str = "The ring, before and after a join", *, n: int = 3) -> Chart:
    """Who owns which range before (inner) and after (outer ring) a join, what is sent, and everybody's load.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.Joining
    title : str
    n : int
        Replicas, as given to `join_ring`; 1 to 5.
    """
    if n not in range(1, len(HOMES) + 1):
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


def quorums(result, title: str = "What N, R and W are worth") -> Chart:
    """Stale reads, failures and latency at a high percentile: by the model, with strict and with sloppy quorum.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.Quorums
        Of several runs the ranges are drawn as whiskers, and said in brackets.
    """
    runs = (result.strict, result.sloppy)
    names = ("by the model", "strict quorum", "sloppy quorum")
    shares = (
        [
            _Measured(100 * (1 - result.p_fresh)),
            *(_share(run.stale, run.stale_range, run.gets) for run in runs),
        ],
        [_Measured(np.nan), *(_share(run.failed, run.failed_range, run.operations) for run in runs)],
    )
    latencies = (
        [_Measured(result.read_ms), *(_Measured(run.read_ms, *run.read_range_ms) for run in runs)],
        [_Measured(result.write_ms), *(_Measured(run.write_ms, *run.write_range_ms) for run in runs)],
    )
    of_all = f"{100 * result.answered:g} %"
    places = np.array([2, 1, 0])
    meet = (
        "R + W > N: among homes they must meet" if result.must_meet else "R + W ≤ N: they may miss each other"
    )
    colours = (style.FAINT, style.BLUE, style.ORANGE)
    with style.canvas(height_px=300) as figure:
        figure.text(14 / 720, 282 / 300, f"{title}  ({meet})", weight="bold", size=11.5, va="center")
        boxes = ((124, 56, 282, 222), (298, 56, 448, 222))
        for box, values, label in zip(
            boxes, shares, ("stale reads (%)", "refused or\nout of time (%)"), strict=True
        ):
            plot = style.axes(figure, box, title=label)
            plot.title.set_size(10)
            tops = np.nan_to_num([np.nanmax([each.value, each.high, 0.0]) for each in values])
            known = np.nan_to_num([each.value for each in values])
            plot.barh(places, known, height=0.55, color=colours, edgecolor=style.INK, linewidth=0.8)
            plot.set(xlim=(0, max(10.0, 2.3 * tops.max())), ylim=(-0.6, 2.6))
            for place, each, top in zip(places, values, tops, strict=True):
                _whisker(plot, each, place)
                plot.text(top, place, f" {each.short}", size=9, va="center")
            plot.set_yticks(places, names if values is shares[0] else [])
        plot = style.axes(figure, (464, 56, 708, 222), title=f"{of_all} answered\nwithin (ms)")
        plot.title.set_size(10)
        for values, label, mark, shift in zip(
            latencies, ("gets", "puts"), style.MARKS, (0.18, -0.18), strict=False
        ):
            points = [each.value for each in values]
            plot.plot(points, places + shift, mark.marker, color=mark.colour, markersize=7, label=label)
            for place, each in zip(places + shift, values, strict=True):
                if np.isfinite(each.value):
                    _whisker(plot, each, place)
                    late = each.value > 60
                    end = np.nanmin([each.value, each.low]) if late else np.nanmax([each.value, each.high])
                    at, side = (end / 1.4, "right") if late else (1.4 * end, "left")
                    plot.text(at, place, each.short, size=8.5, va="center", ha=side)
        plot.axvline(PROMISED_MS, color=style.INK, linewidth=1.1, linestyle="--")
        plot.set_xscale("log")
        # said in words: matplotlib would set powers of ten as formulas, which takes as long as the rest of the axis
        plot.set_xticks((1, 10, 100, 1000), ("1", "10", "100", "1,000"))
        plot.minorticks_off()
        plot.set(xlim=(0.3, 3000), ylim=(-0.6, 2.6))
        plot.set_yticks(places, [])
        figure.legend(
            *plot.get_legend_handles_labels(), loc="lower right", ncols=2, bbox_to_anchor=(0.98, 0.0)
        )
        figure.text(
            14 / 720,
            14 / 300,
            f"in brackets: what the runs leave open; dashed: {PROMISED_MS} ms, for 99.9 % in the paper",
            size=8.5,
        )
    lines = (
        meet + ".",
        *(
            f"{name}: {old.share_of('reads')} stale"
            + ("" if name == names[0] else f", {lost.share_of('operations')} failed")
            + f"; {of_all} of gets within {read.ms}, of puts within {write.ms}."
            for name, old, lost, read, write in zip(names, *shares, *latencies, strict=True)
        ),
        "By the model 99.9 % of the reads see a write "
        + (
            f"{_Measured(result.visible_ms, *result.visible_range_ms).ms} after it was acknowledged."
            if result.visible_ms
            else "as soon as it is acknowledged."
        ),
    )
    alt = (
        "Three charts with a row each for the model and for runs with strict and with sloppy quorum: bars of stale reads and of "
        f"failed operations, 0 to 100 %, and points of latency at the {100 * result.answered:g}th percentile on a logarithmic axis from 0.3 to "
        "3000 ms. " + " ".join(lines)
    )
    rows = tuple(
        (name, *(each.short for each in row)) for name, *row in zip(names, *shares, *latencies, strict=True)
    )
    columns = (
        "",
        "stale reads (%)",
        "failed (%)",
        f"gets, {of_all} within (ms)",
        f"puts, {of_all} within (ms)",
    )
    return Chart(title, figure, alt, lines, columns, rows)


@dataclass(frozen=True)
class _Measured:
    """A number, with the range that its runs leave open, and of how many there was none, if there was none."""

    value: float
    low: float = np.nan
    high: float = np.nan
    none_of: int = 0

    @property
    def short(self) -> str:
        if np.isnan(self.value):
            return "–"
        if self.none_of:
            return f"0 of {self.none_of:,}"
        return _digits(self.value) + (
            "" if np.isnan(self.low) else f" ({_digits(self.low)}–{_digits(self.high)})"
        )

    def share_of(self, things: str) -> str:
        """A share, for a sentence."""
        if np.isnan(self.value):
            return f"no {things} to be"
        if self.none_of:
            return f"none of {self.none_of:,} {things}"
        return f"{_digits(self.value)} %{self._wide} of the {things}"

    @property
    def ms(self) -> str:
        """A time, for a sentence."""
        return "no time at all" if np.isnan(self.value) else f"{_digits(self.value)} ms{self._wide}"

    @property
    def _wide(self) -> str:
        return "" if np.isnan(self.low) else f" ({_digits(self.low)} to {_digits(self.high)})"


def _share(value: float, between: tuple[float, float], count: int) -> _Measured:
    return _Measured(100 * value, 100 * between[0], 100 * between[1], count if value == 0 else 0)


def _digits(value: float) -> str:
    """No more of them than such runs can tell."""
    return "0" if value == 0 else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _whisker(plot, measured: _Measured, place: float) -> None:
    if np.isfinite(measured.low) and not measured.none_of:
        plot.plot(
            [measured.low, measured.high], [place, place], "|-", color=style.INK, linewidth=1.1, markersize=6
        )


def catching_up(result, title: str = "After an outage: hints first, trees behind them") -> Chart:
    """Keys that some home lacks and hints that are held, over the outage of one node and after it.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.CatchUp
    """
    series = {"keys that a home lacks": result.divergent, "hints held": result.hints}
    marks = {"the node is back": result.back_s, "replicas are equal": result.back_s + result.caught_up_s}
    behind = int(result.divergent[-1])
    findings = (
        f"Hints handed over: {result.hints_delivered}; objects sent after comparing Merkle trees: {result.merkle_objects}.",
        f"At the end {behind} keys still differ, and nothing is on its way to change that."
        if behind
        else f"Equal {result.caught_up_s:.0f} s after the node came back, and nobody has read anything.",
    )
    return over_time(result.times, series, title=title, y="keys or hints", marks=marks, findings=findings)
