"""Half of a switch fails: one server can't reach the leader, and the third one reaches both."""

from typing import ClassVar

from ....systems import Consul
from ..layers import Layer
from .on_consul import ConsulScene
from .users import Users

BROKEN, AGAIN_S = "server-2", 15.0


class ReadOnly(ConsulScene):
    """Cloudflare, 2020-11-02: etcd node 1 could not reach the leader, node 2 could, and elections did not end."""

    name, seed = "read-only", 4
    moment_s, paged_s, duration_s = 64.0, 90.0, 140.0
    layer, mechanism = Layer.NETWORK, "partial partition"
    source = (
        "Cloudflare, 2020-11-02: a switch failed by halves, so that one of three etcd servers could not reach the leader while the "
        "third reached both. Elections went on and on, and the API was read-only for 6 h 33 min. "
        "“A Byzantine failure in the real world”, blog.cloudflare.com/a-byzantine-failure-in-the-real-world/"
    )
    users: ClassVar[str] = "app-1"

    def build(self, fault):
        system = Consul(agents=3, servers=3, seed=self.seed, pre_vote=False)
        for number in (1, 2, 3):
            system.register(f"agent-{number}", "web")
        agents = ("agent-1", "agent-2", "agent-3")
        users = Users(lambda n: system.write(f"setting-{n % 20}", f"{n}", agents[n % 3], timeout_s=1.0), 0.25)
        system.world.add(self.users, users)
        if fault:
            system.world.at(self.moment_s, self._break, system)
        return system

    def _break(self, system: Consul) -> None:
        """Of two links of the node one drops everything. Which peer goes by which link is a hash of the connection, and a new
        leader's connections are new: they come upon the broken one again.
        """
        leader = system.authority.leader()
        system.heal()
        system.cut(
            BROKEN, next(name for name in (leader, *system.servers_of(1)) if name not in (None, BROKEN))
        )
        if system.world.now + AGAIN_S < self.duration_s:
            system.world.at(system.world.now + AGAIN_S, self._break, system)

    def nodes(self, system):
        return (BROKEN,)

    def facts(self, system):
        users = system.world.process(self.users)
        won = system.trace.filter(kind="raft-elected", after=self.moment_s)
        return {
            "refused": sum(self.moment_s <= at < self.paged_s for at, _ in users.failed),
            "all": len(users.failed),
            "won": len(won),
            "term": max(event.fields["term"] for event in won),
            "failed": len(system.trace.filter(kind="member-failed")),
        }

    def page(self, facts):
        return (
            f"Configuration team: “Saving a setting fails again and again, {facts['refused']} times in the last half minute, and then it "
            "works for a while. Reading works. All six machines are green in the member list.”"
        )

    def debrief(self, facts):
        return (
            f"From {self.moment_s:g} s on {BROKEN} and the leader did not reach each other; the third server reached both. Who heard no "
            f"heartbeat stood for election with a higher term, the third server voted for it, and then the old leader heard none. When "
            f"the one in the middle won, there was peace until the broken link met the new leader's connections. {facts['won']} elections "
            f"were won up to term {facts['term']}, and {facts['all']} writes failed. Gossip took a node for failed {facts['failed']} "
            "times: an indirect probe goes around a broken link. What decides needs the link itself. Raft's pre-vote, which this "
            "cluster had off, would have let the leader be."
        )

    def path(self, system):
        return (
            ("series", ("raft.state.leader", None), ""),
            ("series", ("serf.member.failed", None), ""),
            ("logs", (BROKEN, 55.0, None), "heartbeat timeout reached"),
            ("diagram", (system.servers_of(1), self.moment_s - 2.0, self.moment_s + 6.0), ""),
        )
