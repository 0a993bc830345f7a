"""Who should have handed in: a roster, and who of it handed in what.

The roster is a table that a learning platform exports, or a plain list. These columns are known, by any of their names:

* a person's name: *Student* (Canvas, "Last, First"), *Full name* (Moodle's grading worksheet), *Name*; or *First name* with
  *Last name* or *Surname* (Moodle's participants and grades);
* who that is there: *ID*, *SIS User ID*, *SIS Login ID*, *Section* (Canvas, lib/gradebook_exporter.rb); *ID number*,
  *Username*, *Email address* (Moodle, grade/export), *Identifier*, "Participant 1234567" (Moodle's grading worksheet).

A list without such a head has a name in a line, and after it an id and an address, if there are any.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .course import GradingError
from .results import Result

NAME, FIRST, LAST = "name", "first name", "last name"
# what they are called in the tables that are written
IDS = ("ID", "SIS User ID", "SIS Login ID", "Section", "ID number", "Username", "Email address", "Identifier")
COLUMNS = {column.casefold(): column for column in IDS} | {
    "student": NAME,
    "name": NAME,
    "full name": NAME,
    "fullname": NAME,
    "student name": NAME,
    "first name": FIRST,
    "firstname": FIRST,
    "given name": FIRST,
    "last name": LAST,
    "lastname": LAST,
    "surname": LAST,
    "family name": LAST,
    "idnumber": "ID number",
    "student id": "ID number",
    "student number": "ID number",
    "login": "Username",
    "login id": "Username",
    "user name": "Username",
    "email": "Email address",
    "e-mail": "Email address",
    "mail": "Email address",
}
AS_WRITTEN = 2  # of the levels at which names are compared, the last one that disregards nothing
NOBODY = ("points possible", "student, test")  # rows of Canvas's


@dataclass(frozen=True)
class Person:
    """Somebody on the roster.

    Parameters
    ----------
    name : str
    first, last : str
        Where the roster tells them apart.
    ids : dict
        By what the columns are called in `IDS`; those that are empty are left out.
    """

    name: str
    first: str = ""
    last: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Roster:
    """The people, and the columns of the table, as they are written there."""

    people: tuple[Person, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matched:
    """Who of a roster is who in the results.

    Parameters
    ----------
    roster : Roster
    places : dict
        The place on the roster, by the student's name in the results.
    problems : dict
        Why a student is nobody of the roster, by the student's name.
    doubtful : dict
        Who may have handed in what is nobody's: by the place on the roster, why that isn't known.
    """

    roster: Roster
    places: Mapping[str, int]
    problems: Mapping[str, str]
    doubtful: Mapping[int, str]

    def person(self, student: str) -> Person | None:
        """Who a student in the results is."""
        return self.roster.people[self.places[student]] if student in self.places else None

    def missing(self, results: Iterable[Result], assignment: str) -> list[int]:
        """The places of those who handed in nothing for an assignment, and nothing that nobody can assign."""
        here = {
            self.places[one.student]
            for one in results
            if one.student in self.places and one.assignment in ("", assignment)
        }
        return [at for at in range(len(self.roster.people)) if at not in here and at not in self.doubtful]


def read_roster(path: Path) -> Roster:
    """Read a roster, whatever its letters (UTF-8, UTF-16, Western European) and what parts its columns.

    Raises
    ------
    GradingError
        If there is no such file, or there are no names in it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GradingError(f"the roster {path} can't be read: {error.strerror}") from None
    rows = _rows(_decoded(data))
    if not rows:
        raise GradingError(f"the roster {path} is empty")
    known = [COLUMNS.get(" ".join(cell.split()).casefold()) for cell in rows[0]]
    if not any(known):
        people, columns = list(_listed(rows)), ()
    elif NAME in known or (FIRST in known and LAST in known):
        people, columns = list(_told(known, rows[1:])), tuple(rows[0])
    else:
        raise GradingError(
            f"the roster {path} has the columns {', '.join(rows[0])}, and none with names: call it Name, or two of them "
            "First name and Last name"
        )
    if not people:
        raise GradingError(f"the roster {path} names nobody")
    return Roster(tuple(one for at, one in enumerate(people) if one not in people[:at]), columns)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:200]:  # UTF-16 without its mark
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str) -> list[list[str]]:
    first, _, rest = text.partition("\n")
    if said := re.fullmatch(r"sep=(.)\r?", first):  # Excel's
        between, text = said[1], rest
    else:
        between = max(",;\t", key=lambda one: len(next(csv.reader([first], delimiter=one), [])))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, skipinitialspace=True)
    cleaned = ([unicodedata.normalize("NFC", cell.strip()) for cell in row] for row in rows)
    return [row for row in cleaned if any(row)]


def _told(known: Sequence[str | None], rows: Iterable[Sequence[str]]) -> Iterator[Person]:
    """The people of a table whose columns have names."""
    for row in rows:
        said = {column: cell for column, cell in zip(known, row, strict=False) if column and cell}
        name, first, last = (said.get(column, "") for column in (NAME, FIRST, LAST))
        if name.casefold() in NOBODY or not (name or first or last):
            continue
        if not name:
            name = f"{first} {last}".strip()
        elif not (first or last) and name.count(", ") == 1:
            last, first = name.split(", ")
        yield Person(name, first, last, {column: said[column] for column in IDS if column in said})


