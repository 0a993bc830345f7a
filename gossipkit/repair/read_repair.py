"""Read repair: a read has asked several replicas anyway, so those that answered with less are told what the others know.

1. Of all versions in the answers, those stay that no other supersedes. Under last write wins that is one; under vector
   clocks it can be several, siblings, and the application must merge them.
2. Every replica that lacks one of them is written what it lacks, with the version's own timestamp or clock: a write that
   comes late, or twice, changes nothing.
3. Blocking or in the background. In the background the reader has its answer at once, and a second reader that asks other
   replicas may be shown an older one: reads go back in time. Blocking, the answer waits until as many of the replicas asked
   hold it as a write at the read's level would need, and a later quorum cannot miss it.

Only replicas that were asked are repaired, and only keys that are read: the rest is the work of `MerkleTree`.

================  ======================  ===========================  =======================================
system            versions                order handed in              the answer waits for
================  ======================  ===========================  =======================================
Cassandra         cells                   `tombstones.supersedes`      BLOCKING: the level's number of replicas
                                                                       (NONE: nothing is written at all)
Dynamo            objects with clocks     clock descends from clock    nothing: stragglers are written after
================  ======================  ===========================  =======================================

References
----------
apache/cassandra src/java/org/apache/cassandra/service/reads/repair/BlockingPartitionRepair.java (`ReadRepair.wait_for`: the
latch) and ReadOnlyReadRepair.java (NONE); DeCandia et al., Dynamo, SOSP 2007, section 5 (state machine of a read).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..sim.checks import whole

V = TypeVar("V")


@dataclass(frozen=True)
class ReadRepair(Generic[V]):
    """What a read found; true if a replica must be written."""

    versions: tuple[V, ...]
    """Those that no other supersedes, in the order of the answers; empty if nobody has any, several if they are siblings."""
    writes: Mapping[str, tuple[V, ...]]
    """By replica, the versions it lacks; only replicas that lack one."""
    up_to_date: tuple[str, ...]
    """Replicas that answered and lack nothing."""

    def __bool__(self) -> bool:
        return bool(self.writes)

    def wait_for(self, block_for: int) -> int:
        """How many of the written replicas must acknowledge before a blocking read may answer.

        Parameters
        ----------
        block_for : int
            How many replicas a write at the read's consistency level waits for. Those that were up to date count.

        Raises
        ------
        ValueError
            For fewer than none, or more than have answered.
        """
        whole("block_for", block_for, 0, len(self.up_to_date) + len(self.writes))
        return max(0, block_for - len(self.up_to_date))


def maximal(versions: Sequence[V], supersedes: Callable[[V, V], bool]) -> tuple[V, ...]:
    """The versions that no other of them supersedes, each once, in the order given.

    Parameters
    ----------
    supersedes : callable
        A strict order, partial or total: ``supersedes(version, other)`` is whether ``other`` is of no more use beside
        ``version``. No version supersedes an equal one.

    Examples
    --------
    >>> maximal([{1}, {1, 2}, {3}], supersedes=lambda version, other: version > other)  # of sets: it contains the other
    ({1, 2}, {3})
    """
    kept: list[V] = []
    for version in versions:
        if version not in kept and not any(supersedes(other, version) for other in versions):
            kept.append(version)
    return tuple(kept)


def read_repair(answers: Mapping[str, Sequence[V]], supersedes: Callable[[V, V], bool]) -> ReadRepair[V]:
    """Judge the answers of replicas about one key.

    A replica that adds what it is written, and keeps what `maximal` leaves, then holds exactly ``versions``.

    Parameters
    ----------
    answers : mapping
        By replica, the versions it holds: none if it knows nothing of the key. Replicas that did not answer are left out.
    supersedes : callable
        As for `maximal`.

    Raises
    ------
    ValueError
        If nobody answered.

    Examples
    --------
    >>> found = read_repair({"a": [7], "b": [5], "c": []}, supersedes=lambda version, other: version > other)
    >>> found.versions, dict(found.writes)
    ((7,), {'b': (7,), 'c': (7,)})
    >>> found.wait_for(2)  # at a quorum of three: a has it, and one more must
    1
    """
    if not answers:
        raise ValueError(f"answers is {answers!r}: there must be the answer of at least one replica")
    versions = maximal([version for held in answers.values() for version in held], supersedes)
    lacking = {
        replica: tuple(version for version in versions if version not in held)
        for replica, held in answers.items()
    }
    return ReadRepair(
        versions=versions,
        writes={replica: lacks for replica, lacks in lacking.items() if lacks},
        up_to_date=tuple(replica for replica, lacks in lacking.items() if not lacks),
    )
