"""One decision among liars: with 3f + 1 replicas under everything that f of them can say, with 3f not."""

from collections import deque
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.byzantine import Ballot, Commit, Prepare, Propose, Replica, quorum_size
from gossipkit.sim import Network, Uniform, World

VALUES = (None, "ann", "bob")


def decided(replicas, liars, said, quorum=None, leader_lies=True, order=None):
    """What the honest replicas decide, when each liar tells each of them what ``said`` has, by liar and receiver.

    ``order`` picks which of the messages that are under way comes next; without it they come in the order of sending.
    """
    names = [f"r{number}" for number in range(replicas)]
    lying = names[:liars] if leader_lies else names[replicas - liars :]
    ballots = {
        name: Ballot(name, names[0], quorum or quorum_size(replicas, liars))
        for name in names
        if name not in lying
    }
    under_way = deque()

    def tell(sender, steps):
        under_way.extend((sender, name, step) for step in steps for name in ballots if name != sender)

    for liar, told in zip(lying, said, strict=True):
        for name, steps in zip(ballots, told, strict=True):
            under_way.extend((liar, name, step) for step in steps)
    if not leader_lies:
        tell(names[0], ballots[names[0]].propose("ann"))
    while under_way:
        if order is not None:
            under_way.rotate(-order(len(under_way)))
        sender, name, step = under_way.popleft()
        tell(name, ballots[name].hear(sender, step))
    return [ballot.decided for ballot in ballots.values()]


def everything(receivers, kinds):
    """All that one liar can tell: to each receiver, of each kind of message, nothing or one of two values."""
    one = [
        [kind(value) for kind, value in zip(kinds, values, strict=True) if value is not None]
        for values in product(VALUES, repeat=len(kinds))
    ]
    return product(one, repeat=receivers)


def differ(values):
    return {"ann", "bob"} <= set(values)


def test_four_replicas_agree_whatever_a_lying_leader_says():
    outcomes = [decided(4, 1, [told]) for told in everything(3, (Propose, Commit))]
    assert len(outcomes) == 729
    assert not any(map(differ, outcomes))
    assert ["ann"] * 3 in outcomes and [
        None
    ] * 3 in outcomes  # it can keep to the rules, and it can stop them


def test_four_replicas_decide_what_an_honest_leader_says_whatever_another_one_does():
    outcomes = [decided(4, 1, [told], leader_lies=False) for told in everything(3, (Prepare, Commit))]
    assert len(outcomes) == 729
    assert all(outcome == ["ann"] * 3 for outcome in outcomes)


def test_three_replicas_are_too_few():
    outcomes = {str(told): decided(3, 1, [told]) for told in everything(2, (Propose, Commit))}
    broken = [told for told, outcome in outcomes.items() if differ(outcome)]
    assert str((([Propose("ann"), Commit("ann")]), [Propose("bob"), Commit("bob")])) in broken
    # with a quorum of all three nobody is deceived, and one that is silent stops everything
    told = list(everything(2, (Propose, Commit)))
    assert not any(differ(decided(3, 1, [each], quorum=3)) for each in told)
    assert decided(3, 1, [[[], []]], quorum=3, leader_lies=False) == [None, None]
    assert decided(3, 1, [[[], []]], leader_lies=False) == ["ann", "ann"]


STEPS = st.lists(
    st.builds(
        lambda kind, value: kind(value),
        st.sampled_from((Propose, Prepare, Commit)),
        st.sampled_from(("ann", "bob")),
    ),
    max_size=5,
)


@given(st.data(), st.booleans(), st.sampled_from(((4, 1), (5, 1), (7, 2), (10, 3))))
def test_more_of_them_agree_in_any_order_of_messages(data, leader_lies, size):
    replicas, liars = size
    said = data.draw(
        st.lists(
            st.lists(STEPS, min_size=replicas - liars, max_size=replicas - liars),
            min_size=liars,
            max_size=liars,
        )
    )
    random = data.draw(st.randoms(use_true_random=False))
    outcome = decided(replicas, liars, said, leader_lies=leader_lies, order=random.randrange)
    assert not differ(outcome)
    if not leader_lies:
        assert set(outcome) == {"ann"}


