"""A cell of the matrix as a stage: the same system, story and switch."""

import itertools

import pytest

from gossipkit.lab import Stage, broken
from gossipkit.systems import Dynamo
from gossipkit.systems.comparison import FAMILIES, scenario, switched_off


def test_a_cell_s_stage_plays_its_story_with_its_part_off():
    on, off = broken("Consul"), broken("Consul", "repair")
    assert on.scenario == off.scenario == scenario("Consul", 10)
    assert on.meta["title"] == "Consul, all on" and off.meta["title"] == "Consul without repair"
    # what the stage shows at the end is what the cell says: pairs that are wrong about each other
    curve = off.meta["lanes"][0]
    assert curve["curve"]["high"] >= switched_off("Consul", "repair").wrong


@pytest.mark.parametrize(
    ("system", "off"), zip(FAMILIES, itertools.cycle(["gossip", "authority", "repair"]), strict=False)
)
def test_every_system_has_a_stage_for_its_cells(system, off):
    stage = broken(system, off)
    assert stage.meta["title"] == f"{system} without {off}" and stage.scenario == scenario(system, 10)


def test_a_long_scenario_is_listed_in_part():
    stage = Stage(Dynamo, nodes=6, scenario=scenario("Dynamo"), seconds=120)
    lines = stage.still()[0]["text/plain"].splitlines()
    assert f"and {len(scenario('Dynamo')) - 40} more steps" in lines


def test_what_is_no_cell_is_refused():
    with pytest.raises(ValueError, match="off is 'clients'"):
        broken("Consul", "clients")
    with pytest.raises(ValueError, match="system is 'etcd'"):
        broken("etcd")
