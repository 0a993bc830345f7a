"""Lies about generations and versions in Scuttlebutt, Cassandra's own guard, and a cap."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.gossip.adversary import (
    Cap,
    Delay,
    ForgeState,
    Guarded,
    Keys,
    Liar,
    Replay,
    Signatures,
    SignedExchange,
    Withhold,
    member,
)
from gossipkit.gossip.adversary.words import Said
from gossipkit.gossip.scuttlebutt import (
    Ack2,
    Digest,
    EndpointState,
    Gossiper,
    HeartBeatState,
    Syn,
    VersionedValue,
)
from gossipkit.sim import World

NAMES = tuple(f"m-{number}" for number in range(1, 9))
HONEST = NAMES[1:-1]
HOUR_S, YEAR_S = 3600, 365 * 86_400


def cluster(*lies, defences=(), seed=1):
    """Eight settled gossipers, of which the last one lies; the first is the victim."""
    world = World(seed=seed)

    def made(name, saved=None):
        again = {"last_generation": saved} if saved is not None else {"members": NAMES}
        inner = Liar(Gossiper(seeds=NAMES[:2], **again), lies if name == NAMES[-1] else ())
        return Guarded(inner, defences)

    for name in NAMES:
        world.add(name, made(name), rebuild=lambda saved, name=name: made(name, saved))
    return world


def lives(world):
    """At how many honest nodes the victim is up."""
    return sum("m-1" in member(world.process(name)).live for name in HONEST)


def test_without_behaviours_and_defences_a_gossiper_is_the_bare_one_byte_for_byte():
    bare = World(seed=1)
    for name in NAMES:
        bare.add(
            name,
            Gossiper(seeds=NAMES[:2], members=NAMES),
            rebuild=lambda saved: Gossiper(seeds=NAMES[:2], last_generation=saved),
        )
    wrapped = cluster()
    for world in (bare, wrapped):
        world.at(5, world.crash, "m-3")
        world.at(30, world.restart, "m-3")
        world.run(until=50)
    assert wrapped.trace.table() == bare.trace.table()


# generation_s, version, status, and at how many of six honest nodes the victim is up: with no defence, and with a cap. Signatures
# leave it up at all six
KEYS = Keys(NAMES)
LIES = [
    (HOUR_S, 0, None, 0, 6),  # nobody hears the victim any more, which is at a lower generation
    (YEAR_S + HOUR_S, 0, None, 6, 6),  # Cassandra refuses by itself what is a year ahead
    (0, 10**6, None, 0, 6),
    (1, 0, None, 0, 0),  # one second ahead is as good as an hour, and no cap refuses it
    (1, 0, "left", 0, 0),
]


@pytest.mark.parametrize(("generation_s", "version", "status", "bare", "capped"), LIES)
def test_a_state_that_is_ahead_of_its_node_silences_it(generation_s, version, status, bare, capped):
    lie = ForgeState(about="m-1", generation_s=generation_s, version=version, status=status, at_s=5.0)
    found = []
    for defences in ((), (Cap(ahead_s=60.0),), (Signatures(keys=KEYS),)):
        world = cluster(lie, defences=defences)
        world.run(until=60)
        found.append(lives(world))
    assert found == [bare, capped, 6]


def test_the_victim_does_not_know_and_cannot_refute():
    """Nobody tells a node about itself: what SWIM's refutation is for has no place here."""
    world = cluster(ForgeState(about="m-1", generation_s=HOUR_S, at_s=5.0, for_s=5.0))
    world.run(until=60)
    victim = member(world.process("m-1"))
    assert victim.endpoints["m-1"].state.heartbeat.generation == 0
    assert sorted(victim.live) == sorted(NAMES[1:])
    assert lives(world) == 0


@pytest.mark.parametrize("defences", [(), (Cap(ahead_s=60.0),), (Signatures(keys=KEYS),)])
def test_an_honest_restart_is_heard_behind_a_defence_as_without_one(defences):
    world = cluster(defences=defences)
    world.at(5, world.crash, "m-1")
    world.at(150, world.restart, "m-1")
    world.run(until=149)
    assert lives(world) == 0
    world.run(until=170)
    assert lives(world) == 6
    assert not world.trace.filter(kind="claim-refused")


def test_a_restart_on_a_clock_that_is_further_ahead_than_the_cap_is_the_price():
    for ahead_s, heard in ((30.0, 6), (600.0, 0)):
        world = cluster(defences=(Cap(ahead_s=60.0),))
        world.at(10, world.crash, "m-1")
        world.at(40, lambda world=world, ahead_s=ahead_s: world.clock("m-1", offset_s=ahead_s))
        world.at(40, world.restart, "m-1")
        world.run(until=70)
        assert lives(world) == heard


def test_a_node_that_was_cut_off_for_longer_than_the_cap_is_heard_again():
    """Its version has risen by far more than the jump meanwhile."""
    world = cluster(defences=(Cap(jump=50),))
    world.at(5, world.partition, ["m-1"])
    world.at(150, world.heal)
    world.run(until=149)
    assert lives(world) == 0
    world.run(until=180)
    assert lives(world) == 6
    assert not world.trace.filter(kind="claim-refused")


def test_the_first_word_about_a_stranger_is_believed_by_cassandra_and_not_behind_a_cap():
    """Its guard looks at endpoints that are known already. A node that starts hears of the victim for the first time, and from
    whom is chance."""
    fooled = []
    for defences in ((), (Cap(ahead_s=60.0),)):
        fooled.append(0)
        for seed in range(6):
            lie = ForgeState(about="m-1", generation_s=YEAR_S + HOUR_S, at_s=1.0)
            world = cluster(lie, defences=defences, seed=seed)
            world.run(until=3)
            world.add("m-9", Guarded(Gossiper(seeds=("m-8",)), defences))
            world.run(until=15)
            known = member(world.process("m-9")).endpoints["m-1"].state.heartbeat.generation
            fooled[-1] += known > YEAR_S
    assert fooled[0] > 0 and fooled[1] == 0


