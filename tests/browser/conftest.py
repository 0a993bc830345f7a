"""A real JupyterLab and Notebook 7, seen through a real browser."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import expect

START_UP_S = 60
# every output is in the page, not only those scrolled into view
OPEN_ALONE = """async (path) => {
    const { shell, commands } = window.jupyterapp;
    for (const widget of [...shell.widgets('main')]) widget.dispose();
    if (path) await commands.execute('docmanager:open', { path });
}"""
WHOLE_NOTEBOOK = '{"windowingMode": "none"}'


def pytest_configure(config):
    expect.set_options(timeout=20_000)  # a loaded machine answers slowly


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab on a copy of the course, which serves Notebook 7 as well."""

    url: str
    token: str
    course: Path
    place: str = "lab/tree"

    def write(self, notebook, *cells, heading="# A lesson"):
        """A notebook of a heading and these code cells; returns its path in the course."""
        code = [nbformat.v4.new_code_cell(cell) for cell in cells]
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(heading), *code])
        made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(made, self.course / notebook)
        return notebook

    def open(self, page, notebook):
        """Open `notebook`, a path in the course, and wait for its kernel; in the JupyterLab that the page shows, if it does."""
        if page.url.startswith(f"{self.url}/lab/"):
            page.evaluate(OPEN_ALONE, notebook)
        else:
            page.goto(f"{self.url}/{self.place}/{notebook}?token={self.token}&reset")
            page.wait_for_function("() => window.jupyterapp !== undefined", timeout=60_000)
            page.evaluate("() => window.jupyterapp.restored")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext !== undefined", timeout=60_000
        )
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")

    def run(self, page, notebook):
        """Open `notebook`, run all its cells and wait until they are done."""
        self.open(page, notebook)
        self.again(page)

    def again(self, page):
        """Run all cells of the open notebook and wait until they are done."""
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const code = [...panel.content.model.cells].filter(cell => cell.type === 'code' && cell.sharedModel.getSource());
                return code.every(cell => cell.executionCount !== null && cell.executionState !== 'running')
                    && panel.sessionContext.session.kernel.status === 'idle';
            }""",
            timeout=180_000,
        )

    def cell(self, page, notebook, code):
        """Run a notebook of one cell of `code`; where it is open already, with the code that it had before, in the same kernel."""
        if page.evaluate("() => window.jupyterapp?.shell.currentWidget?.context?.path ?? null") != notebook:
            self.open(page, self.write(notebook, code))
        page.evaluate(
            """(code) => {
                const { cells } = window.jupyterapp.shell.currentWidget.content.model;
                cells.get(cells.length - 1).sharedModel.setSource(code);
            }""",
            code,
        )
        self.again(page)

    def told(self, page, code):
        """What the open notebook's kernel prints when it runs this code outside of any cell."""
        return page.evaluate(
            """async (code) => {
                const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
                const done = kernel.requestExecute({ code, store_history: false });
                let told = "";
                done.onIOPub = ({ header, content }) => {
                    if (header.msg_type === "stream") told += content.text;
                    if (header.msg_type === "error") told += `${content.ename}: ${content.evalue}`;
                };
                await done.done;
                return told;
            }""",
            code,
        )


