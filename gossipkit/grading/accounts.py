"""What a confined process and all that it starts have taken: by control groups where the machine lets us, else by looking.

A control group counts every page once, also those of files in memory and of System V's shared memory, and the kernel
itself holds its limits. Its folder is made for one process and removed with it. Version 2 needs a subtree that was
delegated (``systemd-run --user --scope -p Delegate=yes``), version 1 controllers that may be written. Everywhere else
the processes are looked at one by one: of memory that several of them share each counts its part.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

OURS = "gossipkit-"
SHELL = "/bin/sh"
IN_SCOPE = "GOSSIPKIT_IN_SCOPE"
PATIENCE_S = 30.0  # for the kernel to have ended what was killed


@dataclass(frozen=True)
class Taken:
    """What a process and its descendants have taken until now.

    Parameters
    ----------
    cpu_s : float
    memory_bytes : int
        0 where the kernel holds the limit itself.
    processes : int
    """

    cpu_s: float
    memory_bytes: int
    processes: int


class Account(Protocol):
    """What one process and its descendants take.

    Attributes
    ----------
    name : str
        The way of counting, as a report says it.
    system_v : bool
        Whether it counts System V's shared memory; where it doesn't, that must be refused.
    """

    name: str
    system_v: bool

    def entry(self) -> list[str]:
        """The words before a command that put it on this account."""

    def taken(self, pid: int) -> Taken:
        """What was taken; ``pid`` is the process at the top."""

    def refused(self) -> str:
        """What the kernel has kept them from: ``memory``, ``tasks`` (processes and threads), or nothing."""

    def close(self, pid: int | None) -> None:
        """End everything on the account, and forget it; ``pid`` is None if the process at the top is gone."""


class Sampling:
    """Every process looked at, one by one."""

    name, system_v = "sampling", False

    def __init__(self, memory_bytes: int, tasks: int):
        pass  # the limits are held by who looks

    def entry(self) -> list[str]:
        return []

    def taken(self, pid: int) -> Taken:
        cpu_s, memory_bytes, processes = 0.0, 0, _family(pid)
        files: dict[tuple[int, int], int] = {}
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                cpu_s += times.user + times.system
                cpu_s += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
                memory_bytes += _part_of_memory(process)
                files |= _memory_files(process.pid)
        return Taken(cpu_s, memory_bytes + _unmapped(files, processes), len(processes))

    def refused(self) -> str:
        return ""

    def close(self, pid: int | None) -> None:
        for process in [*_family(pid)[1:], *_family(pid)[:1]]:
            # the sandbox's init comes first: with it the kernel ends everything in there
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _family(pid: int | None) -> list[psutil.Process]:
    if pid is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(pid)
            return [top, *top.children(recursive=True)]
    return []


def _part_of_memory(process: psutil.Process) -> int:
    """The memory of a process alone, and its part of what it shares."""
    with contextlib.suppress(psutil.AccessDenied, NotImplementedError):
        if psutil.LINUX:
            full = process.memory_full_info()
            return full.pss + full.swap
    return process.memory_info().rss


def _memory_files(pid: int) -> dict[tuple[int, int], int]:
    """The bytes of the files in memory (``memfd_create``) that a process has open, by device and inode."""
    found = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(entry.path).startswith("/memfd:"):
                    status = os.stat(entry.path)
                    found[status.st_dev, status.st_ino] = 512 * status.st_blocks
    return found


def _unmapped(files: dict[tuple[int, int], int], processes: list[psutil.Process]) -> int:
    """The bytes of files in memory that no process maps, and which are therefore not in anybody's part."""
    mapped = 0.0
    if files:
        named = {f"{os.major(device):02x}:{os.minor(device):02x} {inode}" for device, inode in files}
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                ours = False
                for line in Path(f"/proc/{process.pid}/smaps").read_text("utf-8", "replace").splitlines():
                    words = line.split()
                    if "-" in words[0]:  # "7f12-7f34 rw-s 00000000 00:01 2064 /memfd:name (deleted)"
                        ours = " ".join(words[3:5]) in named
                    elif ours and words[0] == "Pss:":
                        mapped += 1024 * int(words[1])
    return max(0, int(sum(files.values()) - mapped))


