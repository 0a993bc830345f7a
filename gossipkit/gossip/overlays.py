"""Who may talk to whom: overlays from networkx.

How an overlay shapes an epidemic is a matter of how soon random long links are met. Push with fanout 2 among 256 nodes,
mean rounds over 400 runs to 50, 90, 99 and 100 % (``spread(256, fanout=2, overlay=..., trials=400, seed=1)``, graphs with
seed 1):

====================================  =====  =====  =====  =====
overlay                                50 %   90 %   99 %  100 %
====================================  =====  =====  =====  =====
complete                                5.0    6.9    8.0    8.7
random regular, degree 8                6.0    7.5    8.8    9.4
small world, degree 8, rewired 0.1      8.5   11.1   13.1   13.8
two data centres, degree 8, 4 links     7.0   11.0   12.3   13.0
tree, 3 branches                        7.8   12.3   16.7   19.1
ring                                   64.0  115.0  127.0  128.0
====================================  =====  =====  =====  =====
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from ..sim.checks import probability, whole


def complete(n: int) -> nx.Graph:
    """Everybody may call everybody: what membership protocols give their members.

    The fastest overlay, and the one whose full list of members somebody has to keep.
    """
    return nx.complete_graph(whole("n", n, 2))


def random_regular(n: int, degree: int = 8, seed: int = 0) -> nx.Graph:
    """Every node has ``degree`` neighbours picked at random.

    Nearly as fast as the complete graph: random links are long links, and degree 8 has enough of them.

    Raises
    ------
    ValueError
        When no such graph exists (``n * degree`` odd, or ``degree`` not in 2..n-1), or it fell apart.
    """
    whole("n", n, 4)
    if not 2 <= degree < n or n * degree % 2:
        raise ValueError(
            f"degree is {degree!r}: it must be from 2 to {n - 1}, and n * degree even, here n = {n}"
        )
    return _connected(
        nx.random_regular_graph(degree, n, seed=seed), "another seed or a higher degree connects it"
    )


def watts_strogatz(n: int, degree: int = 8, rewire: float = 0.1, seed: int = 0) -> nx.Graph:
    """A ring of near neighbours in which a share ``rewire`` of the links leads anywhere (Watts and Strogatz 1998).

    A few random links shorten everything: the epidemic walks along the ring until it meets one.

    Raises
    ------
    ValueError
        For an odd ``degree`` or one outside 2..n-1, or ``rewire`` outside 0..1.
    """
    whole("n", n, 4)
    if not 2 <= degree < n or degree % 2:
        raise ValueError(f"degree is {degree!r}: it must be even and from 2 to {n - 1}")
    probability("rewire", rewire)
    return nx.connected_watts_strogatz_graph(n, degree, rewire, tries=1000, seed=seed)


def ring(n: int) -> nx.Graph:
    """Everybody knows two neighbours: the slowest overlay, in which rounds grow with ``n / 2``."""
    return nx.cycle_graph(whole("n", n, 3))


def tree(n: int, branching: int = 2) -> nx.Graph:
    """A balanced tree rooted at node 0, as broadcast trees are built: short, and cut in two by any one crash.

    Few messages would do if a node told each child once; gossip, which picks at random, repeats itself instead.
    """
    return nx.full_rary_tree(whole("branching", branching, 1), whole("n", n, 2))


def two_datacentres(n: int, degree: int = 8, links: int = 2, seed: int = 0) -> nx.Graph:
    """Two random regular halves joined by ``links`` links: the rumour waits for a link's end to be both told and picked.

    Raises
    ------
    ValueError
        For an odd ``n``, a ``degree`` that fits neither half, or ``links`` outside 1..n/2.
    """
    if whole("n", n, 8) % 2:
        raise ValueError(f"n is {n!r}: it must be even, half in each data centre")
    half = n // 2
    whole("links", links, 1, half)
    graph = nx.disjoint_union(random_regular(half, degree, seed), random_regular(half, degree, seed + 1))
    rng = np.random.default_rng(seed)
    ends = rng.permutation(half)[:links], half + rng.permutation(half)[:links]
    graph.add_edges_from((int(a), int(b)) for a, b in zip(*ends, strict=True))
    return graph


def _connected(graph: nx.Graph, remedy: str) -> nx.Graph:
    if not nx.is_connected(graph):
        raise ValueError(
            f"the overlay fell apart into {nx.number_connected_components(graph)} parts: {remedy}"
        )
    return graph
