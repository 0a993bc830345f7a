"""Whom a gossiper talks to in a round: always the living, sometimes the dead, and a seed so that partitions heal."""

from collections.abc import Sequence
from random import Random


def targets(
    random: Random, live: Sequence[str], unreachable: Sequence[str], seeds: Sequence[str], fanout: int = 1
) -> list[str]:
    """The receivers of a round's SYN.

    1. One live node, if there is any; or ``fanout`` different ones.
    2. One unreachable node, with probability ``unreachable / (live + 1)``.
    3. One seed, if 1 chose no seed or there are fewer live nodes than seeds: always where nobody is live, and else with
       probability ``seeds / (live + unreachable)``.

    Parameters
    ----------
    random : random.Random
    live, unreachable, seeds : sequences of str
        Without oneself.
    fanout : int
        1 in Cassandra.

    Returns
    -------
    list of str
        None to ``fanout + 2`` names; a node can be in it twice.

    Examples
    --------
    >>> targets(Random(1), [], ["b"], ["b"])
    ['b', 'b']

    References
    ----------
    apache/cassandra @ac8c8b2, Gossiper.GossipTask, maybeGossipToUnreachableMember, maybeGossipToSeed.
    """
    chosen = []
    if live:
        chosen.append(random.choice(live))
    if fanout > 1 and chosen:
        others = [name for name in live if name != chosen[0]]
        chosen += random.sample(others, min(fanout - 1, len(others)))
    # the two dice below make up for what a node can't know: the longer the list of the unreachable, the likelier one is tried
    hit_seed = any(name in seeds for name in chosen)
    if unreachable and random.random() < len(unreachable) / (len(live) + 1):
        chosen.append(random.choice(unreachable))
    # maybeGossipToSeed: the two sides of a partition take each other for dead, and would go on talking to themselves after it
    # has healed; the seeds are names that both sides know
    wanted = seeds and (not hit_seed or len(live) < len(seeds))
    if wanted and (not live or random.random() <= len(seeds) / (len(live) + len(unreachable))):
        chosen.append(random.choice(seeds))
    return chosen
