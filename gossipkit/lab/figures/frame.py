"""The course's reading frame as a picture."""

from __future__ import annotations

from .. import style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Arrow, Box, Text

PARTS = (
    (
        "Gossip",
        "spreads",
        "what each node believes",
        "soft state: cheap, fast, never final",
        style.BLUE,
    ),
    (
        "Authority",
        "decides",
        "what may be acted on",
        "a log, a majority, the newest version",
        style.VERMILION,
    ),
    (
        "Repair",
        "corrects",
        "what was missed or went apart",
        "exchange, comparison, later delivery",
        style.GREEN,
    ),
)
ARROWS = (
    ("Gossip", "Authority", "says which nodes are there"),
    ("Authority", "Repair", "says which version replaces which"),
)


def three_parts() -> Chart:
    """Gossip spreads, authority decides, repair corrects: the three questions to ask of every system."""
    title = "Three parts of every system that gossips"
    marks = []
    for row, (name, verb, what, means, number) in enumerate(PARTS):
        marks.append(Box(0, -row, 300, 62, f"{row + 1}  {name}", (what, means), corner=verb, style=number))
    for row, (_, _, meaning) in enumerate(ARROWS):
        marks.append(Arrow(-0.6, -row - 0.35, -0.6, -row - 0.65))
        marks.append(Text(-0.6, -row - 0.5, meaning, small=True, align="left", right_px=12))
    plot = Plot(marks, Axis(low=-1, high=1), Axis(low=-2.5, high=0.5), bare=True)
    rows = tuple(part[:-1] for part in PARTS)
    lines = (
        *(f"{name} {verb} {what}: {means}." for name, verb, what, means in rows),
        *(f"Arrow from {start} to {end}: {meaning}." for start, end, meaning in ARROWS),
    )
    alt = "Diagram of three boxes, one below the other, with two arrows. " + " ".join(lines)
    return Chart(title, alt, lines, ("part", "it", "what", "by"), rows, [plot], 330, narrowest=320)
