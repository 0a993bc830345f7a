"""Where a course keeps its assignments, and an nbgrader course made of them."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from alembic.script import ScriptDirectory
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

# nbgrader.converters, GenerateAssignment.preprocessors: those that change a notebook of this course. nbgrader computes the
# checksums twice, the first time for its gradebook, which is not made here
RELEASED_BY = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
)


HELD_BACK = Path("gossipkit/reading/unseen")
"""Readings that an exercise asks for: neither students nor their running answers have them, and nothing else needs them."""


class GradingError(Exception):
    """What an instructor has to mend before the command can do its work; the message says what, and how."""


@dataclass(frozen=True)
class Assignment:
    """An assignment of the course: ``solutions/NAME/NAME.ipynb``."""

    name: str
    source: Path

    @cached_property
    def digest(self) -> str:
        """What distinguishes this state of the assignment from others."""
        return hashlib.sha256(self.source.read_bytes()).hexdigest()[:16]

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """The notebook that its authors wrote, with answers and hidden tests; it is read once, and nobody changes it."""
        return nbformat.read(self.source, as_version=4)


def assignments(root: Path, names: list[str] | None = None) -> list[Assignment]:
    """The assignments of the course whose top folder is ``root``: those named, or all.

    Raises
    ------
    GradingError
        For a folder that is no course, and for a name that no assignment has.
    """
    found = {
        path.parent.name: Assignment(path.parent.name, path)
        for path in sorted(root.glob("solutions/*/*.ipynb"))
        if path.stem == path.parent.name
    }
    if not found:
        raise GradingError(f"no assignments in {root / 'solutions'}: run this in the course's top folder")
    for name in names or []:
        if name not in found:
            raise GradingError(f"there is no assignment {name!r}: there are {', '.join(found)}")
    return [found[name] for name in names or found]


def received(assignment: Assignment) -> nbformat.NotebookNode:
    """What students receive of an assignment: as nbgrader releases it, without writing anything.

    Raises
    ------
    GradingError
        For a source that nbgrader refuses.
    """
    made = deepcopy(assignment.notebook)
    try:
        for step in RELEASED_BY:
            made, _ = step().preprocess(made, {})
    except RuntimeError as error:
        raise GradingError(f"{assignment.source} cannot be released: {error}") from None
    return made


def nbgrader_course(folder: Path, chosen: list[Assignment]) -> None:
    """Make an nbgrader course of ``chosen`` in a folder, released and with a gradebook; or bring one up to date.

    Raises
    ------
    GradingError
        For a source that nbgrader refuses, with its reasons.
    """
    for assignment in chosen:
        home = folder / "source" / assignment.name
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(assignment.source, home / assignment.source.name)
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "gossip-in-production"
    config.CourseDirectory.db_url = f"sqlite:///{(folder / 'gradebook.db').as_posix()}"
    config.NbGraderAPI.log_level = "WARN"
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    _begin_gradebook(folder / "gradebook.db")
    for assignment in chosen:
        result = api.generate_assignment(assignment.name, force=True)
        if not result["success"]:
            raise GradingError(
                f"{assignment.source} cannot be released:\n{result['log']}{result.get('error', '')}"
            )


def _begin_gradebook(path: Path) -> None:
    """Begin a gradebook, with the version of its schema, if there is none yet.

    nbgrader.api, Gradebook: it makes the tables itself, and for the version in a new file it calls the alembic command by
    its name. That takes seconds, and fails where the environment isn't activated. In a file with a table it doesn't.
    """
    if path.exists():
        return
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        book.execute(
            "INSERT INTO alembic_version VALUES (?)", (ScriptDirectory(ALEMBIC_DIR).get_current_head(),)
        )
