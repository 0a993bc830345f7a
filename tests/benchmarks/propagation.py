"""What real memberlist clusters did whose members gossip each at its own instants; how it was measured is in the README of
``gossipkit/gossip/measured``."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Propagation:
    """One configuration, over 160 updates or fewer; times in gossip intervals."""

    members: int
    fanout: int
    loss: float
    mean: dict[int, float]
    """Of the time to 50, 90 and 99 % of the members, over the trials that got there."""
    error: dict[int, float]
    """Standard error of the mean, from the means of clusters."""


def propagation() -> list[Propagation]:
    """All measured configurations, by members, fanout and loss."""

    def by_level(row, column):
        return {level: float(row[f"t{level}_{column}"]) for level in (50, 90, 99)}

    with Path(__file__).with_name("dissemination_async.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Propagation(
                members=int(row["n"]),
                fanout=int(row["fanout"]),
                loss=float(row["loss"]),
                mean=by_level(row, "mean"),
                error=by_level(row, "error"),
            )
            for row in csv.DictReader(lines)
        ]
