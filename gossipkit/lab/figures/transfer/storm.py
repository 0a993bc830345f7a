"""The figure of two layers that retry."""

from __future__ import annotations

from collections.abc import Mapping

from ...chart import Chart
from ..overtime import over_time


def storm(results: Mapping[str, object], title: str = "Requests at the server") -> Chart:
    """Requests that reach the server each second, for several ways to retry.

    Parameters
    ----------
    results : mapping of str to gossipkit.systems.transfer.Storm
    """
    findings = [
        f"{label}: {result.arrived[-10:].mean():.0f} requests a second in the last ten seconds; clients "
        + (
            "are never served again."
            if result.lasts_s != result.lasts_s
            else f"are served again {result.lasts_s:.0f} s after it."
        )
        for label, result in results.items()
    ]
    first = next(iter(results.values()))
    # the second in which all that waited arrives at once would hide the rest
    most = 6 * first.arrived[:10].mean()
    series = {label: result.arrived.clip(max=most) for label, result in results.items()}
    return over_time(
        first.times, series, title=title, y=f"requests a second, at most {most:.0f} drawn", findings=findings
    )
