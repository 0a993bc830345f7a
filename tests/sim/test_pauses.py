"""What waits in a pause, what goes on, and what becomes of it all at the end."""

import pytest

from gossipkit.sim import Constant, Network, World


class Clock:
    """Ticks every second."""

    def start(self, env):
        self.env = env
        env.after(1.0, self.tick)

    def tick(self):
        self.env.record("tick")
        self.env.after(1.0, self.tick)

    def receive(self, env, sender, received):
        env.record("got", number=received.number)


def clocks():
    world = World(network=Network(latency=Constant(0.1)))
    for name in "ab":
        world.add(name, Clock(), rebuild=lambda saved: Clock())
    world.run(until=0.0)
    return world


def times(world, kind, node=None):
    return [event.time for event in world.trace.filter(kind=kind, node=node)]


@pytest.mark.parametrize(("timers", "ticks"), [("wait", [1.0, 3.5, 4.5]), ("run", [1.0, 2.0, 3.0, 4.0])])
def test_timers_in_a_pause(note, timers, ticks):
    world = clocks()
    world.run(until=1.5)
    world.pause("a", 2.0, timers=timers)
    for number in range(2):
        world.processes["b"].env.send("a", note(number, ""))
    world.run(until=4.9)
    assert times(world, "tick", "a") == ticks
    assert times(world, "got", "a") == [3.5, 3.5]
    assert [event.fields["number"] for event in world.trace.filter(kind="got")] == [0, 1]
    assert times(world, "tick", "b") == [1.0, 2.0, 3.0, 4.0]


def test_what_waited_is_handled_in_the_order_in_which_it_was_due(made, note):
    world = made()
    a, b = world.processes["a"], world.processes["b"].env
    world.pause("a", 5.0)
    b.send("a", note(1, ""))
    a.env.after(0.2, a.receive, a.env, "timer", note(2, ""))
    world.run(until=0.3)
    b.send("a", note(3, ""))
    world.run(until=6.0)
    assert [(time, received.number) for time, _, received in a.received] == [(5.0, 1), (5.0, 2), (5.0, 3)]


def test_an_answer_that_waited_cancels_the_timeout_that_waited_behind_it(made, note):
    for answer_first in (True, False):
        world = made()
        a, b = world.processes["a"], world.processes["b"].env
        missed = []
        timeout = a.env.after(0.2 if answer_first else 0.05, missed.append, "timeout")
        a.receive = lambda env, sender, received, timeout=timeout: timeout.cancel()
        b.send("a", note(1, ""))
        world.pause("a", 5.0)
        world.run(until=6.0)
        assert missed == ([] if answer_first else ["timeout"])


def test_what_is_sent_during_a_pause_leaves_at_its_end_before_what_waited_is_handled(made, note):
    world = made()
    a, b = world.processes["a"].env, world.processes["b"].env
    world.processes["a"].receive = lambda env, sender, received: env.send("b", note(9, "answer"))
    world.pause("a", 2.0, timers="run")
    b.send("a", note(0, ""))
    a.after(0.5, a.send, "b", note(1, ""))
    a.after(0.6, a.send_reliably, "b", note(2, ""))
    world.run(until=5.0)
    assert [(time, got.number) for time, _, got in world.processes["b"].received] == [
        (2.1, 1),
        (2.1, 2),
        (2.1, 9),
    ]
    wake = world.trace.filter(kind="wake")[0]
    assert (wake.time, wake.fields) == (2.0, {"waiting": 1, "leaving": 2})


@pytest.mark.parametrize(("second", "end"), [(1.0, 3.0), (4.0, 5.0)])
def test_a_pause_in_a_pause_can_only_prolong_it(second, end):
    world = clocks()
    world.pause("a", 3.0)
    world.run(until=1.0)
    world.pause("a", second)
    world.run(until=10.0)
    assert times(world, "wake") == [end]


def test_a_pause_does_not_outlive_a_restart():
    world = clocks()
    world.pause("a", 3.0)
    world.restart("a")
    world.run(until=2.5)
    assert times(world, "tick", "a") == [1.0, 2.0]
    world.pause("a", 2.0)  # the first pause's end, at 3.0, must not end this one
    world.run(until=5.0)
    assert times(world, "wake") == [4.5]


