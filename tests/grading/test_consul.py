"""Exercise 2, graded: the reference, the untouched exercise, and plausible wrong answers."""

import pytest

from gossipkit.grading.course import assignments
from gossipkit.grading.grade import grade

POINTS = {
    "1-parts": 2,
    "1-parts-all": 3,
    "2-confirmations": 2,
    "2-duration": 3,
    "2-no-confirmers": 1,
    "3-authority": 3,
    "3-repair": 3,
    "4-accuracy": 2,
    "4-speed": 2,
    "4-cost": 1,
    "5-advice": 4,
}
WRONG = {
    "user events are ordered": (
        {"parts": lambda source: source.replace('7: "none"', '7: "gossip"')},
        {"1-parts-all"},
    ),
    "everything is gossip": (
        {"parts": lambda source: 'parts = dict.fromkeys(range(1, 11), "gossip")'},
        {"1-parts", "1-parts-all"},
    ),
    "not rounded down": (
        {"suspicion": lambda source: source.replace("math.floor(", "(")},
        {"2-duration"},
    ),
    "everybody counts": (
        {"suspicion": lambda source: source.replace("len(self.accusers) - 1 >= self.k", "False")},
        {"2-confirmations"},
    ),
    "no edge": (
        {"suspicion": lambda source: source.replace("if self.k < 1:", "if False:")},
        {"2-no-confirmers"},
    ),
    "a crash and no more": (
        {"evidence": lambda source: source.replace('(20, "crash", {"name": "server-1"}),', "")},
        {"3-authority"},
    ),
    "seen too early": ({"evidence": lambda source: source.replace("250.0", "120.0")}, {"3-repair"}),
    "LAN defaults": ({"settings": lambda source: "wan_settings = {}"}, {"4-accuracy", "4-speed", "4-cost"}),
}


@pytest.fixture(scope="module")
def graded(root, tmp_path_factory, class_of, way):
    folder = tmp_path_factory.mktemp("class") / "submissions"
    folder.mkdir()
    students = class_of("consul", folder)
    students.hand_in("reference.ipynb")
    students.write("untouched.ipynb", students.released)
    for name, (changed, _) in WRONG.items():
        students.hand_in(f"{name}.ipynb", **changed)
    return {
        result.student: {mark.task: mark for mark in result.marks}
        for result in grade(folder, folder.parent / "out", assignments(root), way)
    }


def test_the_reference_has_every_point_that_a_machine_gives(graded):
    marks = graded["reference"]
    assert {task: mark.maximum for task, mark in marks.items()} == POINTS
    assert {task for task, mark in marks.items() if mark.points != mark.maximum} == {"5-advice"}
    assert marks["5-advice"].status == "needs marking"


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, name):
    lost = {
        task for task, mark in graded[name].items() if mark.points is not None and mark.points < mark.maximum
    }
    assert lost == WRONG[name][1]


def test_the_reason_says_what_the_evidence_lacks(graded):
    assert "do not name agent-1" in graded["a crash and no more"]["3-authority"].reason
    assert "this run shows something else" in graded["seen too early"]["3-repair"].reason
