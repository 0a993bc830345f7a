"""``exercises/`` from ``solutions/``: without answers, hidden tests and mark schemes, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

import nbformat
from jinja2 import Environment, PackageLoader
from nbgrader.utils import is_grade

from .answers import declared, grade_id, needs, refuse_others
from .course import HELD_BACK, Assignment, GradingError, nbgrader_course
from .results import store
from .teaching import with_answers

STAMP = "gossipkit"  # the notebook's metadata under which its release is known
PACKED = ("gossipkit", "notebooks")
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}
ROOT_FILES = ("requirements.txt", ".constraints.txt", "pyproject.toml", "LICENSE")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def release(root: Path, chosen: list[Assignment]) -> dict[Path, bool]:
    """Write what students receive into ``root/exercises``: a notebook, and a zip archive to hand out.

    What tests take from students is worked out anew, and written into ``solutions/NAME/teaching.json``.

    The archive, ``exercises/NAME.zip``, holds all that a student needs: the notebook, the lessons, gossipkit, what is to be
    installed and how to begin. There are no solutions and no hidden tests in it, and no readings of systems that an exercise asks
    students to read (`HELD_BACK`).

    Returns
    -------
    dict
        Each file, and whether its bytes changed; ``teaching.json`` only if they did.

    Raises
    ------
    GradingError
        If a notebook that would be overwritten holds somebody's work, or a test takes what it may not (see `answers`);
        then nothing is written.
    """
    for assignment in chosen:
        refuse_others(assignment.name, assignment.notebook)
    told = {assignment.source.with_name("teaching.json"): with_answers(assignment) for assignment in chosen}
    made = {
        root / "exercises" / name / f"{name}.ipynb": (nbformat.writes(notebook).rstrip("\n") + "\n").encode()
        for name, notebook in handed_out(chosen).items()
    }
    for path in made:
        if path.exists() and not _pristine(path):
            raise GradingError(
                f"{path} was edited since it was released, and releasing would lose that: move it elsewhere first"
            )
    common = _common(root)
    for path, content in list(made.items()):
        made[root / "exercises" / f"{path.stem}.zip"] = _packed(
            path.stem, common | {f"exercises/{path.stem}/{path.name}": content}
        )
    made |= {
        path: content for path, content in told.items() if not path.exists() or path.read_bytes() != content
    }
    changed = {path: not path.exists() or path.read_bytes() != content for path, content in made.items()}
    for path, content in made.items():
        if changed[path]:
            store(path, content)
    return changed


def handed_out(chosen: list[Assignment]) -> dict[str, nbformat.NotebookNode]:
    """What students receive, by the assignment's name, with the stamp of its release.

    The stamp, an object in the notebook's metadata, says what `check` has to know of an exercise however it was edited:
    ``assignment``, its name; ``release``, what distinguishes this release from others; ``cells``, the digest of each named
    cell; ``tasks``, in their order, each with the setup cells that its visible test builds on; ``answers``, the names that visible
    tests take from a student.

    Raises
    ------
    GradingError
        For a source that nbgrader refuses, with its reasons.
    """
    with tempfile.TemporaryDirectory() as folder:
        nbgrader_course(Path(folder), chosen)
        return {
            assignment.name: _stamped(
                nbformat.read(
                    Path(folder) / "release" / assignment.name / assignment.source.name, as_version=4
                ),
                assignment,
            )
            for assignment in chosen
        }


def cell_digest(cell: nbformat.NotebookNode) -> str:
    """What distinguishes a cell's text from others."""
    return hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:16]


def _stamped(notebook: nbformat.NotebookNode, assignment: Assignment) -> nbformat.NotebookNode:
    names = {name for given in declared(assignment.notebook).values() for name in given}
    needed = needs(notebook, names)
    notebook.metadata[STAMP] = {
        "assignment": assignment.name,
        "release": _digest(notebook),
        "cells": {grade_id(cell): cell_digest(cell) for cell in notebook.cells if grade_id(cell)},
        "tasks": [  # no object: notebooks are written with sorted keys
            [task, list(needed[task].setup) if task in needed else []]
            for task in map(grade_id, filter(is_grade, notebook.cells))
        ],
        "answers": sorted({name for test in needed.values() for name in test.answers}),
    }
    return notebook


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


def _common(root: Path) -> dict[str, bytes]:
    """The files that every archive has; what a folder is without has no place in it either."""
    files = [root / name for name in ROOT_FILES]
    for folder in PACKED:
        files += [path for path in (root / folder).rglob("*") if not LEFT_OUT & set(path.parts)]
    files = [path for path in files if HELD_BACK not in path.relative_to(root).parents]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files if path.is_file()}


def _packed(name: str, files: dict[str, bytes]) -> bytes:
    """A zip archive with one folder; the same bytes for the same files."""
    page = Environment(
        loader=PackageLoader("gossipkit.grading"), keep_trailing_newline=True, autoescape=False
    )
    files = files | {"README.md": page.get_template("student.md").render(name=name).encode()}
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            member = zipfile.ZipInfo(f"{name}/{path}", EPOCH)
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # the same on Windows
            archive.writestr(member, content)
    return packed.getvalue()
