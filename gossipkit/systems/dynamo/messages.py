"""What nodes say to each other about data. All are datagrams: what is lost shows as silence.

A damaged copy or context arrives as something else than was sent; the receiver drops such a message (`intact`), as a
checksum would make it.
"""

from dataclasses import fields
from functools import cache
from typing import Any

from ...authority.versions import VectorClock
from ...repair.merkle import HASH_BYTES, MerkleTree, TokenRange
from ...sim import message
from ...sim.message import Message, wire_size
from ..operation import Status
from .objects import Carried, clock_bytes
from .operation import Kind

RANGE_BYTES = 32


@message
class Update:
    """A key and a copy."""

    key: str
    carried: Carried

    @property
    def size_bytes(self) -> int:
        return wire_size(self.key) + self.carried.copy.size_bytes


@message
class Replicate:
    """Keep this; and if ``hint_for`` names a node, hand it over to that one when it is back."""

    number: int
    update: Update
    hint_for: str | None


@message
class Kept:
    """I have kept it."""

    number: int


@message
class Fetch:
    """What have you under this key?"""

    number: int
    key: str


@message
class Fetched:
    """This."""

    number: int
    update: Update


class Seen(dict):
    """A context on the wire, as counters; ``clock`` is the whole."""

    def __init__(self, clock: VectorClock):
        super().__init__(clock.counters)
        self.clock = clock


@message
class Forward:
    """A client's request, from the node that it reached to one that keeps the key.

    ``operation`` is which of the cluster's operations it is; for the trace alone, and so not in the size.
    """

    number: int
    operation: int
    kind: Kind
    key: str
    value: Any
    seen: Seen

    @property
    def size_bytes(self) -> int:
        return wire_size((self.number, self.kind, self.key, self.value)) + clock_bytes(self.seen.clock)


@message
class ForwardDated(Forward):
    """A put whose client says when it was written, by its own clock."""

    timestamp: float

    @property
    def size_bytes(self) -> int:
        return Forward.size_bytes.fget(self) + wire_size(self.timestamp)


@message
class Outcome:
    """What became of it."""

    number: int
    status: Status
    acks: tuple[str, ...]
    update: Update


class Trees(dict):
    """Merkle trees by range, as a mapping from the range's name to the root; ``trees`` are the whole."""

    def __init__(self, trees: tuple[MerkleTree, ...]):
        super().__init__({f"{tree.within.after:x}..{tree.within.up_to:x}": tree.root for tree in trees})
        self.trees = trees


@message
class Roots:
    """The roots of my trees over the ranges that we share. The levels below are at hand, and counted in `Exchange`."""

    number: int
    trees: Trees

    @property
    def size_bytes(self) -> int:
        return wire_size(self.number) + len(self.trees) * (RANGE_BYTES + HASH_BYTES)


@message
class Exchange:
    """All that I have where we differ; send me yours, if ``both``. ``compared`` hashes were sent to find it."""

    number: int
    ranges: tuple[TokenRange, ...]
    updates: tuple[Update, ...]
    compared: int
    both: bool

    @property
    def size_bytes(self) -> int:
        return wire_size((self.number, self.updates, self.both)) + (
            len(self.ranges) * RANGE_BYTES + self.compared * HASH_BYTES
        )


KINDS = {"update": Update, "carried": Carried, "seen": Seen, "trees": Trees}


@cache
def _parts(kind: type[Message]) -> tuple[str, ...]:
    """The fields of a message that can arrive as something else, or hold something that can."""
    return tuple(field.name for field in fields(kind) if field.name in {*KINDS, "updates"})


def intact(received: Message) -> bool:
    """Whether everything in a message is still of the kind that was sent."""
    for name in _parts(type(received)):
        part = getattr(received, name)
        if name in KINDS and not isinstance(part, KINDS[name]):
            return False
        for each in part if name == "updates" else (part,):
            if isinstance(each, Update) and not intact(each):
                return False
    return True
