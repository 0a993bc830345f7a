"""What the figures of gossipsub share: how soon messages arrive, and who is in a mesh."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...marks import Line, Rule

SOON_S = np.geomspace(0.02, 10.0, 61)
"""Seconds since a message was published, from one hop to the end of all gossip about it."""


def some(results: Mapping) -> None:
    """Refuse to draw nothing."""
    if not results:
        raise ValueError("there is nothing to draw: give at least one labelled result")


def arrivals(curves: Mapping[str, np.ndarray], share: float) -> Plot:
    """The share that has arrived so many seconds after it was published; a curve of %, at `SOON_S`, for each label."""
    return Plot(
        [Line(SOON_S, curve, number, label, plain=True) for label, curve, number in style.styled(curves)],
        Axis("seconds since it was published", float(SOON_S[0]), float(SOON_S[-1]), scale="log"),
        Axis("messages arrived (%)", 0, 103),
        title="How soon messages arrive",
        share=share,
    )


def in_mesh(
    shares: Mapping[str, np.ndarray], title: str, share: float, moments: Mapping[str, float] | None = None
) -> Plot:
    """The share of liars in a mesh, in %, at each whole second, for each label; nan is a gap: there is no mesh."""
    last = max(len(each) for each in shares.values()) - 1
    return Plot(
        [
            *(
                Line(range(len(each)), _gaps(each), number, label, plain=True)
                for label, each, number in style.styled(shares)
            ),
            *(Rule(at, text=text) for text, at in (moments or {}).items()),
        ],
        Axis("seconds", 0, last),
        Axis("liars in the mesh (%)", -3, 103),
        title=title,
        share=share,
    )


def _gaps(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def percent(value: float) -> str:
    """A share in words, with a decimal where it is next to none or all; nan, of nothing, has no number."""
    if np.isnan(value):
        return "none"
    return f"{100 * value:.{1 if 0 < value < 0.1 or 0.9 < value < 1 else 0}f} %"
