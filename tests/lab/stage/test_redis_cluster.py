"""Redis Cluster's two lanes that are no beliefs: what they draw from the trace is what the live system says."""

import pytest

from gossipkit.authority.slots import SLOTS, bits_of
from gossipkit.lab.stage import Stage
from gossipkit.lab.stage.cast import CENTRE
from gossipkit.lab.stage.play import of_family, replay
from gossipkit.sim import Network, Scenario, Uniform
from gossipkit.systems import RedisCluster

STORY = Scenario(
    [
        (1, "set", {"key": "a", "value": "1", "via": "node-1"}),
        (2, "cut", {"a": "node-2", "b": "node-5"}),
        (3, "set", {"key": "k", "value": "1", "via": "node-2"}),
        (4, "crash", {"name": "node-3"}),
        (6, "pause", {"name": "node-1", "seconds": 9}),
        (18, "heal"),
        (20, "restart", {"name": "node-3"}),
        (22, "set", {"key": "a", "value": "2"}),
    ]
)


def curve(meta_and_columns, lane, time):
    times, values = meta_and_columns
    return [value for at, value in zip(times, values, strict=True) if at <= time * 1e6][-1]


@pytest.fixture
def played(stage_of, read):
    stage = stage_of("redis", scenario=STORY, seconds=30.0)
    columns = read(stage)
    lanes = [(columns[f"c{lane}_time"].tolist(), columns[f"c{lane}_value"].tolist()) for lane in range(3)]
    looked = []
    parameters = stage._parameters | stage.values
    setting = of_family(stage.cast, 3, Network(latency=Uniform(0.05, 0.15)), parameters)
    replay(setting, STORY, 30.0, lambda system, time: looked.append((time, served(system), behind(system))))
    return stage, lanes, looked


def served(system):
    covered = 0
    for name, node in system.running().items():
        if node.ok and system.world._envs[name]._pause is None:
            covered |= bits_of(node.slots.ranges(name))
    return 100.0 * covered.bit_count() / SLOTS


def behind(system):
    return sum(len(keys) for keys in system.repair.lacking().values())


def test_the_lanes_are_what_the_system_says(played):
    _, (_, authority, repair), looked = played
    for time, share, keys in looked:
        assert curve(authority, 1, time) == pytest.approx(share, abs=1e-4), time
        assert curve(repair, 2, time) == keys, time
    assert {0.0, 100.0} < {round(share, 4) for _, share, _ in looked}
    assert {keys for _, _, keys in looked} > {0, 1}


def test_masters_stand_inside_and_each_replica_beside_its_own(played):
    stage, _, _ = played
    places = {node["name"]: node for node in stage.meta["nodes"]}

    def apart(one, other):
        return (
            (places[one]["x"] - places[other]["x"]) ** 2 + (places[one]["y"] - places[other]["y"]) ** 2
        ) ** 0.5

    masters = ("node-1", "node-2", "node-3")
    for replica, master in zip(("node-4", "node-5", "node-6"), masters, strict=True):
        assert min(masters, key=lambda name: apart(replica, name)) == master
    # the label of the masters has its place above the middle of the uppermost
    top = min(places[name]["y"] for name in masters)
    assert not [place for place in places.values() if place["y"] <= top and abs(place["x"] - CENTRE) < 100]


def test_a_failover_is_told_in_words():
    stage = Stage(RedisCluster, seed=3, seconds=15, scenario=Scenario([(2, "crash", {"name": "node-1"})]))
    told = " | ".join(event["text"] for event in stage.meta["events"])
    for words in (
        "doubts node-1 (PFAIL)",
        "counts a majority of masters that doubt node-1",
        "takes node-1 for failed (FAIL)",
        "node-4 asks for votes in epoch 7",
        "says: granted",
        "node-4 is the master in place of node-1, by epoch 7",
    ):
        assert words in told
