"""How each mark becomes shapes: paths, glyphs, frames and words with places in css pixels.

A shape is a dict. `path`: `lines` of points, maybe `closed`, with `stroke`, `width`, `fill`, `opacity`, `dash`, `hatch`.
`glyph`: a style's marker at `x`, `y` with radius `r`. `frame`: a box with round corners. `words`: one line of text. Colours are
`s0`, `s1`, … for styles, `grid`, `ground` (the paper) or a hex code. `of` says what the shape is part of.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import ceil, cos, floor, hypot, pi, sin

from . import style, ticks

TEXT, SMALL, LINE_PX = 13, 12, 16
INK = f"s{style.INK}"


class Shapes:
    """Shapes, and what adds those of a mark; the last argument of each of these names the plot and the mark."""

    def __init__(self, measure: Callable[[str, float, bool], float]):
        self.measure = measure
        self.shapes: list[dict] = []

    def _path(self, of, lines, **look):
        if lines:
            self.shapes.append({"shape": "path", "of": of, "lines": lines, **_looking(look)})

    def _glyph(self, of, x, y, number, radius, **look):
        self.shapes.append(
            {"shape": "glyph", "of": of, "x": x, "y": y, "style": number, "r": radius, **_looking(look)}
        )

    def _words(self, of, x, y, text, **look):
        self.shapes.append({"shape": "words", "of": of, "x": x, "y": y, "text": text, **_looking(look)})

    def _line(self, mark, at, of):
        number = mark.get("style", 0)
        points = [at.point(x, y) for x, y in zip(mark["x"], mark["y"], strict=True)]
        self._path(of, _runs(points), stroke=f"s{number}", width=2, dash=number, clip=at.number)
        if not mark.get("plain"):
            every = max(1, ceil(len(points) * 24 / max(1, at.box["right"] - at.box["left"])))
            for x, y in filter(None, points[::every]):
                self._glyph(of, x, y, number, 3.5)

    def _band(self, mark, at, of):
        upper = [at.point(x, y) for x, y in zip(mark["x"], mark["high"], strict=True)]
        lower = [at.point(x, y) for x, y in zip(mark["x"], mark["low"], strict=True)]
        edge = [point for point in upper + lower[::-1] if point]
        self._path(of, [edge], closed=True, fill=f"s{mark.get('style', 0)}", opacity=0.22, clip=at.number)

    def _step(self, mark, at, of):
        xs, ys = mark["x"], mark["y"]
        turns = [xs[0], *((one + other) / 2 for one, other in pairwise(xs)), xs[-1]]
        edge = [at.point(turns[0], 0)]
        for place, y in enumerate(ys):
            edge += [at.point(turns[place], y), at.point(turns[place + 1], y)]
        edge.append(at.point(turns[-1], 0))
        look = f"s{mark.get('style', 0)}"
        self._path(of, [edge], closed=True, fill=look, stroke=look, width=1.5, clip=at.number)

    def _bars(self, mark, at, of):
        across, half = mark.get("across", False), mark.get("width", 0.72) / 2
        fill = "ground" if mark.get("hollow") else f"s{mark.get('style', 0)}"
        for number, (place, value) in enumerate(zip(mark["at"], mark["value"], strict=True)):
            if value is not None:
                corners = [(0, place - half), (value, place - half), (value, place + half), (0, place + half)]
                edge = [at.point(*(corner if across else corner[::-1])) for corner in corners]
                self._path(of, [edge], closed=True, fill=fill, stroke=INK, width=0.8, clip=at.number)
            low, high = (mark.get(end, ())[number : number + 1] or [None] for end in ("low", "high"))
            ends = [each for each in (value, *high) if each is not None] or [0]
            if low[0] is not None:
                a, b = (at.point(*((each, place) if across else (place, each))) for each in (low[0], high[0]))
                self._whisker(of, a, b)
            if mark.get("texts"):
                x, y = at.point(*((max(ends), place) if across else (place, max(ends))))
                look = {"size": SMALL} if across else {"size": SMALL, "anchor": "middle"}
                self._words(of, *((x + 5, y + 4) if across else (x, y - 5)), mark["texts"][number], **look)

    def _whisker(self, of, a, b):
        """From `a` to `b`, with a short stroke across each end."""
        u, v = (0, 4) if a[1] == b[1] else (4, 0)
        caps = [[[x - u, y - v], [x + u, y + v]] for x, y in (a, b)]
        self._path(of, [[a, b], *caps], stroke=INK, width=1.2)

    def _dots(self, mark, at, of):
        number, radius = mark.get("style", 0), mark.get("radius_px", 4.5)
        for place, (x, y) in enumerate(zip(mark["x"], mark["y"], strict=True)):
            low, high = (mark[end][place] if mark.get(end) else None for end in ("low", "high"))
            if low is not None and high is not None:
                ends = [at.point(low, y), at.point(high, y)]
                self._path(of, [ends], stroke=f"s{number}", width=6, opacity=0.35, round=True)
            point = None if x is None or y is None else at.point(x, y)
            if not point:
                continue
            look = {"hollow": mark.get("hollow", False)}
            if mark.get("values"):
                colours = at.plot["colours"]
                look["fill"] = ramp(
                    (mark["values"][place] - colours["low"]) / (colours["high"] - colours["low"])
                )
            self._glyph(of, *point, number, radius, **look)
            if mark.get("texts"):
                ends = [point[0], *(at.x(each) for each in (low, high) if each is not None)]
                late = point[0] > at.box["left"] + 0.6 * (at.box["right"] - at.box["left"])
                side = min(ends) - radius - 4 if late else max(ends) + radius + 4
                anchor = "end" if late else "start"
                self._words(of, side, point[1] + 4, mark["texts"][place], size=SMALL, anchor=anchor)

    def _text(self, mark, at, of):
        x, y = at.point(mark["x"], mark["y"])
        self._words(
            of,
            x + mark.get("right_px", 0),
            y + 4 - mark.get("up_px", 0),
            mark["text"],
            anchor={"left": "start", "center": "middle", "right": "end"}[mark.get("align", "center")],
            bold=mark.get("bold", False),
            size=SMALL if mark.get("small") else TEXT,
            colour=f"s{mark.get('style', style.INK)}",
        )

    def _span(self, mark, at, of):
        low, high = (min(max(at.x(mark[end]), at.box["left"]), at.box["right"]) for end in ("low", "high"))
        look = f"s{mark.get('style', 0)}"
        hatch, fill = mark.get("hatch", False), "ground" if mark.get("hollow") else look
        if mark.get("row") is None:
            edge = [rectangle(low, at.box["top"], high, at.box["bottom"])]
            self._path(of, edge, closed=True, fill=fill, opacity=0.3, hatch=hatch)
            return  # its text stands over the plot
        half = mark.get("width", 0.6) / 2
        upper, lower = (at.y(mark["row"] + side) for side in (half, -half))
        edge = [rectangle(low, upper, high, lower)]
        lane = fill == f"s{style.FAINT}"  # behind what stands in it
        line = {"opacity": 0.3} if lane else {"stroke": INK, "width": 0.8}
        self._path(of, edge, closed=True, fill=fill, hatch=hatch, **line)
        if mark.get("text") and self.measure(mark["text"], SMALL, False) < high - low - 10:
            colour = INK if mark.get("hollow") else _on(mark.get("style", 0))
            middle = (low + high) / 2, (upper + lower) / 2 + 4
            self._words(of, *middle, mark["text"], size=SMALL, anchor="middle", colour=colour)

    def _rule(self, mark, at, of):
        box = at.box
        if mark.get("level"):
            y = at.y(mark["at"])
            line = [[box["left"], y], [box["right"], y]]
        else:
            x = at.x(mark["at"])
            line = [[x, box["top"]], [x, box["bottom"]]]
        number = mark.get("style", style.INK)
        self._path(of, [line], stroke=f"s{number}", width=1.3, dash=style.INK, clip=at.number)

    def _cells(self, mark, at, of):
        colours = at.plot["colours"]
        rows = len(mark["values"])
        for row, values in enumerate(mark["values"]):
            for column, value in enumerate(values):
                (left, upper), (right, lower) = (
                    at.point(column + side, rows - 1 - row - side) for side in (-0.5, 0.5)
                )
                share = (
                    None if value is None else (value - colours["low"]) / (colours["high"] - colours["low"])
                )
                fill = f"s{style.FAINT}" if value is None else ramp(share)
                self._path(of, [rectangle(left, upper, right, lower)], closed=True, fill=fill)
                text = mark["texts"][row][column] if mark.get("texts") else ""
                if text and self.measure(text, SMALL, False) < right - left - 2 and lower - upper > 11:
                    colour = INK if value is None else "#FFFFFF" if share < 0.55 else "#000000"
                    middle = (left + right) / 2, (upper + lower) / 2 + 4
                    self._words(of, *middle, text, size=SMALL, anchor="middle", colour=colour)

    def _arc(self, mark, at, of):
        steps = max(2, ceil((mark["end"] - mark["start"]) * 120))
        turns = [mark["start"] + (mark["end"] - mark["start"]) * step / steps for step in range(steps + 1)]
        outer = [at.turned(turn, mark["outer"]) for turn in turns]
        inner = [at.turned(turn, mark["inner"]) for turn in turns]
        number = mark.get("style", 0)
        self._path(of, [outer + inner[::-1]], closed=True, fill=f"s{number}", stroke="ground", width=0.7)
        if mark.get("text") and mark["end"] - mark["start"] > 0.02:
            x, y = at.turned((mark["start"] + mark["end"]) / 2, (mark["inner"] + mark["outer"]) / 2)
            self._words(of, x, y + 4, mark["text"], size=SMALL, anchor="middle", colour=_on(number))

    def _box(self, mark, at, of):
        x, y = at.point(mark["x"], mark["y"])
        wide, tall, look = mark["width_px"], mark["height_px"], f"s{mark.get('style', 0)}"
        left, top, dashed = x - wide / 2, y - tall / 2, mark.get("dashed", False)
        self.shapes.append(
            {"shape": "frame", "of": of, "x": left, "y": top, "wide": wide, "tall": tall, "stroke": look}
            | ({"dash": style.VERMILION} if dashed else {})
        )
        self._words(of, left + 8, top + 18, mark["head"], bold=True, colour=look)
        if mark.get("corner"):
            self._words(of, left + wide - 7, top + 17, mark["corner"], size=SMALL, italic=True, anchor="end")
        for row, line in enumerate(mark.get("lines", ())):
            self._words(of, left + 8, top + 35 + LINE_PX * row, line, size=SMALL)
        for row, line in enumerate(mark.get("code", ()), len(mark.get("lines", ()))):
            self._words(of, left + 8, top + 35 + LINE_PX * row, line, size=SMALL, mono=True)

    def _arrow(self, mark, at, of):
        (ax, ay), (bx, by) = at.point(mark["x0"], mark["y0"]), at.point(mark["x1"], mark["y1"])
        side = 1 if bx >= ax else -1
        ax, bx = ax + side * mark.get("clear_px", 0), bx - side * mark.get("clear_px", 0)
        bend = mark.get("bend", 0)
        mx, my = (ax + bx) / 2 + 2 * bend * (by - ay), (ay + by) / 2 - 2 * bend * (bx - ax)
        # a curve of the second degree, half of it where the arrow is lost
        part = 0.5 if mark.get("lost") else 1
        steps = [part * step / 12 for step in range(13)] if bend else [0, part]
        way = [
            [
                (1 - t) ** 2 * ax + 2 * t * (1 - t) * mx + t * t * bx,
                (1 - t) ** 2 * ay + 2 * t * (1 - t) * my + t * t * by,
            ]
            for t in steps
        ]
        look = f"s{mark.get('style', style.INK)}"
        (px, py), (x, y) = way[-2:]
        if mark.get("lost"):
            self._path(of, [way], stroke=look, width=1.5, clip=at.number)
            cross = [[[x - 4, y - 4], [x + 4, y + 4]], [[x - 4, y + 4], [x + 4, y - 4]]]
            self._path(of, cross, stroke=look, width=2, clip=at.number)
            return
        far = hypot(x - px, y - py) or 1
        u, v = (x - px) / far, (y - py) / far
        base = [x - 9 * u, y - 9 * v]
        self._path(of, [[*way[:-1], base]], stroke=look, width=1.5, clip=at.number)
        head = [[x, y], [base[0] - 4 * v, base[1] + 4 * u], [base[0] + 4 * v, base[1] - 4 * u]]
        self._path(of, [head], closed=True, fill=look, clip=at.number)


class Place:
    """From a plot's values to pixels."""

    def __init__(self, plot, box, number):
        self.plot, self.box, self.number = plot, box, number

    def x(self, value) -> float:
        axis, box = self.plot["x"], self.box
        at = ticks.place(value, axis["low"], axis["high"], axis["scale"])
        return None if at is None else box["left"] + at * (box["right"] - box["left"])

    def y(self, value) -> float:
        axis, box = self.plot["y"], self.box
        at = ticks.place(value, axis["low"], axis["high"], axis["scale"])
        return None if at is None else box["bottom"] - at * (box["bottom"] - box["top"])

    def point(self, x, y) -> list[float] | None:
        if x is None or y is None:
            return None
        place = [self.x(x), self.y(y)]
        return None if None in place else place

    def turned(self, turn, radius) -> list[float]:
        angle = 2 * pi * turn
        return self.point(radius * sin(angle), radius * cos(angle))


