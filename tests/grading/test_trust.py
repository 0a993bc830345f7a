"""Exercise 7, graded: the reference, the untouched exercise, and plausible wrong answers."""

from functools import cache

import nbformat
import pytest
from nbgrader.utils import is_grade

from gossipkit.grading.course import assignments
from gossipkit.grading.results import GRADED, Mark
from gossipkit.grading.teaching import teaching
from gossipkit.reading.unseen.trust import LIARS

EXERCISE = "trust"
POINTS = {
    "1-consul": 1,
    "1-consul-all": 1,
    "1-cassandra": 1,
    "1-cassandra-all": 1,
    "1-gossipsub": 1,
    "1-gossipsub-all": 1,
    "2-starts": 1,
    "2-refutes": 2,
    "2-lies": 2,
    "3-stays": 2,
    "3-falls": 2,
    "3-memory": 1,
    "3-hand": 1,
    "4-majority": 2,
    "4-undead": 2,
    "5-threats": 4,
}
CAP = {"2-starts", "2-refutes", "2-lies"}
SCORE = {"3-stays", "3-falls", "3-memory", "3-hand"}


def instead(answers):
    """Other answers to some statements, by their numbers."""

    def changed(source):
        for number, other in answers.items():
            start = f'    {number}: "'
            at = source.index(start) + len(start)
            assert not source[at:].startswith(f'{other}"')
            source = source[:at] + other + source[source.index('"', at) :]
        return source

    return changed


def put(*pairs):
    """Other texts for some, each of which is there."""

    def changed(source):
        for before, after in pairs:
            assert before in source, before
            source = source.replace(before, after)
        return source

    return changed


LIMIT = "claimed <= now_s + APART_S + AHEAD"
MERIT = 'min(1.0, recent["first"] / 10.0)'
MAJORITY, UNDEAD = "(Scenario(buried), 21.0)", "(Scenario(risen), 80.0)"


def handed_in(before, steps, at):
    return put((before, f"(Scenario({steps}), {at})"))


