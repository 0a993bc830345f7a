"""Two nodes join at once, and each takes its rows from a replica that the other one displaces."""

from itertools import count, islice

from ....systems import Cassandra
from ....systems.placement import position
from ..layers import Layer
from .on_cassandra import CassandraScene, rows
from .users import Users

KEYS, FIRST_S, APART_S = 16, 55.0, 70.0
NEWCOMERS = ("node-6", "node-7")


class GrowingPains(CassandraScene):
    """Membership by gossip has no order: two changes don't know of each other."""

    name, seed = "growing-pains", 1
    moment_s, paged_s, duration_s = FIRST_S, 150.0, 200.0
    layer, mechanism = Layer.AUTHORITY, "unordered changes"
    source = (
        "Cassandra refuses a second join while it sees a first one (“Other bootstrapping/leaving/moving nodes detected”), by gossip and "
        "so not always in time; CEP-21 puts membership into a committed log, because there is “no strict order for changes propagated "
        "through gossip”. cwiki.apache.org, CEP-21: Transactional Cluster Metadata; CASSANDRA-18330"
    )

    def build(self, fault):
        system = Cassandra(5, vnodes=1, seed=self.seed, repair=None)
        ring = system.authority.ring()
        # the widest range that does not wrap around
        start, end = max(ring.ranges(), key=lambda each: each[1] - each[0])
        tokens = start + (end - start) // 2, start + 3 * (end - start) // 4
        candidates = (f"item-{number}" for number in count())
        self.keys = tuple(islice((key for key in candidates if start < position(key) <= tokens[0]), KEYS))
        replicas = system.authority.replicas(self.keys[0])
        world = system.world
        # one of the three replicas was away for the writes: every quorum is right all the same
        world.at(5.0, system.crash, replicas[-1])
        for key in self.keys:
            world.at(30.0, system.write, key, "in stock", "QUORUM", replicas[0])
        world.at(35.0, system.restart, replicas[-1])
        self.behind = replicas[-1]
        for name, token, late in zip(NEWCOMERS, tokens, (0.0, 0.0 if fault else APART_S), strict=True):
            world.at(FIRST_S + late, system.join, name, [token])
        self._users = Users(
            lambda n: system.read(self.keys[n // 5 % KEYS], "QUORUM", f"node-{1 + n % 5}"),
            0.5,
            40.0,
            6.0,
            lambda operation, n: "" if operation.value else f"finds nothing ({operation.status})",
        )
        world.add("app-1", self._users)
        return system

    def nodes(self, system):
        return NEWCOMERS

    def more(self, system, node):
        ring = system.authority.ring(node)
        said = {"members of the ring": ", ".join(sorted(ring.nodes)) if ring else "unknown"}
        return said | rows(system, node, self.keys[:3])

    def facts(self, system):
        joined = system.trace.filter(kind="joined").table()
        return {
            "before": sum(at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "joined_s": [row["time"] for row in joined],
        }

    def page(self, facts):
        return (
            f"Shop: “Items that are in stock aren't found, {facts['before']} lookups so far, always the same few.” The ring was grown by "
            f"{NEWCOMERS[0]} and {NEWCOMERS[1]} today; both say NORMAL, all nodes are up, and no write was refused."
        )

    def debrief(self, facts):
        return (
            f"At {FIRST_S:g} s two operators added a node each. Neither newcomer had heard of the other when it worked out which ranges "
            f"would be its own, and whom to ask for their rows; both owned theirs at {facts['joined_s'][0]:.0f} s. {self.behind}, one of the "
            f"three old replicas, had missed the writes, which a quorum bears. With two replicas displaced at once too few copies were "
            f"left: each newcomer took over from one as if the other stayed, and {facts['all']} quorum reads found nothing. All nodes "
            "agree on the ring now, and every message arrived. Which change comes first is a decision, and gossip makes none: a log of "
            "epochs lets the second wait."
        )

    def path(self, system):
        return (
            ("logs", ("app-1", 85.0, None), "finds nothing"),
            ("logs", ("node-6", 50.0, None), "85.002 node-6 INFO  [main] StorageService - JOINING"),
            ("logs", ("node-7", 50.0, None), "85.002 node-7 INFO  [main] StorageService - JOINING"),
            ("ask", ("node-1", 150.0), "node-6, node-7"),
        )