def test_a_crash_in_a_pause_loses_what_waited_and_what_was_to_leave(made, note):
    world = made()
    a, b = world.processes["a"].env, world.processes["b"].env
    world.pause("a", 3.0, timers="run")
    b.send("a", note(1, ""))
    b.send_reliably("a", note(2, ""))
    a.send("b", note(3, ""))
    a.send_reliably("b", note(4, ""))
    world.run(until=1.0)
    world.crash("a")
    world.run(until=5.0)
    assert [
        (event.time, event.node, event.fields["reason"]) for event in world.trace.filter(kind="lost")
    ] == [
        (1.0, "b", "down"),
        (1.0, "a", "down"),
    ]
    assert [event.node for event in world.trace.filter(kind="stream-failed")] == ["b", "a"]
    assert times(world, "receive") == times(world, "stream-receive") == times(world, "wake") == []


@pytest.mark.parametrize("blow", ["crash", "pause"])
def test_a_blow_while_waking_stops_the_rest_of_what_waited(made, note, blow):
    world = made()
    a, b = world.processes["a"], world.processes["b"].env
    handled = []

    def receive(env, sender, received):
        handled.append(env.now)
        if len(handled) == 1:
            world.crash("a") if blow == "crash" else world.pause("a", 2.0)

    a.receive = receive
    world.pause("a", 1.0)
    b.send("a", note(1, ""))
    a.env.after(0.5, receive, a.env, "timer", None)
    world.run(until=5.0)
    assert handled == ([1.0] if blow == "crash" else [1.0, 3.0])


def test_a_message_from_across_a_partition_does_not_wait_at_a_paused_receiver(made, note):
    world = made()
    failures = []
    env = world.processes["a"].env
    env.send("b", note(1, ""))
    env.send_reliably("b", note(2, ""), lambda *gone: failures.append(env.now), timeout_s=1.0)
    world.pause("b", 5.0)
    world.partition(["a"], ["b"])
    world.run(until=2.0)
    world.heal()
    world.run(until=6.0)
    assert world.processes["b"].received == []
    assert failures == [1.0]


def test_what_waits_for_sending_is_called_when_a_pause_ends_or_never_after_a_crash():
    def blocked(crash):
        world = World(seed=1)
        for name in "ab":
            world.add(name, Silent())
        world.run(until=1)
        env, called = world.processes["a"].env, []
        env.when_sent(lambda: called.append(world.now))
        world.pause("a", seconds=2, timers="run")
        env.when_sent(lambda: called.append(world.now))
        if crash:
            world.crash("a")
        world.run(until=5)
        return called

    assert blocked(crash=False) == [1.0, 3.0]
    assert blocked(crash=True) == [1.0]


class Silent:
    def start(self, env):
        self.env = env

    def receive(self, env, sender, received):
        pass


def test_what_arrives_at_a_paused_node_and_what_it_wants_to_send_is_held_and_says_so(made, note):
    world = made()
    a, b = (world.processes[name].env for name in "ab")
    world.pause("a", 2.0, timers="run")
    b.send("a", note(1, ""))
    b.send_reliably("a", note(2, ""))
    a.send("b", note(3, ""))
    a.send_reliably("b", note(4, ""))
    world.run(until=3.0)
    held = [(event.time, event.node, event.fields) for event in world.trace.filter(kind="held")]
    assert held == [
        (0.0, "a", {"to": "b", "number": 1, "stream": False}),
        (0.0, "a", {"to": "b", "number": 1, "stream": True}),
        (0.1, "a", {"sender": "b", "number": 1, "stream": False}),
        (0.1, "a", {"sender": "b", "number": 1, "stream": True}),
    ]
    assert times(world, "receive", "a") == times(world, "stream-receive", "a") == [2.0]
    assert times(world, "receive", "b") == times(world, "stream-receive", "b") == [2.1]


def test_what_a_partition_keeps_from_arriving_is_not_held(made, note):
    world = made()
    world.pause("a", 2.0)
    world.processes["b"].env.send("a", note(1, ""))
    world.processes["b"].env.send_reliably("a", note(1, ""))
    world.partition(["a"])
    world.run(until=3.0)
    assert times(world, "held") == []
    assert [event.kind for event in world.trace.filter(kind=["lost", "stream-failed"])] == [
        "lost",
        "stream-failed",
    ]


def test_of_two_pauses_the_last_one_says_whether_timers_run():
    world = clocks()
    world.run(until=1.5)
    world.pause("a", 3.0, timers="run")
    world.run(until=2.5)
    world.pause("a", 1.0, timers="wait")
    world.run(until=4.9)
    assert times(world, "tick", "a") == [1.0, 2.0, 4.5]
