"""Attacks, broken files and odd right answers, graded as one class: nothing escapes, and everybody has the marks they deserve.

What is handed in, and what is expected of it, is in ``corpus``.
"""

import csv
import hashlib
import os
import shutil
import socket
import sqlite3
import tempfile
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from gossipkit.grading.course import assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.judge import Way
from gossipkit.grading.ready import PACKAGE
from gossipkit.grading.sandbox import Confined, Limits, Stopped

from .corpus import (
    ALL,
    TASKS,
    WRITTEN,
    answers,
    cheats,
    escapes,
    files,
    forgeries,
    kernel,
    limits,
    names,
    odd,
    right,
)

ITEMS = [
    *limits.ITEMS,
    *escapes.ITEMS,
    *cheats.ITEMS,
    *forgeries.ITEMS,
    *files.ITEMS,
    *names.ITEMS,
    *right.ITEMS,
    *odd.ITEMS,
    *kernel.ITEMS,
    *answers.ITEMS,
]
LIMITS = Limits(cpu_s=4, wall_s=25, memory_bytes=700_000_000, processes=32)
SECRET = "gossipkit-secret-5ac1"
# those are run a second time, one after the other; those that wait for a limit on the clock are left out
AGAIN = [
    *escapes.ITEMS[::8],
    *cheats.ITEMS[::8],
    *forgeries.ITEMS[::12],
    *right.ITEMS[::12],
    *odd.ITEMS[::12],
    *limits.ITEMS[-6:],
]


