"""What people borrow: the settings of products, as they are, with all times halved, and with all times doubled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from ...gossip.scuttlebutt import GossipConfig, Gossiper
from ...gossip.swim import SwimConfig, SwimNode
from ...sim import Process, Word, checks
from .fullmesh import Bus, BusConfig, HeartbeatConfig, Heartbeats

NOT_SCALED = ("very_long_time_s",)
"""How long the departed are remembered has nothing to do with detection."""


class Family(Word):
    """Which protocol reads the settings."""

    SWIM = "swim"
    SCUTTLEBUTT = "scuttlebutt"
    BUS = "bus"
    HEARTBEATS = "heartbeats"


_PROCESS: dict[Family, Callable[[Any, tuple[str, ...], tuple[str, ...]], Process]] = {
    Family.SWIM: lambda config, members, seeds: SwimNode(config, seeds=seeds, members=members),
    Family.SCUTTLEBUTT: lambda config, members, seeds: Gossiper(seeds, config, members=members),
    Family.BUS: Bus,
    Family.HEARTBEATS: Heartbeats,
}


@dataclass(frozen=True)
class Settings:
    """Somebody's settings of a failure detector.

    Attributes
    ----------
    name : str
        Whose.
    family : Family
    config : SwimConfig, GossipConfig, BusConfig or HeartbeatConfig
        As the family reads it.
    times : float
        By what all its times have been multiplied.
    """

    name: str
    family: Family
    config: Any
    times: float = 1.0

    @property
    def title(self) -> str:
        """The name, with what was done to the times."""
        return self.name if self.times == 1 else f"{self.name} × {self.times:g}"

    def scaled(self, times: float) -> Settings:
        """The same with all times multiplied.

        Raises
        ------
        ValueError
            For a factor that is not more than 0.
        """
        checks.number("times", times, low=1e-6)
        every = {
            field.name: getattr(self.config, field.name) * times
            for field in fields(self.config)
            if field.name.endswith("_s") and field.name not in NOT_SCALED
        }
        return replace(self, config=replace(self.config, **every), times=self.times * times)

    def process(self, members: tuple[str, ...] = (), seeds: tuple[str, ...] = ()) -> Process:
        """A member with these settings: of a settled cluster, or a newcomer that asks seeds."""
        return _PROCESS[self.family](self.config, members, seeds)


BORROWED = {
    settings.name: settings
    for settings in (
        Settings("memberlist LAN", Family.SWIM, SwimConfig.lan()),
        Settings("memberlist WAN", Family.SWIM, SwimConfig.wan()),
        Settings("memberlist Local", Family.SWIM, SwimConfig.local()),
        Settings("Cassandra", Family.SCUTTLEBUTT, GossipConfig()),
        Settings("Redis Cluster", Family.BUS, BusConfig()),
        Settings("heartbeats to all", Family.HEARTBEATS, HeartbeatConfig()),
    )
}
"""By name: a round each second and phi 8 is Cassandra's, a node timeout of 15 s Redis's, and heartbeats to everybody (each
second, dead after five) nobody's product and everybody's first idea."""

TIMES = (0.5, 1.0, 2.0)
"""Halved, as they are, doubled."""


def borrowed(name: str, times: float = 1.0) -> Settings:
    """One of `BORROWED`, with all its times multiplied.

    Raises
    ------
    ValueError
        For a name that is none, or a factor that is not more than 0.
    """
    checks.one_of("settings", name, tuple(BORROWED))
    return BORROWED[name].scaled(times) if times != 1 else BORROWED[name]
