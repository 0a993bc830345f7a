"""Where everything of a chart comes to stand: its description and a width become shapes with places in css pixels.

`static/layout.js` does the same in the browser, function by function; a test holds the two together,
shape by shape. What paints the shapes knows nothing of charts.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from . import style, ticks
from .shapes import DRAWERS, INK, LINE_PX, SMALL, TEXT, Place, Shapes, ramp, rectangle

TITLE_PX, NOTE_PX = 30, 18
LEGEND_PX, KEY_PX = 20, 30
NARROW_PX = 520  # in a chart narrower than this, columns stand below one another


class Drawing(Shapes):
    """The shapes of one chart, and of each plot the box between its axes.

    Parameters
    ----------
    chart : dict
        As `Chart.describe` gives it.
    width : float
        In css pixels.
    measure : callable
        (text, size in px, bold) to the text's width in px.

    Attributes
    ----------
    height : float
        In css pixels, without the title and the notes, which stand above and below.
    """

    def __init__(self, chart: dict, width: float, measure: Callable[[str, float, bool], float]):
        super().__init__(measure)
        self.width = width
        self.boxes: list[dict] = []
        columns: list[list[dict]] = []
        for plot in chart["plots"]:
            if plot.get("below") and columns:
                columns[-1].append(plot)
            else:
                columns.append([plot])
        room = chart["height"] - TITLE_PX - NOTE_PX * len(chart.get("note", ()))
        shares = [column[0].get("share", 1) for column in columns]
        stacked = len(columns) > 1 and width < NARROW_PX
        left = top = 0
        for column, share in zip(columns, shares, strict=True):
            wide = width if stacked else width * share
            square = any(plot.get("equal") for plot in column)
            tall = (wide + 60 if square else room * 0.85) if stacked else room
            self._column(column, left, top, wide, tall)
            if stacked:
                top += tall
            else:
                left += wide
        self.height = top if stacked else room

    def _column(self, plots, left, top, width, height):
        """Plots one under the other, with the same ends left and right."""
        above = [self._above(plot, width) for plot in plots]
        below = [self._below(plot, at == len(plots) - 1) for at, plot in enumerate(plots)]
        tall = max(40, (height - sum(above) - sum(below)) / len(plots))
        margin = max(self._beside(plot, tall) for plot in plots)
        right = max(self._right(plot, tall) for plot in plots)
        for at, plot in enumerate(plots):
            top += above[at]
            box = {"left": left + margin, "right": left + width - right, "top": top, "bottom": top + tall}
            self._plot(plot, _fitted(plot, box), left, width, at == len(plots) - 1)
            top += tall + below[at]

    # what stands around a plot

    def _above(self, plot, width) -> float:
        title = LINE_PX * len(_split(plot.get("title", "")))
        rows = self._legend(plot, 0, 0, width, draw=False)
        over = max((tier + 1 for _, tier in _tiers(plot)), default=0)
        return 8 + title + LEGEND_PX * rows + LINE_PX * over

    def _below(self, plot, last) -> float:
        if not last or (plot.get("bare") and not plot["x"].get("names")):
            return 8
        names = max((len(_split(name)) for name in plot["x"].get("names", ())), default=1)
        if plot["x"].get("ticks") == []:
            names = 0
        return 8 + LINE_PX * (names + len(_split(plot["x"]["label"])))

    def _beside(self, plot, tall) -> float:
        if plot.get("bare") and not plot["y"].get("names"):
            return 4
        widest = max(
            (
                self.measure(line, SMALL, False)
                for _, text in ticks.ticks(plot["y"], tall, "y")
                for line in _split(text)
            ),
            default=0,
        )
        return 10 + LINE_PX * len(_split(plot["y"]["label"])) + widest

    def _right(self, plot, tall) -> float:
        if "colours" not in plot:
            return 4 if plot.get("bare") else 14
        widest = max(self.measure(text, SMALL, False) for _, text in ticks.ticks(_scale(plot), tall, "y"))
        return 36 + widest + LINE_PX

    def _plot(self, plot, box, left, width, last):
        scales = {}
        for which, length in (("x", box["right"] - box["left"]), ("y", box["bottom"] - box["top"])):
            scales[which] = ticks.ticks(plot[which], length, which)
        number = len(self.boxes)
        self.boxes.append(box | {"ticks": scales, "plot": plot})
        over = max((tier + 1 for _, tier in _tiers(plot)), default=0)
        rows = self._legend(plot, 0, 0, width, draw=False)
        top = box["top"] - 4 - LINE_PX * over - LEGEND_PX * rows
        title = _split(plot.get("title", ""))
        for at, line in enumerate(title):
            y = top - LINE_PX * (len(title) - at) + 12
            self._words("title", left + 10, y, line, bold=True)
        self._legend(plot, left + 10, top, width)
        if not plot.get("bare"):
            self._grid(plot, box, scales)
        for at, mark in enumerate(plot["marks"]):
            DRAWERS[mark["kind"]](self, mark, Place(plot, box, number), f"{number}:{at}:{mark['kind']}")
        self._axes(plot, box, scales, last, (left, left + width))
        if "colours" in plot:
            self._colour_bar(plot, box)
        for mark, tier in _tiers(plot):
            x = Place(plot, box, number).x(_middle(mark))
            text = mark.get("letter") or mark["text"]
            self._words(
                "over", x, box["top"] - 5 - LINE_PX * tier, text, anchor="middle", bold="letter" in mark
            )

    def _grid(self, plot, box, scales):
        place = Place(plot, box, 0)
        if any(mark["kind"] == "cells" for mark in plot["marks"]):
            return
        if not plot["x"].get("names"):
            lines = [[[x, box["top"]], [x, box["bottom"]]] for x in (place.x(at) for at, _ in scales["x"])]
            self._path("grid", lines, stroke="grid", width=1)
        if not plot["y"].get("names"):
            lines = [[[box["left"], y], [box["right"], y]] for y in (place.y(at) for at, _ in scales["y"])]
            self._path("grid", lines, stroke="grid", width=1)

    def _axes(self, plot, box, scales, last, column):
        bare, place = plot.get("bare"), Place(plot, box, 0)
        left, right, top, bottom = (box[side] for side in ("left", "right", "top", "bottom"))
        if not bare:
            self._path("axis", [[[left, top], [left, bottom], [right, bottom]]], stroke=INK, width=1)
        middle = (left + right) / 2
        if last and not (bare and not plot["x"].get("names")):
            every = self._stride([text for _, text in scales["x"]], right - left)
            for at, text in scales["x"][::every]:
                for line, part in enumerate(_split(text)):
                    y = bottom + 15 + LINE_PX * line
                    self._words("x tick", place.x(at), y, part, anchor="middle", size=SMALL)
            names = max((len(_split(text)) for _, text in scales["x"]), default=0)
            for line, part in enumerate(_split(plot["x"]["label"])):
                y = bottom + 16 + LINE_PX * (names + line)
                half = self.measure(part, TEXT, False) / 2  # a long one stays in its column
                x = max(column[0] + half, min(middle, column[1] - half))
                self._words("x label", x, y, part, anchor="middle")
        widest = 0
        if not (bare and not plot["y"].get("names")):
            every = ceil(13 * len(scales["y"]) / max(1, bottom - top)) or 1
            for at, text in scales["y"][::every]:
                lines = _split(text)
                widest = max(widest, *(self.measure(line, SMALL, False) for line in lines))
                for line, part in enumerate(lines):
                    y = place.y(at) + 4 + 14 * (line - (len(lines) - 1) / 2)
                    self._words("y tick", left - 6, y, part, anchor="end", size=SMALL)
        label = _split(plot["y"]["label"])
        for line, part in enumerate(label):
            x = left - 12 - widest - LINE_PX * (len(label) - 1 - line)
            self._words("y label", x, (top + bottom) / 2, part, anchor="middle", turned=True)

    def _stride(self, texts, length) -> int:
        """Every how many-th text has room along x."""
        widest = max((self.measure(part, SMALL, False) for text in texts for part in _split(text)), default=0)
        return max(1, ceil((widest + 6) * len(texts) / max(1, length)))

    def _colour_bar(self, plot, box):
        left, top, tall = box["right"] + 12, box["top"], box["bottom"] - box["top"]
        for step in range(24):
            low = top + tall * (1 - step / 24)
            self._path(
                "ramp", [rectangle(left, low - tall / 24, left + 12, low)], closed=True, fill=ramp(step / 23)
            )
        scale = _scale(plot)
        widest = 0
        for at, text in ticks.ticks(scale, tall, "y"):
            y = top + tall * (1 - ticks.place(at, scale["low"], scale["high"], "linear"))
            self._words("colour tick", left + 18, y + 4, text, size=SMALL)
            widest = max(widest, self.measure(text, SMALL, False))
        self._words(
            "colour label", left + 34 + widest, top + tall / 2, scale["label"], anchor="middle", turned=True
        )

    def _legend(self, plot, left, top, width, draw=True) -> int:
        """Keys and labels from `left`, `top` on, as many in a row as there is room for; how many rows they take."""
        x, row, seen = 0, 0, set()
        for mark in plot["marks"]:
            letter = mark.get("letter", "")
            label = mark.get("text", "") if letter else mark.get("label", "")
            if not label or label in seen:
                continue
            seen.add(label)
            key = self.measure(letter, TEXT, True) + 6 if letter else KEY_PX
            wide = key + self.measure(label, TEXT, False) + 16
            if x and x + wide > width - 14:
                x, row = 0, row + 1
            if draw:
                y = top + LEGEND_PX * row + 10
                if letter:
                    self._words("key", left + x, y + 4, letter, bold=True)
                else:
                    self._key(mark, left + x, y)
                self._words("legend", left + x + key, y + 4, label)
            x += wide
        return row + 1 if seen else 0

    def _key(self, mark, x, y):
        """What a mark looks like, in small: a line is shown by a line, dots by a dot, an area by an area."""
        kind, look = (
            mark["kind"],
            f"s{mark.get('style', style.INK if mark['kind'] in ('rule', 'arrow') else 0)}",
        )
        number = int(look[1:])
        if kind in ("line", "rule", "arrow"):
            dash = {"line": number, "rule": style.INK}.get(kind)
            self._path("key", [[[x, y], [x + 24, y]]], stroke=look, width=2, dash=dash)
        if kind == "dots" or (kind == "line" and not mark.get("plain")):
            self._glyph("key", x + 12, y, number, 4.5, hollow=mark.get("hollow", False))
        if kind in ("band", "bars", "step", "span", "arc"):
            hollow = mark.get("hollow", False)
            shade = kind == "band" or (kind == "span" and mark.get("row") is None)
            self._path(
                "key",
                [rectangle(x + 2, y - 6, x + 22, y + 6)],
                closed=True,
                fill="ground" if hollow else look,
                opacity=0.3 if shade else 1,
                stroke=None if shade else INK,
                hatch=mark.get("hatch", False),
            )


def _split(text: str) -> list[str]:
    return text.split("\n") if text else []


def _fitted(plot, box) -> dict:
    """The greatest box inside in which a unit of x is as long as one of y, if the plot wants that."""
    if not plot.get("equal"):
        return box
    wide, tall = box["right"] - box["left"], box["bottom"] - box["top"]
    spans = [plot[which]["high"] - plot[which]["low"] for which in ("x", "y")]
    unit = min(wide / spans[0], tall / spans[1])
    x, y = (wide - unit * spans[0]) / 2, (tall - unit * spans[1]) / 2
    return {
        "left": box["left"] + x,
        "right": box["right"] - x,
        "top": box["top"] + y,
        "bottom": box["bottom"] - y,
    }


def _middle(mark) -> float:
    return mark["at"] if mark["kind"] == "rule" else (mark["low"] + mark["high"]) / 2


def _tiers(plot) -> list[tuple[dict, int]]:
    """What stands over the plot, and how high each, so that neighbours don't lie on top of one another."""
    over = [
        mark
        for mark in plot["marks"]
        if (mark["kind"] == "rule" and not mark.get("level") and (mark.get("letter") or mark.get("text")))
        or (mark["kind"] == "span" and mark.get("row") is None and mark.get("text"))
    ]
    span = plot["x"]["high"] - plot["x"]["low"]
    found: list[tuple[dict, int]] = []
    for mark in sorted(over, key=_middle):
        tier = 0
        if found:
            before, tier_before = found[-1]
            longest = max(len(each.get("letter") or each["text"]) for each in (mark, before))
            close = _middle(mark) - _middle(before) < (0.02 + 0.012 * longest) * span
            tier = tier_before + 1 if close else 0
        found.append((mark, tier))
    return found


def _scale(plot) -> dict:
    return {"scale": "linear", **plot["colours"]}
