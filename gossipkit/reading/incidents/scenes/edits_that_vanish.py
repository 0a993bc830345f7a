"""A machine's clock is fast: last write wins, and it isn't the last one."""

from ....systems import Cassandra
from ..layers import Layer
from .on_cassandra import CassandraScene, rows
from .users import Users

DOCUMENTS = ("doc-1", "doc-2")
FAST, AHEAD_S = "node-4", 1.7  # below the two seconds after which Cassandra drops a write as too old


class EditsThatVanish(CassandraScene):
    """Of one node the clock jumps ahead."""

    name, seed = "edits-that-vanish", 2
    moment_s, paged_s, duration_s = 58.0, 100.0, 150.0
    layer, mechanism = Layer.CLOCKS, "clock ahead"
    source = (
        "No single outage: that last write wins by clocks which may be wrong, and loses acknowledged writes then, is what Jepsen "
        "reported of Cassandra in 2013. “Jepsen: Cassandra” and “The trouble with timestamps”, aphyr.com/tags/cassandra; the rule is "
        "apache/cassandra, db/rows/Cells.java (resolveRegular)"
    )

    def build(self, fault):
        system = Cassandra(6, vnodes=4, seed=self.seed)
        system.world.add(
            "app-1", Users(lambda n: self._edit_or_look(system, n), 0.25, complaint=self._complaint)
        )
        if fault:
            system.world.at(self.moment_s, system.clock, FAST, AHEAD_S)
        return system

    def _edit_or_look(self, system: Cassandra, number: int):
        """An edit, and then another user's look at the same document. The documents take turns, and so do the nodes."""
        edit, look = divmod(number, 2)
        key, via = DOCUMENTS[edit % 2], f"node-{edit // 2 % 6 + 1}"
        if look:
            return system.read(key, "QUORUM", f"node-{(edit // 2 + 2) % 6 + 1}")
        return system.write(key, f"edit-{edit}", "QUORUM", via)

    def _complaint(self, operation, number):
        edit, look = divmod(number, 2)
        if not operation.ok:
            return str(operation.status)
        if look and operation.value != f"edit-{edit}":
            return f"shows {operation.value}, not edit-{edit}, which was acknowledged"
        return ""

    def nodes(self, system):
        return (FAST,)

    def more(self, system, node):
        return rows(system, node, DOCUMENTS)

    def facts(self, system):
        users = system.world.process("app-1")
        return {
            "before": sum(at < self.paged_s for at, _ in users.failed),
            "all": len(users.failed),
            "asked": users.asked // 2,
        }

    def page(self, facts):
        return (
            f"Editors: “I save, it says saved, and my text isn't there.” {facts['before']} such reports so far, of both documents "
            "that are edited a lot. The next save usually helps. No request has failed, and no node is down."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s the clock of {FAST} jumped {AHEAD_S:g} s ahead. What it coordinates gets a timestamp of the future; "
            f"for {AHEAD_S:g} s after such a write each edit of the same document through another node is acknowledged by a quorum, and "
            f"loses the comparison on every replica. {facts['all']} of {facts['asked']} looks showed an older text than had been "
            "acknowledged. A quorum says how many keep a write, not which one wins."
        )

    def path(self, system):
        return (
            ("series", ("app.errors", None), ""),
            ("logs", ("app-1", 50.0, None), "which was acknowledged"),
            ("ask", ("node-1", 75.0), "its clock:  75.0 s"),
            ("ask", (FAST, 75.0), "its clock:  76.7 s"),
        )
