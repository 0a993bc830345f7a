"""Synchronous epidemics on arrays: one rumour, many trials, a million nodes.

How it works. One node knows a rumour at the start. In each round, everybody who is entitled to call picks ``fanout``
different others at random; a *push* tells them, a *pull* asks them and is answered by those that know. What a node does
in a round depends on what it knew when the round began. Packets are lost one by one. After the exchange, churn replaces
nodes by fresh ones that know nothing. A node with a budget of copies falls silent when they are spent.

On the complete graph, where nodes are alike, only counts are drawn, and nodes dealt out to the rounds where they are asked
for (``exchangeable``); on an overlay, and where churn is tracked, every node is followed (``bynode``). Both give the same
distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..sim.arrays import np
from ..sim.checks import probability
from . import bynode, exchangeable
from .neighbours import Overlay
from .parameters import Parameters


@dataclass(frozen=True, eq=False)
class Spread:
    """What a spread left behind, per trial and round.

    All trials have the same number of columns: where one was over earlier, its counts are carried on and it sends
    nothing more.
    """

    parameters: Parameters
    informed: np.ndarray
    """How many nodes know, int, shape (trials, rounds + 1); column 0 is the start, at which one knows."""
    messages: np.ndarray
    """How many messages were sent in each round, lost ones included, int, shape (trials, rounds)."""
    learned_at: np.ndarray | None = None
    """With ``track=True``: the round in which each node learnt, int, shape (trials, nodes); 0 for the originator and
    -1 for a node that does not know at the end."""
    knew: np.ndarray | None = None
    """With ``track=True`` and churn, which makes some forget: who knows at the end of each round, bool, shape
    (trials, rounds + 1, nodes)."""

    def __repr__(self) -> str:
        trials, rounds = self.messages.shape
        return (
            f"<Spread among {self.nodes} nodes, {trials} trials of {rounds} rounds: {self.coverage.mean():.1%} know in the mean, "
            f"{self.messages.sum() / trials / self.nodes:.1f} messages per node>"
        )

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.parameters.nodes

    @property
    def coverage(self) -> np.ndarray:
        """The fraction informed at the end, shape (trials,)."""
        return self.informed[:, -1] / self.nodes

    def rounds_to(self, fraction: float) -> np.ndarray:
        """The first round at whose end at least ``ceil(fraction * nodes)`` nodes know, the originator counted.

        Returns
        -------
        float array of shape (trials,)
            nan for a trial that never got there.

        Raises
        ------
        ValueError
            When `fraction` is outside 0..1.
        """
        # rounding first: 0.07 * 100 is 7.000000000000001 in binary
        needed = np.ceil(round(probability("fraction", fraction) * self.nodes, 9))
        reached = self.informed >= needed
        return np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)


def spread(
    nodes: int,
    *,
    mode: str = "push",
    fanout: int = 1,
    loss: float = 0.0,
    churn: float = 0.0,
    overlay: Overlay | None = None,
    max_rounds: int = 100,
    retransmit: float | None = None,
    trials: int = 1,
    seed: int = 0,
    track: bool = False,
) -> Spread:
    """Spread one rumour from one node, in synchronous rounds.

    Parameters
    ----------
    nodes : int
        How many nodes, at least 2.
    mode : {"push", "pull", "push-pull"}
        Who calls: nodes that know, nodes that don't, or both. A pull is a request and, if the other side knows, a
        reply: two messages, each of which can be lost.
    fanout : int
        How many different others a caller picks per round, 1 to ``nodes - 1``. Too low is slow and, with a limit on
        retransmission, misses nodes; too high pays for copies to nodes that know.
    loss : float
        The chance that a message is lost, 0 to 1.
    churn : float
        The chance per node and round of being replaced by a fresh, uninformed one, after the exchange.
    overlay : networkx graph or Neighbours, optional
        Who may call whom; everybody anybody by default. A node with fewer neighbours than ``fanout`` calls them all.
        Its nodes are numbered in the order in which the graph lists them; the first one knows at the start.
    max_rounds : int
        Where to stop a spread that would go on.
    retransmit : float, optional
        For how many rounds a node that learnt the rumour sends it; for ever by default. It may be a fraction: the
        budget is ``round(retransmit * fanout)`` copies and the last round sends what is left of it, as memberlist does,
        which counts copies (``retransmit_limit(4, n) / fanout``). A node that fell silent answers no pull either.
    trials : int
        How many independent runs.
    seed : int
        The same seed and parameters give the same result.
    track : bool
        Whether to say of each node when it learnt, in :attr:`Spread.learned_at`, and with churn also who knew when, in
        :attr:`Spread.knew`.

    Returns
    -------
    Spread

    Raises
    ------
    ValueError
        Naming the parameter, its value and what is allowed.

    References
    ----------
    A. Demers et al., "Epidemic algorithms for replicated database maintenance", PODC 1987; hashicorp/memberlist,
    state.go (gossip) and queue.go (the limit on copies).

    Examples
    --------
    >>> run = spread(1000, fanout=3, trials=200, seed=1)
    >>> float(run.rounds_to(0.99).mean().round(1)), run.coverage.min().item()
    (7.0, 1.0)
    >>> spread(2, seed=1)
    <Spread among 2 nodes, 1 trials of 1 rounds: 100.0% know in the mean, 0.5 messages per node>
    """
    parameters = Parameters(
        nodes=nodes,
        mode=mode,
        fanout=fanout,
        loss=loss,
        churn=churn,
        overlay=overlay,
        max_rounds=max_rounds,
        retransmit=retransmit,
        trials=trials,
        seed=seed,
        track=track,
    )
    rng = np.random.default_rng(parameters.seed)
    if parameters.overlay is None and not (track and churn):
        informed, messages = exchangeable.run(parameters, rng)
        return Spread(
            parameters, informed, messages, exchangeable.dealt_out(informed, nodes, rng) if track else None
        )
    informed, messages, learned_at, knew = bynode.run(parameters, rng, history=track and churn > 0)
    return Spread(parameters, informed, messages, learned_at if track else None, knew)
