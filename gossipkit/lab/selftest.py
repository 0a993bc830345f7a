"""Does this installation work?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version

from gossipkit.gossip import spread

from . import figures
from .controls import Slider
from .panel import Panel

NEEDS = ("numpy", "networkx", "matplotlib", "ipywidgets", "anywidget")
REMEDY = "install once more with the line in README.md, then restart the kernel"


def selftest() -> str:
    """Check Python, the packages, one known run, one figure and one panel.

    Returns
    -------
    str
        A line for each, `ok` or what is wrong and what to do. It says no versions, so that it reads the same everywhere.
    """
    checks: dict[str, Callable[[], bool]] = {
        "Python 3.11 or newer": lambda: sys.version_info >= (3, 11),
        f"packages {', '.join(NEEDS)}": lambda: all(map(version, NEEDS)),
        "a known run comes out as it should": _replays,
        "a figure is drawn": lambda: len(figures.three_parts().png()) > 1000,
        "a panel follows its slider": _panel_follows,
    }
    return "\n".join(f"{_outcome(check):6}{name}" for name, check in checks.items())


def _replays() -> bool:
    run = spread(1000, fanout=3, trials=20, seed=1)
    again = spread(1000, fanout=3, trials=20, seed=1)
    return (run.informed == again.informed).all() and bool((run.coverage == 1).all())


def _panel_follows() -> bool:
    panel = Panel(
        "Self-test",
        run=lambda fanout: spread(50, fanout=fanout, trials=5),
        draw=lambda run: figures.spread_curves({"informed": run}),
        controls=[Slider("fanout", 1, 3, 1)],
    )
    before = panel.state["lines"]
    panel.set(fanout=3)
    return panel.state["lines"] != before


def _outcome(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else f"NOT OK, {REMEDY}: "
    except Exception as error:
        return f"NOT OK ({type(error).__name__}: {error}), {REMEDY}: "
