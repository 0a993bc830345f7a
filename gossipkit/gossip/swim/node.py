"""A member: memberlist with serf's intents, reconnect and user events on top."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ...sim import checks
from .awareness import Awareness
from .broadcast import BroadcastQueue
from .config import SwimConfig
from .events import UserEvents
from .exchange import Exchange
from .gossip import Gossip
from .membership import ALIVE, DEAD, LEFT, NOTHING, SUSPECT, Change, Effects, Member, Membership
from .messages import (
    Ack,
    Alive,
    Claim,
    Compound,
    Dead,
    IndirectPing,
    JoinIntent,
    LeaveIntent,
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
from .serf import Heard, Intent, Serf, Status
from .suspicion import Suspicion

if TYPE_CHECKING:
    from ...sim import Env, Message, Timer

METADATA_LIMIT_BYTES = 512  # memberlist's MetaMaxSize

COUNTED = {
    Change.ALIVE: "memberlist.msg.alive",
    Change.JOIN: "memberlist.msg.alive",
    Change.UPDATE: "memberlist.msg.alive",
    Change.SUSPECT: "memberlist.msg.suspect",
    Change.FAILED: "memberlist.msg.dead",
    Change.LEAVE: "memberlist.msg.dead",
}


class SwimNode:
    """A member of a SWIM cluster, as `gossipkit.sim.Process`.

    It writes ``beliefs`` into the trace when it starts, and then its changes of opinion, with ``about``, ``belief``,
    ``incarnation`` and ``by`` (who claimed it): serf's ``member-join``, ``member-update``, ``member-failed`` and
    ``member-leave``, and the others of `Change`; a suspicion also has ``until_s``. Further ``belief`` (what a `LeaveIntent`
    changed), ``member-reap`` (a member is given up), ``probe-failed`` and ``tcp-only`` (no answer, or one by TCP only),
    ``push-pull-failed``, ``user-event``, and ``queue``. Metrics have memberlist's names.

    Parameters
    ----------
    config : SwimConfig, optional
        By default ``SwimConfig.lan()``.
    seeds : tuple of str
        Addresses of members to join through: one push/pull with each at the start.
    members : tuple of str
        Members known from the beginning, alive in incarnation 1: a cluster that has settled already.
    metadata : str
        What others shall know of this one, at most 512 bytes.
    delegate : callable, optional
        Called with ``(change, subject)`` after each change: the trace's kind, and the `Member` or the `UserEvent`.
    name : str, optional
        By which others know it; by default its address, the name that the world has given to the process.

    Attributes
    ----------
    members : Membership
        This member's view; there once the node has started.
    serf : Serf
        What serf adds to it.
    first_members : tuple of str
        As they were given.
    health : Awareness
    leaving : bool
        True from its farewell on.
    stopped : bool
        True when it has left.

    Raises
    ------
    ValueError
        For metadata that are too long, a name that is none, and anything of another kind than said above.

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
    hashicorp/memberlist, state.go (gossip, pushPull, mergeState, refute), memberlist.go (Join, Leave, UpdateNode), net.go
    (the checksum: ingestPacket); hashicorp/serf, serf/serf.go (Join, reconnect, Leave, UserEvent).
    """

    def __init__(
        self,
        config: SwimConfig | None = None,
        seeds: tuple[str, ...] = (),
        members: tuple[str, ...] = (),
        metadata: str = "",
        delegate: Callable[[str, Member | UserEvent], None] | None = None,
        name: str | None = None,
    ):
        checks.instance(
            "config", config, SwimConfig | None, "a SwimConfig, or None for memberlist's LAN settings"
        )
        # all members of a settled cluster are given the same names: only one look at what holds them
        checks.instance("members", members, Collection, "a tuple of names, such as ('a', 'b')")
        if isinstance(members, str):
            raise ValueError(f"members is {members!r}: it must be a tuple of names, such as ({members!r},)")
        if delegate is not None and not callable(delegate):
            raise ValueError(f"delegate is {delegate!r}: it must be a function of a change and its subject")
        self.config = config or SwimConfig.lan()
        self._seeds, self.first_members = checks.names("seeds", seeds), tuple(members)
        self._first_metadata = _checked_metadata(metadata)
        self._delegate = delegate
        if name is not None:
            checks.name("name", name)
        self._given_name = name
        self.leaving = self.stopped = False

    def __repr__(self) -> str:
        if not hasattr(self, "members"):
            return "<SwimNode: not started>"
        states = list(self.states.values())
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        return f"<SwimNode {self.name}: {counts}; health score {self.health.score}>"

    def start(self, env: "Env") -> None:
        """Come up: start the tickers, each at a random phase, and join."""
        self._env, config = env, self.config
        self.name = self._given_name or env.name
        self.health = Awareness(config.awareness_max_multiplier)
        self.members = Membership(
            self.name, config, env.random, self._first_metadata, env.now, env.name, self.first_members
        )
        self.serf = Serf(self.name)
        self.events = UserEvents(config.event_buffer)
        gossip = self.gossip = Gossip(self, env)
        self._suspicion_timers: dict[str, Timer] = {}
        self._claims_alive: list[Claim] = []  # received and not yet looked at
        self._claims: list[Claim] = []
        self._handling = False
        known = self.first_members
        env.record("beliefs", view={"alive": known if self.name in known else (*known, self.name)})
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
            JoinIntent: self._heard_intent,
            LeaveIntent: self._heard_intent,
            UserEvent: self._heard_event,
            Compound: self._unpack,
            PushPull: exchange.asked,
            PushPullReply: exchange.answered,
        }
        # Go's tickers run from the instant a member was started: one phase for all, and for every member another
        phase = env.random.random() * config.probe_interval_s
        env.after(phase, prober.tick)
        gossip.start(phase)
        exchange.start()
        if config.queue_check_interval_s:
            env.after(config.queue_check_interval_s, self._check_queue)
        if not self.first_members:
            me = self.members.me
            address = "" if me.address == me.name else me.address
            gossip.push(gossip.claims, self.name, Alive(1, self.name, self._first_metadata, address))
        if self._seeds:
            self.join(self._seeds)

    def checksummed(self, message: "Message") -> bool:
        """Whether a packet with this message carries a checksum, so that damage to it is noticed, see `Process`."""
        return self.config.crc

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Handle a message, unless this member has left."""
        if not self.stopped:
            self._handlers[type(message)](sender, message)

    def _unpack(self, sender: str, packet: Compound) -> None:
        handlers = self._handlers
        for part in packet.parts:
            handlers[type(part)](sender, part)

    # what is believed

    def _claimed(self, sender: str, claim: Claim) -> None:
        """Queue a claim: pings are answered first, also those that come later in the same burst.

        memberlist's net.go, handleCommand: a claim is handed over to another goroutine, and dropped if its queue is full.
        """
        waiting = self._claims_alive if type(claim) is Alive else self._claims
        if len(waiting) < self.config.handoff_queue_depth:
            waiting.append(claim)
            if not self._handling:
                self._handling = True
                self._env.after(0.0, self._handle_claims)

    def _handle_claims(self) -> None:
        """The claims of life before all others, and the newest first (net.go, getNextMessage).

        After a burst, as when a member wakes from a pause, a refutation thus comes before the accusation that it refutes.
        """
        self._handling = False
        believe, now = self.members.apply, self._env.now
        for waiting in (self._claims_alive, self._claims):
            while waiting:  # `apply`, written out: most claims say nothing new
                claim = waiting.pop()
                effects = believe(claim, now)
                if effects is not NOTHING:
                    self._follow(effects, claim)

    def apply(self, claim: Claim) -> None:
        """Believe a claim or not, and do what follows from it."""
        effects = self.members.apply(claim, self._env.now)
        if effects is not NOTHING:
            self._follow(effects, claim)

    def _follow(self, effects: Effects, claim: Claim) -> None:
        env, change, name = self._env, effects.change, claim.node
        member = self.members[name]
        if change is Change.CONFLICT:
            env.record(change, about=name, address=claim.address or name, known=member.address)
            return
        self.gossip.push(self.gossip.claims, name, effects.broadcast)
        # serf has the last word on a death: memberlist does not tell a failure from a leave that was announced
        if change is Change.JOIN:
            self.serf.handle_node_join(name, env.now)
        elif change is Change.FAILED or change is Change.LEAVE:
            change = self.serf.handle_node_leave(name, member.address, env.now)
        fields = {
            "about": name,
            "belief": self.state_of(name),
            "incarnation": member.incarnation,
            "by": name if type(claim) is Alive else claim.accuser,
        }
        # whatever has changed, the old deadline is void: the suspicion is over, or a confirmation has moved it forward
        timer = self._suspicion_timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        if member.suspicion is not None:
            fields["until_s"] = member.suspicion.deadline_s
            wait_s = max(0.0, member.suspicion.deadline_s - env.now)
            self._suspicion_timers[name] = env.after(wait_s, self._expired, member, member.suspicion)
        env.record(change, **fields)
        if change is Change.REFUTE:
            # Lifeguard: a member that is accused has perhaps been slow to answer (state.go, refute)
            self.change_health(1)
        if change in COUNTED:
            env.count(COUNTED[change])
        if self._delegate is not None:
            self._delegate(change, member)

    def _expired(self, member: Member, suspicion: Suspicion) -> None:
        """suspectNode's timer: nobody has refuted in time, and this member buries the suspect by itself."""
        if suspicion.confirmations < suspicion.k:
            self._env.count("memberlist.degraded.timeout")
        self.apply(Dead(member.incarnation, member.name, self.name))

    def change_health(self, delta: int) -> None:
        """Add to the local health score."""
        # in full health most probes say "-1", which changes nothing
        before = self.health.score
        if before or delta > 0:
            self.health.apply(delta)
            if self.health.score != before:
                self._env.gauge("memberlist.health.score", self.health.score)

    def join(self, addresses: tuple[str, ...]) -> None:
        """Exchange all state with each of these; whoever is reached tells the others by gossip."""
        self._exchange.join(checks.names("addresses", addresses))

    @property
    def joining(self) -> frozenset[str]:
        """The addresses that a join has asked, until the first of them has answered."""
        return self._exchange.joining

    def _check_queue(self) -> None:
        if not self.stopped:
            self._env.after(self.config.queue_check_interval_s, self._check_queue)
            self._env.gauge("memberlist.queue.broadcasts", len(self.gossip.claims))

    @property
    def states(self) -> dict[str, str]:
        """What ``serf members`` shows, with memberlist's suspects: each member's state by name, alive, suspect, leaving, dead
        (serf says failed) or left. Serf lists who is gone long after memberlist has forgotten them."""
        serf = self.serf
        found = {member.name: member.state for member in self.members}
        found.update(dict.fromkeys(serf.failed, DEAD))
        found.update(dict.fromkeys(serf.left, LEFT))
        found.update((name, Status.LEAVING) for name in serf.leaving if name in found)
        return found

    def state_of(self, name: str) -> str | None:
        """One member's entry in `states`; None for one that is not known."""
        serf = self.serf
        if name in serf.failed:
            return DEAD
        if name in serf.left:
            return LEFT
        if name not in self.members:
            return None
        return Status.LEAVING if name in serf.leaving else self.members[name].state

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
        self.gossip.push(self.gossip.events, None, event)
        self.deliver(event)

    def _heard_event(self, sender: str, event: UserEvent) -> None:
        if self.events.heard(event):
            self.gossip.push(self.gossip.events, None, event)
            self.deliver(event)

    def deliver(self, event: UserEvent) -> None:
        """Hand an event that is news to the application."""
        self._env.record("user-event", name=event.name, payload=event.payload, ltime=event.ltime)
        if self._delegate is not None:
            self._delegate("user-event", event)

    # intents

    def broadcast_intent(self, kind: type[Intent]) -> Intent:
        """Tell everybody that this member has joined or is about to leave."""
        intent = self.serf.intent(kind)
        self.gossip.push(self.gossip.intents, None, intent)
        return intent

    def _heard_intent(self, sender: str, intent: Intent) -> None:
        self.heard_intent(intent)

    def heard_intent(self, intent: Intent, pass_on: bool = True) -> None:
        """Take note of an intent, and gossip it on if it is news; one that came in a push/pull is not passed on."""
        name, now = intent.node, self._env.now
        heard = self.serf.handle_intent(intent, name in self.members, now)
        if heard is Heard.IGNORE:
            return
        if heard is Heard.REFUTE:
            # handleNodeLeaveIntent: an old farewell of oneself is going round, from before a restart
            self.broadcast_intent(JoinIntent)
            return
        if pass_on:
            self.gossip.push(self.gossip.intents, None, intent)
        if heard is Heard.LEFT:
            self._env.record(Change.LEAVE, about=name, belief=LEFT, by=name)
            if self._delegate is not None:
                gone = Member(name)
                gone.state = LEFT
                self._delegate(Change.LEAVE, gone)
        elif heard is Heard.LEAVING or heard is Heard.STAYS:
            self._env.record("belief", about=name, belief=self.state_of(name))

    def leave(self) -> None:
        """Say farewell, and stop when it has been sent: others then know a leave from a failure.

        serf's Leave: the intent first, so that it is known when memberlist buries this member.
        """
        if not self.leaving:
            self.leaving = True
            intent = self.broadcast_intent(LeaveIntent)
            self._env.record("belief", about=self.name, belief=Status.LEAVING)
            self._when_told(self.gossip.intents, intent, self._bury_oneself)

    def _bury_oneself(self) -> None:
        # memberlist's Leave: a death that the dead one announces is what the others take for a leave
        effects = self.members.leave(self._env.now)
        self._follow(effects, effects.broadcast)
        self._when_told(self.gossip.claims, effects.broadcast, self._propagate)

    def _propagate(self) -> None:
        self._env.after(self.config.leave_propagate_delay_s, self._stop)

    def _when_told(self, queue: BroadcastQueue, message: "Message", then: Callable[[], None]) -> None:
        """Go on when a message has been sent as often as the limit says, when nobody is there, or when it took too long."""
        others = (member for member in self.members if member is not self.members.me)
        if any(member.state is ALIVE or member.state is SUSPECT for member in others):
            self._await_sent(queue, message, self._env.now + self.config.broadcast_timeout_s, then)
        else:
            then()

    def _await_sent(
        self, queue: BroadcastQueue, message: "Message", until_s: float, then: Callable[[], None]
    ) -> None:
        env, interval_s = self._env, self.config.gossip_interval_s or self.config.probe_interval_s
        if message in queue and env.now < until_s:
            env.after(interval_s, self._await_sent, queue, message, until_s, then)
        else:
            then()

    def _stop(self) -> None:
        self.stopped = True
        self._prober.stop()
        for timer in self._suspicion_timers.values():
            timer.cancel()


def _checked_metadata(metadata: str) -> str:
    checks.instance("metadata", metadata, str, "text")
    size = len(metadata.encode())
    if size > METADATA_LIMIT_BYTES:
        raise ValueError(f"metadata is {size} bytes: at most {METADATA_LIMIT_BYTES} are allowed")
    return metadata
