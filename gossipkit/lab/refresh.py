"""Run the course's notebooks afresh and store them so that a second run changes no byte.

``python -m gossipkit.lab.refresh`` takes every notebook in ``notebooks/`` and ``solutions/``, or those it is given. What
differs from run to run and carries nothing for a reader is left out: widget models (a stored one cannot be revived without
its kernel, and an empty one shows as an error), execution times, and the versions of the author's Python.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from .labquestion import Hints
from .stored import STORES_MORE
from .strict import STRICT

HINTS = "hints-"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# what JupyterLab writes when a notebook is opened and saved, but for the student's own version
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.11.0",
}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop from `notebook`, in place, all that a re-run would change without a reader noticing; return it."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = LANGUAGE | {"codemirror_mode": dict(LANGUAGE["codemirror_mode"])}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data.pop(WIDGET_VIEW, None)
                output.metadata.pop(WIDGET_VIEW, None)
    return notebook


def refresh(path: Path, timeout_s: int = 300) -> bool:
    """Execute the notebook at `path` in its own folder and store it normalised, with an exercise's hints as their file has them.

    Parameters
    ----------
    path : Path
        A notebook; nothing is written when one of its cells raises, or causes a warning of our code (`gossipkit.lab.strict`).
    timeout_s : int
        Longest a single cell may run, in seconds.

    Returns
    -------
    bool
        Whether the stored bytes changed.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        When a cell raises or warns, with the cell and its traceback.
    """
    before = path.read_bytes()
    notebook = nbformat.reads(before.decode(), as_version=4)
    for cell in notebook.cells:
        if cell.id.startswith(HINTS):
            cell.source = Hints(path.stem, cell.id.removeprefix(HINTS)).html
    client = NotebookClient(
        notebook,
        timeout=timeout_s,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.on_notebook_start = lambda notebook: client.kc.execute(STRICT, silent=True)
    client.execute(env=os.environ | {STORES_MORE: "1"})
    after = (nbformat.writes(normalise(notebook)).rstrip("\n") + "\n").encode()
    path.write_bytes(after)
    return after != before


def course_notebooks(root: Path) -> list[Path]:
    """The notebooks that authors write, in the order in which students meet them."""
    return sorted(root.glob("notebooks/*.ipynb")) + sorted(root.glob("solutions/*/*.ipynb"))


def main(argv: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.lab.refresh", description=__doc__.split("\n")[0]
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/ and solutions/")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a notebook changed")
    arguments = parser.parse_args(argv)
    paths = arguments.notebooks or course_notebooks(Path.cwd())
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no such notebook: {', '.join(missing)}")
    if not paths:
        parser.error("no notebooks/ or solutions/ here: run this in the course's top folder")
    changed = [path for path in paths if _refreshed(path)]
    return 1 if arguments.check and changed else 0


def _refreshed(path: Path) -> bool:
    changed = refresh(path)
    print(f"{'changed  ' if changed else 'unchanged'} {path}", flush=True)
    return changed


if __name__ == "__main__":
    sys.exit(main())