class Listener:
    """Ears on the loopback, which hear nobody."""

    def __init__(self, folder, token):
        self.heard = [socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        self.heard[0].bind(("127.0.0.1", 0))
        self.port = self.heard[0].getsockname()[1]
        self.heard[1].bind(("127.0.0.1", self.port))
        self.path = str(folder / "socket")
        for address in ("\0" + token, self.path):
            self.heard.append(socket.socket(socket.AF_UNIX))
            self.heard[-1].bind(address)
        for ear in self.heard:
            ear.setblocking(False)
            if ear.type == socket.SOCK_STREAM:
                ear.listen()

    def anything(self):
        said = []
        for ear in self.heard:
            try:
                said.append(ear.recvfrom(100) if ear.type == socket.SOCK_DGRAM else ear.accept())
            except BlockingIOError:
                continue
        return said


def contents(*folders):
    """What is in some folders: of each file a digest, of each link where it leads."""
    return {
        path: os.readlink(path)
        if path.is_symlink()
        else path.is_file() and hashlib.sha256(path.read_bytes()).digest()
        for folder in folders
        for path in folder.rglob("*")
    }


def rows(out):
    """The marks by student, and by task."""
    marks = {}
    with (out / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            marks.setdefault(row["student"], {})[row["task"]] = row
    return marks


class Graded:
    """The corpus, handed in and graded once."""

    def __init__(self, root, home, class_of):
        self.home, self.out, self.submissions = home, home / "out", home / "submissions"
        self.course, instructor = home / "course", home / "home"
        for folder in (self.submissions, instructor / ".ssh"):
            folder.mkdir(parents=True)
        shutil.copytree(
            root / "solutions", self.course / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
        for path in (home / "canary", instructor / ".ssh" / "id"):
            path.write_text(SECRET)
        self.token = f"gossipkit-corpus-{os.getpid()}"
        self.listener = Listener(home, self.token)
        bait = {
            "token": self.token,
            "canary": home / "canary",
            "home": instructor,
            "course": self.course,
            "solutions": self.course / "solutions",
            "submissions": self.submissions,
            "out": self.out,
            "sibling": self.submissions / "sibling.ipynb",
            "gradebook": self.out / "nbgrader" / "gradebook.db",
            "other": root / "exercises" / "consul" / "consul.ipynb",
            "socket": self.listener.path,
        }
        self.bait = {name: str(value) for name, value in bait.items()} | {
            "port": self.listener.port,
            "pid": os.getpid(),
        }
        students = class_of("epidemics", self.submissions, quick=True)
        for item in ITEMS:
            item.hand_in(students, self.bait)
        self.guarded = (self.submissions, self.course, instructor)
        self.before = contents(*self.guarded)
        self.scratch = home / "scratch"
        self.scratch.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GOSSIPKIT_CANARY", SECRET)
            patch.setenv("HOME", str(instructor))
            patch.setattr(tempfile, "tempdir", str(self.scratch))
            self.found = []
            self.results = grade(
                self.submissions,
                self.out,
                assignments(self.course, ["epidemics"]),
                Way(2, limits=LIMITS),
                self.found.extend,
            )
        self.marks = rows(self.out)
        self.ids = {name: next(iter(marks.values()))["id"] for name, marks in self.marks.items()}


@pytest.fixture(scope="module")
def graded(root, sandbox, tmp_path_factory, class_of):
    return Graded(root, tmp_path_factory.mktemp("corpus"), class_of)


def expected(item):
    """Status and points of each task of an item."""
    if not item.ungraded <= frozenset(TASKS):
        return dict.fromkeys(item.ungraded, ("ungraded", ""))
    marks = {task: ("graded", str(0.0 if task in item.lost else points)) for task, points in TASKS.items()}
    marks[WRITTEN] = ("graded", "0.0") if WRITTEN in item.lost else ("needs marking", "")
    return marks | dict.fromkeys(item.ungraded, ("ungraded", ""))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: ascii(item.name))
def test_marks_are(graded, item):
    got = graded.marks[item.name]
    assert {task: (row["status"], row["points"]) for task, row in got.items()} == expected(item), got
    for task in item.ungraded:
        assert item.reason in got[task]["reason"]
    for task in item.lost:
        assert got[task]["reason"], "points are not taken without a reason"
        assert item.why in got[task]["reason"]
    if item.note:
        notes = [note for result in graded.results if result.student == item.name for note in result.notes]
        assert any(item.note in note for note in notes), notes


def test_there_is_nobody_else_and_nobody_is_missing(graded):
    assert sorted(graded.marks) == sorted(item.name for item in ITEMS)
    assert len(ITEMS) >= 40


def test_nothing_is_changed_outside(graded):
    assert contents(*graded.guarded) == graded.before
    assert (
        not (graded.home.parent / "escaped.ipynb").exists() and not (graded.home / "escaped.ipynb").exists()
    )
    assert {path.name for path in graded.home.iterdir()} == {
        "out",
        "submissions",
        "course",
        "home",
        "canary",
        "socket",
        "scratch",
    }


def test_nothing_is_left_behind(graded):
    assert not list(graded.scratch.iterdir())
    for folder in ("/tmp", "/dev/shm", "/usr", "/var/tmp", graded.bait["course"], str(PACKAGE)):
        assert not [name for name in os.listdir(folder) if graded.token in name], folder
    assert not [
        process
        for process in psutil.process_iter(["cmdline"])
        if graded.token in " ".join(process.info["cmdline"] or [])
    ]
    commands = {" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)}
    assert not [command for command in commands if "gossipkit.grading" in command or "sleep" in command]


def test_nobody_was_connected_to(graded):
    assert graded.listener.anything() == []


def test_no_secret_is_in_what_is_made(graded):
    for path in filter(Path.is_file, graded.out.rglob("*")):
        assert SECRET.encode() not in path.read_bytes(), path


def test_the_gradebook_is_sound_and_agrees(graded):
    with sqlite3.connect(graded.bait["gradebook"]) as book:
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)
    with Gradebook(f"sqlite:///{graded.bait['gradebook']}") as book:
        for item in ITEMS:
            if item.ungraded <= frozenset(TASKS):
                submission = book.find_submission_notebook("epidemics", "epidemics", graded.ids[item.name])
                points = {grade.name: grade.auto_score for grade in submission.grades if grade.name in TASKS}
                assert points == {
                    task: float(row["points"]) if row["points"] else None
                    for task, row in graded.marks[item.name].items()
                    if task in TASKS
                }


def test_nobody_has_more_than_the_maximum_and_no_verdict_is_no_zero(graded):
    for marks in graded.marks.values():
        for task, row in marks.items():
            if row["status"] == "ungraded":
                assert row["points"] == "" and row["reason"]
            elif row["points"]:
                assert 0 <= float(row["points"]) <= float(row["maximum"]) == (TASKS | {WRITTEN: 4.0})[task]


@pytest.fixture(scope="module")
def again(graded, class_of, root):
    """A part of the corpus, handed in alone and graded one after the other."""
    folder = graded.home.parent / "corpus-again"
    (folder / "submissions").mkdir(parents=True)
    students = class_of("epidemics", folder / "submissions", quick=True)
    for item in AGAIN:
        item.hand_in(students, graded.bait)
    grade(folder / "submissions", folder / "out", assignments(root, ["epidemics"]), Way(1, limits=LIMITS))
    return rows(folder / "out")


@pytest.mark.parametrize("item", AGAIN, ids=lambda item: ascii(item.name))
def test_marks_and_reasons_are_the_same_alone_and_with_one_job(graded, again, item):
    assert again[item.name] == graded.marks[item.name]


class Running(HTMLParser):
    """What of a page would run or load something."""

    def __init__(self):
        super().__init__()
        self.found, self.tag = [], ""

    def handle_starttag(self, tag, attributes):
        self.tag = tag
        for name, value in attributes:
            if name.startswith("on") or name == "srcdoc" or "pwned(" in (value or "").casefold():
                self.found.append((tag, name, value))
        if tag in ("iframe", "object", "embed", "base", "form") or (
            tag == "meta" and dict(attributes).get("http-equiv", "") == "refresh"
        ):
            self.found.append((tag, attributes))

    def handle_data(self, data):
        if self.tag in ("script", "style") and "pwned" in data:
            self.found.append((self.tag, data))

    def handle_endtag(self, tag):
        self.tag = ""


def pages(graded):
    return [graded.out / "class.html", *sorted((graded.out / "feedback").glob("*.html"))]


def test_no_answer_runs_in_a_page(graded):
    assert len(pages(graded)) > 100
    for path in pages(graded):
        page = Running()
        page.feed(path.read_text("utf-8"))
        assert not page.found, path


def test_no_answer_runs_in_a_browser(graded, browser):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script("window.ran = 0; window.pwned = () => { window.ran += 1 }")
    for path in pages(graded):
        if path.name == "class.html" or "markup" in path.name:
            page.goto(path.as_uri())
            assert page.evaluate("window.ran") == 0, path
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    page.close()


def test_a_huge_answer_makes_no_huge_page(graded):
    for path in pages(graded):
        assert path.stat().st_size < 5_000_000, path


HOG = """
import threading
def hog():
    kept = []
    for _ in range(40):
        kept.append(bytearray(b"x") * 50_000_000)
    threading.Event().wait(20)
threading.Timer(0.5, hog).start()
"""


def test_limits_hold_while_nobody_waits_for_an_answer(sandbox):
    with Confined("gossipkit.grading.student", LIMITS, True, threading.Event()) as student:
        student.ask({"do": "cell", "source": HOG})
        until = time.monotonic() + 60
        while student.process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        with pytest.raises(Stopped, match="GB of memory"):
            student.ask({"do": "names", "names": []})


def test_every_item_is_another_student():
    names = [item.name for item in ITEMS]
    assert len(set(names)) == len(names)
    assert not [item.name for item in ITEMS if item.ungraded and not item.ungraded <= ALL | {""}]
