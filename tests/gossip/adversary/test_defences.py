"""What each defence refuses, what it lets pass, and what it costs."""

import sys
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.adversary import (
    Cap,
    FirstHand,
    Forge,
    Guarded,
    Keys,
    Liar,
    Quorum,
    Signatures,
    Sybil,
    TwoFaces,
    Vouch,
    hijack,
    liar,
    member,
)
from gossipkit.gossip.swim import HIGHEST_INCARNATION, Alive, Dead, Suspect, SwimNode
from gossipkit.gossip.swim.messages import Rows
from gossipkit.gossip.swim.serf import Gone
from gossipkit.sim import Network, World

NAMES = tuple(f"m-{number}" for number in range(1, 9))
KEYS = Keys(NAMES)
ALL = {
    "cap": (Cap(),),
    "first hand": (FirstHand(),),
    "quorum": (Quorum(),),
    "signatures": (Signatures(keys=KEYS),),
    "signatures + quorum": (Quorum(), Signatures(keys=KEYS)),
}


def failed(world, about):
    return {
        event.node for event in world.trace.filter(kind="member-failed") if event.fields["about"] == about
    }


def refused(world, why):
    return [event for event in world.trace.filter(kind="claim-refused") if event.fields["why"] == why]


@pytest.mark.parametrize("name", ALL)
def test_honest_members_find_a_crash_and_take_the_member_back_behind_every_defence(cluster, name):
    world = cluster(defences=ALL[name], network=Network(loss=0.05))
    world.at(5, world.crash, "m-1")
    world.at(70, world.restart, "m-1")
    world.run(until=69)
    assert failed(world, "m-1") == set(NAMES[1:])
    world.run(until=110)
    assert {member(world.process(each)).state_of("m-1") for each in NAMES[1:]} == {"alive"}
    assert {member(world.process("m-1")).state_of(each) for each in NAMES} == {"alive"}
    assert not refused(world, "cap")


@pytest.mark.parametrize("name", ALL)
def test_an_honest_leave_is_a_leave_behind_every_defence(cluster, name):
    world = cluster(defences=ALL[name])
    world.run(until=5)
    member(world.process("m-1")).leave()
    world.run(until=60)
    states = [member(world.process(each)).state_of("m-1") for each in NAMES[1:]]
    # by first-hand word the farewell must come from the leaver itself: who missed that takes it for a failure
    assert set(states) <= ({"left", "dead"} if name == "first hand" else {"left"})
    assert "left" in states


@pytest.mark.parametrize("name", ALL)
def test_a_newcomer_is_known_to_all_and_knows_all_behind_every_defence(cluster, name):
    keys = Keys((*NAMES, "m-9"))
    defences = tuple(Signatures(keys=keys) if type(each) is Signatures else each for each in ALL[name])
    world = cluster(defences=defences)
    world.run(until=5)
    world.add("m-9", Guarded(SwimNode(seeds=("m-3",)), defences))
    world.run(until=50)
    assert {member(world.process(each)).state_of("m-9") for each in NAMES} == {"alive"}
    assert {member(world.process("m-9")).state_of(each) for each in NAMES} == {"alive"}


