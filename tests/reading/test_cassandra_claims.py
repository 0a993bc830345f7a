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
    "owners": (cut_off("node-6", 89, 96) + cut_off("node-6", 119, 126), 170),
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
        ("owners", [], 170, "node-7 was turned away at 95 s"),
        (
            "owners",
            cut_off("node-6", 89, 96),
            170,
            "0 of 10 rows can be missed by a QUORUM read: show at least 5",
        ),
        (
            "owners",
            cut_off("node-6", 89, 96) + cut_off("node-6", 119, 126),
            124,
            "the network is partitioned",
        ),
        ("owners", cut_off("node-6", 89, 96), 100, "nothing is owned yet by node-6 and node-7"),
        ("owners", cut_off("node-6", 61, 129), 170, "nothing is owned yet by node-6"),
        (
            "owners",
            [(60, "crash", {"name": "node-5"})],
            100,
            "there is a crash at 60 s: this is to be shown with",
        ),
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


@pytest.mark.parametrize("alone", ["node-6", "node-7"])
@pytest.mark.parametrize("seed", [1, 2, 3, 11, 12, 13])
def test_one_join_alone_loses_nothing_in_the_same_weather(alone, seed):
    claim = CASSANDRA_CLAIMS["owners"]
    steps, at = SHOWS["owners"]
    joining = claim.system(seed)
    joining.steps = [step for step in joining.steps if step[1] != "join" or step[2]["name"] == alone]
    joining.play(Scenario([(time, *rest) for time, *rest in steps if alone == "node-6"]))
    joining.run(at)
    cluster = joining.cluster
    assert alone in cluster.authority.ring().nodes
    assert [row for row in joining.rows if sum(map(bool, cluster.authority.held(row).values())) < 2] == []
    assert "nothing is owned yet by" in claim.seen(joining)


def test_a_fault_may_name_a_node_that_joins_later_from_its_start_on():
    claim, early = CASSANDRA_CLAIMS["owners"], Scenario(cut_off("node-7", 64, 66))
    with pytest.raises(ValueError, match="'node-7' is not a node of this world"):
        judge(claim, early, 170)


def test_clients_do_nothing_while_no_node_is_up():
    everybody = [(1, "crash", {"name": f"node-{number}"}) for number in (1, 2, 3)]
    assert "not acknowledged" in judge(CASSANDRA_CLAIMS["zombie"], Scenario(everybody), 100).reason
