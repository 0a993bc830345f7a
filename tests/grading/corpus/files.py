"""What was handed in is broken, or not what it should be, or edited where nobody should."""

import io
import json
import stat
import struct
import zipfile
from copy import deepcopy

import nbformat

from . import ALL, ROUND, TASKS, WRITTEN, Item, cell_of, code, edited, notebook_of, raw, unread


def zipped(name, members, file="", **expected):
    """An archive with these members: from (name or ZipInfo, maker of bytes) made from the notebook's text."""

    def hand_in(students, bait):
        with zipfile.ZipFile(students.folder / (file or f"{name}.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            for member, make in members:
                archive.writestr(member, make(nbformat.writes(students.answered)) if callable(make) else make)

    return Item(name, hand_in, **expected)


def placed(name, place, **expected):
    """Something in the class's folder that isn't a file with a notebook."""
    return Item(name, lambda students, bait: place(students, bait), **expected)


def lines(notebook):
    return notebook.encode()


def link(target):
    info = zipfile.ZipInfo("link.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def bomb(megabytes):
    return b"\0" * (megabytes * 1_000_000)


def nested(depth, content):
    for _ in range(depth):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", content)
        content = held.getvalue()
    return content


def lying(students, bait):
    """An archive whose directory says that a member has 100 bytes; it has 250 million."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ipynb", bomb(250))
    data = bytearray(held.getvalue())
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.rindex(header) + at
        data[place : place + 4] = struct.pack("<I", 100)
    (students.folder / "zip-that-lies.zip").write_bytes(data)


def converted(text):
    """The notebook in nbformat 3."""
    return nbformat.writes(nbformat.convert(nbformat.reads(text, as_version=4), 3), version=3).encode()


def many(text, count):
    said = json.loads(text)
    said["cells"] += [
        {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
    ] * count
    return json.dumps(said).encode()


def without_names(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        cell.pop("id", None)


def every(change):
    """An edit of every cell's nbgrader metadata."""

    def edit(notebook):
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                change(cell.metadata.nbgrader)

    return edit


def one(name, change):
    return lambda notebook: change(cell_of(notebook, name))


def copied(notebook):
    for name in ("one-round", "3-cost", "task-1-types"):
        at = notebook.cells.index(cell_of(notebook, name))
        notebook.cells.insert(at + 1, deepcopy(notebook.cells[at]))
        notebook.cells[at + 1].id = f"{name}-again"


def without(*names):
    def edit(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return edit


def tests_only_say_passed(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source = "print('passed')"


def made_markdown(notebook):
    at = notebook.cells.index(cell_of(notebook, "2-explained"))
    notebook.cells[at] = nbformat.v4.new_markdown_cell(
        "passed", id="2-explained", metadata=notebook.cells[at].metadata
    )


def other_metadata(**changed):
    return lambda text: json.dumps(json.loads(text) | changed).encode()


def odd_metadata(value):
    """A cell's metadata for nbgrader that nbgrader would not write."""

    def make(text):
        said = json.loads(text)
        for cell in said["cells"]:
            cell["metadata"] |= {"nbgrader": value, "deep": json.loads("[" * 400 + "]" * 400)}
        return json.dumps(said).encode()

    return make


def with_data(students, bait):
    students.hand_in("other-files/mine.ipynb")
    (students.folder / "other-files" / "data.csv").write_text("a,b")


ITEMS = [
    raw("empty-file", lambda text: b"", **unread("it is empty")),
    raw("only-spaces", lambda text: b" \n\t\n", **unread("it is empty")),
    raw("invalid-json", lambda text: text.encode()[:-200], **unread("it is not JSON")),
    raw("not-json", lambda text: b"<html><script>alert(1)</script></html>", **unread("it is not JSON")),
    raw("another-json", lambda text: b'{"cells": []}', **unread("no nbformat")),
    raw("a-list", lambda text: b"[1, 2]", **unread("no nbformat")),
    raw(
        "deep-json",
        lambda text: b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        **unread("is not a notebook"),
    ),
    raw(
        "deep-cells",
        lambda text: b'{"nbformat": 4, "cells": ' + b"[" * 600 + b"]" * 600 + b"}",
        **unread("is not a notebook"),
    ),
    raw(
        "latin-1",
        lambda text: text.replace("memberlist", "memberlíst").encode("latin-1", "replace"),
        **unread("it is not UTF-8"),
    ),
    raw("utf-16", lambda text: text.encode("utf-16")),
    raw("utf-16-cut", lambda text: text.encode("utf-16")[:-1], **unread("it is not UTF-8")),
    raw("utf-8-with-bom", lambda text: b"\xef\xbb\xbf" + text.encode()),
    raw("nbformat-2", other_metadata(nbformat=2), **unread("nbformat 2")),
    raw("nbformat-5", other_metadata(nbformat=5), **unread("nbformat 5")),
    raw("nbformat-true", other_metadata(nbformat=True), **unread("no nbformat")),
    raw("nbformat-3", converted, note="nbformat 3"),
    raw("no-cells", other_metadata(cells=None), **unread("is not a notebook")),
    raw("cells-of-nothing", other_metadata(cells=[None, 1, {}]), **unread("is not a notebook")),
    raw("odd-nbgrader-list", odd_metadata({"grade_id": ["x"], "locked": {}}), note="had lost its name"),
    raw("odd-nbgrader-text", odd_metadata("nbgrader")),
    raw("odd-nbgrader-null", odd_metadata(None)),
    raw(
        "odd-unicode",
        lambda text: (
            text.replace("# Exercise 1", "# \\\\ud800 Exercise 1").replace("\\\\ud800", "\\ud800").encode()
        ),
    ),
    raw(
        "no-notebook",
        lambda text: b"I could not open it",
        file="no-notebook/answer.docx",
        **unread("is not a notebook"),
    ),
    raw("beside", lines, file="beside/a.ipynb"),
    placed("other-files", with_data, note="was not read"),
    placed(
        "directory.ipynb",
        lambda students, bait: (students.folder / "directory.ipynb").mkdir(),
        **unread("there is nothing in"),
    ),
    raw("full.ipynb", lines, file="full.ipynb/a.ipynb"),
    edited(
        "wrong-course",
        lambda notebook: nbformat.v4.new_notebook(cells=[code("print(1)")]),
        **unread("no cell of an assignment"),
    ),
    edited("no-cell-left", lambda notebook: nbformat.v4.new_notebook(), **unread("no cell of an assignment")),
    Item(
        "symlink",
        lambda students, bait: (students.folder / "symlink.ipynb").symlink_to(bait["sibling"]),
        **unread("links are not followed"),
    ),
    Item(
        "symlink-folder",
        lambda students, bait: (students.folder / "symlink-folder").symlink_to(bait["home"]),
        **unread("links are not followed"),
    ),
    zipped("zip-slip", [("../../escaped.ipynb", lines)], **unread("leads out of it")),
    zipped("zip-slip-back", [("..\\..\\escaped.ipynb", lines)], **unread("leads out of it")),
    zipped("zip-absolute", [("/tmp/escaped.ipynb", lines)], **unread("leads out of it")),
    zipped("zip-drive", [("C:/escaped.ipynb", lines)], **unread("leads out of it")),
    zipped("zip-link", [link("../reads-a-sibling.ipynb")], **unread("links are not followed")),
    zipped("zip-bomb", [("a.ipynb", lambda text: bomb(250))], **unread("larger than")),
    zipped(
        "zip-bomb-in-parts",
        [(f"{n}.txt", lambda text: bomb(90)) for n in range(6)],
        **unread("holds more than"),
    ),
    zipped("zip-of-zips", [("a.zip", lambda text: nested(2, bomb(1)))], **unread("inside an archive")),
    zipped("zip-of-many", [(f"{n}.txt", b"") for n in range(1100)], **unread("holds 1100 files")),
    zipped("zip-good", [("folder/any.ipynb", lines), ("__MACOSX/folder/._any.ipynb", b"\0")]),
    Item("zip-that-lies", lying, **unread("zip archive")),
    raw("zip-cut", lambda text: b"PK\x03\x04 and no more", file="zip-cut.zip", **unread("zip archive")),
    raw("Ann Moodle_1234567", lines, file="Ann Moodle_1234567_assignsubmission_file_/homework.ipynb"),
    raw("Ben Moodle_1234568", lines, file="Ben Moodle_1234568_assignsubmission_file_homework.ipynb"),
    raw("canvascarl_123", lines, file="canvascarl_123_456_epidemics-1.ipynb"),
    raw("canvasdora_124", lines, file="canvasdora_LATE_124_457_epidemics.ipynb"),
    Item(
        "twice",
        lambda students, bait: [students.hand_in(f"twice/{n}.ipynb") for n in "ab"],
        **unread("more than once", ALL),
    ),
    edited("points-edited", every(lambda said: said.update(points=1000)), note="says about marks was edited"),
    edited(
        "nothing-locked",
        every(lambda said: said.update(locked=False, grade=False, solution=True)),
        note="says about marks was edited",
    ),
    edited(
        "tasks-everywhere", every(lambda said: said.update(task=True)), note="says about marks was edited"
    ),
    edited("old-schema", every(lambda said: said.update(schema_version=1))),
    edited(
        "future-schema", every(lambda said: said.update(schema_version=99, cell_type="markdown", checksum=0))
    ),
    edited(
        "names-swapped",
        lambda notebook: cell_of(notebook, "3-cost").metadata.nbgrader.update(grade_id="3-speed"),
        note="was there twice",
    ),
    edited(
        "names-invented",
        lambda notebook: cell_of(notebook, "reason").metadata.nbgrader.update(grade_id="free-points"),
        note="not of this assignment",
    ),
    edited("names-lost", without_names, note="had lost its name"),
    edited("copied-cells", copied, note="was there twice"),
    edited("deleted-test", without("3-cost"), note="'3-cost' was missing and was put back"),
    edited("deleted-tests", without(*TASKS), note="was missing and was put back"),
    edited("deleted-answer", without("reason"), lost=frozenset({"2-explained"}), note="'reason' was missing"),
    edited("deleted-written-answer", without(WRITTEN), lost=frozenset({WRITTEN}), note="was missing"),
    edited(
        "reversed", lambda notebook: notebook.cells.reverse(), lost=frozenset(ROUND)
    ),  # its types come last
    edited(
        "tests-first",
        lambda notebook: notebook.cells.sort(
            key=lambda cell: not cell.metadata.get("nbgrader", {}).get("grade")
        ),
    ),
    edited(
        "tests-last",
        lambda notebook: notebook.cells.sort(
            key=lambda cell: bool(cell.metadata.get("nbgrader", {}).get("grade"))
        ),
    ),
    zipped("zip-empty", [], **unread("holds no file")),
    raw("many-cells", lambda text: many(text, 5000), **unread("at most 1000")),
    edited("tests-say-passed", tests_only_say_passed, note="was edited"),
    edited(
        "tests-say-passed-and-wrong",
        lambda notebook: (
            (
                tests_only_say_passed(notebook),
                one("reason", lambda cell: cell.update(source="reason = 'C'"))(notebook),
            )[2:]
            or None
        ),
        lost=frozenset({"2-explained"}),
        note="was edited",
    ),
    edited("test-made-markdown", made_markdown, note="of another kind"),
    edited(
        "written-answer-made-code",
        one(WRITTEN, lambda cell: cell.update(cell_type="code", outputs=[], execution_count=None)),
        note="of another kind",
    ),
    edited(
        "outputs-of-50-MB",
        one(
            "reason",
            lambda cell: cell.outputs.append(nbformat.v4.new_output("stream", text="x" * 50_000_000)),
        ),
    ),
    edited(
        "answers-raise",
        one("reason", lambda cell: cell.update(source="raise NotImplementedError")),
        lost=frozenset({"2-explained"}),
    ),
    edited(
        "syntax-error",
        one("reason", lambda cell: cell.update(source="reason = 'B")),
        lost=frozenset({"2-explained"}),
    ),
    Item(
        "untouched",
        lambda students, bait: students.write("untouched.ipynb", students.released),
        lost=ALL,
    ),
    Item(
        "other-assignment",
        lambda students, bait: students.write(
            "other-assignment.ipynb", nbformat.read(bait["other"], as_version=4)
        ),
        **unread("no cell of an assignment"),
    ),
    Item(
        "sibling",
        lambda students, bait: students.write("sibling.ipynb", notebook_of(students, bait, {}, "", "")),
    ),
]
