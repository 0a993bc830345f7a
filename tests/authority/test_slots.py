"""Hash slots: where a key is, and what happens to two claims."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.slots import SLOTS, SlotTable, bits_of, even_shares, key_slot, ranges_of

slots = st.sets(st.integers(0, SLOTS - 1), max_size=20)


def as_set(ranges):
    return {slot for first, last in ranges for slot in range(first, last + 1)}


def ranges(chosen):
    return ranges_of(sum(1 << slot for slot in chosen))


def test_keys_are_in_the_slots_that_the_specification_and_its_readers_print():
    # cluster-spec.md: CRC16 of 123456789 is 0x31C3; redis.io CLUSTER KEYSLOT: somekey 11058; the tutorial: foo 12182, hello 866
    assert key_slot("123456789") == 0x31C3
    assert [key_slot(key) for key in ("somekey", "foo", "hello")] == [11058, 12182, 866]


def test_only_what_stands_between_the_first_braces_counts_if_there_is_anything():
    assert key_slot("{user1000}.following") == key_slot("user1000")
    assert key_slot("foo{}{bar}") != key_slot("bar")  # nothing between: all of it
    assert key_slot("foo{{bar}}zap") == key_slot("{bar")
    assert key_slot("foo{bar}{zap}") == key_slot("bar")
    assert key_slot("foo{bar") != key_slot("bar")


def test_masters_get_the_shares_that_redis_cli_deals_out():
    assert even_shares(3) == (((0, 5460),), ((5461, 10922),), ((10923, 16383),))
    assert [share[0] for share in even_shares(5)] == [
        (0, 3276), (3277, 6553), (6554, 9829), (9830, 13106), (13107, 16383)
    ]  # fmt: skip
    assert SlotTable({str(number): share for number, share in enumerate(even_shares(7))}).covers()


@given(slots)
def test_ranges_are_the_slots_in_order_without_neighbours(chosen):
    made = ranges(chosen)
    assert as_set(made) == chosen
    assert ranges_of(bits_of(made)) == made
    assert all(after[0] > before[1] + 1 for before, after in pairwise(made))


@given(st.lists(st.tuples(st.sampled_from("abc"), slots), max_size=8))
def test_a_slot_has_the_owner_that_a_plain_list_of_slots_would_give_it(claims):
    """After each claim: a higher epoch takes, an equal or lower one does not, and what nobody owns is free."""
    table, plain, epochs = SlotTable({}), {}, {"a": 1, "b": 2, "c": 2}
    for name, chosen in claims:
        expected = {}
        for slot in chosen:
            owner = plain.get(slot)
            if owner is None or epochs[owner] < epochs[name]:
                expected.setdefault(owner, set()).add(slot)
                plain[slot] = name
        lost = table.claim(name, ranges(chosen), epochs[name], epochs)
        assert {owner: as_set(taken) for owner, taken in lost.items()} == expected
    for slot in {slot for _, chosen in claims for slot in chosen}:
        assert table.owner(slot) == plain[slot]
    assert len(table) == len(set(plain.values()))


def test_the_owner_of_the_first_slot_by_a_higher_epoch_is_the_one_to_tell_of():
    table = SlotTable({"a": ((0, 9),), "b": ((10, 19),), "c": ((20, 29),)})
    epochs = {"a": 1, "b": 3, "c": 4}
    assert table.newer_owner("old", ((0, 29),), 2, epochs) == "b"
    assert table.newer_owner("old", ((25, 29),), 2, epochs) == "c"
    assert table.newer_owner("old", ((0, 29),), 4, epochs) is None
    assert table.newer_owner("c", ((20, 29),), 2, epochs) is None


def test_slots_are_handed_over_and_given_up():
    table = SlotTable({"a": ((0, 8191),), "b": ((8192, 16383),)})
    assert table.covers()
    assert not table.covers(failed=["b"])
    table.hand_over("a", "r")
    assert table.owned == {"b": ((8192, 16383),), "r": ((0, 8191),)}
    table.release("b")
    assert table.owned == {"r": ((0, 8191),)}
    assert (table.owner(9000), table.count(["r", "b"]), "b" in table) == (None, 8192, False)


def test_who_takes_over_keeps_what_it_had():
    table = SlotTable({"a": ((0, 9),), "b": ((20, 29),), "c": ((40, 49),)})
    table.hand_over("a", "b")
    assert table.owned == {"b": ((0, 9), (20, 29)), "c": ((40, 49),)}
