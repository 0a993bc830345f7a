"""One story on every system: what it measures, and what it refuses."""

import numpy as np
import pytest

from gossipkit.sim import Network
from gossipkit.systems.comparison import DATA, FAMILIES, FAULTS, LAYERS, one_outage, table
from gossipkit.systems.comparison.outage import BEGIN_S, WATCH_S, Story

each_system = pytest.mark.parametrize("system", FAMILIES)


def made(**changes) -> Story:
    """A story that is made up: believed by one from 2 s, by all from 4 to 6 s; acted on from 5 to 7 s; behind from 3 to 8 s."""
    times = np.arange(-1.0, 10.0)
    values = {
        "system": "X",
        "fault": "a crash",
        "times": times,
        "believing": np.where(
            (times >= 4) & (times < 6), 1.0, np.where((times >= 2) & (times < 8), 0.5, 0.0)
        ),
        "moved": np.where((times >= 5) & (times < 7), 1.0, 0.0),
        "behind": np.where((times >= 3) & (times < 8), 4, 0),
        "writes": ((-0.5, 0, False), (1.0, 0, False), (1.5, 1, True), (2.0, 0, True)),
        "lost": 1,
        "bytes": {("gossip", "a"): 600, ("gossip", "b"): 600, ("data", "c"): 1200},
        "metrics": {},
        "nodes": 3,
    }
    return Story(**values | changes)


def test_moments_are_read_off_the_shares():
    story = made()
    assert (story.first_s, story.everyone_s, story.acted_s) == (2.0, 4.0, 5.0)
    assert (story.believed_back_s, story.given_back_s, story.caught_up_s) == (8.0, 7.0, 8.0)
    assert story.most_behind == 4
    assert story.refused == (1, 0) and story.asked == (2, 1)
    assert story.bytes_per_node_s("gossip") == pytest.approx(1200 / 3 / WATCH_S)
    assert story.bytes_per_node_s("repair") == 0


def test_what_never_comes_is_nan_and_what_lasts_has_no_end():
    times = made().times
    story = made(believing=np.full(len(times), 0.5), moved=np.zeros(len(times)))
    assert np.isnan([story.everyone_s, story.acted_s, story.given_back_s, story.believed_back_s]).all()


def test_a_table_has_a_column_for_each_system_and_a_dash_for_never():
    told = table({"X": made(), "Y": made(system="Y", moved=np.zeros(11))})
    assert told.splitlines()[0] == "| a crash | X | Y |"
    assert "| its work is taken from it | 5.0 s | – |" in told
    joined = table({"X": made(fault="a join")})
    assert "its first work is given to it" in joined and "taken from it" not in joined
    with pytest.raises(ValueError, match="stories is empty"):
        table({})


@each_system
def test_nothing_happens_where_nothing_happens(system):
    story = one_outage("nothing", systems=[system])[system]
    assert not story.believing.any() and not story.moved.any()
    assert story.refused == (0, 0) and story.lost == 0
    # both clients write once a second until shortly before the end
    assert story.asked == (95, 95)
    assert {layer for layer, _ in story.bytes} <= set(LAYERS)
    assert story.bytes_per_node_s(DATA) > 0


@each_system
def test_every_byte_of_a_run_has_a_layer_and_a_name_that_is_not_a_class(system):
    family = FAMILIES[system]
    cluster = family.make(1, Network(), trace=True)
    cluster.run(until=30)
    for event in cluster.trace.filter(kind=("send", "stream-send")):
        message = event.fields["message"]
        parts = list(family.parts(message))
        assert sum(size for _, _, size in parts) == message.size_bytes
        assert all(kind != type(message).__name__ for _, kind, _ in parts)


@each_system
def test_the_same_seed_tells_the_same_story_and_another_one_another(system):
    one, same, other = (one_outage(systems=[system], seed=seed)[system] for seed in (1, 1, 2))
    assert (one.believing == same.believing).all() and one.bytes == same.bytes
    assert one.bytes != other.bytes


