"""The systems as one table: who is who in a cluster of six, and how each is asked the same questions.

A story is told to all of them in the same words: one node is its *subject*, the cluster can be cut into two halves of three,
and two clients write, one in either half. What differs by product is here, one small class each; `FAMILIES` lists them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from ...gossip.membership_history import LEAVE, Change, Changes
from ...gossip.scuttlebutt import EndpointState, GossipConfig, HeartBeatState
from ...gossip.scuttlebutt.messages import Ack2
from ...gossip.scuttlebutt.states import Status, VersionedValue
from ...gossip.swim.messages import Dead
from ...sim import Network
from ..cassandra import Cassandra
from ..cassandra.messages import HINT, MUTATION, READ_REPAIR
from ..consul import Consul
from ..consul.messages import Sync
from ..consul.settings import LAN
from ..dynamo import Dynamo
from ..operation import Operation
from ..redis_cluster import RedisCluster
from ..redis_cluster.messages import Fail, Ping, Pong, Update
from ..simulated import Simulated

GOSSIP, AUTHORITY, REPAIR, DATA = "gossip", "authority", "repair", "data"
LAYERS = (GOSSIP, AUTHORITY, REPAIR, DATA)
"""What a message is for: to spread, to decide, to correct, or to do what a client has asked for."""
SERVICE = "web"


class Family:
    """What a comparison asks of a system. Subclasses say all that differs.

    Attributes
    ----------
    name : str
    system : class
    parameters : dict
        What a cluster of six is made with.
    fanout : int
        How many peers the product tells in a round.
    fanout_unit : str
        What one of them is.
    halves : tuple of tuple of str
        The two sides of a cut. The second has the subject.
    subject : str
        Of whom the story is.
    lied_about : str
        Of whom a liar speaks.
    newcomer : str
        Who joins.
    clients : tuple of str
        The nodes that clients ask, one in each half.
    good : tuple of str
        The words of ``gossip.view`` for a node that is believed to be there.
    watched : tuple of str
        Metrics that show an outage to an operator.
    sorts : mapping of str to (layer, kind)
        From the class of a message to what it is for and how it is called.
    """

    name: ClassVar[str]
    system: ClassVar[type[Simulated]]
    parameters: ClassVar[dict[str, Any]]
    fanout: ClassVar[int]
    fanout_unit: ClassVar[str]
    halves: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        ("node-1", "node-2", "node-3"),
        ("node-4", "node-5", "node-6"),
    )
    subject: ClassVar[str] = "node-6"
    lied_about: ClassVar[str] = "node-6"
    newcomer: ClassVar[str] = "node-7"
    clients: ClassVar[tuple[str, str]] = ("node-2", "node-5")
    good: ClassVar[tuple[str, ...]] = ("up",)
    watched: ClassVar[tuple[str, ...]]
    sorts: ClassVar[dict[str, tuple[str, str]]]

    @property
    def nodes(self) -> tuple[str, ...]:
        """Who is there from the beginning."""
        return self.halves[0] + self.halves[1]

    def make(self, seed: int, network: Network, fanout: int | None = None, **switches) -> Simulated:
        """A cluster of six that has not begun.

        Parameters
        ----------
        seed : int
        network : Network
        fanout : int, optional
            By default the product's own.
        **switches
            ``gossip``, ``authority`` and ``repair``, each True or False; ``trace``.
        """
        raise NotImplementedError

    def each_second(self, system: Any, second: int) -> None:
        """What the cluster's users do beside the two clients' writes."""

    def write(self, key: str, value: str, via: str) -> tuple[str, dict[str, Any]]:
        """What a client asks for who writes a key through a node: an action of the system, and its arguments."""
        return "write", {"key": key, "value": value, "via": via}

    def read(self, key: str, via: str) -> tuple[str, dict[str, Any]]:
        """The same of a client who reads."""
        return "read", {"key": key, "via": via}

    def accepted(self, operation: Operation) -> bool:
        """Whether the client of a write was told that it is done."""
        return operation.ok

    def found(self, operation: Operation) -> tuple[Any, ...]:
        """The values that a read has found."""
        return () if operation.value is None else (operation.value,)

    def takes_for_gone(self, system: Any, observer: str, subject: str) -> bool:
        """Whether a running node believes that another one is not there."""
        return system.gossip.view(observer).get(subject) not in self.good

    def judges(self, system: Any) -> tuple[str, ...]:
        """The running nodes whose word says what a node's work is."""
        return tuple(system.running())

    def has_work(self, system: Any, judge: str, subject: str) -> bool:
        """Whether by what a judge goes by, the subject's work is the subject's: its ranges, its slots, its service."""
        raise NotImplementedError

    def agreed(self, system: Any, names: Iterable[str]) -> bool:
        """Whether all judges give each of these nodes its work."""
        judges = self.judges(system)
        return all(self.has_work(system, judge, name) for judge in judges for name in names)

    def behind(self, system: Any) -> int:
        """How many things some node lacks that another one has; nodes that are down count where their disks do."""
        return len(system.repair.divergent())

    def copies(self, system: Any, key: str) -> list[Any]:
        """What each of those has under a key who are to have it."""
        raise NotImplementedError

    def entry_steps(self, at: float) -> list[tuple[float, str, dict[str, Any]]]:
        """What a node of the second half tells of itself, as steps of a scenario; none where nodes tell nothing."""
        return []

    def apart(self, system: Any, keys: Iterable[str]) -> int:
        """Of how many keys, and entries of nodes, those who are to have them have different contents, or lack them."""
        held = (self.copies(system, key) for key in keys)
        return sum(any(each != copies[0] for each in copies) for copies in held)

    def join(self, system: Any) -> None:
        """Have the newcomer join."""
        system.join(self.newcomer)

    def join_steps(self, at: float) -> list[tuple[float, str, dict[str, Any]]]:
        """The same as steps of a scenario; none where a cluster's nodes are fixed."""
        return [(at, "join", {"name": self.newcomer})]

    def before_old_news(self, system: Any) -> None:
        """Give the subject a past of which there can be old news: it was down, or out, and is back."""
        system.world.at(2.0, system.crash, self.subject)
        system.world.at(20.0, system.restart, self.subject)

    def old_news(self, system: Any) -> Any:
        """A record of that past, which a liar kept."""
        raise NotImplementedError

    def forged_news(self, system: Any) -> Any:
        """The same claim with a version that is new enough to be believed."""
        raise NotImplementedError

    def after_forged_news(self, system: Any) -> None:
        """Have an operator undo what the lie has done; nothing where the subject itself refutes it."""

    def parts(self, message: Any) -> Iterator[tuple[str, str, int]]:
        """What a message is made of: layer, kind and bytes."""
        layer, kind = self.sorts.get(type(message).__name__, (DATA, type(message).__name__))
        yield layer, kind, message.size_bytes


