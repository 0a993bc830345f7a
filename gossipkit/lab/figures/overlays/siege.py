"""The figure of one router among many liars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...chart import Chart
from .arrivals import SOON_S, arrivals, in_mesh, percent, some


def eclipse(results: Mapping[str, object], title: str = "One router among many liars") -> Chart:
    """The liars' share of the victim's mesh, and how soon messages reach it, or leave it.

    Parameters
    ----------
    results : mapping of str to gossipkit.gossip.gossipsub.Eclipse
        One curve each, by label.
    title : str
        The heading.

    Raises
    ------
    ValueError
        When there is no result.
    """
    some(results)
    shares, curves = {}, {}
    for label, each in results.items():
        there = ~np.isnan(each.mesh_share)
        counts = there.sum(axis=0)
        total = np.where(there, each.mesh_share, 0).sum(axis=0)
        shares[label] = np.where(counts > 0, 100 * total / np.maximum(counts, 1), np.nan)
        during = np.sort(each.latency_s[each.published_s >= each.at_s])
        curves[label] = 100 * np.searchsorted(during, SOON_S, side="right") / max(1, len(during))
    first = next(iter(results.values()))
    comes = "honest peers dial it" if first.settings["cold"] else "the liars come"
    plots = [
        in_mesh(shares, "Who is in the victim's mesh", 0.55, {comes: first.at_s}),
        arrivals(curves, 0.45),
    ]
    what = (
        "its messages reach nine in ten honest routers"
        if first.settings["publishes"]
        else "messages reach it"
    )
    lines = tuple(
        f"{label}: at the end its mesh holds {percent(shares[label][-1] / 100) if np.isfinite(shares[label][-1]) else 'nobody and no'} "
        f"liars, and in {percent(each.eclipsed)} of the runs nobody else; {what} in {percent(each.delivered)} of the cases, within a "
        f"second in {percent(each.on_time)}."
        for label, each in results.items()
    )
    last = max(len(each) for each in shares.values()) - 1
    alt = (
        f"Two line charts. Left: liars in the victim's mesh, 0 to 100 %, over 0 to {last} seconds; {comes} after {first.at_s:g}. "
        "Right: messages arrived, 0 to 100 %, over 0.02 to 10 seconds since they were published, logarithmic. "
        + " ".join(lines)
    )
    rows = tuple(
        (
            str(at),
            *("no mesh" if np.isnan(each[at]) else f"{each[at]:.0f}" for each in shares.values()),
        )
        for at in range(min(len(each) for each in shares.values()))
    )
    columns = ("seconds", *(f"{label}, liars in the mesh (%)" for label in results))
    return Chart(title, alt, lines, columns, rows, plots, 360)
