"""The same lies against what decides: a catalog, a lock, quorum reads, votes.

Six nodes each, as in `gossipkit.systems.comparison`; two clients write a key each second and read it through the other's node
three seconds later. At `LIE_S` one member begins to lie about another one, the *accused*, that is well. It holds what a member holds:
the gossip key, a connection to everybody, and no token.

==============  =====================  ==============================  =======================  ===============================
attack          Consul                 Cassandra                       Redis Cluster            source of the rule
==============  =====================  ==============================  =======================  ===============================
``ACCUSE``      suspect, to all        –: no message accuses anybody   PFAIL in the section of  memberlist state.go;
                                                                       a master's pings         clusterProcessGossipSection
``DEATH``       dead, to all, twice a  a state of the next             FAIL, to all, and a      state.go deadNode; Gossiper.java
                second for 10 s        generation, which its own       vote for the accused's   applyStateLocally;
                                       heartbeats no longer reach      replica                  clusterProcessPacket
``OWNERSHIP``   a command without a    a state of the next             all slots, with a        acl.go; assassinateEndpoint;
                token                  generation that has left        configEpoch of 10⁹       clusterUpdateSlotsConfigWith
``STALE``       a leader that reads    a replica that says that it     a master that does       –
                nothing                has nothing
``VALUE``       a leader that reads    a replica with a value of       a master that does       Cells.java (resolveRegular)
                what it likes          tomorrow
``CRASH``       the accused does crash: the control of what the system does for a true death
==============  =====================  ==============================  =======================  ===============================

Who answers reads wrongly is one of those who decide or keep data; the other liars needn't be. Cassandra's two accused are
enough to leave some keys one replica of three. A Cassandra coordinator that lies can answer what it likes: a quorum protects from
replicas, not from the node that the client asks.

A FAIL of Redis needs no majority of reports to be believed: whoever receives it from a node that it knows takes the accused for
failed. Then honest masters vote for its replica. Of three masters the accused itself votes against, so the liar's vote is
needed; if he keeps it, nobody takes the slots over, and they are refused for more than two node timeouts. Of five masters the
honest ones are a majority without him.

Three locks are kept in Consul's log: one whose session ends with ``serfHealth`` and that is given away at once; one that is given
away after the lock delay of 15 s, which is the product's default; and one whose session is tied to no check. Their holder looks
each five seconds whether its session still is, so in the second case it notices in time; a holder that stood still for longer
would not. Another client tries to get the lock each second.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isnan, nan
from statistics import median
from typing import Any, ClassVar

from ...authority import AccessList, Policy, Rule
from ...authority.slots import SLOTS
from ...gossip.cluster_bus import Belief, Entry
from ...gossip.scuttlebutt import EndpointState, HeartBeatState
from ...gossip.scuttlebutt.messages import Ack2
from ...gossip.scuttlebutt.rules import last_words
from ...gossip.swim.messages import Dead, Suspect
from ...repair.tombstones import Cell
from ...sim import Network, Word
from ...sim.checks import one_of
from ..cassandra import Cassandra
from ..comparison.families import SERVICE, CassandraFamily, ConsulFamily, Family, RedisClusterFamily
from ..consul import Acquire, Consul, CreateSession, PutKey, Request, SetHealth
from ..consul.messages import LOCK_DELAY_S
from ..operation import Operation
from ..redis_cluster.messages import Fail, Ping
from ..simulated import Simulated

BEGIN_S, LIE_S, LAST_S, HONEST_S, END_S = 10, 25.4, 75, 79.0, 85.0
"""Clients write from the first of these seconds to `LAST_S`; from `HONEST_S` on reads are answered as they should be; at `END_S`
everything that was accepted is read once more."""
LATER_S, LOOK_S = 3, 0.25
"""A key is read so long after it was written; so often one looks at beliefs and decisions."""
LOOKS_S = 5
"""Between two looks of a lock's holder."""
AGAIN_S, LIES_FOR_S = 0.5, 10.0
"""What has to be repeated is said so often, and for so long."""
FORGED = "forged"
TOMORROW_S = 86_400.0
HIGH_EPOCH = 10**9


