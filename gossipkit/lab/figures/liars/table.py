"""The figure of all lies against all defences."""

from __future__ import annotations

import math

from ...axes import Axis, Colours, Plot
from ...chart import Chart
from ...marks import Cells

HARM = ("nothing", "refuted", "two truths", "ghosts", "for good")
"""From nothing to the worst, as `gossipkit.systems.liars.Harm` has them."""
NEVER = "never"


def outcomes(result, quantity: str = "harm", what: str = "the worst that honest members believe") -> Chart:
    """One quantity for every lie (rows) against every defence (columns).

    Parameters
    ----------
    result : gossipkit.systems.liars.Outcomes
    quantity : str
        "harm", of which the worst of the seeds is shown, or the name of a number of an `Outcome`, of which the median is.
    what : str
        The quantity in words, with its unit.
    """
    told = {
        row: [_text(result, quantity, row, column) for column in result.defences]
        for row in result.adversaries
    }
    sizes = {
        row: [_size(result, quantity, row, column) for column in result.defences]
        for row in result.adversaries
    }
    known = [size for row in sizes.values() for size in row if size is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    label = "0 nothing to 4 for good" if quantity == "harm" else f"log10 of {what}"
    plot = Plot(
        [Cells(list(sizes.values()), list(told.values()))],
        Axis(
            "", -0.5, len(result.defences) - 0.5, names=[_lettered(at) for at in range(len(result.defences))]
        ),
        Axis("", -0.5, len(told) - 0.5, names=list(told)[::-1]),
        colours=Colours(label, low, high if high > low else low + 1),
    )
    by_row = [f"{row}: {_by_text(result.defences, texts)}." for row, texts in told.items()]
    lines = _takeaways(result.defences, told)
    alt = f"Table of {what}: {len(told)} lies down, {len(result.defences)} defences across. " + " ".join(
        (*by_row, *lines)
    )
    rows = tuple((row, *texts) for row, texts in told.items())
    named = [f"{_lettered(at)} {defence}" for at, defence in enumerate(result.defences)]
    note = tuple(" · ".join(part) for part in (named[:4], named[4:]) if part)
    return Chart(
        what.capitalize(),
        alt,
        lines,
        ("", *result.defences),
        rows,
        [plot],
        120 + 27 * len(told),
        narrowest=226 + 66 * len(result.defences),
        note=note,
    )


def _text(result, quantity: str, adversary: str, defence: str) -> str:
    if quantity == "harm":
        return str(result.harm(adversary, defence))
    value = result.typical(adversary, defence, quantity)
    if value is None:
        return NEVER
    return "0" if not value else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _size(result, quantity: str, adversary: str, defence: str) -> float | None:
    if quantity == "harm":
        return float(HARM.index(result.harm(adversary, defence)))
    value = result.typical(adversary, defence, quantity)
    return None if value is None else math.log10(max(value, 0.1))


def _takeaways(defences, told: dict[str, list[str]]) -> tuple[str, ...]:
    """Which rows are alike with every defence, and in how many a defence differs from the first."""
    alike = {row: texts[0] for row, texts in told.items() if len(set(texts)) == 1}
    same = "; ".join(f"{row}: {text}" for row, text in alike.items()) or "none of them"
    first = defences[0]
    other = ", ".join(
        f"{defence} {sum(texts[at] != texts[0] for texts in told.values())}"
        for at, defence in enumerate(defences)
        if at
    )
    return (
        f"The same with every defence: {same}.",
        f"Rows in which it is otherwise than with {first}: {other}.",
    )


def _by_text(defences, texts: list[str]) -> str:
    """Which defences share an outcome, the most first."""
    found: dict[str, list[str]] = {}
    for defence, text in zip(defences, texts, strict=True):
        found.setdefault(text, []).append(defence)
    ordered = sorted(found.items(), key=lambda each: -len(each[1]))
    return "; ".join(f"{text} with {', '.join(names)}" for text, names in ordered)


def _lettered(at: int) -> str:
    """The letter under which the note names a column: eight names would lie on each other."""
    return "abcdefghij"[at]
