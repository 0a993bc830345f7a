"""A student is a person with a name: read from what was handed in, shown as it is, and never made a path of."""

import csv
import json
import shutil
import unicodedata
import zipfile

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from gossipkit.grading.__main__ import main
from gossipkit.grading.course import assignments
from gossipkit.grading.grade import MARKER, grade
from gossipkit.grading.intake import collect
from gossipkit.grading.names import label, student_id
from gossipkit.grading.report import feedback_page

NAMES = ["anna", "ANNA", "Strauß", "प्रिया शर्मा", "مريم", "-n", "..hidden", "a" * 249]


@pytest.fixture(scope="session")
def notebook(root):
    return (root / "exercises" / "epidemics" / "epidemics.ipynb").read_bytes()


@pytest.fixture
def handed_in(root, tmp_path, notebook):
    """``handed_in(names)``: what is read where files of these names were handed in, by student."""
    released = {"epidemics": nbformat.reads(notebook.decode(), as_version=4)}

    def read(where):
        found = {}
        for submission in collect(where, released):
            found.setdefault(submission.student, []).append(submission)
        return found

    return read


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_an_id_may_stand_in_any_path_and_is_the_same_however_a_name_was_typed(name):
    made = student_id(name)
    assert made == student_id(unicodedata.normalize("NFD", name))
    assert len(made) <= 40 and made.isascii()
    assert all(one.islower() or one.isdigit() or one == "-" for one in made)
    assert not made.startswith("-")


def test_names_that_differ_only_in_case_or_sharp_s_have_different_ids():
    names = [
        "Strauß",
        "Strauss",
        "strauss",
        "STRAUSS",
        "Straus",
        "王",
        "مريم",
        "nul",
        "nul.txt",
        "-n",
        "n",
        "",
    ]
    assert len({student_id(name).casefold() for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "student", "late", "lms"),
    [
        ("Ada Lovelace", "Ada Lovelace", False, {}),
        ("Ada Lovelace_1234567_assignsubmission_file_", "Ada Lovelace_1234567", False, {"moodle": "1234567"}),
        ("Ada Lovelace_1234567_assignsubmission_file", "Ada Lovelace_1234567", False, {"moodle": "1234567"}),
        ("Ada_7_assignsubmission_file_my_home_work", "Ada_7", False, {"moodle": "7"}),
        ("Ada_7_assignsubmission_onlinetext", "Ada_7", False, {"moodle": "7"}),
        ("lovelaceada_12345_67890_epidemics-1", "lovelaceada_12345", False, {"canvas": "12345"}),
        ("lovelaceada_LATE_12345_67890_a_b", "lovelaceada_12345", True, {"canvas": "12345"}),
        ("anon_x1Y2z_67890_epidemics", "anon_x1Y2z", False, {"anonymous": "anon_x1Y2z"}),
        ("LATE_anon_x1Y2z_67890_epidemics", "anon_x1Y2z", True, {"anonymous": "anon_x1Y2z"}),
        ("exercise_1_2", "exercise_1_2", False, {}),
        ("12_34_56", "12_34_56", False, {}),
    ],
)
def test_what_learning_platforms_write_into_a_name_is_understood(name, student, late, lms):
    said = label(name)
    assert (said.student, said.late, said.lms) == (student, late, lms)


def test_every_name_is_read_from_files_folders_and_archives(tmp_path, notebook, handed_in):
    folder = tmp_path / "class"
    for number, name in enumerate(NAMES):
        if number % 3 == 0 or len(name) > 200:
            path = folder / f"{name}.ipynb"
        elif number % 3 == 1:
            path = folder / name / "my answer.ipynb"
        else:
            folder.mkdir(exist_ok=True)
            with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
                archive.writestr("deep/er/answer.ipynb", notebook)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook)
    found = handed_in(folder)
    assert set(found) == set(NAMES)
    assert [one.reason for several in found.values() for one in several] == [""] * len(NAMES)


