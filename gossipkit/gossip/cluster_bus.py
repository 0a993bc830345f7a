"""Redis Cluster's bus: who pings whom, what a ping says of others, and how a doubt becomes a failure.

How it works, ten times a second at each node (`ClusterBus.cron`). Links that are gone are made anew. Once a second the node
pings that one of five nodes drawn at random from which it has not heard for longest; and it pings everybody whose last pong
is older than half the node timeout. A link on which a ping has waited for half the timeout is given up for a new one. A node
whose ping and whose last message are both older than the timeout is in doubt: PFAIL, an opinion on which nobody acts.

Each ping and each pong has a gossip section: a few nodes drawn at random, and all that the sender doubts. If a *master*
doubts a node, that is a report; it holds for twice the timeout. Where a node doubts another one itself and a majority of
masters do, it takes that one for failed, FAIL, and tells everybody, who believe it at once. A pong ends a doubt. It ends a
failure of a replica, or of a master without slots; of a master that still owns its slots only when nobody has replaced it
for twice the timeout.

References
----------
redis 7.0 src/cluster.c: clusterCron, clusterSendPing, clusterProcessGossipSection, clusterNodeAddFailureReport,
markNodeAsFailingIfNeeded, clearNodeFailureIfNeeded; src/cluster.h for the two multiples of the timeout.
"""

from collections.abc import Container
from random import Random
from typing import NamedTuple, Protocol

from ..sim import Word

CRON_S = 0.1
"""Between two runs of clusterCron, at least."""
CRON_LATE_S = 0.001
"""It runs later by up to this: the event loop sleeps for whole milliseconds, rounded up, and counts anew from there (ae.c,
aeProcessEvents; ae_epoll.c, aeApiPoll). So ten runs take more than a second, and a pong that came just after one of them is
older than a second in the tenth after it."""
RANDOM_PING_EACH = 10
"""Of so many runs, one pings a node at random."""
SAMPLES = 5
"""So many draws, of which the node with the oldest pong is pinged."""
LEAST_ENTRIES = 3
"""A gossip section has a tenth of the nodes, but no fewer than this."""
REPORT_VALIDITY = 2
"""Node timeouts for which a report holds (CLUSTER_FAIL_REPORT_VALIDITY_MULT)."""
FAIL_UNDO = 2
"""Node timeouts after which a failed master that answers and was not replaced is taken back (CLUSTER_FAIL_UNDO_TIME_MULT)."""
FUTURE_S = 0.5
"""A pong's time that somebody tells may be so far ahead of the own clock."""


class Belief(Word):
    """What one node thinks of another one."""

    OK = "ok"
    PFAIL = "pfail"
    FAIL = "fail"


class Entry(NamedTuple):
    """What a gossip section says of one node."""

    name: str
    belief: Belief
    pong_s: int
    """When the sender heard a pong of it last, in whole seconds of the sender's clock, as on the wire."""


class Peer:
    """Another node, as one node knows it; times in simulated seconds.

    Attributes
    ----------
    ping_sent_s : float or None
        Since when a ping has waited for its pong; None while none does.
    pong_received_s, data_received_s : float
        When the last pong came, or somebody told of a later one; when anything came.
    fail_s : float
        Since when it has failed, if it has.
    reports : dict of str to float
        By master that doubts it, when that was said last.
    link : object or None
        The connection to it, which the host manages and which says ``since_s``; None while there is none.
    """

    __slots__ = (
        "belief",
        "data_received_s",
        "fail_s",
        "link",
        "name",
        "ping_sent_s",
        "pong_received_s",
        "reports",
    )

    def __init__(self, name: str, now: float):
        self.name, self.belief, self.link = name, Belief.OK, None
        self.ping_sent_s: float | None = None
        self.pong_received_s = self.data_received_s = self.fail_s = now
        self.reports: dict[str, float] = {}


