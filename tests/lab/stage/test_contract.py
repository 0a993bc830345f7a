"""What the browser relies on: every column's length, order and range, and a meta that is JSON."""

import json

import numpy as np

from gossipkit.gossip.dissemination import Tell
from gossipkit.gossip.swim import SwimNode
from gossipkit.lab.stage import Stage, play
from gossipkit.lab.stage.bare import RumorCast
from gossipkit.lab.stage.cast import Bare
from gossipkit.lab.stage.columns import FATES, STATES
from gossipkit.lab.stage.told import columns, curves
from gossipkit.sim import Network, Scenario, Uniform, World
from gossipkit.systems.transfer import cluster

TROUBLE = {
    "swim": ("m-3", "m-5"),
    "consul": ("agent-3", "server-1"),
    "transfer": ("m-3", "m-5"),
    "trust": ("m-3", "m-5"),
}
GROUPS = {
    "p": ("p_sent", "p_flight", "p_from", "p_to", "p_kind", "p_fate"),
    "s": ("s_time", "s_node", "s_state"),
    "b": ("b_time", "b_observer", "b_subject", "b_word"),
    "c0": ("c0_time", "c0_value"),
    "c1": ("c1_time", "c1_value"),
    "c2": ("c2_time", "c2_value"),
}


def trouble(name):
    one, other = TROUBLE.get(name, ("node-3", "node-5"))
    return Scenario(
        [
            (2, "crash", {"name": one}),
            (3, "pause", {"name": other, "seconds": 2.0}),
            (4, "set_loss", {"p": 0.2}),
            (5, "partition", {"groups": [[one, other]]}),
            (7, "heal"),
            (7, "restart", {"name": one}),
            (8, "cut", {"a": one, "b": other}),
        ]
    )


def test_columns_are_as_the_meta_says(family, stage_of, read):
    stage = stage_of(family, scenario=trouble(family))
    meta, columns = stage.meta, read(stage)
    assert meta["bytes"] == len(stage.data)
    assert set(columns) == {name for names in GROUPS.values() for name in names}
    end = meta["window"][1] * 1e6
    for names in GROUPS.values():
        assert len({len(columns[name]) for name in names}) == 1
        assert (np.diff(columns[names[0]].astype(np.int64)) >= 0).all()
        assert (columns[names[0]] <= end).all()
    nodes = len(meta["nodes"])
    for name in ("p_from", "p_to", "s_node", "b_observer", "b_subject"):
        assert (columns[name] < nodes).all()
    assert (columns["p_kind"] < len(meta["kinds"])).all() and (columns["p_fate"] < len(FATES)).all()
    assert (columns["s_state"] < len(STATES)).all() and (columns["b_word"] < len(meta["beliefs"])).all()
    assert len(columns["p_sent"]) > 50
    # nothing has arrived after the end
    assert (columns["p_sent"].astype(np.int64) + columns["p_flight"] <= end + 1).all()


def test_the_meta_is_json_and_says_what_is_shown(family, stage_of):
    stage = stage_of(family, scenario=trouble(family))
    meta = json.loads(json.dumps(stage.meta, allow_nan=False))
    assert meta == stage.meta
    assert [lane["name"] for lane in meta["lanes"]] == ["gossip", "authority", "repair"]
    assert all(lane["note"] for lane in meta["lanes"] if lane["off"])
    assert all(0 <= node["x"] <= 1000 and 0 <= node["y"] <= 1000 for node in meta["nodes"])
    assert {node["group"] for node in meta["nodes"]} <= {group["name"] for group in meta["groups"]}
    assert [step["at_s"] for step in meta["steps"]] == [step.at for step in stage.scenario.steps]
    assert Scenario.from_json(meta["scenario"]) == stage.scenario
    times = [event["at_s"] for event in meta["events"]]
    assert times == sorted(times)
    for event in meta["events"]:
        assert event["lane"] in ("gossip", "authority", "repair")
        assert event["text"] and "?" not in event["text"] and "{" not in event["text"]
    said = {event["kind"] for event in meta["events"]}
    lanes = [lane["name"] for lane in meta["lanes"] if not lane["off"]]
    assert len(meta["jumps"]) == len(lanes) and all(jump["kinds"] for jump in meta["jumps"])
    assert said & set(meta["jumps"][0]["kinds"]) or family not in ("swim", "consul", "rumor")
    for fault in meta["faults"]:
        assert all(node < len(meta["nodes"]) for node in fault["nodes"])
    assert meta["beliefs"][0]["severity"] <= 1 and meta["states"][0] == "up"
    assert len({(node["x"], node["y"]) for node in meta["nodes"]}) == len(meta["nodes"])


