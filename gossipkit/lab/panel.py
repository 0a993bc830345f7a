"""Controls, a pure function and a picture, as one object with three faces."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, ClassVar

import traitlets

from . import faces, style
from .chart import Chart
from .controls import Control
from .scene import Scene
from .stored import STORES_MORE
from .widget import LabWidget, script

KEPT = 50  # so many positions are shown again without a run; each is some kB of JSON
STILL_NOTE = "Run the notebook to move the controls."


class Panel(LabWidget):
    """A picture of `run` at the values of `controls`, drawn anew whenever one of them moves.

    Live it is a widget with native inputs; stored it is a picture with alt text at the values it was shown with; as text
    it is those values and the picture's numbers.

    Parameters
    ----------
    title : str
        The heading.
    run : callable
        Pure function from the controls' values, as keywords, to a result: a position that was shown before is shown again
        without running it. A `ValueError` that it raises is shown to the student as an explanation.
    draw : callable
        Pure function from that result to a `Chart`, or to a `Scene` for something to be watched.
    controls : sequence of Slider, Choice or Toggle
        In the order in which they are shown.
    continuous : bool
        Redraw while a slider is being dragged, and not only when it is let go. For what takes less than about 0.1 s.

    Raises
    ------
    ValueError
        When two controls share a name, `run` does not take one of them, or `run` refuses the defaults.

    Examples
    --------
    >>> from gossipkit.lab import Panel, Slider, figures
    >>> squares = Panel(
    ...     "Squares", run=lambda high: {"x²": [x * x for x in range(high + 1)]}, draw=lambda r: figures.curves(r, title="Squares"),
    ...     controls=[Slider("high", 1, 9, 1, value=3)],
    ... )
    >>> squares.set(high=4)
    >>> squares.values, squares.result
    ({'high': 4}, {'x²': [0, 1, 4, 9, 16]})
    """

    _esm = style.javascript() + script(
        "dom.js", "hear.js", "link.js", "position.js", "layout.js", "chart.js", "player.js", "panel.js"
    )

    page_kind: ClassVar[str] = "panel"

    title = traitlets.Unicode().tag(sync=True)
    spec = traitlets.List().tag(sync=True)
    continuous = traitlets.Bool().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        title: str,
        run: Callable,
        draw: Callable,
        controls: Sequence[Control] = (),
        *,
        continuous: bool = True,
    ):
        # first of all: also a panel that is refused below is closed in the end
        self._kept: dict[tuple[int, ...], dict] = {}  # what the browser gets, by positions, the oldest first
        self._drawn: tuple[dict, Any, Chart] | None = None
        names = [control.name for control in controls]
        if len(set(names)) < len(names):
            raise ValueError(f"controls are named {', '.join(names)}: each name must be there once")
        try:
            inspect.signature(run).bind(**dict.fromkeys(names))
        except TypeError as error:
            raise ValueError(f"run does not take the controls {', '.join(names)}: {error}") from None
        self.controls = tuple(controls)
        self._run, self._draw = run, draw
        super().__init__(title=title, spec=[control.spec() for control in controls], continuous=continuous)
        self._show({control.name: control.value for control in controls})

    def set(self, **values) -> None:
        """Move controls, just as a student would.

        Raises
        ------
        ValueError
            For an unknown control or a value that is not one of its positions, naming those allowed, and when `run`
            refuses the values. Nothing has changed then.
        """
        unknown = [name for name in values if name not in self.values]
        if unknown:
            raise ValueError(
                f"there is no control {unknown[0]!r}: it must be one of {', '.join(self.values)}"
            )
        moved = {
            control.name: control.positions[
                control.index(values.get(control.name, self.values[control.name]))
            ]
            for control in self.controls
        }
        self._show(moved)

    def still(self) -> tuple[dict, dict]:
        """The faces for a reader without a kernel."""
        data, metadata = self.chart.bundle()
        values = [f"{control.label}: {control.said(self.values[control.name])}" for control in self.controls]
        note = (
            f"<p>{escape('; '.join(values))}. <em>{STILL_NOTE}</em></p>"
            if values
            else f"<p><em>{STILL_NOTE}</em></p>"
        )
        lines = [line for line in self.chart.summary.splitlines() if line != self.title]
        data["text/html"] = faces.paragraph(self.title, strong=True) + note + data["text/html"]
        data["text/plain"] = "\n".join([self.title, *values, *lines])
        return data, metadata

    def recorded(self) -> tuple[dict, bytes]:
        """The picture at the controls' values; of a notebook that is stored for readers, at each control's ends, too."""
        others = self._elsewhere() if os.environ.get(STORES_MORE) else []
        return {"title": self.title, "spec": self.spec, "state": self.state, "others": others}, b""

    def _elsewhere(self) -> list[dict]:
        """The states with one control at another position: both ends of a slider, each choice."""
        found = []
        for control in self.controls:
            last = len(control.positions) - 1
            for position in sorted({0, last}) if control.kind == "range" else range(last + 1):
                values = self.values | {control.name: control.positions[position]}
                if values != self.values:
                    with contextlib.suppress(ValueError):  # what `run` refuses has no picture
                        found.append(self._state_of(values)[0])
        return found

    @property
    def result(self):
        """What `run` gave at the controls' values."""
        return self._now()[1]

    @property
    def chart(self) -> Chart:
        """The picture of it."""
        return self._now()[2]

    def close(self) -> None:
        """Close the live view, and let go of what was computed for it."""
        super().close()
        self._drawn = None
        self._kept.clear()

    def _now(self) -> tuple[dict, Any, Chart]:
        """The values, their result and its chart; both are made again where only what the browser gets was kept."""
        if self._drawn is None or self._drawn[0] != self.values:
            self._computed(self.values)
        return self._drawn

    def _show(self, values: dict) -> None:
        """Compute and draw first; only what succeeded is kept and sent, in one message.

        The browser draws: it gets the chart's description, and no picture is rendered here before one is stored.
        """
        positions = tuple(control.index(values[control.name]) for control in self.controls)
        state = self._kept.pop(positions, None) or self._computed(values)
        self._kept[positions] = state
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        self.values = values
        self.state = state

    def _computed(self, values: dict) -> dict:
        state, result, chart = self._state_of(values)
        self._drawn = values, result, chart
        return state

    def _state_of(self, values: dict) -> tuple[dict, Any, Chart]:
        """What the browser gets at these values, and the result and the chart that it comes from."""
        result = self._run(**values)
        drawn = self._draw(result)
        scene = drawn if isinstance(drawn, Scene) else None
        chart = drawn.chart if scene else drawn
        positions = [control.index(values[control.name]) for control in self.controls]
        # the player draws in place of the chart
        picture = {"scene": scene.data, "chart": None} if scene else {"scene": None}
        return chart.state() | picture | {"positions": positions}, result, chart

    def answer_to(self, request: dict) -> None:
        """Move the controls to the positions that the browser sends."""
        positions = request["positions"]
        if len(positions) != len(self.controls):
            raise ValueError(f"there are {len(positions)} positions: there must be {len(self.controls)}")
        self._show(
            {
                control.name: control.at(position)
                for control, position in zip(self.controls, positions, strict=True)
            }
        )
