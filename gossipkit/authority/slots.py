"""Redis Cluster's hash slots: which one a key is in, and who owns it: of two claims that of the higher configEpoch.

Nobody hands slots out. A master says in each of its messages which ones it owns and since which epoch, and every node keeps
the table that follows from what it has heard. `SlotTable` is one node's.

References
----------
redis 7.0 src/cluster.c: keyHashSlot, clusterUpdateSlotsConfigWith, clusterAddSlot, clusterDelNodeSlots.
"""

from binascii import crc_hqx
from collections.abc import Iterable, Mapping
from functools import lru_cache

SLOTS = 16_384
"""Of a cluster (src/cluster.h, CLUSTER_SLOTS)."""

Ranges = tuple[tuple[int, int], ...]
"""Slots as ranges (first, last), both included, in order."""


def key_slot(key: str) -> int:
    """The slot of a key: CRC16 of it, or of what stands between its first braces, modulo 16 384 (keyHashSlot).

    Examples
    --------
    >>> key_slot("123456789"), key_slot("{user1000}.following") == key_slot("{user1000}.followers")
    (12739, True)
    """
    data = key.encode()
    start = data.find(b"{")
    if start >= 0:
        end = data.find(b"}", start + 1)
        if end > start + 1:  # nothing between the braces: the whole key counts
            data = data[start + 1 : end]
    return crc_hqx(data, 0) % SLOTS


def even_shares(masters: int) -> tuple[Ranges, ...]:
    """The slots of each master of a new cluster, as ``redis-cli --cluster create`` deals them out.

    Examples
    --------
    >>> even_shares(3)
    (((0, 5460),), ((5461, 10922),), ((10923, 16383),))
    """
    each, shares, first = SLOTS / masters, [], 0
    for number in range(1, masters + 1):
        # C's lround: halves go away from zero, where Python's round goes to the even one
        last = SLOTS - 1 if number == masters else int(number * each - 1 + 0.5)
        shares.append(((first, last),))
        first = last + 1
    return tuple(shares)


@lru_cache(maxsize=4096)
def bits_of(ranges: Ranges) -> int:
    """Ranges as one number, whose bit of worth 2 ** slot is set."""
    bits = 0
    for first, last in ranges:
        bits |= ((1 << (last - first + 1)) - 1) << first
    return bits


@lru_cache(maxsize=4096)
def ranges_of(bits: int) -> Ranges:
    """The reverse of `bits_of`."""
    ranges, at = [], 0
    while bits >> at:
        at += ((bits >> at) & -(bits >> at)).bit_length() - 1
        length = (~(bits >> at) & ((bits >> at) + 1)).bit_length() - 1
        ranges.append((at, at + length - 1))
        at += length
    return tuple(ranges)


class SlotTable:
    """Who owns which slots, as one node knows it.

    Parameters
    ----------
    owned : mapping of str to Ranges
        By node, what it owns in the beginning.

    Examples
    --------
    >>> table = SlotTable({"a": ((0, 99),)})
    >>> table.claim("b", ((50, 120),), 2, {"a": 1})
    {'a': ((50, 99),), None: ((100, 120),)}
    >>> table.owned, table.owner(60), table.owner(200)
    ({'a': ((0, 49),), 'b': ((50, 120),)}, 'b', None)
    >>> table.newer_owner("a", ((0, 99),), 1, {"b": 2})
    'b'
    """

    def __init__(self, owned: Mapping[str, Ranges]):
        self._bits = {name: bits_of(ranges) for name, ranges in owned.items() if ranges}

    @property
    def owned(self) -> dict[str, Ranges]:
        """By node that owns any, its slots."""
        return {name: ranges_of(bits) for name, bits in self._bits.items()}

    def __contains__(self, name: str) -> bool:
        """Whether a node owns any slot."""
        return name in self._bits

    def __len__(self) -> int:
        """How many nodes own slots: the cluster's size, of which a majority votes (clusterUpdateState)."""
        return len(self._bits)

    def ranges(self, name: str) -> Ranges:
        """A node's slots."""
        bits = self._bits.get(name)
        return ranges_of(bits) if bits else ()

    def owner(self, slot: int) -> str | None:
        """Who owns a slot; None where nobody does."""
        return next((name for name, bits in self._bits.items() if bits >> slot & 1), None)

    def covers(self, failed: Iterable[str] = ()) -> bool:
        """Whether each slot has an owner that is none of ``failed``."""
        covered = 0
        for name, bits in self._bits.items():
            if name not in failed:
                covered |= bits
        return covered.bit_count() == SLOTS

    def count(self, names: Iterable[str]) -> int:
        """How many slots these nodes own."""
        return sum(self._bits.get(name, 0).bit_count() for name in names)

    def claim(
        self, name: str, ranges: Ranges, epoch: int, epochs: Mapping[str, int]
    ) -> dict[str | None, Ranges]:
        """A node says that it owns these slots since this epoch (clusterUpdateSlotsConfigWith).

        It gets those that nobody owns, and those of owners with a lower configEpoch. An equal epoch changes nothing: that is
        for the two masters to settle, see `gossipkit.authority.epochs.must_move_on`.

        Returns
        -------
        dict of str or None to Ranges
            What changed hands, by the owner until now.
        """
        claimed = bits_of(ranges)
        lost, free = {}, claimed
        for owner, bits in self._bits.items():
            free &= ~bits
            both = bits & claimed
            if both and owner != name and epochs[owner] < epoch:
                lost[owner] = both
        if free:
            lost[None] = free
        for owner, bits in lost.items():
            if owner is not None:
                self._set(owner, self._bits[owner] & ~bits)
            self._set(name, self._bits.get(name, 0) | bits)
        return {owner: ranges_of(bits) for owner, bits in lost.items()}

    def newer_owner(self, claimant: str, ranges: Ranges, epoch: int, epochs: Mapping[str, int]) -> str | None:
        """Who owns the first of these slots that is somebody else's by a higher epoch; None if a claim is not outdated.

        That is the node of which an UPDATE must tell the claimant (clusterProcessPacket), and for whose sake a vote is
        refused (clusterSendFailoverAuthIfNeeded).
        """
        claimed = bits_of(ranges)
        newer = {
            owner: bits & claimed
            for owner, bits in self._bits.items()
            if owner != claimant and bits & claimed and epochs[owner] > epoch
        }
        return min(newer, key=lambda owner: newer[owner] & -newer[owner], default=None)

    def hand_over(self, name: str, to: str) -> None:
        """All that one node owns is another one's now (clusterFailoverReplaceYourMaster)."""
        self._set(to, self._bits.get(to, 0) | self._bits.get(name, 0))
        self._set(name, 0)

    def release(self, name: str) -> None:
        """A node owns nothing any more (clusterDelNodeSlots)."""
        self._set(name, 0)

    def _set(self, name: str, bits: int) -> None:
        if bits:
            self._bits[name] = bits
        else:
            self._bits.pop(name, None)
