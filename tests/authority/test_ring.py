"""The ring: who keeps what, how evenly, and what moves when somebody joins or leaves."""

from collections import Counter
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.layouts import equal_ring, moves, random_ring, random_tokens
from gossipkit.authority.ring import NODE_BYTES, RING, TOKEN_BYTES, Place, Ring, token_of

NODES = tuple(f"node-{number:02}" for number in range(12))
positions = st.integers(0, RING - 1)
SMALL = Ring({100: "a", 200: "b", 300: "c", 400: "a"})


def standing(nodes, datacentres, racks):
    """Nodes dealt out evenly, to data centres first and then to their racks."""
    return {
        node: Place(f"dc{number % datacentres}", f"r{number // datacentres % racks}")
        for number, node in enumerate(nodes)
    }


@st.composite
def rings(draw):
    """Rings of all three strategies, with up to eight nodes in up to two data centres of up to three racks."""
    nodes = NODES[: draw(st.integers(2, 8))]
    places = standing(nodes, draw(st.integers(1, 2)), draw(st.integers(1, 3)))
    seed = draw(st.integers(0, 99))
    strategy = draw(st.sampled_from((1, 2, 3)))
    if strategy == 3:
        return equal_ring(nodes, draw(st.integers(9, 40)), seed, places)
    partitions = draw(st.integers(1, 60)) if strategy == 2 else None
    return random_ring(nodes, draw(st.integers(1, 6)), seed, places, partitions)


# Who keeps what.


def test_keys_are_placed_by_md5():
    assert token_of("abc") == 0x900150983CD24FB0D6963F7D28E17F72  # RFC 1321, A.5


@pytest.mark.parametrize(
    ("token", "owners"),
    [
        (0, "ab"),
        (100, "ab"),
        (101, "bc"),
        (200, "bc"),
        (201, "ca"),
        (301, "ab"),
        (400, "ab"),
        (RING - 1, "ab"),
    ],
)
def test_a_token_owns_the_range_that_ends_in_it_and_the_walk_skips_nodes_it_has_met(token, owners):
    assert SMALL.replicas(token, 2) == tuple(owners)


def test_a_preference_list_begins_with_the_replicas_and_names_everybody_once():
    assert SMALL.preference_list(250, 1) == ("c", "a", "b")


def test_where_nodes_are_too_few_there_are_as_many_replicas_as_nodes():
    assert SMALL.replicas(250, 5) == ("c", "a", "b")


