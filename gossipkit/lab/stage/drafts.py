"""What a stage is to show, as a value, and how a request changes it: steps, sliders, window, undo and redo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...sim import Scenario
from ...sim.checks import number
from ..controls import Control
from .cast import LONGEST_S

MORE_S = 30.0
MOST_UNDONE = 200
MOST_STEPS = 200


@dataclass(frozen=True)
class Draft:
    """The steps, the controls' values, and the length of the window in seconds."""

    scenario: Scenario
    values: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class Drafts:
    """What is shown now, what it was before, and what has been taken back."""

    now: Draft
    first: Draft
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()

    def to(self, draft: Draft) -> Drafts:
        """The same after a change that can be undone."""
        if draft == self.now:
            return self
        return Drafts(draft, self.first, (*self.past, self.now)[-MOST_UNDONE:], ())

    def changed(self, request: dict, controls: Sequence[Control]) -> Drafts:
        """The same after a request of the browser.

        Raises
        ------
        ValueError
            For a request that is none, or that asks for what there is not.
        """
        change = _CHANGES.get(request.get("type"))
        if change is None:
            raise ValueError(f"type is {request.get('type')!r}: it must be one of {', '.join(_CHANGES)}")
        return change(self, request, controls)


def _step(drafts: Drafts, request: dict, controls) -> Drafts:
    at, arguments = request["at_s"], request.get("arguments") or {}
    number("at_s", at, high=LONGEST_S)
    if not isinstance(arguments, dict):
        raise ValueError(f"arguments is {arguments!r}: it must be a dict")
    steps = json.loads(drafts.now.scenario.to_json())
    if len(steps) >= MOST_STEPS:
        raise ValueError(f"there are {len(steps)} steps: at most {MOST_STEPS} are allowed")
    try:
        # whole milliseconds: what a hand can point at, and what can be read in the list of steps
        scenario = Scenario([*steps, (round(at, 3), request["action"], arguments)])
    except ValueError as error:
        raise ValueError(str(error).removeprefix(f"step {len(steps) + 1}: ")) from None
    return drafts.to(replace(drafts.now, scenario=scenario))


def _steps(drafts: Drafts, request: dict, controls) -> Drafts:
    scenario = Scenario.from_json(request["scenario"])
    if len(scenario) > MOST_STEPS:
        raise ValueError(f"there are {len(scenario)} steps: at most {MOST_STEPS} are allowed")
    return drafts.to(replace(drafts.now, scenario=scenario))


def _move(drafts: Drafts, request: dict, controls: Sequence[Control]) -> Drafts:
    positions = request["positions"]
    if len(positions) != len(controls):
        raise ValueError(f"there are {len(positions)} positions: there must be {len(controls)}")
    values = {
        control.name: control.at(position) for control, position in zip(controls, positions, strict=True)
    }
    return drafts.to(replace(drafts.now, values=values))


def _undo(drafts: Drafts, request: dict, controls) -> Drafts:
    if not drafts.past:
        raise ValueError("there is nothing to undo")
    return Drafts(drafts.past[-1], drafts.first, drafts.past[:-1], (drafts.now, *drafts.future))


def _redo(drafts: Drafts, request: dict, controls) -> Drafts:
    if not drafts.future:
        raise ValueError("there is nothing to do again")
    return Drafts(drafts.future[0], drafts.first, (*drafts.past, drafts.now), drafts.future[1:])


def _reset(drafts: Drafts, request: dict, controls) -> Drafts:
    return drafts.to(drafts.first)


def _more(drafts: Drafts, request: dict, controls) -> Drafts:
    if drafts.now.seconds >= LONGEST_S:
        raise ValueError(f"the window is {drafts.now.seconds:g} s long: {LONGEST_S:g} s are the most")
    longer = replace(drafts.now, seconds=min(LONGEST_S, drafts.now.seconds + MORE_S))
    # a longer window is no step: undo and redo leave it
    widen = lambda draft: replace(draft, seconds=longer.seconds)  # noqa: E731
    return Drafts(longer, drafts.first, tuple(map(widen, drafts.past)), tuple(map(widen, drafts.future)))


def _follow(drafts: Drafts, request: dict, controls) -> Drafts:
    other: Draft = request["draft"]
    return drafts.to(replace(drafts.now, scenario=other.scenario, seconds=other.seconds))


_CHANGES = {
    "step": _step,
    "steps": _steps,
    "move": _move,
    "undo": _undo,
    "redo": _redo,
    "reset": _reset,
    "more": _more,
    "follow": _follow,
}
