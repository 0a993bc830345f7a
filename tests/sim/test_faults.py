"""Crashes, restarts, partitions, lossy links, damage and churn, as their docstrings promise them."""

from itertools import pairwise
from math import sqrt
from statistics import fmean

import pytest

from gossipkit.sim import Constant, Network, Scenario, World, message
from gossipkit.sim.trace import PACKETS


class Clerk:
    """Ticks every second, and keeps one number on disk and one in memory."""

    def __init__(self, saved=None):
        self.on_disk = saved or 0
        self.in_memory = 0

    def start(self, env):
        self.env = env
        env.record("started", on_disk=self.on_disk)
        env.after(1.0, self.tick)

    def tick(self):
        self.on_disk += 1
        self.in_memory += 1
        self.env.record("tick", number=self.in_memory)
        self.env.after(1.0, self.tick)

    def receive(self, env, sender, received):
        env.record("got", number=received.number)

    def persisted(self):
        return self.on_disk


def clerks(names="ab", seed=1, **network):
    world = World(seed=seed, network=Network(latency=Constant(0.1), **network))
    for name in names:
        world.add(name, Clerk(), rebuild=Clerk)
    world.run(until=0.0)
    return world


def times(world, kind, node=None):
    return [event.time for event in world.trace.filter(kind=kind, node=node)]


def test_a_world_knows_its_nodes_and_which_of_them_run():
    world = clerks("ab")
    world.run(until=1.0)
    assert "a" in world and "c" not in world and world.process("c") is None
    assert world.process("a") is world.processes["a"]
    world.crash("a")
    assert "a" in world and world.process("a") is None


def test_a_crash_ends_timers_and_reception_and_tells_nobody(note):
    world = clerks()
    world.run(until=2.5)
    world.crash("a")
    world.processes["b"].env.send("a", note(1, ""))
    world.run(until=5.5)
    assert times(world, "tick", "a") == [1.0, 2.0]
    assert times(world, "tick", "b") == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert world.up == tuple(world.processes) == ("b",)
    assert world.names == ("a", "b")
    assert [event.fields["reason"] for event in world.trace.filter(kind="lost")] == ["down"]
    assert times(world, "receive") == []


def test_a_second_crash_and_a_pause_of_the_dead_do_nothing():
    world = clerks()
    world.crash("a")
    before = world.trace.to_jsonl()
    world.crash("a")
    world.pause("a", 3.0)
    world.run(until=0.5)
    assert world.trace.to_jsonl() == before


def test_a_restart_brings_back_what_was_persisted_and_nothing_else():
    world = clerks()
    world.run(until=2.5)
    world.crash("a")
    world.run(until=4.0)
    world.restart("a")
    world.run(until=6.5)
    assert [event.fields for event in world.trace.filter(kind="started", node="a")] == [
        {"on_disk": 0},
        {"on_disk": 2},
    ]
    assert times(world, "tick", "a") == [1.0, 2.0, 5.0, 6.0]
    assert (world.processes["a"].on_disk, world.processes["a"].in_memory) == (4, 2)


def test_restarting_a_running_process_crashes_it_first():
    world = clerks()
    world.run(until=1.5)
    old = world.processes["a"]
    world.restart("a")
    world.run(until=3.0)
    assert [event.kind for event in world.trace.filter(node="a", after=1.5, before=2.6)] == [
        "crash",
        "restart",
        "started",
        "tick",
    ]
    assert world.processes["a"] is not old
    assert times(world, "tick", "a") == [1.0, 2.5]


def test_a_process_without_persisted_restarts_from_none(made, recorder):
    world = World()
    saved = []
    world.add("a", recorder(), rebuild=lambda value: saved.append(value) or recorder())
    world.run(until=1.0)
    world.restart("a")
    assert saved == [None]


def test_the_random_stream_goes_on_across_a_restart():
    untouched, restarted = clerks(), clerks()
    expected = [untouched.processes["a"].env.random.random() for _ in range(4)]
    found = [restarted.processes["a"].env.random.random() for _ in range(2)]
    restarted.restart("a")
    found += [restarted.processes["a"].env.random.random() for _ in range(2)]
    assert found == expected


