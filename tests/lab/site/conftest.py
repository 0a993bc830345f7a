"""A course of one lesson and one exercise."""

import nbformat
import pytest

from gossipkit.lab.site.course import Course

README = """# A course

[![Binder](badge.svg)](https://mybinder.org)

It is about [rumours](notebooks/00_first.ipynb).

## Start

Type it.

## What is here

The [lessons](notebooks).

## Lessons

| | lesson | exercise |
|---|---|---|
| 00 | [First](notebooks/00_first.ipynb) | [one](exercises/one/one.ipynb) |

## For students

Hand it in.

## For instructors

Mark it.

## For authors

Write more: [LICENSE](LICENSE).
"""
V4 = nbformat.v4
TITLE, TAKES = "# First: who tells whom", "**90 minutes** · **You need** to read."


def write(path, *cells):
    """A notebook of Markdown texts and of code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [V4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"  # nbformat draws ids at random
    nbformat.write(V4.new_notebook(cells=made), path)


@pytest.fixture
def root(tmp_path):
    """The top folder of such a course."""
    root = tmp_path / "course"
    write(
        root / "notebooks" / "00_first.ipynb",
        f"{TITLE}\n\nIt begins.\n\n{TAKES}",
        "## The idea\n\nSo.",
    )
    write(root / "notebooks" / "glossary.ipynb", "# Glossary", "## gossip key\n\nA secret.")
    write(root / "exercises" / "one" / "one.ipynb", "# Exercise 1: one\n\nAbout 50 minutes.", "Do it.")
    (root / "README.md").write_text(README, encoding="utf-8")
    (root / "LICENSE").write_text("Free.", encoding="utf-8")
    return root


@pytest.fixture
def lesson(root):
    """Writes the lesson of cells, and gives the course and the lesson's page."""

    def written(*cells):
        write(root / "notebooks" / "00_first.ipynb", f"{TITLE}\n\n{TAKES}", *cells)
        course = Course(root)
        return course, course.lessons[0]

    return written