class Attack(Word):
    """What the liar does."""

    NOTHING = "nothing"
    CRASH = "no lie: the accused crashes"
    ACCUSE = "accuses somebody"
    DEATH = "forges a death"
    OWNERSHIP = "forges who owns what"
    STALE = "answers reads with nothing"
    VALUE = "answers reads with a forged value"


@dataclass(frozen=True)
class Damage:
    """What one attack has done. Times are in seconds from the first lie on.

    Attributes
    ----------
    system : str
    attack : Attack
    worst_pairs : int
        At most so many pairs of running nodes had one that was wrong about the other; the liar's own opinions don't count.
    wrong_pair_s : float
        The same, summed over time.
    lost_s : float
        For so long somebody who decides had taken the accused's work away: a service out of the answers, ranges out of the
        ring, slots given to another node, a lock to another holder.
    two_holders_s : float
        For so long two clients held one lock to be theirs.
    unavailable : int
        Operations that were not accepted, after the first lie.
    wrong_reads : int
        Reads that did not find what had been accepted: an older value, none, or a forged one.
    forged_reads : int
        Those of them that found the forged one.
    lost : int
        Accepted writes that a read at the end does not find, when nobody lies any more.
    operations : int
        All that clients asked after the first lie.
    bytes : int
        What all nodes have sent after the first lie.
    seed : int
    """

    system: str
    attack: Attack
    worst_pairs: int
    wrong_pair_s: float
    lost_s: float
    two_holders_s: float
    unavailable: int
    wrong_reads: int
    forged_reads: int
    lost: int
    operations: int
    bytes: int
    seed: int

    @property
    def decided(self) -> str:
        """What became of the decision, in words; empty: nothing."""
        said = []
        if self.two_holders_s:
            said.append(f"two holders for {self.two_holders_s:.1f} s")
        elif self.lost_s:
            said.append(f"its work is lost for {self.lost_s:.1f} s")
        if self.unavailable:
            said.append(f"{self.unavailable} of {self.operations} refused")
        if self.wrong_reads:
            forged = f", {self.forged_reads} forged" if self.forged_reads else ""
            said.append(f"{self.wrong_reads} wrong reads{forged}")
        if self.lost:
            said.append(f"{self.lost} accepted writes lost")
        return "; ".join(said)

    def __repr__(self) -> str:
        return (
            f"<Damage to {self.system}, liar {self.attack}: {self.wrong_pair_s:.0f} pair seconds of wrong beliefs; "
            f"{self.decided or 'no decision is wrong'}>"
        )


