"""A Dynamo cluster in a simulated world."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from ...authority.pbs import FITS, Wars
from ...authority.ring import Ring
from ...authority.versions import TRUNCATE_AT, VectorClock
from ...gossip.membership_history import JOIN, LEAVE, Change
from ...sim import Metrics, Network, checks
from ...sim.checks import instance, number, one_of, switch, text, truth, whole
from ...sim.network import stream
from ..placement import position
from ..simulated import Action, Simulated
from .node import Node
from .objects import storable
from .operation import Kind, Operation
from .settings import CLIENT_REFRESH_S, MERKLE_INTERVAL_S, Settings
from .storage import Storage
from .views import Authority, Gossip, Repair

Merge = Callable[[tuple[Any, ...]], Any]


class Dynamo(Simulated):
    """Nodes on a ring that keep objects, with their three parts: `gossip`, `authority` and `repair`.

    The cluster begins settled: every node knows every other as a member, and keeps nothing.

    Parameters
    ----------
    nodes : int or iterable of str
        How many, called ``node-1``, ``node-2`` and so on; or their names.
    n, r, w : int
        Replicas of a key, and how many of them a get and a put wait for.
    strategy : int
        How tokens and partitions are laid out, 1 to 3 as in `gossipkit.authority.ring`.
    vnodes : int
        Tokens of a node. Under strategy 3 this times the number of nodes is the number of partitions for good.
    sloppy : bool
        Whether the next healthy nodes stand in for homes that have failed. If not, only homes are asked.
    coordination : {"server", "client"}
        Which node a client reaches. "server": any one, through a load balancer that knows nothing of keys; a node that does
        not keep the key passes the request on. "client": one of the key's nodes, because the client has a library that
        fetches the membership every 10 s.
    merge : callable, optional
        The application's policy for siblings, from a tuple of values to one, see `merging`; it is what `Operation.value`
        is made by. Without one, an operation with siblings has no ``value``.
    versions : {"vector", "vnode", "dotted", "lww"}
        How the replicas tell which version is newer, see `objects`.
    truncate_at : int
        Entries that a vector clock may have.
    fanout : int
        With how many nodes each compares membership in a second; 1 in the paper.
    seeds : iterable of str, optional
        Nodes that everybody compares membership with; by default the first node. Empty, there are none.
    seed : int
    network : Network, optional
    latencies : str or Wars, optional
        Of the four messages of a put and a get, and of the two by which a request is passed on, on top of the network's:
        one of `gossipkit.authority.pbs.FITS` or your own. A coordinator asks itself with the same latency as others, without
        ``remote_ms``, but keeps its own write at once.
    gossip : bool or None
        None or False: nobody compares membership: who has not been told by the administrator does not hear of it.
    authority : bool or None
        None or False: nobody judges. One answer is enough for any operation, and a replica keeps what came last.
    repair : bool or None
        None or False: no hint is handed over, no read repairs, no trees are compared. Stand-ins still take writes.
    hints, read_repair, merkle : bool
        The three parts of repair.
    merkle_interval_s : float
        Between two comparisons that a node begins.
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
        For a number out of range, r or w above n, n above the number of nodes, another choice than those named, or anything of
        another kind than said above. Nothing has changed then; so it is with the errors of all methods.

    Examples
    --------
    >>> cluster = Dynamo(nodes=6, seed=1)
    >>> put = cluster.wait(cluster.put("cart", ("milk",)))
    >>> get = cluster.wait(cluster.get("cart"))
    >>> get.siblings, put.ok and get.context == put.context
    ((('milk',),), True)
    >>> cluster
    <Dynamo at 0.004 s: 6 of 6 nodes up, one ring of 6, 0 wrong beliefs, 0 keys that differ>
    """

    ACTIONS: ClassVar = {
        "get": Action(nodes=("via",)),
        "put": Action(nodes=("via",)),
        "join": Action(nodes=("via",), adds="name"),
        "leave": Action(nodes=("name", "via")),
    }

    def __init__(
        self,
        nodes: int | Iterable[str] = 6,
        *,
        n: int = 3,
        r: int = 2,
        w: int = 2,
        strategy: int = 1,
        vnodes: int = 8,
        sloppy: bool = True,
        coordination: str = "server",
        merge: Merge | None = None,
        versions: str = "vector",
        truncate_at: int = TRUNCATE_AT,
        fanout: int = 1,
        seeds: Iterable[str] | None = None,
        seed: int = 0,
        network: Network | None = None,
        latencies: str | Wars | None = None,
        gossip: bool | None = True,
        authority: bool | None = True,
        repair: bool | None = True,
        hints: bool = True,
        read_repair: bool = True,
        merkle: bool = True,
        merkle_interval_s: float = MERKLE_INTERVAL_S,
        trace: bool | str = True,
    ):
        if isinstance(nodes, (int, float)):
            whole("nodes", nodes, 1)
            names = tuple(f"node-{i}" for i in range(1, nodes + 1))
        else:
            names = checks.names("nodes", nodes)
            whole("the number of nodes", len(names), 1)
        whole("n", n, 1, len(names))
        whole("r", r, 1, n)
        whole("w", w, 1, n)
        whole("vnodes", vnodes, 1)
        whole("truncate_at", truncate_at, 1)
        whole("fanout", fanout, 1)
        whole("strategy", strategy, 1, 3)
        one_of("coordination", coordination, ("server", "client"))
        one_of("versions", versions, ("vector", "vnode", "dotted", "lww"))
        number("merkle_interval_s", merkle_interval_s, low=0.1)
        gossip, authority, repair = (
            switch(part, on)
            for part, on in (("gossip", gossip), ("authority", authority), ("repair", repair))
        )
        for what, on in (
            ("sloppy", sloppy),
            ("hints", hints),
            ("read_repair", read_repair),
            ("merkle", merkle),
        ):
            truth(what, on)
        if merge is not None and not callable(merge):
            raise ValueError(f"merge is {merge!r}: it must be a function from a tuple of values to one")
        if isinstance(latencies, str):
            one_of("latencies", latencies, tuple(FITS))
            latencies = FITS[latencies]
        elif latencies is not None:
            instance("latencies", latencies, Wars, f"a Wars, or one of {', '.join(map(repr, FITS))}")
        known = names[:1] if seeds is None else checks.names("seeds", seeds)
        for each in known:
            if each not in names:
                raise ValueError(
                    f"seeds names {each!r}: it must name nodes of this cluster, {', '.join(names)}"
                )
        super().__init__(seed, network, trace)
        self.coordination, self.merge = coordination, merge
        self.settings = Settings(
            seed=seed,
            seeds=known,
            n=n,
            r=r,
            w=w,
            strategy=strategy,
            vnodes=vnodes,
            partitions=vnodes * len(names),
            sloppy=sloppy,
            versions=versions,
            truncate_at=truncate_at,
            latencies=latencies,
            gossip=gossip,
            authority=authority,
            hints=repair and hints,
            read_repair=repair and read_repair,
            merkle=repair and merkle,
            merkle_interval_s=merkle_interval_s,
            fanout=fanout,
        )
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        self._random = stream(seed, "clients")
        self._fetched_s: float | None = None
        self._fetched: Ring | None = None
        self._storages: dict[str, Storage] = {}
        beginning = tuple(Change(name, JOIN, 0.0, name) for name in names)
        for name in names:
            self._add(name, beginning)

    def _add(self, name: str, history: tuple[Change, ...]) -> None:
        settings, node = self.settings, Node(self.settings, history)
        self._storages[name] = node.storage
        self.world.add(name, node, lambda disk: Node(settings, (), disk))

    # Clients.

    def get(self, key: str, via: str | None = None) -> Operation:
        """Ask for a key, from the present moment on.

        Parameters
        ----------
        key : str
        via : str, optional
            The node that the client reaches; by default as ``coordination`` says.

        Returns
        -------
        Operation
            Still pending; `run` or `wait`, then look at ``siblings``, ``context`` and ``value``.

        Raises
        ------
        ValueError
            If ``via`` is no node or is down, or no node is up, or the key is no text.
        """
        self._check_get(key, via)
        return self._begin(Kind.GET, key, via)

    def _check_get(self, key: str, via: str | None = None) -> None:
        text("key", key)

    def put(
        self,
        key: str,
        value: Any,
        context: VectorClock | None = None,
        via: str | None = None,
        timestamp: float | None = None,
    ) -> Operation:
        """Write a key, from the present moment on.

        Parameters
        ----------
        key : str
        value : Any
            Text, numbers that are finite, None, and tuples or sets of these.
        context : VectorClock, optional
            That of the get whose siblings this write replaces; without it the writer has read nothing.
        via : str, optional
        timestamp : float, optional
            Seconds by the client's own clock, for ``versions="lww"``; by default the coordinator's clock says it.

        Raises
        ------
        ValueError
            As for `get`, and for a value of another kind, a context that is none, a timestamp below 0, or one where versions
            are compared without.
        """
        self._check_put(key, value, context, via, timestamp)
        seen = context if context is not None else VectorClock()
        return self._begin(Kind.PUT, key, via, written=value, seen=seen, timestamp=timestamp)

    def _check_put(
        self,
        key: str,
        value: Any,
        context: VectorClock | None = None,
        via: str | None = None,
        timestamp: float | None = None,
    ) -> None:
        text("key", key)
        if context is not None:
            instance("context", context, VectorClock, "that of a get, a VectorClock, or None")
        if timestamp is not None:
            number("timestamp", timestamp)
            if self.settings.versions != "lww":
                raise ValueError(
                    f"timestamp is {timestamp!r}, but this cluster's versions are {self.settings.versions!r}: only "
                    f"'lww' goes by it"
                )
        if not storable(value):
            raise ValueError(f"value is {value!r}: it must be text, a number, or a tuple of these")

    def _begin(self, kind: Kind, key: str, via: str | None, **of_a_put: Any) -> Operation:
        asked = self._asked(key, via)
        operation = Operation(
            number=len(self.operations) + 1,
            kind=kind,
            key=key,
            via=asked,
            started_s=self.world.now,
            required=self.settings.required(kind is Kind.GET),
            merge=self.merge,
            **of_a_put,
        )
        self.operations.append(operation)
        self.world.process(operation.via).client(operation)
        return operation

    def _asked(self, key: str, via: str | None) -> str:
        if via is not None:
            return self.started(via, "via").name
        up = list(self._up())
        if self.coordination == "server":
            return self._random.choice(up)
        if self._fetched_s is None or self.world.now - self._fetched_s >= CLIENT_REFRESH_S:
            self._fetched_s = self.world.now
            self._fetched = self.started(self._random.choice(up)).ring
        preference = self._fetched.preference_list(position(key), self.settings.n) if self._fetched else ()
        # a connection to a node that is down is refused at once, and the library tries the next
        return next((name for name in preference if name in up), up[0])

    # What happens.

    def join(self, name: str, via: str | None = None) -> None:
        """Have an administrator tell one node that another one joins; a name that is new is started first.

        The paper's explicit join (section 4.8.1), and Riak's ``riak-admin cluster join``.

        Parameters
        ----------
        name : str
            Who joins.
        via : str, optional
            Whom the administrator tells; by default the first node that is up. If it is the new node itself, that one is
            alone in its ring until it finds somebody else, by a seed.

        Raises
        ------
        ValueError
            If ``name`` is none, ``via`` is down or no node, or takes the node for a member already.
        """
        self._check_join(name, via)
        teller = via if via == name else self.any_started(via, "via").name
        if name not in self.world.names:
            self._add(name, ())
        self.started(teller).history.issue(JOIN, name)

    def _check_join(self, name: str, via: str | None = None) -> None:
        checks.name("name", name)

    def leave(self, name: str, via: str | None = None) -> None:
        """Have an administrator tell one node, by default the one that leaves, that a node leaves for good.

        The paper's explicit removal (section 4.8.1), and Riak's ``riak-admin cluster leave``.
        Its ranges go to others; its process stays up to hand them over, and may then be crashed.

        Raises
        ------
        ValueError
            If ``via`` is down or no node, or takes it for no member.
        """
        self._check_leave(name, via)
        teller = self.started(name) if via is None else self.started(via, "via")
        teller.history.issue(LEAVE, name)

    def _check_leave(self, name: str, via: str | None = None) -> None:
        checks.name("name", name)

    # Who there is.

    def storage(self, name: str) -> Storage:
        """A node's disk, whether it is up or not.

        Raises
        ------
        ValueError
            If there is no such node.
        """
        self._known(name)
        return self._storages[name]

    def _summary(self) -> str:
        return f"{self.gossip.summary()}, {self.repair.summary()}"

    @property
    def metrics(self) -> Metrics:
        """Counters per node over time.

        Dynamo's own names were never published. ``node_gets``, ``node_puts``, ``read_repairs`` and ``coord_redirs`` are
        called after Riak's, whose ``coord_redirs_total`` counts puts only; ``silences`` (a node asked has not answered in
        time), ``hints_stored``, ``hints_delivered``, ``merkle_objects``, ``unavailable`` and ``timeout`` are this model's.
        """
        return self.world.metrics
