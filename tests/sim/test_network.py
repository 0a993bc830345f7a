"""What becomes of a message: latency, loss, copies, order, damage, size, and the reliable channel."""

import struct
from collections import namedtuple
from dataclasses import fields
from enum import Enum, StrEnum
from math import log, sqrt
from random import Random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.sim import Constant, LogNormal, Network, Uniform, World, message
from gossipkit.sim.message import corrupted, wire_size
from gossipkit.sim.network import stream


class State(Enum):
    ALIVE = 1
    DEAD = 2


class Colour(StrEnum):
    BLUE = "blue"


Pair = namedtuple("Pair", "left right")


@message
class Everything:
    flag: bool
    number: int
    ratio: float
    text: str
    raw: bytes
    state: State
    items: tuple
    table: dict
    nothing: None


def within(found, expected, deviation, n):
    """Closer than 4.5 standard errors: one false alarm in 10^5, and the seeds are fixed."""
    return abs(found - expected) < 4.5 * deviation / sqrt(n)


def draws(latency, n):
    draw = latency.sampler(stream(1, "test"))
    return sorted(draw() for _ in range(n))


def distance(sample, cdf):
    """Kolmogorov and Smirnov's statistic."""
    n = len(sample)
    return max(max(cdf(x) - i / n, (i + 1) / n - cdf(x)) for i, x in enumerate(sample))


def test_a_constant_latency_is_that_of_every_message(made, note):
    world = made(latency=Constant(0.25))
    for i in range(20):
        world.processes["a"].env.send("b", note(i, ""))
    world.run(until=0.25)
    assert world.processes["b"].numbers() == list(range(20))
    assert {time for time, _, _ in world.processes["b"].received} == {0.25}


@pytest.mark.parametrize(
    ("latency", "cdf"),
    [
        (Uniform(0.01, 0.05), lambda x: (x - 0.01) / 0.04),
        (LogNormal(0.02, 0.5), lambda x: NormalDist(log(0.02), 0.5).cdf(log(x))),
        (LogNormal(0.1, 1.2), lambda x: NormalDist(log(0.1), 1.2).cdf(log(x))),
    ],
    ids=["uniform", "lognormal", "wide lognormal"],
)
def test_latencies_have_the_distribution_they_are_named_for(latency, cdf):
    # 1.95 / sqrt(n) is exceeded once in a thousand samples of that distribution
    assert distance(draws(latency, 5000), cdf) < 1.95 / sqrt(5000)


def test_one_lognormal_latency_in_forty_takes_more_than_2_7_medians():
    share = fmean(x > 2.7 * 0.02 for x in draws(LogNormal(0.02), 20_000))
    assert within(share, 1 / 40, sqrt(1 / 40), 20_000)


def test_the_network_uses_the_latency_it_was_given(made, note):
    world = made(latency=Uniform(0.2, 0.4))
    for i in range(2000):
        world.processes["a"].env.send("b", note(i, ""))
    world.run(until=1.0)
    times = sorted(time for time, _, _ in world.processes["b"].received)
    assert distance(times, lambda x: (x - 0.2) / 0.2) < 1.95 / sqrt(2000)


def test_two_senders_do_not_share_their_luck(made, note):
    world = made("abc", latency=Uniform(0.1, 0.2), loss=0.5)
    for i in range(100):
        for src in "ab":
            world.processes[src].env.send("c", note(i, ""))
    world.run(until=1.0)
    by_sender = {"a": set(), "b": set()}
    for time, sender, _ in world.processes["c"].received:
        by_sender[sender].add(time)
    assert by_sender["a"] and not by_sender["a"] & by_sender["b"]


@pytest.mark.parametrize("p", [0.0, 0.05, 0.5, 1.0])
def test_loss_is_binomial(made, note, p):
    n = 4000
    world = made(loss=p)
    for i in range(n):
        world.processes["a"].env.send("b", note(i, ""))
    world.run(until=1.0)
    got = world.processes["b"].numbers()
    lost = [event.fields["number"] for event in world.trace.filter(kind="lost")]
    assert abs(len(lost) - n * p) <= 4.5 * sqrt(n * p * (1 - p))
    assert sorted(got + [number - 1 for number in lost]) == list(range(n))
    if p == 0.5:  # each on its own: a run of losses says nothing about the next
        gone = {number - 1 for number in lost}
        again = fmean((i + 1) in gone for i in gone if i + 1 < n)
        assert within(again, p, 0.5, len(gone))


