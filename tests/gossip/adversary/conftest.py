"""Settled clusters of eight, in which the last one can lie."""

import pytest

from gossipkit.gossip.adversary import Guarded, Liar
from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World

NAMES = tuple(f"m-{number}" for number in range(1, 9))


@pytest.fixture
def names():
    return NAMES


@pytest.fixture
def cluster():
    """A function that makes a world: the lies of the last member, the defences of all, their settings, a seed."""

    def make(*lies, defences=(), config=None, seed=1, **world):
        made = World(seed=seed, **world)
        for name in NAMES:
            inner = Liar(SwimNode(config, members=NAMES), lies if name == NAMES[-1] else ())
            made.add(
                name,
                Guarded(inner, defences),
                rebuild=lambda _: Guarded(Liar(SwimNode(config, seeds=NAMES[2:5])), defences),
            )
        return made

    return make
