"""A cluster's three parts, as an operator asks for them. They read; what they change says so."""

from typing import TYPE_CHECKING, Any

from ...authority import Keyring, unreadable_pairs
from ...repair import Changes, difference
from ...sim import Signal
from ...sim.checks import whole
from .catalog import Catalog, PutKey, Request

if TYPE_CHECKING:
    from .cluster import Consul


class Gossip:
    """What each node believes of the others."""

    def __init__(self, cluster: "Consul"):
        self._cluster = cluster

    def view(self, name: str) -> dict[str, str]:
        """State of every member that one node knows: alive, suspect, dead or left.

        Raises
        ------
        ValueError
            If there is no such node, or it is down, or the cluster has not begun to run.
        """
        return dict(sorted(self._cluster.started(name).swim.states.items()))

    def disagreement(self) -> list[tuple[str, str, str]]:
        """Who is wrong about whom: (observer, subject, belief), over all running observers, each of its own data centre.

        A suspect counts as alive, as serf shows it; a node that is up should be alive, one that is down or has left
        should not. Before the cluster runs there are no observers.
        """
        running = self._cluster.world.processes.items()
        up = {name: process for name, process in running if process.swim and not process.left}
        wrong = []
        for observer, process in up.items():
            states = dict.fromkeys(process.settings.members, "unknown") | process.swim.states
            wrong += [
                (observer, subject, state)
                for subject, state in states.items()
                if (state in ("alive", "suspect")) != (subject in up)
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
            if name in processes and processes[name].store.role == "leader"
        ]
        return max(leading, key=lambda name: getattr(processes[name].store, "current_term", 0), default=None)

    def catalog(self, server: str | None = None) -> Catalog | None:
        """The catalog as one server has it, by default the leader; a stale read, None where nobody leads.

        Raises
        ------
        ValueError
            If there is no such server, or it is down.
        """
        server = server or self.leader()
        if server is None:
            return None
        process = self._cluster.process(server)
        if not hasattr(process, "store"):
            raise ValueError(f"{server!r} is no server: it holds no catalog")
        return process.store.machine

    def answer(self, service: str, server: str | None = None) -> tuple[str, ...]:
        """The nodes that Consul's DNS would name for a service, asked of one server: those with no critical check.

        By default the leader is asked, and while nobody leads, a server that is up: DNS allows stale answers by default,
        and so does not fall silent with the leader.

        Raises
        ------
        ValueError
            If there is no such server, or it is down.
        """
        running = (name for name in self._cluster.servers_of(1) if name in self._cluster.world.up)
        catalog = self.catalog(server or self.leader() or next(running, None))
        return tuple(node for node, _, _ in catalog.healthy(service)) if catalog else ()

    def write(
        self, key: str, value: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> Any:
        """Set a key through a node, and let time pass until it is committed.

        Returns
        -------
        True, a `Denied`, or None if no answer came in ``timeout_s`` seconds. None does not say that it was not written.
        """
        return self._ask("write", Request(PutKey(key, value), token), via, timeout_s)

    def read(self, key: str, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0) -> Any:
        """A key's value by a linearizable read through a node; None if no answer came in time, or there is no such key."""
        found = self._ask("read", Request(("key", key), token), via, timeout_s)
        return found[0] if isinstance(found, tuple) else found

    def command(
        self, what: Any, via: str = "agent-1", token: str | None = None, timeout_s: float = 10.0
    ) -> Any:
        """Any command of the catalog, as an operator's request; returns as `write`."""
        return self._ask("write", Request(what, token), via, timeout_s)

    def _ask(self, how: str, request: Request, via: str, timeout_s: float) -> Any:
        cluster, answers = self._cluster, []
        answered = Signal(latest_s=cluster.world.now + timeout_s)

        def done(answer: Any) -> None:
            answers.append(answer)
            answered.trigger()

        getattr(cluster.started(via).client, how)(cluster.env(via), request, done)
        cluster.run(until=answered)
        return answers[0] if answers else None


class Repair:
    """What is being corrected."""

    def __init__(self, cluster: "Consul"):
        self._cluster = cluster

    def backlog(self) -> dict[str, Changes]:
        """By node, what the leader's catalog lacks of it or has otherwise; nothing for nodes that agree or are down."""
        catalog, behind = self._cluster.authority.catalog(), {}
        if catalog is None:
            return behind
        for name, process in self._cluster.world.processes.items():
            if name in self._cluster.nodes_of(1) and not process.left:
                changes = difference(process.local, catalog.entry(name))
                if changes:
                    behind[name] = changes
        return behind

    def last_sync(self, name: str) -> float | None:
        """When a node's last full comparison with the catalog succeeded, in seconds; None if none has."""
        return self._cluster.process(name).syncer.last_full_s

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
        process.syncer.server_up(self._cluster.env(name))
        process.swim.join(tuple(server for server in process.settings.servers if server != name)[:1])
