"""What a test's trials came to is told to the process that runs the next one, with every digit and type."""

import io
import random
import threading
from dataclasses import replace

import pytest

from gossipkit.gossip.swim import SwimConfig
from gossipkit.grading import memory
from gossipkit.grading.sandbox import Confined, Limits
from gossipkit.sim.remembered import TRIALS, remembered
from gossipkit.systems.cassandra.experiments import weather
from gossipkit.systems.consul.experiments import lossy_wan
from gossipkit.systems.dynamo.experiments import session_store
from gossipkit.systems.transfer import constraints

PLACE = constraints.Constraints(
    members=4,
    loss=0.1,
    round_trip_s=0.1,
    stall_s=1.0,
    stalls_per_minute=0.1,
    detect_s=9.0,
    coverage=0.9,
    bytes_per_s=900.0,
)
# the trials of exercises, and with what arguments
RUN = {
    "lossy_wan": (lossy_wan, (replace(SwimConfig.lan(), disable_tcp_pings=True), 90_001)),
    "weather": (weather, ("ONE", "ONE", 10.5, None, 90_001)),
    "busy": (session_store.busy, (3, 2, 2, True, 90_001)),
    "outage": (session_store.outage, (3, 2, 2, False, 10.0, 90_001)),
    "try_out": (constraints.try_out, (PLACE, {"suspicion_mult": 2}, 90_001)),
}


def told(before):
    """What is told since then, as another process reads it."""
    stream = io.BytesIO()
    memory.tell(stream, before)
    stream.seek(0)
    return stream


def forget(before):
    """What came to be known since then, taken away."""
    found = {}
    for name, known in TRIALS.items():
        for arguments in list(known)[before.get(name, 0) :]:
            found[name, arguments] = known.pop(arguments)
    return found


@pytest.mark.parametrize("name", RUN)
def test_the_trials_of_exercises_are_told_and_not_run_again(name, monkeypatch):
    trial, arguments = RUN[name]
    before = memory.counted()
    outcome = trial(*arguments)
    stream = told(before)
    (kept,) = forget(before).items()
    memory.learn(stream)
    monkeypatch.setattr("gossipkit.sim.world.World.run", None)  # whoever runs it again fails
    assert trial(*arguments) == outcome
    (again,) = forget(before).items()
    assert again == kept
    assert type(again[1]) is type(kept[1])
    assert repr(again[1]) == repr(kept[1])


@pytest.fixture
def trial():
    made = random.Random(1)

    @remembered
    def run(given):
        return made.random() if given != "a function" else print

    yield run
    TRIALS.pop(f"{run.__module__}:{run.__qualname__}", None)


def test_only_what_is_new_and_plain_is_told(trial):
    trial(1)
    before = memory.counted()
    trial(2)
    trial("a function")
    trial(print)
    stream, known = told(before), TRIALS[f"{__name__}:trial.<locals>.run"]
    assert len(known) == 4
    known.clear()
    memory.learn(stream)
    assert list(known) == [((2,), (), ("int",))]


def test_a_trial_that_is_not_known_here_is_passed_over(trial):
    before = memory.counted()
    trial(1)
    trial(2)
    stream = told(before)
    del TRIALS[f"{__name__}:trial.<locals>.run"]
    memory.learn(stream)
    assert memory.counted() == {name: count for name, count in before.items() if "<locals>" not in name}


@pytest.fixture
def done():
    """From a test's source to what the judging process says of it; the same process for all."""
    with Confined("gossipkit.grading.checker", Limits(), False, threading.Event()) as process:
        yield lambda source: process.ask({"setup": [], "test": ["test", source], "values": {}})["done"]


def test_the_judging_process_keeps_them_from_test_to_test(done):
    name = f"{session_store.busy.__module__}:busy"
    run = f"from {session_store.busy.__module__} import busy\nbusy(3, 2, 2, True, 1)\n"
    counted = (
        f"from {session_store.busy.__module__} import busy\nfrom gossipkit.sim.remembered import TRIALS\n"
    )
    counted += f"assert len(TRIALS[{name!r}]) == "
    assert done(f"{counted}0") == {"answers": {}}
    assert done(f"{run}assert False")["raised"]["name"] == "AssertionError"
    assert done(f"{counted}1") == {"answers": {}}
    assert done(f"{run}{counted}1") == {"answers": {}}


def test_nothing_else_of_a_test_is_kept(done):
    for _ in range(2):
        assert done("import math\nassert not hasattr(math, 'mine')\nmath.mine = 1") == {"answers": {}}
