"""The reading loop as data, and evidence that is replayed."""

import pytest

from gossipkit.reading import (
    CASSANDRA,
    CONSUL,
    CONSUL_CLAIMS,
    CONSUL_EXAMPLE,
    QUESTIONS,
    Answer,
    compare,
    judge,
)
from gossipkit.sim import Scenario

MAJORITY_LOST = [(50, "crash", {"name": f"server-{i}"}) for i in (1, 2)]
AWAY = [(20, "crash", {"name": "agent-1"}), (60, "restart", {"name": "agent-1"})]
ONE, OTHER = ["server-1", "agent-1", "agent-2"], ["server-2", "agent-3", "agent-4"]
SHOWS = {
    "authority": (AWAY + MAJORITY_LOST, 100),
    "repair": ([(20, "partition", {"groups": [ONE, OTHER]}), (120, "heal")], 200),
}


@pytest.mark.parametrize("reading", [CONSUL, CASSANDRA], ids=lambda reading: reading.system)
def test_a_system_is_read_in_full_with_sources(reading):
    assert list(reading.answers) == list(QUESTIONS)
    for answer in reading.answers.values():
        assert len(answer.text.split()) > 10
        assert answer.sources


def test_a_reading_shows_itself_as_a_table():
    table = CONSUL._repr_markdown_().splitlines()
    assert len(table) == 2 + len(QUESTIONS)
    assert all(line.count("|") == 4 for line in table[:1] + table[2:])
    assert repr(CONSUL).count("\n") == len(QUESTIONS)


def test_readings_are_compared_question_by_question():
    table = compare([CONSUL, CASSANDRA]).splitlines()
    assert table[0] == "| question | Consul | Cassandra |"
    assert len(table) == 2 + len(QUESTIONS)
    with pytest.raises(ValueError, match="readings is empty"):
        compare([])


@pytest.mark.parametrize(
    ("text", "sources", "words"), [(" ", ("a",), "text is empty"), ("x", (), r"sources is \(\)")]
)
def test_an_answer_without_text_or_source_is_refused(text, sources, words):
    with pytest.raises(ValueError, match=words):
        Answer(text, sources)


@pytest.mark.parametrize("name", CONSUL_CLAIMS)
def test_each_claim_can_be_shown(name):
    steps, at = SHOWS[name]
    assert judge(CONSUL_CLAIMS[name], Scenario(steps), at).shown


CRASHES = [(20, "crash", {"name": name}) for name in ("agent-1", "server-1", "server-2")]


def test_the_lessons_own_claim_is_shown_by_its_steps():
    assert judge(CONSUL_EXAMPLE, Scenario(CRASHES), 40).shown


@pytest.mark.parametrize(
    ("steps", "at", "reason"),
    [
        (CRASHES[:1], 40, "no running server names agent-1"),
        (CRASHES[1:], 40, "agent-1 is up"),
        (CRASHES, 22, "do not take agent-1 for dead"),
    ],
)
def test_the_lessons_own_claim_needs_each_of_its_parts(steps, at, reason):
    assert reason in judge(CONSUL_EXAMPLE, Scenario(steps), at).reason


@pytest.mark.parametrize(
    ("name", "steps", "at", "reason"),
    [
        ("authority", [], 60, "the servers name agent-1"),
        ("authority", [(20, "crash", {"name": "agent-1"})], 90, "agent-1 is down"),
        ("authority", AWAY, 100, "the servers name agent-1"),
        ("authority", AWAY + MAJORITY_LOST, 60.1, "do not take agent-1 for alive"),
        (
            "authority",
            AWAY + MAJORITY_LOST + [(50, "crash", {"name": "server-3"})],
            100,
            "no server is up",
        ),
        ("repair", [(20, "partition", {"groups": [ONE, OTHER]})], 100, "still partitioned"),
        ("repair", [(20, "crash", {"name": "agent-2"})], 100, "some node is down"),
        ("repair", [(20, "partition", {"groups": [ONE]}), (120, "heal")], 200, "there are two camps"),
        ("repair", [(20, "partition", {"groups": [ONE, OTHER]}), (22, "heal")], 100, "one camp"),
        # seen everywhere for a moment: right after healing nobody has had the time to exchange anything
        (
            "repair",
            [(20, "partition", {"groups": [ONE, OTHER]}), (120, "heal")],
            120.01,
            "this run shows something else",
        ),
    ],
)
def test_evidence_that_does_not_show_it_is_told_why(name, steps, at, reason):
    verdict = judge(CONSUL_CLAIMS[name], Scenario(steps), at)
    assert not verdict.shown
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("scenario", "at", "words"),
    [
        ("crash", 10, "scenario is 'crash'"),
        (Scenario([(1, "heal")] * 41), 10, "has 41 steps: at most 40"),
        (Scenario([]), 301, "at is 301: it must be a number, between 0 and 300"),
        (Scenario([(1, "crash", {"name": "agent-99"})]), 10, "'agent-99' is not a node"),
    ],
)
def test_evidence_out_of_bounds_is_refused(scenario, at, words):
    with pytest.raises(ValueError, match=words):
        judge(CONSUL_CLAIMS["authority"], scenario, at)
