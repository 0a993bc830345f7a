"""Merkle trees: two replicas find where they differ by comparing hashes, and stream only that.

A tree covers one range of tokens, cut into ``2 ** depth`` leaves of equal width. A leaf's hash stands for all rows in it, an
inner node's for its two children, so equal roots mean equal data and one comparison settles it. Where nodes differ, their
children are compared; what is left is leaves.

The granularity is what it costs: a leaf that differs is streamed whole, from both sides, the rows that are equal too. With
``n`` rows and ``L`` leaves, one damaged row costs about ``1 + n / L`` rows a side (*overstreaming*); twice the leaves are
twice the hashes. `synchronise` measures both.

Two ways to compare, and the bytes of both sides' hashes:

==================  =====================================================  =======================================
``"whole"``         each replica sends all its leaves (Cassandra, to the   ``2 × L`` hashes, however much differs
                    node that coordinates the repair)
``"descent"``       level by level, only below nodes that differ (Dynamo)  2 hashes if nothing differs, and up to
                                                                           ``2 × (2 L − 1)`` and ``depth`` more
                                                                           round trips if all does
==================  =====================================================  =======================================

Building the tree reads every row: repair costs a full scan even where nothing differs, which no byte count here shows.
Cassandra bounds a tree's depth by memory (repair_session_space), and splits leaves where rows are dense; here every leaf
has the same depth.

References
----------
apache/cassandra src/java/org/apache/cassandra/utils/MerkleTree.java (ranges left-open; difference; HASH_SIZE);
DeCandia et al., Dynamo, SOSP 2007, section 4.7.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..sim.checks import one_of, whole

HASH_BYTES = 32
"""Of one node, as Cassandra's since 4.0 (MerkleTree.java, HASH_SIZE)."""
MAX_DEPTH = 20
"""2 ** 20 leaves, 32 MB of hashes; beyond it Cassandra warns of its memory (DatabaseDescriptor.java)."""


class Row(NamedTuple):
    """What one replica stores under one key, as the tree sees it."""

    token: int
    content: bytes
    """Equal exactly if the replicas need not talk about it: value, timestamp or clock, and whether it was deleted."""


@dataclass(frozen=True, order=True)
class TokenRange:
    """Tokens above ``after`` and up to ``up_to``, the latter included, as on the ring.

    A range that wraps around is two: on a ring of tokens 0 to R − 1, ``(after, R − 1]`` and ``(−1, up_to]``.
    """

    after: int
    up_to: int

    def __post_init__(self):
        if not self.after < self.up_to:
            raise ValueError(
                f"up_to is {self.up_to!r}: it must be above after, {self.after!r}; a range that wraps around is two"
            )

    def __contains__(self, token: int) -> bool:
        return self.after < token <= self.up_to

    @property
    def width(self) -> int:
        """How many tokens it has."""
        return self.up_to - self.after


