"""What a confined process sees, may ask of the kernel and may take; and what goes on working in there."""

import ctypes
import errno
import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gossipkit.grading import accounts, probe, syscalls, view
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.grade import MARKER, grade
from gossipkit.grading.sandbox import Confined, Limits, Stopped, require_sandbox

from .corpus import ECHO

LIMITS = Limits(cpu_s=5, wall_s=60, memory_bytes=400_000_000, processes=64)
WAYS = accounts.ways()
IDS = [way.name for way in WAYS]


def ran(source, limits=LIMITS, hidden=()):
    """What a cell printed in the sandbox; what it raised is raised here."""
    with Confined("gossipkit.grading.student", limits, True, threading.Event(), hidden) as student:
        said = student.ask({"do": "cell", "source": source})
    assert said["raised"] is None, said["raised"]
    return said["output"].strip()


@pytest.fixture(params=WAYS, ids=IDS)
def counted(request, sandbox, monkeypatch):
    """One after the other, each way of counting that this machine has."""
    monkeypatch.setattr(accounts, "ways", lambda: (request.param,))
    return request.param


# what is taken


TOO_MUCH = {
    "its own": "kept = [bytearray(b'x') * 50_000_000 for _ in range(20)]",
    "children's": """
import os, time
for _ in range(3):
    if os.fork() == 0:
        kept = bytearray(b"x") * 250_000_000
        time.sleep(30)
        os._exit(0)
for _ in range(3):
    os.wait()
""",
    "files in memory": """
import os, time
kept = []
for number in range(10):
    kept.append(os.memfd_create(str(number)))
    for _ in range(60):
        os.write(kept[-1], b"x" * 1_000_000)
time.sleep(30)
""",
    "files in memory, one mapped": """
import mmap, os, time
kept = []
for number in range(10):
    kept.append(os.memfd_create(str(number)))
    for _ in range(60):
        os.write(kept[-1], b"x" * 1_000_000)
seen = mmap.mmap(kept[0], 60_000_000)
sum(seen[::4096])
time.sleep(30)
""",
    "shared": """
import mmap, time
kept = mmap.mmap(-1, 600_000_000)
for _ in range(600):
    kept.write(b"x" * 1_000_000)
time.sleep(30)
""",
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_memory_of_every_kind_is_counted(counted, source):
    with pytest.raises(Stopped, match=r"took more than 0\.4 GB of memory"):
        ran(source)


SEGMENTS = """
import ctypes, time
library = ctypes.CDLL(None, use_errno=True)
library.shmat.restype = ctypes.c_void_p
library.shmat.argtypes, library.shmdt.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int], [ctypes.c_void_p]
for _ in range(9):
    key = library.shmget(0, 80_000_000, 0o1600)
    if key < 0:
        raise OSError(ctypes.get_errno(), "no segment")
    place = library.shmat(key, None, 0)
    ctypes.memset(place, 1, 80_000_000)
    library.shmdt(place)
time.sleep(30)
"""


def test_segments_of_system_v_are_counted_or_refused(counted):
    if counted.system_v:
        with pytest.raises(Stopped, match="GB of memory"):
            ran(SEGMENTS)
    else:
        with pytest.raises(AssertionError, match=f"Errno {errno.ENOSYS}"):
            ran(SEGMENTS)


@pytest.mark.parametrize(
    "source",
    [
        """
import multiprocessing
data = bytearray(b"x") * 100_000_000
def look(place):
    return sum(data[place::4096])
with multiprocessing.Pool(40) as pool:
    print(sum(pool.map(look, range(80))) > 0)
""",
        """
import mmap, os
kept = mmap.mmap(-1, 200_000_000)
for _ in range(200):
    kept.write(b"x" * 1_000_000)
for _ in range(12):
    if os.fork() == 0:
        sum(kept[::4096])
        os._exit(0)
print(all(os.wait()[1] == 0 for _ in range(12)))
""",
    ],
    ids=["a pool of 40", "a shared map"],
)
def test_what_is_shared_is_counted_once(counted, source):
    assert ran(source, Limits(memory_bytes=700_000_000)) == "True"


def test_processes_and_processor_time_are_counted(counted):
    with pytest.raises(Stopped, match="started more than 64 processes"):
        ran("import os, time\nfor _ in range(100):\n    os.fork() or time.sleep(30)\ntime.sleep(30)")
    with pytest.raises(Stopped, match="of processor time"):
        ran("import os\nfor _ in range(3):\n    os.fork()\nwhile True:\n    pass", Limits(cpu_s=2))


def test_time_on_the_clock_is_counted():
    limits = Limits(cpu_s=50, wall_s=1, memory_bytes=LIMITS.memory_bytes, processes=LIMITS.processes)
    with (
        pytest.raises(Stopped, match="had not ended after 1 s"),
        Confined("gossipkit.grading.student", limits, False, threading.Event()) as student,
    ):
        student.ask({"do": "cell", "source": "import time\ntime.sleep(5)"})


@pytest.mark.parametrize(
    ("cpu_s", "wall_s", "memory_bytes", "processes", "verdict"),
    [
        (5, 60, 400_000_000, 64, ""),
        (5.1, 0, 0, 1, "ran for more than 5 s of processor time"),
        (0, 60.1, 0, 1, "had not ended after 60 s"),
        (0, 0, 400_000_001, 1, "took more than 0.4 GB of memory"),
        (0, 0, 0, 65, "started more than 64 processes"),
    ],
)
def test_each_limit_is_reached_before_it_is_passed(cpu_s, wall_s, memory_bytes, processes, verdict):
    with Confined("gossipkit.grading.student", LIMITS, False, threading.Event()) as student:
        taken = accounts.Taken(cpu_s, memory_bytes, processes)
        assert student._beyond(cpu_s, wall_s, taken) == verdict


def test_the_first_verdict_stands():
    with Confined("gossipkit.grading.student", LIMITS, False, threading.Event()) as student:
        student.stop("took too much")
        student._kill("was called off")  # as the watch does that still looks
    assert student.verdict == "took too much"


def test_children_that_are_gone_have_used_processor_time(counted):
    burn = "import os, time\nwhile True:\n    if os.fork() == 0:\n        until = time.process_time() + 0.3\n"
    burn += "        while time.process_time() < until:\n            pass\n        os._exit(0)\n    os.wait()"
    with pytest.raises(Stopped, match="of processor time"):
        ran(burn, Limits(cpu_s=2))


def groups():
    """The control groups of this process's runs that there are; others run at the same time."""
    bases = {base for way in WAYS if way is not accounts.Sampling for base in way.bases()}
    return {folder for base in bases for folder in base.glob(f"{accounts.OURS}{os.getpid()}-*")}


def test_no_control_group_is_left_behind(sandbox):
    before = groups()
    ran("1")
    with pytest.raises(Stopped, match="ended the process"):
        ran("import os\nos.fork()\nos._exit(0)")
    assert groups() <= before


def test_a_process_that_ends_unasked_leaves_no_control_group(sandbox):
    before = groups()
    student = Confined("gossipkit.grading.student", LIMITS, True, threading.Event())
    student.process.stdin.close()
    until = time.monotonic() + 60
    while not groups() <= before and time.monotonic() < until:
        time.sleep(0.05)
    assert groups() <= before
    student.stop()


def test_what_the_kernel_refused_is_known_after_the_group_is_gone(sandbox):
    for way in WAYS:
        if way is not accounts.Sampling:
            account = way(memory_bytes=30_000_000, tasks=16)
            hog = [sys.executable, "-c", "bytearray(b'x') * 100_000_000"]
            assert subprocess.run([*account.entry(), *hog]).returncode
            account.close(None)
            assert account.refused() == "memory"


def test_what_a_killed_run_left_is_removed_by_the_next(sandbox):
    bases = {base for way in WAYS if way is not accounts.Sampling for base in way.bases()}
    left = [base / f"{accounts.OURS}99999999-1" for base in bases]
    for folder in left:
        folder.mkdir()
    accounts.ways.cache_clear()
    assert accounts.ways() == WAYS
    assert not [folder for folder in left if folder.exists()]


# what is seen


@pytest.fixture
def course(root, tmp_path):
    """A course below a folder of the system that the sandbox mounts."""
    home = Path("/usr/local/share", f"gossipkit-test-{secrets.token_hex(4)}")
    try:
        home.mkdir()
    except OSError:
        pytest.skip("/usr/local/share: it can't be written here")
    shutil.copytree(
        root / "solutions", home / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    yield home
    shutil.rmtree(home)


SEEN = "import os\nprint([path for path in {} if os.path.lexists(path)])"


def test_a_course_below_a_mounted_folder_is_masked(sandbox, course):
    solution = course / "solutions" / "epidemics" / "epidemics.ipynb"
    assert ran(SEEN.format([str(solution)])) == str([str(solution)]), "it would be seen"
    require_sandbox({course: "the course"})
    assert ran(SEEN.format([str(solution), str(course / "solutions")]), hidden=[course]) == "[]"
    require_sandbox({solution: "one solution"})
    with pytest.raises(AssertionError, match="PermissionError"):
        ran(f"open({str(solution)!r})", hidden=[solution])
    told = f"open({str(course / 'mine')!r}, 'w')"
    with pytest.raises(AssertionError, match="Read-only"):
        ran(told, hidden=[course])


def test_grading_masks_the_course_the_marks_and_the_submissions(
    sandbox, course, class_of, way, monkeypatch, tmp_path
):
    submissions = course / "submissions"
    submissions.mkdir()
    students = class_of("epidemics", submissions, quick=True)
    places = [str(course / name) for name in ("solutions", "submissions", "marks")]
    look = f"import os\nreason = 'B' if not any(map(os.path.exists, {places})) else 'Z'"
    students.hand_in("mallory.ipynb", reason=lambda source: look)
    (result,) = grade(submissions, course / "marks", assignments(course, ["epidemics"]), way)
    assert {mark.task: mark.points for mark in result.marks}["2-explained"] == 1

    honest = view.mounts
    monkeypatch.setattr(view, "mounts", lambda hidden: honest([]))
    out = course / "other"
    with pytest.raises(GradingError, match=f"the course and its solutions.*{course}"):
        grade(submissions, out, assignments(course, ["epidemics"]), way)
    assert not out.exists(), "nothing was begun"
    class_of("dynamo", submissions).hand_in("ann-dynamo.ipynb")
    kept = {path: path.read_bytes() for path in (course / "marks").rglob("*") if path.is_file()}
    with pytest.raises(GradingError, match=f"the course and its solutions.*{course}"):
        grade(submissions, course / "marks", assignments(course, ["epidemics", "dynamo"]), way)
    assert {path: path.read_bytes() for path in (course / "marks").rglob("*") if path.is_file()} == kept


def test_the_sandbox_is_tried_once_when_there_is_something_to_hide(
    sandbox, tmp_path, batch, way, root, monkeypatch
):
    tried = []
    honest = subprocess.run

    def run(command, **named):
        tried.extend([json.loads(named["input"])["paths"]] if probe.__name__ in command else [])
        return honest(command, **named)

    monkeypatch.setattr(subprocess, "run", run)
    folder = batch("submissions")
    folder.hand_in("ada.ipynb")
    grade(folder.path, tmp_path / "out", assignments(root, ["epidemics"]), way)
    (paths,) = tried
    assert str(tmp_path / "out" / MARKER) in paths and str(folder.path / "ada.ipynb") in paths


def test_a_virtual_environment_that_is_the_courses_folder_shows_only_what_python_needs(
    sandbox, tmp_path, monkeypatch
):
    course = tmp_path / "course"
    for name in ("bin", "lib/submissions", "solutions"):
        (course / name).mkdir(parents=True)
        (course / name / "file").touch()
    packages = Path(sysconfig.get_path("purelib"))
    (course / packages.relative_to(sys.prefix)).parent.mkdir()
    (course / packages.relative_to(sys.prefix)).symlink_to(packages)
    (course / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), course)
    monkeypatch.setattr(sys, "prefix", str(course))
    monkeypatch.setattr(sys, "executable", str(course / "bin" / "python"))
    view._shown.cache_clear()
    try:
        hidden = {course: "the course", course / "lib" / "submissions": "the submissions"}
        require_sandbox({course / "lib" / "submissions": "the submissions"})
        files = [str(course / name / "file") for name in ("bin", "lib/submissions", "solutions")]
        assert ran(SEEN.format(files), hidden=[course / "lib" / "submissions"]) == str(files[:1])
        assert set(view.secrets(hidden).values()) == {"the course", "the submissions"}
        require_sandbox(hidden)
    finally:
        view._shown.cache_clear()


def test_homes_are_not_seen(sandbox, tmp_path, monkeypatch):
    home = Path("/usr/local/share", f"gossipkit-test-{secrets.token_hex(4)}")
    try:
        (home / ".ssh").mkdir(parents=True)
    except OSError:
        pytest.skip("/usr/local/share: it can't be written here")
    try:
        assert ran(SEEN.format([str(home / ".ssh")])) != "[]", "it would be seen"
        monkeypatch.setenv("HOME", str(home))
        require_sandbox()
        assert ran(SEEN.format([str(home / ".ssh")])) == "[]"
    finally:
        shutil.rmtree(home)


def test_without_libseccomp_grading_refuses_and_names_the_remedy(sandbox, monkeypatch):
    monkeypatch.setattr(syscalls, "LIBRARY", "libseccomp.so.0")
    syscalls._library.cache_clear()
    try:
        with pytest.raises(GradingError, match="apt install bubblewrap libseccomp2"):
            require_sandbox()
    finally:
        syscalls._library.cache_clear()


def test_a_sandbox_without_its_filter_is_refused(sandbox, monkeypatch):
    # an empty filter: one instruction that allows everything (BPF_RET, SECCOMP_RET_ALLOW)
    monkeypatch.setattr(syscalls, "refusals", lambda system_v: b"\x06\0\0\0\0\0\xff\x7f")
    keyctl = syscalls.number("keyctl")
    if not probe.keyrings(keyctl):
        pytest.skip("the kernel's keys: there are none here")
    with pytest.raises(GradingError, match=probe.KEPT_KEYS):
        require_sandbox()


# what is asked of the kernel


def asked(*calls):
    """The error, by its name, of system calls in the sandbox; ``fine`` where there is none."""
    lines = ["import ctypes, errno", "library = ctypes.CDLL(None, use_errno=True)"]
    for name, *arguments in calls:
        given = ", ".join(f"ctypes.c_long({value})" for value in arguments)
        lines.append(
            f"answer = library.syscall(ctypes.c_long({syscalls.number(name)}), {given})\n"
            "print('fine' if answer >= 0 else errno.errorcode[ctypes.get_errno()])"
        )
    return ran("\n".join(lines)).split()


# what each of these says to an ordinary process is something else
REFUSED = {
    "ptrace": (0,),  # PTRACE_TRACEME
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "process_vm_writev": (1, 0, 0, 0, 0, 0),
    "keyctl": (0, -3, 0),  # the session keyring
    "add_key": (0, 0, 0, 0, -3),
    "request_key": (0, 0, 0, 0),
    "perf_event_open": (0, 0, -1, -1, 0),
    "bpf": (99, 0, 0),
    "userfaultfd": (1,),  # UFFD_USER_MODE_ONLY
    "unshare": (0,),
    "setns": (-1, 0),
    "mount": (0, 0, 0, 0, 0),
    "fsopen": (0, 0),
    "open_tree": (-1, 0, 99),
    "open_by_handle_at": (-1, 0, 0),
    "kexec_load": (0, 0, 0, 99),
    "pidfd_getfd": (-1, 0, 0),
    "kcmp": (1, 1, 99, 0, 0),
    "chroot": (0,),
    "syslog": (3, 0, 0),
}


def test_what_a_submission_has_no_use_for_may_not_be_asked(sandbox):
    assert set(REFUSED) <= set(syscalls.MAY_NOT)
    got = asked(*((name, *arguments) for name, arguments in REFUSED.items()))
    assert dict(zip(REFUSED, got, strict=True)) == dict.fromkeys(REFUSED, "EPERM")


def test_what_programs_do_without_is_not_there(sandbox):
    assert set(asked(*((name, 0, 0, 0) for name in syscalls.HAS_NOT))) == {"ENOSYS"}


def test_no_namespace_is_made(sandbox):
    SIGCHLD = 17
    assert set(asked(*(("clone", flag | SIGCHLD, 0) for flag in syscalls.NEW_NAMESPACES))) == {"EPERM"}


def test_sockets_are_local_or_internet_ones(sandbox):
    others = [family for family in range(1, 46) if family not in (1, 2, 10)]
    for call in ("socket", "socketpair"):
        told = asked(*((call, family, 1, 0, 0) for family in (*others, 1 << 32 | 16, -1)))
        assert set(told) == {"EAFNOSUPPORT"}
    assert (
        asked(("socket", 2, 1, 132), ("socket", 2, 1, 262)) == ["EPROTONOSUPPORT"] * 2
    )  # SCTP, multipath TCP
    assert asked(("socket", 1, 1, 0), ("socket", 2, 1, 6), ("socket", 10, 2, 17)) == ["fine"] * 3


def call(name, *arguments):
    return ctypes.CDLL(None, use_errno=True).syscall(syscalls.number(name), *arguments)


def test_the_instructors_keys_stay_behind(sandbox, monkeypatch):
    ADD_LINK, READ, DESCRIPTION = -3, 11, b"gossipkit-test"

    def with_a_key():
        # in a session of this thread's own, so that nobody's is touched
        if call("keyctl", syscalls.JOIN_SESSION_KEYRING, None) < 0:
            pytest.skip("the kernel's keys: there are none here")
        serial = call("add_key", b"user", DESCRIPTION, b"secret", 6, ADD_LINK)
        assert serial > 0
        assert call("keyctl", READ, serial, None, 0) == 6, "the instructor reads it"
        reading = (
            "import ctypes\nlibrary = ctypes.CDLL(None)\n"
            f"print(library.syscall({syscalls.number('keyctl')}, {READ}, {serial}, None, 0),\n"
            f"    library.syscall({syscalls.number('request_key')}, b'user', {DESCRIPTION}, None, 0))"
        )
        filtered = ran(reading)
        monkeypatch.setattr(syscalls, "refusals", lambda system_v: b"\x06\0\0\0\0\0\xff\x7f")
        return filtered, ran(reading)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(with_a_key).result() == ("-1 -1", "-1 -1"), "with the filter, and without it"


def test_the_kernels_lists_of_keys_are_masked(sandbox):
    lists = ["/proc/keys", "/proc/key-users"]
    reads = (
        f"import os\nfor path in {lists}:\n    if os.access(path, os.R_OK):\n        print(open(path).read())"
    )
    with pytest.raises(AssertionError, match="PermissionError"):
        print(ran(reads))


# what goes on working


WORKS = {
    "commands": "import subprocess\nassert subprocess.run(['sh', '-c', 'echo a | tr a b'], capture_output=True).stdout == b'b\\n'",
    "bash": "%%bash\nfor n in 1 2; do (echo $n) & done; wait",
    "threads": "from concurrent.futures import ThreadPoolExecutor as P\nassert sum(P(20).map(abs, range(100))) == 4950",
    "processes": "from concurrent.futures import ProcessPoolExecutor as P\nassert sum(P(2).map(abs, range(9))) == 36",
    "a manager": """
import multiprocessing
with multiprocessing.Manager() as manager:
    kept = manager.dict(a=1)
    child = multiprocessing.Process(target=kept.update, args=({"b": 2},))
    child.start(); child.join()
    assert dict(kept) == {"a": 1, "b": 2}
""",
    "queues and locks": """
import multiprocessing
queue, lock = multiprocessing.Queue(), multiprocessing.Lock()
def put():
    with lock:
        queue.put(1)
child = multiprocessing.Process(target=put)
child.start()
assert queue.get(timeout=30) == 1
child.join()
""",
    "shared memory": """
from multiprocessing import shared_memory
block = shared_memory.SharedMemory(create=True, size=1_000_000)
block.buf[0] = 1
block.close(); block.unlink()
""",
    "asyncio": ECHO
    + """
assert await asked(b"rumour\\n") == b"rumour\\n"
child = await asyncio.create_subprocess_exec("true")
assert await child.wait() == 0
assert await asyncio.to_thread(abs, -1) == 1
""",
    "datagrams": """
import socket
one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
one.bind(("127.0.0.1", 0))
one.settimeout(30)
other.sendto(b"gossip", one.getsockname())
assert one.recv(100) == b"gossip"
""",
    "local sockets": "import socket\na, b = socket.socketpair()\na.send(b'x')\nassert b.recv(1) == b'x'",
    "numpy": "import numpy as np\nassert np.allclose(np.linalg.inv(np.eye(300) * 2), np.eye(300) / 2)",
    "matplotlib": """
import io
from matplotlib import pyplot
pyplot.plot([1, 2]); pyplot.title("Überall")
pyplot.savefig(io.BytesIO(), format="png")
""",
    "files": "import tempfile\nwith tempfile.NamedTemporaryFile() as file:\n    file.write(b'x')",
    "a database": "import sqlite3\nassert sqlite3.connect(':memory:').execute('select 1').fetchone() == (1,)",
    "time zones": "import zoneinfo\nzoneinfo.ZoneInfo('Europe/Berlin')",
    "signals": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: None)\nsignal.alarm(1)\nsignal.pause()",
    "polling": "import select, os\nr, w = os.pipe()\np = select.epoll()\np.register(r)\nos.write(w, b'x')\nassert p.poll(5)",
    "entropy": "import secrets, ssl, uuid, hashlib\nuuid.uuid1(); secrets.token_hex(); hashlib.sha256(b'').digest()",
    "the course": "from gossipkit.gossip import spread\nspread(50, mode='push', fanout=2, trials=5, seed=1)",
}


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS)
def test_ordinary_programs_go_on(sandbox, source):
    ran(source)


def test_the_limit_on_tasks_ends_no_ordinary_program(counted):
    lines = "import threading\ngo = threading.Event()\nall_ = [threading.Thread(target=go.wait) for _ in range(300)]"
    ran(f"{lines}\nfor one in all_:\n    one.start()\ngo.set()\nfor one in all_:\n    one.join()", Limits())
