"""What real memberlist clusters did; where it was measured and how is in the README beside this file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Dissemination:
    """One configuration of a real cluster in which all members gossip in the same instant."""

    members: int
    fanout: int
    loss: float
    retransmit_limit: int
    """Copies of an update that a member sends."""
    trials: int
    rounds: dict[int, float]
    """Mean rounds to 50, 90 and 99 % of the members, over the trials that got there."""
    rounds_sd: dict[int, float]
    reached: dict[int, float]
    """The share of trials that got there."""
    uninformed: float
    """Mean share of members never notified."""
    curve: tuple[float, ...]
    """Mean share of members notified after each round, the start first."""


def dissemination() -> list[Dissemination]:
    """All measured configurations, by members, fanout and loss."""
    curves: dict[tuple, list[float]] = {}
    for row in _table("dissemination_curves.csv"):
        curves.setdefault((row["n"], row["fanout"], row["loss"]), []).append(float(row["fraction_mean"]))
    return [_configuration(row, curves) for row in _table("dissemination_rounds.csv")]


def _configuration(row: dict[str, str], curves: dict[tuple, list[float]]) -> Dissemination:
    def by_level(column):
        return {level: float(row[f"r{level}_{column}"]) for level in (50, 90, 99)}

    return Dissemination(
        members=int(row["n"]),
        fanout=int(row["fanout"]),
        loss=float(row["loss"]),
        retransmit_limit=int(row["retransmit_limit"]),
        trials=int(row["trials"]),
        rounds=by_level("mean"),
        rounds_sd=by_level("sd"),
        reached=by_level("reached"),
        uninformed=float(row["uninformed_mean"]),
        curve=tuple(curves[row["n"], row["fanout"], row["loss"]]),
    )


def _table(name: str) -> list[dict[str, str]]:
    with files(__package__).joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