DRAWERS = {
    kind: getattr(Shapes, f"_{kind}")
    for kind in (
        "line",
        "band",
        "step",
        "bars",
        "dots",
        "text",
        "span",
        "rule",
        "cells",
        "arc",
        "box",
        "arrow",
    )
}


def ramp(share: float) -> str:
    """The colour at `share`, 0 to 1, between the steps of the ramp."""
    place = min(max(share, 0), 1) * (len(style.RAMP) - 1)
    start = min(floor(place), len(style.RAMP) - 2)
    low, high = ([int(code[at : at + 2], 16) for at in (1, 3, 5)] for code in style.RAMP[start : start + 2])
    mixed = [floor(a + (b - a) * (place - start) + 0.5) for a, b in zip(low, high, strict=True)]
    return "#" + "".join(f"{each:02X}" for each in mixed)


def _on(number: int) -> str:
    """Which words can be read on a style's own colour: three are light in a light theme and in a dark one."""
    if number == style.FAINT:
        return INK
    return "#000000" if number in (style.ORANGE, style.SKY, style.PINK) else "ground"


def _looking(look: dict) -> dict:
    return {name: value for name, value in look.items() if value is not None and value is not False}


def rectangle(left, top, right, bottom) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _runs(points) -> list[list]:
    """The pieces between the gaps."""
    runs: list[list] = [[]]
    for point in points:
        if point:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
