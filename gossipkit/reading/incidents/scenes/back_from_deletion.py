"""A replica misses deletions, and their tombstones are purged before anything tells it."""

from ....systems import Cassandra
from ..layers import Layer
from .on_cassandra import CassandraScene, rows
from .users import Users

ACCOUNTS = tuple(f"account-{number}" for number in range(1, 13))
AWAY, DOWN_S, DELETED_S, BACK_S, GRACE_S, MAILING_S, REPAIR_S = "node-3", 25.0, 50.0, 58.0, 40.0, 100.0, 125.0


class BackFromDeletion(CassandraScene):
    """Deleted rows return: gc_grace is over before the next repair."""

    name, seed = "back-from-deletion", 1
    moment_s, paged_s, duration_s = 90.0, 115.0, 150.0
    layer, mechanism = Layer.REPAIR, "tombstone dropped early"
    source = (
        "No single outage: deleted data that return are known as zombies. Cassandra's documentation says that repair must run more "
        "often than gc_grace_seconds, and that a node that was away for longer must not come back with its old data. "
        "apache/cassandra, doc/modules/cassandra/pages/managing/operating/compaction/tombstones.adoc"
    )

    def build(self, fault):
        system = Cassandra(
            3,
            vnodes=1,
            seed=self.seed,
            hint_window_s=5.0,
            gc_grace_s=GRACE_S if fault else 10 * self.duration_s,
            compaction_interval_s=5.0,
        )
        world = system.world
        for key in ACCOUNTS:
            world.at(5.0, system.write, key, "open", "ALL", "node-1")
            world.at(DELETED_S, system.delete, key, "QUORUM", "node-1")
        world.at(DOWN_S, system.crash, AWAY)
        world.at(BACK_S, system.restart, AWAY)
        world.at(REPAIR_S, system.repair.run, AWAY)
        self._users = Users(lambda n: self._look_up(system, n), 0.5, 12.0, complaint=self._open)
        world.add("app-1", self._users)
        return system

    @staticmethod
    def _look_up(system: Cassandra, number: int):
        """Until the mailing begins, customers look after themselves: nobody reads a closed account."""
        mailing = system.world.now > MAILING_S
        if not mailing and number % 3 == 0:
            return system.write(f"customer-{number % 20}", f"{number}", "QUORUM", f"node-{1 + number % 2}")
        key = ACCOUNTS[number % 12] if mailing else f"customer-{number % 20}"
        return system.read(key, "QUORUM", f"node-{1 + number % 3}" if mailing else f"node-{1 + number % 2}")

    def _open(self, operation, number):
        if not operation.ok:
            return str(operation.status)
        zombie = operation.key in ACCOUNTS and operation.started_s > DELETED_S + 1.0 and operation.value
        return f"shows {operation.value}, but the account was closed" if zombie else ""

    def moment(self, system):
        """The first purge."""
        return round(next(iter(system.trace.filter(kind="compacted"))).time, 1)

    def nodes(self, system):
        return (AWAY,)

    def more(self, system, node):
        return rows(system, node, ACCOUNTS[:3])

    def facts(self, system):
        purges = system.trace.filter(kind="compacted")
        return {
            "before": sum(at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "purged_s": purges[0].time,
            "kept": len(system.trace.filter(kind="hint-not-stored")),
        }

    def page(self, facts):
        return (
            f"Customer care: “People who closed their accounts this morning get mail again.” {facts['before']} lookups found accounts "
            "that are closed. One machine was in maintenance for half a minute and has been back for a while; all are up. "
            f"The nightly repair is planned for {REPAIR_S:g} s."
        )

    def debrief(self, facts):
        return (
            f"{AWAY} was down from {DOWN_S:g} to {BACK_S:g} s. At {DELETED_S:g} s the accounts were deleted by a quorum without it; no "
            f"hint was kept for it, because it had been down for longer than the hint window ({facts['kept']} times). The tombstones "
            f"were the only trace of the deletions, and from {facts['purged_s']:.0f} s on compaction purged them: gc_grace was "
            f"{GRACE_S:g} s. From then on {AWAY}'s old rows met nothing that is newer, and read repair spread them: {facts['all']} "
            f"lookups found them. The repair at {REPAIR_S:g} s came too late: nothing was left that says deleted. A repair has to be "
            "over within gc_grace."
        )

    def path(self, system):
        return (
            ("series", ("app.errors", None), ""),
            ("logs", ("node-1", 30.0, None), "purged tombstones"),
            ("ask", ("node-1", 80.0), "tombstone written at 50.0 s"),
            ("ask", (AWAY, 80.0), "open written at 5.0 s"),
        )
