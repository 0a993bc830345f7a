"""Who owns what, as one node knows: a ring made of the tokens that it has heard of in gossip, or the one of its log.

By gossip: two nodes that have heard of different tokens ask different replicas for one key, and neither can know it.
Cassandra waits (``ring_delay_s``) until a newcomer's tokens have probably reached everybody; nothing proves that they have.
By the log: an epoch is one ring, and a node that is behind sees it by the epoch in a message.

``readers`` of a token are asked. ``writers`` also hold the nodes that are still being sent what is there, because they join
(pending, STATUS BOOT) or because somebody leaves (STATUS LEAVING), so that what is written meanwhile is not lost to them.

References
----------
apache/cassandra before 6.0, service/StorageService.java (handleStateNormal, handleStateBootstrap), locator/
TokenMetadata.java (getPendingRanges), db/SystemKeyspace.java (system.peers).
"""

from collections.abc import Mapping
from functools import lru_cache

from ...authority.log import LogNode
from ...authority.log_rules import NodeState
from ...authority.ring import Place, Ring
from ...gossip.scuttlebutt import DEPARTED, EndpointState, Status
from .settings import Peer

UNSAID_PLACE = Place("dc1", "rack1")
"""What is taken of a node that has not told it yet."""
OF_OWNERS = ("TOKENS", "DC", "RACK", "STATUS")
"""The application states that say who owns what."""


def written(tokens: tuple[int, ...]) -> str:
    """Tokens as an application state's text."""
    return ",".join(f"{token:x}" for token in tokens)


@lru_cache(maxsize=4096)
def _peer(tokens: str, datacentre: str, rack: str) -> Peer:
    """What a node says of itself: one object for all nodes that hear it, and for each time that one does."""
    return Peer(tuple(int(token, 16) for token in tokens.split(",") if token), Place(datacentre, rack))


@lru_cache(maxsize=256)
def _ring(peers: tuple[tuple[str, Peer], ...]) -> Ring | None:
    """One object for all nodes that believe the same: it remembers what it was asked."""
    tokens = {token: name for name, peer in peers for token in peer.tokens}
    places = {name: peer.place for name, peer in peers if name in set(tokens.values())}
    return Ring(tokens, places) if tokens else None


class _Placed:
    """A ring with what it was asked: coordinators and observers look the same keys up again and again."""

    def __init__(self, ring: Ring | None, replication: Mapping[str, int]):
        self.ring, self._replication = ring, present(ring, replication)
        self._found: dict[int, tuple[str, ...]] = {}

    def replicas(self, token: int) -> tuple[str, ...]:
        """None where there is no ring, or none of its data centres keeps anything."""
        found = self._found.get(token)
        if found is None:
            there = self._replication
            found = self._found[token] = self.ring.replicas(token, there) if there else ()
        return found