class Host(Protocol):
    """What the bus needs of its node."""

    @property
    def votes(self) -> bool:
        """Whether this node is a master, so that its own doubt counts."""

    @property
    def quorum(self) -> int:
        """How many masters must doubt a node for it to have failed."""

    def connect(self, peer: Peer) -> None:
        """Make a link, and ping on it as soon as it stands."""

    def drop(self, peer: Peer) -> None:
        """Give a link up."""

    def ping(self, peer: Peer) -> None:
        """Send a ping; the bus has noted it."""

    def confirmed(self, peer: Peer) -> None:
        """Tell everybody that a majority takes it for failed."""

    def believed(self, peer: Peer) -> None:
        """The belief about a peer has changed."""

    def introduced(self, name: str) -> None:
        """A known node speaks of one that is unknown."""


class ClusterBus:
    """One node's side of the bus.

    Parameters
    ----------
    host : Host
    name : str
    node_timeout_s : float
    fanout : int
        Nodes that are pinged at random in a second; 1 in the product.
    entries : int, optional
        Nodes drawn for a gossip section; by default a tenth of all, at least 3.

    Attributes
    ----------
    peers : dict of str to Peer
    """

    def __init__(self, host: Host, name: str, node_timeout_s: float, fanout: int, entries: int | None):
        self._host, self._name = host, name
        self._timeout_s, self._half_s = node_timeout_s, node_timeout_s / 2
        self._fanout, self._entries = fanout, entries
        self.peers: dict[str, Peer] = {}
        self._names = [name]
        self._runs = 0
        self._doubted = 0  # how many peers were in doubt when the last cron began

    def add(self, name: str, now: float) -> Peer:
        """Know one more node."""
        peer = self.peers[name] = Peer(name, now)
        self._names.append(name)
        return peer

    def settle(self, ahead_s: float) -> None:
        """Let the last pongs have come with the last full second of the clock.

        To such times gossip pulls all nodes' pongs, see `told`: everybody pings everybody soon after a full second, and again
        half a timeout later.
        """
        for peer in self.peers.values():
            peer.pong_received_s -= ahead_s % 1.0

    # What goes on by itself.

    def cron(self, now: float, random: Random) -> bool:
        """What happens ten times a second; whether a belief has changed (clusterCron)."""
        host, peers = self._host, self.peers.values()
        doubted = 0
        for peer in peers:
            if peer.belief is Belief.PFAIL:
                doubted += 1
            if peer.link is None:
                host.connect(peer)
        self._doubted = doubted
        self._runs += 1
        if self._runs % RANDOM_PING_EACH == 0:
            for _ in range(self._fanout):
                self._ping_oldest(now, random)
        half_s, timeout_s, changed = self._half_s, self._timeout_s, False
        for peer in peers:
            sent_s = peer.ping_sent_s
            if sent_s is None:
                if now - peer.pong_received_s > half_s and peer.link is not None:
                    self._ping(peer, now)
                continue
            waited_s, silent_s, link = now - sent_s, now - peer.data_received_s, peer.link
            if (
                waited_s > half_s
                and silent_s > half_s
                and link is not None
                and now - link.since_s > timeout_s
            ):
                host.drop(peer)
            if waited_s > timeout_s and silent_s > timeout_s and peer.belief is Belief.OK:
                peer.belief, changed = Belief.PFAIL, True
                host.believed(peer)
        return changed

    def _ping_oldest(self, now: float, random: Random) -> None:
        oldest = None
        for _ in range(SAMPLES):
            name = self._names[int(random.random() * len(self._names))]
            peer = self.peers.get(name)  # None: the draw fell on this node itself
            if peer is None or peer.link is None or peer.ping_sent_s is not None:
                continue
            if oldest is None or peer.pong_received_s < oldest.pong_received_s:
                oldest = peer
        if oldest is not None:
            self._ping(oldest, now)

    def _ping(self, peer: Peer, now: float) -> None:
        peer.ping_sent_s = now
        self._host.ping(peer)

    def section(self, random: Random, ahead_s: float, speaks_of: Container[str]) -> tuple[Entry, ...]:
        """The gossip section of a ping or a pong (clusterSendPing).

        Parameters
        ----------
        random : random.Random
        ahead_s : float
            How far the own wall clock is ahead of the simulation's.
        speaks_of : container of str
            The masters with slots, which are told of also where there is no link to them.
        """
        names, peers = self._names, self.peers
        fresh = len(names) - 2  # all but this node and the receiver
        wanted = self._entries if self._entries is not None else max(LEAST_ENTRIES, len(names) // 10)
        wanted = min(wanted, fresh)
        found: dict[str, Peer] = {}
        tries, count, chance = 3 * wanted, len(names), random.random
        while fresh > 0 and len(found) < wanted and tries:
            tries -= 1
            peer = peers.get(names[int(chance() * count)])
            if peer is None or peer.belief is Belief.PFAIL or peer.name in found:
                continue
            if peer.link is None and peer.name not in speaks_of:
                fresh -= 1
                continue
            found[peer.name] = peer
            fresh -= 1
        if self._doubted:
            # as many as the last cron has counted: who was put in doubt since waits for the next one
            doubted = [peer for peer in peers.values() if peer.belief is Belief.PFAIL][: self._doubted]
            found |= {peer.name: peer for peer in doubted}
        return tuple(
            [Entry(peer.name, peer.belief, int(peer.pong_received_s + ahead_s)) for peer in found.values()]
        )

    # What comes in.

    def heard(self, sender: str, now: float) -> Peer | None:
        """Anything has come from a node; None if it is unknown."""
        peer = self.peers.get(sender)
        if peer is not None:
            peer.data_received_s = now
        return peer

    def pong(self, peer: Peer, now: float, owns_slots: bool) -> None:
        """The answer to a ping of this node; ``owns_slots``: the peer is a master with slots."""
        peer.pong_received_s, peer.ping_sent_s = now, None
        undone = not owns_slots or now - peer.fail_s > FAIL_UNDO * self._timeout_s
        if peer.belief is Belief.PFAIL or (peer.belief is Belief.FAIL and undone):
            self._clear(peer)

    def told(
        self, sender: str, from_master: bool, section: tuple[Entry, ...], now: float, ahead_s: float
    ) -> None:
        """Read a gossip section (clusterProcessGossipSection)."""
        for name, belief, pong_s in section:
            if name == self._name:
                continue
            peer = self.peers.get(name)
            if peer is None:
                self._host.introduced(name)
                continue
            ok = belief is Belief.OK
            if from_master:
                if not ok:
                    peer.reports[sender] = now
                    self._fail_if_needed(peer, now)
                elif peer.reports:
                    peer.reports.pop(sender, None)
            if ok and peer.ping_sent_s is None:
                heard_s = pong_s - ahead_s
                if peer.pong_received_s < heard_s <= now + FUTURE_S and not self.reports(peer, now):
                    peer.pong_received_s = heard_s

    def reports(self, peer: Peer, now: float) -> int:
        """How many masters have said lately that they doubt a node: ``CLUSTER COUNT-FAILURE-REPORTS``."""
        if not peer.reports:
            return 0
        oldest_s = now - REPORT_VALIDITY * self._timeout_s
        for master in [master for master, said_s in peer.reports.items() if said_s < oldest_s]:
            del peer.reports[master]
        return len(peer.reports)

    def failed(self, peer: Peer, now: float) -> None:
        """A node says that a majority takes this one for failed: believe it."""
        if peer.belief is not Belief.FAIL:
            peer.belief, peer.fail_s = Belief.FAIL, now
            self._host.believed(peer)

    def _fail_if_needed(self, peer: Peer, now: float) -> None:
        if peer.belief is not Belief.PFAIL:  # reachable from here, or failed already
            return
        if self.reports(peer, now) + self._host.votes >= self._host.quorum:
            peer.belief, peer.fail_s = Belief.FAIL, now
            self._host.believed(peer)
            self._host.confirmed(peer)

    def _clear(self, peer: Peer) -> None:
        peer.belief = Belief.OK
        self._host.believed(peer)
