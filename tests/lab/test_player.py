"""What the player is given to draw."""

import json

import networkx as nx
import numpy as np
import pytest

from gossipkit.gossip import overlays, spread
from gossipkit.lab import SpreadPlayer, rumor_scene
from gossipkit.lab.scene import MOST_LINKS, MOST_NODES, layout

SHAPES = {
    "ring": overlays.ring(30),
    "complete": overlays.complete(30),
    "tree": overlays.tree(30, branching=3),
    "two data centres": overlays.two_datacentres(30, degree=4, links=2, seed=1),
    "pair": overlays.complete(2),
}


def tracked(overlay, **settings):
    return spread(
        overlay.number_of_nodes(), overlay=overlay, track=True, **{"trials": 3, "max_rounds": 60} | settings
    )


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_scene_data_is_the_spread_s(name):
    overlay = SHAPES[name]
    nodes = overlay.number_of_nodes()
    result = tracked(overlay, fanout=1, seed=2)
    for trial in range(3):
        data = rumor_scene(overlay, result, trial).data
        json.dumps(data)
        assert data["spells"] == [[[at, None]] if at >= 0 else [] for at in result.learned_at[trial].tolist()]
        assert data["rounds"] == max(1, result.learned_at[trial].max())
        assert data["messages"] == result.messages[trial, : data["rounds"]].tolist()
        assert len(data["messages"]) == data["rounds"], "the browser looks up the messages of each round"
        assert {frozenset(link) for link in data["links"]} == {frozenset(edge) for edge in overlay.edges}
        assert data["hidden"] == 0
        assert len(data["nodes"]) == nodes


def test_under_churn_the_player_shows_who_knew_in_each_round_and_not_only_who_does_at_the_end():
    overlay = overlays.watts_strogatz(64, degree=8, rewire=0.1, seed=1)
    result = tracked(overlay, fanout=2, churn=0.1, seed=2)
    for trial in range(3):
        scene = rumor_scene(overlay, result, trial)
        rounds, spells = scene.data["rounds"], scene.data["spells"]
        knows = [
            [any(since <= at and (until is None or at < until) for since, until in its) for its in spells]
            for at in range(rounds + 1)
        ]
        informed = result.informed[trial, : rounds + 1].tolist()
        assert [sum(row) for row in knows] == informed == [row[1] for row in scene.chart.rows]
        assert [row[2] for row in scene.chart.rows] == [
            sum(since == at for its in spells for since, _ in its) for at in range(rounds + 1)
        ]
        assert [its[-1][0] if its and its[-1][1] is None else -1 for its in spells] == result.learned_at[
            trial
        ].tolist()
        assert max(informed) > 2 * informed[1] and any(len(its) > 1 for its in spells)
        assert f"Informed after each round: {', '.join(map(str, informed))} of 64." in scene.chart.lines


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_nodes_have_places_of_their_own_within_the_picture(name):
    places = layout(SHAPES[name])
    assert places.min() >= 0 and places.max() <= 1000
    assert len({tuple(place) for place in places.tolist()}) == len(places)
    assert np.array_equal(places, layout(SHAPES[name]))


def test_too_many_links_are_counted_and_not_drawn():
    overlay = overlays.complete(100)
    assert overlay.number_of_edges() > MOST_LINKS
    scene = rumor_scene(overlay, tracked(overlay, fanout=2))
    assert scene.data["links"] == [] and scene.data["hidden"] == 4950
    assert "4,950 links" in scene.chart.alt


def test_alt_text_tells_the_trial_shown():
    overlay = SHAPES["ring"]
    result = tracked(overlay, fanout=1, seed=1)
    alts = {rumor_scene(overlay, result, trial).chart.alt for trial in range(3)}
    assert len(alts) == 3


@pytest.mark.parametrize(
    ("overlay", "settings", "trial", "said"),
    [
        (overlays.ring(10), {"track": False}, 0, "track=True"),
        (overlays.ring(11), {}, 0, "overlay has 11 nodes: it must have the spread's 10"),
        (overlays.ring(10), {}, 1, "trial is 1: it must be from 0 to 0"),
        (overlays.ring(10), {}, -1, "trial is -1"),
        (nx.relabel_nodes(overlays.ring(10), {0: "a"}), {}, 0, "must be numbered 0 to 9"),
    ],
)
def test_what_cannot_be_played_is_refused(overlay, settings, trial, said):
    result = spread(10, **{"track": True} | settings)
    with pytest.raises(ValueError, match=said):
        SpreadPlayer(overlay, result, trial)


def test_the_player_ends_at_its_largest_size():
    largest = overlays.ring(MOST_NODES)
    assert len(rumor_scene(largest, tracked(largest, max_rounds=3)).data["nodes"]) == MOST_NODES
    larger = overlays.ring(MOST_NODES + 1)
    with pytest.raises(ValueError, match="at most 400"):
        rumor_scene(larger, tracked(larger, max_rounds=3))


def test_the_stored_player_is_a_picture_with_its_numbers(page):
    overlay = SHAPES["ring"]
    player = SpreadPlayer(overlay, tracked(overlay, fanout=2))
    data, _ = player._repr_mimebundle_()
    html = page(data["text/html"])
    assert html.images[0]["alt"] == player.chart.alt
    assert "Informed after each round: 1, " in data["text/plain"]
