"""Evidence and tuning tasks: neither nothing at all, nor what a lesson shows, nor a product's defaults will do."""

import json
import re

import nbformat
import pytest

from gossipkit.grading.answers import declared, needs, own_cells
from gossipkit.grading.properties import PropertyFailed
from gossipkit.reading import (
    CASSANDRA_CLAIMS,
    CONSUL_CLAIMS,
    DYNAMO_CLAIMS,
    REDIS_CLUSTER_CLAIMS,
    TRUST_CLAIMS,
    judge,
)
from gossipkit.sim import Scenario
from gossipkit.systems import Consul
from gossipkit.systems.dynamo.experiments.misses import SLOPPY_MISSES

CLAIMS = {
    (assignment, name): claim
    for assignment, claims in (
        ("consul", CONSUL_CLAIMS),
        ("cassandra", CASSANDRA_CLAIMS),
        ("dynamo", DYNAMO_CLAIMS),
        ("unseen", REDIS_CLUSTER_CLAIMS),
        ("trust", TRUST_CLAIMS),
    )
    for name, claim in claims.items()
}
LESSON = {
    "consul": "02_consul_memberlist",
    "cassandra": "03_cassandra",
    "dynamo": "04_dynamo",
    "unseen": "05_side_by_side",
    "trust": "07_trust",
}
GRADERS = (1, 11, 12, 13)  # the seeds with which evidence is replayed, in sight and hidden
OTHERS = (4, 5, 6, 101, 102)
MOMENTS = (1, 21, 30, 60, 80.5, 81, 90, 112, 120.01, 150, 200, 250, 300)


def down(name, at, back):
    return [(at, "crash", {"name": name}), (back, "restart", {"name": name})]


def cut_off(groups, at, back):
    return [(at, "partition", {"groups": [group.split() for group in groups]}), (back, "heal")]


def lies(**how):
    return [(10, "forge", {"name": "m-9", "about": "m-1", "claim": "dead"} | how)]


# what the lessons do to a cluster, with their times, on the nodes of the exercises
EIGHT = " ".join(Consul(agents=9, servers=3, seed=1).nodes_of(1)[:8])
LESSONS = {
    "consul": {
        "a crash": [(20, "crash", {"name": "agent-1"})],
        "a crash, two servers cut off": [
            (20, "crash", {"name": "agent-1"}),
            (20, "partition", {"groups": [["server-1"], ["server-2"]]}),
        ],
        "a crash, two servers lost": [(20, "crash", {"name": name}) for name in ("agent-1", "server-1", "server-2")],
        "two halves": cut_off([EIGHT], 0, 120),
        "a slander": [(20, "pause", {"name": "agent-1", "seconds": 3.0})],
    },
    "cassandra": {
        "one node down": down("node-6", 15, 35),
        "two nodes down": down("node-5", 15, 35) + down("node-6", 15, 35),
        "longer than the hint window": down("node-6", 10, 90),
        "a tenth lost": [(0, "set_loss", {"p": 0.1})],
        "three tenths lost": [(0, "set_loss", {"p": 0.3})],
        "one against two": cut_off(["node-1", "node-2 node-3"], 10, 40),
        "a deletion missed": down("node-3", 3, 34),
    },
    "dynamo": {
        "what a search found": json.loads(SLOPPY_MISSES.to_json()),
        "an outage": down("node-2", 2, 22),
        "the operator's": [(0, "set_loss", {"p": 0.02}), *down("node-2", 5, 25)],
        "the cart's": cut_off(["node-1 node-4 node-5"], 5, 15),
    },
    "unseen": {
        "a crash": [(20, "crash", {"name": "node-1"})],
        "a crash, and back with its disk": down("node-1", 20, 60),
        "a replica down": down("node-4", 20, 60),
        "two of three masters": [(20, "crash", {"name": name}) for name in ("node-1", "node-2")],
        "slow for 8 s": [(20, "pause", {"name": "node-1", "seconds": 8.0})],
        "two halves": cut_off(["node-1 node-2 node-3"], 20, 80),
    },
    "trust": {
        "a storm of deaths": lies(growth=1, every_s=0.1, for_s=10.0),
        "a death in others' names": [step for by in ("m-2", "m-3", "m-4") for step in lies(by=by, every_s=0.5, for_s=20.0)],
        "the highest incarnation": lies(incarnation=2**32 - 1),
        "a life, once": [(10, "crash", {"name": "m-1"}), *lies(claim="alive")],
        "a crash": [(10, "crash", {"name": "m-1"})],
    },
}  # fmt: skip


def notebook_of(root, assignment):
    return nbformat.read(root / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)


def source_of(notebook, cell_id):
    return next(cell.source for cell in notebook.cells if cell.id == cell_id)


