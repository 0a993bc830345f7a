"""What was handed in, as files: from a folder or from zip archives, read in memory and never unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO

LARGEST_BYTES = 100_000_000  # of a file; a notebook with outputs that nobody wants can be large
LARGEST_ARCHIVE_BYTES = 500_000_000  # of everything in an archive
MOST_MEMBERS = 1_000
IGNORED = (".", "__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Handed:
    """A file that was handed in.

    Parameters
    ----------
    path : PurePosixPath
        Its place in the folder or archive that holds them all.
    shown : str
        How the instructor finds it.
    data : bytes
    reason : str
        Why it can't be read; then there are no data.
    """

    path: PurePosixPath
    shown: str
    data: bytes = b""
    reason: str = ""


def files_in(where: Path) -> Iterator[Handed]:
    """Every file in a folder, or in a zip archive, down to the archives in it; in order of their names."""
    if where.is_file():
        with where.open("rb") as file:
            yield from _members(file, PurePosixPath(), where.name)
        return
    for folder in sorted(where.iterdir()):
        if folder.is_dir() and not folder.is_symlink() and _empty(folder):
            name = printable(folder.name)
            yield Handed(
                PurePosixPath(name, "nothing"), name, reason=f"there is nothing in the folder {name}"
            )
    for path in sorted(where.rglob("*")):
        inside = PurePosixPath(printable(path.relative_to(where).as_posix()))
        if _ignored(inside) or any((where / parent).is_symlink() for parent in inside.parents):
            continue
        if path.is_symlink():
            yield Handed(inside, str(inside), reason=f"{inside} is a link, and links are not followed")
        elif path.is_dir():
            continue
        elif not path.is_file():
            yield Handed(inside, str(inside), reason=f"{inside} is no ordinary file")
        elif path.suffix.lower() == ".zip":
            with path.open("rb") as file:
                yield from _members(file, inside.with_suffix(""), str(inside))
        elif path.stat().st_size > LARGEST_BYTES:
            yield Handed(inside, str(inside), reason=_too_large(str(inside), LARGEST_BYTES))
        else:
            yield Handed(inside, str(inside), path.read_bytes())


def _members(file: BinaryIO, place: PurePosixPath, shown: str, nested: bool = False) -> Iterator[Handed]:
    """What an archive holds; a reason in place of the whole of it if it can't be trusted."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise _Refused(f"holds {len(members)} files: at most {MOST_MEMBERS} are read")
            names = [member.filename for member in members]
            if len(set(names)) < len(names):
                raise _Refused("holds two files of one name")
            read, room = 0, LARGEST_ARCHIVE_BYTES
            for member in sorted(members, key=lambda one: one.filename):
                inside = PurePosixPath(member.filename.replace("\\", "/"))
                if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
                    raise _Refused(f"holds {member.filename!r}, which leads out of it")
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise _Refused(f"holds the link {member.filename!r}, and links are not followed")
                if _ignored(inside):
                    continue
                data = _bounded(archive, member)
                read += 1
                room -= len(data)
                if room < 0:
                    raise _Refused(f"holds more than {LARGEST_ARCHIVE_BYTES // 10**6} MB")
                name = f"{shown}/{member.filename}"
                if inside.suffix.lower() != ".zip":
                    yield Handed(place / inside, name, data)
                elif nested:
                    raise _Refused(f"holds the archive {member.filename!r} inside an archive")
                else:
                    yield from _members(BytesIO(data), place / inside.with_suffix(""), name, nested=True)
            if not read:
                raise _Refused("holds no file")
    except _Refused as refused:
        yield Handed(place / "archive", shown, reason=f"{shown} {refused}")
    except Exception as error:  # a broken archive can raise nearly anything
        yield Handed(place / "archive", shown, reason=f"{shown} can't be read as a zip archive ({error})")


def printable(name: str) -> str:
    """A file's name without the bytes in it that are no UTF-8, which nothing could write down."""
    return name.encode("utf-8", "replace").decode()


class _Refused(Exception):
    pass


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes, whatever its header says about their number."""
    with archive.open(member) as stream:
        data = stream.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise _Refused(_too_large(repr(member.filename), LARGEST_BYTES, "holds "))
    return data


def _too_large(name: str, limit: int, before: str = "") -> str:
    return f"{before}{name}{', which' if before else ''} is larger than {limit // 10**6} MB"


def _empty(folder: Path) -> bool:
    """Whether a folder that somebody handed in holds nothing that is read."""
    return not folder.name.startswith(IGNORED) and not any(
        path.is_file() or path.is_symlink()
        for path in folder.rglob("*")
        if not _ignored(PurePosixPath(path.relative_to(folder)))
    )


def _ignored(path: PurePosixPath) -> bool:
    return any(part.startswith(IGNORED) for part in path.parts)
