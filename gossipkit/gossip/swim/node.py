"""A member: memberlist with serf's leave, reconnect and user events on top."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .awareness import Awareness
from .broadcast import BroadcastQueue
from .config import SwimConfig
from .events import UserEvents
from .exchange import Exchange
from .membership import ALIVE, DEAD, NOTHING, SUSPECT, Effects, Member, Membership
from .messages import (
    COMPOUND_HEADER_BYTES,
    COMPOUND_PART_BYTES,
    Ack,
    Alive,
    Claim,
    Compound,
    Dead,
    IndirectPing,
    Nack,
    Ping,
    PushPull,
    PushPullReply,
    StreamAck,
    StreamPing,
    Suspect,
    UserEvent,
)
from .probe import Prober
from .suspicion import Suspicion

if TYPE_CHECKING:
    from ...sim import Env, Message, Timer

METADATA_LIMIT_BYTES = 512  # memberlist's MetaMaxSize

COUNTED = {
    "alive": "memberlist.msg.alive",
    "member-join": "memberlist.msg.alive",
    "member-update": "memberlist.msg.alive",
    "suspect": "memberlist.msg.suspect",
    "member-failed": "memberlist.msg.dead",
    "member-leave": "memberlist.msg.dead",
}


class SwimNode:
    """A member of a SWIM cluster, as `gossipkit.sim.Process`.

    It writes its changes of opinion into the trace, with ``about``, ``incarnation`` and ``by`` (who claimed it): serf's
    ``member-join``, ``member-update``, ``member-failed`` and ``member-leave``, and ``alive``, ``suspect``, ``confirm``
    and ``refute``, see `Effects`; further ``probe-failed`` and ``tcp-only`` (no answer, or one by TCP only),
    ``push-pull-failed``, ``user-event``, and ``member-reap`` (a failed member is given up). Metrics have memberlist's
    names.

    Parameters
    ----------
    config : SwimConfig, optional
        By default ``SwimConfig.lan()``.
    seeds : tuple of str
        Members to join through: one push/pull with each at the start.
    members : tuple of str
        Members known from the beginning, alive in incarnation 1: a cluster that has settled already.
    metadata : str
        What others shall know of this one, at most 512 bytes.
    delegate : callable, optional
        Called with ``(change, subject)`` after each change: the trace's kind, and the `Member` or the `UserEvent`.

    Attributes
    ----------
    members : Membership
        This member's view; there once the node has started.
    health : Awareness
    stopped : bool
        True when it has left.

    Raises
    ------
    ValueError
        For metadata that are too long.

    Examples
    --------
    >>> from gossipkit.sim import World
    >>> world, names = World(seed=1), ("a", "b", "c")
    >>> for name in names:
    ...     world.add(name, SwimNode(members=names))
    >>> world.run(until=5)
    >>> world.crash("b")
    >>> world.run(until=30)
    >>> world.processes["a"].members["b"].state
    'dead'

    References
    ----------
    hashicorp/memberlist, state.go (gossip, pushPull, mergeState, refute), memberlist.go (Join, Leave, UpdateNode);
    hashicorp/serf, serf/serf.go (reconnect, Leave, UserEvent).
    """

    def __init__(
        self,
        config: SwimConfig | None = None,
        seeds: tuple[str, ...] = (),
        members: tuple[str, ...] = (),
        metadata: str = "",
        delegate: Callable[[str, Member | UserEvent], None] | None = None,
    ):
        self.config = config or SwimConfig.lan()
        self._seeds, self._first_members = seeds, members
        self._first_metadata = _checked_metadata(metadata)
        self._delegate = delegate
        self.stopped = False

    def start(self, env: "Env") -> None:
        """Come up: start the tickers, each at a random phase, and join."""
        self._env, config = env, self.config
        self.health = Awareness(config.awareness_max_multiplier)
        self.members = Membership(env.name, config, env.random, self._first_metadata, env.now)
        self.broadcasts = BroadcastQueue(config.retransmit_mult)
        self.events = UserEvents(config.event_buffer)
        self.event_broadcasts = BroadcastQueue(config.retransmit_mult)
        self._suspicion_timers: dict[str, Timer] = {}
        self._claims_alive: list[Claim] = []  # received and not yet looked at
        self._claims: list[Claim] = []
        self._handling = self._gossip_blocked = self._gossip_waits = False
        for name in self._first_members:
            self.members.apply(Alive(1, name), env.now)
        if not self._first_members:
            self.broadcasts.push(env.name, Alive(1, env.name, self._first_metadata))
        prober = self._prober = Prober(self, env)
        exchange = self._exchange = Exchange(self, env)
        self._handlers = {
            Ping: prober.ping,
            Ack: prober.ack,
            Nack: prober.nack,
            IndirectPing: prober.indirect_ping,
            StreamPing: prober.stream_ping,
            StreamAck: prober.stream_ack,
            Alive: self._claimed,
            Suspect: self._claimed,
            Dead: self._claimed,
            UserEvent: self._heard_event,
            Compound: self._unpack,
            PushPull: exchange.asked,
            PushPullReply: exchange.answered,
        }
        self._gossip_tick = self._gossip
        # Go's tickers run from the instant a member was started: one phase for all, and for every member another
        phase = env.random.random() * config.probe_interval_s
        env.after(phase, prober.tick)
        if config.gossip_interval_s and config.gossip_nodes:
            env.after(phase % config.gossip_interval_s, self._gossip_tick)
        exchange.start()
        if config.queue_check_interval_s:
            env.after(config.queue_check_interval_s, self._check_queue)
        self.join(self._seeds)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Handle a message, unless this member has left."""
        if not self.stopped:
            self._handlers[type(message)](sender, message)

    def _unpack(self, sender: str, packet: Compound) -> None:
        handlers = self._handlers
        for part in packet.parts:
            handlers[type(part)](sender, part)

    # what goes out

    def send(self, to: str, message: "Message") -> None:
        """Send a packet; what waits in the queues rides along as far as there is room."""
        if self.broadcasts.items or self.event_broadcasts.items:
            room = self.config.udp_buffer_size - message.size_bytes - COMPOUND_HEADER_BYTES
            riders = self._take(room)
            if riders:
                message = Compound((message, *riders))
        self._env.send(to, message)

    def _take(self, room: int) -> list["Message"]:
        """News of members first, and user events in what room is left."""
        n = len(self.members)
        taken = self.broadcasts.take(room, n)
        if self.event_broadcasts.items:
            room -= sum(COMPOUND_PART_BYTES + message.size_bytes for message in taken)
            taken += self.event_broadcasts.take(room, n)
        return taken

    def _gossip(self) -> None:
        if self.stopped:
            return
        self._env.after(self.config.gossip_interval_s, self._gossip_tick)
        if self._gossip_blocked:
            self._gossip_waits = True
        elif self.broadcasts.items or self.event_broadcasts.items:
            self._gossip_blocked = True
            # in memberlist sending blocks: a member that cannot send spends none of its copies
            self._env.when_sent(self._spread)

    def _spread(self) -> None:
        self._gossip_blocked = False
        if self._gossip_waits:
            self._gossip_waits = False
            self._env.after(0.0, self._spread)
        config, env = self.config, self._env
        for member in self.members.choose(config.gossip_nodes, self._gossips_to):
            news = self._take(config.udp_buffer_size - COMPOUND_HEADER_BYTES)
            if not news:
                return
            env.send(member.name, news[0] if len(news) == 1 else Compound(tuple(news)))

    def _gossips_to(self, member: Member) -> bool:
        """The living, suspects among them, and the recently dead: one that was wrongly buried can then refute."""
        if member.state is DEAD:
            return self._env.now - member.since_s <= self.config.gossip_to_the_dead_time_s
        return member.state is ALIVE or member.state is SUSPECT

    # what is believed

    def _claimed(self, sender: str, claim: Claim) -> None:
        """Queue a claim: pings are answered first, also those that come later in the same burst."""
        waiting = self._claims_alive if type(claim) is Alive else self._claims
        if len(waiting) < self.config.handoff_queue_depth:
            waiting.append(claim)
            if not self._handling:
                self._handling = True
                self._env.after(0.0, self._handle_claims)

    def _handle_claims(self) -> None:
        """The newest first, and of all claims those of life: they save members from being buried by older news."""
        self._handling = False
        while self._claims_alive:
            self.apply(self._claims_alive.pop())
        while self._claims:
            self.apply(self._claims.pop())

    def apply(self, claim: Claim) -> None:
        """Believe a claim or not, and do what follows from it."""
        effects = self.members.apply(claim, self._env.now)
        if effects is not NOTHING:
            self._follow(effects, claim)

    def _follow(self, effects: Effects, claim: Claim) -> None:
        env, change, name = self._env, effects.change, claim.node
        self.broadcasts.push(name, effects.broadcast)
        member = self.members[name]
        by = name if type(claim) is Alive else claim.accuser
        env.record(change, about=name, incarnation=member.incarnation, by=by)
        timer = self._suspicion_timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        if member.suspicion is not None:
            wait_s = max(0.0, member.suspicion.deadline_s - env.now)
            self._suspicion_timers[name] = env.after(wait_s, self._expired, member, member.suspicion)
        if change == "refute":
            self.change_health(1)
        self._exchange.changed(name, change)
        if change in COUNTED:
            env.count(COUNTED[change])
        if self._delegate is not None:
            self._delegate(change, member)

    def _expired(self, member: Member, suspicion: Suspicion) -> None:
        if suspicion.confirmations < suspicion.k:
            self._env.count("memberlist.degraded.timeout")
        self.apply(Dead(member.incarnation, member.name, self._env.name))

    def change_health(self, delta: int) -> None:
        """Add to the local health score."""
        before = self.health.score
        if before or delta > 0:
            self.health.apply(delta)
            if self.health.score != before:
                self._env.gauge("memberlist.health.score", self.health.score)

    def join(self, names: tuple[str, ...]) -> None:
        """Exchange all state with each of these; whoever is reached tells the others by gossip."""
        for name in names:
            self._exchange.ask(name)

    def _check_queue(self) -> None:
        if not self.stopped:
            self._env.after(self.config.queue_check_interval_s, self._check_queue)
            self._env.gauge("memberlist.queue.broadcasts", len(self.broadcasts))

    @property
    def states(self) -> dict[str, str]:
        """What ``serf members`` shows: the state of each member by name. A failed one stays in serf's list, as dead, until
        it is given up, which is long after memberlist has forgotten it."""
        return dict.fromkeys(self._exchange.failed, DEAD) | {
            member.name: member.state for member in self.members
        }

    # what the member is asked to do

    def update_metadata(self, metadata: str) -> None:
        """Change what others know of this member, and tell them.

        Raises
        ------
        ValueError
            If it is longer than 512 bytes.
        """
        effects = self.members.update(_checked_metadata(metadata))
        self._follow(effects, effects.broadcast)

    def user_event(self, name: str, payload: str = "") -> None:
        """Spread an event to all members; they deliver it once each, in no order they agree on.

        Raises
        ------
        ValueError
            If name and payload are more than 512 bytes.
        """
        event = self.events.new(name, payload)
        self.event_broadcasts.push(None, event)
        self.deliver(event)

    def _heard_event(self, sender: str, event: UserEvent) -> None:
        if self.events.heard(event):
            self.event_broadcasts.push(None, event)
            self.deliver(event)

    def deliver(self, event: UserEvent) -> None:
        """Hand an event that is news to the application."""
        self._env.record("user-event", name=event.name, payload=event.payload, ltime=event.ltime)
        if self._delegate is not None:
            self._delegate("user-event", event)

    def leave(self) -> None:
        """Say farewell, and stop when it has been sent: others then know a leave from a failure."""
        if self.members.me.state is ALIVE:
            effects = self.members.leave(self._env.now)
            self._follow(effects, effects.broadcast)
            self._farewell(self._env.now + self.config.broadcast_timeout_s)

    def _farewell(self, until_s: float) -> None:
        env, interval_s = self._env, self.config.gossip_interval_s or self.config.probe_interval_s
        if self._env.name in self.broadcasts and env.now < until_s:
            env.after(interval_s, self._farewell, until_s)
        else:
            env.after(self.config.leave_propagate_delay_s, self._stop)

    def _stop(self) -> None:
        self.stopped = True
        self._prober.stop()
        for timer in self._suspicion_timers.values():
            timer.cancel()


def _checked_metadata(metadata: str) -> str:
    size = len(metadata.encode())
    if size > METADATA_LIMIT_BYTES:
        raise ValueError(f"metadata is {size} bytes: at most {METADATA_LIMIT_BYTES} are allowed")
    return metadata
