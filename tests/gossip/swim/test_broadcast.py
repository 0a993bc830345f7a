"""The queue of news: memberlist's queue_test.go, and what no packet may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.swim import Alive, BroadcastQueue, Dead, Suspect, UserEvent, retransmit_limit

MEMBERS = 10


def about(*names, size=0):
    return [Alive(1, name, "x" * size) for name in names]


def filled(messages, mult=3):
    queue = BroadcastQueue(mult)
    for message in messages:
        queue.push(message.node, message)
    return queue


def test_the_longest_first_and_of_equals_the_newest():
    short, long, other = Alive(1, "a"), Alive(1, "b", "metadata"), Alive(1, "c")
    assert filled([short, long, other]).take(1400, MEMBERS) == [long, other, short]


def test_what_was_sent_less_often_goes_first():
    queue = filled(about("a", "b", size=40))
    queue.take(1400, MEMBERS)
    queue.push("c", Alive(1, "c"))
    assert [m.node for m in queue.take(1400, MEMBERS)] == ["c", "b", "a"]


def test_news_about_a_name_replaces_what_waits_and_starts_afresh():
    queue = filled([Suspect(1, "a", "x")], mult=1)
    queue.take(1400, MEMBERS)
    queue.push("a", Alive(2, "a"))
    assert len(queue) == 1
    limit = retransmit_limit(1, MEMBERS)
    assert [queue.take(1400, MEMBERS) for _ in range(limit + 1)] == [[Alive(2, "a")]] * limit + [[]]


def test_messages_without_a_name_replace_nothing():
    queue = BroadcastQueue(3)
    for ltime in (1, 2):
        queue.push(None, UserEvent(ltime, "deploy"))
    assert len(queue) == 2


def test_a_message_too_long_for_the_room_is_passed_over_for_one_that_fits():
    long, short = Alive(1, "a", "x" * 100), Alive(1, "b")
    queue = filled([long, short])
    assert queue.take(short.size_bytes + 2, MEMBERS) == [short]
    assert queue.take(short.size_bytes + 1, MEMBERS) == []
    assert queue.take(long.size_bytes + 2, MEMBERS) == [long]


@pytest.mark.parametrize("mult, members", [(1, 10), (4, 30), (4, 128)])
def test_a_message_is_sent_as_often_as_the_limit_says(mult, members):
    queue = filled(about("a"), mult)
    sent = 0
    while queue:
        sent += len(queue.take(1400, members))
    assert sent == retransmit_limit(mult, members)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=40),
    st.lists(st.integers(0, 1400), max_size=30),
)
def test_no_packet_overflows_and_no_message_is_sent_too_often(pushed, rooms):
    messages = [Alive(1, f"n{name}", "x" * size) for name, size in pushed]
    queue = filled(messages)
    sent = []
    for room in rooms:
        packet = queue.take(room, MEMBERS)
        assert sum(2 + message.size_bytes for message in packet) <= room
        assert len({message.node for message in packet}) == len(packet)
        sent += packet
    for message in set(sent):
        assert sent.count(message) <= retransmit_limit(3, MEMBERS)
    # greedy: what was left over did not fit, or somebody else's copy was ahead of it
    assert {message.node for message in sent} | {item[3] for item in queue.items} == {
        m.node for m in messages
    }


def test_what_was_sent_less_often_goes_first_also_where_it_did_not_fit_before():
    queue = BroadcastQueue(4)
    long, short = Dead(1, "a-name-that-is-long", "a"), Dead(1, "b", "a")
    queue.push("b", short)
    queue.push("a-name-that-is-long", long)
    room = long.size_bytes + 2
    assert [queue.take(room, members=10) for _ in range(3)] == [[long], [short], [long]]


def test_the_limit_follows_the_number_of_members():
    queue = BroadcastQueue(4)
    queue.push("b", Dead(1, "b", "a"))
    sent = len(queue.take(1400, members=1))
    while queue.items:
        sent += len(queue.take(1400, members=100))
    assert sent == retransmit_limit(4, 100) > retransmit_limit(4, 1)
