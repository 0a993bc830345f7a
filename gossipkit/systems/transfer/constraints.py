"""What somebody measured in a place and asks of a failure detector there; and whether SWIM settings meet it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...gossip.epidemic import spread
from ...gossip.swim import SwimConfig, retransmit_limit
from ...sim import Network, Uniform, checks
from ...sim.remembered import remembered
from .cells import measure
from .environments import Environment
from .trial import udp_only

SETTABLE = (
    "probe_interval_s",
    "probe_timeout_s",
    "indirect_checks",
    "suspicion_mult",
    "retransmit_mult",
    "gossip_interval_s",
    "gossip_nodes",
    "push_pull_interval_s",
)
"""What may be set; all else is memberlist's LAN setting, without TCP pings."""
QUIET_S, SPREADS = 60.0, 300


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """A place as it was measured, and what is asked there.

    Attributes
    ----------
    members : int
    loss : float
        Share of packets lost, one way.
    round_trip_s : float
        The longest that two packets take, there and back, in seconds.
    stall_s : float
        How long a machine stands still when it stalls, in seconds.
    stalls_per_minute : float
        How often each does, on average.
    detect_s : float
        Asked: the first member declares a crash after at most so long, in the median over runs.
    coverage : float
        Asked: the share of members that an update reaches by gossip alone, on average.
    bytes_per_s : float
        Asked: at most so many bytes a second sent by a member, headers included, while nothing crashes.

    Raises
    ------
    ValueError
        For a number out of range.
    """

    members: int
    loss: float
    round_trip_s: float
    stall_s: float
    stalls_per_minute: float
    detect_s: float
    coverage: float
    bytes_per_s: float

    def __post_init__(self):
        checks.whole("members", self.members, 4, 100)
        checks.number("coverage", self.coverage, high=1.0)
        checks.number("loss", self.loss, high=0.5)
        checks.number("stalls_per_minute", self.stalls_per_minute, high=10.0)
        for name in ("round_trip_s", "stall_s", "detect_s", "bytes_per_s"):
            checks.number(name, getattr(self, name), low=1e-3)


@dataclass(frozen=True)
class Outcome:
    """What settings came to in a place, by one seed."""

    wrongly: int
    """Times in a minute that a living member was declared dead, at most once a minute each."""
    detect_s: float
    """Seconds from a crash to the first declaration, 200 for never."""
    coverage: float
    bytes_per_s: float


def config_of(settings: Mapping[str, object]) -> SwimConfig:
    """Settings by name as a SWIM configuration.

    Raises
    ------
    ValueError
        For a name that is not in `SETTABLE`, or a value that SWIM refuses.
    """
    checks.instance("settings", settings, Mapping, "a dict from names to values")
    for name in settings:
        if name not in SETTABLE:
            raise ValueError(f"settings names {name!r}: it must be one of {', '.join(SETTABLE)}")
    return udp_only("yours", replace(SwimConfig.lan(), **settings)).config


def try_out(constraints: Constraints, settings: Mapping[str, object], seed: int) -> Outcome:
    """A quiet minute in a place with these settings, and then a crash.

    Runs that were made already are remembered.

    Parameters
    ----------
    constraints : Constraints
    settings : mapping of str to float
        Names of `SETTABLE`.
    seed : int

    Raises
    ------
    ValueError
        For settings that are none.
    """
    checks.instance("constraints", constraints, Constraints, "a Constraints")
    return _tried(constraints, config_of(settings), seed)


@remembered
def _tried(constraints: Constraints, config: SwimConfig, seed: int) -> Outcome:
    one_way_s = constraints.round_trip_s / 2
    place = Environment(
        name="place",
        what="a place as it was measured",
        members=constraints.members,
        network=Network(latency=Uniform(one_way_s / 4, one_way_s), loss=constraints.loss),
        stalls_per_minute=constraints.stalls_per_minute,
        stall_median_s=constraints.stall_s,
        warm_up_s=5.0,
        counted_s=QUIET_S,
    )
    cell = measure(place, udp_only("yours", config), seed)
    # fanout 0 sends nothing: then nobody but the first is told
    told = 1 / constraints.members
    if config.gossip_nodes and config.gossip_interval_s:
        copies = retransmit_limit(config.retransmit_mult, constraints.members)
        fanout = min(config.gossip_nodes, constraints.members - 1)
        run = spread(
            constraints.members,
            fanout=fanout,
            loss=constraints.loss,
            retransmit=copies / fanout,
            trials=SPREADS,
            seed=seed,
        )
        told = float(run.coverage.mean())
    detect_s = 200.0 if cell.first_s != cell.first_s else cell.first_s
    return Outcome(cell.false_positives, detect_s, told, cell.bytes_per_s)
