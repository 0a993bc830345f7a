"""One bit of a gossiped generation flips, and everybody takes the wrong number for a new life of a node."""

from ....gossip.scuttlebutt import EndpointState, HeartBeatState
from ....gossip.scuttlebutt.messages import Ack2
from ....systems import Cassandra
from ..layers import Layer
from .on_cassandra import CassandraScene
from .users import Users

ABOUT, THROUGH, BIT = "node-5", "node-2", 20


class RingInDoubt(CassandraScene):
    """S3, 2008-07-20, in Cassandra's gossip: a handful of state messages with one bit changed, still intelligible."""

    name, seed = "ring-in-doubt", 4
    moment_s, paged_s, duration_s = 57.0, 95.0, 150.0
    layer, mechanism = Layer.GOSSIP, "damaged news"
    source = (
        "Amazon S3, 2008-07-20: a handful of gossip messages had one bit flipped, so that they were intelligible and wrong. Customers' "
        "data had checksums, gossip had none. The state spread, servers did little but gossip, and S3 was down for eight hours, until "
        "all communication was stopped and the state cleared. “Amazon S3 Availability Event: July 20, 2008”, "
        "status.aws.amazon.com/s3-20080720.html"
    )

    def build(self, fault):
        system = Cassandra(6, vnodes=4, seed=self.seed)
        self._users = Users(
            lambda n: system.write(
                f"object-{n % 40}", f"{n}", "ALL" if n % 2 else "QUORUM", f"node-{1 + n % 6}"
            ),
            0.5,
        )
        system.world.add("app-1", self._users)
        if fault:
            for place, name in enumerate(("node-1", "node-4", "node-6")):
                system.world.at(self.moment_s + 0.3 * place, self._flip, system, name)
        return system

    @staticmethod
    def _flip(system: Cassandra, to: str) -> None:
        """What one node passes on of another one, with a bit of its generation changed under way."""
        sender = system.started(THROUGH)
        state = sender.gossiper.endpoints[ABOUT].state
        beat = state.heartbeat
        damaged = EndpointState(HeartBeatState(beat.generation ^ 1 << BIT, beat.version), state.applications)
        sender.env.send(to, Ack2(((ABOUT, damaged),)))

    def nodes(self, system):
        return (ABOUT, THROUGH)

    def more(self, system, node):
        known = system.started(node).gossiper.endpoints
        return {
            "generations": ", ".join(
                f"{name} {each.state.heartbeat.generation}" for name, each in sorted(known.items())
            )
        }

    def facts(self, system):
        doubted = system.trace.filter(kind="on-dead", after=self.moment_s)
        return {
            "refused": sum(self.moment_s <= at < self.paged_s for at, _ in self._users.failed),
            "all": len(self._users.failed),
            "first_s": doubted[0].time,
            "observers": len({event.node for event in doubted if event.fields["about"] == ABOUT}),
        }

    def page(self, facts):
        return (
            f"Storage team: “{facts['refused']} writes were refused in the last half minute.” On the dashboard {ABOUT} is DOWN. Its "
            "owner has logged in there: the process runs, its disk and its network are fine, and it sees everybody UP."
        )

    def debrief(self, facts):
        return (
            f"At {self.moment_s:g} s three copies of {ABOUT}'s state that {THROUGH} passed on arrived with bit {BIT} of the generation "
            f"flipped: a number that is {1 << BIT:,} too high, and less than a year ahead, so that the rule against absurd generations "
            f"let it pass. Everybody took it for a new life of {ABOUT}. Its true heartbeats were of an older generation and counted for "
            f"nothing; from {facts['first_s']:.0f} s on {facts['observers']} nodes held it for dead. {facts['all']} writes at level ALL "
            "failed. Nobody lied and no packet was lost. A checksum over gossip ends this at the first hop; here only a restart does, with a generation "
            "that is higher still."
        )

    def path(self, system):
        return (
            ("series", ("FailureDetector.DownEndpointCount", None), ""),
            ("logs", ("node-1", 40.0, None), f"Node /{ABOUT} has restarted"),
            ("ask", ("node-1", 90.0), f"{ABOUT} {1 << BIT}"),
            ("ask", (ABOUT, 90.0), f"{ABOUT} 0"),
        )
