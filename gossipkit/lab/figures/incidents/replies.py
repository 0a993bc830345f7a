"""The figure of metrics that were asked for in an incident."""

from __future__ import annotations

from ...chart import Chart
from ..overtime import over_time


def incident_series(*series, title: str = "", paged_s: float | None = None) -> Chart:
    """One or several metrics of an incident over time; several have one unit.

    Parameters
    ----------
    *series : gossipkit.reading.incidents.replies.Series
        Replies to `Incident.series`.
    title : str
    paged_s : float, optional
        When the page came, in seconds, to be marked.

    Raises
    ------
    ValueError
        For none, or for several units.
    """
    units = {each.unit for each in series}
    if len(units) != 1:
        raise ValueError(
            f"series have the units {', '.join(sorted(units)) or 'of nothing'}: they must have one"
        )
    labels = {f"{each.name}, {each.node or 'all nodes'}": each for each in series}
    most = [
        f"{label}: most at {each.times[each.values.argmax()]:g} s, {each.values.max():.3g} {each.unit}."
        for label, each in labels.items()
    ]
    # a counter's first value ends at its first scrape: what several lines share are the last scrapes of each
    count = min(len(each.times) for each in series)
    return over_time(
        series[0].times[-count:],
        {label: each.values[-count:] for label, each in labels.items()},
        title=title or ", ".join(dict.fromkeys(each.name for each in series)),
        y=units.pop(),
        marks={} if paged_s is None else {"the page": paged_s},
        findings=most,
    )
