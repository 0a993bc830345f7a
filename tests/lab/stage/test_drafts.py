"""Steps, sliders and window as values: what each request makes of them."""

import json

import pytest

from gossipkit.lab import Slider
from gossipkit.lab.stage.drafts import Draft, Drafts
from gossipkit.sim import Scenario

CONTROLS = (Slider("fanout", 1, 3, 1, value=2), Slider("loss", 0.0, 0.5, 0.1))
FIRST = Draft(Scenario(), {"fanout": 2, "loss": 0.0}, 30.0)


@pytest.fixture
def drafts():
    return Drafts(FIRST, FIRST)


def step(at_s, action="crash", **arguments):
    return {"type": "step", "at_s": at_s, "action": action, "arguments": arguments}


def after(drafts, *requests):
    for request in requests:
        drafts = drafts.changed(request, CONTROLS)
    return drafts


def test_steps_are_in_order_of_time_whenever_they_were_added(drafts):
    found = after(drafts, step(9, name="a"), step(4.00049, name="b"))
    assert json.loads(found.now.scenario.to_json()) == [
        [4.0, "crash", {"name": "b"}],
        [9.0, "crash", {"name": "a"}],
    ]


def test_undo_takes_back_the_last_change_even_if_its_time_is_earlier(drafts):
    one = after(drafts, step(9, name="a"))
    assert after(one, step(4, name="b"), {"type": "undo"}).now == one.now


def test_redo_gives_back_what_undo_took_until_something_else_is_done(drafts):
    two = after(drafts, step(1, name="a"), step(2, name="b"))
    taken = after(two, {"type": "undo"}, {"type": "undo"})
    assert taken.now == FIRST
    assert after(taken, {"type": "redo"}, {"type": "redo"}).now == two.now
    with pytest.raises(ValueError, match="nothing to do again"):
        after(taken, step(3, name="c"), {"type": "redo"})
    with pytest.raises(ValueError, match="nothing to undo"):
        after(taken, {"type": "undo"})


def test_sliders_are_undone_too_and_reset_is_as_well(drafts):
    moved = after(drafts, step(1, name="a"), {"type": "move", "positions": [0, 5]})
    assert moved.now.values == {"fanout": 1, "loss": 0.5}
    assert after(moved, {"type": "undo"}).now.values == FIRST.values
    reset = after(moved, {"type": "reset"})
    assert reset.now == FIRST and after(reset, {"type": "undo"}).now == moved.now


def test_a_change_that_changes_nothing_is_not_to_be_undone(drafts):
    assert after(drafts, {"type": "move", "positions": [1, 0]}, {"type": "reset"}).past == ()


def test_a_longer_window_stays_across_undo(drafts):
    longer = after(drafts, step(1, name="a"), {"type": "more"}, {"type": "undo"}, {"type": "redo"})
    assert longer.now.seconds == 60.0
    with pytest.raises(ValueError, match="300 s are the most"):
        after(longer, *[{"type": "more"}] * 9)


def test_the_list_is_replaced_by_edited_text(drafts):
    text = '[[3, "heal", {}], [1, "crash", {"name": "a"}]]'
    found = after(drafts, {"type": "steps", "scenario": text})
    assert [each.action for each in found.now.scenario.steps] == ["crash", "heal"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (step(-1, name="a"), "at_s is -1"),
        (step(301, name="a"), "between 0 and 300"),
        (step(1), "it takes crash"),
        ({"type": "step", "at_s": 1, "action": "crash", "arguments": "a"}, "must be a dict"),
        ({"type": "steps", "scenario": "["}, "no JSON"),
        ({"type": "steps", "scenario": '{"a": 1}'}, "must be a list of steps"),
        ({"type": "move", "positions": [0]}, "there must be 2"),
        ({"type": "move", "positions": [0, 6]}, "must be from 0 to 5"),
        ({"type": "explode"}, "type is 'explode': it must be one of step"),
    ],
)
def test_what_makes_no_sense_is_refused(drafts, request_, said):
    with pytest.raises(ValueError, match=said):
        after(drafts, request_)


def test_steps_are_not_without_end(drafts):
    many = after(drafts, *[step(1, name="a")] * 200)
    with pytest.raises(ValueError, match="at most 200"):
        after(many, step(1, name="a"))
