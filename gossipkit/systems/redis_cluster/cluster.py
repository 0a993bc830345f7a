"""A Redis Cluster in a simulated world."""

from typing import Any, ClassVar

from ...authority.slots import even_shares, key_slot
from ...gossip.cluster_bus import Belief
from ...sim import Metrics, Network, checks
from ...sim.checks import number, switch, text, truth, whole
from ...sim.network import stream
from ..simulated import Action, Simulated
from .messages import BUS
from .node import Disk, Node
from .operation import Kind, Operation
from .settings import DEADLINE_S, NODE_TIMEOUT_S, SYNC_DELAY_S, VALIDITY_FACTOR, Settings
from .views import Authority, Gossip, Repair

PORT, BUS_PORT = 6379, 16379


class RedisCluster(Simulated):
    """Masters that own hash slots, and replicas that stand in for them, with their three parts: `gossip`, `authority` and
    `repair`.

    The cluster begins settled: every node knows every other, each master owns its share of the 16 384 slots, and its
    replicas are synchronised. The nodes are called ``node-1``, ``node-2`` and so on, the masters first; replicas go around:
    with three masters, ``node-4`` replicates ``node-1``.

    Loss of datagrams, `set_loss`, loses nothing here, for all goes over TCP: it makes packets of the bus late, by the time
    after which they are sent again. The stream of writes is spared.

    Parameters
    ----------
    masters : int
        At least 1; below 3, no majority is left when one fails.
    replicas : int
        Of each master.
    node_timeout_s : float
        ``cluster-node-timeout``, in seconds: how long a node must be silent to be doubted. Too low, a pause of a process
        becomes a failover; too high, a dead master's slots are not served for longer.
    seed : int
    network : Network, optional
    fanout : int
        Nodes that each one pings at random in a second, besides those whose last pong is older than half the timeout; 1 in
        the product.
    section : int, optional
        Nodes drawn for the gossip section of a ping or a pong, besides all that are doubted; by default, as in the product,
        a tenth of the nodes and at least 3.
    min_replicas_to_write : int
        ``min-replicas-to-write``: a master with fewer replicas that have confirmed within 10 s takes no write.
    replica_validity_factor : float
        ``cluster-replica-validity-factor``: a replica that has had nothing from its master for longer than so many node
        timeouts, and 10 s, does not stand for election; 0: it always does.
    appendonly : bool
        Whether a node finds its keys again after a restart. The product's default is no, but a snapshot now and then.
    repl_diskless_sync_delay_s : float
        How long a master waits before it sends everything to a replica, in seconds.
    seed : int
    gossip : bool or None
        None or False: no node pings another one but over a new connection, so nobody is ever doubted.
    authority : bool or None
        None or False: nobody votes. A replica takes over when it doubts its master itself, and a node serves what it takes
        for its own even without a majority.
    repair : bool or None
        None or False: nobody sends UPDATE to nodes that claim slots of others, and a replica that has lost its connection
        does not ask its master for what it has missed.
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
        For a number out of range, or anything of another kind than said above. Nothing has changed then; so it is with the
        errors of all methods.

    Examples
    --------
    >>> cluster = RedisCluster(seed=1, node_timeout_s=2)
    >>> cluster.wait(cluster.set("user:1", "Ada", via="node-1"))
    <set 'user:1' 'Ada' via node-1: ok after 0.0000 s>
    >>> owner = cluster.authority.owner(cluster.slot("user:1"))
    >>> cluster.crash(owner)
    >>> cluster.run(until=10)
    >>> owner, cluster.authority.owner(cluster.slot("user:1")), cluster.authority.epoch()
    ('node-2', 'node-5', 7)
    >>> cluster.wait(cluster.get("user:1")).value
    'Ada'
    """

    ACTIONS: ClassVar = {
        "get": Action(nodes=("via",)),
        "set": Action(nodes=("via",)),
        "join": Action(nodes=("via", "replicate"), adds="name"),
    }

    def __init__(
        self,
        masters: int = 3,
        replicas: int = 1,
        *,
        node_timeout_s: float = NODE_TIMEOUT_S,
        fanout: int = 1,
        section: int | None = None,
        min_replicas_to_write: int = 0,
        replica_validity_factor: float = VALIDITY_FACTOR,
        appendonly: bool = True,
        repl_diskless_sync_delay_s: float = SYNC_DELAY_S,
        seed: int = 0,
        network: Network | None = None,
        gossip: bool | None = True,
        authority: bool | None = True,
        repair: bool | None = True,
        trace: bool | str = True,
    ):
        whole("masters", masters, 1, 1000)
        whole("replicas", replicas, 0, 100)
        number("node_timeout_s", node_timeout_s, low=0.01)
        whole("fanout", fanout, 1)
        if section is not None:
            whole("section", section, 0)
        whole("min_replicas_to_write", min_replicas_to_write, 0)
        number("replica_validity_factor", replica_validity_factor)
        truth("appendonly", appendonly)
        number("repl_diskless_sync_delay_s", repl_diskless_sync_delay_s)
        gossip, authority, repair = (
            switch(part, on)
            for part, on in (("gossip", gossip), ("authority", authority), ("repair", repair))
        )
        super().__init__(seed, network, trace)
        self.settings = Settings(
            second_s=stream(seed, "second").random(),
            node_timeout_s=node_timeout_s,
            fanout=fanout,
            section=section,
            min_replicas_to_write=min_replicas_to_write,
            validity_factor=replica_validity_factor,
            sync_delay_s=repl_diskless_sync_delay_s,
            appendonly=appendonly,
            gossip=gossip,
            authority=authority,
            repair=repair,
        )
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        self._random = stream(seed, "clients")
        self._lives: dict[str, int] = {}
        names = [f"node-{i}" for i in range(1, masters * (1 + replicas) + 1)]
        belongs = {name: None if at < masters else names[at % masters] for at, name in enumerate(names)}
        disk = Disk(
            masters=belongs,
            # redis-cli --cluster create gives each node an epoch of its own
            epochs={name: at for at, name in enumerate(names, 1)},
            slots=dict(zip(names, even_shares(masters), strict=False)),
            failed=(),
            current_epoch=len(names),
            last_vote=0,
            data={},
        )
        for name in names:
            self._add(name, disk, f"{belongs[name] or name}/1", settled=True)

    def _add(self, name: str, disk: Disk, history: str, settled: bool) -> None:
        self._lives[name] = 1

        def rebuild(left: Disk) -> Node:
            # a process that starts has a replication id of its own, until it finds its master
            self._lives[name] += 1
            return Node(self.settings, name, left, f"{name}/{self._lives[name]}", settled=False)

        self.world.add(name, Node(self.settings, name, disk, history, settled), rebuild)

    # Clients.

    def slot(self, key: str) -> int:
        """The hash slot of a key: ``CLUSTER KEYSLOT``.

        Raises
        ------
        ValueError
            If the key is no text.
        """
        text("key", key)
        return key_slot(key)

    def get(
        self,
        key: str,
        via: str | None = None,
        follow: bool = True,
        readonly: bool = False,
        timeout_s: float = DEADLINE_S,
    ) -> Operation:
        """Ask for a key, from the present moment on.

        Parameters
        ----------
        key : str
        via : str, optional
            The node that the client reaches; by default any one that is up.
        follow : bool
            Whether the client goes where MOVED points, as a library made for clusters does.
        readonly : bool
            Whether a replica may answer, from what it has (``READONLY``).
        timeout_s : float
            How long `wait` waits at most, and a second more.

        Returns
        -------
        Operation
            Still pending; `run` or `wait`, then look at ``value``, ``error`` and ``asked``.

        Raises
        ------
        ValueError
            If ``via`` is no node or is down, or no node is up, or another argument is wrong.
        """
        self._check_get(key, via, follow, readonly, timeout_s)
        return self._begin(Kind.GET, key, via, follow, timeout_s, readonly=readonly)

    def _check_get(
        self,
        key: str,
        via: str | None = None,
        follow: bool = True,
        readonly: bool = False,
        timeout_s: float = DEADLINE_S,
    ) -> None:
        text("key", key)
        truth("follow", follow)
        truth("readonly", readonly)
        number("timeout_s", timeout_s)

    def set(
        self,
        key: str,
        value: str,
        via: str | None = None,
        wait: int = 0,
        follow: bool = True,
        timeout_s: float = DEADLINE_S,
    ) -> Operation:
        """Write a key, from the present moment on.

        Parameters
        ----------
        key, value : str
        via : str, optional
            The node that the client reaches; by default any one that is up.
        wait : int
            For how many replicas the client waits (``WAIT``). If fewer confirm in time, the operation is a timeout, and kept
            all the same.
        follow : bool
            Whether the client goes where MOVED points.
        timeout_s : float
            How long it waits for replicas.

        Raises
        ------
        ValueError
            As for `get`, and for a value that is no text.
        """
        self._check_set(key, value, via, wait, follow, timeout_s)
        return self._begin(Kind.SET, key, via, follow, timeout_s, written=value, required=1 + wait)

    def _check_set(
        self,
        key: str,
        value: str,
        via: str | None = None,
        wait: int = 0,
        follow: bool = True,
        timeout_s: float = DEADLINE_S,
    ) -> None:
        text("key", key)
        if not isinstance(value, str):
            raise ValueError(f"value is {value!r}: it must be a text")
        whole("wait", wait, 0)
        truth("follow", follow)
        number("timeout_s", timeout_s)

    def _begin(
        self, kind: Kind, key: str, via: str | None, follow: bool, timeout_s: float, **more: Any
    ) -> Operation:
        asked = self._random.choice(list(self._up())) if via is None else self.started(via, "via").name
        operation = Operation(
            number=len(self.operations) + 1,
            kind=kind,
            key=key,
            via=asked,
            started_s=self.world.now,
            patience_s=timeout_s + 1.0,
            slot=key_slot(key),
            follow=follow,
            redirect=self._redirect,
            **{"required": 1} | more,
        )
        self.operations.append(operation)
        node = self.world.process(asked)
        node.env.record("operation-begun", operation=operation.number, what=kind, key=key)
        node.client(operation)
        return operation

    def _redirect(self, operation: Operation, to: str) -> bool:
        node = self.world.process(to)
        if node is None:
            return False
        node.client(operation)
        return True

    # What happens.

    def join(self, name: str, replicate: str | None = None, via: str | None = None) -> None:
        """Have an operator add a node, as ``redis-cli --cluster add-node`` does: one is told, and gossip tells the others.

        Parameters
        ----------
        name : str
            The new node, a master without slots.
        replicate : str, optional
            Of which master it becomes a replica as soon as it knows it.
        via : str, optional
            The node that is told (``CLUSTER MEET``); by default the first one that runs.

        Raises
        ------
        ValueError
            If the name is taken, ``via`` is down or no node, or ``replicate`` is no node, or no master.
        """
        self._check_join(name, replicate, via)
        if name in self.world:
            raise checks.Refused(f"{name!r} is a node of this cluster already")
        teller = self.any_started(via, "via")
        if replicate is not None:
            self._known(replicate, "replicate")
            if teller.masters.get(replicate, "") is not None:
                raise checks.Refused(
                    f"replicate is {replicate!r}: it must be a master, and {teller.name} knows no such one"
                )
        disk = Disk({name: None}, {name: 0}, {}, (), 0, 0, {})
        self._add(name, disk, f"{name}/1", settled=False)
        self.world.begin()
        teller.meet(name)
        if replicate is not None:
            self.world.process(name).replicates_soon(replicate)

    def _check_join(self, name: str, replicate: str | None = None, via: str | None = None) -> None:
        checks.name("name", name)
        if replicate is not None:
            checks.name("replicate", replicate)

    # What an operator is shown.

    def cluster_nodes(self, via: str) -> str:
        """``CLUSTER NODES``: a line for each node that ``via`` knows.

        Name, address, flags, master, when the ping that waits was sent and the last pong came (milliseconds of the
        simulation), configEpoch, connection, slots.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        node = self.started(via, "via")
        lines = []
        for name, master in node.masters.items():
            peer = node.bus.peers.get(name)
            flags = ["myself"] if peer is None else []
            flags.append("slave" if master else "master")
            ping = pong = 0
            link = "connected"
            if peer is not None:
                flags += {Belief.OK: [], Belief.PFAIL: ["fail?"], Belief.FAIL: ["fail"]}[peer.belief]
                ping = 0 if peer.ping_sent_s is None else round(peer.ping_sent_s * 1000)
                pong = max(0, round(peer.pong_received_s * 1000))
                link = "connected" if peer.link is not None else "disconnected"
            slots = [str(a) if a == b else f"{a}-{b}" for a, b in node.slots.ranges(name)]
            columns = [
                name, f"{name}:{PORT}@{BUS_PORT}", ",".join(flags), master or "-", ping, pong, node.epochs[master or name],
                link, *slots,
            ]  # fmt: skip
            lines.append(" ".join(map(str, columns)))
        return "\n".join(lines)

    def cluster_info(self, via: str) -> str:
        """``CLUSTER INFO``: a line for each of its fields.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        node = self.started(via, "via")
        by_belief = {belief: [] for belief in Belief}
        for name in node.slots.owned:
            peer = node.bus.peers.get(name)
            by_belief[Belief.OK if peer is None else peer.belief].append(name)
        doubted, failed = node.slots.count(by_belief[Belief.PFAIL]), node.slots.count(by_belief[Belief.FAIL])
        assigned = node.slots.count(node.slots.owned)
        fields = {
            "cluster_state": "ok" if node.ok else "fail",
            "cluster_slots_assigned": assigned,
            "cluster_slots_ok": assigned - doubted - failed,
            "cluster_slots_pfail": doubted,
            "cluster_slots_fail": failed,
            "cluster_known_nodes": len(node.masters),
            "cluster_size": len(node.slots),
            "cluster_current_epoch": node.current_epoch,
            "cluster_my_epoch": node.config_epoch,
        }
        for way in ("sent", "received"):
            counted = {
                name: self._counted(f"cluster_stats_messages_{name}_{way}", via) for name in BUS.values()
            }
            fields |= {
                f"cluster_stats_messages_{name}_{way}": count for name, count in counted.items() if count
            }
            fields[f"cluster_stats_messages_{way}"] = sum(counted.values())
        return "\n".join(f"{name}:{value}" for name, value in fields.items())

    def _counted(self, metric: str, name: str) -> int:
        return int(self.metrics.value(metric, name)) if metric in self.metrics.names else 0

    def _summary(self) -> str:
        owners = len(self.authority.slots())
        return (
            f"cluster_state:{self.authority.state()}, {owners} masters own slots, "
            f"{len(self.gossip.disagreement())} wrong beliefs"
        )

    @property
    def metrics(self) -> Metrics:
        """Counters and gauges per node over time, under the names of ``CLUSTER INFO`` and ``INFO``.

        ``cluster_state`` (1 is ok), ``cluster_slots_pfail``, ``cluster_slots_fail``, ``cluster_current_epoch``,
        ``cluster_my_epoch``; ``cluster_stats_messages_ping_sent`` and ``_received``, and the same of pong, fail, update,
        auth-req and auth-ack; ``master_repl_offset``, ``slave_repl_offset``, ``master_link_status`` (1 is up), ``sync_full``,
        ``sync_partial_ok``, ``sync_partial_err``; ``errorstat_MOVED``, ``errorstat_CLUSTERDOWN``, ``errorstat_NOREPLICAS``.
        ``datagram.*`` and ``stream.*`` are the network's, see `gossipkit.sim`.
        """
        return self.world.metrics
