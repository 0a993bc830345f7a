"""How tokens are laid out, by the Dynamo paper's three strategies, and what moves from one ring to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from ..sim.checks import number, one_of, whole
from .ring import NODE_BYTES, RING, TOKEN_BYTES, Move, Place, Replication, Ring, equal_tokens

BALANCED = 0.15
"""A node is out of balance if its load deviates from the mean by more than this share of it (Dynamo, section 6.2)."""


def random_ring(
    nodes: Iterable[str],
    tokens_per_node: int,
    seed: int,
    places: Mapping[str, Place] | None = None,
    partitions: int | None = None,
) -> Ring:
    """A ring with random tokens: strategy 1, and with ``partitions`` strategy 2.

    Parameters
    ----------
    nodes : iterable of str
    tokens_per_node : int
        The paper's T, Cassandra's ``num_tokens`` (256 in its 2.x).
    seed : int
        Of the tokens. A node's tokens depend on its name and the seed only, so that one more node leaves all others'
        where they are.
    places : mapping of str to Place
    partitions : int, optional
        The paper's Q.

    Raises
    ------
    ValueError
        Without nodes, for tokens_per_node below 1, or what `Ring` refuses.

    Examples
    --------
    >>> one, many = (random_ring("abcdef", count, seed=1).efficiency(3) for count in (1, 256))
    >>> round(one, 2), round(many, 2)
    (0.69, 0.97)
    """
    tokens = {token: node for node in nodes for token in random_tokens(node, tokens_per_node, seed)}
    return Ring(tokens, places, partitions)


def random_tokens(node: str, count: int, seed: int) -> tuple[int, ...]:
    """The tokens that a node draws when it joins.

    Raises
    ------
    ValueError
        For a count below 1.
    """
    whole("tokens_per_node", count, 1)
    random = Random(f"{seed} {node}")
    return tuple(random.randrange(RING) for _ in range(count))


def equal_ring(
    nodes: Iterable[str], partitions: int, seed: int, places: Mapping[str, Place] | None = None
) -> Ring:
    """A ring of equal partitions, dealt out to the nodes at random until each has Q / S: strategy 3.

    Parameters
    ----------
    nodes : iterable of str
        S of them.
    partitions : int
        The paper's Q. If S does not divide it, some nodes get one more.
    seed : int

    Raises
    ------
    ValueError
        Without nodes, for fewer partitions than nodes, or what `Ring` refuses.
    """
    names = list(nodes)
    if not names:
        raise ValueError("nodes is empty: a ring needs at least one")
    whole("partitions", partitions, len(names))
    dealt = [names[number % len(names)] for number in range(partitions)]
    Random(seed).shuffle(dealt)
    return Ring(dict(zip(equal_tokens(partitions), dealt, strict=True)), places)


def moves(before: Ring, after: Ring, replication: Replication) -> list[Move]:
    """What has to be sent so that the replicas after a change have what is theirs.

    A range that merely changes its order of replicas moves nothing.

    Parameters
    ----------
    before, after : Ring
    replication : int or mapping of str to int

    Raises
    ------
    ValueError
        If ``replication`` does not suit one of the rings.

    Examples
    --------
    >>> before = Ring({100: "a", 200: "b"})
    >>> [(move.start, move.end, move.node) for move in moves(before, before.join("c", [150]), 1)]
    [(100, 150, 'c')]
    """
    ends = sorted({*before._ends(), *after._ends()})
    sent = []
    for start, end in zip([ends[-1], *ends[:-1]], ends, strict=True):
        had = before.replicas(end, replication)
        sent += [Move(start, end, node, had) for node in after.replicas(end, replication) if node not in had]
    return sent


@dataclass(frozen=True)
class Balance:
    """How evenly a layout spreads load, and what that takes, see `balance`."""

    strategy: int
    tokens: int
    """Of all nodes together."""
    partitions: int | None
    """Of equal size; None under strategy 1, which has none."""
    metadata_bytes: int
    """What every node remembers and gossips."""
    efficiency: float
    """Mean load over the greatest load, 1 if all are equal."""
    imbalance: float
    """Share of the nodes whose load is more than 15% off the mean."""


def balance(
    strategy: int, nodes: int = 30, metadata_bytes: int = 34_560, n: int = 3, seed: int = 0
) -> Balance:
    """Lay a ring out by one of the paper's strategies within a budget of metadata, and measure the load.

    Load is the share of the ring that a node keeps: keys are uniform and equally busy. Strategy 1 spends the budget on
    tokens, strategy 3 on partitions, of which every node has the same number, and strategy 2 half on either.

    Parameters
    ----------
    strategy : int
        1 to 3.
    nodes : int
        The paper's S; it measured 30.
    metadata_bytes : int
        At most so much, in bytes; the default is 64 tokens a node under strategy 1.
    n : int
        Replicas.
    seed : int

    Raises
    ------
    ValueError
        For another strategy, fewer nodes than replicas, or a budget of less than two tokens a node.

    References
    ----------
    G. DeCandia et al., "Dynamo", SOSP 2007, section 6.2 and figure 8, which is a figure only: 3 is best and 2 is worst.

    Examples
    --------
    >>> [round(balance(strategy).efficiency, 2) for strategy in (1, 2, 3)]
    [0.86, 0.85, 0.98]
    """
    one_of("strategy", strategy, (1, 2, 3))
    whole("n", n, 1)
    whole("nodes", nodes, n)
    token_bytes = TOKEN_BYTES + NODE_BYTES
    number("metadata_bytes", metadata_bytes, low=2 * nodes * token_bytes)
    names = [f"node-{i}" for i in range(1, nodes + 1)]
    if strategy == 3:
        ring = equal_ring(names, metadata_bytes // NODE_BYTES // nodes * nodes, seed)
        partitions = len(ring.tokens)
    else:
        tokens = metadata_bytes // (nodes * token_bytes * strategy)
        partitions = None
        if strategy == 2:
            partitions = (metadata_bytes - nodes * tokens * token_bytes) // NODE_BYTES
        ring = random_ring(names, tokens, seed, partitions=partitions)
    owned = ring.ownership(n).values()
    mean = sum(owned) / nodes
    return Balance(
        strategy,
        len(ring.tokens),
        partitions,
        ring.metadata_bytes,
        ring.efficiency(n),
        sum(abs(load / mean - 1) > BALANCED for load in owned) / nodes,
    )
