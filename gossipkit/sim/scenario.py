"""Faults as data: what happens to a world, and when; a value that can be handed in, stored and replayed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from . import checks
from .faults import FAULTS, Fault, Nodes

ACTIONS = {fault: action for action, fault in FAULTS.items()}


class Step(NamedTuple):
    """One fault and its time in seconds."""

    at: float
    fault: Fault

    @property
    def action(self) -> str:
        """The name of the method of `World` that lets it happen."""
        return ACTIONS[type(self.fault)]


def _usage(action: str) -> str:
    return f"{action}({', '.join(field.name for field in fields(FAULTS[action]))})"


def _step(position: int, item: Any) -> Step:
    """The step that one item of a scenario stands for; errors say which item it was."""
    try:
        if isinstance(item, str) or not isinstance(item, Iterable) or not 2 <= len(item := tuple(item)) <= 3:
            raise ValueError(
                f"{item!r} is no step: it must be (at, action, arguments), as in (5.0, 'crash', {{'name': 'a'}})"
            )
        at, action, arguments = (*item, {})[:3]
        checks.number("at", at)
        checks.one_of("action", action, tuple(FAULTS))
        if not isinstance(arguments, Mapping):
            raise ValueError(f"arguments is {arguments!r}: it must be a dict, for {_usage(action)}")
        try:
            return Step(float(at), FAULTS[action](**arguments))
        except TypeError:
            raise ValueError(
                f"{action} was given {', '.join(map(str, arguments)) or 'nothing'}: it takes {_usage(action)}"
            ) from None
    except ValueError as error:
        raise ValueError(f"step {position}: {error}") from None


@dataclass(frozen=True, init=False)
class Scenario:
    """A list of faults with their times, checked when it is made and again before it is played.

    Parameters
    ----------
    steps : iterable of (at, action, arguments)
        ``at`` in seconds from the beginning of the world; ``action`` the name of a fault method of `World`: crash,
        restart, pause, partition, cut, mend, heal, set_loss, corrupt, clock or churn; ``arguments`` a dict of its parameters,
        which may be left out where it needs none. ``partition`` takes ``groups``, a list of lists of names. Steps are put in order of
        time; those at one instant keep theirs.

    Raises
    ------
    ValueError
        For a step that could make sense in no world; it says which one and what is allowed.

    Examples
    --------
    >>> scenario = Scenario([(20, "heal"), (5, "partition", {"groups": [["a"], ["b", "c"]]})])
    >>> print(scenario.to_json())
    [
      [5.0, "partition", {"groups": [["a"], ["b", "c"]]}],
      [20.0, "heal", {}]
    ]
    >>> Scenario.from_json(scenario.to_json()) == scenario
    True
    >>> Scenario([(5, "set_loss", {"p": 1.2})])
    Traceback (most recent call last):
    ...
    ValueError: step 1: loss is 1.2: it must be a number, between 0 and 1
    """

    steps: tuple[Step, ...]

    def __init__(self, steps: Iterable[tuple] = ()):
        made = [_step(position, item) for position, item in enumerate(steps, 1)]
        object.__setattr__(self, "steps", tuple(sorted(made, key=lambda step: step.at)))

    def __len__(self) -> int:
        return len(self.steps)

    def check(self, world: Nodes) -> None:
        """Raise ValueError, and change nothing, if a step is in the past or makes no sense in this world."""
        for position, step in enumerate(self.steps, 1):
            try:
                checks.number("at", step.at, low=world.now)
                step.fault.check(world)
            except ValueError as error:
                raise ValueError(
                    f"step {position} in order of time ({step.action} at {step.at:g} s): {error}"
                ) from None

    def to_json(self) -> str:
        """As text, one step a line; `from_json` makes an equal scenario of it."""
        lines = [json.dumps([step.at, step.action, asdict(step.fault)]) for step in self.steps]
        return "[\n  " + ",\n  ".join(lines) + "\n]" if lines else "[]"

    @classmethod
    def from_json(cls, text: str) -> "Scenario":
        """The scenario that `to_json` wrote, or that a person did.

        Raises
        ------
        ValueError
            If the text is no JSON, or no list of steps.
        """
        try:
            steps = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"the scenario is no JSON: {error}") from None
        if not isinstance(steps, list):
            raise ValueError(f"the scenario is {steps!r}: it must be a list of steps [at, action, arguments]")
        return cls(steps)
