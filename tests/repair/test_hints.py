"""Hinted handoff: what is kept for a replica that is down, how it is given back, and what is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.repair.hints import GC_GRACE_S, THROTTLE_BYTES_S, WINDOW_S, Hint, HintStore
from gossipkit.repair.tombstones import DAY_S, Cell, merge, purge, tombstone
from gossipkit.sim import Constant, Network, World, message


def lost(hints):
    """Writes that their replica will not get from here."""
    return hints.past_window + hints.expired + hints.unflushed + hints.dropped


@message
class Write:
    key: str


def drain(hints, target, now, nodes=2):
    return list(iter(lambda: hints.take(target, now, nodes), None))


# What is kept.


def test_cassandras_defaults():
    assert (WINDOW_S, THROTTLE_BYTES_S, GC_GRACE_S) == (3 * 3600, 1024 * 1024, 10 * 86_400)


def test_the_window_is_of_downtime_and_its_end_is_inside():
    hints = HintStore()
    assert hints.add("b", Write("k"), now=WINDOW_S, down_s=WINDOW_S)
    assert hints.add("b", Write("k"), now=WINDOW_S + 1, down_s=WINDOW_S + 1) is None
    assert (hints.stored, hints.past_window, len(hints.held("b"))) == (1, 1, 1)


def test_hints_outlive_the_window():
    hints = HintStore()
    hints.add("b", Write("k"), now=0.0)
    assert hints.take("b", now=5 * WINDOW_S, nodes=2).mutation == Write("k")


def test_without_a_window_every_write_is_kept():
    assert HintStore(window_s=None).add("b", Write("k"), now=1e9, down_s=1e9)


def test_hints_of_one_replica_are_not_given_to_another():
    hints = HintStore(throttle_bytes_s=None)
    for target in "bcb":
        hints.add(target, Write(f"for {target}"), now=0.0)
    assert hints.targets == ("b", "c")
    assert [hint.mutation.key for hint in drain(hints, "b", 0.0)] == ["for b", "for b"]
    assert [hint.mutation.key for hint in drain(hints, "c", 0.0)] == ["for c"]


# Replay.


def test_hints_go_oldest_first_and_stay_until_they_are_acknowledged():
    hints = HintStore(throttle_bytes_s=None)
    for at in range(3):
        hints.add("b", Write(f"k{at}"), now=float(at))
    sent = drain(hints, "b", 10.0)
    assert [hint.mutation.key for hint in sent] == ["k0", "k1", "k2"]
    assert len(hints.held("b")) == 3
    assert hints.delivered("b", sent[0].number)
    assert not hints.delivered("b", sent[0].number)  # twice
    assert (len(hints.held("b")), hints.replayed) == (2, 1)
    hints.retry("b")
    assert [hint.mutation.key for hint in drain(hints, "b", 10.0)] == ["k1", "k2"]


def test_an_acknowledgement_that_comes_after_the_retry_still_counts():
    hints = HintStore(throttle_bytes_s=None)
    hint = hints.add("b", Write("k"), now=0.0)
    drain(hints, "b", 0.0)
    hints.retry("b")
    hints.delivered("b", hint.number)
    assert hints.take("b", 1.0, nodes=2) is None and hints.replayed == 1 and hints.targets == ()


@pytest.mark.parametrize("nodes", [1, 2, 3, 11])
def test_the_throttle_is_shared_by_the_other_nodes(nodes):
    hints = HintStore(throttle_bytes_s=100.0)
    size = hints.add("b", Write("k"), now=0.0).size_bytes
    hints.add("b", Write("k"), now=0.0)
    assert hints.take("b", 50.0, nodes)
    assert hints.ready_s("b") == pytest.approx(50.0 + size * max(1, nodes - 1) / 100.0)
    assert hints.take("b", hints.ready_s("b") - 0.001, nodes) is None
    assert hints.take("b", hints.ready_s("b"), nodes)


def test_the_throttle_is_each_replicas_own():
    hints = HintStore(throttle_bytes_s=1.0)
    hints.add("b", Write("k"), now=0.0)
    hints.add("c", Write("k"), now=0.0)
    assert hints.take("b", 0.0, nodes=2) and hints.take("c", 0.0, nodes=2)


# What is lost.


def test_a_hint_older_than_the_grace_is_not_delivered():
    hints = HintStore(gc_grace_s=100.0, throttle_bytes_s=None)
    hints.add("b", Write("old"), now=0.0)
    hints.add("b", Write("new"), now=1.0)
    assert [hint.mutation.key for hint in drain(hints, "b", now=100.0)] == ["new"]
    assert (hints.expired, lost(hints), len(hints.held("b"))) == (1, 1, 1)


def test_a_crash_loses_what_came_since_the_last_flush():
    hints = HintStore(throttle_bytes_s=None)
    for at in (5.0, 19.0, 20.0, 21.0, 24.0):
        hints.add("b", Write(f"at {at}"), now=at)
    hints.lose_unflushed(now=25.0)
    assert [hint.created_s for hint in drain(hints, "b", 26.0)] == [5.0, 19.0, 20.0]
    assert hints.unflushed == lost(hints) == 2


def test_hints_for_a_node_that_has_left_are_dropped():
    hints = HintStore()
    hints.add("b", Write("k"), now=0.0)
    hints.add("c", Write("k"), now=0.0)
    hints.drop("b")
    hints.drop("never heard of")
    assert (hints.targets, hints.dropped, lost(hints), hints.size_bytes("b")) == (("c",), 1, 1, 0)
    assert hints.take("b", 0.0, nodes=2) is None


def row_after_a_late_hint(**settings):
    """All three replicas' table when c, which was down for the write and the deletion, comes back after 11 days."""
    hints = HintStore(**settings)
    hints.add("c", Cell("row", 0.0), now=0.0)  # the write that c missed
    deleted = merge({"k": Cell("row", 0.0)}, {"k": tombstone(60.0, now=60.0)})
    now = 11 * DAY_S
    a, b, c = purge(deleted, now), purge(deleted, now), {}
    for hint in drain(hints, "c", now):
        c = merge(c, {"k": hint.mutation})
    return merge(a, b, c)