def test_the_first_sliders_are_the_three_of_all_families(family, stage_of):
    names = [control["name"] for control in stage_of(family).meta["controls"]]
    assert names[:3] == ["fanout", "loss", "churn"]


def test_the_same_stage_twice_is_the_same_bytes(family, stage_of):
    one, other = (stage_of(family, scenario=trouble(family)) for _ in range(2))
    assert one.data == other.data and one.meta == other.meta


def test_another_seed_is_another_run(family, stage_of):
    assert stage_of(family, seed=1).data != stage_of(family, seed=2).data


def test_states_change_as_the_scenario_says(family, stage_of, read):
    stage = stage_of(family, scenario=trouble(family))
    columns = read(stage)
    one = TROUBLE.get(family, ("node-3", "node-5"))[0]
    mine = columns["s_node"] == [node["name"] for node in stage.meta["nodes"]].index(one)
    found = [
        (time / 1e6, STATES[state])
        for time, state in zip(columns["s_time"][mine], columns["s_state"][mine], strict=True)
    ]
    assert found == [(2.0, "crashed"), (7.0, "up")]


def test_of_two_messages_of_one_name_each_is_drawn_as_what_it_is():
    # SWIM's Ack answers a probe; in Cassandra's gossip the Ack carries digests
    for settings, digests in (("memberlist LAN", False), ("Cassandra", True)):
        stage = Stage(cluster, environment="five", settings=settings, seconds=5)
        labels = {kind["label"] for kind in stage.meta["kinds"]}
        assert ("digests (SYN, ACK, ACK2)" in labels) is digests


def test_who_is_lost_is_said_with_the_reason(stage_of, read):
    steps = json.loads(trouble("swim").to_json())
    steps += [(8, "cut", {"a": "m-5", "b": f"m-{at}"}) for at in range(6, 13)]
    stage = stage_of("swim", scenario=Scenario(steps))
    fates = {FATES[fate] for fate in read(stage)["p_fate"]}
    assert {"arrived", "lost", "partition", "cut", "down", "held", "under way"} <= fates


class Caller:
    """Sends to somebody, and to an address that nobody has."""

    def start(self, env):
        env.send("a", Tell())
        env.send("nobody", Tell())

    def receive(self, env, sender, received):
        pass


def test_what_is_sent_to_nobody_is_not_drawn():
    world = World(network=Network(latency=Uniform(0.05, 0.15)))
    for name in "ab":
        world.add(name, Caller())
    world.run(until=1.0)
    cast = RumorCast()
    places = [{"name": name, "group": "members", "x": 0, "y": 0} for name in "ab"]
    run = play.read(cast, Bare(world), places, 1.0, [], [])
    _, found = columns(run, curves(run))
    assert {each["length"] for each in found if each["name"].startswith("p_")} == {2}


def test_a_second_copy_is_a_packet_of_its_own(stage_of, read):
    network = Network(latency=Uniform(0.05, 0.15), duplicate=0.3)
    columns = read(stage_of("swim", network=network))
    copies = columns["p_fate"] == FATES.index("duplicate")
    assert 0.2 < copies.sum() / (~copies).sum() < 0.4


def test_damage_is_said(stage_of, read):
    network = Network(latency=Uniform(0.05, 0.15), corrupt=0.1)
    # memberlist's checksum sees it; Cassandra's gossip here has none
    assert (read(stage_of("swim", network=network))["p_fate"] == FATES.index("dropped")).sum() > 20
    assert (read(stage_of("scuttlebutt", network=network))["p_fate"] == FATES.index("damaged")).sum() > 5


def test_thirty_seconds_of_forty_members_with_every_packet_are_at_most_80_kb():
    steps = Scenario([(5, "crash", {"name": "m-40"}), (12, "pause", {"name": "m-3", "seconds": 5.0})])
    stage = Stage(SwimNode, members=40, loss=0.01, seed=7, scenario=steps)
    assert len(stage.run.packets) > 3000
    assert len(stage.data) + len(json.dumps(stage.meta)) < 80_000
