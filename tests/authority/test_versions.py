"""Vector clocks after the Dynamo paper, dotted version vectors, and what timestamps lose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.versions import (
    DottedSiblings,
    VectorClock,
    VectorSiblings,
    Version,
    reconcile,
)

NODES = "abcd"
clocks = st.builds(VectorClock, st.dictionaries(st.sampled_from(NODES), st.integers(1, 3)))


# The paper's figure 3.

D1 = VectorClock().increment("Sx")
D2 = D1.increment("Sx")
D3 = D2.increment("Sy")
D4 = D2.increment("Sz")
D5 = D3.merge(D4).increment("Sx")


def test_d1_to_d5_of_the_paper():
    assert [clock.counters for clock in (D1, D2, D3, D4, D5)] == [
        {"Sx": 1},
        {"Sx": 2},
        {"Sx": 2, "Sy": 1},
        {"Sx": 2, "Sz": 1},
        {"Sx": 3, "Sy": 1, "Sz": 1},
    ]


def test_how_d1_to_d5_are_related():
    history = [D1, D2, D3, D4, D5]
    ancestors = {D1: {D1}, D2: {D1, D2}, D3: {D1, D2, D3}, D4: {D1, D2, D4}, D5: {D1, D2, D3, D4, D5}}
    for clock in history:
        assert {other for other in history if clock.descends(other)} == ancestors[clock]
    assert [(a, b) for a in history for b in history if a.concurrent(b)] == [(D3, D4), (D4, D3)]


def test_a_reader_of_the_papers_history_sees_both_siblings_and_then_their_merge():
    versions = [Version(f"D{number}", clock) for number, clock in enumerate((D1, D2, D3, D4, D5), 1)]
    assert [version.value for version in reconcile(versions[:4])] == ["D3", "D4"]
    assert [version.value for version in reconcile(versions)] == ["D5"]


# The order of clocks.


@given(clocks, clocks, clocks)
def test_descends_is_a_partial_order(a, b, c):
    assert a.descends(a)
    assert not (a.descends(b) and b.descends(a)) or a == b
    assert not (a.descends(b) and b.descends(c)) or a.descends(c)


@given(clocks, clocks)
def test_two_clocks_are_equal_or_one_replaces_the_other_or_they_are_concurrent(a, b):
    cases = a == b, a != b and a.descends(b), a != b and b.descends(a), a.concurrent(b)
    assert sum(cases) == 1
    assert a.concurrent(b) == b.concurrent(a)


@given(clocks, clocks, clocks)
def test_a_merge_is_the_least_upper_bound(a, b, other):
    merged = a.merge(b)
    assert merged.descends(a)
    assert merged.descends(b)
    assert other.descends(merged) == (other.descends(a) and other.descends(b))


@given(clocks, clocks, clocks)
def test_merging_does_not_depend_on_order_grouping_or_repetition(a, b, c):
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a == a.merge(VectorClock())


@given(clocks, st.sampled_from(NODES))
def test_an_increment_replaces_and_changes_nothing_else(clock, node):
    before = clock.counters
    after = clock.increment(node)
    assert after.descends(clock) and not clock.descends(after)
    assert after.counters == before | {node: before.get(node, 0) + 1}
    assert clock.counters == before


@given(clocks, st.sampled_from(NODES), st.sampled_from(NODES))
def test_two_writes_after_one_read_are_concurrent_if_two_nodes_coordinated_them(clock, one, other):
    assert clock.increment(one).concurrent(clock.increment(other)) == (one != other)


@given(clocks, clocks)
def test_equal_clocks_hash_alike_whatever_their_times(a, b):
    later = VectorClock(a.counters, dict.fromkeys(a.counters, 9.0))
    assert later == a and hash(later) == hash(a)
    assert len({a, b, later}) == (1 if a == b else 2)


@given(st.lists(clocks), st.randoms())
def test_reconciling_keeps_exactly_what_nothing_replaces(several, random):
    maximal = {a for a in several if not any(b != a and b.descends(a) for b in several)}
    random.shuffle(several)
    kept = [version.clock for version in reconcile(Version("", clock) for clock in several)]
    assert set(kept) == maximal
    assert len(kept) == len(maximal)


# Truncation.


def chain(nodes):
    """A history in which one node after the other coordinates a write, a second apart."""
    clock = VectorClock()
    for second, node in enumerate(nodes, 1):
        clock = clock.increment(node, now=float(second))
    return clock


def test_up_to_ten_entries_stay_and_beyond_that_the_oldest_goes():
    ten = chain("abcdefghij")
    assert ten.truncate() == ten
    eleven = ten.increment("k", now=11.0)
    assert set(eleven.truncate().counters) == set("bcdefghijk")


def test_what_counts_is_when_an_entry_was_last_incremented_not_its_counter():
    clock = chain("abc").increment("a", now=4.0)
    assert clock.truncate(2).counters == {"a": 2, "c": 1}
    assert clock.truncate(2).times == {"a": 4.0, "c": 3.0}


def test_a_merge_keeps_the_time_of_the_higher_counter():
    one = VectorClock({"a": 2, "b": 1}, {"a": 1.0, "b": 5.0})
    other = VectorClock({"a": 1, "b": 1}, {"a": 9.0, "b": 7.0})
    assert one.merge(other).times == other.merge(one).times == {"a": 1.0, "b": 7.0}


def test_after_truncation_a_version_no_longer_replaces_its_ancestor():
    ancestor = chain("abcdefghij")
    child = ancestor.increment("k", now=11.0).truncate()
    assert not child.descends(ancestor)
    assert len(reconcile([Version("old", ancestor), Version("new", child)])) == 2


def test_after_truncation_a_concurrent_version_replaces_it_and_a_write_is_lost():
    common = chain("bcdefghijk")
    ours = common.increment("a", now=0.0)  # its own clock is slow
    theirs = common.increment("k", now=20.0)
    assert ours.concurrent(theirs)
    versions = [Version("ours", ours.truncate()), Version("theirs", theirs.truncate())]
    assert [version.value for version in reconcile(versions)] == ["theirs"]


def test_a_forgotten_node_counts_from_one_again_and_two_writes_have_one_clock():
    first = chain("a")
    second = first.increment("b", now=2.0).increment("c", now=3.0).truncate(1).increment("a", now=4.0)
    assert second.truncate(1) == first


# Siblings under one vector, and under dots.


def take_turns(store, turns):
    """Two clients that read after their own writes only, so that each misses one write of the other."""
    seen = {"ann": VectorClock(), "bob": VectorClock()}
    for turn in range(turns):
        for client in seen:
            store = store.put(f"{client} {turn}", seen[client], "Sx")
            seen[client] = store.context
    return store


@pytest.mark.parametrize("turns", [1, 5, 50])
def test_dots_prevent_the_sibling_explosion(turns):
    assert len(take_turns(VectorSiblings(), turns).values) == 2 * turns
    assert take_turns(DottedSiblings(), turns).values == (f"ann {turns - 1}", f"bob {turns - 1}")


@pytest.mark.parametrize("kind", [VectorSiblings, DottedSiblings])
def test_a_writer_that_has_read_everything_replaces_everything(kind):
    store = take_turns(kind(), 5)
    assert store.put("merged", store.context, "Sy").values == ("merged",)


@pytest.mark.parametrize("kind", [VectorSiblings, DottedSiblings])
def test_two_blind_writes_through_one_node_both_stay(kind):
    nothing = VectorClock()
    assert kind().put("milk", nothing, "Sx").put("eggs", nothing, "Sx").values == ("milk", "eggs")


def test_a_clock_for_each_version_loses_one_of_two_blind_writes_through_one_node():
    both = [Version("milk", VectorClock().increment("Sx")), Version("eggs", VectorClock().increment("Sx"))]
    assert len(reconcile(both)) == 1


@st.composite
def histories(draw):
    """Three nodes, and writes and exchanges between them; beside the siblings, which writes each write had seen."""
    stores = {node: DottedSiblings() for node in NODES[:3]}
    seen = {node: frozenset() for node in stores}
    replaced = {}
    contexts = [(VectorClock(), frozenset())]
    for number in range(draw(st.integers(0, 12))):
        node = draw(st.sampled_from(sorted(stores)))
        if draw(st.booleans()):
            context, known = draw(st.sampled_from(contexts))
            stores[node] = stores[node].put(number, context, node)
            replaced[number] = known
            seen[node] = seen[node] | known | {number}
        else:
            peer = draw(st.sampled_from(sorted(stores)))
            stores[node], seen[node] = stores[node].sync(stores[peer]), seen[node] | seen[peer]
        contexts.append((stores[node].context, seen[node]))
    return stores, seen, replaced


@given(histories())
def test_dots_keep_exactly_the_writes_that_no_known_write_had_read(history):
    stores, seen, replaced = history
    for node, store in stores.items():
        gone = frozenset().union(*(replaced[write] for write in seen[node]))
        assert set(store.values) == seen[node] - gone


@given(histories())
def test_telling_each_other_all_does_not_depend_on_order_or_repetition(history):
    a, b, c = history[0].values()
    assert a.sync(b) == b.sync(a)
    assert a.sync(b).sync(c) == a.sync(b.sync(c))
    assert a.sync(b).sync(b) == a.sync(b)
    assert a.sync(a) == a


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: VectorClock({"a": 0}), "the counter of a is 0: it must be a whole number, at least 1"),
        (lambda: VectorClock({"": 1}), "node is ''"),
        (lambda: VectorClock({"a": 1}, {"b": 1.0}), "times names 'b'"),
        (lambda: VectorClock({"a": 1}, {"a": float("nan")}), "the time of a is nan"),
        (lambda: D5.truncate(0), "limit is 0"),
        (lambda: DottedSiblings(VectorClock({"a": 1}), {("a", 2): "x"}), r"dots has \('a', 2\)"),
        (lambda: D5.descends({"Sx": 1}), "other is {'Sx': 1}: it must be a VectorClock"),
        (lambda: D5.concurrent(None), "other is None: it must be a VectorClock"),
        (lambda: D5.merge({"Sx": 1}), "other is {'Sx': 1}: it must be a VectorClock"),
        (lambda: D5.increment(""), "node is ''"),
        (lambda: D5.increment("Sx", "now"), "now is 'now'"),
        (lambda: VectorClock(3), "counters is 3: it must be a mapping by node"),
        (lambda: VectorClock({"a": 1}, ["a"]), r"times is \['a'\]: it must be a mapping by node"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_of_versions_with_one_clock_the_first_stays():
    clock = VectorClock({"a": 2})
    assert [version.value for version in reconcile([Version("one", clock), Version("two", clock)])] == ["one"]
