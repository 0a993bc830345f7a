"""Which answer cells hold nothing but what was handed out, and why a test was not passed.

That nothing was answered is told by the cell's source, never by an error: NotImplementedError and NameError may come from
whoever did answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from copy import deepcopy

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution

from .answers import names_of, parse

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# a line magic that runs no code of the student's
SETTING = re.compile(r"get_ipython\(\)\.run_line_magic\('(?!(time|timeit|prun|run)')")
UNANSWERED = "no answer was given"


def handed_out(source: nbformat.NotebookNode) -> dict[str, str]:
    """The sources of the answer cells of code, by name, as students receive them from an assignment with answers."""
    cleared, _ = ClearSolutions().preprocess(deepcopy(source), {})
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cleared.cells
        if cell.cell_type == "code" and is_solution(cell)
    }


def answered(source: str, handed_out: str, wanted: Collection[str]) -> bool:
    """Whether a cell says anything about some answers beyond what was handed out.

    Comments, spaces and magics don't count. Where what was handed out defines every answer that is wanted, as functions to
    be filled in, other functions of the cell don't count either.

    Parameters
    ----------
    source, handed_out : str
        The cell now and then.
    wanted : collection of str
        The names of the answers.
    """
    try:
        now, then = _statements(source), _statements(handed_out)
    except (SyntaxError, ValueError):
        return "".join(source.split()) != "".join(handed_out.split())
    added = [node for said, node in now.items() if said not in then]
    defined = {node.name for node in then.values() if isinstance(node, DEFINITIONS)}
    if wanted and set(wanted) <= defined:
        return any(names_of(ast.unparse(node)).bound & set(wanted) for node in added)
    return bool(added)


def _statements(source: str) -> dict[str, ast.stmt]:
    tree = parse(TransformerManager().transform_cell(source))
    return {ast.dump(node): node for node in tree.body if not SETTING.match(ast.unparse(node))}


def why_not(
    said: Mapping[str, object], cells: Mapping[str, Mapping[str, str] | None], untouched: Collection[str]
) -> str:
    """Why a test was not passed; empty if it was.

    Parameters
    ----------
    said : mapping
        What the judging process said: ``failed``, the property that did not hold, or ``raised``, an error.
    cells : mapping
        The answer cells that the test takes its answers from, each with the error that it ended with, or None.
    untouched : collection of str
        Those in which nothing was answered.
    """
    if "failed" in said:
        return said["failed"]
    if "raised" not in said:
        return ""
    if cells and set(cells) <= set(untouched):
        return UNANSWERED
    causes = [in_words(said["raised"])]
    for name, error in cells.items():
        if name in untouched:
            causes.append(f"no answer was given in the cell {name!r}")
        elif error is not None:
            causes.append(f"the answer cell {name!r} ended with {in_words(error)}")
    return f"the test could not run: {'; '.join(causes)}"


def in_words(error: Mapping[str, str]) -> str:
    """An error, as Python would write it."""
    return f"{error['name']}: {error['text']}" if error["text"] else error["name"]