# who is stopped: by none, no; the attack breaks what honest members believe
ATTACKS = {
    "forged death": ((Forge(about="m-1", at_s=5.0),), {"first hand", "quorum", "signatures + quorum"}),
    "in another's name": (
        (Forge(about="m-1", by="m-4", at_s=5.0),),
        {"first hand", "quorum", "signatures", "signatures + quorum"},
    ),
    "invented accusers": (
        tuple(Forge(about="m-1", by=by, at_s=5.0) for by in ("m-3", "m-4", "m-5")),
        {"first hand", "signatures", "signatures + quorum"},
    ),
    "wrap": (
        (Forge(about="m-1", incarnation=HIGHEST_INCARNATION, at_s=5.0),),
        {"cap", "first hand", "signatures", "signatures + quorum"},
    ),
    "leave": ((hijack("m-1", "evil", at_s=5.0)), {"first hand", "signatures", "signatures + quorum"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ALL)
def test_what_each_defence_stops_and_what_it_does_not(cluster, attack, name):
    lies, stopped_by = ATTACKS[attack]
    world = cluster(*lies, defences=ALL[name])
    world.run(until=5.15)
    honest = [member(world.process(each)).members["m-1"] for each in NAMES[1:-1]]
    harmed = any(each.state in ("dead", "left") or each.address != "m-1" for each in honest)
    if attack == "wrap":  # it is what comes after: the victim has no higher incarnation to answer with
        world.run(until=40)
        harmed = any(member(world.process(each)).state_of("m-1") == "dead" for each in NAMES[1:-1])
    assert harmed is (name not in stopped_by)


def test_the_cap_is_climbed_in_steps(cluster):
    steps = Forge(about="m-1", claim="alive", incarnation=500, growth=900, every_s=0.2, for_s=2.0, at_s=5.0)
    world = cluster(steps, defences=(Cap(jump=1000),))
    world.run(until=8)
    assert member(world.process("m-3")).members["m-1"].incarnation > 8000
    assert not refused(world, "cap")


def test_a_cap_leaves_a_stranger_room_below_the_highest_incarnation(cluster):
    world = cluster(defences=(Cap(jump=100),))
    world.run(until=1)
    guard = world.process("m-1")
    for name, below in (("at the cap", 100), ("above it", 99)):
        guard.receive(guard.env, "m-8", Alive(HIGHEST_INCARNATION - below, name))
    world.run(until=1.001)
    assert member(guard).members.get("at the cap") is not None
    assert member(guard).members.get("above it") is None


@pytest.mark.parametrize("defences", [(Cap(jump=3),), (Signatures(keys=KEYS),)])
def test_a_restart_far_below_what_others_remember_is_heard(cluster, defences):
    """The member comes back in incarnation 1, and the cluster remembers one that is far above that, and that it is dead in it."""
    world = cluster(defences=defences)
    for number in range(10):
        world.run(until=2 + 0.2 * number)
        member(world.process("m-1")).update_metadata(f"v{number}")
    world.at(8, world.crash, "m-1")
    world.at(18, world.restart, "m-1")
    world.run(until=17)
    assert failed(world, "m-1") == set(NAMES[1:])
    world.run(until=60)
    assert member(world.process("m-1")).members.me.incarnation > 10
    assert {member(world.process(each)).state_of("m-1") for each in NAMES} == {"alive"}


def test_a_victim_does_not_climb_out_of_the_others_sight_by_refuting(cluster):
    """A lie told to the victim alone would make it answer in an incarnation that nobody else accepts."""
    world = cluster(Forge(about="m-1", to=("m-1",), incarnation=10**6, at_s=5.0), defences=(Cap(),))
    world.run(until=10)
    assert member(world.process("m-1")).members.me.incarnation == 1
    assert [event.node for event in refused(world, "cap")] == ["m-1"]


def test_first_hand_words_cost_time(cluster):
    last = {}
    for name in ("none", "first hand"):
        world = cluster(defences=ALL.get(name, ()))
        world.at(5, world.crash, "m-1")
        world.run(until=69)
        last[name] = max(
            event.time for event in world.trace.filter(kind="member-failed") if event.fields["about"] == "m-1"
        )
    assert last["first hand"] > last["none"] + 10


def test_who_is_suspected_hears_of_it_behind_every_defence_and_refutes(cluster):
    for name, defences in ALL.items():
        world = cluster(defences=defences)
        world.at(5, world.pause, "m-1", 4.0)
        world.run(until=60)
        suspected = [event for event in world.trace.filter(kind="suspect") if event.fields["about"] == "m-1"]
        assert suspected, name
        assert world.trace.filter(kind="refute", node="m-1"), name
        assert not failed(world, "m-1"), name


def test_a_quorum_turns_a_death_into_a_suspicion_that_can_be_refuted(cluster):
    world = cluster(Forge(about="m-1", at_s=5.0), defences=(Quorum(),))
    world.run(until=10)
    suspected = {event.node for event in world.trace.filter(kind="suspect")}
    assert len(suspected) >= 5 and not failed(world, "m-1")
    assert len(world.trace.filter(kind="refute", node="m-1")) == 1


def test_signatures_keep_out_who_is_not_enrolled_and_who_speaks_for_others(cluster):
    sybils = cluster(Sybil(count=3, at_s=5.0), Vouch(about="m-2"), defences=ALL["signatures"])
    sybils.at(6, sybils.crash, "m-2")
    sybils.run(until=40)
    assert failed(sybils, "m-2") == set(NAMES) - {"m-2"}
    assert {member(sybils.process(each)).state_of("sybil-1") for each in sybils.up} == {None}
    assert refused(sybils, "signatures")


def test_signatures_do_not_stop_two_words_of_one_mouth(cluster):
    world = cluster(TwoFaces(at_s=5.0), defences=ALL["signatures"])
    world.run(until=50)
    assert {member(world.process(each)).members["m-8"].metadata for each in NAMES[:-1]} == {"one", "other"}


def test_signatures_are_paid_for_in_bytes(cluster):
    sent = []
    for name in ("none", "signatures"):
        world = cluster(defences=ALL.get(name, ()))
        for time in range(5, 25):
            world.run(until=time)
            member(world.process("m-1")).update_metadata(f"{time}")
        world.run(until=30)
        sent.append(
            [
                event.fields["message"].size_bytes
                for event in world.trace.filter(kind="send")
                if "Alive" in repr(event.fields["message"])
            ]
        )
        assert max(sent[-1]) <= 1400
    assert len(sent[0]) == pytest.approx(len(sent[1]), rel=0.2)
    assert sum(sent[1]) / len(sent[1]) == pytest.approx(sum(sent[0]) / len(sent[0]) + 72, abs=12)


def test_what_signatures_make_too_long_for_one_packet_goes_in_several(cluster):
    world = cluster(defences=ALL["signatures"])
    world.run(until=5)
    for name in NAMES:
        member(world.process(name)).update_metadata("x" * 120)
    world.run(until=10)
    sent = [event.fields["message"] for event in world.trace.filter(kind="send")]
    # seven such words fill a packet of 1400 bytes, and with their signatures five
    assert max(len(getattr(message, "parts", ())) for message in sent) <= 6
    assert 1150 < max(message.size_bytes for message in sent) <= 1400
    assert {member(world.process(name)).members["m-1"].metadata for name in NAMES} == {"x" * 120}


def test_signatures_say_which_package_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    with pytest.raises(ModuleNotFoundError, match=r"^signing needs the package cryptography, which is not"):
        _ = Keys(NAMES).ids


def test_a_signature_bears_one_word_of_one_member():
    signed = KEYS.sign(Alive(3, "m-1", "data"))
    assert len(signed.signature) == 64 and len(signed.key_id) == 8
    assert signed.size_bytes == signed.word.size_bytes + 72
    assert KEYS.vouches(signed) and Keys(NAMES).vouches(signed)
    kind = type(signed)
    for other in (
        kind(Alive(4, "m-1", "data"), signed.key_id, signed.signature),
        kind(Alive(3, "m-2", "data"), signed.key_id, signed.signature),
        kind(signed.word, KEYS.ids["m-2"], signed.signature),
        kind(signed.word, signed.key_id, bytes(64)),
    ):
        assert not KEYS.vouches(other)
    assert not Keys(NAMES, seed=1).vouches(signed)
    with pytest.raises(ValueError, match="who says it is 'm-9'"):
        KEYS.sign(Suspect(1, "m-1", "m-9"))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Cap(jump=0), "jump is 0"),
        (lambda: Cap(ahead_s=-1.0), "ahead_s is -1.0"),
        (lambda: Quorum(accusers=1), "accusers is 1"),
        (lambda: Signatures(keys="secret"), "keys is 'secret'"),
        (lambda: Keys("abc"), "names is 'abc'"),
        (lambda: Guarded(SwimNode(), (Cap(), Cap(jump=3))), "defences names 'cap' twice"),
    ],
)
def test_what_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


