"""A node is cut off again and again; alone it buries everybody, and tells that when it is back."""

from ....systems import Consul
from ..layers import Layer
from .on_consul import ConsulScene

LOOSE, OFF_S, ON_S = "agent-6", 25.0, 20.0


class Flapping(ConsulScene):
    """consul#5928: a single semi-detached instance stirs up the whole pool."""

    name, seed = "flapping", 1
    moment_s, paged_s, duration_s = 55.0, 108.0, 160.0
    layer, mechanism = Layer.NETWORK, "link comes and goes"
    source = (
        "hashicorp/consul#5928, “Single Semi-Detached Instance causes Serf Gossip Storm”: a member that is cut off from time to time "
        "takes healthy members for failed, and tells everybody when it is back. github.com/hashicorp/consul/issues/5928"
    )

    def build(self, fault):
        system = Consul(agents=9, servers=3, seed=self.seed)
        for number in range(1, 10):
            system.register(f"agent-{number}", "web")
        at = self.moment_s
        while fault and at + OFF_S < self.duration_s:
            system.world.at(at, system.partition, [LOOSE])
            system.world.at(at + OFF_S, system.heal)
            at += OFF_S + ON_S
        return system

    def nodes(self, system):
        return (LOOSE,)

    def facts(self, system):
        failed = system.trace.filter(kind="member-failed", after=self.moment_s).table()
        wronged = [row for row in failed if LOOSE not in (row["node"], row["about"])]
        before = [row for row in wronged if row["time"] < self.paged_s]
        return {
            "victims": sorted({row["about"] for row in before}),
            "before": len(before),
            "all": len(wronged),
            "buried": len({row["about"] for row in failed if row["node"] == LOOSE}),
            "refuted": len(system.trace.filter(kind="refute", after=self.moment_s)),
            "reconciled": len(system.trace.filter(kind="reconciled", after=self.moment_s)),
        }

    def page(self, facts):
        return (
            f"On call: “{facts['before']} alerts ‘member failed’ within half a minute, for {', '.join(facts['victims'])}, and each is fine "
            "again a moment later.” The machines named are idle, nobody has touched them, and their services drop out of DNS for "
            "a moment each time."
        )

    def debrief(self, facts):
        return (
            f"From {self.moment_s:g} s on {LOOSE} was cut off for {OFF_S:g} s, and back for {ON_S:g}, again and again. Alone it heard no "
            f"acks, and with nobody to refute it buried {facts['buried']} members. Back again it exchanged its state with a member, and "
            f"that told everybody of deaths whose incarnation was still the present one: {facts['all']} events ‘failed’ on healthy members "
            f"about healthy members. The accused refuted at once ({facts['refuted']} refutations in all), and the leader wrote "
            f"{facts['reconciled']} changes into the catalog. Gossip kept its rules. Ask who says it first, not who is accused: the trouble "
            "is one link. Lifeguard makes a lonely member slower to accuse, and it does not forbid it."
        )

    def path(self, system):
        return (
            ("series", ("serf.member.failed", None), ""),
            ("series", ("memberlist.health.score", LOOSE), ""),
            ("logs", (LOOSE, 50.0, None), "has failed, no acks received"),
            ("diagram", ((LOOSE, "agent-1", "agent-2", "agent-3", "server-1"), 52.0, 62.0), ""),
        )
