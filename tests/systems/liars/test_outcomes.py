"""What a trial measures, and the table of all of them: what each defence stops, what it doesn't, and what it costs."""

from dataclasses import astuple
from types import SimpleNamespace

import pytest

from gossipkit.authority import Keyring
from gossipkit.gossip.adversary import Guarded, Keys, Signatures, member
from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World
from gossipkit.systems.liars import (
    ADVERSARIES,
    DEFENCES,
    STATE_ADVERSARIES,
    STATE_DEFENCES,
    Harm,
    Outcome,
    SharedKey,
    outcomes,
    play,
    stored,
    trial,
)
from gossipkit.systems.liars.story import CRASH_S, CRASHED
from gossipkit.systems.liars.table import SEEDS, row
from gossipkit.systems.liars.trial import Watch, _detection


def test_a_key_opens_to_who_has_it_and_to_nobody_else():
    names = ("a", "b", "c", "d")
    ring, other = Keyring(b"k" * 16), Keyring(b"o" * 16)
    world = World(seed=1)
    for name in names:
        guards = (SharedKey(keyring=other if name == "d" else ring),)
        world.add(name, Guarded(SwimNode(members=names), guards))
    world.run(until=60)
    believed = {name: member(world.process(name)).states for name in names}
    assert [believed["a"][name] for name in names] == ["alive", "alive", "alive", "dead"]
    assert [believed["d"][name] for name in names] == ["dead", "dead", "dead", "alive"]
    assert {event.fields["why"] for event in world.trace.filter(kind="claim-refused")} == {"shared key"}
    with pytest.raises(ValueError, match="keyring is 'k'"):
        SharedKey(keyring="k")


def test_a_key_goes_around_signatures():
    names = ("a", "b", "c", "d", "e")
    guards = (Signatures(keys=Keys(names)), SharedKey(keyring=Keyring(b"k" * 16)))
    world = World(seed=1)
    for name in names:
        world.add(name, Guarded(SwimNode(members=names), guards))
    world.run(until=5)
    member(world.process("a")).update_metadata("v2")
    world.at(6, world.crash, "b")
    world.run(until=60)
    assert {member(world.process(name)).members["a"].metadata for name in names if name != "b"} == {"v2"}
    assert {member(world.process(name)).state_of("b") for name in names if name != "b"} == {"dead"}
    assert not world.trace.filter(kind="claim-refused")


def test_a_checksum_holds_off_what_a_wire_does_and_not_what_a_liar_does():
    assert trial("a wire that damages", "none", seed=1).harm is Harm.FOR_GOOD
    assert trial("a wire that damages", "checksum", seed=1).harm is Harm.NOTHING
    assert trial("a forged death", "checksum", seed=1).harm is Harm.REFUTED


def test_who_is_at_the_liars_address_is_not_there():
    found = trial("a stolen address", "none", seed=1)
    # seven honest members hold it at the address at once, and find only later that nobody answers
    assert found.wrong_pair_s > 6 * 5 and found.worst_pairs >= 6


def test_a_trial_says_what_its_trace_says():
    """The beliefs of one run, once more from the trace."""
    found = trial("a forged death", "none", seed=3, members=8)
    world, _ = play(**found.settings)
    honest = [f"m-{number}" for number in range(1, 8)]
    gone: dict[str, float] = {}
    wrong = 0.0
    for event in world.trace:
        if event.fields.get("about") == "m-1" and event.node in honest:
            if event.kind == "member-failed":
                gone[event.node] = event.time
            elif event.kind == "member-join":
                wrong += event.time - gone.pop(event.node)
    # who crashed while it was wrong is not counted on
    wrong += sum(20.0 - since for name, since in gone.items() if name == "m-2")
    assert set(gone) <= {"m-2"}
    assert found.wrong_pair_s == pytest.approx(wrong)
    assert found.refutations == len(world.trace.filter(kind="refute", node="m-1"))
    deaths = [
        event.time - 20
        for event in world.trace.filter(kind="member-failed", after=20)
        if event.fields["about"] == "m-2" and event.node in honest
    ]
    assert (found.detect_first_s, found.detect_all_s) == pytest.approx((min(deaths), max(deaths)))
    sent = sum(
        event.fields["message"].size_bytes
        for event in world.trace
        if event.kind in ("send", "stream-send") and event.node in honest
    )
    assert found.bytes_per_member_s == pytest.approx(sent / (6 * 90 + 20))