def test_the_grace_of_a_hint_is_what_keeps_a_deleted_row_deleted():
    assert row_after_a_late_hint() == {}
    assert row_after_a_late_hint(gc_grace_s=None) == {"k": Cell("row", 0.0)}


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add late", "take", "deliver", "retry", "drop", "crash"]),
        st.sampled_from("bc"),
        st.floats(0.0, 30.0),
    ),
    max_size=40,
)


@given(steps)
def test_every_write_is_held_replayed_or_counted_as_lost_and_the_bytes_add_up(history):
    hints = HintStore(window_s=60.0, gc_grace_s=50.0, throttle_bytes_s=20.0)
    now, asked, sent = 0.0, 0, []
    for action, target, wait in history:
        now += wait
        if action.startswith("add"):
            asked += 1
            hints.add(target, Write(f"k{asked}"), now, down_s=99.0 if action == "add late" else 0.0)
        elif action == "take":
            sent += [hint for hint in (hints.take(target, now, nodes=2),) if hint]
        elif action == "deliver" and sent:
            hint = sent.pop(0)
            hints.delivered(hint.target, hint.number)
        elif action == "retry":
            hints.retry(target)
        elif action == "drop":
            hints.drop(target)
        elif action == "crash":
            hints.lose_unflushed(now)
        held = [hint for name in hints.targets for hint in hints.held(name)]
        assert asked == len(held) + hints.replayed + lost(hints)
        assert sum(hint.size_bytes for hint in held) == sum(map(hints.size_bytes, "bc"))


@given(st.lists(st.floats(0.0, 5.0), min_size=2, max_size=30), st.integers(2, 6))
def test_a_replay_is_never_faster_than_the_throttle(waits, nodes):
    hints = HintStore(throttle_bytes_s=40.0)
    for at in range(40):
        hints.add("b", Write(f"k{at}"), now=0.0)
    now, sent = 0.0, []
    for wait in waits:
        now += wait
        sent += [(now, hint.size_bytes) for hint in drain(hints, "b", now, nodes)]
    if sent:
        seconds = sent[-1][0] - sent[0][0]
        # all but the last are over
        assert sum(size for _, size in sent[:-1]) <= seconds * 40.0 / (nodes - 1) + 1e-6


@pytest.mark.parametrize("setting", ["window_s", "throttle_bytes_s", "gc_grace_s"])
def test_bad_limits_are_refused(setting):
    with pytest.raises(ValueError, match=f"{setting} is -1"):
        HintStore(**{setting: -1})


def test_bad_hints_are_refused_and_change_nothing():
    hints = HintStore()
    with pytest.raises(ValueError, match="target is ''"):
        hints.add("", Write("k"), now=0.0)
    with pytest.raises(ValueError, match="down_s is -1"):
        hints.add("b", Write("k"), now=0.0, down_s=-1)
    with pytest.raises(ValueError, match="nodes is 0"):
        hints.take("b", now=0.0, nodes=0)
    assert hints.stored == hints.past_window == 0


# In a world: a process drives it, over a network that loses messages.


@message
class Acknowledged:
    number: int


class Holder:
    def __init__(self, writes):
        self.hints = HintStore(throttle_bytes_s=1000.0)
        self.writes = writes

    def start(self, env):
        for at in range(self.writes):
            self.hints.add("b", Write(f"k{at:03}"), env.now)
        self.replay(env)
        env.after(5.0, self.again, env)

    def replay(self, env):
        while hint := self.hints.take("b", env.now, nodes=2):
            env.send("b", hint)
        if env.now < self.hints.ready_s("b"):
            env.after(self.hints.ready_s("b") - env.now, self.replay, env)

    def again(self, env):
        self.hints.retry("b")
        self.replay(env)
        env.after(5.0, self.again, env)

    def receive(self, env, sender, message):
        self.hints.delivered(sender, message.number)


class Replica:
    def __init__(self):
        self.keys = []

    def start(self, env):
        pass

    def receive(self, env, sender, message):
        assert isinstance(message, Hint)
        self.keys.append(message.mutation.key)
        env.send(sender, Acknowledged(message.number))


@pytest.mark.parametrize("loss", [0.0, 0.5])
def test_a_process_replays_all_hints_to_a_replica_that_is_back(loss):
    holder, replica = Holder(writes=100), Replica()
    world = World(seed=3, network=Network(latency=Constant(0.01), loss=loss))
    world.add("a", holder)
    world.add("b", replica)
    world.run(until=120.0)
    assert sorted(set(replica.keys)) == [f"k{at:03}" for at in range(100)]
    assert holder.hints.replayed == 100 and holder.hints.targets == () and lost(holder.hints) == 0
    if not loss:
        assert replica.keys == sorted(replica.keys)


def test_replay_goes_on_behind_a_hint_that_was_acknowledged_while_it_waited_again():
    store = HintStore(throttle_bytes_s=None)
    first, second = (store.add("b", Write(key), 0.0) for key in "kl")
    assert store.take("b", 1.0, 3) == first
    store.retry("b")
    assert store.delivered("b", first.number)
    assert store.take("b", 1.0, 3) == second
    assert store.take("b", 1.0, 3) is None
