"""A Consul cluster in a simulated world."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ...authority import AccessList, Keyring, RaftConfig
from ...authority.admission import check_key
from ...authority.identities import CertificateAuthority, Doors
from ...gossip.swim import SwimConfig
from ...repair import Service
from ...sim import Env, Metrics, Network
from ...sim.checks import Refused, instance, number, switch, text, truth, whole
from ..simulated import NEVER_S, Action, Simulated
from .agent import Agent, Disk
from .catalog import Catalog
from .messages import PutKey, Request
from .operation import Operation
from .server import Server
from .settings import LAN, AgentSettings, ScriptCheck, TTLCheck
from .views import Authority, Gossip, Repair


class Consul(Simulated):
    """Agents and servers, with their three parts: `gossip`, `authority` and `repair`.

    Servers are ``server-1``, ``server-2``, ...; agents ``agent-1`` and so on; in a second data centre ``dc2-server-1``.
    The cluster begins settled: everybody knows everybody of the same data centre, and nothing is in the catalog yet.

    Parameters
    ----------
    agents, servers : int
        How many, in each data centre.
    datacentres : int
        Each has a LAN pool and a log of its own; all servers together are the WAN pool.
    seed : int
    network : Network, optional
    config : SwimConfig, optional
        Of the LAN pools, by default ``SwimConfig.lan()`` with the three settings that Consul has otherwise, see `settings`.
    pre_vote : bool
        Whether a server asks before it begins a term, see `RaftConfig`; on by default since Consul 1.20.
    gossip : bool or None
        None or False: no member probes or tells another one anything, so nobody is ever taken for dead.
    authority : bool or None
        None or False: no log; each server keeps what it is told.
    repair : bool or None
        None or False: agents send changes once and never compare, members exchange no full state (push/pull), serf tries no
        failed member again, and nobody asks the servers again to join. What is lost then stays lost.
    gossip_key : bytes, optional
        Encrypts gossip from the beginning.
    access : AccessList, optional
        Tokens and policies; without it, everything is allowed.
    token : str, optional
        What the agents' own requests carry.
    tls : CertificateAuthority, optional
        Gives each node a certificate when the cluster begins, without which a server takes no request, and no word of Raft
        from anybody but a server (``verify_incoming``, ``verify_server_hostname``). Gossip does not ask for it.
    trace : bool or "events"
        Whether to keep a trace, see `gossipkit.sim.World`; "events" is one without packets.

    Attributes
    ----------
    gossip : Gossip
    authority : Authority
    repair : Repair
    doors : Doors or None
        Of the servers' connections; None without ``tls``.
    datacentres : int
    world : World
        The simulated world, for what has no method here.

    Raises
    ------
    ValueError
        For less than one server, a negative number of agents, or anything of another kind than said above. Nothing has
        changed then; so it is with the errors of all methods.

    Examples
    --------
    >>> cluster = Consul(agents=5, servers=3, seed=7)
    >>> cluster.register("agent-1", "web")
    >>> cluster.run(until=20)
    >>> cluster.authority.answer("web")
    ('agent-1',)
    >>> cluster.crash("agent-1")
    >>> cluster.run(until=60)
    >>> cluster.gossip.view("agent-2")["agent-1"], cluster.authority.answer("web")
    ('dead', ())
    """

    ACTIONS: ClassVar = {
        "write": Action(nodes=("via",)),
        "read": Action(nodes=("via",)),
        "register": Action(nodes=("node",)),
        "deregister": Action(nodes=("node",)),
        "leave": Action(nodes=("name",)),
    }

    def __init__(
        self,
        agents: int = 10,
        servers: int = 3,
        *,
        datacentres: int = 1,
        seed: int = 0,
        network: Network | None = None,
        config: SwimConfig | None = None,
        pre_vote: bool = True,
        gossip: bool | None = True,
        authority: bool | None = True,
        repair: bool | None = True,
        gossip_key: bytes | None = None,
        access: AccessList | None = None,
        token: str | None = None,
        tls: CertificateAuthority | None = None,
        trace: bool | str = True,
    ):
        whole("agents", agents, 0)
        whole("servers", servers, 1)
        whole("datacentres", datacentres, 1)
        instance("config", config, SwimConfig | None, "a SwimConfig, or None for Consul's own")
        truth("pre_vote", pre_vote)
        gossip, authority, repair = (
            switch(part, on)
            for part, on in (("gossip", gossip), ("authority", authority), ("repair", repair))
        )
        if gossip_key is not None:
            check_key("gossip_key", gossip_key)
        instance("access", access, AccessList | None, "an AccessList, or None, which allows everything")
        _check_token(token)
        instance(
            "tls",
            tls,
            CertificateAuthority | None,
            "a CertificateAuthority, or None for connections without TLS",
        )
        super().__init__(seed, network, trace)
        self.doors = Doors(tls) if tls else None
        self._agents, self._servers, self.datacentres = agents, servers, datacentres
        self._access, self._gossip_key = access, gossip_key
        self._raft = RaftConfig.consul(pre_vote) if authority else None
        swim = config or LAN
        if not gossip:
            swim = replace(swim, probe_interval_s=NEVER_S, gossip_interval_s=0.0)
        if not repair:
            swim = replace(swim, push_pull_interval_s=0.0, reconnect_interval_s=0.0)
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        for place in range(1, datacentres + 1):
            members = self.nodes_of(place)
            settings = AgentSettings(
                servers=self.servers_of(place),
                members=members,
                swim=swim,
                anti_entropy=repair,
                token=token,
                doors=self.doors,
            )
            for name in members:
                if tls:
                    self.doors.shown[name] = tls.issue(name, 0.0, server=name in settings.servers).certificate
                self.world.add(name, self._process(name, settings), self._rebuild(name, settings))

    def _process(self, name: str, settings: AgentSettings, disk: Disk | None = None) -> Agent:
        keyring = disk.keyring if disk else Keyring(self._gossip_key) if self._gossip_key else None
        if name not in settings.servers:
            return Agent(settings, keyring, disk)
        everywhere = range(1, self.datacentres + 1) if self.datacentres > 1 else ()
        wan = tuple(server for number in everywhere for server in self.servers_of(number))
        return Server(settings, Catalog(self._access), self._raft, keyring, disk, wan)

    def _rebuild(self, name: str, settings: AgentSettings):
        return lambda disk: self._process(name, settings, disk)

    # Who there is.

    def servers_of(self, datacentre: int) -> tuple[str, ...]:
        """The names of a data centre's servers."""
        whole("datacentre", datacentre, 1, self.datacentres)
        return tuple(f"{_prefix(datacentre)}server-{i}" for i in range(1, self._servers + 1))

    def nodes_of(self, datacentre: int) -> tuple[str, ...]:
        """The names of a data centre's nodes, servers first."""
        agents = tuple(f"{_prefix(datacentre)}agent-{i}" for i in range(1, self._agents + 1))
        return self.servers_of(datacentre) + agents

    def process(self, name: str, called: str = "name") -> Agent:
        """A node's process, a `Server` or an `Agent`, which may not have started yet; ``called`` is the argument that errors
        speak of.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        self._known(name, called)
        process = self.world.process(name)
        if process is None:
            raise Refused(f"{name!r} is down: restart it first")
        return process

    def env(self, name: str) -> Env:
        """A node's connection to the world."""
        return self.started(name).env

    # What happens.

    def restart(self, name: str) -> None:
        """Bring a node back from its disk; it joins through the servers."""
        self.world.restart(name)

    def leave(self, name: str) -> None:
        """Let an agent say farewell: it is deregistered at once, and is no failure. It comes back by `restart`.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, or a server: that would change the log's configuration.
        """
        self._check_leave(name)
        self.started(name).leave()

    def _check_leave(self, name: str) -> None:
        self._known(name)
        if any(name in self.servers_of(number) for number in range(1, self.datacentres + 1)):
            raise ValueError(
                f"{name!r} is a server: only an agent can leave, because the log's members are fixed; crash it instead"
            )

    def register(
        self,
        node: str,
        service: str,
        port: int = 80,
        check: TTLCheck | ScriptCheck | Mapping[str, float] | None = None,
    ) -> None:
        """Let a node offer a service from the present moment on, under the service's name as its id.

        Parameters
        ----------
        node, service : str
        port : int
        check : TTLCheck, ScriptCheck or mapping, optional
            Its health check; in a scenario as data, ``{"ttl_s": 10}`` or ``{"interval_s": 10}``.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, or for a port or a check that is none.
        """
        self._check_register(node, service, port, check)
        self.process(node, "node").register(service, Service(service, port), _made(check))

    def _check_register(self, node: str, service: str, port: int = 80, check: Any = None) -> None:
        text("service", service)
        whole("port", port, 0, 65_535)
        _made(check)

    def deregister(self, node: str, service: str) -> None:
        """Let a node offer a service no more.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, or it does not offer that.
        """
        self._check_deregister(node, service)
        self.process(node, "node").deregister(service)

    def _check_deregister(self, node: str, service: str) -> None:
        text("service", service)

    # Clients.

    def write(
        self,
        key: str,
        value: str,
        via: str = "agent-1",
        token: str | None = None,
        timeout_s: float = 10.0,
        if_index: int | None = None,
    ) -> Operation:
        """Set a key, from the present moment on.

        Parameters
        ----------
        key, value : str
        via : str
            The node that the client asks.
        token : str, optional
            The secret of an access token.
        timeout_s : float
            When the client gives up, in seconds.
        if_index : int, optional
            Only if the key was last changed there; with 0, if there is none. That is Consul's check-and-set, and a lock.

        Returns
        -------
        Operation
            Still pending; `run` or `wait`, then look at its ``value``: True, False if ``if_index`` was another one, or a
            `Denied`.

        Raises
        ------
        ValueError
            If ``via`` is no node or is down, for a key or value that is no text, or another number out of range.
        """
        self._check_write(key, value, via, token, timeout_s, if_index)
        return self.ask("write", key, Request(PutKey(key, value, if_index), token), via, timeout_s)

    def _check_write(
        self,
        key: str,
        value: str,
        via: str = "agent-1",
        token: str | None = None,
        timeout_s: float = 10.0,
        if_index: int | None = None,
    ) -> None:
        self._check_read(key, via, token, timeout_s)
        if not isinstance(value, str):
            raise ValueError(f"value is {value!r}: it must be text")
        if if_index is not None:
            whole("if_index", if_index, 0)

    def read(
        self, key: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> Operation:
        """Read a key linearizably, from the present moment on. Parameters and errors are those of `write`."""
        self._check_read(key, via, token, timeout_s)
        return self.ask("read", key, Request(("key", key), token), via, timeout_s)

    def _check_read(
        self, key: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> None:
        text("key", key)
        number("timeout_s", timeout_s)
        _check_token(token)

    def ask(self, kind: str, key: str, request: Request, via: str, timeout_s: float) -> Operation:
        """Have a node ask the servers something, with what `write`, `read` and `Authority.command` have made of it."""
        text("kind", kind)
        text("key", key)
        instance("request", request, Request, "a Request")
        _check_token(request.token)
        number("timeout_s", timeout_s)
        node = self.started(via, "via")
        put = request.what if isinstance(request.what, PutKey) else None
        operation = Operation(
            number=len(self.operations) + 1,
            kind=kind,
            key=key,
            via=via,
            started_s=self.world.now,
            patience_s=timeout_s,
            required=1,
            written=put.value if put else None,
            if_index=put.if_index if put else None,
        )
        self.operations.append(operation)
        node.ask(operation, request)
        return operation

    @property
    def metrics(self) -> Metrics:
        """Counters and gauges per node over time, under the names of Consul, serf and memberlist.

        ``memberlist.msg.alive``, ``memberlist.msg.suspect`` and ``memberlist.msg.dead`` (claims believed),
        ``memberlist.degraded.probe`` and ``memberlist.degraded.timeout`` (Lifeguard at work), ``memberlist.health.score``,
        ``memberlist.queue.broadcasts``; ``serf.member.join``, ``.update``, ``.failed``, ``.left`` and ``.flap``;
        ``raft.apply``, ``raft.state.candidate``, ``raft.state.leader``; ``consul.leader.reconcileMember``. Those of the pool
        of all data centres' servers begin with ``wan-``. ``datagram.*`` and ``stream.*`` are the network's, see
        `gossipkit.sim`.
        """
        return self.world.metrics

    def _summary(self) -> str:
        leaders = [self.authority.leader(number) for number in range(1, self.datacentres + 1)]
        leads = ", ".join(f"leader {leader}" if leader else "no leader" for leader in leaders)
        return f"{leads}, {len(self.gossip.disagreement())} wrong beliefs"


def _made(check: Any) -> TTLCheck | ScriptCheck | None:
    """The check that data describe, or that it is already."""
    if isinstance(check, Mapping) and set(check) in ({"ttl_s"}, {"interval_s"}):
        return TTLCheck(**check) if "ttl_s" in check else ScriptCheck(**check)
    if check is not None and not isinstance(check, TTLCheck | ScriptCheck):
        raise ValueError(
            f"check is {check!r}: it must be a TTLCheck, a ScriptCheck, {{'ttl_s': 10}}, {{'interval_s': 10}} or None"
        )
    return check


def _check_token(token: Any) -> None:
    instance("token", token, str | None, "the secret of a token, a text, or None")


def _prefix(datacentre: int) -> str:
    return "" if datacentre == 1 else f"dc{datacentre}-"
