"""Where written answers are found: below the words that mark their place, beside them, or somewhere else in the notebook.

A person marks what is found, wherever it is. Only where nothing is found, no answer was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.utils import is_grade, is_solution

from .answers import grade_id, parse

ELSEWHERE = 80  # characters: shorter notes, far from an answer's place, are no answer
PROSE = re.compile(r"#(?!!).*\w|'[^']*\w[^']*'|\"[^\"]*\w[^\"]*\"")


def written_answers(notebook: nbformat.NotebookNode, given: nbformat.NotebookNode) -> dict[str, str]:
    """What a student wrote as each written answer, in Markdown; empty where nothing is found.

    Parameters
    ----------
    notebook : NotebookNode
        A submission, whole (`intake.make_whole`).
    given : NotebookNode
        What students received.
    """
    handed_out = {
        said.strip()
        for cell in given.cells
        for said in ([cell.source] if cell.cell_type == "code" else cell.source.splitlines())
    }
    tasks = [
        place
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown" and is_grade(cell) and is_solution(cell)
    ]
    texts = {place: _text(cell, handed_out) for place, cell in enumerate(notebook.cells)}
    found = {}
    for place in tasks:
        places = _neighbours(notebook, place)
        if not texts[place]:
            taken = {other for task in tasks if task != place for other in _neighbours(notebook, task)}
            places |= {
                other
                for other, cell in enumerate(notebook.cells)
                if cell.cell_type != "code" and not grade_id(cell) and len(texts[other]) >= ELSEWHERE
            } - taken
        found[grade_id(notebook.cells[place])] = _joined(texts[other] for other in sorted(places | {place}))
    return found


def added_text(source: str, handed_out: str) -> str:
    """The lines of a text that were not handed out, or empty."""
    return _without(source, {line.strip() for line in handed_out.splitlines()})


def _neighbours(notebook: nbformat.NotebookNode, place: int) -> set[int]:
    """The places of the student's own cells next to one, up to the assignment's next cells."""
    found = set()
    for side in (range(place - 1, -1, -1), range(place + 1, len(notebook.cells))):
        for other in side:
            if grade_id(notebook.cells[other]):
                break
            found.add(other)
    return found


def _text(cell: nbformat.NotebookNode, handed_out: set[str]) -> str:
    """What of a cell the student wrote as prose."""
    if cell.cell_type != "code":
        return _without(cell.source, handed_out)
    if grade_id(cell) or not cell.source.strip() or cell.source.strip() in handed_out:
        return ""
    try:
        parse(TransformerManager().transform_cell(cell.source))
    except (SyntaxError, ValueError):  # prose in a cell for code
        return cell.source.strip()
    return f"```python\n{cell.source.strip()}\n```" if PROSE.search(cell.source) else ""


def _without(text: str, handed_out: set[str]) -> str:
    kept = [line for line in text.splitlines() if not line.strip() or line.strip() not in handed_out]
    return "\n".join(kept).strip()


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, texts))
