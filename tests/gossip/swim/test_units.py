"""memberlist's and serf's own unit tests, row by row, and their defaults."""

import math

import pytest

from gossipkit.gossip import theory
from gossipkit.gossip.swim import (
    Awareness,
    LamportClock,
    Suspicion,
    SwimConfig,
    UserEvent,
    UserEvents,
    push_pull_scale,
    remaining_suspicion,
    retransmit_limit,
    suspicion_timeout,
)

# config.go: LAN, WAN, Local
DEFAULTS = {
    "probe_interval_s": (1.0, 5.0, 1.0),
    "probe_timeout_s": (0.5, 3.0, 0.2),
    "indirect_checks": (3, 3, 1),
    "suspicion_mult": (4, 6, 3),
    "suspicion_max_timeout_mult": (6, 6, 6),
    "retransmit_mult": (4, 4, 2),
    "gossip_interval_s": (0.2, 0.5, 0.1),
    "gossip_nodes": (3, 4, 3),
    "gossip_to_the_dead_time_s": (30.0, 60.0, 15.0),
    "push_pull_interval_s": (30.0, 60.0, 15.0),
    "tcp_timeout_s": (10.0, 30.0, 1.0),
    "awareness_max_multiplier": (8, 8, 8),
    "udp_buffer_size": (1400, 1400, 1400),
    "handoff_queue_depth": (1024, 1024, 1024),
    "queue_check_interval_s": (30.0, 30.0, 30.0),
    "disable_tcp_pings": (False, False, False),
    # serf/config.go
    "reconnect_interval_s": (30.0, 30.0, 30.0),
    "reconnect_timeout_s": (86400.0, 86400.0, 86400.0),
    "leave_propagate_delay_s": (1.0, 1.0, 1.0),
    "broadcast_timeout_s": (5.0, 5.0, 5.0),
    "event_buffer": (512, 512, 512),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_presets_are_those_of_memberlist(name):
    presets = SwimConfig.lan(), SwimConfig.wan(), SwimConfig.local()
    assert tuple(getattr(preset, name) for preset in presets) == DEFAULTS[name]
    assert SwimConfig() == SwimConfig.lan()


@pytest.mark.parametrize(
    "variant, multiplier, timeout_mult, buddy",
    [
        ("swim", 1, 1, False),
        ("lha-probe", 8, 1, False),
        ("lha-suspicion", 1, 6, False),
        ("buddy", 1, 1, True),
        ("lifeguard", 8, 6, True),
    ],
)
def test_each_part_of_lifeguard_runs_alone(variant, multiplier, timeout_mult, buddy):
    config = SwimConfig.wan().variant(variant)
    found = config.awareness_max_multiplier, config.suspicion_max_timeout_mult, config.buddy_system
    assert found == (multiplier, timeout_mult, buddy)
    assert config.probe_interval_s == 5.0


@pytest.mark.parametrize(
    "field, value",
    [
        ("probe_interval_s", 0),
        ("gossip_interval_s", -0.1),
        ("suspicion_mult", 0),
        ("gossip_nodes", 1.5),
        ("udp_buffer_size", 100),
        ("tcp_timeout_s", math.nan),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field} is {value!r}: it must be"):
        SwimConfig(**{field: value})


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="name is 'fast': it must be one of 'swim', 'lha-probe'"):
        SwimConfig().variant("fast")


@pytest.mark.parametrize("mult, n, limit", [(3, 0, 0), (3, 1, 3), (3, 99, 6), (1, 10, 2)])
def test_retransmit_limit(mult, n, limit):
    assert retransmit_limit(mult, n) == limit
    assert retransmit_limit is theory.retransmit_limit


@pytest.mark.parametrize(
    "n, seconds", [(5, 1.0), (10, 1.0), (50, 1.698), (100, 2.0), (500, 2.698), (1000, 3.0)]
)
def test_suspicion_timeout(n, seconds):
    assert suspicion_timeout(3, n, 1.0) / 3 == pytest.approx(seconds)


@pytest.mark.parametrize(
    "n, copies, low, high",
    [
        (5, 4, 4, 24),
        (10, 8, 4, 24),
        (30, 8, 5.908, 35.448),
        (100, 12, 8, 48),
        (1000, 16, 12, 72),
        (10_000, 20, 16, 96),
    ],
)
def test_lan_table(n, copies, low, high):
    config = SwimConfig.lan()
    least = suspicion_timeout(config.suspicion_mult, n, config.probe_interval_s)
    assert retransmit_limit(config.retransmit_mult, n) == copies
    assert least == pytest.approx(low)
    assert config.suspicion_max_timeout_mult * least == pytest.approx(high)


@pytest.mark.parametrize("n, factor", [(0, 1), (32, 1), (33, 2), (64, 2), (65, 3), (128, 3), (129, 4)])
def test_push_pull_scale(n, factor):
    assert push_pull_scale(30.0, n) == 30.0 * factor


@pytest.mark.parametrize(
    "confirmations, elapsed, expected",
    [(0, 0, 30), (1, 2, 14), (2, 3, 4.81), (3, 4, -2), (4, 5, -3), (5, 10, -8)],
)
def test_remaining_suspicion(confirmations, elapsed, expected):
    assert remaining_suspicion(confirmations, 3, elapsed, 2, 30) == pytest.approx(expected)


def test_remaining_suspicion_that_hopes_for_no_confirmation():
    assert remaining_suspicion(0, 0, 1.5, 2, 30) == 0.5


@pytest.mark.parametrize(
    "confirmers, fires_at",
    [
        ([], 2.0),
        (["me"], 2.0),
        (["me", "foo"], 1.25),
        (["foo", "foo", "foo"], 1.25),
        (["foo", "bar", "baz"], 0.5),
    ],
)
def test_suspicion_deadline(confirmers, fires_at):
    suspicion = Suspicion("me", 3, 0.5, 2.0, started_s=0.0)
    for name in confirmers:
        suspicion.confirm(name)
    assert suspicion.deadline_s == fires_at


def test_suspicion_two_confirmations():
    suspicion = Suspicion("me", 3, 0.5, 2.0, started_s=100.0)
    assert [suspicion.confirm(name) for name in ("a", "b")] == [True, True]
    assert suspicion.deadline_s == pytest.approx(100.811)  # 0.81128, floored to milliseconds


def test_suspicion_takes_k_confirmations_and_then_no_more():
    suspicion = Suspicion("me", 2, 1.0, 4.0, started_s=0.0)
    assert [suspicion.confirm(name) for name in ("me", "a", "a", "b", "c")] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert (suspicion.confirmations, suspicion.deadline_s) == (2, 1.0)


def test_suspicion_that_hopes_for_none_is_shortest_at_once():
    suspicion = Suspicion("me", 0, 1.0, 4.0, started_s=3.0)
    assert suspicion.deadline_s == 4.0
    assert not suspicion.confirm("a")


AWARENESS = [
    (0, 0, 1),
    (-1, 0, 1),
    (-10, 0, 1),
    (1, 1, 2),
    (-1, 0, 1),
    (10, 7, 8),
    *((-1, score, score + 1) for score in (6, 5, 4, 3, 2, 1, 0, 0)),
]


def test_awareness():
    health = Awareness(8)
    for delta, score, seconds in AWARENESS:
        health.apply(delta)
        assert (health.score, health.scale(1.0)) == (score, seconds)


def test_lamport_clock():
    clock = LamportClock()
    assert clock.time == 0
    assert clock.increment() == 1
    for heard, time in ((41, 42), (41, 42), (30, 42)):
        clock.witness(heard)
        assert clock.time == time


def test_an_event_counts_once_by_time_name_and_payload():
    events = UserEvents(size=4)
    news = [UserEvent(2, "deploy", "v1"), UserEvent(2, "deploy", "v2"), UserEvent(2, "rollback", "v1")]
    assert [events.heard(event) for event in (*news, *news)] == [True] * 3 + [False] * 3
    assert events.recent == tuple(news)


def test_an_event_from_before_the_buffer_is_dropped():
    events = UserEvents(size=4)
    assert events.heard(UserEvent(10, "late", ""))
    assert [events.heard(UserEvent(ltime, "early", "")) for ltime in (6, 7)] == [False, True]


def test_an_event_of_one_byte_too_many_is_refused():
    events = UserEvents(size=4)
    assert events.new("e", "x" * 511).ltime == 0
    with pytest.raises(ValueError, match="name and payload are 513 bytes: at most 512"):
        events.new("e", "x" * 512)
    assert events.clock.time == 1