def test_copies_come_with_a_latency_of_their_own(made, note):
    n, p = 4000, 0.25
    world = made(duplicate=p, latency=Uniform(0.1, 0.2))
    for i in range(n):
        world.processes["a"].env.send("b", note(i, ""))
    world.run(until=1.0)
    copies = [event.fields["number"] - 1 for event in world.trace.filter(kind="duplicate")]
    assert abs(len(copies) - n * p) <= 4.5 * sqrt(n * p * (1 - p))
    assert sorted(world.processes["b"].numbers()) == sorted([*range(n), *copies])
    times = {}
    for time, _, received in world.processes["b"].received:
        times.setdefault(received.number, set()).add(time)
    assert all(len(times[number]) == 2 for number in copies)


def test_spread_latency_reorders_half_of_what_is_sent_at_once_and_constant_latency_nothing(made, note):
    orders = {}
    for latency in (Constant(0.1), Uniform(0.1, 0.2)):
        world = made(latency=latency)
        for i in range(2000):
            world.processes["a"].env.send("b", note(i, ""))
        world.run(until=1.0)
        orders[latency] = world.processes["b"].numbers()
    assert orders[Constant(0.1)] == list(range(2000))
    swapped = fmean(
        a > b for a, b in zip(orders[Uniform(0.1, 0.2)], orders[Uniform(0.1, 0.2)][1:], strict=False)
    )
    assert within(swapped, 0.5, 0.5, 2000)


values = st.builds(
    Everything,
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.binary(),
    st.sampled_from(State),
    st.lists(st.none() | st.integers() | st.text()).map(tuple),
    st.dictionaries(st.text(), st.none() | st.integers()),
    st.none(),
)


@given(values, st.randoms(use_true_random=False))
def test_damage_changes_exactly_one_field_to_another_value_of_its_type(value, random):
    damaged, name = corrupted(value, random)
    changed = [f.name for f in fields(value) if getattr(damaged, f.name) != getattr(value, f.name)]
    assert changed == [name]
    assert type(getattr(damaged, name)) is type(getattr(value, name))
    assert damaged.size_bytes == value.size_bytes


@pytest.mark.parametrize("old", [0, 5, -7, 2**70, 1.5, "text", b"\x00\xff"], ids=repr)
def test_numbers_text_and_bytes_lose_a_single_bit(old):
    @message
    class One:
        value: object

    def as_bytes(value):
        if isinstance(value, float):
            return int.from_bytes(struct.pack(">d", value), "big")
        if isinstance(value, str):
            return int.from_bytes(value.encode("utf-32-be"), "big")
        return int.from_bytes(value, "big") if isinstance(value, bytes) else value

    for seed in range(50):
        damaged, _ = corrupted(One(old), Random(seed))
        assert abs(as_bytes(damaged.value) ^ as_bytes(old)).bit_count() == 1


def test_every_field_that_has_another_value_is_hit_alike():
    value = Everything(True, 1, 1.0, "t", b"r", State.ALIVE, (None, 1), {"k": 1}, None)
    random, n = stream(1, "test"), 4000
    hits = [corrupted(value, random)[1] for _ in range(n)]
    assert set(hits) == {field.name for field in fields(value)} - {"nothing"}
    for name in set(hits):
        assert within(hits.count(name) / n, 1 / 8, sqrt(1 / 8 * 7 / 8), n)


@pytest.mark.parametrize("value", [(None, None, 5), [None, 5], {"a": None, "b": 5}, Pair(None, 5)], ids=str)
def test_a_collection_is_damaged_wherever_it_can_be(value):
    @message
    class Holder:
        value: object

    for seed in range(20):
        damaged, _ = corrupted(Holder(value), Random(seed))
        assert damaged.value != value
        assert type(damaged.value) is type(value)
        assert len(damaged.value) == len(value)


