"""Elections by epochs: what a master votes for, and when a replica stands."""

from random import Random

import pytest

from gossipkit.authority.epochs import (
    Candidacy,
    Step,
    Verdict,
    Voter,
    election_timeout_s,
    majority,
    must_move_on,
    rank,
)

RIGHT = {
    "voter": True, "epoch": 7, "current": 7, "master": "a", "is_master": False, "failed": True, "outdated": False
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        ({}, Verdict.GRANTED),
        ({"voter": False}, Verdict.NO_VOTER),
        ({"epoch": 6}, Verdict.OLD_EPOCH),
        ({"is_master": True}, Verdict.A_MASTER),
        ({"master": None}, Verdict.MASTER_UNKNOWN),
        ({"failed": False}, Verdict.MASTER_UP),
        ({"outdated": True}, Verdict.OLD_SLOTS),
    ],
)
def test_a_master_votes_if_nothing_speaks_against_it(wrong, verdict):
    voter = Voter(15.0)
    assert voter.vote(100.0, **RIGHT | wrong) is verdict
    assert voter.last_vote == (7 if verdict is Verdict.GRANTED else 0)


def test_a_master_votes_once_an_epoch_also_after_a_restart():
    voter = Voter(15.0)
    assert voter.vote(100.0, **RIGHT) is Verdict.GRANTED
    assert voter.vote(900.0, **RIGHT | {"master": "b"}) is Verdict.VOTED
    restarted = Voter(15.0, last_vote=voter.last_vote)
    assert restarted.vote(900.0, **RIGHT | {"master": "b"}) is Verdict.VOTED
    assert restarted.vote(900.0, **RIGHT | {"epoch": 8, "current": 8}) is Verdict.GRANTED


def test_a_master_votes_about_one_master_once_in_twice_the_node_timeout():
    voter = Voter(15.0)
    assert voter.vote(100.0, **RIGHT) is Verdict.GRANTED
    later = RIGHT | {"epoch": 8, "current": 8}
    assert voter.vote(129.9, **later) is Verdict.VOTED_LATELY
    assert voter.vote(129.9, **later | {"master": "b"}) is Verdict.GRANTED
    assert voter.vote(130.0, **RIGHT | {"epoch": 9, "current": 9}) is Verdict.GRANTED


def test_an_election_lasts_twice_the_timeout_and_no_less_than_two_seconds():
    assert [election_timeout_s(timeout_s) for timeout_s in (0.5, 1.0, 15.0)] == [2.0, 2.0, 30.0]


def test_half_of_the_masters_are_no_majority():
    assert [majority(size) for size in (1, 2, 3, 4, 5)] == [1, 2, 2, 3, 3]


def test_the_rank_is_the_number_of_replicas_with_more_data():
    assert rank(10, [9, 10, 11, 12]) == 2


@pytest.mark.parametrize("own_rank", [0, 2])
def test_a_replica_waits_half_a_second_and_a_random_part_of_another_and_a_second_for_each_rank(own_rank):
    delays = []
    for seed in range(400):
        candidacy = Candidacy(15.0)
        assert candidacy.step(100.0, Random(seed), own_rank, 3) is Step.SCHEDULED
        delays.append(candidacy.at_s - 100.0 - own_rank)
    assert 0.5 <= min(delays) < 0.505
    assert 0.99 < max(delays) <= 0.9991
    # 400 draws of U(0.5, 1): the mean's standard error is 0.0072
    assert abs(sum(delays) / 400 - 0.7495) < 4 * 0.0072


def test_a_replica_that_learns_of_others_with_more_data_waits_longer_until_it_has_asked():
    candidacy = Candidacy(15.0)
    candidacy.step(100.0, Random(1), 0, 3)
    at_s = candidacy.at_s
    assert candidacy.step(100.1, Random(1), 2, 3) is Step.DELAYED
    assert candidacy.at_s == at_s + 2
    assert candidacy.step(100.2, Random(1), 1, 3) is Step.WAIT  # a better rank shortens nothing
    assert candidacy.step(at_s + 2, Random(1), 2, 3) is Step.ASK
    candidacy.asked(7)
    assert candidacy.step(at_s + 2.1, Random(1), 5, 3) is Step.WAIT
    assert candidacy.at_s == at_s + 2


def candidate(votes=()):
    candidacy = Candidacy(15.0)
    candidacy.step(100.0, Random(1), 0, 3)
    candidacy.asked(7)
    for voter in votes:
        candidacy.voted(voter, True, 7)
    return candidacy


def test_a_majority_of_the_masters_makes_it_the_master():
    assert candidate("a").step(101.0, Random(1), 0, 3) is Step.WAIT
    assert candidate("ab").step(101.0, Random(1), 0, 3) is Step.WON
    assert candidate("ab").step(101.0, Random(1), 0, 4) is Step.WAIT


def test_votes_of_others_than_masters_with_slots_or_for_an_earlier_epoch_do_not_count():
    candidacy = candidate()
    assert not candidacy.voted("a", False, 7)
    assert not candidacy.voted("a", True, 6)
    assert candidacy.voted("a", True, 8)
    assert candidacy.votes == ["a"]


def test_an_election_expires_and_is_tried_again_after_twice_as_long():
    candidacy = candidate("a")
    at_s = candidacy.at_s
    assert candidacy.step(at_s + 29.9, Random(1), 0, 3) is Step.WAIT
    assert candidacy.step(at_s + 30.1, Random(1), 0, 3) is Step.EXPIRED
    candidacy.voted("b", True, 7)
    assert candidacy.step(at_s + 59.9, Random(1), 0, 3) is Step.EXPIRED  # votes that come late are of no use
    assert candidacy.step(at_s + 60.1, Random(1), 0, 3) is Step.SCHEDULED
    assert (candidacy.epoch, candidacy.votes) == (None, [])


def test_of_two_masters_with_one_epoch_that_with_the_smaller_name_takes_a_new_one():
    assert must_move_on("a", 5, "b", 5)
    assert not must_move_on("b", 5, "a", 5)
    assert not must_move_on("a", 5, "b", 6)
