"""What an instructor needs next: who is missing, what came late, and marks in the columns that learning platforms import."""

import csv
import io
import shutil
import subprocess
import sys
import typing
import zipfile

import nbformat
import pytest
from nbgrader.api import Gradebook

from gossipkit.grading.__main__ import main
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.grade import grade
from gossipkit.grading.intake import collect
from gossipkit.grading.names import student_id
from gossipkit.grading.results import Result
from gossipkit.grading.roster import Person, Roster, match, read_roster

MOODLE = """First name,Last name,ID number,Institution,Department,Email address,Last downloaded from this course
Ada,Lovelace,0017,,,ada@example.org,1760000000
Zoë,Strauß,0018,,,zoe@example.org,1760000000
مريم,الزهراء,0019,,,maryam@example.org,1760000000
"""
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,epidemics (4711),Current Score,Final Score
    Points Possible,,,,,20.00,(read only),(read only)
"Lovelace, Ada",101,s017,ada1,"Group A, and B",,,
"Strauß, Zoë",102,s018,zoe,Group B,,,
"Student, Test",103,,,Group B,,,
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum grade
Participant 1234567,Ada Lovelace,ada@example.org,Submitted for grading,,20
Participant 1234568,Zoë Strauß,zoe@example.org,No submission,,20
"""


@pytest.fixture
def roster(tmp_path):
    """``roster(text, encoding)``: a file with it."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "roster file.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def names(read):
    return [(person.name, dict(person.ids)) for person in read.people]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_roster_of_moodle_is_read_in_any_of_its_letters(roster, encoding):
    read = read_roster(roster(MOODLE, encoding))
    assert names(read)[1] == ("Zoë Strauß", {"ID number": "0018", "Email address": "zoe@example.org"})
    assert (read.people[2].first, read.people[2].last) == ("مريم", "الزهراء")
    assert len(read.people) == 3


@pytest.mark.parametrize(("between", "encoding"), [(";", "latin-1"), ("\t", "utf-8"), (";", "cp1252")])
def test_columns_may_be_parted_as_spreadsheets_do_it(roster, between, encoding):
    text = f"Surname{between}First name{between}E-Mail\nStrauß{between}Zoë{between}zoe@example.org\n"
    assert names(read_roster(roster(text, encoding))) == [
        ("Zoë Strauß", {"Email address": "zoe@example.org"})
    ]


def test_a_gradebook_of_canvas_is_read(roster):
    read = read_roster(roster(CANVAS, "utf-8-sig"))
    ids = {"ID": "101", "SIS User ID": "s017", "SIS Login ID": "ada1", "Section": "Group A, and B"}
    assert names(read)[0] == ("Lovelace, Ada", ids)
    assert [(person.first, person.last) for person in read.people] == [("Ada", "Lovelace"), ("Zoë", "Strauß")]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ada Lovelace\nZoë\n\n", [("Ada Lovelace", {}), ("Zoë", {})]),
        ("Lovelace, Ada\nStrauß, Zoë\n", [("Ada Lovelace", {}), ("Zoë Strauß", {})]),
        ("name,id,email\nAda,17,a@b.org\n", [("Ada", {"ID": "17", "Email address": "a@b.org"})]),
        ("Ada,17,a@b.org\nZoë,,\n", [("Ada", {"ID": "17", "Email address": "a@b.org"}), ("Zoë", {})]),
        ("Ada;a@b.org;17\n", [("Ada", {"ID": "17", "Email address": "a@b.org"})]),
        ("sep=;\nName;Username\nAda;al\n", [("Ada", {"Username": "al"})]),
    ],
)
def test_a_plain_list_is_read(roster, text, people):
    assert names(read_roster(roster(text))) == people


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("name,id\n", "names nobody"),
        ("email,section\na@b,1\n", "none with names: call it Name"),
    ],
)
def test_a_roster_without_names_is_refused_with_what_is_wrong(roster, text, said):
    with pytest.raises(GradingError, match=said):
        read_roster(roster(text))


