"""Code that takes too much, dies, or refuses to."""

from . import ROUND, Item, harm

ROUND = frozenset(ROUND)
FOREVER = "import time\nuntil = time.time() + 60\nwhile time.time() < until:\n    "


def called(name: str, body: str, **expected) -> Item:
    """Right answers but for `one_round`, whose body is this."""
    lines = "\n".join("    " + line for line in body.splitlines())
    return harm(name, answers={"one-round": f"def one_round(knows, calls, mode):\n{lines}"}, **expected)


ITEMS = [
    harm("infinite-loop", FOREVER + "pass"),
    called("infinite-loop-called", FOREVER + "pass", ungraded=ROUND, reason="of processor time"),
    harm(
        "loop-that-ignores-signals",
        """
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
import time
until = time.time() + 60
while time.time() < until:
    try:
        while time.time() < until:
            pass
    except BaseException:
        pass
""",
    ),
    harm("sleeps", "import time; time.sleep(60)"),
    harm("stops-itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"),
    harm(
        "storm-of-commands",
        """
import subprocess, time
kept = [subprocess.Popen(["sleep", "50"]) for _ in range(200)]
time.sleep(20)
""",
    ),
    harm(
        "storm-of-forks",
        """
import os, time
until = time.time() + 50
for _ in range(150):
    if os.fork() == 0:
        time.sleep(max(0, until - time.time()))
        os._exit(0)
time.sleep(20)
""",
    ),
    harm(
        "fork-that-answers-too",
        "import os\nif os.fork() == 0:\n    reason = 'Z'",
        answers={"reason": "reason = globals().get('reason', 'B')"},
    ),
    harm(
        "daemon",
        """
import subprocess, sys
program = f"import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); time.sleep(55); {bait['token']!r}"
subprocess.run([sys.executable, "-c", program], start_new_session=True)
""",
    ),
    harm(
        "memory",
        "kept = []\nfor _ in range(40):\n    kept.append(bytearray(b'x') * 50_000_000)\nimport time; time.sleep(20)",
    ),
    harm("memory-at-once", "kept = bytearray(b'x') * 2_000_000_000\nimport time; time.sleep(20)"),
    harm(
        "memory-in-children",
        """
import os, time
for _ in range(9):
    if os.fork() == 0:
        kept = bytearray(b"x") * 200_000_000
        time.sleep(20)
        os._exit(0)
time.sleep(20)
""",
    ),
    harm(
        "memory-in-a-thread",
        answers={
            "reason": """
import threading, time
def hog():
    time.sleep(1)
    kept = []
    for _ in range(40):
        kept.append(bytearray(b"x") * 50_000_000)
    time.sleep(20)
reason = "B"
threading.Thread(target=hog, daemon=True).start()
time.sleep(5)
"""
        },
        ungraded=frozenset({"2-explained"}),
        reason="GB of memory",
    ),
    harm(
        "address-space",
        """
import mmap
try:  # asked for and never touched: it takes no memory
    kept = mmap.mmap(-1, 50_000_000_000, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0))
    reason_for = bait["token"]
except OSError:
    reason_for = "B"
""",
        answers={"reason": "reason = reason_for"},
    ),
    harm(
        "fills-the-scratch-folders",
        """
import os
written = 0
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
    for number in range(16):
        try:
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(25):
                    written += file.write(b"x" * 1_000_000)
                    file.flush()
        except OSError:
            pass
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
    for number in range(16):
        try:
            os.remove(f"{folder}/{number}")
        except OSError:
            pass
reason_for = "B" if written < 200_000_000 else bait["token"]
""",
        answers={"reason": "reason = reason_for"},
    ),
    harm(
        "a-file-in-memory",
        """
import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
number, written = os.memfd_create("kept"), 0
try:
    for _ in range(150):
        written += os.write(number, b"x" * 1_000_000)
except OSError:
    pass
os.close(number)
reason_for = "B" if written < 100_000_000 else bait["token"]
""",
        answers={"reason": "reason = reason_for"},
    ),
    harm("endless-output", FOREVER + "print('x' * 1000)"),
    harm(
        "output-past-python",
        "import os\nfor number in (1, 2):\n    for _ in range(50):\n        os.write(number, b'x' * 1_000_000)",
    ),
    harm("output-of-children", "%%bash\nhead -c 30000000 /dev/zero | tr '\\0' x"),
    harm("os-exit", "import os; os._exit(0)"),
    called("os-exit-called", "import os; os._exit(0)", ungraded=ROUND, reason="ended the process"),
    harm("sys-exit", "import sys; sys.exit(0)"),
    called("sys-exit-called", "import sys; sys.exit(0)", lost=ROUND),
    called("interrupts-itself", "raise KeyboardInterrupt", lost=ROUND),
    harm("kills-itself", "import os; os.kill(os.getpid(), 9)"),
    harm("kills-its-parent", "import os; os.kill(os.getppid(), 9)"),
    harm("kills-its-group", "import os; os.killpg(0, 15)"),
    harm(
        "kills-everybody",
        "import os\nif sum(map(str.isdigit, os.listdir('/proc'))) < 10:  # nobody but us\n    os.kill(-1, 9)",
    ),
    harm("crashes", "import ctypes; ctypes.string_at(0)"),
    harm("closes-everything", "import os; os.closerange(0, 256)"),
    harm("recursion", "def again():\n    return again()\n\nagain()"),
    harm(
        "recursion-without-a-limit",
        "import sys\nsys.setrecursionlimit(3_000_000)\ndef again():\n    return again()\n\nagain()",
    ),
    harm(
        "thread-that-stays", "import threading, time\nthreading.Thread(target=time.sleep, args=(50,)).start()"
    ),
    harm("atexit", "import atexit, time\natexit.register(time.sleep, 50)"),
    called("recursion-called", "return one_round(knows, calls, mode)", lost=ROUND),
]