@pytest.mark.parametrize("liars", [1, 2, 3])
def test_with_three_f_a_lie_to_each_half_has_two_values_decided(liars):
    for replicas, broken in ((3 * liars, True), (3 * liars + 1, False)):
        honest = replicas - liars
        half = [[Propose(each), Prepare(each), Commit(each)] for each in ("ann", "bob")]
        told = [half[place >= honest // 2] for place in range(honest)]
        assert differ(decided(replicas, liars, [told] * liars)) is broken


def test_only_the_leader_proposes():
    ballot = Ballot("c", "a", 3)
    assert ballot.hear("b", Propose("x")) == () and ballot.proposed is None
    assert ballot.hear("a", Propose("x")) == (Prepare("x"),) and ballot.proposed == "x"


def test_only_the_first_proposal_and_the_first_vote_count():
    ballot = Ballot("b", "a", 3)
    assert ballot.hear("a", Propose("ann")) == (Prepare("ann"),)
    assert ballot.hear("a", Propose("bob")) == () and ballot.proposed == "ann"
    assert ballot.hear("c", Propose("bob")) == ()
    ballot.hear("c", Prepare("bob"))
    assert ballot.hear("c", Prepare("ann")) == () and not ballot.prepared
    assert ballot.hear("a", Prepare("ann")) == ()  # its proposal was its vote
    assert ballot.hear("d", Prepare("ann")) == (Commit("ann"),)
    for _ in range(3):
        ballot.hear("d", Commit("ann"))
    assert ballot.decided is None
    ballot.hear("a", Commit("ann"))
    assert ballot.decided == "ann"


def test_a_commit_can_not_be_taken_back_or_made_up_for():
    ballot = Ballot("b", "a", 3)
    ballot.hear("a", Propose("ann"))
    ballot.hear("d", Commit("bob"))
    ballot.hear("c", Prepare("ann"))
    ballot.hear("c", Commit("ann"))
    ballot.hear("d", Commit("ann"))
    assert ballot.prepared and ballot.decided is None


def test_nobody_decides_who_is_not_prepared():
    ballot = Ballot("b", "a", 3)
    ballot.hear("a", Propose("ann"))
    for sender in "acd":
        ballot.hear(sender, Commit("ann"))
    assert not ballot.prepared and ballot.decided is None
    ballot.hear("c", Prepare("ann"))
    assert ballot.decided == "ann"


def test_a_leaders_proposal_stands_for_its_prepare():
    ballot = Ballot("b", "a", 3)
    ballot.hear("a", Prepare("bob"))
    ballot.hear("a", Propose("ann"))
    assert ballot.hear("c", Prepare("ann")) == (Commit("ann"),)


def test_votes_that_come_before_the_proposal_count():
    ballot = Ballot("b", "a", 3)
    ballot.hear("c", Prepare("ann"))
    ballot.hear("c", Commit("ann"))
    ballot.hear("d", Commit("ann"))
    assert ballot.hear("a", Propose("ann")) == (Prepare("ann"), Commit("ann"))
    assert ballot.decided == "ann"


def test_replicas_in_a_world_decide_and_write_it_down():
    world = World(1, Network(latency=Uniform(0.001, 0.1)))
    names = ["a", "b", "c", "d"]
    for name in names:
        world.add(name, Replica(names, 1, "x"))
    world.run(until=1.0)
    rows = world.trace.filter(kind="decided")
    assert sorted(event.node for event in rows) == names
    assert {event.fields["value"] for event in rows} == {"x"}
    for row in rows:
        prepared = world.trace.filter(kind="prepared", node=row.node)
        assert len(prepared) == 1 and prepared[0].time <= row.time


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["a", "a"], 0, "x"), "'a' twice"),
        ((["a", "b"], 2, "x"), "liars is 2"),
        ((["a", "b"], 1, "x", 3), "quorum is 3"),
    ],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        Replica(*arguments)
