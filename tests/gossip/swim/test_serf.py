"""serf's part, one intent after the other, as in its table."""

import pytest

from gossipkit.gossip.swim import JoinIntent, LeaveIntent
from gossipkit.gossip.swim.serf import RECENT_INTENT_TIMEOUT_S, Heard, Serf


def heard(serf, intent, known=True, now_s=0.0):
    return serf.handle_intent(intent, known, now_s)


@pytest.mark.parametrize("kind", [JoinIntent, LeaveIntent])
def test_an_intent_of_an_older_or_equal_time_is_nothing(kind):
    serf = Serf("a")
    assert heard(serf, LeaveIntent(5, "b")) is Heard.LEAVING
    assert [heard(serf, kind(ltime, "b")) for ltime in (4, 5)] == [Heard.IGNORE] * 2
    assert serf.leaving == {"b"}
    assert heard(serf, kind(6, "b")) is (Heard.STAYS if kind is JoinIntent else Heard.PASS_ON)


def test_an_intent_that_changes_nothing_is_news_once():
    serf = Serf("a")
    assert heard(serf, JoinIntent(5, "b")) is Heard.PASS_ON
    assert heard(serf, JoinIntent(5, "b")) is Heard.IGNORE


def test_a_farewell_of_oneself_is_refuted_by_who_stays_and_passed_on_by_who_goes():
    serf = Serf("a")
    assert heard(serf, LeaveIntent(5, "a")) is Heard.REFUTE
    assert serf.leaving == set()
    assert serf.intent(JoinIntent).ltime > 5  # later than what it refutes
    own = serf.intent(LeaveIntent)
    assert heard(serf, LeaveIntent(own.ltime + 1, "a")) is Heard.PASS_ON


def test_an_intent_that_comes_before_its_member_counts_when_that_one_comes():
    serf = Serf("a")
    assert heard(serf, LeaveIntent(5, "b"), known=False) is Heard.PASS_ON
    serf.handle_node_join("b", 10.0)
    assert serf.leaving == {"b"}
    assert heard(serf, JoinIntent(5, "b")) is Heard.IGNORE


def test_of_the_intents_about_a_stranger_the_latest_counts_and_is_passed_on_once():
    serf = Serf("a")
    assert heard(serf, JoinIntent(6, "b"), known=False) is Heard.PASS_ON
    assert heard(serf, LeaveIntent(5, "b"), known=False) is Heard.IGNORE
    assert heard(serf, JoinIntent(6, "b"), known=False) is Heard.IGNORE
    serf.handle_node_join("b", 10.0)
    assert serf.leaving == set()


@pytest.mark.parametrize(("late_s", "leaving"), [(0.0, {"b"}), (1.0, set())])
def test_an_intent_about_a_stranger_is_kept_for_five_minutes(late_s, leaving):
    serf = Serf("a")
    heard(serf, LeaveIntent(5, "b"), known=False)
    serf.handle_node_join("b", RECENT_INTENT_TIMEOUT_S + late_s)
    assert serf.leaving == leaving


def test_a_farewell_makes_a_death_a_leave_before_it_and_after_it():
    serf = Serf("a")
    heard(serf, LeaveIntent(5, "b"))
    assert serf.handle_node_leave("b", "b", 10.0) == "member-leave"
    assert serf.handle_node_leave("c", "c", 10.0) == "member-failed"
    assert (set(serf.left), set(serf.failed)) == ({"b"}, {"c"})
    assert heard(serf, LeaveIntent(5, "c"), known=False) is Heard.LEFT
    assert (set(serf.left), set(serf.failed)) == ({"b", "c"}, set())


def test_the_clock_goes_beyond_what_it_hears():
    serf = Serf("a")
    heard(serf, JoinIntent(41, "b"))
    assert serf.clock.time == 42
