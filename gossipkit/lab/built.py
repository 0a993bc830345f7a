"""The folder that a build is written to: new, empty or of an earlier build, and never one that holds anything else."""

from __future__ import annotations

import shutil
from pathlib import Path


class BuildError(Exception):
    """Why nothing was built; the message says what to change."""


def earlier(out: Path, root: Path, listed: str) -> set[str]:
    """The files of an earlier build.

    Parameters
    ----------
    out : pathlib.Path
        Where a build shall be written; resolved.
    root : pathlib.Path
        The course's top folder; resolved.
    listed : str
        The name of the file in which `replace` lists what it wrote.

    Returns
    -------
    set of str
        Their paths in `out`, with slashes.

    Raises
    ------
    BuildError
        When `out` is or lies under a file, lies in the course, or holds a file that no earlier build wrote.
    """
    if out.is_relative_to(root):
        raise BuildError(f"OUT must lie outside of the course's folder {root}: {out} does not")
    nearest = next(place for place in (out, *out.parents) if place.exists())
    if not nearest.is_dir():
        raise BuildError(f"OUT must be a folder: {nearest} is a file")
    kept = out / listed
    ours = set(kept.read_text(encoding="utf-8").split("\n")) if kept.is_file() else set()
    # what lies there, and not what the list says, so that nothing outside of OUT is ever taken for ours
    found = set()
    for path in out.rglob("*"):
        if not path.is_dir():
            name = path.relative_to(out).as_posix()
            if name not in ours:  # the first is enough: OUT may be somebody's home
                raise BuildError(
                    f"OUT must be new, empty or an earlier build: {out} holds other files, such as {name}"
                )
            found.add(name)
    return found


def replace(out: Path, made: Path, earlier: set[str], listed: str) -> set[str]:
    """Put a finished build in the place of an earlier one.

    Parameters
    ----------
    out, listed
        As `earlier` has them.
    made : pathlib.Path
        The folder in which the build was made.
    earlier : set of str
        What `earlier` gave.

    Returns
    -------
    set of str
        The files that were written, without the list of them.
    """
    files = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    out.mkdir(parents=True, exist_ok=True)
    # whatever stops this, the next build knows all files by this list
    _list(out / listed, {*files, *earlier, listed})
    for gone in earlier - files - {listed}:
        (out / gone).unlink(missing_ok=True)
    shutil.copytree(made, out, dirs_exist_ok=True)
    _list(out / listed, {*files, listed})
    for folder in sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return files


def _list(path: Path, files: set[str]) -> None:
    path.write_text("\n".join(sorted(files)), encoding="utf-8", newline="\n")