def test_a_share_is_withheld_and_the_rest_is_sent():
    sent = []
    for share in (0.0, 0.5):
        world = cluster(Withhold(kinds=("Syn",), share=share))
        world.run(until=100)
        sent.append(
            sum(type(event.fields["message"]) is Syn for event in world.trace.filter(kind="send", node="m-8"))
        )
    # its rounds send as many as before, of which a half is dropped: four deviations of the binomial, and of who is drawn
    assert abs(sent[1] - sent[0] / 2) < 4 * (sent[0] / 2) ** 0.5


def test_what_is_not_passed_on_reaches_the_others_by_another_way():
    """Digests go to a random node each second: one that keeps its answers to itself delays news and stops none."""
    for lie in (Withhold(kinds=("Ack", "Ack2")), Delay(seconds=2.0), Replay(after_s=5.0)):
        world = cluster(lie)
        world.run(until=5)
        member(world.process("m-1")).announce("RACK", "r2")
        world.run(until=40)
        heard = [member(world.process(name)).endpoints["m-1"].state.applications for name in HONEST]
        assert {each["RACK"].value for each in heard} == {"r2"}
        assert lives(world) == 6


def test_a_signed_farewell_and_signed_news_are_heard():
    world = cluster(defences=(Signatures(keys=KEYS),))
    world.run(until=5)
    member(world.process("m-1")).announce("RACK", "r2")
    world.run(until=20)
    heard = [member(world.process(name)).endpoints["m-1"].state.applications for name in HONEST]
    assert {each["RACK"].value for each in heard} == {"r2"}
    member(world.process("m-1")).shutdown()
    world.run(until=20.5)
    assert lives(world) == 0


def test_a_signed_heartbeat_bears_no_state_that_was_not_signed():
    """A true heartbeat, with its signature, and beside it a STATUS that its node never had."""
    world = cluster(defences=(Signatures(keys=KEYS),))
    world.run(until=10)
    own = member(world.process("m-1")).endpoints["m-1"].state
    generation, version = own.heartbeat[0], own.heartbeat[1] + 1
    status = VersionedValue("left", version)
    said = KEYS.sign(Said("m-1", generation, "", "", version))
    guard = world.process("m-3")
    for state in (
        EndpointState(HeartBeatState(generation, version), {"STATUS": status}),
        EndpointState(HeartBeatState(generation, version)),
    ):
        guard.receive(guard.env, "m-8", SignedExchange(Ack2((("m-1", state),)), (said,)))
        held = member(guard).endpoints["m-1"].state
        assert held.status == "NORMAL"
        assert (held.heartbeat.version == version) is (not state.applications)


def test_digests_that_are_all_refused_are_no_empty_question():
    """An empty SYN asks for everything, as a node does that starts."""
    world = cluster(defences=(Cap(ahead_s=60.0),))
    world.run(until=10)
    guard, syn = world.process("m-3"), Syn("Test Cluster", (Digest("m-1", HOUR_S, 1),))
    sent = len(world.trace.filter(kind="send", node="m-3"))
    guard.receive(guard.env, "m-8", syn)
    assert len(world.trace.filter(kind="send", node="m-3")) == sent
    guard.receive(guard.env, "m-8", Syn("Test Cluster", ()))
    assert len(world.trace.filter(kind="send", node="m-3")) == sent + 1


def test_nobody_buries_another_with_signatures():
    """Not even an operator: the node that is told to would have to forge the other one's last words."""
    buried = []
    for defences in ((), (Signatures(keys=KEYS),)):
        world = cluster(defences=defences)
        world.at(5, world.crash, "m-1")
        world.run(until=40)
        member(world.process("m-2")).assassinate("m-1")
        world.run(until=90)
        states = [member(world.process(name)).endpoints["m-1"].state.status for name in NAMES[2:]]
        buried.append(set(states) == {"left"})
    assert buried == [True, False]


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            lambda about, generation_s, version, at_s: ForgeState(
                about=about, generation_s=generation_s, version=version, at_s=at_s, for_s=2.0
            ),
            st.sampled_from(NAMES[:3]),
            st.sampled_from((0, 100, YEAR_S)),
            st.sampled_from((2000, 2**30)),
            st.sampled_from((0.5, 2.0)),
        ),
        max_size=3,
    ),
    st.integers(0, 10**6),
)
def test_what_is_beyond_the_cap_is_never_held(lies, seed):
    """Heartbeats of honest nodes at honest ones: never above their own, and never back."""
    world = cluster(*lies, defences=(Cap(jump=1000, ahead_s=60.0),), seed=seed)
    before = {}
    for second in range(1, 6):
        world.run(until=float(second))
        for observer in NAMES[:-1]:
            for name, known in member(world.process(observer)).endpoints.items():
                if name == "m-8":
                    continue
                own = member(world.process(name)).endpoints[name].state
                assert known.state.heartbeat <= own.heartbeat
                assert known.state.heartbeat >= before.get((observer, name), (0, 0))
                before[observer, name] = known.state.heartbeat


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "generation_s and version are both 0"),
        ({"generation_s": -1}, "generation_s is -1"),
        ({"version": 2**31}, "version is 2147483648"),
        ({"version": 1, "status": ""}, "status is ''"),
    ],
)
def test_what_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        ForgeState(about="m-1", **arguments)
