"""Invariants: traces by hand that keep to a rule or break it, and at which event; that runs of the engine keep to all."""

import pytest

from gossipkit.gossip.swim import Alive, Compound, Dead, Ping, Suspect
from gossipkit.sim import Trace, World
from gossipkit.systems import Cassandra
from gossipkit.systems.checking import (
    GROUNDS,
    AcknowledgedOnQuorum,
    CopiesEqual,
    HintsReplayedOnce,
    OneLeaderATerm,
    RefutationsRaise,
    Retransmissions,
    TombstonesKept,
    ViewsEqual,
    watch,
)
from gossipkit.systems.operation import Status


def said(rows, *invariants) -> tuple[float, str] | None:
    """When and what was found in rows of (time, node, kind, fields)."""
    broken = watch(Trace(rows), invariants)
    return broken and (broken.at_s, broken.what)


def test_the_first_breach_is_found_at_its_event_and_named():
    rows = [
        (1.0, "a", "raft-elected", {"role": "leader", "term": 1}),
        (2.0, "b", "raft-elected", {"role": "leader", "term": 2}),
        (3.0, "c", "raft-elected", {"role": "leader", "term": 2}),
        (4.0, "d", "raft-elected", {"role": "leader", "term": 2}),
    ]
    broken = watch(Trace(rows), [HintsReplayedOnce(), OneLeaderATerm()])
    assert (broken.at_s, broken.node, broken.number) == (3.0, "c", 2)
    assert (broken.invariant, broken.what) == ("one leader a term", "b and c lead term 2")
    assert repr(broken) == "<Broken at 3.000 s: b and c lead term 2>"
    assert watch(Trace(rows[:2]), [OneLeaderATerm()]) is None


def test_a_server_may_lead_one_term_after_another():
    rows = [(at, "a", "raft-elected", {"role": "leader", "term": at}) for at in (1, 2, 3)]
    assert said(rows, OneLeaderATerm()) is None


def refute(at, node, incarnation):
    fields = {"about": node, "belief": "alive", "incarnation": incarnation, "by": "z"}
    return at, node, "refute", fields


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([refute(1.0, "a", 2), refute(2.0, "a", 3)], None),
        ([refute(1.0, "a", 1)], "a refutes in incarnation 1, and had 1"),
        ([refute(1.0, "a", 9), refute(2.0, "a", 0)], "a refutes in incarnation 0, and had 9"),  # it wrapped
        ([refute(1.0, "a", 5), refute(2.0, "b", 2)], None),
        ([refute(1.0, "a", 5), (2.0, "a", "beliefs", {"view": {}}), refute(3.0, "a", 2)], None),  # a new life
        ([(1.0, "b", "suspect", {"about": "a", "belief": "suspect", "incarnation": 7}), refute(2.0, "a", 3)], None),
    ],
)  # fmt: skip
def test_a_refutation_raises_its_members_own_incarnation(rows, wrong):
    found = said(rows, RefutationsRaise())
    assert (found and found[1]) == wrong


def send(at, to, message):
    return at, "a", "send", {"to": to, "number": 1, "message": message}


def queue(at, length):
    return at, "a", "queue", {"length": length}


START = (0.0, "a", "beliefs", {"view": {"alive": tuple("abcdefgh")}})
SUSPECTED = Suspect(1, "h", "a")


def test_news_is_sent_as_often_as_the_limit_says():
    # eight members: RetransmitMult times one
    often = [START, queue(1.0, 1), *(send(2.0 + at, "b", SUSPECTED) for at in range(4)), queue(5.0, 0)]
    later = (9.0, None, "heal", {})
    assert said([*often, later], Retransmissions(4)) is None
    assert said([*often, later], Retransmissions(5))[1].startswith("a has sent Suspect")
    at_s, wrong = said([*often[:-1], send(6.0, "c", SUSPECTED), later], Retransmissions(4))
    assert at_s == 6.0 and wrong == f"a sends {SUSPECTED!r} for the 5th time, and the limit is 4"
    assert said([*often, queue(6.0, 1), send(6.5, "c", SUSPECTED)], Retransmissions(4)) is None, (
        "it is told anew"
    )
    seldom = [START, queue(1.0, 1), send(2.0, "b", SUSPECTED), queue(5.0, 0)]
    assert said(seldom, Retransmissions(4)) is None, "what was taken is sent after the queue's row"
    assert said([*seldom, later], Retransmissions(4)) == (
        9.0,
        f"a has sent {SUSPECTED!r} 1 times and has nothing left to send, and the limit is 4",
    )


