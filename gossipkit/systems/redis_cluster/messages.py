"""What nodes say to each other: packets of the cluster bus, and the stream of writes from a master to its replicas.

All go over TCP. The size of a bus packet is the product's: `HEADER_BYTES`, and `ENTRY_BYTES` for each node in its gossip
section (src/cluster.h, clusterMsg). Slots are a bitmap of 2 048 bytes there, and ranges here.
"""

from ...authority.slots import Ranges
from ...gossip.cluster_bus import Entry
from ...sim import message

HEADER_BYTES = 2256
"""sizeof(clusterMsg) - sizeof(union clusterMsgData); the bitmap of slots is 2 048 of them."""
ENTRY_BYTES = 104
"""sizeof(clusterMsgDataGossip)."""
NAME_BYTES = 40
"""A node's id."""
UPDATE_BYTES = 2096
"""sizeof(clusterMsgDataUpdate): an epoch, an id and a bitmap."""


@message
class Header:
    """Stands before every packet of the bus (clusterBuildMessageHdr).

    A replica tells its master's slots and configEpoch, and in ``master`` that they are not its own.
    """

    current_epoch: int
    config_epoch: int
    slots: Ranges
    master: str | None
    offset: int
    """Of the replication stream."""
    ok: bool
    """The sender's cluster_state."""


@message
class Ping:
    """Are you there? This is what I am, and what I think of some others. ``meet``: and take me for a node of your cluster.

    ``link`` is the number of the sender's connection, which in the product needs no telling.
    """

    header: Header
    section: tuple[Entry, ...]
    link: int
    meet: bool

    @property
    def size_bytes(self) -> int:
        return HEADER_BYTES + ENTRY_BYTES * len(self.section)


@message
class Pong:
    """The answer, with the ``link`` on which the ping came; without one, news that nobody has asked for."""

    header: Header
    section: tuple[Entry, ...]
    link: int | None

    @property
    def size_bytes(self) -> int:
        return HEADER_BYTES + ENTRY_BYTES * len(self.section)


@message
class Fail:
    """A majority of masters takes ``about`` for failed."""

    header: Header
    about: str
    size_bytes = HEADER_BYTES + NAME_BYTES


@message
class Update:
    """You claim slots of which ``about`` is the owner, since a later epoch."""

    header: Header
    about: str
    config_epoch: int
    slots: Ranges
    size_bytes = HEADER_BYTES + UPDATE_BYTES


@message
class AuthRequest:
    """FAILOVER_AUTH_REQUEST: vote for me, in the header's current epoch."""

    header: Header
    size_bytes = HEADER_BYTES


@message
class AuthAck:
    """FAILOVER_AUTH_ACK: you have my vote."""

    header: Header
    size_bytes = HEADER_BYTES


@message
class Connect:
    """Opens a connection (SYN), which the receiver's kernel accepts; it carries nothing."""

    size_bytes = 0


BUS = {
    Ping: "ping",
    Pong: "pong",
    Fail: "fail",
    Update: "update",
    AuthRequest: "auth-req",
    AuthAck: "auth-ack",
}
"""The packets of the bus by the names under which ``CLUSTER INFO`` counts them (clusterGetMessageTypeString)."""


@message
class Write:
    """A key, its value, and the offset at which the stream stands behind it; a value of None keeps the stream going (PING)."""

    key: str
    value: str | None
    offset: int


@message
class Psync:
    """A replica asks for the stream of ``history`` behind ``offset``, or, if its master lacks that, for everything."""

    history: str
    offset: int


@message
class FullSync:
    """Everything: what the master had at ``offset``, with the offset of each write, and the stream's name."""

    history: str
    offset: int
    writes: tuple[Write, ...]


@message
class Stream:
    """The writes behind ``after``; ``history`` is the stream's name. ``ask``: confirm them at once (REPLCONF GETACK)."""

    history: str
    after: int
    writes: tuple[Write, ...]
    ask: bool


@message
class Confirm:
    """REPLCONF ACK: a replica has the stream of ``history`` up to ``offset``."""

    history: str
    offset: int


@message
class Refused:
    """No master for replication: this node is a replica, or not the stream's master any more."""
