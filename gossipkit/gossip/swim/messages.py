"""What memberlist and serf say to each other, with the sizes that their MessagePack encoding has on the wire.

memberlist encodes maps with field names, so sizes are sums of names and values; addresses are IPv4. Ports, protocol
versions and the source of a ping are in the size and not in the fields, and an address is in the fields only where it
differs from the name. The 5 bytes of a packet's checksum, compression, and here encryption and labels are not modelled.

References
----------
hashicorp/memberlist, net.go and state.go (message structs), util.go (makeCompoundMessage); hashicorp/serf, messages.go.
"""

from collections.abc import Iterable

from ...sim import message

COMPOUND_HEADER_BYTES = 2
COMPOUND_PART_BYTES = 2
USER_MESSAGE_BYTES = 1
HIGHEST_INCARNATION = 2**32 - 1
"""memberlist's incarnations are of 32 bits; the next one is 0 again."""

Row = tuple[str, int, str, str, str]  # name, incarnation, state, metadata, address


def _number_bytes(value: int) -> int:
    return 1 if value < 128 else 3 if value < 65536 else 5


class Rows(tuple):
    """What a member believes of all, a `Row` each; it is counted once, and sent many times."""

    size_bytes: int

    def __new__(cls, rows: Iterable[Row]) -> "Rows":
        made = super().__new__(cls, rows)
        # memberlist's pushNodeState, and serf's entry in StatusLTimes
        made.size_bytes = sum(
            61 + _number_bytes(row[1]) + 2 * len(row[0]) + len(row[3].encode()) for row in made
        )
        return made


@message
class Ping:
    """Are you there? Answered by `Ack` with the same number, if ``node`` is the receiver's name."""

    seq_no: int
    node: str

    @property
    def size_bytes(self) -> int:
        number = self.seq_no  # written out: every probe asks for this, and for that of its ack
        return 56 + (1 if number < 128 else 3 if number < 65536 else 5) + 2 * len(self.node)


@message
class IndirectPing:
    """Ping ``node`` for me: its ack is passed on under my number, and a nack comes if there is none in time."""

    seq_no: int
    node: str
    address: str = ""

    @property
    def size_bytes(self) -> int:
        return 82 + _number_bytes(self.seq_no) + 2 * len(self.node)


@message
class Ack:
    """The answer to a ping, from its target or passed on by a helper."""

    seq_no: int

    @property
    def size_bytes(self) -> int:
        number = self.seq_no
        return 18 if number < 128 else 20 if number < 65536 else 22


@message
class Nack:
    """From a helper: I am well, but I have heard nothing from the one you asked about."""

    seq_no: int

    @property
    def size_bytes(self) -> int:
        return 8 + _number_bytes(self.seq_no)


@message
class StreamPing:
    """A ping over TCP, for targets that UDP does not reach."""

    seq_no: int
    node: str

    @property
    def size_bytes(self) -> int:
        return 56 + _number_bytes(self.seq_no) + 2 * len(self.node)


@message
class StreamAck:
    """The answer to a `StreamPing`, on its connection."""

    seq_no: int

    @property
    def size_bytes(self) -> int:
        return 17 + _number_bytes(self.seq_no)


@message
class Alive:
    """``node`` is alive in this incarnation, with this metadata, at this address (empty: it is the name); only the node
    itself begins one."""

    incarnation: int
    node: str
    metadata: str = ""
    address: str = ""

    @property
    def size_bytes(self) -> int:
        return 55 + _number_bytes(self.incarnation) + len(self.node) + len(self.metadata.encode())


@message
class Suspect:
    """``accuser`` could not reach ``node`` in this incarnation."""

    incarnation: int
    node: str
    accuser: str

    @property
    def size_bytes(self) -> int:
        number = self.incarnation  # written out: a packet carries dozens of these
        size = 26 + (1 if number < 128 else 3 if number < 65536 else 5)
        return size + len(self.node) + len(self.accuser)


@message
class Dead:
    """``accuser`` buried ``node`` in this incarnation; where they are the same, the node has left."""

    incarnation: int
    node: str
    accuser: str

    @property
    def size_bytes(self) -> int:
        number = self.incarnation  # written out: a packet carries dozens of these
        size = 26 + (1 if number < 128 else 3 if number < 65536 else 5)
        return size + len(self.node) + len(self.accuser)


Claim = Alive | Suspect | Dead


@message
class UserEvent:
    """serf's custom event, ordered loosely by the Lamport time of its origin."""

    ltime: int
    name: str
    payload: str = ""

    @property
    def size_bytes(self) -> int:
        text = len(self.name.encode()) + len(self.payload.encode())
        return USER_MESSAGE_BYTES + 26 + _number_bytes(self.ltime) + text


@message
class JoinIntent:
    """serf's messageJoin: ``node`` has joined, at this Lamport time; farewells of an earlier time are over."""

    ltime: int
    node: str

    @property
    def size_bytes(self) -> int:
        return USER_MESSAGE_BYTES + 13 + _number_bytes(self.ltime) + len(self.node)


@message
class LeaveIntent:
    """serf's messageLeave: ``node`` is about to leave, at this Lamport time. Its death is no failure then."""

    ltime: int
    node: str

    @property
    def size_bytes(self) -> int:
        return USER_MESSAGE_BYTES + 20 + _number_bytes(self.ltime) + len(self.node)


@message
class Compound:
    """Several messages in one packet, handled in order."""

    parts: tuple

    @property
    def size_bytes(self) -> int:
        size = COMPOUND_HEADER_BYTES
        for part in self.parts:
            size += COMPOUND_PART_BYTES + part.size_bytes
        return size


@message
class PushPull:
    """All that the sender knows about everybody, over TCP; the answer is a `PushPullReply`.

    ``states`` is memberlist's part. The rest is serf's (delegate.go, LocalState): its Lamport time, the time of each member's
    latest intent where that is not 0, the members that have left, and the time and the recent ones of user events.
    """

    states: Rows
    ltime: int
    status_ltimes: tuple[tuple[str, int], ...]
    left: tuple[str, ...]
    event_time: int
    events: tuple[UserEvent, ...]

    @property
    def size_bytes(self) -> int:
        return _state_bytes(self)


@message
class PushPullReply:
    """The other half of a push/pull: what the asked one knew before it heard the question."""

    states: Rows
    ltime: int
    status_ltimes: tuple[tuple[str, int], ...]
    left: tuple[str, ...]
    event_time: int
    events: tuple[UserEvent, ...]

    @property
    def size_bytes(self) -> int:
        return _state_bytes(self)


def _state_bytes(exchange: PushPull | PushPullReply) -> int:
    left = sum(1 + len(name) for name in exchange.left)
    return 40 + exchange.states.size_bytes + left + sum(event.size_bytes for event in exchange.events)
