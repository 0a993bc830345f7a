"""A Cassandra cluster in a simulated world."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ...authority.layouts import random_ring, random_tokens
from ...authority.log_rules import ClusterMetadata
from ...authority.quorum import LEVELS
from ...authority.ring import RING, Place
from ...gossip.scuttlebutt import GossipConfig
from ...repair.hints import WINDOW_S
from ...repair.tombstones import GC_GRACE_S, Cell, supersedes, tombstone
from ...sim import Constant, Metrics, Network
from ...sim.checks import Refused, instance, names, number, one_of, switch, text, truth, whole
from ...sim.checks import name as check_name
from ...sim.network import stream
from ..simulated import NEVER_S, Action, Simulated
from .node import Disk, Node
from .operation import Operation
from .settings import VNODES, Latency, Peer, Settings
from .storage import Storage
from .views import Authority, Gossip, Repair, status


class Cassandra(Simulated):
    """Nodes on a ring that keep rows, with their three parts: `gossip`, `authority` and `repair`.

    Nodes are ``node-1``, ``node-2`` and so on. The cluster begins settled: every node knows every other and its tokens, and
    keeps nothing.

    Parameters
    ----------
    nodes : int
        How many.
    replication : int or mapping of str to int
        Replicas, or replicas by data centre; nodes are dealt out to the data centres in turn.
    racks : int
        In each data centre.
    vnodes : int
        Tokens of a node.
    seeds : iterable of str, optional
        By default the first two nodes. A node that starts later asks them first, and without an answer it does not start.
    seed : int
    network : Network, optional
        Writes and reads are datagrams: what is lost is not sent again.
    membership : {"gossip", "log"}
        Who says which node owns which tokens: the nodes themselves, by gossip, or a log of epochs that the first three nodes
        commit (Cassandra's CMS). Liveness is gossiped either way.
    config : GossipConfig, optional
        Of gossip, the phi threshold included.
    gossip : bool or None
        None or False: no node begins a round, so nobody hears of anybody, and nobody is ever taken for down.
    authority : bool or None
        None or False: no consistency level is honoured; one reply is enough for every operation.
    repair : bool or None
        None or False: no hints, no read repair, no Merkle repair.
    hints, read_repair, merkle : bool
        The three parts of repair.
    hints_count : bool
        Whether a hint counts as an acknowledgement, as in Cassandra at level ANY only. That makes every quorum sloppy.
    hint_window_s : float
        A replica that is down for longer gets no more hints.
    repair_interval_s : float, optional
        Between two Merkle repairs of a node's own ranges; by default they run only when asked for, as in Cassandra.
    gc_grace_s : float
        How long a tombstone is kept.
    compaction_interval_s : float
        Between two compactions of a node.
    storage_write, storage_read : Constant, Uniform or LogNormal, optional
        What a replica takes, in seconds, to keep or to look up a row, on top of the network's latency.
    trace : bool or "events"
        Whether to keep a trace, see `gossipkit.sim.World`; "events" is one without packets.

    Attributes
    ----------
    gossip : Gossip
    authority : Authority
    repair : Repair
    settings : Settings
    world : World
        The simulated world, for what has no method here.
    operations : list of Operation
        All that clients have asked for.

    Raises
    ------
    ValueError
        For a number out of range, fewer nodes than replicas, another choice than those named, or anything of another kind
        than said above. Nothing has changed then; so it is with the errors of all methods.

    Examples
    --------
    >>> cluster = Cassandra(nodes=5, seed=7)
    >>> written = cluster.wait(cluster.write("k", "v", "QUORUM"))
    >>> cluster.wait(cluster.read("k", "QUORUM")).value, len(written.acks)
    ('v', 2)
    """

    ACTIONS: ClassVar = {
        "write": Action(nodes=("via",)),
        "delete": Action(nodes=("via",)),
        "read": Action(nodes=("via",)),
        "join": Action(adds="name"),
        "leave": Action(nodes=("name",)),
    }

    def __init__(
        self,
        nodes: int = 6,
        *,
        replication: int | Mapping[str, int] = 3,
        racks: int = 1,
        vnodes: int = VNODES,
        seeds: Iterable[str] | None = None,
        seed: int = 0,
        network: Network | None = None,
        membership: str = "gossip",
        config: GossipConfig | None = None,
        gossip: bool | None = True,
        authority: bool | None = True,
        repair: bool | None = True,
        hints: bool = True,
        read_repair: bool = True,
        merkle: bool = True,
        hints_count: bool = False,
        hint_window_s: float = WINDOW_S,
        repair_interval_s: float | None = None,
        gc_grace_s: float = GC_GRACE_S,
        compaction_interval_s: float = 600.0,
        storage_write: Latency | None = None,
        storage_read: Latency | None = None,
        trace: bool | str = True,
    ):
        whole("nodes", nodes, 1)
        whole("racks", racks, 1)
        whole("vnodes", vnodes, 1)
        one_of("membership", membership, ("gossip", "log"))
        number("compaction_interval_s", compaction_interval_s, low=1.0)
        if repair_interval_s is not None:
            number("repair_interval_s", repair_interval_s, low=1.0)
        number("hint_window_s", hint_window_s)
        number("gc_grace_s", gc_grace_s)
        instance("config", config, GossipConfig | None, "a GossipConfig, or None for Cassandra's own")
        for what, latency in (("storage_write", storage_write), ("storage_read", storage_read)):
            instance(what, latency, Latency | None, "a Constant, a Uniform, a LogNormal or None")
        gossip, authority, repair = (
            switch(part, on)
            for part, on in (("gossip", gossip), ("authority", authority), ("repair", repair))
        )
        for what, on in (
            ("hints", hints),
            ("read_repair", read_repair),
            ("merkle", merkle),
            ("hints_count", hints_count),
        ):
            truth(what, on)
        everybody = tuple(f"node-{i}" for i in range(1, nodes + 1))
        by_place = dict(replication) if isinstance(replication, Mapping) else {"dc1": replication}
        if not by_place:
            raise ValueError(f"replication is {replication!r}: it must have at least one data centre")
        for place, count in by_place.items():
            check_name("a data centre in replication", place)
            whole(f"replication in {place}", count, 1, len(everybody[:: len(by_place)]))
        whole("nodes", nodes, sum(by_place.values()))
        chosen = everybody[:2] if seeds is None else () if isinstance(seeds, str) else names("seeds", seeds)
        if isinstance(seeds, str) or not set(chosen) <= set(everybody):
            raise ValueError(
                f"seeds is {seeds!r}: it must be a list of this cluster's nodes, {everybody[0]} to {everybody[-1]}"
            )
        config = config or GossipConfig()
        super().__init__(seed, network, trace)
        self._datacentres, self._racks = tuple(by_place), racks
        self._places: dict[str, Place] = {}
        for name in everybody:
            self._stand(name)
        ring = random_ring(everybody, vnodes, seed, self._places)
        peers = {
            name: Peer(
                tuple(token for token, owner in ring.tokens.items() if owner == name), self._places[name]
            )
            for name in everybody
        }
        self.settings = Settings(
            seed=seed,
            seeds=chosen,
            peers=peers,
            replication=by_place,
            vnodes=vnodes,
            gossip=config if gossip else replace(config, interval_s=NEVER_S),
            log=ClusterMetadata.first(ring, by_place) if membership == "log" else None,
            cms=everybody[:3],
            authority=authority,
            hints=repair and hints,
            hints_count=hints_count,
            hint_window_s=hint_window_s,
            read_repair=repair and read_repair,
            merkle=repair and merkle,
            repair_interval_s=repair_interval_s,
            gc_grace_s=gc_grace_s,
            compaction_interval_s=compaction_interval_s,
            stop=self.crash,
            storage_write=storage_write or Constant(0.0),
            storage_read=storage_read or Constant(0.0),
        )
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        self._random = stream(seed, "clients")
        self._acknowledged: dict[str, Cell] = {}
        self._deletions: dict[str, float] = {}
        self._storages: dict[str, Storage] = {}
        for name in everybody:
            self._add(name, peers[name].tokens)

    def _stand(self, name: str) -> None:
        count, width = len(self._places), len(self._datacentres)
        self._places[name] = Place(
            self._datacentres[count % width], f"rack{count // width % self._racks + 1}"
        )

    def _add(self, name: str, tokens: tuple[int, ...], joins: bool = False) -> None:
        place = self._places[name]

        def from_disk(disk: Disk) -> Node:
            return Node(self.settings, place, tokens, not disk.joined, disk)

        node = Node(self.settings, place, tokens, joins)
        self._storages[name] = node.storage
        self.world.add(name, node, from_disk)

    # Clients.

    def write(
        self,
        key: str,
        value: str,
        consistency: str = "QUORUM",
        via: str | None = None,
        timestamp: float | None = None,
    ) -> Operation:
        """Write a row, from the present moment on.

        Parameters
        ----------
        key, value : str
        consistency : str
            One of `gossipkit.authority.quorum.LEVELS`.
        via : str, optional
            The node that the client asks, which coordinates; by default any that runs.
        timestamp : float, optional
            Seconds by the client's own clock, as CQL's USING TIMESTAMP; by default the coordinator's clock says it.

        Returns
        -------
        Operation
            Still pending; `run` or `wait`, then look at ``status``.

        Raises
        ------
        ValueError
            For another level, a value that is no text, a timestamp below 0, or if ``via`` is no node or is down, or no node
            is up.
        """
        self._check_write(key, value, consistency, via, timestamp)
        return self._begin("write", key, consistency, via, timestamp, value)

    def delete(
        self,
        key: str,
        consistency: str = "QUORUM",
        via: str | None = None,
        timestamp: float | None = None,
    ) -> Operation:
        """Delete a row: a write of a tombstone. Parameters and errors are those of `write`."""
        self._check_delete(key, consistency, via, timestamp)
        return self._begin("delete", key, consistency, via, timestamp)

    def read(self, key: str, consistency: str = "QUORUM", via: str | None = None) -> Operation:
        """Read a row. Parameters and errors are those of `write`; the answer is the operation's ``value``."""
        self._check_read(key, consistency, via)
        return self._begin("read", key, consistency, via)

    def _check_write(
        self,
        key: str,
        value: str,
        consistency: str = "QUORUM",
        via: str | None = None,
        timestamp: float | None = None,
    ) -> None:
        if not isinstance(value, str):
            raise ValueError(f"value is {value!r}: it must be text")
        self._check_delete(key, consistency, via, timestamp)

    def _check_delete(
        self, key: str, consistency: str = "QUORUM", via: str | None = None, timestamp: float | None = None
    ) -> None:
        if timestamp is not None:
            number("timestamp", timestamp)
        self._check_read(key, consistency, via)

    def _check_read(self, key: str, consistency: str = "QUORUM", via: str | None = None) -> None:
        one_of("consistency", consistency, LEVELS)
        text("key", key)

    def _begin(
        self,
        kind: str,
        key: str,
        consistency: str,
        via: str | None,
        timestamp: float | None = None,
        value: str = "",
    ) -> Operation:
        if via is None:
            via = self._random.choice(list(self._up()))
        node = self.started(via, "via")
        clock = node.env.clock()
        written = clock if timestamp is None else float(timestamp)
        cell = {"write": Cell(value, written), "delete": tombstone(written, clock), "read": None}[kind]
        operation = Operation(
            number=len(self.operations) + 1,
            kind=kind,
            key=key,
            via=via,
            started_s=self.world.now,
            consistency=consistency,
            cell=cell,
            expected=self._acknowledged.get(key) if kind == "read" else None,
            deletion=self._deletions.get(key) if kind == "read" else None,
            finished=None if kind == "read" else self._note,
        )
        if kind == "delete":
            self._deletions[key] = written
        self.operations.append(operation)
        node.client(operation)
        return operation

    def _note(self, operation: Operation) -> None:
        known = self._acknowledged.get(operation.key)
        if operation.ok and (known is None or supersedes(operation.cell, known)):
            self._acknowledged[operation.key] = operation.cell

    # What happens.

    def restart(self, name: str) -> None:
        """Bring a node back from its disk. If it reaches neither a seed nor a node that it knew it stops
        again, 65 s later with the usual settings.
        """
        self.world.restart(name)

    def join(self, name: str, tokens: Iterable[int] | None = None) -> None:
        """Let an operator start a new node, which is to own tokens; it says so in the trace when it does ("joined").

        If another node is joining or leaving it is refused ("join-refused", with the reason), unless it cannot have heard of
        that yet; it tries again after ``ring_delay_s``.

        Parameters
        ----------
        name : str
        tokens : iterable of int, optional
            By default random ones.

        Raises
        ------
        ValueError
            If the name is taken or is none, or for no token, one outside the ring, or one that is taken.
        """
        chosen = None if tokens is None else _tokens(name, tokens)
        self._check_join(name, chosen)
        drawn = chosen or random_tokens(name, self.settings.vnodes, self.settings.seed)
        taken = {
            token: owner
            for owner, node in self.world.processes.items()
            if isinstance(node, Node)
            for token in node.tokens
        }
        for node in self.running().values():
            taken |= node.ownership.ring.tokens if node.ownership.ring else {}
        for token in drawn:
            if token in taken:
                raise Refused(f"token is {token}: {taken[token]!r} has it already, take one that is free")
        self._stand(name)
        self._add(name, drawn, joins=True)

    def _check_join(self, name: str, tokens: Iterable[int] | None = None) -> None:
        check_name("name", name)
        if name in self.world.names:
            raise Refused(f"there is a node {name!r} already: a new one needs a name of its own")
        if tokens is not None:
            _tokens(name, tokens)

    def leave(self, name: str) -> None:
        """Let an operator take a node out, ``nodetool decommission``: those who will own its ranges are sent what it has, and
        it stops.

        It says in the trace when it owns nothing any more ("left"); its process ends ``ring_delay_s`` later. Restarted, it
        joins anew.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, owns nothing, is leaving already, too few would stay in its data centre,
            or if data is moving to it, as far as it knows, because another node is leaving.
        """
        node = self.started(name)
        ring = node.ownership.ring
        if node.joining is not None or ring is None or name not in ring.nodes:
            raise Refused(f"{name!r} owns nothing yet: only a member of the ring can leave it")
        if node.leaving is not None:
            raise Refused(f"{name!r} is leaving already")
        # StorageService.decommission counts those that stay when all that are leaving have left (cloneAfterAllLeft)
        here, going = node.place.datacentre, {name, *node.ownership.leaving}
        staying = sum(place.datacentre == here for other, place in ring.places.items() if other not in going)
        needed = self.settings.replication[here]
        if staying < needed:
            raise Refused(f"{name!r} cannot leave: {staying} would stay in {here}, for {needed} replicas")
        if node.ownership.receives(name):
            moving = ", ".join(sorted({*node.ownership.pending, *node.ownership.leaving}))
            raise Refused(
                f"{name!r} cannot leave: data is moving to it because of {moving}, wait until that is over"
            )
        node.leave()

    decommission = leave
    """The same under nodetool's name."""

    # Who there is.

    def stored_keys(self) -> tuple[str, ...]:
        """All keys on any disk, in alphabetical order."""
        return tuple(sorted({key for storage in self._storages.values() for key in storage.cells}))

    def place(self, name: str) -> Place:
        """Where a node stands."""
        self._known(name)
        return self._places[name]

    def storage(self, name: str) -> Storage:
        """A node's disk, whether it is up or not."""
        self._known(name)
        return self._storages[name]

    def running(self) -> dict[str, Node]:
        """The nodes that are up, have started, and belong to the cluster, by name: not those that have left it, or that have
        been turned away as they wanted to join it. Other programs in the same world are none.
        """
        running = super().running().items()
        return {name: node for name, node in running if isinstance(node, Node) and node.belongs}

    def started(self, name: str, called: str = "name") -> Node:
        """A node's process; ``called`` is the argument that errors speak of.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, has left or has not started.
        """
        self._known(name, called)
        self.world.begin()
        node = self.world.process(name)
        if node is None or not node.belongs:
            away = node is not None and node.turned_away
            raise Refused(
                f"{name!r} was turned away and waits: it tries again to join by itself"
                if away
                else f"{name!r} is down or has left: restart it first"
            )
        return node

    def status(self, name: str) -> list[dict[str, str]]:
        """The table of ``nodetool status`` as one node would print it: up or down, normal or joining, tokens, load, share."""
        return status(self, name)

    def _summary(self) -> str:
        return f"{self.gossip.summary()}, {self.repair.summary()}"

    @property
    def metrics(self) -> Metrics:
        """Counters and gauges per node over time, under Cassandra's names (org.apache.cassandra.metrics, without that prefix).

        ``ClientRequest.Latency``, ``.TotalLatency`` (microseconds), ``.Timeouts`` and ``.Unavailables``, each with ``.Read`` or
        ``.Write``; ``DroppedMessage.Dropped`` by verb; ``FailureDetector.DownEndpointCount``;
        ``HintedHandOffManager.Hints_created`` and ``Hints_not_stored`` by target, ``Storage.TotalHints``,
        ``HintsService.HintsSucceeded`` and ``HintsTimedOut``; ``ReadRepair.RepairedBlocking`` and ``ReconcileRead``;
        ``Streaming.IncomingBytes``. ``Repair.Failed`` and ``gossip.states.sent`` are this model's; ``datagram.*`` and
        ``stream.*`` are the network's, see `gossipkit.sim`.
        """
        return self.world.metrics


def _tokens(name: str, given: Any) -> tuple[int, ...]:
    """The tokens that an operator has chosen for a node."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ValueError(f"tokens is {given!r}: it must be whole numbers, such as (0, {2**127})")
    tokens = tuple(given)
    if not tokens:
        raise ValueError(f"tokens is {tokens!r}: {name!r} would own nothing, give it at least one")
    for token in tokens:
        whole("tokens: token", token, 0, RING - 1)
    if len(set(tokens)) < len(tokens):
        raise ValueError(f"tokens is {tokens!r}: each token must be there once")
    return tokens
