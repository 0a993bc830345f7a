"""One Cassandra node: its gossiper, what it knows of the ring, its table, and the parts that work on them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...authority.log import Judgement, LogNode
from ...authority.log_entries import AtEpoch
from ...authority.log_rules import JOINING, LEAVING, Operation
from ...authority.ring import Place
from ...gossip.scuttlebutt import Ack, Ack2, Echo, EchoReply, EndpointState, Gossiper, Shutdown, Status, Syn
from ...repair.hints import HintStore
from ..asking import Asking
from ..operation import Clients
from ..placement import position
from .anti_entropy import AntiEntropy
from .coordination import Read, Write
from .hinting import Hints
from .leaving import Leaving
from .messages import (
    HINT,
    READ,
    Mutation,
    MutationDone,
    ReadAnswer,
    ReadCommand,
    Stream,
    StreamRequest,
    SyncDone,
    SyncRequest,
    Update,
    ValidationRequest,
    ValidationResponse,
)
from .operation import Operation as Request
from .ownership import GossipOwnership, LogOwnership, written
from .settings import LOAD_INTERVAL_S, READ_TIMEOUT_S, SCHEMA, WRITE_TIMEOUT_S, Peer, Settings
from .storage import Storage, digest
from .streaming import Joining

if TYPE_CHECKING:
    from ...sim import Env, Message

GOSSIP = (Syn, Ack, Ack2, Echo, EchoReply, Shutdown)


class Disk(NamedTuple):
    """What outlives the process."""

    storage: Storage
    hints: HintStore
    generation: int
    peers: Mapping[str, Peer]
    log: dict | None
    last_number: int
    joined: bool


class Node:
    """A node, as `gossipkit.sim.Process`.

    Parameters
    ----------
    settings : Settings
    place : Place
        Where it stands.
    tokens : tuple of int
        What it owns, or is to own.
    joins : bool
        Whether it has yet to join the ring.
    disk : Disk, optional
        What an earlier life left.

    Attributes
    ----------
    gossiper : Gossiper
    log : LogNode or None
        None where tokens are gossiped.
    ownership : GossipOwnership or LogOwnership
    storage : Storage
    hints : Hints
    anti_entropy : AntiEntropy
    joining : Joining or None
        While it joins.
    leaving : Leaving or None
        While it leaves, and when it has left.
    tokens : tuple of int
    asking : dict of int to Asking
        Who waits for answers, by number.
    """

    def __init__(
        self,
        settings: Settings,
        place: Place,
        tokens: tuple[int, ...],
        joins: bool = False,
        disk: Disk | None = None,
    ):
        self.settings, self.place, self.tokens = settings, place, tokens
        self.storage = disk.storage if disk else Storage(settings.gc_grace_s)
        store = disk.hints if disk else HintStore(settings.hint_window_s, gc_grace_s=settings.gc_grace_s)
        self.hints, self.anti_entropy = Hints(self, store), AntiEntropy(self)
        self.joining = Joining(self, tokens) if joins else None
        self.leaving: Leaving | None = None
        self.log, self.ownership = None, None
        peers = {} if joins else disk.peers if disk else settings.peers
        if settings.log is None:
            self.ownership = GossipOwnership(peers, settings.replication)
        else:
            saved = disk.log if disk else None
            self.log = LogNode(settings.log, settings.cms, saved=saved, place=place, stream=self._move)
            self.ownership = LogOwnership(self.log)
        states = {
            "STATUS": (Status.NONE if joins else Status.NORMAL).value,
            "DC": place.datacentre,
            "RACK": place.rack,
            "SCHEMA": SCHEMA,
        }
        if self.log is not None:
            states["STATUS"] = Status.NORMAL.value  # gossip says who is alive, and no more
        elif not joins:
            states["TOKENS"] = written(tokens)
        settled = () if joins or disk else tuple(settings.peers)
        self.gossiper = Gossiper(
            settings.seeds,
            settings.gossip,
            states,
            settled,
            disk.generation if disk else None,
            self._opinion,
            self._may_gossip,
            tuple(peers) if disk else (),
        )
        self.asking: dict[int, Asking] = {}
        self._clients = Clients()
        self._last_number = disk.last_number if disk else 0
        self.env: Env | None = None
        self.name = ""
        self._handlers: dict[type, Callable] = {
            Mutation: self._mutation,
            ReadCommand: self._read_command,
            MutationDone: self._answered,
            ReadAnswer: self._answered,
            ValidationRequest: self.anti_entropy.validate,
            ValidationResponse: self.anti_entropy.validated,
            SyncRequest: self.anti_entropy.synchronise,
            SyncDone: self._sync_done,
            StreamRequest: self._stream_request,
            Stream: self._stream,
        }

    def persisted(self) -> Disk:
        """The table, the hints that were flushed, the peers, the log; not what is on its way, so its clients learn no more."""
        self._clients.disconnect(self.env)
        self.hints.crash()
        peers = self.ownership.peers if self.log is None else {}
        return Disk(
            self.storage,
            self.hints.store,
            self.gossiper.persisted(),
            peers,
            self.log and self.log.persisted(),
            self._last_number,
            self.joining is None and not self.has_left,
        )

    def start(self, env: "Env") -> None:
        """Begin all that goes on by itself."""
        self.env, self.name = env, env.name
        self._write_s = self.settings.storage_write.sampler(env.random)
        self._read_s = self.settings.storage_read.sampler(env.random)
        self.start_gossip()
        if self.log is not None:
            self.log.start(env)
        self.hints.start()
        self.anti_entropy.start()
        env.after(self.settings.compaction_interval_s * (1 - env.random.random()), self._compact)
        if self.joining is not None and self.log is not None:
            self.joining.start()
        operation = self.log and self.log.metadata.operation(self.name)
        if operation and operation.kind is LEAVING:
            self.leave()

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Hand a message to the part that it is for."""
        if isinstance(message, GOSSIP):
            self.gossiper.receive(env, sender, message)
        elif isinstance(message, LogNode.MESSAGES):
            if self.log is not None:
                self.log.receive(env, sender, message)
        else:
            self._handlers[type(message)](sender, message)

    def start_gossip(self) -> None:
        """Ask the seeds who there is, and gossip if they answer and nothing speaks against it."""
        self.gossiper.start(self.env)
        if not self.gossiper.enabled:
            config = self.settings.gossip
            self.env.after(
                2 * config.ring_delay_s + config.shadow_round_retry_s,
                self._alone,
                self.gossiper.persisted(),
            )

    def leave(self) -> None:
        """Begin to give its ranges away; at the end its process stops."""
        self.leaving = Leaving(self)
        self.leaving.start()

    @property
    def has_left(self) -> bool:
        """Whether it has told that it owns nothing any more."""
        return self.leaving is not None and self.leaving.over

    @property
    def belongs(self) -> bool:
        """Whether it has started and is part of the cluster: it has not left, and is not turned away."""
        return self.env is not None and not self.has_left and not self.turned_away

    @property
    def turned_away(self) -> bool:
        """Whether it waits outside of the cluster, because others were moving when it wanted to join."""
        return self.joining is not None and self.joining.turned_away

    # What its parts need of it.

    def believes_up(self, name: str) -> bool:
        """This node's own opinion of another one; of itself the best."""
        if name == self.name:
            return True
        known = self.gossiper.endpoints.get(name)
        return known is not None and known.alive

    def down_s(self, name: str) -> float:
        """For how long it has taken another one for down, in seconds."""
        since = self.gossiper.unreachable.get(name)
        return 0.0 if since is None else self.env.now - since

    def next_number(self) -> int:
        """A number that this node has not used in any life."""
        self._last_number += 1
        return self._last_number

    def keep(self, update: Update) -> None:
        """Keep a cell on the disk, unless what is there wins."""
        if self.storage.apply(update):
            cell = update.cell
            values = (cell.value,) if cell.live else ()
            self.env.record("applied", key=update.key, values=values, version=cell.timestamp)

    def ask(self, to: str, message: "Message") -> None:
        """Send a datagram, to oneself as well."""
        if to == self.name:
            self.env.after(0.0, self.receive, self.env, to, message)
        else:
            self.env.send(to, message)

    def deliver(self, to: str, message: "Message", failed: Callable[[str, "Message"], None]) -> None:
        """Send over a connection, to oneself as well."""
        if to == self.name:
            self.env.after(0.0, self.receive, self.env, to, message)
        else:
            self.env.send_reliably(to, message, failed)

    def client(self, operation: Request) -> None:
        """A client has reached this node."""
        self._clients.add(operation, self.env)
        (Read if operation.kind == "read" else Write)(self, operation)

    # At a replica.

    def _mutation(self, sender: str, message: Mutation) -> None:
        token = position(message.update.key)
        if message.verb != HINT and not self._in_time(message.verb, message.sent_s, WRITE_TIMEOUT_S):
            return
        if self._knows_better(sender, message.epoch, token):
            return
        self._later(self._write_s(), self._keep, sender, message)

    def _keep(self, sender: str, message: Mutation) -> None:
        self.keep(message.update)
        self.ask(sender, MutationDone(message.number))

    def _read_command(self, sender: str, message: ReadCommand) -> None:
        if not self._in_time(READ, message.sent_s, READ_TIMEOUT_S):
            return
        if self._knows_better(sender, message.epoch, position(message.key)):
            return
        self._later(self._read_s(), self._look_up, sender, message)

    def _look_up(self, sender: str, message: ReadCommand) -> None:
        cell = self.storage.read(message.key, self.env.clock())
        self.ask(sender, ReadAnswer(message.number, None if message.digest else cell, digest(cell)))

    def _in_time(self, verb: str, sent_s: float, timeout_s: float) -> bool:
        """Whether anybody can still wait for the answer; what waited too long is dropped unread."""
        # net/Message.java: internode_timeout, on by default, compares the sender's clock with one's own
        if self.env.clock() - sent_s <= timeout_s:
            return True
        self.env.count(f"DroppedMessage.Dropped.{verb}")
        self.env.record("dropped", verb=verb)
        return False

    def _knows_better(self, sender: str, epoch: int, token: int) -> bool:
        """Whether the coordinator chose its replicas by a ring that is no longer true; then it is told."""
        if self.log is None or sender == self.name:
            return False
        if self.log.judge(self.env, sender, epoch, token) is not Judgement.COORDINATOR_BEHIND:
            return False
        self.env.send(sender, AtEpoch(self.log.epoch))
        return True

    def _later(self, delay_s: float, method: Callable, *arguments: object) -> None:
        if delay_s:
            self.env.after(delay_s, method, *arguments)
        else:
            method(*arguments)

    def _answered(self, sender: str, message: MutationDone | ReadAnswer) -> None:
        waiting = self.asking.get(message.number)
        if waiting is not None:
            waiting.answer(sender, message)

    def _stream_request(self, sender: str, message: StreamRequest) -> None:
        updates = self.storage.within(message.ranges, self.env.clock())
        self.env.send_reliably(sender, Stream(message.session, message.ranges, updates, False))

    def _stream(self, sender: str, message: Stream) -> None:
        if message.session != self.name:
            self.anti_entropy.received(sender, message)
        elif self.joining is not None:
            for update in message.updates:
                self.keep(update)
            self.joining.received(sender, message)

    def _sync_done(self, sender: str, message: SyncDone) -> None:
        if self.leaving is not None:
            self.leaving.received(sender, message)
        self.anti_entropy.synchronised(sender, message)

    def _move(self, operation: Operation, done: Callable[[], None]) -> None:
        """What the log's operation of this node moves."""
        (self.joining if operation.kind is JOINING else self.leaving).stream_for(operation, done)

    # By itself.

    def _alone(self, generation: int) -> None:
        # gms/Gossiper.java, doShadowRound: a node that reaches nobody whom it knows does not start
        if not self.gossiper.enabled and not self.turned_away and self.gossiper.persisted() == generation:
            self.settings.stop(self.name)

    def _may_gossip(self, states: Mapping[str, EndpointState]) -> bool:
        if self.joining is not None and self.log is None and not self.joining.admitted(states):
            return False
        # LoadBroadcaster.startBroadcasting: first when two rounds of gossip have passed
        self.env.after(2 * self.settings.gossip.interval_s, self._tell_load)
        return True

    def _tell_load(self) -> None:
        self.gossiper.announce("LOAD", str(len(self.storage.cells)))
        self.env.after(LOAD_INTERVAL_S, self._tell_load)

    def _compact(self) -> None:
        self.env.after(self.settings.compaction_interval_s, self._compact)
        dropped = self.storage.compact(self.env.clock())
        if dropped:
            self.env.record("compacted", keys=dropped)

    def _opinion(self, kind: str, name: str, state: EndpointState) -> None:
        if kind in ("on-alive", "on-dead", "on-remove"):
            self.env.gauge("FailureDetector.DownEndpointCount", len(self.gossiper.unreachable))
        if kind == "on-remove":
            self.hints.drop(name)
        if self.log is not None:
            return
        if kind == "on-remove":
            changed = self.ownership.forget(name)
        else:
            changed = kind in ("on-join", "on-change", "on-restart") and self.ownership.heard(name, state)
        if changed:
            self.env.record("ring-changed", about=name, owners=len(self.ownership.owners))
