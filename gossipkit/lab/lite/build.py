"""A JupyterLite of the course: ``jupyter lite build`` on copies of the notebooks, with all wheels that Pyodide lacks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyterlite_pyodide_kernel.constants import PYODIDE_KERNEL_PLUGIN_ID, PYODIDE_PYTHON_VERSION

from .. import built
from ..built import BuildError
from .purewheel import needed, pack

WRITTEN = "gossipkit-lite.txt"
"""The list of all files of a build, in OUT."""
LESSON = "gossipkit[kernel]"
# what the kernel's extension installs in Pyodide, and what it brings itself of that
STARTS_WITH, BROUGHT = (
    ["comm", "ipython", "jedi", "micropip"],
    {"ipykernel", "widgetsnbextension", "gossipkit"},
)
# what lessons import and no Pyodide has; the rest comes from where Pyodide does
NEVER_IN_PYODIDE = ("anywidget", "comm", "ipywidgets", "jupyterlab-widgets", "psygnal")
FRONT = "lab/index.html?path=notebooks/00_start_here.ipynb"
REDIRECTS = "await import('./config-utils.js');"
EXTENSIONS = {
    "anywidget": "anywidget",
    "jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager",
    "jupyterlite-pyodide-kernel": "@jupyterlite/pyodide-kernel-extension",
}
# a new kernel has nothing, and no cell of a lesson runs before this one has run
FIRST = (
    "\n\n**In this browser** run the next cell first, each time that you open this page: click it, then press Shift+Enter, and wait "
    "until its `[*]` is a number. It brings the course into the page's Python."
)
INSTALL = """\
# Run this first: it brings the course into the Python of this page
try:
    import gossipkit
except ModuleNotFoundError:
    import piplite
    """
ALL = f'await piplite.install("{LESSON}")'
ENGINE = """await piplite.install("gossipkit", deps=False)
    print("The Python of this page lacks {lacking}: clusters run, charts and stages do not.")"""


def build(root: Path, out: Path, pyodide: str | None = None) -> list[str]:
    """Write a JupyterLite of the course into a folder, without fetching anything.

    Parameters
    ----------
    root : pathlib.Path
        The course's top folder.
    out : pathlib.Path
        A folder that is new or empty, or that holds an earlier build and nothing else, which is replaced.
    pyodide : str, optional
        Where browsers get Python: the address of the folder of a Pyodide, or such a folder here, which is copied into `out`;
        then nothing comes from another host, PyPI neither. By default jsdelivr.net, which has all packages of a lesson.

    Returns
    -------
    list of str
        The packages of a lesson that a local Pyodide lacks and that can't be made of those installed here.

    Raises
    ------
    BuildError
        When `out` is a file, lies in the course or holds other files, `root` is not the course, `pyodide` is no Pyodide that the
        kernel can start, or the build fails. Nothing has changed in `out` then.
    """
    root, out = root.resolve(), out.resolve()
    if not (root / "notebooks").is_dir() or not (root / "pyproject.toml").is_file():
        raise BuildError(
            f"run this in the course's top folder: {root} has no notebooks/ or no pyproject.toml"
        )
    earlier = built.earlier(out, root, WRITTEN)
    local = _local(pyodide)
    with TemporaryDirectory(prefix="gossipkit-lite-") as scratch:
        lite = Path(scratch)
        lacking = _wheels(root, lite / "pypi", local)
        _contents(root, lite / "files", lacking)
        if local:
            _copied(local, lite / "static" / "pyodide")
        _configured(lite, pyodide, local)
        _run([sys.executable, "-m", "jupyterlite_core", "build"], lite)
        _fronted(lite / "out" / "index.html")
        built.replace(out, lite / "out", earlier, WRITTEN)
    return lacking


def _local(pyodide: str | None) -> Path | None:
    """The folder of a Pyodide on this machine, or None for an address; refuses what a kernel could not start."""
    if pyodide is None or re.match(r"https?://", pyodide):
        return None
    folder = Path(pyodide).resolve()
    if missing := [name for name in ("pyodide.mjs", "pyodide-lock.json") if not (folder / name).is_file()]:
        raise BuildError(
            f"--pyodide must be an address or the folder of a Pyodide: {folder} has no {missing[0]}"
        )
    python = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]["python"]
    if not python.startswith(f"{PYODIDE_PYTHON_VERSION}."):
        raise BuildError(
            f"--pyodide must have Python {PYODIDE_PYTHON_VERSION}, for which the kernel is made: {folder} has {python}"
        )
    if "micropip" not in _kept(folder):
        raise BuildError(
            f"--pyodide must have micropip, with which the kernel starts: {folder} has the interpreter alone"
        )
    return folder


def _contents(root: Path, files: Path, lacking: list[str]) -> None:
    """The lessons and exercises, installing the course where it is missing, and the pages that they link to."""
    source = INSTALL + (ENGINE.format(lacking=", ".join(lacking)) if lacking else ALL)
    for path in [*sorted(root.glob("notebooks/*.ipynb")), *sorted(root.glob("exercises/*/*.ipynb"))]:
        notebook = nbformat.read(path, as_version=4)
        if any(cell.cell_type == "code" for cell in notebook.cells):
            kept = [cell for cell in notebook.cells if cell.id != "install"]
            kept[0].source += FIRST
            notebook.cells = [kept[0], nbformat.v4.new_code_cell(source, id="install"), *kept[1:]]
        _write(files / path.relative_to(root), nbformat.writes(notebook) + "\n")
        for cell in notebook.cells:
            for target in re.findall(r"\]\(([^)#\s:]+\.md)", cell.source):
                linked = (path.parent / target).resolve()
                _write(files / linked.relative_to(root), linked.read_text(encoding="utf-8"))


def _wheels(root: Path, folder: Path, local: Path | None) -> list[str]:
    """The course's wheel, and those of what Pyodide has not; returns what it lacks all the same."""
    folder.mkdir()
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], root)
    if local is None:
        pure, lacking = list(NEVER_IN_PYODIDE), []
    else:
        pure, lacking = needed([*_asked(root), *STARTS_WITH], BROUGHT | set(_kept(local)))
    for name in pure:
        try:
            pack(name, folder)
        except LookupError as error:
            raise BuildError(f"{error}: pip install -c .constraints.txt -e '.[lite]'") from None
    return lacking


