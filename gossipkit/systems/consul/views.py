"""A cluster's three parts, as an operator asks for them. They read; what they change says so."""

from typing import TYPE_CHECKING, Any

from ...authority import Keyring, unreadable_pairs
from ...authority.raft import Role
from ...gossip.swim import State
from ...repair import difference
from ...sim.checks import instance, text, whole
from .catalog import Catalog
from .messages import Acquire, Command, PutKey, Request
from .operation import Operation

if TYPE_CHECKING:
    from .cluster import Consul


UP = (State.ALIVE, State.SUSPECT)  # serf shows a suspect as alive


class Gossip:
    """What each node believes of the others."""

    def __init__(self, cluster: "Consul"):
        self._cluster = cluster

    def __repr__(self) -> str:
        observers, wrong = len(self._cluster.world.up), len(self.disagreement())
        return f"<gossip of a Consul cluster: {observers} observers, {wrong} wrong beliefs>"

    def view(self, name: str) -> dict[str, str]:
        """State of every member that one node knows: alive, suspect, leaving, dead or left.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        return dict(sorted(self._cluster.started(name).swim.states.items()))

    def disagreement(self) -> list[tuple[str, str, str]]:
        """Who is wrong about whom: (observer, subject, belief), over all running observers, each of its own data centre.

        A suspect counts as alive, as serf shows it; a node that is up should be alive, one that is down or has left
        should not. Before the cluster runs there are no observers.
        """
        running = self._cluster.running().items()
        up = {name: process for name, process in running if not process.left}
        wrong = []
        for observer, process in up.items():
            states = dict.fromkeys(process.settings.members, "unknown") | process.swim.states
            wrong += [
                (observer, subject, state)
                for subject, state in states.items()
                if (state in UP) != (subject in up)
            ]
        return wrong

    def keyring(self, name: str) -> Keyring:
        """A node's gossip keys, to be changed with ``install``, ``use`` and ``remove``.

        Raises
        ------
        ValueError
            If gossip is not encrypted in this cluster.
        """
        keyring = self._cluster.process(name).keyring
        if keyring is None:
            raise ValueError("this cluster does not encrypt gossip: make it with Consul(gossip_key=...)")
        return keyring

    def unreadable(self) -> list[tuple[str, str]]:
        """Pairs (sender, receiver) in which the receiver cannot read what the sender seals."""
        return unreadable_pairs({name: self.keyring(name) for name in self._cluster.world.processes})


class Authority:
    """What has been committed. Without authority, what one server says."""

    def __init__(self, cluster: "Consul"):
        self._cluster = cluster

    def __repr__(self) -> str:
        leader, catalog = self.leader(), self.catalog()
        held = f"{len(catalog.nodes)} nodes and {len(catalog.keys)} keys" if catalog else "unknown"
        return f"<authority of a Consul cluster: leader {leader}, catalog {held}>"

    def leader(self, datacentre: int = 1) -> str | None:
        """The server that leads the newest term of a data centre; None while there is none.

        Raises
        ------
        ValueError
            If there is no such data centre.
        """
        whole("datacentre", datacentre, 1, self._cluster.datacentres)
        processes = self._cluster.world.processes
        leading = [
            name
            for name in self._cluster.servers_of(datacentre)
            if name in processes and processes[name].store.role is Role.LEADER
        ]
        return max(leading, key=lambda name: getattr(processes[name].store, "current_term", 0), default=None)

    def catalog(self, via: str | None = None) -> Catalog | None:
        """The catalog as the server ``via`` has it, by default the leader; a stale read, None where nobody leads.

        Raises
        ------
        ValueError
            If there is no such server, or it is down.
        """
        if via is None:
            via = self.leader()
        if via is None:
            return None
        process = self._cluster.process(via, "via")
        if not hasattr(process, "store"):
            raise ValueError(f"via: {via!r} is no server: it holds no catalog")
        return process.store.machine

    def answer(self, service: str, via: str | None = None) -> tuple[str, ...]:
        """The nodes that Consul's DNS would name for a service, asked of the server ``via``: those with no critical check.

        By default the leader is asked, and while nobody leads, a server that is up: DNS allows stale answers by default,
        and so does not fall silent with the leader.

        Raises
        ------
        ValueError
            If there is no such server, or it is down.
        """
        text("service", service)
        if via is None:
            running = (name for name in self._cluster.servers_of(1) if name in self._cluster.world.up)
            via = self.leader() or next(running, None)
        catalog = self.catalog(via)
        return tuple(node for node, _, _ in catalog.healthy(service)) if catalog else ()

    def write(
        self, key: str, value: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> Any:
        """Set a key through a node, and let time pass until it is committed.

        Returns
        -------
        True, a `Denied`, or None if no answer came in ``timeout_s`` seconds. None does not say that it was not written.
        """
        return self._waited(self._cluster.write(key, value, via, token, timeout_s))

    def read(self, key: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0) -> Any:
        """A key's value by a linearizable read through a node; None if no answer came in time, or there is no such key."""
        return self._waited(self._cluster.read(key, via, token, timeout_s))

    def command(
        self, what: Any, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> Any:
        """Any command of the catalog, a `Sync`, `SetHealth`, `Deregister`, `PutKey`, `CreateSession` or `Acquire`, as an
        operator's request; returns as `write`.
        """
        kinds = "a Sync, SetHealth, Deregister, PutKey, CreateSession or Acquire"
        instance("what", what, Command, f"a command of the catalog: {kinds}")
        about = what.key if type(what) in (PutKey, Acquire) else what.node
        return self._waited(self._cluster.ask("command", about, Request(what, token), via, timeout_s))

    def _waited(self, operation: Operation) -> Any:
        return self._cluster.wait(operation).value


class Repair:
    """What is being corrected."""

    def __init__(self, cluster: "Consul"):
        self._cluster = cluster

    def __repr__(self) -> str:
        backlog, divergent = sum(self.backlog().values()), len(self.divergent())
        return f"<repair of a Consul cluster: {backlog} entries to be told, {divergent} nodes differ>"

    def backlog(self) -> dict[tuple[str, str], int]:
        """By node and "catalog", how many of its entries a running node knows that the catalog has not been told of."""
        return {
            (name, "catalog"): len(untold)
            for name, process in self._cluster.world.processes.items()
            if process.env is not None and not process.left and (untold := process.anti_entropy.untold())
        }

    def divergent(self) -> tuple[str, ...]:
        """The running nodes of which the leader's catalog lacks something or has it otherwise, in alphabetical order."""
        catalog = self._cluster.authority.catalog()
        if catalog is None:
            return ()
        nodes, running = self._cluster.nodes_of(1), self._cluster.world.processes.items()
        compared = {name: process for name, process in running if name in nodes and not process.left}
        return tuple(
            sorted(
                name
                for name, process in compared.items()
                if process.env is not None and difference(process.local, catalog.entry(name))
            )
        )

    def last_sync(self, name: str) -> float | None:
        """When a node's last full comparison with the catalog succeeded, in seconds; None if none has."""
        return self._cluster.process(name).anti_entropy.syncer.last_full_s

    def run(self, name: str) -> None:
        """Have a node compare everything with the catalog soon, and exchange all membership with a server now.

        Raises
        ------
        ValueError
            If anti-entropy is switched off.
        """
        process = self._cluster.process(name)
        if not process.settings.anti_entropy:
            raise ValueError("repair is switched off in this cluster")
        process.anti_entropy.syncer.server_up(self._cluster.env(name))
        process.swim.join(tuple(server for server in process.settings.servers if server != name)[:1])
