"""How a written answer is marked: the scheme in the text above it, and the reference answer in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nbformat
from nbgrader.utils import is_grade, is_solution

from .answers import grade_id

SCHEME = re.compile(r"=== BEGIN MARK SCHEME ===(.*?)=== END MARK SCHEME ===", re.DOTALL)


@dataclass(frozen=True)
class Rubric:
    """What a person marks a written answer by; the scheme is empty where the authors give none."""

    scheme: str
    reference: str


def rubrics(source: nbformat.NotebookNode) -> dict[str, Rubric]:
    """The rubric of each written answer of an assignment, by task."""
    found, scheme = {}, ""
    for cell in source.cells:
        if marked_by := SCHEME.search(cell.source):
            scheme = marked_by[1].strip()
        if is_grade(cell) and is_solution(cell):
            found[grade_id(cell)] = Rubric(scheme, cell.source.strip())
    return found
