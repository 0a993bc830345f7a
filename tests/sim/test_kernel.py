"""What is due happens in the order of time, and at one instant in the order in which it was asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import World
from gossipkit.sim.kernel import LANES, REMEMBERED

# few delays, so that lanes fill, empty and fill again; and others that come once
DELAYS = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0, 1]), st.floats(0.0, 2.0))


class Setter:
    """Sets the timers of a plan, one group an instant, and cancels some; notes what is to go off, and what goes off."""

    def __init__(self, plan):
        self.plan, self.fired, self.expected, self.timers = iter(plan), [], {}, []

    def start(self, env):
        self.env = env
        self.go_on()

    def go_on(self):
        env, (step, delays, cancelled) = self.env, next(self.plan, (None, (), ()))
        for delay in delays:
            number = len(self.timers)
            self.expected[number] = env.now + delay
            self.timers.append(env.after(delay, self.fire, number))
        for number in {at % len(self.timers) for at in cancelled if self.timers}:
            self.timers[number].cancel()
            if (self.expected[number], number) not in self.fired:
                self.timers[number] = env.after(99.0, self.fire, number)
                self.expected[number] = env.now + 99.0
        if step is not None:
            env.after(step, self.go_on)

    def fire(self, number):
        self.fired.append((self.env.now, number))

    def receive(self, env, sender, received):
        raise AssertionError("nobody sends here")


PLANS = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.25, 0.7]),
        st.lists(DELAYS, max_size=4),
        st.lists(st.integers(0, 50), max_size=3),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(PLANS)
def test_timers_go_off_in_order_of_time_then_of_setting_and_the_cancelled_never(plan):
    world, setter = World(), Setter(plan)
    world.add("a", setter)
    world.run(until=200.0)
    assert setter.fired == sorted(setter.fired, key=lambda one: one[0])
    assert sorted(setter.fired) == sorted((due, number) for number, due in setter.expected.items())
    short = [
        (time, number) for time, number in setter.fired if time < 99.0
    ]  # in the order in which they were set
    assert short == sorted(short)


def test_what_the_world_is_asked_for_at_one_instant_happens_in_that_order():
    world, happened = World(), []
    for number in range(5):
        world.at(1.0, happened.append, number)
    world.run(until=1.0)
    assert happened == [0, 1, 2, 3, 4]


def test_many_different_delays_are_all_kept_and_only_some_have_lanes():
    world, setter = World(), Setter([])
    world.add("a", setter)
    world.run(until=0.0)
    delays = [1.0 + number / 7 for number in range(2 * REMEMBERED)]
    for delay in delays:  # each comes once
        setter.env.after(delay, setter.fired.append, delay)
    assert not world._lanes
    for _ in range(2):
        for delay in delays[: 2 * LANES]:
            setter.env.after(delay, setter.fired.append, delay)
    assert len(world._lanes) == LANES
    world.run(until=1000.0)
    assert setter.fired == sorted([*delays, *delays[: 2 * LANES] * 2])


def test_a_crash_takes_the_timers_of_one_process_out_of_a_lane_that_others_share():
    world, setters = World(), [Setter([(0.1, [1.0, 1.0, 1.0], ())]) for _ in range(3)]
    for name, setter in zip("abc", setters, strict=True):
        world.add(name, setter)
    world.run(until=0.5)
    world.crash("b")
    world.run(until=5.0)
    assert [len(setter.fired) for setter in setters] == [3, 0, 3]


def test_time_passes_by_itself_inside_a_handler(made):
    world = made()
    world.processes["a"].env.after(1.0, world.run, 5.0)
    with pytest.raises(RuntimeError, match="run was called while the world runs"):
        world.run(until=2.0)
