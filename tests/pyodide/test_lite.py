"""The course as a JupyterLite: what is built, and a kernel in a real browser that gets all of it from that build."""

import contextlib
import functools
import hashlib
import http.server
import json
import re
import runpy
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import nbformat
import pytest
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

from gossipkit.lab.built import BuildError
from gossipkit.lab.lite.build import WRITTEN, build

INSIDE = runpy.run_path(str(Path(__file__).parent / "inside.py"))
LESSON = "notebooks/00_start_here.ipynb"
# with these a kernel starts; npm's package has the interpreter alone
FIRST = ("micropip", "packaging")


@pytest.fixture(scope="module")
def local(pyodide, tmp_path_factory):
    """A Pyodide with which a kernel starts, and without numpy: no registry that pip or npm reach has that for browsers."""
    folder = tmp_path_factory.mktemp("pyodide") / "pyodide"
    shutil.copytree(pyodide, folder)
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    wanted = [f"{name}=={lock['packages'][name]['version']}" for name in FIRST]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--python-version", "3.14", "-d", folder, *wanted], check=True)
    for name in FIRST:  # PyPI's wheels are other bytes than those that Pyodide's own host serves
        package = lock["packages"][name]
        package["sha256"] = hashlib.sha256((folder / package["file_name"]).read_bytes()).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(local, root, tmp_path_factory):
    """The folder of two builds: with Pyodide from its own host, and then over it, by the command, with a local one."""
    out = tmp_path_factory.mktemp("lite") / "a course"
    build(root, out)
    kernel = settings(out)
    assert "pyodideUrl" not in kernel and "disablePyPIFallback" not in kernel
    assert installing(out).endswith('await piplite.install("gossipkit[kernel]")')
    wheels = {path.name.partition("-")[0] for path in (out / "pypi").glob("*.whl")}
    assert wheels == {"anywidget", "comm", "gossipkit", "ipywidgets", "jupyterlab_widgets", "psygnal"}
    command = [sys.executable, "-m", "gossipkit.lab.lite", str(out), "--pyodide", str(local)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "lacks cryptography, matplotlib, numpy, pillow: lessons can be read, clusters run" in done.stdout
    return out


def settings(out):
    page = json.loads((out / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    return page["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]


def test_the_tests_pyodide_is_the_kernel_s(pyodide):
    assert json.loads((pyodide / "package.json").read_text(encoding="utf-8"))["version"] == PYODIDE_VERSION


def test_nothing_of_a_local_build_comes_from_elsewhere(built):
    kernel = settings(built)
    assert kernel["pyodideUrl"] == "./static/pyodide/pyodide.mjs" and kernel["disablePyPIFallback"] is True
    assert all(url.startswith("./") for url in kernel["pipliteUrls"])
    lock = json.loads((built / "static" / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    assert set(lock["packages"]) == set(FIRST)


def test_a_build_lists_its_files_and_no_file_of_an_earlier_one_is_left(built):
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert set((built / WRITTEN).read_text(encoding="utf-8").split("\n")) == files


def test_it_has_every_notebook_and_all_that_they_link_to(built, root):
    expected = sorted(
        path.relative_to(root)
        for path in [*root.glob("notebooks/*.ipynb"), *root.glob("exercises/*/*.ipynb")]
    )
    assert (
        sorted(path.relative_to(built / "files") for path in (built / "files").rglob("*.ipynb")) == expected
    )
    for path in expected:
        for cell in nbformat.read(built / "files" / path, as_version=4).cells:
            for target in re.findall(
                r"\]\(([^)#\s:]+)[)#]", cell.source if cell.cell_type == "markdown" else ""
            ):
                assert (built / "files" / path.parent / target).is_file(), (path, target)


def installing(out):
    return nbformat.read(out / "files" / LESSON, as_version=4).cells[1].source


def test_a_notebook_with_code_installs_the_course_before_any_other_cell(built):
    for path in (built / "files").rglob("*.ipynb"):
        code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert [cell.id for cell in code if "piplite" in cell.source] == ["install"] * bool(code)
        assert not code or (code[0].id, code[0].source) == ("install", installing(built))


def test_the_wheel_is_the_course_without_what_is_held_back(built, root):
    (wheel,) = (built / "pypi").glob("gossipkit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        world = archive.read("gossipkit/sim/world.py")
    assert world == (root / "gossipkit" / "sim" / "world.py").read_bytes()
    assert not [name for name in names if "unseen/" in name]


@contextlib.contextmanager
def unchanged(folder):
    def bytes_of():
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before = bytes_of()
    yield
    assert bytes_of() == before


@pytest.mark.parametrize("kind", ["a file", "foreign files", "in the course", "above the course"])
def test_a_folder_that_must_not_be_written_to_is_refused(root, tmp_path, kind):
    (tmp_path / "mine.txt").write_text("mine")
    course = tmp_path / "course"
    for part in ("notebooks", "gossipkit"):
        (course / part).mkdir(parents=True)
    shutil.copy(root / "pyproject.toml", course)
    out, says = {
        "a file": (tmp_path / "mine.txt", "OUT must be a folder: .* is a file"),
        "foreign files": (tmp_path, "OUT must be new, empty or an earlier build: .*, such as "),
        "in the course": (course / "lite", "OUT must lie outside of the course's folder"),
        "above the course": (course.parent, "OUT must be new, empty or an earlier build"),
    }[kind]
    with unchanged(tmp_path), pytest.raises(BuildError, match=says):
        build(course, out)


def test_what_is_no_pyodide_that_a_kernel_starts_with_is_refused(root, local, pyodide, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "pyodide.mjs").touch()
    for folder, says in [
        (tmp_path, "--pyodide must be an address or the folder of a Pyodide: .* has no pyodide.mjs"),
        (pyodide, "--pyodide must have micropip, with which the kernel starts"),
        (old, r"--pyodide must have Python 3\.14, for which the kernel is made: .* has 3\.13\.2"),
    ]:
        (old / "pyodide-lock.json").write_text('{"info": {"python": "3.13.2"}, "packages": {}}')
        with pytest.raises(BuildError, match=says):
            build(root, tmp_path / "out", str(folder))
        assert not (tmp_path / "out").exists()


def test_elsewhere_than_in_the_course_nothing_is_built(tmp_path):
    with pytest.raises(BuildError, match="run this in the course's top folder"):
        build(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *said):
        pass


@pytest.fixture(scope="module")
def page(built, browser, tmp_path_factory):
    """The first lesson, opened in a browser for which no other host exists."""
    served = tmp_path_factory.mktemp("served") / "lite"
    shutil.copytree(built, served)
    config = json.loads((served / "jupyter-lite.json").read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    (served / "jupyter-lite.json").write_text(json.dumps(config), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    elsewhere = []

    def only_here(route):
        if route.request.url.startswith((here, "data:", "blob:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    page = context.new_page()
    page.set_default_timeout(240_000)
    reopen(page, here)
    page.here, page.elsewhere, page.built = here, elsewhere, built
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def reopen(page, here):
    page.goto(f"{here}/lab/index.html?path={LESSON}")
    page.wait_for_function("() => window.jupyterapp !== undefined")
    page.wait_for_selector(".jp-Notebook .jp-Cell")


def told(page, code):
    """What the lesson's kernel prints."""
    kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"() => {kernel}?.status === 'idle'")
    return page.evaluate(
        f"""async (code) => {{
            const done = {kernel}.requestExecute({{ code, store_history: false }});
            let told = "";
            done.onIOPub = ({{ header, content }}) => {{
                if (header.msg_type === "stream") told += content.text;
                if (header.msg_type === "error") told += `${{content.ename}}: ${{content.evalue}}`;
            }};
            await done.done;
            return told;
        }}""",
        code,
    )


def test_a_lesson_opens_with_its_stored_pictures(page):
    page.wait_for_selector(".jp-Notebook .jp-OutputArea-output img[alt]", state="attached")


def test_its_install_cell_brings_the_wheel_and_a_cluster_runs_to_the_same_bytes(page):
    said = told(page, installing(page.built))
    assert said == (
        "The Python of this page lacks cryptography, matplotlib, numpy, pillow: clusters run, charts and stages do not.\n"
    )
    where = told(page, "import gossipkit, sys\nprint(gossipkit.__file__, sys.platform)")
    assert where == "/lib/python3.14/site-packages/gossipkit/__init__.py emscripten\n"
    source = (Path(__file__).parent / "inside.py").read_text(encoding="utf-8")
    code = f"{source}\nimport hashlib\nprint(hashlib.sha256(run('Consul').encode()).hexdigest())"
    assert told(page, code).strip() == hashlib.sha256(INSIDE["run"]("Consul").encode()).hexdigest()


def test_widgets_are_made_in_its_kernel(page):
    """Of wheels that the build packed of what is installed here."""
    code = "import piplite\nawait piplite.install(['anywidget', 'networkx'])\nimport anywidget, networkx, psygnal\n"
    said = told(page, f"{code}class Empty(anywidget.AnyWidget):\n    _esm = ''\nprint(len(Empty().model_id))")
    assert said.strip() == "32"


def test_what_needs_numpy_says_so(page):
    assert "numpy is not installed here" in told(page, "from gossipkit.gossip import spread\nspread(100)")


def test_what_needs_processes_says_so(page):
    """A course without nbgrader and its kind is asked to check an exercise, as a terminal would be."""
    said = told(page, "%run -m gossipkit.grading check exercises/epidemics/epidemics.ipynb")
    assert "check and grade run notebooks in processes of their own, and a browser has none" in said
    assert "Traceback" not in said and "ModuleNotFoundError" not in said


def test_a_student_s_work_is_kept_and_forgotten_when_asked(page):
    contents = "window.jupyterapp.serviceManager.contents"
    held = f"async () => [(await {contents}.get('{LESSON}', {{ content: true }})).content.cells[0].source].flat().join('')"
    given = page.evaluate(held)
    page.evaluate(
        f"""async () => {{
            const model = await {contents}.get('{LESSON}', {{ content: true }});
            model.content.cells[0].source = '# Mine';
            await {contents}.save('{LESSON}', model);
        }}"""
    )
    reopen(page, page.here)
    assert page.evaluate(held) == "# Mine"
    # Help, Clear Browser Data
    page.evaluate("() => { window.jupyterapp.commands.execute('application:clear-browser-data'); }")
    with page.expect_event("load"):  # it loads the page afresh by itself
        page.locator(".jp-Dialog button", has_text="Clear").click()
    page.wait_for_function("() => window.jupyterapp !== undefined")
    assert page.evaluate(held) == given


def test_no_other_host_was_asked(page):
    assert page.elsewhere == []


def test_its_front_page_opens_the_first_lesson_and_a_notebook_says_what_to_run_first(built):
    assert f'location.replace("lab/index.html?path={LESSON}")' in (built / "index.html").read_text("utf-8")
    for path in (built / "files").rglob("*.ipynb"):
        title, *rest = nbformat.read(path, as_version=4).cells
        assert ("run the next cell first" in title.source) == (rest[0].id == "install"), path
