"""After a blip all storage servers ask for their membership at once, and the lists have grown."""

from collections import deque
from types import SimpleNamespace
from typing import Any, ClassVar

from ....sim import Env, Message, World, message
from ..layers import Layer
from ..recording import Metric
from ..taking import Scene

SERVERS, EVERY_S, PATIENCE_S, RETRY_S, WORK_S, REQUEST_S = 24, 30.0, 3.0, 0.5, 0.3, 0.1


@message
class GetMembership:
    """A storage server asks which partitions are its own."""

    number: int


@message
class Membership:
    """The list; it has grown with the tables' secondary indexes."""

    number: int
    partitions: tuple[int, ...]


class Metadata:
    """Answers one question after the other: each takes `WORK_S`, also when nobody waits for it any more."""

    def start(self, env: Env) -> None:
        self._env, self._waiting = env, deque()

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "questions that wait": len(self._waiting),
            "time for one": f"{WORK_S:g} s",
            "CPU": "100 %" if self._waiting else "low",
        }

    def receive(self, env: Env, sender: str, question: Message) -> None:
        self._waiting.append((sender, question.number, env.now))
        env.gauge("metadata.queue", len(self._waiting))
        if len(self._waiting) == 1:
            env.after(WORK_S, self._answer)

    def _answer(self) -> None:
        env = self._env
        sender, number, since = self._waiting.popleft()
        env.count("metadata.answers")
        env.gauge("metadata.queue", len(self._waiting))
        if env.now - since > PATIENCE_S:
            env.count("metadata.late")
            env.record("late", to=sender, waited=env.now - since, queue=len(self._waiting))
        env.send(sender, Membership(number, tuple(range(20))))
        if self._waiting:
            env.after(WORK_S, self._answer)


class StorageServer:
    """Serves as long as its membership is confirmed; without an answer in time it takes itself out and asks again."""

    def __init__(self, offset_s: float):
        self._offset_s = offset_s

    def start(self, env: Env) -> None:
        self._env, self._number, self.serves = env, 0, True
        self._awaited: int | None = None  # the question whose answer is waited for
        self._timer = env.after(self._offset_s, self._ask)
        env.gauge("storage.serving", 1)

    def facts(self) -> dict[str, Any]:
        """What it says when it is asked."""
        return {
            "serves": "yes" if self.serves else "no: it has disqualified itself",
            "questions to metadata-1": self._number,
            "disk": "all partitions there",
        }

    def lost_connection(self) -> None:
        """After a break of the network it confirms its membership at once."""
        self._timer.cancel()
        self._ask()

    def _ask(self) -> None:
        env = self._env
        self._number += 1
        env.count("storage.questions")
        self._awaited = self._number
        env.send("metadata-1", GetMembership(self._number))
        self._timer = env.after(PATIENCE_S, self._too_late)

    def _too_late(self) -> None:
        env, self._awaited = self._env, None
        if self.serves:
            self.serves = False
            env.record("disqualified")
        env.gauge("storage.serving", 0)
        self._timer = env.after(RETRY_S * env.random.random(), self._ask)

    def receive(self, env: Env, sender: str, answer: Message) -> None:
        if answer.number != self._awaited:
            env.record("stale-answer", number=answer.number)
            return
        self._timer.cancel()
        self._awaited = None
        if not self.serves:
            env.record("qualified")
        self.serves = True
        env.gauge("storage.serving", 1)
        self._timer = env.after(EVERY_S, self._ask)


