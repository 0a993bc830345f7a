"""The figure of the same lies against what decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from ...axes import Axis, Plot
from ...chart import Chart
from ..words import lettered, words

ROW_PX = 34
CONTROLS = ("nothing", "no lie: the accused crashes")
NONE, NOTHING, BELIEFS = "", "nothing", "beliefs"


def deciders(
    runs: Mapping[tuple[str, str], Sequence[object]], title: str = "The same lies against what decides"
) -> Chart:
    """A table of systems by lies: the worst that came of it, by medians over the runs; a wrong decision is framed.

    Parameters
    ----------
    runs : mapping of (str, Attack) to sequence of gossipkit.systems.trust.Damage

    Raises
    ------
    ValueError
        When there is none.
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")
    systems, attacks = (list(dict.fromkeys(key[place] for key in runs)) for place in (0, 1))
    told = [[_worst(runs.get((system, attack), ())) for attack in attacks] for system in systems]
    texts = [[text for text, _ in row] for row in told]
    framed = [
        [wrong and attack not in CONTROLS for (_, wrong), attack in zip(row, attacks, strict=True)]
        for row in told
    ]
    plot = Plot(
        words(texts, framed),
        Axis(low=-0.5, high=len(attacks) - 0.5, names=[lettered(at) for at in range(len(attacks))]),
        Axis(low=-0.5, high=len(systems) - 0.5, names=systems[::-1]),
    )
    lines = []
    for system, row, frames in zip(systems, texts, framed, strict=True):
        broken = [
            f"{attack}: {text}" for attack, text, frame in zip(attacks, row, frames, strict=True) if frame
        ]
        lines.append(f"{system}: {'; '.join(broken) or 'no decision is wrong'}.")
    alt = (
        f"Table of {len(systems)} rows, by what decides, and {len(attacks)} columns, by what a liar does: {', '.join(attacks)}. "
        + " ".join(lines)
    )
    rows = tuple((system, *(text or "–" for text in row)) for system, row in zip(systems, texts, strict=True))
    half = (len(attacks) + 1) // 2
    note = [
        " · ".join(f"{lettered(at)} {attacks[at]}" for at in part)
        for part in (range(half), range(half, len(attacks)))
    ]
    note.append(
        "In a frame: a wrong decision. Away: somebody else had the accused one's work. Empty: there is no such lie."
    )
    columns = ("what decides", *map(str, attacks))
    return Chart(
        title, alt, lines, columns, rows, [plot], 150 + ROW_PX * len(systems), narrowest=760, note=note
    )


def _worst(runs: Sequence[object]) -> tuple[str, bool]:
    """The worst that came of a lie, in few words, and whether it is a wrong decision."""
    if not runs:
        return NONE, False

    def middle(name: str) -> float:
        return median(getattr(run, name) for run in runs)

    if middle("lost") >= 1:
        return f"{middle('lost'):.0f} lost", True
    if middle("wrong_reads") >= 1:
        return f"{middle('wrong_reads'):.0f} wrong", True
    if middle("two_holders_s"):
        return "2 holders", True
    if middle("lost_s"):
        return f"away {middle('lost_s'):.0f} s", True
    if middle("unavailable") >= 1:
        return f"{middle('unavailable'):.0f} refused", False
    return (BELIEFS if middle("wrong_pair_s") else NOTHING), False
