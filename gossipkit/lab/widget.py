"""What every live thing of the lab shares: a script, a style sheet, and faces for when no kernel runs."""

from __future__ import annotations

from pathlib import Path

import anywidget

STATIC = Path(__file__).parent / "static"


def script(*names: str) -> str:
    """The browser module made of these files of `static/`.

    anywidget hands the browser one module without an address, so that modules can't import each other: files that share
    code are joined here, in the order given. Read once, as text, they are also never watched for changes.
    """
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class LabWidget(anywidget.AnyWidget):
    """A widget that also carries the still faces which `still` returns."""

    _css = (STATIC / "lab.css").read_text(encoding="utf-8")

    def still(self) -> tuple[dict, dict]:
        """Faces by MIME type for a reader without a kernel, and their metadata."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        live, live_metadata = super()._repr_mimebundle_(**kwargs)
        still, still_metadata = self.still()
        return live | still, live_metadata | still_metadata
