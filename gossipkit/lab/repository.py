"""Where the course stands on GitHub, named once; badges, pages and notebooks link by it.

``python -m gossipkit.lab.repository YOU/COURSE``, in the course's top folder, writes another name here and into every
address in the README and in the notebooks, where text has no variables. Pages that are built take the functions below.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

REPOSITORY = "OWNER/REPO"
"""The owner and the name, as GitHub has them; nobody's until it is set."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+", re.ASCII)


def files() -> str:
    """The page of the repository."""
    return f"https://github.com/{REPOSITORY}"


def file(path: str) -> str:
    """The page of one file on GitHub, at the newest commit.

    Parameters
    ----------
    path : str
        From the course's top folder, with slashes, such as ``notebooks/03_cassandra.ipynb``.
    """
    return f"{files()}/blob/HEAD/{path}"


def colab(path: str) -> str:
    """Opens the notebook at `path` in Google Colab."""
    return f"https://colab.research.google.com/github/{REPOSITORY}/blob/HEAD/{path}"


def binder(path: str) -> str:
    """Opens the notebook at `path` in a JupyterLab on mybinder.org, which installs the course from ``.binder/``."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?labpath={path}"


def codespaces() -> str:
    """Opens the course in a codespace, which installs it from ``.devcontainer/``."""
    return f"https://codespaces.new/{REPOSITORY}"


def site() -> str:
    """Where GitHub Pages serves the course's static pages."""
    owner, _, name = REPOSITORY.partition("/")
    return f"https://{owner}.github.io/{name}/"


def archive() -> str:
    """The course's files as an archive that pip installs from."""
    return f"{files()}/archive/HEAD.zip"


def places(root: Path) -> list[Path]:
    """The files of the course in `root` that hold the name; no other does."""
    return [
        root / "README.md",
        root / "gossipkit" / "lab" / "repository.py",
        *sorted((root / "notebooks").glob("*.ipynb")),
    ]


def rename(root: Path, name: str) -> list[Path]:
    """Write another name wherever the course's files in `root` hold the one of now.

    Parameters
    ----------
    root : pathlib.Path
        The course's top folder.
    name : str
        ``YOU/COURSE``: an owner and a repository, as GitHub spells them.

    Returns
    -------
    list of pathlib.Path
        What was changed.

    Raises
    ------
    ValueError
        When `name` is none that GitHub has, or `root` is not the course's top folder; nothing is changed then.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"name must be an owner and a repository, such as YOU/COURSE, not {name!r}")
    if missing := [path for path in places(root) if not path.is_file()]:
        raise ValueError(f"root must be the course's top folder, and {root} has no {missing[0].name}")
    owner, _, repository = name.partition("/")
    before, _, after = map(re.escape, REPOSITORY.partition("/"))
    # only in an address, or as the constant: the words may stand for something else in a sentence
    pattern = re.compile(
        rf"((?:github\.com|/github|/gh|codespaces\.new)/|^REPOSITORY = \"){before}/{after}(?![\w-])", re.M
    )
    pages = re.compile(rf"https://{before}\.github\.io/{after}(?![\w-])")
    changed = []
    for path in places(root):
        text = path.read_text(encoding="utf-8")
        new = pattern.sub(rf"\g<1>{name}", text)
        new = pages.sub(f"https://{owner}.github.io/{repository}", new)
        if new != text:
            path.write_text(new, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main(argv: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.lab.repository", description=__doc__.split("\n")[0]
    )
    parser.add_argument("name", help="the repository's owner and name, such as YOU/COURSE")
    try:
        changed = rename(Path.cwd(), parser.parse_args(argv).name)
    except ValueError as wrong:
        parser.error(str(wrong))
    print("\n".join(f"changed {path.relative_to(Path.cwd()).as_posix()}" for path in changed) or "unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
