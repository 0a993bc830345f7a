"""Copies under a key: whatever the kind, two replicas that tell each other all have the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.versions import VectorClock
from gossipkit.systems.dynamo.messages import Replicate, Update
from gossipkit.systems.dynamo.objects import Carried, Unjudged, content, empty, supersedes

KINDS = ("vector", "dotted", "lww")
NODES = "xyz"


@st.composite
def replicas(draw, kind):
    """Copies at three nodes, after puts with contexts read somewhere and a few synchronisations."""
    copies = {node: empty(kind, 10, True) for node in NODES}
    steps = st.tuples(st.booleans(), st.sampled_from(NODES), st.sampled_from(NODES))
    for now, (writes, node, other) in enumerate(draw(st.lists(steps, max_size=12)), 1):
        if writes:
            copies[node] = copies[node].put(f"v{now}", copies[other].context, node, float(now))
        else:
            copies[node] = copies[node].sync(copies[other])
    return list(copies.values())


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_telling_each_other_all_does_not_depend_on_order_grouping_or_repetition(kind, data):
    a, b, c = data.draw(replicas(kind))
    assert a.sync(a) == a
    assert a.sync(b) == b.sync(a)
    assert a.sync(b).sync(c) == a.sync(b.sync(c))
    assert a.sync(b).content == b.sync(a).content


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_superseding_is_a_strict_order(kind, data):
    a, b, c = data.draw(replicas(kind))
    assert not supersedes(a, a)
    assert not (supersedes(a, b) and supersedes(b, a))
    assert not (supersedes(a, b) and supersedes(b, c)) or supersedes(a, c)
    assert a.sync(b) in (a, b) or supersedes(a.sync(b), a)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_contents_are_equal_exactly_where_copies_are(kind, data):
    a, b, _ = data.draw(replicas(kind))
    assert (a == b) == (a.content == b.content)


@given(data=st.data())
def test_vnode_vectors_agree_by_pairs_and_know_who_has_seen_more(data):
    a, b, _ = data.draw(replicas("vnode"))
    assert a.sync(a) == a
    assert a.sync(b) == b.sync(a) and a.sync(b).content == b.sync(a).content
    assert (a == b) == (a.content == b.content)
    if a.context != b.context and a.context.descends(b.context):
        assert a.sync(b) == a
    else:
        assert {*a.values, *b.values} == {*a.sync(b).values} or b.context.descends(a.context)


def test_with_vnode_vectors_a_sibling_that_was_replaced_comes_back_by_the_order_of_news():
    at_x = empty("vnode", 10, True).put("a", VectorClock(), "x", 1.0)
    at_y = empty("vnode", 10, True).put("b", VectorClock(), "y", 1.0)
    new = at_x.put("c", at_x.context, "x", 2.0)  # replaces a
    assert at_x.sync(new).sync(at_y).values == ("b", "c")
    assert at_x.sync(at_y).sync(new).values == ("a", "b", "c")


@pytest.mark.parametrize("kind", ("vector", "dotted"))
@given(data=st.data())
def test_a_put_replaces_all_that_its_writer_had_read(kind, data):
    a, b, _ = data.draw(replicas(kind))
    after = a.sync(b).put("new", a.context, "x", 99.0)
    assert "new" in after.values
    assert not set(after.values) & (set(a.values) - set(b.values))


def test_unjudged_keeps_what_comes_last_and_so_never_agrees():
    a, b = (Unjudged().put(value, VectorClock(), "x", 1.0) for value in "ab")
    assert a.sync(b).values == ("b",) != b.sync(a).values
    assert a.sync(Unjudged()) == a


def test_a_message_is_as_long_as_what_it_carries():
    lengths = {}
    for kind in KINDS:
        copy = empty(kind, 10, True).put("four", VectorClock(), "x", 1.0)
        lengths[kind] = Replicate(1, Update("k", Carried(copy)), None).size_bytes
    # kind 1, number 8, no hint 1; the key 2 + 1; the value 2 + 4
    frame = 10 + 3
    assert lengths == {
        "lww": frame + 8 + 6,  # a timestamp
        "vector": frame + 6 + (2 + 3 + 8 + 8),  # a clock: its length, a name, a counter, a time
        "dotted": frame + 6 + (2 + 3 + 8 + 8) + (2 + 2 + 3 + 8),  # and the dots' lengths, name and counter
    }


@given(st.sets(st.text(max_size=3)))
def test_a_set_has_one_content_in_every_process(items):
    assert content(frozenset(items)) == content(tuple(sorted(items)))
