"""The course's reading frame as a picture."""

from __future__ import annotations

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .. import style
from ..chart import Chart

PARTS = (
    (
        "Gossip",
        "spreads",
        "what each node\nbelieves",
        "soft state: cheap,\nfast, never final",
        style.BLUE,
    ),
    ("Authority", "decides", "what may be\nacted on", "a log, a quorum,\na version order", style.VERMILION),
    (
        "Repair",
        "corrects",
        "what was missed\nor went apart",
        "state exchange, hints,\nMerkle trees",
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
    with style.canvas(height_px=300) as figure:
        plot = style.axes(figure, (0, 0, 720, 300))
        plot.set_axis_off()
        plot.set(xlim=(0, 720), ylim=(0, 300))
        plot.text(24, 276, title, weight="bold", size=11.5, va="center")
        for column, (name, verb, what, means, colour) in enumerate(PARTS):
            left = 24 + 232 * column
            plot.add_patch(
                FancyBboxPatch(
                    (left, 78),
                    208,
                    168,
                    boxstyle="round,pad=0,rounding_size=10",
                    facecolor="white",
                    edgecolor=colour,
                    linewidth=2,
                )
            )
            plot.text(
                left + 16, 222, f"{column + 1}  {name}", size=14, weight="bold", color=colour, va="center"
            )
            plot.text(left + 16, 196, f"{verb}", size=12, style="italic", va="center")
            plot.text(left + 16, 158, what, size=10.5, weight="bold", va="center", linespacing=1.3)
            plot.text(left + 16, 108, means, size=10, va="center", linespacing=1.4)
        for left, (_, _, meaning) in zip((232, 464), ARROWS, strict=True):
            plot.add_patch(
                FancyArrowPatch(
                    (left + 2, 162),
                    (left + 22, 162),
                    arrowstyle="-|>",
                    mutation_scale=14,
                    color=style.INK,
                    linewidth=1.4,
                )
            )
            plot.plot([left + 12, left + 12], [150, 56], color=style.INK, linewidth=0.8, linestyle=":")
            plot.text(left + 12, 40, meaning, size=10, ha="center", va="center", linespacing=1.3)
    rows = tuple((name, verb, _line(what), _line(means)) for name, verb, what, means, _ in PARTS)
    lines = (
        *(f"{name} {verb} {what}: {means}." for name, verb, what, means in rows),
        *(f"Arrow from {start} to {end}: {_line(meaning)}." for start, end, meaning in ARROWS),
    )
    alt = "Diagram of three boxes from left to right, with two arrows. " + " ".join(lines)
    return Chart(title, figure, alt, lines, ("part", "it", "what", "by"), rows)


def _line(text: str) -> str:
    return " ".join(text.split())