def test_a_crash_before_the_start_prevents_it():
    world = World()
    world.add("a", Clerk(), rebuild=Clerk)
    world.crash("a")
    world.run(until=1.0)
    assert times(world, "started") == []


class Mortal:
    """Crashes or restarts itself, at 1 s in a timer or when a note comes, and goes on as if nothing had happened."""

    def __init__(self, note, end):
        self.note, self.end = note, end

    def start(self, env):
        self.env = env
        env.record("started")
        env.after(1.0, self.last)
        env.after(1.0, env.record, "same instant")

    def receive(self, env, sender, received):
        self.last()

    def last(self):
        env = self.env
        env.record("before")
        self.end("a")
        env.send("b", self.note(1, ""))
        env.send_reliably("b", self.note(2, ""), failed=lambda *gone: env.record("failed"))
        env.when_sent(lambda: env.record("sent"))
        env.after(0.0, env.record, "timer")
        env.record("after")
        env.count("counted")
        env.gauge("gauged", 1.0)


def mortal(note, recorder, action):
    world = World(network=Network(latency=Constant(0.1)))
    end = lambda name: getattr(world, action)(name)  # noqa: E731
    world.add("a", Mortal(note, end), rebuild=lambda saved: recorder())
    world.add("b", recorder())
    return world


@pytest.mark.parametrize("way", ["timer", "message", "message after a pause"])
@pytest.mark.parametrize("action", ["crash", "restart"])
def test_a_process_that_crashes_in_its_own_handler_does_nothing_more(note, recorder, action, way):
    world = mortal(note, recorder, action)
    world.run(until=0.0)
    if way != "timer":
        for number in range(3):  # the first ends it, and the others find nobody, or its successor
            world.processes["b"].env.send("a", note(number, ""))
    if way == "message after a pause":
        world.pause("a", 0.5)
    end_s = {"timer": 1.0, "message": 0.1, "message after a pause": 0.5}[way]
    world.run(until=5.0)
    of_a = [(event.time, event.kind) for event in world.trace.filter(node="a") if event.kind not in PACKETS]
    ends = [(end_s, "crash"), (end_s, "restart")][: 1 + (action == "restart")]
    pause = [(0.0, "pause"), (0.5, "wake")] if "pause" in way else []
    assert of_a == [(0.0, "started"), *pause, (end_s, "before"), *ends]
    assert world.processes["b"].received == []
    assert world.metrics.value("datagram.sent.messages", "a") == 0
    assert not {"counted", "gauged", "stream.sent.messages"} & set(world.metrics.names)
    later = [number for _, _, number in world.processes["a"].received] if action == "restart" else []
    assert all(event.fields["reason"] == "down" for event in world.trace.filter(kind="lost"))
    assert len(later) + len(world.trace.filter(kind="lost")) == (0 if way == "timer" else 2)


def test_what_a_crash_in_a_callback_of_when_sent_keeps_back_is_lost(made, note):
    world = made()
    env = world.processes["a"].env
    world.pause("a", 1.0, timers="run")
    env.send("b", note(1, ""))
    env.when_sent(lambda: world.crash("a"))
    env.send("b", note(2, ""))
    env.send_reliably("b", note(3, ""))
    world.run(until=5.0)
    assert world.processes["b"].numbers() == [1]
    assert [event.fields["number"] for event in world.trace.filter(kind="lost")] == [2]
    assert times(world, "stream-failed") == [1.0]


def chatter(world, note, seconds):
    """Everyone sends to everyone; who heard whom."""
    since = world.now
    for process in list(world.processes.values()):
        for to in world.names:
            if to != process.env.name:
                process.env.send(to, note(0, ""))
    world.run(until=since + seconds)
    return {(event.fields["sender"], event.node) for event in world.trace.filter(kind="receive", after=since)}


