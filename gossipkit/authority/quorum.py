"""How many must answer: consistency levels, strict and sloppy quorums, last write wins.

All of it computes and none of it waits: which replies are enough (`satisfied`), whether a read must meet a write
(`must_meet`), who is asked (`strict`, `sloppy`), which reply wins (`last_write_wins`). Where R + W <= N a read need not meet
the last write but often does: `gossipkit.authority.pbs` says how often.

References
----------
apache/cassandra doc/modules/cassandra/pages/architecture/dynamo.adoc, src/java/org/apache/cassandra/db/
ConsistencyLevel.java; G. DeCandia et al., "Dynamo", SOSP 2007, sections 4.5 and 4.6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..sim.checks import one_of, whole

LEVELS = ("ONE", "QUORUM", "LOCAL_QUORUM", "ALL")
"""The consistency levels of Cassandra that the course uses; it has more."""


@dataclass(frozen=True)
class Demand:
    """So many replies, and whose replies count.

    Parameters
    ----------
    count : int
    replicas : mapping of str to int
        How many replicas could give one, by data centre. A reply from elsewhere does not count.
    """

    count: int
    replicas: Mapping[str, int]


def demand(level: str, replication: Mapping[str, int], local: str) -> Demand:
    """What a consistency level asks for.

    ================  =================================================================
    level             replies
    ================  =================================================================
    ``ONE``           1, from anywhere
    ``QUORUM``        more than half of the replicas of all data centres together
    ``LOCAL_QUORUM``  more than half of those in the coordinator's data centre, from it
    ``ALL``           from every replica
    ================  =================================================================

    Parameters
    ----------
    level : str
        One of `LEVELS`.
    replication : mapping of str to int
        Replicas by data centre; a cluster in one place has one.
    local : str
        The coordinator's data centre.

    Raises
    ------
    ValueError
        For another level, a data centre that keeps no replicas, or fewer than one replica.

    Examples
    --------
    >>> [demand(level, {"dc1": 3, "dc2": 3}, "dc1").count for level in LEVELS]
    [1, 4, 2, 6]
    """
    one_of("level", level, LEVELS)
    one_of("local", local, tuple(replication))
    for datacentre, count in replication.items():
        whole(f"replication in {datacentre}", count, 1)
    counted = {local: replication[local]} if level == "LOCAL_QUORUM" else dict(replication)
    replicas = sum(counted.values())
    return Demand({"ONE": 1, "ALL": replicas}.get(level, replicas // 2 + 1), counted)


def satisfied(asked: Demand, replies: Iterable[str]) -> bool:
    """Whether replies are enough.

    With the replicas believed alive instead of replies, whether to begin at all: if not, Cassandra answers
    "unavailable" at once rather than waiting for a timeout.

    Parameters
    ----------
    asked : Demand
    replies : iterable of str
        The data centre of each.

    Examples
    --------
    >>> local = demand("LOCAL_QUORUM", {"dc1": 3, "dc2": 3}, "dc1")
    >>> satisfied(local, ["dc1", "dc2", "dc2"]), satisfied(local, ["dc1", "dc2", "dc1"])
    (False, True)
    """
    return sum(datacentre in asked.replicas for datacentre in replies) >= asked.count


def must_meet(write: Demand, read: Demand) -> bool:
    """Whether every set of replicas that satisfies the read shares a member with every set that satisfies the write.

    With one and the same N replicas on both sides: R + W > N. It holds for strict quorums; with a sloppy quorum the
    write may lie on nodes that no read asks.

    Examples
    --------
    >>> replication = {"dc1": 3, "dc2": 3}
    >>> here, there = (demand("LOCAL_QUORUM", replication, dc) for dc in replication)
    >>> must_meet(here, here), must_meet(here, there), must_meet(demand("ALL", replication, "dc1"), there)
    (True, False, True)
    """
    return write.count + read.count > sum((write.replicas | read.replicas).values())


@dataclass(frozen=True)
class Target:
    """A node that a request goes to, and the replica it stands in for, if it is none itself."""

    node: str
    hint_for: str | None = None


def strict(preference: Sequence[str], n: int, healthy: Iterable[str]) -> tuple[Target, ...]:
    """The nodes that a strict quorum asks: those of the first ``n`` of a preference list that are healthy, and no others.

    Parameters
    ----------
    preference : sequence of str
        All nodes, see `Ring.preference_list`.
    n : int
        How many of them are replicas.
    healthy : iterable of str
        The nodes that the coordinator believes up, by its own opinion.

    Raises
    ------
    ValueError
        If n is below 1 or beyond the list.
    """
    whole("n", n, 1, len(preference))
    up = set(healthy)
    return tuple(Target(node) for node in preference[:n] if node in up)


def sloppy(preference: Sequence[str], n: int, healthy: Iterable[str]) -> tuple[Target, ...]:
    """The nodes that a sloppy quorum asks: the first ``n`` healthy ones; those further down keep hints for the missing.

    Writes go on while any W nodes are left. The price: R + W > N no longer makes a read meet the last write, since both
    count stand-ins. Parameters and errors are those of `strict`.

    References
    ----------
    Dynamo, section 4.6, "Handling failures: hinted handoff".

    Examples
    --------
    >>> sloppy("ABCD", 3, {"B", "C", "D"})
    (Target(node='B', hint_for=None), Target(node='C', hint_for=None), Target(node='D', hint_for='A'))
    """
    up = set(healthy)
    homes = strict(preference, n, up)
    missing = [node for node in preference[:n] if node not in up]
    spare = [node for node in preference[n:] if node in up]
    return homes + tuple(Target(node, home) for node, home in zip(spare, missing, strict=False))


@dataclass(frozen=True, order=True)
class Written:
    """A value and when its writer says it was written: ``timestamp_us``, microseconds of the *writer's* clock."""

    timestamp_us: int
    value: Any


def last_write_wins(replies: Iterable[Written]) -> Written:
    """The reply that wins: the latest timestamp, and of two with the same one the greater value.

    The second rule means nothing; it is there so that all decide alike. What another client wrote at the same time is
    gone without a word, and so is whatever a client with a slow clock writes. (Deletions: see ``repair.tombstones``.)

    Raises
    ------
    ValueError
        Without replies.

    Examples
    --------
    >>> last_write_wins([Written(20, "milk"), Written(30, "eggs"), Written(30, "beer")])
    Written(timestamp_us=30, value='eggs')
    """
    versions = list(replies)
    if not versions:
        raise ValueError("replies is empty: at least one must have come")
    return max(versions)