class Decider:
    """One system with what decides in it. Subclasses say how it is made and how each lie is told there.

    Attributes
    ----------
    name : str
    family : Family
    liar : str
    accused : tuple of str
    attacks : mapping of Attack to callable
        By attack, what tells it, called with the cluster at `LIE_S`; those that there are in this system.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    liar: ClassVar[str] = "node-4"
    clients: ClassVar[tuple[str, str]] = ("node-2", "node-5")
    accused: ClassVar[tuple[str, ...]] = ("node-3",)

    def __init__(self, attack: Attack):
        self.attack = attack
        self.attacks: dict[Attack, Callable[[Any], None]] = {
            Attack.NOTHING: lambda system: None,
            Attack.CRASH: lambda system: [system.crash(name) for name in self.accused],
        }

    def make(self, seed: int) -> Simulated:
        """A cluster that has not begun."""
        return self.family.make(seed, Network(), trace="events")

    def before(self, system: Any) -> None:
        """What is set up before the clients begin."""

    def write(self, key: str, via: str) -> tuple[str, dict[str, Any]]:
        """What a client asks who writes a key, its value being its name."""
        return self.family.write(key, key, via)

    def read(self, key: str, via: str) -> tuple[str, dict[str, Any]]:
        """The same of one who reads it."""
        return self.family.read(key, via)

    def taken_away(self, system: Any) -> bool:
        """Whether one of those who say what a node's work is has taken an accused one's."""
        judges = self.family.judges(system)
        return any(not self.family.has_work(system, judge, name) for judge in judges for name in self.accused)

    def two_holders_s(self) -> float:
        """See `Damage`; of a lock only."""
        return 0.0

    def _tell(self, system: Any, news: Callable[[str], Any]) -> None:
        """Have the liar send something about each accused to all others; it speaks to nobody about himself."""
        env = system.started(self.liar).env
        for about in self.accused:
            told = news(about)
            for name in system.world.up:
                if name not in (self.liar, about):
                    env.send(name, told)

    def _repeat(self, system: Any, tell: Callable[[Any], None]) -> None:
        for number in range(int(LIES_FOR_S / AGAIN_S)):
            system.world.at(LIE_S + number * AGAIN_S, tell, system)


class ConsulCatalog(Decider):
    """Consul's catalog and keys, with ACLs: agents have a token, the operator's is the clients'."""

    name, family = "Consul's catalog", ConsulFamily()
    liar, accused = "agent-2", ("agent-1",)
    clients: ClassVar = ("server-1", "agent-3")

    def __init__(self, attack):
        super().__init__(attack)
        self.attacks |= {
            Attack.ACCUSE: lambda system: self._repeat(system, self._suspects),
            Attack.DEATH: lambda system: self._repeat(system, self._buries),
            Attack.OWNERSHIP: lambda system: self._repeat(system, self._commands),
            Attack.STALE: lambda system: self._reads(system, (None, 0)),
            Attack.VALUE: lambda system: self._reads(system, (FORGED, 1)),
        }

    def make(self, seed):
        rules = {
            "agents": (Rule("node", "write", prefix=True), Rule("service", "write", prefix=True)),
            "operator": (
                Rule("key", "write", prefix=True),
                Rule("session", "write", prefix=True),
                Rule("node", "write", prefix=True),
            ),
        }
        access = AccessList({name: [Policy(name, said)] for name, said in rules.items()})
        system = Consul(
            **self.family.parameters,
            seed=seed,
            gossip_key=b"k" * 32,
            access=access,
            token="agents",
            trace="events",
        )
        system.register(self.accused[0], SERVICE)
        return system

    def write(self, key, via):
        action, asked = super().write(key, via)
        return action, asked | {"token": "operator"}

    def read(self, key, via):
        action, asked = super().read(key, via)
        return action, asked | {"token": "operator"}

    def _suspects(self, system):
        self._gossip(system, Suspect)

    def _buries(self, system):
        self._gossip(system, Dead)

    def _gossip(self, system, claim):
        liar = system.started(self.liar)
        incarnation = liar.swim.members[self.accused[0]].incarnation
        for name in system.world.up:
            if name not in (self.liar, self.accused[0]):
                liar._lan.send(name, claim(incarnation, self.accused[0], self.liar))

    def _commands(self, system):
        system.ask("command", "lie", Request(self._command()), self.liar, AGAIN_S)

    def _command(self):
        return SetHealth(self.accused[0], "critical")

    def _reads(self, system, answer):
        machine = system.authority.catalog()
        honest = machine.read
        machine.read = lambda request: answer if request.what[0] == "key" else honest(request)
        system.world.at(HONEST_S, delattr, machine, "read")


