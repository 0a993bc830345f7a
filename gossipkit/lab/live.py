"""A chart as it lives in a notebook: drawn by the browser, beside the picture that is stored."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from . import style
from .widget import LabWidget, script


class LiveChart(LabWidget):
    """A chart by itself: it follows theme and width, and its values are read by pointer and keys.

    All of it is sent once, and nothing is asked of the kernel afterwards: it lives on when the kernel doesn't. `Chart`
    shows it beside its own still faces, which it doesn't keep.
    """

    _esm = style.javascript() + script("dom.js", "layout.js", "chart.js", "alone.js")

    page_kind: ClassVar[str] = "chart"

    state = traitlets.Dict().tag(sync=True)

    def recorded(self) -> tuple[dict, bytes]:
        """All of it."""
        return {"state": self.state}, b""
