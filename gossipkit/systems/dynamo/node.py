"""One Dynamo node: membership, health, storage, and the parts that work on them."""

from typing import TYPE_CHECKING, NamedTuple

from ...gossip.local_detection import Belief, LocalDetector, Try, TryReply
from ...gossip.membership_history import INTERVAL_S, Change, Changes, Compare, MembershipHistory
from ...sim.arrays import np
from ..asking import Asking
from ..operation import Clients
from ..placement import position
from ..simulated import NEVER_S
from .anti_entropy import AntiEntropy
from .coordination import Entry, Get, Put
from .handoff import Handoff
from .messages import (
    Exchange,
    Fetch,
    Fetched,
    Forward,
    ForwardDated,
    Kept,
    Outcome,
    Replicate,
    Roots,
    Update,
    intact,
)
from .objects import Carried, Object, empty
from .operation import Kind, Operation
from .settings import Settings
from .storage import Storage

if TYPE_CHECKING:
    from ...sim import Env, Message

DRAWS = 256  # latencies drawn at once
OF_CLIENTS = (Replicate, Kept, Fetch, Fetched, Forward, Outcome)  # what a client waits for


class Disk(NamedTuple):
    """What outlives the process."""

    storage: Storage
    history: tuple[Change, ...]
    last_number: int


