"""A cluster's three parts, as an operator asks for them. They read; what they change says so."""

from typing import TYPE_CHECKING

from ...authority.slots import SLOTS, Ranges
from ...gossip.cluster_bus import Belief
from ...sim.checks import Refused, whole

if TYPE_CHECKING:
    from .cluster import RedisCluster
    from .node import Node


class Gossip:
    """What each node believes of the others."""

    def __init__(self, cluster: "RedisCluster"):
        self._cluster = cluster

    def view(self, via: str) -> dict[str, str]:
        """By node that ``via`` knows, itself included: "ok"; "pfail" if only ``via`` doubts it; "fail" if a majority of masters
        does.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        node = self._cluster.started(via, "via")
        view = {via: Belief.OK} | {name: peer.belief for name, peer in node.bus.peers.items()}
        return dict(sorted(view.items()))

    def reports(self, about: str, via: str) -> tuple[str, ...]:
        """The masters that have told ``via`` lately that they doubt a node: ``CLUSTER COUNT-FAILURE-REPORTS`` counts them.

        Raises
        ------
        ValueError
            If there is no such node, ``via`` is down, or does not know the other one.
        """
        node = self._cluster.started(via, "via")
        self._cluster._known(about, "about")
        peer = node.bus.peers.get(about)
        if peer is None:
            raise Refused(f"about is {about!r}: {via} knows {', '.join(node.bus.peers)}")
        node.bus.reports(peer, node.env.now)
        return tuple(peer.reports)

    def disagreement(self) -> list[tuple[str, str, str]]:
        """Who is wrong about whom: (observer, subject, belief), over all running observers.

        "pfail" or "fail" of a node that runs, "ok" of one that does not, "unknown" of a node that runs and that some
        running node knows.
        """
        running = self._cluster.running()
        known = {name for node in running.values() for name in node.masters}
        wrong = []
        for observer in running:
            view = dict.fromkeys(sorted(known), "unknown") | self.view(observer)
            wrong += [
                (observer, subject, belief)
                for subject, belief in view.items()
                if (subject in running) != (belief == Belief.OK)
            ]
        return wrong

    def __repr__(self) -> str:
        observers = len(self._cluster.running())
        return f"<gossip of Redis Cluster: {observers} observers, {len(self.disagreement())} wrong beliefs>"


class Authority:
    """What has been decided: who owns which slots, by which epoch, and who has voted for whom."""

    def __init__(self, cluster: "RedisCluster"):
        self._cluster = cluster

    def owner(self, slot: int, via: str | None = None) -> str | None:
        """Who owns a slot, as one node sees it, by default the first that runs; None if nobody does.

        Raises
        ------
        ValueError
            If it is no slot, or ``via`` is no node or is down.
        """
        whole("slot", slot, 0, SLOTS - 1)
        return self._node(via).slots.owner(slot)

    def slots(self, via: str | None = None) -> dict[str, Ranges]:
        """By owner its slots, as ranges (first, last), as one node sees it: ``CLUSTER SLOTS``."""
        return dict(sorted(self._node(via).slots.owned.items()))

    def claimants(self, slot: int) -> tuple[str, ...]:
        """The running nodes that would serve a slot themselves now: each takes it for its own and the cluster for whole.

        One, if all is well; none during a failover; two are a split brain.
        """
        whole("slot", slot, 0, SLOTS - 1)
        running = self._cluster.running().items()
        return tuple(name for name, node in running if node.ok and node.slots.owner(slot) == name)

    def masters(self, via: str | None = None) -> dict[str, str | None]:
        """By node that ``via`` knows, which master it replicates; None of a master."""
        return dict(sorted(self._node(via).masters.items()))

    def state(self, via: str | None = None) -> str:
        """``cluster_state``: "ok" or "fail"."""
        return "ok" if self._node(via).ok else "fail"

    def epoch(self, via: str | None = None) -> int:
        """``cluster_current_epoch``: the newest epoch of the cluster that one node knows."""
        return self._node(via).current_epoch

    def config_epochs(self, via: str | None = None) -> dict[str, int]:
        """By master with slots the epoch by which it owns them, as one node sees it."""
        node = self._node(via)
        return {name: node.epochs[name] for name in sorted(node.slots.owned)}

    def last_vote(self, name: str) -> int:
        """The epoch in which a node has voted last; 0 if it never has."""
        return self._cluster.started(name).failover.voter.last_vote

    def _node(self, via: str | None) -> "Node":
        return self._cluster.any_started(via, "via")

    def __repr__(self) -> str:
        if not self._cluster.running():
            return "<authority of Redis Cluster: nobody to ask>"
        judge = "" if self._cluster.settings.authority else ", nobody votes"
        owners = len(self.slots())
        return (
            f"<authority of Redis Cluster: cluster_state:{self.state()}, {owners} masters own slots, "
            f"epoch {self.epoch()}{judge}>"
        )


class Repair:
    """What is being corrected: replicas that lack writes, and nodes whose slot table is old."""

    def __init__(self, cluster: "RedisCluster"):
        self._cluster = cluster

    def backlog(self) -> dict[tuple[str, str], int]:
        """By running master and replica, how many of the writes that it keeps the replica has not confirmed to it.

        A replica confirms once a second, so what was written within the last second is there too.
        """
        found = {}
        for name, node in self._cluster.running().items():
            if node.master is None:
                for replica in node.replicas_of(name):
                    if count := node.replication.unconfirmed(replica):
                        found[name, replica] = count
        return found

    def lacking(self) -> dict[str, tuple[str, ...]]:
        """By running replica, the keys that it has otherwise than the running master which it takes for its own."""
        running = self._cluster.running()
        behind = {}
        for name, node in running.items():
            master = running.get(node.master)
            if master is not None:
                own, its = node.replication.data, master.replication.data
                keys = sorted(key for key in own.keys() | its.keys() if own.get(key) != its.get(key))
                if keys:
                    behind[name] = tuple(keys)
        return behind

    def divergent(self) -> tuple[str, ...]:
        """The keys that some replica has otherwise than its master, in alphabetical order."""
        return tuple(sorted({key for keys in self.lacking().values() for key in keys}))

    def stale(self) -> tuple[str, ...]:
        """The running nodes whose slot table differs from that which the highest epochs of all running nodes make."""
        running = self._cluster.running()
        best = max(running.values(), key=_newest, default=None)
        if best is None:
            return ()
        return tuple(name for name, node in running.items() if node.slots.owned != best.slots.owned)

    def link(self, name: str) -> str | None:
        """``master_link_status`` of a replica: "up" or "down"; None of a master.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        node = self._cluster.started(name)
        return None if node.master is None else "up" if node.replication.up else "down"

    def last_sync(self, name: str) -> float | None:
        """When a replica has last begun to receive its master's stream, in seconds; None if it never has, or is a master."""
        return self._cluster.started(name).replication.last_sync_s

    def summary(self) -> str:
        """What is out of step in a few words."""
        return f"{len(self.divergent())} keys that differ"

    def __repr__(self) -> str:
        if not self._cluster.running():
            return "<repair of Redis Cluster: nobody to ask>"
        writes = sum(self.backlog().values())
        return f"<repair of Redis Cluster: {self.summary()}, {writes} writes not confirmed, {len(self.stale())} old slot tables>"


def _newest(node: "Node") -> list[int]:
    return sorted((node.epochs[name] for name in node.slots.owned), reverse=True)
