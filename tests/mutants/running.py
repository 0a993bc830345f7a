"""A copy of the course in which one rule at a time is dropped, and its test run."""

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("exercises", "gossipkit", "solutions", "tests")
CPU_S = 100
CLOCK_S = 900
"""Seconds of processor and on the clock after which a test counts as failed: it never ends."""


class Noted:
    """A plugin of pytest's that keeps which test began last, which one failed first, and which ones were not run."""

    def __init__(self) -> None:
        self.began = self.failed = ""
        self.skipped: set[str] = set()

    def pytest_runtest_logstart(self, nodeid) -> None:
        self.began = nodeid

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid
        if report.skipped:
            self.skipped.add(report.nodeid.partition("[")[0])


class Course:
    """A copy of the course in a temporary folder; the files at hand stay as they are.

    pytest, and what else the tests import that is not of the course, is imported once. Each run is a fork of this process, so
    that it has all that and nothing of an earlier mutant.

    Attributes
    ----------
    folder : Path
    skipped : frozenset of str
        Tests that `check` could not run here, for instance since there is no sandbox: what they would notice is not known.
    """

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self._temporary.name)
        self.skipped: frozenset[str] = frozenset()
        for each in COPIED:
            shutil.copytree(ROOT / each, self.folder / each)
        shutil.copy2(ROOT / "pyproject.toml", self.folder)

    def __enter__(self) -> "Course":
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def check(self, tests: Iterable[str]) -> str:
        """Run tests without any mutant, and import what they have imported: "" if all pass, else what has failed."""
        sys.dont_write_bytecode = False  # in the copy, for all runs
        status, told = self._run(tests)
        if status != 0:
            return told.get("failed") or f"pytest, which ended with {status},"
        for name in told["imported"]:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        self.skipped = frozenset(told["skipped"])
        sys.dont_write_bytecode = True  # two mutants of one length would share it
        gc.collect()
        gc.freeze()  # forks need not look through all that
        return ""

    def kill(self, mutant: Mutant) -> str:
        """The test that notices a mutant; "" if it does not.

        Raises
        ------
        RuntimeError
            The test could not be run, for instance since the mutant can't be imported: that shows nothing.
        """
        path = self.folder / mutant.file
        whole, times = path.read_bytes(), path.stat()
        try:
            path.write_text(mutant.apply(whole.decode()), encoding="utf-8")
            # another time than the bytecode of the whole file has
            os.utime(path, (times.st_atime, times.st_mtime + 10))
            status, told = self._run([mutant.test])
        finally:
            path.write_bytes(whole)
            os.utime(path, (times.st_atime, times.st_mtime))
        if status < 0:
            return f"{mutant.test}, which does not end"
        if status == pytest.ExitCode.INTERRUPTED and told["began"]:
            return f"{told['began']}, which ends pytest itself"
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"{mutant}: {mutant.test} could not be run: pytest ended with {status}")
        return told["failed"]

    def _run(self, tests: Iterable[str]) -> tuple[int, dict]:
        """The exit status of pytest (negative: the signal that has ended it), and what the fork tells."""
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            try:
                self._test(tests, theirs)
            finally:
                os._exit(pytest.ExitCode.INTERNAL_ERROR)
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as pipe:
            told = json.loads(pipe.read() or "{}")
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what a test has started and not ended
        return status, told

    def _test(self, tests: Iterable[str], pipe: int) -> None:
        """In the fork: run tests of the copy and tell what came of it."""
        import resource  # Windows has none, and no fork

        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        signal.alarm(CLOCK_S)
        os.chdir(self.folder)
        os.environ |= {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path.insert(0, str(self.folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        options = [
            "-x",
            "-q",
            "-n0",
            "--tb=no",
            "-p",
            "no:cacheprovider",
            f"--basetemp={self.folder / 'tmp'}",
        ]
        options += ["-o", "addopts=--import-mode=importlib"]
        noted = Noted()
        status = pytest.main([*options, *tests], plugins=[noted])
        with os.fdopen(pipe, "w", encoding="utf-8") as out:
            told = {"began": noted.began, "failed": noted.failed, "skipped": sorted(noted.skipped)}
            json.dump(told | {"imported": _third_parties()}, out)
        os._exit(status)


def _third_parties() -> list[str]:
    """The modules that were imported and are not of the course, by the names that they can be imported by."""
    return [
        name
        for name, module in list(sys.modules.items())
        if getattr(getattr(module, "__spec__", None), "name", None) == name
        and name.partition(".")[0] not in ("gossipkit", "tests")
    ]
