"""``check``: what a student is told before handing in."""

from copy import deepcopy

import nbformat
import pytest

from gossipkit.grading.__main__ import main
from gossipkit.grading.check import check
from gossipkit.grading.course import GradingError, assignments
from gossipkit.grading.sandbox import Limits
from gossipkit.grading.selfmarking import mark_yourself
from gossipkit.progress import ProgressFile, fingerprint


def _instead(**answers):
    return {cell: lambda _, text=text: text for cell, text in answers.items()}


PARTS = 'parts = dict.fromkeys(range(1, 11), "none")'
NOWHERE = "from gossipkit.sim import Scenario\n\nevidence = dict.fromkeys({names}, (Scenario([]), 100.0))"
FINDING = ("node", "moment_s", "mechanism", "first_metric")
# every answer is wrong and of the form that is asked for
WRONG = {
    "epidemics": _instead(
        one_round="def one_round(knows, calls, mode):\n    return set(knows), 0",
        prediction='prediction = "same"',
        measurement="never_told = {64: 0.5, 1024: 0.5}",
        reason='reason = "D"',
        settings='settings = {"mode": "push", "fanout": 1, "copies": 1}',
    ),
    "consul": _instead(
        parts=PARTS,
        suspicion="""class Suspicion:
    def __init__(self, accuser, k, min_s, max_s):
        self.min_s = min_s

    def confirm(self, name):
        return True

    def lasts_s(self):
        return self.min_s
""",
        evidence=NOWHERE.format(names=["authority", "repair"]),
        settings='wan_settings = {"suspicion_mult": 1}',
    ),
    "cassandra": _instead(
        parts=PARTS,
        reply='def reply(remote, local):\n    return "nothing", None',
        window="""class Window:
    def __init__(self, size=1000):
        pass

    def add(self, t):
        pass

    def phi(self, t):
        return 0.0
""",
        evidence=NOWHERE.format(names=["consistency", "zombie", "owners"]),
        choice='choice = {"write": "ONE", "read": "ONE", "hint_window_s": 1.0, "repair_interval_s": None}',
        case="""from gossipkit.gossip.scuttlebutt import EndpointState, HeartBeatState

asker = asked = {"node": EndpointState(HeartBeatState(1, 1), {})}
wrong_rule = dict.fromkeys("ABC", "equal")
""",
    ),
    "dynamo": _instead(
        parts=PARTS,
        clocks="""def descends(a, b):
    return True


def concurrent(a, b):
    return False


def merge(a, b):
    return dict(a)
""",
        cart="""def take_out(cart, item):
    return tuple(other for other in cart if other != item)


def inside(cart):
    return tuple(sorted(set(cart)))


def merge_carts(carts):
    return tuple(sorted({item for cart in carts for item in cart}))
""",
        cost='left_behind, put_in_again = 7, "out"',
        evidence=NOWHERE.format(names=["quorum", "repair"]),
        choice='choice = {"n": 3, "r": 2, "w": 2, "quorum": "sloppy", "merkle_s": 10.0}',
    ),
    "unseen": _instead(
        redis='redis = dict.fromkeys(range(1, 9), "none")',
        evidence=NOWHERE.format(names=["pfail", "lost"]),
        cockroachdb='cockroachdb = dict.fromkeys(range(1, 9), "none")',
        corrosion='corrosion = dict.fromkeys(range(1, 9), "none")',
        trust='trust = dict.fromkeys(range(1, 10), "holds")',
        metrics='metrics = dict.fromkeys(range(1, 9), "cluster_state")',
    ),
    "parameters": _instead(
        sources='decides = dict.fromkeys(range(1, 9), "demand")',
        settings="shops = trading = {}",
        derivation="def derive(c):\n    return {}",
    ),
    "incidents": _instead(
        **{
            name.replace("_", ""): f"{name} = dict.fromkeys({FINDING}) | {{'layer': 'gossip'}}"
            for name in ("night_shift", "checkout", "ghosts", "standstill")
        },
        invariant="def broken(events):\n    return None",
        propose='def propose(seed):\n    return [(5.0 + seed % 15, "pause", {"name": "node-1", "seconds": 1.0 + seed})]',
        shorten="def shorten(steps):\n    return []",
    ),
    "trust": _instead(
        consul='consul = dict.fromkeys(range(1, 8), "nobody")',
        cassandra='cassandra = dict.fromkeys(range(1, 8), "outsider")',
        gossipsub='gossipsub = dict.fromkeys(range(1, 8), "member")',
        cap="def accept(known, claimed, now_s):\n    return False\n\n\ndef refute(accused, clock_s):\n    return None",
        score="def score(events, now_s):\n    return 0.0",
        evidence=NOWHERE.format(names=["majority", "undead"]),
    ),
}


@pytest.fixture
def students(class_of, tmp_path):
    return class_of("epidemics", tmp_path, quick=True)


