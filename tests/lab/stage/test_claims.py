"""A claim watched live: the stage's verdict is the exercise's judgement of the same steps."""

import nbformat
import pytest

from gossipkit.lab.stage import Stage
from gossipkit.reading import (
    CASSANDRA_CLAIMS,
    CONSUL_CLAIMS,
    DYNAMO_CLAIMS,
    REDIS_CLUSTER_CLAIMS,
    TRUST_CLAIMS,
)
from gossipkit.reading.evidence import _played
from gossipkit.sim import Scenario
from gossipkit.systems import Consul

CASES = {
    "authority": (
        CONSUL_CLAIMS["authority"],
        [
            (20, "crash", {"name": "agent-1"}),
            (45, "crash", {"name": "server-1"}),
            (46, "restart", {"name": "agent-1"}),
        ],
        60,
    ),
    "owners": (CASSANDRA_CLAIMS["owners"], [(62, "partition", {"groups": [["node-6"]]}), (66, "heal")], 75),
    "consistency": (
        CASSANDRA_CLAIMS["consistency"],
        [(31, "partition", {"groups": [["node-1", "node-2"]]}), (50, "heal")],
        60,
    ),
    "quorum": (
        DYNAMO_CLAIMS["quorum"],
        [(9, "crash", {"name": "node-2"}), (12, "restart", {"name": "node-2"})],
        30,
    ),
    "no quorum": (DYNAMO_CLAIMS["repair"], [(10, "crash", {"name": "node-2"})], 30),
}


def evidence(root, system):
    """What a reference solution hands in for each of its claims: a scenario, and the moment at which it shows it."""
    notebook = nbformat.read(root / "solutions" / system / f"{system}.ipynb", 4)
    found = {}
    exec(next(cell.source for cell in notebook.cells if cell.id == "evidence"), found)
    return found["evidence"]


OF_SYSTEM = {
    "consul": CONSUL_CLAIMS,
    "cassandra": CASSANDRA_CLAIMS,
    "dynamo": DYNAMO_CLAIMS,
    "unseen": REDIS_CLUSTER_CLAIMS,
    "trust": TRUST_CLAIMS,
}
CLAIMS = [(system, name) for system, claims in OF_SYSTEM.items() for name in claims]


def seen_at(told, at):
    """Whether the claim is seen at a moment, by what the browser is told."""
    return [seen for time, seen, _ in told["changes"] if time <= at][-1]


@pytest.mark.parametrize(("system", "name"), CLAIMS)
def test_each_claim_is_seen_on_the_stage_and_not_on_the_variant_beside(root, system, name):
    scenario, at = evidence(root, system)[name]
    claim = OF_SYSTEM[system][name]
    stage = Stage(claim=claim, scenario=scenario, seconds=float(at))
    told = stage.meta["claim"]
    assert (seen_at(told, at), seen_at(told["beside"], at)) == (True, False)
    assert not seen_at(told, 1)  # it is the steps that show it
    assert stage.judge(at).shown


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("variant", [False, True])
def test_at_each_second_the_stage_says_what_the_judgement_would(case, variant):
    claim, steps, seconds = CASES[case]
    scenario = Scenario(steps)
    stage = Stage(claim=claim, scenario=scenario, seconds=float(seconds), variant=variant)
    found = stage.meta["claim"]
    for told, make in zip(
        (found, found["beside"]),
        (claim.variant, claim.system) if variant else (claim.system, claim.variant),
        strict=True,
    ):
        for at in (seconds // 2, seconds - 7, seconds):
            missing = [what for time, _, what in told["changes"] if time <= at][-1]
            assert missing == _played(claim, make(1), scenario, at)
            assert (missing == "") == any(
                begin <= at < end or at == end == seconds for begin, end in told["spans"]
            )
        assert told["seen"] == (told["missing"] == "")


def test_judge_is_the_exercises_own():
    claim, steps, seconds = CASES["quorum"]
    stage = Stage(claim=claim, scenario=Scenario(steps), seconds=20.0)
    verdict = stage.judge(seconds)
    assert not verdict.shown and "none missed an acknowledged write" in verdict.reason


def test_only_what_the_claim_allows_can_be_done():
    stage = Stage(claim=DYNAMO_CLAIMS["quorum"], seconds=5.0)
    assert {action["name"] for action in stage.meta["actions"]} == {"crash", "restart", "pause"}
    assert stage.meta["controls"] == [] and stage.meta["stretch_s"] > 0


def test_a_claim_brings_its_own_system():
    with pytest.raises(ValueError, match="claim brings its own system"):
        Stage(Consul, claim=CONSUL_CLAIMS["authority"])


def test_the_trace_of_a_judged_run_changes_nothing():
    claim, steps, seconds = CASES["authority"]
    assert _played(claim, claim.system(2), Scenario(steps), seconds) == _played(
        claim, claim.system(2, trace=True), Scenario(steps), seconds
    )
