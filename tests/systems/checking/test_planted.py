"""Each planted bug is found within a budget, by its rule; the right engine passes the same cases, and is right again after."""

import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

from gossipkit.systems.checking import BUGS, GROUNDS, Trial, cases, hunt, search, shrink, stored_hunts
from gossipkit.systems.checking.hunts import FILE, SEARCHES, TRIES, tries, written

FOUND_BY = {
    "retransmit limit of 1": ("news is sent as often as the limit says", 5),
    "refutation that does not raise": ("a refutation raises the incarnation", 5),
    "deaf push/pull": ("views are equal after healing", 10),
    "vote given twice": ("one leader a term", 40),
    "hints replayed twice": ("a hint is replayed once", 10),
    "quorum that counts a hint": ("what was acknowledged is held by a quorum", 20),
    "tombstone dropped early": ("no tombstone is dropped before gc_grace", 5),
    "Merkle range off by one": ("copies are equal after repair", 15),
}
"""By which invariant, and in how many cases at most."""


@pytest.mark.parametrize("name", BUGS)
def test_each_bug_is_found_and_the_right_engine_passes_the_same_cases(name):
    invariant, budget = FOUND_BY[name]
    found = search(Trial(name), cases(name, range(budget)))
    assert found is not None and found.failure.invariant == invariant
    assert search(Trial(name, planted=False), cases(name, range(found.tries))) is None


@pytest.mark.parametrize(
    "name", ["refutation that does not raise", "vote given twice", "tombstone dropped early"]
)
def test_what_is_left_after_shrinking_is_short_and_still_tells_the_bug_from_the_engine(name):
    result = hunt(name, 40)
    before, after = result.shrunk.before, result.shrunk.after
    assert result.found.case == before
    assert len(after.scenario) <= 2 < len(before.scenario)
    assert after.nodes <= before.nodes and after.seconds < before.seconds / 2
    assert Trial(name)(after) == result.shrunk.failure
    assert Trial(name, planted=False)(after) is None
    assert shrink(Trial(name), after).after == after


def test_a_bug_is_planted_for_a_while_only():
    for bug in BUGS.values():
        right = getattr(bug.owner, bug.method)
        with pytest.raises(RuntimeError), bug.planted():
            assert getattr(bug.owner, bug.method) is bug.wrong is not right
            raise RuntimeError
        assert getattr(bug.owner, bug.method) is right


def test_another_process_finds_the_same():
    name = "vote given twice"
    with ProcessPoolExecutor(1) as executor:
        assert hunt(name, 20, executor=executor) == hunt(name, 20)
    assert pickle.loads(pickle.dumps(Trial(name))) == Trial(name)


def test_a_hunt_says_when_it_finds_nothing():
    result = hunt("vote given twice", 1)
    assert result.found is None and result.shrunk is None
    assert repr(result) == "<Hunt for 'vote given twice': nothing in 1 cases>"


def test_every_bug_says_what_is_right_and_stands_on_a_ground():
    assert len(BUGS) == 8
    for name, bug in BUGS.items():
        assert bug.name == name and bug.ground in GROUNDS
        assert bug.rule.endswith(").") and bug.mistake and bug.where in repr(bug)


def test_names_that_nobody_has_are_refused():
    for make in (Trial, lambda name: cases(name, [1]), hunt):
        with pytest.raises(
            ValueError, match="bug is 'off by two': it must be one of 'retransmit limit of 1'"
        ):
            make("off by two")


# What is stored.


def test_a_hunt_made_again_is_the_stored_one():
    for row in stored_hunts():
        if row.bug in ("vote given twice", "quorum that counts a hint"):
            assert hunt(row.bug, TRIES) == row.hunt
            assert [tries(row.bug, number) for number in range(4)] == list(row.tries[:4])


def test_what_is_stored_is_a_row_for_each_bug_and_holds():
    rows = stored_hunts()
    assert tuple(row.bug for row in rows) == tuple(BUGS)
    assert FILE.read_text(encoding="utf-8") == written(rows)
    for row in rows:
        assert len(row.tries) == SEARCHES and row.tries[0] == row.hunt.found.tries
        assert row.median_tries <= max(row.tries) and f"in case {max(row.tries)} by the longest" in repr(row)
        assert Trial(row.bug)(row.hunt.shrunk.after) == row.hunt.shrunk.failure
        assert Trial(row.bug, planted=False)(row.hunt.shrunk.after) is None
