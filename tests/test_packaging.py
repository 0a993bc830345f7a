"""What is installed is what is imported: extras, pins, and the places that install them."""

import ast
import json
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from jupyterlab_server.config import get_page_config
from jupyterlab_server.settings_utils import _get_overrides
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gossipkit.grading.course import HELD_BACK

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
STUDENT = 'pip install --no-compile -c .constraints.txt -e ".[lab,teach]"'
# imported inside a function that says what is missing; in the lab extra, or in that of a sweep on other machines
OPTIONAL = {"cryptography", "pandas", "tqdm"}
# what is run, or found by pytest, and imported by nobody
RUN = {
    "jupyterlab",
    "ipykernel",
    "ruff",
    "nbval",
    "pytest-xdist",
    "axe-playwright-python",
    "myst-parser",
    "furo",
    "jupyterlite-core",
    "hatchling",
}
# parts of a package that need an extra of their own
SITE, LITE = "gossipkit/lab/site", "gossipkit/lab/lite"
distributions = cache(packages_distributions)


def named(extra: str | None) -> set[str]:
    """The packages of an extra, with those of the extras that it builds on, and the engine's."""
    found = {Requirement(each).name for each in PROJECT["project"]["dependencies"]}
    for each in map(Requirement, EXTRAS[extra] if extra else []):
        if each.name == "gossipkit":
            found = found.union(*map(named, each.extras))
        else:
            found.add(canonicalize_name(each.name))
    return found


@cache
def packages(path: Path) -> set[str]:
    """The packages that a Python file imports, but for the course's own and the standard library."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        for top in {module.partition(".")[0] for module in modules}:
            local = top in ("gossipkit", "tests") or path.with_name(f"{top}.py").exists()
            if not local and top not in sys.stdlib_module_names:
                found.add(canonicalize_name(distributions().get(top, [top])[0]))
    return found


def imported(*folders: str, but: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """The packages that the Python files of some folders import, and the files that do; `but` are folders left out."""
    found: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        if any(path.is_relative_to(ROOT / each) for each in but):
            continue
        for package in packages(path):
            found.setdefault(package, set()).add(path.relative_to(ROOT).as_posix())
    return found


ENGINE = [f"gossipkit/{part}" for part in ("sim", "gossip", "authority", "repair", "systems", "reading")]


@pytest.mark.parametrize(
    ("folders", "extra"),
    [
        (ENGINE, None),
        (["gossipkit/lab"], "lab"),
        ([SITE], "site"),
        ([LITE], "lite"),
        (["gossipkit/grading"], "teach"),
        (["tests"], "test"),
    ],
    ids=["engine", "lab", "site", "lite", "teach", "test"],
)
def test_what_is_imported_is_named(folders, extra):
    found = imported(*folders, but=() if extra in ("site", "lite") else (SITE, LITE))
    allowed = named(extra) | (OPTIONAL if extra is None else named("bench") if extra == "test" else set())
    missing = {package: files for package, files in found.items() if package not in allowed}
    assert not missing


def test_what_is_named_is_imported_or_run():
    found = set(imported("gossipkit", "tests")) | RUN
    assert named("test") <= found


def pins() -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / ".constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            found.setdefault(canonicalize_name(Requirement(line).name), []).append(Requirement(line))
    return found


def test_all_that_is_named_is_pinned_and_once():
    found = pins()
    assert named("test") <= set(found)
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for each in found.values() for pin in each)
    for extra in ("kernel", "lab", "teach", "site", "lite", "scale", "test"):
        assert not [each for each in EXTRAS[extra] if Requirement(each).specifier], extra


@pytest.mark.parametrize(
    ("platform", "machine"),
    [("win32", "AMD64"), ("win32", "ARM64"), ("darwin", "arm64"), ("darwin", "x86_64"), ("linux", "x86_64")],
)
@pytest.mark.parametrize("python", ["3.11.4", "3.11.9", "3.14.0"])
def test_a_package_has_at_most_one_pin_anywhere(platform, machine, python):
    here = {
        "sys_platform": platform,
        "platform_machine": machine,
        "os_name": "nt" if platform == "win32" else "posix",
        "python_full_version": python,
        "implementation_name": "cpython",
    }
    for name, each in pins().items():
        chosen = [pin for pin in each if pin.marker is None or pin.marker.evaluate(here)]
        assert len(chosen) <= 1, name
        assert len(chosen) == 1 or len(each) == 1, name


def installed_by(path: str) -> list[str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_requirements_are_the_extras_under_the_pins():
    assert installed_by("requirements.txt") == ["-c .constraints.txt", "-e .[test]"]
    assert installed_by(".binder/requirements.txt") == ["-c ../.constraints.txt", "-e .[lab,teach]"]


@pytest.mark.parametrize("path", ["README.md", "gossipkit/grading/templates/student.md"])
def test_students_are_given_one_command(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count(f".venv/bin/{STUDENT} && ") == 1
    assert text.count(f".venv\\Scripts\\{STUDENT} && ") == 1


def test_a_container_installs_what_students_do():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert made["postCreateCommand"] == f"python3 -m venv .venv && .venv/bin/{STUDENT}"


def test_the_pythons_are_said_alike():
    listed = [each.rpartition(" ")[2] for each in PROJECT["project"]["classifiers"] if "Python :: 3." in each]
    said = f"Python {', '.join(listed[:-1])} or {listed[-1]}"
    for path in ("README.md", "gossipkit/grading/templates/student.md"):
        assert said in (ROOT / path).read_text(encoding="utf-8"), path
    assert PROJECT["project"]["requires-python"] == f">={listed[0]}"
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert runtime.removeprefix("python-") in listed


@pytest.mark.parametrize("extra", [None, *(extra for extra in EXTRAS if extra != "bench")])
def test_an_older_python_is_told_which_it_needs(extra):
    """An old pip looks for the packages before it looks at requires-python, and names the first that it can't find."""
    lines = EXTRAS[extra] if extra else PROJECT["project"]["dependencies"]
    needed = [Requirement(each) for each in lines if not each.startswith("gossipkit[")]
    assert all(each.marker for each in needed)
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    for python, wanted in {"3.9": False, "3.10": False, oldest: True, "3.14": True}.items():
        assert {each.marker.evaluate({"python_version": python}) for each in needed} == {wanted}, python


def test_the_wheel_is_without_what_is_held_back():
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] == [HELD_BACK.as_posix()]
    assert (ROOT / HELD_BACK).is_dir()


def test_jupyterlab_is_quiet(tmp_path, monkeypatch):
    """As it reads what the wheel puts beside it: no question about news, and of nbgrader no sidebar for authors."""
    for source, place in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"].items():
        copy = tmp_path / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / source).read_bytes())
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "etc" / "jupyter"))
    settings = tmp_path / "share" / "jupyter" / "lab" / "settings"
    page = get_page_config([], str(settings))
    ours = [name for name in page["disabledExtensions"] if name.startswith("@jupyter/nbgrader")]
    assert ours == ["@jupyter/nbgrader:create-assignment"]
    changed, error = _get_overrides(str(settings))
    assert not error
    news = changed["@jupyterlab/apputils-extension:notification"]
    assert news == {"checkForUpdates": False, "fetchNews": "false"}
