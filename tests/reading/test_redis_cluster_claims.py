"""What is to be shown of Redis Cluster: by which runs it is, and by which it is not."""

import pytest

from gossipkit.reading import REDIS_CLUSTER_CLAIMS, judge
from gossipkit.sim import Scenario


def crashed(*names, at=10):
    return [(at, "crash", {"name": name}) for name in names]


def stopped(name, seconds):
    return [(20, "pause", {"name": name, "seconds": seconds})]


MAJORITY = ("node-1", "node-2", "node-3")
BACK = [(60, "restart", {"name": "node-1"})]


@pytest.mark.parametrize(
    ("name", "steps", "at"),
    [
        ("pfail", crashed(*MAJORITY), 75),
        ("pfail", crashed("node-3", "node-4", "node-5"), 75),
        ("lost", stopped("node-1", 30.0), 110),
        ("lost", stopped("node-1", 60.0), 110),
    ],
)
def test_each_claim_can_be_shown(name, steps, at):
    verdict = judge(REDIS_CLUSTER_CLAIMS[name], Scenario(steps), at, seeds=(1, 2))
    assert verdict.shown, verdict.reason


@pytest.mark.parametrize(
    ("name", "steps", "at", "reason"),
    [
        ("pfail", [], 75, "every node is up"),
        ("pfail", crashed("node-1", "node-2"), 75, "node-1 owns no slot, as node-3 knows it"),
        ("pfail", crashed("node-1", "node-6"), 75, "takes node-1 for fail"),
        ("pfail", crashed("node-6", "node-7", "node-8"), 75, "node-6 owns no slot"),
        ("pfail", crashed(*MAJORITY), 60, "node-1 is down for 50 s, and it must be 60 s"),
        ("pfail", crashed("node-1"), 24, "takes node-1 for ok"),
        ("pfail", crashed(*MAJORITY, "node-4"), 75, "where there are seven masters"),
        ("pfail", crashed(*(f"node-{number}" for number in range(1, 11))), 75, "no node is up"),
        ("pfail", [(10, "partition", {"groups": [[*MAJORITY]]})], 75, "there is a partition at 10 s"),
        ("lost", [], 110, "100 writes were acknowledged, and node-1 has them all"),
        ("lost", crashed("node-1", at=20) + BACK, 110, "and node-4 has them all"),
        ("lost", crashed("node-1", at=20), 110, "some node is down"),
        ("lost", stopped("node-1", 8.0), 110, "and node-1 has them all"),
        ("lost", stopped("node-4", 30.0), 110, "and node-1 has them all"),
        ("lost", stopped("node-1", 60.0), 75, "nodes don't agree yet who owns slot 105: node-1 and node-4"),
        ("lost", [(20, "partition", {"groups": [["node-1"]]})], 75, "there is a partition at 20 s"),
    ],
)
def test_evidence_that_does_not_show_it_is_told_why(name, steps, at, reason):
    verdict = judge(REDIS_CLUSTER_CLAIMS[name], Scenario(steps), at, seeds=(1,))
    assert not verdict.shown
    assert reason in verdict.reason


def test_what_is_lost_was_acknowledged_and_is_what_clients_read_as_absent():
    cluster = REDIS_CLUSTER_CLAIMS["lost"].system(1)
    cluster.play(Scenario(stopped("node-1", 30.0)))
    cluster.run(until=110)
    absent = [
        one.key
        for one in list(cluster.operations)
        if one.ok and cluster.wait(cluster.get(one.key, via="node-4")).value is None
    ]
    assert absent
    assert len(absent) < 35  # what came in while it stood still, and no more
