"""Figures of what Cassandra's nodes know of each other: who knows which version, and phi of one node's silence."""

from __future__ import annotations

import numpy as np

from ... import style
from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells, Line, Rule, Span


def digests(result, title: str = "Who knows which version") -> Chart:
    """One application state on its way, and how old everybody's knowledge of everybody is.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Digests
    """
    known = np.isfinite(result.lags)
    worst = float(result.lags[known].max()) if known.any() else 0.0
    knowing = 100 * result.knowing
    end = float(result.times[-1])
    numbers = [name.replace("node-", "").replace("newcomer-", "+") for name in result.names]
    some = range(0, len(numbers), max(1, len(numbers) // 6))
    # a node is never behind itself: so what has no number is what nobody told
    itself = np.eye(len(numbers), dtype=bool)
    lags = np.where(itself, 0.0, result.lags)
    down = [len(numbers) - 1 - at for at in some]
    plots = [
        Plot(
            [Line(result.times, knowing)],
            Axis("seconds since it was announced", 0, end),
            Axis("know the\nnew state (%)", -4, 106, ticks=(0, 25, 50, 75, 100)),
            share=0.5,
        ),
        Plot(
            [Line(result.times, result.lag, style.VERMILION)],
            Axis("seconds since it was announced", 0, end),
            Axis("mean lag\n(heartbeats)", 0, max(3.0, 1.1 * float(np.nanmax([0.0, *result.lag])))),
            below=True,
        ),
        Plot(
            [Cells(lags, [["?" if np.isnan(lag) else "" for lag in row] for row in lags])],
            Axis(
                "what is known of node",
                -0.5,
                len(numbers) - 0.5,
                ticks=some,
                names=[numbers[at] for at in some],
            ),
            Axis("known by node", -0.5, len(numbers) - 0.5, ticks=down, names=[numbers[at] for at in some]),
            title="At the end, each pair",
            share=0.5,
            colours=Colours("heartbeats behind", 0, max(5.0, worst)),
        ),
    ]
    pairs = len(result.names) * (len(result.names) - 1)
    ignorant = pairs - int(known.sum())
    when = (
        f"{100 * result.knowing[-1]:.0f} % know the new state after {result.times[-1]:.0f} s."
        if np.isnan(result.everyone_s)
        else f"Everybody knows the new state {result.everyone_s:.0f} s after it was announced."
    )
    lines = (
        when,
        f"Sent per node and second: {result.messages:.1f} messages, {result.bytes:,.0f} bytes.",
        (
            f"At the end what a node knows of another is {result.lags[known].mean():.1f} heartbeats old on average, "
            f"at most {worst:.0f}"
            if known.any()
            else "At the end no node knows anything of another"
        )
        + f"; {ignorant} of {pairs} pairs know nothing.",
    )
    alt = (
        f"Two line charts over 0 to {result.times[-1]:.0f} seconds, nodes that know the new state (0 to 100 %) and mean lag in "
        f"heartbeats, and a matrix of {len(result.names)} by {len(result.names)} nodes, coloured by heartbeats behind. "
        + " ".join(lines)
    )
    rows = tuple(
        (f"{at:g}", f"{share:.0f}", f"{lag:.2f}" if np.isfinite(lag) else "")
        for at, share, lag in zip(result.times, knowing, result.lag, strict=True)
    )
    columns = ("seconds", "know the new state (%)", "mean lag (heartbeats)")
    note = ("Grey, ?: nothing is known.",)
    return Chart(title, alt, lines, columns, rows, plots, 420, note=note)


def suspicion(result, title: str = "One node's silence in three dialects of phi") -> Chart:
    """Phi of one node's heartbeats over time, by three detectors, with the threshold.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Suspicion
    """
    top = 2.0 * result.threshold
    began, ended = result.pause
    end = float(result.times[-1])
    plots = []
    for label, phi, number in style.styled(result.phi):
        moments = [Rule(result.crash_s, text="" if plots else "crash")]
        if ended > began:
            moments.insert(0, Span(began, ended, style=style.FAINT, text="" if plots else "paused"))
        convictions = _stretches(result.times, np.nan_to_num(phi) > result.threshold)
        plots.append(
            Plot(
                [
                    *moments,
                    *(Span(since, until, style=style.ORANGE) for since, until in convictions),
                    Rule(result.threshold, level=True),
                    Line(*_thinned(result.times, phi), number, plain=True),
                ],
                Axis("seconds", 0, end),
                Axis("phi", 0, top, ticks=(0, result.threshold, top)),
                title=label,
                below=bool(plots),
            )
        )
    convicted = {
        label: "not" if np.isnan(at) else f"{at:.1f} s after the crash"
        for label, at in result.convicted_s.items()
    }
    lines = (
        "Times convicted while it was alive: "
        + ", ".join(f"{label} {times}" for label, times in result.wrongly.items())
        + ".",
        f"Phi above {result.threshold:g}: "
        + ", ".join(f"{label} {when}" for label, when in convicted.items())
        + ".",
    )
    alt = (
        f"Three line charts: phi, 0 to {top:g} and cut off above, over 0 to {result.times[-1]:.0f} seconds, for {', '.join(result.phi)}; a "
        f"horizontal line at {result.threshold:g}, a pause from {began:g} to {ended:g} s, a crash at {result.crash_s:g} s. "
        + " ".join(lines)
    )
    some = range(0, len(result.times), max(1, len(result.times) // 60))
    rows = tuple(
        (
            f"{result.times[at]:.1f}",
            *(f"{phi[at]:.3g}" if np.isfinite(phi[at]) else "" for phi in result.phi.values()),
        )
        for at in some
    )
    note = (
        f"Orange: convicted, phi above the dashed threshold of {result.threshold:g}. What lies above the axis is cut off.",
    )
    return Chart(title, alt, lines, ("seconds", *result.phi), rows, plots, 460, note=note)


def _thinned(times: np.ndarray, values: np.ndarray, every_s: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest of each `every_s` seconds: no peak is lost, and no screen shows more."""
    there = np.flatnonzero(np.isfinite(values))
    starts = np.flatnonzero(np.diff(times[there] // every_s, prepend=-1))
    parts = np.split(there, starts[1:])
    kept = sorted(
        {
            at
            for part in parts
            if len(part)
            for at in (part[values[part].argmin()], part[values[part].argmax()])
        }
    )
    return times[kept], values[kept]


def _stretches(times: np.ndarray, flags: np.ndarray) -> list[tuple[float, float]]:
    """From when to when `flags` hold: pairs of times, those at its first and at its last sample."""
    turns = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(int)))
    return [(float(times[since]), float(times[until - 1])) for since, until in turns.reshape(-1, 2)]
