"""What was handed in: found, named, recognised, and made whole before anything of it runs."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

import nbformat

from .answers import grade_id, locked
from .archives import Handed, files_in
from .course import GradingError
from .names import EXCHANGE, Label, label, moment
from .wire import WireError, parsed
from .written import added_text, written_answers

MOST_CELLS = 1_000
TIMESTAMP = "timestamp.txt"  # nbgrader writes the time of a submission into it
CHANCE = 0.1  # of an assignment's cells, two assignments may have this share in common


@dataclass
class Submission:
    """One student's notebook.

    Parameters
    ----------
    student : str
        As the file or folder says.
    path : str
        How the instructor finds what was handed in.
    assignment : str
        Empty if nobody can tell.
    notebook : NotebookNode or None
        Whole, without outputs.
    reason : str
        Why it can't be graded, if it can't.
    notes : list of str
        What was noticed and repaired.
    digest : str
        Of the bytes handed in.
    late : bool
        Whether the learning platform says that it came late.
    submitted : str
        When, if anything says so.
    lms : dict
        Numbers that the platform gave, see `names.Label`.
    handed_in : datetime or None
        When, in UTC, if nbgrader's exchange says so.
    """

    student: str
    path: str
    assignment: str = ""
    notebook: nbformat.NotebookNode | None = None
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    digest: str = ""
    late: bool = False
    submitted: str = ""
    lms: Mapping[str, str] = field(default_factory=dict)
    handed_in: datetime | None = None


def collect(
    where: Path,
    released: dict[str, nbformat.NotebookNode],
    read: Callable[[int, int], None] = lambda done, total: None,
) -> list[Submission]:
    """Read what was handed in. Nothing is changed there, and nothing is unpacked.

    Parameters
    ----------
    where : Path
        A folder or a zip archive with ``STUDENT.ipynb``, ``STUDENT.zip`` or ``STUDENT/…/ANYTHING.ipynb``, as Moodle or
        Canvas export them, or as nbgrader's exchange keeps or collects them. To which assignment a notebook belongs is
        told by its cells, not by its name.
    released : dict
        What students received, by the assignment's name.
    read : callable
        Called with how many files were read, and how many there are.

    Returns
    -------
    list of Submission
        Ordered by student and assignment. What can't be graded is among them, with its reason. Of several of a student
        for one assignment the newest is there if their times are known, and none can be graded otherwise.

    Raises
    ------
    GradingError
        If there is no such folder or archive, or nothing in it.
    """
    if not where.is_dir() and not (where.is_file() and where.suffix.lower() == ".zip"):
        raise GradingError(
            f"{where} is no folder and no zip archive: name the one that holds the submissions"
        )
    found, others, times = [], {}, {}
    for handed in files_in(where, read):
        parts = _own(handed.parts)
        said = _label(handed, parts)
        if handed.reason or handed.is_notebook:
            found.append((parts[:-1], _read(said, handed, released)))
        elif parts[-1] == TIMESTAMP and (time := moment(handed.data[:100].decode(errors="replace"))):
            times[parts[:-1]] = time
        else:
            others.setdefault(said.student, []).append(handed.shown)
    for folder, submission in found:
        submission.handed_in = submission.handed_in or times.get(folder)
        if submission.handed_in:
            submission.submitted = f"{submission.handed_in:%Y-%m-%d %H:%M:%S} UTC"
    found = [submission for _, submission in found]
    for student, theirs in others.items():
        names = ", ".join(theirs)
        with_notebook = [one for one in found if one.student == student]
        for submission in with_notebook:
            submission.notes.append(f"{names} was handed in as well, and was not read")
        if not with_notebook:
            found.append(Submission(student, names, reason=f"{names} is not a notebook"))
    if not found:
        raise GradingError(
            f"no notebooks in {where}: it must hold STUDENT.ipynb files, or a folder or archive per student with notebooks"
        )
    return sorted(_one_each(found), key=lambda one: (one.student, one.assignment, one.path))


def _own(parts: tuple[str, ...]) -> tuple[str, ...]:
    """A file's place below its student: nbgrader keeps ``submitted/STUDENT/ASSIGNMENT``, and folders of its exchange."""
    for at, part in enumerate(parts[:-1]):
        if EXCHANGE.fullmatch(part):
            return parts[at:]
        if part == "submitted" and at < 2 and len(parts) - at >= 4:
            return parts[at + 1 :]
    return parts


def _label(handed: Handed, parts: tuple[str, ...]) -> Label:
    """Whose a file is: its first folder says so, or its own name."""
    first = parts[0]
    if len(parts) == 1:
        first = (first[: -len(".ipynb")] if handed.is_notebook else PurePosixPath(first).stem) or first
    return label(first)