def test_newer_news_about_a_member_replaces_the_older_and_a_crash_all():
    dead = [send(3.0 + at, "b", Dead(1, "h", "a")) for at in range(4)]
    rows = [START, queue(1.0, 1), send(2.0, "b", SUSPECTED), *dead, queue(7.0, 0), (9.0, None, "heal", {})]
    assert said(rows, Retransmissions(4)) is None
    crashed = [
        START,
        queue(1.0, 1),
        send(2.0, "b", SUSPECTED),
        queue(3.0, 0),
        (3.0, "a", "crash", {}),
        (9.0, None, "heal", {}),
    ]
    assert said(crashed, Retransmissions(4)) is None


def test_what_a_ping_tells_the_suspect_comes_from_no_queue():
    ping = Compound((Ping(1, "h"), SUSPECTED))
    rows = [START, queue(1.0, 1), *(send(2.0 + at, "b", SUSPECTED) for at in range(4)), queue(5.0, 0)]
    assert said([*rows, *(send(6.0 + at, "h", ping) for at in range(3))], Retransmissions(4)) is None
    # but one of those that the queue sends may be to the suspect
    rows = [START, *(send(2.0 + at, "b" if at else "h", SUSPECTED) for at in range(4)), queue(5.0, 0)]
    assert said([*rows, (9.0, None, "heal", {})], Retransmissions(4)) is None


def test_what_rides_along_counts():
    rows = [START, *(send(2.0 + at, "b", Compound((Alive(2, "g"), SUSPECTED))) for at in range(5))]
    assert said(rows, Retransmissions(4))[0] == 2.0 + 4


def hint(at, what, number=0, about="b"):
    return at, "a", f"hint-{what}", {"about": about, "key": "k", "hint": number}


@pytest.mark.parametrize(
    ("rows", "at_s"),
    [
        ([hint(1.0, "stored"), hint(2.0, "delivered")], None),
        ([hint(1.0, "stored"), hint(2.0, "delivered"), hint(3.0, "delivered")], 3.0),
        ([hint(1.0, "stored"), hint(2.0, "delivered", 1)], 2.0),
        ([hint(1.0, "stored"), hint(2.0, "delivered", about="c")], 2.0),
        ([hint(1.0, "stored"), hint(2.0, "expired"), hint(3.0, "delivered")], 3.0),
        ([hint(1.0, "stored"), hint(2.0, "dropped"), hint(3.0, "delivered")], 3.0),
        ([hint(1.0, "stored"), hint(1.0, "stored", 1), hint(2.0, "delivered", 1), hint(3.0, "delivered")], None),
        ([(1.0, "a", "hint-not-stored", {"about": "b", "key": "k"})], None),
    ],
)  # fmt: skip
def test_a_hint_is_delivered_once_and_only_if_it_was_there(rows, at_s):
    found = said(rows, HintsReplayedOnce())
    assert (found and found[0]) == at_s


def write(begun_s, ended_s, applied=(), status=Status.OK, what="write"):
    """A write at node a, with the replicas that have kept something at a time of theirs."""
    yield begun_s, "a", "operation-begun", {"operation": 1, "what": what, "key": "k"}
    for at, replica, version in applied:
        yield at, replica, "applied", {"key": "k", "values": ("v",), "version": version}
    yield ended_s, "a", "operation-ended", {"operation": 1, "status": status}


def test_what_is_acknowledged_is_held_by_a_quorum():
    kept = [(1.1, "a", 1.0), (1.2, "b", 1.0)]
    assert said(write(1.0, 2.0, kept), AcknowledgedOnQuorum(2)) is None
    assert said(write(1.0, 2.0, kept), AcknowledgedOnQuorum(3)) == (
        2.0,
        "the write of 'k' is acknowledged and held by a, b",
    )
    assert said(write(1.0, 2.0), AcknowledgedOnQuorum(1))[1].endswith("held by nobody")
    assert said(write(1.0, 2.0, kept[:1], Status.TIMEOUT), AcknowledgedOnQuorum(2)) is None
    assert said(write(1.0, 2.0, kept[:1], what="read"), AcknowledgedOnQuorum(2)) is None
    assert said(write(1.0, 2.0, kept[:1], what="delete"), AcknowledgedOnQuorum(2)) is not None
    newer, older = [(1.1, "a", 1.0), (1.2, "b", 1.7)], [(1.1, "a", 1.0), (1.2, "b", 0.7)]
    assert said(write(1.0, 2.0, newer), AcknowledgedOnQuorum(2)) is None
    assert said(write(1.0, 2.0, older), AcknowledgedOnQuorum(2)) is not None


