"""Dynamo, read, and evidence for what is claimed of it: runs that show it, and runs that do not."""

import pytest

from gossipkit.reading import DYNAMO, DYNAMO_CLAIMS, QUESTIONS, judge
from gossipkit.sim import Scenario
from gossipkit.systems.dynamo.evidence import SLOPPY_MISSES


def down(name, at, back):
    return [(at, "crash", {"name": name}), (back, "restart", {"name": name})]


def cut_off(names, at, back):
    return [(at, "partition", {"groups": [names.split()]}), (back, "heal")]


SHOWS = {
    "quorum": (cut_off("node-1 node-2", 9, 28), 30),
    "repair": (down("node-1", 3, 40), 90),
}


def test_dynamo_is_read_in_full_with_sources():
    assert list(DYNAMO.answers) == list(QUESTIONS)
    for answer in DYNAMO.answers.values():
        assert len(answer.text.split()) > 10
        assert answer.sources


def test_there_is_evidence_for_every_claim():
    assert set(SHOWS) == set(DYNAMO_CLAIMS)


@pytest.mark.parametrize("name", SHOWS)
def test_each_claim_can_be_shown(name):
    steps, at = SHOWS[name]
    assert judge(DYNAMO_CLAIMS[name], Scenario(steps), at).shown


def test_the_counter_example_that_a_search_has_found_is_evidence():
    assert judge(DYNAMO_CLAIMS["quorum"], SLOPPY_MISSES, 30).shown


@pytest.mark.parametrize("name", SHOWS)
def test_what_shows_a_claim_does_not_show_it_where_the_claim_is_false(name):
    claim, (steps, at) = DYNAMO_CLAIMS[name], SHOWS[name]
    mutated = claim.variant(1)
    mutated.play(Scenario(steps))
    mutated.run(at)
    assert claim.seen(mutated)


def test_what_is_seen_without_the_mechanism_too_is_no_evidence():
    # node-1 is back, and everybody knows, but hints and trees have not yet done their work
    verdict = judge(DYNAMO_CLAIMS["repair"], Scenario(down("node-1", 3, 40)), 40.9)
    assert not verdict.shown
    assert "the same is to be seen where hints are handed over and trees are compared" in verdict.reason


@pytest.mark.parametrize(
    ("name", "steps", "at", "reason"),
    [
        ("quorum", [], 30, "none missed an acknowledged write"),
        ("quorum", [], 1, "0 reads were answered"),
        ("quorum", down("node-1", 9, 20), 30, "none missed an acknowledged write"),
        ("repair", [], 90, "0 keys differ"),
        ("repair", [(3, "crash", {"name": "node-1"})], 90, "some node is down"),
        ("repair", [(3, "partition", {"groups": [["node-1"]]})], 90, "still partitioned"),
        ("repair", cut_off("node-1", 3, 40), 40.01, "nodes do not yet agree who is up"),
    ],
)
def test_evidence_that_does_not_show_it_is_told_why(name, steps, at, reason):
    verdict = judge(DYNAMO_CLAIMS[name], Scenario(steps), at)
    assert not verdict.shown
    assert reason in verdict.reason


@pytest.mark.parametrize("name", SHOWS)
def test_clients_do_nothing_while_no_node_is_up(name):
    everybody = [(1, "crash", {"name": f"node-{number}"}) for number in range(1, 6)]
    everybody += [(1, "crash", {"name": "node-6"})] if name == "repair" else []
    assert not judge(DYNAMO_CLAIMS[name], Scenario(everybody), 30).shown
