"""A chart as it lives in a notebook: drawn by the browser, beside the picture that is stored."""

from __future__ import annotations

import traitlets

from . import style
from .widget import LabWidget, script


class LiveChart(LabWidget):
    """A chart by itself: it follows theme and width, and its values are read by pointer and keys.

    All of it is sent once, and nothing is asked of the kernel afterwards: it lives on when the kernel doesn't. `Chart`
    shows it beside its own still faces, which it doesn't keep.
    """

    _esm = style.javascript() + script("dom.js", "layout.js", "chart.js", "alone.js")

    state = traitlets.Dict().tag(sync=True)