# properties: whatever a liar sends

TARGETS = st.sampled_from(("n-1", "n-2", "n-3"))
INCARNATIONS = st.one_of(st.integers(0, 8), st.sampled_from((1500, 2**31, HIGHEST_INCARNATION)))
LIES = st.lists(
    st.builds(
        lambda claim, about, incarnation, by, every: Forge(
            claim=claim,
            about=about,
            incarnation=incarnation,
            by=by if claim in ("dead", "suspect") else None,
            address="evil" if claim == "alive" else "",
            every_s=every,
            for_s=3.0,
            at_s=1.0,
        ),
        st.sampled_from(("dead", "suspect", "alive", "leave")),
        TARGETS,
        INCARNATIONS,
        st.sampled_from((None, "n-2", "n-3", "n-4")),
        st.sampled_from((0.0, 0.5)),
    ),
    max_size=4,
)
SMALL = ("n-1", "n-2", "n-3", "n-4")
SMALL_KEYS = Keys(SMALL)


def lied_to(lies, defences, seed, seconds=12.0):
    """A cluster of four of which the last one lies, run; and what was believed of incarnations, step by step."""
    world, seen = World(seed=seed, network=Network(loss=0.1)), []
    for name in SMALL:
        inner = Liar(SwimNode(members=SMALL), lies if name == "n-4" else ())
        world.add(name, Guarded(inner, defences))
    while world.now < seconds:
        world.run(until=world.now + 0.25)
        seen.append(
            {
                (name, other): (each.incarnation, each.state, each.address)
                for name in SMALL[:3]
                for other in SMALL
                if (each := member(world.process(name)).members.get(other)) is not None
            }
        )
    return world, seen


