"""A cluster's three parts, as an operator asks for them. They read; what they change says so."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...authority.log_rules import ClusterMetadata
from ...authority.ring import Ring
from ...gossip.scuttlebutt import Belief, Status
from ...repair.tombstones import Cell, merge
from ...sim.checks import text
from ..placement import position
from .ownership import present

if TYPE_CHECKING:
    from .cluster import Cassandra


class Gossip:
    """What each node believes of the others."""

    def __init__(self, cluster: "Cassandra"):
        self._cluster = cluster

    def summary(self) -> str:
        """The rings and the wrong beliefs in half a line."""
        rings = {node.ownership.ring for node in self._cluster.running().values()}
        sizes = " and ".join(
            str(size or "none") for size in sorted(len(ring.nodes) if ring else 0 for ring in rings)
        )
        ring = f"one ring of {sizes}" if len(rings) == 1 else f"{len(rings)} rings, of {sizes}"
        return f"{ring}, {len(self.disagreement())} wrong beliefs"

    def __repr__(self) -> str:
        return f"<gossip of Cassandra: {self.summary() if self._cluster.running() else 'nobody to ask'}>"

    def view(self, name: str) -> dict[str, Belief]:
        """By node, as one node sees it: "up", "down", or "left" for a node that was taken out and is still remembered.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        endpoints = self._cluster.started(name).gossiper.endpoints
        return {other: known.belief for other, known in sorted(endpoints.items())}

    def disagreement(self) -> list[tuple[str, str, str]]:
        """Who is wrong about whom: (observer, subject, belief), over all running observers."""
        running = self._cluster.running()
        wrong = []
        for observer in running:
            view = dict.fromkeys(self._cluster.world.names, "unknown") | self.view(observer)
            wrong += [
                (observer, subject, belief)
                for subject, belief in view.items()
                if (subject in running) != (belief == Belief.UP)
            ]
        return wrong

    def gossipinfo(self, name: str) -> dict[str, dict[str, str]]:
        """What one node knows of each, as ``nodetool gossipinfo`` prints it: ``VERSION:VALUE`` by application state.

        LOAD is what the node stored when it last said so, each 60 s: rows here, bytes in Cassandra. Cassandra prints more
        states and hides the tokens.
        """
        endpoints = self._cluster.started(name).gossiper.endpoints
        return {
            other: {
                "generation": str(known.state.heartbeat.generation),
                "heartbeat": str(known.state.heartbeat.version),
            }
            | {
                key: f"{version}:{value}"
                for key, (value, version) in sorted(known.state.applications.items())
            }
            for other, known in sorted(endpoints.items())
        }

    def versions(self) -> dict[str, dict[str, tuple[int, int]]]:
        """Who knows how much: by observer and subject, generation and the greatest version."""
        return {
            observer: {
                other: known.state.digest(other)[1:]
                for other, known in sorted(node.gossiper.endpoints.items())
            }
            for observer, node in self._cluster.running().items()
        }

    def phi(self, observer: str, about: str) -> float:
        """One node's suspicion of another one, at this moment; 0 while it has heard nothing of it.

        Raises
        ------
        ValueError
            If there is no such node, or the observer is down.
        """
        self._cluster._known(about, "about")
        return self._cluster.started(observer, "observer").gossiper.detector.phi(
            about, self._cluster.world.now
        )

    def converged(self) -> bool:
        """Whether all running nodes have the same ring, and nobody is wrong about who is up."""
        rings = {node.ownership.ring for node in self._cluster.running().values()}
        return not self.disagreement() and len({ring and tuple(ring.tokens.items()) for ring in rings}) == 1


