"""Trials that are remembered: one seed replays everything, so a run that was made once need not be made again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

TRIALS: dict[str, dict[tuple, Any]] = {}
"""By a trial's module and name, what came of which arguments: those given by place, and those given by name."""


def remembered(trial: Callable[..., Any]) -> Callable[..., Any]:
    """Remember what came of a trial, as `functools.cache` does, in `TRIALS`, from where another process can be told of it.

    Parameters
    ----------
    trial : callable
        What it gives depends on its arguments alone, and nobody changes it. The arguments can be hashed.

    Examples
    --------
    >>> made = []
    >>> @remembered
    ... def run(seed):
    ...     made.append(seed)
    ...     return 2 * seed
    >>> run(4), run(4), made
    (8, 8, [4])
    """
    known = TRIALS[f"{trial.__module__}:{trial.__qualname__}"] = {}

    @wraps(trial)
    def again(*args: Any, **kwargs: Any) -> Any:
        key = args, tuple(kwargs.items())
        if key not in known:
            known[key] = trial(*args, **kwargs)
        return known[key]

    return again
