"""What a confined process may not ask of the kernel: a filter that libseccomp compiles and bubblewrap installs.

Refused is what a submission has no use for and what keys, other processes or holes in the kernel have been reached with:
the kernel's key store, tracing, `io_uring`, BPF, new namespaces and mounts, sockets of other kinds than local and
internet ones. A program is told what a kernel without that would tell it (``ENOSYS``), or that it may not (``EPERM``).
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os

LIBRARY = "libseccomp.so.2"
# <seccomp.h>
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EQUAL, GREATER, MASKED_EQUAL = 4, 6, 7
# <linux/keyctl.h>
JOIN_SESSION_KEYRING = 1

MAY_NOT = (
    *("add_key", "request_key", "keyctl"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"),
    *("perf_event_open", "bpf", "userfaultfd", "lookup_dcookie", "fanotify_init"),
    *("open_by_handle_at", "chroot", "pivot_root", "mount", "umount2"),
    *(
        "open_tree",
        "move_mount",
        "fsopen",
        "fsconfig",
        "fsmount",
        "fspick",
        "mount_setattr",
        "unshare",
        "setns",
    ),
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "syslog"),
    *("acct", "quotactl", "quotactl_fd", "swapon", "swapoff", "iopl", "ioperm", "modify_ldt"),
)
# programs do without these where the kernel has none; clone3 keeps its flags where no filter can look
HAS_NOT = ("io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_secret", "clone3")
SYSTEM_V = ("shmget", "shmat", "shmctl", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl")
SYSTEM_V += ("semget", "semop", "semtimedop", "semctl")
# <linux/sched.h>: time, mount, control group, host name, IPC, user, process and network namespaces
NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
# <linux/socket.h>: none, and what stands between AF_UNIX (1), AF_INET (2) and AF_INET6 (10)
OTHER_FAMILIES, LAST_FAMILY = (0, 3, 4, 5, 6, 7, 8, 9), 10
LAST_PROTOCOL = 17  # UDP; what is above would have the kernel load modules


class NoFilter(Exception):
    """libseccomp isn't there, or doesn't do what it should."""


class _Comparison(ctypes.Structure):
    """``struct scmp_arg_cmp``"""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise NoFilter(str(error)) from None
    library.seccomp_init.argtypes, library.seccomp_init.restype = [ctypes.c_uint32], ctypes.c_void_p
    library.seccomp_release.argtypes, library.seccomp_release.restype = [ctypes.c_void_p], None
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    library.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int),
        *(ctypes.c_uint, ctypes.POINTER(_Comparison)),
    ]
    library.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return library


def number(name: str) -> int:
    """A system call's number on this machine; negative if it has none here.

    Raises
    ------
    NoFilter
        Without libseccomp.
    """
    return _library().seccomp_syscall_resolve_name(name.encode())


@functools.cache
def refusals(system_v: bool) -> bytes:
    """The filter, compiled for this machine.

    Parameters
    ----------
    system_v : bool
        Whether the shared memory, queues and semaphores of System V may be used.

    Raises
    ------
    NoFilter
        Without libseccomp.
    """
    library = _library()
    rules = [(name, errno.EPERM, ()) for name in MAY_NOT]
    rules += [(name, errno.ENOSYS, ()) for name in HAS_NOT + SYSTEM_V * (not system_v)]
    rules += [("clone", errno.EPERM, (0, MASKED_EQUAL, flag, flag)) for flag in NEW_NAMESPACES]
    for name in ("socket", "socketpair"):
        for comparison in [(0, EQUAL, family, 0) for family in OTHER_FAMILIES]:
            rules.append((name, errno.EAFNOSUPPORT, comparison))
        rules.append((name, errno.EAFNOSUPPORT, (0, GREATER, LAST_FAMILY, 0)))
        rules.append((name, errno.EPROTONOSUPPORT, (2, GREATER, LAST_PROTOCOL, 0)))
    context = library.seccomp_init(ALLOW)
    file = os.memfd_create("refusals")
    try:
        for name, error, comparison in rules:
            if (call := number(name)) >= 0:
                compared = _Comparison(*comparison) if comparison else None
                added = library.seccomp_rule_add_array(
                    context, ERRNO | error, call, len(comparison) // 4, compared and ctypes.byref(compared)
                )
                if added:
                    raise NoFilter(f"{name}: {os.strerror(-added)}")
        if failed := library.seccomp_export_bpf(context, file):
            raise NoFilter(os.strerror(-failed))
        return os.pread(file, os.fstat(file).st_size, 0)
    finally:
        os.close(file)
        library.seccomp_release(context)


def leave_session_keyring() -> None:
    """Give the calling thread, and what it starts, an empty session keyring: the instructor's keys stay behind."""
    ctypes.CDLL(None).syscall(number("keyctl"), JOIN_SESSION_KEYRING, None)