def test_a_partition_divides_and_a_heal_unites(made, note):
    world = made("abcde")
    everyone = {(x, y) for x in "abcde" for y in "abcde" if x != y}
    assert chatter(world, note, 1.0) == everyone
    world.partition(["a", "b"], ["c"])  # d and e are together in one more
    inside = {("a", "b"), ("b", "a"), ("d", "e"), ("e", "d")}
    assert chatter(world, note, 1.0) == inside
    world.partition(["a", "c"])  # it replaces the other
    assert chatter(world, note, 1.0) == {(x, y) for x, y in everyone if (x in "ac") == (y in "ac")}
    lost = world.trace.filter(kind="lost")
    assert {event.fields["reason"] for event in lost} == {"partition"}
    world.heal()
    assert chatter(world, note, 1.0) == everyone
    assert len(world.trace.filter(kind="lost")) == len(lost)


def test_a_partition_takes_what_is_under_way_and_a_newcomer_joins_those_in_no_group(made, note, recorder):
    world = made("abc")
    world.processes["a"].env.send("b", note(1, ""))
    world.run(until=0.05)
    world.partition(["a"], ["b"])
    world.run(until=1.0)
    assert [event.time for event in world.trace.filter(kind="lost")] == [0.1]
    world.add("d", recorder())
    world.run(until=1.0)
    assert chatter(world, note, 1.0) == {("c", "d"), ("d", "c")}


def test_what_is_sent_across_a_partition_is_lost_also_when_it_heals_before_the_arrival(made, note):
    world = made()
    failures = []
    env = world.processes["a"].env
    world.partition(["a"], ["b"])
    env.send("b", note(1, ""))
    env.send_reliably("b", note(2, ""), lambda *gone: failures.append(env.now), timeout_s=0.5)
    world.run(until=0.05)
    world.heal()
    world.run(until=1.0)
    assert times(world, "lost") == times(world, "stream-failed") == [0.0]
    assert failures == [0.5]
    assert world.processes["b"].received == []


def passing(world, note):
    """Which links let datagrams pass, and which streams, of all links between two nodes."""
    since = world.now
    links = [(x, y) for x in world.names for y in world.names if x != y]
    for x, y in links:
        world.processes[x].env.send(y, note(0, "datagram"))
        world.processes[x].env.send_reliably(y, note(0, "stream"))
    world.run(until=since + 1.0)
    arrived = world.trace.filter(after=since, kind=("receive", "stream-receive"))
    return tuple(
        {(event.fields["sender"], event.node) for event in arrived if event.kind == kind}
        for kind in ("receive", "stream-receive")
    )


ALL = {(x, y) for x in "abc" for y in "abc" if x != y}


@pytest.mark.parametrize(
    ("options", "datagrams", "streams"),
    [
        ({}, {("a", "b"), ("b", "a")}, {("a", "b"), ("b", "a")}),
        ({"streams": False}, {("a", "b"), ("b", "a")}, set()),
        ({"both": False}, {("a", "b")}, {("a", "b"), ("b", "a")}),
        ({"both": False, "streams": False}, {("a", "b")}, set()),
    ],
)
@pytest.mark.parametrize("end", [lambda w: w.mend("b", "a"), lambda w: w.heal()], ids=["mend", "heal"])
def test_a_cut_stops_one_link_or_its_datagrams_until_it_is_mended_or_all_is_healed(
    made, note, options, datagrams, streams, end
):
    world = made("abc")
    world.cut("a", "b", **options)
    assert passing(world, note) == (ALL - datagrams, ALL - streams)
    lost = world.trace.filter(kind="lost")
    assert {(event.node, event.fields["to"]) for event in lost} == datagrams
    assert all(event.fields["reason"] == "cut" for event in lost)
    failed = world.trace.filter(kind="stream-failed")
    assert {(event.node, event.fields["to"]) for event in failed} == streams
    assert not world.connected
    end(world)
    assert world.connected
    assert passing(world, note) == (ALL, ALL)


def test_cuts_add_up_outlast_a_partition_and_mend_one_by_one(made, note):
    world = made("abc")
    world.cut("a", "b", streams=False)
    world.cut("b", "a", both=False)
    world.cut("a", "c")
    world.partition(["b"], ["a", "c"])
    world.partition(["a", "b", "c"][:2])
    assert passing(world, note) == (set(), set())
    world.mend("a", "b")
    assert passing(world, note) == ({("a", "b"), ("b", "a")},) * 2
    world.heal()
    assert passing(world, note) == (ALL, ALL)


