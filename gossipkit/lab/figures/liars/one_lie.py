"""The figure of one lie: who believes it, moment by moment, and what it costs."""

from __future__ import annotations

import math

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Line, Rule

LIE_AT_S, CRASH_AT_S = 5.0, 20.0


def one_lie(result, title: str = "Honest pairs that the lie makes wrong") -> Chart:
    """Wrong pairs of honest members over time; the beginning of the lies and the real crash are marked.

    Parameters
    ----------
    result : gossipkit.systems.liars.OneLie
    """
    most = result.members * (result.members - 1)
    times, wrong = list(map(float, result.times)), list(map(int, result.wrong))
    marks = [
        Line(times, wrong, style.VERMILION, "wrong pairs", plain=True),
        Rule(LIE_AT_S, letter="A", text="the lies begin"),
        Rule(CRASH_AT_S, letter="B", text="a real crash"),
    ]
    high = max(2 * result.members, *wrong)
    plot = Plot(marks, Axis("seconds", 0, times[-1]), Axis("pairs", -0.03 * high, 1.06 * high))
    lines = (
        f"Wrong pairs: {_wrong(result)}.",
        f"The real crash is known to all honest members {_after(result.detect_s)}.",
        f"A member sends {result.bytes_per_member_s:,.0f} bytes a second; {result.refused:,} words were refused.",
    )
    alt = (
        f"Line chart over {times[-1]:.0f} seconds: {result.adversary} against {result.defence}, {result.members} members, "
        f"from 0 to {max(wrong)} of {most} pairs. " + " ".join(lines)
    )
    some = range(0, len(times), max(1, len(times) // 40))
    rows = tuple((f"{times[at]:g}", f"{wrong[at]}") for at in some)
    return Chart(title, alt, lines, ("seconds", "wrong pairs"), rows, [plot])


def _wrong(result) -> str:
    if not result.wrong.any():
        return "none"
    again = result.right_again_s
    end = "some to the end" if math.isnan(again) else f"the last {again:.1f} s after the first"
    return f"at most {result.wrong.max()}, {end}"


def _after(wait_s: float) -> str:
    return "not within the run" if math.isnan(wait_s) else f"after {wait_s:.1f} s"
