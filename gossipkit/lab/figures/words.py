"""A table of words as marks: what stands in it, and which cells are framed."""

from __future__ import annotations

from collections.abc import Sequence

from .. import style
from ..marks import Mark, Span, Text


def words(texts: Sequence[Sequence[str]], framed: Sequence[Sequence[bool]]) -> list[Mark]:
    """The cells of a table, the first row on top, columns at x = 0, 1, 2, …; the last row stands at y = 0.

    Parameters
    ----------
    texts : sequence of rows of str
    framed : sequence of rows of bool
        Which cells have a frame, and bold words of its colour.
    """
    marks: list[Mark] = []
    for place, (row, frames) in enumerate(zip(texts, framed, strict=True)):
        height = len(texts) - 1 - place
        for column, (text, frame) in enumerate(zip(row, frames, strict=True)):
            if frame:
                marks.append(Span(column - 0.46, column + 0.46, height, hollow=True, width=0.8))
            look = style.VERMILION if frame else style.INK
            marks.append(Text(column, height, text, look, bold=frame, small=True))
    return marks


def lettered(at: int) -> str:
    """The letter under which a note explains a column: many names would lie on each other."""
    return "abcdefghij"[at]
