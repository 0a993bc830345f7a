"""Two data centres, and the link between them: what a level of one's own centre buys, and what it does not promise."""

from dataclasses import dataclass

from ....authority.quorum import LEVELS
from ....sim import Network, Uniform
from ....sim.checks import one_of, whole
from ..cluster import Cassandra

REPLICATION = {"dc1": 3, "dc2": 3}
LINK = Uniform(0.03, 0.05)
CUT_S, CONVICTED_S, HEALED_S, LAST_S = 12.0, 45.0, 60.0, 90.0


@dataclass(frozen=True, repr=False)
class Centres:
    """Rows written in one data centre and read in both, while the link between the two is cut."""

    level: str
    required: int
    """Acknowledgements that a write needs."""
    accepted: int
    """Writes that were acknowledged while the link was cut."""
    rows: int
    seen_here: int
    """Rows that a read at the same level showed in the data centre of the writer, at that time."""
    seen_there: int
    """The same in the other one."""
    refused_there: int
    """Reads in the other data centre that were refused or timed out: no answer is not a wrong one."""
    seen_later: int
    """Rows that a read in the other data centre showed half a minute after the link was there again."""

    def __repr__(self) -> str:
        return f"<Centres at {self.level}: {self.accepted} of {self.rows} writes accepted, {self.seen_there} seen in the other>"


def centres(level: str = "LOCAL_QUORUM", *, rows: int = 10, seed: int = 1) -> Centres:
    """Cut two data centres of three nodes apart until each has convicted the other; write in one, and read in both.

    Every node keeps every row. Packets take 30 to 50 ms between any two nodes.

    Parameters
    ----------
    level : str
        One of `gossipkit.authority.quorum.LEVELS`, of writes and reads.
    rows : int
    seed : int

    Raises
    ------
    ValueError
        For another level, or a number out of range.

    Examples
    --------
    >>> here = centres("LOCAL_QUORUM")
    >>> here.accepted, here.seen_here, here.seen_there, here.seen_later
    (10, 10, 0, 10)

    References
    ----------
    apache/cassandra, db/ConsistencyLevel.java (localQuorumFor), locator/NetworkTopologyStrategy.java.
    """
    one_of("level", level, LEVELS)
    whole("rows", rows, 1)
    cluster = Cassandra(6, replication=REPLICATION, vnodes=4, seed=seed, network=Network(latency=LINK))
    here, there = (
        [name for name in cluster.world.names if cluster.place(name).datacentre == centre]
        for centre in REPLICATION
    )
    keys = [f"row-{number}" for number in range(rows)]
    cluster.run(until=CUT_S)
    cluster.partition(here, there)
    cluster.run(until=CONVICTED_S)
    writes = [cluster.wait(cluster.write(key, "there", level, here[0])) for key in keys]
    seen = [[cluster.wait(cluster.read(key, level, via)) for key in keys] for via in (here[1], there[0])]
    cluster.run(until=HEALED_S)
    cluster.heal()
    cluster.run(until=LAST_S)
    later = [cluster.wait(cluster.read(key, level, there[0])) for key in keys]
    return Centres(
        level,
        writes[0].required,
        sum(write.ok for write in writes),
        rows,
        *(sum(read.value == "there" for read in reads) for reads in seen),
        sum(not read.ok for read in seen[1]),
        sum(read.value == "there" for read in later),
    )
