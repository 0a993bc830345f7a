"""What was handed in, as files: from a folder or from zip archives, read in memory and never unpacked."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

LARGEST_BYTES = 100_000_000  # of a file; a notebook with outputs that nobody wants can be large
# of everything in an archive: the class's, which is read file by file, and a student's
LARGEST_ARCHIVE_BYTES = (50_000_000_000, 500_000_000)
MOST_MEMBERS = (100_000, 1_000)
DEEPEST = 2  # a student's archive may hold archives
UNKNOWN = (1980, 1, 1, 0, 0, 0)  # the earliest time that an archive can tell
# what systems and programs leave behind: anywhere, and folders at the top, where a student may be called anything else
LEFT_BEHIND = re.compile(r"__MACOSX|Thumbs\.db|desktop\.ini|\.DS_Store|\._.*|\.~.*|~\$.*", re.DOTALL)
HIDDEN = re.compile(
    r"\.(ipynb_checkpoints|virtual_documents|git|svn|cache|config|local|jupyter|ipython|venv|idea|vscode|Trash.*)"
)


@dataclass(frozen=True)
class Handed:
    """A file that was handed in.

    Parameters
    ----------
    parts : tuple of str
        Its folders and its name, in the folder or archive that holds them all. An archive counts as a folder.
    shown : str
        How the instructor finds it.
    data : bytes
    reason : str
        Why it can't be read; then there are no data.
    time : str
        Of the file in the class's archive, by the clock of who packed it; empty where there is none.
    """

    parts: tuple[str, ...]
    shown: str
    data: bytes = b""
    reason: str = ""
    time: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether its name says that it is one."""
        return self.parts[-1].lower().endswith(".ipynb")


def files_in(where: Path, read: Callable[[int, int], None] = lambda done, total: None) -> Iterator[Handed]:
    """Every file in a folder, or in a zip archive, down to the archives in it.

    Parameters
    ----------
    where : Path
    read : callable
        Called with how many files were read, and how many there are.
    """
    if where.is_file():
        yield from _archive(where, (), where.name, 0, read)
        return
    unreadable: list[OSError] = []
    files, folders = [], set()
    for folder, below, names in os.walk(where, onerror=unreadable.append):
        below.sort()
        folders |= {name for name in below if folder == str(where)}
        links = [name for name in below if os.path.islink(os.path.join(folder, name))]
        files += [Path(folder, name) for name in sorted(names + links)]
    full = set()
    for number, path in enumerate(files, 1):
        parts = tuple(printable(part) for part in path.relative_to(where).parts)
        if not ignored(parts):
            full.add(parts[0])
            yield from _file(path, parts)
        read(number, len(files))
    for error in unreadable:
        parts = tuple(printable(part) for part in Path(error.filename).relative_to(where).parts) or (
            where.name,
        )
        full.add(parts[0])
        yield Handed(
            (*parts, ""), "/".join(parts), reason=f"{'/'.join(parts)} can't be read ({error.strerror})"
        )
    yield from _nothing_in(sorted({printable(name) for name in folders} - full))


def _nothing_in(folders: list[str]) -> Iterator[Handed]:
    """Folders that somebody handed in, and in which there is nothing that is read."""
    for name in folders:
        if not ignored((name, "")):
            yield Handed((name, ""), name, reason=f"there is nothing in the folder {name}")


def _file(path: Path, parts: tuple[str, ...]) -> Iterator[Handed]:
    shown = "/".join(parts)
    try:
        if path.is_symlink():
            yield Handed(parts, shown, reason=f"{shown} is a link, and links are not followed")
        elif not path.is_file():
            yield Handed(parts, shown, reason=f"{shown} is no ordinary file")
        elif _is_archive(parts[-1]):
            yield from _archive(path, _unpacked(parts), shown, 1)
        elif path.stat().st_size > LARGEST_BYTES:
            yield Handed(parts, shown, reason=f"{shown} {_too_large(LARGEST_BYTES)}")
        else:
            yield Handed(parts, shown, path.read_bytes())
    except OSError as error:
        yield Handed(parts, shown, reason=f"{shown} can't be read ({error.strerror})")


