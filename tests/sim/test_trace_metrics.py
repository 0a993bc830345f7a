"""What can be asked of a run afterwards: events, filtered and written down; counters and gauges over time."""

import json
from enum import Enum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.sim import Event, Metrics, Trace, World
from gossipkit.sim.trace import PACKETS

EVENTS = st.lists(
    st.tuples(
        st.floats(0, 10),
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["send", "receive", "suspect"]),
        st.fixed_dictionaries({"number": st.integers()}),
    )
)


@given(
    EVENTS,
    st.none() | st.floats(0, 10),
    st.none() | st.floats(0, 10),
    st.none() | st.sampled_from("abc") | st.sets(st.sampled_from(["a", "b", None])),
    st.none() | st.just("send") | st.lists(st.sampled_from(["send", "suspect"])),
)
def test_a_filter_keeps_what_meets_all_its_conditions_in_order(events, after, before, node, kind):
    def chosen(value, allowed):
        return allowed is None or (value == allowed if isinstance(allowed, str) else value in allowed)

    found = Trace(events).filter(after=after, before=before, node=node, kind=kind)
    assert isinstance(found, Trace)
    assert [tuple(event) for event in found] == [
        event
        for event in events
        if (after is None or event[0] >= after)
        and (before is None or event[0] < before)
        and chosen(event[1], node)
        and chosen(event[2], kind)
    ]


@given(EVENTS)
def test_filters_in_a_row_are_one_filter_and_the_original_stays(events):
    trace = Trace(events)
    one = trace.filter(after=2.0, node="a", kind="send")
    assert list(trace.filter(kind="send").filter(node="a").filter(after=2.0)) == list(one)
    assert list(trace) == events and len(trace) == len(events)


def test_events_have_names_and_places():
    trace = Trace([(0.5, "a", "suspect", {"about": "b"}), (2.0, None, "heal", {})])
    assert trace[0] == Event(time=0.5, node="a", kind="suspect", fields={"about": "b"})
    assert trace[-1].kind == "heal"
    assert repr(trace) == "<Trace of 2 events: suspect, heal>"
    assert repr(Trace()) == "<Trace of 0 events: none>"


@given(EVENTS)
def test_the_table_and_the_lines_hold_every_event(events):
    table = Trace(events).table()
    assert table == [{"time": t, "node": n, "kind": k, **extra} for t, n, k, extra in events]
    lines = Trace(events).to_jsonl().splitlines()
    assert [json.loads(line) for line in lines] == table


def test_what_a_process_records_is_written_as_json(note):
    class State(Enum):
        ALIVE = 1

    fields = {
        "members": {"b", "a"},
        "ids": frozenset({10, 9}),
        "state": State.ALIVE,
        "raw": b"\x01\xff",
        "message": note(1, "ä"),
        "nested": {"list": [note(2, "x"), None, True]},
        "view": MappingProxyType({"a": 1}),
    }
    (line,) = Trace([(1.0, "a", "odd", fields)]).to_jsonl().splitlines()
    assert json.loads(line) == {
        "time": 1.0,
        "node": "a",
        "kind": "odd",
        "members": ["a", "b"],
        "ids": [9, 10],
        "state": "ALIVE",
        "raw": "01ff",
        "message": {"type": "Note", "number": 1, "text": "ä"},
        "nested": {"list": [{"type": "Note", "number": 2, "text": "x"}, None, True]},
        "view": {"a": 1},
    }


def test_what_cannot_be_written_is_named():
    with pytest.raises(TypeError, match=r"<object .* cannot be written as JSON: record numbers, text"):
        Trace([(1.0, "a", "odd", {"value": object()})]).to_jsonl()


def test_a_datagram_s_events_carry_its_sender_s_number(made, note):
    world = made()
    for number in (1, 2):
        world.processes["a"].env.send("b", note(number, ""))
    world.processes["a"].env.send("nobody", note(3, ""))
    world.run(until=1.0)
    assert world.trace.table() == [
        {"time": 0.0, "node": "a", "kind": "send", "to": "b", "number": 1, "message": note(1, "")},
        {"time": 0.0, "node": "a", "kind": "send", "to": "b", "number": 2, "message": note(2, "")},
        {"time": 0.0, "node": "a", "kind": "send", "to": "nobody", "number": 3, "message": note(3, "")},
        {"time": 0.0, "node": "a", "kind": "lost", "to": "nobody", "number": 3, "reason": "unknown"},
        {"time": 0.1, "node": "b", "kind": "receive", "sender": "a", "number": 1, "message": note(1, "")},
        {"time": 0.1, "node": "b", "kind": "receive", "sender": "a", "number": 2, "message": note(2, "")},
    ]


