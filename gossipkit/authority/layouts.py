"""How tokens are laid out, by the Dynamo paper's three strategies, and what moves from one ring to the next."""

from collections.abc import Iterable, Mapping
from random import Random

from .ring import RING, Move, Place, Replication, Ring, equal_tokens, whole


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
