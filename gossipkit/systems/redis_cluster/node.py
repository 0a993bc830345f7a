"""One node of a Redis Cluster: the bus, slots, elections, data, and who it takes the others for."""

from typing import TYPE_CHECKING, NamedTuple

from ...authority.epochs import majority, must_move_on
from ...authority.slots import Ranges, SlotTable
from ...gossip.cluster_bus import CRON_LATE_S, CRON_S, Belief, ClusterBus, Peer
from .bus import Links
from .coordination import Requests
from .failover import Failover
from .messages import (
    BUS,
    AuthAck,
    AuthRequest,
    Confirm,
    Connect,
    Fail,
    FullSync,
    Header,
    Ping,
    Pong,
    Psync,
    Refused,
    Stream,
    Update,
)
from .migration import Migration
from .operation import Operation
from .replication import Data, Replication
from .settings import REJOIN_DELAY_S, WRITABLE_DELAY_S, Settings

if TYPE_CHECKING:
    from ...sim import Env, Message

MASTER, REPLICA = "master", "replica"
START_S = 0.01
"""Nodes that start at one time run their crons at one time, but for this; as those do that a script has started."""
ROWS = {Belief.OK: "reachable", Belief.PFAIL: "possibly-failing", Belief.FAIL: "failing"}


class Disk(NamedTuple):
    """What outlives the process: nodes.conf, and the keys, if they are written to a file."""

    masters: dict[str, str | None]
    """By node, which one it replicates; None: it is a master."""
    epochs: dict[str, int]
    """By node, its configEpoch."""
    slots: dict[str, Ranges]
    failed: tuple[str, ...]
    current_epoch: int
    last_vote: int
    data: Data


