"""The figure of replicas that become equal after an outage."""

from __future__ import annotations

from ...chart import Chart
from ..overtime import over_time


def catch_up(result, title: str = "After an outage: hints first, trees behind them") -> Chart:
    """Keys that some home lacks and hints that are held, over the outage of one node and after it.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.CatchUp
    """
    series = {"keys that a home lacks": result.divergent, "hints held": result.hints}
    marks = {"the node is back": result.back_s, "replicas are equal": result.back_s + result.caught_up_s}
    behind = int(result.divergent[-1])
    findings = (
        f"Hints handed over: {result.hints_delivered}; objects sent after comparing Merkle trees: {result.merkle_objects}.",
        f"At the end {behind} keys still differ, and nothing is on its way to change that."
        if behind
        else f"Equal {result.caught_up_s:.0f} s after the node came back, and nobody has read anything.",
    )
    return over_time(result.times, series, title=title, y="keys or hints", marks=marks, findings=findings)
