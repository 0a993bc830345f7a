"""Which pages the site has, in the order in which they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

from ..built import BuildError

GLOSSARY = "notebooks/glossary.ipynb"


@dataclass(frozen=True)
class Page:
    """A notebook of the course: its path from the top folder, and what it holds."""

    path: str
    notebook: nbformat.NotebookNode

    @cached_property
    def document(self) -> str:
        """What Sphinx calls it: its path without an ending. The page has the same path, and ends in ``.html``."""
        return self.path.removesuffix(".ipynb")

    @cached_property
    def title(self) -> str:
        """Its first heading."""
        return self.notebook.cells[0].source.splitlines()[0].removeprefix("# ")

    @cached_property
    def minutes(self) -> int:
        """How long it takes, as its first cell says."""
        found = re.search(r"(\d+) minutes", self.notebook.cells[0].source)
        if not found:
            raise BuildError(f"{self.path}: its first cell must say how many minutes it takes")
        return int(found[1])

    @cached_property
    def name(self) -> str:
        """Its short name, for lists of pages: a lesson's number and what stands before the colon; an exercise's whole title."""
        number = Path(self.path).name.partition("_")[0]
        return f"{number} {self.title.partition(':')[0]}" if number.isdigit() else self.title


@dataclass(frozen=True)
class Course:
    """A course's folder: lessons, glossary and exercises as they are stored.

    Raises
    ------
    BuildError
        When `root` has no lessons, no glossary, no exercises or no README.
    """

    root: Path

    def __post_init__(self):
        if not (self.lessons and self.exercises and self.glossary and (self.root / "README.md").is_file()):
            raise BuildError(
                f"{self.root} has no README.md, lessons, glossary and exercises: run this in the course's top folder"
            )

    @cached_property
    def lessons(self) -> list[Page]:
        """In their order."""
        return [self._page(path) for path in sorted(self.root.glob("notebooks/[0-9]*.ipynb"))]

    @cached_property
    def glossary(self) -> Page | None:
        """All terms."""
        path = self.root / GLOSSARY
        return self._page(path) if path.is_file() else None

    @cached_property
    def exercises(self) -> list[Page]:
        """As students get them, in the order of their numbers."""
        found = [self._page(path) for path in self.root.glob("exercises/*/*.ipynb")]
        return sorted(found, key=lambda page: (int(re.search(r"\d+|$", page.title).group() or 99), page.path))

    @cached_property
    def pages(self) -> dict[str, Page]:
        """All of them, by their paths."""
        return {page.path: page for page in (*self.lessons, self.glossary, *self.exercises)}

    @cached_property
    def readme(self) -> str:
        """The README's text."""
        return (self.root / "README.md").read_text(encoding="utf-8")

    def _page(self, path: Path) -> Page:
        return Page(path.relative_to(self.root).as_posix(), nbformat.read(path, as_version=4))
