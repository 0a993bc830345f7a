"""The table of failure: every environment with every borrowed setting, three seeds, computed by one command and stored.

    python -m gossipkit.systems.transfer table

computes it anew, which takes some minutes, and writes it beside this file; with ``metro`` instead, the hours among lesson
06's ticket machines. A cell is the same wherever it is computed: a test recomputes some and compares them with the store.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from math import isnan
from pathlib import Path

from ...gossip.swim import SwimConfig
from ...sim import checks
from .borrowed import BORROWED, TIMES, borrowed
from .cells import DAY_S, WATCH_S, Cell, measure
from .environments import ENVIRONMENTS, METRO
from .trial import DERIVED, udp_only

SEEDS = (1, 2, 3)
FILE = Path(__file__).parent / "table.csv"
METRO_FILE = FILE.with_name("metro.csv")
FILES = {"table": FILE, "metro": METRO_FILE}
TRIED = {"memberlist LAN": udp_only("memberlist LAN", SwimConfig.lan()), "derived": DERIVED}
METRO_LONG = replace(METRO, counted_s=7200.0)
COLUMNS = tuple(field.name for field in fields(Cell))
SEEN_NONE = 3.0
"""Where nothing happened, the rate is below this, divided by the time looked at, with 95 % certainty (the rule of three)."""


def row(cell: Cell) -> tuple[str, ...]:
    """A cell as it is stored: six digits, since the last ones of a sum differ from one platform to another."""
    return tuple(format(value, ".6g") if type(value) is float else str(value) for value in astuple(cell))


@cache
def stored(file: Path = FILE) -> tuple[Cell, ...]:
    """All cells of a file."""
    with file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {"environment": str, "settings": str, "seed": int, "false_positives": int}
    return tuple(Cell(**{name: kinds.get(name, float)(text) for name, text in each.items()}) for each in rows)


def cells(environment: str, settings: str, times: float = 1.0) -> tuple[Cell, ...]:
    """The stored cells of one place in the table, a seed each.

    Raises
    ------
    ValueError
        For a name or a factor that is not in the table.
    """
    checks.one_of("environment", environment, tuple(ENVIRONMENTS))
    checks.one_of("settings", settings, tuple(BORROWED))
    found = tuple(
        cell
        for cell in stored()
        if (cell.environment, cell.settings, cell.times) == (environment, settings, times)
    )
    if not found:
        raise ValueError(f"times is {times!r}: it must be one of {', '.join(map(str, TIMES))}")
    return found


def metro_cells(settings: str) -> tuple[Cell, ...]:
    """The stored hours among the ticket machines with "memberlist LAN" or with "derived", a seed each.

    Raises
    ------
    ValueError
        For other settings.
    """
    checks.one_of("settings", settings, tuple(TRIED))
    return tuple(cell for cell in stored(METRO_FILE) if cell.settings == settings)


def mean(found: Sequence[Cell], quantity: str) -> float:
    """Mean of a quantity over cells, nan if it was never reached in one of them."""
    return sum(getattr(cell, quantity) for cell in found) / len(found)


def spread(found: Sequence[Cell], quantity: str) -> tuple[float, float]:
    """The lowest and the highest value over cells."""
    values = [getattr(cell, quantity) for cell in found]
    return min(values), max(values)


def fewer_than(found: Sequence[Cell]) -> float:
    """Where no false positive was seen: below how many a day their rate is, with 95 % certainty."""
    return SEEN_NONE * DAY_S / sum(cell.counted_s for cell in found)


QUANTITIES = {
    "false_positives_per_day": "false positives a day",
    "first_s": "seconds until a crash is declared",
    "telling_s": "seconds from the first who knows to the last",
    "packets_per_s": "packets a second, per member",
    "bytes_per_s": "bytes a second, per member",
    "missing": "living members that a member takes for dead",
}


@dataclass(frozen=True)
class FailureTable:
    """One quantity for all settings in all environments: the mean over seeds."""

    what: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    """nan where it was not reached with one of the seeds while a cell was watched."""
    texts: tuple[tuple[str, ...], ...]


def failure_table(quantity: str = "false_positives_per_day", times: Sequence[float] = TIMES) -> FailureTable:
    """A quantity of the stored cells as a table.

    Parameters
    ----------
    quantity : str
        One of `QUANTITIES`.
    times : sequence of float
        Which of `TIMES` to show.

    Raises
    ------
    ValueError
        For another quantity, or a factor that is not in the table.
    """
    checks.one_of("quantity", quantity, tuple(QUANTITIES))
    rows, values, texts = [], [], []
    for name in BORROWED:
        for factor in times:
            found = [cells(place, name, factor) for place in ENVIRONMENTS]
            rows.append(borrowed(name, factor).title)
            values.append(tuple(mean(each, quantity) for each in found))
            texts.append(tuple(_said(each, quantity) for each in found))
    return FailureTable(QUANTITIES[quantity], tuple(rows), tuple(ENVIRONMENTS), tuple(values), tuple(texts))


def _said(found: Sequence[Cell], quantity: str) -> str:
    value = mean(found, quantity)
    if isnan(value):
        return f"> {WATCH_S:.0f}" if quantity == "first_s" else "?"
    if quantity == "false_positives_per_day" and not value:
        return f"< {fewer_than(found):,.0f}"
    # three digits are more than three seeds know
    return f"{float(f'{value:.2g}'):,g}"


def computed_cell(environment: str, settings: str, times: float, seed: int) -> Cell:
    """A cell of the table, computed anew."""
    return measure(ENVIRONMENTS[environment], borrowed(settings, times), seed)


def computed_metro_cell(settings: str, seed: int) -> Cell:
    """Hours among the ticket machines, computed anew."""
    return measure(METRO_LONG, TRIED[settings], seed)


SWEEPS = {
    "table": (
        computed_cell,
        {"environment": tuple(ENVIRONMENTS), "settings": tuple(BORROWED), "times": TIMES},
    ),
    "metro": (computed_metro_cell, {"settings": tuple(TRIED)}),
}
"""What is stored in each file: a run, and the grid of its parameters, with `SEEDS` for each point."""
