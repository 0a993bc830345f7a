"""Cassandra, read."""

from itertools import islice

from ..sim import Scenario
from ..systems import Cassandra
from ..systems.placement import position
from .evidence import Claim
from .loop import Answer, Reading

CASSANDRA = Reading(
    system="Cassandra",
    pressure=Answer(
        "every node coordinates requests, so every node must know all others, their tokens and whether they are up; a "
        "registry would be one more system to run, and a database of equals has no place for it",
        ("Cassandra documentation: Dynamo", "Lakshman, Malik, Cassandra, 2009, section 5.3"),
    ),
    job=Answer(
        "endpoint state: a heartbeat (generation, version) and versioned application states of each node (status, tokens, "
        "schema version, load, data centre and rack), exchanged by digests once a second. No row, and no verdict that another "
        "node is down: each node convicts by itself, from how long it has heard nothing; who is shut down in order says so "
        "of itself",
        ("gms/Gossiper.java", "gms/EndpointState.java", "gms/FailureDetector.java"),
    ),
    authority=Answer(
        "for a row, the replicas that the consistency level asks for, and the cell with the latest timestamp; for a node's "
        "state, that node itself by generation and version, unless an operator has another node forge it (assassinate). Tokens "
        "are believed from gossip; with 6.0 membership, schema and placement become epochs of a log that a majority of the "
        "CMS commits",
        ("db/ConsistencyLevel.java", "db/rows/Cells.java", "tcm/TransactionalClusterMetadata.md"),
    ),
    repair=Answer(
        "for a missed write: hints for up to 3 h of downtime, read repair of what is read, and nodetool repair, which compares "
        "Merkle trees; the last one must reach all replicas within gc_grace_seconds (10 days), or deleted rows may return. For "
        "gossip itself: digests, seeds and the unreachable are asked again and again",
        (
            "hints/HintsService.java",
            "service/reads/repair/BlockingPartitionRepair.java",
            "repair/RepairJob.java",
        ),
    ),
    trust=Answer(
        "nodes are believed about themselves and about others: no signature, and a guard only against generations a year ahead; "
        "it survives crashes, loss and partitions. Clocks are trusted for timestamps: a slow clock loses its own writes "
        "silently, a fast one those of others",
        ("gms/Gossiper.java, MAX_GENERATION_DIFFERENCE", "Cassandra documentation: Dynamo, last write wins"),
    ),
    metrics=Answer(
        "nodetool status, gossipinfo and ring on several nodes, compared; describecluster for schema versions; phi and down "
        "endpoints; hints created, not stored and timed out; DroppedMessage by verb; ClientRequest unavailables and timeouts; "
        "when each table was last repaired",
        ("Cassandra documentation: Metrics", "tools/nodetool"),
    ),
)

ROWS = 30


def _loaded(seed: int, trace: bool = False, **options) -> Cassandra:
    """Six nodes, a row written each second from 30 s on."""
    cluster = Cassandra(nodes=6, vnodes=8, seed=seed, trace=trace, **options)
    cluster.play(
        Scenario([(30 + row, "write", {"key": f"row-{row}", "value": "there"}) for row in range(ROWS)])
    )
    return cluster


def _converged_and_different(cluster: Cassandra) -> str:
    missing = _not_converged(cluster)
    if missing:
        return missing
    behind = cluster.repair.divergent()
    return "" if len(behind) >= 10 else f"{len(behind)} rows differ between replicas: show at least 10"


def _not_converged(cluster: Cassandra) -> str:
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down, so that not everybody can have the newest"
    wrong = cluster.gossip.disagreement()
    if wrong:
        return f"gossip has not converged: {wrong[0][0]} takes {wrong[0][1]} for {wrong[0][2]}"
    return "" if cluster.gossip.converged() else "gossip has not converged: nodes know different rings"


GC_GRACE_S = 90.0


def _deleting(seed: int, repair_interval_s: float | None, trace: bool = False) -> Cassandra:
    """Three nodes without hints; a row is written at 5 s and deleted at 40 s, and tombstones are kept for 90 s."""
    cluster = Cassandra(
        nodes=3,
        seed=seed,
        hints=False,
        gc_grace_s=GC_GRACE_S,
        compaction_interval_s=5.0,
        repair_interval_s=repair_interval_s,
        trace=trace,
    )
    steps = [
        (5, "write", {"key": "row", "value": "there", "consistency": "ALL"}),
        (40, "delete", {"key": "row", "consistency": "QUORUM"}),
    ]
    cluster.play(Scenario(steps))
    return cluster


