"""The application merges versions by union, and what customers took out of their carts comes back."""

from typing import Any, ClassVar

from ....sim import Env, Message
from ....systems import Dynamo
from ....systems.dynamo import union
from ..layers import Layer
from ..recording import Metric
from ..taking import Scene

CARTS = tuple(f"cart-{number}" for number in range(1, 13))
CUT_S, HEAL_S, EVERY_S, FULL = 56.0, 78.0, 0.4, 5


class Shop:
    """Edits carts for the customers of a region: it reads, merges what it finds by union, changes one thing and writes."""

    def __init__(self, system: Dynamo, nodes: tuple[str, ...]):
        self._system, self._nodes = system, nodes
        self._gone: set[tuple[str, str]] = set()  # what a customer of this shop took out of which cart
        self._number = 0
        self.back: list[tuple[float, str, str]] = []
        self.merges = 0

    def start(self, env: Env) -> None:
        self._env = self.env = env
        env.after(12.0 + env.random.random(), self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Nodes answer through their operations."""

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "nodes that it asks": ", ".join(self._nodes),
            "policy for siblings": "the union of their items",
            "merges so far": self.merges,
        }

    def _next(self) -> None:
        env = self._env
        env.after(EVERY_S, self._next)
        self._number += 1
        number, key = self._number, CARTS[self._number % len(CARTS)]
        get = self._system.get(key, via=self._nodes[number % len(self._nodes)])
        get.finished = lambda get: self._read(get, key, number)

    def _read(self, get: Any, key: str, number: int) -> None:
        env = self._env
        env.count("app.requests")
        if not get.ok:
            return self._wrong(f"get of {key} via {get.via}", str(get.status))
        cart = get.value or ()
        if len(get.siblings) > 1:
            self.merges += 1
            env.count("shop.merges")
            env.record("merged", key=key, count=len(get.siblings), items=len(cart))
        for item in cart:
            if (key, item) in self._gone:
                self._gone.discard((key, item))
                self.back.append((env.now, key, item))
                self._wrong(f"cart {key}", f"{item} was taken out, and is back")
        if len(cart) < FULL:
            new = (*cart, f"{env.name[5]}{number}")
        else:
            out = env.random.choice(cart)
            new = tuple(item for item in cart if item != out)
            self._gone.add((key, out))
        self._system.put(key, new, get.context, via=get.via)

    def _wrong(self, what: str, why: str) -> None:
        self._env.count("app.errors")
        self._env.record("request-failed", what=what, why=why)


class FullCarts(Scene):
    """The Dynamo paper's shopping cart."""

    name, product, seed = "full-carts", "Dynamo", 6
    moment_s, paged_s, duration_s = CUT_S, 100.0, 140.0
    layer, mechanism = Layer.CONSUMER, "merge by union"
    source = (
        "G. DeCandia et al., “Dynamo: Amazon's Highly Available Key-value Store”, SOSP 2007, section 4.4: with this merge an item that "
        "was added to the cart is never lost, and deleted items can come back. The store keeps both versions; what becomes of them the "
        "application decides"
    )
    metrics: ClassVar = {
        "node_gets": Metric("gets/s", "counter", "users"),
        "node_puts": Metric("puts/s", "counter", "users"),
        "unavailable": Metric("operations/s", "counter", "users"),
        "timeout": Metric("operations/s", "counter", "users"),
        "silences": Metric("silences/s", "counter", "members"),
        "coord_redirs": Metric("redirections/s", "counter", "traffic"),
        "hints_stored": Metric("hints/s", "counter", "repair"),
        "hints_delivered": Metric("hints/s", "counter", "repair"),
        "read_repairs": Metric("repairs/s", "counter", "repair"),
        "shop.merges": Metric("merges/s", "counter", "acts"),
    }
    phrases: ClassVar = {
        "request-failed": "[ERROR] {what}: {why}",
        "merged": "[INFO]  {count} siblings of {key} merged: {items} items",
        "failed": "[warning] {about} has not answered: taken for down",
        "recovered": "[info] {about} answers again",
        "hint-delivered": "[info] hinted handoff to {about} of {key} completed",
        "read-repair": "[info] read repair of {key} at {replicas}",
        "unavailable": "[error] {what} of {key}: too few nodes ({healthy})",
        "timeout": "[error] {what} of {key}: timeout",
    }

    def build(self, fault):
        system = Dynamo(6, merge=union, seed=self.seed)
        east, west = ("node-1", "node-2", "node-3"), ("node-4", "node-5", "node-6")
        self._shops = Shop(system, east), Shop(system, west)
        for name, shop in zip(("shop-east", "shop-west"), self._shops, strict=True):
            system.world.add(name, shop)
        if fault:
            system.world.at(CUT_S, system.partition, [*east, "shop-east"], [*west, "shop-west"])
            system.world.at(HEAL_S, system.heal)
        return system

    def roles(self, system):
        return {name: name.split("-")[0] for name in system.world.names}

    def state(self, system, node):
        process = system.world.process(node)
        if isinstance(process, Shop):
            return {"view": {}, "facts": process.facts()}
        held = {key: system.authority.siblings(key, node) for key in CARTS}
        said = {key: " | ".join(" ".join(cart) for cart in carts) for key, carts in held.items() if carts}
        return {"view": dict(system.gossip.view(node)), "facts": said}

    def moment(self, system):
        """The first item that a merge brought back."""
        return round(min(back[0][0] for shop in self._shops if (back := shop.back)), 1)

    def nodes(self, system):
        return ("shop-east", "shop-west")

    def facts(self, system):
        back = sorted(each for shop in self._shops for each in shop.back)
        return {
            "before": sum(at < self.paged_s for at, *_ in back),
            "all": len(back),
            "merges": sum(shop.merges for shop in self._shops),
            "first_s": back[0][0],
            "hints": system.metrics.value("hints_stored"),
        }

    def page(self, facts):
        return (
            f"Customers: “I took it out, and it is in my cart again.” {facts['before']} such reports. No request fails. The line between "
            "the regions was away for twenty seconds, and is well again; the store has caught up."
        )

    def debrief(self, facts):
        return (
            f"From {CUT_S:g} to {HEAL_S:g} s the regions did not reach each other, and both shops went on with the same carts: the store "
            f"promises that a write is always taken. Afterwards it handed {facts['hints']:.0f} hints over and kept both versions side by "
            f"side, as it should. The shops made one of them by union, {facts['merges']} times, and what one side had taken out the other "
            f"side still had: {facts['all']} items came back, the first at {facts['first_s']:.1f} s. Gossip, quorums and repair were right. "
            "A merge must know what was taken out: keep removals in the cart, as a set with tombstones does."
        )

    def path(self, system):
        return (
            ("series", ("shop.merges", None), ""),
            ("logs", ("shop-west", 50.0, None), "is back"),
            ("ask", ("shop-west", 90.0), "the union of their items"),
            ("ask", ("node-1", 79.0), " | "),
        )
