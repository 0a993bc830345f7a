"""Who works on a class: a test that was told the same before, and asks nothing, is run once for all."""

from typing import ClassVar

import pytest

from gossipkit.grading import crew
from gossipkit.grading.sandbox import Stopped

TEST = {"setup": [], "test": ["1-one", "assert x"], "values": {"x": 1}}


class Played:
    """A judging process that says what is in its script, and remembers what it was asked."""

    script: ClassVar[dict] = {}
    started: ClassVar[list] = []

    def __init__(self, module, cancelled, **how):
        self.asked, self.verdict = [], ""
        self.started.append(self)

    def ask(self, message, within=None):
        self.asked.append(message)
        said = self.script[message["test"][0] if "test" in message else "answered"]
        if said is Stopped:
            raise Stopped("was slow")
        return said

    def stop(self, verdict=""):
        self.verdict = verdict


@pytest.fixture
def judging(monkeypatch):
    """A new judge of a crew, each time; all have the same script, and ``started`` lists the processes behind them."""
    monkeypatch.setattr(crew, "Confined", Played)
    monkeypatch.setattr(Played, "started", [])
    monkeypatch.setattr(Played, "script", {})
    with crew.Crew() as working:
        yield lambda: working.process(crew.CHECKER)


def asked():
    return sum(len(process.asked) for process in Played.started)


def test_the_same_test_told_the_same_is_run_once(judging):
    Played.script = {"1-one": {"done": {"answers": {"x": "1"}}}}
    first, second = judging(), judging()  # two processes
    assert first.ask(TEST) == second.ask(dict(TEST)) == first.ask(TEST) == {"done": {"answers": {"x": "1"}}}
    first.stop()
    assert judging().ask(TEST) == {"done": {"answers": {"x": "1"}}}
    assert (asked(), len(Played.started)) == (1, 2)


@pytest.mark.parametrize(
    "other",
    [
        {"values": {"x": 2}},
        {"values": {"x": True}},
        {"values": {"x": 1.0}},
        {"values": None, "gone": "it ended"},
        {"test": ["1-one", "assert y"]},
        {"setup": [["checks", "y = 1"]]},
    ],
    ids=str,
)
def test_whatever_it_is_told_otherwise_makes_it_run_again(judging, other):
    Played.script = {"1-one": {"done": {}}}
    judge = judging()
    judge.ask(TEST)
    judge.ask(TEST | other)
    assert asked() == 2


def test_a_test_that_asks_the_student_s_process_is_asked_each_time(judging):
    Played.script = {"1-one": {"ask": {"do": "call"}}, "answered": {"done": {"answers": {}}}}
    judge = judging()
    for _ in range(3):
        assert judge.ask(TEST) == {"ask": {"do": "call"}}
        assert judge.ask({"value": 1}) == {"done": {"answers": {}}}
    assert asked() == 6
    judge.stop()
    assert judging().ask(TEST) == {"ask": {"do": "call"}}


def test_one_that_had_to_be_stopped_is_no_answer_for_others_and_its_process_is_not_lent_again(judging):
    Played.script = {"1-one": Stopped}
    judge = judging()
    for _ in range(2):
        with pytest.raises(Stopped):
            judge.ask(TEST)
    judge.stop("was slow")
    Played.script = {"1-one": {"done": {}}}
    assert judging().ask(TEST) == {"done": {}}
    assert [process.verdict for process in Played.started] == ["was slow", ""]