def test_a_cut_takes_what_is_under_way_but_not_what_waits_at_a_paused_receiver(made, note):
    world = made("ab")
    world.pause("b", 1.0)
    a = world.processes["a"].env
    a.send("b", note(1, ""))
    a.send_reliably("b", note(2, ""))
    world.run(until=0.15)  # both are there, and wait
    a.send("b", note(3, ""))
    a.send_reliably("b", note(4, ""))
    world.cut("a", "b")
    world.run(until=2.0)
    assert world.processes["b"].numbers() == [1, 2]
    assert times(world, "lost") == times(world, "stream-failed") == [0.25]


def test_a_cut_of_datagrams_lets_streams_reach_a_paused_receiver(made, note):
    world = made("ab")
    world.pause("b", 1.0)
    a = world.processes["a"].env
    a.send("b", note(1, ""))
    a.send_reliably("b", note(2, ""))
    world.cut("a", "b", streams=False)
    world.run(until=2.0)
    assert [(at, received.number) for at, _, received in world.processes["b"].received] == [(1.0, 2)]
    assert times(world, "lost") == [0.1]


def shares(world, note, n=400):
    """Share of n messages that arrived, by link."""
    since = world.now
    links = [(x, y) for x in world.names for y in world.names if x != y]
    for x, y in links:
        for _ in range(n):
            world.processes[x].env.send(y, note(0, ""))
    world.run(until=since + 1.0)
    got = [(event.fields["sender"], event.node) for event in world.trace.filter(kind="receive", after=since)]
    return {link: got.count(link) / n for link in links}


def test_loss_is_set_for_all_links_or_from_or_towards_a_node_or_for_one_and_the_latest_holds(
    made, note, recorder
):
    world = made("abc")
    world.set_loss(1.0, src="a", dst="b")
    expected = dict.fromkeys(shares(world, note), 1.0) | {("a", "b"): 0.0}
    assert shares(world, note) == expected
    world.set_loss(1.0, dst="c")
    expected |= {("a", "c"): 0.0, ("b", "c"): 0.0}
    assert shares(world, note) == expected
    world.add("d", recorder())  # who comes later suffers from the same towards c
    world.run(until=world.now)
    found = shares(world, note)
    assert found[("d", "c")] == 0.0 and found[("c", "d")] == found[("d", "a")] == 1.0
    world.set_loss(0.0, src="a")
    expected |= {("a", "b"): 1.0, ("a", "c"): 1.0}
    assert {link: share for link, share in shares(world, note).items() if "d" not in link} == expected
    world.set_loss(0.5)
    assert all(abs(share - 0.5) < 4.5 * 0.5 / sqrt(400) for share in shares(world, note).values())
    world.set_loss(0.0)
    assert set(shares(world, note).values()) == {1.0}


def test_loss_spares_reliable_messages(made, note):
    world = made()
    world.set_loss(1.0)
    world.processes["a"].env.send_reliably("b", note(1, ""))
    world.run(until=1.0)
    assert world.processes["b"].numbers() == [1]


def test_corrupt_holds_for_every_sender_also_later_ones_until_it_is_set_back(made, note, recorder):
    world = made("ab")
    world.corrupt(1.0)
    world.add("c", recorder())
    world.run(until=0.0)
    chatter(world, note, 1.0)
    assert {event.node for event in world.trace.filter(kind="corrupt")} == set("abc")
    assert all(event.fields["message"] != note(0, "") for event in world.trace.filter(kind="receive"))
    world.corrupt(0.0)
    chatter(world, note, 1.0)
    assert len(world.trace.filter(kind="corrupt", after=1.0)) == 0


class Fragile:
    """Fails over every number but 7, at once or a second later; brought back, it tells others what it was told."""

    def __init__(self, later=False):
        self.later = later

    def start(self, env):
        self.env = env

    def receive(self, env, sender, received):
        if self.later:
            env.after(1.0, self.use, received.number)
        else:
            self.use(received.number)

    def use(self, number):
        self.env.record("used", number={7: "seven"}[number])