def test_what_has_no_other_value_arrives_as_it_is(made, recorder):
    @message
    class Empty:
        pass

    world = made(corrupt=1.0)
    world.processes["a"].env.send("b", Empty())
    world.run(until=1.0)
    assert [received for _, _, received in world.processes["b"].received] == [Empty()]
    assert not len(world.trace.filter(kind="corrupt"))


def test_the_trace_tells_who_got_what_damaged(made, note):
    n, p = 2000, 0.3
    world = made(corrupt=p)
    for i in range(n):
        world.processes["a"].env.send("b", note(i, "text"))
    world.run(until=1.0)
    damage = {event.fields["number"]: event.fields for event in world.trace.filter(kind="corrupt")}
    assert abs(len(damage) - n * p) <= 4.5 * sqrt(n * p * (1 - p))
    for event in world.trace.filter(kind="receive"):
        number, got = event.fields["number"], event.fields["message"]
        sent = note(number - 1, "text")
        if number in damage:
            assert got == damage[number]["message"]
            assert (got.number != sent.number) + (got.text != sent.text) == 1
        else:
            assert got == sent


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (True, 1),
        (None, 1),
        (7, 8),
        (0.5, 8),
        ("agent-3", 2 + 7),
        ("ä", 2 + 2),
        (b"abc", 2 + 3),
        (State.DEAD, 1),
        (Colour.BLUE, 1),
        ((), 2),
        (("agent-1", 3, True), 2 + 9 + 8 + 1),
        (frozenset({1, 2}), 2 + 16),
        ({"a": 1}, 2 + 3 + 8),
    ],
    ids=repr,
)
def test_wire_sizes(value, size):
    assert wire_size(value) == size


def test_a_message_is_one_byte_and_its_fields(note):
    assert note(7, "agent-3").size_bytes == 1 + 8 + 2 + 7

    @message
    class Fixed:
        number: int
        flag: "bool"

    assert Fixed(1, True).size_bytes == 1 + 8 + 1 == Fixed.size_bytes

    @message
    class Longer(Fixed):
        text: str

    assert Longer(1, True, "abc").size_bytes == 1 + 8 + 1 + 2 + 3


def test_a_message_that_sets_its_size_keeps_it_also_inside_of_another(made):
    @message
    class Blob:
        content: object
        size_bytes = 1000

    @message
    class Carrier:
        blobs: tuple

    assert Blob(object()).size_bytes == 1000
    assert Carrier((Blob(object()), Blob(None))).size_bytes == 1 + 2 + 2000


def test_a_message_without_a_known_size_is_refused_before_it_is_counted(made):
    @message
    class Odd:
        value: object

    world = made()
    with pytest.raises(ValueError, match="no wire size for"):
        world.processes["a"].env.send("b", Odd(object()))
    world.run(until=1.0)
    assert world.metrics.value("datagram.sent.messages") == 0
    assert not len(world.trace)


def test_counted_bytes_are_those_of_the_trace(made, note):
    world = made("abc", loss=0.2, duplicate=0.2, corrupt=0.2, latency=Uniform(0.01, 0.02))
    for i in range(300):
        for src, dst in ("ab", "bc", "ca"):
            world.processes[src].env.send(dst, note(i, "x" * (i % 7)))
            world.processes[src].env.send_reliably(dst, note(i, "y" * (i % 5)))
    world.run(until=1.0)
    for kind, metric in {
        "send": "datagram.sent",
        "receive": "datagram.received",
        "stream-send": "stream.sent",
        "stream-receive": "stream.received",
    }.items():
        for node in (*"abc", None):
            messages = [event.fields["message"] for event in world.trace.filter(kind=kind, node=node)]
            assert world.metrics.value(f"{metric}.messages", node) == len(messages) > 0
            assert world.metrics.value(f"{metric}.bytes", node) == sum(m.size_bytes for m in messages)


def test_a_reliable_message_is_never_lost_repeated_damaged_or_overtaken(made, note):
    world = made("abc", loss=0.9, duplicate=0.9, corrupt=0.9, latency=Uniform(0.0, 1.0))
    failures = []
    for i in range(200):
        world.processes["a"].env.send_reliably("bc"[i % 2], note(i, ""), lambda *gone: failures.append(gone))
        world.run(until=world.now + 0.01)
    world.run(until=10.0)
    assert world.processes["b"].numbers() == list(range(0, 200, 2))
    assert world.processes["c"].numbers() == list(range(1, 200, 2))
    assert failures == []


