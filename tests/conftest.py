"""What holds for all tests, and what is said of those that could not run; how notebooks are compared stands in the top folder's."""

import gc
import os
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from xdist import plugin

# The same examples in each run, so that a red check has to do with the change; ``--hypothesis-profile=search`` looks for new ones.
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("repeat")

# A simulation makes many objects and few cycles: looked through as often as Python does by itself, they cost a seventh of the time.
gc.set_threshold(20_000, 20, 20)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def link():
    """``link(path, to)`` makes a symbolic link; where the system refuses one, as Windows does to most users, the test is skipped."""

    def make(path: Path, to: Path) -> None:
        try:
            path.symlink_to(to)
        except OSError as error:
            pytest.skip(f"what needs symbolic links (on Windows: switch Developer Mode on): {error}")

    return make


def pytest_xdist_auto_num_workers(config):
    """One process more than cores: who waits for a browser or for a confined submission leaves a core to others."""
    asked_for = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return plugin.pytest_xdist_auto_num_workers(config) + (not asked_for)


def pytest_collection_finish():
    """Ten thousand tests and all modules stay until the end: nobody need look through them again for what is left over."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    reasons = {
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped")
    }
    if reasons:
        terminalreporter.section("not checked on this machine")
        for reason in sorted(reasons):
            terminalreporter.line(reason)


BROWSER_ADVICE = (
    "the course in a real browser: install Chromium (Debian, Ubuntu: sudo apt install chromium; macOS: "
    "brew install --cask chromium; Windows: Edge is found by itself), or run `playwright install chromium`"
)


@pytest.fixture(scope="session")
def browser():
    """A headless browser: Playwright's own Chromium, or the one that the user has."""
    from playwright.sync_api import Error, sync_playwright

    # without these a browser looks up its maker's hosts at every start
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    debian = [  # the first one draws no windows, and takes half the processor time for the same pages
        {"executable_path": path}
        for path in ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser")
        if os.path.exists(path)
    ]
    try:
        playwright = sync_playwright().start()
    except Exception as error:
        # Playwright's own Node wants a library that a bare Debian lacks
        _no_browser(
            f"{BROWSER_ADVICE}. Playwright itself does not start ({error}): sudo apt install libatomic1"
        )
    try:
        for choice in [*debian, {}, {"channel": "chrome"}, {"channel": "msedge"}]:
            try:
                found = playwright.chromium.launch(args=quiet + sandbox, **choice)
            except Error:
                continue
            yield found
            found.close()
            return
    finally:
        playwright.stop()
    _no_browser(BROWSER_ADVICE)


def _no_browser(advice: str) -> NoReturn:
    if os.environ.get("GOSSIPKIT_REQUIRE_BROWSER"):
        pytest.fail(advice)
    pytest.skip(advice)
