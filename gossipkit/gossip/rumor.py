"""Rumour mongering after Demers et al.: nodes that lose interest, and the residue that their silence leaves.

A node that knows and still cares is *infective*. In each synchronous cycle, a push lets every infective node call one
random other; a pull lets every node ask one. When a node loses interest:

========  =======  =======================================================================================
feedback  counter  an infective node stops
========  =======  =======================================================================================
yes       yes      after ``k`` useless calls in a row: a useful one sets its counter back
yes       no       with probability 1/k after each useless call
no        yes      after ``k`` calls, useful or not
no        no       with probability 1/k after each call, useful or not
========  =======  =======================================================================================

A call is useless when the other side knew *at the start of the cycle*. In a pull, a node's calls are the requests that
reach it in a cycle, taken together: useful if any of the askers learnt something. These are the semantics under which
tables 1 to 3 of the paper come out; their ``t_ave`` of table 1 does not, under any that were tried.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..sim.arrays import np
from ..sim.checks import whole


@dataclass(frozen=True, eq=False)
class Rumor:
    """What a rumour left behind; every array has shape (trials,)."""

    residue: np.ndarray
    """The fraction of nodes that never learnt it."""
    traffic: np.ndarray
    """Messages that carried the rumour, per node."""
    t_last: np.ndarray
    """The cycle in which the last node to learn it did."""

    def __repr__(self) -> str:
        return (
            f"<Rumor, {len(self.residue)} trials: {self.residue.mean():.1%} never learn it in the mean, "
            f"{self.traffic.mean():.1f} messages per node>"
        )


def rumor(
    nodes: int,
    *,
    k: int,
    mode: str = "push",
    feedback: bool = True,
    counter: bool = True,
    trials: int = 1,
    seed: int = 0,
) -> Rumor:
    """Spread a rumour from one node until nobody cares any more.

    Parameters
    ----------
    nodes : int
        How many nodes, at least 2.
    k : int
        How many useless calls (or calls, without `feedback`) a node puts up with; at least 1. Too low leaves many
        untold; each step more costs about a message per node and divides the residue by about e.
    mode : {"push", "pull"}
        Who calls: infective nodes, or everybody.
    feedback : bool
        Whether the other side says that it knew already.
    counter : bool
        Whether a node counts to `k`; otherwise it tosses a coin that comes up 1 in `k`.

    Returns
    -------
    Rumor

    Raises
    ------
    ValueError
        Naming the parameter, its value and what is allowed.

    References
    ----------
    A. Demers et al., "Epidemic algorithms for replicated database maintenance", Xerox CSL-89-1 (PODC 1987), section 1.4
    and tables 1 to 3.

    Examples
    --------
    >>> run = rumor(1000, k=2, trials=200, seed=1)
    >>> round(run.residue.mean(), 2), round(run.traffic.mean(), 1)  # the paper: 0.037 and 3.3
    (np.float64(0.04), np.float64(3.3))
    """
    whole("nodes", nodes, 2)
    whole("k", k, 1)
    whole("trials", trials, 1)
    if mode not in ("push", "pull"):
        raise ValueError(f"mode is {mode!r}: it must be push or pull")
    rng = np.random.default_rng(whole("seed", seed, 0))
    # all trials in one row: node i of trial t is t * nodes + i
    known = np.zeros(trials * nodes, dtype=bool)
    known[::nodes] = True
    infective = known.copy()
    useless_in_a_row = np.zeros(trials * nodes, dtype=np.int64)
    traffic, t_last = np.zeros(trials), np.zeros(trials)
    cycle = 0
    while infective.any():
        cycle += 1
        teller, learner = _calls(rng, mode, infective, nodes)
        traffic += np.bincount(teller // nodes, minlength=trials)
        useful = np.zeros_like(known)
        useful[teller[~known[learner]]] = True  # judged before anybody learns
        news = learner[~known[learner]]
        known[news] = infective[news] = True
        t_last[np.unique(news // nodes)] = cycle
        called = np.unique(teller)
        spent = called if not feedback else called[~useful[called]]
        useless_in_a_row[spent] += 1
        if feedback:
            useless_in_a_row[useful] = 0
        tired = useless_in_a_row[spent] >= k if counter else rng.random(len(spent)) < 1 / k
        infective[spent[tired]] = False
    return Rumor(1 - known.reshape(trials, nodes).mean(axis=1), traffic / nodes, t_last)


def _calls(rng, mode, infective, nodes):
    """Draw a cycle's calls that carry the rumour: who tells, and who is told."""
    running = np.repeat(infective.reshape(-1, nodes).any(axis=1), nodes)
    callers = np.flatnonzero(infective if mode == "push" else running)
    other = rng.integers(nodes - 1, size=len(callers))
    called = callers - callers % nodes + other + (other >= callers % nodes)
    if mode == "push":
        return callers, called
    answered = infective[called]
    return called[answered], callers[answered]
