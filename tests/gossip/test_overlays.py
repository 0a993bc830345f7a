"""The overlays have the shape that they promise, and refuse one that cannot be."""

import networkx as nx
import numpy as np
import pytest

from gossipkit.gossip import overlays, spread
from gossipkit.gossip.neighbours import Neighbours


@pytest.mark.parametrize(
    ("graph", "degrees"),
    [
        (overlays.complete(20), {19}),
        (overlays.random_regular(20, degree=4, seed=1), {4}),
        (overlays.watts_strogatz(20, degree=4, rewire=0.0), {4}),
        (overlays.ring(20), {2}),
        (overlays.tree(21, branching=4), {1, 4, 5}),
        (overlays.two_datacentres(20, degree=3, links=2, seed=1), {3, 4}),
    ],
)
def test_an_overlay_is_connected_and_has_its_degrees(graph, degrees):
    assert nx.is_connected(graph)
    assert sorted(graph) == list(range(len(graph)))
    assert {degree for _, degree in graph.degree} == degrees


def test_two_data_centres_hang_together_by_their_links():
    graph = overlays.two_datacentres(40, degree=4, links=3, seed=5)
    crossing = [(a, b) for a, b in graph.edges if (a < 20) != (b < 20)]
    assert len(crossing) == 3
    graph.remove_edges_from(crossing)
    assert nx.number_connected_components(graph) == 2


def test_one_seed_gives_one_overlay():
    for make in (overlays.random_regular, overlays.watts_strogatz, overlays.two_datacentres):
        assert nx.utils.edges_equal(make(40, seed=3).edges, make(40, seed=3).edges)
        assert not nx.utils.edges_equal(make(40, seed=3).edges, make(40, seed=4).edges)


def test_the_arrays_list_every_neighbour_once():
    graph = overlays.watts_strogatz(30, degree=4, rewire=0.3, seed=2)
    arrays = Neighbours.of(graph)
    assert arrays.nodes == 30
    for node in graph:
        assert sorted(arrays.targets[arrays.starts[node] : arrays.starts[node + 1]]) == sorted(graph[node])


def test_random_links_are_what_makes_gossip_fast():
    def rounds(graph):
        return np.mean(spread(128, fanout=2, overlay=graph, max_rounds=400, trials=60, seed=1).rounds_to(1.0))

    everyone, sparse = rounds(overlays.complete(128)), rounds(overlays.random_regular(128, degree=8, seed=1))
    lattice, circle = rounds(overlays.watts_strogatz(128, degree=8, rewire=0.0)), rounds(overlays.ring(128))
    assert sparse < everyone + 3
    assert everyone < sparse < lattice < circle
    assert circle == pytest.approx(64, abs=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: overlays.complete(1), "n is 1: it must be a whole number, at least 2"),
        (
            lambda: overlays.random_regular(9, degree=3),
            "degree is 3: it must be from 2 to 8, and n \\* degree even",
        ),
        (lambda: overlays.watts_strogatz(9, degree=3), "degree is 3: it must be even"),
        (
            lambda: overlays.watts_strogatz(9, degree=4, rewire=2),
            "rewire is 2: it must be a number, between 0 and 1",
        ),
        (lambda: overlays.tree(9, branching=0), "branching is 0: it must be a whole number, at least 1"),
        (lambda: overlays.two_datacentres(21), "n is 21: it must be even"),
        (
            lambda: overlays.two_datacentres(20, degree=3, links=11),
            "links is 11: it must be a whole number, from 1 to 10",
        ),
        (lambda: Neighbours.of(nx.empty_graph(3)), "overlay has no edges"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