def _one_each(found: list[Submission]) -> list[Submission]:
    """One submission of a student for an assignment: of several the newest, or one that says that there are several."""
    handed_in: dict[tuple[str, str], list[Submission]] = {}
    for submission in found:
        if submission.assignment:
            handed_in.setdefault((submission.student, submission.assignment), []).append(submission)
    chosen = [submission for submission in found if not submission.assignment]
    for several in handed_in.values():
        newest = several[0]
        if len(several) > 1:
            times = sorted(one.handed_in for one in several if one.handed_in)
            if len(times) == len(several) and times[-1] > times[-2]:
                newest = max(several, key=lambda one: one.handed_in)
                newest.notes.append(
                    f"handed in {len(several)} times, and the newest counts, that of {newest.submitted}"
                )
            else:
                names = ", ".join(one.path.rsplit("/", 1)[-1] for one in several)
                newest = replace(
                    newest,
                    path=", ".join(one.path for one in several),
                    reason=f"handed in more than once ({names}): leave one",
                    digest=hashlib.sha256("".join(one.digest for one in several).encode()).hexdigest(),
                )
        chosen.append(newest)
    return chosen


def _read(said: Label, handed: Handed, released: dict[str, nbformat.NotebookNode]) -> Submission:
    submission = Submission(
        said.student,
        handed.shown,
        digest=hashlib.sha256(handed.data).hexdigest(),
        late=said.late,
        submitted="" if said.lms else handed.time,  # in a platform's archive it is when that was downloaded
        lms=said.lms,
        handed_in=said.handed_in,
    )
    if handed.reason:
        submission.reason = handed.reason
        return submission
    try:
        submission.notebook = read_notebook(handed.data, submission.notes)
    except Exception as error:
        lines = str(error).strip().splitlines()
        why = lines[0][:200] if lines else type(error).__name__
        submission.reason = f"{handed.parts[-1]} is not a notebook: {why}"
        return submission
    shared = {name: _likeness(submission.notebook, given) for name, given in released.items()}
    best = max(shared, key=shared.get)
    if shared[best] > CHANCE * _likeness(released[best], released[best]):
        submission.assignment = best
        try:
            make_whole(submission, released[best])
        except Exception as error:  # one submission must not keep a class from its marks
            submission.reason = mistake(error)
    else:
        submission.reason = (
            f"{handed.parts[-1]} has no cell of an assignment of this course ({', '.join(released)})"
        )
    return submission


def mistake(error: Exception) -> str:
    """The reason why a submission has no marks, though nothing is wrong with it."""
    return f"the grader itself failed on it, which is a mistake of the grader's ({type(error).__name__}: {error})"


def read_notebook(data: bytes, notes: list[str]) -> nbformat.NotebookNode:
    """The notebook that bytes are, without outputs; any exception if they are none."""
    if not data.strip():
        raise ValueError("it is empty")
    try:
        said = parsed(decoded(data).encode())
    except WireError as error:
        raise ValueError(f"it is not JSON ({error})") from None
    if not isinstance(said, dict) or type(said.get("nbformat")) is not int:
        raise ValueError("it is JSON, but says no nbformat")
    if not 3 <= said["nbformat"] <= 4:
        raise ValueError(f"it is of nbformat {said['nbformat']}: 3 and 4 are read")
    if said["nbformat"] == 3:
        notes.append("it was of nbformat 3, and was converted")
        with warnings.catch_warnings(action="ignore"):  # its cells have no identity yet
            said = nbformat.reads(json.dumps(said), as_version=4)
    notebook = nbformat.from_dict(said)
    if len(notebook.cells) > MOST_CELLS:
        raise ValueError(f"it has {len(notebook.cells)} cells: at most {MOST_CELLS} are read")
    notebook.metadata = nbformat.NotebookNode()
    seen = set()
    for cell in notebook.cells:
        if cell.get("cell_type") == "code":
            cell.outputs, cell.execution_count = [], None
        if isinstance(cell.get("source"), list):
            cell.source = "".join(cell.source)
        if (
            not isinstance(cell.get("id"), str)
            or cell.id in seen
            or not re.fullmatch(r"[\w-]{1,64}", cell.id)
        ):
            cell.id = f"cell-{len(seen)}"
        seen.add(cell.id)
        cell.pop("attachments", None)
        cell.metadata = _known(cell.metadata)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


def decoded(data: bytes) -> str:
    """The text that bytes are; ValueError if they are none."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None


def _known(metadata: dict) -> nbformat.NotebookNode:
    """What counts of a cell's metadata, in the types that nbgrader writes; the rest may be anything."""
    said = metadata.get("nbgrader")
    if not isinstance(said, dict) or not isinstance(said.get("grade_id"), str):
        return nbformat.NotebookNode()
    kept = {
        key: value
        for key, value in said.items()
        if value is None or isinstance(value, (bool, int, float, str))
    }
    return nbformat.from_dict({"nbgrader": kept})


