"""Clusters that have settled, and clusters that start."""

import pytest

from gossipkit.gossip.scuttlebutt import Gossiper
from gossipkit.sim import World


def gossipers(n):
    """Names of n nodes."""
    return tuple(f"n{number:02}" for number in range(n))


@pytest.fixture
def cluster():
    """A function that makes a world of gossipers that know each other; further arguments go to `World`."""

    def make(n, config=None, seed=1, settled=True, seeds=2, **world):
        made, names = World(seed=seed, **world), gossipers(n)
        members = names if settled else ()
        for name in names:
            made.add(
                name,
                Gossiper(names[:seeds], config, members=members),
                rebuild=lambda last: Gossiper(names[:seeds], config, last_generation=last),
            )
        return made

    return make