class GossipOwnership:
    """The ring of one node from gossip.

    Parameters
    ----------
    peers : mapping of str to Peer
        What it remembers from its disk, until gossip says otherwise.
    replication : mapping of str to int
        Replicas by data centre.

    Attributes
    ----------
    peers : dict of str to Peer
        The owners it knows.
    pending : dict of str to Peer
        Nodes that are about to own something.
    leaving : set of str
        Owners that are about to own nothing.
    epoch : int
        0: beliefs have no order.
    """

    epoch = 0

    def __init__(self, peers: Mapping[str, Peer], replication: Mapping[str, int]):
        self.peers, self.pending, self.leaving = dict(peers), {}, set()
        self._places = {name: peer.place for name, peer in peers.items()}
        self._heard: dict[str, list] = {}  # by node, what it said last of what matters here
        self._replication = dict(replication)
        self._current = False  # whether the rings are those of what was heard last

    def heard(self, name: str, state: EndpointState) -> bool:
        """Take note of an endpoint's state, and say whether the ring or the pending nodes have changed by it."""
        said = [state.applications.get(key) for key in OF_OWNERS]
        if self._heard.get(name) == said:
            return False  # the gossiper tells of each new application state in turn
        self._heard[name] = said
        status = state.status
        tokens, datacentre, rack, _ = said
        peer = _peer(
            tokens.value if tokens else "",
            datacentre.value if datacentre else UNSAID_PLACE.datacentre,
            rack.value if rack else UNSAID_PLACE.rack,
        )
        self._places[name] = peer.place
        if status in DEPARTED:
            return self.forget(name)
        owns, pends = self.peers.get(name), self.pending.get(name)
        if not peer.tokens:
            return False
        if status in (Status.NORMAL, Status.LEAVING):
            leaves = status == Status.LEAVING
            if owns == peer and pends is None and leaves is (name in self.leaving):
                return False
            self.pending.pop(name, None)
            self.peers[name] = peer
            (self.leaving.add if leaves else self.leaving.discard)(name)
        elif status == Status.BOOT and owns is None and pends != peer:
            # StorageService.handleStateBootstrap. Where a member of the ring is said to join, the news is old: it stays a member
            self.pending[name] = peer
        else:
            return False
        self._current = False
        return True

    def forget(self, name: str) -> bool:
        """It has left, or did not finish joining; whether the ring or the pending nodes have changed by it."""
        known = name in self.peers or name in self.pending
        self._heard.pop(name, None)
        self.peers.pop(name, None)
        self.pending.pop(name, None)
        self.leaving.discard(name)
        if known:
            self._current = False
        return known

    @property
    def owners(self) -> tuple[str, ...]:
        """The nodes that own something."""
        return tuple(self.peers)

    @property
    def ring(self) -> Ring | None:
        """Who is read; None while it knows of no owner."""
        return self._rings()[0].ring

    def _rings(self) -> "tuple[_Placed, _Placed]":
        """The ring of now, and the one when all that goes on is over."""
        if not self._current:
            staying = {name: peer for name, peer in self.peers.items() if name not in self.leaving}
            self._made = tuple(
                _Placed(_ring(tuple(sorted(some.items()))), self._replication)
                for some in (self.peers, staying | self.pending)
            )
            self._current = True
        return self._made

    def readers(self, token: int) -> tuple[str, ...]:
        """The replicas that a read asks; none while no owner is known."""
        return self._rings()[0].replicas(token)

    def writers(self, token: int) -> tuple[str, ...]:
        """The replicas that a write is sent to: the readers, and the nodes that are pending."""
        readers = self.readers(token)
        if not self.pending and not self.leaving:
            return readers
        future = self._rings()[1].replicas(token)
        return readers + tuple(name for name in future if name not in readers)

    def receives(self, name: str) -> bool:
        """Whether a node is pending for some range: it will own it when all that goes on is over, and does not yet."""
        if not self.pending and not self.leaving:
            return False
        now, later = self._rings()
        if now.ring is None or later.ring is None:
            return False
        return any(
            name in later.replicas(end) and name not in now.replicas(end)
            for end in (*now.ring.tokens, *later.ring.tokens)
        )

    def place(self, name: str) -> Place:
        """Where a node stands, or stood: one that has left meanwhile may still answer."""
        return self._places[name]


class LogOwnership:
    """The same from the log of epochs: all nodes at one epoch have the same, and an epoch shows which of two nodes is behind.

    Parameters
    ----------
    log : LogNode
    """

    def __init__(self, log: LogNode):
        self._log = log

    @property
    def epoch(self) -> int:
        """How far this node's copy of the log goes."""
        return self._log.epoch

    @property
    def ring(self) -> Ring:
        """The ring that is read at this epoch."""
        return self._log.ring

    @property
    def owners(self) -> tuple[str, ...]:
        """The nodes that own something."""
        return self.ring.nodes

    @property
    def pending(self) -> tuple[str, ...]:
        """Nodes that are about to own something."""
        return self._moving(NodeState.JOINING)

    @property
    def leaving(self) -> tuple[str, ...]:
        """Owners that are about to own nothing."""
        return self._moving(NodeState.LEAVING)

    def _moving(self, kind: NodeState) -> tuple[str, ...]:
        return tuple(one.node for one in self._log.metadata.operations if one.kind is kind)

    def readers(self, token: int) -> tuple[str, ...]:
        """The replicas that a read asks."""
        return self._log.placement(token).reads

    def writers(self, token: int) -> tuple[str, ...]:
        """The replicas that a write is sent to."""
        return self._log.placement(token).writes

    def receives(self, name: str) -> bool:
        """Never: two operations with ranges in common are the log's to refuse (tcm/transformations/PrepareLeave.java)."""
        return False

    def place(self, name: str) -> Place:
        """Where a node stands."""
        return self._log.metadata.places[name]


def present(ring: Ring | None, replication: Mapping[str, int]) -> dict[str, int]:
    """The replication in the data centres that a ring has nodes in."""
    if ring is None:
        return {}
    there = {place.datacentre for place in ring.places.values()}
    return {datacentre: count for datacentre, count in replication.items() if datacentre in there}
