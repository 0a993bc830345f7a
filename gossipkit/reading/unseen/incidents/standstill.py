"""A machine's clock is slow: what it writes is older than what it should replace."""

from ....systems import Cassandra
from ...incidents.layers import Layer
from ...incidents.scenes.on_cassandra import CassandraScene, rows
from ...incidents.scenes.users import Users

SLOW, BEHIND_S, ITEMS = "node-3", 1.6, 10


class Standstill(CassandraScene):
    """A time daemon that has died, and corrections that never take effect."""

    name, seed = "standstill", 4
    moment_s, paged_s, duration_s = 53.0, 104.0, 150.0
    layer, mechanism = Layer.CLOCKS, "clock behind"
    source = (
        "A user's report on ScyllaDB, whose rule is Cassandra's: a dead time daemon on one of three nodes, and updates at QUORUM that were "
        "silently older than what they replaced. “When QUORUM Isn't Enough: How Distributed Clock Skew Silently Discards Data”, "
        "mehedees.dev/posts/debugging-silent-update-failures-in-scylla"
    )

    def build(self, fault):
        system = Cassandra(6, vnodes=4, seed=self.seed)
        self._users = Users(lambda n: self._step(system, n), 0.3, complaint=self._complaint)
        system.world.add("app-1", self._users)
        if fault:
            system.world.at(self.moment_s, system.clock, SLOW, -BEHIND_S)
        return system

    @staticmethod
    def _step(system: Cassandra, number: int):
        """The importer sets a price, the shop's rule corrects it through another node, a customer looks."""
        turn, step = divmod(number, 3)
        key, node = f"price-{turn % ITEMS}", turn % 6 + 1
        if step == 0:
            return system.write(key, f"list {turn}", "QUORUM", f"node-{(node + 2) % 6 + 1}")
        if step == 1:
            return system.write(key, f"corrected {turn}", "QUORUM", f"node-{node}")
        return system.read(key, "QUORUM", f"node-{node % 6 + 1}")

    @staticmethod
    def _complaint(operation, number):
        turn, step = divmod(number, 3)
        if not operation.ok:
            return str(operation.status)
        wrong = step == 2 and operation.value != f"corrected {turn}"
        return f"shows '{operation.value}', not 'corrected {turn}', which was acknowledged" if wrong else ""

    def nodes(self, system):
        return (SLOW,)

    def more(self, system, node):
        return rows(system, node, tuple(f"price-{number}" for number in range(ITEMS)))

    def facts(self, system):
        return {
            "before": sum(at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "turns": self._users.asked // 3,
        }

    def page(self, facts):
        return (
            f"Pricing: “Some corrections don't stick: the list price stays.” {facts['before']} so far, a few a minute, of all articles. The "
            "corrections are acknowledged, no request fails, no node is down, and writing the correction again helps."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s the clock of {SLOW} fell {BEHIND_S:g} s behind. A correction through it, three tenths of a second after "
            f"the import, carried the older timestamp: a quorum acknowledged it, and each replica kept the list price. {facts['all']} of "
            f"{facts['turns']} corrections were lost, those through {SLOW}. Replicas agree, so repair has nothing to do. Watch the clocks' "
            "offsets, or let the client say the timestamp."
        )

    def path(self, system):
        return (
            ("series", ("app.errors", None), ""),
            ("logs", ("app-1", 50.0, None), "which was acknowledged"),
            ("ask", ("node-1", 90.0), "its clock:    90.0 s"),
            ("ask", (SLOW, 90.0), "its clock:    88.4 s"),
        )
