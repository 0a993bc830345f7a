"""Notebooks and the README's sections as the Markdown that Sphinx reads."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from .. import page as live
from .. import repository
from ..built import BuildError
from .course import Course, Page
from .links import on_site

# what a kernel is needed for, said once a page
_LESSON = (
    "Nothing runs behind this page. Read it, play its stages, put its sliders to their ends and answer its questions; where it has "
    "you break something, most stages play an example of that. To do the rest, and to keep your answers, open the notebook {where}."
)
_EXERCISE = "To work on this exercise, open it {where}."
_FRONT = """
## On these pages

Every lesson is here as it came out when its author ran it: play a stage, stop it and ask a node what it knows, read a chart's
numbers, put a slider to its ends, answer a question and see why. Where a lesson has you break something, most stages play an
example of that. What has to be computed anew needs a *kernel*, a Python that runs the lesson's notebook: what lies between a
slider's ends, a fault of your own, an exercise. Nothing that you answer on these pages is kept. The box under a lesson's title
opens it where there is a kernel: in JupyterLab, or in Colab. Or [run the course yourself](start.md).
"""


def notebook(page: Page, course: Course) -> str:
    """A lesson's, an exercise's or the glossary's page, as MyST Markdown.

    Cells tagged ``remove-cell`` are left out. An output that `gossipkit.lab.page` can place stands as that places it; of any
    other the richest face stands.
    """
    first, *rest = [
        cell for cell in page.notebook.cells if "remove-cell" not in cell.metadata.get("tags", [])
    ]
    title, _, begins = first.source.partition("\n")
    promise, _, more = on_site(begins.strip(), page.path, course).partition("\n\n")
    parts = [title, promise, _opening(page, course), more]
    for cell in rest:
        if cell.cell_type == "markdown":
            parts.append(on_site(cell.source, page.path, course))
        elif cell.source:
            parts.append(_fenced("python", cell.source))
            parts += [_output(output, page, course) for output in cell.outputs]
    return "\n\n".join(part for part in parts if part) + "\n"


def front(course: Course) -> str:
    """The first page: what the README says of the course, and its lessons."""
    title, promise = _head(course)
    first = course.lessons[0]
    lists = [
        ("Lessons", [*course.lessons, course.glossary]),
        ("Exercises", course.exercises),
    ]
    trees = [_tree(caption, [f"{page.name} <{page.document}>" for page in pages]) for caption, pages in lists]
    return "\n\n".join(
        [
            title,
            on_site(promise, "README.md", course),
            _takes(course),
            _raw(
                f'<p class="gk-begin"><a href="{first.document}.html">Begin with lesson {escape(", ".join(first.name.split(" ", 1)))}</a></p>'
            ),
            on_site(_section(course, "Lessons"), "README.md", course),
            _FRONT.strip(),
            *trees,
            _tree("Run it", ["start", "instructors"]),
            "",
        ]
    )


def _takes(course: Course) -> str:
    """How long the course takes, and what the first lesson asks of a reader."""
    lessons, exercises = (
        round(sum(page.minutes for page in pages) / 60) for pages in (course.lessons, course.exercises)
    )
    first = course.lessons[0]
    need = re.search(r"\*\*You need\*\* (.+)", first.notebook.cells[0].source)
    if not need:
        raise BuildError(f"{first.path}: its first cell must say what **You need**")
    return f"**You need** {on_site(need[1], first.path, course).rstrip('.')}. The lessons take about {lessons} hours, the exercises {exercises}."


def start(course: Course) -> str:
    """How to run the course: what the README tells students."""
    parts = [_section(course, name) for name in ("Start", "For students")]
    return "\n\n".join(["# Run it yourself", *(on_site(part, "README.md", course) for part in parts), ""])


def instructors(course: Course) -> str:
    """What the README tells those who teach with the course, and those who change it."""
    parts = [_section(course, name) for name in ("For instructors", "What is here", "For authors")]
    return "\n\n".join(["# Teach with it", *(on_site(part, "README.md", course) for part in parts), ""])


def _head(course: Course) -> tuple[str, str]:
    """The README's title and its first paragraph that is no row of badges."""
    title, *paragraphs = course.readme.partition("\n## ")[0].split("\n\n")
    prose = [each for each in paragraphs if re.match(r"\w", each)]
    if not (title.startswith("# ") and prose):
        raise BuildError("README.md must begin with its title and a paragraph on the course")
    return title, prose[0]


def _section(course: Course, name: str) -> str:
    found = re.search(rf"^## {re.escape(name)}$.*?(?=^## |\Z)", course.readme, re.DOTALL | re.MULTILINE)
    if not found:
        raise BuildError(f"README.md has no section {name!r}, which the site takes from it")
    return found.group().strip()


def _opening(page: Page, course: Course) -> str:
    """One line: what needs a kernel, and where there is one."""
    if page is course.glossary:
        return ""
    lab = f'<a href="{escape(repository.binder(page.path))}">in JupyterLab on Binder</a>'
    colab = f', <a href="{escape(repository.colab(page.path))}">in Colab</a> (run its first cell first)'
    own = f'<a href="{_up(page)}start.html">on your own machine</a>'
    file = f'<a href="{Path(page.path).name}" download>this notebook alone</a>'
    # an exercise's cells are what was released: none of them installs the course on Colab
    links = (
        f"{lab}{'' if page in course.exercises else colab} or {own}, where the course is installed ({file})"
    )
    says = _EXERCISE if page in course.exercises else _LESSON
    return _raw(f'<p class="gk-open">{says.format(where=links)}</p>')


def _up(page: Page) -> str:
    return "../" * page.path.count("/")


def _output(output: dict, page: Page, course: Course) -> str:
    placed = live.place(output)
    if placed is not None:
        return _raw(placed) if placed else ""
    if output["output_type"] == "stream":
        return _printed(output["text"])
    faces = output["data"]
    if "text/html" in faces:
        return _raw(f'<div class="gk-output">{faces["text/html"]}</div>')
    if "text/markdown" in faces:
        return on_site(faces["text/markdown"], page.path, course)
    return _printed(faces["text/plain"])


def _printed(text: str) -> str:
    return _fenced("{code-block} text\n:class: gk-printed", text)


def _raw(html: str) -> str:
    return _fenced("{raw} html", html)


def _tree(caption: str, entries: list[str]) -> str:
    return _fenced("{toctree}\n:hidden:\n:caption: " + caption, "\n".join(entries))


def _fenced(kind: str, content: str) -> str:
    """A fence longer than any in `content`."""
    fence = "`" * (1 + max([2, *map(len, re.findall(r"`+", content))]))
    end = "" if content.endswith("\n") else "\n"
    return f"{fence}{kind}\n{content}{end}{fence}"
