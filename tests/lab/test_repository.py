"""The repository's address: named once, written everywhere by one command, and where a notebook alone gets the course."""

import re
import runpy
import shlex
import shutil
import sys
import tomllib

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from packaging.requirements import Requirement

from gossipkit.lab import repository

NAME = repository.REPOSITORY
HIDDEN = {".binder", ".ci", ".constraints.txt", ".devcontainer"}
TEXT = {".cff", ".html", ".ipynb", ".js", ".json", ".md", ".mjs", ".py", ".toml", ".txt"}


@pytest.fixture
def course(root, tmp_path):
    """A copy of what holds the name."""
    for path in repository.places(root):
        copy = tmp_path / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def test_the_name_stands_in_its_places_and_nowhere_else(root):
    ours = [path for path in root.iterdir() if path.name[0] != "." or path.name in HIDDEN]
    files = (path for top in ours for path in [top, *top.rglob("*")])
    written = {path for path in files if path.suffix in TEXT and "node_modules" not in path.parts}
    assert {path for path in written if NAME.encode() in path.read_bytes()} == set(repository.places(root))


def test_one_command_sets_it_everywhere(course):
    before = {path: path.read_text(encoding="utf-8") for path in repository.places(course)}
    assert repository.rename(course, "Ada-1/gossip.course") == repository.places(course)
    for path, text in before.items():
        after = path.read_text(encoding="utf-8")
        owner, _, name = NAME.partition("/")
        assert NAME not in after and f"{owner}.github.io/{name}" not in after
        assert after.count("Ada-1/gossip.course") == text.count(NAME)
        if path.suffix == ".ipynb":
            nbformat.validate(nbformat.reads(after, as_version=4))
    readme = (course / "README.md").read_text(encoding="utf-8")
    assert "https://Ada-1.github.io/gossip.course/" in readme


def test_setting_it_to_what_it_is_changes_nothing(course):
    assert repository.rename(course, NAME) == []


@pytest.mark.parametrize(
    "name", ["", "course", "you/", "/course", "you/my course", "https://github.com/you/course", "a/b/c"]
)
def test_a_name_that_github_has_not_changes_nothing(course, name):
    before = [path.read_bytes() for path in repository.places(course)]
    with pytest.raises(ValueError, match=r"name must be .* such as YOU/COURSE"):
        repository.rename(course, name)
    assert [path.read_bytes() for path in repository.places(course)] == before


def test_elsewhere_than_in_the_course_nothing_is_written(course):
    (course / "notebooks").rename(course / "other")
    with pytest.raises(ValueError, match="root must be the course's top folder"):
        repository.rename(course / "other", "you/course")


def test_the_command_says_what_it_changed(course, monkeypatch, capsys):
    def told(name):
        monkeypatch.setattr(sys, "argv", ["repository", name])
        monkeypatch.delitem(sys.modules, repository.__name__, raising=False)  # as python -m runs it
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(repository.__name__, run_name="__main__")
        return ended.value.code, capsys.readouterr()

    monkeypatch.chdir(course)
    status, said = told("you/course")
    assert (status, said.out.splitlines()[0]) == (0, "changed README.md")
    status, said = told("you")
    assert status == 2 and "such as YOU/COURSE, not 'you'" in said.err


def test_the_badges_lead_where_the_functions_do(root):
    readme, lesson = (root / "README.md").read_text(encoding="utf-8"), "notebooks/00_start_here.ipynb"
    badges = [
        repository.site(),
        repository.binder(lesson),
        repository.colab(lesson),
        repository.codespaces(),
    ]
    assert re.findall(r"^\[!\[[^\]]+\]\([^)]+\)\]\(([^)]+)\)$", readme, re.M) == badges


def lessons(root):
    return sorted(root.glob("notebooks/[0-9]*.ipynb"))


def installing(root):
    """The one source that the cells of all lessons have."""
    cells = [nbformat.read(path, as_version=4).cells[1] for path in lessons(root)]
    assert {cell.id for cell in cells} == {"install"} and len(cells) == 9
    for cell in cells:
        assert cell.metadata == {"jupyter": {"source_hidden": True}, "tags": ["install", "remove-cell"]}
        assert cell.outputs == []
    (source,) = {cell.source for cell in cells}
    return source


@pytest.fixture
def shell(monkeypatch):
    """IPython, which remembers what it would have given to the system."""
    shell = InteractiveShell()
    asked = []
    monkeypatch.setattr(shell, "system", asked.append)
    monkeypatch.setitem(shell.user_ns, "get_ipython", lambda: shell)
    return shell, asked


def test_where_the_course_is_missing_the_first_cell_installs_it(root, shell, monkeypatch):
    monkeypatch.setitem(sys.modules, "gossipkit", None)  # its import fails as that of what is not installed
    shell, asked = shell
    shell.run_cell(installing(root)).raise_error()
    (command,) = asked
    assert shlex.split(command)[1:5] == ["-m", "pip", "install", "-q"]
    (wanted,) = map(Requirement, shlex.split(command)[5:])
    assert (wanted.name, wanted.url) == ("gossipkit", repository.archive())
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert wanted.extras == {"kernel"} <= set(project["optional-dependencies"])


def test_where_the_course_is_installed_the_first_cell_does_nothing_and_says_nothing(root, shell, capsys):
    shell, asked = shell
    result = shell.run_cell(installing(root))
    result.raise_error()
    said = capsys.readouterr()
    assert (result.result, asked, said.out, said.err) == (None, [], "", "")


def test_a_notebook_opened_alone_says_where_the_course_is(root):
    for path in lessons(root):
        assert (
            f"[whole course]({repository.files()})" in nbformat.read(path, as_version=4).cells[-1].source
        ), path
    glossary = nbformat.read(root / "notebooks" / "glossary.ipynb", as_version=4)
    assert f"[whole course]({repository.files()})" in glossary.cells[0].source