@pytest.mark.parametrize("later", [False, True])
def test_an_exception_over_damage_is_that_nodes_crash_and_is_in_the_trace(note, made, recorder, later):
    world = made("a")
    world.add("b", Fragile(later), rebuild=lambda saved: recorder())
    world.add("c", Fragile(later))
    world.run(until=0.0)
    env = world.processes["a"].env
    env.send("c", note(7, ""))
    world.run(until=0.05)
    world.corrupt(1.0)
    env.send("b", note(7, ""))
    world.run(until=5.0)
    (crash,) = world.trace.filter(kind="crash")
    assert (crash.node, crash.time) == ("b", pytest.approx(0.15 + later))
    assert crash.fields["error"].startswith("KeyError(")
    assert world.up == ("a", "c") and len(times(world, "used", "c")) == 1
    world.restart("b")
    world.run(until=6.0)
    assert world.up == ("a", "b", "c")


def test_a_process_that_fails_as_it_restarts_stays_down_where_there_was_damage(note, made):
    world = made("a")
    world.add("b", Fragile(), rebuild=lambda saved: {}["no disk"])
    world.run(until=0.0)
    world.corrupt(1.0)
    world.processes["a"].env.send("b", note(7, ""))
    world.run(until=1.0)
    world.play(Scenario([(2.0, "restart", {"name": "b"})]))
    world.run(until=3.0)
    assert world.up == ("a",)
    assert [event.fields["error"] for event in world.trace.filter(kind="crash", node="b", after=2.0)] == [
        "KeyError('no disk')"
    ]


def test_without_damage_an_exception_in_a_handler_leaves_the_run(note, made):
    world = made("a", corrupt=0.0)
    world.add("b", Fragile())
    world.run(until=0.0)
    world.corrupt(1.0)  # nothing has been damaged yet by what was sent before
    world.corrupt(0.0)
    world.processes["a"].env.send("b", note(8, ""))
    with pytest.raises(KeyError, match="8"):
        world.run(until=1.0)
    assert times(world, "crash") == []


def test_churn_leaves_out_names_that_are_taken(recorder):
    world = World(seed=1, newcomer=lambda name: recorder())
    for name in ("newcomer-1", "newcomer-3"):
        world.add(name, recorder())
    world.churn(joins_per_s=2.0, seconds=5.0)
    world.run(until=10.0)
    joined = [event.node for event in world.trace.filter(kind="join")]
    assert joined[:3] == ["newcomer-2", "newcomer-4", "newcomer-5"]
    assert len(set(world.names)) == 2 + len(joined)


def test_a_wall_clock_is_ahead_and_drifts_from_the_moment_that_it_was_set(made):
    world = made("ab")
    a, b = (world.processes[name].env for name in "ab")
    world.run(until=5.0)
    assert a.clock() == a.now == 5.0
    world.clock("a", offset_s=10.0, drift_ppm=200.0)
    assert a.clock() == 15.0
    world.run(until=1005.0)
    assert a.clock() == pytest.approx(1015.2) and b.clock() == b.now == a.now == 1005.0
    world.restart("a")
    assert world.processes["a"].env.clock() == pytest.approx(1015.2)
    world.clock("a", offset_s=-2000.0)
    assert a.clock() == 0.0  # no clock shows less than the beginning
    world.clock("a")
    assert a.clock() == 1005.0
    assert times(world, "clock", "a") == [5.0, 1005.0, 1005.0]


def test_a_wall_clock_changes_no_timer_and_no_latency(note):
    world = clerks()
    world.clock("a", offset_s=100.0, drift_ppm=1e5)
    world.processes["a"].env.send("b", note(1, ""))
    world.run(until=3.5)
    assert times(world, "tick", "a") == [1.0, 2.0, 3.0]
    assert times(world, "got", "b") == [0.1]


