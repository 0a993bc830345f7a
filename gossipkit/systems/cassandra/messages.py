"""What nodes say to each other about data. Writes and reads are datagrams: an overloaded or distant node drops them."""

from collections.abc import Iterator, Mapping

from ...authority.ring import TOKEN_BYTES
from ...repair.merkle import HASH_BYTES, MerkleTree, TokenRange
from ...repair.tombstones import Cell
from ...sim import message
from ...sim.message import wire_size

MUTATION, READ, READ_REPAIR, HINT = "MUTATION", "READ", "READ_REPAIR", "HINT"


@message
class Update:
    """A cell under its key."""

    key: str
    cell: Cell


@message
class Mutation:
    """Keep this. ``verb`` says why, and ``sent_s`` when that was asked: what waited for too long is dropped unread.

    ``epoch`` is the one at which the coordinator chose its replicas; 0 where membership is gossiped, and has no order.
    """

    number: int
    update: Update
    verb: str
    sent_s: float
    epoch: int


@message
class MutationDone:
    """It is kept."""

    number: int


@message
class ReadCommand:
    """What have you under this key? Just the digest of it will do, if ``digest``."""

    number: int
    key: str
    digest: bool
    sent_s: float
    epoch: int


@message
class ReadAnswer:
    """The cell, None if there is none; or nothing but its digest."""

    number: int
    cell: Cell | None
    digest: bytes


class Trees(Mapping[str, bytes]):
    """Merkle trees, one for each range. As a mapping, which is what a trace shows, it holds their roots by range."""

    def __init__(self, trees: tuple[MerkleTree, ...]):
        self.trees = trees

    def __getitem__(self, name: str) -> bytes:
        return {_name(tree.within): tree.root for tree in self.trees}[name]

    def __iter__(self) -> Iterator[str]:
        return (_name(tree.within) for tree in self.trees)

    def __len__(self) -> int:
        return len(self.trees)


def _name(within: TokenRange) -> str:
    return f"{within.after:x}..{within.up_to:x}"


@message
class ValidationRequest:
    """Build trees over these ranges, each of its depth."""

    session: str
    ranges: tuple[TokenRange, ...]
    depths: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        return wire_size(self.session) + len(self.ranges) * (2 * TOKEN_BYTES + 1)


@message
class ValidationResponse:
    """These are my trees."""

    session: str
    trees: Trees

    @property
    def size_bytes(self) -> int:
        return wire_size(self.session) + sum(tree.leaves for tree in self.trees.trees) * HASH_BYTES


@message
class SyncRequest:
    """Exchange all that you have in these ranges with another replica."""

    session: str
    ranges: tuple[TokenRange, ...]
    partner: str

    @property
    def size_bytes(self) -> int:
        return wire_size((self.session, self.partner)) + len(self.ranges) * 2 * TOKEN_BYTES


@message
class Stream:
    """All that I have in these ranges; send me yours, if ``both``."""

    session: str
    ranges: tuple[TokenRange, ...]
    updates: tuple[Update, ...]
    both: bool

    @property
    def size_bytes(self) -> int:
        return wire_size((self.session, self.updates, self.both)) + len(self.ranges) * 2 * TOKEN_BYTES


@message
class StreamRequest:
    """A node that joins asks for all that is in these ranges."""

    session: str
    ranges: tuple[TokenRange, ...]

    @property
    def size_bytes(self) -> int:
        return wire_size(self.session) + len(self.ranges) * 2 * TOKEN_BYTES


@message
class SyncDone:
    """The partner and I are equal now, as far as the trees could tell; so many cells came from it."""

    session: str
    partner: str
    cells: int
