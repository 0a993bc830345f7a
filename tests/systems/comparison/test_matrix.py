"""One mechanism off at a time: the story, the outcomes, and what is worse than the control."""

from dataclasses import replace

import pytest

from gossipkit.sim import Network
from gossipkit.systems.comparison import (
    FAMILIES,
    MECHANISMS,
    NOTHING,
    Outcome,
    matrix,
    scenario,
    switched_off,
)

each_system = pytest.mark.parametrize("system", FAMILIES)
CONTROL = Outcome("X", NOTHING, True, True, 0, True, 90, 100, 2, 78, 0, 0)


@pytest.mark.parametrize(
    ("change", "worse"),
    [
        ({}, None),
        ({"noticed": False}, "most notice the crash"),
        ({"moved": False}, "its work is moved"),
        ({"wrong": 1}, "wrong beliefs at last"),
        ({"agreed": False}, "one set of owners at last"),
        ({"accepted": 80}, "writes accepted"),
        ({"accepted": 100}, None),
        ({"missed": 20, "found": 60}, "reads that miss one"),
        ({"missed": 8, "found": 72}, None),
        ({"lost": 1}, "writes lost at last"),
        ({"differ": 1}, "keys that differ at last"),
    ],
)
def test_an_outcome_is_held_beside_its_control(change, worse):
    told = replace(CONTROL, **change).beside(CONTROL)
    assert [name for name, (_, so) in told.items() if so] == ([worse] if worse else [])


def test_where_no_read_missed_one_none_may():
    never = replace(CONTROL, missed=0, found=80)
    assert replace(never, missed=1, found=79).beside(never)["reads that miss one"] == ("1 of 80", True)


def test_nothing_is_worse_where_the_control_had_it_no_better():
    poor = Outcome("X", NOTHING, False, False, 3, False, 10, 100, 80, 0, 7, 9)
    assert not any(worse for _, worse in poor.beside(poor).values())


@each_system
def test_the_story_is_a_scenario_that_the_system_can_play(system):
    steps = scenario(system)
    FAMILIES[system].make(1, Network(), trace=False).play(steps)
    actions = [step.action for step in steps.steps]
    assert {"crash", "restart", "partition", "heal"} <= set(actions)


@each_system
def test_with_all_on_beliefs_come_right_and_copies_become_equal(system):
    told = switched_off(system)
    assert told.noticed and told.agreed
    assert (told.wrong, told.differ) == (0, 0)
    assert 0 < told.accepted <= told.asked


def test_a_matrix_has_a_cell_for_each_pair():
    found = matrix(["Dynamo"], [NOTHING, "repair"])
    assert list(found) == [("Dynamo", NOTHING), ("Dynamo", "repair")]
    assert found["Dynamo", "repair"].differ > found["Dynamo", NOTHING].differ
    assert found["Dynamo", "repair"] == switched_off("Dynamo", "repair")


@each_system
def test_gossip_off_is_a_part_of_the_system_that_is_off(system):
    family = FAMILIES[system]
    cluster = family.make(1, Network(), trace=True, gossip=None)
    cluster.run(until=30)
    spread = [
        kind
        for event in cluster.trace.filter(kind="send")
        for layer, kind, _ in family.parts(event.fields["message"])
        if layer == "gossip"
    ]
    assert spread == []
    with pytest.raises(ValueError, match="gossip is 'no'"):
        family.make(1, Network(), gossip="no")


def test_another_system_or_mechanism_is_refused():
    with pytest.raises(ValueError, match="system is 'Zookeeper'"):
        scenario("Zookeeper")
    with pytest.raises(ValueError, match="off is 'data'"):
        switched_off("Consul", "data")
    assert MECHANISMS[0] == NOTHING