def test_without_a_trace_there_is_none_but_metrics_there_are(made, note):
    world = made(trace=False)
    env = world.processes["a"].env
    env.send("b", note(1, ""))
    env.record("seen")
    env.count("probes")
    world.run(until=1.0)
    assert len(world.trace) == 0
    assert world.metrics.value("datagram.received.messages", "b") == 1
    assert world.metrics.value("probes") == 1


def test_a_trace_of_events_lacks_the_packets_and_nothing_else(made, note):
    def played(trace):
        world = made("abc", trace=trace, duplicate=0.5, corrupt=0.2)
        a, b = (world.processes[name].env for name in "ab")
        world.pause("c", 0.5, timers="run")
        for number in range(9):
            a.send("b", note(number, "n"))
            b.send("c", note(number, "n"))
            b.send_reliably("c", note(number, "n"))
            a.send_reliably("nobody", note(number, "n"))
            a.send("nobody", note(number, "n"))
            world.processes["c"].env.send("a", note(number, "n"))
            a.record("seen", number=number)
        world.run(until=3.0)
        world.crash("a")
        return world.trace

    every, events = played(True), played("events")
    assert set(PACKETS) <= {event.kind for event in every}
    assert list(events) == [event for event in every if event.kind not in PACKETS]
    assert {event.kind for event in events} == {"pause", "seen", "wake", "crash"}


@pytest.mark.parametrize("trace", ["packets", 1, None, "True"])
def test_another_level_of_the_trace_is_refused(trace):
    with pytest.raises(ValueError, match=f"trace is {trace!r}: it must be True, False or 'events'"):
        World(trace=trace)


def test_a_stream_s_events_carry_its_sender_s_number_and_datagrams_do_not_count_in_it(made, note):
    world = made("ab")
    a = world.processes["a"].env
    a.send("b", note(1, ""))
    for to in ("b", "nobody", "b"):
        a.send_reliably(to, note(2, ""))
    world.run(until=1.0)
    found = [(event.kind, event.fields["number"]) for event in world.trace if event.kind.startswith("stream")]
    assert found == [
        ("stream-send", 1),
        ("stream-send", 2),
        ("stream-failed", 2),
        ("stream-send", 3),
        ("stream-receive", 1),
        ("stream-receive", 3),
    ]


def test_the_copy_of_a_datagram_that_the_network_repeats_is_told_from_the_first(made, note):
    world = made("ab", duplicate=1.0)
    a = world.processes["a"].env
    a.send("b", note(1, ""))
    world.run(until=0.5)
    a.send("b", note(2, ""))
    world.crash("b")
    world.run(until=1.0)
    found = [
        (event.kind, event.fields["number"], event.fields.get("copy"))
        for event in world.trace.filter(kind=["receive", "lost"])
    ]
    assert found == [("receive", 1, None), ("receive", 1, 2), ("lost", 2, None), ("lost", 2, 2)]


class Meter:
    """Counts its ticks, one each second, and keeps a gauge of what is left."""

    def __init__(self, phase):
        self.phase = phase

    def start(self, env):
        for number in range(4):
            env.after(self.phase + number, self.tick, env, number)

    def tick(self, env, number):
        env.count("ticks")
        env.count("weight", 2.5)
        env.gauge("left", 3 - number)

    def receive(self, env, sender, received):
        raise AssertionError("nobody sends here")


def meters():
    world = World()
    world.add("a", Meter(0.5))
    world.add("b", Meter(1.0))
    world.run(until=10)
    return world.metrics


