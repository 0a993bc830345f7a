"""A Dynamo cluster in a simulated world."""

from collections.abc import Callable, Iterable
from typing import Any

from ...authority.pbs import FITS, Wars
from ...authority.ring import Ring
from ...authority.versions import TRUNCATE_AT, VectorClock
from ...gossip.membership_history import JOIN, LEAVE, Change
from ...sim import Metrics, Network, World
from ...sim.checks import number, one_of, whole
from ...sim.network import stream
from ..placement import position
from ..simulated import Simulated
from .node import Node
from .objects import content
from .operation import Operation
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
        Whom a client reaches: any node, through a load balancer that knows nothing of keys, which passes the request on if
        it keeps the key not itself; or, with a library that fetches the membership every 10 s, one of the key's nodes.
    merge : callable, optional
        The application's policy for siblings, from a tuple of values to one, see `merging`; it is what `Operation.value`
        is made by. Without one, an operation with siblings has no ``value``.
    versions : {"vector", "dotted", "lww"}
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
    authority : bool or None
        None or False: nobody judges. One answer is enough for any operation, and a replica keeps what came last.
    repair : bool or None
        None or False: no hint is handed over, no read repairs, no trees are compared. Stand-ins still take writes.
    hints, read_repair, merkle : bool
        The three parts of repair.
    merkle_interval_s : float
        Between two comparisons that a node begins.
    trace : bool
        Whether to keep a trace.

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
        For a number out of range, r or w above n, n above the number of nodes, or another choice than those named.

    Examples
    --------
    >>> cluster = Dynamo(nodes=6, seed=1)
    >>> put = cluster.wait(cluster.put("cart", ("milk",)))
    >>> get = cluster.wait(cluster.get("cart"))
    >>> get.siblings, put.ok and get.context == put.context
    ((('milk',),), True)
    """

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
        authority: bool | None = True,
        repair: bool | None = True,
        hints: bool = True,
        read_repair: bool = True,
        merkle: bool = True,
        merkle_interval_s: float = MERKLE_INTERVAL_S,
        trace: bool = True,
    ):
        names = _names(nodes)
        whole("n", n, 1, len(names))
        whole("r", r, 1, n)
        whole("w", w, 1, n)
        whole("vnodes", vnodes, 1)
        whole("truncate_at", truncate_at, 1)
        whole("fanout", fanout, 1)
        one_of("strategy", strategy, (1, 2, 3))
        one_of("coordination", coordination, ("server", "client"))
        one_of("versions", versions, ("vector", "dotted", "lww"))
        number("merkle_interval_s", merkle_interval_s, low=0.1)
        if isinstance(latencies, str):
            one_of("latencies", latencies, tuple(FITS))
            latencies = FITS[latencies]
        self.coordination, self.merge = coordination, merge
        self.settings = Settings(
            seed=seed,
            seeds=names[:1] if seeds is None else tuple(seeds),
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
            authority=bool(authority),
            hints=bool(repair) and hints,
            read_repair=bool(repair) and read_repair,
            merkle=bool(repair) and merkle,
            merkle_interval_s=merkle_interval_s,
            fanout=fanout,
        )
        self.world = World(seed=seed, network=network, trace=trace)
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        self.operations: list[Operation] = []
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
            If ``via`` is no node or is down, or no node is up.
        """
        return self._begin(Operation("get", key, self._entry(key, via), self.world.now, merge=self.merge))

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
            Text, numbers, None, and tuples or sets of these.
        context : VectorClock, optional
            That of the get whose siblings this write replaces; without it the writer has read nothing.
        via : str, optional
        timestamp : float, optional
            Seconds by the client's own clock, for ``versions="lww"``; by default the coordinator's clock says it.

        Raises
        ------
        ValueError
            As for `get`, and for a value of another kind, a timestamp below 0, or one where versions are compared without.
        """
        if timestamp is not None:
            number("timestamp", timestamp)
            if self.settings.versions != "lww":
                raise ValueError(
                    f"timestamp is {timestamp!r}, but this cluster's versions are {self.settings.versions!r}: only "
                    f"'lww' goes by it"
                )
        try:
            content(value)
        except TypeError:
            raise ValueError(f"value is {value!r}: it must be text, a number, or a tuple of these") from None
        seen = context if context is not None else VectorClock()
        entry = self._entry(key, via)
        return self._begin(
            Operation(
                "put",
                key,
                entry,
                self.world.now,
                put_value=value,
                seen=seen,
                timestamp=timestamp,
                merge=self.merge,
            )
        )

    def wait(self, operation: Operation) -> Operation:
        """Let time pass until an operation has ended, and give it back; at most its deadline and a second."""
        if not isinstance(operation, Operation):
            raise ValueError(
                f"operation is {operation!r}: it must be one that a client of this cluster has begun"
            )
        self.run(until=operation)
        return operation

    def _begin(self, operation: Operation) -> Operation:
        self.operations.append(operation)
        self.world.processes[operation.entry].client(operation)
        return operation

    def _entry(self, key: str, via: str | None) -> str:
        if self.world.now == 0.0:
            self.world.run(until=0.0)  # nodes that were just made have to start
        if via is not None:
            return self.started(via).name
        up = list(self.running())
        if not up:
            raise ValueError("no node is up: restart one first")
        if self.coordination == "server":
            return self._random.choice(up)
        if self._fetched_s is None or self.world.now - self._fetched_s >= CLIENT_REFRESH_S:
            self._fetched_s = self.world.now
            self._fetched = self.started(self._random.choice(up)).ring
        preference = self._fetched.preference_list(position(key), self.settings.n) if self._fetched else ()
        # a connection to a node that is down is refused at once, and the library tries the next
        return next((name for name in preference if name in up), up[0])

    # What happens.

    def pause(self, name: str, seconds: float, timers: str = "wait") -> None:
        """Stall a node."""
        self.world.pause(name, seconds, timers)

    def join(self, name: str, via: str | None = None) -> None:
        """Have an administrator tell one node that another one joins; a name that is new is started first.

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
            If ``via`` is down or no node, or takes the node for a member already.
        """
        teller = via if via == name else self.any_started(via).name
        if name not in self.world.names:
            self._add(name, ())
            self.world.run(until=self.world.now)
        self.started(teller).history.issue(JOIN, name)

    def leave(self, name: str, via: str | None = None) -> None:
        """Have an administrator tell one node, by default the one that leaves, that a node leaves for good.

        Its ranges go to others; its process stays up to hand them over, and may then be crashed.

        Raises
        ------
        ValueError
            If ``via`` is down or no node, or takes it for no member.
        """
        self.started(via or name).history.issue(LEAVE, name)

    # Who there is.

    def running(self) -> dict[str, Node]:
        """The nodes that are up and have started, by name."""
        return {name: node for name, node in self.world.processes.items() if node.env is not None}

    def started(self, name: str) -> Node:
        """A node's process.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        if name not in self.world.names:
            raise ValueError(f"{name!r} is not a node of this cluster: it has {', '.join(self.world.names)}")
        if self.world.now == 0.0:
            self.world.run(until=0.0)
        if name not in self.world.processes:
            raise ValueError(f"{name!r} is down: restart it first")
        return self.world.processes[name]

    def any_started(self, name: str | None) -> Node:
        """A node's process, by default that of the first one that is up."""
        if name is None:
            name = next(iter(self.world.up), self.world.names[0])
        return self.started(name)

    def storage(self, name: str) -> Storage:
        """A node's disk, whether it is up or not."""
        return self._storages[name]

    @property
    def metrics(self) -> Metrics:
        """Counters per node over time.

        Dynamo's own names were never published. ``node_gets``, ``node_puts``, ``read_repairs`` and ``coord_redirs`` are
        called after Riak's, whose ``coord_redirs_total`` counts puts only; ``hints_stored``, ``hints_delivered``,
        ``merkle_objects``, ``unavailable`` and ``timeout`` are this model's.
        """
        return self.world.metrics


def _names(nodes: int | Iterable[str]) -> tuple[str, ...]:
    if isinstance(nodes, int):
        whole("nodes", nodes, 1)
        return tuple(f"node-{i}" for i in range(1, nodes + 1))
    return tuple(nodes)
