"""The figure of what breaks in each system when one of its mechanisms is switched off."""

from __future__ import annotations

from collections.abc import Mapping

from ...axes import Axis, Plot
from ...chart import Chart
from ..words import lettered, words

CONTROL = "nothing"
ROW_PX = 28


def matrix(outcomes: Mapping[tuple[str, str], object], title: str = "One mechanism off at a time") -> Chart:
    """A table of systems and mechanisms by outcomes; what is worse than in the system's control is framed.

    Parameters
    ----------
    outcomes : mapping of (str, str) to gossipkit.systems.comparison.Outcome
        By system and by what is off; for each system there is a row with "nothing" off, its control.

    Raises
    ------
    ValueError
        When a system has no control.
    """
    systems = list(dict.fromkeys(system for system, _ in outcomes))
    if not systems or any((system, CONTROL) not in outcomes for system in systems):
        raise ValueError(
            f"outcomes has {', '.join(map(str, outcomes)) or 'nothing'}: each system needs a row with {CONTROL!r} off"
        )
    told = {key: each.beside(outcomes[key[0], CONTROL]) for key, each in outcomes.items()}
    columns = list(next(iter(told.values())))
    texts = [[text for text, _ in row.values()] for row in told.values()]
    names = [f"{system}, {off} off" if off != CONTROL else f"{system}, all on" for system, off in told]
    marks = words(texts, [[worse for _, worse in row.values()] for row in told.values()])
    plot = Plot(
        marks,
        Axis(low=-0.5, high=len(columns) - 0.5, names=[lettered(at) for at in range(len(columns))]),
        Axis(low=-0.5, high=len(told) - 0.5, names=names[::-1]),
    )
    lines = []
    for (system, off), row in told.items():
        if off != CONTROL:
            broken = [f"{name}: {text}" for name, (text, worse) in row.items() if worse]
            lines.append(f"{system} without {off}: {'; '.join(broken) or 'nothing is worse'}.")
    alt = (
        f"Table of {len(told)} rows, systems with one mechanism off, by {len(columns)} outcomes: {', '.join(columns)}. "
        + " ".join(lines)
    )
    rows = tuple((name, *row) for name, row in zip(names, texts, strict=True))
    parts = (range(4), range(4, len(columns)))
    note = [" · ".join(f"{lettered(at)} {columns[at]}" for at in part) for part in parts]
    note.append("In a frame: worse than with all on, in the same story.")
    return Chart(
        title, alt, lines, ("", *columns), rows, [plot], 150 + ROW_PX * len(told), narrowest=620, note=note
    )