class _Refused(Exception):
    pass


def _archive(
    file: Path | BinaryIO,
    place: tuple[str, ...],
    shown: str,
    depth: int,
    read: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Handed]:
    """What an archive holds. The class's has a reason for each file that can't be read, a student's has one for all."""
    whole = (*place, "") if place else (shown[:-4],)
    troubles: list[str] = []
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            members = sorted((one for one in infos if not one.is_dir()), key=lambda one: one.filename)
            if len(members) > MOST_MEMBERS[depth > 0]:
                raise _Refused(f"holds {len(members)} files: at most {MOST_MEMBERS[depth > 0]} are read")
            room, full = LARGEST_ARCHIVE_BYTES[depth > 0], set()
            for number, member in enumerate(members, 1):
                name = _name(member)
                parts = _parts(name)
                if ignored((*place, *parts)):
                    continue
                full.add(parts[0])
                try:
                    data = _read(archive, member, name, parts, depth)
                except Exception as error:  # a broken archive can raise nearly anything
                    why = str(error)
                    if not isinstance(error, _Refused):
                        why = f"can't be read as a zip archive ({name!r}: {error})"
                    if place:
                        troubles.append(why)
                    else:
                        yield Handed((name,), f"{shown}/{name}", reason=f"{shown} {why}")
                    continue
                room -= len(data)
                if room < 0:
                    raise _Refused(f"holds more than {LARGEST_ARCHIVE_BYTES[depth > 0] // 10**6} MB")
                if _is_archive(name):
                    inside = (*place, *_unpacked(parts))
                    yield from _archive(BytesIO(data), inside, f"{shown}/{name}", depth + 1)
                else:
                    time = "" if place or member.date_time == UNKNOWN else _time(member)
                    yield Handed((*place, *parts), f"{shown}/{name}", data, time=time)
                if not place:
                    read(number, len(members))
            empty = {_parts(_name(one))[0] for one in infos if one.is_dir()} - full
            if not place and empty:
                yield from _nothing_in(sorted(empty))
            elif not full:
                raise _Refused("holds no file")
    except _Refused as refused:
        troubles.append(str(refused))
    except Exception as error:
        troubles.append(f"can't be read as a zip archive ({error})")
    if troubles:
        more = f"; and {len(troubles) - 1} more of its files can't be read" if len(troubles) > 1 else ""
        yield Handed(whole, shown, reason=f"{shown} {troubles[0]}{more}")


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, parts: tuple[str, ...], depth: int
) -> bytes:
    """A member's bytes, whatever its header says about their number."""
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:[/\\]", name):
        raise _Refused(f"holds {name!r}, which leads out of it")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _Refused(f"holds the link {name!r}, and links are not followed")
    if _is_archive(name) and depth == DEEPEST:
        raise _Refused(f"holds the archive {name!r} inside an archive")
    with archive.open(member) as stream:
        data = stream.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise _Refused(f"holds {name!r}, which {_too_large(LARGEST_BYTES)}")
    return data


def _time(member: zipfile.ZipInfo) -> str:
    year, month, day, hour, minute, second = member.date_time
    return f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name: many programs write UTF-8 and don't say so, and Python reads what doesn't say so as code page 437."""
    if member.flag_bits & 0x800:
        return printable(member.filename)
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return printable(member.filename)


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", ".")) or (name,)


def _unpacked(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The folder that an archive counts as: its name without the ending."""
    return (*parts[:-1], parts[-1][:-4] or parts[-1])


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


def _too_large(limit: int) -> str:
    return f"is larger than {limit // 10**6} MB"


def printable(name: str) -> str:
    """A file's name in which bytes that are no UTF-8, which nothing could write down, are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode()


def ignored(parts: tuple[str, ...]) -> bool:
    """Whether a file is none that a person handed in. A student may be called anything, ``..hidden`` too."""
    return (
        any(LEFT_BEHIND.fullmatch(part) or HIDDEN.fullmatch(part) for part in parts)
        or any(part.startswith(".") and part != ".." for part in parts[1:-1])
        or (parts[-1].startswith(".") and not parts[-1].lower().endswith((".ipynb", ".zip")))
    )
