"""What the hunts for the planted bugs took, computed by one command and stored.

    python -m gossipkit.systems.checking

computes it anew, in about a minute, and writes it beside this file. A hunt is the same wherever it is done: a test does some
again and compares them with the store.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ...sim import Scenario, sweep
from .invariants import Broken
from .planted import BUGS, Hunt, Trial, cases, hunt
from .search import Case, Found, search
from .shrinking import Shrunk

if TYPE_CHECKING:
    from concurrent.futures import Executor

FILE = Path(__file__).parent / "hunts.json"
SEARCHES = 20
"""Searches for each bug, each with seeds of its own."""
TRIES = 1000
"""Cases of one search at most, and how far apart their seeds begin."""


@dataclass(frozen=True)
class Hunted:
    """What it took to find one planted bug.

    Attributes
    ----------
    hunt : Hunt
        The first search, with its case before and after shrinking.
    tries : tuple of int
        Of `SEARCHES` searches, how many cases each took.
    """

    hunt: Hunt
    tries: tuple[int, ...]

    @property
    def bug(self) -> str:
        """The bug's name."""
        return self.hunt.bug

    @property
    def median_tries(self) -> float:
        """How many cases half of the searches took at most."""
        return median(self.tries)

    def __repr__(self) -> str:
        return (
            f"<Hunted {self.bug!r}: found in case {self.median_tries:g} by the median of {len(self.tries)} searches, in case "
            f"{max(self.tries)} by the longest; steps: {len(self.hunt.shrunk.before.scenario)}, then "
            f"{len(self.hunt.shrunk.after.scenario)}>"
        )


def tries(bug: str, seed: int) -> int:
    """How many cases a search takes, the first one (0) or a later one: the seeds of its cases begin at ``seed * TRIES``."""
    first = seed * TRIES
    return search(Trial(bug), cases(bug, range(first, first + TRIES))).tries


def hunted(executor: Executor) -> tuple[Hunted, ...]:
    """All of it, a row for each of `BUGS`, computed anew by an executor, with a bar."""
    searches = sweep(tries, {"bug": list(BUGS)}, range(SEARCHES), executor=executor, progress=True)
    took = searches.over_seeds("value")
    return tuple(Hunted(each, took[each.bug,]) for each in executor.map(hunt, BUGS, repeat(TRIES)))


@cache
def stored_hunts() -> tuple[Hunted, ...]:
    """What is stored, a row for each of `BUGS`, in their order."""
    return tuple(map(_read, json.loads(FILE.read_text(encoding="utf-8"))))


def written(rows: tuple[Hunted, ...]) -> str:
    """The file's text."""
    return "[\n" + ",\n".join(json.dumps(_said(row)) for row in rows) + "\n]\n"


def _said(row: Hunted) -> dict[str, Any]:
    found, shrunk = row.hunt.found, row.hunt.shrunk
    return {
        "bug": row.bug,
        "tries": list(row.tries),
        "found": asdict(found.failure),
        "before": _case(shrunk.before),
        "runs": shrunk.runs,
        "left": asdict(shrunk.failure),
        "after": _case(shrunk.after),
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "seed": case.seed,
        "nodes": case.nodes,
        "seconds": case.seconds,
        "scenario": [list(step) for step in case.scenario.steps],
    }


def _read(said: dict[str, Any]) -> Hunted:
    before, after = (
        Case(each["seed"], each["nodes"], each["seconds"], Scenario(each["scenario"]))
        for each in (said["before"], said["after"])
    )
    found = Found(before, Broken(**said["found"]), said["tries"][0])
    shrunk = Shrunk(before, after, Broken(**said["left"]), said["runs"])
    return Hunted(Hunt(said["bug"], TRIES, found, shrunk), tuple(said["tries"]))
