"""What a router remembers of messages."""

from random import Random

import pytest

from gossipkit.gossip.gossipsub import (
    GossipsubConfig,
    MessageCache,
    Promises,
    Publish,
    Seen,
    SeenCache,
    Verdict,
)


def test_a_message_is_advertised_for_three_heartbeats_and_sent_for_five():
    cache = MessageCache(5, 3)
    cache.put(Publish("a/1", "a", 10))
    advertised, sent = [], []
    for heartbeat in range(7):
        advertised.append(cache.ids == ["a/1"])
        sent.append(cache.get("a/1", f"peer-{heartbeat}") is not None)
        cache.shift()
    assert advertised == [True] * 3 + [False] * 4 and sent == [True] * 5 + [False] * 2


def test_one_peer_gets_a_message_three_times_and_others_still_do():
    cache = MessageCache(5, 3)
    cache.put(Publish("a/1", "a", 10))
    assert [cache.get("a/1", "b", 3) is not None for _ in range(5)] == [True] * 3 + [False] * 2
    assert cache.get("a/1", "c", 3) is not None


def test_what_was_seen_is_forgotten_when_it_is_old():
    seen = SeenCache(120.0)
    for at in (0.0, 50.0):
        seen.add(f"m-{at:g}", Seen(Verdict.ACCEPT, at, "a"))
    seen.expire(120.0)
    assert seen.get("m-0") is not None
    seen.expire(121.0)
    assert seen.get("m-0") is None and seen.get("m-50") is not None


def test_a_promise_is_broken_after_its_time_once_and_kept_whoever_brings_the_message():
    promises = Promises(3.0)
    promises.add("a", ["m1"], Random(1), 0.0)
    promises.add("b", ["m1"], Random(1), 1.0)
    promises.add("a", ["m2"], Random(1), 0.0)
    promises.kept("m2")
    assert promises.broken(3.0) == {}
    assert promises.broken(3.1) == {"a": 1} and promises.broken(3.2) == {}
    assert promises.broken(4.1) == {"b": 1}


def test_of_many_ids_one_is_remembered():
    promises = Promises(1.0)
    promises.add("a", [f"m{at}" for at in range(50)], Random(1), 0.0)
    assert promises.broken(2.0) == {"a": 1}


def test_defaults_are_those_of_the_implementation():
    config = GossipsubConfig()
    assert (config.d, config.d_lo, config.d_hi, config.d_score, config.d_out, config.d_lazy) == (
        6,
        5,
        12,
        4,
        2,
        6,
    )
    assert (config.history_length, config.history_gossip, config.gossip_factor) == (5, 3, 0.25)
    assert (config.prune_backoff_s, config.iwant_followup_s, config.seen_ttl_s) == (60, 3, 120)
    assert GossipsubConfig.of_degree(6) == config
    for d in range(1, 20):
        GossipsubConfig.of_degree(d)
        GossipsubConfig.v1_0(d)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"d": 4}, "d is 4: it must be from d_lo, 5"),
        ({"d": 13}, "d is 13"),
        ({"d_out": 5}, "d_out is 5"),
        ({"d_out": 4}, "at most half of d"),
        ({"d_score": 7}, "d_score is 7"),
        ({"history_gossip": 6}, "history_gossip is 6"),
        ({"gossip_factor": 1.5}, "gossip_factor is 1.5"),
        ({"heartbeat_interval_s": 0.0}, "heartbeat_interval_s is 0.0"),
        ({"flood_publish": 1}, "flood_publish is 1"),
        ({"d_lazy": 0}, "d_lazy is 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        GossipsubConfig(**settings)
