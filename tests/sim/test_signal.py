"""Waiting for something to happen: when the run ends, and that waiting changes nothing else."""

import pytest

from gossipkit.sim import Constant, Network, Scenario, Signal, World


class Ticker:
    """Ticks each second; triggers the signal at its third tick, and goes on in the same handler and at the same instant."""

    def __init__(self, done):
        self.done, self.ticks = done, 0

    def start(self, env):
        self.env = env
        env.after(1.0, self.tick)

    def tick(self):
        self.ticks += 1
        self.env.record("tick", number=self.ticks)
        self.env.after(0.0, self.env.record, "after tick")
        if self.ticks == 3:
            self.done.trigger()
            self.done.trigger()
            self.env.record("handler's end")
        self.env.after(1.0, self.tick)

    def receive(self, env, sender, received):
        raise AssertionError("nobody sends")


def ticking(done):
    world = World()
    world.add("a", Ticker(done))
    return world


def test_a_run_ends_at_the_instant_of_the_signal_before_the_rest_of_that_instant():
    done = Signal()
    world = ticking(done)
    world.run(until=done)
    assert world.now == 3.0 and done.triggered
    assert [event.kind for event in world.trace.filter(after=3.0)] == ["tick", "handler's end"]
    world.run(until=3.0)
    assert [event.kind for event in world.trace.filter(after=3.0)] == ["tick", "handler's end", "after tick"]


def test_waiting_leaves_the_trace_as_it_is_and_reads_the_metrics_once():
    waited, ran, done = ticking(done := Signal()), ticking(Signal()), done
    waited.metrics.interval_s = ran.metrics.interval_s = 0.4
    waited.run(until=done)
    waited.run(until=10.0)
    ran.run(until=10.0)
    assert waited.trace.to_jsonl() == ran.trace.to_jsonl()
    readings = waited.metrics.series("datagram.sent.messages", "a")[0]
    assert sorted({*ran.metrics.series("datagram.sent.messages", "a")[0], 3.0}) == readings


def test_a_signal_that_has_come_takes_no_time():
    done = Signal()
    world = ticking(done)
    done.trigger()
    world.run(until=done)
    assert world.now == 0.0 and len(world.trace) == 0


def test_a_run_gives_up_at_the_latest():
    done = Signal(latest_s=2.5)
    world = ticking(done)
    world.run(until=done)
    assert world.now == 2.5 and not done.triggered
    world.run(until=done)  # it is too late by now, and so no time passes
    assert world.now == 2.5
    world.run(until=6.0)  # the signal comes when nobody waits any more
    assert world.now == 6.0


def test_a_signal_that_never_comes_is_refused_where_nothing_is_left_to_happen(made):
    world = made()
    with pytest.raises(ValueError, match="a signal that never comes: nothing is left to happen"):
        world.run(until=Signal())


def test_an_exception_in_the_handler_that_triggers_leaves_no_stop_behind():
    done = Signal()

    class Failing(Ticker):
        def tick(self):
            self.done.trigger()
            raise KeyError("bug")

    world = World(network=Network(latency=Constant(0.1)))
    world.add("a", Failing(done))
    with pytest.raises(KeyError):
        world.run(until=done)
    world.run(until=5.0)
    assert world.now == 5.0


def test_a_fault_can_come_while_a_run_waits():
    done = Signal(latest_s=9.0)
    world = ticking(done)
    world.play(Scenario([(2.5, "crash", {"name": "a"})]))
    world.run(until=done)
    assert world.now == 9.0 and not done.triggered


@pytest.mark.parametrize("until", [None, "soon", True, -1.0])
def test_what_is_neither_a_time_nor_a_signal_is_refused(until):
    with pytest.raises(ValueError, match=f"until is {until!r}: it must be a number, at least 0"):
        World().run(until=until)