def test_churn_is_two_poisson_processes(recorder):
    world = World(seed=4, newcomer=lambda name: recorder())
    for i in range(1000):
        world.add(f"member-{i}", recorder())
    world.run(until=10.0)
    world.churn(leaves_per_s=3.0, joins_per_s=2.0, seconds=200.0)
    world.run(until=400.0)
    for kind, rate in (("leave", 3.0), ("join", 2.0)):
        found = times(world, kind)
        n = rate * 200
        assert abs(len(found) - n) < 4.5 * sqrt(n)
        assert found[0] > 10.0 and found[-1] <= 210.0
        gaps = [b - a for a, b in pairwise(found)]
        # exponential: mean and deviation are both 1 / rate, and a share of 1/e is longer than the mean
        assert abs(fmean(gaps) * rate - 1) < 4.5 / sqrt(n)
        assert abs(fmean(gap > 1 / rate for gap in gaps) - 0.3679) < 4.5 * 0.4822 / sqrt(n)
    joined, left = len(times(world, "join")), len(times(world, "leave"))
    assert [event.node for event in world.trace.filter(kind="join")] == [
        f"newcomer-{i + 1}" for i in range(joined)
    ]
    assert len(world.names) == 1000 + joined
    assert len(world.up) == 1000 + joined - left
    leavers = [event.node for event in world.trace.filter(kind="leave")]
    assert len(set(leavers)) == left


def test_churn_takes_any_member_alike_and_stops_when_all_are_gone(recorder):
    first = []
    for seed in range(400):
        world = World(seed=seed, trace=True)
        for name in "abcd":
            world.add(name, recorder())
        world.churn(leaves_per_s=5.0, seconds=100.0)
        world.run(until=100.0)
        assert world.up == ()
        first.append(world.trace.filter(kind="leave")[0].node)
    assert all(abs(first.count(name) - 100) < 4.5 * sqrt(400 * 0.25 * 0.75) for name in "abcd")


