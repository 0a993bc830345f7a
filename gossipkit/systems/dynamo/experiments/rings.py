"""A ring, and what one node more changes."""

from dataclasses import dataclass

from ....authority.layouts import moves
from ....authority.ring import Move, Ring
from ....gossip.membership_history import JOIN, Change
from ...placement import position
from ..cluster import Dynamo


@dataclass(frozen=True, eq=False)
class Joining:
    """A ring, a key's place on it, and what a new node changes."""

    n: int
    """Replicas of a key."""
    before: Ring
    after: Ring
    key_token: int
    preference: tuple[str, ...]
    """All nodes, in the order in which they were asked to keep the key."""
    preference_after: tuple[str, ...]
    moves: tuple[Move, ...]
    """The ranges that are sent, and to whom."""
    moved: float
    """Their share of all replicas' data, 0 to 1; the least that makes loads equal is 1 / (nodes + 1)."""
    whole_partitions: bool
    """Whether only whole partitions are sent, as files; else ranges are cut out of them by a scan."""
    efficiency: tuple[float, float]
    """Mean load over the greatest, before and after."""
    metadata_bytes: tuple[int, int]

    def __repr__(self) -> str:
        return (
            f"<Joining of a ring of {len(self.before.nodes)}: {100 * self.moved:.1f} % of all copies sent in {len(self.moves)} "
            f"ranges, mean load over the greatest {self.efficiency[0]:.2f} before and {self.efficiency[1]:.2f} after>"
        )


def join_ring(
    nodes: int = 6, *, strategy: int = 1, vnodes: int = 8, n: int = 3, key: str = "cart-1", seed: int = 1
) -> Joining:
    """Let one node more join a ring.

    Parameters
    ----------
    nodes : int
        Before.
    strategy : int
        1 to 3.
    vnodes : int
        Tokens of a node.
    n : int
        Replicas.
    key : str
        Whose preference list to show.
    seed : int

    Raises
    ------
    ValueError
        As `Dynamo`.
    """
    settings = Dynamo(nodes, n=n, r=1, w=1, strategy=strategy, vnodes=vnodes, seed=seed).settings
    history = tuple(Change(f"node-{i}", JOIN, 0.0, f"node-{i}") for i in range(1, nodes + 1))
    before = settings.ring(history)
    after = settings.ring((*history, Change(f"node-{nodes + 1}", JOIN, 1.0, "node-1")))
    sent = tuple(moves(before, after, n))
    token = position(key)
    ends = {end for _, end in before.ranges()}
    return Joining(
        n,
        before,
        after,
        token,
        before.preference_list(token, n),
        after.preference_list(token, n),
        sent,
        sum(move.share for move in sent) / n,
        all({(move.start), move.end} <= ends for move in sent),
        (before.efficiency(n), after.efficiency(n)),
        (before.metadata_bytes, after.metadata_bytes),
    )