def test_a_roster_that_is_not_there_is_refused_before_anything_runs(
    root, tmp_path, batch, monkeypatch, capsys
):
    monkeypatch.chdir(root)
    batch("class").hand_in("ada.ipynb")
    out = tmp_path / "out"
    asked = [
        "grade",
        str(tmp_path / "class"),
        "--out",
        str(out),
        "--no-sandbox",
        "--roster",
        str(tmp_path / "none.csv"),
    ]
    assert main(asked) == 2
    assert "none.csv can't be read: No such file" in capsys.readouterr().err
    assert not out.exists()


def who(people, *handed_in):
    """Who is who: of (student, the platform's numbers, assignment) handed in."""
    results = [
        Result(student, assignment, f"{student}.ipynb", "0", lms=lms, tests="t")
        for student, lms, assignment in handed_in
    ]
    matched = match(results, Roster(tuple(people)))
    found = {student: matched.roster.people[at].name for student, at in matched.places.items()}
    return found, dict(matched.problems), [people[at].name for at in matched.missing(results, "epidemics")]


ADA = Person(
    "Ada Lovelace", "Ada", "Lovelace", {"ID": "101", "Username": "al", "Email address": "Ada@example.org"}
)
ZOE = Person("Strauß, Zoë", "Zoë", "Strauß", {"ID": "102", "Identifier": "Participant 77"})


@pytest.mark.parametrize(
    ("student", "lms", "name"),
    [
        ("lovelaceada_101", {"canvas": "101"}, "Ada Lovelace"),
        ("somebodyelse_101", {"canvas": "101"}, "Ada Lovelace"),
        ("Participant_77", {"moodle": "77"}, "Strauß, Zoë"),
        ("Ada Lovelace_900", {"moodle": "900"}, "Ada Lovelace"),
        ("al", {}, "Ada Lovelace"),
        ("ada@EXAMPLE.org", {}, "Ada Lovelace"),
        ("102", {}, "Strauß, Zoë"),
        ("Lovelace, Ada", {}, "Ada Lovelace"),
        ("ADA  LOVELACE", {}, "Ada Lovelace"),
        ("Lovelace Ada", {}, "Ada Lovelace"),
        ("lovelace.ada", {}, "Ada Lovelace"),
        ("Zoë Strauß", {}, "Strauß, Zoë"),
        ("zoe strauss", {}, "Strauß, Zoë"),
        ("straußzoë_555", {"canvas": "555"}, "Strauß, Zoë"),
    ],
)
def test_a_student_is_found_by_the_platforms_number_and_then_by_name(student, lms, name):
    other = next(person.name for person in (ADA, ZOE) if person.name != name)
    assert who([ADA, ZOE], (student, lms, "epidemics")) == ({student: name}, {}, [other])


@pytest.mark.parametrize("student", ["Ada", "Lovelace", "Augusta Lovelace", "101a", "", "प्रिया"])
def test_a_name_that_is_not_there_is_said_and_matched_to_nobody(student):
    found, problems, missing = who([ADA, Person("प्रीया"), Person("...")], (student, {}, "epidemics"))
    assert found == {} and problems == {student: "not on the roster"} and len(missing) == 3


def test_nobody_is_guessed():
    twins = [
        Person("Kim Lee", ids={"ID": "1"}),
        Person("Lee Kim", ids={"ID": "2"}),
        Person("Kim Lee", ids={"ID": "3"}),
    ]
    found, problems, missing = who(twins, ("Kim Lee", {}, "epidemics"))
    assert found == {} and missing == ["Lee Kim"]
    assert problems == {"Kim Lee": "could be Kim Lee (1) or Kim Lee (3)"}
    assert who(twins, ("leekim_3", {"canvas": "3"}, "epidemics"))[0] == {"leekim_3": "Kim Lee"}

    found, problems, missing = who([Person("Anna")], ("anna", {}, "epidemics"), ("ANNA", {}, "epidemics"))
    assert found == {} and missing == []
    assert set(problems.values()) == {"anna and ANNA could each be Anna"}
    found, problems, _ = who([Person("Anna")], ("Anna", {}, "epidemics"), ("ANNA", {}, "epidemics"))
    assert found == {"Anna": "Anna"} and problems == {"ANNA": "not on the roster, where Anna is rather Anna"}


