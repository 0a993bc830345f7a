"""A notebook as one html file that plays without a kernel: ``jupyter nbconvert --to gossipkit.lab.export.LivePage NOTEBOOK``."""

from __future__ import annotations

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

from . import page


class LivePage(HTMLExporter):
    """nbconvert's html, with the lab's live things in place of their still faces where their data is stored."""

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw) -> tuple[str, dict]:
        """Convert; the given notebook stays as it is."""
        html, resources = super().from_notebook_node(_with_places(nb), resources, **kw)
        files = page.files()
        parts = f"<style>{files[page.STYLE_FILE]}</style><script>{files[page.SCRIPT_FILE]}</script>"
        before, end, after = html.rpartition("</body>")
        return f"{before}{parts}{end}{after}", resources


def _with_places(notebook: NotebookNode) -> NotebookNode:
    """A copy in which each place is the only face of its output."""
    copy = NotebookNode(notebook)
    copy.cells = [NotebookNode(cell) for cell in notebook.cells]
    for cell in copy.cells:
        if "outputs" in cell:
            cell.outputs = [_placed(output) for output in cell.outputs if page.place(output) != ""]
    return copy


def _placed(output: NotebookNode) -> NotebookNode:
    html = page.place(output)
    return output if html is None else NotebookNode(output, data={"text/html": html}, metadata={})