@given(LIES, st.integers(0, 10**6))
def test_no_liar_makes_a_capped_member_go_back_or_jump(lies, seed):
    """What honest members hold of each other never falls, and rises by no more than the cap at once."""
    world, seen = lied_to(lies, (Cap(jump=100),), seed)
    for before, after in pairwise(seen):
        for pair, (incarnation, _, address) in after.items():
            if pair in before and before[pair][2] == address:
                assert incarnation >= before[pair][0]
    held = dict.fromkeys(((name, other) for name in SMALL for other in SMALL), 1)
    for event in world.trace:
        if "incarnation" in event.fields and event.node != "n-4":
            pair = event.node, event.fields["about"]
            # a refutation is one above what was accused
            assert event.fields["incarnation"] <= held[pair] + 100 + 1
            held[pair] = event.fields["incarnation"]


@given(LIES, st.integers(0, 10**6))
def test_with_signatures_nobody_holds_of_an_honest_member_what_it_did_not_say(lies, seed):
    """Its life, its address, its leave: its own words. A death is its accuser's word, and in an incarnation of its own."""
    world, seen = lied_to(lies, (Signatures(keys=SMALL_KEYS),), seed)
    highest = {name: member(world.process(name)).members.me.incarnation for name in SMALL[:3]}
    for beliefs in seen:
        for (_, other), (incarnation, state, address) in beliefs.items():
            if other != "n-4":
                assert address == other
                assert state != "left"
                assert incarnation <= highest[other]
    accusers = {
        event.fields["by"]
        for event in world.trace
        if event.kind in ("suspect", "member-failed") and event.fields["about"] in SMALL[:3]
    }
    assert accusers <= set(SMALL)


