"""What is said of a claim while a stage runs: when it is seen, and what is missing when it is not."""

from __future__ import annotations


def said(missed: list[tuple[float, str]], seconds: float) -> dict:
    """From what was missing, by time, to what the browser shows.

    Parameters
    ----------
    missed : list of (float, str)
        Times in seconds, and what is missing from then on, "" if nothing is.
    seconds : float
        Where the window ends.

    Examples
    --------
    >>> said([(0.0, "nobody is up"), (3.0, ""), (5.0, "somebody is down")], 9.0)["spans"]
    [[3.0, 5.0]]
    """
    ends = [time for time, _ in missed[1:]] + [seconds]
    missing = missed[-1][1] if missed else ""
    return {
        "seen": bool(missed) and not missing,
        "missing": missing,
        "at_s": seconds,
        "changes": [[time, not what, what] for time, what in missed],
        "spans": [[begin, end] for (begin, what), end in zip(missed, ends, strict=True) if not what],
    }