def _asked(root: Path) -> list[str]:
    """What the course's own pyproject.toml asks of a kernel."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["kernel"]]


def _kept(local: Path) -> dict:
    """The packages of a Pyodide whose files are there; npm's has the interpreter and no package."""
    named = json.loads((local / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    return {name: each for name, each in named.items() if (local / each["file_name"]).is_file()}


def _copied(local: Path, folder: Path) -> None:
    """A Pyodide whose list of packages names those that are there, so that a browser asks for no others."""
    folder.mkdir(parents=True)
    kept = _kept(local)
    lock = json.loads((local / "pyodide-lock.json").read_text(encoding="utf-8"))
    for name in [
        "pyodide.mjs",
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
        *(each["file_name"] for each in kept.values()),
    ]:
        shutil.copyfile(local / name, folder / name)
    _write(folder / "pyodide-lock.json", json.dumps(lock | {"packages": kept}))


def _configured(lite: Path, pyodide: str | None, local: Path | None) -> None:
    kernel: dict = {}
    if local:
        kernel = {"pyodideUrl": "./static/pyodide/pyodide.mjs", "disablePyPIFallback": True}
    elif pyodide:
        kernel = {"pyodideUrl": f"{pyodide.removesuffix('/pyodide.mjs').rstrip('/')}/pyodide.mjs"}
    page = {"appName": "Gossip in Production", "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: kernel}}
    _write(
        lite / "jupyter-lite.json",
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": page}),
    )
    settings = {
        "contents": [str(lite / "files")],
        "output_dir": str(lite / "out"),
        "apps": ["lab"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "ignore_sys_prefix": ["federated_extensions"],  # nbgrader's, and whatever else is installed here
        "federated_extensions": [str(_extension(*each)) for each in EXTENSIONS.items()],
    }
    _write(lite / "jupyter_lite_config.json", json.dumps({"LiteBuildConfig": settings}))


def _fronted(index: Path) -> None:
    """The front page opens the first lesson, where JupyterLite's would open an empty JupyterLab."""
    html = index.read_text(encoding="utf-8")
    if html.count(REDIRECTS) != 1:
        raise BuildError("the front page that JupyterLite has made is not the one for which this is written")
    _write(index, html.replace(REDIRECTS, f'location.replace("{FRONT}");'))


def _extension(package: str, name: str) -> Path:
    """The folder of a JupyterLab extension, wherever its package put it."""
    wanted = f"labextensions/{name}/package.json"
    found = [each for each in distribution(package).files or [] if each.as_posix().endswith(wanted)]
    return Path(found[0].locate()).resolve().parent


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600", "JUPYTER_PLATFORM_DIRS": "1"},
    )
    if done.returncode:
        raise BuildError(f"{' '.join(command[2:4])} failed:\n{done.stdout[-3000:]}")


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")
