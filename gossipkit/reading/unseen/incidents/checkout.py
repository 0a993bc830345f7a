"""One update stops each proxy that reads it, and gossip brings it to all."""

from typing import Any, ClassVar

from ....sim import Env, Message
from ....systems import Consul
from ...incidents.layers import Layer
from ...incidents.recording import Metric
from ...incidents.scenes.on_consul import ConsulScene

PROXIES, ORIGIN, REQUEST_S = 6, "agent-4", 0.2


class Proxy:
    """Follows the routes that its agent hears of by user events; it serves until an update comes that it can't read.

    The fault: an update with the new option takes a lock, and asks for the same lock again.
    """

    def __init__(self, system: Consul, agent: str):
        self._system, self._agent = system, agent
        self._seen = 0
        self.hung_s: float | None = None
        self.routes = ""

    def start(self, env: Env) -> None:
        self._env = self.env = env
        env.after(10.0 + env.random.random(), self._look)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Requests are counted, not sent."""

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        state = "runs" if self.hung_s is None else "runs, all threads wait for one lock"
        return {"process": state, "last update": self.routes or "none", "updates read": self._seen}

    def _look(self) -> None:
        env = self._env
        events = self._system.process(self._agent).swim.events.recent
        for event in events[self._seen :]:
            self._seen += 1
            self.routes = event.payload
            env.record("update", payload=event.payload)
            env.count("proxy.updates")
            if "virtual" in event.payload:
                self.hung_s = env.now
                env.gauge("proxy.serving", 0)
                return
        env.gauge("proxy.serving", 1)
        env.after(0.1, self._look)


class Shoppers:
    """Go through one proxy after the other."""

    def __init__(self, proxies: list[Proxy]):
        self._proxies, self.failed, self.asked = proxies, [], 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(15.0, self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Requests are counted, not sent."""

    def _next(self) -> None:
        env, self.asked = self._env, self.asked + 1
        env.after(REQUEST_S, self._next)
        env.count("app.requests")
        proxy = self._proxies[self.asked % PROXIES]
        if proxy.hung_s is not None:
            env.count("app.errors")
            self.failed.append(env.now)
            if len(self.failed) % 25 == 1:
                env.record(
                    "request-failed", what="request", why=f"proxy-{self.asked % PROXIES + 1} does not answer"
                )


class Checkout(ConsulScene):
    """Fly.io, 2024-09-01."""

    name, seed = "checkout", 5
    moment_s, paged_s, duration_s = 69.0, 98.0, 140.0
    layer, mechanism = Layer.CONSUMER, "poisoned update"
    source = (
        "Fly.io, 2024-09-01: an update with a new option met a proxy that held a read lock into an else branch and asked for the write "
        "lock. Corrosion's gossip had it everywhere within seconds, and every proxy locked up. “Corrosion”, fly.io/blog/corrosion "
        "(2025-10-22)"
    )
    metrics: ClassVar = ConsulScene.metrics | {
        "proxy.updates": Metric("updates/s", "counter", "acts"),
        "proxy.serving": Metric("proxies", "gauge", "acts"),
    }
    phrases: ClassVar = ConsulScene.phrases | {
        "user-event": "[DEBUG] serf: user event {name}: {payload}",
        "update": "INFO proxy: applying route update: {payload}",
    }

    def build(self, fault):
        system = Consul(agents=PROXIES, servers=3, seed=self.seed)
        proxies = []
        for number in range(1, PROXIES + 1):
            system.register(f"agent-{number}", "edge")
            proxies.append(Proxy(system, f"agent-{number}"))
            system.world.add(f"proxy-{number}", proxies[-1])
        self._shoppers = Shoppers(proxies)
        system.world.add("app-1", self._shoppers)
        for place, at in enumerate(range(20, int(self.duration_s), 13)):
            system.world.at(
                float(at), self._route, system, f"agent-{1 + place % PROXIES}", f"app-{place} v{place + 1}"
            )
        if fault:
            system.world.at(self.moment_s, self._route, system, ORIGIN, "app-77 v1 virtual-service")
        return system

    @staticmethod
    def _route(system: Consul, agent: str, payload: str) -> None:
        system.process(agent).swim.user_event("route", payload)

    def roles(self, system):
        return {name: name.rsplit("-", 1)[0] for name in system.world.names}

    def nodes(self, system):
        return tuple(f"proxy-{number}" for number in range(1, PROXIES + 1))

    def facts(self, system):
        hung = [system.world.process(name).hung_s for name in self.nodes(system)]
        return {
            "failed": sum(at < self.paged_s for at in self._shoppers.failed),
            "all": len(self._shoppers.failed),
            "first_s": min(hung),
            "took_s": max(hung) - min(hung),
            "members": len(system.trace.filter(kind="member-failed")),
        }

    def page(self, facts):
        return (
            f"Everybody: “Checkout is down.” {facts['failed']} requests got no answer, in all regions at once. Nothing was deployed, all "
            "machines are up, and the members see each other."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s {ORIGIN} sent an update with an option that no proxy had seen before. Gossip did what it is for: all six "
            f"proxies read it within {facts['took_s']:.2f} s, and each of them stopped there, waiting for a lock that it held itself. "
            f"{facts['all']} requests got no answer. No member was taken for failed ({facts['members']}): the agents are well. What "
            "spreads state to all spreads a bug's trigger to all. What helps is a watchdog, regions that don't share updates, and "
            "a slow rollout of data as of code."
        )

    def path(self, system):
        return (
            ("series", ("proxy.serving", None), ""),
            ("series", ("serf.member.failed", None), ""),
            ("logs", ("proxy-1", 60.0, None), "virtual-service"),
            ("ask", ("proxy-1", 90.0), "all threads wait for one lock"),
        )
