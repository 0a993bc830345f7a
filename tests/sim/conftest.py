"""What the tests of the simulated world share: processes that do as they are told, and remember."""

import pytest

from gossipkit.sim import Constant, Network, World, message


@message
class Note:
    number: int
    text: str


class Recorder:
    """Keeps its env and what it received, with times; acts only when a test makes it."""

    def __init__(self):
        self.received = []

    def start(self, env):
        self.env = env

    def receive(self, env, sender, received):
        self.received.append((env.now, sender, received))

    def numbers(self):
        return [note.number for _, _, note in self.received]


@pytest.fixture
def note():
    return Note


@pytest.fixture
def recorder():
    return Recorder


@pytest.fixture
def made():
    """Makes a started world of recorders, with 0.1 s of latency unless told otherwise."""

    def make(names="ab", seed=1, latency=None, trace=True, **network):
        world = World(seed=seed, trace=trace, network=Network(latency=latency or Constant(0.1), **network))
        for name in names:
            world.add(name, Recorder(), rebuild=lambda saved: Recorder())
        world.run(until=0.0)
        return world

    return make