ALL = {
    "sealed is fresh": ("consul", instead({3: "nobody"}), {"1-consul-all"}),
    "members speak of themselves": ("consul", instead({1: "owner", 7: "owner"}), {"1-consul-all"}),
    "the servers check": ("consul", instead({6: "decider"}), {"1-consul-all"}),
    "a key is trust": (
        "consul",
        instead({1: "nobody", 3: "nobody", 6: "nobody", 7: "nobody"}),
        {"1-consul", "1-consul-all"},
    ),
    "a certificate proves what is said": (
        "cassandra",
        instead({1: "owner", 4: "owner"}),
        {"1-cassandra-all"},
    ),
    "a quorum is above gossip": ("cassandra", instead({6: "decider"}), {"1-cassandra-all"}),
    "TLS is trust": (
        "cassandra",
        instead({1: "nobody", 4: "nobody", 5: "member", 6: "nobody"}),
        {"1-cassandra", "1-cassandra-all"},
    ),
    "signed is true": ("gossipsub", instead({2: "nobody"}), {"1-gossipsub-all"}),
    "a score is a promise": ("gossipsub", instead({7: "nobody"}), {"1-gossipsub-all"}),
    "nobody can be trusted": (
        "gossipsub",
        instead({1: "outsider", 3: "member", 6: "member"}),
        {"1-gossipsub", "1-gossipsub-all"},
    ),
    "no cap": ("cap", put((f"newer and {LIMIT}", "newer")), CAP),
    "nothing is believed": ("cap", put((f"newer and {LIMIT}", "False")), CAP),
    "a jump from what is known": (
        "cap",
        put((LIMIT, "claimed <= (now_s if known is None else known) + APART_S + AHEAD")),
        CAP,
    ),
    "a year, as Cassandra": ("cap", put((LIMIT, "claimed <= now_s + 31_536_000")), CAP),
    "a quarter of an hour": ("cap", put((LIMIT, "claimed <= now_s + 900")), {"2-lies"}),
    "clocks are right": ("cap", put((LIMIT, "claimed <= now_s + AHEAD")), {"2-starts", "2-refutes"}),
    "refutations are few": ("cap", put((LIMIT, "claimed <= now_s + APART_S")), {"2-starts", "2-refutes"}),
    "the first word is believed": (
        "cap",
        put((f"newer and {LIMIT}", f"known is None or newer and {LIMIT}")),
        {"2-lies"},
    ),
    "equal is news": ("cap", put(("claimed > known", "claimed >= known")), {"2-starts", "2-lies"}),
    "it wraps": (
        "cap",
        put(("number if number <= clock_s + AHEAD else None", "number % 2**32")),
        {"2-refutes"},
    ),
    "always one more": (
        "cap",
        put(("number if number <= clock_s + AHEAD else None", "number")),
        {"2-refutes"},
    ),
    "the clock is no number": ("cap", put(("max(clock_s, accused + 1)", "accused + 1")), {"2-refutes"}),
    "merit without a cap": (
        "score",
        put((MERIT, 'recent["first"]'), ("- deficit**2 - 10.0 * lies**2", "- deficit - lies")),
        {"3-falls"},
    ),
    "nothing fades": ("score", put(("0.5 ** ((now_s - at_s) / 30.0)", "1.0")), SCORE - {"3-hand"}),
    "it fades too slowly": ("score", put(("/ 30.0)", "/ 900.0)")), {"3-falls", "3-memory", "3-stays"}),
    "it fades too quickly": ("score", put(("/ 30.0)", "/ 2.0)")), SCORE - {"3-hand"}),
    "slow is a liar": (
        "score",
        put(("0.65 * asked - 3.0", "0.2 * asked - 3.0")),
        {"3-stays", "3-falls"},
    ),
    "from the first message on": ("score", put(("0.65 * asked - 3.0", "0.65 * asked")), {"3-stays"}),
    "one mistake": (
        "score",
        put((' - 1.0) + max(0.0, recent["broken"] - 1.0)', ') + max(0.0, recent["broken"])')),
        {"3-stays"},
    ),
    "only invalid messages": ("score", put((" - deficit**2", "")), {"3-falls"}),
    "promises don't count": ("score", put((' + max(0.0, recent["broken"] - 1.0)', "")), {"3-falls"}),
    "a new connection is a new peer": (
        "score",
        put(
            (
                "    asked =",
                '    if any(kind == "joined" for _, kind in events):\n        return 0.0\n    asked =',
            )
        ),
        {"3-memory"},
    ),
    "an accusation counts": (
        "score",
        put(
            (
                "    asked =",
                '    recent["invalid"] += sum(kind == "accused" for _, kind in events)\n    asked =',
            )
        ),
        {"3-hand"},
    ),
    "praise counts": (
        "score",
        put(
            (
                "    asked =",
                '    recent["first"] += sum(kind == "praised" for _, kind in events)\n    asked =',
            )
        ),
        {"3-hand"},
    ),
    "everybody is good": ("score", put((f"return {MERIT}", f"return 1.0 or {MERIT}")), SCORE),
    "everybody is bad": ("score", put((f"return {MERIT}", f"return -1.0 or {MERIT}")), SCORE),
    "no evidence": (
        "evidence",
        put(("Scenario(buried)", "Scenario()"), ("Scenario(risen)", "Scenario()")),
        {"4-majority", "4-undead"},
    ),
    "one accuser": ("evidence", handed_in(MAJORITY, "buried[:1]", 21.0), {"4-majority"}),
    "three accusers": ("evidence", handed_in(MAJORITY, "buried[:3]", 21.0), {"4-majority"}),
    "enough for what is in sight": ("evidence", handed_in(MAJORITY, "buried[:6]", 21.0), {"4-majority"}),
    "said once": ("evidence", put(('"every_s": 0.1, ', "")), {"4-majority"}),
    "said seldom": ("evidence", put(('"every_s": 0.1, ', '"every_s": 1.0, ')), {"4-majority"}),
    "eight liars": (
        "evidence",
        put(('storm | {"by": accuser}', 'storm | {"name": accuser}')),
        {"4-majority"},
    ),
    "the wrap": (
        "evidence",
        put(('"growth": 1, "every_s": 0.1', '"incarnation": 2**32 - 1, "every_s": 0.1')),
        {"4-majority"},
    ),
    "it is over": ("evidence", handed_in(MAJORITY, "buried", 40.0), {"4-majority"}),
    "a life said once": ("evidence", put((' "growth": 1, "every_s": 1.0,', "")), {"4-undead"}),
    "before anybody has noticed": ("evidence", handed_in(UNDEAD, "risen", 16.0), {"4-undead"}),
    "a crash alone": ("evidence", handed_in(UNDEAD, "risen[:1]", 80.0), {"4-undead"}),
    "it comes back": (
        "evidence",
        handed_in(UNDEAD, 'risen[:1] + [(15, "restart", {"name": "m-1"})]', 80.0),
        {"4-undead"},
    ),
}