class Node:
    """A node, as `gossipkit.sim.Process`, and as the bus's host.

    Parameters
    ----------
    settings : Settings
    name : str
    disk : Disk
        What it knows in the beginning.
    history : str
        The name of the replication stream that it has or takes.
    settled : bool
        Whether the cluster has run for long: connections stand, replicas are synchronised. False after a restart.

    Attributes
    ----------
    bus : ClusterBus
    links : Links
    slots : SlotTable
    failover : Failover
    migration : Migration
    replication : Replication
    requests : Requests
    masters : dict of str to (str or None)
    epochs : dict of str to int
    offsets : dict of str to int
        By other node, where its stream stood when it said so last.
    current_epoch : int
    ok : bool
        ``cluster_state``.
    """

    def __init__(self, settings: Settings, name: str, disk: Disk, history: str, settled: bool):
        self.settings, self.name = settings, name
        self.masters, self.epochs = dict(disk.masters), dict(disk.epochs)
        self.offsets = dict.fromkeys(self.masters, 0)
        self.slots = SlotTable(disk.slots)
        self.current_epoch = disk.current_epoch
        self.bus = ClusterBus(self, name, settings.node_timeout_s, settings.fanout, settings.section)
        self.links, self.requests = Links(self), Requests(self)
        self.failover, self.migration = Failover(self, disk.last_vote), Migration(self)
        self.replication = Replication(self, dict(disk.data), history)
        self._failed_before, self._settled = disk.failed, settled
        self.ok = settled
        self._size = len(self.slots)
        self._began_s: float | None = None  # when the state was looked at first
        self._minority_s = float("-inf")  # when too few masters were reachable last
        self._header: Header | None = None
        self._look = False  # at the state, before the handler ends
        self._to_replicate: str | None = None  # as an operator wants it
        self._unmet: set[str] = set()  # nodes that must be told that this one is one of their cluster
        self.env: Env | None = None
        self._received = {kind: f"cluster_stats_messages_{word}_received" for kind, word in BUS.items()}
        self._handlers = {
            Psync: self.replication.psync,
            FullSync: self.replication.everything,
            Stream: self.replication.stream,
            Confirm: self.replication.confirmed,
            Refused: self.replication.refused,
            Connect: lambda sender, message: None,  # the kernel's business
        }

    # A process.

    def persisted(self) -> Disk:
        """The configuration, and with ``appendonly`` the keys."""
        self.requests.disconnect()
        failed = tuple(peer.name for peer in self.bus.peers.values() if peer.belief is Belief.FAIL)
        return Disk(
            self.masters,
            self.epochs,
            self.slots.owned,
            failed,
            self.current_epoch,
            self.failover.voter.last_vote,
            self.replication.data if self.settings.appendonly else {},
        )

    def start(self, env: "Env") -> None:
        """Begin all that goes on by itself."""
        self.env = env
        for name in self.masters:
            if name != self.name:
                self.bus.add(name, env.now)
        for name in self._failed_before:
            self.bus.peers[name].belief = Belief.FAIL
        if self._settled:
            self.bus.settle(self.ahead_s)
            for peer in self.bus.peers.values():
                self.links.settled(peer)
        view = {}
        for peer in self.bus.peers.values():
            view.setdefault(peer.belief, []).append(peer.name)
        view.setdefault(Belief.OK, []).append(self.name)
        env.record("beliefs", view={belief: tuple(names) for belief, names in view.items()})
        self._record_role("started")
        env.record("cluster-state", ok=self.ok)
        self._record_slots()
        env.gauge("cluster_state", int(self.ok))
        env.gauge("cluster_current_epoch", self.current_epoch)
        self.replication.start(self._settled)
        self._cron_after(CRON_LATE_S + START_S * env.random.random())

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Hand a message to the part that it is for."""
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(sender, message)
            return
        self._packet(sender, message)
        if self._look:
            self._update_state()

    def client(self, operation: Operation) -> None:
        """A client has reached this node."""
        self.requests.take(operation)

    # Who is what.

    @property
    def master(self) -> str | None:
        """Of a replica its master; of a master None."""
        return self.masters[self.name]

    @property
    def config_epoch(self) -> int:
        """The epoch by which this node, or the master of this replica, owns its slots."""
        return self.epochs[self.master or self.name]

    def replicas_of(self, master: str) -> tuple[str, ...]:
        """The replicas of a master that this node knows."""
        return tuple(name for name, its in self.masters.items() if its == master)

    @property
    def votes(self) -> bool:
        """Whether this node's doubts count: it is a master."""
        return self.masters[self.name] is None

    @property
    def quorum(self) -> int:
        """A majority of the masters with slots, as they were when the state was looked at last."""
        return majority(self._size)

    @property
    def ahead_s(self) -> float:
        """How far this node's wall clock is ahead of the simulation's time, which need not begin with a full second."""
        return self.env.clock() - self.env.now + self.settings.second_s

    # What the bus asks of its host.

    def connect(self, peer: Peer) -> None:
        """Make a connection."""
        self.links.connect(peer)

    def drop(self, peer: Peer) -> None:
        """Give a connection up; the next cron makes a new one."""
        peer.link = None

    def ping(self, peer: Peer) -> None:
        """Send a ping."""
        self.links.send(peer, self.ping_for(peer))

    def confirmed(self, peer: Peer) -> None:
        """A majority of masters takes a node for failed: everybody must know."""
        self.env.record("quorum-reached", about=peer.name, by=tuple(peer.reports))
        self.broadcast(Fail(self.header(), peer.name))

    def believed(self, peer: Peer) -> None:
        """The belief about a node has changed."""
        self.env.record(ROWS[peer.belief], about=peer.name, belief=peer.belief)
        self._look = True

    def introduced(self, name: str) -> None:
        """A known node has spoken of one that is unknown: it belongs to the cluster."""
        self._meet(name)

    # Sending.

    def header(self) -> Header:
        """What stands before each packet of this node; made anew when something in it has changed."""
        if self._header is None:
            owner = self.master or self.name
            self._header = Header(
                self.current_epoch,
                self.epochs[owner],
                self.slots.ranges(owner),
                self.master,
                self.replication.offset,
                self.ok,
            )
        return self._header

    def changed(self) -> None:
        """Something that the header says has changed."""
        self._header = None

    def ping_for(self, peer: Peer) -> Ping:
        """A ping for its connection; to a node that does not know this one yet it is a MEET."""
        return Ping(self.header(), self._section(), peer.link.number, peer.name in self._unmet)

    def send(self, to: str, message: "Message") -> None:
        """Send over the connection to a node, if there is one."""
        self.links.send(self.bus.peers[to], message)

    def broadcast(self, message: "Message") -> None:
        """Send to all nodes to which there is a connection (clusterBroadcastMessage)."""
        for peer in self.bus.peers.values():
            self.links.send(peer, message)

    def tell_fellow_replicas(self) -> None:
        """Tell the own offset to the other replicas of the same master, unasked (clusterBroadcastPong)."""
        for name in self.replicas_of(self.master):
            if name != self.name:
                self.send(name, Pong(self.header(), self._section(), None))

    def _section(self) -> tuple:
        return self.bus.section(self.env.random, self.ahead_s, self.slots)

    # What goes on by itself.

    def _cron_after(self, seconds: float) -> None:
        self.env.after(seconds, self._cron, self.env.now + seconds)

    def _cron(self, due_s: float) -> None:
        env = self.env
        if env.now > due_s:
            # this process stood still: it reads what has come meanwhile before it looks at the clock (aeProcessEvents)
            self._cron_after(0.0)
            return
        if self.settings.gossip and self.bus.cron(env.now, env.random):
            self._look = True
        if self.master is not None:
            self.failover.look()
        if self.master is not None:
            self.migration.look()
        elif self._to_replicate in self.slots:
            self.follow(self._to_replicate)
            self._to_replicate = None
        if self._look or not self.ok:
            self._update_state()
        self._cron_after(CRON_S + CRON_LATE_S * env.random.random())

    # Packets (clusterProcessPacket).

    def _packet(self, sender: str, message: "Message") -> None:
        env, header, kind = self.env, message.header, type(message)
        env.count(self._received[kind])
        now = env.now
        peer = self.bus.heard(sender, now)
        if peer is not None:
            if header.current_epoch > self.current_epoch:
                self.epoch_seen(header.current_epoch)
            if header.config_epoch > self.epochs[sender]:
                self.epochs[sender] = header.config_epoch
                self._header = None
            self.offsets[sender] = header.offset
        if kind is Ping:
            if peer is None and message.meet:
                self._meet(sender)
            self.links.answer(sender, Pong(self.header(), self._section(), message.link))
        if peer is None:
            return
        if kind is Ping or kind is Pong:
            if kind is Pong and message.link is not None and self.links.answered(peer, message.link):
                self.bus.pong(peer, now, sender in self.slots)
                self._unmet.discard(sender)
            self._heartbeat(sender, header)
            from_master = self.masters[sender] is None
            self.bus.told(sender, from_master, message.section, now, self.ahead_s)
        elif kind is Fail:
            if message.about != self.name and message.about in self.bus.peers:
                self.bus.failed(self.bus.peers[message.about], now)
        elif kind is Update:
            self._told_of_owner(message)
        elif kind is AuthRequest:
            self.failover.vote(sender, message)
        elif kind is AuthAck:
            self.failover.voted(sender, message)

    def _heartbeat(self, sender: str, header: Header) -> None:
        """The sender's role, slots and epoch."""
        master = header.master
        if master != self.masters[sender]:
            if sender in self.slots:  # it was a master
                self.slots.release(sender)
                self._slots_changed()
            if master is None or master in self.masters:
                self._has_role(sender, master)
            self._look = True
        owner = self.masters[sender] or sender
        if header.slots != self.slots.ranges(owner):
            if master is None:
                self._claim(sender, header.slots, header.config_epoch)
            newer = self.slots.newer_owner(sender, header.slots, header.config_epoch, self.epochs)
            if newer is not None and self.settings.repair:
                self.env.record("update-sent", about=newer, to=sender)
                update = Update(self.header(), newer, self.epochs[newer], self.slots.ranges(newer))
                self.send(sender, update)
        if (
            master is None
            and self.master is None
            and must_move_on(self.name, self.epochs[self.name], sender, header.config_epoch)
        ):
            self.epoch_seen(self.current_epoch + 1)
            self._own_epoch(self.current_epoch)
            self.env.record("epoch-collision", about=sender, epoch=self.current_epoch)

    def _told_of_owner(self, message: Update) -> None:
        owner = message.about
        if owner == self.name or owner not in self.bus.peers or self.epochs[owner] >= message.config_epoch:
            return
        self._has_role(owner, None)
        self.epochs[owner] = message.config_epoch
        self._claim(owner, message.slots, message.config_epoch)

    def _claim(self, sender: str, claimed: Ranges, epoch: int) -> None:
        """Somebody owns these slots by this epoch (clusterUpdateSlotsConfigWith)."""
        mine = self.master or self.name
        lost = self.slots.claim(sender, claimed, epoch, self.epochs)
        if lost:
            self._slots_changed()
        if mine in lost and mine not in self.slots:
            # all slots of this master, or of the master of this replica, are another one's: that one is followed now
            self.follow(sender)
        elif self.master is not None and self.masters[self.master] not in (None, self.name):
            self.follow(self.masters[self.master])  # no replica of a replica

    def follow(self, master: str) -> None:
        """Replicate another node (clusterSetMaster)."""
        self._has_role(self.name, master)
        self._header, self._look = None, True
        self._record_role("following")
        self.replication.follow()

    def _has_role(self, name: str, master: str | None) -> None:
        """A node replicates that one from now on; None: it is a master."""
        before, self.masters[name] = self.masters[name], master
        self.migration.changed(name, before, master)

    def promote(self, epoch: int) -> None:
        """Be the master in place of the own one, by an election's epoch (clusterFailoverReplaceYourMaster)."""
        master = self.master
        self._own_epoch(max(self.epochs[self.name], epoch))
        self._has_role(self.name, None)
        self.replication.promote()
        self.env.record("promoted", role=MASTER, term=self.config_epoch, master=None, about=master)
        self.slots.hand_over(master, self.name)
        self._slots_changed()
        self._update_state()
        for peer in self.bus.peers.values():
            self.links.send(peer, Pong(self.header(), self._section(), None))

    def meet(self, name: str) -> None:
        """An operator says that a node belongs to the cluster (``CLUSTER MEET``)."""
        self._unmet.add(name)
        if name not in self.bus.peers:
            self._meet(name)

    def replicates_soon(self, master: str) -> None:
        """An operator makes this node, which owns no slots, a replica as soon as it knows the master (``CLUSTER REPLICATE``)."""
        self._to_replicate = master

    def _meet(self, name: str) -> None:
        """Know a node from now on; what it is, it will say itself."""
        self.masters[name], self.epochs[name], self.offsets[name] = None, 0, 0
        self.bus.add(name, self.env.now)
        self.env.record("belief", about=name, belief=Belief.OK)

    # Epochs and the state.

    def epoch_seen(self, epoch: int) -> None:
        """The cluster is in this epoch now."""
        self.current_epoch, self._header = epoch, None
        self.env.gauge("cluster_current_epoch", epoch)

    def _own_epoch(self, epoch: int) -> None:
        self.epochs[self.name], self._header = epoch, None
        self.env.gauge("cluster_my_epoch", epoch)

    def _slots_changed(self) -> None:
        self._header, self._look = None, True
        self._record_slots()

    def _update_state(self) -> None:
        """Whether requests are taken (clusterUpdateState): all slots have an owner that has not failed, and this node reaches a
        majority of masters.
        """
        self._look = False
        now, is_master = self.env.now, self.master is None
        if self._began_s is None:
            self._began_s = now if not self._settled else float("-inf")
        if is_master and not self.ok and now - self._began_s < WRITABLE_DELAY_S:
            return
        peers = self.bus.peers
        failed = [peer.name for peer in peers.values() if peer.belief is Belief.FAIL]
        ok = self.slots.covers(failed)
        self._size = len(self.slots)
        doubted = [peer.name for peer in peers.values() if peer.belief is Belief.PFAIL]
        self.env.gauge("cluster_slots_fail", self.slots.count(failed))
        self.env.gauge("cluster_slots_pfail", self.slots.count(doubted))
        reachable = sum(name == self.name or peers[name].belief is Belief.OK for name in self.slots.owned)
        if reachable < self.quorum:
            ok, self._minority_s = False, now
        if not self.settings.authority:
            ok = True  # nobody is kept from serving what it takes for its own
        if ok == self.ok:
            return
        least, most = REJOIN_DELAY_S
        rejoin_s = min(max(self.settings.node_timeout_s, least), most)
        if ok and is_master and now - self._minority_s < rejoin_s:
            return  # time to hear of changes before a write is taken that would be lost
        self.ok, self._header = ok, None
        self.env.gauge("cluster_state", int(ok))
        self.env.record("cluster-state", ok=ok)

    # The trace.

    def _record_role(self, kind: str) -> None:
        role = MASTER if self.master is None else REPLICA
        self.env.record(kind, role=role, term=self.config_epoch, master=self.master)

    def _record_slots(self) -> None:
        self.env.record("slots", owned=self.slots.owned)
