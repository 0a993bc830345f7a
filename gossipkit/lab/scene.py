"""A rumour on its overlay, to be watched round by round."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from .chart import Chart
from .figures.gossip import network_chart

MOST_NODES = 400
# beyond this many a picture of the links is a grey disc, and costs the browser dearly
MOST_LINKS = 2500
LAYOUT_SEED = 1


@dataclass(frozen=True, eq=False)
class Scene:
    """What a player in the browser draws, and the chart that stands in for it.

    Parameters
    ----------
    chart : Chart
        The still picture, its alt text and numbers.
    data : dict
        What the browser needs: `nodes` and `links` (coordinates in 0..1000 across and down), `spells` (per node a list of
        the rounds from which on it knows and from which on it does so no more, None for never), `rounds` (how many there
        are to see) and `messages` (sent per round).
    """

    chart: Chart
    data: dict


def rumor_scene(overlay: nx.Graph, spread, trial: int = 0, title: str = "A rumour on its overlay") -> Scene:
    """One trial of `spread` on `overlay`, for `Panel` or `SpreadPlayer`.

    Parameters
    ----------
    overlay : networkx.Graph
        On nodes 0..n-1; links are drawn up to 2,500 of them, and left out of the picture beyond.
    spread : gossipkit.gossip.Spread
        Computed with `track=True` on as many nodes.
    trial : int
        Which trial to show, counted from 0.
    title : str
        The heading.

    Raises
    ------
    ValueError
        When `spread` was not tracked, has another number of nodes or no such trial, or nodes are more than 400 or not
        numbered.
    """
    if spread.learned_at is None:
        raise ValueError("spread.learned_at is None: compute the spread with track=True")
    trials, nodes = spread.learned_at.shape
    if overlay.number_of_nodes() != nodes:
        raise ValueError(f"overlay has {overlay.number_of_nodes()} nodes: it must have the spread's {nodes}")
    if set(overlay) != set(range(nodes)):
        raise ValueError(f"overlay has other nodes than numbers: they must be numbered 0 to {nodes - 1}")
    if nodes > MOST_NODES:
        raise ValueError(f"overlay has {nodes} nodes: the player shows at most {MOST_NODES}")
    if not 0 <= trial < trials:
        raise ValueError(f"trial is {trial!r}: it must be from 0 to {trials - 1}")
    knows = _knows(spread, trial)
    rounds = len(knows) - 1
    places = layout(overlay)
    links = sorted(overlay.edges) if overlay.number_of_edges() <= MOST_LINKS else []
    chart = network_chart(places, links, knows, overlay.number_of_edges(), title)
    data = {
        "nodes": places.tolist(),
        "links": [list(link) for link in links],
        "hidden": overlay.number_of_edges() - len(links),
        "spells": [_spells(its) for its in knows.T],
        "rounds": rounds,
        "messages": spread.messages[trial, :rounds].tolist(),
    }
    return Scene(chart, data)


def _knows(spread, trial: int) -> np.ndarray:
    """Who knows at the end of each round, (rounds + 1, nodes), up to the last round in which anything changes."""
    if spread.knew is None:
        learned = spread.learned_at[trial]
        knows = (learned >= 0) & (learned <= np.arange(spread.informed.shape[1])[:, None])
    else:
        knows = spread.knew[trial]
    changes = (knows[1:] != knows[:-1]).any(axis=1).nonzero()[0]
    return knows[: max(int(changes[-1]) + 2 if len(changes) else 0, 2)]


def _spells(knows: np.ndarray) -> list[list[int | None]]:
    """From when to when a node knows."""
    ends = np.flatnonzero(np.diff(knows, prepend=False)).tolist()
    ends += [None] * (len(ends) % 2)
    return [ends[at : at + 2] for at in range(0, len(ends), 2)]


def layout(overlay: nx.Graph) -> np.ndarray:
    """Coordinates of nodes 0..n-1 in whole thousandths of the picture, the same on every run and platform.

    Where neighbours are mostly neighbours in number (a ring, a small world), or where everybody knows everybody, nodes
    stand on a circle; elsewhere springs find places that show the shape.
    """
    nodes = overlay.number_of_nodes()
    around = sum(1 for node in range(nodes) if overlay.has_edge(node, (node + 1) % nodes))
    if around >= 0.5 * nodes:
        places = nx.circular_layout(range(nodes))
    else:
        places = nx.spring_layout(overlay, seed=LAYOUT_SEED, iterations=80)
    at = np.array([places[node] for node in range(nodes)])
    low, high = at.min(axis=0), at.max(axis=0)
    return np.rint((at - low) / np.where(high > low, high - low, 1) * 1000).astype(int)
