"""A gossipsub router, as a process."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from ...sim import checks
from .config import GossipsubConfig
from .memory import MessageCache, Promises, Seen, SeenCache
from .mesh import Answer, Mesh, Why
from .messages import Connect, Graft, IHave, IWant, Prune, Publish, Verdict
from .score import NoScore, PeerScore
from .score_params import ScoreParams

if TYPE_CHECKING:
    from ...sim import Env, Message


def by_its_word(message: Publish) -> Verdict:
    """The validator of a model in which a message says itself what an honest validator finds."""
    return message.verdict


class Gossipsub:
    """A router of one topic to which everybody subscribes, as `gossipkit.sim.Process`: gossipsub v1.1.

    How it works. A message goes in full to the peers of the `Mesh`, and each of them forwards it once. Once a heartbeat the mesh
    is mended, and some peers outside of it are told by IHAVE which messages of late there are; who lacks one asks by IWANT. A
    `PeerScore` decides who may be in the mesh, who is gossiped with, and who is not listened to at all.

    libp2p's connections lose nothing. What is lost are whole RPCs, where a peer's queue is full (gossipsub.go, doDropRPC): the
    world's `set_loss` is the share of those. GRAFT and PRUNE are then sent again with the next heartbeat, and gossip is not
    (pushControl). Connections break when the other side is down. Validation takes no time here.

    It writes ``graft`` and ``prune`` (about, why) into the trace, ``delivered`` and ``rejected`` (id, by), ``graylisted`` (about)
    and ``promise-broken`` (about).

    Parameters
    ----------
    config : GossipsubConfig, optional
    connections : mapping of str to bool
        The connections that stand at the start: peers, and whether this router has dialled them.
    dial : collection of str
        Peers to connect to at the start, beside those.
    scores : ScoreParams or None
        None: everybody has the score 0.
    addresses : mapping of str to str
        The IP address that a peer connects from; without one it has its own.
    application : mapping of str to float
        P5, what the application thinks of a peer.
    validate : callable
        ``validate(message)`` returns a `Verdict`.
    deliver : callable, optional
        ``deliver(message, sender)`` is called once with every accepted message, one's own with one's own name.

    Raises
    ------
    ValueError
        For an argument of another kind than that.

    Attributes
    ----------
    peers : dict of str to bool
        Connected peers, and whether this router has dialled them.
    mesh : Mesh
    scores : PeerScore or NoScore
    duplicates, rejected, dropped : int
        Copies of what it had seen; invalid messages that it has looked at; RPCs that it could not send.

    Examples
    --------
    >>> from gossipkit.sim import World
    >>> world, names = World(seed=1), "abc"
    >>> for name in names:
    ...     world.add(name, Gossipsub(connections={other: name < other for other in names if other != name}))
    >>> world.run(until=3)
    >>> world.process("a").publish(1000)
    'a/1'
    >>> world.run(until=4)
    >>> sorted(event.node for event in world.trace.filter(kind="delivered"))
    ['a', 'b', 'c']
    """

    def __init__(
        self,
        config: GossipsubConfig | None = None,
        *,
        connections: Mapping[str, bool] | None = None,
        dial: Collection[str] = (),
        scores: ScoreParams | None = None,
        addresses: Mapping[str, str] | None = None,
        application: Mapping[str, float] | None = None,
        validate: Callable[[Publish], Verdict] = by_its_word,
        deliver: Callable[[Publish, str], None] | None = None,
    ):
        _check(config, connections, scores, addresses, application, validate, deliver)
        self.config = config or GossipsubConfig()
        self.peers: dict[str, bool] = {}
        self.scores = NoScore() if scores is None else PeerScore(scores, application)
        self._standing, self._dial = dict(connections or {}), checks.names("dial", dial)
        self._addresses = addresses or {}
        self._validate, self._deliver = validate, deliver
        self._seen = SeenCache(self.config.seen_ttl_s)
        self._cache = MessageCache(self.config.history_length, self.config.history_gossip)
        self._promises = Promises(self.config.iwant_followup_s)
        self._ihaves: dict[str, int] = {}  # this heartbeat's, by peer
        self._asked: dict[str, int] = {}
        self._again: dict[str, Graft | Prune] = {}  # control messages that were dropped
        self._published = self._ticks = 0
        self.duplicates = self.rejected = self.dropped = 0

    def start(self, env: "Env") -> None:
        self.env = env
        self.mesh = Mesh(self.config, self.scores, self.peers, env.random)
        for peer, dialled in self._standing.items():
            self._add_peer(peer, dialled)
        for peer in self._dial:
            self.connect(peer)
        for peer in self.mesh.join(env.now):
            self._say_graft(peer)
        # routers are not started at one time: their heartbeats are out of step
        interval_s = self.config.heartbeat_interval_s
        env.after(self.config.heartbeat_initial_delay_s + env.random.random() * interval_s, self._heartbeat)
        if isinstance(self.scores, PeerScore):
            env.after(self.scores.params.decay_interval_s, self._refresh)

    def score(self, peer: str) -> float:
        """What this router thinks of a peer."""
        return self.scores.score(peer)

    # Connections.

    def connect(self, peer: str) -> None:
        """Dial a peer; nothing if it is connected, or is this router itself."""
        if peer not in self.peers and peer != self.env.name:
            self._add_peer(peer, dialled=True)
            self.env.send_reliably(peer, Connect(), refused=self._gone, failed=self._gone)

    def _add_peer(self, peer: str, dialled: bool) -> None:
        self.peers[peer] = dialled
        self.scores.add_peer(peer, self._addresses.get(peer, peer))

    def _gone(self, peer: str, _: "Message") -> None:
        """A connection has broken."""
        if self.peers.pop(peer, None) is not None:
            self.mesh.forget(peer)
            self.scores.remove_peer(peer, self.env.now)

    def send(self, peer: str, message: "Message") -> None:
        """One RPC, unless the peer's queue is full."""
        env = self.env
        loss = env.loss(peer)
        if loss and env.random.random() < loss:
            self.dropped += 1
            if isinstance(message, Graft | Prune):
                self._again[peer] = message
            return
        env.send_reliably(peer, message, refused=self._gone, failed=self._gone)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        if type(message) is Connect:
            if sender not in self.peers:
                self._add_peer(sender, dialled=False)
            return
        if sender not in self.peers:
            return  # the connection has broken meanwhile
        if self.scores.score(sender) < self.scores.params.thresholds.graylist:
            env.record("graylisted", about=sender)
            return
        HANDLERS[type(message)](self, sender, message)

    # Messages.

    def publish(self, payload_bytes: int, verdict: Verdict = Verdict.ACCEPT) -> str:
        """Send a message of one's own to the topic; returns its id.

        Parameters
        ----------
        payload_bytes : int
            Its size.
        verdict : Verdict
            What others' validators will find.
        """
        env = self.env
        self._published += 1
        message = Publish(f"{env.name}/{self._published}", env.name, payload_bytes, verdict)
        self._seen.add(message.id, Seen(Verdict.ACCEPT, env.now, env.name))
        self._cache.put(message)
        self._take(message, env.name)
        if self.config.flood_publish:
            threshold = self.scores.params.thresholds.publish
            receivers = [peer for peer in self.peers if self.scores.score(peer) >= threshold]
        else:
            receivers = self.mesh.members
        for peer in receivers:
            self.send(peer, message)
        return message.id

    def _take(self, message: Publish, sender: str) -> None:
        self.env.record("delivered", id=message.id, by=sender)
        if self._deliver is not None:
            self._deliver(message, sender)

    def _published_by(self, sender: str, message: Publish) -> None:
        env = self.env
        seen = self._seen.get(message.id)
        if seen is not None:
            self.duplicates += 1
            self.scores.duplicate(sender, seen, env.now)
            return
        verdict = self._validate(message)
        self._seen.add(message.id, Seen(verdict, env.now, sender))
        self._promises.kept(message.id)
        if verdict is Verdict.REJECT:
            self.rejected += 1
            self.scores.invalid_message(sender)
            env.record("rejected", id=message.id, by=sender)
        elif verdict is Verdict.ACCEPT:
            self.scores.first_delivery(sender)
            self._cache.put(message)
            self._take(message, sender)
            for peer in self.mesh.members:
                if peer != sender and peer != message.author:
                    self.send(peer, message)

    # Gossip.

    def _ihave(self, sender: str, message: IHave) -> None:
        if self.scores.score(sender) < self.scores.params.thresholds.gossip:
            return
        # against floods of IHAVE: so many messages and so many ids from one peer in a heartbeat
        self._ihaves[sender] = heard = self._ihaves.get(sender, 0) + 1
        room = self.config.max_ihave_length - self._asked.get(sender, 0)
        if heard > self.config.max_ihave_messages or room <= 0:
            return
        lacking = [id_ for id_ in dict.fromkeys(message.ids) if self._seen.get(id_) is None]
        if not lacking:
            return
        random = self.env.random
        wanted = random.sample(lacking, min(room, len(lacking)))
        self._asked[sender] = self._asked.get(sender, 0) + len(wanted)
        self._promises.add(sender, wanted, random, self.env.now)
        self.send(sender, IWant(tuple(wanted)))

    def _iwant(self, sender: str, message: IWant) -> None:
        if self.scores.score(sender) < self.scores.params.thresholds.gossip:
            return
        for id_ in dict.fromkeys(message.ids):
            found = self._cache.get(id_, sender, self.config.gossip_retransmission)
            if found is not None:
                self.send(sender, found)

    def _emit_gossip(self) -> None:
        """Tell some peers outside the mesh what there is (gossipsub.go, emitGossip)."""
        ids = self._cache.ids
        if not ids:
            return
        random, score, members = self.env.random, self.scores.score, self.mesh.members
        threshold = self.scores.params.thresholds.gossip
        fitting = [peer for peer in self.peers if peer not in members and score(peer) >= threshold]
        target = max(self.config.d_lazy, int(self.config.gossip_factor * len(fitting)))
        said = IHave(tuple(ids)) if len(ids) <= self.config.max_ihave_length else None
        for peer in random.sample(fitting, min(target, len(fitting))):
            # a part drawn anew for each: together they still hear of everything
            self.send(peer, said or IHave(tuple(random.sample(ids, self.config.max_ihave_length))))

    # The mesh.

    def _graft(self, sender: str, message: Graft) -> None:
        was_in = sender in self.mesh.members
        answer = self.mesh.asked(sender, self.env.now)
        if answer is not Answer.IN:
            # peers are named to one that is only too much, and not to one that misbehaves
            self._say_prune(sender, answer, exchange=answer is Answer.FULL)
        elif not was_in:
            self.env.record("graft", about=sender)

    def _prune(self, sender: str, message: Prune) -> None:
        score = self.scores.score(sender)
        self.mesh.told(sender, message.backoff_s or self.config.prune_backoff_s, self.env.now)
        # a liar that prunes could else choose our next peers
        if message.peers and score >= self.scores.params.thresholds.accept_px:
            for peer in message.peers[: self.config.prune_peers]:
                self.connect(peer)

    def _say_graft(self, peer: str) -> None:
        self.env.record("graft", about=peer)
        self.send(peer, Graft())

    def _say_prune(self, peer: str, why: Answer | Why, exchange: bool) -> None:
        self.env.record("prune", about=peer, why=why)
        named: tuple[str, ...] = ()
        if self.config.peer_exchange and exchange:
            fitting = [other for other in self.peers if other != peer and self.scores.score(other) >= 0]
            named = tuple(self.env.random.sample(fitting, min(self.config.prune_peers, len(fitting))))
        self.send(peer, Prune(self.config.prune_backoff_s, named))

    # Time.

    def _heartbeat(self) -> None:
        now = self.env.now
        self._ticks += 1
        self._ihaves.clear()
        self._asked.clear()
        self._seen.expire(now)
        for peer, count in self._promises.broken(now).items():
            self.scores.penalise(peer, count)
            self.env.record("promise-broken", about=peer)
        grafted, pruned = self.mesh.maintain(self._ticks, now)
        self._emit_gossip()
        again, self._again = self._again, {}
        for peer in grafted:
            self._say_graft(peer)
        for peer, why in pruned.items():
            self._say_prune(peer, why, exchange=why is Why.FULL)
        for peer, message in again.items():
            # only what is still true (piggybackControl)
            if peer in self.peers and isinstance(message, Graft) == (peer in self.mesh.members):
                self.send(peer, message)
        self._cache.shift()
        self.env.after(self.config.heartbeat_interval_s, self._heartbeat)

    def _refresh(self) -> None:
        self.scores.refresh(self.env.now)
        self.env.after(self.scores.params.decay_interval_s, self._refresh)


def _check(config, connections, scores, addresses, application, validate, deliver) -> None:
    kinds = GossipsubConfig | None, ScoreParams | None
    checks.instance("config", config, kinds[0], "a GossipsubConfig, or None")
    checks.instance("scores", scores, kinds[1], "ScoreParams, or None")
    for name, given, of, allowed in (
        ("connections", connections, bool, "a mapping of peers to True or False"),
        ("addresses", addresses, str, "a mapping of peers to addresses"),
        ("application", application, int | float, "a mapping of peers to numbers"),
    ):
        checks.instance(name, given, Mapping | None, allowed)
        for peer, value in (given or {}).items():
            if not isinstance(peer, str) or not isinstance(value, of):
                raise ValueError(f"{name} has {peer!r}: {value!r}: it must be {allowed}")
    for name, given in (("validate", validate), ("deliver", deliver)):
        if not callable(given) and not (name == "deliver" and given is None):
            raise ValueError(f"{name} is {given!r}: it must be a function")


HANDLERS = {
    Publish: Gossipsub._published_by,
    IHave: Gossipsub._ihave,
    IWant: Gossipsub._iwant,
    Graft: Gossipsub._graft,
    Prune: Gossipsub._prune,
}
