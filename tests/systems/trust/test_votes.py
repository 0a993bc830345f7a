"""3f replicas against 3f + 1, as runs."""

import pytest

from gossipkit.systems.trust.votes import Behaviour, one_vote, votes_table

SEEDS = range(1, 6)


@pytest.mark.parametrize("liars", [1, 2])
def test_one_more_replica_is_what_it_takes(liars):
    for seed in SEEDS:
        few, enough = (one_vote(replicas, liars, seed=seed) for replicas in (3 * liars, 3 * liars + 1))
        assert not few.agreed and few.all_decided
        assert enough.agreed
        # what it can't have is a decision by everybody: a view change is left out
        assert not enough.all_decided


@pytest.mark.parametrize("behaviour", Behaviour)
def test_liars_that_follow_can_not_stop_an_honest_leader(behaviour):
    for seed in SEEDS:
        vote = one_vote(4, 1, behaviour=behaviour, leader_lies=False, seed=seed)
        assert set(vote.decided.values()) == {"ann"}


def test_a_quorum_of_all_is_no_way_out():
    vote = one_vote(3, 1, quorum=3, behaviour=Behaviour.SILENT, leader_lies=False)
    assert vote.agreed and set(vote.decided.values()) == {None}
    assert one_vote(3, 1, quorum=3).agreed


def test_the_price_grows_with_the_square():
    # an honest leader's proposal, each other one's prepare, and everybody's commit, each to all others
    for replicas in (4, 7, 10):
        vote = one_vote(replicas, 0, seed=1)
        assert vote.messages == (replicas - 1) * (1 + (replicas - 1) + replicas)
        assert vote.leader_lies is False


def test_what_a_vote_and_the_table_say():
    few = one_vote(3)
    assert repr(few) == "<Vote of 3, 1 lying, quorum 2: replica-2 ann, replica-3 bob; they differ>"
    assert few == one_vote(3)
    table = votes_table([few, one_vote(4), one_vote(4, seed=2)]).splitlines()
    assert table[2].startswith(
        "| 3 | 1 | 2 | tell each half another value, with the leader | 1 of 1 | 1 of 1 |"
    )
    assert table[3].startswith(
        "| 4 | 1 | 3 | tell each half another value, with the leader | 0 of 2 | 0 of 2 |"
    )
    with pytest.raises(ValueError, match="votes is empty"):
        votes_table([])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"replicas": 0}, "replicas is 0"),
        ({"liars": 4}, "liars is 4"),
        ({"quorum": 5}, "quorum is 5"),
        ({"behaviour": "silent"}, "behaviour is 'silent'"),
        ({"leader_lies": 1}, "leader_lies is 1"),
    ],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        one_vote(**arguments)


def test_what_the_honest_ones_have_sent_is_counted():
    # the proposal to three, two prepares to three each, and three commits to three each; not the liar's
    assert one_vote(4, 1, leader_lies=False).messages == 3 * (1 + 2 + 3)
