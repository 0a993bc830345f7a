"""Two stages with the same steps: what is done on one happens on the other."""

import pytest

from gossipkit.lab import Stage, beside, stored
from gossipkit.sim import Scenario
from gossipkit.systems import Consul

LONG_S = 60


@pytest.fixture
def pair(stage_of):
    return beside(stage_of("consul", scenario=Scenario([(2, "heal")])), stage_of("consul", repair=None))


def test_the_second_takes_over_the_steps_of_the_first(pair):
    assert pair.wait(LONG_S)
    one, other = pair.stages
    assert one.scenario == other.scenario and len(one.scenario) == 1
    assert one.meta["together"] == other.meta["together"] != ""


def test_what_is_done_on_either_happens_on_both(pair, browser_puts):
    one, other = pair.stages
    one.step(5, "crash", name="agent-1")
    assert pair.wait(LONG_S) and other.scenario == one.scenario
    told = browser_puts(other, type="step", at_s=6, action="crash", arguments={"name": "agent-2"})
    assert pair.wait(LONG_S) and one.scenario == other.scenario and len(one.scenario) == 3
    assert [answer["error"] for answer in told if answer["type"] == "done"] == [""]
    browser_puts(one, type="undo")
    assert pair.wait(LONG_S) and one.scenario == other.scenario and len(one.scenario) == 2


def test_a_longer_window_is_longer_on_both(pair):
    pair.stages[0].more()
    assert pair.wait(LONG_S)
    assert [stage.meta["window"] for stage in pair.stages] == [[0.0, 42.0]] * 2


def test_the_same_steps_on_different_systems_are_different_runs(pair):
    assert pair.wait(LONG_S)
    assert pair.stages[0].data != pair.stages[1].data


def test_both_are_shown_in_one_output_and_their_still_faces_before_it(pair, monkeypatch):
    shown, kept = [], []

    def display(data, raw, metadata=None):
        shown.append(data)
        kept.append(metadata)

    monkeypatch.setattr("gossipkit.lab.stage.stage.display", display)
    assert pair.wait(LONG_S)
    pair._ipython_display_()
    still, live = shown
    assert (
        still["text/html"].count('class="gk-still"') == 1 and still["text/html"].count("<img") == 2
    )  # and its style
    assert all(stage.still()[0]["text/plain"] in still["text/plain"] for stage in pair.stages)
    both = [stored.packed(*stage.recorded()) for stage in pair.stages]
    assert kept == [{stored.KEY: {"kind": "stage", "views": both}}, None] and both[0] != both[1]
    view = live["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert live["text/plain"] == "" and view not in [stage.model_id for stage in pair.stages]


def test_what_cannot_stand_beside_is_said(stage_of):
    one = stage_of("consul")
    with pytest.raises(ValueError, match="same stage"):
        beside(one, one)
    with pytest.raises(ValueError, match="other names"):
        beside(one, Stage(Consul, agents=5, seconds=3.0))