def test_numbers_that_differ_from_assignment_to_assignment_are_one_persons():
    handed_in = [
        ("Ada Lovelace_5", {"moodle": "5"}, "epidemics"),
        ("Ada Lovelace_6", {"moodle": "6"}, "consul"),
    ]
    found, problems, missing = who([ADA], *handed_in)
    assert set(found.values()) == {"Ada Lovelace"} and not problems and not missing


@pytest.fixture
def graded(root, tmp_path, batch, begun, quick, roster):
    """Four submissions, graded with a roster: one late, one unmarked, one unreadable, and one of nobody's."""
    folder = batch("class")
    folder.hand_in("lovelaceada_LATE_101_9_epidemics.ipynb", fails="2-measured")
    folder.hand_in("+zoe.ipynb")
    folder.hand_in("Nobody.ipynb")
    (folder.path / "Kim.ipynb").write_text("no notebook")
    out = tmp_path / "out"
    shutil.copytree(begun, out)
    people = "Student,ID,SIS User ID,SIS Login ID,Section,Epidemics (4711)\n    Points Possible,,,,,20\n"
    people += '"Lovelace, Ada",101,=s17,ada1,A,\n"Strauß, Zoë",102,,+zoe,A,\nKim,103,,kim,B,\n"Dee, Dora",104,,d,B,\n'

    def again(**given):
        return grade(folder.path, out, assignments(root, ["epidemics"]), quick, **given)

    again(roster=roster(people))
    with Gradebook(f"sqlite:///{out / 'nbgrader' / 'gradebook.db'}") as book:
        given = book.find_grade("4-advice", "epidemics", "epidemics", student_id("lovelaceada_101"))
        given.manual_score = 3.5
        book.db.commit()
    again()  # the roster is kept
    return out


def table(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True))


def test_the_marks_say_who_is_missing_who_was_late_and_who_is_who(graded, rows):
    marks = rows(graded)
    (missing,) = (row for row in marks if row["status"] == "missing")
    assert (missing["student"], missing["points"], missing["maximum"]) == ("Dee, Dora", "", "20.0")
    assert (missing["ID"], missing["SIS Login ID"], missing["reason"]) == (
        "104",
        "d",
        "nothing was handed in",
    )
    late = {row["student"]: row["late"] for row in marks}
    assert late == {"lovelaceada_101": "LATE"} | dict.fromkeys(["'+zoe", "Nobody", "Kim", "Dee, Dora"], "")
    who = {row["student"]: (row["name"], row["ID"], row["roster"]) for row in marks}
    assert who["lovelaceada_101"] == ("Lovelace, Ada", "101", "")
    assert who["'+zoe"] == ("Strauß, Zoë", "102", "")
    assert who["Nobody"] == ("", "", "not on the roster")
    page = (graded / "class.html").read_text("utf-8")
    assert "<bdi>Dee, Dora</bdi>" in page and "<bdi>Nobody</bdi>: not on the roster" in page


def test_canvas_gets_its_columns_and_blanks_where_marks_are_lacking(graded):
    head, possible, *people = table(graded / "gradebook_canvas.csv")
    assert head[:6] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Epidemics (4711)"]
    assert all("Final Grade" in column for column in head[6:]), (
        "Canvas takes any other column for an assignment"
    )
    assert possible == ["    Points Possible", "", "", "", "", "20", "(read only)"]
    assert people == [
        ["Lovelace, Ada", "101", "=s17", "ada1", "A", "16.5", ""],
        ["Strauß, Zoë", "102", "", "+zoe", "A", "", "4-advice: needs marking"],
        ["Kim", "103", "", "kim", "B", "", people[2][6]],
        ["Dee, Dora", "104", "", "d", "B", "", "missing: nothing was handed in"],
    ]
    assert people[2][6].startswith("ungraded: Kim.ipynb is not a notebook")


