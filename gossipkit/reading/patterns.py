"""A few patterns that systems make use of again and again, each with the places where it stands: in theirs and in ours.

A pattern has a pressure that it answers, a cost and a way to fail, whatever it is called in a system. Where a system does
without it, the reason says more about that system than the places do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SYSTEMS = ("Consul", "Cassandra", "Dynamo", "Redis Cluster")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a system has a pattern.

    Parameters
    ----------
    called : str
        The system's own word for it.
    repository, file, name : str
        The real source: a repository on GitHub, a file in it, and the function, class or setting to look for.
    ours : str
        The dotted name of our own.
    branch : str
        Where the repository still has it so; by default as it is today.

    Raises
    ------
    ValueError
        For an empty text.
    """

    called: str
    repository: str
    file: str
    name: str
    ours: str
    branch: str = "HEAD"

    def __post_init__(self):
        for field in ("called", "repository", "file", "name", "ours", "branch"):
            _said(field, getattr(self, field))

    @property
    def link(self) -> str:
        """The address of the real file."""
        return f"https://github.com/{self.repository}/blob/{self.branch}/{self.file}"

    def __str__(self) -> str:
        return f"{self.called}: {self.repository} {self.file}, {self.name}; here {self.ours}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Pattern:
    """A pattern, once, and its places, by system.

    Parameters
    ----------
    name : str
    pressure : str
        Why anybody needs it.
    places : mapping of str to Place
        By system, at least two.
    absent : mapping of str to str
        Why the other systems have no such place.
    cost : str
        What it takes.
    fails : str
        When it does not hold.

    Raises
    ------
    ValueError
        For an empty text, a system that is in both mappings, in neither of them or unknown, and for fewer than two places.
    """

    name: str
    pressure: str
    places: Mapping[str, Place]
    absent: Mapping[str, str]
    cost: str
    fails: str

    def __post_init__(self):
        for field in ("name", "pressure", "cost", "fails"):
            _said(field, getattr(self, field))
        for system, reason in self.absent.items():
            _said(f"the reason of {system}", reason)
        if len(self.places) < 2:
            raise ValueError(
                f"places has {len(self.places)} systems: what stands in fewer than two is no pattern"
            )
        if sorted([*self.places, *self.absent]) != sorted(SYSTEMS):
            raise ValueError(
                f"places has {', '.join(self.places)} and absent has {', '.join(self.absent) or 'nobody'}: each of "
                f"{', '.join(SYSTEMS)} must be in one of them"
            )

    def _rows(self) -> list[tuple[str, str]]:
        found = {system: str(place) for system, place in self.places.items()}
        missing = {system: f"none: {reason}" for system, reason in self.absent.items()}
        return [
            ("pressure", self.pressure),
            *((system, (found | missing)[system]) for system in SYSTEMS),
            ("cost", self.cost),
            ("fails", self.fails),
        ]

    def _repr_markdown_(self) -> str:
        def cell(what: str, text: str) -> str:
            place = self.places.get(what)
            if place is None:
                return text
            return f"{place.called}: [{place.file}]({place.link}), `{place.name}`; here `{place.ours}`"

        rows = (f"| {what} | {cell(what, text)} |" for what, text in self._rows())
        return "\n".join([f"| {self.name} | |", "|---|---|", *rows])

    def __repr__(self) -> str:
        return "\n".join([self.name, *(f"{what}: {text}" for what, text in self._rows())])


def _said(field: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"{field} is {text!r}: it must say something")


def overview(patterns: Iterable[Pattern]) -> str:
    """What each system calls each pattern, as a Markdown table; a dash where it has none.

    Raises
    ------
    ValueError
        If there are no patterns.
    """
    patterns = tuple(patterns)
    if not patterns:
        raise ValueError("patterns is empty: name at least one")
    rows = (
        f"| {pattern.name} | "
        + " | ".join(pattern.places[system].called if system in pattern.places else "–" for system in SYSTEMS)
        + " |"
        for pattern in patterns
    )
    return "\n".join([f"| pattern | {' | '.join(SYSTEMS)} |", "|---" * (len(SYSTEMS) + 1) + "|", *rows])


MEMBERLIST, SERF, RAFT = "hashicorp/memberlist", "hashicorp/serf", "hashicorp/raft"
CONSUL, CASSANDRA = "hashicorp/consul", "apache/cassandra"
RIAK_CORE, RIAK_KV, REDIS = "basho/riak_core", "basho/riak_kv", "redis/redis"
JAVA = "src/java/org/apache/cassandra"
REDIS_BRANCH = "7.0"  # the version that is modelled; later ones have parted the file

