"""Who is read and who is written, by what one node has heard."""

import pytest

from gossipkit.gossip.scuttlebutt import EndpointState, HeartBeatState, Status, VersionedValue
from gossipkit.systems.cassandra.ownership import GossipOwnership, written

TOKENS = {"a": 100, "b": 200, "c": 300, "d": 250}


def state(name, status):
    told = {"TOKENS": written((TOKENS[name],)), "DC": "dc1", "RACK": "r1", "STATUS": status}
    return EndpointState(
        HeartBeatState(1, 9), {key: VersionedValue(value, at) for at, (key, value) in enumerate(told.items())}
    )


@pytest.fixture
def ring():
    """Three owners, of which two keep each key; token 210 is kept by c and a."""
    made = GossipOwnership({}, {"dc1": 2})
    for name in "abc":
        assert made.heard(name, state(name, Status.NORMAL))
    assert (made.readers(210), made.writers(210)) == (("c", "a"), ("c", "a"))
    return made


def test_who_joins_is_written_to_and_read_only_when_it_owns(ring):
    ring.heard("d", state("d", Status.BOOT))
    assert (ring.readers(210), set(ring.writers(210))) == (("c", "a"), {"c", "a", "d"})
    assert ring.receives("d") and not ring.receives("a")
    ring.heard("d", state("d", Status.NORMAL))
    assert (ring.readers(210), ring.writers(210)) == (("d", "c"), ("d", "c"))


def test_who_leaves_is_read_and_those_who_follow_are_written_to(ring):
    ring.heard("c", state("c", Status.LEAVING))
    assert (ring.readers(210), set(ring.writers(210))) == (("c", "a"), {"c", "a", "b"})
    ring.heard("c", state("c", Status.LEFT))
    assert (ring.readers(210), ring.writers(210)) == (("a", "b"), ("a", "b"))
    assert ring.place("c").rack == "r1", "it may still answer"


def test_old_news_of_a_join_does_not_take_an_owner_out(ring):
    assert not ring.heard("c", state("c", Status.BOOT))
    assert (ring.owners, ring.pending) == (("a", "b", "c"), {})


def test_who_has_said_nothing_new_changes_nothing(ring):
    assert not ring.heard("c", state("c", Status.NORMAL))
    assert not ring.heard("d", state("d", Status.NONE))
    assert "d" not in ring.owners