class MerkleTree:
    """The hash tree of one replica over one range of tokens.

    Parameters
    ----------
    rows : mapping
        `Row` by key; rows outside of the range are left out.
    within : TokenRange
    depth : int
        Levels below the root, 0 to 20. Too few, and much is streamed that is equal; too many, and the hashes are more
        than the data.

    Raises
    ------
    ValueError
        For a depth that is not a whole number from 0 to 20, or that has more leaves than the range has tokens.

    Examples
    --------
    >>> ring = TokenRange(0, 100)
    >>> a = MerkleTree({"x": Row(10, b"1"), "y": Row(60, b"1")}, ring, depth=2)
    >>> b = MerkleTree({"x": Row(10, b"1"), "y": Row(60, b"2")}, ring, depth=2)
    >>> a.difference(b).ranges
    (TokenRange(after=50, up_to=75),)
    """

    def __init__(self, rows: Mapping[str, Row], within: TokenRange, depth: int):
        whole("depth", depth, 0, MAX_DEPTH)
        if 2**depth > within.width:
            raise ValueError(
                f"depth is {depth!r}: it must have no more leaves than the range's {within.width} tokens"
            )
        self.within, self.depth = within, depth
        leaves: dict[int, int] = {}
        for key, row in rows.items():
            if row.token in within:
                # order must not matter, so rows are combined by exclusive or, as in Cassandra
                leaf = self._leaf(row.token)
                leaves[leaf] = leaves.get(leaf, 0) ^ _row_hash(key, row)
        # level k maps the nodes that are not empty to their hashes; the root is level 0
        self._levels: list[dict[int, int]] = [leaves]
        for _ in range(depth):
            self._levels.append(_parents(self._levels[-1]))
        self._levels.reverse()

    @property
    def leaves(self) -> int:
        """How many leaves there are, the empty ones too."""
        return 2**self.depth

    @property
    def root(self) -> bytes:
        """Equal in two trees over the same range exactly if they have the same rows."""
        return self._levels[0].get(0, 0).to_bytes(HASH_BYTES, "big")

    @property
    def size_bytes(self) -> int:
        """Of all leaves' hashes, from which the receiver computes the others."""
        return self.leaves * HASH_BYTES

    def difference(self, other: "MerkleTree") -> "Difference":
        """Where two trees differ, and how many nodes were compared to find it, level by level from the root.

        Raises
        ------
        ValueError
            Unless they cover the same range to the same depth.
        """
        if (self.within, self.depth) != (other.within, other.depth):
            raise ValueError(
                f"other covers {other.within} to depth {other.depth}: it must be {self.within} and {self.depth}"
            )
        compared, differing = 0, [0]
        for level, (mine, theirs) in enumerate(zip(self._levels, other._levels, strict=True)):
            nodes = (
                differing
                if level == 0
                else [child for node in differing for child in (2 * node, 2 * node + 1)]
            )
            compared += len(nodes)
            differing = [node for node in nodes if mine.get(node) != theirs.get(node)]
        runs: list[list[int]] = []
        for leaf in differing:
            if runs and runs[-1][1] == leaf:
                runs[-1][1] = leaf + 1
            else:
                runs.append([leaf, leaf + 1])
        return Difference(tuple(self._range(*run) for run in runs), len(differing), compared)

    def _leaf(self, token: int) -> int:
        return (token - self.within.after - 1) * self.leaves // self.within.width

    def _range(self, first: int, end: int) -> TokenRange:
        # the least token of a leaf is the one whose `_leaf` is the first to reach it: rounded up
        after, width = self.within.after, self.within.width
        return TokenRange(after - (-first * width // self.leaves), after - (-end * width // self.leaves))


@dataclass(frozen=True)
class Difference:
    """Where two trees differ; true if they do."""

    ranges: tuple[TokenRange, ...]
    """As long as possible, in order, and without a leaf that is equal."""
    leaves: int
    """How many leaves that is."""
    compared: int
    """Nodes whose hashes were compared; on the way down from the root, only the children of those that differ."""

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, token: int) -> bool:
        at = bisect_left(self.ranges, token, key=lambda each: each.after)
        return at > 0 and token in self.ranges[at - 1]


@dataclass(frozen=True)
class Synchronisation:
    """What it takes to make two replicas equal, see `synchronise`. Bytes and rows are the sums of both directions."""

    ranges: tuple[TokenRange, ...]
    hash_bytes: int
    """Hashes that were sent to find the ranges."""
    streamed_rows: int
    """Rows in those ranges, each side's: what is sent."""
    streamed_bytes: int
    """Their contents."""
    needed_rows: int
    """Rows that the other side lacks or has otherwise: what would suffice."""


def synchronise(
    left: Mapping[str, Row],
    right: Mapping[str, Row],
    within: TokenRange,
    depth: int,
    exchange: str = "whole",
) -> Synchronisation:
    """Measure one synchronisation of two replicas over a range.

    Parameters
    ----------
    left, right : mapping
        Each replica's `Row` by key.
    exchange : {"whole", "descent"}
        How the trees are compared, as in the table above; the ranges are the same.

    Raises
    ------
    ValueError
        For another ``exchange``, or a depth that `MerkleTree` refuses.

    Examples
    --------
    >>> left = {f"k{i}": Row(i, b"old") for i in range(1, 1025)}
    >>> right = left | {"k7": Row(7, b"new")}
    >>> for depth in (0, 5, 10):  # of 1024 rows one differs: the finer the leaves, the less is streamed
    ...     found = synchronise(left, right, TokenRange(0, 1024), depth)
    ...     print(depth, found.hash_bytes, found.streamed_rows, found.needed_rows)
    0 64 2048 2
    5 2048 64 2
    10 65536 2 2
    """
    one_of("exchange", exchange, ("whole", "descent"))
    trees = [MerkleTree(rows, within, depth) for rows in (left, right)]
    found = trees[0].difference(trees[1])
    streamed = [row for rows in (left, right) for row in rows.values() if row.token in found]
    return Synchronisation(
        ranges=found.ranges,
        hash_bytes=2 * (trees[0].size_bytes if exchange == "whole" else found.compared * HASH_BYTES),
        streamed_rows=len(streamed),
        streamed_bytes=sum(len(row.content) for row in streamed),
        needed_rows=_lacking(left, right, within) + _lacking(right, left, within),
    )


def _lacking(rows: Mapping[str, Row], other: Mapping[str, Row], within: TokenRange) -> int:
    return sum(row.token in within and other.get(key) != row for key, row in rows.items())


def _row_hash(key: str, row: Row) -> int:
    return _hash((key.encode(), str(row.token).encode(), row.content))


def _parents(children: Mapping[int, int]) -> dict[int, int]:
    return {
        node: _hash(children.get(child, 0).to_bytes(HASH_BYTES, "big") for child in (2 * node, 2 * node + 1))
        for node in {child // 2 for child in children}
    }


def _hash(parts: Iterable[bytes]) -> int:
    """Of a sequence, not of its concatenation: where one part ends and the next begins counts."""
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return int.from_bytes(digest.digest(), "big")
