"""What happens to a system, and when, as data: a value that can be handed in, stored and replayed.

A step is a fault, which every world has, or an action of a system: what its clients ask for, what its operators do. Faults
are checked when the scenario is made; an action can only be checked when it is known which system is to play it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, NamedTuple, Protocol

from . import checks
from .faults import FAULTS, Fault, Nodes

PLAIN = (str, int, float, bool, type(None))


class System(Protocol):
    """What plays a scenario and has actions of its own."""

    def check_action(
        self, action: str, arguments: Mapping[str, Any], coming: Collection[str]
    ) -> Collection[str]:
        """Raise ValueError, and change nothing, for an action that it can't do; else the names of nodes that it adds."""


class Step(NamedTuple):
    """One fault or action, its time in seconds, and its arguments by name, in which a list is a tuple."""

    at: float
    action: str
    arguments: dict[str, Any]

    @property
    def fault(self) -> Fault | None:
        """The fault, if it is one."""
        return FAULTS[self.action](**self.arguments) if self.action in FAULTS else None


def _usage(action: str) -> str:
    return f"{action}({', '.join(field.name for field in fields(FAULTS[action]))})"


def _plain(name: str, value: Any) -> Any:
    """The value with tuples for lists, if JSON has it."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(name, item) for item in value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, item) for key, item in value.items()}
    if not isinstance(value, PLAIN) or (isinstance(value, float) and not isfinite(value)):
        raise ValueError(
            f"{name} is {value!r}: it must be text, a number, True, False, None, or a list or dict of these"
        )
    return value


def _fault(action: str, arguments: Mapping) -> dict[str, Any]:
    """A fault's arguments, all of them, checked."""
    try:
        fault = FAULTS[action](**arguments)
    except TypeError:
        raise ValueError(
            f"{action} was given {', '.join(map(str, arguments)) or 'nothing'}: it takes {_usage(action)}"
        ) from None
    return asdict(fault)


def _step(position: int, item: Any) -> Step:
    """The step that one item of a scenario stands for; errors say which item it was."""
    try:
        if isinstance(item, str) or not isinstance(item, Iterable) or not 2 <= len(item := tuple(item)) <= 3:
            raise ValueError(
                f"{item!r} is no step: it must be (at, action, arguments), as in (5.0, 'crash', {{'name': 'a'}})"
            )
        at, action, arguments = (*item, {})[:3]
        checks.number("at", at)
        if not isinstance(action, str) or not action.isidentifier():
            raise ValueError(
                f"action is {action!r}: it must be the name of a fault, one of {', '.join(map(repr, FAULTS))}, "
                f"or of an action of the system that is to play it"
            )
        if not isinstance(arguments, Mapping):
            wanted = f", for {_usage(action)}" if action in FAULTS else ""
            raise ValueError(f"arguments is {arguments!r}: it must be a dict{wanted}")
        if action in FAULTS:
            arguments = _fault(action, arguments)
        for name in arguments:
            if not isinstance(name, str):
                raise ValueError(
                    f"arguments has the key {name!r}: it must be the name of a parameter of {action}"
                )
        plain = {name: _plain(name, value) for name, value in arguments.items()}
        return Step(float(at), action, plain)
    except ValueError as error:
        raise ValueError(f"step {position}: {error}") from None


@dataclass(frozen=True, init=False)
class Scenario:
    """A list of steps with their times, checked when it is made and again before it is played.

    Parameters
    ----------
    steps : iterable of (at, action, arguments)
        ``at`` in seconds from the beginning of the world. ``action`` is the name of a fault of `gossipkit.sim.faults`:
        crash(name), restart(name), pause(name, seconds, timers), partition(groups), cut(a, b, both, streams), mend(a, b),
        heal(), set_loss(p, src, dst), corrupt(p), clock(name, offset_s, drift_ppm) or churn(leaves_per_s, joins_per_s,
        seconds); or that of an action of the system that is to play it, such as ``write`` or ``join``
        (`gossipkit.systems`). ``arguments`` is a dict of its parameters, plain data, which may be left out where it needs
        none; ``groups`` is a list of lists of names. Steps are put in order of time; those at one instant keep theirs.

    Raises
    ------
    ValueError
        For a fault that could make sense in no world, and for arguments that are no plain data; it says which step, and
        what is allowed.

    Examples
    --------
    >>> scenario = Scenario([(20, "heal"), (5, "partition", {"groups": [["a"], ["b", "c"]]}), (6, "get", {"key": "k"})])
    >>> print(scenario.to_json())
    [
      [5.0, "partition", {"groups": [["a"], ["b", "c"]]}],
      [6.0, "get", {"key": "k"}],
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

    def __hash__(self) -> int:
        return hash(self.to_json())

    def check(self, world: Nodes, system: System | None = None) -> None:
        """Raise ValueError, and change nothing, if a step is in the past, or makes no sense in this world and system."""
        coming: set[str] = set()
        for position, step in enumerate(self.steps, 1):
            try:
                checks.number("at", step.at, low=world.now)
                if step.fault is not None:
                    step.fault.check(world, coming)
                elif system is not None:
                    coming |= set(system.check_action(step.action, step.arguments, coming))
                else:
                    raise ValueError(
                        f"action is {step.action!r}: a world has only faults, {', '.join(map(repr, FAULTS))}"
                    )
            except ValueError as error:
                raise ValueError(
                    f"step {position} in order of time ({step.action} at {step.at:g} s): {error}"
                ) from None

    def to_json(self) -> str:
        """As text, one step a line; `from_json` makes an equal scenario of it."""
        lines = [json.dumps(step) for step in self.steps]
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
