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
        "what each node\nbelieves",
        "soft state: cheap,\nfast, never final",
        style.BLUE,
    ),
    (
        "Authority",
        "decides",
        "what may be\nacted on",
        "a log, a majority,\nthe newest version",
        style.VERMILION,
    ),
    (
        "Repair",
        "corrects",
        "what was missed\nor went apart",
        "exchange, comparison,\nlater delivery",
        style.GREEN,
    ),
)
ARROWS = (
    ("Gossip", "Authority", "says who is there\nto be asked"),
    ("Authority", "Repair", "says which version\nreplaces which"),
)


def three_parts() -> Chart:
    """Gossip spreads, authority decides, repair corrects: the three questions to ask of every system."""
    title = "Three parts of every system that gossips"
    marks = []
    for column, (name, verb, what, means, number) in enumerate(PARTS):
        words = [*what.split("\n"), "", *means.split("\n")]
        marks.append(Box(column, 0.4, 208, 126, f"{column + 1}  {name}", words, corner=verb, style=number))
    for at, (_, _, meaning) in enumerate(ARROWS):
        marks.append(Arrow(at, 0.4, at + 1, 0.4, clear_px=106))
        for line, text in enumerate(meaning.split("\n")):
            marks.append(Text(at + 0.5, 0.4, text, small=True, up_px=-84 - 16 * line))
    plot = Plot(marks, Axis(low=-0.5, high=2.5), Axis(low=0, high=0.6), bare=True)
    rows = tuple((name, verb, _line(what), _line(means)) for name, verb, what, means, _ in PARTS)
    lines = (
        *(f"{name} {verb} {what}: {means}." for name, verb, what, means in rows),
        *(f"Arrow from {start} to {end}: {_line(meaning)}." for start, end, meaning in ARROWS),
    )
    alt = "Diagram of three boxes from left to right, with two arrows. " + " ".join(lines)
    return Chart(title, alt, lines, ("part", "it", "what", "by"), rows, [plot], 240, narrowest=700)


def _line(text: str) -> str:
    return " ".join(text.split())
