"""A router among others: what it forwards, tells, asks for, believes and remembers."""

from dataclasses import replace
from math import comb, sqrt

import pytest

from gossipkit.gossip.gossipsub import (
    Connect,
    Gossipsub,
    GossipsubConfig,
    Graft,
    IHave,
    IWant,
    Prune,
    Publish,
    ScoreParams,
    Thresholds,
    Verdict,
    no_gossip,
)
from gossipkit.sim import Constant, Network, World

ALONE = GossipsubConfig.of_degree(1, d_lazy=1)


class Peer:
    """A peer that says what a test tells it to, and writes down what it hears."""

    def __init__(self):
        self.heard = []

    def start(self, env):
        self.env = env

    def receive(self, env, sender, message):
        self.heard.append(message)

    def say(self, message, to="r"):
        self.env.send_reliably(to, message)

    def of(self, kind):
        return [message for message in self.heard if type(message) is kind]

    def kinds(self):
        return [type(message) for message in self.heard]


def around(router, peers, seed=1, loss=0.0):
    """A world with the router r and its peers in it, at 0.2 s, when all have started."""
    world = World(seed=seed, network=Network(latency=Constant(0.01), loss=loss))
    world.add("r", router)
    made = {name: Peer() for name in peers}
    for name, peer in made.items():
        world.add(name, peer)
    world.run(until=0.05)
    return world, made


def message(number, author="x", verdict=Verdict.ACCEPT):
    return Publish(f"{author}/{number}", author, 100, verdict)


def test_no_gossip_about_a_message_is_as_rare_as_the_specification_says():
    """(3/4)³: of the peers outside the mesh a quarter is drawn in each of three heartbeats."""
    assert no_gossip() == 27 / 64 == 0.421875
    outside, runs = 48, 100
    router = Gossipsub(ALONE, connections=dict.fromkeys([f"p{at}" for at in range(outside + 1)], True))
    world, peers = around(router, router._standing)
    assert len(router.mesh.members) == 1
    missed = 0
    for run in range(runs):
        world.run(until=6.0 * run + 1)
        id_ = router.publish(10)
        world.run(until=6.0 * run + 6)
        told = {
            name
            for name, peer in peers.items()
            if any(type(heard) is IHave and id_ in heard.ids for heard in peer.heard)
        }
        missed += outside - len(told - set(router.mesh.members))
    # of one message: whether two given peers both hear nothing, three draws of 12 of 48
    p, both = no_gossip(), (comb(46, 12) / comb(48, 12)) ** 3
    variance = outside * p * (1 - p) + outside * (outside - 1) * (both - p * p)
    assert abs(missed / runs - outside * p) < 4 * sqrt(variance / runs)


def test_a_message_goes_once_to_the_mesh_and_not_back():
    router = Gossipsub(GossipsubConfig.of_degree(4), connections=dict.fromkeys("abcdex", False))
    world, peers = around(router, "abcdex")
    router.mesh.members = dict.fromkeys("abcx")
    peers["a"].say(message(1))
    peers["b"].say(message(1))
    world.run(until=0.09)
    got = {name for name, peer in peers.items() if Publish in peer.kinds()}
    assert got - {"b"} == {"c"}, "neither its author nor who brought it; a crossing copy to b is chance"
    assert router.duplicates == 1


@pytest.mark.parametrize("flood", [True, False])
def test_one_s_own_message_floods_to_all_peers_but_those_below_the_threshold(flood):
    config = GossipsubConfig.of_degree(2, flood_publish=flood)
    scores = ScoreParams(thresholds=Thresholds(gossip=-5.0, publish=-10.0))
    router = Gossipsub(
        config,
        connections=dict.fromkeys("abcdef", True),
        scores=scores,
        application={"e": -10.0, "f": -10.5},
    )
    world, peers = around(router, "abcdef")
    router.publish(10)
    world.run(until=0.09)
    got = {name for name, peer in peers.items() if Publish in peer.kinds()}
    assert got == (set("abcde") if flood else set(router.mesh.members))
    assert router.mesh.members.keys() <= set("abcd")


def test_what_is_advertised_and_lacking_is_asked_for_and_sent():
    router = Gossipsub(ALONE, connections=dict.fromkeys("ab", True))
    world, peers = around(router, "ab")
    peers["a"].say(IHave(("x/1", "x/2")))
    world.run(until=0.09)
    (asked,) = peers["a"].of(IWant)
    assert sorted(asked.ids) == ["x/1", "x/2"]
    peers["a"].say(message(1))
    world.run(until=0.2)
    peers["b"].say(IHave(("x/1",)))
    peers["b"].say(IWant(("x/1", "x/9")))
    world.run(until=0.3)
    assert not peers["b"].of(IWant), "it has that one"
    assert message(1) in peers["b"].heard


