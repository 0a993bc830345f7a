"""Processes that are confined and watched: bubblewrap says what they can see, a watch says how much they can take.

On Linux a process sees an empty, read-only file system with the Python installation and gossipkit in it, small scratch
folders in memory, no network, and no process but its own (``bwrap --unshare-all``). Time, memory and processes are
counted over everything that it started, every `GLANCE_S`; what goes beyond a limit is stopped at once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from . import wire
from .course import GradingError

GLANCE_S = 0.1
SCRATCH_BYTES = 64_000_000
PACKAGE = Path(__file__).resolve().parents[1]
REMEDY = (
    "install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap), "
    "or say --no-sandbox if everybody who handed in may do what you may do on this machine"
)


@dataclass(frozen=True)
class Limits:
    """What a cell, or one call of a test, may take.

    Parameters
    ----------
    cpu_s : float
        Processor time, of all its processes together.
    wall_s : float
        Time on the clock; longer, so that a busy machine changes no verdict.
    memory_bytes : int
        Of all its processes together.
    processes : int
    """

    cpu_s: float = 60.0
    wall_s: float = 180.0
    memory_bytes: int = 2_000_000_000
    processes: int = 64


class Stopped(Exception):
    """A process is no more; the message says what it did."""


class Cancelled(Exception):
    """The whole run was called off."""


class Confined:
    """A module of gossipkit running as a process of its own, spoken to in messages of `wire`.

    Parameters
    ----------
    module : str
        Run with ``python -m``.
    limits : Limits
    sandboxed : bool
        Whether it is confined by bubblewrap; otherwise it is only watched.
    cancelled : threading.Event
        When it is set the process is stopped, and `ask` raises `Cancelled`.
    """

    def __init__(self, module: str, limits: Limits, sandboxed: bool, cancelled: threading.Event):
        self.limits, self.cancelled = limits, cancelled
        self.sandboxed = sandboxed
        self.scratch = tempfile.TemporaryDirectory(prefix="gossipkit-")
        self.verdict = ""
        self.since: float | None = time.monotonic()
        command = [sys.executable, "-P", "-m", module]
        self.process = subprocess.Popen(
            confined_command(limits, *command) if sandboxed else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.scratch.name,
            env=_environment(self.scratch.name),
            start_new_session=True,  # Ctrl-C is for the instructor's command, which then stops this
        )
        threading.Thread(target=self._watch, daemon=True).start()
        self.receive()

    def __enter__(self) -> Confined:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def ask(self, message: Any) -> Any:
        """Send a message and wait for the answer.

        Raises
        ------
        Stopped
            If the process ends, goes beyond a limit, or answers with what is no message.
        Cancelled
        """
        self.since = time.monotonic()
        with self._gone():
            wire.write(self.process.stdin, message)
        return self.receive()

    def receive(self) -> Any:
        """Wait for a message; raises as `ask` does."""
        with self._gone():
            message = wire.read(self.process.stdout)
        self.since = None
        return message

    def stop(self, verdict: str = "") -> None:
        """End the process and everything that it started."""
        self.verdict = self.verdict or verdict
        self._end()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        self.scratch.cleanup()

    @contextlib.contextmanager
    def _gone(self):
        try:
            yield
        except (EOFError, OSError, ValueError):
            self.stop("ended the process that it ran in")
        except wire.WireError as error:
            self.stop(f"answered with what is no answer ({error})")
        else:
            return
        if self.cancelled.is_set():
            raise Cancelled
        raise Stopped(self.verdict)

    def _watch(self) -> None:
        """Look at what the process takes, also between two answers; only the clock stands still then."""
        since, spent = None, 0.0
        while self.process.poll() is None:
            if self.cancelled.wait(GLANCE_S):
                self._kill("was called off")
                continue
            asked, taken = self.since, _taken(self.process.pid)
            if asked is not None and asked != since:
                since, spent = asked, taken.cpu_s
            waited = 0.0 if asked is None else time.monotonic() - asked
            self._kill(self._beyond(taken.cpu_s - spent, waited, taken))

    def _beyond(self, cpu_s: float, wall_s: float, taken: Taken) -> str:
        if cpu_s > self.limits.cpu_s:
            return f"ran for more than {self.limits.cpu_s:g} s of processor time"
        if wall_s > self.limits.wall_s:
            return f"had not ended after {self.limits.wall_s:g} s"
        if taken.memory_bytes > self.limits.memory_bytes:
            return f"took more than {self.limits.memory_bytes / 1e9:g} GB of memory"
        if taken.processes > self.limits.processes:
            return f"started more than {self.limits.processes} processes"
        return ""

    def _kill(self, verdict: str) -> None:
        if verdict:
            self.verdict = self.verdict or verdict
            self._end()

    def _end(self) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                # the sandbox's init first: with it the kernel ends everything in there
                for child in psutil.Process(self.process.pid).children(recursive=True):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        child.kill()
        self.process.kill()


@dataclass(frozen=True)
class Taken:
    """What a process and its descendants have taken until now."""

    cpu_s: float
    memory_bytes: int
    processes: int


def _taken(pid: int) -> Taken:
    cpu_s, memory_bytes, processes = 0.0, 0, 0
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for process in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                cpu_s += times.user + times.system
                cpu_s += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
                memory_bytes += process.memory_info().rss
                processes += 1
    return Taken(cpu_s, memory_bytes, processes)


def require_sandbox() -> None:
    """Try the sandbox.

    Raises
    ------
    GradingError
        If it can't be had here; the message names the remedy.
    """
    if shutil.which("bwrap") is None:
        raise GradingError(f"there is no sandbox for the students' code on this machine: {REMEDY}")
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            confined_command(Limits(), sys.executable, "-P", "-c", "import gossipkit.grading.wire"),
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    if tried.returncode:
        said = tried.stderr.strip().splitlines()
        raise GradingError(
            f"bubblewrap does not work on this machine ({said[-1] if said else f'status {tried.returncode}'}). "
            "It needs user namespaces: in a container, allow them (docker run --security-opt seccomp=unconfined "
            "--security-opt systempaths=unconfined); on Ubuntu 24.04 see the README. Or say --no-sandbox "
            "if everybody who handed in may do what you may do on this machine"
        )


def confined_command(limits: Limits, *command: str) -> list[str]:
    """What runs a command in the sandbox.

    The kernel's own limits are a second line, for what is over before the next glance. They are wide, so that what is
    stopped is stopped by the watch, with a verdict that doesn't depend on the moment.
    """
    seen = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", sys.prefix, sys.base_prefix]
    seen += [str(Path(sys.executable).resolve().parents[1]), sysconfig.get_path("purelib")]
    mounts: list[str] = []
    for path in dict.fromkeys(os.path.abspath(path) for path in seen):
        if Path.home().is_relative_to(path):
            continue  # a Python that lies in somebody's home, not in a folder of its own
        mounts += ["--ro-bind-try", path, path]
    for name in ("bin", "lib", "lib64", "sbin"):
        top = Path("/", name)
        if top.is_symlink():
            mounts += ["--symlink", os.readlink(top), str(top)]
        else:
            mounts += ["--ro-bind-try", str(top), str(top)]
    scratch = [
        word for folder in ("/dev/shm", "/tmp") for word in ("--size", str(SCRATCH_BYTES), "--tmpfs", folder)
    ]
    return [
        *(
            "bwrap",
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
        ),
        # the scratch folders come first, because the Python installation may lie below one of their names
        *("--proc", "/proc", "--dev", "/dev", *scratch, *mounts),
        *("--ro-bind", str(PACKAGE), "/course/gossipkit", "--remount-ro", "/dev", "--remount-ro", "/"),
        *("--setenv", "PYTHONPATH", "/course", "--setenv", "HOME", "/tmp", "--unsetenv", "USERPROFILE"),
        *("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/tmp"),
        *(
            "prlimit",
            f"--as={4 * limits.memory_bytes}",
            f"--nproc={16 * limits.processes}",
            f"--fsize={SCRATCH_BYTES}",
        ),
        *("--nofile=256", "--core=0"),
        *command,
    ]


def _environment(scratch: str) -> dict[str, str]:
    """What a process is told: nothing of the instructor's, and all that makes a run the same every time."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ
    }
    return kept | {
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": scratch,
        "USERPROFILE": scratch,
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
