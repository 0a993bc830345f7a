"""A replica is away for longer than its hints are kept, comes back with old rows, and nothing compares them."""

from ....systems import Cassandra
from ...incidents.layers import Layer
from ...incidents.scenes.on_cassandra import CassandraScene, rows
from ...incidents.scenes.users import Users

AWAY, DOWN_S, BACK_S, WINDOW_S = "node-2", 25.0, 80.0, 10.0
SEATS = tuple(f"seat-{number}" for number in range(1, 25))


class Ghosts(CassandraScene):
    """max_hint_window, and no repair after it."""

    name, seed = "ghosts", 2
    moment_s, paged_s, duration_s = 50.0, 112.0, 150.0
    layer, mechanism = Layer.REPAIR, "hints given up"
    source = (
        "No single outage: Cassandra keeps hints for max_hint_window (three hours), and says that a node which was down for longer needs "
        "a repair. apache/cassandra, doc/modules/cassandra/pages/managing/operating/hints.adoc, and service/StorageProxy.java (shouldHint)"
    )

    def build(self, fault):
        system = Cassandra(5, vnodes=4, seed=self.seed, hint_window_s=WINDOW_S if fault else 10_800.0)
        world = system.world
        for key in SEATS:
            world.at(5.0, system.write, key, "free", "ALL", "node-1")
        world.at(DOWN_S, system.crash, AWAY)
        world.at(BACK_S, system.restart, AWAY)
        self._sold: dict[str, float] = {}
        for place, key in enumerate(SEATS):
            at = 46.0 + 1.25 * place
            self._sold[key] = at
            world.at(at, system.write, key, "sold", "QUORUM", f"node-{(1, 3, 4, 5)[place % 4]}")
        self._users = Users(lambda n: self._look(system, n), 0.5, 30.0, 3.0, self._complaint)
        world.add("app-1", self._users)
        return system

    @staticmethod
    def _look(system: Cassandra, number: int):
        up = ("node-1", "node-2", "node-3", "node-4", "node-5")
        via = up[number % 5] if system.world.now > BACK_S + 5.0 else up[(0, 2, 3, 4)[number % 4]]
        return system.read(SEATS[number * 7 % len(SEATS)], "ONE", via)

    def _complaint(self, operation, number):
        if not operation.ok:
            return ""  # while a node is down, some reads time out until it is known
        late = operation.started_s > self._sold[operation.key] + 2.0
        return (
            f"shows {operation.value}, sold at {self._sold[operation.key]:.0f} s"
            if late and operation.value != "sold"
            else ""
        )

    def moment(self, system):
        """The first write of which no hint was kept."""
        return round(next(iter(system.trace.filter(kind="hint-not-stored"))).time, 1)

    def nodes(self, system):
        return (AWAY,)

    def more(self, system, node):
        return rows(system, node, (SEATS[1], SEATS[3], SEATS[12], SEATS[19], SEATS[22]))

    def facts(self, system):
        missed = system.trace.filter(kind="hint-not-stored").table()
        return {
            "before": sum(at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "missed": len(missed),
            "first_s": missed[0]["time"],
            "kept": len(system.trace.filter(kind="hint-delivered")),
        }

    def page(self, facts):
        return (
            f"Box office: “Seats that are sold are offered again, and gone at the next click.” {facts['before']} such reports in the last "
            "half minute. All nodes are up; one was away today, and is back."
        )

    def debrief(self, facts):
        return (
            f"{AWAY} was down from {DOWN_S:g} to {BACK_S:g} s. For the first {WINDOW_S:g} s after it was taken for down the others kept its "
            f"writes as hints, and delivered {facts['kept']}. From {facts['first_s']:.0f} s on they kept none: {facts['missed']} writes. "
            f"Back again, it has the old rows, is UP for everybody, and answers reads at ONE: {facts['all']} looks saw a ghost. Gossip tells "
            "that a node is there, not what it has missed. A node that was away for longer than the hint window needs a repair before "
            "it serves."
        )

    def path(self, system):
        return (
            ("series", ("app.errors", None), ""),
            ("logs", ("node-1", 40.0, None), "Not storing a hint"),
            ("ask", ("node-1", 100.0), "sold written at"),
            ("ask", (AWAY, 100.0), "free written at"),
        )