def test_moodle_gets_its_columns_and_only_people_it_knows(graded, roster, root, quick, tmp_path):
    head, *people = table(graded / "gradebook_moodle.csv")
    assert head == [
        *("First name", "Last name", "ID number", "Username", "Email address"),
        *("epidemics", "epidemics: why it is blank"),
    ]
    assert [row[:2] for row in people] == [
        ["Ada", "Lovelace"],
        ["Zoë", "Strauß"],
        ["", "Kim"],
        ["Dora", "Dee"],
    ]
    grade(tmp_path / "class", graded, assignments(root, ["epidemics"]), quick, roster=roster(MOODLE))
    _, ada, zoe, maryam = table(graded / "gradebook_moodle.csv")
    assert ada[:5] == ["Ada", "Lovelace", "0017", "", "ada@example.org"]
    assert (ada[5], zoe[5], maryam[6]) == ("16.5", "", "missing: nothing was handed in")


def test_without_a_roster_both_tables_have_everybody_who_handed_in(root, tmp_path, batch, begun, quick, rows):
    folder = batch("class")
    folder.hand_in("lovelaceada_LATE_101_9_epidemics.ipynb")
    folder.hand_in("مريم.ipynb")
    shutil.copytree(begun, tmp_path / "out")
    grade(folder.path, tmp_path / "out", assignments(root, ["epidemics"]), quick)
    assert [row[:2] for row in table(tmp_path / "out" / "gradebook_canvas.csv")[2:]] == [
        ["lovelaceada", "101"],
        ["مريم", ""],
    ]
    assert [row[1] for row in table(tmp_path / "out" / "gradebook_moodle.csv")[1:]] == ["lovelaceada", "مريم"]
    assert "roster" not in rows(tmp_path / "out")[0]


def test_nbgraders_own_export_is_blank_where_marks_are_lacking(graded):
    course = graded / "nbgrader"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export"], cwd=course, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    head, *people = table(course / "grades.csv")
    found = {row[3]: dict(zip(head, row, strict=True)) for row in people}
    ada, zoe = (found[student_id(name)] for name in ("lovelaceada_101", "+zoe"))
    assert (ada["first_name"], ada["last_name"], ada["score"], ada["reason"]) == (
        "Ada",
        "Lovelace",
        "16.5",
        "",
    )
    assert (zoe["raw_score"], zoe["score"], zoe["reason"]) == ("", "", "not marked: 4-advice")
    assert zoe["max_score"] == "20.0"


def test_formgrader_shows_who_the_roster_says_it_is(graded):
    with Gradebook(f"sqlite:///{graded / 'nbgrader' / 'gradebook.db'}") as book:
        ada = book.find_student(student_id("lovelaceada_101"))
        assert (ada.first_name, ada.last_name, ada.lms_user_id) == ("Ada", "Lovelace", "101")


STAMPS = ["2026-01-01 10:00:00.5 UTC", "2026-01-02 09:00:00 UTC", "2026-01-01 23:00:00 UTC"]


def exchange(batch, answers):
    folder = batch("inbound")
    for number, (stamp, fails) in enumerate(answers):
        place = f"ada+epidemics+{stamp}+Ab{number}="
        folder.hand_in(f"{place}/epidemics.ipynb", fails=fails)
        (folder.path / place / "timestamp.txt").write_text(stamp)
    return folder


def test_of_what_nbgraders_exchange_collected_the_newest_counts_and_that_is_said(
    root, tmp_path, batch, begun, quick, rows
):
    folder = exchange(batch, zip(STAMPS, ["2-measured", "3-cost", "3-speed"], strict=True))
    shutil.copytree(begun, tmp_path / "out")
    (result,) = grade(folder.path, tmp_path / "out", assignments(root, ["epidemics"]), quick)
    assert [mark.task for mark in result.marks if mark.points == 0] == ["3-cost"]
    assert result.notes == ("handed in 3 times, and the newest counts, that of 2026-01-02 09:00:00 UTC",)
    assert {(row["student"], row["submitted"]) for row in rows(tmp_path / "out")} == {
        ("ada", "2026-01-02 09:00:00 UTC")
    }
    with Gradebook(f"sqlite:///{tmp_path / 'out' / 'nbgrader' / 'gradebook.db'}") as book:
        assert str(book.find_submission("epidemics", student_id("ada")).timestamp) == "2026-01-02 09:00:00"


@pytest.fixture
def released(root):
    path = root / "exercises" / "epidemics" / "epidemics.ipynb"
    return {"epidemics": nbformat.read(path, as_version=4)}