def test_a_crash_is_believed_after_it_and_only_of_its_subject():
    story = one_outage(systems=["Consul"])["Consul"]
    assert not story.believing[story.times < 0].any()
    assert 0 < story.first_s <= story.everyone_s < 15
    assert story.moved[-1] == 1


@pytest.mark.parametrize(
    ("fault", "over_s"), [("a crash, and back after 30 s", 30.0), ("cut in half for 60 s", 60.0)]
)
def test_what_is_over_is_soon_believed_to_be_over(fault, over_s):
    story = one_outage(fault, systems=["Consul"])["Consul"]
    assert story.first_s < over_s < story.believed_back_s < over_s + 10


def test_what_a_cut_off_master_of_redis_accepted_is_lost_and_nothing_of_a_majority():
    cut = one_outage("cut in half for 60 s", systems=["Redis Cluster", "Consul"])
    assert cut["Redis Cluster"].lost > 0 and cut["Consul"].lost == 0


def test_a_fanout_is_told_to_every_system_and_by_default_is_its_own():
    own, three = (
        one_outage("nothing", fanout=fanout, systems=["Cassandra", "Consul"]) for fanout in (None, 3)
    )
    assert three["Cassandra"].bytes_per_node_s("gossip") > 1.5 * own["Cassandra"].bytes_per_node_s("gossip")
    assert three["Consul"].bytes == own["Consul"].bytes


def test_churn_spares_whom_the_story_is_about_and_is_over_before_the_end():
    calm, stormy = (
        one_outage("nothing", churn_per_min=churn, systems=["Dynamo"])["Dynamo"] for churn in (0, 18)
    )
    assert not stormy.believing[stormy.times < 0].any()
    assert stormy.asked == calm.asked and stormy.lost == 0
    assert stormy.most_behind > calm.most_behind


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_administrator_puts_a_lie_right_through_a_node_that_is_up(seed):
    stormy = one_outage("a liar's old news", churn_per_min=18, systems=["Dynamo"], seed=seed)["Dynamo"]
    assert stormy.moved[stormy.times > 30].any() and not stormy.moved[-1]


def test_a_part_that_is_off_is_off():
    story = one_outage("a crash, and back after 30 s", systems=["Cassandra"], repair=None)["Cassandra"]
    assert np.isnan(story.caught_up_s) and story.behind[-1] > 10
    assert story.bytes_per_node_s("repair") == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fault": "a flood"}, "fault is 'a flood'"),
        ({"fanout": 0}, "fanout is 0"),
        ({"loss": 1.5}, "loss|probability|1.5"),
        ({"churn_per_min": -1}, "churn_per_min is -1"),
        ({"systems": ["Zookeeper"]}, "'Zookeeper'"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        one_outage(**wrong)


# the lesson's own test tells all of them with five seeds
@pytest.mark.parametrize("fault", ["slow for 8 s", "a join", "a liar's old news"])
def test_every_fault_can_be_told_of_every_system(fault):
    assert fault in FAULTS
    stories = one_outage(fault, loss=0.1)
    assert list(stories) == list(FAMILIES)
    for story in stories.values():
        assert len(story.times) == len(story.believing) == len(story.moved) == len(story.behind)
        assert ((story.believing >= 0) & (story.believing <= 1)).all()
        assert story.times[0] >= -BEGIN_S and story.times[-1] < WATCH_S


def test_what_was_believed_before_the_fault_does_not_count():
    times = made().times
    assert made(believing=np.where((times < 0) | (times >= 4), 1.0, 0.0)).first_s == 4.0


def test_a_server_that_comes_back_with_its_log_unread_takes_nobody_s_work():
    story = one_outage("nothing", fanout=6, loss=0.4, churn_per_min=18, systems=["Consul"])["Consul"]
    assert story.refused[0] > 0, "servers were down, one after the other"
    assert np.isnan(story.first_s) and np.isnan(story.acted_s)
