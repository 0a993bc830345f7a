"""A rumour that can be watched, stopped and scrubbed."""

from __future__ import annotations

from .panel import Panel
from .scene import rumor_scene


class SpreadPlayer(Panel):
    """The spread of one rumour over `overlay`, round by round, without controls for the model.

    For a player with sliders give a `Panel` a `draw` that returns `rumor_scene(overlay, spread)`.

    Parameters
    ----------
    overlay : networkx.Graph
        On nodes 0..n-1, at most 400.
    spread : gossipkit.gossip.Spread
        Computed with `track=True`.
    trial : int
        Which trial to show, counted from 0.
    title : str
        The heading.

    Raises
    ------
    ValueError
        See `rumor_scene`.
    """

    def __init__(self, overlay, spread, trial: int = 0, title: str = "A rumour on its overlay"):
        super().__init__(
            title, run=lambda: spread, draw=lambda result: rumor_scene(overlay, result, trial, title)
        )
