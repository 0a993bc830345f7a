"""Exercise 5, graded: the reference, the untouched exercise, and plausible wrong answers."""

import pytest

from gossipkit.grading.course import assignments
from gossipkit.grading.teaching import teaching
from gossipkit.reading.unseen import exercise

EXERCISE = "unseen"
POINTS = {
    "1-redis": 1,
    "1-redis-all": 1,
    "2-pfail": 2,
    "2-lost": 2,
    "3-cockroachdb": 1,
    "3-cockroachdb-all": 1,
    "4-corrosion": 1,
    "4-corrosion-all": 1,
    "5-trust": 1,
    "5-trust-all": 1,
    "6-metrics": 1,
    "6-metrics-all": 1,
    "7-comparison": 4,
}


def instead(answers):
    """Other answers to some statements, by their numbers."""

    def changed(source):
        for number, other in answers.items():
            before = source
            start = f'    {number}: "'
            at = source.index(start) + len(start)
            source = source[:at] + other + source[source.index('"', at) :]
            assert source != before
        return source

    return changed


def steps(name, text, at=None):
    """Another scenario, and perhaps another moment, for one of the claims."""

    def changed(source):
        said = {"pfail": ("Scenario(majority)", "75.0"), "lost": ("Scenario(stopped)", "110.0")}[name]
        before = f"({said[0]}, {said[1]})"
        assert before in source
        return source.replace(before, f"(Scenario({text}), {at or said[1]})")

    return changed


WRONG = {
    "a broadcast is agreement": ("redis", instead({4: "gossip"}), {"1-redis-all"}),
    "acknowledged is durable": ("redis", instead({4: "authority", 7: "repair"}), {"1-redis-all"}),
    "OK is forever": ("redis", instead({7: "repair"}), {"1-redis-all"}),
    "gossip does it all": (
        "redis",
        instead({2: "gossip", 5: "gossip", 6: "gossip", 8: "gossip"}),
        {"1-redis", "1-redis-all"},
    ),
    "one of five masters": ("evidence", steps("pfail", "majority[:1]"), {"2-pfail"}),
    "two of five masters": ("evidence", steps("pfail", "majority[:2]"), {"2-pfail"}),
    "before it is FAIL": ("evidence", steps("pfail", "majority[:1]", "26.0"), {"2-pfail"}),
    "too soon": ("evidence", steps("pfail", "majority", "60.0"), {"2-pfail"}),
    "a master and its replica": (
        "evidence",
        steps("pfail", 'majority[:1] + [(10, "crash", {"name": "node-6"})]'),
        {"2-pfail"},
    ),
    "four of five masters": (
        "evidence",
        steps("pfail", 'majority + [(10, "crash", {"name": "node-4"})]'),
        {"2-pfail"},
    ),
    "they come back": (
        "evidence",
        steps("pfail", 'majority + [(50, "restart", {"name": "node-3"})]'),
        {"2-pfail"},
    ),
    "no evidence": (
        "evidence",
        lambda source: source.replace("Scenario(majority)", "Scenario()").replace(
            "Scenario(stopped)", "Scenario()"
        ),
        {"2-pfail", "2-lost"},
    ),
    "a crash": (
        "evidence",
        steps("lost", '[(20, "crash", {"name": "node-1"}), (60, "restart", {"name": "node-1"})]'),
        {"2-lost"},
    ),
    "too short a pause": (
        "evidence",
        lambda source: source.replace('"seconds": 30.0', '"seconds": 8.0'),
        {"2-lost"},
    ),
    "the replica stands still": (
        "evidence",
        lambda source: source.replace('(20, "pause", {"name": "node-1"', '(20, "pause", {"name": "node-4"'),
        {"2-lost"},
    ),
    "a cut": (
        "evidence",
        steps("lost", '[(20, "partition", {"groups": [["node-1"]]}), (60, "heal")]'),
        {"2-lost"},
    ),
    "it is still down": ("evidence", steps("lost", '[(20, "crash", {"name": "node-1"})]'), {"2-lost"}),
    "gossip says who is live": ("cockroachdb", instead({5: "gossip"}), {"3-cockroachdb-all"}),
    "a refused put only decides": ("cockroachdb", instead({4: "authority"}), {"3-cockroachdb-all"}),
    "an old copy takes a lease": ("cockroachdb", instead({6: "gossip"}), {"3-cockroachdb-all"}),
    "leases hang on gossip": (
        "cockroachdb",
        instead({2: "gossip", 5: "gossip", 6: "gossip"}),
        {"3-cockroachdb", "3-cockroachdb-all"},
    ),
    "no vote is no decision": ("corrosion", instead({3: "none", 6: "none"}), {"4-corrosion-all"}),
    "an owner decides nothing": ("corrosion", instead({3: "none"}), {"4-corrosion-all"}),
    "a rule is news": ("corrosion", instead({6: "gossip"}), {"4-corrosion-all"}),
    "all of it is gossip": (
        "corrosion",
        instead({2: "gossip", 3: "gossip", 6: "gossip"}),
        {"4-corrosion", "4-corrosion-all"},
    ),
    "members are checked": ("trust", instead({3: "holds", 8: "holds"}), {"5-trust-all"}),
    "a FAIL is checked": ("trust", instead({3: "holds"}), {"5-trust-all"}),
    "rows are checked": ("trust", instead({8: "holds"}), {"5-trust-all"}),
    "all is well": (
        "trust",
        instead({2: "holds", 3: "holds", 5: "holds", 6: "holds", 8: "holds", 9: "holds"}),
        {"5-trust", "5-trust-all"},
    ),
    "late gossip is dangerous": ("trust", instead({4: "gives way"}), {"5-trust-all"}),
    "lacking is waiting": (
        "metrics",
        instead({6: "corro_sync_client_needed", 7: "corro_broadcast_pending_count"}),
        {"6-metrics-all"},
    ),
    "a node knows what it lacks": (
        "metrics",
        instead({8: "corro_sync_client_needed"}),
        {"6-metrics-all"},
    ),
    "the state says it all": (
        "metrics",
        instead({1: "cluster_state", 2: "cluster_state", 3: "cluster_state"}),
        {"6-metrics", "6-metrics-all"},
    ),
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "7-comparison")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


def test_each_variant_or_the_moment_itself_refutes_evidence_of_something_else(graded):
    def reason(name, task):
        return graded[name][task].reason

    assert "owns no slot" in reason("two of five masters", "2-pfail")
    assert "takes node-1 for fail" in reason("a master and its replica", "2-pfail")
    assert "where there are seven masters" in reason("four of five masters", "2-pfail")
    assert "has them all" in reason("a crash", "2-lost")
    assert "there is a partition at 20 s" in reason("a cut", "2-lost")
    assert "some node is down" in reason("it is still down", "2-lost")


def test_each_known_misconception_is_what_some_wrong_answer_points_to(root, graded):
    told = teaching(assignments(root, ["unseen"])[0])
    shown = {told.shown_by(mark) for name in WRONG for mark in graded[name].values()}
    assert {one.points_to for one in told.misconceptions} <= shown


ASKED = {
    "redis": exercise.PARTS["redis"],
    "cockroachdb": exercise.PARTS["cockroachdb"],
    "corrosion": exercise.PARTS["corrosion"],
    "trust": exercise.TRUST,
    "metrics": exercise.METRICS,
}


@pytest.mark.parametrize("name", ASKED)
def test_the_notebook_says_the_statements_and_their_answers_as_the_readings_do(statements_are_said, name):
    statements_are_said("unseen", name, ASKED[name])
