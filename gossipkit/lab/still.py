"""A chart as a PNG: the picture that a stored notebook, a printed page and a repository's preview show."""

from __future__ import annotations

import io
from functools import lru_cache

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from PIL import Image

from . import style
from .layout import NOTE_PX, TITLE_PX, Drawing

PIXELS_PER_CSS_PX = 2  # sharp on the screens that students have
PT_PER_PX = 0.72  # at 100 css pixels an inch
_DPI = 100 * PIXELS_PER_CSS_PX
TITLE_SIZE = 15

# those that are about windows, and not about looks; the backend must not even be read, that would choose one
_NOT_LOOKS = ("backend", "backend_fallback", "interactive", "toolbar", "webagg.address")
# set explicitly, so that neither a user's settings nor a notebook's backend changes a picture
_SETTINGS = {name: value for name, value in matplotlib.rcParamsDefault.items() if name not in _NOT_LOOKS} | {
    "font.family": "DejaVu Sans",
    "hatch.linewidth": 0.8,
}


def picture(chart: dict) -> Figure:
    """A figure of a chart as `Chart.describe` gives it, 720 css pixels wide, or as wide as it needs.

    Made without pyplot, so that no global state holds on to it.
    """
    width = max(style.WIDTH_PX, chart.get("narrowest", 0))
    drawing = Drawing(chart, width, text_px)
    notes = chart.get("note", ())
    height = chart["height"]
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(width / 100, height / 100), dpi=_DPI, facecolor=style.PAPER)
        canvas = _Canvas(figure, height)
        canvas.words({"x": 10, "y": 21, "text": chart["title"], "bold": True, "size": TITLE_SIZE})
        for line, note in enumerate(notes):
            canvas.words(
                {"x": 10, "y": height - 7 - NOTE_PX * (len(notes) - 1 - line), "text": note, "size": 12}
            )
        canvas.move(TITLE_PX, drawing.boxes)
        for shape in drawing.shapes:
            getattr(canvas, shape["shape"])(shape)
    return figure


def png(chart: dict, compress_level: int) -> bytes:
    """Render to a PNG with the lab's palette: a third of the size of true colour, and as sharp.

    The same description gives the same bytes, without a date in them.
    """
    canvas = FigureCanvasAgg(picture(chart))
    with matplotlib.rc_context(_SETTINGS):  # settings are read when a figure is rendered, too
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba()).view("<u4")[..., 0]
    colours, nearest = _palette()
    # the five highest bits of red, green and blue
    image = Image.fromarray(nearest[(pixels & 0xF8) << 7 | pixels >> 6 & 0x3E0 | pixels >> 19 & 0x1F])
    image.putpalette(colours)
    out = io.BytesIO()
    image.save(out, "png", compress_level=compress_level)
    return out.getvalue()


@lru_cache(maxsize=8192)  # the same labels come again in each setting and at each width
def text_px(text: str, size: float, bold: bool) -> float:
    """How wide `text` is in css pixels."""
    font = _font("bold" if bold else "normal")
    font.set_size(size * PT_PER_PX, 100)
    font.set_text(text)
    return font.get_width_height()[0] / 64


@lru_cache(maxsize=2)
def _font(weight: str):
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))


