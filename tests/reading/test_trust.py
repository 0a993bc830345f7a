"""What is to be shown of a pool whose gossip is sealed with a key, and what does not show it."""

import pytest

from gossipkit.reading import TRUST_CLAIMS, judge
from gossipkit.sim import Scenario

STORM = {"name": "m-9", "about": "m-1", "claim": "dead", "growth": 1, "every_s": 0.1, "for_s": 15.0}
LIFE = {"name": "m-9", "about": "m-1", "claim": "alive", "growth": 1, "every_s": 1.0, "for_s": 80.0}
CRASH = (10, "crash", {"name": "m-1"})


def accused(count, **changed):
    """So many accusers, all of them invented by one liar."""
    return [(10, "forge", STORM | {"by": f"m-{place}"} | changed) for place in range(2, 2 + count)]


def verdict(name, steps, at, seed=1):
    return judge(TRUST_CLAIMS[name], Scenario(steps), at, seeds=(seed,))


def test_the_sizes_are_9_to_14():
    sizes = {len(TRUST_CLAIMS["undead"].system(seed).world.names) for seed in range(30)}
    assert sizes == set(range(9, 15))


NOT_BURIED = {
    "one accuser": ([(10, "forge", STORM)], "for 0% of the last 10 s"),
    "three accusers": (accused(3), "for 0% of the last 10 s"),
    "once": (accused(8, every_s=0.0), "for 0% of the last 10 s"),
    "seldom": (accused(8, every_s=2.0), "of the last 10 s"),
    "the highest incarnation": (accused(8, incarnation=2**32 - 1), "for 0% of the last 10 s"),
    "suspicions": (accused(8, claim="suspect"), "for 0% of the last 10 s"),
    "many liars": (
        [(10, "forge", STORM | {"name": f"m-{place}"}) for place in range(2, 10)],
        "one is to be enough",
    ),
    "a crash": ([CRASH], "to be shown with forge alone"),
    "nothing": ([], "nobody has lied yet"),
}


@pytest.mark.parametrize("did", NOT_BURIED)
def test_what_does_not_bury_a_living_member_is_no_evidence(did):
    steps, says = NOT_BURIED[did]
    found = verdict("majority", steps, 21.0)
    assert not found.shown
    assert says in found.reason


NOT_RISEN = {
    "nothing said": ([CRASH], 75.0, "nobody has lied yet"),
    "once": ([CRASH, (10, "forge", LIFE | {"every_s": 0.0})], 75.0, "of the last 30 s"),
    "once, and far ahead": (
        [CRASH, (10, "forge", LIFE | {"every_s": 0.0, "incarnation": 10**9})],
        75.0,
        "of the last 30 s",
    ),
    "too seldom": ([CRASH, (10, "forge", LIFE | {"every_s": 40.0})], 75.0, "of the last 30 s"),
    "too soon": ([CRASH, (10, "forge", LIFE)], 16.0, "it must be 60 s"),
    "it is up": ([(10, "forge", LIFE)], 75.0, "m-1 is up"),
    "somebody else": (
        [(10, "crash", {"name": "m-2"}), (10, "forge", LIFE | {"about": "m-2"})],
        75.0,
        "m-1 is up",
    ),
    "two liars": (
        [CRASH, (10, "forge", LIFE), (10, "forge", LIFE | {"name": "m-8"})],
        75.0,
        "one is to be enough",
    ),
}


@pytest.mark.parametrize("did", NOT_RISEN)
def test_what_does_not_keep_the_dead_alive_is_no_evidence(did):
    steps, at, says = NOT_RISEN[did]
    found = verdict("undead", steps, at)
    assert not found.shown
    assert says in found.reason


@pytest.mark.parametrize("name", TRUST_CLAIMS)
def test_where_words_are_signed_the_same_run_shows_nothing(name):
    claim = TRUST_CLAIMS[name]
    pool = claim.variant(1)
    steps, at = (accused(8), 21.0) if name == "majority" else ([CRASH, (10, "forge", LIFE)], 75.0)
    pool.play(Scenario(steps))
    pool.run(at)
    assert claim.seen(pool)
    refused = pool.trace.filter(kind=["refused", "claim-refused"])
    assert {event.fields["why"] for event in refused} >= {"signatures"}
