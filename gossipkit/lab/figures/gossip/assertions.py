"""The figure of a statistical assertion: how often it is wrong, by the size of its sample."""

from __future__ import annotations

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Line, Rule


def assertion(result, title: str = "A test of a mean: how often it is wrong") -> Chart:
    """Misses and false alarms over the number of runs: lines by the formula, dots by tests that were made.

    Parameters
    ----------
    result : gossipkit.gossip.assertions.Assertion
    """
    series = (
        (style.VERMILION, "bug missed", result.misses, result.seen_misses),
        (style.BLUE, "false alarm", result.false_alarms, result.seen_false_alarms),
    )
    marks = [Line(result.sizes, formula, number, label, plain=True) for number, label, formula, _ in series]
    marks += [
        Dots(result.sizes, seen, number, f"{label}, in {result.tests} tests", hollow=True)
        for number, label, _, seen in series
    ]
    marks.append(Rule(result.runs, text="your sample"))
    plot = Plot(
        marks,
        Axis(
            "runs in a test", result.sizes[0] * 0.85, result.sizes[-1] * 1.2, scale="log", ticks=result.sizes
        ),
        Axis("share of tests that are wrong", -0.03, 1.05),
    )
    lines = (
        f"After round {result.round} a mean of {result.right:.1f} nodes know; with the bug {result.wrong:.1f}. One run scatters by {result.deviation:.1f}.",
        f"{_counted(result.runs, 'run')}, within {_counted(result.width, 'standard error')}: {result.false_alarm:.2%} false alarms, {result.miss:.1%} of the tests miss the bug.",
        "No number of runs shows the bug here."
        if result.needed is None
        else f"To find it 19 times of 20, with a false alarm in 1,000 tests: {_counted(result.needed, 'run')}.",
    )
    alt = (
        f"Line chart: share of tests that are wrong, 0 to 1, over {result.sizes[0]} to {result.sizes[-1]} runs in a test, logarithmic. "
        + " ".join(lines)
    )
    rows = tuple(
        (size, *(f"{share:.2%}" for share in shares))
        for size, *shares in zip(
            result.sizes,
            result.misses,
            result.seen_misses,
            result.false_alarms,
            result.seen_false_alarms,
            strict=True,
        )
    )
    columns = ("runs", "missed, formula", "missed, seen", "false alarms, formula", "false alarms, seen")
    return Chart(title, alt, lines, columns, rows, [plot])


def _counted(count: float, what: str) -> str:
    return f"{int(count) if count == int(count) else count:,} {what}{'' if count == 1 else 's'}"
