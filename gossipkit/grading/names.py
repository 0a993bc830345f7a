"""Whose a submission is: what its file or folder is called, and an id of which paths are made.

A name is a person's, and is kept and shown as it was written. No path is made of it: a name may be longer than a path, look
like an option, be reserved on some system or differ from another one only in what a file system ignores.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.utils import parse_utc

# "First Last_1234567_assignsubmission_file_", a folder or the beginning of a file's name; the number is the participant's
# in this one assignment, not the person's (Moodle, mod/assign/classes/downloader.php, get_student_prefix)
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?", re.DOTALL)
# "lastfirst_LATE_12345_67890_file.ipynb": LATE or not, the person's number, the file's; "anon_x1Y2z_67890_file.ipynb" where
# names are hidden (Canvas, lib/content_zipper.rb, get_filename)
CANVAS = re.compile(
    r"(?:(?!LATE_)(?P<name>[^_]+)_)?(?P<late>LATE_)?(?:(?P<id>\d+)|(?P<anonymous>anon_[A-Za-z0-9]+))_(?P<file>\d+)_.+",
    re.DOTALL,
)
# "ada+epidemics+2026-01-01 10:00:00.123456 UTC+AbC1": nbgrader's exchange, whose colons not every file system can keep
EXCHANGE = re.compile(
    r"(?P<name>[^+]+)\+[^+]+\+(?P<day>\d{4}-\d\d-\d\d)[ T_](?P<clock>\d\d[:_-]\d\d[:_-]\d\d)(?P<rest>(?:\.\d+)?[^+]*)(?:\+.*)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Label:
    """What the name of a file or folder says.

    Parameters
    ----------
    student : str
        Whose it is.
    late : bool
        Whether the learning platform says that it came late.
    lms : dict
        Numbers that the platform gave: ``canvas``, the person's; ``moodle``, the participant's in one assignment;
        ``anonymous``, where it hides names.
    handed_in : datetime or None
        When, in UTC, if the name says so.
    """

    student: str
    late: bool = False
    lms: Mapping[str, str] = field(default_factory=dict)
    handed_in: datetime | None = None


def label(name: str) -> Label:
    """Read a file's name without its ending, or a folder's.

    Examples
    --------
    >>> label("Ada Lovelace_1234567_assignsubmission_file_").student
    'Ada Lovelace_1234567'
    >>> label("lovelaceada_LATE_12345_67890_homework")
    Label(student='lovelaceada_12345', late=True, lms={'canvas': '12345'}, handed_in=None)
    """
    name = unicodedata.normalize("NFC", name)
    if found := MOODLE.fullmatch(name):
        return Label(f"{found['name']}_{found['id']}", lms={"moodle": found["id"]})
    if (found := CANVAS.fullmatch(name)) and bool(found["name"]) == bool(found["id"]):
        if found["anonymous"]:
            return Label(found["anonymous"], bool(found["late"]), {"anonymous": found["anonymous"]})
        return Label(f"{found['name']}_{found['id']}", bool(found["late"]), {"canvas": found["id"]})
    if found := EXCHANGE.fullmatch(name):
        clock = re.sub("[_-]", ":", found["clock"])
        return Label(found["name"], handed_in=moment(f"{found['day']} {clock}{found['rest']}"))
    return Label(name)


def moment(text: str) -> datetime | None:
    """The time, in UTC, that nbgrader wrote into a name or into ``timestamp.txt``; None if it is none."""
    try:
        return parse_utc(text.strip()) if text.strip() else None
    except (ValueError, OverflowError):
        return None


def student_id(name: str) -> str:
    """The id of whoever bears a name: readable ASCII that may stand in any path and address; the same on every day.

    Examples
    --------
    >>> student_id("Strauß") != student_id("Strauss") != student_id("strauss")
    True
    >>> student_id("Zoe\\u0308") == student_id("Zo\\u00eb")
    True
    """
    name = unicodedata.normalize("NFC", name)
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    readable = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-") or "student"
    return f"{readable}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
