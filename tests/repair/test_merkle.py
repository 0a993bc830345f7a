"""Merkle trees: that they find every difference, and what the finding costs."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.repair.merkle import HASH_BYTES, MerkleTree, Row, TokenRange, synchronise

AFTER, UP_TO = -70, 130
RING = TokenRange(AFTER, UP_TO)  # 200 tokens: leaves of unequal width from depth 4 on
depths = st.integers(0, 7)
tokens = st.integers(AFTER - 20, UP_TO + 20)
rows = st.builds(Row, tokens, st.sampled_from([b"1", b"2"]))
tables = st.dictionaries(st.sampled_from([f"k{i}" for i in range(12)]), rows)


@st.composite
def replicas(draw):
    """Two tables that mostly agree: the second is the first with some rows changed and some lost."""
    left = draw(tables)
    right = left | draw(st.dictionaries(st.sampled_from([f"k{i}" for i in range(12)]), rows, max_size=3))
    for key in draw(st.sets(st.sampled_from(sorted(right)), max_size=2)) if right else ():
        del right[key]
    return left, right


def differing_tokens(left, right):
    """Where a row is that the other side lacks, or has otherwise, inside the ring."""
    return {
        row.token
        for mine, other in ((left, right), (right, left))
        for key, row in mine.items()
        if other.get(key) != row and row.token in RING
    }


@given(replicas(), depths)
def test_every_differing_row_is_in_a_differing_range(pair, depth):
    left, right = pair
    found = MerkleTree(left, RING, depth).difference(MerkleTree(right, RING, depth))
    assert all(token in found for token in differing_tokens(left, right))


def leaf_of(tree, token):
    """The range of the leaf that a token falls in: what differs where one row does."""
    (found,) = tree.difference(MerkleTree({"k": Row(token, b"x")}, tree.within, tree.depth)).ranges
    return found


@given(replicas(), depths)
def test_the_differing_ranges_are_the_leaves_that_differ_and_nothing_else(pair, depth):
    left, right = pair
    tree = MerkleTree(left, RING, depth)
    found = tree.difference(MerkleTree(right, RING, depth))
    leaves = {leaf_of(MerkleTree({}, RING, depth), token) for token in differing_tokens(left, right)}
    assert found.leaves == len(leaves)
    assert sum(each.width for each in found.ranges) == sum(leaf.width for leaf in leaves)
    assert all(leaf.up_to in found for leaf in leaves)
    assert bool(found) == bool(leaves)


@given(replicas(), depths)
def test_ranges_are_in_order_and_as_long_as_possible(pair, depth):
    left, right = pair
    ranges = MerkleTree(left, RING, depth).difference(MerkleTree(right, RING, depth)).ranges
    assert all(one.up_to < two.after for one, two in pairwise(ranges))  # neighbours would have been joined


@given(tables, depths, st.randoms(use_true_random=False))
def test_equal_tables_have_equal_roots_in_whatever_order_they_were_filled(table, depth, random):
    shuffled = dict(random.sample(list(table.items()), len(table)))
    one, two = MerkleTree(table, RING, depth), MerkleTree(shuffled, RING, depth)
    assert one.root == two.root and not one.difference(two)


@given(replicas(), depths)
def test_roots_are_equal_exactly_if_the_rows_in_the_range_are(pair, depth):
    left, right = pair
    trees = MerkleTree(left, RING, depth), MerkleTree(right, RING, depth)
    assert (trees[0].root == trees[1].root) == (not differing_tokens(left, right))


@given(replicas(), depths, st.sampled_from(["whole", "descent"]))
def test_streaming_the_ranges_both_ways_makes_the_replicas_equal(pair, depth, exchange):
    # versions grow, so the greater content wins
    left, right = pair
    ranges = synchronise(left, right, RING, depth, exchange).ranges
    both = {}
    for key, row in [*left.items(), *right.items()]:
        both[key] = max(row, both.get(key, row))

    def received(mine, other):
        sent = {key: row for key, row in other.items() if any(row.token in each for each in ranges)}
        return {key: max(mine.get(key, row), sent.get(key, row)) for key, row in (sent | mine).items()}

    merged = [received(left, right), received(right, left)]
    for table in merged:
        for key, row in both.items():
            assert row.token not in RING or table[key] == row


@pytest.mark.parametrize("depth", range(8))
def test_the_leaves_cover_the_ring_once(depth):
    leaves = sorted({leaf_of(MerkleTree({}, RING, depth), token) for token in range(AFTER + 1, UP_TO + 1)})
    assert len(leaves) == 2**depth
    assert leaves[0].after == AFTER and leaves[-1].up_to == UP_TO
    assert all(one.up_to == two.after for one, two in pairwise(leaves))
    assert max(leaf.width for leaf in leaves) - min(leaf.width for leaf in leaves) <= 1


def test_ranges_are_open_on_the_left_as_on_the_ring():
    assert 10 not in TokenRange(10, 20) and 11 in TokenRange(10, 20) and 20 in TokenRange(10, 20)


def test_tokens_of_a_128_bit_ring_and_of_a_negative_one():
    for ring in (TokenRange(0, 2**128), TokenRange(-(2**63), 2**63 - 1)):
        middle = (ring.after + ring.up_to) // 2
        changed = MerkleTree({"k": Row(middle, b"1")}, ring, 15).difference(MerkleTree({}, ring, 15))
        assert middle in changed and changed.ranges[0].width <= ring.width // 2**15 + 1


# What it costs.


def test_the_hashes_of_one_comparison():
    table = {f"k{i}": Row(i, b"1") for i in range(1, 65)}
    ring = TokenRange(0, 64)
    one_row = table | {"k9": Row(9, b"2")}
    every_row = {key: Row(row.token, b"2") for key, row in table.items()}
    costs = {
        (name, exchange): synchronise(table, other, ring, 6, exchange).hash_bytes // (2 * HASH_BYTES)
        for name, other in (("equal", table), ("one", one_row), ("every", every_row))
        for exchange in ("whole", "descent")
    }
    assert costs == {
        ("equal", "whole"): 64,
        ("equal", "descent"): 1,
        ("one", "whole"): 64,
        ("one", "descent"): 1 + 2 * 6,
        ("every", "whole"): 64,
        ("every", "descent"): 2 * 64 - 1,
    }


def scattered(seed, rows, damaged):
    """Two replicas with the same keys at random tokens, of which the second lacks some."""
    random = Random(seed)
    left = {f"k{i}": Row(random.randrange(1, 2**64), b"8 bytes.") for i in range(rows)}
    return left, {key: row for key, row in left.items() if int(key[1:]) >= damaged}


@pytest.mark.parametrize("depth", [3, 6, 9])
def test_overstreaming_is_what_chance_puts_into_the_same_leaves(depth):
    rows, damaged, leaves = 8000, 20, 2**depth
    left, right = scattered(depth, rows, damaged)
    found = synchronise(left, right, TokenRange(0, 2**64), depth)
    hit = 1 - (1 - 1 / leaves) ** damaged  # the chance that a leaf has a damaged row
    # the damaged rows from one side, and from both the others of their leaves
    expected = damaged + 2 * (rows - damaged) * hit
    # the number of leaves hit varies by less than a binomial one, and rows in a leaf by a binomial
    deviation = 2 * rows / leaves * (leaves * hit * (1 - hit)) ** 0.5 + 2 * (rows * hit) ** 0.5
    assert abs(found.streamed_rows - expected) < 4 * deviation
    assert found.needed_rows == damaged
    assert found.streamed_bytes == 8 * found.streamed_rows


def test_finer_leaves_stream_less_and_hash_more():
    left, right = scattered(1, rows=4000, damaged=5)
    found = [synchronise(left, right, TokenRange(0, 2**64), depth) for depth in range(0, 16, 3)]
    assert all(one.streamed_rows > two.streamed_rows for one, two in pairwise(found))
    assert all(one.hash_bytes < two.hash_bytes for one, two in pairwise(found))
    assert found[0].streamed_rows == 4000 + 3995 and found[-1].streamed_rows < 2 * 5


def test_a_changed_row_is_needed_both_ways_a_lacking_one_once_and_one_outside_not_at_all():
    left = {
        "changed": Row(1, b"1"),
        "lacking": Row(2, b"1"),
        "outside": Row(UP_TO + 1, b"1"),
        "equal": Row(3, b"1"),
    }
    right = {"changed": Row(1, b"2"), "equal": Row(3, b"1")}
    for depth in (0, 7):  # all in one leaf, and each in its own
        assert synchronise(left, right, RING, depth).needed_rows == 3
    assert synchronise(left, right, RING, 0).streamed_rows == 5
    assert synchronise(left, right, TokenRange(2, UP_TO), 0).needed_rows == 0


def test_equal_replicas_stream_nothing():
    left, _ = scattered(1, rows=100, damaged=0)
    found = synchronise(left, left, TokenRange(0, 2**64), 5)
    assert (found.ranges, found.streamed_rows, found.needed_rows) == ((), 0, 0)


# What is refused.


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="wraps around"):
        TokenRange(20, 10)
    with pytest.raises(ValueError, match=r"depth is 21"):
        MerkleTree({}, TokenRange(0, 2**64), 21)
    with pytest.raises(ValueError, match=r"depth is 2\.5"):
        MerkleTree({}, RING, 2.5)
    with pytest.raises(ValueError, match=r"depth is 3\.0"):
        MerkleTree({}, RING, 3.0)
    with pytest.raises(ValueError, match=r"depth is 8.*200 tokens"):
        MerkleTree({}, RING, 8)
    with pytest.raises(ValueError, match="other covers"):
        MerkleTree({}, RING, 3).difference(MerkleTree({}, RING, 4))
    with pytest.raises(ValueError, match="other covers"):
        MerkleTree({}, RING, 3).difference(MerkleTree({}, TokenRange(0, 200), 3))
    with pytest.raises(ValueError, match="exchange is 'half'"):
        synchronise({}, {}, RING, 3, "half")


def test_a_hash_says_where_a_key_ends_and_its_token_begins():
    ring = TokenRange(0, 100)
    one, other = {"a": Row(11, b"x")}, {"a1": Row(1, b"x")}
    assert MerkleTree(one, ring, 0).root != MerkleTree(other, ring, 0).root
