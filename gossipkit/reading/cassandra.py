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


ASKED, LOST = 10, 5
JOINS_S = (60.0, 65.0)


class TwoJoins:
    """Five nodes without repair, and two that join the same range of the ring: node-6 at 60 s, node-7 at 65 s.

    Before that, one of the range's three replicas is down from 5 to 50 s, and ten rows are written at QUORUM at 40 s: it
    lacks them, and every quorum read sees them. Each newcomer copies its rows from the replica that it takes the place of.

    Attributes
    ----------
    cluster : Cassandra
    rows : tuple of str
        Keys whose replicas both of them change.
    steps : list of tuple
        What happens to the cluster in any case, as a `Scenario` takes it.
    """

    def __init__(self, seed: int, membership: str, trace: bool | str = False):
        # refusals are read off the trace
        self.cluster = cluster = Cassandra(
            nodes=5, vnodes=1, seed=seed, membership=membership, repair=None, trace=trace or "events"
        )
        ring = cluster.authority.ring()
        start, end = max(ring.ranges(), key=lambda each: each[1] - each[0])  # it does not wrap around
        tokens = start + (end - start) // 2, start + 3 * (end - start) // 4
        candidates = (f"row-{i}" for i in range(10_000))
        self.rows = tuple(islice((row for row in candidates if start < position(row) <= tokens[0]), ASKED))
        asked, *_, displaced = cluster.authority.replicas(self.rows[0])
        self.steps = [
            (5, "crash", {"name": displaced}),
            *((40, "write", {"key": row, "value": "there", "via": asked}) for row in self.rows),
            (50, "restart", {"name": displaced}),
            *(
                (at, "join", {"name": name, "tokens": [token]})
                for at, name, token in zip(JOINS_S, ("node-6", "node-7"), tokens, strict=True)
            ),
        ]

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults happen, which may name the newcomers from their start on, and what happens in any case."""
        # as one scenario: so a fault is checked against the nodes that there will be
        self.cluster.play(Scenario([*self.steps, *scenario.steps]))

    def run(self, until: float) -> None:
        """Let time pass."""
        self.cluster.run(until)


def _lost_by_joins(joining: TwoJoins) -> str:
    cluster = joining.cluster
    written = [one.key for one in cluster.operations if one.ok]
    if len(written) < ASKED:
        return f"{len(written)} of {ASKED} rows were acknowledged"
    if not cluster.connected:
        return "the network is partitioned"
    missing = _not_converged(cluster)
    if missing:
        return missing
    absent = {"node-6", "node-7"} - set(cluster.authority.ring().nodes)
    if absent:
        return f"nothing is owned yet by {' and '.join(sorted(absent))}"
    refused = cluster.trace.filter(kind="join-refused").table()
    if refused:
        row = refused[0]
        return f"{row['node']} was turned away at {row['time']:.0f} s, so the two did not join at once"
    lost = [
        row for row in written if sum(cell is not None for cell in cluster.authority.held(row).values()) < 2
    ]
    return (
        ""
        if len(lost) >= LOST
        else f"{len(lost)} of {ASKED} rows can be missed by a QUORUM read: show at least {LOST}"
    )


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
        "Everybody is up, the network is whole, all nodes agree on the ring, and rows that a QUORUM acknowledged can be missed by "
        "a QUORUM read, because two nodes joined at once and tokens are believed from gossip.",
        system=lambda seed, **more: TwoJoins(seed, "gossip", **more),
        variant=lambda seed, **more: TwoJoins(seed, "log", **more),
        because="membership is committed to a log",
        seen=_lost_by_joins,
        actions=("partition", "heal"),
    ),
}
