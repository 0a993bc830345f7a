"""Dynamo, read, and evidence for what is claimed of it: runs that show it, and runs that do not."""

import pytest

from gossipkit.reading import DYNAMO, DYNAMO_CLAIMS, QUESTIONS, judge
from gossipkit.sim import Scenario
from gossipkit.systems.dynamo.experiments.misses import SLOPPY_MISSES


def down(name, at, back):
    return [(at, "crash", {"name": name}), (back, "restart", {"name": name})]


def cut_off(names, at, back):
    return [(at, "partition", {"groups": [names.split()]}), (back, "heal")]


def all_down(names, at, back):
    return [step for name in names.split() for step in down(name, at, back)]


AWAY = all_down("node-3 node-5", 6, 12)
GONE = [(12, "crash", {"name": f"node-{number}"}) for number in (1, 2, 4)]
FOUR_DOWN = all_down("node-1 node-2 node-3 node-4", 4, 40)
SHOWS = {"quorum": (AWAY + GONE, 30), "repair": (FOUR_DOWN, 90)}


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


def test_the_counter_example_that_a_search_has_found_is_no_evidence_for_a_whole_network():
    verdict = judge(DYNAMO_CLAIMS["quorum"], SLOPPY_MISSES, 30)
    assert not verdict.shown
    assert (
        "there is a partition at 9 s: this is to be shown with crash, restart, pause alone" in verdict.reason
    )


@pytest.mark.parametrize("name", SHOWS)
def test_what_shows_a_claim_does_not_show_it_where_the_claim_is_false(name):
    claim, (steps, at) = DYNAMO_CLAIMS[name], SHOWS[name]
    mutated = claim.variant(1)
    mutated.play(Scenario(steps))
    mutated.run(at)
    assert claim.seen(mutated)


def test_what_is_seen_without_the_mechanism_too_is_no_evidence():
    # all are back, and everybody knows, but hints and trees have not yet done their work
    verdict = judge(DYNAMO_CLAIMS["repair"], Scenario(FOUR_DOWN), 40.8)
    assert not verdict.shown
    assert "the same is to be seen where hints are handed over and trees are compared" in verdict.reason


@pytest.mark.parametrize(
    ("name", "steps", "at", "reason"),
    [
        ("quorum", [], 30, "none missed an acknowledged write"),
        ("quorum", [], 1, "0 reads were answered"),
        ("quorum", AWAY, 30, "none missed an acknowledged write"),
        ("repair", [], 90, "0 keys are missing at two"),
        ("repair", down("node-1", 3, 40), 90, "0 keys are missing at two of their three homes"),
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
