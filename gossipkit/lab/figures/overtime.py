"""Figures over simulated time: who believes what, what is decided, what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Line, Rule


def over_time(
    times: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    y: str,
    marks: Mapping[str, float] | None = None,
    findings: Sequence[str] = (),
) -> Chart:
    """Lines over time in seconds, with moments marked.

    Parameters
    ----------
    times : sequence of float
        Sample times in seconds.
    series : mapping of str to sequence of float
        One line each, as long as `times`.
    title, y : str
        Heading and vertical axis, with its unit.
    marks : mapping of str to float
        Moments to be marked, in seconds; nan for what never came.
    findings : sequence of str
        What is to be seen, the takeaway last.

    Raises
    ------
    ValueError
        When a line is not as long as `times`, or there is none.
    """
    times = np.asarray(times, dtype=float)
    values = {label: np.asarray(line, dtype=float) for label, line in series.items()}
    if not values or not len(times) or any(len(line) != len(times) for line in values.values()):
        raise ValueError(
            f"series has the lines {', '.join(series)}: each must have the {len(times)} values of times, and at least one"
        )
    marks = dict(marks or {})
    top = max(float(line.max()) for line in values.values()) or 1.0
    begin, end = float(times[0]), float(times[-1])
    plot = Plot(
        [
            *(Line(times, line, number, label) for label, line, number in style.styled(values)),
            *_moments({label: at for label, at in marks.items() if begin <= at <= end}),
        ],
        Axis("seconds", begin, end if end > begin else begin + 1),
        Axis(y, -0.03 * top, 1.06 * top),
    )
    said = [f"{label}: {'never' if np.isnan(at) else f'{at:.1f} s'}." for label, at in marks.items()]
    lines = tuple(said + list(findings))
    alt = (
        f"Line chart: {y} over {times[0]:g} to {times[-1]:g} seconds. "
        + " ".join(
            f"{label}: from {line[0]:.3g} to {line[-1]:.3g}, highest {line.max():.3g}."
            for label, line in values.items()
        )
        + (" " + " ".join(lines) if lines else "")
    )
    some = range(0, len(times), max(1, len(times) // 40))
    rows = tuple((f"{times[at]:g}", *(f"{line[at]:.4g}" for line in values.values())) for at in some)
    missing = [label for label, at in marks.items() if not begin <= at <= end]
    note = (f"Not within these {end - begin:g} s: {'; '.join(missing)}.",) if missing else ()
    return Chart(title, alt, lines or (alt,), ("seconds", *values), rows, [plot], note=note)


def _moments(marks: Mapping[str, float]) -> list[Rule]:
    """A line with a letter for each, which the legend explains: names would lie on top of one another."""
    moments = sorted(marks.items(), key=lambda mark: mark[1])
    return [
        Rule(at, letter=letter, text=label) for letter, (label, at) in zip("ABCDEFG", moments, strict=False)
    ]


def failure(result, title: str = "A failure, as the others see it") -> Chart:
    """What observers believe of a crashed member over time, and whom they doubt wrongly.

    Parameters
    ----------
    result : gossipkit.systems.membership.Failure
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


def layers(result, title: str = "Belief, decision, answer") -> Chart:
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


def rotation(result, title: str = "A key rotation") -> Chart:
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
