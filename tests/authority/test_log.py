"""The epoch log among nodes: committed by a majority, caught up with from anybody, waited for at barriers."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.authority.log import LogNode, MetadataLog
from gossipkit.authority.log_entries import (
    AlterSchema,
    AtEpoch,
    Cancel,
    Committed,
    PrepareJoin,
    Register,
    Rejected,
)
from gossipkit.authority.log_rules import JOINED, LEFT, PREPARED, REGISTERED, ClusterMetadata
from gossipkit.authority.ring import RING, Ring
from gossipkit.sim import Network, World

NAMES = tuple("abcde")
CMS = NAMES[:3]
FIRST = ClusterMetadata.first(Ring({(i + 1) * (RING // 8): name for i, name in enumerate(NAMES)}), 3)


def cluster(seed=1, network=None, extra=(), **options):
    world = World(seed=seed, network=network)
    for name in (*NAMES, *extra):
        world.add(
            name, LogNode(FIRST, CMS, **options), lambda saved: LogNode(FIRST, CMS, saved=saved, **options)
        )
    world.run(until=3)
    return world


def node(world, name):
    return world.processes[name]


def commit(world, name, entry, wait_s=5.0):
    """What became of a transformation, None if nothing did in time."""
    answers = []
    env = world._envs[name]
    node(world, name).commit(env, entry, answers.append)
    world.run(until=world.now + wait_s)
    return answers[0] if answers else None


def epochs(world):
    return {name: process.epoch for name, process in world.processes.items()}


def join(world, name, token, done=lambda result: None):
    node(world, name).join(world._envs[name], (token,), done)


def test_a_commit_reaches_every_node_that_is_known():
    world = cluster()
    assert commit(world, "e", AlterSchema("t", "k text")) == Committed(2)
    assert set(epochs(world).values()) == {2}
    assert all(process.metadata.schema == {"t": "k text"} for process in world.processes.values())


def test_what_does_not_apply_is_rejected_and_makes_no_epoch():
    world = cluster()
    answer = commit(world, "d", PrepareJoin("x", (5,)))
    assert answer == Rejected("'x' is unknown: it must be registered", 1)
    assert set(epochs(world).values()) == {1}


def test_a_minority_of_the_cms_commits_nothing_and_the_rest_goes_on():
    world = cluster()
    world.partition(["a"])
    assert commit(world, "a", AlterSchema("t", "alone"), wait_s=10) is None
    assert commit(world, "e", AlterSchema("t", "many")) == Committed(2)
    assert epochs(world)["a"] == 1
    world.crash("b")
    assert commit(world, "e", AlterSchema("t", "one of three"), wait_s=10) is None


def test_whoever_missed_an_entry_catches_up_from_the_sender_of_a_later_epoch():
    world = cluster()
    world.partition(["e"])
    assert commit(world, "a", AlterSchema("t", "1")) == Committed(2)
    assert epochs(world)["e"] == 1
    world.heal()
    # d is no member of the CMS
    node(world, "e").receive(world._envs["e"], "d", AtEpoch(2))
    world.run(until=world.now + 1)
    assert epochs(world)["e"] == 2
    assert not [
        row
        for row in world.trace.filter(kind="send").table()
        if row["node"] == "e" and "FetchLog" in str(row["message"]) and row["to"] != "d"
    ]


def test_if_that_sender_does_not_answer_the_cms_is_asked():
    world = cluster()
    world.partition(["e"])
    commit(world, "a", AlterSchema("t", "1"))
    world.heal()
    world.crash("d")
    node(world, "e").receive(world._envs["e"], "d", AtEpoch(2))
    world.run(until=world.now + 5)
    assert epochs(world)["e"] == 2


def test_a_gap_in_the_news_is_noticed_and_filled():
    world = cluster()
    world.partition(["e"])
    commit(world, "a", AlterSchema("t", "1"))
    world.heal()
    commit(world, "a", AlterSchema("t", "2"))
    assert epochs(world)["e"] == 3


def test_a_replica_judges_the_epoch_of_a_request():
    world = cluster(extra=("x",))
    token = RING // 16
    here, env = node(world, "d"), world._envs["d"]
    assert here.judge(env, "e", 1, token) == "current"
    join(world, "x", RING // 12)
    world.run(until=world.now + 20)
    assert node(world, "d").metadata.nodes["x"] == JOINED
    assert here.judge(env, "e", 1, token) == "coordinator behind"
    far = next(at for at in range(0, RING, RING // 64) if FIRST.placement(at) == here.placement(at))
    assert here.judge(env, "e", 1, far) == "current", "an old epoch is good enough where nothing has changed"
    assert here.judge(env, "e", here.epoch + 1, token) == "replica behind"
    assert world.trace.filter(kind="coordinator-behind").table()[0]["coordinator"] == "e"


def test_a_join_goes_through_its_steps_with_a_barrier_after_each():
    world = cluster(extra=("x",))
    results = []
    join(world, "x", RING // 12, results.append)
    world.run(until=world.now + 20)
    assert results == [Committed(6)]
    steps = [row["step"] for row in world.trace.filter(kind="epoch").table() if row["node"] == "x"]
    assert steps == ["Register", "PrepareJoin", "StartJoin", "MidJoin", "FinishJoin"]
    assert len([row for row in world.trace.filter(kind="barrier").table() if row["node"] == "x"]) == 3


def test_a_barrier_waits_for_a_majority_of_owners_and_no_longer():
    world = cluster(extra=("x",))
    world.crash("e")
    join(world, "x", RING // 12)
    world.run(until=world.now + 20)
    assert node(world, "x").metadata.nodes["x"] == JOINED, "one owner of three or four is no majority"
    world = cluster(extra=("x",))
    world.partition(["d", "e"])  # of the four who keep a range, old and new, exactly half: no majority
    join(world, "x", 7 * (RING // 16))
    world.run(until=world.now + 20)
    assert node(world, "x").metadata.operation("x").phase == PREPARED
    assert node(world, "x").drivers["x"].barrier() == (1, 3)
    world.heal()
    world.run(until=world.now + 20)
    assert node(world, "x").metadata.nodes["x"] == JOINED


def test_data_are_streamed_between_the_start_and_the_middle():
    streamed = []

    def stream(operation, done):
        streamed.append((operation.node, operation.phase))
        done()

    world = cluster(extra=("x",), stream=stream)
    join(world, "x", RING // 12)
    world.run(until=world.now + 20)
    assert streamed == [("x", "started")]


def test_two_joins_that_overlap_are_one_after_the_other():
    world = cluster(extra=("x", "y"))
    tokens, results = {"x": RING // 12, "y": RING // 13}, {"x": [], "y": []}
    for name, token in tokens.items():
        join(world, name, token, results[name].append)
    world.run(until=world.now + 20)
    kinds = sorted(type(answers[0]).__name__ for answers in results.values())
    assert kinds == ["Committed", "Rejected"]
    (loser,) = [name for name, answers in results.items() if type(answers[0]) is Rejected]
    assert "has to wait" in results[loser][0].reason
    join(world, loser, tokens[loser])
    world.run(until=world.now + 20)
    assert {"x", "y"} <= set(node(world, "a").ring.nodes)


def test_a_driver_that_crashes_goes_on_where_it_was():
    world = cluster(extra=("x",))
    join(world, "x", RING // 12)
    while node(world, "x").metadata.operation("x") is None:
        world.run(until=world.now + 0.005)
    world.crash("x")
    world.run(until=world.now + 10)
    assert node(world, "a").metadata.operation("x") is not None, "its ranges stay locked"
    world.restart("x")
    world.run(until=world.now + 20)
    assert node(world, "a").metadata.nodes["x"] == JOINED


def test_a_node_leaves_and_another_can_have_one_removed_that_is_down():
    world = cluster()
    node(world, "e").leave(world._envs["e"])
    world.run(until=world.now + 20)
    assert node(world, "a").metadata.nodes["e"] == LEFT
    world.crash("d")
    node(world, "a").leave(world._envs["a"], node="d")
    world.run(until=world.now + 20)
    assert node(world, "a").metadata.nodes["d"] == LEFT
    assert node(world, "a").ring.nodes == ("a", "b", "c")


def test_a_cancelled_join_is_told_to_who_drove_it():
    world, results = cluster(extra=("x",)), []
    world.partition(["d", "e"])
    join(world, "x", 7 * (RING // 16), results.append)
    world.run(until=world.now + 5)
    assert commit(world, "a", Cancel("x")) == Committed(4)
    assert results == [Rejected("the operation of 'x' was cancelled", 4)]
    assert node(world, "x").metadata.nodes["x"] == REGISTERED and not node(world, "x").drivers


def test_a_node_drives_several_operations_and_each_ends():
    first = ClusterMetadata.first(Ring({(i + 1) * (RING // 8): name for i, name in enumerate(NAMES)}), 1)
    world, results = World(seed=1), []
    for name in NAMES:
        world.add(name, LogNode(first, CMS))
    world.run(until=3)
    for name in ("b", "d"):  # with one replica their ranges do not overlap
        node(world, "a").leave(world._envs["a"], results.append, node=name)
    world.run(until=world.now + 20)
    assert [type(result) for result in results] == [Committed, Committed]
    assert node(world, "a").metadata.nodes == {"a": JOINED, "b": LEFT, "c": JOINED, "d": LEFT, "e": JOINED}


def test_a_log_begins_with_epoch_one():
    with pytest.raises(ValueError, match="first has epoch 2"):
        MetadataLog(replace(FIRST, epoch=2))
    with pytest.raises(ValueError, match="it must be from 1 to 1"):
        MetadataLog(FIRST).at(2)


FAULTS = st.lists(
    st.tuples(
        st.floats(0.1, 20.0),
        st.sampled_from(["crash", "restart", "partition", "heal", "register", "schema", "join"]),
        st.sampled_from(NAMES),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), loss=st.sampled_from([0.0, 0.2]), faults=FAULTS)
def test_all_copies_are_prefixes_of_one_log_and_equal_after_faults_stop(seed, loss, faults):
    world = cluster(seed, Network(loss=loss), extra=("x",))
    seen = {}

    def look():
        for process in world.processes.values():
            for entry in process.log.entries:
                assert seen.setdefault(entry.epoch, entry.transformation) == entry.transformation

    for at, what, name in sorted(faults):
        world.run(until=max(world.now, 3 + at))
        look()
        if what == "crash":
            world.crash(name)
        elif what == "restart":
            world.restart(name)
        elif what == "partition":
            world.partition([name])
        elif what == "heal":
            world.heal()
        elif name in world.processes:
            if what == "join" and "x" in world.processes and not node(world, "x").drivers:
                join(world, "x", RING // 12)
            else:
                entry = Register(f"new-{name}") if what == "register" else AlterSchema("t", f"{at}")
                node(world, name).commit(world._envs[name], entry)
    world.heal()
    world.set_loss(0.0)
    for name in NAMES:
        if name not in world.processes:
            world.restart(name)
    world.run(until=world.now + 30)
    answer = commit(world, "a", AlterSchema("t", "last"), wait_s=10)
    assert type(answer) is Committed
    for name in world.processes:  # whoever missed the news hears of the epoch in the next message
        if name != "a":
            node(world, name).receive(world._envs[name], "a", AtEpoch(node(world, "a").epoch))
    world.run(until=world.now + 10)
    look()
    logs = [process.log.entries for process in world.processes.values()]
    assert all(log == logs[0] for log in logs)
    assert [entry.epoch for entry in logs[0]] == sorted(seen) == list(range(2, answer.epoch + 1))