class ControlGroup:
    """A folder in each hierarchy that counts; what version 1 and version 2 share."""

    name, system_v = "", True
    door = ""  # the file through which a process gets in

    def __init__(self):
        self.kept_from = ""
        name = f"{OURS}{os.getpid()}-{time.monotonic_ns()}"
        self.folders = [base / name for base in self.bases()]
        for folder in self.folders:
            folder.mkdir()

    @staticmethod
    def bases() -> list[Path]:
        """The folders in which groups are made; OSError if none can be."""
        raise NotImplementedError

    def entry(self) -> list[str]:
        doors = [str(folder / self.door) for folder in self.folders]
        join = 'for door in "$@"; do shift; [ "$door" = -- ] && break; echo 0 > "$door" || exit 1; done; exec "$@"'
        return [SHELL, "-c", join, "enter", *doors, "--"]

    def taken(self, pid: int) -> Taken:
        try:
            return Taken(self._cpu_s(), 0, len(self._processes()))
        except OSError:  # it was closed meanwhile
            return Taken(0.0, 0, 0)

    def refused(self) -> str:
        with contextlib.suppress(OSError):  # it was closed meanwhile, and what it said last holds
            self.kept_from = "memory" if self._out_of_memory() else "tasks" if self._out_of_tasks() else ""
        return self.kept_from

    def _cpu_s(self) -> float:
        raise NotImplementedError

    def _out_of_memory(self) -> int:
        raise NotImplementedError

    def _out_of_tasks(self) -> int:
        raise NotImplementedError

    def close(self, pid: int | None) -> None:
        until = time.monotonic() + PATIENCE_S
        self.refused()  # while it can be read
        with contextlib.suppress(OSError):  # it was closed meanwhile
            while (left := self._processes()) and time.monotonic() < until:
                for process in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                time.sleep(0.002)
        for folder in self.folders:
            while folder.exists() and time.monotonic() < until:
                try:
                    folder.rmdir()
                except OSError:  # the last process is still on its way out
                    time.sleep(0.002)

    def _processes(self) -> list[int]:
        inside = (self.folders[0] / "cgroup.procs").read_text().split()
        return [
            int(word) for word in inside if word != "0"
        ]  # 0 is somebody whom we can't see, and would kill ourselves


def _entry(path: str, key: bytes) -> int:
    """The number beside a word in a file with a pair in each line; 0 if it isn't there."""
    # asked after each message of a confined process: opened by the system's own call, a sixth of what a Path costs
    file = os.open(path, os.O_RDONLY)
    try:
        content = os.read(file, 4096)
    finally:
        os.close(file)
    for line in content.splitlines():
        if line.split()[0] == key:
            return int(line.split()[1])
    return 0