def _back(cluster: Cassandra) -> str:
    deletions = [one for one in cluster.operations if one.kind == "delete"]
    if not any(one.ok for one in deletions):
        return "the deletion was not acknowledged"
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down"
    return "" if cluster.repair.zombies() else "the row is deleted everywhere that a read can see"


ASKED = 10
LASTS_S = 10


class TwoJoins:
    """Five nodes without repair; node-6 starts at 20 s and node-7 at 21 s, for tokens in the same range of the ring.

    Attributes
    ----------
    cluster : Cassandra
    rows : tuple of str
        Keys whose replicas both of them change.
    missing : list of str
        For each of the last ten seconds, what is missing for the claim then, "" if nothing is.
    """

    def __init__(self, seed: int, membership: str, trace: bool = False):
        self.cluster = Cassandra(
            nodes=5, vnodes=1, seed=seed, membership=membership, repair=None, trace=trace
        )
        ring = self.cluster.authority.ring()
        start, end = max(ring.ranges(), key=lambda each: each[1] - each[0])  # it does not wrap around
        first, second = start + (end - start) // 2, start + 3 * (end - start) // 4
        candidates = (f"row-{i}" for i in range(10_000))
        self.rows = tuple(islice((row for row in candidates if start < position(row) <= first), ASKED))
        steps = [
            (20, "join", {"name": "node-6", "tokens": [first]}),
            (21, "join", {"name": "node-7", "tokens": [second]}),
        ]
        self.cluster.play(Scenario(steps))
        self.missing: list[str] = []
        self._noted: dict[float, str] = {}

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults happen."""
        self.cluster.play(scenario)

    def run(self, until: float) -> None:
        """Let time pass, and look at the owners in each of the last ten seconds."""
        self.missing = []
        for at in (max(until - before, 0.0) for before in range(LASTS_S, -1, -1)):
            # what was looked at in an earlier run stays: two runs of 10 s find what one of 20 s does
            if at not in self._noted:
                self.cluster.run(max(at, self.cluster.world.now))
                self._noted[at] = _disagreeing(self.cluster, self.rows)
            self.missing.append(self._noted[at])


def _disagree_for_long(joining: TwoJoins) -> str:
    return next((f"{why}, within the last {LASTS_S} s" for why in joining.missing if why), "")


def _disagreeing(cluster: Cassandra, rows: tuple[str, ...]) -> str:
    if set(cluster.world.names) != set(cluster.world.up):
        return "some node is down"
    if not cluster.connected:
        return "the network is partitioned"
    if cluster.authority.owners_disagree(rows):
        return ""
    return "all nodes name the same owners for the rows between the two newcomers"


CASSANDRA_CLAIMS = {
    "consistency": Claim(
        "Gossip has converged on every node, and at least ten rows still differ between their replicas, though no node was ever "
        "down, because nothing repairs what a replica missed.",
        system=lambda seed, **more: _loaded(seed, repair=None, **more),
        variant=_loaded,
        because="hints, read repair and Merkle trees are switched on",
        seen=_converged_and_different,
        actions=("partition", "heal"),
    ),
    "zombie": Claim(
        "A row whose deletion was acknowledged is there again, because no repair ran within gc_grace.",
        system=lambda seed, **more: _deleting(seed, repair_interval_s=None, **more),
        variant=lambda seed, **more: _deleting(seed, repair_interval_s=15.0, **more),
        because="every range is repaired each 15 s",
        seen=_back,
    ),
    "owners": Claim(
        "The network is whole and everybody is up, and for ten seconds nodes would ask different owners for the same row, "
        "because two nodes joined at once and tokens are believed from gossip.",
        system=lambda seed, **more: TwoJoins(seed, "gossip", **more),
        variant=lambda seed, **more: TwoJoins(seed, "log", **more),
        because="membership is committed to a log",
        seen=_disagree_for_long,
        # a process that stands still knows an old ring whether one node joins or two
        actions=("partition", "heal"),
    ),
}