@pytest.mark.parametrize(
    "trouble", ["down", "partition", "unknown", "down on arrival", "partition on arrival"]
)
def test_a_reliable_message_that_cannot_be_delivered_is_reported_after_the_timeout(made, note, trouble):
    world = made()
    to = "nobody" if trouble == "unknown" else "b"
    strike = {"down": lambda: world.crash("b"), "partition": lambda: world.partition(["a"], ["b"])}
    if trouble in strike:
        strike[trouble]()
    failures = []
    env = world.processes["a"].env
    env.send_reliably(to, note(1, ""), lambda *gone: failures.append((env.now, *gone)), timeout_s=2.0)
    env.send_reliably(to, note(2, ""))  # nobody asks to be told
    if trouble.endswith("on arrival"):
        world.run(until=0.05)
        strike[trouble.split()[0]]()
    world.run(until=1.99)
    assert failures == []
    world.run(until=5.0)
    assert failures == [(2.0, to, note(1, ""))]
    assert [event.fields["message"].number for event in world.trace.filter(kind="stream-failed")] == [1, 2]


def test_nobody_is_told_of_a_failure_after_its_own_crash_also_when_restarted(made, note):
    failures = []
    for restarted in (False, True):
        world = made()
        world.processes["a"].env.send_reliably("b", note(1, ""), lambda *gone: failures.append(gone), 1.0)
        world.crash("b")
        (world.restart if restarted else world.crash)("a")
        world.run(until=5.0)
        assert len(world.trace.filter(kind="stream-failed")) == 1
    assert failures == []


def test_what_waits_for_a_paused_receiver_is_delivered_though_a_partition_follows(made, note):
    world = made()
    world.pause("b", 5.0)
    world.processes["a"].env.send("b", note(1, ""))
    world.processes["a"].env.send_reliably("b", note(2, ""))
    world.run(until=1.0)
    world.partition(["a"], ["b"])
    world.run(until=6.0)
    assert world.processes["b"].numbers() == [1, 2]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Network(loss=1.2), "loss is 1.2: it must be a number, between 0 and 1"),
        (lambda: Network(duplicate=-0.1), "duplicate is -0.1: .* between 0 and 1"),
        (lambda: Network(corrupt=float("nan")), "corrupt is nan: .* between 0 and 1"),
        (lambda: Network(loss=True), "loss is True"),
        (lambda: Network(latency=0.05), "latency is 0.05: it must be a Constant"),
        (lambda: Constant(-1), "latency in seconds is -1: .* at least 0"),
        (lambda: Uniform(0.2, 0.1), "highest latency in seconds is 0.1: .* at least 0.2"),
        (lambda: LogNormal(0.0), "median latency in seconds is 0.0"),
        (lambda: LogNormal(0.1, -1), "sigma of the latency is -1"),
    ],
)
def test_what_is_no_network_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_negative_timeout_is_refused_before_anything_is_sent(made, note):
    world = made()
    with pytest.raises(ValueError, match="timeout_s is -1: it must be a number, at least 0"):
        world.processes["a"].env.send_reliably("b", note(1, ""), timeout_s=-1)
    world.run(until=1.0)
    assert not len(world.trace) and world.processes["b"].received == []


def test_the_default_network_is_a_local_one_and_spares_nobody():
    assert Network() == Network(Uniform(0.0005, 0.0015), loss=0.0, duplicate=0.0, corrupt=0.0)
    assert World().network == Network()


def test_who_is_added_after_a_general_loss_was_set_loses_as_much(made, note, recorder):
    world = made()
    world.set_loss(1.0)
    world.add("late", recorder())
    world.run(until=1.0)
    world.processes["late"].env.send("a", note(1, ""))
    world.run(until=2.0)
    assert world.processes["a"].received == []
    assert [event.fields["reason"] for event in world.trace.filter(kind="lost", node="late")] == ["loss"]
