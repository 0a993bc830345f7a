"""What one node knows, has done and has waiting at a time: the run is played once more, up to then."""

from __future__ import annotations

from typing import Any

from ...sim import Scenario
from ...sim.checks import number
from ...sim.trace import PACKETS
from ..faces import text
from .play import Setting, cluster_of, replay

LAST = 20
NO_LOG = {*PACKETS, "beliefs", "queue"}


def about(setting: Setting, scenario: Scenario, node: str, at_s: float) -> list[dict]:
    """Sections, each with ``title`` and either ``lines`` or ``columns`` and ``rows``, all of text.

    Parameters
    ----------
    setting : Setting
    scenario : Scenario
    node : str
    at_s : float
        Seconds.

    Raises
    ------
    ValueError
        If there is no such node then.
    """
    number("at_s", at_s)
    system = cluster_of(replay(setting, scenario, at_s))
    world = system.world
    if node not in world.names:
        raise ValueError(f"{node!r} is not there at {at_s:g} s: there is {', '.join(world.names)}")
    runs = node in world.up
    return [
        _state(setting, system, node, at_s, runs),
        *([_view(setting, system, node)] if runs else []),
        *([{"title": "Waits here", "lines": setting.cast.waiting(system, node)}] if runs else []),
        _log(system, node),
    ]


def _state(setting: Setting, system: Any, node: str, at_s: float, runs: bool) -> dict:
    lines = [f"{node} at {at_s:.3f} s: {'it runs' if runs else 'it is down, and only its disk is left'}"]
    ahead = _ahead_s(system, node, at_s)
    if abs(ahead) >= 0.0005:
        lines.append(f"its clock is {abs(ahead):.3f} s {'ahead' if ahead > 0 else 'behind'}")
    else:
        lines.append("its clock is right")
    if runs:
        lines += setting.cast.is_what(system, node)
    return {"title": "Now", "lines": lines}


def _ahead_s(system: Any, node: str, at_s: float) -> float:
    """How far a node's wall clock is ahead, in seconds."""
    ahead = 0.0
    for time, _, _, told in system.trace.filter(node=node, kind="clock"):
        ahead = told["offset_s"] + told["drift_ppm"] / 1e6 * (at_s - time)
    return ahead


def _view(setting: Setting, system: Any, node: str) -> dict:
    view = setting.cast.view(system, node)
    labels = {belief.word: belief.label for belief in setting.cast.beliefs}
    return {
        "title": "What it believes",
        "columns": ["of", "belief"],
        "rows": [[name, labels.get(view[name], view[name])] for name in system.world.names if name in view],
    }


def _log(system: Any, node: str) -> dict:
    found = []
    for time, who, kind, fields, *_ in system.trace.rows():
        if who == node and kind not in NO_LOG and type(fields) is dict:
            found.append((time, kind, fields))
    return {
        "title": f"Its log, the last {LAST} lines",
        "columns": ["seconds", "what", "details"],
        "rows": [[f"{time:.3f}", kind, _said(fields)] for time, kind, fields in found[-LAST:]],
    }


def _said(fields: dict) -> str:
    return ", ".join(f"{name} {_cell(value)}" for name, value in fields.items() if value is not None)


def _cell(value: Any) -> str:
    if isinstance(value, (str, bool)):
        return str(value)
    if isinstance(value, (int, float)):
        return text(value)
    if isinstance(value, (tuple, list, set, frozenset)):
        return ", ".join(map(_cell, value)) or "none"
    return type(value).__name__
