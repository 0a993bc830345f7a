"""Code that asks the kernel for what no submission needs, or holds what was once not counted; and code that looks like it."""

from . import ECHO, harm
from .escapes import escape, reads
from .limits import ROUND, called

CALLS = """
import ctypes, platform
library = ctypes.CDLL(None, use_errno=True)
numbers = {  # on x86-64, and on 64-bit ARM
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282),
    "clone": (56, 220), "clone3": (435, 435), "unshare": (272, 97), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "io_uring_setup": (425, 425), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
}
def call(name, *values):
    number = numbers[name][platform.machine() == "aarch64"]
    return library.syscall(ctypes.c_long(number), *map(ctypes.c_void_p, values))
"""


def asks(name, source):
    """Ask the kernel by number, past every library; ``found`` holds what was granted."""
    return escape(name, CALLS + source.strip())


MEMORY_FILES = """
import os, time
kept = []
for number in range(15):
    kept.append(os.memfd_create(str(number)))
    for _ in range(60):
        os.write(kept[-1], b"x" * 1_000_000)
time.sleep(20)
"""

ITEMS = [
    # what was not counted
    called("files-in-memory", MEMORY_FILES, ungraded=ROUND, reason="GB of memory"),
    harm(
        "files-in-memory-of-a-child",
        f"import os\nif os.fork() == 0:\n    exec({MEMORY_FILES!r})\n    os._exit(0)\nos.wait()",
    ),
    called(
        "files-in-memory-mapped-and-closed",
        """
import mmap, os, time
kept = []
for number in range(15):
    file = os.memfd_create(str(number))
    os.ftruncate(file, 60_000_000)
    kept.append(mmap.mmap(file, 60_000_000))
    os.close(file)
    for _ in range(60):
        kept[-1].write(b"x" * 1_000_000)
time.sleep(20)
""",
        ungraded=ROUND,
        reason="GB of memory",
    ),
    harm(
        "segments-of-system-v",
        """
import ctypes, time
library = ctypes.CDLL(None)
library.shmat.restype = ctypes.c_void_p
library.shmat.argtypes, library.shmdt.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int], [ctypes.c_void_p]
for _ in range(9):
    key = library.shmget(0, 100_000_000, 0o1600)
    assert key >= 0, "refused"
    place = library.shmat(key, None, 0)
    ctypes.memset(place, 1, 100_000_000)
    library.shmdt(place)
time.sleep(20)
""",
    ),
    called(
        "processor-time-of-short-lives",
        """
import os, time
until = time.time() + 50
while time.time() < until:
    if os.fork() == 0:
        while time.process_time() < 0.4:
            pass
        os._exit(0)
    os.wait()
""",
        ungraded=ROUND,
        reason="of processor time",
    ),
    # what is refused
    asks(
        "reads-keys",
        """
for keyring in (-1, -2, -3, -4, -5):
    if call("keyctl", 0, keyring, 0) > 0:  # its number
        found.append(f"keyring {keyring}")
    if call("keyctl", 11, keyring, None, 0) >= 0:  # what is in it
        found.append(f"read {keyring}")
for path in ("/proc/keys", "/proc/key-users", "/proc/1/keys"):
    with contextlib.suppress(OSError):
        found += open(path)
""",
    ),
    asks(
        "leaves-a-key",
        """
for keyring in (-3, -4, -5):
    if call("add_key", b"user", bait["token"].encode(), b"x", 1, keyring) >= 0:
        found.append(f"key in {keyring}")
if call("request_key", b"user", bait["token"].encode(), None, 0) >= 0:
    found.append("key found")
""",
    ),
    asks(
        "makes-a-ring",
        """
parameters = ctypes.create_string_buffer(120)
if call("io_uring_setup", 4, ctypes.cast(parameters, ctypes.c_void_p).value) >= 0:
    found.append("io_uring")
""",
    ),
    asks(
        "traces-its-child",
        """
import signal, time
child = os.fork()
if child == 0:
    time.sleep(5)
    os._exit(0)
for request in (16, 0x4206):  # attach, seize
    if call("ptrace", request, child, 0, 0) == 0:
        found.append(f"ptrace {request:#x}")
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
if call("ptrace", 0, 0, 0, 0) == 0:
    found.append("traced")
""",
    ),
    asks(
        "reads-another-memory",
        """
import time
secret = ctypes.create_string_buffer(b"kept")
child = os.fork()
if child == 0:
    time.sleep(5)
    os._exit(0)
here = (ctypes.c_size_t * 2)(ctypes.addressof(secret), 4)
place = ctypes.addressof(here)
if call("process_vm_readv", child, place, 1, place, 1, 0) >= 0:
    found.append("read")
handle = call("pidfd_open", child, 0)
if handle >= 0 and call("pidfd_getfd", handle, 0, 0) >= 0:
    found.append("file")
os.kill(child, 9)
os.waitpid(child, 0)
""",
    ),
    asks(
        "looks-into-the-kernel",
        """
event = ctypes.create_string_buffer(128)
event[4] = 128  # its size; counts this process's own instructions
if call("perf_event_open", ctypes.addressof(event), 0, -1, -1, 0) >= 0:
    found.append("perf")
table = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # an array map with one entry
if call("bpf", 0, ctypes.addressof(table), 128) >= 0:
    found.append("bpf")
if call("userfaultfd", 1) >= 0:
    found.append("userfaultfd")
""",
    ),
    asks(
        "makes-namespaces",
        """
for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
    if call("unshare", flag) == 0:
        found.append(f"unshare {flag:#x}")
    child = call("clone", flag | 17, None, None, None, None)
    if child == 0:
        os._exit(0)
    if child > 0:
        found.append(f"clone {flag:#x}")
        os.waitpid(child, 0)
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
child = call("clone3", ctypes.addressof(arguments), 88)
if child == 0:
    os._exit(0)
if child > 0:
    found.append("clone3")
""",
    ),
    asks(
        "opens-by-handle",
        """
handle = ctypes.create_string_buffer(136)
handle[0] = 128
mount = ctypes.c_int()
top = os.open("/usr/bin", os.O_RDONLY)
call("name_to_handle_at", -100, b"/usr/bin", ctypes.addressof(handle), ctypes.addressof(mount), 0)
if call("open_by_handle_at", top, ctypes.addressof(handle), os.O_RDONLY) >= 0:
    found.append("handle")
""",
    ),
    escape(
        "other-sockets",
        """
for family in set(range(1, 46)) - {1, 2, 10}:
    for kind in (1, 2, 3, 5):
        with contextlib.suppress(OSError), socket.socket(family, kind, 0):
            found.append(f"family {family}")
for protocol in (1, 33, 58, 132, 136, 255, 262):
    for kind in (1, 2, 3):
        with contextlib.suppress(OSError), socket.socket(2, kind, protocol):
            found.append(f"protocol {protocol}")
""",
    ),
    escape(
        "who-else-is-on-the-machine",
        """
import grp, pwd
found += [one for one in [*pwd.getpwall(), *grp.getgrall()] if one[0] != "student"]
found += [path for path in ("/etc/passwd", "/etc/group", "/etc") if os.access(path, os.W_OK)]
""",
    ),
    reads(
        "reads-the-system",
        *(
            "'/etc/shadow'",
            "'/etc/hostname'",
            "'/etc/ssh'",
            "'/var/log'",
            "'/srv'",
            "'/boot'",
        ),
        *("'/usr/src'", "'/usr/local/src'", "'/sys/fs/cgroup'", "'/run'", "'/sys/kernel'"),
    ),
    escape(
        "leaves-its-control-group",
        """
for folder in ("/sys/fs/cgroup", "/tmp/groups"):
    with contextlib.suppress(OSError):
        os.makedirs(f"{folder}/memory/{bait['token']}", exist_ok=folder == "/sys/fs/cgroup")
        if folder == "/sys/fs/cgroup":
            found.append(folder)
found += [line for line in open("/proc/self/mountinfo") if "cgroup" in line]
import shutil
shutil.rmtree("/tmp/groups", ignore_errors=True)
""",
    ),
    # odd, and right
    harm(
        "a-pool-that-shares",
        answers={
            "reason": """
import multiprocessing
data = bytearray(b"x") * 120_000_000
def look(place):
    return sum(data[place::4096]) > 0
with multiprocessing.Pool(20) as pool:
    reason = "B" if all(pool.map(look, range(40))) else "Z"
del data
"""
        },
    ),
    harm(
        "a-map-that-many-read",
        answers={
            "reason": """
import mmap, os
kept = mmap.mmap(-1, 150_000_000)
for _ in range(150):
    kept.write(b"x" * 1_000_000)
for _ in range(12):
    if os.fork() == 0:
        os._exit(not sum(kept[::4096]))
reason = "B" if all(os.wait()[1] == 0 for _ in range(12)) else "Z"
kept.close()
"""
        },
    ),
    harm(
        "a-server-of-its-own",
        answers={"reason": ECHO + "reason = (await asked(b'B\\n')).decode().strip()"},
    ),
    harm(
        "gossip-over-datagrams",
        answers={
            "reason": """
import socket, threading
members = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5)]
for member in members:
    member.bind(("127.0.0.1", 0))
    member.settimeout(20)
def tell(place):
    said = members[place].recv(100)
    if place:
        members[place].sendto(said, members[place - 1].getsockname())
    else:
        heard.append(said.decode())
heard = []
threads = [threading.Thread(target=tell, args=(place,)) for place in range(5)]
for thread in threads:
    thread.start()
members[0].sendto(b"B", members[4].getsockname())
for thread in threads:
    thread.join()
reason = heard[0]
"""
        },
    ),
    harm(
        "a-manager-and-locks",
        answers={
            "reason": """
import multiprocessing
with multiprocessing.Manager() as manager:
    said, lock = manager.list(), multiprocessing.Lock()
    def say():
        with lock:
            said.append("B")
    children = [multiprocessing.Process(target=say) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    (reason,) = set(said)
"""
        },
    ),
    harm(
        "many-threads",
        answers={
            "reason": """
import threading
go, said = threading.Event(), []
def wait():
    go.wait()
    said.append("B")
threads = [threading.Thread(target=wait) for _ in range(100)]
for thread in threads:
    thread.start()
go.set()
for thread in threads:
    thread.join()
(reason,) = set(said)
"""
        },
    ),
    harm(
        "a-block-of-shared-memory",
        answers={
            "reason": """
from multiprocessing import Process, shared_memory
block = shared_memory.SharedMemory(create=True, size=1000)
def put(name):
    other = shared_memory.SharedMemory(name)
    other.buf[0] = ord("B")
    other.close()
child = Process(target=put, args=(block.name,))
child.start()
child.join()
reason = chr(block.buf[0])
block.close()
block.unlink()
"""
        },
    ),
    harm(
        "commands-in-a-row",
        answers={
            "reason": """
import subprocess
first = subprocess.Popen(["printf", "A\\\\nB\\\\nC\\\\n"], stdout=subprocess.PIPE)
reason = subprocess.run(["sed", "-n", "2p"], stdin=first.stdout, capture_output=True, text=True).stdout.strip()
"""
        },
    ),
]
