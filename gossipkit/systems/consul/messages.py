"""What Consul's nodes say to each other beside Raft and memberlist: commands of the catalog, and gossip in its envelope.

Commands and questions are values; each carries the token of whoever asks.

=====================  ==================================  ==========================================================
command                needs                               who sends it
=====================  ==================================  ==========================================================
`Sync`                 node:write and service:write        an agent, about itself
`SetHealth`            node:write                          an operator by hand
`Deregister`           node:write                          an operator by hand
`PutKey`               key:write                           anybody
`CreateSession`        session:write                       anybody, for a node
`Acquire`              key:write                           whoever has a session
`ByLeader`             nothing                             the leader itself, from gossip; no client's request is one
=====================  ==================================  ==========================================================

References
----------
hashicorp/consul agent/structs, agent/consul/fsm, agent/consul/state/session.go, agent/consul/state/kvs.go; hashicorp/memberlist label.go.
"""

from typing import Any

from ...repair import Changes
from ...sim import Word, message

LOCK_DELAY_S = 15.0
"""Seconds; the default of a new session (agent/session_endpoint.go, SessionCreate)."""


class Health(Word):
    """What a check says; Consul's third word, warning, has no part here."""

    PASSING = "passing"
    CRITICAL = "critical"


PASSING, CRITICAL = Health


@message
class Denied:
    """The answer to a request whose token does not suffice; Consul says "Permission denied"."""

    access: str
    resource: str
    name: str


@message
class Sync:
    """Changes of a node's own entries, from `gossipkit.repair.difference`."""

    node: str
    changes: Changes


@message
class SetHealth:
    """What gossip says of a node, made a fact: its check serfHealth."""

    node: str
    status: str


@message
class Deregister:
    """Take a node out of the catalog, with its services and checks."""

    node: str


@message
class PutKey:
    """Set a key; with ``if_index``, only if it was last changed there (0: if there is none), Consul's check-and-set."""

    key: str
    value: str
    if_index: int | None = None


@message
class CreateSession:
    """Begin a session of a node, under a name of the client's (the product draws one). With ``health`` it ends when the node's
    ``serfHealth`` becomes critical, as by default; without, a crash of its holder leaves a lock held. It always ends with the
    node's entry in the catalog. Keys that it held then are given to nobody for ``lock_delay_s``.
    """

    node: str
    session: str
    health: bool = True
    lock_delay_s: float = LOCK_DELAY_S


@message
class Acquire:
    """Set a key and hold it for a session, if nobody holds it: Consul's lock."""

    key: str
    value: str
    session: str


Command = Sync | SetHealth | Deregister | PutKey | CreateSession | Acquire


@message
class Request:
    """A command or a question, and the secret of the token that it comes with."""

    what: Any
    token: str | None = None


@message
class ByLeader:
    """A command that the leader itself puts into its log; tokens are for those who ask, and nobody asked."""

    what: Any


@message
class Packet:
    """A message of a gossip pool. In Consul pools have ports of their own, so that the label costs nothing on the wire."""

    pool: str
    content: Any

    @property
    def size_bytes(self) -> int:
        return self.content.size_bytes
