"""The search for a run that fails: one case after the other, here or by many workers, and always the same one is found.

A case is everything that decides a run, so a failing one is replayed by running it again, and made smaller by `shrink`.

References
----------
K. Claessen, J. Hughes, "QuickCheck", ICFP 2000 (generated cases); FoundationDB's simulation (J. Zhou et al., SIGMOD 2021,
section 4: one seed decides a whole cluster's run, and the faults in it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...sim import Scenario, checks

if TYPE_CHECKING:
    from concurrent.futures import Executor

AHEAD = 32
"""Cases that an executor has in hand at most: what comes after the first failure is run for nothing."""


@dataclass(frozen=True)
class Case:
    """All that decides one run.

    Attributes
    ----------
    seed : int
    nodes : int
        How many nodes there are.
    seconds : float
        How long it runs.
    scenario : Scenario
        What happens in it.

    Raises
    ------
    ValueError
        For a number out of range, or no scenario.
    """

    seed: int
    nodes: int
    seconds: float
    scenario: Scenario

    def __post_init__(self):
        checks.whole("seed", self.seed, 0)
        checks.whole("nodes", self.nodes, 1)
        checks.number("seconds", self.seconds)
        checks.instance("scenario", self.scenario, Scenario, "a Scenario, such as Scenario([(5, 'heal')])")

    def __repr__(self) -> str:
        return (
            f"<Case of seed {self.seed}: {self.nodes} nodes, {self.seconds:g} s, {len(self.scenario)} steps>"
        )


Run = Callable[[Case], Any]
"""What a search and `shrink` are given: something true where the run fails, such as a `Broken`."""


@dataclass(frozen=True)
class Found:
    """What a search has found."""

    case: Case
    failure: Any
    """What the run said."""
    tries: int
    """The how-manieth case it was."""

    def __repr__(self) -> str:
        return f"<Found in try {self.tries}: {self.case!r}, {self.failure!r}>"


def search(
    run: Run,
    cases: Iterable[Case],
    *,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Found | None:
    """The first case whose run fails, in the order of the cases, whoever runs them.

    Parameters
    ----------
    run : callable
        From a case to something true if it fails. For an executor of other processes it must be one that they can import.
    cases : iterable of Case
        It may be endless, and is asked for no more than is needed.
    executor : concurrent.futures.Executor, optional
        By default the cases are run here. It is not shut down.
    progress : callable, optional
        Called with the number of cases that have been run, after each.

    Returns
    -------
    Found or None
        None if none of the cases fails.

    Raises
    ------
    Exception
        What a run raises. An exception is no failure: it is a mistake in the run or in the cases.

    Examples
    --------
    >>> cases = (Case(seed, 3, 10.0, Scenario()) for seed in range(100))
    >>> search(lambda case: "seven!" if case.seed == 7 else None, cases)
    <Found in try 8: <Case of seed 7: 3 nodes, 10 s, 0 steps>, 'seven!'>
    """
    for tries, (case, failure) in enumerate(_results(run, iter(cases), executor), 1):
        if progress:
            progress(tries)
        if failure:
            return Found(case, failure, tries)
    return None


def _results(run: Run, cases: Iterator[Case], executor: Executor | None) -> Iterator[tuple[Case, Any]]:
    if executor is None:
        for case in cases:
            yield case, run(case)
        return
    running = [(case, executor.submit(run, case)) for case in islice(cases, AHEAD)]
    try:
        while running:
            case, future = running.pop(0)
            failure = future.result()
            # a worker that is done may begin the next one, unless this was the last that anybody wants to know of
            if not failure:
                running += [(another, executor.submit(run, another)) for another in islice(cases, 1)]
            yield case, failure
    finally:
        for _, future in running:
            future.cancel()
