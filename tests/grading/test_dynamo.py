"""Exercise 4, graded: the reference, the untouched exercise, and plausible wrong answers."""

import pytest

EXERCISE = "dynamo"
POINTS = {
    "1-parts": 2,
    "1-parts-all": 2,
    "2-descends": 1,
    "2-concurrent": 1,
    "2-merge": 2,
    "3-deleted": 2,
    "3-laws": 2,
    "3-cost": 2,
    "4-quorum": 2,
    "4-repair": 2,
    "5-clients": 2,
    "5-latency": 1,
    "5-repair": 1,
    "6-advice": 4,
}
CHOICE = {"n": 5, "r": 4, "w": 2, "quorum": "strict", "merkle_s": 6.0}
LESSONS = 'Scenario([(9, "partition", {"groups": [["node-1", "node-3", "node-4"]]})])'
NEVER_HEALED = 'Scenario([(4, "partition", {"groups": [["node-1", "node-2", "node-3"]]})] + [step for'
MISTAKEN = """
def descends(a, b):
    return all(a.get(node, 0) > count for node, count in b.items())

def _at_least(a, b):
    return all(a.get(node, 0) >= count for node, count in b.items())

def concurrent(a, b):
    return not _at_least(a, b) and not _at_least(b, a)

def merge(a, b):
    return {node: max(a.get(node, 0), b.get(node, 0)) for node in a.keys() | b.keys()}
"""
OUT = 'return (*(other for other in cart if other != item), f"-{item}")'


def chosen(**otherwise):
    """The reference choice, but for some of it."""
    return lambda source: f"choice = {CHOICE | otherwise}"


WRONG = {
    "gossip decides": (
        "parts",
        lambda source: source.replace('4: "none"', '4: "gossip"'),
        {"1-parts-all"},
    ),
    # what is right and has a helper of its own loses nothing by a neighbour
    "equal does not descend": ("clocks", lambda source: MISTAKEN, {"2-descends"}),
    "missing is not zero": (
        "clocks",
        lambda source: source.replace("a.get(node, 0) >= count", "node in a and a[node] >= count"),
        {"2-descends"},
    ),
    "equal is a conflict": (
        "clocks",
        lambda source: source.replace(
            "return not descends(a, b) and", "return a == b or not descends(a, b) and"
        ),
        {"2-concurrent"},
    ),
    "sums": (
        "clocks",
        lambda source: source.replace(
            "max(a.get(node, 0), b.get(node, 0))", "a.get(node, 0) + b.get(node, 0)"
        ),
        {"2-merge"},
    ),
    "changes its argument": (
        "clocks",
        lambda source: source.replace(
            "return {node: max(a.get(node, 0), b.get(node, 0)) for node in a.keys() | b.keys()}",
            "a.update({node: max(a.get(node, 0), b[node]) for node in b})\n    return a",
        ),
        {"2-merge"},
    ),
    "a set": (
        "cart",
        lambda source: source.replace(OUT, "return tuple(other for other in cart if other != item)"),
        {"3-deleted", "3-laws", "3-cost"},
    ),
    "an intersection": (
        "cart",
        lambda source: source.replace(
            "{text for cart in carts for text in cart}", "set.intersection(*map(set, carts))"
        ),
        {"3-deleted", "3-laws"},
    ),
    "two siblings at most": (
        "cart",
        lambda source: source.replace("for cart in carts for text", "for cart in carts[:2] for text"),
        {"3-laws"},
    ),
    "nothing stays": ("cost", lambda source: 'left_behind, put_in_again = 0, "in"', {"3-cost"}),
    "the lesson's": (
        "evidence",
        lambda source: source.replace("Scenario(away + gone)", LESSONS),
        {"4-quorum"},
    ),
    "being away is enough": (
        "evidence",
        lambda source: source.replace("away + gone", "away"),
        {"4-quorum"},
    ),
    "one outage": ("evidence", lambda source: source.replace("range(1, 5)", "[2]"), {"4-repair"}),
    "never healed": (
        "evidence",
        lambda source: source.replace("Scenario([step for", NEVER_HEALED),
        {"4-repair"},
    ),
    "before repair": ("evidence", lambda source: source.replace("90.0", "40.8"), {"4-repair"}),
    "the paper's": (
        "choice",
        chosen(n=3, r=2, w=2, quorum="sloppy", merkle_s=10.0),
        {"5-clients", "5-latency", "5-repair"},
    ),
    "too small a quorum": ("choice", chosen(r=3), {"5-clients", "5-latency", "5-repair"}),
    "all must answer": ("choice", chosen(r=5, w=1), {"5-clients", "5-latency", "5-repair"}),
    "a majority each": ("choice", chosen(r=3, w=3), {"5-latency", "5-repair"}),
    "fewer homes": ("choice", chosen(n=4, r=3), {"5-latency", "5-repair"}),
    "stand-ins": ("choice", chosen(quorum="sloppy"), {"5-latency", "5-repair"}),
    "repair now and then": ("choice", chosen(merkle_s=20.0), {"5-repair"}),
    "repair as in the paper": ("choice", chosen(merkle_s=10.0), {"5-repair"}),
    "repair all the time": ("choice", chosen(merkle_s=1.0), {"5-repair"}),
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "6-advice")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


def test_each_mutated_system_or_the_moment_itself_refutes_evidence_of_something_else(graded):
    assert "there is a partition at 9 s" in graded["the lesson's"]["4-quorum"].reason
    assert "none missed an acknowledged write" in graded["being away is enough"]["4-quorum"].reason
    assert "the network is still partitioned" in graded["never healed"]["4-repair"].reason
    assert "the same is to be seen where hints are handed over" in graded["before repair"]["4-repair"].reason
