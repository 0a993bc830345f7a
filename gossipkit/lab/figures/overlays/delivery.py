"""The figure of a topic with liars in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...chart import Chart
from .arrivals import SOON_S, arrivals, in_mesh, percent, some


def deliver(results: Mapping[str, object], title: str = "A topic with liars in it") -> Chart:
    """How soon messages reach honest routers, and how many liars their meshes hold.

    Parameters
    ----------
    results : mapping of str to gossipkit.gossip.gossipsub.Delivery
        One curve each, by label.
    title : str
        The heading.

    Raises
    ------
    ValueError
        When there is no result.
    """
    some(results)
    curves = {
        label: 100 * np.searchsorted(each.latency_s, SOON_S, side="right") / max(1, each.pairs)
        for label, each in results.items()
    }
    shares = {label: 100 * each.mesh_share for label, each in results.items()}
    plots = [arrivals(curves, 0.5), in_mesh(shares, "Who is in honest meshes", 0.5)]
    lines = tuple(
        f"{label}: {percent(each.delivered)} arrive, {percent(each.on_time)} within a second, "
        f"{_half(each.quantile_s(0.5))}; {each.duplicates:.1f} duplicates a copy, {each.bytes_per_node_s:,.0f} B/s a router"
        + (f"; {each.invalid_handled:.0f} invalid messages looked at" if each.invalid_handled else "")
        + f". Liars in honest meshes: {_ends(each.mesh_share)}."
        for label, each in results.items()
    )
    last = max(len(each) for each in shares.values()) - 1
    alt = (
        "Two line charts. Left: messages arrived at honest routers, 0 to 100 %, over 0.02 to 10 seconds since they were published, logarithmic. "
        f"Right: liars in honest meshes, 0 to 100 %, over 0 to {last} seconds. " + " ".join(lines)
    )
    rows = tuple(
        (f"{SOON_S[at]:.2f}", *(f"{curve[at]:.1f}" for curve in curves.values()))
        for at in range(0, len(SOON_S), 4)
    )
    columns = ("seconds since it was published", *(f"{label}, arrived (%)" for label in results))
    return Chart(title, alt, lines, columns, rows, plots, 360)


def _half(seconds: float) -> str:
    return f"half within {seconds:.2f} s" if np.isfinite(seconds) else "never half"


def _ends(share: np.ndarray) -> str:
    there = share[~np.isnan(share)]
    return (
        f"{percent(there[0])} at first, {percent(there[-1])} at the end"
        if len(there)
        else "there are no meshes"
    )
