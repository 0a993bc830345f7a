"""Processes that are confined and watched: bubblewrap says what they can see, a watch says how much they can take.

On Linux a process sees an empty, read-only file system with the Python installation and gossipkit in it (`view`), small
scratch folders in memory, no network, no process but its own (``bwrap --unshare-all``) and none of the instructor's
keys; of the kernel's system calls it has those that programs need (`syscalls`). Time, memory and processes are counted
over everything that it started (`accounts`); every `GLANCE_S` what went beyond a limit is stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import accounts, probe, ready, syscalls, view, wire
from .course import GradingError

GLANCE_S = 0.1
SCRATCH_BYTES = 64_000_000
TASKS_PER_PROCESS = 16  # threads are not counted as processes, and are not without a limit either
OR = "or say --no-sandbox if everybody who handed in may do what you may do on this machine"
REMEDY = (
    "install bubblewrap and libseccomp (Debian, Ubuntu: apt install bubblewrap libseccomp2; "
    f"Fedora: dnf install bubblewrap libseccomp), {OR}"
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
    submission_s : float
        Time on the clock that a whole submission may take, its cells and the tests' questions together.
    """

    cpu_s: float = 60.0
    wall_s: float = 180.0
    memory_bytes: int = 2_000_000_000
    processes: int = 64
    submission_s: float = 180.0


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
    hidden : sequence of Path
        What must not be seen, also below a folder that Python needs.
    """

    def __init__(
        self,
        module: str,
        limits: Limits,
        sandboxed: bool,
        cancelled: threading.Event,
        hidden: Sequence[Path] = (),
    ):
        self.limits, self.cancelled = limits, cancelled
        self.scratch = tempfile.TemporaryDirectory(prefix="gossipkit-")
        self.verdict = ""
        self.since: float | None = time.monotonic()
        self.within = limits.wall_s
        self.account = counting(sandboxed)(limits.memory_bytes, TASKS_PER_PROCESS * limits.processes)
        command = [sys.executable, "-P", "-m", module]
        started: Future[subprocess.Popen] = Future()
        arguments = (command, hidden if sandboxed else None, started)
        threading.Thread(target=self._watch, args=arguments, daemon=True).start()
        try:
            self.process = started.result()
        except BaseException:
            self.account.close(None)
            raise
        self.receive()

    def __enter__(self) -> Confined:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def ask(self, message: Any, within: float | None = None) -> Any:
        """Send a message and wait for the answer.

        Parameters
        ----------
        message : object
        within : float, optional
            Seconds on the clock, where there are fewer than the limits allow.

        Raises
        ------
        Stopped
            If the process ends, goes beyond a limit, or answers with what is no message.
        Cancelled
        """
        self.within = self.limits.wall_s if within is None else min(within, self.limits.wall_s)
        self.since = time.monotonic()
        with self._gone():
            wire.write(self.process.stdin, message)
        return self.receive()

    def receive(self) -> Any:
        """Wait for a message; raises as `ask` does."""
        with self._gone():
            message = wire.read(self.process.stdout)
            if self.account.refused():  # it lives on, but something that it started doesn't
                raise EOFError
        self.since = None
        return message

    def stop(self, verdict: str = "") -> None:
        """End the process and everything that it started."""
        self.verdict = self.verdict or self._said(self.account.refused()) or verdict
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

    def _watch(self, command: list[str], hidden: Sequence[Path] | None, started: Future) -> None:
        """Start the process, and look at what it takes, also between two answers; only the clock stands still then.

        One thread does both: it leaves the instructor's keys behind for what it starts, and the sandbox ends with it.
        """
        try:
            started.set_result(self._start(command, hidden))
        except BaseException as error:
            started.set_exception(error)
            return
        process = started.result()
        since, spent = None, 0.0
        while process.poll() is None:
            if self.cancelled.wait(GLANCE_S):
                self._kill("was called off")
                continue
            asked, taken = self.since, self.account.taken(process.pid)
            if asked is not None and asked != since:
                since, spent = asked, taken.cpu_s
            waited = 0.0 if asked is None else time.monotonic() - asked
            self._kill(self._beyond(taken.cpu_s - spent, waited, taken))
        self.account.close(None)  # also of a process that ended by itself, and that nobody asks any more

    def _start(self, command: list[str], hidden: Sequence[Path] | None) -> subprocess.Popen:
        options = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.DEVNULL,
            "cwd": self.scratch.name,
            "env": _environment(self.scratch.name),
            "start_new_session": True,  # Ctrl-C is for the instructor's command, which then stops this
        }
        if hidden is None:
            return subprocess.Popen(command, **options)
        syscalls.leave_session_keyring()
        with _refusals(self.account.system_v) as filtered:
            command = confined_command(self.limits, hidden, filtered, *command)
            return subprocess.Popen([*self.account.entry(), *command], pass_fds=(filtered,), **options)

    def _beyond(self, cpu_s: float, wall_s: float, taken: accounts.Taken) -> str:
        if cpu_s > self.limits.cpu_s:
            return f"ran for more than {self.limits.cpu_s:g} s of processor time"
        if wall_s > self.within:
            if self.within < self.limits.wall_s:
                return (
                    f"took more than half of what was left of its submission's {self.limits.submission_s:g} s"
                )
            return f"had not ended after {self.limits.wall_s:g} s"
        if taken.memory_bytes > self.limits.memory_bytes:
            return self._said("memory")
        if taken.processes > self.limits.processes:
            return f"started more than {self.limits.processes} processes"
        return self._said(self.account.refused())

    def _said(self, refused: str) -> str:
        return {
            "": "",
            "memory": f"took more than {self.limits.memory_bytes / 1e9:g} GB of memory",
            "tasks": f"started more than {TASKS_PER_PROCESS * self.limits.processes} processes and threads",
        }[refused]

    def _kill(self, verdict: str) -> None:
        if verdict:
            self.verdict = self.verdict or verdict
            self._end()

    def _end(self) -> None:
        self.account.close(self.process.pid if self.process.poll() is None else None)
        self.process.kill()


def counting(sandboxed: bool) -> type[accounts.Account]:
    """How it is counted what a process takes."""
    return accounts.ways()[0] if sandboxed else accounts.Sampling


@contextlib.contextmanager
def _refusals(system_v: bool) -> Iterator[int]:
    """A file from which bubblewrap reads the system calls that are refused."""
    reads, writes = os.pipe()
    try:
        with os.fdopen(writes, "wb") as file:
            file.write(syscalls.refusals(system_v))
        yield reads
    finally:
        os.close(reads)


def require_sandbox(hidden: Mapping[Path, str] | None = None) -> None:
    """Try the sandbox: a process in there tries to reach what it must not.

    Parameters
    ----------
    hidden : mapping, optional
        From files and folders that must not be seen to what they are in words. Homes (`view.homes`) are among them.

    Raises
    ------
    GradingError
        If it can't be had here, and the message names the remedy; or if something can be reached, and it says what.
    """
    if shutil.which("bwrap") is None:
        raise GradingError(f"there is no sandbox for the students' code on this machine: {REMEDY}")
    try:
        keyctl = syscalls.number("keyctl")
        syscalls.refusals(system_v=True)
    except syscalls.NoFilter as error:
        raise GradingError(
            f"the sandbox can't refuse system calls on this machine ({error}): {REMEDY}"
        ) from None
    accounts.ways()  # found out once, before threads ask for it
    secrets = view.secrets({**view.homes(), **(hidden or {})})
    question = {"paths": list(secrets), "keyctl": keyctl, "serials": probe.keyrings(keyctl)}
    with tempfile.TemporaryDirectory() as folder, _refusals(True) as filtered:
        tried = subprocess.run(
            confined_command(
                Limits(), [*(hidden or {})], filtered, sys.executable, "-P", "-m", probe.__name__
            ),
            env=_environment(folder),
            input=json.dumps(question),
            capture_output=True,
            text=True,
            errors="replace",
            pass_fds=(filtered,),
        )
    if tried.returncode:
        said = tried.stderr.strip().splitlines()
        raise GradingError(
            f"bubblewrap does not work on this machine ({said[-1] if said else f'status {tried.returncode}'}). "
            "It needs user namespaces: in a container, allow them (docker run --security-opt seccomp=unconfined "
            f"--security-opt systempaths=unconfined); on Ubuntu 24.04 see the README. {OR.capitalize()}"
        )
    if reached := json.loads(tried.stdout):
        what = secrets.get(reached[0], "the machine")
        raise GradingError(
            f"the sandbox does not keep submitted code from {what}: it reached {reached[0]}. Move that out of the "
            f"folders that Python is installed in, {OR}"
        )


def confined_command(limits: Limits, hidden: Sequence[Path], filtered: int, *command: str) -> list[str]:
    """What runs a command in the sandbox.

    The kernel's own limits are a second line, for what is over before the next glance. They are wide, so that what is
    stopped is stopped by the watch, with a verdict that doesn't depend on the moment.

    Parameters
    ----------
    limits : Limits
    hidden : sequence of Path
        What must not be seen, besides homes.
    filtered : int
        A file descriptor with the filter for system calls, handed on to the process.
    *command : str
    """
    keys = [
        word for path in probe.KEY_FILES if path.exists() for word in ("--ro-bind", os.devnull, str(path))
    ]
    fonts = ready.fonts()
    people = [
        word for path in ready.people().iterdir() for word in ("--ro-bind", str(path), f"/etc/{path.name}")
    ]
    scratch = [word for folder in view.SCRATCH for word in ("--size", str(SCRATCH_BYTES), "--tmpfs", folder)]
    return [
        *(
            "bwrap",
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
        ),
        *("--cap-drop", "ALL", "--seccomp", str(filtered)),
        # the scratch folders come first, because the Python installation may lie below one of their names
        *("--proc", "/proc", *keys, "--dev", "/dev", *scratch, *view.mounts([*view.homes(), *hidden])),
        *("--ro-bind", str(ready.package()), "/course/gossipkit"),
        *("--ro-bind", str(fonts), f"/tmp/.cache/matplotlib/{fonts.name}"),
        *people,
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--setenv", "PYTHONPATH", "/course", "--setenv", "HOME", "/tmp", "--unsetenv", "USERPROFILE"),
        *("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/tmp"),
        *("prlimit", f"--as={4 * limits.memory_bytes}", f"--nproc={TASKS_PER_PROCESS * limits.processes}"),
        *(f"--fsize={SCRATCH_BYTES}", "--nofile=256", "--core=0"),
        *command,
    ]


def _environment(scratch: str) -> dict[str, str]:
    """What a process is told: nothing of the instructor's, and all that makes a run the same every time."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ
    }
    return kept | {
        "PYTHONPATH": str(ready.PACKAGE.parent),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": scratch,
        "USERPROFILE": scratch,
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
