"""A rumour's way over an overlay as one picture."""

from __future__ import annotations

import numpy as np

from ... import style
from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Dots, Line


def network_chart(places: np.ndarray, links: list, knows: np.ndarray, all_links: int, title: str) -> Chart:
    """Nodes coloured by the round in which they learnt; those that do not know at the end are hollow squares.

    Parameters
    ----------
    places : int array of shape (nodes, 2)
        In thousandths of the picture.
    links : list of (int, int)
        Those to draw.
    knows : bool array of shape (rounds + 1, nodes)
        Who knows at the end of each round; row 0 is the start, at which the originator does.
    all_links : int
        How many links there are, drawn or not.
    title : str
        The heading.
    """
    rounds = len(knows) - 1
    new = np.vstack([knows[:1], knows[1:] & ~knows[:-1]])
    # who was replaced by a fresh node may learn it again: the last time counts
    learned = np.where(knows[-1], rounds - new[::-1].argmax(axis=0), -1)
    ignorant = ~knows[-1]
    x, y = places[:, 0], 1000 - places[:, 1]  # places count downwards
    size = float(np.clip(60 / np.sqrt(len(learned)), 2.5, 8))
    told, origin = learned > 0, learned == 0
    marks = [
        # one line with gaps
        *([Line(*_segments(x, y, links), style.FAINT, plain=True)] if links else []),
        Dots(x[told], y[told], values=learned[told], radius_px=size),
        Dots(x[origin], y[origin], style.VERMILION, "started it", radius_px=1.5 * size),
    ]
    if ignorant.any():
        marks.append(Dots(x[ignorant], y[ignorant], style.INK, "does not know", hollow=True, radius_px=size))
    plot = Plot(
        marks,
        Axis(low=-40, high=1040),
        Axis(low=-40, high=1040),
        equal=True,
        bare=True,
        colours=Colours("learnt it in round", 1, max(rounds, 2), whole=True),
    )
    informed = knows.sum(axis=1).tolist()
    nodes = len(learned)
    half = next((at for at, count in enumerate(informed) if 2 * count >= nodes), None)
    lines = (
        f"Informed after each round: {', '.join(map(str, informed))} of {nodes}.",
        f"{'Not half' if half is None else 'Half'} of the nodes know{'' if half is None else f' after {half} rounds'}; "
        f"the last news arrives in round {int(new.any(axis=1).nonzero()[0][-1])}, "
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
    rows = tuple(zip(range(rounds + 1), informed, new.sum(axis=1).tolist(), strict=True))
    return Chart(title, alt, lines, ("round", "informed", "new"), rows, [plot], 460)


def _segments(x: np.ndarray, y: np.ndarray, links: list) -> tuple[list, list]:
    """The links as the way of one line, which has a gap after each."""
    xs = [place for one, other in links for place in (x[one], x[other], x[other])]
    ys = [place for one, other in links for place in (y[one], y[other], None)]
    return xs, ys
