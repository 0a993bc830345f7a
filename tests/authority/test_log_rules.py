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
    MIDWAY,
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


@pytest.mark.parametrize(
    ("entries", "owners"),
    [
        (JOIN[:3], "abcd"),
        (JOIN[:4], "abcde"),
        (JOIN, "abcde"),
        (LEAVE[:2], "abcd"),
        (LEAVE[:3], "acd"),
        (LEAVE, "acd"),
    ],
)
def test_the_ring_changes_when_the_new_replicas_are_read(entries, owners):
    assert sorted(after(*entries).ring.nodes) == list(owners)


def test_where_nothing_changes_nothing_is_locked():
    metadata = after(*JOIN[:3])
    (operation,) = metadata.operations
    for token in range(0, RING, STEP // 4):
        changes = set(RINGS.replicas(token, 3)) != set(metadata.settled.replicas(token, 3))
        assert operation.locks(token) is changes
        placement = metadata.placement(token)
        assert (set(placement.reads) == set(placement.writes)) is not changes


# every transformation of a node in every state: which are accepted, and the state that they lead to

GO = (*JOIN, PrepareLeave("e"), StartLeave("e"), MidLeave("e"), FinishLeave("e"))
ENTRIES = (*GO[:1], Unregister("e"), *GO[1:], Cancel("e"))
STATES = {
    "unknown": (0, {Register: REGISTERED}),
    REGISTERED: (1, {Unregister: None, PrepareJoin: JOINING}),
    "joining, prepared": (2, {StartJoin: JOINING, Cancel: REGISTERED}),
    "joining, started": (3, {MidJoin: JOINING, Cancel: REGISTERED}),
    "joining, midway": (4, {FinishJoin: JOINED, Cancel: REGISTERED}),
    JOINED: (5, {PrepareLeave: LEAVING}),
    "leaving, prepared": (6, {StartLeave: LEAVING, Cancel: JOINED}),
    "leaving, started": (7, {MidLeave: LEAVING, Cancel: JOINED}),
    "leaving, midway": (8, {FinishLeave: LEFT, Cancel: JOINED}),
    LEFT: (9, {Register: REGISTERED, Unregister: None}),
}
NEEDS = {
    Register: "unknown or left",
    Unregister: "registered or left",
    PrepareJoin: "registered",
    PrepareLeave: "joined",
}


@pytest.mark.parametrize("state", STATES)
def test_each_transformation_in_each_state_is_accepted_or_refused_with_its_reason(state):
    length, accepted = STATES[state]
    metadata = after(*GO[:length])
    for entry in ENTRIES:
        kind = type(entry)
        if kind in accepted:
            following = apply(metadata, entry)
            assert (following.epoch, following.nodes.get("e")) == (metadata.epoch + 1, accepted[kind])
            continue
        with pytest.raises(Refused) as refusal:
            apply(metadata, entry)
        if kind in NEEDS:
            assert str(refusal.value) == f"'e' is {state.split(',')[0]}: it must be {NEEDS[kind]}"
        elif kind is Cancel:
            assert str(refusal.value) == "'e' is in no operation"
        else:
            found = state if "," in state else "in no operation"
            assert str(refusal.value) == f"{entry!r} does not come next: 'e' is {found}"
    assert apply(metadata, AlterSchema("t", "k text")).schema == {"t": "k text"}


REFUSED = {
    "a token that is taken": ((Register("e"), PrepareJoin("e", (STEP,))), "token"),
    "too few stay": ((*LEAVE, PrepareLeave("c")), "'c' cannot leave: 3 replicas need as many nodes"),
    "a lock that overlaps": ((*JOIN[:2], PrepareLeave("b")), "'b' has to wait: 'e' is joining"),
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


def meet(writer, reader):
    """Whether a write quorum and a read quorum cannot avoid each other."""
    written, read = set(writer.writes), set(reader.reads)
    of_write, of_read = writer.write_quorum - len(written - read), reader.read_quorum - len(read - written)
    return max(0, of_write) + max(0, of_read) > len(written & read)


def test_cancelled_midway_is_the_only_step_whose_quorums_can_miss_each_other():
    for length in (2, 3, 4):
        metadata = after(*JOIN[:length])
        writer, reader = apply(metadata, Cancel("e")).placement(STEP // 4), metadata.placement(STEP // 4)
        assert meet(writer, reader) is (length < 4)


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
        if not isinstance(entry, Cancel) or metadata.operation(entry.node).phase != MIDWAY:
            for token, (writer, reader) in product(
                positions, [(metadata, metadata), (metadata, following), (following, metadata)]
            ):
                w, r = writer.placement(token), reader.placement(token)
                assert w.write_quorum <= len(w.writes) and r.read_quorum <= len(r.reads)
                assert meet(w, r)
        metadata = following
    for operation in metadata.operations:
        for other in metadata.operations:
            assert operation is other or not overlap(operation.locked, other.locked)


def test_the_last_node_of_a_data_centre_without_replicas_may_leave():
    places = {"a": Place("x"), "b": Place("x"), "c": Place("x"), "d": Place("y")}
    metadata = ClusterMetadata.first(Ring(RINGS.tokens, places), {"x": 3})
    assert apply(metadata, PrepareLeave("d")).nodes["d"] == LEAVING
    with pytest.raises(Refused, match="'a' cannot leave: 3 replicas need as many nodes"):
        apply(metadata, PrepareLeave("a"))


def test_places_decide_who_replicates_in_two_data_centres():
    places = {"a": Place("x"), "b": Place("x"), "c": Place("y"), "d": Place("y")}
    metadata = ClusterMetadata.first(Ring(RINGS.tokens, places), {"x": 1, "y": 1})
    metadata = after(Register("e", Place("y")), PrepareJoin("e", (2 * STEP + 1,)), metadata=metadata)
    replicas = metadata.settled.replicas(2 * STEP + 1, {"x": 1, "y": 1})
    assert "e" in replicas and len(replicas) == 2
    with pytest.raises(ValueError, match="replication"):
        ClusterMetadata.first(RINGS, {"nowhere": 1})
