"""One budget a submission: what it takes in cells and in tests' questions together is limited, and what is left is shared out."""

from types import SimpleNamespace

import pytest

from gossipkit.grading import runner
from gossipkit.grading.answers import own_cells
from gossipkit.grading.course import assignments
from gossipkit.grading.crew import Crew
from gossipkit.grading.intake import collect
from gossipkit.grading.judge import Way, judged
from gossipkit.grading.runner import Run
from gossipkit.grading.sandbox import Limits, Stopped

BUDGET_S = 100.0
HANGS = 1e9


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


class Process:
    """Stands for a confined process: a cell, or an answer to a test, takes as long as it is told to."""

    def __init__(self, module, clock, takes):
        self.kind, self.clock, self.takes, self.verdict = module.rpartition(".")[2], clock, takes, ""

    def ask(self, message, within=None):
        if self.kind == "checker":
            return {"done": {"answers": {}} | ({"gone": message["gone"]} if "gone" in message else {})}
        takes = self.takes(message)
        self.clock.now += min(takes, within)
        if takes > within:
            raise Stopped("hung")
        return (
            {"output": "", "raised": None, "lost": {}}
            if message["do"] == "cell"
            else {"values": dict.fromkeys(message["names"])}
        )

    def stop(self, verdict=""):
        self.verdict = self.verdict or verdict


@pytest.fixture
def run(root, monkeypatch, class_of, tmp_path):
    """``run(takes)``: the verdicts of a submission whose cells and answers take so long, and when the last was there."""
    students = class_of("epidemics", tmp_path)
    source = students.reference
    clock = Clock()
    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=clock.monotonic))

    def of(takes):
        tasks = {name for name, cell in own_cells(source).items() if cell.metadata.nbgrader.grade}
        start = lambda module: Process(module, clock, takes)  # noqa: E731
        return Run(students.answered, source, start, BUDGET_S, tasks).verdicts(), clock.now

    return of


def test_a_quick_submission_is_judged_whole(run):
    verdicts, ended = run(lambda question: 1.0)
    assert all(verdict.passed for verdict in verdicts.values())
    assert ended < BUDGET_S


def test_cells_and_questions_are_counted_together(run):
    verdicts, ended = run(lambda question: 11.0)
    assert ended <= BUDGET_S
    assert verdicts.popitem()[1].reason.endswith("the submission had used up its 100 s")
    assert next(iter(verdicts.values())).passed, "what was judged before stays"


def test_what_ran_is_not_said_to_have_been_left_out_because_a_test_used_the_budget_up(run):
    slow = iter([0.49 * BUDGET_S])

    def takes(question):
        if "def one_round" in question.get("source", ""):
            return next(slow, 0.0)  # when it is done again it is quick
        return HANGS if {"reason", "settings"} & {*question.get("names", ())} else 0.0

    verdicts, _ = run(takes)
    assert verdicts["3-cost"].reason.endswith("the submission had used up its 100 s")
    assert not any("was not run" in verdict.reason for verdict in verdicts.values())


def test_nothing_holds_a_worker_longer(run):
    assert run(lambda question: HANGS if question["do"] == "names" else 0.0)[1] <= BUDGET_S


def test_nothing_holds_a_worker_longer_by_hanging_everywhere(run):
    assert run(lambda question: HANGS)[1] <= BUDGET_S


def test_a_cell_that_hangs_leaves_time_for_the_others(run):
    verdicts, ended = run(lambda question: HANGS if "def one_round" in question.get("source", "") else 0.5)
    assert all(verdict.passed for verdict in verdicts.values())
    assert BUDGET_S / 2 <= ended <= BUDGET_S


def test_it_is_said_when_the_budget_is_used_up(root, tmp_path, class_of, way):
    folder = tmp_path / "submissions"
    folder.mkdir()
    students = class_of("epidemics", folder)
    slow = "\nimport time\nquick = one_round\ndef one_round(*all):\n    time.sleep(9)\n    return quick(*all)"
    students.hand_in("ada.ipynb", one_round=lambda source: source + slow)
    assignment = assignments(root, ["epidemics"])[0]
    given = {"epidemics": students.released}
    (submission,) = collect(folder, given)
    tasks = {name for name, cell in own_cells(assignment.notebook).items() if cell.metadata.nbgrader.grade}
    limited = Way(1, limits=Limits(submission_s=15))
    with Crew() as crew:
        result = judged(submission, assignment, students.released, tasks, tmp_path / "course", limited, crew)
    lost = [mark for mark in result.marks if mark.task.startswith("1-one-round")]
    assert {mark.status for mark in lost} == {"ungraded"}
    assert all("15 s" in mark.reason for mark in lost)
