"""Where a link of the course leads on the site."""

from __future__ import annotations

import posixpath
import re

from .. import repository
from ..built import BuildError
from .course import Course

# code comes first, so that a link in code is none
_LINK = re.compile(
    r"(?P<code>^(?P<fence>```+|~~~+).*?^(?P=fence)[`~]*[ ]*$|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?<=\])\((?P<target>[^()\s]+(?:\([^()]*\)[^()\s]*)*)\)",
    re.DOTALL | re.MULTILINE,
)


def on_site(markdown: str, page: str, course: Course) -> str:
    """`markdown` with its links as the site has them.

    A link to a notebook leads to its page, one to the README to the page on running the course, and one to any other file of the course to the
    file in the repository. Links within the page and to other hosts stay as they are.

    Parameters
    ----------
    markdown : str
        A cell's or a README's text.
    page : str
        Where it stands: a path from the course's top folder.
    course : Course

    Raises
    ------
    BuildError
        When a link leads to nothing in the course; the message names page and link.
    """

    def moved(found: re.Match) -> str:
        return found.group() if found["code"] else f"({_target(found['target'], page, course)})"

    return _LINK.sub(moved, markdown)


def _target(target: str, page: str, course: Course) -> str:
    if re.match(r"[a-z]+:|#", target):
        return target
    path, hash, anchor = target.partition("#")
    here = posixpath.dirname(page)
    found = posixpath.normpath(posixpath.join(here, path))
    if found in course.pages:
        return posixpath.relpath(f"{course.pages[found].document}.md", here or ".") + hash + anchor
    if found == "README.md":
        return posixpath.relpath("start.md", here or ".")
    if found.startswith(("..", "/")) or not (course.root / found).exists():
        raise BuildError(f"{page}: the link {target!r} leads to nothing in the course")
    return repository.file(found) + hash + anchor


def slug(heading: str) -> str:
    """A heading's anchor, as JupyterLab makes it and the course's links use it."""
    return heading.replace(" ", "-")
