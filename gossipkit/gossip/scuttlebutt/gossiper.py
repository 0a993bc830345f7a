"""A node of a Cassandra cluster as its peers see it: the gossiper."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from ...sim import checks
from .config import GossipConfig
from .detector import FailureDetector
from .endpoint import Belief, Endpoint
from .messages import Ack, Ack2, Echo, EchoReply, Shutdown, States, Syn
from .rules import (
    MERGE,
    NEWER,
    NOT_NEWER,
    REFUSED,
    REPLACE,
    STATE_RULES,
    answer,
    carry_out,
    compare,
    judge,
    last_words,
)
from .shadow import ShadowRound
from .states import (
    DEAD_STATES,
    DEPARTED,
    GOSSIP_ONLY_STATES,
    HIGHEST_VERSION,
    EndpointState,
    HeartBeatState,
    Status,
    VersionedValue,
)
from .targets import targets

if TYPE_CHECKING:
    from ...sim import Env, Message


class Gossiper:
    """A gossiper, as `gossipkit.sim.Process`.

    It writes its changes of opinion into the trace under the names of Cassandra's subscribers, with ``about`` and the
    ``belief`` from then on: ``on-join`` and ``on-restart`` (major changes), ``on-alive``, ``on-dead``, ``on-change`` (an
    application state), ``on-remove``; further ``evict`` (nothing is known any more), and ``beliefs`` at each start. Besides
    there are ``quarantine-over``, ``refused-generation``, ``cluster-mismatch``, ``local-pause``,
    ``shadow-round`` and ``shadow-round-failed``, ``shutdown``, ``assassinate`` and ``assassinate-failed``. Up and down
    are each node's own opinion, and no node is forgotten without an operator.

    Parameters
    ----------
    seeds : tuple of str
        The nodes that it asks at the start, and that it goes on talking to so that partitions heal. May name the node itself.
    config : GossipConfig, optional
    applications : mapping of str to str, optional
        The node's own application states; by default ``{"STATUS": "NORMAL"}``.
    members : tuple of str
        Nodes that started at time 0 too and are known as alive from then on: a cluster that has settled already. There
        is no shadow round then.
    last_generation : int, optional
        What ``persisted()`` returned in an earlier life, for ``rebuild`` of `gossipkit.sim.World.add`.
    delegate : callable, optional
        Called with ``(change, endpoint, state)`` after each change: the trace's kind, a name, an `EndpointState`.
    admit : callable, optional
        Called before it begins to gossip, with what the shadow round told: an `EndpointState` by endpoint. If it returns
        False the gossiper does not begin, and nobody learns of it; `start` makes it try again.
    peers : tuple of str
        Who owned tokens when an earlier life ended: asked in the shadow round where no seed answers. Cassandra keeps them in
        system.peers.

    Raises
    ------
    ValueError
        For anything of another kind than said above.

    Attributes
    ----------
    endpoints : dict of str to Endpoint
        All that is known, oneself included; there once the node has started.
    live, unreachable : dict of str to float
        Who is gossiped with, and since when (seconds).
    quarantined : dict of str to float
        Removed endpoints and when that was (seconds).
    detector : FailureDetector
    shadow : dict of str to EndpointState, or None
        What the shadow round told.
    enabled : bool
        Whether it gossips.

    Examples
    --------
    >>> from gossipkit.sim import World
    >>> world = World(seed=1)
    >>> for name in "abc":
    ...     world.add(name, Gossiper(seeds=("a",)))
    >>> world.run(until=20)
    >>> sorted(world.processes["c"].live)
    ['a', 'b']

    References
    ----------
    apache/cassandra @ac8c8b2, gms/Gossiper.java.
    """

    def __init__(
        self,
        seeds: tuple[str, ...] = (),
        config: GossipConfig | None = None,
        applications: Mapping[str, str] | None = None,
        members: tuple[str, ...] = (),
        last_generation: int | None = None,
        delegate: Callable[[str, str, EndpointState], None] | None = None,
        admit: Callable[[dict[str, EndpointState]], bool] | None = None,
        peers: tuple[str, ...] = (),
    ):
        if isinstance(seeds, str):
            raise ValueError(f"seeds is {seeds!r}: it must be a tuple of names, such as ({seeds!r},)")
        checks.instance("config", config, GossipConfig | None, "a GossipConfig, or None for Cassandra's own")
        if applications is not None:
            checks.instance("applications", applications, Mapping, "a mapping of text to text, or None")
            for name, value in applications.items():
                checks.text("a name in applications", name)
                checks.instance(f"applications[{name!r}]", value, str, "text")
        if last_generation is not None:
            checks.whole("last_generation", last_generation, 0)
        for called, function in (("delegate", delegate), ("admit", admit)):
            if function is not None and not callable(function):
                raise ValueError(f"{called} is {function!r}: it must be a function, or None")
        # all nodes of a settled cluster are given the same names: only one look at what holds them
        checks.instance("members", members, Collection, "a tuple of names, such as ('a', 'b')")
        if isinstance(members, str):
            raise ValueError(f"members is {members!r}: it must be a tuple of names, such as ({members!r},)")
        self.config = config or GossipConfig()
        self._all_seeds, self._members = checks.names("seeds", seeds), tuple(members)
        self._peers = checks.names("peers", peers)
        self._applications = {"STATUS": Status.NORMAL.value} if applications is None else dict(applications)
        self._last_generation, self._delegate, self._admit = last_generation, delegate, admit
        self.enabled = False
        self.shadow: dict[str, EndpointState] | None = None

    def persisted(self) -> int | None:
        """The generation, which a next life must exceed; None before the first. Cassandra keeps it in system.local."""
        return self._last_generation

    def start(self, env: "Env") -> None:
        """Come up: a shadow round where there are seeds to ask, and then a round each interval.

        The generation is the wall clock's seconds, or one more than the last one if the clock does not show more.
        """
        self._env, now = env, env.now
        # SystemKeyspace.incrementAndGetGeneration: a clock that went back must not make this life older than the last
        earlier = self._last_generation
        self._last_generation = int(env.clock()) if earlier is None else max(earlier + 1, int(env.clock()))
        self.seeds = tuple(name for name in self._all_seeds if name != env.name)
        self._version = 0
        self._shutting_down = self._told = False
        values = {name: VersionedValue(value, self._next()) for name, value in self._applications.items()}
        me = EndpointState(HeartBeatState(self._last_generation, 0), values)
        self.endpoints = {env.name: Endpoint(me, now, alive=True)}
        self.live: dict[str, float] = {}
        self.unreachable: dict[str, float] = {}
        self.quarantined: dict[str, float] = {}
        self._expires: dict[str, float] = {}
        self._echoed: set[str] = set()
        self.detector = FailureDetector(self.config, now)
        self._shadow_round = None
        self._tick = self._round
        self._handlers = {
            Syn: self._heard_syn,
            Ack: self._heard_ack,
            Ack2: self._heard_ack2,
            Echo: self._heard_echo,
            EchoReply: self._heard_echo_reply,
            Shutdown: self._heard_shutdown,
        }
        # in a settled cluster everybody's STATUS is known: a node that dies before its first word is a dead member of the ring,
        # and no fat client that is forgotten
        status = self._applications.get("STATUS")
        known = {} if status is None else {"STATUS": VersionedValue(status, 0)}
        for name in self._members:
            if name != env.name:
                self.endpoints[name] = Endpoint(EndpointState(HeartBeatState(0, 0), known), now, alive=True)
                self.live[name] = now
                self.detector.report(name, now)
        env.record("beliefs", view={Belief.UP: tuple(self.endpoints)})
        if self.seeds and not self._members:
            is_seed = env.name in self._all_seeds
            peers = tuple(name for name in self._peers if name != env.name and name not in self.seeds)
            self._shadow_round = ShadowRound(env, self.config, self.seeds, peers, is_seed, self._left_shadow)
        else:
            self._begin({})

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Handle a message."""
        self._handlers[type(message)](sender, message)

    def _left_shadow(self, states: dict[str, EndpointState] | None) -> None:
        self._shadow_round, self.shadow = None, states
        if states is None:
            self._env.record("shadow-round-failed")
        else:
            self._env.record("shadow-round", endpoints=len(states))
            self._begin(states)

    def _begin(self, states: dict[str, EndpointState]) -> None:
        if self._admit is not None and not self._admit(states):
            return
        self.enabled = True
        # the first round comes after one interval; nodes are not started in step
        self._env.after(self.config.interval_s * (1.0 - self._env.random.random()), self._tick)

    def _next(self) -> int:
        self._version += 1
        return self._version

    # the round

    def _round(self) -> None:
        if not self.enabled:
            return
        env = self._env
        env.after(self.config.interval_s, self._tick)
        me = self.endpoints[env.name]
        # one counter for heartbeats and application states: so one number says how much of the whole somebody has
        heartbeat = HeartBeatState(me.state.heartbeat.generation, self._next())
        me.state = me.state.with_heartbeat(EndpointState(heartbeat))
        digests = [endpoint.state.digest(name) for name, endpoint in self.endpoints.items()]
        env.random.shuffle(digests)
        syn = Syn(self.config.cluster_name, tuple(digests))
        for name in targets(
            env.random, tuple(self.live), tuple(self.unreachable), self.seeds, self.config.fanout
        ):
            env.send(name, syn)
            self._told = True
        self._check_status()

    def _check_status(self) -> None:
        env, config, now = self._env, self.config, self._env.now
        convicted = self.detector.convicted(now)
        if convicted is None:
            env.record("local-pause")
        for name in convicted or ():
            if name in self.endpoints and self.endpoints[name].alive:
                self._mark_dead(name)
        me, silent_since_s = env.name, now - config.fat_client_timeout_s
        for name, endpoint in tuple(self.endpoints.items()):
            # doStatusCheck: a "fat client", which owns no tokens, is forgotten when it is silent; a member of the ring stays
            # known for ever, until an operator takes it out
            if (
                endpoint.updated_s < silent_since_s
                and endpoint.state.status in GOSSIP_ONLY_STATES
                and name not in self.quarantined
                and name != me
            ):
                self._remove(name)
                self._evict(name)
            elif not endpoint.alive and now > self._expires.get(name, float("inf")):
                self._evict(name)
        for name, since_s in tuple(self.quarantined.items()):
            if now - since_s > config.quarantine_delay_s:
                del self.quarantined[name]
                env.record("quarantine-over", about=name)

    # digests and states

    def _heard_syn(self, sender: str, syn: Syn) -> None:
        env, shadow = self._env, self._shadow_round is not None
        if not (self.enabled or shadow):
            return
        if syn.cluster != self.config.cluster_name:
            env.record("cluster-mismatch", sender=sender, cluster=syn.cluster)
        elif not syn.digests:
            # an empty SYN is a shadow round: all is told, nothing is asked. A node that is in one itself only says so
            known = () if shadow else tuple((name, known.state) for name, known in self.endpoints.items())
            env.send(sender, Ack((), known, shadow))
        elif not shadow:
            requests, states = [], []
            endpoints = self.endpoints
            for digest in syn.digests:
                name = digest[0]
                known = endpoints.get(name)
                _, request, state = compare(digest, None if known is None else known.state)
                if request is not None:
                    requests.append(request)
                elif state is not None:
                    states.append(state.named(name))
            env.count("gossip.states.sent", len(states))
            env.send(sender, Ack(tuple(requests), tuple(states)))

    def _heard_ack(self, sender: str, ack: Ack) -> None:
        if self._shadow_round is not None:
            return self._shadow_round.answered(sender, ack)
        if not self._told:
            return  # a second answer to the shadow round: it was only for looking (CASSANDRA-12653)
        self._believe(ack.states)
        states = []
        for request in ack.requests:
            known = self.endpoints.get(request.endpoint)
            state = answer(request, None if known is None else known.state)
            if state is not None:
                states.append(state.named(request.endpoint))
        self._env.count("gossip.states.sent", len(states))
        self._env.send(sender, Ack2(tuple(states)))

    def _heard_ack2(self, sender: str, ack2: Ack2) -> None:
        if self.enabled:
            self._believe(ack2.states)

    def _believe(self, states: States) -> None:
        env, endpoints, quarantined, report = (
            self._env,
            self.endpoints,
            self.quarantined,
            self.detector.report,
        )
        me, now, clock = env.name, env.now, env.clock()
        for name, heard in states:
            # a node knows its own state best; and old states of a removed node, which others may still tell, would bring it back
            if name == me or name in quarantined:
                continue
            known = endpoints.get(name)
            local = None if known is None else known.state
            rule = judge(heard, local, clock)
            if rule is NEWER and not heard.applications:  # a heartbeat and no more, as nearly always
                state, changed, is_heartbeat = local.with_heartbeat(heard), (), True
            else:
                _, state, changed, is_heartbeat = carry_out(rule, heard, local)
            if is_heartbeat:
                if known is not None:
                    known.updated_s = now
                    # notifyFailureDetector: a node that is back after an outage may have another rhythm, which is learnt anew
                    if rule is not NEWER and not known.alive:
                        self.detector.forget(name)
                report(name, now)
            effect = STATE_RULES[rule]
            if effect is REPLACE:
                self._major_change(name, state)
                continue
            if effect is MERGE:
                known.state = state
                if changed:
                    self._changes(name, known, changed)
            elif rule is REFUSED:
                env.record("refused-generation", about=name, generation=heard.heartbeat.generation)
            # applyStateLocally: also where nothing is newer, so that a lost echo is made good in some later round
            if not known.alive and rule in (NEWER, NOT_NEWER) and known.state.status not in DEAD_STATES:
                self._mark_alive(name)

    def _changes(self, name: str, known: Endpoint, changed: tuple[str, ...]) -> None:
        state, belief = known.state, known.belief
        for application in changed:
            value, version = state.applications[application]
            self._env.record(
                "on-change", about=name, belief=belief, state=application, value=value, version=version
            )
            self._notify("on-change", name, state)
        # StorageService.handleStateLeft and handleStateRemoved: the node, or an operator, has said so; nobody waits for silence
        if "STATUS" in changed and state.status in DEPARTED:
            self._mark_dead(name)
            self._depart(name)

    def _major_change(self, name: str, state: EndpointState) -> None:
        known = self.endpoints.get(name)
        # handleMajorStateChange: a new life begins as down, whatever the last one was, until an echo comes back
        self.endpoints[name] = Endpoint(state, self._env.now)
        if known is not None:
            self._changed("on-restart", name)
        if state.status in DEAD_STATES:
            self._mark_dead(name)
        else:
            self._mark_alive(name)
        self._changed("on-join", name)
        if state.status == Status.SHUTDOWN:
            self._mark_shutdown(name, state)
        elif state.status in DEPARTED:
            self._depart(name)

    # up and down

    def _mark_alive(self, name: str) -> None:
        # Gossiper.markAlive: news of a node, which others may have brought, is no proof that it can be reached from here
        self.endpoints[name].alive = False
        self._echoed.add(name)
        self._env.send(name, Echo())

    def _heard_echo(self, sender: str, echo: Echo) -> None:
        # it has just told the others that it goes: an answer would make it alive again for them
        if not self._shutting_down:
            self._env.send(sender, EchoReply())

    def _heard_echo_reply(self, sender: str, reply: EchoReply) -> None:
        if sender not in self._echoed or sender not in self.endpoints:
            return
        self._echoed.discard(sender)
        endpoint, now = self.endpoints[sender], self._env.now
        endpoint.alive, endpoint.updated_s = True, now
        self.live[sender] = now
        self.unreachable.pop(sender, None)
        self._expires.pop(sender, None)
        self._changed("on-alive", sender)

    def _mark_dead(self, name: str) -> None:
        self.endpoints[name].alive = False
        self._echoed.discard(name)
        self.live.pop(name, None)
        self.unreachable[name] = self._env.now
        self._changed("on-dead", name)

    def _heard_shutdown(self, sender: str, message: Shutdown) -> None:
        known = self.endpoints.get(sender)
        last = (message.state.heartbeat.generation, HIGHEST_VERSION)
        # a late SHUTDOWN must not end the next life: its generation is lower than the one known by then
        if self.enabled and known is not None and known.state.heartbeat < last:
            self._mark_shutdown(sender, message.state)

    def _mark_shutdown(self, name: str, state: EndpointState) -> None:
        # the highest of all versions: nothing that is still under way from this life can count as news
        last = HeartBeatState(state.heartbeat.generation, HIGHEST_VERSION)
        self.endpoints[name].state = EndpointState(last, state.applications)
        self._mark_dead(name)

    # removal

    def _depart(self, name: str) -> None:
        # for three days its state is still told: a node that was away must hear that it left, or would bring it back
        self._expires[name] = self._env.now + self.config.very_long_time_s
        self._remove(name)

    def _remove(self, name: str) -> None:
        """Gossip no more with it and ignore what is said of it for a while, but go on telling what was known."""
        self.live.pop(name, None)
        self.unreachable.pop(name, None)
        self.detector.forget(name)
        self.quarantined[name] = self._env.now
        self._changed("on-remove", name)

    def _evict(self, name: str) -> None:
        self.unreachable.pop(name, None)
        self._expires.pop(name, None)
        self._echoed.discard(name)
        del self.endpoints[name]
        self.quarantined[name] = self._env.now
        self._env.record("evict", about=name, belief=None)

    # what the node and its operator do

    def announce(self, name: str, value: str) -> None:
        """Set one of the node's own application states, see `APPLICATION_STATES`.

        Raises
        ------
        ValueError
            For a name that is empty, or a value that is not text.
        """
        checks.name("name", name)
        if not isinstance(value, str):
            raise ValueError(f"value is {value!r}: it must be text")
        me = self.endpoints[self._env.name]
        me.state = me.state.with_values({name: VersionedValue(str(value), self._next())})

    def shutdown(self) -> None:
        """Tell the live nodes that this one goes down, go on for ``shutdown_announce_s``, and stop."""
        if self._shutting_down or not self.enabled:
            return
        self._shutting_down = True
        self.announce("STATUS", f"{Status.SHUTDOWN},true")
        state = self.endpoints[self._env.name].state
        for name in self.live:
            self._env.send(name, Shutdown(state))
        self._env.record("shutdown")
        self._env.after(self.config.shutdown_announce_s, self._stop)

    def _stop(self) -> None:
        self.enabled = self._told = False

    def assassinate(self, name: str) -> None:
        """Bury an endpoint: gossip, as if it said so itself, that it has begun a next generation and has left.

        A known one is first watched for ``ring_delay_s``; if it shows life meanwhile, ``assassinate-failed`` is recorded.
        It is the operator's last resort: nothing is moved or checked, and a node that does run is not stopped by it.

        Raises
        ------
        ValueError
            For the node itself.
        """
        checks.name("name", name)
        if name == self._env.name:
            raise ValueError(f"name is {name!r}: a node cannot assassinate itself")
        known = self.endpoints.get(name)
        if known is None:
            self._bury(name)
        else:
            # Gossiper.assassinateEndpoint sleeps for RING_DELAY, and then wants the same heartbeat as before
            self._env.after(self.config.ring_delay_s, self._bury_if_silent, name, known.state.heartbeat)

    def _bury_if_silent(self, name: str, heartbeat: HeartBeatState) -> None:
        known = self.endpoints.get(name)
        if known is None or known.state.heartbeat != heartbeat:
            self._env.record("assassinate-failed", about=name)
        else:
            self._bury(name)

    def _bury(self, name: str) -> None:
        known = self.endpoints.get(name)
        self._env.record("assassinate", about=name)
        state = last_words(None if known is None else known.state, self._env.clock(), self._next())
        self._major_change(name, state)

    def _changed(self, kind: str, name: str) -> None:
        known = self.endpoints[name]
        self._env.record(kind, about=name, belief=known.belief)
        self._notify(kind, name, known.state)

    def _notify(self, kind: str, name: str, state: EndpointState) -> None:
        if self._delegate is not None:
            self._delegate(kind, name, state)
