"""Clusters that have settled: everybody knows everybody."""

import pytest

from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World


@pytest.fixture
def cluster():
    """A function that makes a world of members; further arguments go to `World`."""

    def make(n, config=None, seed=1, **world):
        made = World(seed=seed, **world)
        names = tuple(f"n{number:03}" for number in range(n))
        for name in names:
            made.add(
                name, SwimNode(config, members=names), rebuild=lambda _: SwimNode(config, seeds=names[:2])
            )
        return made

    return make
