"""P1 to P7 as score.go has them: what each counts, how it decays, and where it ends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.gossipsub import NoScore, PeerScore, ScoreParams, Seen, Thresholds, Verdict

ONE = ScoreParams(
    topic_weight=1.0,
    time_in_mesh_weight=0.0,
    first_message_deliveries_weight=0.0,
    mesh_message_deliveries_weight=0.0,
    mesh_failure_penalty_weight=0.0,
    invalid_message_deliveries_weight=0.0,
    ip_colocation_factor_weight=0.0,
    behaviour_penalty_weight=0.0,
)
"""All weights are 0: a test switches on the part that it is about."""


def scores(application=None, **params):
    made = PeerScore(replace(ONE, **params), application)
    for peer in "ab":
        made.add_peer(peer, f"10.0.0.{peer}")
    return made


def test_p1_is_seconds_in_the_mesh_by_a_quantum_and_capped():
    made = scores(time_in_mesh_weight=2.0, time_in_mesh_quantum_s=5.0, time_in_mesh_cap=3.0)
    made.graft("a", 10.0)
    found = []
    for now in (10.0, 15.0, 22.5, 25.0, 90.0):
        made.refresh(now)
        found.append(made.score("a"))
    assert found == [0.0, 2.0, 5.0, 6.0, 6.0]
    made.prune("a")
    assert made.score("a") == 0, "outside the mesh its time in it counts no more"


def test_p2_of_120_decays_to_116_point_4_and_not_to_what_the_specification_prints():
    made = scores(first_message_deliveries_weight=1.0, first_message_deliveries_decay=0.97)
    for _ in range(120):
        made.first_delivery("a")
    assert made.score("a") == 120
    made.refresh(1.0)
    assert made.score("a") == pytest.approx(116.4) and made.score("a") != pytest.approx(110.4)
    made.refresh(2.0)
    assert made.score("a") == pytest.approx(120 * 0.97**2)


def test_a_counter_is_capped_when_it_counts_and_zero_when_it_is_small():
    made = scores(
        first_message_deliveries_weight=1.0,
        first_message_deliveries_cap=3.0,
        first_message_deliveries_decay=0.5,
        decay_to_zero=0.5,
    )
    for _ in range(9):
        made.first_delivery("a")
    found = [made.score("a")]
    for now in (1.0, 2.0, 3.0):
        made.refresh(now)
        found.append(made.score("a"))
    assert found == [3.0, 1.5, 0.75, 0.0]


@pytest.mark.parametrize("delivered", [0, 1, 3, 4, 9])
def test_p3_is_the_square_of_what_is_lacking_once_it_is_active(delivered):
    made = scores(
        mesh_message_deliveries_weight=-2.0,
        mesh_message_deliveries_threshold=4.0,
        mesh_message_deliveries_activation_s=5.0,
        mesh_message_deliveries_decay=1.0,
    )
    made.graft("a", 0.0)
    for _ in range(delivered):
        made.first_delivery("a")
    made.refresh(5.0)
    assert made.score("a") == 0, "it has not been there for more than five seconds"
    made.refresh(5.5)
    assert made.score("a") == -2.0 * max(0, 4 - delivered) ** 2
    made.refresh(6.5)
    assert made.score("b") == 0, "who is not in the mesh owes it nothing"


def test_p3_counts_a_copy_that_comes_soon_after_the_first_and_each_peer_once():
    made = scores(
        mesh_message_deliveries_weight=-1.0,
        mesh_message_deliveries_threshold=2.0,
        mesh_message_deliveries_activation_s=1.0,
        mesh_message_deliveries_window_s=0.5,
        mesh_message_deliveries_decay=1.0,
    )
    made.first_delivery("b")  # it is not in the mesh yet: that counts for P2 only
    made.graft("a", 0.0)
    made.graft("b", 0.0)
    seen = Seen(Verdict.ACCEPT, 10.0, "somebody")
    made.duplicate("a", seen, 10.5)
    made.duplicate("a", seen, 10.5)
    made.duplicate("b", seen, 10.51)
    made.refresh(11.0)
    assert (made.score("a"), made.score("b")) == (-1.0, -4.0)


def test_p3b_sticks_to_who_is_pruned_with_a_debt():
    made = scores(
        mesh_failure_penalty_weight=-1.0,
        mesh_failure_penalty_decay=0.5,
        mesh_message_deliveries_threshold=3.0,
        mesh_message_deliveries_activation_s=1.0,
    )
    made.graft("a", 0.0)
    made.prune("a")
    assert made.score("a") == 0, "P3 was not active yet"
    made.graft("a", 0.0)
    made.refresh(2.0)
    made.prune("a")
    assert made.score("a") == -9
    made.refresh(3.0)
    assert made.score("a") == -4.5


def test_p4_is_squared_and_falls_on_whoever_brings_the_invalid_message():
    made = scores(invalid_message_deliveries_weight=-10.0, invalid_message_deliveries_decay=0.5)
    made.invalid_message("a")
    assert made.score("a") == -10
    made.duplicate("b", Seen(Verdict.REJECT, 0.0, "a"), 99.0)
    made.duplicate("a", Seen(Verdict.REJECT, 0.0, "somebody"), 99.0)
    assert (made.score("a"), made.score("b")) == (-40.0, -10.0)
    made.duplicate("b", Seen(Verdict.IGNORE, 0.0, "a"), 0.0)
    assert made.score("b") == -10, "what is ignored costs nothing"
    made.refresh(1.0)
    assert made.score("a") == -10


def test_p5_is_what_the_application_says():
    made = scores({"a": -3.0}, app_specific_weight=2.0)
    assert (made.score("a"), made.score("b")) == (-6.0, 0.0)


def test_p6_is_the_square_of_the_surplus_at_one_address_for_each_peer_there():
    made = scores(ip_colocation_factor_weight=-5.0, ip_colocation_factor_threshold=2)
    for peer in ("s1", "s2", "s3", "s4"):
        made.add_peer(peer, "10.9.9.9")
    assert [made.score(peer) for peer in ("a", "s1", "s4")] == [0.0, -20.0, -20.0]
    # a disconnected peer with a score of 0 or less is remembered, and so is its place at the address
    made.remove_peer("s4", now=0.0)
    assert made.score("s1") == -20
    made.refresh(ONE.retain_score_s + 1)
    assert made.score("s1") == -5


def test_p7_is_squared_and_decays():
    made = scores(behaviour_penalty_weight=-10.0, behaviour_penalty_decay=0.5)
    made.penalise("a", 2)
    made.penalise("a")
    assert made.score("a") == -90
    made.refresh(1.0)
    assert made.score("a") == -22.5


def test_the_cap_is_of_the_topic_s_part_only():
    made = scores({"a": 7.0}, first_message_deliveries_weight=1.0, topic_score_cap=5.0, topic_weight=2.0)
    for _ in range(4):
        made.first_delivery("a")
    assert made.score("a") == 12 and made.parts("a")["P2"] == 8


def test_hanging_up_clears_no_bad_score_and_keeps_no_good_one():
    made = scores(
        invalid_message_deliveries_weight=-1.0,
        invalid_message_deliveries_decay=0.5,
        first_message_deliveries_weight=1.0,
        retain_score_s=100.0,
    )
    for peer, invalid, first in (("a", 2, 3), ("b", 1, 5)):
        for _ in range(invalid):
            made.invalid_message(peer)
        for _ in range(first):
            made.first_delivery(peer)
    assert (made.score("a"), made.score("b")) == (-1.0, 4.0)
    made.remove_peer("a", now=0.0)
    made.remove_peer("b", now=0.0)
    made.refresh(50.0)
    for peer in "ab":
        made.add_peer(peer, f"10.0.0.{peer}")
    # what a has brought first is forgotten, what was invalid isn't, and has not decayed; of b nothing is known
    assert (made.score("a"), made.score("b")) == (-4.0, 0.0)
    made.remove_peer("a", now=60.0)
    made.refresh(161.0)
    made.add_peer("a", "a")
    assert made.score("a") == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["graft", "prune", "first", "invalid", "penalise", "refresh", "leave", "come"]),
            st.sampled_from("ab"),
        ),
        max_size=40,
    )
)
def test_the_score_is_the_sum_of_its_parts_whatever_has_happened(events):
    """The remembered score is never a stale one."""
    params = ScoreParams(mesh_message_deliveries_activation_s=1.0)
    made, now = PeerScore(params, {"a": 1.5}), 0.0
    for what, peer in events:
        now += 0.7
        method, arguments = {
            "graft": (made.graft, (peer, now)),
            "prune": (made.prune, (peer,)),
            "first": (made.first_delivery, (peer,)),
            "invalid": (made.invalid_message, (peer,)),
            "penalise": (made.penalise, (peer,)),
            "refresh": (made.refresh, (now,)),
            "leave": (made.remove_peer, (peer, now)),
            "come": (made.add_peer, (peer, "10.0.0.1")),
        }[what]
        method(*arguments)
        for each in "ab":
            assert made.score(each) == pytest.approx(sum(made.parts(each).values()))


def test_without_scores_everybody_has_zero():
    none = NoScore()
    none.invalid_message("a")
    none.penalise("a", 9)
    assert none.score("a") == 0 and none.params.thresholds.graylist == 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: ScoreParams(invalid_message_deliveries_weight=1.0),
            "invalid_message_deliveries_weight is 1.0",
        ),
        (lambda: ScoreParams(time_in_mesh_weight=-1.0), "time_in_mesh_weight is -1.0"),
        (lambda: ScoreParams(behaviour_penalty_decay=1.5), "behaviour_penalty_decay is 1.5"),
        (
            lambda: ScoreParams(mesh_message_deliveries_activation_s=0.5),
            "mesh_message_deliveries_activation_s",
        ),
        (lambda: ScoreParams(ip_colocation_factor_threshold=0), "ip_colocation_factor_threshold is 0"),
        (lambda: ScoreParams(thresholds=None), "thresholds is None"),
        (lambda: Thresholds(gossip=1.0), "gossip is 1.0"),
        (lambda: Thresholds(gossip=-10.0, publish=-5.0), "-10 must|graylist, publish and gossip"),
        (lambda: Thresholds(accept_px=-1.0), "accept_px is -1.0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
