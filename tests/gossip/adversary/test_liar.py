"""What each behaviour does to honest members that have no defence."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gossipkit.gossip.adversary import (
    BEHAVIOURS,
    Delay,
    Flood,
    Forge,
    Guarded,
    Liar,
    Replay,
    Sybil,
    TwoFaces,
    Vouch,
    Withhold,
    behaviour,
    hijack,
    liar,
    member,
)
from gossipkit.gossip.swim import HIGHEST_INCARNATION, Alive, Dead, Suspect, SwimConfig, SwimNode
from gossipkit.sim import World

LAN = SwimConfig.lan()


def believed(world, about, honest):
    return {member(world.process(name)).state_of(about) for name in honest}


def bytes_sent(world, names):
    return sum(world.metrics.value("datagram.sent.bytes", name) for name in names)


def test_without_behaviours_and_defences_a_member_is_the_bare_one_byte_for_byte(cluster, names):
    bare = World(seed=1)
    for name in names:
        bare.add(name, SwimNode(members=names), rebuild=lambda _: SwimNode(seeds=names[2:5]))
    wrapped = cluster()
    for world in (bare, wrapped):
        world.at(5, world.crash, "m-1")
        world.at(20, world.restart, "m-1")
        world.at(22, world.set_loss, 0.3)
        world.run(until=40)
    assert wrapped.trace.table() == bare.trace.table()
    assert len(bare.trace.table()) > 1000


def test_a_forged_death_is_believed_at_once_and_refuted_soon(cluster, names):
    world = cluster(Forge(about="m-1", at_s=5.0))
    world.run(until=5.01)
    assert believed(world, "m-1", names[1:-1]) == {"dead"}
    world.run(until=7)
    assert believed(world, "m-1", names[1:-1]) == {"alive"}
    assert len(world.trace.filter(kind="refute", node="m-1")) == 1
    assert [event.fields["behaviour"] for event in world.trace.filter(kind="lie")] == ["forge"]


def test_a_member_lies_on_demand_for_as_long_as_it_is_told_to(cluster):
    world = cluster()
    world.run(until=5)
    who = liar(world.process("m-8"))
    who.lie(Forge(about="m-1", every_s=1.0, for_s=2.5))
    assert [each.about for each in who.behaviours] == ["m-1"]
    world.run(until=12)
    assert [event.time for event in world.trace.filter(kind="lie")] == [5.0, 6.0, 7.0]
    assert not who.behaviours
    who.lie(Forge(about="m-3"))
    assert not who.behaviours  # said once, and over
    who.lie(Forge(about="m-2", every_s=1.0))
    world.run(until=13.5)
    who.stop()
    world.run(until=20)
    assert [event.time for event in world.trace.filter(kind="lie", after=8)] == [12.0, 12.0, 13.0]


def test_what_lasts_ends_after_its_time(cluster):
    world = cluster(Withhold(at_s=5.0, for_s=2.0))
    who = liar(world.process("m-8"))
    world.run(until=6.9)
    assert [each.called for each in who.behaviours] == ["withhold"]
    world.run(until=7.0)
    assert who.behaviours == ()


def test_a_liar_lies_to_those_that_it_takes_for_alive(cluster, names):
    world = cluster()
    world.at(1, world.crash, "m-3")
    world.run(until=1.0)
    assert liar(world.process("m-8")).others(but="m-1") == names[1:-1]
    world.run(until=15)
    assert member(world.process("m-8")).state_of("m-3") == "dead"
    assert liar(world.process("m-8")).others(but="m-1") == tuple(n for n in names[1:-1] if n != "m-3")


class Stub:
    """Who knows everybody in incarnation 4, and keeps what a behaviour has it say."""

    def __init__(self):
        self.env, self.said = SimpleNamespace(name="m-8"), []

    def known(self, name):
        return 4

    def say(self, to, message):
        self.said.append(message)

    def note(self, behaviour, **fields):
        pass


def said(behaviour, times=1):
    who = Stub()
    for count in range(times):
        behaviour.step(SimpleNamespace(liar=who, count=count, kept=[]))
    return who.said


@pytest.mark.parametrize(
    ("lie", "claim"),
    [
        ({}, Dead(4, "m-1", "m-8")),
        ({"by": "m-2"}, Dead(4, "m-1", "m-2")),
        ({"claim": "suspect"}, Suspect(4, "m-1", "m-8")),
        ({"claim": "suspect", "by": "m-2"}, Suspect(4, "m-1", "m-2")),
        ({"claim": "alive", "address": "m-9"}, Alive(5, "m-1", "", "m-9")),
        ({"claim": "leave"}, Dead(4, "m-1", "m-1")),
        ({"incarnation": 7, "claim": "alive"}, Alive(7, "m-1", "", "")),
    ],
)
def test_a_forged_claim_is_of_the_known_incarnation_and_of_life_one_above(lie, claim):
    assert said(Forge(about="m-1", to=("m-3",), **lie)) == [claim]


def test_a_forged_incarnation_grows_up_to_the_highest():
    told = said(Forge(about="m-1", to=("m-3",), growth=10), times=3)
    assert [claim.incarnation for claim in told] == [4, 14, 24]
    top = Forge(about="m-1", to=("m-3",), incarnation=HIGHEST_INCARNATION - 1, growth=10)
    assert [claim.incarnation for claim in said(top, times=2)] == [
        HIGHEST_INCARNATION - 1,
        HIGHEST_INCARNATION,
    ]


def test_who_has_not_started_lies_when_it_does(cluster):
    world = cluster()
    liar(world.process("m-8")).lie(Forge(about="m-1"))
    world.run(until=0.5)
    assert [event.time for event in world.trace.filter(kind="lie")] == [0.0]


def test_a_behaviour_of_a_liar_that_stops_does_not_come_back_with_its_timer(cluster):
    world = cluster(Forge(about="m-1", every_s=1.0, at_s=5.0))
    world.run(until=5.5)
    who = liar(world.process("m-8"))
    who.stop()
    who.lie(Forge(about="m-2", every_s=1.0))
    world.run(until=7.7)
    assert [(event.time, event.fields["about"]) for event in world.trace.filter(kind="lie")] == [
        (5.0, "m-1"),
        (5.5, "m-2"),
        (6.5, "m-2"),
        (7.5, "m-2"),
    ]


def test_the_highest_incarnation_evicts_its_victim_for_good_unless_the_rule_is_mended(cluster, names):
    wrap = Forge(about="m-1", incarnation=HIGHEST_INCARNATION, to=("m-2",), at_s=5.0)
    world = cluster(wrap)
    world.run(until=120)
    # memberlist forgets the dead, serf lists them as failed
    assert believed(world, "m-1", names[1:-1]) == {"dead"}
    assert member(world.process("m-1")).members.me.incarnation == 0
    assert member(world.process("m-1")).state_of("m-1") == "alive"
    mended = cluster(wrap, config=replace(LAN, refuse_unrefutable=True))
    mended.run(until=20)
    assert believed(mended, "m-1", names[1:-1]) == {"alive"}
    assert not mended.trace.filter(kind="member-failed")


def test_with_the_mended_rule_a_claim_of_life_does_not_wrap_its_subject_either(cluster, names):
    lie = Forge(about="m-1", claim="alive", incarnation=HIGHEST_INCARNATION, to=("m-1", "m-2"), at_s=5.0)
    held = []
    for refuse in (False, True):
        world = cluster(lie, config=replace(LAN, refuse_unrefutable=refuse))
        world.run(until=10)
        held.append(member(world.process("m-1")).members.me.incarnation)
    assert held == [0, HIGHEST_INCARNATION]


def test_the_mended_rule_makes_who_is_at_the_top_immortal(cluster, names):
    """The price that its author names: an accusation of the last incarnation but one is refuted with the last, and then
    nobody can accuse the member any more, though it is dead."""
    config = replace(LAN, refuse_unrefutable=True)
    world = cluster(Forge(about="m-1", incarnation=HIGHEST_INCARNATION - 1, at_s=5.0), config=config)
    world.run(until=10)
    assert member(world.process("m-1")).members.me.incarnation == HIGHEST_INCARNATION
    world.crash("m-1")
    world.run(until=90)
    assert believed(world, "m-1", names[1:-1]) == {"alive"}


def test_a_hijacked_name_leads_to_the_other_address(cluster, names):
    world = cluster(*hijack("m-1", "evil", at_s=5.0))
    world.run(until=5.05)
    assert {member(world.process(name)).members["m-1"].address for name in names[1:-1]} == {"evil"}
    world.run(until=25)
    assert believed(world, "m-1", names[1:-1]) == {"dead"}


def test_who_is_vouched_for_does_not_die(cluster, names):
    dead = {}
    for lies in ((), (Vouch(about="m-1"),)):
        world = cluster(*lies)
        world.at(5, world.crash, "m-1")
        world.run(until=60)
        dead[bool(lies)] = believed(world, "m-1", names[1:-1])
    assert dead[False] == {"dead"}
    assert dead[True] <= {"alive", "suspect"}


def test_two_faces_are_never_reconciled(cluster, names):
    world = cluster(TwoFaces(at_s=5.0))
    world.run(until=100)  # three push/pulls a member
    seen = {member(world.process(name)).members["m-8"].metadata for name in names[:-1]}
    assert seen == {"one", "other"}


def test_sybils_are_members_to_everybody(cluster, names):
    world = cluster(Sybil(count=4, at_s=5.0))
    world.run(until=40)
    assert all(believed(world, f"sybil-{number}", names[:-1]) == {"alive"} for number in range(1, 5))


def test_a_sybil_that_is_accused_refutes(cluster, names):
    world = cluster(Sybil(count=2, at_s=5.0))
    world.run(until=10)
    member(world.process("m-3")).apply(Suspect(1, "sybil-1", "m-3"))
    world.run(until=14)
    assert {member(world.process(name)).members["sybil-1"].incarnation for name in names[:-1]} == {2}
    assert believed(world, "sybil-1", names[:-1]) == {"alive"}


def test_a_flood_of_events_costs_the_others_many_times_what_it_costs_the_liar(cluster, names):
    quiet, flooded = cluster(), cluster(Flood(at_s=5.0, for_s=10.0, every_s=0.1))
    for world in (quiet, flooded):
        world.run(until=20)
    others = bytes_sent(flooded, names[:-1]) - bytes_sent(quiet, names[:-1])
    own = len(flooded.trace.filter(kind="lie")) * 430
    assert others > 5 * own


def test_what_is_withheld_is_not_sent_and_the_rest_is(cluster):
    world = cluster(Withhold(kinds=("Alive", "Suspect", "Dead")))
    world.at(5, world.crash, "m-1")
    world.run(until=30)
    said = [event.fields["message"] for event in world.trace.filter(kind="send", node="m-8")]
    parts = [part for message in said for part in getattr(message, "parts", (message,))]
    names = {type(part).__name__ for part in parts}
    assert "Ping" in names and "Ack" in names and not names & {"Alive", "Suspect", "Dead"}


def test_only_what_is_about_somebody_or_for_somebody_is_withheld(cluster):
    world = cluster(Withhold(kinds=("Ping",), towards=("m-2",)), Withhold(about=("m-1",), kinds=("Dead",)))
    world.at(5, world.crash, "m-1")
    world.at(5, world.crash, "m-3")
    world.run(until=60)
    sent = world.trace.filter(kind="send", node="m-8")
    parts = [
        (event.fields["to"], part)
        for event in sent
        for part in getattr(event.fields["message"], "parts", (event.fields["message"],))
    ]
    pinged = {to for to, part in parts if type(part).__name__ == "Ping"}
    assert "m-2" not in pinged and "m-4" in pinged
    assert {part.node for _, part in parts if type(part) is Dead} == {"m-3"}


def test_what_is_delayed_arrives_later(cluster):
    """Acks that come after the deadline make the liar a suspect, and as it answers helpers late as well, others join in."""
    world = cluster(Delay(seconds=3.0, kinds=("Ack", "StreamAck"), at_s=5.0))
    world.run(until=15)
    accused = {event.fields["about"] for event in world.trace.filter(kind="suspect")}
    assert accused == {"m-8"}


def test_old_packets_bring_a_forgotten_member_back(cluster, names):
    """memberlist keeps no cache of nonces: who has been forgotten is admitted again on an old word."""
    world = cluster(Replay(after_s=45.0, every_s=0.2))
    world.run(until=3)
    member(world.process("m-1")).update_metadata("v2")
    world.at(5, world.crash, "m-1")
    world.run(until=48)
    assert believed(world, "m-1", names[1:-1]) == {"dead"}
    world.run(until=80)
    joined = world.trace.filter(kind="member-join", after=48)
    assert {event.fields["about"] for event in joined} == {"m-1"}


def test_who_is_no_member_only_sends(names):
    world = World(seed=1)
    for name in names:
        world.add(name, SwimNode(members=names))
    world.add("thief", Liar(None, (Forge(about="m-1", to=names[1:], incarnation=1, at_s=5.0),)))
    world.run(until=5.05)
    assert believed(world, "m-1", names[1:]) == {"dead"}
    assert member(world.process("thief")) is None


def test_a_run_with_liars_replays(cluster):
    tables = []
    for _ in range(2):
        world = cluster(Flood(what="suspicions", every_s=0.5), Withhold(share=0.3), Replay(after_s=2.0))
        world.run(until=15)
        tables.append(world.trace.table())
    assert tables[0] == tables[1]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_plain_data_make_every_behaviour(name):
    needed = {"about": "b"} if "about" in BEHAVIOURS[name].__dataclass_fields__ and name != "withhold" else {}
    needed |= {"seconds": 1.0} if name == "delay" else {}
    needed |= {"version": 5} if name == "forge state" else {}
    made = behaviour(name, at_s=3.0, **needed)
    assert type(made) is BEHAVIOURS[name] and made.at_s == 3.0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: behaviour("lie"), "behaviour is 'lie'"),
        (lambda: behaviour("forge", whom="b"), "a parameter of forge is 'whom'"),
        (lambda: behaviour("forge"), "needs about"),
        (lambda: Forge(about=""), "about is ''"),
        (lambda: Forge(about="a", claim="gone"), "claim is 'gone'"),
        (lambda: Forge(about="a", incarnation=2**32), "incarnation is 4294967296"),
        (lambda: Forge(about="a", claim="leave", by="b"), "by is 'b'"),
        (lambda: Forge(about="a", address="x"), "address is 'x'"),
        (lambda: Forge(about="a", at_s=-1.0), "at_s is -1.0"),
        (lambda: Forge(about="a", to="bc"), "to is 'bc'"),
        (lambda: Withhold(share=1.5), "share is 1.5"),
        (lambda: Delay(seconds=-1.0), "seconds is -1.0"),
        (lambda: Flood(every_s=0.0), "every_s is 0.0"),
        (lambda: Flood(what="tea"), "what is 'tea'"),
        (lambda: TwoFaces(one="x", other="x"), "one and other are both 'x'"),
        (lambda: Sybil(count=0), "count is 0"),
        (lambda: Liar(3), "process is 3"),
        (lambda: Liar(SwimNode(), ("forge",)), "behaviour is 'forge'"),
        (lambda: Guarded(SwimNode(), ("cap",)), "a defence is 'cap'"),
    ],
)
def test_what_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_a_vouched_life_is_one_incarnation_above_the_accusation(cluster):
    world = cluster(Vouch(about="m-1"))
    world.at(5, world.crash, "m-1")
    world.run(until=20)
    said = [
        part
        for event in world.trace.filter(kind="send", node="m-8")
        for part in getattr(event.fields["message"], "parts", (event.fields["message"],))
        if type(part) is Alive and part.node == "m-1"
    ]
    assert said and min(each.incarnation for each in said) == 2