def test_a_series_has_a_point_for_each_change():
    metrics = meters()
    assert metrics.series("ticks", "a") == ([0.5, 1.5, 2.5, 3.5], [1, 2, 3, 4])
    assert metrics.series("weight", "b") == ([1.0, 2.0, 3.0, 4.0], [2.5, 5.0, 7.5, 10.0])
    assert metrics.series("left", "a") == ([0.5, 1.5, 2.5, 3.5], [3, 2, 1, 0])


def test_a_total_is_the_sum_over_all_nodes_at_every_change():
    metrics = meters()
    assert metrics.series("left") == ([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0], [3, 6, 5, 4, 3, 2, 1, 0])
    times, values = metrics.series("ticks")
    for time, value in zip(times, values, strict=True):
        assert value == sum(metrics.value("ticks", node, at=time) for node in "ab")


@pytest.mark.parametrize(
    ("at", "value"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.49, 1), (3.5, 4), (99.0, 4), (None, 4)]
)
def test_a_value_holds_until_the_next_change(at, value):
    assert meters().value("ticks", "a", at=at) == value


def test_a_series_is_a_copy():
    metrics = meters()
    metrics.series("ticks", "a")[1].clear()
    assert metrics.value("ticks", "a") == 4


def test_changes_at_one_instant_are_one_point():
    world = World()
    world.add("a", Meter(0.5))
    for value in (1, 2, 3):
        world.metrics.gauge("a", "level", value)
        world.metrics.count("a", "calls")
    assert world.metrics.series("level", "a") == ([0.0], [3])
    assert world.metrics.series("calls", "a") == ([0.0], [3])


def test_a_node_without_a_metric_counts_as_nothing(made):
    world = made("ab")
    world.processes["a"].env.count("probes", 3)
    assert world.metrics.series("probes", "b") == ([], [])
    assert (world.metrics.value("probes", "b"), world.metrics.value("probes")) == (0, 3)


def test_datagram_counters_are_read_every_second_and_at_the_end_of_a_run(made, note):
    world = made("ab")
    a = world.processes["a"].env
    for delay in (0.5, 1.5, 2.2):
        a.after(delay, a.send, "b", note(1, "four"))
    world.run(until=2.0)
    world.run(until=2.5)
    assert world.metrics.series("datagram.sent.messages", "a") == ([0.0, 1.0, 2.0, 2.5], [0, 1, 2, 3])
    assert world.metrics.series("datagram.received.bytes", "b") == ([0.0, 1.0, 2.0, 2.5], [0, 15, 30, 45])
    assert world.metrics.series("datagram.sent.messages") == ([0.0, 1.0, 2.0, 2.5], [0, 1, 2, 3])
    assert world.metrics.value("datagram.sent.messages", "a", at=1.99) == 1


def test_the_counters_of_a_node_that_joins_later_begin_then(made, recorder, note):
    world = made("ab")
    world.run(until=3.0)
    world.add("c", recorder())
    world.run(until=3.0)
    world.processes["c"].env.send("a", note(1, ""))
    world.run(until=4.0)
    assert world.metrics.series("datagram.sent.messages", "c") == ([3.0, 4.0], [0, 1])
    assert world.metrics.value("datagram.sent.messages", at=3.5) == 0
    assert world.metrics.value("datagram.sent.messages") == 1


def test_a_crash_and_a_restart_leave_the_counters(made, note):
    world = made("ab")
    world.processes["a"].env.send("b", note(1, ""))
    world.restart("a")
    world.processes["a"].env.send("b", note(2, ""))
    world.run(until=1.0)
    assert world.metrics.value("datagram.sent.messages", "a") == 2


def test_what_there_is_not_is_refused():
    metrics = meters()
    assert metrics.names[-3:] == ("ticks", "weight", "left")
    with pytest.raises(
        ValueError, match=r"'tocks' is not a metric of this run: it has datagram.sent.messages, .*ticks"
    ):
        metrics.series("tocks", "a")
    with pytest.raises(ValueError, match="'tocks' is not a metric"):
        metrics.value("tocks")
    with pytest.raises(ValueError, match="'z' is not a node of this world"):
        metrics.series("ticks", "z")


@pytest.mark.parametrize("interval", [0, -1, float("nan"), "1"])
def test_an_interval_between_readings_is_positive(interval):
    with pytest.raises(ValueError, match="interval_s is"):
        Metrics(lambda: 0.0, interval_s=interval)
