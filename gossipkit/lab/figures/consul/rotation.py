"""The figure of a rotation of gossip keys."""

from __future__ import annotations

from ...chart import Chart
from ..overtime import over_time


def rotate_keys(result, title: str = "A key rotation") -> Chart:
    """Who cannot read whom, and who is taken for dead, while gossip keys are rotated.

    Parameters
    ----------
    result : gossipkit.systems.consul.experiments.Rotation
    """
    findings = (
        f"At the worst moment {100 * result.unreadable.max():.0f} % of the pairs could not read each other; "
        f"{result.dropped:,} packets were dropped.",
        f"Wrong beliefs that a living node is dead: at most {100 * result.wrong.max():.1f} % of the pairs, "
        f"{100 * result.wrong[-1]:.1f} % at the end.",
    )
    series = {
        "nodes that open both keys": 100 * result.opening,
        "nodes that seal with the new key": 100 * result.sealing,
        "pairs that cannot read each other": 100 * result.unreadable,
        "pairs with a wrong belief": 100 * result.wrong,
    }
    marks = {f"{step} begins": at for step, at in result.steps.items()}
    return over_time(result.times, series, title=title, y="share (%)", marks=marks, findings=findings)
