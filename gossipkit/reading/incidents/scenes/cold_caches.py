"""Agents are restarted in steps, the catalog says they are gone, and a program replaces warm caches by empty ones."""

from typing import Any, ClassVar

from ....sim import Env, Message
from ....systems import Consul
from ..layers import Layer
from ..recording import Metric
from .on_consul import ConsulScene

SLOTS, LOOKUPS_S, QUERIES, CAPACITY_S, TICK_S = 64, 40.0, 300.0, 350.0, 0.5


class Database:
    """Answers what caches miss. Beyond its capacity it answers less and less: work on what has timed out is in vain."""

    def start(self, env: Env) -> None:
        self._env = env

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Queries are counted, not sent one by one."""

    def serve(self, queries: float) -> float:
        """How many of the queries of a tick are answered in time."""
        most = CAPACITY_S * TICK_S
        answered = queries if queries <= most else most * most / queries
        self._env.count("db.queries", queries)
        self._env.count("db.timeouts", queries - answered)
        if queries > most:
            self._env.record("overload", queries=round(queries / TICK_S), answered=round(answered / TICK_S))
        return answered


class Router:
    """Deals slots of keys out to caches, and replaces a cache that the catalog doesn't list by a spare one, which it empties.

    So Slack's Mcrib did. A lookup that misses is a query to the database, and its answer fills the cache.
    """

    def __init__(self, cluster: Consul, caches: list[str], spares: list[str], database: Database):
        self._cluster, self._database = cluster, database
        self.owners = [caches[slot % len(caches)] for slot in range(SLOTS)]
        self._spares = spares
        self._warm = [1.0] * SLOTS
        self.replaced: list[tuple[float, str, str]] = []

    def start(self, env: Env) -> None:
        self._env = env
        env.after(15.0, self._poll)
        env.after(15.0, self._tick)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """The catalog is asked, not subscribed to."""

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        counted = {name: self.owners.count(name) for name in sorted(set(self.owners))}
        return {
            "slots": ", ".join(f"{name} {count}" for name, count in counted.items()),
            "warm": f"{100 * sum(self._warm) / SLOTS:.0f} % of the keys",
            "rule": "a cache that the catalog doesn't list is replaced at once by a spare, which is flushed",
        }

    def _poll(self) -> None:
        env = self._env
        env.after(1.0, self._poll)
        listed = self._cluster.authority.answer("memcached")
        for gone in sorted(set(self.owners) - set(listed)):
            spare = next((name for name in self._spares if name in listed and name not in self.owners), None)
            if spare is None:
                continue
            env.count("router.replacements")
            env.record("replaced", about=gone, spare=spare)
            self.replaced.append((env.now, gone, spare))
            self._spares.append(gone)
            for slot, owner in enumerate(self.owners):
                if owner == gone:
                    self.owners[slot], self._warm[slot] = spare, 0.0

    def _tick(self) -> None:
        env, lookups = self._env, LOOKUPS_S * TICK_S
        env.after(TICK_S, self._tick)
        cold = [1.0 - warm for warm in self._warm]
        misses = sum(cold) * lookups
        answered = self._database.serve(misses)
        env.count("app.requests", SLOTS * lookups)
        env.count("app.errors", misses - answered)
        env.count("cache.hits", SLOTS * lookups - misses)
        env.count("cache.misses", misses)
        if misses:
            for slot, share in enumerate(cold):
                # the answers fill the slots that have asked for them
                filled = answered * share * lookups / misses / QUERIES
                self._warm[slot] = min(1.0, self._warm[slot] + filled)


class ColdCaches(ConsulScene):
    """Slack, 2022-02-22."""

    name, seed = "cold-caches", 5
    moment_s, paged_s, duration_s = 71.0, 95.0, 150.0
    layer, mechanism = Layer.CONSUMER, "restart taken for gone"
    source = (
        "Slack, 2022-02-22: Consul agents were restarted in a step of 25 %. The memcached nodes beside them left the catalog for "
        "seconds, and Mcrib, which manages the caches, replaced warm nodes by empty spares. Scatter queries overloaded the database. "
        "“Slack's Incident on 2-22-22”, slack.engineering/slacks-incident-on-2-22-22/"
    )
    metrics: ClassVar = ConsulScene.metrics | {
        "cache.hits": Metric("lookups/s", "counter", "users"),
        "cache.misses": Metric("lookups/s", "counter", "users"),
        "db.queries": Metric("queries/s", "counter", "users"),
        "db.timeouts": Metric("queries/s", "counter", "users"),
        "router.replacements": Metric("replacements/s", "counter", "acts"),
    }
    phrases: ClassVar = ConsulScene.phrases | {
        "replaced": "[INFO]  router: {about} is not in the catalog: its slots go to {spare}, flushed first",
        "overload": "[WARN]  db: {queries} queries/s, of which {answered} are answered in time",
        "deploy": "[INFO]  deploy: consul agent is restarted, step {step} of 2; memcached is not touched",
    }

    def build(self, fault):
        caches = [f"agent-{number}" for number in range(1, 9)]
        spares = [f"agent-{number}" for number in range(9, 13)]
        system = Consul(agents=12, servers=3, seed=self.seed)
        for name in caches + spares:
            system.register(name, "memcached", 11_211)
        database = Database()
        system.world.add("db-1", database)
        system.world.add("router-1", Router(system, list(caches), list(spares), database))
        if fault:
            for place, name in enumerate(caches[:4]):
                step = place // 2
                begin = self.moment_s + 10.0 * step
                system.world.at(begin, self._deploy, system, name, step + 1)
                system.world.at(begin, system.leave, name)
                system.world.at(begin + 2.5, system.crash, name)
                system.world.at(begin + 4.5, system.restart, name)
        return system

    @staticmethod
    def _deploy(system: Consul, name: str, step: int) -> None:
        system.world.record(name, "deploy", step=step)

    def roles(self, system):
        roles = super().roles(system)
        return roles | {"db-1": "database", "router-1": "router"}

    def more(self, system, node):
        return {"memcached": "up, not restarted, memory kept"} if node.startswith("agent") else {}

    def nodes(self, system):
        return ("router-1",)

    def facts(self, system):
        metrics, router = system.metrics, system.world.process("router-1")
        errors = [
            metrics.value("app.errors", at=at) for at in (self.paged_s - 10, self.paged_s, self.duration_s)
        ]
        return {
            "errors_s": (errors[1] - errors[0]) / 10,
            "errors": errors[2],
            "share": 100 * (errors[1] - errors[0]) / 10 / (SLOTS * LOOKUPS_S),
            "replaced": len(router.replaced),
            "first_s": router.replaced[0][0],
            "queries_s": (
                metrics.value("db.queries", at=self.paged_s)
                - metrics.value("db.queries", at=self.paged_s - 10)
            )
            / 10,
        }

    def page(self, facts):
        return (
            f"Support: “{facts['share']:.0f} % of all loads of a channel fail, and half a minute ago none did.” The database's dashboard shows "
            f"{facts['queries_s']:.0f} queries a second, it is built for {CAPACITY_S:.0f}. Nobody has deployed anything to the application."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s the Consul agents of two machines were restarted, and ten seconds later those of two more. An agent "
            f"that is stopped in order leaves, and its node leaves the catalog: rightly, and for about five seconds. memcached ran on "
            f"and kept its memory. The router took “not listed” for “gone”: from {facts['first_s']:.0f} s on it made "
            f"{facts['replaced']} replacements, each with an emptied spare. {facts['errors']:,.0f} lookups were not answered. "
            "Gossip and the catalog said what was so; the program that acts by them made too much of it. It should wait, or ask the "
            "cache itself, or replace few at a time."
        )

    def path(self, system):
        return (
            ("series", ("db.queries", None), ""),
            ("logs", ("router-1", 60.0, None), "is not in the catalog"),
            ("logs", ("agent-1", 60.0, None), "consul agent is restarted"),
            ("ask", ("agent-1", 80.0), "not restarted, memory kept"),
        )