def test_one_name_typed_in_two_ways_is_one_student(tmp_path, notebook, handed_in):
    for form in ("NFC", "NFD"):
        (tmp_path / f"{unicodedata.normalize(form, 'Zoë')}.ipynb").write_bytes(notebook)
    ((one,),) = handed_in(tmp_path).values()
    assert "handed in more than once" in one.reason


def test_what_programs_leave_behind_is_nobody(tmp_path, notebook, handed_in):
    left = [
        ".DS_Store",
        "._anna.ipynb",
        ".~anna.ipynb",
        ".gitignore",
        "__MACOSX/._anna.ipynb",
        ".ipynb_checkpoints/anna-checkpoint.ipynb",
        "anna/.ipynb_checkpoints/a-checkpoint.ipynb",
        "anna/.trash/old.ipynb",
        "Thumbs.db",
    ]
    for name in [*left, "anna/a.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(notebook)
    ((submission,),) = handed_in(tmp_path).values()
    assert (submission.student, submission.reason) == ("anna", "")
    assert not [note for note in submission.notes if "handed in as well" in note]


def archive_of(path, members):
    """An archive whose members' names are these bytes, written by a program that doesn't say what letters it uses."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(members):
            archive.writestr(f"{number:03d}".rjust(len(name), "x"), data)
    data = path.read_bytes()
    for number, (name, _) in enumerate(members):
        data = data.replace(f"{number:03d}".rjust(len(name), "x").encode(), name)
    path.write_bytes(data)


def test_names_in_an_archive_are_read_in_the_letters_that_it_was_written_in(tmp_path, notebook, handed_in):
    names = ["Zo\u00eb", "مريم", "王"]
    archive_of(tmp_path / "class.zip", [(f"{name}.ipynb".encode(), notebook) for name in names])
    assert set(handed_in(tmp_path / "class.zip")) == set(names)


def test_a_bad_member_of_the_classes_archive_is_one_row_and_the_others_are_read(
    tmp_path, notebook, handed_in
):
    archive = tmp_path / "class.zip"
    bad = ["../../evil.ipynb", "/root.ipynb", "C:\\windows.ipynb"]
    archive_of(archive, [(name.encode(), notebook) for name in [*bad, "anna.ipynb", "b: c.ipynb"]])
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("carl/", b"")
        more.writestr("dora/a.ipynb", notebook)
        more.writestr("dora/A.ipynb", b"{}")
    data = archive.read_bytes()
    at = data.index(b"anna.ipynb")
    archive.write_bytes(data[: at + 20] + b"\0" + data[at + 21 :])
    found = handed_in(archive)
    assert {
        name: "leads out of it" in found[name.removesuffix(".ipynb")][0].reason for name in bad
    } == dict.fromkeys(bad, True)
    assert "can't be read" in found["anna"][0].reason
    assert found["b: c"][0].reason == ""
    assert "nothing in the folder" in found["carl"][0].reason
    assert [bool(one.reason) for one in found["dora"]] == [True, False]


def test_a_file_that_cannot_be_opened_is_one_row(tmp_path, notebook, handed_in, monkeypatch):
    for name in ("anna", "berta"):
        (tmp_path / f"{name}.ipynb").write_bytes(notebook)
    right = type(tmp_path).read_bytes

    def read_bytes(path):
        if path.name == "anna.ipynb":
            raise PermissionError(13, "Permission denied")
        return right(path)

    monkeypatch.setattr(type(tmp_path), "read_bytes", read_bytes)
    found = handed_in(tmp_path)
    assert found["anna"][0].reason == "anna.ipynb can't be read (Permission denied)"
    assert found["berta"][0].reason == ""


@pytest.fixture(scope="module")
def graded(root, tmp_path_factory, notebook, way):
    """Students with the names above, graded by the command."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "class").mkdir()
    for name in NAMES:
        (folder / "class" / f"{name}.ipynb").write_bytes(notebook)
    grade(folder / "class", folder / "out", assignments(root, ["epidemics"]), way)
    return folder


def rows(out):
    with (out / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_marks_have_every_name_as_it_was_and_a_page_by_its_id(graded):
    named = {row["student"].removeprefix("'"): row["id"] for row in rows(graded / "out")}
    assert named == {name: student_id(name) for name in NAMES}
    assert {path.name for path in (graded / "out" / "feedback").iterdir()} == {
        feedback_page(name) for name in NAMES
    }
    page = (graded / "out" / "class.html").read_text("utf-8")
    for name in NAMES:
        assert f"<bdi>{name}</bdi>" in page
        assert f'href="feedback/{feedback_page(name)}"' in page
        assert f"<bdi>{name}</bdi>" in (graded / "out" / "feedback" / feedback_page(name)).read_text("utf-8")


def test_every_path_that_is_made_of_a_student_is_plain(graded):
    paths = [path.relative_to(graded / "out").as_posix() for path in (graded / "out").rglob("*")]
    assert all(path.isascii() for path in paths)
    assert len({path.casefold() for path in paths}) == len(paths)


def test_formgrader_shows_the_name(graded):
    with Gradebook(f"sqlite:///{graded / 'out' / 'nbgrader' / 'gradebook.db'}") as book:
        shown = {student.id: (student.last_name, bool(student.first_name)) for student in book.students}
    assert shown == {student_id(name): (name, True) for name in NAMES}


def test_marks_of_an_earlier_version_whose_folders_bore_names_are_gone_on_with(root, graded, tmp_path, way):
    out = tmp_path / "out"
    shutil.copytree(graded / "out", out)
    old = {"anna": "anna", "Strauß": "Strauß", "مريم": "مريم"}
    for name in old:
        for folder in ("results", "nbgrader/submitted", "nbgrader/autograded"):
            (out / folder / student_id(name)).rename(out / folder / name)
        (out / "feedback" / feedback_page(name)).rename(out / "feedback" / f"{name}.html")
    (out / MARKER).write_text(
        "Marks, feedback and an nbgrader course, made by python -m gossipkit.grading.\n", "utf-8"
    )
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        for student in book.students:
            if student.last_name in old:
                for submission in student.submissions:
                    submission.student_id = student.last_name
                student.id = student.last_name
        book.db.commit()
        given = book.find_grade("4-advice", "epidemics", "epidemics", "Strauß")
        given.manual_score, given.needs_manual_grade = 3.0, False
        book.db.commit()
    unread = '[{"student": "مريم", "assignment": "", "file": "m.ipynb", "digest": "0", "notes": [], "marks": [%s]}]'
    mark = '{"student": "مريم", "assignment": "", "task": "", "points": null, "maximum": 0, "status": "ungraded", "reason": "r"}'
    (out / "results" / "not-run.json").write_text(unread % mark, "utf-8")
    before = rows(out)
    results = grade(graded / "class", out, assignments(root, ["epidemics"]), way)
    after = rows(out)
    changed = [
        (new["student"], new["task"], new["points"])
        for old, new in zip(before, after, strict=True)
        if old != new
    ]
    assert changed == [("Strauß", "4-advice", "3.0")]
    assert {result.student for result in results} == set(NAMES)
    paths = [path.relative_to(out).as_posix() for path in out.rglob("*")]
    assert sorted(paths) == sorted(
        path.relative_to(graded / "out").as_posix() for path in (graded / "out").rglob("*")
    )
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        assert {student.id for student in book.students} == {student_id(name) for name in NAMES}


def test_a_terminal_is_given_no_command_by_a_name(root, tmp_path, way, monkeypatch, capsys):
    monkeypatch.chdir(root)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a\x1b[2Jb\n.ipynb").write_bytes(json.dumps({}).encode())
    assert main(["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().out
    assert "a\\x1b[2Jb\\n " in said and "\x1b" not in said
