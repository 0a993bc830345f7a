"""What is in the cluster metadata log, and what nodes say to each other about it.

The names are Cassandra's: apache/cassandra, src/java/org/apache/cassandra/tcm/transformations/, tcm/log/Entry.java and
LogState.java, net/Verb.java.
"""

from typing import Any

from ..sim import message
from .ring import Place

# What can be done to the metadata.


@message
class Register:
    """A node makes itself known, with its place; it owns nothing yet."""

    node: str
    place: Place = Place()


@message
class Unregister:
    """A node that has left, or that never joined, is forgotten."""

    node: str


@message
class AlterSchema:
    """A table gets a definition: schema and placement have one order."""

    table: str
    definition: str


@message
class PrepareJoin:
    """A registered node is to have tokens: the ranges that change are locked."""

    node: str
    tokens: tuple[int, ...]


@message
class PrepareLeave:
    """A node is to give its ranges away: the ranges that change are locked."""

    node: str


@message
class StartJoin:
    """Write to the old and the new replicas."""

    node: str


@message
class MidJoin:
    """Read the new replicas; still write to both."""

    node: str


@message
class FinishJoin:
    """Write to the new replicas only; the lock is gone."""

    node: str


@message
class StartLeave:
    """Write to the old and the new replicas."""

    node: str


@message
class MidLeave:
    """Read the new replicas; still write to both."""

    node: str


@message
class FinishLeave:
    """Write to the new replicas only; the node has left, the lock is gone."""

    node: str


@message
class Cancel:
    """An operation is given up, and everything is as before it."""

    node: str


Transformation = (
    Register
    | Unregister
    | AlterSchema
    | PrepareJoin
    | StartJoin
    | MidJoin
    | FinishJoin
    | PrepareLeave
    | StartLeave
    | MidLeave
    | FinishLeave
    | Cancel
)

# What is said.


@message
class LogEntry:
    """An entry and the epoch that it makes."""

    epoch: int
    transformation: Any


@message
class Committed:
    """The transformation is in the log, and made this epoch."""

    epoch: int


@message
class Rejected:
    """The transformation did not apply to the metadata at the epoch that it met."""

    reason: str
    epoch: int


@message
class FetchLog:
    """A request for all entries after an epoch: TCM_FETCH_PEER_LOG_REQ."""

    since: int


@message
class LogState:
    """Entries in order: news of a commit, or what was asked for."""

    entries: tuple[LogEntry, ...]


@message
class AskEpoch:
    """A barrier's question: are you at this epoch? TCM_CURRENT_EPOCH_REQ."""

    epoch: int


@message
class AtEpoch:
    """The answer: the epoch that I have."""

    epoch: int
