"""A Consul cluster in a simulated world."""

from dataclasses import replace

from ...authority import AccessList, Keyring, RaftConfig
from ...gossip.swim import SwimConfig
from ...repair import Service
from ...sim import Env, Network, World
from ...sim.checks import whole
from ..simulated import Simulated
from .agent import Agent, AgentSettings, ScriptCheck, TTLCheck
from .catalog import Catalog
from .server import Server
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
        Of the LAN pools, by default ``SwimConfig.lan()``.
    pre_vote : bool
        Whether a server asks before it begins a term, see `RaftConfig`; on by default since Consul 1.20.
    authority : bool or None
        None or False: no log; each server keeps what it is told.
    repair : bool or None
        None or False: agents send changes once and never compare, members exchange no full state (push/pull), and serf
        tries no failed member again. What is lost then stays lost.
    gossip_key : bytes, optional
        Encrypts gossip from the beginning.
    access : AccessList, optional
        Tokens and policies; without it, everything is allowed.
    token : str, optional
        What the agents' own requests carry.
    trace : bool
        Whether to keep a trace.

    Attributes
    ----------
    gossip : Gossip
    authority : Authority
    repair : Repair
    datacentres : int
    world : World
        The simulated world, for what has no method here.

    Raises
    ------
    ValueError
        For less than one server or a negative number of agents.

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
        authority: bool | None = True,
        repair: bool | None = True,
        gossip_key: bytes | None = None,
        access: AccessList | None = None,
        token: str | None = None,
        trace: bool = True,
    ):
        whole("agents", agents, 0)
        whole("servers", servers, 1)
        whole("datacentres", datacentres, 1)
        self._agents, self._servers, self.datacentres = agents, servers, datacentres
        self._access, self._gossip_key = access, gossip_key
        self._raft = RaftConfig.consul(pre_vote) if authority else None
        swim = config or SwimConfig.lan()
        if not repair:
            swim = replace(swim, push_pull_interval_s=0.0, reconnect_interval_s=0.0)
        self.world = World(seed=seed, network=network, trace=trace)
        self.gossip, self.authority, self.repair = Gossip(self), Authority(self), Repair(self)
        for number in range(1, datacentres + 1):
            members = self.nodes_of(number)
            settings = AgentSettings(
                servers=self.servers_of(number),
                members=members,
                swim=swim,
                anti_entropy=bool(repair),
                token=token,
            )
            for name in members:
                self.world.add(name, self._process(name, settings), self._rebuild(name, settings))

    def _process(self, name: str, settings: AgentSettings, saved: dict | None = None) -> Agent:
        keyring = saved["keyring"] if saved else Keyring(self._gossip_key) if self._gossip_key else None
        if name not in settings.servers:
            return Agent(settings, keyring, saved)
        everywhere = range(1, self.datacentres + 1) if self.datacentres > 1 else ()
        wan = tuple(server for number in everywhere for server in self.servers_of(number))
        return Server(settings, Catalog(self._access), self._raft, keyring, saved, wan)

    def _rebuild(self, name: str, settings: AgentSettings):
        return lambda saved: self._process(name, settings, saved)

    # Who there is.

    def servers_of(self, datacentre: int) -> tuple[str, ...]:
        """The names of a data centre's servers."""
        return tuple(f"{_prefix(datacentre)}server-{i}" for i in range(1, self._servers + 1))

    def nodes_of(self, datacentre: int) -> tuple[str, ...]:
        """The names of a data centre's nodes, servers first."""
        agents = tuple(f"{_prefix(datacentre)}agent-{i}" for i in range(1, self._agents + 1))
        return self.servers_of(datacentre) + agents

    def process(self, name: str) -> Agent:
        """A node's process, a `Server` or an `Agent`.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        if name not in self.world.names:
            raise ValueError(f"{name!r} is not a node of this cluster: it has {', '.join(self.world.names)}")
        if name not in self.world.processes:
            raise ValueError(f"{name!r} is down: restart it first")
        return self.world.processes[name]

    def started(self, name: str) -> Agent:
        """A node's process, if the cluster has begun to run.

        Raises
        ------
        ValueError
            If there is no such node, or it is down or has not started.
        """
        process = self.process(name)
        if process.env is None:
            raise ValueError(f"{name!r} has not started: let the cluster run first, if only until=0")
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
        process = self.started(name)
        if name in process.settings.servers:
            raise ValueError(
                f"{name!r} is a server: only an agent can leave, because the log's members are fixed; crash it instead"
            )
        process.leave()

    def pause(self, name: str, seconds: float, timers: str = "run") -> None:
        """Stall a node, by default as in Lifeguard's experiments: no input and output, but running timers."""
        self.world.pause(name, seconds, timers)

    def register(
        self, node: str, service: str, port: int = 80, check: TTLCheck | ScriptCheck | None = None
    ) -> None:
        """Let a node offer a service from the present moment on, under the service's name as its id."""
        self.process(node).register(service, Service(service, port), check)


def _prefix(datacentre: int) -> str:
    return "" if datacentre == 1 else f"dc{datacentre}-"
