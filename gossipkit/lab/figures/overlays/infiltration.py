"""The figure of liars in the views of peer sampling."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Band, Line, Mark, Rule
from .arrivals import percent, some


def infiltrate(results: Mapping[str, object], title: str = "Liars in honest views") -> Chart:
    """The share of liars in honest views, round by round; with Brahms', what its samplers keep, too.

    Parameters
    ----------
    results : mapping of str to gossipkit.gossip.peer_sampling.Infiltration
        One curve each, by label: the mean over runs, and with several runs the band between the least and the most.
    title : str
        The heading.

    Raises
    ------
    ValueError
        When there is no result.
    """
    some(results)
    marks: list[Mark] = []
    means = {}
    for label, each in results.items():
        means[label] = 100 * each.share.mean(axis=0)
        if not np.isnan(each.samples).any():
            means[f"{label}: its samples"] = 100 * each.samples.mean(axis=0)
    styles = {label: number for label, _, number in style.styled(means)}
    for label, each in results.items():
        if len(each.share) > 1:
            low, high = 100 * each.share.min(axis=0), 100 * each.share.max(axis=0)
            marks.append(Band(range(len(low)), low, high, styles[label]))
    marks += [Line(range(len(mean)), mean, styles[label], label, plain=True) for label, mean in means.items()]
    first = next(iter(results.values()))
    lying = first.settings["liars"]
    last = max(len(mean) for mean in means.values()) - 1
    marks.append(Rule(100 * lying, level=True, label="of all peers"))
    plot = Plot(marks, Axis("round", 0, last, whole=True), Axis("liars (%)", -3, 103))
    lines = tuple(
        f"{label}: {percent(each.share[:, -1].mean())} of honest views are liars after {each.share.shape[1] - 1} rounds, and "
        f"{percent(each.isolated[:, -1].mean())} of the honest peers know nobody else; "
        f"{each.bytes_per_node_round:,.0f} bytes a peer and round."
        + (
            ""
            if np.isnan(each.expected)
            else f" Its samples: {percent(each.samples[:, -1].mean())}; of large views {percent(each.expected)} is expected; "
            f"{percent(each.blocked)} of the rounds were blocked."
        )
        for label, each in results.items()
    )
    alt = (
        f"Line chart: liars in honest views, 0 to 100 %, over rounds 0 to {last}; {percent(lying)} of all peers lie. "
        + " ".join(lines)
    )
    columns = ("round", *(f"{label} (%)" for label in means))
    rows = tuple(
        (at, *(f"{mean[at]:.1f}" if at < len(mean) else "" for mean in means.values()))
        for at in range(last + 1)
    )
    runs = len(first.share)
    return Chart(
        title, alt, lines, columns, rows, [plot], note=(f"Bands: all of {runs} runs.",) if runs > 1 else ()
    )
