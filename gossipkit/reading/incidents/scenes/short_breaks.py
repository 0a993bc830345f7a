"""A master stands still for longer than the node timeout, again and again, and is failed over each time."""

from ....systems import RedisCluster
from ..layers import Layer
from .on_redis import RedisScene
from .users import Users

STILL_S, EVERY_S = 5.0, 25.0


class ShortBreaks(RedisScene):
    """A timeout that is shorter than what a healthy process takes for a snapshot."""

    name, seed = "short-breaks", 6
    moment_s, paged_s, duration_s = 48.0, 104.0, 150.0
    layer, mechanism = Layer.GOSSIP, "slow taken for dead"
    source = (
        "No single outage: SIGSTOP for longer than cluster-node-timeout gives a failover on Redis 7.0.15 (measured for this course), "
        "and fork, transparent huge pages and swapping do the same: redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/"
    )

    def build(self, fault):
        system = RedisCluster(masters=3, replicas=1, seed=self.seed, node_timeout_s=2.0)
        self._users = Users(
            lambda n: system.set(f"cart:{n % 60}", f"{n}", via=("node-2", "node-3", "node-5")[n % 3]),
            0.25,
            complaint=lambda operation, n: "" if operation.ok else str(operation.error or operation.status),
        )
        system.world.add("app-1", self._users)
        if fault:
            at = self.moment_s
            while at + STILL_S < self.duration_s:
                system.world.at(at, self._snapshot, system)
                at += EVERY_S
        return system

    @staticmethod
    def _snapshot(system: RedisCluster) -> None:
        """The machine of node-1 and node-4's shard writes a snapshot: whoever of the two is the master stands still."""
        master = "node-1" if system.started("node-1").master is None else "node-4"
        system.world.record(master, "snapshot")
        system.pause(master, STILL_S)

    phrases = RedisScene.phrases | {"snapshot": "* 10000 changes in 60 seconds. Saving..."}

    def nodes(self, system):
        return ("node-1", "node-4")

    def facts(self, system):
        return {
            "refused": sum(self.moment_s <= at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "breaks": len(system.trace.filter(kind="snapshot")),
            "promoted": len(system.trace.filter(kind="promoted")),
            "syncs": len(system.trace.filter(kind="following")),
        }

    def page(self, facts):
        return (
            f"Shop: “Every half minute carts can't be saved for some seconds, {facts['refused']} times so far.” No machine has been "
            "down, no process has been restarted, and yet another node is the master each time one looks."
        )

    def debrief(self, facts):
        return (
            f"From {self.moment_s:g} s on the master of one shard stood still for {STILL_S:g} s, {facts['breaks']} times, while it wrote a "
            f"snapshot. The others' node timeout is 2 s: a majority of masters doubted it, and a replica was promoted, "
            f"{facts['promoted']} times. Awake again, the old master heard of the new one and became its replica ({facts['syncs']} times), "
            f"and the next snapshot hit the new one. {facts['all']} requests failed. The decision was right by what gossip said; gossip "
            "can't tell slow from dead, and its timeout says how slow is dead. It must be longer than the longest stillness of a healthy "
            "process."
        )

    def path(self, system):
        return (
            ("series", ("cluster_current_epoch", None), ""),
            ("logs", ("node-2", 40.0, None), "possibly failing"),
            ("logs", ("node-1", 40.0, None), "Saving..."),
            ("ask", ("node-1", 50.0), "does not answer"),
        )