def test_gossip_goes_to_peers_outside_the_mesh_alone():
    router = Gossipsub(ALONE, connections=dict.fromkeys("abcdefgh", True))
    world, peers = around(router, "abcdefgh")
    for second in range(1, 20):
        world.run(until=second)
        router.publish(10)
    assert {name for name, peer in peers.items() if peer.of(IHave)} == set("abcdefgh") - set(
        router.mesh.members
    )
    assert len(router.mesh.members) == 1


def test_a_promise_that_is_not_kept_costs_p7_and_one_that_another_keeps_costs_nothing():
    router = Gossipsub(ALONE, connections=dict.fromkeys("ab", True), scores=ScoreParams())
    world, peers = around(router, "ab")
    peers["a"].say(IHave(("x/1",)))
    world.run(until=1.0)
    peers["b"].say(message(1))
    peers["b"].say(IHave(("x/2",)))
    world.run(until=6.0)
    assert router.scores.parts("a")["P7"] == 0 and router.scores.parts("b")["P7"] < 0
    assert [event.fields["about"] for event in world.trace.filter(kind="promise-broken")] == ["b"]


def test_gossip_is_neither_heard_from_nor_told_to_a_peer_below_the_threshold():
    scores = ScoreParams(thresholds=Thresholds(gossip=-5.0, publish=-10.0))
    router = Gossipsub(
        replace(ALONE, flood_publish=False),
        connections=dict.fromkeys("abc", True),
        scores=scores,
        application={"b": -4.9, "c": -5.1},
    )
    world, peers = around(router, "abc")
    for name in "bc":
        peers[name].say(IHave((f"{name}/1",)))
    router.publish(10)
    world.run(until=5.0)
    assert IWant in peers["b"].kinds() and IWant not in peers["c"].kinds()
    assert IHave in peers["b"].kinds() and IHave not in peers["c"].kinds()
    peers["c"].say(IWant(("r/1",)))
    world.run(until=5.1)
    assert Publish not in peers["c"].kinds()


def test_an_invalid_message_goes_no_further_and_who_sends_many_is_not_read_any_more():
    router = Gossipsub(
        GossipsubConfig.of_degree(2), connections=dict.fromkeys("ab", True), scores=ScoreParams()
    )
    world, peers = around(router, "ab")
    router.mesh.members = dict.fromkeys("ab")
    for number in range(20):
        peers["a"].say(message(number, verdict=Verdict.REJECT))
    world.run(until=0.09)
    # 0.05 * -1000 * 8² is below the graylist's -2500; the eighth is the last one that is looked at
    assert router.rejected == 8 and router.score("a") == -3200
    assert Publish not in peers["b"].kinds()
    peers["a"].say(message(99))
    peers["a"].say(Graft())
    world.run(until=0.2)
    assert Publish not in peers["b"].kinds() and len(world.trace.filter(kind="graylisted")) == 14


def test_what_the_validator_ignores_goes_no_further_and_costs_nothing():
    router = Gossipsub(
        GossipsubConfig.of_degree(2), connections=dict.fromkeys("ab", True), scores=ScoreParams()
    )
    world, peers = around(router, "ab")
    peers["a"].say(message(1, verdict=Verdict.IGNORE))
    world.run(until=0.09)
    assert Publish not in peers["b"].kinds() and router.score("a") == 0 and router.rejected == 0


def test_the_validator_is_the_application_s():
    router = Gossipsub(
        connections=dict.fromkeys("ab", True),
        scores=ScoreParams(),
        validate=lambda heard: Verdict.REJECT if heard.payload_bytes > 50 else Verdict.ACCEPT,
    )
    world, peers = around(router, "ab")
    peers["a"].say(message(1))
    world.run(until=0.09)
    assert router.rejected == 1 and router.score("a") < 0


def test_a_prune_names_peers_and_only_one_who_is_trusted_is_followed():
    trusted = ScoreParams(thresholds=Thresholds(accept_px=10.0))
    for score, connected in ((10.0, True), (9.9, False)):
        router = Gossipsub(connections={"a": True}, scores=trusted, application={"a": score})
        world, peers = around(router, "ab")
        peers["a"].say(Prune(60.0, ("b",)))
        world.run(until=0.09)
        assert ("b" in router.peers) is connected and (Connect in peers["b"].kinds()) is connected
        assert "a" not in router.mesh.members


