"""What the sandbox shows of the file system: what Python needs, and where something secret lies below that, nothing there.

Mounted are the folders of the system, of Python and of its virtual environment in which programs, libraries and their
data are, never a whole prefix: a course may lie in ``/usr/local/src``, or be the folder of the virtual environment.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libexec", "share", "pyvenv.cfg")
MASK_BYTES = 4096
SCRATCH = ("/dev/shm", "/tmp")  # where submitted code may write, in memory
FIRST_PERSON = 1000  # the first user id that is not the system's (Debian policy 9.2.2; login.defs elsewhere)


def mounts(hidden: Sequence[Path]) -> list[str]:
    """What bubblewrap is told to mount.

    Parameters
    ----------
    hidden : sequence of Path
        Files and folders that must not be seen, even below a folder that is.
    """
    masks: dict[Path, Path] = {}
    for path in hidden:
        masks |= dict.fromkeys(places(path), path)
    words, folders = [], []
    for prefix in _prefixes():
        # bubblewrap makes the folders on the way to a mount, and in a scratch folder they could be written into
        if any(prefix.is_relative_to(top) for top in SCRATCH):
            words += ["--tmpfs", str(prefix)]
            folders.append(prefix)
    placed: dict[Path, bool] = {}  # whether what is there is seen
    for place in sorted({*_shown(), *masks}, key=lambda path: len(path.parts)):
        around = next((placed[path] for path in place.parents if path in placed), False)
        placed[place] = place not in masks
        if placed[place]:
            words += ["--ro-bind-try", str(place), str(place)]
        elif around and masks[place].is_dir():
            words += ["--size", str(MASK_BYTES), "--tmpfs", str(place)]
            folders.append(place)
        elif around and masks[place].exists():
            words += ["--ro-bind", os.devnull, str(place)]
    for name in ("bin", "lib", "lib64", "sbin"):
        top = Path("/", name)
        if top.is_symlink():
            words += ["--symlink", os.readlink(top), str(top)]
        else:
            words += ["--ro-bind-try", str(top), str(top)]
    for place in folders:
        words += ["--remount-ro", str(place)]
    return words


def homes() -> dict[Path, str]:
    """The homes of the instructor and of other people, as far as there are any, each with whose it is."""
    import pwd  # Windows has none, and no sandbox either

    found = {
        Path(user.pw_dir): f"the home of {user.pw_name}"
        for user in pwd.getpwall()
        if user.pw_uid == 0 or user.pw_uid >= FIRST_PERSON
    }
    found[Path.home()] = "your home"
    return {home: what for home, what in found.items() if home.is_dir() and home != Path("/")}


def places(path: Path) -> set[Path]:
    """Where something would be seen if it weren't hidden: below what is mounted, whatever link leads there."""
    real = path.resolve()
    tops = {shown: shown.resolve() for shown in _shown()}
    return {shown / real.relative_to(top) for shown, top in tops.items() if real.is_relative_to(top)}


def secrets(hidden: Mapping[Path, str]) -> dict[str, str]:
    """Files and folders that must not be readable in the sandbox, each with what it belongs to.

    Parameters
    ----------
    hidden : mapping
        From a file or folder to what it is in words. What of it is mounted because Python needs it is left out.
    """
    found = {}
    for path, what in hidden.items():
        for place in {path, path.resolve(), *places(path)}:
            found |= dict.fromkeys(_inside(path, place), what)
    return found


def _inside(path: Path, place: Path) -> Iterator[str]:
    """What lies in a folder, as seen at a place; the folder itself may be on the way to something that is needed."""
    if not path.is_dir():
        yield str(place)
        return
    try:
        entries = sorted(os.listdir(path))
    except OSError:  # what the instructor can't list, submitted code can't either
        return
    for name in entries:
        inner = place / name
        if inner in _shown():
            continue
        if any(shown.is_relative_to(inner) for shown in _shown()):
            yield from _inside(path / name, inner)
        else:
            yield str(inner)


def _prefixes() -> dict[Path, None]:
    """Where the system's programs are, Python and its virtual environment, each once."""
    python = Path(sys.executable).resolve().parents[1]
    return dict.fromkeys(
        Path(os.path.abspath(prefix))
        for prefix in ("/usr", "/usr/local", sys.prefix, sys.base_prefix, python)
    )


@functools.cache
def _shown() -> tuple[Path, ...]:
    """What Python needs."""
    found = [prefix / part for prefix in _prefixes() for part in PARTS]
    found += [Path("/etc/ld.so.cache"), Path("/etc/alternatives"), Path("/etc/fonts")]
    found += [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]
    return tuple(dict.fromkeys(path for path in found if path.exists()))
