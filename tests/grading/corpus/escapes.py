"""Code that reads, writes or calls what lies outside of its sandbox. If it does, its answer says so and has no points."""

from . import harm

ATTEMPT = """
import contextlib, os, socket, struct, subprocess, sys
found = []
{}
print(found)
"""


def escape(name, source):
    """The token, or whatever else ``found`` holds, becomes the answer to the question for a reason."""
    return harm(
        name, ATTEMPT.format(source.strip()), answers={"reason": "reason = ' '.join(map(str, found)) or 'B'"}
    )


def reads(name, *paths):
    """Try to read some files, and to list what stands where they should."""
    return escape(
        name,
        f"""
for path in [{", ".join(paths)}]:
    with contextlib.suppress(OSError):
        found += [path, open(path, "rb").read()]
    with contextlib.suppress(OSError):
        found += [path, os.listdir(path)]
""",
    )


def writes(name, *paths):
    """Try to make a file and to open one for writing; what works is undone."""
    return escape(
        name,
        f"""
for path in [{", ".join(paths)}]:
    with contextlib.suppress(OSError):
        made = os.path.join(path, bait["token"])
        open(made, "w").close()
        found.append(path)
        os.remove(made)
    with contextlib.suppress(OSError):
        open(path, "r+b").close()
        found.append(path)
    with contextlib.suppress(OSError):
        os.utime(path)
        found.append(path)
""",
    )


ITEMS = [
    reads(
        "reads-a-canary",
        "bait['canary']",
        "'/proc/1/root' + bait['canary']",
        "'/proc/self/root' + bait['canary']",
    ),
    reads("reads-the-gradebook", "bait['out']", "bait['gradebook']", "bait['gradebook'] + '-journal'"),
    reads("reads-the-solutions", "bait['solutions']", "'/course/solutions'", "'solutions'", "'../solutions'"),
    reads("reads-a-sibling", "bait['submissions']", "bait['sibling']"),
    reads("reads-the-home", "bait['home']", "bait['home'] + '/.ssh/id'"),
    escape(
        "reads-the-environment",
        """
environments = [repr(dict(os.environ))]
for pid in filter(str.isdigit, os.listdir("/proc")):
    for what in ("environ", "cmdline"):
        with contextlib.suppress(OSError):
            environments.append(open(f"/proc/{pid}/{what}", "rb").read(1_000_000).decode("latin-1"))
found += [text for text in environments if "GOSSIPKIT_CANARY" in text]
""",
    ),
    escape(
        "sees-other-processes",
        "found += [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) > 1000]\n"
        "with contextlib.suppress(OSError):\n    os.kill(bait['pid'], 0)\n    found += [bait['pid']] * (bait['pid'] > 1000)",
    ),
    reads(
        "walks-through-links",
        "os.path.join('/proc/self/cwd', '..', bait['canary'].lstrip('/'))",
        "'/proc/self/fd/0/../..' + bait['canary']",
    ),
    escape(
        "makes-a-link",
        """
os.symlink(bait["canary"], "/tmp/link")
with contextlib.suppress(OSError):
    found.append(open("/tmp/link").read())
with contextlib.suppress(OSError):
    os.link(bait["canary"], "/tmp/hard")
    found.append("/tmp/hard")
for name in ("link", "hard"):
    with contextlib.suppress(OSError):
        os.remove(f"/tmp/{name}")
""",
    ),
    escape(
        "connects-to-a-listener",
        """
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "0.0.0.0")):
    with contextlib.suppress(OSError), socket.socket(family) as link:
        link.settimeout(2)
        link.connect((host, bait["port"]))
        found.append(host)
""",
    ),
    escape(
        "sends-a-packet",
        """
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
    link.sendto(bait["token"].encode(), ("127.0.0.1", bait["port"]))
with contextlib.suppress(OSError):
    found += socket.getaddrinfo("gossipkit.invalid", 80)
with contextlib.suppress(OSError):
    found += [name for _, name in socket.if_nameindex() if name != "lo"]
""",
    ),
    escape(
        "connects-to-an-abstract-socket",
        """
for address in ("\\0" + bait["token"], bait["socket"]):
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
        link.settimeout(2)
        link.connect(address)
        found.append(address)
""",
    ),
    writes(
        "writes-into-the-course",
        "bait['course']",
        "bait['solutions']",
        "'/course/gossipkit'",
        "'/course/gossipkit/grading/properties.py'",
    ),
    writes(
        "writes-into-the-results",
        "bait['out']",
        "bait['gradebook']",
        "bait['submissions']",
        "bait['sibling']",
    ),
    writes(
        "writes-into-the-system",
        "'/'",
        "'/usr'",
        "'/usr/bin'",
        "'/usr/bin/env'",
        "'/etc'",
        "'/dev'",
        "'/var'",
    ),
    writes(
        "writes-into-the-installation",
        "sys.prefix",
        "os.path.dirname(os.__file__)",
        "os.path.dirname(__import__('numpy').__file__)",
        "__import__('json').__file__",
        "__import__('gossipkit').__file__",
    ),
    escape(
        "leaves-files-for-the-next",
        """
import tempfile
for folder in ("/tmp", "/dev/shm", tempfile.gettempdir(), os.path.expanduser("~")):
    with contextlib.suppress(OSError):
        open(os.path.join(folder, bait["token"]), "w").close()
""",
    ),
    escape(
        "becomes-root",
        """
import ctypes
library = ctypes.CDLL(None, use_errno=True)
for flags in (0x10000000, 0x10000000 | 0x00020000, 0x00020000):
    if library.unshare(flags) == 0:
        found.append(f"unshare {flags:#x}")
os.mkdir("/tmp/mounted")
if library.mount(b"none", b"/tmp/mounted", b"tmpfs", 0, None) == 0:
    found.append("mount")
if library.chroot(b"/proc/1/root") == 0:
    found.append("chroot")
with contextlib.suppress(OSError):
    os.setuid(0) if os.getuid() else os.setuid(1)
    found.append("setuid")
with contextlib.suppress(OSError):
    os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0))
    found.append("mknod")
    os.remove("/tmp/disk")
""",
    ),
    escape(
        "raises-its-limits",
        """
import resource
for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE"):
    soft, hard = resource.getrlimit(getattr(resource, name))
    if hard == resource.RLIM_INFINITY:
        found.append(name)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(getattr(resource, name), (hard + 1, hard + 1))
        found.append(name)
""",
    ),
    harm("commands", "path = bait['canary']\n!cat {path}; ls -la /proc/self/fd"),
    harm("bash", "%%bash\nenv; cat /proc/*/environ; (sleep 50 >/dev/null 2>&1 &)"),
]
