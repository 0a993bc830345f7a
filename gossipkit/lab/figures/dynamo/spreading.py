"""The figure of a join on its way to every node's ring."""

from __future__ import annotations

import numpy as np

from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Band, Line, Rule


def spread_join(result, title: str = "From one administrator's word to one ring") -> Chart:
    """The share of nodes that have a newcomer on their ring, over the seconds since the administrator's command.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.JoinSpread
    """
    runs, known = len(result.one_ring_s), ~np.isnan(result.one_ring_s)
    shares = 100 * result.knowing
    mean, low, high = shares.mean(axis=0), *np.quantile(shares, (0.1, 0.9), axis=0)
    # the last that something changed at, or all of it where some run has not come to its end
    end = min(float(result.times[-1]), max(4.0, np.ceil(result.one_ring_s.max()) if known.all() else np.inf))
    seen = result.times <= end
    marks = [
        Band(result.times[seen], low[seen], high[seen], label="10–90 % of the runs"),
        Line(result.times[seen], mean[seen], label="mean of the runs"),
    ]
    if known.any():
        marks.append(Rule(result.mean_s, letter="A", text="one ring, in the mean"))
    fastest, slowest = (
        (result.one_ring_s[known].min(), result.one_ring_s[known].max()) if known.any() else (0, 0)
    )
    within = f"within {result.times[-1]:g} s"
    lines = (
        (
            f"All go by one ring after {result.mean_s:.1f} s in the mean of {known.sum()} runs, {fastest:.1f} to {slowest:.1f} s."
            if known.any()
            else f"In none of {runs} runs all go by one ring {within}."
        ),
        *(
            (f"In {runs - known.sum()} of {runs} runs some node has not heard of it {within}.",)
            if 0 < known.sum() < runs
            else ()
        ),
        f"Meanwhile a node sends {result.messages_per_node_s:.1f} messages, {result.bytes_per_node_s:.0f} bytes, a second.",
    )
    alt = (
        f"Line chart: nodes that have the newcomer on their ring, 0 to 100 %, over 0 to {end:g} seconds since the command; mean of {runs} "
        f"runs with a 10 to 90 % band. " + " ".join(lines)
    )
    rows = tuple(
        (f"{time:.1f}", *(f"{share:.0f}" for share in shares_at))
        for time, *shares_at in list(zip(result.times, low, mean, high, strict=True))[::5]
        if time <= end
    )
    plot = Plot(
        marks,
        Axis("seconds since the command", 0, end),
        Axis("nodes that know (%)", -3, 106, ticks=(0, 25, 50, 75, 100)),
    )
    return Chart(title, alt, lines, ("seconds", "10 %", "mean", "90 %"), rows, [plot])