class Customers:
    """Ask a server each, and fail where it does not serve."""

    def __init__(self, servers: list[StorageServer]):
        self._servers = servers
        self.failed = 0

    def start(self, env: Env) -> None:
        self._env, self._number = env, 0
        env.after(10.0, self._next)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Requests are counted, not sent."""

    def _next(self) -> None:
        env, self._number = self._env, self._number + 1
        env.count("app.requests")
        server = env.random.randrange(len(self._servers))
        if not self._servers[server].serves:
            self.failed += 1
            env.count("app.errors")
            if self.failed % 10 == 1:
                env.record("request-failed", server=f"storage-{server + 1}")
        env.after(REQUEST_S, self._next)


class StorageStorm(Scene):
    """DynamoDB, 2015-09-20."""

    name, product, seed = "storage-storm", "A storage service", 3
    moment_s, paged_s, duration_s = 61.0, 100.0, 160.0
    layer, mechanism = Layer.AUTHORITY, "authority overloaded"
    source = (
        "Amazon DynamoDB, 2015-09-20: after a short network disruption storage servers asked the metadata service for their membership "
        "lists, which had grown; answers came too late, servers took themselves out and asked again, and 55 % of requests failed. "
        "Pausing the questions was what made room to add capacity. aws.amazon.com/message/5467D2/"
    )
    metrics: ClassVar = {
        "metadata.queue": Metric("questions", "gauge", "commits"),
        "metadata.answers": Metric("answers/s", "counter", "commits"),
        "metadata.late": Metric("answers/s", "counter", "commits"),
        "storage.questions": Metric("questions/s", "counter", "traffic"),
        "storage.serving": Metric("servers", "gauge", "members"),
    }
    phrases: ClassVar = {
        "request-failed": "[ERROR] request to {server} failed: InternalServerError (and others like it)",
        "disqualified": "[WARN]  membership not confirmed within 3 s: disqualified, asking again",
        "qualified": "[INFO]  membership confirmed: serving again",
        "stale-answer": "[INFO]  membership answer to question {number} ignored: given up before",
        "late": "[WARN]  answer to {to} after {waited:.1f} s, {queue} wait",
        "link": "[INFO]  link down for 2 s, is up again: confirming membership",
    }

    def build(self, fault):
        world = World(seed=self.seed)
        servers = [StorageServer(offset_s=1.0 + place * EVERY_S / SERVERS) for place in range(SERVERS)]
        world.add("metadata-1", Metadata())
        for place, server in enumerate(servers, 1):
            world.add(f"storage-{place}", server)
        customers = Customers(servers)
        world.add("app-1", customers)
        if fault:
            world.at(self.moment_s, world.partition, ["metadata-1"])
            world.at(self.moment_s + 2.0, world.heal)
            for place, server in enumerate(servers, 1):
                world.at(self.moment_s + 2.0 + 0.01 * place, self._link, world, f"storage-{place}", server)
        return SimpleNamespace(world=world, customers=customers, servers=servers)

    @staticmethod
    def _link(world: World, name: str, server: StorageServer) -> None:
        world.record(name, "link")
        server.lost_connection()

    def roles(self, system):
        return {
            name: {"app": "app", "storage": "storage server", "metadata": "metadata service"}[
                name.split("-")[0]
            ]
            for name in system.world.names
        }

    def state(self, system, node):
        process = system.world.process(node)
        return {"view": {}, "facts": process.facts() if hasattr(process, "facts") else {}}

    def nodes(self, system):
        return ("metadata-1",)

    def facts(self, system):
        metrics = system.world.metrics
        window = self.paged_s - 20.0, self.paged_s
        asked, failed = (
            metrics.value(name, at=window[1]) - metrics.value(name, at=window[0])
            for name in ("app.requests", "app.errors")
        )
        return {
            "share": 100 * failed / asked,
            "questions": metrics.value("storage.questions", at=window[1])
            - metrics.value("storage.questions", at=window[0]),
            "late": metrics.value("metadata.late"),
            "answers": metrics.value("metadata.answers"),
            "out": sum(not server.serves for server in system.servers),
        }

    def page(self, facts):
        return (
            f"Customers: “{facts['share']:.0f} % of our requests fail.” The network had a blip of two seconds a while ago; it is well since. "
            "All storage servers run, and their disks are fine."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s the network was away for two seconds. All {SERVERS} servers then asked metadata-1 for their membership, "
            f"as after every blip. An answer takes {WORK_S:g} s by now, so the last one waits {SERVERS * WORK_S:.1f} s, and a server waits "
            f"{PATIENCE_S:g} s at most: then it takes itself out and asks again, while its old question is still worked on. From then on "
            f"{facts['late']:.0f} of {facts['answers']:.0f} answers came too late for anybody, and {facts['out']} servers are out at the "
            "end. The blip only began it: one service that decides for all was asked by all at once. What stops it is to pause the "
            "questions, or room in the service; what avoids it is soft state that servers may go on with for a while."
        )

    def path(self, system):
        return (
            ("series", ("metadata.queue", None), ""),
            ("logs", ("storage-24", 50.0, None), "disqualified, asking again"),
            ("logs", ("metadata-1", 50.0, None), "answer to storage-24 after 7.0 s"),
            ("ask", ("metadata-1", 95.0), "time for one:         0.3 s"),
        )
