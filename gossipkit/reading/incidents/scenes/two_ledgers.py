"""A writer that has lost the lead goes on writing, and its database takes it."""

from typing import Any, ClassVar

from ....sim import Env, Message
from ....systems import Consul
from ..layers import Layer
from ..recording import Metric
from .on_consul import ConsulScene

RENEW_S, LEASE_S, CUT_S, ORDER_S = 2.0, 10.0, 43.0, 0.5
LOCK = "lock/ledger"


class Writer:
    """Takes orders of its region into its region's database while it believes that it holds the lock.

    It renews the lock by check-and-set. It believes so until somebody tells it otherwise: no answer is no such news. That is the
    fault; with ``fenced`` it stops when its lease is over.
    """

    def __init__(self, system: Consul, via: str, holds: bool, fenced: bool):
        self._system, self._via, self.holds, self._fenced = system, via, holds, fenced
        self.orders: list[int] = []
        self._value, self._seen_s, self._renewed_s = "", 0.0, 0.0

    def start(self, env: Env) -> None:
        self._env = self.env = env
        env.gauge("ledger.primaries", int(self.holds))
        env.after(2.0 if self.holds else 8.0, self._look)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Orders come in `take`."""

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "believes to hold the lock": "yes" if self.holds else "no",
            "lock last read": self._value or "never",
            "orders in its database": f"{len(self.orders)}, last {self.orders[-1]}"
            if self.orders
            else "none",
            "checks the lease before a write": "yes" if self._fenced else "no",
        }

    def take(self, number: int) -> bool:
        """An order: whether it is taken, that is, whether the client is told so."""
        if self._fenced and self._env.now - self._renewed_s > LEASE_S:
            return False
        if self.holds:
            self.orders.append(number)
            self._env.count("ledger.orders")
        return self.holds

    def _look(self) -> None:
        env = self._env
        env.after(RENEW_S, self._look)
        read = self._system.read(LOCK, self._via, timeout_s=1.5)
        read.finished = self._read

    def _read(self, read) -> None:
        env = self._env
        if not read.ok:
            env.record("lock-unknown", status=read.status)
            return
        value, index = read.answer
        if value is not None and value != self._value:
            self._value, self._seen_s = value, env.now
        mine = bool(value) and value.split()[0] == env.name
        free = bool(value) and env.now - self._seen_s > LEASE_S
        if self.holds and value and not mine:
            self.holds = False
            env.gauge("ledger.primaries", 0)
            env.record("lock-lost", holder=value.split()[0])
        elif mine or (self.holds and value is None) or (free and not self.holds):
            write = self._system.write(
                LOCK, f"{env.name} {env.now:.0f}", self._via, timeout_s=1.5, if_index=index
            )
            write.finished = self._written

    def _written(self, write) -> None:
        env = self._env
        if write.ok and write.value is True:
            self._renewed_s = env.now
            if not self.holds:
                self.holds = True
                env.gauge("ledger.primaries", 1)
                env.count("ledger.promotions")
                env.record("lock-taken")


class Regions:
    """Customers in two regions: those of a region reach the writer of their own, and the other one where that refuses."""

    def __init__(self, system: Consul, writers: tuple[Writer, Writer]):
        self._system, self._writers = system, writers
        self.number = 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(12.0, self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Orders are handed over without a message."""

    def _next(self) -> None:
        env = self._env
        env.after(ORDER_S, self._next)
        self.number += 1
        near = self.number % 2
        env.count("app.requests")
        # the cut is between the regions' data centres: a customer reaches either
        if not any(writer.take(self.number) for writer in (self._writers[near], self._writers[1 - near])):
            env.count("app.errors")
            env.record("order-refused", number=self.number)


class TwoLedgers(ConsulScene):
    """GitHub, 2018-10-21: East is cut off for 43 s, West is promoted, and East's writes are nowhere else."""

    name, seed = "two-ledgers", 4
    moment_s, paged_s, duration_s = 62.0, 118.0, 150.0
    layer, mechanism = Layer.CONSUMER, "no fencing"
    source = (
        "GitHub, 2018-10-21: a cut of 43 s between the East Coast hub and its data centre. Orchestrator, which decides by Raft, promoted "
        "the West; the East had writes that were not replicated, and both sides took more. 24 h 11 min until all was put together. "
        "“October 21 post-incident analysis”, github.blog, 2018-10-30"
    )
    metrics: ClassVar = ConsulScene.metrics | {
        "ledger.orders": Metric("orders/s", "counter", "users"),
        "ledger.primaries": Metric("writers", "gauge", "acts"),
        "ledger.promotions": Metric("promotions/s", "counter", "acts"),
    }
    phrases: ClassVar = ConsulScene.phrases | {
        "lock-unknown": "[WARN]  ledger: could not read the lock ({status}): going on",
        "lock-lost": "[WARN]  ledger: the lock is held by {holder}: I am no longer primary",
        "lock-taken": "[INFO]  ledger: the lock has not been renewed for 10 s: taken, I am primary",
        "order-refused": "[ERROR] order {number} refused: no primary",
    }

    def build(self, fault):
        system = Consul(agents=4, servers=5, seed=self.seed)
        east = Writer(system, "agent-1", True, fenced=False)
        west = Writer(system, "agent-3", False, fenced=False)
        system.world.add("writer-east", east)
        system.world.add("writer-west", west)
        system.world.add("app-1", Regions(system, (east, west)))
        self._writers = east, west
        if fault:
            system.world.at(
                self.moment_s, system.partition, ["agent-1", "agent-2", "server-1", "writer-east"]
            )
            system.world.at(self.moment_s + CUT_S, system.heal)
        return system

    def roles(self, system):
        return {name: name.rsplit("-", 1)[0] for name in system.world.names}

    def nodes(self, system):
        return ("writer-east",)

    def facts(self, system):
        east, west = self._writers
        taken = system.trace.filter(kind="lock-taken", node="writer-west")
        lost = system.trace.filter(kind="lock-lost", node="writer-east")
        return {
            "taken_s": taken[0].time,
            "lost_s": lost[0].time,
            "east": len(east.orders),
            "west": len(west.orders),
            "both": sum(number >= min(west.orders) for number in east.orders),
        }

    def page(self, facts):
        return (
            f"Accounting: “The books don't close: {facts['both']} orders that customers have a receipt for are not in the ledger.” The "
            "ledger is in the West since the network between the regions was away for three quarters of a minute. Each customer could "
            "order all the time."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s the East was cut off for {CUT_S:g} s. Its lock was not renewed; the majority of servers lay in the West, "
            f"and there, at {facts['taken_s']:.0f} s, writer-west took the lock by a check-and-set. That decision was right and unique. "
            f"writer-east could not read the lock, and took no answer for no news: until {facts['lost_s']:.0f} s it went on, and its "
            f"database took {facts['both']} orders that the West has never seen. A lease must end by the holder's own clock, or the "
            "database must refuse a writer with an older lock: a fencing token. Which of the two histories is true nobody can compute."
        )

    def path(self, system):
        return (
            ("series", ("ledger.primaries", None), ""),
            ("logs", ("writer-east", 55.0, None), "could not read the lock"),
            ("logs", ("writer-west", 55.0, None), "taken, I am primary"),
            ("ask", ("writer-east", 90.0), "checks the lease before a write:  no"),
        )
