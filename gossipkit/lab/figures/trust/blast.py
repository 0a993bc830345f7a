"""The figure of what one stolen secret opens."""

from __future__ import annotations

from ...axes import Axis, Plot
from ...chart import Chart
from ..words import lettered, words

ROW_PX = 34


def blast_radius(result, title: str = "What one stolen secret opens") -> Chart:
    """A table of what is held by what is reached; what was reached is framed.

    Parameters
    ----------
    result : gossipkit.systems.trust.BlastRadius
    """
    holds = list(dict.fromkeys(held for held, _ in result.cells))
    effects = list(dict.fromkeys(effect for _, effect in result.cells))
    reached = [[result.cells[held, effect] for effect in effects] for held in holds]
    texts = [
        ["–" if not any(runs) else "yes" if all(runs) else f"{sum(runs)} of {len(runs)}" for runs in row]
        for row in reached
    ]
    plot = Plot(
        words(texts, [[any(runs) for runs in row] for row in reached]),
        Axis(low=-0.5, high=len(effects) - 0.5, names=[lettered(at) for at in range(len(effects))]),
        Axis(low=-0.5, high=len(holds) - 0.5, names=[str(held) for held in holds][::-1]),
    )
    off = [name for name, on in (("certificates", result.tls), ("tokens", result.acl)) if not on]
    lines = [f"With {held}: {', '.join(result.reached(held)) or 'nothing'}." for held in holds]
    asked = (
        f"Servers ask for no {' and no '.join(off)}." if off else "Servers ask for certificates and tokens."
    )
    lines = [asked, *lines]
    alt = (
        f"Table of {len(holds)} rows, by what a stranger holds, and {len(effects)} columns, by what he reaches. "
        + " ".join(lines)
    )
    rows = tuple((str(held), *row) for held, row in zip(holds, texts, strict=True))
    half = (len(effects) + 1) // 2
    note = [
        " · ".join(f"{lettered(at)} {effects[at]}" for at in part)
        for part in (range(half), range(half, len(effects)))
    ]
    columns = ("who holds", *map(str, effects))
    return Chart(
        title, alt, lines, columns, rows, [plot], 130 + ROW_PX * len(holds), narrowest=520, note=note
    )
