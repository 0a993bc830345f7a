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
        for left in (232, 464):
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
        plot.add_patch(
            FancyArrowPatch(
                (592, 76),
                (128, 76),
                connectionstyle="arc3,rad=-0.12",
                arrowstyle="-|>",
                mutation_scale=14,
                color=style.INK,
                linewidth=1.4,
            )
        )
        plot.text(
            360,
            26,
            "what is repaired is gossiped anew, and what is believed is checked again",
            size=10,
            ha="center",
            va="center",
        )
    rows = tuple((name, verb, _line(what), _line(means)) for name, verb, what, means, _ in PARTS)
    lines = tuple(f"{name} {verb} {what}: {means}." for name, verb, what, means in rows)
    alt = (
        "Diagram of three boxes from left to right, with an arrow back from the last to the first. "
        + " ".join(lines)
    )
    return Chart(title, figure, alt, lines, ("part", "it", "what", "by"), rows)


def _line(text: str) -> str:
    return " ".join(text.split())
