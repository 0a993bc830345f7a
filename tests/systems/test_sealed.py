"""A pool of members who share one key, and who lie when a scenario says so."""

import pytest

from gossipkit.gossip.adversary import FirstHand
from gossipkit.sim import Scenario
from gossipkit.systems.sealed import SealedPool

DEATH = {"name": "m-6", "about": "m-1", "claim": "dead"}


def played(*steps, until, members=6, **more):
    pool = SealedPool(members, seed=3, **more)
    pool.play(Scenario(steps))
    pool.run(until)
    return pool


def test_without_a_lie_nobody_is_taken_for_dead():
    pool = played(until=30)
    assert pool.liars == ()
    assert pool.dead_share("m-1", 30) == 0
    assert pool.view("m-2") == dict.fromkeys(pool.world.names, "alive")


def test_one_forged_death_is_believed_by_all_and_refuted_within_a_second():
    pool = played((10, "forge", DEATH), until=10.1)
    assert pool.liars == ("m-6",)
    assert {pool.view(name)["m-1"] for name in ("m-2", "m-3", "m-4", "m-5")} == {"dead"}
    # the liar knows better, but isn't asked
    assert pool.trace.filter(node="m-6", kind="member-failed", before=10.01).table() == []
    assert played((10, "forge", DEATH), until=10.01).dead_share("m-1", 0.005) == pytest.approx(1)
    pool.run(12)
    assert pool.view("m-2")["m-1"] == "alive"
    # of the four that are asked, each believed it for at least a tenth of a second, and for less than one
    assert 0.1 / 2 < pool.dead_share("m-1", 2) < 1 / 2
    pool.run(40)
    assert pool.dead_share("m-1", 20) == 0


def test_the_share_is_of_those_who_run_and_do_not_lie():
    pool = played(
        (10, "crash", {"name": "m-1"}), (10, "forge", DEATH), (20, "crash", {"name": "m-2"}), until=60
    )
    assert pool.dead_share("m-1", 30) == 1
    assert pool.dead_share("m-2", 1) == 1
    assert pool.dead_share("m-3", 60) == 0
    assert pool.dead_share("m-1", 100) == pytest.approx(0.5, abs=0.01)


def test_the_highest_incarnation_is_of_no_use():
    lie = DEATH | {"incarnation": 2**32 - 1, "every_s": 0.1, "for_s": 10.0}
    assert played((10, "forge", lie), until=20).dead_share("m-1", 10) == 0


def test_defences_are_every_members_own():
    pool = played(
        (10, "forge", DEATH | {"every_s": 0.5, "for_s": 5.0}), until=20, defences=lambda names: [FirstHand()]
    )
    assert pool.dead_share("m-1", 10) == 0
    asked = []
    SealedPool(4, defences=lambda names: asked.append(names) or ())
    assert asked == [("m-1", "m-2", "m-3", "m-4")]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"claim": "leave"}, "claim is 'leave'"),
        ({"about": "m-6"}, "who lies"),
        ({"about": "m-7"}, "'m-7' is not a node"),
        ({"growth": -1}, "growth is -1"),
        ({"every_s": -0.5}, "every_s is -0.5"),
        ({"incarnation": 2**32}, "incarnation is 4294967296"),
        ({"metadata": "x"}, "forge was given"),
    ],
)
def test_a_lie_that_makes_no_sense_is_refused_before_anything_is_played(wrong, says):
    pool = SealedPool(6, seed=3)
    with pytest.raises(ValueError, match=says):
        pool.play(Scenario([(10, "forge", DEATH | wrong)]))
    pool.run(20)
    assert pool.liars == ()


def test_who_is_down_tells_no_lie():
    pool = played((5, "crash", {"name": "m-6"}), (10, "forge", DEATH), until=12)
    assert [refusal.action for refusal in pool.refused] == ["forge"]
    assert pool.liars == ()


def test_a_pool_says_who_has_lied():
    assert (
        repr(played((5, "forge", DEATH), until=6))
        == "<SealedPool at 6.000 s: 6 of 6 members up, 1 have lied>"
    )


def test_wrong_numbers_are_refused():
    with pytest.raises(ValueError, match="members is 2"):
        SealedPool(2)
    with pytest.raises(ValueError, match="last_s is 0"):
        played(until=5).dead_share("m-1", 0)
    with pytest.raises(ValueError, match="'m-9' is not a node"):
        played(until=5).dead_share("m-9", 1)
