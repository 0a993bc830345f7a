"""The figure of a member that crashed, as the others see it."""

from __future__ import annotations

from ...chart import Chart
from ..overtime import over_time


def failure(result, title: str = "A failure, as the others see it") -> Chart:
    """What observers believe of a crashed member over time, and whom they doubt wrongly.

    Parameters
    ----------
    result : gossipkit.systems.consul.experiments.Failure
    """
    alive, suspect, dead = result.beliefs.T
    marks = {
        "first suspicion": result.first_suspicion_s,
        "first declares it dead": result.first_death_s,
        "everybody does": result.everyone_s,
    }
    findings = (
        f"Living members that somebody declared dead: {result.buried_alive}; "
        f"most wrong doubts at one moment: {result.wrong.max()} of {result.members * (result.members - 1):,} pairs.",
        f"{result.packets_per_s:.1f} packets and {result.bytes_per_s:,.0f} bytes sent per member and second.",
    )
    series = {"take it for alive": alive, "suspect it": suspect, "take it for dead": dead}
    return over_time(result.times, series, title=title, y="observers", marks=marks, findings=findings)
