"""Exercise 2, graded: the reference, the untouched exercise, and plausible wrong answers."""

import pytest

EXERCISE = "consul"
POINTS = {
    "1-parts": 2,
    "1-parts-all": 3,
    "2-confirmations": 2,
    "2-duration": 3,
    "2-no-confirmers": 1,
    "3-authority": 3,
    "3-repair": 3,
    "4-accuracy": 2,
    "4-speed": 2,
    "4-cost": 1,
    "5-advice": 4,
}
WAN = {
    "probe_interval_s": 5.0,
    "probe_timeout_s": 3.0,
    "suspicion_mult": 6,
    "gossip_interval_s": 0.5,
    "gossip_nodes": 4,
}
WRONG = {
    "user events are ordered": (
        "parts",
        lambda source: source.replace('7: "none"', '7: "gossip"'),
        {"1-parts-all"},
    ),
    "everything is gossip": (
        "parts",
        lambda source: 'parts = dict.fromkeys(range(1, 11), "gossip")',
        {"1-parts", "1-parts-all"},
    ),
    "not rounded down": (
        "suspicion",
        lambda source: source.replace("math.floor(", "("),
        {"2-duration"},
    ),
    "everybody counts": (
        "suspicion",
        lambda source: source.replace("len(self.accusers) - 1 >= self.k", "False"),
        {"2-confirmations"},
    ),
    "no edge": (
        "suspicion",
        lambda source: source.replace("if self.k < 1:", "if False:"),
        {"2-no-confirmers"},
    ),
    "a crash and no more": (
        "evidence",
        lambda source: source.replace('(50, "crash", {"name": "server-1"}),', ""),
        {"3-authority"},
    ),
    "dead and still named": (
        "evidence",
        lambda source: source.replace('(60, "restart", {"name": "agent-1"}),', ""),
        {"3-authority"},
    ),
    "seen too early": ("evidence", lambda source: source.replace("200.0", "120.01"), {"3-repair"}),
    "two halves": (
        "evidence",
        lambda source: source.replace(', ["server-2", "agent-3", "agent-4"]', ""),
        {"3-repair"},
    ),
    "WAN defaults": (
        "settings",
        lambda source: f"wan_settings = {WAN}",
        {"4-speed", "4-cost"},
    ),
    "LAN defaults": ("settings", lambda source: "wan_settings = {}", {"4-accuracy", "4-speed", "4-cost"}),
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "5-advice")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


def test_the_reason_says_what_the_evidence_lacks(graded):
    assert "the servers name agent-1" in graded["a crash and no more"]["3-authority"].reason
    assert "agent-1 is down" in graded["dead and still named"]["3-authority"].reason
    assert "there are two camps" in graded["two halves"]["3-repair"].reason
    assert "this run shows something else" in graded["seen too early"]["3-repair"].reason
