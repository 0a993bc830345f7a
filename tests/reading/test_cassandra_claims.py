"""Evidence for what is claimed of Cassandra: runs that show it, and runs that do not."""

import pytest

from gossipkit.reading import CASSANDRA_CLAIMS, judge
from gossipkit.sim import Scenario


def down(name, at, back):
    return [(at, "crash", {"name": name}), (back, "restart", {"name": name})]


def cut_off(names, at, back):
    return [(at, "partition", {"groups": [names.split()]}), (back, "heal")]


SHOWS = {
    "consistency": (cut_off("node-1 node-2 node-3", 29, 61), 120),
    "zombie": (down("node-3", 10, 60), 200),
    "owners": (cut_off("node-1 node-2", 60, 110), 130),
}


def test_there_is_evidence_for_every_claim():
    assert set(SHOWS) == set(CASSANDRA_CLAIMS)


@pytest.mark.parametrize("name", SHOWS)
def test_each_claim_can_be_shown(name):
    steps, at = SHOWS[name]
    assert judge(CASSANDRA_CLAIMS[name], Scenario(steps), at).shown


@pytest.mark.parametrize(
    ("name", "steps", "at", "because"),
    [
        # hints are being replayed
        (
            "consistency",
            cut_off("node-1 node-2 node-3", 29, 61),
            65,
            "hints, read repair and Merkle trees are switched on",
        ),
        # nobody repairs with a replica that is down for longer than tombstones are kept
        ("zombie", down("node-3", 10, 190), 260, "every range is repaired each 15 s"),
    ],
)
def test_what_is_seen_without_the_mechanism_too_is_no_evidence(name, steps, at, because):
    verdict = judge(CASSANDRA_CLAIMS[name], Scenario(steps), at)
    assert not verdict.shown
    assert f"the same is to be seen where {because}" in verdict.reason


@pytest.mark.parametrize(
    ("name", "steps", "at", "reason"),
    [
        ("consistency", [], 100, "0 rows differ"),
        (
            "consistency",
            down("node-6", 5, 100),
            180,
            "there is a crash at 5 s: this is to be shown with partition, heal",
        ),
        ("consistency", cut_off("node-1 node-2 node-3", 29, 61), 61.1, "gossip has not converged: node-"),
        ("consistency", cut_off("node-1", 45, 61), 120, "rows differ between replicas: show at least 10"),
        ("zombie", [], 200, "the row is deleted everywhere"),
        ("zombie", [], 30, "the deletion was not acknowledged"),
        ("zombie", [(10, "crash", {"name": "node-3"})], 200, "some node is down"),
        ("owners", [], 60, "all nodes name the same owners"),
        # for a moment they differ in any run, but not for long
        (
            "owners",
            [],
            81,
            "all nodes name the same owners for the rows between the two newcomers, within the last 10 s",
        ),
        (
            "owners",
            cut_off("node-1 node-2", 60, 110),
            115,
            "the network is partitioned, within the last 10 s",
        ),
        ("owners", [(60, "partition", {"groups": [["node-5"]]})], 100, "the network is partitioned"),
        (
            "owners",
            [(60, "crash", {"name": "node-5"})],
            100,
            "there is a crash at 60 s: this is to be shown with",
        ),
        # a node that is stalled knows less of any membership
        (
            "owners",
            [(15, "pause", {"name": "node-5", "seconds": 100.0})],
            100,
            "there is a pause at 15 s: this is to be shown with partition, heal",
        ),
    ],
)
def test_evidence_that_does_not_show_it_is_told_why(name, steps, at, reason):
    verdict = judge(CASSANDRA_CLAIMS[name], Scenario(steps), at)
    assert not verdict.shown
    assert reason in verdict.reason


def test_clients_do_nothing_while_no_node_is_up():
    everybody = [(1, "crash", {"name": f"node-{number}"}) for number in (1, 2, 3)]
    assert "not acknowledged" in judge(CASSANDRA_CLAIMS["zombie"], Scenario(everybody), 100).reason
