"""What lesson 00 says of its stages and of its panel, with three seeds each."""

import numpy as np
import pytest

from gossipkit.gossip import spread
from gossipkit.lab import Stage
from gossipkit.sim import Scenario
from gossipkit.systems import Consul

seeds = pytest.mark.parametrize("seed", (1, 2, 3))
SPLIT = Scenario([(5, "partition", {"groups": [["server-1", "server-2", "server-3"]]}), (15, "heal")])


def first(stage, kind):
    """When something was first told, in seconds."""
    return min(event["at_s"] for event in stage.meta["events"] if event["kind"] == kind and event["at_s"] > 5)


@seeds
def test_gossip_takes_a_crashed_agent_for_dead_seconds_after_it_suspects_it_and_only_then_do_the_servers_decide(
    seed,
):
    stage = Stage(Consul, agents=6, servers=3, seed=seed)
    stage.step(5, "crash", name="agent-2")
    suspected, dead, decided = (first(stage, kind) for kind in ("suspect", "dead", "reconciled"))
    assert suspected + 2 < dead < decided


@seeds
def test_after_a_crash_repair_has_nothing_to_do(seed):
    stage = Stage(Consul, agents=6, servers=3, seed=seed)
    stage.step(5, "crash", name="agent-2")
    assert all(waiting == 0 for at, waiting in stage.cast.repair(stage.run) if at >= 5)


def after_the_split(seed, **without):
    """How many pairs disagree with what is so, and how many registrations are missing, 30 s after the network is whole."""
    stage = Stage(Consul, agents=6, servers=3, seed=seed, seconds=45, scenario=SPLIT, **without)
    return stage.run.folded.wrong[-1][1], stage.cast.repair(stage.run)[-1][1]


@seeds
def test_with_repair_a_split_leaves_nothing_behind_and_without_it_wrong_beliefs_and_missing_registrations(
    seed,
):
    assert after_the_split(seed) == (0, 0)
    disagree, missing = after_the_split(seed, repair=None)
    assert disagree > 0 and missing > 0


@seeds
def test_without_repair_every_agent_takes_servers_for_dead_that_it_can_reach(seed):
    stage = Stage(Consul, agents=6, servers=3, seed=seed, seconds=45, scenario=SPLIT, repair=None)
    for agent in (f"agent-{number}" for number in range(1, 7)):
        (believed,) = (part["rows"] for part in stage.ask(agent, 45) if part["title"] == "What it believes")
        dead = {name for name, belief in believed if belief == "dead"}
        assert dead and dead <= {"server-1", "server-2", "server-3"}


@seeds
def test_without_repair_agents_that_have_registered_a_service_are_in_the_catalog_and_the_rest_never_is(seed):
    stage = Stage(Consul, agents=6, servers=3, seed=seed, seconds=45, scenario=SPLIT, repair=None)
    waiting = stage.cast.repair(stage.run)
    told = {node for _, node, kind, _ in stage.run.others if kind == "synced"}
    assert told == {"agent-1", "agent-2", "agent-3"}, "those that offer the service web"
    assert waiting[-1][0] < 5 and waiting[-1][1] > 0, "nothing changes any more"


@seeds
def test_twice_the_fanout_makes_up_for_half_of_the_messages_within_a_round(seed):
    runs = [
        spread(60, fanout=fanout, loss=loss, max_rounds=20, trials=100, seed=seed)
        for fanout, loss in [(2, 0.0), (2, 0.5), (4, 0.5)]
    ]
    whole, lossy, doubled = (np.median(run.rounds_to(1.0)) for run in runs)
    assert abs(doubled - whole) <= 1 < lossy - doubled
    sent, _, sent_doubled = (run.messages.sum(axis=1).mean() for run in runs)
    assert 1.7 < sent_doubled / sent < 2.3, "it is paid for in messages"
