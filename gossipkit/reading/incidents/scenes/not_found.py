"""What a node has registered is dropped with it when it is taken for gone, and nobody brings it back."""

from types import SimpleNamespace
from typing import Any, ClassVar

from ....gossip.swim import Change, SwimConfig, SwimNode
from ....sim import Env, Message, World, message
from ..layers import Layer
from ..recording import Metric
from ..taking import Scene
from .on_consul import ConsulScene

WORKERS, STILL_S, LOOKUP_S = 7, 20.0, 0.4
STALLED = "worker-4"


@message
class Entries:
    """The services that a worker runs, told by itself."""

    services: tuple[str, ...]


class Worker:
    """A member of a memberlist pool with a table of services, each entry owned by the worker that runs it.

    The rule at fault: a failed owner's entries are deleted, and its attachment to the network with them. When it is back, its word
    about its services is refused, because it is attached to nothing; only an administrator's update attaches it anew.
    """

    def __init__(self, members: tuple[str, ...], services: tuple[str, ...]):
        self._members, self.services = members, services
        self.table: dict[str, str] = {}

    def start(self, env: Env) -> None:
        self._env = self.env = env
        self._attached = set(self._members)
        self.swim = SwimNode(SwimConfig.lan(), members=self._members, delegate=self._changed)
        self.swim.start(env)
        self._take(env.name, self.services)
        env.after(1.0 + env.random.random(), self._tell)

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "own services": ", ".join(self.services),
            "attached": ", ".join(sorted(self._attached)),
            "table": f"{len(self.table)} entries: {', '.join(sorted(self.table))}",
        }

    def _tell(self) -> None:
        """The bulk sync, in a few words: each owner tells everybody of its own, now and then."""
        for name in self._members:
            if name != self._env.name:
                self._env.send_reliably(name, Entries(self.services))
        self._env.after(30.0, self._tell)

    def receive(self, env: Env, sender: str, received: Message) -> None:
        if type(received) is not Entries:
            self.swim.receive(env, sender, received)
        elif sender in self._attached:
            self._take(sender, received.services)
        else:
            env.count("networkdb.rejected", len(received.services))
            env.record("rejected", sender=sender, count=len(received.services))

    def _take(self, owner: str, services: tuple[str, ...]) -> None:
        for service in services:
            self.table[service] = owner
        self._env.gauge("networkdb.entries", len(self.table))

    def _changed(self, change: Change, subject) -> None:
        if not hasattr(subject, "name"):
            return
        env, name = self._env, subject.name
        if change is Change.FAILED:
            env.count("serf.member.failed")
            self._attached.discard(name)
            gone = [service for service, owner in self.table.items() if owner == name]
            for service in gone:
                del self.table[service]
            env.gauge("networkdb.entries", len(self.table))
            env.record("dropped", about=name, count=len(gone))
        elif change is Change.JOIN:
            env.count("serf.member.join")