class ConsulFamily(Family):
    """Three servers and three agents; the subject is an agent that offers a service."""

    name, system, fanout, fanout_unit = "Consul", Consul, 3, "members a fifth of a second"
    parameters: ClassVar = {"agents": 3, "servers": 3}
    halves = (("server-1", "server-2", "agent-2"), ("server-3", "agent-1", "agent-3"))
    subject, lied_about, newcomer, clients = "agent-1", "agent-1", "agent-1", ("agent-2", "agent-3")
    good = ("alive", "suspect")
    watched = (
        "serf.member.failed",
        "consul.leader.reconcileMember",
        "serf.member.flap",
        "raft.state.candidate",
    )
    sorts: ClassVar = {
        "Ping": (GOSSIP, "probes"),
        "IndirectPing": (GOSSIP, "probes"),
        "Ack": (GOSSIP, "probes"),
        "Nack": (GOSSIP, "probes"),
        "StreamPing": (GOSSIP, "probes"),
        "StreamAck": (GOSSIP, "probes"),
        "Alive": (GOSSIP, "news of members"),
        "Suspect": (GOSSIP, "news of members"),
        "Dead": (GOSSIP, "news of members"),
        "JoinIntent": (GOSSIP, "news of members"),
        "LeaveIntent": (GOSSIP, "news of members"),
        "PushPull": (REPAIR, "push/pull"),
        "PushPullReply": (REPAIR, "push/pull"),
        "RequestVote": (AUTHORITY, "votes"),
        "RequestVoteReply": (AUTHORITY, "votes"),
        "RequestPreVote": (AUTHORITY, "votes"),
        "RequestPreVoteReply": (AUTHORITY, "votes"),
        "AppendEntries": (AUTHORITY, "the log"),
        "AppendEntriesReply": (AUTHORITY, "the log"),
        "Write": (DATA, "requests to servers"),
        "Read": (DATA, "requests to servers"),
        "Answer": (DATA, "requests to servers"),
        "Redirect": (DATA, "requests to servers"),
    }

    def make(self, seed, network, fanout=None, **switches):
        config = replace(LAN, gossip_nodes=fanout or self.fanout)
        system = Consul(**self.parameters, seed=seed, network=network, config=config, **switches)
        system.register(self.subject, SERVICE)
        return system

    def each_second(self, system, second):
        # agents tell the catalog what they offer: that is what anti-entropy is for here
        node = ("agent-1", "agent-2", "agent-3")[second // 5 % 3]
        if second % 5 == 0 and node in system.world.up and not system.process(node).left:
            system.register(node, f"job-{second}")

    def write(self, key, value, via):
        return "write", {"key": key, "value": value, "via": via, "timeout_s": 2.0}

    def read(self, key, via):
        return "read", {"key": key, "via": via, "timeout_s": 2.0}

    def accepted(self, operation):
        return operation.ok and operation.value is True

    def _running(self, system):
        return [name for name in system.servers_of(1) if name in system.world.up]

    def judges(self, system):
        # who came back has an empty catalog until it hears what of its log is committed: that takes nothing from anybody
        stores = {name: system.process(name).store for name in self._running(system)}
        return tuple(
            name for name, store in stores.items() if not hasattr(store, "last_applied") or store.last_applied
        )

    def has_work(self, system, judge, subject):
        return subject in system.authority.answer(SERVICE, judge)

    def behind(self, system):
        stores = [system.process(name).store for name in self._running(system)]
        logs = [store.log.last_index for store in stores if hasattr(store, "log")]
        return sum(system.repair.backlog().values()) + sum(max(logs) - each for each in logs)

    def copies(self, system, key):
        return [system.authority.catalog(name).keys.get(key) for name in self._running(system)]

    def entry_steps(self, at):
        return [(at, "register", {"node": self.clients[1], "service": f"job-{at:g}"})]

    def apart(self, system, keys):
        return super().apart(system, keys) + sum(system.repair.backlog().values())

    def join(self, system):
        system.restart(self.newcomer)

    def join_steps(self, at):
        return []

    def old_news(self, system):
        told = [
            part
            for event in system.trace.filter(kind="send", before=20.0)
            for part in getattr(event.fields["message"], "parts", (event.fields["message"],))
            if isinstance(part, Dead) and part.node == self.subject
        ]
        return told[-1]

    def forged_news(self, system):
        liar = system.process(self.clients[0])
        return Dead(liar.swim.members[self.subject].incarnation, self.subject, liar.env.name)

    def parts(self, message):
        name = type(message).__name__
        inside = getattr(message, "content", None)
        if inside is not None:
            yield from self.parts(inside)
        elif name == "Compound":
            first = True
            for part in message.parts:
                for layer, kind, size in self.parts(part):
                    # the envelope goes with the first part
                    rest = message.size_bytes - sum(each.size_bytes for each in message.parts) if first else 0
                    yield layer, kind, size + rest
                    first = False
        elif name == "Write" and isinstance(getattr(message.command, "what", None), Sync):
            yield REPAIR, "agents' entries", message.size_bytes
        else:
            yield from super().parts(message)


class CassandraFamily(Family):
    """Six nodes that gossip their tokens, three replicas, QUORUM."""

    name, system, fanout, fanout_unit = "Cassandra", Cassandra, 1, "node a second"
    parameters: ClassVar = {"nodes": 6, "vnodes": 4}
    watched = (
        "FailureDetector.DownEndpointCount",
        "Storage.TotalHints",
        "HintsService.HintsSucceeded",
        "ClientRequest.Timeouts.Write",
        "ClientRequest.Unavailables.Write",
    )
    sorts: ClassVar = {
        "Syn": (GOSSIP, "digests and states"),
        "Ack": (GOSSIP, "digests and states"),
        "Ack2": (GOSSIP, "digests and states"),
        "Echo": (GOSSIP, "echo"),
        "EchoReply": (GOSSIP, "echo"),
        "Shutdown": (GOSSIP, "digests and states"),
        "MutationDone": (DATA, "mutations and reads"),
        "ReadCommand": (DATA, "mutations and reads"),
        "ReadAnswer": (DATA, "mutations and reads"),
        "ValidationRequest": (REPAIR, "Merkle trees and streams"),
        "ValidationResponse": (REPAIR, "Merkle trees and streams"),
        "SyncRequest": (REPAIR, "Merkle trees and streams"),
        "SyncDone": (REPAIR, "Merkle trees and streams"),
        "Stream": (REPAIR, "Merkle trees and streams"),
        "StreamRequest": (REPAIR, "Merkle trees and streams"),
    }
    verbs: ClassVar = {
        MUTATION: (DATA, "mutations and reads"),
        HINT: (REPAIR, "hints"),
        READ_REPAIR: (REPAIR, "read repair"),
    }

    def make(self, seed, network, fanout=None, **switches):
        config = GossipConfig(fanout=fanout or self.fanout)
        return Cassandra(**self.parameters, seed=seed, network=network, config=config, **switches)

    def has_work(self, system, judge, subject):
        ring = system.authority.ring(judge)
        return ring is not None and subject in ring.nodes

    def copies(self, system, key):
        return list(system.authority.held(key).values())

    def old_news(self, system):
        told = [
            (name, state)
            for event in system.trace.filter(kind="send", before=2.0)
            for name, state in getattr(event.fields["message"], "states", ())
            if name == self.subject
        ]
        return Ack2((told[-1],))

    def forged_news(self, system):
        known = system.started(self.clients[0]).gossiper.endpoints[self.subject].state
        # as nodetool assassinate does: a next life, which has left
        tokens = known.applications["STATUS"].value.partition(",")[2]
        left = {"STATUS": VersionedValue(f"{Status.LEFT},{tokens}", 2)}
        state = EndpointState(HeartBeatState(known.heartbeat.generation + 1, 3), left)
        return Ack2(((self.subject, state),))

    def after_forged_news(self, system):
        # a life begins with the seconds of the clock as its generation, and that is more than the forged one
        system.restart(self.subject)

    def parts(self, message):
        if type(message).__name__ == "Mutation":
            layer, kind = self.verbs[message.verb]
            yield layer, kind, message.size_bytes
        else:
            yield from super().parts(message)


class DynamoFamily(Family):
    """Six nodes, N = 3, R = W = 2, a sloppy quorum."""

    name, system, fanout, fanout_unit = "Dynamo", Dynamo, 1, "node a second"
    parameters: ClassVar = {"nodes": 6, "versions": "dotted"}
    watched = ("silences", "hints_stored", "hints_delivered", "coord_redirs", "unavailable")
    sorts: ClassVar = {
        "Compare": (GOSSIP, "history of members"),
        "Changes": (GOSSIP, "history of members"),
        "Try": (GOSSIP, "tries of failed nodes"),
        "TryReply": (GOSSIP, "tries of failed nodes"),
        "Replicate": (DATA, "puts and gets"),
        "Kept": (DATA, "puts and gets"),
        "Fetch": (DATA, "puts and gets"),
        "Fetched": (DATA, "puts and gets"),
        "Forward": (DATA, "puts and gets"),
        "ForwardDated": (DATA, "puts and gets"),
        "Outcome": (DATA, "puts and gets"),
        "Roots": (REPAIR, "Merkle trees"),
        "Exchange": (REPAIR, "Merkle trees"),
    }

    def make(self, seed, network, fanout=None, **switches):
        fanout = fanout or self.fanout
        return Dynamo(**self.parameters, seed=seed, network=network, fanout=fanout, **switches)

    def write(self, key, value, via):
        return "put", {"key": key, "value": value, "via": via}

    def read(self, key, via):
        return "get", {"key": key, "via": via}

    def found(self, operation):
        return operation.siblings

    def has_work(self, system, judge, subject):
        ring = system.gossip.ring(judge)
        return ring is not None and subject in ring.nodes

    def copies(self, system, key):
        return [system.authority.copy(key, name) for name in system.authority.homes(key)]

    def join(self, system):
        system.join(self.newcomer, via=self.nodes[0])

    def before_old_news(self, system):
        system.world.at(2.0, system.leave, self.subject, self.nodes[0])
        system.world.at(20.0, system.join, self.subject, self.nodes[0])

    def old_news(self, system):
        told = [
            event.fields["message"]
            for event in system.trace.filter(kind="send", before=20.0)
            if isinstance(event.fields["message"], Changes)
        ]
        return told[-1]

    def forged_news(self, system):
        liar = self.clients[0]
        return Changes((Change(self.subject, LEAVE, system.world.now, liar),), False)

    def after_forged_news(self, system):
        # an administrator takes a node that answers; churn spares those of the clients
        via = next(name for name in (self.nodes[0], *self.clients) if name in system.world.up)
        system.join(self.subject, via=via)

    def parts(self, message):
        if getattr(message, "hint_for", None) is not None:
            yield REPAIR, "puts that stand-ins keep", message.size_bytes
        else:
            yield from super().parts(message)


class RedisClusterFamily(Family):
    """Three masters with a replica each; the subject is a master, whose replica is in the other half."""

    name, system, fanout, fanout_unit = "Redis Cluster", RedisCluster, 1, "random ping a second"
    parameters: ClassVar = {"masters": 3, "replicas": 1}
    watched = (
        "cluster_stats_messages_fail_received",
        "cluster_stats_messages_auth-ack_received",
        "sync_full",
        "errorstat_MOVED",
        "errorstat_CLUSTERDOWN",
    )
    halves = (("node-1", "node-2", "node-6"), ("node-3", "node-4", "node-5"))
    subject, lied_about, clients = "node-3", "node-6", ("node-1", "node-5")
    good = ("ok",)
    sorts: ClassVar = {
        "Ping": (GOSSIP, "pings and pongs"),
        "Pong": (GOSSIP, "pings and pongs"),
        "Connect": (GOSSIP, "connections"),
        "Fail": (GOSSIP, "FAIL"),
        "AuthRequest": (AUTHORITY, "votes"),
        "AuthAck": (AUTHORITY, "votes"),
        "Update": (REPAIR, "UPDATE"),
        "Psync": (REPAIR, "synchronisation"),
        "FullSync": (REPAIR, "synchronisation"),
        "Refused": (REPAIR, "synchronisation"),
        "Stream": (DATA, "the stream to replicas"),
        "Confirm": (DATA, "the stream to replicas"),
    }

    def make(self, seed, network, fanout=None, **switches):
        fanout = fanout or self.fanout
        return RedisCluster(**self.parameters, seed=seed, network=network, fanout=fanout, **switches)

    def write(self, key, value, via):
        return "set", {"key": key, "value": value, "via": via, "timeout_s": 2.0}

    def read(self, key, via):
        return "get", {"key": key, "via": via, "timeout_s": 2.0}

    def has_work(self, system, judge, subject):
        return bool(system.authority.slots(judge).get(subject))

    def agreed(self, system, names):
        # after a failover the slots are another one's for good: it is enough that all name the same
        return (
            len({repr(sorted(system.authority.slots(judge).items())) for judge in self.judges(system)}) == 1
        )

    def behind(self, system):
        return len(system.repair.divergent()) + len(system.repair.stale())

    def apart(self, system, keys):
        return len(set(keys) & set(system.repair.divergent())) + len(system.repair.stale())

    def join(self, system):
        system.join(self.newcomer, via=self.nodes[0])

    def join_steps(self, at):
        return [(at, "join", {"name": self.newcomer, "via": self.nodes[0]})]

    def before_old_news(self, system):
        # its replica stands for election meanwhile, and is the master when it is back
        system.world.at(2.0, system.crash, self.subject)
        system.world.at(30.0, system.restart, self.subject)

    def old_news(self, system):
        told = [
            event.fields["message"].header
            for event in system.trace.filter(kind="stream-send", before=2.0, node=self.subject)
            if isinstance(event.fields["message"], Ping | Pong)
        ]
        own = system.started(self.clients[0]).header()
        return Update(own, self.subject, told[-1].config_epoch, told[-1].slots)

    def forged_news(self, system):
        # an obituary has no version here: FAIL is believed by whoever gets it (clusterProcessPacket, CLUSTERMSG_TYPE_FAIL)
        return Fail(system.started(self.clients[0]).header(), self.lied_about)


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (ConsulFamily(), CassandraFamily(), DynamoFamily(), RedisClusterFamily())
}