# of each cell some that are graded as students' work is; all are looked at in this process
WRONG = {
    name: ALL[name]
    for name in (
        "a key is trust",
        "TLS is trust",
        "nobody can be trusted",
        "no cap",
        "a jump from what is known",
        "it wraps",
        "merit without a cap",
        "a new connection is a new peer",
        "an accusation counts",
        "three accusers",
        "eight liars",
        "a crash alone",
    )
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "5-threats")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_that_is_graded_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


FAMILY = {"cap": "2-", "score": "3-", "evidence": "4-"}


@pytest.fixture(scope="module")
def failed(root):
    """``failed(name)``: the tests that a wrong answer fails, with their reasons, run in this process: the answer is the course's own."""
    cells = [
        cell
        for cell in nbformat.read(root / "solutions/trust/trust.ipynb", as_version=4).cells
        if cell.cell_type == "code"
    ]

    @cache
    def reasons(name):
        changed, change, lost = ALL[name]
        namespace = {"__name__": "__main__"}
        for cell in cells:
            if not is_grade(cell):
                exec(change(cell.source) if cell.id == changed else cell.source, namespace)
        found = {}
        for cell in cells:
            # evidence for one claim says nothing of the other one, and takes the longest
            asked = (
                cell.id in lost
                if changed == "evidence"
                else cell.id.startswith(FAMILY.get(changed, f"1-{changed}"))
            )
            if is_grade(cell) and asked:
                try:
                    exec(cell.source, dict(namespace))
                except Exception as error:
                    found[cell.id] = str(error)
        return found

    return reasons


@pytest.mark.parametrize("name", ALL)
def test_a_plausible_wrong_answer_fails_the_tests_of_what_is_wrong(failed, name):
    assert set(failed(name)) == ALL[name][2], failed(name)


# right answers that look nothing like the reference: a window, gossipsub's own counters
OTHERWISE = {
    "a window": """def score(events, now_s):
    last = [kind for at_s, kind in events if at_s > now_s - 60]
    long = [kind for at_s, kind in events if at_s > now_s - 300]
    told = sum(last.count(kind) for kind in ("first", "also", "missed"))
    silent = told >= 10 and last.count("missed") / told > 0.7
    lies = last.count("invalid") >= 2 or last.count("broken") >= 2 or long.count("invalid") >= 10
    return -float(silent or lies)
""",
    "counters that decay with each event": """def score(events, now_s):
    count, before_s = dict.fromkeys(("first", "came", "missed", "invalid", "broken"), 0.0), 0.0
    for at_s, kind in [*events, (now_s, "")]:
        count = {name: value * 0.97 ** (at_s - before_s) for name, value in count.items()}
        before_s = at_s
        for name in {kind, "came" if kind in ("first", "also") else kind} & set(count):
            count[name] += 1
    deficit = max(0.0, count["missed"] - 2 * count["came"] - 4)
    lies = [max(0.0, count[name] - 1.2) for name in ("invalid", "broken")]
    return 0.05 * min(20.0, count["first"]) - deficit**2 - 5 * sum(each**2 for each in lies)
""",
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_another_right_score_passes_as_well(root, name):
    cells = nbformat.read(root / "solutions/trust/trust.ipynb", as_version=4).cells
    namespace = {"__name__": "__main__"}
    for wanted in ("checks", "score-given"):
        exec(next(cell.source for cell in cells if cell.id == wanted), namespace)
    exec(OTHERWISE[name], namespace)
    for cell in cells:
        if cell.id.startswith("3-"):
            exec(cell.source, dict(namespace))


def test_the_reason_says_what_the_evidence_lacks(failed):
    assert "for 0% of the last 10 s" in failed("three accusers")["4-majority"]
    assert "one is to be enough" in failed("eight liars")["4-majority"]
    assert "it must be 60 s" in failed("before anybody has noticed")["4-undead"]
    assert "with crash, forge alone" in failed("it comes back")["4-undead"]


def test_each_known_misconception_is_what_some_wrong_answer_points_to(root, failed):
    told = teaching(assignments(root, [EXERCISE])[0])
    marks = [
        Mark("s", EXERCISE, task, 0.0, 1.0, GRADED, reason, {})
        for name in ALL
        for task, reason in failed(name).items()
    ]
    assert {one.points_to for one in told.misconceptions} <= {told.shown_by(mark) for mark in marks}


@pytest.mark.parametrize("name", LIARS)
def test_the_notebook_says_the_statements_and_their_answers_as_the_reading_does(statements_are_said, name):
    statements_are_said("trust", name, LIARS[name])