def _listed(rows: Sequence[Sequence[str]]) -> Iterator[Person]:
    """The people of a list without a head: a name, and after it an address and an id; or a last name and a first name."""
    reversed_ = all(len(row) == 2 and not re.search(r"[\d@]", row[1]) for row in rows)
    for row in rows:
        if reversed_:
            last, first = row
            yield Person(f"{first} {last}", first, last)
        elif row[0]:
            told = {("Email address" if "@" in cell else "ID"): cell for cell in reversed(row[1:]) if cell}
            yield Person(row[0], ids=told)


def match(results: Sequence[Result], roster: Roster) -> Matched:
    """Find who of the roster handed in what. Nothing is guessed: a name that fits two people fits nobody.

    First counts the platform's number in a file's name, then an id, user name or address that the file is called by, then
    the name as it is, and last the name without regard to capitals, accents, punctuation and order. A student whom several
    people fit at the first of these that anybody fits is nobody's; a person whom several students fit is the one's who
    fits best, and if those fit equally and handed in the same, nobody's.
    """
    by_student: dict[str, list[Result]] = {}
    for result in results:
        by_student.setdefault(result.student, []).append(result)
    keys = [_keys(person) for person in roster.people]
    claims: dict[int, list[tuple[int, str]]] = {}
    problems, doubtful = {}, {}
    for student, theirs in by_student.items():
        for level, asked in enumerate(_asked(student, theirs)):
            fits = [at for at, known in enumerate(keys) if (asked & known[level]) - {""}]
            if len(fits) == 1:
                claims.setdefault(fits[0], []).append((level, student))
            elif fits:
                problems[student] = f"could be {' or '.join(_described(roster.people[at]) for at in fits)}"
                doubtful |= dict.fromkeys(fits, f"could be who handed in as {student}")
            if fits:
                break
        else:
            problems[student] = "not on the roster"
    places = {}
    for at, claimed in claims.items():
        best = min(level for level, _ in claimed)
        equal = [student for level, student in claimed if level == best]
        person = _described(roster.people[at])
        handed_in = [one.assignment for student in equal for one in by_student[student]]
        if len(equal) > 1 and (best > AS_WRITTEN or len(set(handed_in)) < len(handed_in)):
            names = " and ".join(equal)
            problems |= dict.fromkeys(equal, f"{names} could each be {person}")
            doubtful[at] = f"could be each of those who handed in as {names}"
        else:
            places |= dict.fromkeys(equal, at)
            doubtful.pop(at, None)
        for level, student in claimed:
            if level > best:
                problems[student] = f"not on the roster, where {person} is rather {' or '.join(equal)}"
    return Matched(roster, places, problems, doubtful)


def _described(person: Person) -> str:
    ids = [person.ids[column] for column in IDS if column in person.ids and column != "Section"]
    return f"{person.name} ({ids[0]})" if ids else person.name


def _asked(student: str, results: Sequence[Result]) -> tuple[set[str], ...]:
    """What is looked for of a student, level by level."""
    lms = {key: number for result in results for key, number in result.lms.items()}
    numbers = {f"{platform} {number}" for platform, number in lms.items()}
    name = student
    for number in lms.values():
        name = name.removesuffix(f"_{number}")
    return numbers, {name.casefold()}, {name}, {_folded(name)}, {_plain(name)}, {_compact(name)}


def _keys(person: Person) -> tuple[set[str], ...]:
    """What a person is known by, level by level."""
    numbers = {f"canvas {person.ids['ID']}"} if "ID" in person.ids else set()
    if found := re.search(r"\d+$", person.ids.get("Identifier", "")):
        numbers.add(f"moodle {found[0]}")
    ids = {value.casefold() for column, value in person.ids.items() if column != "Section"}
    names = {person.name}
    if person.first and person.last:
        names |= {
            f"{person.first} {person.last}",
            f"{person.last}, {person.first}",
            f"{person.last} {person.first}",
        }
    return (
        numbers,
        ids,
        names,
        {_folded(name) for name in names},
        {_plain(name) for name in names},
        {_compact(name) for name in names},
    )


def _folded(name: str) -> str:
    """A name without regard to capitals, and to spaces that are none."""
    return " ".join(unicodedata.normalize("NFKC", name.casefold()).split())


def _words(name: str) -> list[str]:
    """Its letters, without the accents that stand above and below them; signs that are vowels stay."""
    letters = (
        one for one in unicodedata.normalize("NFKD", name.casefold()) if unicodedata.combining(one) < 200
    )
    return "".join(one if unicodedata.category(one)[0] in "LMN" else " " for one in letters).split()


def _plain(name: str) -> str:
    """A name without regard to accents, punctuation and order."""
    return " ".join(sorted(_words(name)))


def _compact(name: str) -> str:
    """A name as Canvas writes it into a file's: letters only."""
    return "".join(_words(name))
