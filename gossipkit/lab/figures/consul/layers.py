"""The figure of a crash on its way through membership, catalog and answer."""

from __future__ import annotations

import numpy as np

from ...chart import Chart
from ..overtime import over_time


def crash_through_layers(result, title: str = "Belief, decision, answer") -> Chart:
    """A crash on its way through membership, catalog and answer.

    Parameters
    ----------
    result : gossipkit.systems.consul.experiments.Layers
    """
    marks = {
        "first suspicion": result.first_suspicion_s,
        "everybody takes it for dead": result.everyone_s,
        "committed to the catalog" if result.logged else "a server writes it down": result.decided_s,
        "no reachable server names it": result.unnamed_s,
    }
    if not np.isnan(result.back_s):
        marks["the servers are back"] = result.back_s
    series = {
        "nodes that take it for dead": 100 * result.believing,
        "servers that name it for its service": 100 * result.answered,
    }
    return over_time(
        result.times, series, title=title, y="share (%)", marks=marks, findings=(_what_happened(result),)
    )


def _what_happened(result) -> str:
    """A crash in one sentence: what the answer followed."""
    told = "without a log, a server knows only what it was told itself."
    named = 100 * result.answered[0]
    if not result.logged and named:
        return f"In the moment of the crash {named:.0f} % of the reachable servers named it: {told}"
    if not result.logged:
        again = " A server that is back names the dead agent again." if result.answered.any() else ""
        return f"No server that was reachable in the moment of the crash knew the service: {told}{again}"
    if np.isnan(result.decided_s):
        return "Nothing was committed, so servers name the dead agent to the end: what gossip knows has not been decided."
    when = "after" if result.decided_s >= result.everyone_s else "before"
    still = np.isnan(result.unnamed_s)
    then = "a server names the dead agent to the end" if still else "the answer followed the commit"
    return f"The commit came {when} the last node knew of the death, and {then}."