class Version1(ControlGroup):
    """The controllers for memory, tasks and processor time, each in a hierarchy of its own."""

    name, door = "cgroups v1", "tasks"

    def __init__(self, memory_bytes: int, tasks: int):
        super().__init__()
        self.memory, self.pids, self.cpu = self.folders
        (self.memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
        with contextlib.suppress(OSError):  # a kernel that doesn't count what is swapped out
            (self.memory / "memory.memsw.limit_in_bytes").write_text(str(memory_bytes))
        (self.pids / "pids.max").write_text(str(tasks))

    @staticmethod
    @functools.cache
    def bases() -> list[Path]:
        return [_own("cgroup", name) for name in ("memory", "pids", "cpuacct")]

    def _cpu_s(self) -> float:
        return int((self.cpu / "cpuacct.usage").read_text()) / 1e9

    def _out_of_memory(self) -> int:
        return _entry(f"{self.memory}/memory.oom_control", b"oom_kill")

    def _out_of_tasks(self) -> int:
        return _entry(f"{self.pids}/pids.events", b"max")


class Version2(ControlGroup):
    """One folder for all controllers."""

    name, door = "cgroups v2", "cgroup.procs"

    def __init__(self, memory_bytes: int, tasks: int):
        super().__init__()
        (self.group,) = self.folders
        (self.group / "memory.max").write_text(str(memory_bytes))
        with contextlib.suppress(OSError):
            (self.group / "memory.swap.max").write_text("0")
        (self.group / "memory.oom.group").write_text("1")
        (self.group / "pids.max").write_text(str(tasks))

    @staticmethod
    @functools.cache
    def bases() -> list[Path]:
        base = _own("cgroup2", "")
        shared = base / "cgroup.subtree_control"
        if not {"memory", "pids"} <= set(shared.read_text().split()):
            if (
                base / "cgroup.type"
            ).exists():  # not the root: there, a group with processes can share nothing out
                others = set((base / "cgroup.procs").read_text().split()) - {str(os.getpid())}
                if others:
                    raise OSError(f"{base} has other processes")
                own = base / f"{OURS}{os.getpid()}-grade"
                own.mkdir(exist_ok=True)
                (own / "cgroup.procs").write_text(str(os.getpid()))
            shared.write_text("+memory +pids")
        return [base]

    def _cpu_s(self) -> float:
        return _entry(f"{self.group}/cpu.stat", b"usage_usec") / 1e6

    def _out_of_memory(self) -> int:
        return _entry(f"{self.group}/memory.events", b"oom_kill")

    def _out_of_tasks(self) -> int:
        return _entry(f"{self.group}/pids.events", b"max")


def _own(kind: str, controller: str) -> Path:
    """The folder of this process in the hierarchy of a controller; OSError if it is out of sight."""
    groups = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        groups |= dict.fromkeys(controllers.split(","), path)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, mounted = before.split()[3:5]
        if after.split()[0] == kind and controller in (*after.split()[2].split(","), ""):
            inside = os.path.relpath(groups[controller], root)
            if not inside.startswith(".."):
                return Path(mounted, inside)
    raise FileNotFoundError(f"no control groups for {controller or 'version 2'}")


@functools.cache
def ways() -> tuple[type[Account], ...]:
    """The ways of counting that there are on this machine, the best first; what a killed run left of them is removed."""
    found: list[type[Account]] = []
    for way in (Version2, Version1):
        with contextlib.suppress(OSError, KeyError, subprocess.SubprocessError):
            account = way(memory_bytes=50_000_000, tasks=16)
            try:
                subprocess.run([*account.entry(), SHELL, "-c", ":"], check=True, stderr=subprocess.DEVNULL)
            finally:
                account.close(None)
            _clear(way.bases())
            found.append(way)
    return (*found, Sampling)


def begin_in_scope(command: list[str]) -> None:
    """Where control groups of version 2 are systemd's to give, begin again in a scope in which they are ours.

    Returns where nothing is to be gained by that: where groups can be had already, where there are none of version 2, and
    where systemd gives none.

    Parameters
    ----------
    command : list of str
        This process's own; it takes this one's place.
    """
    if IN_SCOPE in os.environ or shutil.which("systemd-run") is None or ways()[0] is not Sampling:
        return
    scope = ["systemd-run", "--scope", "--quiet", "--collect", "--property=Delegate=yes"]
    scope += ["--user"] * (os.getuid() != 0)
    tried = subprocess.run([*scope, "true"], stdin=subprocess.DEVNULL, capture_output=True)
    if tried.returncode == 0:
        os.execvpe(scope[0], [*scope, *command], os.environ | {IN_SCOPE: "1"})


def _clear(bases: list[Path]) -> None:
    for base in bases:
        for folder in base.glob(f"{OURS}*-*"):
            if not psutil.pid_exists(int(folder.name.split("-")[1])):
                with contextlib.suppress(OSError):  # somebody is in it after all
                    folder.rmdir()
