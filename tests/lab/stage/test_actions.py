"""What can be done on a stage is what a scenario can say: forms, sentences, and refusals that are told."""

from inspect import signature

import pytest

from gossipkit.lab.stage.actions import FAULT_FORMS, said
from gossipkit.lab.stage.play import cluster_of
from gossipkit.sim import Scenario
from gossipkit.sim.faults import FAULTS

KINDS = {"node", "nodes", "groups", "number", "text", "choice"}


def test_each_form_is_of_an_action_that_the_system_has(family, stage_of):
    stage = stage_of(family, seconds=1.0)
    system = stage._setting(stage.values).make()
    for form in stage.meta["actions"]:
        name = form["name"]
        assert form["label"] and (name in FAULTS or name in system.ACTIONS)
        takes = (
            FAULTS[name].__dataclass_fields__
            if name in FAULTS
            else signature(getattr(system, name)).parameters
        )
        for one in form["takes"]:
            assert one["name"] in takes and one["kind"] in KINDS and one["label"]
            if one["kind"] == "number" and not one.get("optional"):
                assert one["low"] <= one["value"] <= one["high"] and one["step"] > 0
            if one["kind"] == "choice":
                assert one["value"] in one["choices"]
    names = [form["name"] for form in stage.meta["actions"]]
    assert len(set(names)) == len(names)
    if cluster_of(system).ACTIONS:
        assert {form["name"] for form in stage.meta["actions"]} > set(system.ACTIONS)


def test_each_form_filled_in_as_it_is_makes_a_step(family, stage_of):
    stage = stage_of(family, seconds=4.0)
    nodes = [node["name"] for node in stage.meta["nodes"]]
    for form in stage.meta["actions"]:
        filled = {}
        for at, one in enumerate(form["takes"]):
            if one["kind"] == "node" and not one.get("optional"):
                filled[one["name"]] = nodes[-1 - at]
            elif one["kind"] == "groups":
                filled[one["name"]] = [nodes[:2]]
            elif "value" in one:
                filled[one["name"]] = one["value"]
        stage.step(3.0, form["name"], **filled)
        step = stage.meta["steps"][0]
        assert step["action"] == form["name"] and step["text"] and "{" not in step["text"]
        stage.undo()


def test_what_is_refused_at_its_time_is_told_and_the_rest_goes_on(stage_of):
    stage = stage_of("consul", scenario=Scenario([(3, "crash", {"name": "agent-2"})]))
    stage.step(4.0, "write", key="k", value="v", via="agent-2")
    told = [event["text"] for event in stage.meta["events"] if event["kind"] == "refused"]
    assert told == ["refused: write, because 'agent-2' is down: restart it first"]


@pytest.mark.parametrize(
    ("family_", "steps", "expected"),
    [
        ("consul", [(3, "write", {"key": "k", "value": "v", "via": "agent-1"})], "operation-ended"),
        ("cassandra", [(3, "write", {"key": "k", "value": "v"})], "operation-ended"),
        ("dynamo", [(3, "put", {"key": "k", "value": "v"})], "operation-ended"),
        ("dynamo", [(3, "crash", {"name": "node-2"}), (4, "put", {"key": "k", "value": "v"})], "hint-stored"),
        ("membership", [(3, "join", {"name": "new-1"})], "membership-learnt"),
    ],
)
def test_what_clients_and_operators_do_is_told_in_its_lane(stage_of, family_, steps, expected):
    stage = stage_of(family_, scenario=Scenario(steps))
    assert expected in {event["kind"] for event in stage.meta["events"]}


def test_steps_are_said_in_words():
    assert said("partition", {"groups": [["a", "b"]]}) == "the network parts: a, b | the others"
    assert (
        said("partition", {"groups": [["a"], list("bcdefg")]})
        == "the network parts: a | b, c, d, e and 2 more"
    )
    assert said("set_loss", {"p": 0.25, "src": "a", "dst": None}) == "25% of packets from a are lost"
    assert said("cut", {"a": "x", "b": "y", "both": True}) == "nothing passes between x and y"
    assert said("dance", {"name": "a", "with": None}) == "dance(name='a')"


def test_there_is_a_form_for_each_fault_but_damage():
    assert {form["name"] for form in FAULT_FORMS} == set(FAULTS) - {"corrupt"}
