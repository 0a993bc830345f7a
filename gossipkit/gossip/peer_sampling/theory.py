"""What the share of liars in Brahms' views comes to, in the mean: a recurrence of the kind that the paper analyses, derived here."""

from ...sim import checks


def next_share(
    share: float, liars: float, alpha: float = 0.45, beta: float = 0.45, gamma: float = 0.1
) -> float:
    """The expected share of liars in honest views after a round, from the one before it.

    Liars push as often as others do, to honest peers only, and answer pulls with liars only; samplers have converged. Then: of the
    pushes that reach an honest peer, honest ones are fewer by those that went to liars, which leaves ``f / (f + (1 - f)(1 - x))`` to
    liars. A pull goes to a liar with probability x, and to an honest peer that names one with (1 - x) x. A sampler keeps a liar with
    probability f.

    Parameters
    ----------
    share : float
        x, the share of liars in honest views.
    liars : float
        f, the share of peers that lie, and of all pushes that they send.
    alpha, beta, gamma : float
        The parts of a view that come from pushes, pulls and history.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For a share that isn't one, and parts that do not add up to 1.
    """
    checks.probability("share", share)
    _check(liars, alpha, beta, gamma)
    return _next(share, liars, alpha, beta, gamma)


def _next(x: float, f: float, alpha: float, beta: float, gamma: float) -> float:
    pushed = f / (f + (1 - f) * (1 - x)) if f else 0.0
    return alpha * pushed + beta * (1 - (1 - x) ** 2) + gamma * f


def _check(liars: float, alpha: float, beta: float, gamma: float) -> None:
    for name, part in (("liars", liars), ("alpha", alpha), ("beta", beta), ("gamma", gamma)):
        checks.probability(name, part)
    if abs(alpha + beta + gamma - 1) > 1e-9:
        raise ValueError(f"alpha, beta and gamma add up to {alpha + beta + gamma:g}: it must be 1")


def fixed_point(liars: float, alpha: float = 0.45, beta: float = 0.45, gamma: float = 0.1) -> float:
    """The share of liars at which honest views come to rest, from views that begin with the share of the liars.

    This is the mean of a large system. In a small one some honest peers are in more views than others, and those that are pushed to
    less take more liars: with a fifth of liars, views of 12 and 20 names come to rest 0.06 higher, of 40 names 0.04, of 100 names 0.01.

    Without a history (γ = 0) and with α = β, it is ``(f + √(4 f - 3 f²)) / (2 (1 - f))`` up to a third of liars, and 1 above: all. It is
    no small number: it grows as the root of f. With a history it stays below 1 for every f below 1.

    Parameters
    ----------
    liars, alpha, beta, gamma : float
        As of `next_share`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For a share that isn't one, and parts that do not add up to 1.

    Examples
    --------
    >>> round(fixed_point(0.1, 0.5, 0.5, 0.0), 3), round(fixed_point(0.1), 3), fixed_point(0.4, 0.5, 0.5, 0.0)
    (0.393, 0.304, 1.0)
    """
    _check(liars, alpha, beta, gamma)
    share = liars
    for _ in range(100_000):
        before, share = share, _next(share, liars, alpha, beta, gamma)
        if abs(share - before) < 1e-12:
            break
    return 1.0 if share > 1 - 1e-4 else share
