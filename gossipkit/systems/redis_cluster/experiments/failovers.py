"""A master's failure on its way through the cluster: doubted, failed, replaced."""

from dataclasses import dataclass

from ....sim import Network, Uniform
from ....sim.network import stream
from ..cluster import RedisCluster
from ..settings import NODE_TIMEOUT_S

LOOPBACK = Network(latency=Uniform(0.00005, 0.0002))
"""Latencies on one machine; an assumption, and far below all other times."""
REST_S = (3.0, 4.0)
"""A cluster rests for so long before the fault, drawn anew for each run."""


@dataclass(frozen=True)
class Failover:
    """By survivor, when it took the victim for what, and another node for the owner of its slots; seconds from the fault."""

    pfail_s: dict[str, float]
    fail_s: dict[str, float]
    owner_s: dict[str, float]
    new_owner: str | None
    """Who owns the slots at the end; None: still the victim."""

    @property
    def ends(self) -> dict[str, float]:
        """The first and the last of each, as in "first_pfail"; without those that never came."""
        return {
            f"{end}_{what}": pick(times.values())
            for what, times in (("pfail", self.pfail_s), ("fail", self.fail_s), ("owner", self.owner_s))
            if times
            for end, pick in (("first", min), ("last", max))
        }


def failover(
    node_timeout_s: float = NODE_TIMEOUT_S,
    *,
    fault: str = "kill",
    masters: int = 3,
    replicas: int = 1,
    victims: int = 1,
    seconds: float | None = None,
    seed: int = 0,
    network: Network = LOOPBACK,
) -> Failover:
    """Kill or stop the first masters of a cluster at rest, and note what is thought of the first of them.

    Parameters
    ----------
    node_timeout_s : float
        Seconds.
    fault : {"kill", "stop"}
        SIGKILL, by which connections close; or SIGSTOP, by which they stay and nothing answers.
    masters, replicas : int
    victims : int
        How many masters fail at one time.
    seconds : float, optional
        How long to look on; by default six node timeouts and five seconds.
    seed : int
    network : Network

    Returns
    -------
    Failover

    Examples
    --------
    >>> run = failover(2.0, seed=1)
    >>> 2.0 < run.ends["first_pfail"] < run.ends["first_fail"] < run.ends["first_owner"], run.new_owner
    (True, 'node-4')
    """
    cluster = RedisCluster(
        masters,
        replicas,
        node_timeout_s=node_timeout_s,
        repl_diskless_sync_delay_s=0.0,
        seed=seed,
        network=network,
        trace="events",
    )
    at_s = stream(seed, "fault").uniform(*REST_S)
    seconds = 6 * node_timeout_s + 5.0 if seconds is None else seconds
    cluster.run(until=at_s)
    for number in range(1, victims + 1):
        if fault == "kill":
            cluster.crash(f"node-{number}")
        else:
            cluster.pause(f"node-{number}", seconds + 1.0)
    cluster.run(until=at_s + seconds)
    victim, kinds = "node-1", {"possibly-failing": {}, "failing": {}, "slots": {}}
    for event in cluster.trace:
        if event.time >= at_s and event.kind in kinds:
            gone = (
                victim not in event.fields["owned"]
                if event.kind == "slots"
                else event.fields["about"] == victim
            )
            if gone:
                kinds[event.kind].setdefault(event.node, event.time - at_s)
    owner = cluster.authority.owner(0, via=f"node-{masters}")
    return Failover(*kinds.values(), None if owner == victim else owner)