class _Canvas:
    """Paints the shapes of a `Drawing`, whose y grows downwards, on a figure, whose y grows upwards."""

    def __init__(self, figure: Figure, height: float):
        self.figure, self.height = figure, height
        self.move(0, [])

    def move(self, down: float, boxes: list[dict]) -> None:
        """What comes now is moved down, and may be clipped to these boxes."""
        scale = PIXELS_PER_CSS_PX
        self.place = Affine2D().scale(scale, -scale).translate(0, scale * (self.height - down))
        self.boxes = boxes

    def _add(self, artist, shape: dict) -> None:
        artist.set_transform(self.place)
        if "clip" in shape:
            box = self.boxes[shape["clip"]]
            corner = (box["left"] - 3, box["top"] - 3)
            size = (box["right"] - box["left"] + 6, box["bottom"] - box["top"] + 6)
            artist.set_clip_path(Rectangle(corner, *size, transform=self.place))
        self.figure.add_artist(artist)

    def path(self, shape: dict) -> None:
        corners, codes = [], []
        for line in shape["lines"]:
            closed = shape.get("closed", False)
            corners += [*line, line[0]] if closed else line
            codes += [Path.MOVETO, *[Path.LINETO] * (len(line) - 1), *[Path.CLOSEPOLY] * closed]
        stroke = shape.get("stroke")
        end = "round" if shape.get("round") else "butt"
        patch = PathPatch(
            Path(corners, codes),
            facecolor=_colour(shape["fill"]) if "fill" in shape else "none",
            edgecolor=_colour(stroke) if stroke else "none",
            linewidth=shape.get("width", 1 if stroke else 0) * PT_PER_PX,
            linestyle=_dash(shape),
            alpha=shape.get("opacity"),
            hatch="///" if shape.get("hatch") else None,
            capstyle=end,
            joinstyle="miter" if shape.get("closed") else "round",
        )
        self._add(patch, shape)

    def glyph(self, shape: dict) -> None:
        x, y, r, own = shape["x"], shape["y"], shape["r"], f"s{shape['style']}"
        corners = [(x + r * u, y + r * v) for u, v in style.STYLES[shape["style"]].marker]
        fill = shape.get("fill") or ("ground" if shape.get("hollow") else own)
        edge = f"s{style.INK}" if "fill" in shape else own
        patch = PathPatch(
            Path([*corners, corners[0]], closed=True),
            facecolor=_colour(fill),
            edgecolor=_colour(edge),
            linewidth=(1.6 if shape.get("hollow") else 0.7) * PT_PER_PX,
        )
        self._add(patch, shape)

    def frame(self, shape: dict) -> None:
        patch = FancyBboxPatch(
            (shape["x"], shape["y"]),
            shape["wide"],
            shape["tall"],
            boxstyle="round,pad=0,rounding_size=8",
            facecolor=style.PAPER,
            edgecolor=_colour(shape["stroke"]),
            linewidth=1.8 * PT_PER_PX,
            linestyle=_dash(shape),
        )
        self._add(patch, shape)

    def words(self, shape: dict) -> None:
        x, y = self.place.transform((shape["x"], shape["y"]))
        text = Text(
            x,
            y,
            shape["text"],
            fontsize=shape.get("size", 13) * PT_PER_PX,
            fontfamily="DejaVu Sans Mono" if shape.get("mono") else "DejaVu Sans",
            fontweight="bold" if shape.get("bold") else "normal",
            fontstyle="italic" if shape.get("italic") else "normal",
            color=_colour(shape.get("colour", f"s{style.INK}")),
            ha={"start": "left", "middle": "center", "end": "right"}[shape.get("anchor", "start")],
            va="baseline",
            rotation=90 if shape.get("turned") else 0,
            rotation_mode="anchor",
            parse_math=False,
            transform=None,
        )
        self.figure.add_artist(text)


def _colour(name: str) -> str:
    if name[0] == "s":
        return style.STYLES[int(name[1:])].colour
    return {"grid": style.GRID, "ground": style.PAPER}.get(name, name)


def _dash(shape: dict):
    lengths = style.STYLES[shape["dash"]].dash if "dash" in shape else ()
    # matplotlib counts a dash in widths of its line
    return (0, [each / shape.get("width", 1.8) for each in lengths]) if lengths else "-"


@lru_cache(maxsize=1)
def _palette() -> tuple[bytes, np.ndarray]:
    """The colours of all pictures, and for each colour of five bits a channel the place of the nearest.

    Fixed, because finding the best colours of each picture takes longer than drawing it.
    """
    colours = np.array(_shades(), dtype=np.int32)
    level = np.arange(32) * 8 + 4
    level[[0, -1]] = 0, 255  # black and, behind everything, white stay exact
    every = np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    # in pieces: all distances at once would take 100 MB
    nearest = [((piece - colours) ** 2).sum(axis=-1).argmin(axis=1) for piece in np.array_split(every, 32)]
    return colours.astype(np.uint8).tobytes(), np.concatenate(nearest).astype(np.uint8)


def _shades() -> list[tuple[int, int, int]]:
    """Every colour that a picture is made of, 0 to 255 each: the styles on their way to white, and the ramp."""
    found = [(255, 255, 255)]
    for colour in (style.GRID, *(each.colour for each in style.STYLES)):
        steps = 20 if colour != style.GRID else 4
        found += [
            tuple(round(255 * (1 - (1 - part) * step / steps)) for part in to_rgb(colour))
            for step in range(1, steps + 1)
        ]
    places = np.linspace(0, len(style.RAMP) - 1, 85)
    rgb = np.array([to_rgb(colour) for colour in style.RAMP])
    found += [
        tuple(round(255 * float(np.interp(place, range(len(rgb)), rgb[:, part]))) for part in range(3))
        for place in places
    ]
    return found
