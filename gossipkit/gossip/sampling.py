"""Many distinct draws at once: the one random primitive that every path of the engine stands on."""

from __future__ import annotations

from collections.abc import Iterator

from ..sim.arrays import np

BLOCK = (
    16_384  # senders handled together: their temporaries fit a core's cache, where a draw costs half as much
)


def distinct(rng: np.random.Generator, population, draws: int, rows: int) -> np.ndarray:
    """Draw, for each of ``rows`` rows, ``draws`` different numbers below ``population``.

    Floyd's algorithm, one column for all rows at a time: column ``j`` is drawn from 0 to ``population - draws + j``,
    and a number that the row already has is replaced by that upper end, which it cannot have yet.

    Parameters
    ----------
    population : int or int array of shape (rows,)
        How many numbers each row draws from; at least ``draws``.
    draws : int
        How many different numbers a row gets.

    Returns
    -------
    int array of shape (draws, rows)
        In each column a uniformly random subset; not in random order.

    References
    ----------
    J. Bentley, R. Floyd, "Programming pearls: a sample of brilliance", CACM 30(9), 1987.
    """
    chosen = np.empty((draws, rows), dtype=np.int64)
    alike = np.ndim(population) == 0
    for j in range(draws):
        top = population - draws + j
        chosen[j] = rng.integers(top + 1, size=rows) if alike else rng.random(rows) * (top + 1)
        if j:
            # every repeat is set to the same upper end, so one look at all the earlier ones will do
            np.copyto(chosen[j], top, where=np.logical_or.reduce(chosen[:j] == chosen[j]))
    return chosen


def staggered(rng: np.random.Generator, spare: np.ndarray, drawing: list[int]) -> Iterator[np.ndarray]:
    """Draw, for each row, as many different numbers as leave ``spare`` of those below its bound; all first ones first.

    Floyd's algorithm as in `distinct`, for rows that draw differently often.

    Parameters
    ----------
    spare : float array of shape (rows,)
        Whole numbers, from 0: how many numbers a row leaves. It is used up.
    drawing : list of int
        How many rows draw a first, a second, ... time: descending, the first of them all rows, none 0.

    Yields
    ------
    int array
        The first, the second, ... numbers, of those rows that draw so often: they are the first ones.
    """
    chosen = np.empty((len(drawing), drawing[0]), dtype=np.int64)
    for j, rows in enumerate(drawing):
        bound = spare[:rows]
        bound += 1
        drawn = rng.random(rows)
        drawn *= bound
        now = chosen[j, :rows]
        now[:] = drawn  # truncated
        if j:
            repeated = chosen[0, :rows] == now
            for earlier in chosen[1:j, :rows]:
                repeated |= earlier == now
            (at,) = repeated.nonzero()
            if len(at):
                now[at] = bound[at] - 1
        yield now


def lost(rng: np.random.Generator, loss: float, messages: int) -> np.ndarray:
    """Draw which of ``messages`` messages are lost, each with chance ``loss``; return their positions, ascending.

    The gaps between losses are geometric, so only the losses cost a draw.
    """
    if loss == 0:
        return np.empty(0, dtype=np.int64)
    if loss > 0.25:  # from here on a draw for each message is the cheaper way
        return np.flatnonzero(rng.random(messages, dtype=np.float32) < loss)
    expected = messages * loss
    # number by number what rng.geometric draws, but with the logarithm taken only once
    gaps = np.ceil(rng.standard_exponential(int(expected + 6 * expected**0.5 + 10)) / -np.log1p(-loss))
    positions = np.cumsum(np.minimum(gaps, messages + 1).astype(np.int64)) - 1
    while positions[-1] < messages:
        positions = np.append(positions, positions[-1] + rng.geometric(loss))
    return positions[: np.searchsorted(positions, messages)]
