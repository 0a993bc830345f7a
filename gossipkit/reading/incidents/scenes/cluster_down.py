"""Two of three masters die together, and nobody may say that they have failed."""

from ....systems import RedisCluster
from ..layers import Layer
from .on_redis import RedisScene
from .users import Users

DEAD = ("node-1", "node-3")


class ClusterDown(RedisScene):
    """Measured on Redis 7.0.15: PFAIL for ever, never FAIL."""

    name, seed = "cluster-down", 2
    moment_s, paged_s, duration_s = 52.0, 85.0, 140.0
    layer, mechanism = Layer.AUTHORITY, "no majority"
    source = (
        "redis#1868, and this course's own measurement on Redis 7.0.15: with two of three masters killed the others hold them for "
        "PFAIL for as long as one watches, and never for FAIL, because a majority of masters has to say so. "
        "github.com/redis/redis/issues/1868"
    )

    def build(self, fault):
        system = RedisCluster(masters=3, replicas=1, seed=self.seed, node_timeout_s=5.0)
        self._users = Users(
            lambda n: system.set(f"session:{n % 60}", f"{n}", via=("node-2", "node-5")[n % 2]),
            0.25,
            complaint=lambda operation, n: "" if operation.ok else str(operation.error or operation.status),
        )
        system.world.add("app-1", self._users)
        if fault:
            for name in DEAD:
                system.world.at(self.moment_s, system.crash, name)
        return system

    def nodes(self, system):
        return DEAD

    def facts(self, system):
        return {
            "all": len(self._users.failed),
            "refused": sum(self.moment_s <= at < self.paged_s for at, _ in self._users.failed),
            "doubts": len(system.trace.filter(kind="possibly-failing", after=self.moment_s)),
            "fails": len(system.trace.filter(kind=("failing", "quorum-reached"))),
            "elections": len(system.trace.filter(kind="election-started")),
        }

    def page(self, facts):
        return (
            f"Shop: “Nobody can log in: CLUSTERDOWN.” {facts['refused']} requests have failed. A rack has lost power. The cluster has a "
            "replica of each master for this very case, all three replicas are up, and none has taken over. Why not?"
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s {DEAD[0]} and {DEAD[1]} died, two of three masters. The four nodes that are left hold both for "
            f"possibly failing ({facts['doubts']} rows in their logs); FAIL needs the word of two of three masters, and only one is left: "
            f"{facts['fails']} times. A replica stands for election only when its master is FAIL, and needs two masters' votes: "
            f"{facts['elections']} elections. {facts['all']} requests failed. Gossip did its work, every survivor knew. The decision has "
            "no majority, and rightly isn't taken: the two could be alive on the other side of a cut. Three masters survive the loss of "
            "one; masters of one rack die together."
        )

    def path(self, system):
        return (
            ("series", ("cluster_slots_pfail", None), ""),
            ("series", ("cluster_slots_fail", None), ""),
            ("ask", ("node-2", 80.0), "pfail:          node-1, node-3"),
            ("logs", ("node-4", 45.0, None), "possibly failing"),
        )
