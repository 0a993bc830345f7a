"""Replica migration: a master that has lost all its replicas is given one by a master that has more than it needs.

Of the masters with the most replicas that have not failed, the replica with the smallest name goes, when the other master has
been without for five seconds, and only if its own master keeps one.

References
----------
redis 7.0 src/cluster.c: clusterCron, clusterHandleSlaveMigration, clusterNodeAddSlave, clusterNodeRemoveSlave;
redis.conf: cluster-migration-barrier, cluster-allow-replica-migration.
"""

from typing import TYPE_CHECKING

from ...gossip.cluster_bus import Belief

if TYPE_CHECKING:
    from .node import Node

BARRIER = 1
"""``cluster-migration-barrier``: so many replicas stay with their master."""
DELAY_S = 5.0
"""For so long a master must have been without a replica (CLUSTER_SLAVE_MIGRATION_DELAY)."""


class Migration:
    """One replica's part in it."""

    def __init__(self, node: "Node"):
        self._node = node
        # masters that had replicas, or have replaced one that had: only they are given one (CLUSTER_NODE_MIGRATE_TO)
        self._had = {master for master in node.masters.values() if master is not None}
        self._orphaned_s: dict[str, float] = {}

    def changed(self, name: str, before: str | None, now: str | None) -> None:
        """A node has another role: it has replicated ``before``, and replicates ``now``; None: it was, or is, a master."""
        if before is not None and not self._node.replicas_of(before):
            self._had.discard(before)
        if now is not None:
            self._had.add(now)
            self._had.discard(name)
        elif before is not None:
            self._had.add(name)

    def look(self) -> None:
        """Ten times a second at a replica: is there a master that needs it more?"""
        node = self._node
        mine = node.replicas_of(node.master)
        if len(mine) <= BARRIER:
            return
        masters = [name for name, its in node.masters.items() if its is None and not self._failed(name)]
        good = {name: self._good(name) for name in masters}
        orphans = [name for name in masters if not good[name] and name in node.slots and name in self._had]
        most = max(good.values(), default=0)
        if not orphans or most < 2 or good.get(node.master) != most or not node.ok:
            self._orphaned_s.clear()
            return
        now = node.env.now
        self._orphaned_s = {name: self._orphaned_s.get(name, now) for name in orphans}
        well = sum(self._belief(name) is Belief.OK for name in mine)
        candidates = [name for master in masters if good[master] == most for name in node.replicas_of(master)]
        target = orphans[0]
        if well > BARRIER and min(candidates) == node.name and now - self._orphaned_s[target] > DELAY_S:
            node.env.record("migrating", about=target)
            node.follow(target)

    def _good(self, master: str) -> int:
        return sum(not self._failed(name) for name in self._node.replicas_of(master))

    def _failed(self, name: str) -> bool:
        return self._belief(name) is Belief.FAIL

    def _belief(self, name: str) -> Belief:
        peer = self._node.bus.peers.get(name)
        return Belief.OK if peer is None else peer.belief