def test_a_right_answer_passes_and_the_file_is_only_read(students, tmp_path, capsys):
    students.hand_in("mine.ipynb")
    before = (tmp_path / "mine.ipynb").read_bytes()
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 0
    said = capsys.readouterr().out
    assert "1-one-round-tells            passed the checks in sight\n" in said
    assert "4-advice                     answered, for a person to mark" in said
    assert "epidemics, 9 tasks: 6 passed, 2 of form only, 1 written\n" in said
    assert "hidden tests, which look at more cases and at whether answers of the right form are right" in said
    assert (tmp_path / "mine.ipynb").read_bytes() == before


def test_in_its_place_in_the_course_the_check_is_kept_beside_the_lessons_and_nowhere_else(students, tmp_path):
    students.hand_in("mine.ipynb")
    (tmp_path / "course" / "notebooks").mkdir(parents=True)
    place = tmp_path / "course" / "exercises" / "epidemics" / "epidemics.ipynb"
    place.parent.mkdir(parents=True)
    (tmp_path / "mine.ipynb").rename(place)
    before = place.read_bytes()
    assert main(["check", str(place)]) == 0
    kept = ProgressFile(tmp_path / "course" / "notebooks").lesson("01_epidemic_spread")["exercise"][
        "epidemics"
    ]
    assert (kept["done"], kept["tasks"], kept["text"]) == (9, 9, fingerprint(place))
    assert place.read_bytes() == before


def test_it_names_the_property_that_failed_and_the_answer_that_is_missing(students, tmp_path, capsys):
    unanswered = next(cell.source for cell in students.released.cells if cell.id == "4-advice")
    students.hand_in(
        "mine.ipynb",
        one_round=lambda source: source.replace("call.target in knows", "call.target in after").replace(
            "call.caller in knows", "call.caller in after"
        ),
        **{"4_advice": lambda source: unanswered},
    )
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 1
    said = capsys.readouterr().out
    assert (
        "not passed, because this is not so: who learns in this round passes nothing on before the next"
        in said
    )
    assert "4-advice                     no answer was given" in said
    assert "epidemics, 9 tasks: 5 passed, 2 of form only, 2 not done" in said


def test_nothing_passes_untouched(students, tmp_path):
    students.write("mine.ipynb", students.released)
    told = check(tmp_path / "mine.ipynb")
    assert not any(verdict.passed for verdict in told.verdicts.values())
    elsewhere = "in its own cell; one that stands elsewhere is found when this is graded"
    assert {task: told.said(task) for task in told.verdicts} == {
        task: "no answer was given" + f" {elsewhere}" * (task in told.written) for task in told.verdicts
    }


@pytest.mark.parametrize("assignment", WRONG)
def test_what_is_called_form_only_lets_wrong_answers_by_and_nothing_else_does(class_of, tmp_path, assignment):
    students = class_of(assignment, tmp_path)
    students.hand_in("wrong.ipynb", **WRONG[assignment])
    told = check(tmp_path / "wrong.ipynb")
    machine = told.verdicts.keys() - told.written
    assert {task for task in machine if told.verdicts[task].passed} == told.form_only
    assert not any("pass" in told.said(task) for task in told.form_only)
    assert all(told.verdicts[task].reason.startswith("not so: ") for task in machine - told.form_only)
    marks = {mark.task: mark for mark in mark_yourself(tmp_path / "wrong.ipynb").result.marks}
    assert {marks[task].points for task in machine} == {0.0}, "each of these answers is wrong"


def test_every_test_with_hidden_parts_says_at_its_end_what_it_looks_at(root):
    for assignment in assignments(root):
        hidden = {cell.id for cell in assignment.notebook.cells if "BEGIN HIDDEN TESTS" in cell.source}
        released = nbformat.read(root / "exercises" / assignment.name / assignment.source.name, as_version=4)
        for cell in released.cells:
            if cell.id in hidden:
                assert cell.source.splitlines()[-1] in ("form_only()", "hidden_tests_follow()"), cell.id
                assert cell.source.count("form_only()") + cell.source.count("hidden_tests_follow()") == 1


def test_a_test_that_was_edited_or_builds_on_what_was_says_nothing(students, tmp_path):
    notebook = deepcopy(students.without("3-cost"))
    cells = {cell.id: cell for cell in notebook.cells}
    cells["2-explained"].source = "this is (no Python"
    cells["task-3-measure"].source += "\nmeasure = lambda *_, **__: dict(coverage=1, in_time=1, messages=0)"
    students.write("mine.ipynb", notebook)
    told = check(tmp_path / "mine.ipynb")
    notes = " ".join(told.notes)
    assert "the cell '3-cost' is missing" in notes
    assert "the cell '2-explained' was edited" in notes
    assert told.said("3-cost").startswith("not checked, because its own cell is missing or was edited")
    assert told.said("2-explained").startswith("not checked, because its own cell is missing or was edited")
    assert told.said("3-speed").startswith(
        "not checked, because the cell 'task-3-measure', which its test builds"
    )
    assert told.said("1-one-round-counts") == "passed the checks in sight"
    assert not told.passed
    assert "epidemics, 9 tasks: 3 passed, 1 of form only, 1 written, 4 not checked" in told.lines()


