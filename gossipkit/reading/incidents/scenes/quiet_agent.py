"""The gossip key is rotated, and one agent hasn't got the new one."""

from ....authority.admission import fingerprint
from ....systems import Consul
from ....systems.consul.messages import Request
from ..layers import Layer
from .on_consul import ConsulScene
from .users import Users

OLD, NEW = b"o" * 16, b"n" * 16
WITHOUT = "agent-4"


class QuietAgent(ConsulScene):
    """A rotation whose first step missed a node."""

    name, seed = "quiet-agent", 2
    moment_s, paged_s, duration_s = 60.0, 92.0, 140.0
    layer, mechanism = Layer.TRUST, "key half rotated"
    source = (
        "No single outage: the order of a rotation is install everywhere, use, remove, and a node that missed the first step can't read "
        "what the others seal. hashicorp/consul, command/keyring/keyring.go, and developer.hashicorp.com/consul, “Rotate gossip "
        "encryption keys”; that a key can't be taken from a single member: serf#208"
    )

    def build(self, fault):
        system = Consul(agents=6, servers=3, seed=self.seed, gossip_key=OLD)
        for number in range(1, 7):
            system.register(f"agent-{number}", "orders" if number in (4, 5) else "web")
        self._users = Users(lambda n: self._ask(system, n), 0.5, 15.0, complaint=self._short)
        system.world.add("app-1", self._users)
        for name in system.nodes_of(1):
            if name != WITHOUT or not fault:
                system.world.at(45.0, self._step, system, name, "install")
            if name != WITHOUT or not fault:
                system.world.at(self.moment_s, self._step, system, name, "use")
        return system

    phrases = ConsulScene.phrases | {
        "key-install": "[INFO]  serf: Received install-key query",
        "key-use": "[INFO]  serf: Received use-key query",
    }

    @staticmethod
    def _step(system: Consul, name: str, step: str) -> None:
        getattr(system.gossip.keyring(name), step)(NEW)
        system.world.record(name, f"key-{step}")

    @staticmethod
    def _ask(system: Consul, number: int):
        request = Request(("service", "orders"))
        return system.ask("read", "orders", request, f"agent-{1 + number % 3}", 2.0)

    @staticmethod
    def _short(operation, number):
        """With one instance too few, half of the shop's orders wait."""
        return "" if operation.answer and len(operation.answer) == 2 else f"answered with {operation.answer}"

    def nodes(self, system):
        return (WITHOUT,)

    def more(self, system, node):
        keyring = system.gossip.keyring(node)
        return {"keys": f"{len(keyring.keys)} installed, primary {fingerprint(keyring.primary)}"}

    def facts(self, system):
        failed = system.trace.filter(kind="member-failed", after=self.moment_s)
        about = [event for event in failed if event.fields["about"] == WITHOUT]
        return {
            "before": sum(at < self.paged_s for at, _ in self._users.failed),
            "unreadable": len(system.trace.filter(kind="unreadable", after=self.moment_s)),
            "first_s": about[0].time,
            "by": len({event.node for event in about}),
            "its": len({event.fields["about"] for event in failed if event.node == WITHOUT}),
        }

    def page(self, facts):
        return (
            f"Order desk: “One of our two machines gets no orders any more.” {facts['before']} lookups of the service were answered with "
            f"one instance instead of two. On {WITHOUT} everything runs, it answers pings, and its own check passes."
        )

    def debrief(self, facts):
        return (
            f"At 45 s the new gossip key was installed, on all nodes but {WITHOUT}. At {self.moment_s:g} s the others began to seal with it. "
            f"{WITHOUT} could read nothing of that ({facts['unreadable']} packets), so it acknowledged no probe: "
            f"{facts['by']} members held it for failed, the first at {facts['first_s']:.1f} s, and the leader made it critical in the "
            f"catalog. From where it stands everybody else fell silent: it failed {facts['its']} members. The network brought every packet. "
            "Before `use`, ask `keyring -list` whether all members have the key."
        )

    def path(self, system):
        return (
            ("series", ("serf.member.failed", None), ""),
            ("logs", (WITHOUT, 40.0, None), "No installed keys could decrypt the message"),
            ("ask", ("agent-1", 70.0), "2 installed"),
            ("ask", (WITHOUT, 70.0), "1 installed"),
        )
