"""What every live thing of the lab shares: scripts, requests and their answers, and faces for when no kernel runs."""

from __future__ import annotations

import threading
import traceback
from pathlib import Path
from typing import ClassVar
from uuid import uuid4
from weakref import WeakSet

import anywidget
import traitlets
from IPython import get_ipython
from IPython.display import display

from . import faces, stored, style

STATIC = Path(__file__).parent / "static"
INTERRUPTED = "The kernel was interrupted before it was done. Ask once more."


def script(*names: str) -> str:
    """The browser module made of these files of `static/`.

    anywidget hands the browser one module without an address, so that modules can't import each other: files that share
    code are joined here, in the order given. Read once, as text, they are also never watched for changes.
    """
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class LabWidget(anywidget.AnyWidget):
    """A widget that answers each request of the browser, and that also shows itself where no kernel runs.

    A subclass has methods of its own: `answer_to`, for what the browser asks, `still`, and `recorded` if a page without a
    kernel can show it live.

    In a notebook it makes two outputs: its still faces, and the live view, which hides them while it lives. A notebook that
    is opened again without its kernel, or exported, so shows the still faces. When the cell that made a widget is run
    again, the widget of the earlier run is closed and lets go of what it held.
    """

    _css = (STATIC / "lab.css").read_text(encoding="utf-8") + style.sheet()
    _open: ClassVar[WeakSet[LabWidget]] = WeakSet()
    page_kind: ClassVar[str] = ""
    """The script that shows it on a page without a kernel; see `gossipkit.lab.page`. None: its still faces stand there."""
    # by which the browser finds the model of this widget: see hear.js
    _key = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits):
        key = uuid4().hex
        super().__init__(model_id=key, _key=key, **traits)
        # JupyterLab can hand over messages in a thread beside the one that runs cells
        self._one_at_a_time = threading.RLock()
        self._cell_run = _cell_run()
        self.on_msg(self._asked)
        for other in list(LabWidget._open) if self._cell_run else ():
            if (
                other._cell_run
                and other._cell_run[0] == self._cell_run[0]
                and other._cell_run != self._cell_run
            ):
                other.close()
        LabWidget._open.add(self)

    def answer_to(self, request: dict) -> dict | None:
        """Do what the browser asks, and give what its answer says beside ``error``; a `ValueError` is told to the student."""
        raise NotImplementedError

    def still(self) -> tuple[dict, dict]:
        """Faces by MIME type for a reader without a kernel, and their metadata."""
        raise NotImplementedError

    def recorded(self) -> tuple[dict, bytes]:
        """What a page without a kernel needs to show it live: its state as JSON, and a buffer."""
        raise NotImplementedError

    def _asked(self, _widget, request: dict, _buffers) -> None:
        answer = {"id": request.get("id"), "type": "done", "error": ""}
        try:
            with self._one_at_a_time:
                answer |= self.answer_to(request) or {}
        except ValueError as error:
            answer["error"] = str(error)
        except KeyboardInterrupt:
            answer["error"] = INTERRUPTED
        except Exception:  # whatever goes wrong is shown, since nobody reads a kernel's log
            answer["error"] = traceback.format_exc()
        self.send(answer)

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        data, metadata = self.still()
        return data | {"text/html": faces.still(data["text/html"])}, metadata

    def _ipython_display_(self) -> None:
        self.show_beside(*self.still())

    def show_beside(self, data: dict, metadata: dict) -> None:
        """Show the still faces, with what a page without a kernel needs, and after them the live view that hides them."""
        if self.page_kind:
            metadata = metadata | stored.metadata(self.page_kind, self.recorded())
        display(data | {"text/html": faces.still(data["text/html"])}, metadata=metadata, raw=True)
        live, _ = super()._repr_mimebundle_()
        display(live | {"text/plain": ""}, raw=True)


def _cell_run() -> tuple[str, str] | None:
    """The running cell's id, and the id of this run of it, where the frontend tells them."""
    parent = getattr(get_ipython(), "parent_header", None) or {}
    cell = parent.get("metadata", {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else None
