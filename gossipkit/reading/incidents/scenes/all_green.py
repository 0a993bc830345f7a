"""The monitoring finds what it watches through the catalog, and sees nothing when that falls silent."""

from typing import Any, ClassVar

from ....sim import Env, Message
from ....systems import Consul
from ....systems.consul.messages import Request
from ..layers import Layer
from ..recording import Metric
from .on_consul import ConsulScene

SCRAPE_S, STILL_S = 5.0, 50.0


class Site:
    """Users who log in: each login needs a session written to the catalog's keys."""

    def __init__(self, system: Consul):
        self._system = system
        self.failed, self.asked = [], 0

    def start(self, env: Env) -> None:
        self._env = self.env = env
        env.after(12.0, self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Nobody writes to it."""

    def _next(self) -> None:
        env, self.asked = self._env, self.asked + 1
        env.after(0.4, self._next)
        login = self._system.write(
            f"session-{self.asked % 50}", f"{self.asked}", f"agent-{1 + self.asked % 3}", timeout_s=1.5
        )
        login.finished = self._done

    def _done(self, login) -> None:
        env = self._env
        env.count("app.requests")
        if not login.ok:
            env.count("app.errors")
            self.failed.append(env.now)
            if len(self.failed) % 5 == 1:
                env.record("login-failed", via=login.via, status=login.status)


class Monitor:
    """Each five seconds it asks the catalog for its targets, and scrapes those. What has no target has no data, and no data alarms
    nobody.
    """

    def __init__(self, system: Consul, site: Site):
        self._system, self._site = system, site
        self.targets: tuple[str, ...] = ()
        self._failed = 0
        self.alarms: list[float] = []

    def start(self, env: Env) -> None:
        self._env = self.env = env
        env.after(14.0, self._discover)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Scrapes are not sent as messages."""

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "targets": ", ".join(self.targets) or "none",
            "found by": "service discovery: consul, service=web",
            "rule": "alarm if rate(app_errors) > 0.5/s; no data: ok",
        }

    def _discover(self) -> None:
        self._env.after(SCRAPE_S, self._discover)
        request = Request(("service", "web"))
        asked = self._system.ask("read", "web", request, "agent-4", 3.0)
        asked.finished = self._found

    def _found(self, asked) -> None:
        env = self._env
        found = tuple(sorted(node for node, _, _ in asked.answer)) if asked.ok else ()
        if found != self.targets:
            env.record(
                "targets",
                count=len(found),
                before=len(self.targets),
                why="" if asked.ok else ": discovery timed out",
            )
        self.targets = found
        env.gauge("monitor.targets", len(found))
        failed = len(self._site.failed)
        if found:
            # it sees what has happened since the last scrape
            env.count("monitor.samples", len(found))
            rate = (failed - self._failed) / SCRAPE_S
            env.gauge("monitor.error_rate", rate)
            if rate > 0.5:
                self.alarms.append(env.now)
                env.record("alarm", rate=rate)
            self._failed = failed
        else:
            env.gauge("monitor.error_rate", 0.0)
            self._failed = failed  # a counter that was not read for a while begins anew


class AllGreen(ConsulScene):
    """Roblox, 2021-10-28, the part about the monitoring."""

    name, seed = "all-green", 2
    moment_s, paged_s, duration_s = 66.0, 122.0, 160.0
    layer, mechanism = Layer.OBSERVABILITY, "watches itself"
    source = (
        "Roblox, 2021-10-28, 73 hours: Consul was slowed down by its new streaming and by BoltDB, and the monitoring that should have "
        "shown it needed Consul itself. “Roblox Return to Service”, blog.roblox.com, 2022-01"
    )
    metrics: ClassVar = ConsulScene.metrics | {
        "monitor.error_rate": Metric("errors/s, as the dashboard shows it", "gauge", "monitor"),
        "monitor.targets": Metric("targets", "gauge", "monitor"),
        "monitor.samples": Metric("samples/s", "counter", "monitor"),
    }
    phrases: ClassVar = ConsulScene.phrases | {
        "login-failed": "[ERROR] login via {via} failed: {status} (and others like it)",
        "targets": 'level=info component=discovery msg="{count} targets, were {before}{why}"',
        "alarm": 'level=warn component=rules msg="alarm: {rate:.1f} errors/s"',
    }

    def build(self, fault):
        system = Consul(agents=4, servers=3, seed=self.seed)
        for number in (1, 2, 3):
            system.register(f"agent-{number}", "web")
        site = Site(system)
        system.world.add("app-1", site)
        self._monitor = Monitor(system, site)
        self._site = site
        system.world.add("monitor-1", self._monitor)
        if fault:
            for name in ("server-1", "server-2"):
                system.world.at(self.moment_s, system.pause, name, STILL_S)
        return system

    def roles(self, system):
        return {name: name.rsplit("-", 1)[0] for name in system.world.names}

    def nodes(self, system):
        return ("monitor-1",)

    def facts(self, system):
        failed = [at for at in self._site.failed if at >= self.moment_s]
        empty = [event for event in system.trace.filter(kind="targets") if event.fields["count"] == 0]
        return {
            "failed": len(failed),
            "until": max(failed, default=0.0),
            "blind_s": empty[0].time,
            "alarms": len(self._monitor.alarms),
        }

    def page(self, facts):
        return (
            f"The head of operations, afterwards: “For most of a minute nobody could log in, {facts['failed']} logins failed. Two Consul "
            "servers stood still on an overloaded host; that is known and mended. What I want to know is why the dashboard showed no errors "
            f"meanwhile, and why there were {facts['alarms']} alarms. Which layer lied to us, where, and since when?”"
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s two of three servers stood still for {STILL_S:g} s: no majority, and so no session could be written. The "
            f"monitoring asks the catalog for its targets before each scrape. That question needs the same majority: from "
            f"{facts['blind_s']:.0f} s on it had no targets, no samples and an error rate of 0, and its rule takes no data for good. "
            f"{facts['failed']} logins failed, {facts['alarms']} alarms. Watch what you depend on from outside: a fixed list of targets, a "
            "probe from elsewhere, an alarm for missing data."
        )

    def path(self, system):
        return (
            ("series", ("monitor.error_rate", None), ""),
            ("series", ("app.errors", None), ""),
            ("logs", ("monitor-1", 50.0, None), "discovery timed out"),
            ("ask", ("monitor-1", 90.0), "found by:   service discovery: consul"),
        )
