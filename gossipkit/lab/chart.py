"""A picture that can also be read: for eyes, for a screen reader, for a program."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from . import faces, style


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with everything that a reader without the picture needs.

    In a notebook it shows itself as html (picture, alt text, data table), as image/png and as text.

    Parameters
    ----------
    title : str
        One line.
    figure : matplotlib.figure.Figure
        Made without pyplot, so that no global state holds on to it.
    alt : str
        Type of chart, axes with units, range, and what is to be seen.
    lines : tuple of str
        The numbers in words, one finding a line; the last one is the takeaway.
    columns : tuple of str
        Names, with units, of the data table's columns.
    rows : tuple of tuple
        The data table; a cell is a number or a str.
    """

    title: str
    figure: Figure = field(repr=False)
    alt: str
    lines: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple, ...] = field(repr=False)

    @property
    def summary(self) -> str:
        """Title and numbers as text: what a screen reader reads and what a re-run is compared by."""
        return "\n".join((self.title, *self.lines))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in css pixels."""
        width, height = self.figure.get_size_inches() * style.CSS_PX_PER_INCH
        return round(width), round(height)

    def png(self, compress_level: int = 9) -> bytes:
        """The picture. The same figure gives the same bytes, without a date in them."""
        return png(self.figure, compress_level)

    def bundle(self) -> tuple[dict, dict]:
        """The three still faces by MIME type, and their metadata."""
        image = self.png()
        width, height = self.size_px
        data = {
            "text/html": faces.figure(image, self.alt, width)
            + faces.data_table(self.title, self.columns, self.rows),
            "image/png": image,
            "text/plain": self.summary,
        }
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return self.bundle()


def png(figure: Figure, compress_level: int) -> bytes:
    """Render `figure` to a PNG with the lab's palette: a third of the size of true colour, and as sharp."""
    canvas = FigureCanvasAgg(figure)
    with style.look():
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba()).view("<u4")[..., 0]
    colours, nearest = _palette()
    # the five highest bits of red, green and blue
    image = Image.fromarray(nearest[(pixels & 0xF8) << 7 | pixels >> 6 & 0x3E0 | pixels >> 19 & 0x1F])
    image.putpalette(colours)
    out = io.BytesIO()
    image.save(out, "png", compress_level=compress_level)
    return out.getvalue()


@lru_cache(maxsize=1)
def _palette() -> tuple[bytes, np.ndarray]:
    """The colours of all pictures, and for each colour of five bits a channel the place of the nearest.

    Fixed, because finding the best colours of each picture takes longer than drawing it.
    """
    colours = np.array(style.shades(), dtype=np.int32)
    level = np.arange(32) * 8 + 4
    level[[0, -1]] = 0, 255  # black and, behind everything, white stay exact
    every = np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    # in pieces: all distances at once would take 100 MB
    nearest = [((piece - colours) ** 2).sum(axis=-1).argmin(axis=1) for piece in np.array_split(every, 32)]
    return colours.astype(np.uint8).tobytes(), np.concatenate(nearest).astype(np.uint8)
