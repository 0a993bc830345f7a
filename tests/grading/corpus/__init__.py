"""Submissions that attack the grader, that are broken, or that are odd and right: what is expected of each.

An item is data: a student's name, how the submission is made from the assignment ``epidemics``, and what its marks must
be. Everything hostile is bounded (at most 200 children, 2 GB, 60 s, loopback only), so that a hole in the sandbox fails
a test and harms no machine. ``bait`` in an item's code holds what it should not reach.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import nbformat

ROUND = {"1-one-round-tells": 2.0, "1-one-round-counts": 2.0, "1-one-round-synchronous": 2.0}
TUNED = {"3-coverage": 2.0, "3-speed": 2.0, "3-cost": 2.0}
TASKS = ROUND | {"2-measured": 3.0, "2-explained": 1.0} | TUNED
WRITTEN = "4-advice"
WRONG = {
    "one-round": "def one_round(knows, calls, mode):\n    return {'nobody'}, -1",
    "prediction": "prediction = 'no idea'",
    "measurement": "from gossipkit.gossip import spread, theory\n\nnever_told = {}",
    "reason": "reason = 'Z'",
    "settings": "settings = {'mode': 'push', 'fanout': 1, 'copies': 1}",
}


@dataclass(frozen=True)
class Item:
    """A submission, and what is expected.

    Parameters
    ----------
    name : str
        The student's name in the marks.
    hand_in : callable
        Given the class (see ``class_of``) and the bait, puts the submission into the class's folder.
    lost : frozenset of str
        Tasks that have no points.
    ungraded : frozenset of str
        Tasks without a verdict; all of them for a submission that was not run.
    reason : str
        Part of the reason why they have none.
    note : str
        Part of what is said to have been repaired.
    why : str
        Part of the reason why points are lost.
    """

    name: str
    hand_in: Callable
    lost: frozenset = frozenset()
    ungraded: frozenset = frozenset()
    reason: str = ""
    note: str = ""
    why: str = ""


def code(source: str) -> nbformat.NotebookNode:
    """An ordinary code cell."""
    return nbformat.v4.new_code_cell(source)


def cell_of(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """The cell with an identity of the assignment."""
    return next(cell for cell in notebook.cells if cell.id == name)


def notebook_of(students, bait: dict, answers: dict, before: str, after: str) -> nbformat.NotebookNode:
    """The answered notebook, with other answers, and code before the first cell and after the last answer."""
    notebook = deepcopy(students.answered)
    for name, source in answers.items():
        cell_of(notebook, name).source = source
    if before:
        notebook.cells[:0] = [code(f"bait = {bait!r}"), code(before)]
    if after:
        at = 1 + notebook.cells.index(cell_of(notebook, "settings"))
        notebook.cells[at:at] = [code(f"bait = {bait!r}"), code(after)]
    return notebook


def _write(name, students, bait, answers, before, after):
    students.write(f"{name}.ipynb", notebook_of(students, bait, answers, before, after))


def harm(name: str, before: str = "", after: str = "", **expected) -> Item:
    """Right answers and code that does harm: it gains nothing and, unless it hits them, costs no marks."""
    answers = expected.pop("answers", {})
    return Item(name, partial(_write, name, answers=answers, before=before, after=after), **expected)


def cheat(name: str, before: str = "", after: str = "", **expected) -> Item:
    """Wrong answers and code that wants points for them; it gets none, unless ``answers`` has right ones."""
    answers = WRONG | expected.pop("answers", {})
    expected.setdefault("lost", frozenset(TASKS) - expected.get("ungraded", frozenset()))
    return Item(name, partial(_write, name, answers=answers, before=before, after=after), **expected)


def edited(name: str, edit: Callable, **expected) -> Item:
    """The answered notebook, edited as an object."""

    def hand_in(students, bait):
        notebook = deepcopy(students.answered)
        students.write(f"{name}.ipynb", edit(notebook) or notebook)

    return Item(name, hand_in, **expected)


def raw(name: str, make: Callable, file: str = "", **expected) -> Item:
    """Bytes made from the answered notebook's text, in a file of its own."""

    def hand_in(students, bait):
        path = students.folder / (file or f"{name}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make(nbformat.writes(students.answered)))

    return Item(name, hand_in, **expected)


def unread(reason: str, ungraded: frozenset = frozenset()) -> dict:
    """What is expected of a submission that could not be run, and whose tasks nobody can know or, if given, these."""
    return {"ungraded": ungraded or frozenset({""}), "reason": reason}


ALL = frozenset(TASKS) | {WRITTEN}

# a server and its client in one process
ECHO = """
import asyncio
async def asked(said):
    async def answer(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(said)
    heard = await reader.readline()
    writer.close()
    server.close()
    return heard
"""
