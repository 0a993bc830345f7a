"""Full state exchange after an epidemic: the repair that reaches those whom a rumour has missed.

How it works. Every member picks one random other and both learn what the other knew when the round began, as in memberlist's
push/pull over TCP: nothing is lost. Members that exchange in their own time, as memberlist's do, spread a round over its
interval.
"""

from __future__ import annotations

from ..sim.arrays import np
from ..sim.checks import whole
from .epidemic import Spread


def exchanges(run: Spread, rounds: int, *, seed: int = 0) -> np.ndarray:
    """How many members know after each of some rounds of full state exchange that follow a spread.

    Parameters
    ----------
    run : Spread
        On the complete graph, where it makes no difference which members know.
    rounds : int
        How many, at least 1. In each, every member exchanges all that it holds with one random other.
    seed : int

    Returns
    -------
    int array of shape (trials, rounds + 1)
        Column 0 is the end of the spread.

    Raises
    ------
    ValueError
        For a spread on an overlay, and for less than one round.

    References
    ----------
    hashicorp/memberlist, state.go (pushPull, mergeState); A. Demers et al., "Epidemic algorithms for replicated database
    maintenance", Xerox CSL-89-1 (PODC 1987), section 1.3: who pulls squares the share of those who don't know.

    Examples
    --------
    >>> from gossipkit.gossip import spread
    >>> missed = spread(64, fanout=3, loss=0.5, retransmit=8 / 3, trials=2, seed=3)
    >>> exchanges(missed, 2).tolist()
    [[64, 64, 64], [63, 64, 64]]
    """
    whole("rounds", rounds, 1)
    if run.parameters.overlay is not None:
        raise ValueError("run is a spread on an overlay: it must be one on the complete graph")
    rng = np.random.default_rng(whole("seed", seed, 0))
    nodes, members = run.nodes, np.arange(run.nodes)
    knows = members < run.informed[:, -1:]
    trial, found = np.arange(len(knows))[:, None], [knows.sum(axis=1)]
    for _ in range(rounds):
        partner = (members + rng.integers(1, nodes, knows.shape)) % nodes  # never itself
        after = knows | knows[trial, partner]
        np.logical_or.at(after, (np.broadcast_to(trial, knows.shape), partner), knows)
        knows = after
        found.append(knows.sum(axis=1))
    return np.array(found).T
