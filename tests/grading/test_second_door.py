"""nbgrader's course in MARKS: people mark in it, and nothing that was handed in runs there."""

import json
import os
import secrets
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from gossipkit.grading.course import assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.gradebook import SWITCHED_OFF

START_UP_S = 90


class Marks:
    """What was graded: a submission with a cell that leaves a file, which it can't in the sandbox."""

    def __init__(self, root, folder, class_of, way):
        self.root, self.way, self.folder = root, way, folder
        self.opened = folder / "opened"
        self.out, self.course = folder / "out", folder / "out" / "nbgrader"
        self.submissions = folder / "submissions"
        self.submissions.mkdir()
        students = class_of("epidemics", self.submissions, quick=True)
        line = f"\nopen({str(self.opened)!r}, 'w').close()"
        students.hand_in("mallory.ipynb", settings=lambda source: source + line)
        self.grade()
        (self.shown,) = self.course.glob("autograded/*/epidemics/epidemics.ipynb")
        self.student = self.shown.parts[-3]  # as nbgrader knows mallory
        self.before = self.shown.read_bytes()

    def grade(self):
        return grade(self.submissions, self.out, assignments(self.root, ["epidemics"]), self.way)

    def nothing_ran(self):
        return not self.opened.exists()

    def nothing_was_lost(self):
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as book:
            scored = book.find_submission("epidemics", self.student).score
        return self.shown.read_bytes() == self.before and scored == 16


@pytest.fixture(scope="module")
def marks(root, tmp_path_factory, class_of, way):
    return Marks(root, tmp_path_factory.mktemp("door"), class_of, way)


def nbgrader(*arguments, cwd):
    script = Path(sysconfig.get_path("scripts")) / "nbgrader"
    return subprocess.run([sys.executable, script, *arguments], cwd=cwd, capture_output=True, text=True)


def test_the_command_is_switched_off_from_wherever_it_is_given(marks, tmp_path):
    autograde = ["autograde", "epidemics", "--student", marks.student, "--force"]
    for cwd, course in ((marks.course, []), (tmp_path, ["--course-dir", str(marks.course)])):
        done = nbgrader(*autograde, *course, cwd=cwd)
        assert done.returncode == 1
        assert SWITCHED_OFF in done.stdout + done.stderr
        assert marks.nothing_ran() and marks.nothing_was_lost()


def test_the_button_is_switched_off(marks, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--port={address.partition(':')[2]}", f"--IdentityProvider.token={token}"]
    own = {f"JUPYTER{kind}_DIR": str(tmp_path / kind) for kind in ("_CONFIG", "_RUNTIME")}
    server = subprocess.Popen(
        command, cwd=marks.course, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def asked(what, method="GET"):
        headers = {"Authorization": f"token {token}"}
        request = urllib.request.Request(f"http://{address}/formgrader/{what}", None, headers, method=method)
        return urllib.request.urlopen(request, timeout=60).read().decode()

    try:
        until = time.monotonic() + START_UP_S
        while True:
            try:
                shown = asked("api/submissions/epidemics")
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None and time.monotonic() < until
                time.sleep(0.2)
        answer = json.loads(asked(f"api/submission/epidemics/{marks.student}/autograde", "POST"))
        assert not answer["success"]
        assert SWITCHED_OFF in answer["log"]
        assert marks.nothing_ran() and marks.nothing_was_lost()
        assert marks.student in shown, "it is still there to be marked"
        assert "4-advice" in asked(f"submissions/{submission_id(marks)}")
    finally:
        server.terminate()
        server.wait(30)


def submission_id(marks):
    with Gradebook(f"sqlite:///{marks.course / 'gradebook.db'}") as book:
        return book.find_submission_notebook("epidemics", "epidemics", marks.student).id


def test_what_knows_nothing_of_the_configuration_finds_no_kernel(root, tmp_path, class_of, way):
    marks = Marks(root, tmp_path, class_of, way)
    config = Config()
    config.CourseDirectory.root = str(marks.course)
    config.CourseDirectory.db_url = f"sqlite:///{marks.course / 'gradebook.db'}"
    answer = NbGraderAPI(CourseDirectory(config=config), config=config).autograde("epidemics", marks.student)
    assert not answer["success"] and "graded-by-gossipkit" in answer["log"]
    done = nbgrader(
        "validate", marks.course / "submitted" / marks.student / "epidemics" / "epidemics.ipynb", cwd=tmp_path
    )
    assert "graded-by-gossipkit" in done.stdout + done.stderr
    assert marks.nothing_ran()


def test_marks_from_before_are_shut_too_and_keep_what_was_added_to_the_configuration(marks):
    config = marks.course / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.CourseDirectory.ignore = ['mine']\n")
    with Gradebook(f"sqlite:///{marks.course / 'gradebook.db'}") as book:
        book.find_notebook("epidemics", "epidemics").kernelspec = json.dumps({"name": "python3"})
        book.db.commit()
    marks.grade()
    said = config.read_text()
    assert "['mine']" in said and SWITCHED_OFF in said
    marks.grade()
    assert config.read_text() == said
    done = nbgrader("autograde", "epidemics", "--student", marks.student, "--force", cwd=marks.course)
    assert done.returncode == 1 and SWITCHED_OFF in done.stdout + done.stderr
    with Gradebook(f"sqlite:///{marks.course / 'gradebook.db'}") as book:
        assert "graded-by-gossipkit" in book.find_notebook("epidemics", "epidemics").kernelspec
    assert nbformat.read(marks.shown, 4).metadata.kernelspec.name == "graded-by-gossipkit"
    assert marks.nothing_ran() and marks.nothing_was_lost()


def test_a_mark_that_a_person_gives_there_is_taken_over(marks):
    with Gradebook(f"sqlite:///{marks.course / 'gradebook.db'}") as book:
        given = book.find_grade("4-advice", "epidemics", "epidemics", marks.student)
        given.manual_score, given.needs_manual_grade = 2.5, False
        book.db.commit()
    (result,) = marks.grade()
    assert {mark.task: mark.points for mark in result.marks}["4-advice"] == 2.5