@pytest.fixture(scope="session")
def lab(root, browser, tmp_path_factory):
    """The server that all tests share."""
    with serving(root, tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@contextlib.contextmanager
def serving(root, home):
    """A JupyterLab with settings of its own, so that neither the user's settings nor notebooks are touched."""
    course = home / "course"
    for part in ("notebooks", "exercises"):
        shutil.copytree(root / part, course / part)
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(WHOLE_NOTEBOOK)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), course)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    ]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={course}", "--allow-root"]
    command += [f"--IdentityProvider.token={running.token}", "--LabApp.expose_app_in_browser=True"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    own = {"JUPYTERLAB_SETTINGS_DIR": home / "settings", "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces"}
    own |= {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
    }
    log = open(home / "log.txt", "w+")  # noqa: SIM115, closed when the server is
    server = subprocess.Popen(
        command, env=os.environ | {k: str(v) for k, v in own.items()}, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_until_up(server, running.url, home / "log.txt")
        yield running
    finally:
        _end(server)
        log.close()


def _end(server):
    """End the server and its kernels at once: told to stop, it waits for each of them, and nothing in its folder is kept."""
    if server.poll() is None:
        running = psutil.Process(server.pid)
        running.suspend()  # so that it starts no other
        for each in (running, *running.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        server.wait()


def _wait_until_up(server, url, log):
    for _ in range(START_UP_S * 5):
        if server.poll() is not None:
            pytest.fail(f"JupyterLab stopped at its start:\n{log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(f"{url}/api", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer in {START_UP_S} s:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module", params=["lab/tree", "notebooks"])
def jupyter(request, lab):
    """JupyterLab, and then Notebook 7."""
    return replace(lab, place=request.param)


AXE_ADVICE = "accessibility in a real browser: pip install -r requirements.txt"
AXE_RUN = """async ([script, include]) => {
  if (!window.axe) new Function(script).call(window);
  const found = await window.axe.run({ include }, { resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html.slice(0, 160), failureSummary]));
}"""


@pytest.fixture(scope="session")
def axe():
    """What axe-core says against parts of a page, by their selectors; nothing, if all is well."""
    found = find_spec("axe_playwright_python")
    if found is None:
        if os.environ.get("GOSSIPKIT_REQUIRE_BROWSER"):
            pytest.fail(AXE_ADVICE)
        pytest.skip(AXE_ADVICE)
    script = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    return lambda page, *selectors: page.evaluate(AXE_RUN, [script, selectors])


VIEWPORT = {"width": 1280, "height": 900}
SHUT_DOWN = "async () => { await window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown(); }"


# who is reached through a proxy that isn't there is not reached; to intercept each request would switch the cache off
NOWHERE = {"server": "http://127.0.0.1:9", "bypass": "127.0.0.1"}


@contextlib.contextmanager
def browsing(browser):
    """A fresh page that reaches no other host, and remembers requests to others."""
    context = browser.new_context(viewport=VIEWPORT, proxy=NOWHERE)
    elsewhere = []

    def remember(request):
        local = request.url.startswith(("data:", "blob:")) or "127.0.0.1" in request.url.split("/")[2]
        if not local:
            elsewhere.append(request.url)

    context.on("request", remember)
    yield context.new_page(), elsewhere
    context.close()


@pytest.fixture(scope="session")
def desk(browser):
    """A page in which JupyterLab stays open from test to test: to load it costs more than most tests do."""
    with browsing(browser) as opened:
        yield opened


@contextlib.contextmanager
def _used(desk):
    """The desk with nothing open on it, and left so."""
    page, elsewhere = desk
    yield page
    page.keyboard.press("Escape")  # a dialog
    page.evaluate(SHUT_DOWN)
    page.evaluate(OPEN_ALONE, None)
    page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
    )
    page.emulate_media(media="screen")
    page.set_viewport_size(VIEWPORT)
    asked, elsewhere[:] = elsewhere[:], []
    assert asked == []


@contextlib.contextmanager
def _fresh(browser):
    with browsing(browser) as (page, elsewhere):
        yield page
        page.evaluate(SHUT_DOWN)
    assert elsewhere == []


@pytest.fixture
def page(request, browser):
    """A page on which nothing is open: the one of JupyterLab for tests that use it, else a fresh one."""
    in_lab = "lab" in request.fixturenames
    with _used(request.getfixturevalue("desk")) if in_lab else _fresh(browser) as page:
        yield page


@pytest.fixture(scope="module")
def shared(request, browser, jupyter):
    """A page on which a notebook stays open from test to test of a file, of `jupyter`'s kind."""
    in_lab = jupyter.place == "lab/tree"
    with _used(request.getfixturevalue("desk")) if in_lab else _fresh(browser) as page:
        yield page