def test_a_tombstone_stays_for_gc_grace_and_a_row_for_good():
    def rows(values, compacted_s):
        yield 5.0, "a", "applied", {"key": "k", "values": values, "version": 5.0}
        yield compacted_s, "a", "compacted", {"keys": ("k",)}

    assert said(rows((), 15.0), TombstonesKept(10.0)) is None
    assert said(rows((), 14.0), TombstonesKept(10.0)) == (
        14.0,
        "a throws the tombstone of 'k' away after 9.0 s, and gc_grace is 10 s",
    )
    assert said(rows(("v",), 99.0), TombstonesKept(10.0))[1] == "a throws 'k' away, which is no tombstone"


def beliefs(at, node, **view):
    return at, node, "beliefs", {"view": view}


TWO = [beliefs(0.0, "a", alive=("a", "b")), beliefs(0.0, "b", alive=("a", "b"))]
DEATH = (20.0, "a", "member-failed", {"about": "b", "belief": "dead"})
LIFE = (40.0, "a", "member-join", {"about": "b", "belief": "alive"})
END = (100.0, None, "end", {})


def partition(at):
    return at, None, "partition", {"groups": [["a"]]}


def heal(at):
    return at, None, "heal", {}


@pytest.mark.parametrize(
    ("rows", "at_s"),
    [
        ([*TWO, END], None),
        ([*TWO, partition(10.0), DEATH, heal(30.0), LIFE, END], None),
        ([*TWO, partition(10.0), DEATH, heal(30.0), END], 100.0),
        ([*TWO, partition(10.0), DEATH, heal(30.0), (70.0, "a", "queue", {"length": 0}), LIFE, END], 70.0),
        ([*TWO, partition(10.0), DEATH, END], None),  # still apart
        ([*TWO, partition(10.0), DEATH, heal(80.0), END], None),  # not long enough ago
        ([*TWO, (10.0, None, "set_loss", {"p": 0.5, "src": None, "dst": None}), DEATH, END], None),
        ([*TWO, (10.0, None, "cut", {"a": "a", "b": "b"}), DEATH, END], None),
        ([*TWO, (10.0, None, "cut", {"a": "a", "b": "b"}), DEATH, (30.0, None, "mend", {"a": "b", "b": "a"}), END], 100.0),
        ([*TWO, (10.0, "b", "crash", {}), END], 100.0),  # a takes b for alive
        ([*TWO, (10.0, "b", "crash", {}), DEATH, END], None),
        ([*TWO, (60.0, "a", "queue", {"length": 0}), (70.0, "a", "belief", {"about": "b", "belief": "suspect"})], 70.0),
    ],
)  # fmt: skip
def test_some_time_after_healing_views_are_equal_and_right(rows, at_s):
    found = said(rows, ViewsEqual(settle_s=40.0))
    assert (found and found[0]) == at_s


def applied(at, node, version, key="k"):
    return at, node, "applied", {"key": key, "values": ("v",), "version": version}


@pytest.mark.parametrize(
    ("rows", "at_s"),
    [
        ([applied(1.0, "a", 1), applied(1.0, "b", 1), END], None),
        ([applied(1.0, "a", 2), applied(1.0, "b", 1), END], 100.0),
        ([applied(1.0, "a", 1), END], 100.0),
        ([applied(1.0, "a", 1), (90.0, "a", "operation-begun", {"operation": 1, "what": "put", "key": "k"}), END], None),
        ([applied(1.0, "a", 1), applied(1.0, "b", 1), applied(1.0, "c", 0), END], None),  # c is none of its homes
        ([applied(1.0, "a", 1), (2.0, "b", "crash", {}), END], None),
        ([applied(60.0, "a", 1), applied(60.0, "b", 1), applied(61.0, "b", 2)], 60.0),
    ],
)  # fmt: skip
def test_some_time_after_the_last_write_homes_hold_equal_copies(rows, at_s):
    found = said([*TWO, *rows], CopiesEqual(40.0, homes=lambda key: ("a", "b")))
    assert (found and found[0]) == at_s


@pytest.mark.parametrize("name", GROUNDS)
def test_the_engine_keeps_to_all_rules_on_every_ground(name):
    ground = GROUNDS[name]
    for case in ground.cases(range(1000, 1008)):
        assert watch(*ground.play(case)) is None, case


def test_a_trace_of_a_student_is_watched_without_a_ground():
    cluster = Cassandra(nodes=3, seed=1)
    cluster.wait(cluster.write("k", "v", "QUORUM"))
    assert watch(cluster.trace, [AcknowledgedOnQuorum(2)]) is None
    assert watch(cluster.trace, [AcknowledgedOnQuorum(4)]) is not None
    assert watch(World().trace, [OneLeaderATerm()]) is None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Retransmissions(0), "mult is 0"),
        (lambda: AcknowledgedOnQuorum(0), "quorum is 0"),
        (lambda: TombstonesKept(-1), "gc_grace_s is -1"),
        (lambda: ViewsEqual(-1), "settle_s is -1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