def _likeness(notebook: nbformat.NotebookNode, given: nbformat.NotebookNode) -> int:
    """How many of an assignment's cells a notebook has, by name or, where names were lost, by what they say."""
    names = {grade_id(cell) for cell in notebook.cells} & {grade_id(cell) for cell in given.cells} - {None}
    texts = {cell.source for cell in notebook.cells} & {cell.source for cell in given.cells if locked(cell)}
    return len(names) + len(texts)


def make_whole(submission: Submission, given: nbformat.NotebookNode) -> None:
    """Let each cell of the assignment be in the notebook once, as it was handed out or answered; note what wasn't so.

    A copy becomes an ordinary cell, a cell that lost its name gets it back, a test that is missing or was edited is again
    what it was.
    """
    source = {grade_id(cell): cell for cell in given.cells if grade_id(cell)}
    notebook, notes = submission.notebook, submission.notes
    seen: dict[str, nbformat.NotebookNode] = {}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is None or name in source:
            if name is not None and name in seen:
                if _untouched(seen[name], source[name]) and not _untouched(cell, source[name]):
                    del seen[name].metadata["nbgrader"]
                    seen[name] = cell
                else:
                    del cell.metadata["nbgrader"]
                notes.append(f"the cell {name!r} was there twice, and one was read as an ordinary cell")
            elif name is not None:
                seen[name] = cell
        else:
            del cell.metadata["nbgrader"]
            notes.append(f"the cell {name!r} is not of this assignment, and was read as an ordinary cell")
    for cell in notebook.cells:  # names that were lost
        for name, original in source.items():
            if name not in seen and grade_id(cell) is None and _alike(cell, original):
                seen[name] = cell
                notes.append(f"the cell {name!r} had lost its name, and got it back")
                cell.metadata["nbgrader"] = deepcopy(original.metadata.nbgrader)
    for name, cell in seen.items():
        if added := _lost_text(cell, source[name]):
            at = 1 + next(place for place, other in enumerate(notebook.cells) if other is cell)
            notebook.cells.insert(at, nbformat.v4.new_markdown_cell(added, id=f"{cell.id[:50]}-added"))
            notes.append(f"what was written into the cell {name!r} is kept in a cell of its own below it")
        _restore(cell, source[name], name, notes)
    at = 0
    for name, original in source.items():
        if name in seen:
            at = 1 + next(place for place, cell in enumerate(notebook.cells) if cell is seen[name])
        else:
            answer = original.metadata.nbgrader.solution
            notes.append(
                f"the answer cell {name!r} was missing; the answer was looked for in other cells"
                if answer
                else f"the cell {name!r} was missing and was put back as it was handed out"
            )
            back = deepcopy(original)
            if answer and original.cell_type == "code":
                back.source = ""
            back.id = f"{back.id[:50]}-put-back"  # some other cell may have its identity by now
            notebook.cells.insert(at, back)
            at += 1
    for name, text in written_answers(notebook, given).items():
        if name in seen and not text:  # nowhere else either
            notes.append(f"there is no answer in {name!r}")


def _restore(
    cell: nbformat.NotebookNode, original: nbformat.NotebookNode, name: str, notes: list[str]
) -> None:
    said = {key: cell.metadata.nbgrader.get(key) for key in ("grade", "locked", "solution", "task", "points")}
    if said != {key: original.metadata.nbgrader.get(key) for key in said}:
        notes.append(f"what the cell {name!r} says about marks was edited, and was restored")
    if cell.cell_type != original.cell_type:
        notes.append(f"the cell {name!r} was of another kind, and was restored")
        cell.cell_type = original.cell_type
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)
        if original.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if locked(original) and cell.source != original.source:
        notes.append(f"the cell {name!r} was edited, and runs as it was handed out")
        cell.source = original.source
    elif original.metadata.nbgrader.solution and original.cell_type == "code" and _untouched(cell, original):
        notes.append(f"there is no answer in {name!r}")
    cell.metadata = deepcopy(original.metadata)


def _lost_text(cell: nbformat.NotebookNode, original: nbformat.NotebookNode) -> str:
    """What was written into a text of the course's, which is put back as it was handed out."""
    if original.cell_type != "markdown" or not locked(original):
        return ""
    return added_text(cell.source, original.source)


def _untouched(cell: nbformat.NotebookNode, original: nbformat.NotebookNode) -> bool:
    return cell.source.strip() == original.source.strip()


def _alike(cell: nbformat.NotebookNode, original: nbformat.NotebookNode) -> bool:
    return cell.cell_type == original.cell_type and (
        (locked(original) and cell.source == original.source) or cell.id == original.id
    )
