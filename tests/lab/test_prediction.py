"""A bet, from placing it to its verdict."""

import math

import numpy as np
import pytest

from gossipkit.lab import Prediction


@pytest.fixture
def bet():
    return Prediction("After how many <rounds>?", low=1, high=60, unit="rounds")


@pytest.fixture
def pick():
    return Prediction("Which?", choices=["push", "pull", "no difference"])


def test_a_bet_is_kept_for_good(bet, browser_sends):
    browser_sends(bet, {"value": 12})
    assert bet.value == 12
    with pytest.raises(ValueError, match="12 is locked in"):
        bet.lock(13)
    assert bet.value == 12
    assert "12 is locked in" in browser_sends(bet, {"value": 14})["error"]
    assert bet.value == 12


@pytest.mark.parametrize("value", [0, 61, 1.5, "7", None, -3])
def test_a_bet_off_the_scale_is_refused(bet, value, browser_sends):
    with pytest.raises(ValueError, match="from 1 to 60 in steps of 1"):
        bet.lock(value)
    assert "from 1 to 60" in browser_sends(bet, {"value": value})["error"]
    assert bet.value is None


@pytest.mark.parametrize("value", [1, 60])
def test_both_ends_of_the_scale_can_be_bet_on(bet, value):
    bet.lock(value)
    assert bet.value == value


def test_only_the_choices_can_be_bet_on(pick):
    with pytest.raises(ValueError, match="one of push, pull, no difference"):
        pick.lock("flood")
    pick.lock("no difference")
    assert pick.value == "no difference"


@pytest.mark.parametrize(
    ("predicted", "actual", "points"),
    [(7, 7.0, 1.0), (7, 7.5, 1.0), (10, 7.0, 1 - 2.5 / 7), (60, 7.0, 0.0), (1, 0.0, 0.5), (7, math.inf, 0.0)],
)
def test_points_fall_with_the_distance(bet, predicted, actual, points):
    bet.lock(predicted)
    verdict = bet.score(actual)
    assert verdict.points == pytest.approx(points)
    assert f"You predicted {predicted} round{'s' * (predicted != 1)};" in verdict.text


@pytest.mark.parametrize(
    ("predicted", "said", "off", "points"),
    [
        (18.42, "18.42", "0", 1.0),
        (18.4, "18.4", "0.02", 1 - 0.016 / 18.421),
        (18, "18", "0.42", 1 - 0.416 / 18.421),
    ],
)
def test_a_scale_in_hundredths_takes_and_says_hundredths(predicted, said, off, points, browser_sends):
    bet = Prediction("How long?", low=0, high=60, step=0.01, unit="seconds")
    browser_sends(bet, {"value": predicted})
    verdict = bet.score(18.421)
    assert verdict.points == pytest.approx(points)
    assert f"You predicted {said} seconds; the run gave 18.42 seconds." in verdict.text
    assert f"Off by {off} seconds" in verdict.text
    assert f"Locked in: {said} seconds." in bet.still()[0]["text/plain"]


def test_a_nearer_bet_never_gets_less():
    points = []
    for predicted in range(1, 61):
        bet = Prediction("?", low=1, high=60)
        bet.lock(predicted)
        points.append(bet.score(20).points)
    assert points[:20] == sorted(points[:20]) and points[19:] == sorted(points[19:], reverse=True)
    assert points[19] == 1 and min(points) == 0


def test_an_unplaced_bet_gets_the_result_and_the_reason(bet, pick):
    verdict = bet.score(np.float64(7.0), "Because.")
    assert verdict.points is None
    assert repr(verdict) == verdict.text == "No prediction locked in; the run gave 7 rounds.\nBecause."
    assert pick.score("pull").text == "No prediction locked in; the run gave pull."


@pytest.mark.parametrize("actual", ["pull", "push"])
def test_a_choice_hits_or_misses(pick, actual):
    pick.lock("pull")
    verdict = pick.score(actual, "Squares.")
    assert verdict.points == (actual == "pull")
    assert f"You predicted pull; the run gave {actual}." in verdict.text and "Squares." in verdict.text