def test_without_the_cell_that_imports_the_checks_nothing_is_said_to_be_wrong(students, tmp_path):
    students.write("mine.ipynb", students.without("task-1-types"))
    told = check(tmp_path / "mine.ipynb")
    for task in told.verdicts.keys() - told.written:
        assert told.said(task).startswith("not checked, because the cell 'task-1-types', which"), task


@pytest.mark.parametrize("first", [True, False], ids=["the first is answered", "the second is"])
@pytest.mark.parametrize("name", ["one-round", "4-advice", "1-one-round-tells"])
def test_of_a_cell_that_is_there_twice_the_answered_one_counts(students, tmp_path, name, first):
    notebook = deepcopy(students.answered)
    untouched = {cell.id: cell for cell in students.released.cells}
    at = next(place for place, cell in enumerate(notebook.cells) if cell.id == name)
    copy = deepcopy(untouched[name])
    copy.id = "copy"
    if name == "1-one-round-tells":
        copy.source = "raise SystemError"
    notebook.cells.insert(at + first, copy)
    students.write("mine.ipynb", notebook)
    told = check(tmp_path / "mine.ipynb")
    assert f"the cell {name!r} is there 2 times: leave one" in told.notes
    if name != "one-round" or not first:  # what is defined last counts, as in a notebook that is run
        assert told.passed, list(told.lines())


def test_an_answer_in_a_cell_of_ones_own_is_found(students, tmp_path):
    notebook = deepcopy(students.released)
    answers = {cell.id: cell.source for cell in students.answered.cells}
    at = next(place for place, cell in enumerate(notebook.cells) if cell.id == "one-round")
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(answers["one-round"]))
    notebook.cells.append(nbformat.v4.new_code_cell(answers["reason"]))
    students.write("mine.ipynb", notebook)
    told = check(tmp_path / "mine.ipynb")
    assert told.said("1-one-round-tells") == "passed the checks in sight"
    assert told.said("2-explained").startswith("form only")
    assert told.said("2-measured") == "no answer was given"


def test_a_cell_of_ones_own_that_is_no_python_costs_nothing(students, tmp_path):
    notebook = deepcopy(students.answered)
    notebook.cells.insert(5, nbformat.v4.new_code_cell("what did (I want here"))
    students.write("mine.ipynb", notebook)
    assert check(tmp_path / "mine.ipynb").passed


def test_a_syntax_error_in_an_answer_is_named(students, tmp_path):
    students.hand_in("mine.ipynb", reason=lambda source: 'reason = "B')
    said = check(tmp_path / "mine.ipynb").said("2-explained")
    assert said.startswith("not passed: the test could not run")
    assert "unterminated string literal" in said


def test_a_cell_that_never_ends_is_stopped_and_named(students, tmp_path):
    students.hand_in("mine.ipynb", reason=lambda source: "while True: pass")
    told = check(tmp_path / "mine.ipynb", Limits(cpu_s=2))
    assert told.said("2-explained") == (
        "not checked, because the cell that begins with 'while True: pass' ran for more than 2 s of processor time"
    )
    assert told.said("3-cost") == "passed the checks in sight"


def test_a_cell_that_ends_its_process_is_no_success(students, tmp_path):
    students.hand_in("mine.ipynb", one_round=lambda source: "import os; os._exit(0)")
    told = check(tmp_path / "mine.ipynb")
    assert told.verdicts["1-one-round-tells"].passed is None
    assert "ended the process" in told.said("1-one-round-tells")


def test_another_release_is_said(students, tmp_path):
    course = tmp_path / "course"
    (course / "exercises" / "epidemics").mkdir(parents=True)
    newer = deepcopy(students.released)
    newer.metadata.gossipkit.release = "another"
    students.write("course/exercises/epidemics/epidemics.ipynb", newer)
    students.folder = course
    students.hand_in("mine.ipynb")
    (note,) = check(course / "mine.ipynb").notes
    assert note.startswith("this notebook is of another release than ")
    students.write("exercises/epidemics/epidemics.ipynb", students.released)
    assert not check(course / "mine.ipynb").notes


def test_a_notebook_of_windows_tools_is_read(students, tmp_path):
    students.hand_in("mine.ipynb")
    path = tmp_path / "mine.ipynb"
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    assert check(path).passed


def test_an_interrupted_check_promises_nothing(students, tmp_path, capsys, monkeypatch):
    students.hand_in("mine.ipynb")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gossipkit.grading.check.Run", interrupted)
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "is not a notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "is no exercise of this course"),
    ],
)
def test_what_is_no_exercise_is_refused(tmp_path, capsys, content, said):
    (tmp_path / "mine.ipynb").write_text(content)
    assert main(["check", str(tmp_path / "mine.ipynb")]) == 2
    assert said in capsys.readouterr().err
    with pytest.raises(GradingError):
        check(tmp_path / "nowhere.ipynb")
