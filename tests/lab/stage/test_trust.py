"""Members of which some lie: what is seen of a lie on the stage, with each defence, and what it costs."""

import pytest

from gossipkit.gossip.adversary import Liar
from gossipkit.lab import Stage
from gossipkit.lab.stage.trust import GUARDS, LIES, lies
from gossipkit.sim import Scenario


def lying(what, about="m-3", at_s=5.0, **options):
    steps = Scenario([(at_s, "lie", {"name": "m-8", "what": what, "about": about})])
    return Stage(Liar, members=8, scenario=steps, **options)


def wrong(stage, at_s):
    return [count for time, count in stage.run.folded.wrong if time <= at_s][-1]


def money(stage):
    return stage.run.cast.repair(stage.run)


def test_without_a_lie_nobody_is_wrong_and_the_defences_change_no_byte():
    stages = [Stage(Liar, members=8, defence=defence) for defence in ("none", "cap", "first hand", "quorum")]
    assert all(max(count for _, count in stage.run.folded.wrong) == 0 for stage in stages)
    assert len({stage.data for stage in stages}) == 1


def test_one_forged_packet_is_believed_by_all_and_refuted():
    stage = lying("a forged death", defence="none")
    assert max(count for _, count in stage.run.folded.wrong) == 7
    assert wrong(stage, 8) == 0
    texts = [event["text"] for event in stage.meta["events"]]
    assert "m-8 lies: forge" in texts and "m-3 refutes what is said of it" in texts
    assert stage.meta["faults"][0]["nodes"] == [2, 7], "beliefs are shown of the first: of the victim"
    assert stage.meta["steps"][0]["text"] == "m-8 lies about m-3: a forged death"


def test_the_wrap_is_never_refuted_and_a_cap_stops_it():
    assert wrong(lying("the highest incarnation", defence="none"), 30) == 7
    assert max(count for _, count in lying("the highest incarnation", defence="cap").run.folded.wrong) == 0


def test_who_is_honest_again_lies_no_more():
    steps = [
        (5, "lie", {"name": "m-8", "what": "a storm of deaths", "about": "m-3"}),
        (10, "be_honest", {"name": "m-8"}),
    ]
    stage = Stage(Liar, members=8, scenario=Scenario(steps), defence="none")
    said = [time for time, _, kind, _ in stage.run.others if kind == "lie"]
    assert len(said) > 40 and max(said) <= 10


def test_the_controls_choose_how_many_lie_and_what():
    for liars in (1, 3):
        stage = Stage(Liar, members=8, liars=liars, adversary="a forged death", defence="none")
        assert {node["name"] for node in stage.meta["nodes"] if node["group"] == "liars"} == {
            f"m-{8 - at}" for at in range(liars)
        }
        said = {node for _, node, kind, _ in stage.run.others if kind == "lie"}
        assert said == {f"m-{8 - at}" for at in range(liars)}


def test_nobody_accuses_itself_and_the_accused_is_not_told():
    for about in ("m-1", "m-3", "m-4"):
        assert about not in [each.by for each in lies("a death in others' names", about, 7.0)]
        (wrap,) = lies("the highest incarnation", about, 7.0)
        assert wrap.about == about and about not in wrap.to and wrap.at_s == 7.0


def test_a_flood_is_seen_as_money():
    quiet, flooded = Stage(Liar, members=8), Stage(Liar, members=8, adversary="a flood of events")
    assert max(bytes for _, bytes in money(flooded)) > 20 * max(bytes for _, bytes in money(quiet))


CELLS = [(lie, "signatures and quorum") for lie in LIES] + [("a storm of deaths", each) for each in GUARDS]


@pytest.mark.parametrize(("adversary", "defence"), CELLS)
def test_each_lie_and_each_defence_runs_with_newcomers(adversary, defence):
    joins = Scenario([(4, "join", {"name": "new-1"})])
    stage = Stage(Liar, members=6, adversary=adversary, defence=defence, seconds=9, scenario=joins)
    assert stage.meta["lanes"][2]["title"] == "money" and stage.run.folded.state[6] == 0
    stage.set(churn=30)


def test_who_is_not_enrolled_does_not_join_where_signatures_are_asked_for():
    joins = Scenario([(4, "join", {"name": "zoe"})])
    for defence, told in (("signatures", True), ("none", False)):
        stage = Stage(Liar, members=6, defence=defence, seconds=9, scenario=joins)
        assert (
            any("nobody knows a signature of 'zoe'" in event["text"] for event in stage.meta["events"])
            is told
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "m-8", "what": "charm", "about": "m-3"}, "what is 'charm'"),
        ({"name": "m-8", "what": "the highest incarnation", "about": "m-8"}, "about is 'm-8'"),
        ({"name": "m-8", "what": "the highest incarnation", "about": "m-9"}, "'m-9'"),
    ],
)
def test_a_lie_that_makes_no_sense_changes_nothing(arguments, message):
    stage = Stage(Liar, members=8)
    before = stage.data
    with pytest.raises(ValueError, match=message):
        stage.step(5, "lie", **arguments)
    assert stage.data == before and len(stage.scenario) == 0
