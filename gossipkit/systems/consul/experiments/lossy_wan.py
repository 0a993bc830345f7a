"""Failure detection between regions: packets are slow and get lost, and settings are chosen against what that does."""

from dataclasses import dataclass

from ....gossip.swim import SwimConfig
from ....sim import Network, Uniform
from ....sim.remembered import remembered
from .failures import settled

MEMBERS, QUIET_S, AFTER_S = 24, 120.0, 80.0


@dataclass(frozen=True)
class LossyWan:
    """What became of one cluster."""

    wrongly: int
    """Living members that somebody declared dead in two minutes without a failure."""
    seconds: float
    """From a crash until the first member declared it, at most 80."""
    bytes: float
    """Sent per member and second in the two minutes."""


@remembered
def lossy_wan(config: SwimConfig, seed: int) -> LossyWan:
    """Let 24 members in several regions live through two quiet minutes and then a crash.

    One way takes 80 to 250 ms, and 15 % of the UDP packets are lost. Runs that were made already are remembered.

    Parameters
    ----------
    config : SwimConfig
    seed : int

    Examples
    --------
    >>> from dataclasses import replace
    >>> lossy_wan(replace(SwimConfig.lan(), disable_tcp_pings=True), 1).wrongly
    1
    """
    world, names = settled(MEMBERS, config, seed, Network(latency=Uniform(0.08, 0.25), loss=0.15))
    world.run(until=QUIET_S)
    wrongly = {event.fields["about"] for event in world.trace.filter(kind="member-failed")}
    sent = world.metrics.value("datagram.sent.bytes")
    world.crash(names[-1])
    world.run(until=QUIET_S + AFTER_S)
    deaths = world.trace.filter(after=QUIET_S, kind="member-failed").table()
    noticed = min((row["time"] - QUIET_S for row in deaths if row["about"] == names[-1]), default=AFTER_S)
    return LossyWan(len(wrongly), noticed, sent / MEMBERS / QUIET_S)
