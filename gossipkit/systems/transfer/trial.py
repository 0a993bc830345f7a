"""Settings of one's own, tried in a place and held against what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...gossip.swim import SwimConfig
from ...sim import Network, checks
from .borrowed import Family, Settings
from .cells import Cell, measure
from .environments import METRO, Environment

MEMBERS, COUNTED_S = 20, 60.0


@dataclass(frozen=True)
class Limits:
    """What may be at most: false positives a day, seconds to detect, bytes a second per member.

    Raises
    ------
    ValueError
        For a limit that is not more than 0.
    """

    false_positives_per_day: float
    detect_s: float
    bytes_per_s: float

    def __post_init__(self):
        for name in ("false_positives_per_day", "detect_s", "bytes_per_s"):
            checks.number(name, getattr(self, name), low=1e-9)


METRO_LIMITS = Limits(false_positives_per_day=20.0, detect_s=20.0, bytes_per_s=300.0)
"""What the ticket machines' owner asks: each false positive sends somebody out; a dead machine sells nothing."""


@dataclass(frozen=True)
class Trial:
    """A run, and what it is held against."""

    cell: Cell
    limits: Limits

    @property
    def shares(self) -> Mapping[str, tuple[float, float]]:
        """What was measured and its limit, by what it is; a detection that never came is nan."""
        cell, limits = self.cell, self.limits
        return {
            "false positives a day": (cell.false_positives_per_day, limits.false_positives_per_day),
            "seconds to detect a crash": (cell.first_s, limits.detect_s),
            "bytes a second, per member": (cell.bytes_per_s, limits.bytes_per_s),
        }


def udp_only(name: str, config: SwimConfig) -> Settings:
    """SWIM settings without TCP pings: in these places only UDP passes between members in time."""
    return Settings(name, Family.SWIM, replace(config, disable_tcp_pings=True))


DERIVED = udp_only(
    "derived",
    replace(
        SwimConfig.lan(),
        probe_interval_s=2.0,
        probe_timeout_s=0.25,
        suspicion_mult=3,
        retransmit_mult=7,
        push_pull_interval_s=60.0,
    ),
)
"""What lesson 06 comes to for the ticket machines, step by step."""


def trial(
    fanout: int = 3,
    loss: float = 0.05,
    churn_per_minute: float = 0.0,
    interval_s: float = 1.0,
    suspicion_mult: int = 4,
    *,
    environment: Environment = METRO,
    limits: Limits = METRO_LIMITS,
    seed: int = 1,
) -> Trial:
    """A minute of 20 ticket machines with settings of one's own, and then a crash.

    Parameters
    ----------
    fanout : int
        GossipNodes.
    loss : float
        Share of packets lost.
    churn_per_minute : float
        Members that vanish and others that come, per minute each.
    interval_s : float
        ProbeInterval in seconds; the timeout is half of it, as in memberlist.
    suspicion_mult : int
    environment : Environment
        Whose stalls and latency there are.
    limits : Limits
    seed : int

    Raises
    ------
    ValueError
        For a number out of range.
    """
    checks.number("churn_per_minute", churn_per_minute)
    place = replace(
        environment,
        members=min(MEMBERS, environment.members),
        network=Network(latency=environment.network.latency, loss=loss),
        churn_per_minute=churn_per_minute,
        warm_up_s=10.0,
        counted_s=COUNTED_S,
    )
    config = replace(
        SwimConfig.lan(),
        gossip_nodes=fanout,
        probe_interval_s=interval_s,
        probe_timeout_s=interval_s / 2,
        suspicion_mult=suspicion_mult,
    )
    return Trial(measure(place, udp_only("yours", config), seed), limits)
