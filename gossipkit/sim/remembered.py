"""Trials that are remembered: one seed replays everything, so a run that was made once need not be made again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

TRIALS: dict[str, dict[tuple, Any]] = {}
"""By a trial's module and name, what came of which arguments: those by place, those by name, and the types of all of them."""


def remembered(trial: Callable[..., Any]) -> Callable[..., Any]:
    """Remember what came of a trial in `TRIALS`, from where another process can be told of it.

    Arguments of other types are other arguments: a trial may refuse 2.0 or True where it takes 2 or 1.

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
        kinds = tuple(type(value).__name__ for value in (*args, *kwargs.values()))
        key = args, tuple(kwargs.items()), kinds
        if key not in known:
            known[key] = trial(*args, **kwargs)
        return known[key]

    return again