def printed(root, lesson):
    """The scenarios that a lesson prints."""
    notebook = nbformat.read(root / "notebooks" / f"{lesson}.ipynb", as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for found in re.findall(r"\[\s*\[\d[^\n]*\](?:,\s*\[\d[^\n]*\])*\s*\]", text):
                try:
                    yield Scenario.from_json(found)
                except ValueError:
                    continue


def shown_somewhere(claim, scenario):
    """The moments at which a scenario would be taken for evidence of a claim."""
    system = claim.system(GRADERS[0])
    try:
        system.play(scenario)
    except ValueError:  # it names nodes that the exercise has not
        return []
    seen = []
    for at in MOMENTS:
        system.run(at)
        if not claim.seen(system):
            seen.append(at)
    # the other seeds and the variant only where there is something to be seen
    return [at for at in seen if judge(claim, scenario, at, seeds=GRADERS).shown]


@pytest.mark.parametrize(("assignment", "name"), CLAIMS)
def test_nothing_at_all_shows_nothing(assignment, name):
    assert not shown_somewhere(CLAIMS[assignment, name], Scenario())


@pytest.mark.parametrize("name", LESSON)
def test_a_lesson_prints_no_evidence(root, name):
    found = list(printed(root, LESSON[name]))
    assert found or name != "dynamo"
    for scenario in found:
        for (assignment, _), claim in CLAIMS.items():
            assert assignment != name or not shown_somewhere(claim, scenario), scenario.to_json()


@pytest.mark.parametrize(
    ("assignment", "name", "did"), [(*key, did) for key in CLAIMS for did in LESSONS[key[0]]]
)
def test_what_a_lesson_does_is_no_evidence(assignment, name, did):
    assert not shown_somewhere(CLAIMS[assignment, name], Scenario(LESSONS[assignment][did]))


ABOUT_NO_JOIN = {
    "a pause while they join": ([(55, "pause", {"name": "node-1", "seconds": 60.0})], 130.0),
    "a pause that goes on": ([(60, "pause", {"name": "node-1", "seconds": 90.0})], 130.0),
    "a restart": (down("node-1", 60, 90), 130.0),
    "loss": ([(60, "set_loss", {"p": 0.9})], 130.0),
    "a partition before": (cut_off(["node-1 node-2"], 0, 15), 80.0),
    "a partition after both have joined": (cut_off(["node-1 node-2"], 200, 250), 270.0),
}


@pytest.mark.parametrize("did", ABOUT_NO_JOIN)
def test_a_fault_that_has_nothing_to_do_with_two_joins_does_not_show_what_they_do(did):
    steps, at = ABOUT_NO_JOIN[did]
    assert not judge(CASSANDRA_CLAIMS["owners"], Scenario(steps), at, seeds=(1,)).shown


@pytest.mark.parametrize(("assignment", "name"), CLAIMS)
def test_the_references_evidence_does_not_depend_on_the_seed(root, assignment, name):
    namespace = {}
    exec(
        next(cell.source for cell in notebook_of(root, assignment).cells if cell.id == "evidence"), namespace
    )
    scenario, at = namespace["evidence"][name]
    verdict = judge(CLAIMS[assignment, name], scenario, at, seeds=OTHERS)
    assert verdict.shown, verdict.reason


def missed(notebook, answers, family):
    """The first test of a family of tasks that answers fail, as students have it: what is hidden has the same targets.

    It is run in this process: the tests are the course's, and so are these answers.
    """
    names = {name for given in declared(notebook).values() for name in given}
    own = own_cells(notebook)
    for test, needed in needs(notebook, names).items():
        if test.startswith(family):
            namespace = {"__name__": "__main__"}
            for setup in needed.setup:
                exec(own[setup].source, namespace)
            try:
                exec(own[test].source, namespace | answers)
            except PropertyFailed:
                return test
    return None


MODES = ("push", "pull", "push-pull")
TUNED = {
    "epidemics": (
        "3-",
        "settings",
        [
            {"mode": mode, "fanout": fanout, "copies": copies}
            for mode in MODES
            for fanout, copies in ((3, 12), (1, 1), (6, 40))
        ],
    ),
    "consul": (
        "4-",
        "wan_settings",
        [
            {},
            {"probe_interval_s": 5.0, "probe_timeout_s": 3.0, "suspicion_mult": 6, "gossip_interval_s": 0.5, "gossip_nodes": 4},
            {"probe_timeout_s": 0.2, "indirect_checks": 1, "suspicion_mult": 3, "gossip_interval_s": 0.1, "retransmit_mult": 2},
            {"suspicion_mult": 1},
        ],
    ),
    "cassandra": (
        "4-",
        "choice",
        [
            {"write": write, "read": read, "hint_window_s": hints, "repair_interval_s": repair}
            for write, read, hints, repair in (
                ("ONE", "ONE", 10_800.0, None),
                ("QUORUM", "QUORUM", 0.0, 2.0),
                ("ALL", "ALL", 0.0, 2.0),
            )
        ],
    ),
    "dynamo": (
        "5-",
        "choice",
        [
            {"n": n, "r": r, "w": w, "quorum": quorum, "merkle_s": merkle_s}
            for n, r, w in ((3, 2, 2), (1, 1, 1), (5, 1, 1), (5, 5, 5))
            for quorum in ("strict", "sloppy")
            for merkle_s in (10.0,)
        ]
        + [{"n": 5, "r": 4, "w": 2, "quorum": "strict", "merkle_s": merkle_s} for merkle_s in (1.0, 60.0)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("assignment", TUNED)
def test_defaults_and_corners_each_miss_a_target_and_the_reference_none(root, assignment):
    family, name, corners = TUNED[assignment]
    notebook = notebook_of(root, assignment)
    cell = next(cell for cell, given in declared(notebook).items() if name in given)
    namespace = {}
    exec(source_of(notebook, cell), namespace)
    released = nbformat.read(root / "exercises" / assignment / f"{assignment}.ipynb", as_version=4)
    assert not missed(released, {name: namespace[name]}, family)
    for corner in corners:
        assert missed(released, {name: corner}, family), corner
