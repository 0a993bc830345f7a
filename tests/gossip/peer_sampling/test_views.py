"""Cyclon's and Brahms' rules, one by one."""

from random import Random

import pytest

from gossipkit.gossip.peer_sampling import (
    Brahms,
    BrahmsConfig,
    Cyclon,
    Infiltrator,
    Probe,
    PullReply,
    PullRequest,
    Push,
    Samplers,
    Shuffle,
    ShuffleReply,
    fixed_point,
    infiltrate,
)
from gossipkit.sim import Constant, Network, World


class Peer:
    """A peer that says what a test tells it to, and writes down what it hears."""

    def __init__(self):
        self.heard = []

    def start(self, env):
        self.env = env

    def receive(self, env, sender, message):
        self.heard.append(message)

    def say(self, message):
        self.env.send("p", message)

    def of(self, kind):
        return [message for message in self.heard if type(message) is kind]


def around(process, others, seed=1):
    world = World(seed=seed, network=Network(latency=Constant(0.01)))
    made = {name: Peer() for name in others}
    for name, peer in made.items():
        world.add(name, peer)
    world.add("p", process)
    world.begin()
    return world, made


# Cyclon


def test_a_shuffle_goes_to_the_oldest_with_oneself_at_age_zero_and_others():
    peer = Cyclon([*"abc"], view_size=4, shuffle_length=2)
    peer.view = {"a": 1, "b": 7, "c": 3}
    world, others = around(peer, "abc")
    world.run(until=1.0)
    (shuffle,) = others["b"].of(Shuffle)
    assert shuffle.entries[0] == ("p", 0) and len(shuffle.entries) == 2
    assert shuffle.entries[1] in {("a", 2), ("c", 4)}, "all are a round older"
    assert set(peer.view) == {"a", "c"}, "the oldest is out until somebody brings it back"
    assert not others["a"].heard and not others["c"].heard


def test_what_comes_takes_empty_places_and_then_those_of_what_was_sent():
    peer = Cyclon([*"abcd"], view_size=4, shuffle_length=3)
    world, others = around(peer, "abcdxyz")
    others["x"].say(Shuffle((("x", 0), ("a", 5), ("p", 1), ("y", 2))))
    world.run(until=0.02)
    (answer,) = others["x"].of(ShuffleReply)
    given = {name for name, _ in answer.entries}
    assert len(given) == 3 and given <= set("abcd")
    # p is itself, a is known, y is the fourth entry of a shuffle of three
    assert "x" in peer.view and "p" not in peer.view and "y" not in peer.view and len(peer.view) == 4
    assert set("abcd") - set(peer.view) <= given


def test_nobody_who_was_not_sent_away_makes_room():
    peer = Cyclon([*"abcd"], view_size=4, shuffle_length=2)
    peer.view = {"a": 1, "b": 7, "c": 3, "d": 2}
    world, others = around(peer, "abcdx")
    world.run(until=1.0)
    assert others["b"].of(Shuffle), "it is out, and one other was sent to it"
    others["x"].say(Shuffle((("x", 0), ("y", 0))))
    world.run(until=1.02)
    others["b"].say(ShuffleReply((("u", 0), ("v", 0))))
    world.run(until=1.04)
    assert {"x", "y"} <= set(peer.view) and "v" not in peer.view and len(peer.view) == 4


def test_a_reply_that_is_a_round_late_is_nothing():
    peer = Cyclon([*"abc"], view_size=4, shuffle_length=2)
    peer.view = {"a": 1, "b": 7, "c": 3}
    world, others = around(peer, "abc")
    world.run(until=2.0)
    assert others["b"].of(Shuffle) and others["c"].of(Shuffle)
    others["b"].say(ShuffleReply((("x", 0),)))
    world.run(until=2.02)
    assert "x" not in peer.view


def test_a_reply_that_nobody_asked_for_is_nothing():
    peer = Cyclon([*"ab"], view_size=4, shuffle_length=2)
    world, others = around(peer, "abx")
    others["x"].say(ShuffleReply((("x", 0),)))
    world.run(until=0.02)
    assert set(peer.view) == set("ab")


def test_honest_shuffles_keep_views_full_and_forget_the_dead():
    names = [f"n{at}" for at in range(30)]
    world = World(seed=2, trace=False)
    ring = {name: names[at + 1 :] + names[:at] for at, name in enumerate(names)}
    for name in names:
        world.add(name, Cyclon(ring[name][:8], view_size=8, shuffle_length=4))
    world.run(until=30.0)
    assert all(len(world.process(name).view) >= 6 for name in names)
    world.crash("n7")
    world.run(until=60.0)
    assert not any("n7" in world.process(name).view for name in names if name != "n7")


# Brahms


