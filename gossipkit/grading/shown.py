"""A submission as a person reads it in nbgrader's formgrader: with the tests that ran, and nothing in it that could run.

The formgrader shows Markdown and raw cells as HTML, in the browser that is logged in to the instructor's Jupyter. So a
student's text loses its tags, its raw cells become text, and no metadata of theirs is kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import nbformat

from .answers import grade_id, locked
from .runner import Verdict

# a link's target may be a script, and nbconvert lets it through; so does MathJax in a formula
LINKING = re.compile(r"\](?=[(\[:])|\\(?=href|url)", re.IGNORECASE)
LONGEST = 50_000  # characters of a cell


def shown(
    notebook: nbformat.NotebookNode,
    own: Mapping[str, nbformat.NotebookNode],
    outputs: Mapping[int, dict],
    verdicts: Mapping[str, Verdict],
    written: Mapping[str, str],
) -> nbformat.NotebookNode:
    """A notebook for a person's eyes.

    Parameters
    ----------
    notebook : NotebookNode
        The submission, whole; it is not changed.
    own : mapping
        The assignment's own cells, by name, as they ran.
    outputs : mapping
        What each code cell printed and raised, by its place among them.
    verdicts : mapping
        By task.
    written : mapping
        By task, all that a person marks; where it was found in several cells, the answer's own shows it whole.
    """
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"display_name": "Python 3", "name": "python3"}})
    made.nbformat_minor = notebook.nbformat_minor
    places = iter(range(len(notebook.cells)))
    for cell in notebook.cells:
        named = {"nbgrader": cell.metadata.nbgrader} if grade_id(cell) else {}
        if cell.cell_type == "code":
            made.cells.append(_code(cell, own.get(grade_id(cell)), outputs.get(next(places)), verdicts))
        else:
            text = written.get(grade_id(cell)) or cell.source
            text = text if locked(cell) else without_tags(text)
            made.cells.append({"cell_type": "markdown", "source": text})
        made.cells[-1].update(id=cell.id, metadata=named)
    return nbformat.from_dict(made)  # nbformat.v4.new_code_cell and its like would validate each by itself


def without_tags(text: str) -> str:
    """Markdown that says the same, without HTML and without links: their targets can be read, and not followed."""
    kept = text[:LONGEST] + (" … and more, which is not shown" if len(text) > LONGEST else "")
    return LINKING.sub(r"\g<0> ", html.escape(kept, quote=False).replace("&gt;", ">"))


def _code(
    cell: nbformat.NotebookNode,
    own: nbformat.NotebookNode | None,
    said: dict | None,
    verdicts: Mapping[str, Verdict],
) -> dict:
    outputs = []
    verdict = verdicts.get(grade_id(cell))
    if verdict is not None and verdict.reason:
        said = {"output": "", "raised": {"name": "PropertyFailed", "text": verdict.reason}}
    if said and said["output"]:
        outputs.append({"output_type": "stream", "name": "stdout", "text": said["output"]})
    if said and said["raised"]:
        name, text = said["raised"]["name"], said["raised"]["text"]
        told = {"ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
        outputs.append({"output_type": "error"} | told)
    source = (own or cell).source[:LONGEST]
    return {"cell_type": "code", "execution_count": None, "source": source, "outputs": outputs}
