"""A member that holds the key says, again and again, that a healthy one is dead."""

from ....gossip.swim.messages import Dead
from ....systems import Consul
from ...incidents.layers import Layer
from ...incidents.scenes.on_consul import ConsulScene

LIAR, VICTIM, EVERY_S = "agent-2", "agent-5", 7.0


class NightShift(ConsulScene):
    """memberlist's security model: whoever holds the key is believed."""

    name, seed = "night-shift", 3
    moment_s, paged_s, duration_s = 57.0, 105.0, 150.0
    layer, mechanism = Layer.TRUST, "forged news"
    source = (
        "memberlist's own security model says that it is not Byzantine fault tolerant, and that a key is full trust; forged deaths of "
        "real serf agents were measured for this course: refuted within half a second, and repeated at will. hashicorp/memberlist, "
        "SECURITY.md; the kin of it: memberlist#358, memberlist#370"
    )

    def build(self, fault):
        system = Consul(agents=7, servers=3, seed=self.seed, gossip_key=b"k" * 16)
        for number in range(1, 8):
            system.register(f"agent-{number}", "batch" if number in (5, 6) else "web")
        at = self.moment_s
        while fault and at < self.duration_s:
            system.world.at(at, self._lie, system)
            at += EVERY_S
        return system

    @staticmethod
    def _lie(system: Consul) -> None:
        """The liar puts a death into its own queue, sealed and sent as all its gossip, and does not believe it itself."""
        swim = system.started(LIAR).swim
        death = Dead(swim.members[VICTIM].incarnation, VICTIM, LIAR)
        swim.gossip.push(swim.gossip.claims, VICTIM, death)

    def nodes(self, system):
        return (LIAR,)

    def facts(self, system):
        failed = system.trace.filter(kind="member-failed", after=self.moment_s).table()
        probes = system.trace.filter(kind="probe-failed", after=self.moment_s).table()
        refuted = system.trace.filter(kind="refute", node=VICTIM, after=self.moment_s).table()
        return {
            "before": sum(row["time"] < self.paged_s for row in failed),
            "all": len(failed),
            "probes": sum(row["about"] == VICTIM for row in probes),
            "refuted": len(refuted),
            "by": sum(row["by"] == LIAR for row in refuted),
        }

    def page(self, facts):
        return (
            f"Night shift: “{facts['before']} alerts ‘member failed’, all about {VICTIM}, each over within a second. Its batch service "
            f"drops out of DNS each time.” {VICTIM} has been replaced by a new machine an hour ago, on another switch: no change."
        )

    def debrief(self, facts):
        return (
            f"From {self.moment_s:g} s on {LIAR} told each {EVERY_S:g} s that {VICTIM} is dead, in packets sealed with the pool's key. "
            f"Everybody believed it: {facts['all']} events ‘failed’. {VICTIM} refuted {facts['refuted']} times, {facts['by']} of them "
            f"against {LIAR}. No probe of {VICTIM} had failed ({facts['probes']}): who accuses without a failed probe of its own, and "
            "always the same one, lies. A shared key says that a member speaks, and nothing of whether it is true."
        )

    def path(self, system):
        return (
            ("series", ("serf.member.failed", None), ""),
            ("logs", (VICTIM, 50.0, None), f"(from: {LIAR})"),
            ("logs", (LIAR, 50.0, None), f"EventMemberJoin: {VICTIM}"),
            ("diagram", ((LIAR, VICTIM, "agent-1", "server-1"), 57.0, 67.0), ""),
        )
