"""A picture as data, that can also be read: for eyes, for a screen reader, for a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from . import faces, still, style
from .axes import Plot
from .live import LiveChart


@dataclass(frozen=True, eq=False)
class Chart:
    """What is to be seen, with everything that a reader without the picture needs.

    It says nothing of how it is drawn: `gossipkit.lab.still` makes the stored picture of it, `static/chart.js` the live one.
    In a notebook it is drawn live by the browser. Beside that it leaves what a reader without a kernel sees: html (picture,
    alt text, data table), image/png and text.

    Parameters
    ----------
    title : str
        One line.
    alt : str
        Type of chart, axes with units, range, and what is to be seen.
    lines : sequence of str
        The numbers in words, one finding a line; the last one is the takeaway.
    columns : sequence of str
        Names, with units, of the data table's columns.
    rows : sequence of tuple
        The data table; a cell is a number or a str.
    plots : sequence of Plot
        From left to right.
    height : int
        In css pixels; the width is the reader's, and 720 in the stored picture, or `narrowest` if that is more.
    narrowest : int
        The width in css pixels that it needs, as for boxes full of words; a narrower page scrolls it.
    note : sequence of str
        Lines under the picture that say how to read it: what a band is, where a run was cut.

    Raises
    ------
    ValueError
        When there is no plot, a row is not as long as `columns`, or the shares of plots side by side exceed the width.
    """

    title: str
    alt: str
    lines: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[tuple] = field(repr=False)
    plots: Sequence[Plot] = field(repr=False)
    height: int = style.HEIGHT_PX
    narrowest: int = 0
    note: Sequence[str] = ()

    def __post_init__(self):
        for name in ("lines", "columns", "rows", "plots", "note"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.plots:
            raise ValueError("plots is empty: there must be at least one")
        if wrong := [row for row in self.rows if len(row) != len(self.columns)]:
            raise ValueError(
                f"a row has {len(wrong[0])} cells: it must have {len(self.columns)}, one for each of columns"
            )
        shares = sum(plot.share for plot in self.plots if not plot.below)
        if shares > 1 + 1e-9:
            raise ValueError(f"plots side by side have shares of {shares:g} in all: it must be at most 1")
        if not self.height >= 100:
            raise ValueError(f"height is {self.height!r}: it must be at least 100")

    @property
    def summary(self) -> str:
        """Title and numbers as text: what a screen reader reads and what a re-run is compared by."""
        return "\n".join((self.title, *self.lines))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the stored picture in css pixels."""
        return max(style.WIDTH_PX, self.narrowest), self.height

    def describe(self) -> dict:
        """The picture as JSON: what both renderers draw, with the ends of all axes."""
        said = {"title": self.title, "height": self.height, "plots": [plot.describe() for plot in self.plots]}
        if self.narrowest:
            said["narrowest"] = self.narrowest
        if self.note:
            said["note"] = list(self.note)
        return said

    def png(self, compress_level: int = 9) -> bytes:
        """The stored picture. The same chart gives the same bytes, without a date in them."""
        return still.png(self.describe(), compress_level)

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

    def state(self) -> dict:
        """What the browser draws and reads aloud, as JSON."""
        return {
            "alt": self.alt,
            "chart": self.describe(),
            "lines": list(self.lines),
            "caption": self.title,
            "columns": list(self.columns),
            "rows": [[faces.text(cell) for cell in row] for row in self.rows],
        }

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return self.bundle()

    def _ipython_display_(self) -> None:
        LiveChart(state=self.state()).show_beside(*self.bundle())
