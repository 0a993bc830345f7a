"""What can be said of gossipsub without a run."""

from ...sim import checks


def no_gossip(factor: float = 0.25, rounds: int = 3) -> float:
    """The chance that a peer outside the mesh hears nothing of a message from one router that gossips.

    Parameters
    ----------
    factor : float
        The share of such peers that a heartbeat tells, the gossip factor.
    rounds : int
        Heartbeats for which a message is advertised.

    Returns
    -------
    float

    References
    ----------
    libp2p/specs, gossipsub-v1.1.md, Adaptive Gossip Dissemination: (3/4)³.

    Examples
    --------
    >>> no_gossip()
    0.421875
    """
    checks.probability("factor", factor)
    checks.whole("rounds", rounds, 1)
    return (1 - factor) ** rounds