BAD = [
    (lambda w: w.crash("z"), "'z' is not a node of this world: it has 'a', 'b', 'c'"),
    (lambda w: w.crash(["a"]), r"name is \['a'\]: it must be the name of a node"),
    (lambda w: w.restart("c"), "'c' cannot restart: add it with rebuild="),
    (lambda w: w.restart("z"), "'z' is not a node"),
    (lambda w: w.pause("z", 1.0), "'z' is not a node"),
    (lambda w: w.pause("a", -1.0), "seconds is -1.0: it must be a number, at least 0"),
    (lambda w: w.pause("a", float("inf")), "seconds is inf"),
    (lambda w: w.pause("a", 1.0, timers="stop"), "timers is 'stop': it must be one of 'wait', 'run'"),
    (lambda w: w.partition(), "there must be at least one group"),
    (lambda w: w.partition([]), "a name in each"),
    (lambda w: w.partition("a", "b"), "each group must be a list of names"),
    (lambda w: w.partition(5), "each group must be a list of names"),
    (lambda w: w.partition(["a", 5]), "name in groups is 5"),
    (lambda w: w.partition(["a"], ["a", "b"]), "'a' is named twice"),
    (lambda w: w.partition(["a", "z"]), "'z' is not a node"),
    (lambda w: w.partition(["a", "b", "c"]), "the only group holds every node"),
    (lambda w: w.cut("a", "z"), "'z' is not a node"),
    (lambda w: w.cut("a", "a"), "a and b are both 'a': a link has two ends"),
    (lambda w: w.cut("a", 5), "b is 5: it must be the name of a node"),
    (lambda w: w.cut("a", "b", both=1), "both is 1: it must be True or False"),
    (lambda w: w.cut("a", "b", streams="no"), "streams is 'no': it must be True or False"),
    (lambda w: w.mend("a", "a"), "a and b are both 'a'"),
    (lambda w: w.mend("z", "a"), "'z' is not a node"),
    (lambda w: w.set_loss(1.5), "loss is 1.5: it must be a number, between 0 and 1"),
    (lambda w: w.set_loss(0.5, src="z"), "'z' is not a node"),
    (lambda w: w.set_loss(0.5, dst=7), "dst is 7: it must be the name of a node"),
    (lambda w: w.corrupt("often"), "corrupt is 'often': it must be a number, between 0 and 1"),
    (lambda w: w.clock("z", 1.0), "'z' is not a node"),
    (lambda w: w.clock("a", offset_s=None), "offset_s is None: it must be a number, between"),
    (
        lambda w: w.clock("a", drift_ppm=2e5),
        "drift_ppm is 200000.0: it must be a number, between -100000 and 100000",
    ),
    (lambda w: w.churn(leaves_per_s=-1), "leaves_per_s is -1"),
    (lambda w: w.churn(joins_per_s=1.0), "this world has no newcomers"),
    (lambda w: w.churn(1.0, seconds=None), "seconds is None"),
    (lambda w: w.run(until=0.4), "until is 0.4: it must be a number, at least 0.5"),
    (lambda w: w.run(until=float("nan")), "until is nan"),
    (lambda w: w.add("a", Clerk()), "there is a node 'a' already"),
    (lambda w: w.add("d", object()), r"it must have start\(env\) and receive"),
    (lambda w: w.add(4, Clerk()), "name is 4: it must be the name of a node"),
    (
        lambda w: w.processes["a"].env.after(-1, print),
        "delay is -1: it must be a number of seconds, at least 0",
    ),
    (lambda w: w.processes["a"].env.record("x", time=3), "time, node and kind are every event's own"),
    (lambda w: w.processes["a"].env.count("x", -1), "counter 'x' was given -1: a counter only grows"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_what_makes_no_sense_is_refused_and_changes_nothing(note, call, words):
    def run(between):
        world = clerks("ab")
        world.add("c", Clerk())
        world.run(until=0.5)
        between(world)
        world.processes["a"].env.send("b", note(1, ""))
        world.run(until=5.0)
        return world.trace.to_jsonl(), world.names, world.up, world.metrics.names

    def refused(world):
        with pytest.raises(ValueError, match=words):
            call(world)

    assert run(refused) == run(lambda world: None)


@pytest.mark.parametrize("seed", ["7", 1.5, None, True])
def test_a_seed_is_an_integer(seed):
    with pytest.raises(ValueError, match="it must be an integer"):
        World(seed=seed)


def test_a_loss_towards_one_node_and_damage_begin_while_the_world_runs_and_end_again():
    class Silent:
        def start(self, env):
            self.env = env

        def receive(self, env, sender, received):
            pass

    @message
    class Number:
        value: int

    def kinds():
        before = len(world.trace)
        for name in "bc":
            world.processes["a"].env.send(name, Number(1))
        world.run(until=world.now + 1.0)
        return [event.kind for event in list(world.trace)[before:]]

    world = World(seed=1)
    for name in "abc":
        world.add(name, Silent())
    world.run(until=0.0)
    world.set_loss(1.0, dst="b")
    assert kinds() == ["send", "lost", "send", "receive"]
    world.set_loss(0.0)
    assert kinds() == ["send", "send", "receive", "receive"]
    world.corrupt(1.0)
    assert kinds().count("corrupt") == 2
    world.corrupt(0.0)
    assert kinds() == ["send", "send", "receive", "receive"]


def test_a_stream_is_refused_at_once_by_a_node_that_is_down_and_met_with_silence_behind_a_partition(
    made, note
):
    world = made()
    told = []
    env = world.processes["a"].env

    def send(number):
        ways = {
            word: lambda to, message, word=word: told.append((env.now, word, message.number))
            for word in ("failed", "refused", "acknowledged")
        }
        env.send_reliably("b", note(number, ""), timeout_s=0.5, **ways)

    send(1)
    world.run(until=1.0)
    world.partition(["a"], ["b"])
    send(2)
    world.run(until=2.0)
    world.heal()
    world.pause("b", 5.0)
    send(3)
    world.run(until=3.0)
    assert world.processes["b"].numbers() == [1]  # the machine took the third; the process stands still
    world.crash("b")
    send(4)
    world.run(until=4.0)
    assert [(round(at, 9), *rest) for at, *rest in told] == [
        (0.1, "acknowledged", 1),
        (1.5, "failed", 2),
        (2.1, "acknowledged", 3),
        (3.0, "refused", 3),
        (3.1, "refused", 4),
    ]


def test_a_process_may_ask_what_share_of_datagrams_is_lost(made):
    world = made(loss=0.25)
    env = world.processes["a"].env
    world.set_loss(0.5, dst="b")
    assert (env.loss("b"), env.loss("c")) == (0.5, 0.25)
