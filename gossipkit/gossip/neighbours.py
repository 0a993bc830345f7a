"""Who may talk to whom, in the arrays in which the engine walks an overlay.

networkx, with which overlays are made (`overlays`), takes as long to import as the rest of the engine. So it is imported
here when a graph arrives, and whoever only spreads rumours on the complete graph never waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, Union

from ..sim.arrays import np

if TYPE_CHECKING:
    import networkx as nx

Overlay: TypeAlias = Union["nx.Graph", "Neighbours"]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """An overlay as two arrays: the neighbours of node ``i`` are ``targets[starts[i]:starts[i + 1]]``.

    Walking a networkx graph costs more than the whole epidemic, so a graph that is used again is worth converting once
    with :meth:`of`; everything that takes an overlay takes either.
    """

    starts: np.ndarray
    targets: np.ndarray

    def __repr__(self) -> str:
        return f"<Neighbours of {len(self.starts) - 1} nodes, {len(self.targets)} in all>"

    @classmethod
    def of(cls, graph: Overlay) -> Neighbours:
        """Convert a networkx graph, its nodes numbered in the order in which it lists them.

        Raises
        ------
        ValueError
            For anything that is not a networkx graph, and for a graph without edges.
        """
        if isinstance(graph, Neighbours):
            return graph
        import networkx as nx

        if not isinstance(graph, nx.Graph):
            raise ValueError(f"overlay is {graph!r}: it must be a networkx graph")
        index = {node: i for i, node in enumerate(graph)}
        rows = [[index[other] for other in graph.adj[node] if other != node] for node in graph]
        if not any(rows):
            raise ValueError("overlay has no edges: nobody could tell anybody")
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=starts[1:])
        return cls(starts, np.array([other for row in rows for other in row], dtype=np.int64))

    @cached_property
    def rows(self) -> np.ndarray | None:
        """The neighbours as a table with a row a node, where all nodes have equally many; else None.

        In 32 bits: reading it is what an epidemic that calls all neighbours waits for.
        """
        degrees = np.diff(self.starts)
        if (degrees != degrees[0]).any():
            return None
        return self.targets.reshape(self.nodes, -1).astype(np.int32)

    @property
    def nodes(self) -> int:
        """How many nodes the overlay has."""
        return len(self.starts) - 1