class TiedLock(ConsulCatalog):
    """A lock in Consul's log, whose session ends when gossip's word says that its node is dead, without a lock delay."""

    name = "a lock tied to gossip"
    health, lock_delay_s = True, 0.0
    KEY: ClassVar = "lock"

    def __init__(self, attack):
        super().__init__(attack)
        for attack in (Attack.STALE, Attack.VALUE):
            del self.attacks[attack]
        self._holder, self._contender = self.accused[0], "agent-3"
        self._gained_s = self._noticed_s = nan

    def before(self, system):
        world, (holder, contender) = system.world, (self._holder, self._contender)
        for name in (holder, contender):
            world.at(BEGIN_S - 2, self._ask, system, name, self._session(name))
        world.at(BEGIN_S - 1, self._ask, system, holder, Acquire(self.KEY, holder, f"of-{holder}"))
        for second in range(BEGIN_S, int(END_S)):
            world.at(second, self._try, system)
            if (second + 1) % LOOKS_S == 0:
                world.at(second + 0.7, self._look, system)

    def _session(self, name):
        return CreateSession(name, f"of-{name}", self.health, self.lock_delay_s)

    def _ask(self, system, via, what):
        return system.ask("command", "lock", Request(what, "operator"), via, 2.0)

    def _try(self, system):
        if isnan(self._gained_s):
            asked = self._ask(
                system, self._contender, Acquire(self.KEY, self._contender, f"of-{self._contender}")
            )
            asked.finished = lambda done: self._gained(system, done)

    def _gained(self, system, asked):
        if asked.value is True and isnan(self._gained_s):
            self._gained_s = system.world.now

    def _look(self, system):
        if self._holder in system.world.up and isnan(self._noticed_s):
            request = Request(("session", f"of-{self._holder}"), "operator")
            asked = system.ask("read", "lock", request, self._holder, 2.0)
            asked.finished = lambda done: self._looked(system, done)

    def _looked(self, system, asked):
        if asked.ok and asked.value is None and isnan(self._noticed_s):
            self._noticed_s = system.world.now

    def taken_away(self, system):
        return system.world.now >= self._gained_s

    def two_holders_s(self):
        # one that has crashed holds nothing
        if isnan(self._gained_s) or self.attack is Attack.CRASH:
            return 0.0
        noticed_s = END_S if isnan(self._noticed_s) else self._noticed_s
        return max(0.0, noticed_s - self._gained_s)

    def _command(self):
        return PutKey(self.KEY, self.liar)


class DelayedLock(TiedLock):
    """The same with Consul's default: nobody gets it for 15 s."""

    name, lock_delay_s = "a lock with a delay", LOCK_DELAY_S


class FreeLock(TiedLock):
    """The same with a session that no check ends."""

    name, health = "a lock tied to nothing", False


class CassandraReads(Decider):
    """Reads and writes at QUORUM, three replicas; who owns which tokens is gossiped."""

    name, family = "Cassandra's quorum reads", CassandraFamily()
    accused = ("node-1", "node-6")
    membership: ClassVar = "gossip"

    def __init__(self, attack):
        super().__init__(attack)
        self.attacks |= {
            Attack.DEATH: lambda system: self._tell(system, lambda name: self._next_life(system, name)),
            Attack.OWNERSHIP: lambda system: self._tell(system, lambda name: self._farewell(system, name)),
            Attack.STALE: lambda system: self._reads(system, lambda now: None),
            Attack.VALUE: lambda system: self._reads(system, lambda now: Cell(FORGED, now + TOMORROW_S)),
        }

    def make(self, seed):
        return Cassandra(**self.family.parameters, seed=seed, membership=self.membership, trace="events")

    def write(self, key, via):
        action, asked = super().write(key, via)
        return action, asked | {"consistency": "QUORUM"}

    def read(self, key, via):
        action, asked = super().read(key, via)
        return action, asked | {"consistency": "QUORUM"}

    def _known(self, system, name):
        return system.started(self.liar).gossiper.endpoints[name].state

    def _next_life(self, system, name):
        known = self._known(system, name)
        # the generation is the seconds of a node's clock at its start: the true node's heartbeats are old news from now on
        heartbeat = HeartBeatState(known.heartbeat.generation + 1000, 1)
        return Ack2(((name, EndpointState(heartbeat, dict(known.applications))),))

    def _farewell(self, system, name):
        return Ack2(((name, last_words(self._known(system, name), system.world.now, 1)),))

    def _reads(self, system, cell):
        storage = system.started(self.liar).storage
        storage.read = lambda key, now: cell(now)
        system.world.at(HONEST_S, delattr, storage, "read")


