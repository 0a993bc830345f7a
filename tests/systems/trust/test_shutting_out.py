"""One stolen laptop: what shuts it out, how soon, and who goes with it."""

from math import isnan

import pytest

from gossipkit.systems.trust.shutting_out import ABSENT_S, LIFETIME_S, Way, shut_out, shut_out_table

SEEDS = (1, 2)


@pytest.fixture(scope="module")
def runs():
    return {way: [shut_out(way, seed=seed) for seed in SEEDS] for way in Way}


def test_who_waits_for_everybody_waits_for_the_one_who_is_down(runs):
    for run in runs[Way.ROTATE_WAIT]:
        # the operator asks again each second
        assert -0.2 <= run.out_s - ABSENT_S <= 1.5
        assert not run.let_in and not run.locked_out


def test_who_goes_on_locks_a_friend_out_and_leaves_it_to_the_thief(runs):
    for run in runs[Way.ROTATE_ON]:
        assert run.out_s < ABSENT_S / 2
        assert run.locked_out == run.let_in == ("member-2",)
        assert run.wrong > 0


def test_a_key_that_goes_through_the_pool_goes_to_the_thief(runs):
    for run in runs[Way.ROTATE_GOSSIP]:
        assert isnan(run.out_s)
        assert len(run.let_in) == 10  # all but the one that was down, which hears nobody


def test_one_revoked_certificate_shuts_out_one(runs):
    for run in runs[Way.REVOKE]:
        assert run.out_s < 0.3
        assert not run.let_in and not run.locked_out and run.wrong == 0


def test_whoever_is_not_renewed_is_out_at_the_end_of_a_lifetime(runs):
    for run in runs[Way.EXPIRE]:
        assert 0 < run.out_s <= LIFETIME_S
        assert not run.let_in and not run.locked_out and run.wrong == 0


def test_with_everybody_there_a_rotation_costs_three_times_what_a_list_costs():
    rotation, revocation = (shut_out(way, absent=False) for way in (Way.ROTATE_WAIT, Way.REVOKE))
    assert rotation.messages == 3 * revocation.messages == 3 * 2 * 11  # an order and an answer each
    assert rotation.out_s < 0.3 and not rotation.locked_out
    assert isnan(shut_out(Way.ROTATE_GOSSIP, absent=False).out_s)


def test_what_a_run_and_the_table_say(runs):
    run = runs[Way.ROTATE_ON][0]
    assert repr(run) == (
        f"<ShutOut, rotate the key, go on without who is missing: out after {run.out_s:.1f} s by {run.messages} messages, "
        "locked out too: member-2>"
    )
    assert "out never by" in repr(runs[Way.ROTATE_GOSSIP][0])
    assert run == shut_out(Way.ROTATE_ON)
    table = shut_out_table(run for of in runs.values() for run in of).splitlines()
    assert len(table) == 2 + len(Way)
    assert table[4].startswith("| rotate the key through the pool | never | ") and table[4].endswith(
        "| 10 | 1 |"
    )
    with pytest.raises(ValueError, match="runs is empty"):
        shut_out_table([])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"way": "revoke"}, "way is 'revoke'"),
        ({"members": 5}, "members is 5"),
        ({"absent": 1}, "absent is 1"),
    ],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        shut_out(**({"way": Way.REVOKE} | arguments))
