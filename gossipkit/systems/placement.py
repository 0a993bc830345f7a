"""What every system on a ring needs: where a key lies, and a ring's ranges as Merkle trees take them."""

from collections.abc import Iterable
from functools import lru_cache

from ..authority.ring import RING, token_of
from ..repair.merkle import TokenRange

position = lru_cache(maxsize=65_536)(token_of)


def token_ranges(ranges: Iterable[tuple[int, int]]) -> tuple[TokenRange, ...]:
    """Ranges of a ring, (start, end], as `TokenRange`: one that wraps around is two.

    Examples
    --------
    >>> len(token_ranges([(10, 20), (20, 10)]))
    3
    """
    found = []
    for start, end in ranges:
        if start < end:
            found.append(TokenRange(start, end))
            continue
        if start < RING - 1:
            found.append(TokenRange(start, RING - 1))
        found.append(TokenRange(-1, end))
    return tuple(found)