@given(st.lists(st.sampled_from(("update", "lose", "crash")), max_size=8), st.integers(0, 10**6))
def test_honest_members_never_go_back_among_themselves(doings, seed):
    world, random = World(seed=seed, network=Network(loss=0.1)), Random(seed)
    for name in SMALL:
        world.add(name, SwimNode(members=SMALL), rebuild=lambda _: SwimNode(seeds=SMALL[:2]))
    held, time = {}, 0.0
    for doing in (*doings, "end"):
        time += 4 * random.random()
        world.run(until=time)
        name = random.choice(SMALL)
        if doing == "update" and world.process(name):
            world.process(name).update_metadata(f"{time}")
        elif doing == "lose":
            world.set_loss(0.5 * random.random())
        elif doing == "crash" and len(world.up) == 4:
            world.crash(name)
        for observer in world.up:
            for each in world.process(observer).members:
                before = held.get((observer, each.name), 0)
                assert each.incarnation >= before
                held[observer, each.name] = each.incarnation


def test_a_word_of_a_death_in_a_push_pull_is_heard_only_with_its_proof(cluster):
    """A liar that tells everything in one exchange is no better off than with packets."""
    world = cluster(defences=ALL["signatures"])
    world.run(until=5)
    inside = world.process("m-8")
    node = member(inside)
    true = node.members.states
    node.members.states = lambda: Rows(
        (name, incarnation, "left" if name == "m-1" else state, metadata, address)
        for name, incarnation, state, metadata, address in true()
    )
    node.join(NAMES[1:4])
    world.run(until=6)
    assert {event.fields["about"] for event in refused(world, "signatures")} == {"m-1"}
    assert {member(world.process(each)).state_of("m-1") for each in NAMES[1:4]} == {"alive"}
    assert liar(inside) is inside.process


def test_a_death_told_in_push_pulls_does_not_make_its_hearers_accusers(cluster):
    """What a push/pull tells is its reader's own word: three readers would be three accusers."""
    accusers = []
    for defences in ((), (Quorum(),)):
        world = cluster(defences=defences)
        world.run(until=5)
        node = member(world.process("m-8"))
        node.apply(Dead(1, "m-1", "m-8"))
        node.join(NAMES[1:6])
        world.run(until=5.01)
        accusers.append(
            {event.fields["by"] for event in world.trace.filter(kind=["suspect", "confirm"], after=5)}
            - {"m-8"}
        )
    assert len(accusers[0]) >= 3
    assert not accusers[1]


def test_a_farewell_in_a_push_pull_is_heard_only_with_its_proof(cluster):
    left = []
    for defences in ((), ALL["signatures"]):
        world = cluster(defences=defences)
        world.run(until=5)
        serf = member(world.process("m-8")).serf
        serf._times["m-1"] = 50  # as if it had been told
        serf.left["m-1"] = Gone(5.0, "m-1")
        member(world.process("m-8")).join(NAMES[1:4])
        world.run(until=5.1)
        left.append({member(world.process(each)).state_of("m-1") for each in NAMES[1:4]})
    assert left == [{"leaving"}, {"alive"}]


def test_an_accusation_counts_only_in_an_incarnation_that_the_accused_has_signed(cluster):
    world = cluster(Forge(about="m-1", claim="suspect", incarnation=2, at_s=5.0), defences=ALL["signatures"])
    world.run(until=6)
    assert not world.trace.filter(kind="suspect")
    again = cluster(Forge(about="m-1", claim="suspect", incarnation=1, at_s=5.0), defences=ALL["signatures"])
    again.run(until=6)
    assert again.trace.filter(kind="suspect")


def test_a_death_counts_accusers_of_this_incarnation_only(cluster):
    world = cluster(defences=(Quorum(accusers=2),))
    world.run(until=5)
    node = world.process("m-3")
    for word in (Suspect(1, "m-1", "m-4"), Alive(2, "m-1"), Dead(2, "m-1", "m-5")):
        node.receive(node.env, "m-5", word)
        world.run(until=world.now + 0.001)
    assert member(node).state_of("m-1") == "suspect"
    node.receive(node.env, "m-6", Dead(2, "m-1", "m-6"))
    world.run(until=world.now + 0.001)
    assert member(node).state_of("m-1") == "dead"
