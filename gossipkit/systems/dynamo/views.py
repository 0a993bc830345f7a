"""A cluster's three parts, as an operator asks for them. They read; what they change says so."""

from collections.abc import Collection
from functools import reduce
from typing import TYPE_CHECKING

from ...authority.ring import Ring
from ...authority.versions import VectorClock
from ...gossip.local_detection import Belief
from ...gossip.membership_history import Change
from ...sim.checks import instance, text
from ..placement import position
from .objects import Object
from .operation import Kind, Operation
from .storage import Storage

if TYPE_CHECKING:
    from .cluster import Dynamo


class Gossip:
    """What each node believes of the others: who belongs to the ring, which is gossiped, and who has failed, which is not."""

    def __init__(self, cluster: "Dynamo"):
        self._cluster = cluster

    def view(self, name: str) -> dict[str, str]:
        """By member, as one node knows the ring: "up", or "failed" if it does not answer this node.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        node = self._cluster.started(name)
        return {other: node.detector.belief(other) for other in node.history.members}

    def history(self, name: str) -> tuple[Change, ...]:
        """All changes of membership that one node knows, in the order of issue."""
        return self._cluster.started(name).history.changes

    def ring(self, name: str) -> Ring | None:
        """The ring as one node knows it; None while it knows of no member."""
        return self._cluster.started(name).ring

    def rings(self) -> tuple[tuple[str, ...], ...]:
        """The different memberships that running nodes go by, the most frequent first; one if all agree."""
        known = [node.history.members for node in self._cluster.running().values()]
        return tuple(sorted(set(known), key=lambda members: (-known.count(members), members)))

    def summary(self) -> str:
        """The rings and the wrong beliefs in half a line."""
        rings = self.rings()
        ring = f"one ring of {len(rings[0])}" if len(rings) == 1 else f"{len(rings)} rings"
        return f"{ring}, {len(self.disagreement())} wrong beliefs"

    def __repr__(self) -> str:
        told = self.summary() if self._cluster.running() else "nobody to ask"
        return f"<gossip of Dynamo: {told}>"

    def disagreement(self) -> list[tuple[str, str, str]]:
        """Who is wrong about whom: (observer, subject, belief), over all running observers.

        "failed" of a node that runs, "up" of one that does not, "unknown" of a node that runs and that some running node
        takes for a member.
        """
        running = self._cluster.running()
        members = {name for node in running.values() for name in node.history.members}
        wrong = []
        for observer in running:
            view = dict.fromkeys(sorted(members), "unknown") | self.view(observer)
            wrong += [
                (observer, subject, belief)
                for subject, belief in view.items()
                if (subject in running) != (belief == Belief.UP)
            ]
        return wrong


class Authority:
    """What counts: who keeps a key, and which versions of it there are."""

    def __init__(self, cluster: "Dynamo"):
        self._cluster = cluster

    def __repr__(self) -> str:
        settings = self._cluster.settings
        quorum = "sloppy" if settings.sloppy else "strict"
        keys = len({key for disk in _disks(self._cluster).values() for key in disk.objects})
        judge = "nobody judges" if not settings.authority else f"versions by {settings.versions!r}"
        return f"<authority of Dynamo: N={settings.n} R={settings.r} W={settings.w}, {quorum}, {judge}, {keys} keys>"

    def preference_list(self, key: str, via: str | None = None) -> tuple[str, ...]:
        """All nodes in the order in which they are asked to keep a key, as one node sees it, by default the first that runs.

        Raises
        ------
        ValueError
            If ``via`` is no node or is down, or the key is none.
        """
        text("key", key)
        return self._cluster.any_started(via, "via").preference(key)

    def homes(self, key: str, via: str | None = None) -> tuple[str, ...]:
        """The first N of them."""
        text("key", key)
        return self._cluster.any_started(via, "via").homes(key)

    def siblings(self, key: str, name: str) -> tuple:
        """The values that one node has under a key, without asking another one."""
        return self.copy(key, name).values

    def context(self, key: str, name: str) -> VectorClock:
        """What these values have seen together."""
        return self.copy(key, name).context

    def copy(self, key: str, name: str) -> Object:
        """What one node has on its disk under a key, whether it runs or not.

        Raises
        ------
        ValueError
            If there is no such node, or the key is none.
        """
        text("key", key)
        return self._cluster.storage(name).read(key)

    def holders(self, key: str) -> dict[str, tuple]:
        """By node, the values under a key, of all nodes that have any: homes, stand-ins, and those that are down."""
        held = {name: self.siblings(key, name) for name in self._cluster.world.names}
        return {name: values for name, values in held.items() if values}

    def missed(self, get: Operation) -> tuple[Operation, ...]:
        """The puts under its key that had been acknowledged when a get began, and that its answer has not seen.

        Seen is what is among the siblings, and what one of them replaces. A get that is not ok has missed nothing.

        Raises
        ------
        ValueError
            For what is no operation.
        """
        instance("get", get, Operation, "an Operation, as `Dynamo.get` returns it")
        if not get.ok or get.kind is not Kind.GET:
            return ()
        return tuple(
            put
            for put in self._cluster.operations
            if (put.kind, put.key, put.ok) == (Kind.PUT, get.key, True)
            and put.finished_s <= get.started_s
            and not get.has_seen(put)
        )

    def everything(self, key: str) -> Object:
        """What an omniscient observer would read: all copies made one."""
        text("key", key)
        return _whole(key, _disks(self._cluster).values())


class Repair:
    """What is being corrected."""

    def __init__(self, cluster: "Dynamo"):
        self._cluster = cluster

    def summary(self) -> str:
        """What is out of step in a few words."""
        return f"{len(self.divergent())} keys that differ"

    def __repr__(self) -> str:
        held = sum(sum(targets.values()) for targets in self.hints().values())
        differ = self.summary() if self._cluster.running() else "nobody to ask"
        return f"<repair of Dynamo: {differ}, {held} hints held>"

    def divergent(self) -> tuple[str, ...]:
        """The keys that some home of theirs has otherwise than all copies together, in alphabetical order."""
        return tuple(sorted({key for keys in self.lacking().values() for key in keys}))

    def backlog(self) -> dict[tuple[str, str], int]:
        """By holder and target, how many writes running nodes know that a home has missed: their hints.

        What homes have otherwise, known to anybody or not, is `divergent`, and by node `lacking`.
        """
        return {
            (name, target): len(node.storage.hints.held(target))
            for name, node in self._cluster.running().items()
            for target in node.storage.hints.targets
        }

    def lacking(self) -> dict[str, tuple[str, ...]]:
        """By node, also those that are down, the keys of which it is a home and lacks something."""
        cluster, behind = self._cluster, {}
        disks = _disks(cluster)
        keys = sorted({key for disk in disks.values() for key in disk.objects})
        ring = cluster.any_started(None).ring
        for key in keys:
            whole = _whole(key, disks.values())
            for name in ring.replicas(position(key), cluster.settings.n):
                if disks[name].read(key) != whole:
                    behind.setdefault(name, []).append(key)
        return {name: tuple(lacking) for name, lacking in sorted(behind.items())}

    def hints(self) -> dict[str, dict[str, int]]:
        """By holder and target, how many hints are held, also by nodes that are down."""
        stores = {name: disk.hints for name, disk in _disks(self._cluster).items()}
        return {
            name: {target: len(store.held(target)) for target in store.targets}
            for name, store in stores.items()
            if store.targets
        }

    def last_sync(self, name: str) -> float | None:
        """When a comparison by Merkle trees last ended at a node, in seconds; None if none has."""
        return self._cluster.storage(name).last_sync_s

    def run(self, name: str) -> None:
        """Have a node compare with every node that shares a range with it, now.

        Raises
        ------
        ValueError
            If Merkle repair is switched off, or the node is down or has not started.
        """
        if not self._cluster.settings.merkle:
            raise ValueError("merkle is False: repair by Merkle trees is switched off in this cluster")
        part = self._cluster.started(name).anti_entropy
        for partner in part.partners():
            part.begin(partner)


def _disks(cluster: "Dynamo") -> dict[str, Storage]:
    """All nodes' disks by name, also of those that are down."""
    return {name: cluster.storage(name) for name in cluster.world.names}


def _whole(key: str, disks: Collection[Storage]) -> Object:
    """All copies of a key made one."""
    different: list[Object] = []
    for disk in disks:  # most are equal, or not there, and to make two copies one is the dear part
        copy = disk.objects.get(key)
        if copy is not None and copy not in different:
            different.append(copy)
    if not different:
        return next(iter(disks)).nothing
    return reduce(lambda whole, copy: whole.sync(copy), different)
