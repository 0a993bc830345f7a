"""Exercise 8, graded: the reference, the untouched exercise, and plausible wrong answers."""

import re

import nbformat
import pytest

from gossipkit.grading.course import assignments
from gossipkit.grading.teaching import teaching
from gossipkit.reading import Finding, Incident, Layer, score
from gossipkit.reading.incidents.judging import POINTS as PARTS
from gossipkit.reading.incidents.judging import Answer
from gossipkit.reading.unseen.incidents import ANSWERS

EXERCISE = "incidents"
NIGHTS = {name: number for number, name in enumerate(Incident.UNSEEN, 1)}
SHARES = {"near": 0.3, "nearer": 0.6, "found": 0.9}
POINTS = {f"{number}-{how}": 1 for number in NIGHTS.values() for how in SHARES} | {
    "5-right": 1,
    "5-made": 1,
    "5-mutant": 1,
    "6-found": 1,
    "6-other": 2,
    "6-shrunk": 2,
    "7-post-mortem": 4,
}


def swapped(*pairs):
    """Pieces of an answer's source in the place of others."""

    def changed(source):
        for old, new in pairs:
            assert old in source, old
            source = source.replace(old, new)
        return source

    return changed


def found(**other):
    """A finding with some parts replaced, each by a piece of code."""

    def changed(source):
        for part, code in other.items():
            source, count = re.subn(rf'"{part}": [^\n]+,', f'"{part}": {code},', source)
            assert count == 1, part
        return source

    return changed


def _said(source, part):
    return re.search(rf'"{part}": ([^\n]+),', source)[1]


def of(number, *hows):
    """The tasks of one night."""
    return {f"{number}-{how}" for how in hows}


ALL = tuple(SHARES)
GOSSIP = {
    "layer": '"gossip"',
    "node": "None",
    "moment_s": "None",
    "mechanism": '"slow taken for dead"',
    "first_metric": "None",
}
WRONG = {
    "blamed on gossip": ("nightshift", found(**GOSSIP), of(1, *ALL)),
    "whom the alerts are about": ("nightshift", found(node='"agent-5"'), of(1, "found")),
    "only the layer": (
        "nightshift",
        lambda source: found(node="None", moment_s="None", mechanism="None", first_metric="None")(source),
        of(1, "nearer", "found"),
    ),
    "blamed on gossip, too": ("checkout", found(**GOSSIP), of(2, *ALL)),
    "the network instead": (
        "checkout",
        found(layer='"network"', mechanism='"full partition"'),
        of(2, "nearer", "found"),
    ),
    "no node of this incident": ("checkout", found(node='"node-99"'), of(2, *ALL)),
    "blamed on gossip again": ("ghosts", found(**GOSSIP), of(3, *ALL)),
    "half a minute late, elsewhere": (
        "ghosts",
        lambda source: found(moment_s=f"{_said(source, 'moment_s')} + 30", first_metric="None")(source),
        of(3, "found"),
    ),
    "nothing said": (
        "ghosts",
        found(layer="None", node="None", moment_s="None", mechanism="None", first_metric="None"),
        of(3, *ALL),
    ),
    "blamed on gossip as ever": ("standstill", found(**GOSSIP), of(4, *ALL)),
    "repair instead of clocks": (
        "standstill",
        found(layer='"repair"', mechanism='"hints given up"'),
        of(4, "nearer", "found"),
    ),
    "another mechanism of the layer": ("standstill", found(mechanism='"clock ahead"'), of(4, "found")),
    "what was appended counts": (
        "invariant",
        swapped(("raft-applied", "raft-appended")),
        {"5-right", "5-made", "5-mutant"},
    ),
    "each server by itself": (
        "invariant",
        swapped(('terms.setdefault(event["index"]', 'terms.setdefault((event["node"], event["index"])')),
        {"5-right", "5-made", "5-mutant"},
    ),
    "at the end": (
        "invariant",
        swapped(('return event["time"]', 'return events[-1]["time"]')),
        {"5-made"},
    ),
    "crashes without a way back": (
        "propose",
        swapped(
            (
                '(at, "crash", {"name": name}), (back, "restart", {"name": name})',
                '(at, "crash", {"name": name}),',
            )
        ),
        {"6-found", "6-other"},
    ),
    "chance without a seed": (
        "propose",
        swapped(("random.Random(seed)", "random.Random()")),
        {"6-found"},
    ),
    "one scenario again and again": (
        "propose",
        swapped(("random.Random(seed)", "random.Random(6)")),
        {"6-found", "6-other"},
    ),
    "halves only": ("shorten", swapped(("size //= 2", "size = 0")), {"6-shrunk"}),
    "nothing can go": (
        "shorten",
        swapped(("size, found = len(steps) // 2, []", "size, found = 0, []")),
        {"6-shrunk"},
    ),
    "steps of one's own": (
        "shorten",
        swapped(("    return found\n", '    return [[(9.0, "restart", {"name": "node-5"})]]\n')),
        {"6-shrunk"},
    ),
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "7-post-mortem")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


def test_the_notebooks_hidden_answers_are_those_that_are_held_back(root):
    cells = nbformat.read(root / "solutions/incidents/incidents.ipynb", as_version=4).cells
    names = {"Answer": Answer, "Layer": Layer}
    for name, number in NIGHTS.items():
        tests = [cell.source for cell in cells if cell.id in of(number, *ALL)]
        assert len(tests) == 3
        for source in tests:
            line = next(line for line in source.splitlines() if line.startswith("_answer = "))
            hidden, held = eval(line.removeprefix("_answer = "), names), ANSWERS[name]
            for part in ("layer", "nodes", "moment_s", "mechanism", "moved_s"):
                assert getattr(hidden, part) == getattr(held, part)


def test_whoever_always_says_gossip_gets_under_a_fifth_of_the_incidents_points():
    for mechanism in ("slow taken for dead", "damaged news", "stale news", "seeds gone"):
        got = 0
        for name in NIGHTS:
            shares = score(Incident.load(name), Finding(layer="gossip", mechanism=mechanism), ANSWERS[name])
            share = sum(shares[part] * of for part, of in PARTS.items()) / sum(PARTS.values())
            got += sum(share >= asked for asked in SHARES.values())
        assert got < 0.2 * len(SHARES) * len(NIGHTS)


def test_the_answers_stand_in_nothing_that_a_student_gets(root):
    received = (root / "exercises/incidents/incidents.ipynb").read_text("utf-8")
    assert "_answer" not in received and "forged news" not in received and "BEGIN HIDDEN" not in received


def test_each_known_misconception_is_what_some_wrong_answer_points_to(root, graded):
    told = teaching(assignments(root, ["incidents"])[0])
    shown = {told.shown_by(mark) for name in WRONG for mark in graded[name].values()}
    assert {one.points_to for one in told.misconceptions} <= shown