class Node:
    """A node, as `gossipkit.sim.Process`.

    Parameters
    ----------
    settings : Settings
    history : tuple of Change
        The membership that it begins with.
    disk : Disk, optional
        What an earlier life left.

    Attributes
    ----------
    history : MembershipHistory
    detector : LocalDetector
    storage : Storage
    handoff : Handoff
    anti_entropy : AntiEntropy
    ring : Ring or None
        As this node knows it.
    asking : dict of int to Asking
        Who waits for answers, by number.
    """

    def __init__(self, settings: Settings, history: tuple[Change, ...], disk: Disk | None = None):
        self.settings = settings
        nothing = empty(settings.versions, settings.truncate_at, settings.authority)
        self.storage = disk.storage if disk else Storage(nothing)
        self.history = MembershipHistory(
            settings.seeds,
            disk.history if disk else history,
            INTERVAL_S if settings.gossip else NEVER_S,
            changed=self._ring_changed,
            fanout=settings.fanout,
        )
        self.detector = LocalDetector()
        self.handoff, self.anti_entropy = Handoff(self), AntiEntropy(self)
        self.ring = settings.ring(self.history.changes)
        self._members = self.history.members
        self.asking: dict[int, Asking] = {}
        self._clients = Clients()
        self._last_number = disk.last_number if disk else 0
        self.env: Env | None = None
        self.name = ""
        self._delays: dict[str, list[float]] = {}
        self._handlers = {
            Replicate: self._replicate,
            Fetch: self._fetch,
            Kept: self._answered,
            Fetched: self._answered,
            Outcome: self._answered,
            Forward: self._forwarded,
            ForwardDated: self._forwarded,
            Roots: self.anti_entropy.roots,
            Exchange: self.anti_entropy.exchange,
        }

    def persisted(self) -> Disk:
        """Objects, hints, membership and the last number given out; not what is on its way, so its clients learn no more."""
        self._clients.disconnect(self.env)
        return Disk(self.storage, self.history.changes, self._last_number)

    def start(self, env: "Env") -> None:
        """Begin all that goes on by itself."""
        self.env, self.name = env, env.name
        if self.settings.latencies:
            self._draws = np.random.default_rng(env.random.getrandbits(64))
        self.history.start(env)
        self.detector.start(env)
        self.handoff.start()
        self.anti_entropy.start()
        env.record("beliefs", view={Belief.UP: self.history.members})

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Hand a message to the part that it is for."""
        self.detector.heard(sender)  # whatever comes from a node ends its failure
        if isinstance(message, (Compare, Changes)):
            self.history.receive(env, sender, message)
        elif isinstance(message, (Try, TryReply)):
            self.detector.receive(env, sender, message)
        elif intact(message):
            self._handlers[type(message)](sender, message)
        else:
            env.record("damaged", sender=sender)

    # What its parts need of it.

    def preference(self, key: str) -> tuple[str, ...]:
        """All nodes, in the order in which they are asked to keep a key; empty while this node knows of no ring."""
        if self.ring is None:
            return ()
        return self.ring.preference_list(position(key), self.settings.n)

    def homes(self, key: str) -> tuple[str, ...]:
        """The first N of them."""
        return self.preference(key)[: self.settings.n]

    def next_number(self) -> int:
        """A number that this node has not used in any life."""
        self._last_number += 1
        return self._last_number

    def request(self, to: str, message: "Message") -> None:
        """Send, to oneself as well; with latencies of their own for all that a client waits for, if there are."""
        delay = self._delay(to, message)
        if to == self.name:
            self.env.after(delay, self.receive, self.env, to, message)
        elif delay:
            self.env.after(delay, self.env.send, to, message)
        else:
            self.env.send(to, message)

    def keep(self, key: str, copy: Object) -> None:
        """Keep what somebody else has, or a client writes, beside what is here."""
        before = self.storage.read(key)
        after = self.storage.apply(key, copy)
        if after != before:
            self.env.record("applied", key=key, values=after.values, version=after.version)

    def silent(self, name: str) -> None:
        """A node has not answered in time; one that has left meanwhile need not."""
        self.env.count("silences")
        if name in self.history.members:
            self.detector.silent(name)

    def client(self, operation: Operation) -> None:
        """A client has reached this node."""
        self._clients.add(operation, self.env)
        Entry(self, operation)

    # Messages.

    def _replicate(self, sender: str, message: Replicate) -> None:
        update = message.update
        self.keep(update.key, update.carried.copy)
        if message.hint_for is not None and message.hint_for != self.name:
            self.handoff.keep(message.hint_for, update)
        if message.number:  # nobody waits for the answer to a read repair
            self.request(sender, Kept(message.number))

    def _fetch(self, sender: str, message: Fetch) -> None:
        copy = self.storage.read(message.key)
        self.request(sender, Fetched(message.number, Update(message.key, Carried(copy))))

    def _answered(self, sender: str, message: Kept | Fetched | Outcome) -> None:
        waiting = self.asking.get(message.number)
        if waiting is not None:
            waiting.answer(sender, message)

    def _forwarded(self, sender: str, message: Forward) -> None:
        def answer(operation: Operation) -> None:
            copy = operation.copy or self.storage.nothing
            update = Update(message.key, Carried(copy))
            self.request(sender, Outcome(message.number, operation.status, operation.acks, update))

        operation = Operation(
            number=message.operation,
            kind=message.kind,
            key=message.key,
            via=sender,
            started_s=self.env.now,
            required=self.settings.required(message.kind is Kind.GET),
            written=message.value,
            seen=message.seen.clock,
            timestamp=message.timestamp if isinstance(message, ForwardDated) else None,
            finished=answer,
        )
        (Get if message.kind is Kind.GET else Put)(self, operation)

    def _ring_changed(self) -> None:
        before, self.ring = self.ring, self.settings.ring(self.history.changes)
        self.anti_entropy.ring_changed()
        known, now = self._members, self.history.members
        self._members = now
        for name in now:
            if name not in known:
                self.env.record("belief", about=name, belief=self.detector.belief(name))
        for name in known:
            if name not in now:
                self.detector.forget(name)
                self.env.record("belief", about=name, belief=None)
        self.handoff.ring_changed(before, self.ring)

    def _delay(self, to: str, message: "Message") -> float:
        if not self.settings.latencies or not isinstance(message, OF_CLIENTS):
            return 0.0
        leg = "w" if isinstance(message, Replicate) else "ars"
        drawn = self._delays.setdefault(leg, [])
        if not drawn:
            fit = getattr(self.settings.latencies, leg)
            drawn += (fit.sample(self._draws, (DRAWS,)) / 1000).tolist()
        remote_ms = self.settings.latencies.remote_ms if to != self.name else 0.0
        return drawn.pop() + remote_ms / 1000