def test_a_view_has_a_share_of_pushed_pulled_and_remembered_names():
    config = BrahmsConfig(view_size=10, samplers=40, alpha=0.4, beta=0.4, gamma=0.2)
    assert (config.pushes, config.pulls, config.history, config.shares) == (4, 4, 2, (0.4, 0.4, 0.2))
    peer = Brahms(["a"], config)
    world, others = around(peer, ["a", "push"])
    world.run(until=1.0)
    assert len(others["a"].of(Push)) == len(others["a"].of(PullRequest)) == 4
    others["push"].say(Push())
    others["a"].say(PullReply(("p", *("pull",) * 9, "late")))
    world.run(until=2.0)
    assert peer.view[:4] == ["push"] * 4 and peer.view[4:8] == ["pull"] * 4
    assert set(peer.view[8:]) == {"a"}, "its samplers had heard of nobody else"
    assert set(peer.samplers.samples) <= {"a", "push", "pull"}, "a reply counts for one view, without oneself"


def test_too_many_pushes_block_a_round_and_are_heard_by_the_samplers():
    config = BrahmsConfig(view_size=10, samplers=40)
    for count, blocked in ((config.pushes, 0), (config.pushes + 1, 1)):
        peer = Brahms([*"ab"], config)
        world, others = around(peer, "abx")
        world.run(until=1.0)
        for _ in range(count):
            others["x"].say(Push())
        others["a"].say(PullReply(("c",)))
        others["b"].say(PullReply(("c",)))
        world.run(until=2.0)
        assert peer.blocked == blocked and ("x" in peer.view) is not blocked
        assert "x" in peer.samplers.samples


@pytest.mark.parametrize("without", ["push", "pull"])
def test_without_pushes_or_without_pulls_the_view_stays(without):
    peer = Brahms([*"a"], BrahmsConfig(view_size=6, samplers=3))
    world, others = around(peer, "ax")
    world.run(until=1.0)
    if without != "push":
        others["x"].say(Push())
    if without != "pull":
        others["a"].say(PullReply(("c",)))
    world.run(until=2.0)
    assert peer.view == ["a"]


def test_a_pull_that_nobody_asked_for_and_a_second_reply_are_nothing():
    peer = Brahms([*"a"], BrahmsConfig(view_size=2, samplers=3))
    world, others = around(peer, "ax")
    world.run(until=1.0)
    others["x"].say(PullReply(("y",)))
    others["a"].say(PullReply(("c",)))
    others["a"].say(PullReply(("d",)))
    others["x"].say(Push())
    world.run(until=2.0)
    assert not {"y", "d"} & {*peer.view, *peer.samplers.samples}


def test_a_sample_that_is_gone_is_drawn_anew():
    names = [f"n{at}" for at in range(20)]
    world = World(seed=3, trace=False)
    for at, name in enumerate(names):
        world.add(name, Brahms([*names[at + 1 :], *names[:at]], BrahmsConfig(samplers=6)))
    world.run(until=10.0)
    world.crash("n4")
    there = [name for name in names if name != "n4"]
    assert sum("n4" in world.process(name).samplers.samples for name in there) > 0
    world.run(until=70.0)
    assert not any("n4" in world.process(name).samplers.samples for name in there)
    assert not any("n4" in world.process(name).view for name in there)


def test_the_probe_is_answered_by_the_machine_alone():
    peer = Brahms([*"a"], BrahmsConfig(samplers=3))
    world, others = around(peer, "a")
    world.run(until=1.5)
    assert others["a"].of(Probe)


def test_a_sampler_keeps_what_it_keeps_however_often_others_are_said():
    quiet, loud = (Samplers(50, Random(4)) for _ in range(2))
    names = [f"n{at}" for at in range(20)]
    quiet.offer(names)
    loud.offer(["n3"] * 500 + names + ["n3"] * 500)
    assert quiet.samples == loud.samples
    quiet.offer(reversed(names))
    assert quiet.samples == loud.samples
    kept = quiet.samples.count("n3")
    assert 0 < kept < 50
    quiet.invalidate("n3")
    assert len(quiet.samples) == 50 - kept and "n3" not in quiet.samples
    quiet.offer(["n5"])
    assert len(quiet.samples) == 50 and quiet.samples.count("n5") >= kept, (
        "it is news to those that begin again"
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Cyclon([*"ab"], view_size=1), "view_size is 1"),
        (lambda: Cyclon([*"ab"], shuffle_length=13), "shuffle_length is 13"),
        (lambda: Cyclon(["a", ""]), "a name in known is ''"),
        (lambda: BrahmsConfig(alpha=0.5), "alpha, beta and gamma are 0.5, 0.45 and 0.1"),
        (lambda: BrahmsConfig(alpha=0.0, beta=0.9), "it must leave a place each"),
        (lambda: BrahmsConfig(samplers=0), "samplers is 0"),
        (lambda: Brahms([*"ab"], config="x"), "config is 'x'"),
        (lambda: Infiltrator("tcp", "a", "b", 1, 1), "protocol is 'tcp'"),
        (lambda: infiltrate("tcp"), "protocol is 'tcp'"),
        (lambda: infiltrate(liars=1.0), "liars is 1.0"),
        (lambda: infiltrate(push_power=-1.0), "push_power is -1.0"),
        (lambda: infiltrate(fanout=4), "fanout is 4"),
        (lambda: infiltrate(victims=0), "victims is 0"),
        (lambda: fixed_point(1.5), "liars is 1.5"),
        (lambda: fixed_point(0.1, 0.5, 0.5, 0.5), "add up to 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
