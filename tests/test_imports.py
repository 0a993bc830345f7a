"""The folders are the reading frame only while imports keep to it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

# who may import whom; a package may always import itself
ALLOWED = {
    "sim": set(),
    "gossip": {"sim"},
    "authority": {"sim"},
    "repair": {"sim"},
    "systems": {"gossip", "authority", "repair", "sim"},
    "reading": {"systems", "gossip", "authority", "repair", "sim"},
    "grading": {"reading", "systems", "gossip", "authority", "repair", "sim"},
    "lab": {"reading", "systems", "gossip", "authority", "repair", "sim"},
}
ENGINE = Path(__file__).resolve().parent.parent / "gossipkit"
SOURCES = sorted(ENGINE.rglob("*.py"))


def imported_modules(source: Path):
    package = ["gossipkit", *source.relative_to(ENGINE).parts[:-1]]
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_imports_point_one_way(source):
    here = source.relative_to(ENGINE).parts[0]
    for module in imported_modules(source):
        parts = module.split(".")
        if parts[0] == "gossipkit" and len(parts) > 1 and parts[1] in ALLOWED:
            assert here in ALLOWED, (
                f"gossipkit/{here} is the package's top: it imports nothing, found {module}"
            )
            assert parts[1] == here or parts[1] in ALLOWED[here], f"{here} may not import {module}"


def test_every_package_has_a_place_in_the_order():
    packages = {path.parent.name for path in ENGINE.glob("*/__init__.py")}
    assert packages <= set(ALLOWED)


@pytest.mark.parametrize("module", ["gossipkit", "gossipkit.sim", "gossipkit.gossip", "gossipkit.systems"])
def test_the_engine_is_imported_without_the_lab_and_without_overlays(module):
    heavy = ["matplotlib", "anywidget", "ipywidgets", "IPython", "nbgrader", "networkx"]
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_engine_is_imported_where_numpy_is_missing_and_says_so_when_it_computes():
    """As in a browser before numpy is loaded."""
    code = (
        "import sys; sys.modules['numpy'] = sys.modules['networkx'] = None\n"
        "from gossipkit.systems import Consul\nfrom gossipkit.gossip import spread\n"
        "consul = Consul(agents=2, servers=3, seed=1); consul.run(until=1); print(len(consul.trace) > 0)\n"
        "try:\n    spread(100)\nexcept ModuleNotFoundError as missing:\n    print(missing.name, missing)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    runs, says = found.stdout.splitlines()
    assert (runs, says.partition(", ")[0]) == ("True", "numpy numpy is not installed here")