class CassandraLog(CassandraReads):
    """The same where tokens are in a committed log."""

    name, membership = "Cassandra, tokens in a log", "log"


class RedisVotes(Decider):
    """Three masters with a replica each; gossip's word begins a failover, votes decide it, the highest epoch owns a slot."""

    name, family = "Redis Cluster's votes", RedisClusterFamily()
    liar, clients = "node-2", ("node-1", "node-5")

    def __init__(self, attack):
        super().__init__(attack)
        self.attacks |= {
            Attack.ACCUSE: lambda system: self._repeat(system, self._doubts),
            Attack.DEATH: self._buries,
            Attack.OWNERSHIP: self._takes_all,
            Attack.STALE: lambda system: self._reads(system, None),
            Attack.VALUE: lambda system: self._reads(system, (FORGED, 0)),
        }

    def _buries(self, system):
        node = system.started(self.liar)
        self._tell(system, lambda name: Fail(node.header(), name))
        for name in self.accused:  # and it votes accordingly
            node.bus.failed(node.bus.peers[name], system.world.now)

    def _doubts(self, system):
        node = system.started(self.liar)
        now = int(system.world.now)
        self._tell(system, lambda name: Ping(node.header(), (Entry(name, Belief.PFAIL, now),), 0, False))

    def _takes_all(self, system):
        node = system.started(self.liar)
        node.epochs[self.liar] = HIGH_EPOCH
        node.slots.claim(self.liar, ((0, SLOTS - 1),), HIGH_EPOCH, node.epochs)
        node.changed()  # its next pings say so

    def _reads(self, system, held):
        replication = system.started(self.liar).replication
        replication.data = _Answering(replication.data, held)
        system.world.at(HONEST_S, replication.data.stop)


class _Answering(dict):
    """A master's keys that answers each read with one thing."""

    def __init__(self, data, held):
        super().__init__(data)
        self._held, self._honest = held, False

    def get(self, key, default=None):
        return super().get(key, default) if self._honest else self._held

    def stop(self) -> None:
        self._honest = True


DECIDERS: dict[str, type[Decider]] = {
    decider.name: decider
    for decider in (ConsulCatalog, TiedLock, DelayedLock, FreeLock, CassandraReads, CassandraLog, RedisVotes)
}


def one_liar(system: str, attack: Attack, seed: int = 1) -> Damage:
    """Let one member lie to a cluster, and see what becomes of beliefs and decisions.

    Parameters
    ----------
    system : str
        One of `DECIDERS`.
    attack : Attack
        Not each system has each, see `attacks`.
    seed : int

    Raises
    ------
    ValueError
        For another system, or an attack that it hasn't.
    """
    one_of("system", system, tuple(DECIDERS))
    decider = DECIDERS[system](attack)
    if attack not in decider.attacks:
        raise ValueError(
            f"attack is {attack!r}: against {system} it must be one of {', '.join(decider.attacks)}"
        )
    cluster = decider.make(seed)
    world = cluster.world
    decider.before(cluster)
    asked = _clients(decider, cluster)
    world.at(LIE_S, decider.attacks[attack], cluster)
    cluster.run(until=LIE_S - 1e-6)
    before = _sent(cluster)
    worst, wrong_s, lost_s = 0, 0.0, 0.0
    while world.now < END_S:
        cluster.run(until=min(END_S, world.now + LOOK_S))
        wrong = sum(observer != decider.liar for observer, _, _ in cluster.gossip.disagreement())
        worst, wrong_s = max(worst, wrong), wrong_s + wrong * LOOK_S
        lost_s += LOOK_S * decider.taken_away(cluster)
    accepted = {each.key: each for each, reads in asked if not reads and decider.family.accepted(each)}
    after = [(each, reads) for each, reads in asked if each.started_s >= LIE_S]
    reads = [each for each, reads in after if reads and each.ok and each.key in accepted]
    wrong = [each for each in reads if each.key not in decider.family.found(each)]
    sent = _sent(cluster) - before
    last = _ask_all(decider, cluster, accepted)
    return Damage(
        system,
        attack,
        worst,
        wrong_s,
        lost_s,
        decider.two_holders_s(),
        sum(not (each.ok if reads else decider.family.accepted(each)) for each, reads in after),
        len(wrong),
        sum(FORGED in decider.family.found(each) for each in wrong),
        sum(each.ok and each.key not in decider.family.found(each) for each in last),
        len(after),
        sent,
        seed,
    )