PATTERNS = (
    Pattern(
        name="owner's version",
        pressure="news overtakes news, and who receives a claim must see by itself which of two is newer",
        places={
            "Consul": Place(
                called="incarnation of a member",
                repository=MEMBERLIST,
                file="state.go",
                name="nextIncarnation",
                ours="gossipkit.gossip.swim.membership.Membership.apply",
            ),
            "Cassandra": Place(
                called="generation and version of an endpoint",
                repository=CASSANDRA,
                file=f"{JAVA}/gms/HeartBeatState.java",
                name="updateHeartBeat",
                ours="gossipkit.gossip.scuttlebutt.states.HeartBeatState",
            ),
            "Dynamo": Place(
                called="a node's counter in a vector clock",
                repository=RIAK_CORE,
                file="src/vclock.erl",
                name="increment",
                ours="gossipkit.authority.versions.VectorClock.increment",
            ),
            "Redis Cluster": Place(
                called="configEpoch of a master's claim to slots",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clusterUpdateSlotsConfigWith",
                ours="gossipkit.authority.slots.SlotTable.claim",
            ),
        },
        absent={},
        cost="a number beside each claim, and only its owner may raise it",
        fails="whoever forges the owner's highest number silences it, and an owner that loses its number with its disk says "
        "new things that look old",
    ),
    Pattern(
        name="soft state with a hard log",
        pressure="everybody must know soon, and a few things must be known to all in the same order",
        places={
            "Consul": Place(
                called="serf's event, and the catalog in Raft",
                repository=CONSUL,
                file="agent/consul/leader_registrator_v1.go",
                name="HandleFailedMember",
                ours="gossipkit.systems.consul.reconciliation.Reconciliation.one",
            ),
            "Cassandra": Place(
                called="gossip for liveness, epochs for ownership (6.0)",
                repository=CASSANDRA,
                file=f"{JAVA}/tcm/ClusterMetadataService.java",
                name="commit",
                ours="gossipkit.authority.log.LogNode.commit",
            ),
        },
        absent={
            "Dynamo": "the history of joins and leaves is gossip itself, and an administrator's word is the only order that it has",
            "Redis Cluster": "what was decided is an epoch, kept by each node in its own nodes.conf: the highest one counts, and no log says how it came to it",
        },
        cost="a majority answers before anything is written, and those few nodes limit how much can be",
        fails="without a majority nothing is written and gossip goes on, so that what all know and what is written drift apart",
    ),
    Pattern(
        name="trigger and vote",
        pressure="somebody must act soon when a leader is silent, and not two at once",
        places={
            "Consul": Place(
                called="a follower's election timeout, and votes for a term",
                repository=RAFT,
                file="raft.go",
                name="requestVote",
                ours="gossipkit.authority.raft.RaftNode",
            ),
            "Redis Cluster": Place(
                called="FAIL, and the masters' votes for a replica",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clusterHandleSlaveFailover",
                ours="gossipkit.authority.epochs.Candidacy.step",
            ),
        },
        absent={
            "Cassandra": "a conviction changes whom a coordinator asks and for whom it keeps hints, and none of that takes a vote",
            "Dynamo": "an outage is no departure: nothing is decided when a node is missed, and stand-ins need nobody's leave",
        },
        cost="two waits, one to notice and one to be elected, and voters that must be reached",
        fails="without a majority of voters it is triggered again and again in vain, and a nervous trigger costs an election each time",
    ),
    Pattern(
        name="digest and delta",
        pressure="two that compare mostly know the same, and to send all of it each time costs more than what is new",
        places={
            "Cassandra": Place(
                called="SYN with digests, ACK with what is newer",
                repository=CASSANDRA,
                file=f"{JAVA}/gms/Gossiper.java",
                name="examineGossiper",
                ours="gossipkit.gossip.scuttlebutt.rules.compare",
            ),
            "Dynamo": Place(
                called="Merkle tree, and the keys under what differs",
                repository=RIAK_CORE,
                file="src/hashtree.erl",
                name="compare",
                ours="gossipkit.repair.merkle.MerkleTree.difference",
            ),
            "Redis Cluster": Place(
                called="PSYNC: an offset, and the stream from there on",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/replication.c",
                name="masterTryPartialResynchronization",
                ours="gossipkit.systems.redis_cluster.replication.Replication.psync",
            ),
        },
        absent={
            "Consul": "push/pull sends a row for each member both ways, and an agent reads all that the catalog has of its node"
        },
        cost="another turn of messages before anything is repaired, and summaries that must be kept up to date",
        fails="a digest coarser than the data sends too much, and what no digest names is never asked for",
    ),
    Pattern(
        name="local suspicion against voted failure",
        pressure="silence may be the other's death, the network's fault or one's own slowness, and nobody can tell alone",
        places={
            "Consul": Place(
                called="suspicion, shorter with each confirmation",
                repository=MEMBERLIST,
                file="suspicion.go",
                name="Confirm",
                ours="gossipkit.gossip.swim.suspicion.Suspicion.confirm",
            ),
            "Cassandra": Place(
                called="phi: each node convicts for itself",
                repository=CASSANDRA,
                file=f"{JAVA}/gms/FailureDetector.java",
                name="interpret",
                ours="gossipkit.gossip.scuttlebutt.detector.FailureDetector.convicted",
            ),
            "Dynamo": Place(
                called="down for me, because it does not answer me",
                repository=RIAK_CORE,
                file="src/riak_core_node_watcher.erl",
                name="nodes",
                ours="gossipkit.gossip.local_detection.LocalDetector.belief",
            ),
            "Redis Cluster": Place(
                called="PFAIL of one, FAIL of a majority of masters",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="markNodeAsFailingIfNeeded",
                ours="gossipkit.gossip.cluster_bus.ClusterBus.reports",
            ),
        },
        absent={},
        cost="local verdicts differ between nodes for a while; votes need messages, time and a majority that answers",
        fails="a local verdict that others act on spreads one node's bad link, and a voted one never comes without a majority",
    ),
    Pattern(
        name="hint",
        pressure="a write should succeed while one of its homes is away, and the home should not stay without it",
        places={
            "Cassandra": Place(
                called="hint at the coordinator",
                repository=CASSANDRA,
                file=f"{JAVA}/hints/HintsService.java",
                name="write",
                ours="gossipkit.systems.cassandra.hinting.Hints.keep",
            ),
            "Dynamo": Place(
                called="hinted handoff by a stand-in",
                repository=RIAK_CORE,
                file="src/riak_core_vnode.erl",
                name="should_handoff",
                ours="gossipkit.systems.dynamo.handoff.Handoff.keep",
            ),
        },
        absent={
            "Consul": "nobody keeps a write for an agent: it keeps its own services, and compares them with the catalog",
            "Redis Cluster": "nobody but the master keeps a write for a replica: it keeps its stream for a while, and who asks later takes everything",
        },
        cost="disk and a backlog at those that are up, sent all at once when the other one is back",
        fails="who holds the only hint may be lost itself, and an outage longer than the window leaves holes that nobody knows of",
    ),
    Pattern(
        name="compare and mend",
        pressure="any message can be lost, and who missed it does not know that there was one",
        places={
            "Consul": Place(
                called="anti-entropy of an agent with the catalog",
                repository=CONSUL,
                file="agent/local/state.go",
                name="updateSyncState",
                ours="gossipkit.repair.anti_entropy.difference",
            ),
            "Cassandra": Place(
                called="nodetool repair",
                repository=CASSANDRA,
                file=f"{JAVA}/utils/MerkleTrees.java",
                name="difference",
                ours="gossipkit.systems.cassandra.anti_entropy.AntiEntropy",
            ),
            "Dynamo": Place(
                called="active anti-entropy",
                repository=RIAK_KV,
                file="src/riak_kv_exchange_fsm.erl",
                name="key_exchange",
                ours="gossipkit.systems.dynamo.anti_entropy.AntiEntropy.exchange",
            ),
            "Redis Cluster": Place(
                called="UPDATE to who claims slots that are another one's",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clusterSendUpdate",
                ours="gossipkit.authority.slots.SlotTable.newer_owner",
            ),
        },
        absent={},
        cost="it is paid for also when nothing differs, and it grows with what is compared",
        fails="it makes equal and does not know what is right: without a version or a tombstone it brings back what was deleted",
    ),
    Pattern(
        name="tombstone and grace",
        pressure="what is absent here looks like what is missing here, so a deletion must be something that can be told",
        places={
            "Consul": Place(
                called="members that left, listed for a day",
                repository=SERF,
                file="serf/serf.go",
                name="reap",
                ours="gossipkit.gossip.swim.serf.Serf.reap",
            ),
            "Cassandra": Place(
                called="tombstone, gc_grace_seconds",
                repository=CASSANDRA,
                file=f"{JAVA}/db/compaction/CompactionController.java",
                name="getPurgeEvaluator",
                ours="gossipkit.repair.tombstones.purge",
            ),
        },
        absent={
            "Dynamo": "the paper's store has get and put alone, and an application writes its own marks; Riak, which has deletes, "
            "keeps a tombstone for 3 s (delete_mode)",
            "Redis Cluster": "a deletion is one more command of the master's stream, and a replica that missed it and asks too late takes everything anew",
        },
        cost="deleted things take room, and slow reads down, until their grace is over",
        fails="who was away for longer than the grace still has the thing, and the next comparison takes it for news",
    ),
    Pattern(
        name="quarantine",
        pressure="old news of who has gone is still on its way when everybody has just forgotten it",
        places={
            "Consul": Place(
                called="DeadNodeReclaimTime: a dead member's name is kept for it",
                repository=MEMBERLIST,
                file="state.go",
                name="aliveNode",
                ours="gossipkit.gossip.swim.membership.Membership.apply",
            ),
            "Cassandra": Place(
                called="quarantine of an endpoint, twice RING_DELAY",
                repository=CASSANDRA,
                file=f"{JAVA}/gms/Gossiper.java",
                name="quarantineEndpoint",
                ours="gossipkit.gossip.scuttlebutt.gossiper.Gossiper",
            ),
            "Redis Cluster": Place(
                called="a master that was cut off waits before it serves again",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clusterUpdateState",
                ours="gossipkit.systems.redis_cluster.node.Node",
            ),
        },
        absent={
            "Dynamo": "nothing is forgotten: the history keeps each leave, so that an old join is older than it"
        },
        cost="for that long the name cannot be used again, also by who has a right to it",
        fails="news that is longer on its way than the quarantine lasts brings the dead back",
    ),
    Pattern(
        name="refutation",
        pressure="who is slow or cut off is accused wrongly, and nobody knows better than itself",
        places={
            "Consul": Place(
                called="alive with a higher incarnation",
                repository=MEMBERLIST,
                file="state.go",
                name="refute",
                ours="gossipkit.gossip.swim.membership.Membership.apply",
            ),
            "Cassandra": Place(
                called="the next heartbeat",
                repository=CASSANDRA,
                file=f"{JAVA}/gms/FailureDetector.java",
                name="report",
                ours="gossipkit.gossip.scuttlebutt.detector.FailureDetector.report",
            ),
            "Redis Cluster": Place(
                called="a pong, which clears PFAIL",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clearNodeFailureIfNeeded",
                ours="gossipkit.gossip.cluster_bus.ClusterBus.pong",
            ),
        },
        absent={
            "Dynamo": "nobody accuses a node before others: who gets an answer from it again takes it for up again"
        },
        cost="an accusation must reach the accused and its answer everybody, before a timeout ends",
        fails="who is slower than the timeout is buried while it lives, and a liar can accuse faster than the other refutes",
    ),
    Pattern(
        name="fencing by epoch",
        pressure="who was replaced while it was away does not know it, and goes on deciding",
        places={
            "Consul": Place(
                called="Raft's term",
                repository=RAFT,
                file="raft.go",
                name="requestVote",
                ours="gossipkit.authority.raft.RaftNode",
            ),
            "Cassandra": Place(
                called="epoch of a request, refused if it is behind (6.0)",
                repository=CASSANDRA,
                file=f"{JAVA}/exceptions/CoordinatorBehindException.java",
                name="CoordinatorBehindException",
                ours="gossipkit.authority.log.LogNode.judge",
            ),
            "Redis Cluster": Place(
                called="currentEpoch of a vote",
                repository=REDIS,
                branch=REDIS_BRANCH,
                file="src/cluster.c",
                name="clusterSendFailoverAuthIfNeeded",
                ours="gossipkit.authority.epochs.Voter.vote",
            ),
        },
        absent={
            "Dynamo": "nobody is replaced: both sides of a partition take writes, and versions are merged afterwards"
        },
        cost="every request carries the number, and somebody who decides must hand the numbers out",
        fails="whoever does not check the number is not fenced, and a write that was acknowledged before the fence may be lost",
    ),
)
"""The patterns, in the order in which a reader meets them."""
