"""What is run in the sandbox before anything else is: it tries to see and to reach what it must not, and says what it could.

It reads a question from its standard input, and writes the list of what it reached to its standard output.
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys
from pathlib import Path

# <linux/keyctl.h>: the session's, the user's, and the user's sessions' keyring; what is tried on a keyring
KEYRINGS = (-3, -4, -5)
GET_KEYRING_ID, DESCRIBE, READ = 0, 6, 11
KEY_FILES = (Path("/proc/keys"), Path("/proc/key-users"))  # they show the names of the same user's keys
KEPT_KEYS = "the kernel's keyrings"
NO_FILTER = "system calls that should be refused"


def keyrings(keyctl: int) -> list[int]:
    """The serial numbers of this process's keyrings."""
    serials = [_call(keyctl, GET_KEYRING_ID, keyring, 0) for keyring in KEYRINGS]
    return [serial for serial in serials if serial > 0]


def reached(paths: list[str], keyctl: int, serials: list[int]) -> list[str]:
    """Which of some files and folders can be read, and whether some keyrings can be reached."""
    found = [path for path in paths if _readable(path)]
    tried = [_call(keyctl, what, serial, None, 0) for serial in serials for what in (DESCRIBE, READ)]
    if keyrings(keyctl) or any(answer >= 0 for answer in tried) or any(map(_readable, KEY_FILES)):
        found.append(KEPT_KEYS)
    if "\nSeccomp:\t2\n" not in Path("/proc/self/status").read_text():
        found.append(NO_FILTER)
    return found


def _readable(path: str | Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # one that nobody writes to must not hold us up
        try:
            return stat.S_ISDIR(os.fstat(file).st_mode) or bool(os.read(file, 1))
        finally:
            os.close(file)
    except OSError:
        return False


def _call(number: int, *arguments: int | None) -> int:
    """A system call's answer; its error as a negative number."""
    library = ctypes.CDLL(None, use_errno=True)
    answer = library.syscall(ctypes.c_long(number), *(ctypes.c_long(value or 0) for value in arguments))
    return -ctypes.get_errno() if answer < 0 else answer


if __name__ == "__main__":
    json.dump(reached(**json.load(sys.stdin)), sys.stdout)
