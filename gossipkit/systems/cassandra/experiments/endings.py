"""How long the others take a node for up that has gone: crashed without a word, or shut down in order."""

from dataclasses import dataclass

from ....gossip.scuttlebutt import GossipConfig
from ....sim import Network
from ....sim.checks import number, one_of, whole
from ..cluster import Cassandra

BEFORE_S, WATCHED_S = 40.0, 60.0


@dataclass(frozen=True, repr=False)
class Ending:
    """When a node's peers took it for down. Times in seconds from its last moment on."""

    convicted_s: tuple[float, ...]
    """By peer, in order; those that never did are not in it."""
    peers: int
    messages: float
    """Sent per node and second before: what the fanout costs."""
    bytes: float
    """The same in bytes."""

    def __repr__(self) -> str:
        last = f", the last after {self.convicted_s[-1]:.1f} s" if self.convicted_s else ""
        return f"<Ending: {len(self.convicted_s)} of {self.peers} take it for down{last}>"


def endings(
    ending: str = "crash",
    *,
    fanout: int = 1,
    threshold: float = 8.0,
    loss: float = 0.0,
    nodes: int = 6,
    seed: int = 1,
) -> Ending:
    """Let the last node of a settled cluster go, and note when each of the others takes it for down.

    Parameters
    ----------
    ending : {"crash", "shutdown"}
        Without a word, or with GOSSIP_SHUTDOWN: the node tells its live peers, and stops two seconds later.
    fanout : int
        Live nodes that are told in a round.
    threshold : float
        phi_convict_threshold.
    loss : float
        Share of datagrams lost.
    nodes : int
        At least 3.
    seed : int

    Raises
    ------
    ValueError
        For another ending, or a number out of range.

    Examples
    --------
    >>> [round(endings(how).convicted_s[0], 2) for how in ("crash", "shutdown")]
    [18.45, 0.0]

    References
    ----------
    apache/cassandra, gms/Gossiper.java (stop, markAsShutdown), gms/FailureDetector.java (interpret).
    """
    one_of("ending", ending, ("crash", "shutdown"))
    whole("nodes", nodes, 3)
    number("threshold", threshold, low=0.1)
    config = GossipConfig(fanout=fanout, phi_convict_threshold=float(threshold))
    cluster = Cassandra(nodes, vnodes=4, seed=seed, network=Network(loss=loss), config=config)
    gone = f"node-{nodes}"
    cluster.run(until=BEFORE_S)
    sent = [
        cluster.metrics.value(f"datagram.sent.{what}") / nodes / BEFORE_S for what in ("messages", "bytes")
    ]
    if ending == "shutdown":
        cluster.started(gone).gossiper.shutdown()
        cluster.run(until=BEFORE_S + config.shutdown_announce_s)
    cluster.crash(gone)
    cluster.run(until=BEFORE_S + WATCHED_S)
    rows = cluster.trace.filter(kind="on-dead").table()
    convicted = {row["node"]: row["time"] - BEFORE_S for row in rows if row["about"] == gone}
    return Ending(tuple(sorted(convicted.values())), nodes - 1, *sent)
