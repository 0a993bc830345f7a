"""Pyodide, Python compiled for browsers, as npm has it: ``package-lock.json`` here pins it, and nothing else needs npm."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ADVICE = (
    "the engine and JupyterLite in Pyodide: install Node 18 or newer with npm (Debian, Ubuntu: sudo apt install nodejs npm; "
    "macOS: brew install node; Windows: winget install OpenJS.NodeJS), and let npm reach its registry once"
)


@pytest.fixture(scope="session")
def pyodide(tmp_path_factory) -> Path:
    """The folder of npm's package ``pyodide``: the interpreter and its standard library, and no package beside them."""
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    npm = shutil.which("npm")
    said = "no npm"
    if npm and shutil.which("node"):
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            return folder / "node_modules" / "pyodide"
        said = done.stderr[-1000:]
    if os.environ.get("GOSSIPKIT_REQUIRE_NODE"):
        pytest.fail(f"{ADVICE}\n{said}")
    pytest.skip(ADVICE)
