"""Shrinking: from a case that fails to the shortest one that still does, so that a person can read it.

A case is made smaller in four ways, in turn, until none of them helps:

1. Steps of its scenario are left out: halves first, then quarters, and so on down to single ones (delta debugging).
2. Everything happens earlier, and it ends earlier.
3. It has fewer nodes; names that are too high then are replaced by the lowest that no step uses.
4. A step becomes simpler: its time or another number of seconds half as large, or a whole number; a list shorter by one.

What is left fails, and without any one of its steps it would not. It need not be the smallest of all.

References
----------
A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28 (2002), the algorithm ddmin.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

from ...sim import Scenario, checks
from ...sim.scenario import Step
from .search import Case, Run

Fails = Callable[[Case], Any]
"""Gives something true where a case fails."""


@dataclass(frozen=True)
class Shrunk:
    """A failing case, and what became of it."""

    before: Case
    after: Case
    failure: Any
    """What the run of ``after`` says."""
    runs: int
    """How many runs it took."""

    def __repr__(self) -> str:
        return f"<Shrunk in {self.runs} runs: {self.before!r} to {self.after!r}, {self.failure!r}>"


def shrink(run: Run, case: Case, *, budget: int = 300) -> Shrunk:
    """Make a failing case as small as can be while it still fails.

    Parameters
    ----------
    run : callable
        As of `search`. A case for which it raises ValueError makes no sense, and counts as one that doesn't fail.
    case : Case
        One that fails.
    budget : int
        Runs at most; what is reached by then is given back.

    Returns
    -------
    Shrunk
        The same for the same case and run.

    Raises
    ------
    ValueError
        If the case doesn't fail.

    Examples
    --------
    >>> def run(case):  # it fails where two nodes have crashed
    ...     return len({step.arguments["name"] for step in case.scenario.steps if step.action == "crash"}) > 1
    >>> steps = [(at, "crash", {"name": f"node-{at % 4 + 1}"}) for at in range(1, 9)] + [(3.3, "heal")]
    >>> shrunk = shrink(run, Case(1, 4, 60.0, Scenario(steps)))
    >>> [(step.at, step.action, step.arguments["name"]) for step in shrunk.after.scenario.steps]
    [(0.0, 'crash', 'node-4'), (1.0, 'crash', 'node-1')]
    """
    checks.whole("budget", budget, 1)
    known: dict[Case, Any] = {}

    def fails(candidate: Case) -> bool:
        if candidate not in known:
            if len(known) >= budget:
                return False
            try:
                known[candidate] = run(candidate)
            except ValueError:
                known[candidate] = None
        return bool(known[candidate])

    if not fails(case):
        raise ValueError(f"case is {case!r}: it must be one that fails")
    smallest, before = case, None
    while smallest != before:
        before = smallest
        for smaller in (fewer_steps, _earlier, _shorter, _fewer_nodes, _simpler):
            smallest = smaller(fails, smallest)
    return Shrunk(case, smallest, known[smallest], len(known))


def fewer_steps(fails: Fails, case: Case) -> Case:
    """The case without the steps that its failure does not need; ``fails`` gives something true for a case that does."""
    steps, parts = case.scenario.steps, 2
    while len(steps) > 0:
        size = ceil(len(steps) / parts)
        for first in range(0, len(steps), size):
            rest = steps[:first] + steps[first + size :]
            if fails(_with(case, rest)):
                steps, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(steps), 2 * parts)
    return _with(case, steps)


def _earlier(fails: Fails, case: Case) -> Case:
    """All steps sooner, by the same time."""
    steps = case.scenario.steps
    sooner_s = floor(steps[0].at) if steps else 0
    while sooner_s > 0:
        candidate = _with(case, tuple(step._replace(at=step.at - sooner_s) for step in steps))
        if fails(candidate):
            return candidate
        sooner_s //= 2
    return case


def _shorter(fails: Fails, case: Case) -> Case:
    """Half the time, half of what is left, and so on, in whole seconds."""
    low, high = 0, case.seconds
    while high - low > 1:
        middle = floor((low + high) / 2)
        if fails(replace(case, seconds=float(middle))):
            high = float(middle)
        else:
            low = middle
    return replace(case, seconds=high)


def _fewer_nodes(fails: Fails, case: Case) -> Case:
    for nodes in range(1, case.nodes):
        fewer = replace(case, nodes=nodes, scenario=_renamed(case.scenario, nodes))
        if fails(fewer):
            return fewer
    return case


def _renamed(scenario: Scenario, nodes: int) -> Scenario:
    """The scenario with other names for the nodes that are too many: the lowest that it does not use."""
    numbered = re.compile(r"(\w+-)(\d+)")
    used = {match[0]: match for match in map(numbered.fullmatch, _texts(scenario)) if match}
    new: dict[str, str] = {}
    for name, match in sorted(used.items(), key=lambda each: int(each[1][2])):
        if int(match[2]) > nodes:
            free = (f"{match[1]}{number}" for number in range(1, nodes + 1))
            new[name] = next((each for each in free if each not in used and each not in new.values()), name)

    def renamed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(renamed, value))
        return new.get(value, value) if isinstance(value, str) else value

    return Scenario(
        (step.at, step.action, {name: renamed(value) for name, value in step.arguments.items()})
        for step in scenario.steps
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Scenario):
        for step in value.steps:
            yield from _texts(tuple(step.arguments.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def _simpler(fails: Fails, case: Case) -> Case:
    place = 0
    while place < len(case.scenario):
        steps = case.scenario.steps
        for simpler in _simpler_steps(steps[place]):
            try:
                candidate = _with(case, (*steps[:place], simpler, *steps[place + 1 :]))
            except ValueError:  # no fault could be like this
                continue
            # another time can be another place in the order of the steps: then the next round comes to it
            if fails(candidate):
                case = candidate
                break
        else:
            place += 1
    return case


def _simpler_steps(step: Step) -> Iterator[Step]:
    at, arguments = step.at, step.arguments
    for sooner in _simpler_values(at):
        yield step._replace(at=sooner)
    for name, value in arguments.items():
        for simpler in _simpler_values(value):
            yield step._replace(arguments=arguments | {name: simpler})


def _simpler_values(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for place, each in enumerate(value):
            yield value[:place] + value[place + 1 :]
            for simpler in _simpler_values(each):
                yield (*value[:place], simpler, *value[place + 1 :])
    elif isinstance(value, float):
        if value >= 2.0:
            yield float(floor(value / 2))
        for rounded in (float(floor(value)), round(value, 1)):
            if rounded != value:
                yield rounded


def _with(case: Case, steps: tuple[Step, ...]) -> Case:
    return replace(case, scenario=Scenario(steps))
