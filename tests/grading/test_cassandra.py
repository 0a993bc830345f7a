"""Exercise 3, graded: the reference, the untouched exercise, and plausible wrong answers."""

import pytest

EXERCISE = "cassandra"
POINTS = {
    "1-parts": 1,
    "1-parts-all": 2,
    "2-generations": 1,
    "2-versions": 2,
    "2-phi": 1,
    "2-window": 1,
    "3-consistency": 2,
    "3-zombie": 2,
    "3-owners": 2,
    "4-clients": 2,
    "4-rows": 1,
    "4-operators": 1,
    "5-hunt": 1,
    "5-rules": 1,
    "5-hunt-others": 1,
    "6-advice": 4,
}
DEFAULTS = '{"write": "ONE", "read": "ONE", "hint_window_s": 10800.0, "repair_interval_s": None}'


def replaced(*pairs):
    """A change of a cell, every part of which must be there."""

    def change(source):
        for old, new in pairs:
            assert old in source
            source = source.replace(old, new)
        return source

    return change


WRONG = {
    "clocks are right": ("parts", replaced(('8: "none"', '8: "authority"')), {"1-parts-all"}),
    "everything is gossip": (
        "parts",
        lambda source: 'parts = dict.fromkeys(range(1, 11), "gossip")',
        {"1-parts", "1-parts-all"},
    ),
    "versions alone": (
        "reply",
        replaced(
            ("local is None or remote[0] > local[0]", "local is None"), ("remote[0] < local[0]", "False")
        ),
        {"2-generations", "2-versions"},
    ),
    "everything each time": ("reply", replaced(('"request", local[1]', '"request", 0')), {"2-versions"}),
    "all that there is": ("reply", replaced(('"send", remote[1]', '"send", 0')), {"2-versions"}),
    "missed beats": ("window", replaced((" / math.log(10)", "")), {"2-phi", "2-window"}),
    "outages are learnt": ("window", replaced(("if interval <= 2.0:", "if True:")), {"2-window"}),
    "never forgotten": ("window", replaced(("[-self.size :]", "")), {"2-phi", "2-window"}),
    "looked too early": ("evidence", replaced(("120.0", "65.0")), {"3-consistency"}),
    "away too long": (
        "evidence",
        replaced(('down("node-3", 10, 60)), 200.0', 'down("node-3", 10, 190)), 260.0')),
        {"3-zombie"},
    ),
    "stalled": (
        "evidence",
        replaced(
            (
                "Scenario(apart(89, 96) + apart(119, 126)), 170.0",
                'Scenario([(15, "pause", {"name": "node-5", "seconds": 100.0})]), 100.0',
            )
        ),
        {"3-owners"},
    ),
    "one look of the two": ("evidence", replaced((" + apart(119, 126)", "")), {"3-owners"}),
    "looked while they join": ("evidence", replaced(("170.0", "100.0")), {"3-owners"}),
    "down and not cut off": (
        "evidence",
        replaced(
            (
                'Scenario([(29, "partition", {"groups": [["node-1", "node-2", "node-3"]]}), (61, "heal")])',
                'Scenario(down("node-6", 5, 100))',
            )
        ),
        {"3-consistency"},
    ),
    "by itself": ("evidence", replaced(("apart(89, 96) + apart(119, 126)", "[]")), {"3-owners"}),
    "defaults": ("choice", lambda source: f"choice = {DEFAULTS}", {"4-clients", "4-operators"}),
    "quorums and nothing else": (
        "choice",
        lambda source: f"choice = {DEFAULTS.replace('ONE', 'QUORUM')}",
        {"4-operators"},
    ),
    "all must answer": (
        "choice",
        replaced(('"write": "QUORUM"', '"write": "ALL"')),
        {"4-clients", "4-operators"},
    ),
    "repair all the time": ("choice", replaced(("28.0", "10.0")), {"4-operators"}),
    "no repair": ("choice", replaced(("28.0", "None")), {"4-clients", "4-rows", "4-operators"}),
    "heartbeats only": (
        "case",
        replaced(
            ('{name: VersionedValue(f"{name} at {at}", at) for name, at in applications.items()}', "{}")
        ),
        {"5-hunt", "5-hunt-others"},
    ),
    "no stranger": (
        "case",
        replaced(('    "unknown-there": state(1, 3, STATUS=1),\n', "")),
        {"5-hunt-others"},
    ),
    "no change of a value": (
        "case",
        replaced(("LOAD=4),\n}\nwrong_rule", "),\n}\nwrong_rule")),
        {"5-hunt-others"},
    ),
    "the other row": ("case", replaced(('"A": "generation lower"', '"A": "generation higher"')), {"5-rules"}),
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


@pytest.mark.parametrize(
    ("name", "task", "why"),
    [
        ("looked too early", "3-consistency", "hints, read repair and Merkle trees are switched on"),
        ("away too long", "3-zombie", "every range is repaired each 15 s"),
    ],
)
def test_each_mutated_system_catches_evidence_that_does_not_prove_the_claim(graded, name, task, why):
    assert f"the same is to be seen where {why}" in graded[name][task].reason
