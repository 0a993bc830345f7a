"""Who owns what, as one node knows: a ring made of the tokens that it has heard of in gossip, or the one of its log.

By gossip: two nodes that have heard of different tokens ask different replicas for one key, and neither can know it. Cassandra waits
(``ring_delay_s``) until a newcomer's tokens have probably reached everybody; nothing proves that they have. By the log: an
epoch is one ring, and who is behind finds out from the epoch in a message.

``readers`` of a token are asked. ``writers`` also hold the nodes that are still being sent what is there, because they join
(pending, STATUS BOOT) or because somebody leaves (STATUS LEAVING), so that what is written meanwhile is not lost to them.

References
----------
apache/cassandra before 6.0, service/StorageService.java (handleStateNormal, handleStateBootstrap), db/SystemKeyspace.java
(system.peers).
"""

from collections.abc import Mapping
from functools import lru_cache

from ...authority.log import LogNode
from ...authority.log_rules import JOINING
from ...authority.log_rules import LEAVING as LEAVES
from ...authority.ring import Place, Ring
from ...gossip.scuttlebutt import EndpointState
from .settings import Peer

NORMAL, BOOT, LEAVING, GONE = "NORMAL", "BOOT", "LEAVING", "left"
LEFT = (GONE, "removed")


def written(tokens: tuple[int, ...]) -> str:
    """Tokens as an application state's text."""
    return ",".join(f"{token:x}" for token in tokens)


def _read(text: str) -> tuple[int, ...]:
    return tuple(int(token, 16) for token in text.split(",") if token)


@lru_cache(maxsize=256)
def _ring(peers: tuple[tuple[str, Peer], ...]) -> Ring | None:
    """One object for all nodes that believe the same: it remembers what it was asked."""
    tokens = {token: name for name, peer in peers for token in peer.tokens}
    places = {name: peer.place for name, peer in peers if name in set(tokens.values())}
    return Ring(tokens, places) if tokens else None


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
    ring : Ring or None
        Who is read; None while it knows of no owner.
    epoch : int
        0: beliefs have no order.
    """

    epoch = 0

    def __init__(self, peers: Mapping[str, Peer], replication: Mapping[str, int]):
        self.peers, self.pending, self.leaving = dict(peers), {}, set()
        self._places = {name: peer.place for name, peer in peers.items()}
        self._replication = dict(replication)
        self._changed()

    def heard(self, name: str, state: EndpointState) -> bool:
        """Take note of an endpoint's state, and say whether the ring or who is pending has changed by it."""
        before = dict(self.peers), dict(self.pending), set(self.leaving)
        values = {key: value for key, (value, _) in state.applications.items()}
        peer = Peer(
            _read(values.get("TOKENS", "")), Place(values.get("DC", "dc1"), values.get("RACK", "rack1"))
        )
        self._places[name] = peer.place
        if state.status in LEFT:
            return self.forget(name)
        if peer.tokens and state.status in (NORMAL, LEAVING):
            self.pending.pop(name, None)
            self.peers[name] = peer
            (self.leaving.add if state.status == LEAVING else self.leaving.discard)(name)
        elif peer.tokens and state.status == BOOT and name not in self.peers:
            self.pending[name] = peer
        if (self.peers, self.pending, self.leaving) == before:
            return False
        self._changed()
        return True

    def forget(self, name: str) -> bool:
        """It has left, or did not finish joining; whether the ring or who is pending has changed by it."""
        known = name in self.peers or name in self.pending
        self.peers.pop(name, None)
        self.pending.pop(name, None)
        self.leaving.discard(name)
        if known:
            self._changed()
        return known

    @property
    def owners(self) -> tuple[str, ...]:
        """The nodes that own something."""
        return tuple(self.peers)

    def _changed(self) -> None:
        self.ring = _ring(tuple(sorted(self.peers.items())))
        staying = {name: peer for name, peer in self.peers.items() if name not in self.leaving}
        self._future = _ring(tuple(sorted((staying | self.pending).items())))

    def readers(self, token: int) -> tuple[str, ...]:
        """The replicas that a read asks; none while no owner is known."""
        return self._replicas(self.ring, token)

    def writers(self, token: int) -> tuple[str, ...]:
        """The replicas that a write is sent to: the readers, and those who are pending."""
        readers = self.readers(token)
        if not self.pending and not self.leaving:
            return readers
        return readers + tuple(name for name in self._replicas(self._future, token) if name not in readers)

    def place(self, name: str) -> Place:
        """Where a node stands, or stood: one that has left meanwhile may still answer."""
        return self._places[name]

    def _replicas(self, ring: Ring | None, token: int) -> tuple[str, ...]:
        replication = present(ring, self._replication)
        return ring.replicas(token, replication) if replication else ()


class LogOwnership:
    """The same from the log of epochs: everybody at one epoch has the same, and an epoch says who is behind.

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
        return self._moving(JOINING)

    @property
    def leaving(self) -> tuple[str, ...]:
        """Owners that are about to own nothing."""
        return self._moving(LEAVES)

    def _moving(self, kind: str) -> tuple[str, ...]:
        return tuple(one.node for one in self._log.metadata.operations if one.kind == kind)

    def readers(self, token: int) -> tuple[str, ...]:
        """The replicas that a read asks."""
        return self._log.placement(token).reads

    def writers(self, token: int) -> tuple[str, ...]:
        """The replicas that a write is sent to."""
        return self._log.placement(token).writes

    def place(self, name: str) -> Place:
        """Where a node stands."""
        return self._log.metadata.places[name]


def present(ring: Ring | None, replication: Mapping[str, int]) -> dict[str, int]:
    """The replication in the data centres that a ring has nodes in."""
    if ring is None:
        return {}
    there = {place.datacentre for place in ring.places.values()}
    return {datacentre: count for datacentre, count in replication.items() if datacentre in there}
