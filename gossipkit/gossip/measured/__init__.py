"""What real memberlist and Redis clusters did; where it was measured and how is in the README beside this file."""

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
    for row in table("dissemination_curves.csv"):
        curves.setdefault((row["n"], row["fanout"], row["loss"]), []).append(float(row["fraction_mean"]))
    return [_configuration(row, curves) for row in table("dissemination_rounds.csv")]


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


@dataclass(frozen=True)
class Detection:
    """One configuration of a real cluster in which a member was killed; times in seconds from the kill."""

    members: int
    loss: float
    tcp: bool
    """Whether members that do not answer over UDP were also pinged over TCP."""
    variant: str
    """"lifeguard" or "swim"."""
    trials: int
    median: dict[str, float]
    """Of first_suspect, first_dead and all_dead, over the trials."""
    p95: dict[str, float]


def detection() -> list[Detection]:
    """All measured configurations, by members and loss."""
    events = ("first_suspect", "first_dead", "all_dead")
    return [
        Detection(
            members=int(row["n"]),
            loss=float(row["loss"]),
            tcp=row["tcp_fallback"] == "1",
            variant=row["variant"],
            trials=int(row["trials"]),
            median={event: float(row[f"{event}_median"]) for event in events},
            p95={event: float(row[f"{event}_p95"]) for event in events},
        )
        for row in table("detection.csv")
    ]


@dataclass(frozen=True)
class FalsePositives:
    """One configuration of a real cluster of 64 in which some members were blocked again and again, for 120 s."""

    slow: int
    mode: str
    """"sync": all slow members in step. "random": each at its own times."""
    blocked_s: float
    free_s: float
    variant: str
    trials: int
    at_all: float
    """Mean number of events in which somebody declared a healthy member dead."""
    at_healthy: float
    """The same at healthy observers."""


def false_positives() -> list[FalsePositives]:
    """All measured configurations, by slow members; variants: swim, lha_probe_only, lha_suspicion_only, lifeguard."""
    return [
        FalsePositives(
            slow=int(row["c_slow"]),
            mode=row["mode"],
            blocked_s=float(row["block_s"]),
            free_s=float(row["free_s"]),
            variant=row["variant"],
            trials=int(row["trials"]),
            at_all=float(row["fp_events_all_observers_mean"]),
            at_healthy=float(row["fp_events_healthy_observers_mean"]),
        )
        for row in table("false_positives.csv")
    ]


@dataclass(frozen=True)
class Load:
    """What the members of a real cluster without push/pull sent over UDP, per member and second."""

    members: int
    updates_per_s: float
    """Metadata updates in the whole cluster, per second; 0 for a cluster at rest."""
    packets: float
    bytes: float
    """Payload, without the headers of UDP and IP."""


def load() -> list[Load]:
    """All measured configurations, by members."""
    return [
        Load(
            members=int(row["n"]),
            updates_per_s=float(row["updates_per_s"]),
            packets=float(row["packets_per_s_mean"]),
            bytes=float(row["bytes_per_s_mean"]),
        )
        for row in table("load.csv")
    ]


@dataclass(frozen=True)
class Failovers:
    """Real Redis clusters whose first master was killed or stopped; times in seconds from the fault."""

    masters: int
    node_timeout_s: float
    fault: str
    """"kill" or "stop"."""
    runs: tuple[dict[str, float], ...]
    """By run, when it was first seen at the ``first`` and at the ``last`` of the survivors that ``pfail``, ``fail`` and ``owner``
    had come, as in "first_pfail"; without those of pfail where nobody was seen to doubt."""


def failovers() -> list[Failovers]:
    """All measured configurations."""
    runs: dict[tuple, dict[str, dict[str, list[float]]]] = {}
    for row in table("redis_failover.csv"):
        setting = int(row["masters"]), int(row["timeout_ms"]) / 1000, row["fault"]
        seen = runs.setdefault(setting, {}).setdefault(row["run"], {})
        for what in ("pfail", "fail", "owner"):
            if row[f"{what}_s"]:
                seen.setdefault(what, []).append(float(row[f"{what}_s"]))
    return [
        Failovers(
            *setting,
            tuple(
                {f"{end}_{what}": pick(times) for what, times in seen.items() for end, pick in ENDS.items()}
                for seen in by_run.values()
            ),
        )
        for setting, by_run in runs.items()
    ]


ENDS = {"first": min, "last": max}


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of this folder's files as they are written, by column."""
    with files(__package__).joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