def test_spans_of_a_belief():
    watch = Watch(("a", "b"))
    watch.seen["a", "b"] += [(3.0, False), (5.0, True), (9.0, False)]
    assert watch.spans("a", "b", False, 0.0, 10.0) == [(3.0, 5.0), (9.0, 10.0)]
    assert watch.spans("a", "b", True, 4.0, 7.0) == [(5.0, 7.0)]
    assert watch.spans("a", "nobody", True, 0.0, 10.0) == []


def test_stored_cells_are_what_a_trial_gives():
    table = stored()
    assert table.adversaries == tuple(ADVERSARIES) and table.defences == DEFENCES
    assert len(table.runs) == len(ADVERSARIES) * len(DEFENCES) * len(SEEDS)
    states = stored("Scuttlebutt")
    assert states.adversaries == tuple(STATE_ADVERSARIES) and states.defences == STATE_DEFENCES
    for each in (*table.runs[:: len(table.runs) // 12], *states.runs[:: len(states.runs) // 4]):
        assert row(trial(**each.settings)) == row(each)


# the worst of nine seeds; where a defence is not named, the cell is that of "none"
HARMS = {
    "nobody": {"none": "nothing"},
    "a wire that damages": {
        "none": "for good",
        "checksum": "nothing",
        "shared key": "nothing",
        "signatures": "nothing",
        "signatures and quorum": "nothing",
    },
    "an outsider's death": {
        "none": "refuted",
        "shared key": "nothing",
        "first hand": "nothing",
        "signatures": "nothing",
        "signatures and quorum": "nothing",
    },
    "a forged death": {"none": "refuted", "first hand": "nothing", "signatures and quorum": "nothing"},
    "a death in others' names": {
        "none": "refuted",
        "first hand": "nothing",
        "signatures": "nothing",
        "signatures and quorum": "nothing",
    },
    "the highest incarnation": {
        "none": "for good",
        "no highest incarnation": "nothing",
        "cap": "nothing",
        "first hand": "nothing",
        "signatures": "nothing",
        "signatures and quorum": "nothing",
    },
    "vouching for the dead": {
        "none": "ghosts",
        "signatures": "nothing",
        "signatures and quorum": "nothing",
    },
    "two faces": {"none": "two truths"},
    "many names": {"none": "ghosts", "signatures": "nothing", "signatures and quorum": "nothing"},
    "a flood of events": {"none": "nothing"},
}


@pytest.mark.parametrize("adversary", HARMS)
def test_the_table_says_what_each_defence_stops_and_what_it_does_not(adversary):
    table, harms = stored(), HARMS[adversary]
    for defence in DEFENCES:
        if (adversary, defence) in {("a forged death", "quorum"), ("an outsider's death", "quorum")}:
            # a single accuser's death is a suspicion; now and then a member hears a third word in time
            assert table.typical(adversary, defence, "wrong_pair_s") == 0
        elif (adversary, defence) != ("vouching for the dead", "first hand"):
            assert table.harm(adversary, defence) == harms.get(defence, harms["none"]), defence


STATE_HARMS = {
    "nobody": {"none": "nothing"},
    "a life one second ahead": {"none": "for good", "signatures": "nothing"},
    "a life one hour ahead": {"none": "for good", "cap": "nothing", "signatures": "nothing"},
    "a life over a year ahead": {"none": "nothing"},
    "a version far ahead": {"none": "for good", "cap": "nothing", "signatures": "nothing"},
    "a farewell": {"none": "for good", "signatures": "nothing"},
    "silence": {"none": "nothing"},
    "old packets": {"none": "nothing"},
}


@pytest.mark.parametrize("adversary", STATE_ADVERSARIES)
def test_where_nobody_refutes_a_lie_lasts(adversary):
    """Cassandra's gossipers have no incarnation that the victim raises: all that is believed is believed for good."""
    table, harms = stored("Scuttlebutt"), STATE_HARMS[adversary]
    for defence in STATE_DEFENCES:
        assert table.harm(adversary, defence) == harms.get(defence, harms["none"]), defence
        assert table.typical(adversary, defence, "detect_all_s") == pytest.approx(24, abs=2)


def test_a_crash_is_found_in_any_case_but_where_somebody_vouches():
    table = stored()
    for adversary in ADVERSARIES:
        for defence in DEFENCES:
            found = table.typical(adversary, defence, "detect_all_s")
            if adversary == "vouching for the dead" and defence in ("none", "cap", "shared key"):
                assert found is None
            elif adversary == "nobody":
                assert found < (60 if defence == "first hand" else 10)


def test_what_defences_cost_without_a_liar():
    table = stored()

    def cost(defence, name):
        return table.typical("nobody", defence, name)

    assert cost("first hand", "detect_all_s") > 3 * cost("none", "detect_all_s")
    assert cost("signatures", "bytes_per_member_s") > 1.2 * cost("none", "bytes_per_member_s")
    # a nonce, a tag and a version for each packet, 29 bytes
    sealed = cost("shared key", "bytes_per_member_s") - cost("none", "bytes_per_member_s")
    assert sealed == pytest.approx(29 * cost("none", "packets_per_member_s"), rel=0.01)
    assert cost("quorum", "bytes_per_member_s") == pytest.approx(cost("none", "bytes_per_member_s"), rel=0.1)


def test_no_defence_stops_a_flood():
    table = stored()
    for defence in DEFENCES:
        usual, flooded = (
            table.typical(adversary, defence, "bytes_per_member_s")
            for adversary in ("nobody", "a flood of events")
        )
        assert flooded > 20 * usual


def test_as_many_liars_as_accusers_are_needed_get_through_a_signed_quorum():
    few = trial("a forged death", "signatures and quorum", seed=1, members=10, liars=2)
    many = trial("a forged death", "signatures and quorum", seed=1, members=10, liars=3)
    assert few.wrong_pair_s == 0 and many.wrong_pair_s > 0


def test_harms_from_nothing_to_the_worst():
    base = trial("nobody", "none", seed=1)
    values = dict(zip(Outcome.__dataclass_fields__, astuple(base), strict=True))

    def harm(**other):
        return Outcome(**{**values, **other}).harm

    assert [
        harm(),
        harm(wrong_pair_s=1.0),
        harm(wrong_pair_s=1.0, faces=2),
        harm(faces=2, ghosts=1),
        harm(ghosts=1, right_again_s=None),
    ] == list(Harm)
    assert repr(base) == "<nobody against none: nothing>"


def test_a_table_of_one_own():
    table = outcomes(["nobody", "a forged death"], ["none", "first hand"], seeds=[1, 2])
    assert repr(table) == "<Outcomes of 2 adversaries against 2 defences, 2 seeds each>"
    assert [each.seed for each in table.cell("a forged death", "none")] == [1, 2]
    assert [(each["adversary"], each["defence"], each["harm"]) for each in table.rows()][:2] == [
        ("nobody", "none", "nothing"),
        ("nobody", "first hand", "nothing"),
    ]
    assert table.typical("nobody", "none", "right_again_s") == 0
    with pytest.raises(ValueError, match="no cell"):
        table.cell("nobody", "cap")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"adversary": "a ghost"}, "adversary is 'a ghost'"),
        ({"defence": "prayer"}, "defence is 'prayer'"),
        ({"members": 5}, "members is 5"),
        ({"liars": 5}, "liars is 5"),
        ({"loss": 1.5}, "loss is 1.5"),
        ({"system": "Raft"}, "system is 'Raft'"),
        ({"system": "Scuttlebutt", "adversary": "a forged death"}, "adversary is 'a forged death'"),
        ({"system": "Scuttlebutt", "defence": "quorum"}, "defence is 'quorum'"),
    ],
)
def test_what_is_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        trial(**({"adversary": "nobody", "defence": "none"} | settings))


def test_who_is_at_another_address_is_not_here_and_a_crash_is_noticed_after_it():
    world, watch = SimpleNamespace(now=0.0), Watch(("a", "b", CRASHED))
    heard = watch.watcher(world, "a")
    for now, address, state in (
        (1.0, "b", "alive"),
        (5.0, "z", "alive"),
        (6.0, "b", "dead"),
        (8.0, "b", "alive"),
    ):
        world.now = now
        heard("update", SimpleNamespace(name="b", address=address, state=state))
    assert watch.spans("a", "b", False, 0.5, 10.0) == [(5.0, 8.0)]
    for now, here in ((0.0, True), (5.0, False), (6.0, True), (CRASH_S + 4, False)):
        watch._note(now, "a", CRASHED, here)
    assert _detection(watch, ("a", CRASHED)) == {"detect_first_s": 4.0, "detect_all_s": 4.0}