def test_a_full_mesh_that_prunes_names_others_with_a_score_of_at_least_zero():
    config = GossipsubConfig.of_degree(1, peer_exchange=True)
    peers = [f"p{at}" for at in range(9)]
    router = Gossipsub(
        config, connections=dict.fromkeys(peers, False), scores=ScoreParams(), application={"p0": -1.0}
    )
    world, made = around(router, peers)
    for name in peers[1:]:
        made[name].say(Graft())
    world.run(until=0.09)
    pruned = {name: heard for name, peer in made.items() for heard in peer.of(Prune)}
    assert len(router.mesh.members) == 2 == config.d_hi and len(pruned) >= 6
    for name, prune in pruned.items():
        assert set(prune.peers) == set(peers[1:]) - {name} and prune.backoff_s == 60


def test_a_peer_below_zero_is_told_of_nobody():
    config = GossipsubConfig.of_degree(1, peer_exchange=True)
    router = Gossipsub(
        config, connections=dict.fromkeys("abc", True), scores=ScoreParams(), application={"a": -1.0}
    )
    world, peers = around(router, "abc")
    peers["a"].say(Graft())
    world.run(until=0.09)
    assert peers["a"].of(Prune) == [Prune(60.0, ())]


def test_control_messages_that_were_dropped_are_sent_again_and_gossip_is_not():
    router = Gossipsub(ALONE, connections={"a": True})
    world, peers = around(router, "a", loss=1.0)
    router.publish(10)
    world.run(until=4.0)
    assert peers["a"].heard == [] and router.dropped > 3
    world.set_loss(0.0)
    world.run(until=6.0)
    assert peers["a"].kinds() == [Graft]


def test_a_graft_that_is_not_true_any_more_is_not_sent_again():
    router = Gossipsub(ALONE, connections={"a": True})
    world, peers = around(router, "a", loss=1.0)
    peers["a"].say(Prune(60.0))
    world.run(until=0.08)
    world.set_loss(0.0)
    world.run(until=3.0)
    assert Graft not in peers["a"].kinds()


def test_a_flood_of_ihave_is_listened_to_up_to_its_limits():
    config = GossipsubConfig.of_degree(1, max_ihave_messages=3, max_ihave_length=4)
    router = Gossipsub(config, connections=dict.fromkeys("ab", True))
    world, peers = around(router, "ab")
    for number in range(6):
        peers["a"].say(IHave((f"x/{number}",)))
    peers["b"].say(IHave(tuple(f"y/{number}" for number in range(6))))
    peers["b"].say(IHave(("z/1",)))
    world.run(until=0.09)
    asked = {name: [message.ids for message in peer.of(IWant)] for name, peer in peers.items()}
    assert asked["a"] == [("x/0",), ("x/1",), ("x/2",)]
    (ids,) = asked["b"]
    assert len(ids) == 4 and set(ids) < {f"y/{number}" for number in range(6)}
    world.run(until=2.0)
    peers["b"].say(IHave(("z/2",)))
    world.run(until=2.1)
    assert peers["b"].of(IWant)[-1].ids == ("z/2",), "a heartbeat later it may again"


def test_a_message_is_news_again_when_it_was_seen_too_long_ago():
    router = Gossipsub(GossipsubConfig(seen_ttl_s=5.0), connections=dict.fromkeys("ab", True))
    world, peers = around(router, "ab")
    for at in (1.0, 4.0, 9.0):
        world.run(until=at)
        peers["a"].say(message(1))
    world.run(until=10.0)
    assert len(world.trace.filter(kind="delivered")) == 2 and router.duplicates == 1


def test_who_crashes_is_no_peer_any_more():
    router = Gossipsub(connections=dict.fromkeys("ab", True))
    world, _ = around(router, "ab")
    world.crash("a")
    router.publish(10)
    world.run(until=0.2)
    assert router.peers == {"b": True} and list(router.mesh.members) == ["b"]


def test_one_who_dials_in_is_a_peer_and_its_address_counts():
    router = Gossipsub(scores=ScoreParams(), addresses={"a": "10.0.0.1", "b": "10.0.0.1"})
    world, peers = around(router, "ab")
    peers["a"].say(Graft())
    world.run(until=0.1)
    assert router.peers == {} and not router.mesh.members, "a stranger's word is nothing"
    for peer in peers.values():
        peer.say(Connect())
    world.run(until=0.2)
    assert router.peers == {"a": False, "b": False} and router.score("a") == -100


def test_a_seed_replays_a_run():
    def trace():
        names = [f"n{at}" for at in range(8)]
        world = World(seed=5)
        for name in names:
            peers = {other: name < other for other in names if other != name}
            world.add(name, Gossipsub(connections=peers, scores=ScoreParams()))
        world.at(1.0, lambda: world.process("n0").publish(100))
        world.run(until=4.0)
        return world.trace.to_jsonl()

    assert trace() == trace()
