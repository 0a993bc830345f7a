"""A rumour's way over an overlay as one picture."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection

from .. import style
from ..chart import Chart


def network_chart(places: np.ndarray, links: list, learned: np.ndarray, all_links: int, title: str) -> Chart:
    """Nodes coloured by the round in which they learnt; those that do not know at the end are hollow squares.

    Parameters
    ----------
    places : int array of shape (nodes, 2)
        In thousandths of the picture.
    links : list of (int, int)
        Those to draw.
    learned : int array of shape (nodes,)
        The round, 0 for the originator, -1 for a node that does not know at the end.
    all_links : int
        How many links there are, drawn or not.
    title : str
        The heading.
    """
    rounds = max(int(learned.max()), 1)
    ignorant = learned < 0
    with style.canvas() as figure:
        plot = style.axes(figure, (16, 16, 620, 364), title=title)
        plot.set_axis_off()
        plot.invert_yaxis()
        if links:
            plot.add_collection(
                LineCollection(
                    [places[list(link)] for link in links], colors=style.FAINT, linewidths=0.7, zorder=1
                )
            )
        size = float(np.clip(9000 / len(learned), 18, 130))
        told = learned > 0
        dots = plot.scatter(
            *places[told].T,
            c=learned[told],
            s=size,
            cmap="viridis_r",
            vmin=1,
            vmax=max(rounds, 2),
            edgecolors=style.INK,
            linewidths=0.5,
            zorder=2,
        )
        plot.scatter(
            *places[learned == 0].T,
            s=3.2 * size,
            marker="*",
            color=style.VERMILION,
            edgecolors=style.INK,
            linewidths=0.6,
            zorder=3,
            label="started it",
        )
        if ignorant.any():
            plot.scatter(
                *places[ignorant].T,
                s=size,
                marker="s",
                facecolors="white",
                edgecolors=style.INK,
                linewidths=1,
                zorder=2,
                label="does not know",
            )
        plot.margins(0.04)
        side = style.axes(figure, (640, 40, 654, 300))
        figure.colorbar(dots, cax=side).set_label("learnt it in round")
        style.whole_rounds(side.yaxis)
        side.grid(visible=False)
        plot.legend(loc="upper left", bbox_to_anchor=(1.0, 1.06), handletextpad=0.2)
    informed = [int(np.count_nonzero((learned >= 0) & (learned <= at))) for at in range(rounds + 1)]
    nodes = len(learned)
    half = next((at for at, count in enumerate(informed) if 2 * count >= nodes), None)
    lines = (
        f"Informed after each round: {', '.join(map(str, informed))} of {nodes}.",
        f"{'Not half' if half is None else 'Half'} of the nodes know{'' if half is None else f' after {half} rounds'}; "
        f"the last news arrives in round {rounds}, "
        + (
            f"and {np.count_nonzero(ignorant)} do not know at the end."
            if ignorant.any()
            else "and everybody knows."
        ),
    )
    alt = (
        f"Network of {nodes} nodes and {all_links:,} links; colour tells the round in which a node learnt the rumour, 1 to {rounds}. "
        + " ".join(lines)
    )
    rows = tuple(
        (at, count, count - before)
        for at, (count, before) in enumerate(zip(informed, [0, *informed], strict=False))
    )
    return Chart(title, figure, alt, lines, ("round", "informed", "new"), rows)