class Authority:
    """Who owns what, and what a client was promised."""

    def __init__(self, cluster: "Cassandra"):
        self._cluster = cluster

    def __repr__(self) -> str:
        settings = self._cluster.settings
        by = "gossip" if settings.log is None else f"a log at epoch {max(self.epochs().values(), default=0)}"
        replicas = ", ".join(f"{count} in {place}" for place, count in settings.replication.items())
        levels = "levels honoured" if settings.authority else "no level honoured"
        return f"<authority of Cassandra: tokens by {by}, replicas {replicas}, {levels}>"

    def ring(self, name: str | None = None) -> Ring | None:
        """The ring as one node knows it, by default the first that runs; None while it knows of no owner."""
        return self._cluster.any_started(name).ownership.ring

    def replicas(self, key: str, via: str | None = None) -> tuple[str, ...]:
        """The nodes that a read of a key asks, as one node sees it, by default the first that runs."""
        text("key", key)
        return self._cluster.any_started(via, "via").ownership.readers(position(key))

    def owners_disagree(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Of some keys, those for which running nodes would ask different replicas.

        Raises
        ------
        ValueError
            If ``keys`` is no iterable of texts that are not empty.
        """
        if isinstance(keys, str | bytes) or not isinstance(keys, Iterable):
            raise ValueError(f"keys is {keys!r}: it must be a list of keys, such as ['k']")
        keys = tuple(keys)
        for key in keys:
            text("a key in keys", key)
        running = (node.ownership for node in self._cluster.running().values())
        beliefs = {known.epoch or known.ring: known for known in running if known.ring is not None}
        if len(beliefs) == 1:
            return ()
        return tuple(
            key for key in keys if len({known.readers(position(key)) for known in beliefs.values()}) > 1
        )

    def epochs(self) -> dict[str, int]:
        """How far each running node's log goes; 0 where membership is gossiped."""
        return {name: node.ownership.epoch for name, node in self._cluster.running().items()}

    def metadata(self, name: str | None = None) -> ClusterMetadata | None:
        """What one node's log makes of the cluster, by default the first that runs; None where membership is gossiped."""
        log = self._cluster.any_started(name).log
        return log and log.metadata

    def describecluster(self) -> dict[str, dict[str, list[str]]]:
        """Which nodes agree: by "schema", "ring" and "epoch", the versions that there are, each with its nodes.

        Modelled on ``nodetool describecluster``, which lists nodes by schema version. The ring is shown as its number of
        tokens and a digest of them.
        """
        found: dict[str, dict[str, list[str]]] = {"schema": {}, "ring": {}, "epoch": {}}
        for name, node in self._cluster.running().items():
            own = node.gossiper.endpoints[name].state.applications
            ring = node.ownership.ring
            digest = f"{len(ring.tokens)} tokens, {hash_of(ring)}" if ring else "none"
            for what, version in (
                ("schema", own["SCHEMA"].value),
                ("ring", digest),
                ("epoch", str(node.ownership.epoch)),
            ):
                found[what].setdefault(version, []).append(name)
        return found

    def everything(self, key: str) -> Cell | None:
        """What an omniscient observer would read: the cell that wins of all disks."""
        text("key", key)
        now = self._cluster.world.now
        tables = [
            {key: cell}
            for name in self._cluster.world.names
            if (cell := self._cluster.storage(name).read(key, now))
        ]
        return merge(*tables).get(key)

    def held(self, key: str) -> dict[str, Cell | None]:
        """What each of a key's replicas has on its disk, as the first running node sees the ring."""
        now = self._cluster.world.now
        return {name: self._cluster.storage(name).read(key, now) for name in self.replicas(key)}


class Repair:
    """What is being corrected."""

    def __init__(self, cluster: "Cassandra"):
        self._cluster = cluster

    def summary(self) -> str:
        """What is out of step in a few words."""
        return f"{len(self.divergent())} rows differ, {sum(self.backlog().values())} hints held"

    def __repr__(self) -> str:
        return f"<repair of Cassandra: {self.summary() if self._cluster.running() else 'nobody to ask'}>"

    def backlog(self) -> dict[tuple[str, str], int]:
        """By holder and target, how many writes running nodes know that a replica has missed: their hints.

        What replicas have otherwise than each other, known to anybody or not, is `divergent`.
        """
        return {
            (name, target): len(node.hints.store.held(target))
            for name, node in self._cluster.running().items()
            for target in node.hints.store.targets
        }

    def last_sync(self, name: str) -> float | None:
        """When a Merkle repair of a node's own ranges last ended well, in seconds; None if none has."""
        return self._cluster.storage(name).repaired_s

    def run(self, name: str | None = None) -> None:
        """Have a node repair its own ranges now, by default every running node: together that is a full repair.

        Raises
        ------
        ValueError
            If repair is switched off, or the node is down.
        """
        if not self._cluster.settings.merkle:
            raise ValueError("merkle is False: Merkle repair is switched off in this cluster")
        nodes = list(self._cluster.running().values()) if name is None else [self._cluster.started(name)]
        for node in nodes:
            node.anti_entropy.begin()

    def divergent(self) -> tuple[str, ...]:
        """The keys that replicas have otherwise than each other, in alphabetical order; replicas that are down count too."""
        cluster, now = self._cluster, self._cluster.world.now
        ownership = cluster.any_started(None).ownership
        disks = {name: cluster.storage(name) for name in cluster.world.names}

        def versions(key: str) -> set[Cell | None]:
            return {disks[name].read(key, now) for name in ownership.readers(position(key))}

        return tuple(key for key in cluster.stored_keys() if len(versions(key)) > 1)

    def zombies(self) -> tuple[str, ...]:
        """The keys whose deletion was acknowledged, after which nobody wrote them, and that some replica shows again."""
        newest: dict[str, tuple[float, str]] = {}
        for operation in self._cluster.operations:
            if operation.kind != "read" and operation.ok:
                newest[operation.key] = max(
                    newest.get(operation.key, (-1.0, "")), (operation.timestamp, operation.kind)
                )
        deleted = [key for key, (_, kind) in sorted(newest.items()) if kind == "delete"]
        return tuple(
            key
            for key in deleted
            if (cell := self._cluster.authority.everything(key)) is not None and cell.live
        )


def hash_of(ring: Ring) -> str:
    """Eight digits that differ for different rings."""
    return f"{sum(token ^ position(node) for token, node in ring.tokens.items()) % 16**8:08x}"


def status(cluster: "Cassandra", name: str) -> list[dict[str, str]]:
    """The table of ``nodetool status`` as one node would print it, of what it has heard in gossip."""
    node = cluster.started(name)
    ring, view = node.ownership.ring, cluster.gossip.view(name)
    owns = ring.ownership(present(ring, cluster.settings.replication)) if ring else {}
    rows = []
    for other in sorted(name for name, belief in view.items() if belief is not Belief.LEFT):
        known = node.gossiper.endpoints[other].state
        joining = other in node.ownership.pending or (other not in owns and known.status != Status.NORMAL)
        # StorageService.getLoadMap: of itself it knows it at first hand
        if other == name:
            load = f"{len(node.storage.cells)} rows"
        elif "LOAD" in known.applications:
            load = f"{known.applications['LOAD'].value} rows"
        else:
            load = "?"
        does = "J" if joining else "L" if other in node.ownership.leaving else "N"
        rows.append(
            {
                "status": ("U" if view[other] is Belief.UP else "D") + does,
                "node": other,
                "load": load,
                "tokens": str(sum(owner == other for owner in ring.tokens.values()) if ring else 0),
                "owns": f"{owns[other]:.1%}" if other in owns else "?",
                "rack": cluster.place(other).rack,
            }
        )
    return rows