class Containers:
    """Look services up at the worker that they run on."""

    def __init__(self, workers: dict[str, Worker], services: list[str]):
        self._workers, self._services = workers, services
        self.failed: list[tuple[float, str]] = []
        self.asked = 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(10.0, self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """A lookup stays on its machine."""

    def _next(self) -> None:
        env = self._env
        env.after(LOOKUP_S, self._next)
        worker = f"worker-{1 + self.asked % 3}"
        service = self._services[self.asked % len(self._services)]
        self.asked += 1
        env.count("app.requests")
        if service not in self._workers[worker].table:
            env.count("app.errors")
            env.record("nxdomain", service=service, via=worker)
            self.failed.append((env.now, service))


class NotFound(Scene):
    """moby#53141."""

    name, product, seed = "not-found", "A service directory on memberlist", 2
    moment_s, paged_s, duration_s = 50.0, 110.0, 150.0
    layer, mechanism = Layer.REPAIR, "entries dropped with the node"
    source = (
        "Docker Swarm's NetworkDB, moby#53141, mended by moby#53142 (2026): when a node was taken for failed, its table entries and its "
        "attachments were dropped; back again, its entries were refused until the attachments were learnt anew, and healthy services "
        "stayed NXDOMAIN. github.com/moby/moby/pull/53142"
    )
    metrics: ClassVar = {
        "serf.member.failed": Metric("events/s", "counter", "members"),
        "serf.member.join": Metric("events/s", "counter", "members"),
        "memberlist.msg.suspect": Metric("claims/s", "counter", "members"),
        "memberlist.health.score": Metric("points", "gauge", "health"),
        "memberlist.queue.broadcasts": Metric("messages", "gauge", "traffic"),
        "networkdb.entries": Metric("entries", "gauge", "repair"),
        "networkdb.rejected": Metric("entries/s", "counter", "repair"),
    }
    phrases: ClassVar = {
        kind: line
        for kind, line in ConsulScene.phrases.items()
        if kind in ("probe-failed", "tcp-only", "refute", "push-pull-failed")
    } | {
        "member-failed": 'level=info msg="Node {about}, left gossip cluster"',
        "member-join": 'level=info msg="Node {about}, joined gossip cluster"',
        "dropped": 'level=info msg="{about} is failed: {count} entries and its network attachments deleted"',
        "rejected": 'level=debug msg="{count} entries of {sender} rejected: it is attached to no network"',
        "nxdomain": "[ERROR] {service}: NXDOMAIN, answered by {via}",
    }

    def build(self, fault):
        world = World(seed=self.seed)
        members = tuple(f"worker-{number}" for number in range(1, WORKERS + 1))
        services = {name: (f"svc-{place}a", f"svc-{place}b") for place, name in enumerate(members, 1)}
        workers = {name: Worker(members, services[name]) for name in members}
        for name, worker in workers.items():
            world.add(name, worker)
        containers = Containers(workers, [each for found in services.values() for each in found])
        world.add("app-1", containers)
        if fault:
            world.at(self.moment_s, world.pause, STALLED, STILL_S)
        return SimpleNamespace(world=world, containers=containers, workers=workers)

    def roles(self, system):
        return {name: name.split("-")[0] for name in system.world.names}

    def state(self, system, node):
        process = system.world.process(node)
        if not isinstance(process, Worker):
            return {"view": {}, "facts": {}}
        return {"view": dict(sorted(process.swim.states.items())), "facts": process.facts()}

    def nodes(self, system):
        return (STALLED,)

    def facts(self, system):
        back = system.world.trace.filter(kind="member-join", after=self.moment_s)
        return {
            "failed": [service for _, service in system.containers.failed],
            "before": sum(at < self.paged_s for at, _ in system.containers.failed),
            "back_s": max(event.time for event in back),
            "rejected": system.world.metrics.value("networkdb.rejected"),
        }

    def page(self, facts):
        names = " and ".join(sorted(set(facts["failed"])))
        return (
            f"Platform: “{names} answer NXDOMAIN, everything else is found.” {facts['before']} lookups so far. The containers of both are "
            "healthy, and reachable by address. All seven workers are alive in the member list."
        )

    def debrief(self, facts):
        names = " and ".join(sorted(set(facts["failed"])))
        return (
            f"At {self.moment_s:g} s {STALLED} stood still for {STILL_S:g} s, and was rightly taken for failed. By {facts['back_s']:.0f} s all "
            f"had it for alive again: gossip was healed. But with the failure each worker had deleted its entries ({names}) and what says "
            f"that it is attached; {STALLED} told of its services again and again, and {facts['rejected']:.0f} times an entry was refused. "
            f"{len(facts['failed'])} lookups failed. The repair was there, and a rule before it turned it away. Entries of a failed node "
            "are to be hidden, not forgotten."
        )

    def path(self, system):
        return (
            ("series", ("networkdb.entries", None), ""),
            ("ask", ("worker-1", 110.0), "table:         12 entries"),
            ("ask", (STALLED, 110.0), "own services:  svc-4a, svc-4b"),
            (
                "logs",
                ("worker-1", 45.0, None),
                f"{STALLED} is failed: 2 entries and its network attachments deleted",
            ),
        )
