"""The precedence of claims: memberlist's state.go as a table, and what the rules promise."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.swim import Alive, Dead, Membership, Suspect, SwimConfig

ME, OTHER, KNOWN = "me", "other", 5  # KNOWN is the incarnation that is believed


def view(known="unknown", config=None):
    """A view in which OTHER, or oneself, is known in this way, in incarnation 5."""
    members = Membership(ME, config or SwimConfig(), Random(1))
    for number in range(10):
        members.apply(Alive(1, f"bystander-{number}"), 0.0)
    if known.startswith("self"):
        members.apply(Suspect(KNOWN - 1, ME, "bystander-1"), 0.0)
        if known == "self after leaving":
            members.leave(0.0)
    elif known != "unknown":
        members.apply(Alive(KNOWN, OTHER), 0.0)
        for claim in {
            "alive": [],
            "suspect": [Suspect(KNOWN, OTHER, "bystander-1")],
            "dead": [Dead(KNOWN, OTHER, "bystander-1")],
            "left": [Dead(KNOWN, OTHER, OTHER)],
        }[known]:
            members.apply(claim, 0.0)
    assert members.known_as(ME if known.startswith("self") else OTHER) == known
    return members


def claim_about(name, kind, incarnation):
    if kind == "alive":
        return Alive(incarnation, name)
    if kind == "left":
        return Dead(incarnation, name, name)
    return {"suspect": Suspect, "dead": Dead}[kind](incarnation, name, "bystander-2")


NOTHING = (None, None, None)
# (claimed, known as): what follows if the claim's incarnation is lower, equal, higher; (change, state, incarnation)
STATE_GO = {
    ("alive", "unknown"): (
        ("member-join", "alive", 4),
        ("member-join", "alive", 5),
        ("member-join", "alive", 6),
    ),
    ("alive", "alive"): (NOTHING, NOTHING, ("alive", "alive", 6)),
    ("alive", "suspect"): (NOTHING, NOTHING, ("alive", "alive", 6)),
    ("alive", "dead"): (NOTHING, NOTHING, ("member-join", "alive", 6)),
    ("alive", "left"): (NOTHING, NOTHING, ("member-join", "alive", 6)),
    ("alive", "self"): (NOTHING, NOTHING, ("refute", "alive", 7)),
    ("alive", "self after leaving"): (NOTHING, NOTHING, NOTHING),
    ("suspect", "unknown"): (NOTHING, NOTHING, NOTHING),
    ("suspect", "alive"): (NOTHING, ("suspect", "suspect", 5), ("suspect", "suspect", 6)),
    ("suspect", "suspect"): (NOTHING, ("confirm", "suspect", 5), ("confirm", "suspect", 5)),
    ("suspect", "dead"): (NOTHING, NOTHING, NOTHING),
    ("suspect", "left"): (NOTHING, NOTHING, NOTHING),
    ("suspect", "self"): (NOTHING, ("refute", "alive", 6), ("refute", "alive", 7)),
    ("suspect", "self after leaving"): (NOTHING, NOTHING, NOTHING),
    ("dead", "unknown"): (NOTHING, NOTHING, NOTHING),
    ("dead", "alive"): (NOTHING, ("member-failed", "dead", 5), ("member-failed", "dead", 6)),
    ("dead", "suspect"): (NOTHING, ("member-failed", "dead", 5), ("member-failed", "dead", 6)),
    ("dead", "dead"): (NOTHING, NOTHING, NOTHING),
    ("dead", "left"): (NOTHING, NOTHING, NOTHING),
    ("dead", "self"): (NOTHING, ("refute", "alive", 6), ("refute", "alive", 7)),
    ("dead", "self after leaving"): (NOTHING, NOTHING, NOTHING),
    ("left", "alive"): (NOTHING, ("member-leave", "left", 5), ("member-leave", "left", 6)),
    ("left", "suspect"): (NOTHING, ("member-leave", "left", 5), ("member-leave", "left", 6)),
    ("left", "dead"): (NOTHING, NOTHING, NOTHING),
    ("left", "self"): (NOTHING, ("refute", "alive", 6), ("refute", "alive", 7)),
}
ROWS = [
    pytest.param(claimed, known, KNOWN - 1 + place, row, id=f"{claimed}({KNOWN - 1 + place}) about {known}")
    for (claimed, known), rows in STATE_GO.items()
    for place, row in enumerate(rows)
]


@pytest.mark.parametrize("claimed, known, incarnation, expected", ROWS)
def test_precedence(claimed, known, incarnation, expected):
    members = view(known)
    name = ME if known.startswith("self") else OTHER
    claim = claim_about(name, claimed, incarnation)
    before = members.states()
    change, broadcast = members.apply(claim, 1.0)
    if expected is NOTHING:
        assert (change, broadcast) == (None, None)
        assert members.states() == before
        return
    member = members[name]
    assert (change, member.state, member.incarnation) == expected
    # what is believed is passed on; a false accusation is answered instead
    assert broadcast == (Alive(member.incarnation, ME) if change == "refute" else claim)


def test_a_suspicion_ends_with_the_belief_in_it():
    for claim in (Alive(6, OTHER), Dead(5, OTHER, "x")):
        members = view("suspect")
        assert members[OTHER].suspicion is not None
        members.apply(claim, 1.0)
        assert members[OTHER].suspicion is None


def test_a_confirmation_is_passed_on_once_for_each_new_accuser_and_shortens_the_wait():
    members = view("suspect")
    deadlines = [members[OTHER].suspicion.deadline_s]
    changes = []
    for accuser in ("bystander-1", "a", "a", "b", "c"):
        changes.append(members.apply(Suspect(5, OTHER, accuser), 1.0).change)
        deadlines.append(members[OTHER].suspicion.deadline_s)
    assert changes == [None, "confirm", None, "confirm", None]
    least = 4 * 1.079  # 12 members, cut to thousandths
    assert deadlines[0] == pytest.approx(6 * least)
    assert deadlines[-1] == pytest.approx(least)


@pytest.mark.parametrize("n, k", [(2, 0), (3, 0), (4, 2), (5, 2)])
def test_too_few_members_to_confirm_means_no_waiting_for_them(n, k):
    members = Membership(ME, SwimConfig(), Random(1))
    for number in range(n - 1):
        members.apply(Alive(1, f"m{number}"), 0.0)
    members.apply(Suspect(1, "m0", ME), 0.0)
    assert members["m0"].suspicion.k == k
    assert members["m0"].suspicion.deadline_s == (24.0 if k else 4.0)


def test_an_equal_incarnation_about_oneself_is_refuted_only_if_the_metadata_differ():
    members = view("self")
    assert members.apply(Alive(5, ME, ""), 1.0).change is None
    # what was believed before a restart
    assert members.apply(Alive(5, ME, "old"), 1.0) == ("refute", Alive(6, ME, ""))


def test_new_metadata_come_in_a_new_incarnation():
    members = view("self")
    assert members.update("zone=b") == ("member-update", Alive(6, ME, "zone=b"))
    there = view("unknown")
    there.apply(Alive(5, OTHER, "zone=a"), 0.0)
    assert there.apply(Alive(6, OTHER, "zone=b"), 0.0).change == "member-update"
    assert there[OTHER].metadata == "zone=b"


@pytest.mark.parametrize(
    "remote, here", [("alive", "alive"), ("suspect", "suspect"), ("dead", "suspect"), ("left", "left")]
)
def test_push_pull_buries_nobody_by_hearsay(remote, here):
    members = view("alive")
    for claim in members.claims(view(remote).states()):
        members.apply(claim, 1.0)
    assert members[OTHER].state == here
    if here == "suspect":
        assert members[OTHER].suspicion.confirm(ME) is False  # the suspicion is our own


def test_the_dead_are_forgotten_at_a_wrap_after_the_time_to_gossip_to_them():
    members = view("dead")
    for now, remembered in ((29.0, True), (30.5, False)):
        for _ in range(2 * len(members)):
            members.next_to_probe(now)
        assert (OTHER in members) is remembered


def test_probing_goes_round_every_living_member_once_before_anybody_twice():
    members = view("suspect")
    members.apply(Dead(1, "bystander-3", "x"), 0.0)
    living = {m.name for m in members if m.state in ("alive", "suspect")} - {ME}
    rounds = [[members.next_to_probe(0.0).name for _ in living] for _ in range(3)]
    assert all(set(names) == living for names in rounds)
    assert rounds[0] != rounds[1]  # reshuffled


@given(st.integers(0, 5), st.integers(1, 12), st.integers(0, 2**32))
def test_random_members_are_different_living_and_never_oneself(k, n, seed):
    members = Membership(ME, SwimConfig(), Random(seed))
    for number in range(n):
        members.apply(Alive(1, f"m{number}"), 0.0)
    members.apply(Dead(1, "m0", "x"), 0.0)
    chosen = [m.name for m in members.choose(k, lambda m: m.state == "alive")]
    assert len(set(chosen)) == len(chosen) <= k
    assert not {ME, "m0"} & set(chosen)
    if n + 1 < 3 * k:
        assert len(chosen) == min(k, n - 1)


# properties

RANK = {"unknown": 0, "alive": 1, "suspect": 2, "dead": 3, "left": 3}
INCARNATIONS = st.integers(1, 4)
ACCUSERS = st.sampled_from(["a", "b", OTHER])
CLAIMS = st.one_of(
    st.builds(Alive, INCARNATIONS, st.just(OTHER)),
    st.builds(Suspect, INCARNATIONS, st.just(OTHER), ACCUSERS),
    st.builds(Dead, INCARNATIONS, st.just(OTHER), ACCUSERS),
)


def rank(members):
    if OTHER not in members:
        return (0, 0)
    return (members[OTHER].incarnation, RANK[members[OTHER].state])


def after(claims, known="unknown"):
    members = view(known)
    for claim in claims:
        members.apply(claim, 0.0)
    return members


@given(st.lists(CLAIMS, max_size=12))
def test_belief_never_goes_back(claims):
    """By incarnation first, and within one only for the worse; a change is a step up, and nothing else is one."""
    members = view()
    for claim in claims:
        before = rank(members)
        change = members.apply(claim, 0.0).change
        assert rank(members) >= before
        assert (rank(members) > before) == (change not in (None, "confirm"))
        # and what a push/pull would say is what is believed now
        assert set(members.states()) == {
            (m.name, m.incarnation, m.state, m.metadata, m.address) for m in members
        }


@given(st.lists(CLAIMS, max_size=8), CLAIMS)
def test_a_claim_heard_twice_changes_nothing_the_second_time(claims, claim):
    members = after([*claims, claim])
    assert members.apply(claim, 0.0) == (None, None)


@given(
    st.permutations([Alive(5, OTHER), Suspect(5, OTHER, "a"), Suspect(5, OTHER, "b"), Dead(5, OTHER, "c")]),
    st.integers(1, 4),
)
def test_within_one_incarnation_the_worst_claim_wins_in_every_order(claims, heard):
    worst = max(
        RANK[{Alive: "alive", Suspect: "suspect", Dead: "dead"}[type(claim)]] for claim in claims[:heard]
    )
    assert rank(after(claims[:heard], "alive")) == (5, worst)


@given(st.lists(CLAIMS, max_size=10), st.data())
def test_a_refutation_above_all_accusations_wins_in_every_order(claims, data):
    refutation = Alive(1 + max((claim.incarnation for claim in claims), default=0), OTHER)
    order = data.draw(st.permutations([*claims, refutation]))
    assert rank(after(order)) == (refutation.incarnation, RANK["alive"])


@given(st.lists(st.builds(Alive, INCARNATIONS, st.just(OTHER)), min_size=1), st.randoms())
def test_claims_of_life_alone_commute(claims, random):
    shuffled = random.sample(claims, len(claims))
    assert rank(after(claims)) == rank(after(shuffled)) == (max(c.incarnation for c in claims), RANK["alive"])


def test_across_incarnations_accusations_do_not_commute():
    """Two members that heard the same may disagree until the next refutation: the rules promise no more."""
    dead, suspect = Dead(5, OTHER, "a"), Suspect(6, OTHER, "b")
    assert rank(after([dead, suspect], "alive")) == (5, RANK["dead"])
    assert rank(after([suspect, dead], "alive")) == (6, RANK["suspect"])
    assert rank(after([dead, suspect, Alive(7, OTHER)], "alive")) == rank(
        after([suspect, dead, Alive(7, OTHER)], "alive")
    )


@given(st.sampled_from([Suspect, Dead]), st.integers(1, 50))
def test_whoever_believed_the_accusation_believes_the_refutation(kind, incarnation):
    accusation = kind(incarnation, OTHER, "a")
    accused = Membership(OTHER, SwimConfig(), Random(2))
    refutation = accused.apply(accusation, 0.0).broadcast
    assert rank(after([Alive(incarnation, OTHER), accusation, refutation])) == (
        incarnation + 1,
        RANK["alive"],
    )


@given(st.lists(CLAIMS, max_size=8), st.lists(CLAIMS, max_size=8))
def test_push_pull_takes_no_belief_back_and_buries_nobody(here, there):
    mine, theirs = after(here), after(there)
    before = rank(mine)
    for claim in mine.claims(theirs.states()):
        mine.apply(claim, 0.0)
    assert rank(mine) >= before
    # only a member's own word, or what was believed here before, is enough for a grave
    if mine.known_as(OTHER) == "dead":
        assert before[1] == RANK["dead"]


@pytest.mark.parametrize("known", ["self", "self after leaving"])
def test_nobody_takes_over_one_s_own_name_while_one_is_there_to_hear_of_it(known):
    members = view(known)
    state = members.me.state
    assert members.apply(Alive(KNOWN + 9, ME, "", "elsewhere"), 1.0).change == "name-conflict"
    assert (members.me.address, members.me.state) == (ME, state)


def test_a_state_lasts_since_it_began_also_through_new_incarnations():
    members = view("alive")
    members.apply(Alive(KNOWN + 1, OTHER), 9.0)
    assert members[OTHER].since_s == 0.0
    members.apply(Suspect(KNOWN + 1, OTHER, "bystander-1"), 10.0)
    assert members[OTHER].since_s == 10.0
