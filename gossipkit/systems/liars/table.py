"""Adversaries by defences, over seeds: computed by one command, ``python -m gossipkit.systems.liars``, and stored."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ...sim import checks, sweep
from .story import MEMBERLIST, SCUTTLEBUTT, SYSTEMS
from .trial import Harm, Outcome, trial

if TYPE_CHECKING:
    from concurrent.futures import Executor

WORST = tuple(Harm)
"""From nothing to the worst."""
SEEDS = tuple(range(1, 10))
FILES = {
    MEMBERLIST: Path(__file__).parent / "memberlist.csv",
    SCUTTLEBUTT: Path(__file__).parent / "scuttlebutt.csv",
}
COLUMNS = tuple(field.name for field in fields(Outcome))
TEXTS, COUNTS = (
    ("adversary", "defence", "system"),
    (
        "seed",
        "members",
        "liars",
        "worst_pairs",
        "ghosts",
        "faces",
        "refutations",
        "refused",
    ),
)


@dataclass(frozen=True, repr=False)
class Outcomes:
    """A table of outcomes: each adversary against each defence, a run a seed.

    Attributes
    ----------
    runs : tuple of Outcome
        Any of them can be run again by `trial` with its ``settings``.
    """

    runs: tuple[Outcome, ...]

    @property
    def adversaries(self) -> tuple[str, ...]:
        """The rows."""
        return tuple(dict.fromkeys(each.adversary for each in self.runs))

    @property
    def defences(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(dict.fromkeys(each.defence for each in self.runs))

    def cell(self, adversary: str, defence: str) -> tuple[Outcome, ...]:
        """One cell, an outcome a seed.

        Raises
        ------
        ValueError
            For a cell that the table does not have.
        """
        found = tuple(each for each in self.runs if each.adversary == adversary and each.defence == defence)
        if not found:
            raise ValueError(
                f"there is no cell ({adversary!r}, {defence!r}): the table has {', '.join(self.adversaries)} against "
                f"{', '.join(self.defences)}"
            )
        return found

    def harm(self, adversary: str, defence: str) -> Harm:
        """The worst of the seeds, in one word."""
        return max((each.harm for each in self.cell(adversary, defence)), key=WORST.index)

    def typical(self, adversary: str, defence: str, name: str) -> float | None:
        """The median over seeds of one number of a cell; None counts as more than any number, and may be the median."""
        values = [getattr(each, name) for each in self.cell(adversary, defence)]
        found = median(float("inf") if value is None else value for value in values)
        return None if found == float("inf") else found

    def rows(self) -> list[dict[str, Any]]:
        """In long form: what a figure draws, a cell a row; bytes and detection also as what they are without a liar."""
        found = []
        for adversary in self.adversaries:
            for defence in self.defences:
                row: dict[str, Any] = {"adversary": adversary, "defence": defence}
                row["harm"] = self.harm(adversary, defence)
                for name in (
                    "wrong_pair_s",
                    "right_again_s",
                    "detect_all_s",
                    "bytes_per_member_s",
                    "refused",
                ):
                    row[name] = self.typical(adversary, defence, name)
                found.append(row)
        return found

    def __repr__(self) -> str:
        seeds = len({each.seed for each in self.runs})
        return (
            f"<Outcomes of {len(self.adversaries)} adversaries against {len(self.defences)} defences, "
            f"{seeds} seed{'' if seeds == 1 else 's'} each>"
        )


def outcomes(
    adversaries: Sequence[str] | None = None,
    defences: Sequence[str] | None = None,
    seeds: Iterable[int] = (1, 2, 3),
    system: str = MEMBERLIST,
    *,
    executor: "Executor | None" = None,
    file: str | Path | None = None,
) -> Outcomes:
    """Run `trial` for each adversary, each defence and each seed.

    Parameters
    ----------
    adversaries, defences : sequence of str, optional
        By default all that there are for this system.
    seeds : iterable of int
    system : {"memberlist", "Scuttlebutt"}
    executor, file
        See `gossipkit.sim.sweep`.

    Raises
    ------
    ValueError
        For names that are not known, or none.

    Examples
    --------
    >>> table = outcomes(["nobody", "the highest incarnation"], ["none", "cap"], seeds=[1])
    >>> table, table.harm("the highest incarnation", "none"), table.harm("the highest incarnation", "cap")
    (<Outcomes of 2 adversaries against 2 defences, 1 seed each>, 'for good', 'nothing')
    """
    checks.one_of("system", system, tuple(SYSTEMS))
    known = SYSTEMS[system]
    grid = {
        "system": [system],
        "adversary": list(known[0] if adversaries is None else adversaries),
        "defence": list(known[1] if defences is None else defences),
    }
    found = sweep(trial, grid, seeds, executor=executor, file=file)
    return Outcomes(tuple(Outcome(**row) for row in found.rows))


def row(outcome: Outcome) -> tuple[str, ...]:
    """An outcome as it is stored: six digits, since the last ones of a sum differ from one platform to another."""
    return tuple(
        "" if value is None else format(value, ".6g") if type(value) is float else str(value)
        for value in astuple(outcome)
    )


@cache
def stored(system: str = MEMBERLIST) -> Outcomes:
    """All adversaries against all defences of a system, with the seeds 1 to 9, as they are stored.

    Raises
    ------
    ValueError
        For another system.
    """
    checks.one_of("system", system, tuple(FILES))
    with FILES[system].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = dict.fromkeys(TEXTS, str) | dict.fromkeys(COUNTS, int)
    return Outcomes(
        tuple(
            Outcome(**{name: kinds.get(name, float)(text) if text else None for name, text in each.items()})
            for each in rows
        )
    )