def attacks(system: str) -> tuple[Attack, ...]:
    """Those that there are against a system.

    Raises
    ------
    ValueError
        For another system.
    """
    one_of("system", system, tuple(DECIDERS))
    return tuple(attack for attack in Attack if attack in DECIDERS[system](Attack.NOTHING).attacks)


def _clients(decider: Decider, cluster: Simulated) -> list[tuple[Operation, bool]]:
    """Have the clients write and read; what they ask, and whether it is a read."""
    asked: list[tuple[Operation, bool]] = []
    clients = decider.clients

    def ask(what: Callable[..., Any], key: str, via: str, reads: bool) -> None:
        action, arguments = what(key, via)
        asked.append((getattr(cluster, action)(**arguments), reads))

    for second in range(BEGIN_S, LAST_S):
        key = f"key-{second}"
        writer, reader = clients if second % 2 else clients[::-1]
        cluster.world.at(second, ask, decider.write, key, writer, False)
        cluster.world.at(second + LATER_S, ask, decider.read, key, reader, True)
    return asked


def _ask_all(decider: Decider, cluster: Simulated, keys: Iterable[str]) -> list[Operation]:
    reads = []
    for key in keys:
        action, arguments = decider.read(key, decider.clients[0])
        reads.append(getattr(cluster, action)(**arguments))
    cluster.run(until=END_S + 3.0)
    return reads


def _sent(cluster: Simulated) -> int:
    metrics = cluster.metrics
    kinds = (
        "datagram.sent.bytes",
        "stream.sent.bytes",
    )  # a cluster that has no streams has no metric of them
    return int(sum(metrics.value(name) for name in kinds if name in metrics.names))


def deciders(
    systems: Iterable[str] = tuple(DECIDERS), seeds: Iterable[int] = (1, 2, 3)
) -> dict[tuple[str, Attack], list[Damage]]:
    """`one_liar` for each system and each attack that there is against it, once for each seed."""
    seeds = tuple(seeds)
    return {
        (system, attack): [one_liar(system, attack, seed) for seed in seeds]
        for system in systems
        for attack in attacks(system)
    }


def deciders_table(runs: Mapping[tuple[str, Attack], list[Damage]]) -> str:
    """Medians over the runs, as a Markdown table with a row for each system and attack.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")

    def row(system: str, attack: Attack, of: list[Damage]) -> str:
        def middle(name: str, digits: int = 0) -> str:
            return f"{median(getattr(each, name) for each in of):.{digits}f}"

        cells = [
            middle("worst_pairs"),
            middle("wrong_pair_s"),
            middle("lost_s", 1),
            middle("two_holders_s", 1),
            middle("unavailable"),
            middle("wrong_reads"),
            middle("forged_reads"),
            middle("lost"),
            f"{median(each.bytes for each in of) / 1000:.0f}",
        ]
        return f"| {system} | {attack} | {' | '.join(cells)} |"

    heads = (
        "system",
        "the liar",
        "wrong pairs, most",
        "pair seconds",
        "work taken away, s",
        "two holders, s",
        "refused",
        "wrong reads",
        "forged",
        "accepted and lost",
        "kB sent",
    )
    return "\n".join(
        [
            f"| {' | '.join(heads)} |",
            "|---" * len(heads) + "|",
            *(row(system, attack, of) for (system, attack), of in runs.items()),
        ]
    )