def test_a_choice_cannot_be_scored_against_something_else(pick):
    pick.lock("pull")
    with pytest.raises(ValueError, match="must be one of push"):
        pick.score("flood")


def test_a_run_that_never_got_there_is_said_so(bet):
    bet.lock(7)
    verdict = bet.score(float("nan"))
    assert verdict.points == 0
    assert "nan" not in verdict.text and "never" in verdict.text


def test_faces_before_and_after(bet, page):
    text = bet.still()[0]["text/plain"]
    assert text.splitlines() == [
        "After how many <rounds>?",
        "From 1 to 60 rounds",
        "No prediction locked in yet. Run the notebook to place one.",
    ]
    bet.lock(9)
    data, _ = bet._repr_mimebundle_()
    assert "Locked in: 9 rounds." in data["text/plain"]
    assert "<rounds>" not in data["text/html"]
    assert "After how many <rounds>?" in "".join(page(data["text/html"]).words)


def test_a_verdict_escapes_what_it_quotes(page):
    bet = Prediction("?", choices=["<b>a</b>", "b"])
    verdict = bet.score("<b>a</b>", "1 < 2")
    html = page(verdict.still()[0]["text/html"])
    assert html.tags == {"details", "summary", "p", "strong"} and "1 < 2" in html.words


def test_a_bet_placed_after_the_run_is_scored_then(bet, browser_sends):
    verdict = bet.score(7.0, "Because.")
    assert verdict.covered and "7" not in "".join(verdict.lines)
    browser_sends(bet, {"value": 7})
    assert not verdict.covered and verdict.points == 1
    assert verdict.lines == [
        "You predicted 7 rounds; the run gave 7 rounds.",
        "Off by 0 rounds: 1.00 points of 1.",
        "Because.",
    ]
    assert bet.said == "Locked in: 7 rounds. 1.00 points of 1, see below."


def test_a_bet_placed_before_the_run_says_when_it_is_scored(bet):
    bet.lock(7)
    assert bet.said == "Locked in: 7 rounds. It is scored further down."
    assert not bet.score(7.0).covered
    assert bet.said == "Locked in: 7 rounds. 1.00 points of 1, see below."


def test_the_number_can_be_seen_without_a_bet_and_stays_covered_until_then(bet, browser_sends):
    verdict = bet.score(7.0)
    live = [value for name, value in verdict.get_state().items() if name in ("lines", "covered")]
    assert "7" not in str(live)
    browser_sends(verdict, {"show": True})
    assert verdict.lines == ["No prediction locked in; the run gave 7 rounds."]


def test_the_stored_page_folds_the_number_while_there_is_no_bet(bet):
    assert "<details>" in bet.score(7.0).still()[0]["text/html"]
    bet.lock(7)
    assert "<details>" not in bet.score(7.0).still()[0]["text/html"]


def test_a_cell_that_is_run_again_scores_anew(bet, browser_sends):
    old, new = bet.score(7.0), bet.score(9.0)
    browser_sends(bet, {"value": 9})
    assert new.points == 1 and not new.covered and old.covered


def test_one_has_no_plural():
    bet = Prediction("?", low=0, high=9, unit="rounds")
    bet.lock(2)
    assert (
        bet.score(1).text
        == "You predicted 2 rounds; the run gave 1 round.\nOff by 1 round: 0.50 points of 1."
    )


@pytest.mark.parametrize("scale", [{}, {"low": 1}, {"low": 5, "high": 1}, {"low": 0, "high": 10, "step": 0}])
def test_a_bet_needs_a_scale_or_choices(scale):
    with pytest.raises(ValueError, match="prediction"):
        Prediction("?", **scale)


def test_bets_share_nothing():
    one, other = Prediction("?", low=1, high=9), Prediction("?", low=1, high=9)
    one.lock(3)
    assert other.value is None


def test_what_the_browser_gets_holds_no_result(bet):
    bet.score(7.0, "Because.")
    assert "Because" not in str(bet.get_state()) and bet.value is None
