"""Trials of one test, remembered for the next: a child that ran a test tells the process that forks the next one.

Tests of one task measure the same settings with the same seeds, and so do the tests of the next submission that has them.
A trial depends on its arguments alone, so its outcome is the same whoever asks for it. What is told are values (`wire`),
and only of the engine's own trials (`gossipkit.sim.remembered`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import islice
from typing import Any, BinaryIO

from ..sim.remembered import TRIALS
from . import wire


def counted() -> dict[str, int]:
    """How many outcomes of each trial are known."""
    return {name: len(known) for name, known in TRIALS.items()}


def tell(stream: BinaryIO, before: Mapping[str, int]) -> None:
    """Tell what came to be known since it was counted, as far as it is plain."""
    for name, known in TRIALS.items():
        for outcome in islice(known.items(), before.get(name, 0), None):
            try:
                wire.write(stream, [name, wire.encode(outcome, _refuse)])
            except (TypeError, wire.WireError):
                continue


def learn(stream: BinaryIO) -> None:
    """Remember what is told, until nothing more is."""
    while True:
        try:
            name, told = wire.read(stream)
        except EOFError:
            return
        if name in TRIALS:
            arguments, outcome = wire.decode(told, _refuse, vars(sys.modules[name.partition(":")[0]]))
            TRIALS[name][arguments] = outcome


def _refuse(value: Any) -> Any:
    raise TypeError(f"a {type(value).__name__} is not plain")