def test_hand_ins_of_one_time_or_of_no_time_are_refused(batch, released):
    folder = exchange(batch, [(STAMPS[0], ""), (STAMPS[0], "")])
    ((one,),) = [collect(folder.path, released)]
    assert "handed in more than once" in one.reason
    folder = batch("plain")
    for name in ("a", "b"):
        folder.hand_in(f"ada/{name}.ipynb")
    (one,) = collect(folder.path, released)
    assert one.reason == "handed in more than once (a.ipynb, b.ipynb): leave one"


@pytest.mark.parametrize("top", ["", "submitted/", "course/submitted/"])
def test_what_nbgrader_collected_is_read(batch, released, top):
    folder = batch("class")
    for name in ("ada", "zoë"):
        folder.hand_in(f"{top}{name}/epidemics/epidemics.ipynb")
        (folder.path / top / name / "epidemics" / "timestamp.txt").write_text(
            "2026-01-01 10:00:00.123456 UTC\n"
        )
    found = collect(folder.path, released)
    assert [(one.student, one.submitted, one.reason, one.notes) for one in found] == [
        (name, "2026-01-01 10:00:00 UTC", "", []) for name in ("ada", "zoë")
    ]


def test_times_come_from_the_classes_archive_but_not_from_a_platforms_which_has_only_its_own(
    tmp_path, batch, released
):
    folder = batch("class")
    folder.hand_in("ada.ipynb")
    data = (folder.path / "ada.ipynb").read_bytes()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name, when in [
            ("ada.ipynb", (2026, 1, 2, 3, 4, 6)),
            ("bob.ipynb", (1980, 1, 1, 0, 0, 0)),
            ("carlc_LATE_7_8_x.ipynb", (2026, 1, 2, 3, 4, 6)),
        ]:
            archive.writestr(zipfile.ZipInfo(name, when), data)
    found = {one.student: (one.submitted, one.late) for one in collect(tmp_path / "class.zip", released)}
    assert found == {"ada": ("2026-01-02 03:04:06", False), "bob": ("", False), "carlc_7": ("", True)}


class Bar:
    """A progress bar that is only remembered."""

    made: typing.ClassVar = []

    def __init__(self, total=None, desc="", **settings):
        self.total, self.desc, self.n, self.lines = total, desc, 0, []
        self.made.append(self)

    def update(self, more=1):
        self.n += more

    def write(self, line):
        self.lines.append(line)

    def close(self):
        pass


def test_reading_grading_and_regrading_say_how_far_they_are(
    root, tmp_path, batch, begun, quick, monkeypatch, capsys
):
    monkeypatch.chdir(root)
    monkeypatch.setattr("tqdm.tqdm", Bar)
    folder, out = batch("class"), tmp_path / "out"
    for name in ("a", "b", "c/c"):
        folder.hand_in(f"{name}.ipynb")
    (folder.path / "c" / "data.csv").write_text("1")
    shutil.copytree(begun, out)
    monkeypatch.setattr(Bar, "made", [])
    assert main(["grade", str(folder.path), "--out", str(out), "--no-sandbox"]) == 0
    assert [(bar.desc, bar.n, bar.total) for bar in Bar.made] == [("reading", 4, 4), ("grading", 3, 3)]
    monkeypatch.setattr(Bar, "made", [])
    assert main(["regrade", str(out), "--no-sandbox"]) == 0
    assert (Bar.made[-1].n, Bar.made[-1].total) == (3, 3)


def test_the_command_says_who_is_missing_and_who_is_not_on_the_roster(
    root, tmp_path, batch, begun, quick, roster, monkeypatch, capsys
):
    monkeypatch.chdir(root)
    folder, out = batch("class"), tmp_path / "out"
    for name in ("Ada Lovelace", "Eve"):
        folder.hand_in(f"{name}.ipynb")
    shutil.copytree(begun, out)
    people = str(roster("Ada Lovelace\nZoë Strauß\n"))
    assert main(["grade", str(folder.path), "--out", str(out), "--no-sandbox", "--roster", people]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Eve roster not on the roster" in said
    assert "epidemics: of 2 on the roster, 1 handed in nothing" in said
    assert str(out / "gradebook_canvas.csv") in said