def test_with_partitions_the_walk_begins_at_the_end_of_the_keys_partition():
    quarter = RING // 4
    ring = Ring({quarter // 2: "a", quarter + 5: "b", 3 * quarter: "c"}, partitions=4)
    assert ring.replicas(0, 1) == ring.replicas(quarter - 1, 1) == ("b",)
    assert ring.replicas(quarter, 1) == ring.replicas(2 * quarter, 1) == ("c",)
    assert ring.replicas(3 * quarter, 1) == ring.replicas(RING - 1, 1) == ("a",)


def test_a_rack_takes_a_second_replica_only_after_every_rack_has_one():
    places = {"a": Place(rack="1"), "b": Place(rack="1"), "c": Place(rack="2"), "d": Place(rack="3")}
    ring = Ring({10: "a", 20: "b", 30: "c", 40: "d"}, places)
    assert ring.replicas(5, {"dc1": 3}) == ("a", "c", "d")
    assert ring.replicas(5, 3) == ("a", "b", "c")
    assert ring.preference_list(5, {"dc1": 3}) == ("a", "c", "d", "b")
    assert ring.preference_list(5, 3) == ("a", "b", "c", "d")


def test_with_fewer_racks_than_replicas_the_difference_goes_to_the_first_nodes_met():
    places = {"a": Place(rack="1"), "b": Place(rack="1"), "c": Place(rack="1"), "d": Place(rack="2")}
    ring = Ring({10: "a", 20: "b", 30: "c", 40: "d"}, places)
    assert ring.replicas(5, {"dc1": 3}) == ("a", "b", "d")


@given(rings(), positions, st.integers(1, 9))
def test_replicas_are_distinct_nodes_and_the_preference_list_goes_on_with_all_others(
    ring, token, replication
):
    homes, preferred = ring.replicas(token, replication), ring.preference_list(token, replication)
    assert len(set(homes)) == len(homes) == min(replication, len(ring.nodes))
    assert preferred[: len(homes)] == homes
    assert sorted(preferred) == list(ring.nodes)


@given(rings(), positions, st.integers(1, 4))
def test_every_data_centre_gets_its_replicas_on_as_many_racks_as_can_be(ring, token, count):
    datacentres = {place.datacentre for place in ring.places.values()}
    homes = ring.replicas(token, dict.fromkeys(datacentres, count))
    assert len(set(homes)) == len(homes)
    for datacentre in datacentres:
        there = [node for node in ring.nodes if ring.places[node].datacentre == datacentre]
        kept = [node for node in homes if node in there]
        racks = {ring.places[node].rack for node in there}
        assert len(kept) == min(count, len(there))
        assert len({ring.places[node].rack for node in kept}) == min(count, len(racks))


@given(rings(), positions, st.integers(1, 4))
def test_within_a_range_replicas_do_not_change(ring, token, replication):
    start, end = next(
        (start, end)
        for start, end in ring.ranges()
        if start < token <= end or (start >= end and not end < token <= start)
    )
    homes = ring.replicas(token, replication)
    assert ring.replicas((start + 1) % RING, replication) == homes == ring.replicas(end, replication)


# Balance and what it costs.


@given(rings(), st.integers(1, 4))
def test_the_nodes_together_own_the_ring_as_often_as_there_are_replicas(ring, replication):
    owned = ring.ownership(replication)
    assert sum(owned.values()) == pytest.approx(min(replication, len(ring.nodes)))
    assert 0 < ring.efficiency(replication) <= 1 + 1e-12


def test_ownership_is_the_share_of_keys_that_a_node_keeps():
    ring = random_ring(NODES, 4, seed=3)
    keys = 20_000
    kept = Counter(node for key in range(keys) for node in ring.replicas(token_of(f"key {key}"), 3))
    for node, share in ring.ownership(3).items():
        assert kept[node] / keys == pytest.approx(share, abs=4 * (share * (1 - share) / keys) ** 0.5)


def test_more_tokens_per_node_balance_the_load():
    efficiencies = [
        mean(random_ring(NODES, tokens, seed).efficiency(3) for seed in range(10))
        for tokens in (1, 8, 64, 256)
    ]
    assert efficiencies == sorted(efficiencies)
    assert efficiencies[0] < 0.6 and efficiencies[-1] > 0.9


def test_equal_partitions_that_all_nodes_have_equally_many_of_are_perfectly_balanced():
    ring = equal_ring(NODES, 240, seed=1)
    assert set(ring.ownership(1).values()) == {1 / 12}
    assert set(Counter(ring.tokens.values()).values()) == {20}


def test_at_equal_metadata_strategy_3_balances_best_and_strategy_2_worst():
    # the setting of the paper's figure 8, S = 30 and N = 3, with ten partitions to a token in strategy 2
    nodes, seeds = [f"node-{number}" for number in range(30)], range(8)
    for tokens in (8, 32):
        budget = 30 * tokens * (TOKEN_BYTES + NODE_BYTES)
        fewer = budget // (30 * (TOKEN_BYTES + 11 * NODE_BYTES))
        rings = {
            1: [random_ring(nodes, tokens, seed) for seed in seeds],
            2: [random_ring(nodes, fewer, seed, partitions=300 * fewer) for seed in seeds],
            3: [equal_ring(nodes, budget // NODE_BYTES, seed) for seed in seeds],
        }
        assert all(
            0.75 * budget <= ring.metadata_bytes <= budget for group in rings.values() for ring in group
        )
        means = {strategy: mean(ring.efficiency(3) for ring in group) for strategy, group in rings.items()}
        assert means[3] > means[1] + 0.05 > means[2] + 0.1


def test_metadata_is_tokens_for_random_rings_and_node_numbers_for_partitions():
    assert random_ring(NODES, 8, seed=1).metadata_bytes == 12 * 8 * 18
    assert random_ring(NODES, 8, seed=1, partitions=960).metadata_bytes == 12 * 8 * 18 + 960 * 2
    assert equal_ring(NODES, 960, seed=1).metadata_bytes == 960 * 2


# Joining and leaving.


def check_moves(before, after, replication):
    """What is sent is what each node's new share adds, from nodes that have it."""
    sent = moves(before, after, replication)
    for move in sent:
        assert move.sources == before.replicas(move.end, replication)
        assert move.node in after.replicas(move.end, replication)
        assert move.node not in move.sources
    return sent


@given(rings().filter(lambda ring: not ring.equal), st.integers(1, 4), st.integers(1, 6))
def test_with_random_tokens_only_the_new_node_is_sent_anything_and_exactly_its_share(
    ring, replication, count
):
    after = ring.join("new", random_tokens("new", count, 7))
    sent = check_moves(ring, after, replication)
    if replication <= len(ring.nodes):
        assert {move.node for move in sent} <= {"new"}
    assert sum(move.share for move in sent if move.node == "new") == pytest.approx(
        after.ownership(replication)["new"]
    )


@given(rings().filter(lambda ring: not ring.equal), st.integers(1, 4))
def test_leaving_undoes_joining(ring, replication):
    after = ring.join("new", random_tokens("new", 3, 7)).leave("new")
    assert after.tokens == ring.tokens
    assert moves(ring, after, replication) == []


@pytest.mark.parametrize("tokens", [16, 64])
def test_a_node_that_joins_moves_about_its_share_and_no_more(tokens):
    before = random_ring(NODES, tokens, seed=5)
    shares = []
    for seed in range(20):
        after = before.join("new", random_tokens("new", tokens, seed))
        shares.append(sum(move.share for move in moves(before, after, 3)))
    # one of 13 nodes; a share is a sum of about 3 × tokens ranges, whose lengths vary as much as their mean
    assert mean(shares) == pytest.approx(3 / 13, rel=4 * (3 / tokens / 20) ** 0.5)


def test_a_join_changes_nothing_of_the_ring_it_was_made_from():
    before = dict(SMALL.tokens)
    after = SMALL.join("d", [150], Place("dc2"))
    assert SMALL.tokens == before and SMALL.nodes == ("a", "b", "c")
    assert after.places["d"] == Place("dc2") and after.tokens == {**before, 150: "d"}


def test_other_nodes_tokens_do_not_depend_on_who_else_is_there():
    before, after = random_ring(NODES[:-1], 8, seed=2), random_ring(NODES, 8, seed=2)
    assert after.leave(NODES[-1]).tokens == before.tokens


@given(st.integers(2, 8), st.integers(0, 40), st.integers(0, 99))
def test_a_node_that_steals_gets_its_share_and_moves_no_border(count, more, seed):
    before = equal_ring(NODES[:count], 9 + more, seed)
    after = before.steal("new", seed)
    held = Counter(after.tokens.values())
    assert list(after.tokens) == list(before.tokens)
    assert held["new"] == (9 + more) // (count + 1)
    assert max(held.values()) - min(held.values()) <= 1
    assert all(after.tokens[token] in ("new", node) for token, node in before.tokens.items())
    sent = check_moves(before, after, 1)
    assert {move.node for move in sent} == {"new"} and len(sent) == held["new"]


@given(st.integers(2, 8), st.integers(0, 40), st.integers(0, 99))
def test_a_node_that_hands_out_leaves_the_others_even(count, more, seed):
    before = equal_ring(NODES[:count], 9 + more, seed)
    after = before.hand_out(NODES[0], seed)
    held = Counter(after.tokens.values())
    assert NODES[0] not in held and list(after.tokens) == list(before.tokens)
    assert max(held.values()) - min(held.values()) <= 1
    assert len(check_moves(before, after, 1)) == list(before.tokens.values()).count(NODES[0])


def test_a_seed_is_an_experiment():
    assert random_ring(NODES, 4, seed=1).tokens == random_ring(NODES, 4, seed=1).tokens
    assert random_ring(NODES, 4, seed=1).tokens != random_ring(NODES, 4, seed=2).tokens
    ring = equal_ring(NODES, 48, seed=1)
    assert ring.steal("new", 1).tokens == ring.steal("new", 1).tokens != ring.steal("new", 2).tokens


def test_two_rings_that_each_learned_of_one_new_node_disagree_about_a_key():
    one, other = SMALL.join("d", [150]), SMALL.join("e", [140])
    assert one.replicas(120, 1) != other.replicas(120, 1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Ring({}), "tokens is empty"),
        (lambda: Ring({RING: "a"}), f"token is {RING}"),
        (lambda: Ring({1: ""}), "node is ''"),
        (lambda: Ring({1: "a"}, {"b": Place()}), "places names 'b'"),
        (lambda: Ring({1: "a"}, partitions=0), "partitions is 0"),
        (lambda: SMALL.replicas(-1, 3), "token is -1"),
        (lambda: SMALL.replicas(1, 0), "replication is 0"),
        (lambda: SMALL.replicas(1, {}), "replication is empty"),
        (
            lambda: SMALL.replicas(1, {"dc2": 3}),
            "replication names 'dc2': it must name data centres with nodes: dc1",
        ),
        (lambda: SMALL.ownership({"dc1": 0}), "replication in dc1 is 0"),
        (lambda: SMALL.join("d", []), "tokens is empty"),
        (lambda: SMALL.join("d", [100]), "token is 100: 'a' has it already"),
        (lambda: SMALL.leave("d"), "node is 'd': it must be one of at least two nodes of a, b, c"),
        (lambda: Ring({1: "a"}).leave("a"), "node is 'a'"),
        (lambda: SMALL.steal("a", 1), "node is 'a': it has tokens already"),
        (lambda: Ring({1: "a"}).steal("b", 1), "1 tokens are too few"),
        (lambda: SMALL.hand_out("d", 1), "node is 'd'"),
        (lambda: random_ring(NODES, 0, 1), "tokens_per_node is 0"),
        (lambda: random_ring([], 1, 1), "tokens is empty"),
        (lambda: equal_ring(NODES, 11, 1), "partitions is 11: it must be a whole number, at least 12"),
        (lambda: equal_ring([], 11, 1), "nodes is empty"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
