"""The rules of the epoch log: what applies to which metadata, who reads and writes meanwhile, and what is locked."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.authority.log_entries import (
    AlterSchema,
    Cancel,
    FinishJoin,
    FinishLeave,
    MidJoin,
    MidLeave,
    PrepareJoin,
    PrepareLeave,
    Register,
    StartJoin,
    StartLeave,
    Unregister,
)
from gossipkit.authority.log_rules import (
    JOINED,
    JOINING,
    LEAVING,
    LEFT,
    REGISTERED,
    ClusterMetadata,
    Refused,
    apply,
    overlap,
    within,
)
from gossipkit.authority.ring import RING, Place, Ring

STEP = RING // 8
RINGS = Ring({i * STEP: name for i, name in enumerate("abcd", start=1)})


def after(*entries, metadata=None):
    metadata = metadata or ClusterMetadata.first(RINGS, 3)
    for entry in entries:
        metadata = apply(metadata, entry)
    return metadata


JOIN = (Register("e"), PrepareJoin("e", (STEP // 2,)), StartJoin("e"), MidJoin("e"), FinishJoin("e"))
LEAVE = (PrepareLeave("b"), StartLeave("b"), MidLeave("b"), FinishLeave("b"))


def test_every_entry_makes_one_epoch_and_changes_no_earlier_metadata():
    first = ClusterMetadata.first(RINGS, 3)
    history = [first]
    for entry in (*JOIN, *LEAVE, AlterSchema("t", "k text")):
        history.append(apply(history[-1], entry))
    assert [metadata.epoch for metadata in history] == list(range(1, len(history) + 1))
    assert first == ClusterMetadata.first(RINGS, 3)


def test_the_states_of_a_node_that_joins_and_of_one_that_leaves():
    states = [after(*JOIN[: i + 1]).nodes["e"] for i in range(len(JOIN))]
    assert states == [REGISTERED, JOINING, JOINING, JOINING, JOINED]
    states = [after(*LEAVE[: i + 1]).nodes["b"] for i in range(len(LEAVE))]
    assert states == [LEAVING, LEAVING, LEAVING, LEFT]


# who is read and written to at a position whose replicas change, after each entry, and the quorums (read, write)
OLD, NEW = ("a", "b", "c"), ("e", "a", "b")


@pytest.mark.parametrize(
    ("entries", "reads", "writes", "quorums"),
    [
        (2, OLD, {"a", "b", "c"}, (2, 2)),
        (3, OLD, {"a", "b", "c", "e"}, (2, 3)),
        (4, NEW, {"a", "b", "c", "e"}, (2, 3)),
        (5, NEW, {"a", "b", "e"}, (2, 2)),
    ],
)
def test_a_join_reads_old_until_the_new_have_everything_and_writes_both_meanwhile(
    entries, reads, writes, quorums
):
    placement = after(*JOIN[:entries]).placement(STEP // 4)
    assert (placement.reads, set(placement.writes)) == (reads, writes)
    assert (placement.read_quorum, placement.write_quorum) == quorums


@pytest.mark.parametrize(
    ("entries", "reads", "writes"),
    [
        (1, {"a", "b", "c"}, {"a", "b", "c"}),
        (2, {"a", "b", "c"}, {"a", "b", "c", "d"}),
        (3, {"a", "c", "d"}, {"a", "b", "c", "d"}),
        (4, {"a", "c", "d"}, {"a", "c", "d"}),
    ],
)
def test_a_leave_does_the_same_in_its_own_four_entries(entries, reads, writes):
    placement = after(*LEAVE[:entries]).placement(STEP // 4)
    assert (set(placement.reads), set(placement.writes)) == (reads, writes)


def test_where_nothing_changes_nothing_is_locked():
    metadata = after(*JOIN[:3])
    (operation,) = metadata.operations
    for token in range(0, RING, STEP // 4):
        changes = set(RINGS.replicas(token, 3)) != set(metadata.settled.replicas(token, 3))
        assert operation.locks(token) is changes
        placement = metadata.placement(token)
        assert (set(placement.reads) == set(placement.writes)) is not changes


REFUSED = {
    "registered twice": ((Register("a"),), "'a' is joined: it must be unknown or left"),
    "unregistered while it owns": ((Unregister("a"),), "'a' is joined: it must be registered or left"),
    "joins unregistered": ((PrepareJoin("e", (5,)),), "'e' is unknown: it must be registered"),
    "a token that is taken": ((Register("e"), PrepareJoin("e", (STEP,))), "token"),
    "started before prepared": (
        (Register("e"), StartJoin("e")),
        "does not come next: 'e' is in no operation",
    ),
    "a step left out": ((*JOIN[:2], MidJoin("e")), "does not come next: 'e' is joining, prepared"),
    "a step twice": ((*JOIN[:3], StartJoin("e")), "does not come next: 'e' is joining, started"),
    "the steps of a leave": ((*JOIN[:2], StartLeave("e")), "does not come next"),
    "too few stay": ((*LEAVE, PrepareLeave("c")), "'c' cannot leave: 3 replicas need as many nodes"),
    "leaves twice": ((*LEAVE[:1], PrepareLeave("b")), "'b' is leaving: it must be joined"),
    "a lock that overlaps": ((*JOIN[:2], PrepareLeave("b")), "'b' has to wait: 'e' is joining"),
    "nothing to cancel": ((Cancel("a"),), "'a' is in no operation"),
    "no transformation": (("drop table",), "is no transformation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_apply_is_refused_with_its_reason(name):
    entries, reason = REFUSED[name]
    metadata = after(*entries[:-1])
    with pytest.raises(Refused, match=reason):
        apply(metadata, entries[-1])


def test_a_second_operation_waits_only_where_ranges_overlap():
    ring = Ring({i * (RING // 16): name for i, name in enumerate("abcdefgh", start=1)})
    metadata = ClusterMetadata.first(ring, 2)
    metadata = after(
        Register("x"), Register("y"), Register("z"), PrepareJoin("x", (RING // 32,)), metadata=metadata
    )
    with pytest.raises(Refused, match="'y' has to wait: 'x' is joining"):
        apply(metadata, PrepareJoin("y", (RING // 33,)))
    apart = apply(metadata, PrepareJoin("z", (5 * (RING // 16) + 1,)))
    assert {operation.node for operation in apart.operations} == {"x", "z"}


def test_a_cancelled_operation_leaves_everything_as_before():
    before = after(JOIN[0])
    cancelled = after(*JOIN[1:4], Cancel("e"), metadata=before)
    assert (cancelled.nodes, cancelled.settled, cancelled.operations) == (before.nodes, before.settled, ())
    assert all(cancelled.placement(token) == before.placement(token) for token in range(0, RING, STEP))


def test_an_operation_that_a_later_one_was_planned_on_cannot_be_cancelled():
    ring = Ring({i * (RING // 16): name for i, name in enumerate("abcdefgh", start=1)})
    metadata = ClusterMetadata.first(ring, 2)
    entries = (
        Register("x"),
        Register("z"),
        PrepareJoin("x", (RING // 32,)),
        PrepareJoin("z", (5 * (RING // 16) + 1,)),
    )
    with pytest.raises(Refused, match="planned on top of it"):
        after(*entries, Cancel("x"), metadata=metadata)


@pytest.mark.parametrize(
    ("token", "start", "end", "inside"),
    [
        (5, 0, 10, True),
        (0, 0, 10, False),
        (10, 0, 10, True),
        (1, 8, 2, True),
        (5, 8, 2, False),
        (7, 3, 3, True),
    ],
)
def test_a_range_excludes_its_start_and_may_wrap_around(token, start, end, inside):
    assert within(token, start, end) is inside


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_two_ranges_overlap_exactly_if_a_position_lies_in_both(ends):
    one, other = tuple(ends[:2]), tuple(ends[2:])
    together = any(within(token, *one) and within(token, *other) for token in range(31))
    assert overlap([one], [other]) is together


# Any order in which operations are begun, taken on and cancelled.

NAMES = "abcdefgh"
TOKENS = st.integers(0, RING - 1)


def _choices(metadata):
    """All entries that could come next, in a fixed order."""
    entries = [Register(name) for name in NAMES]
    entries += [PrepareLeave(name) for name in NAMES] + [Cancel(name) for name in NAMES]
    entries += [operation.next_step for operation in metadata.operations] * 6
    return entries


@settings(max_examples=60, deadline=None)
@given(data=st.data(), length=st.integers(1, 40))
def test_in_every_phase_each_write_quorum_meets_each_read_quorum_of_a_coordinator_one_epoch_apart(
    data, length
):
    metadata = ClusterMetadata.first(Ring({(i + 1) * STEP - 7: name for i, name in enumerate("abcde")}), 3)
    positions = data.draw(st.lists(TOKENS, min_size=3, max_size=3))
    for _ in range(length):
        if data.draw(st.booleans()):
            entry = PrepareJoin(data.draw(st.sampled_from(NAMES)), (data.draw(TOKENS),))
        else:
            entry = data.draw(st.sampled_from(_choices(metadata)))
        try:
            following = apply(metadata, entry)
        except Refused:
            continue
        assert following.epoch == metadata.epoch + 1
        if not isinstance(entry, Cancel):
            for token, (writer, reader) in product(
                positions, [(metadata, metadata), (metadata, following), (following, metadata)]
            ):
                w, r = writer.placement(token), reader.placement(token)
                everybody = set(w.writes) | set(r.reads)
                assert w.write_quorum <= len(w.writes) and r.read_quorum <= len(r.reads)
                # a write quorum and a read quorum cannot avoid each other
                only_written, only_read = len(set(w.writes) - set(r.reads)), len(set(r.reads) - set(w.writes))
                shared = len(everybody) - only_written - only_read
                assert max(0, w.write_quorum - only_written) + max(0, r.read_quorum - only_read) > shared
        metadata = following
    for operation in metadata.operations:
        for other in metadata.operations:
            assert operation is other or not overlap(operation.locked, other.locked)


def test_places_decide_who_replicates_in_two_data_centres():
    places = {"a": Place("x"), "b": Place("x"), "c": Place("y"), "d": Place("y")}
    metadata = ClusterMetadata.first(Ring(RINGS.tokens, places), {"x": 1, "y": 1})
    metadata = after(Register("e", Place("y")), PrepareJoin("e", (2 * STEP + 1,)), metadata=metadata)
    replicas = metadata.settled.replicas(2 * STEP + 1, {"x": 1, "y": 1})
    assert "e" in replicas and len(replicas) == 2
    with pytest.raises(ValueError, match="replication"):
        ClusterMetadata.first(RINGS, {"nowhere": 1})
