"""Cassandra's gossip for many nodes: who knows which version of whom, as one matrix.

Row ``i`` holds the versions that node ``i`` knows. A node's states have one counter, so one number says how much of them
another has, and an exchange of SYN, ACK and ACK2 between two nodes is a merge of two rows: the ACK carries a state wherever
the one asked has the greater version, the ACK2 wherever the asker has. That is what `scuttlebutt.compare` and
`scuttlebutt.apply` come to, endpoint by endpoint, where all nodes know each other and nobody restarts; the counts of states
sent are the same.

How it is fast. The exchanges of a round happen one after another. Each is put into the first *layer* after those of the two
nodes that took part before it; inside a layer nobody occurs twice, and so all its merges are a few operations on blocks of
rows, with the result that one after another would have had.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..sim.checks import probability, whole

BLOCK = 65_536  # versions that are merged at once: with the copies, what a processor's own cache holds


class Round(NamedTuple):
    """What happened in one round: how many exchanges, and how many states were sent in their ACKs and their ACK2s."""

    exchanges: int
    ack: int
    ack2: int


class VersionMatrix:
    """A settled cluster in rounds: all nodes are live and known to each other, and each begins with version 1.

    In a round each node, in random order, raises its heartbeat's version and exchanges with a random other; if that was no
    seed or there are fewer others than seeds, also with a random seed, with probability ``seeds / (nodes - 1)``.

    Parameters
    ----------
    nodes : int
        At least 2.
    seeds : int
        The first so many nodes are seeds; at least 0.
    loss : float
        Probability that a message (SYN, ACK, ACK2) is lost, 0 to 1.
    seed : int
        For all that is random.

    Attributes
    ----------
    known : ndarray of int32, (nodes, nodes)
        ``known[i, j]``: the version of node ``j`` that node ``i`` has.
    rounds : int
        How many have been.

    Raises
    ------
    ValueError
        For a number out of range.

    Examples
    --------
    >>> cluster = VersionMatrix(100, seeds=3, seed=1)
    >>> for _ in range(50):
    ...     done = cluster.round()
    >>> bool(cluster.staleness().mean() < 5)
    True
    """

    def __init__(self, nodes: int, seeds: int = 0, loss: float = 0.0, seed: int = 0):
        whole("nodes", nodes, 2)
        self._seeds = whole("seeds", seeds, 0, nodes)
        self._loss = probability("loss", loss)
        self.known = np.ones((nodes, nodes), dtype=np.int32)
        self.rounds = 0
        self._rng = np.random.default_rng(seed)

    def staleness(self) -> np.ndarray:
        """By how many versions each node's knowledge of each other is behind, (nodes, nodes)."""
        return self.known.diagonal() - self.known

    def round(self) -> Round:
        """Let every node raise its version and gossip."""
        self.rounds += 1
        np.einsum("ii->i", self.known)[:] += 1
        asker, asked = self._contacts()
        arrived = self._arrived(len(asker))
        return Round(len(asker), *self.exchange(asker, asked, arrived))

    def _contacts(self) -> tuple[np.ndarray, np.ndarray]:
        nodes, seeds, rng = len(self.known), self._seeds, self._rng
        asker = rng.permutation(nodes)
        asked = rng.integers(nodes - 1, size=nodes)
        asked += asked >= asker
        if not seeds:
            return asker, asked
        # a seed counts and asks only the others among the seeds
        others = seeds - (asker < seeds)
        wants = (asked >= seeds) | (nodes - 1 < others)
        also = np.flatnonzero(wants & (others > 0) & (rng.random(nodes) <= others / (nodes - 1)))
        again = asker[also]
        seed = rng.integers(others[also])
        seed += (again < seeds) & (seed >= again)
        return np.insert(asker, also + 1, again), np.insert(asked, also + 1, seed)

    def _arrived(self, exchanges: int) -> np.ndarray | None:
        """How many of its three messages arrived, for each exchange; None if all did."""
        if not self._loss:
            return None
        return np.logical_and.accumulate(self._rng.random((3, exchanges)) >= self._loss).sum(axis=0)

    def exchange(
        self, asker: np.ndarray, asked: np.ndarray, arrived: np.ndarray | None = None
    ) -> tuple[int, int]:
        """Let exchanges happen, one after another.

        Parameters
        ----------
        asker, asked : arrays of int, (exchanges,)
            Numbers of nodes.
        arrived : array of int, (exchanges,), optional
            How many of the three messages arrived, 0 to 3; by default all.

        Returns
        -------
        ack, ack2 : int
            States sent in all ACKs, and in all ACK2s. Where the SYN is lost there is no ACK, and without that no ACK2.

        Raises
        ------
        ValueError
            If a node talks to itself.
        """
        pairs = np.array([asker, asked])
        if (pairs[0] == pairs[1]).any():
            alone = pairs[0][pairs[0] == pairs[1]][0]
            raise ValueError(f"node {alone} asks itself: an exchange is between two nodes")
        ack = ack2 = 0
        rows = max(1, BLOCK // len(self.known))
        for layer in _layers(pairs, len(self.known)):
            for first in range(0, len(layer), rows):
                some = layer[first : first + rows]
                if arrived is None:
                    sent = self._merge(pairs[:, some])
                else:
                    sent = self._merge_what_arrived(pairs[:, some], arrived[some])
                ack, ack2 = ack + sent[0], ack2 + sent[1]
        return ack, ack2

    def _merge(self, pairs: np.ndarray) -> tuple[int, int]:
        mine, theirs = both = self.known[pairs]
        sent = np.count_nonzero(theirs > mine), np.count_nonzero(mine > theirs)
        self.known[pairs] = np.maximum(*both)
        return sent

    def _merge_what_arrived(self, pairs: np.ndarray, arrived: np.ndarray) -> tuple[int, int]:
        ack, ack2 = self._merge(pairs[:, arrived == 3])
        half = pairs[:, arrived == 2]
        mine, theirs = self.known[half]
        ack += np.count_nonzero(theirs > mine)
        ack2 += np.count_nonzero(mine > theirs)
        self.known[half[0]] = np.maximum(mine, theirs)
        mine, theirs = self.known[pairs[:, arrived == 1]]
        return ack + np.count_nonzero(theirs > mine), ack2


def _layers(pairs: np.ndarray, nodes: int) -> list[np.ndarray]:
    """Positions of the exchanges, layer by layer: nobody is twice in a layer, and everybody's keep their order."""
    last, layers = [0] * nodes, []
    for position, (one, other) in enumerate(pairs.T.tolist()):
        a, b = last[one], last[other]
        at = a if a > b else b
        last[one] = last[other] = at + 1
        if at == len(layers):
            layers.append([])
        layers[at].append(position)
    return [np.array(layer) for layer in layers]
