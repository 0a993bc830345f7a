"""``exercises/`` from ``solutions/``: without answers, hidden tests and mark schemes, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import nbformat

from .course import Assignment, GradingError, nbgrader_course

STAMP = "gossipkit"  # the notebook's metadata under which its release is known


def release(root: Path, chosen: list[Assignment]) -> dict[Path, bool]:
    """Write what students receive into ``root/exercises``.

    Returns
    -------
    dict
        Each notebook, and whether its bytes changed.

    Raises
    ------
    GradingError
        If a notebook that would be overwritten holds somebody's work; then none is written.
    """
    with tempfile.TemporaryDirectory() as folder:
        nbgrader_course(Path(folder), chosen)
        made = {
            root / "exercises" / assignment.name / assignment.source.name: _stamped(
                Path(folder) / "release" / assignment.name / assignment.source.name, assignment
            )
            for assignment in chosen
        }
    for path in made:
        if path.exists() and not _pristine(path):
            raise GradingError(
                f"{path} was edited since it was released, and releasing would lose that: move it elsewhere first"
            )
    changed = {}
    for path, content in made.items():
        changed[path] = not path.exists() or path.read_bytes() != content
        if changed[path]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return changed


def _stamped(path: Path, assignment: Assignment) -> bytes:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata[STAMP] = {"assignment": assignment.name, "release": _digest(notebook)}
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def _digest(notebook: nbformat.NotebookNode) -> str:
    sources = json.dumps([(cell.cell_type, cell.source) for cell in notebook.cells])
    return hashlib.sha256(sources.encode()).hexdigest()[:16]


def _pristine(path: Path) -> bool:
    """Whether a notebook still says what its release said; one that can't be read counts as somebody's."""
    try:
        notebook = nbformat.read(path, as_version=4)
        return notebook.metadata[STAMP]["release"] == _digest(notebook)
    except Exception:
        return False
