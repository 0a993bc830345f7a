"""The fast path: the same versions and the same counts of states as Cassandra's rules, exchange by exchange."""

import numpy as np
import pytest

from gossipkit.gossip.scuttlebutt import EndpointState, HeartBeatState, answer, apply, compare
from gossipkit.gossip.version_matrix import VersionMatrix


class Objects:
    """The cluster of a `VersionMatrix` in Cassandra's own terms."""

    def __init__(self, nodes):
        self.names = [f"n{number}" for number in range(nodes)]
        self.views = [{name: EndpointState(HeartBeatState(1, 1)) for name in self.names} for _ in self.names]

    def beat(self):
        for view, name in zip(self.views, self.names, strict=True):
            view[name] = EndpointState(HeartBeatState(1, view[name].heartbeat.version + 1))

    def exchange(self, asker, asked, arrived=3):
        mine, theirs = self.views[asker], self.views[asked]
        if arrived == 0:
            return 0, 0
        replies = [compare(state.digest(name), theirs[name]) for name, state in mine.items()]
        ack = {
            name: reply.state for name, reply in zip(mine, replies, strict=True) if reply.state is not None
        }
        if arrived == 1:
            return len(ack), 0
        for name, state in ack.items():
            mine[name] = apply(state, mine[name], 0.0).state
        requests = [reply.request for reply in replies if reply.request is not None]
        if arrived == 3:
            for request in requests:
                state = answer(request, mine[request.endpoint])
                theirs[request.endpoint] = apply(state, theirs[request.endpoint], 0.0).state
        return len(ack), len(requests)

    def versions(self):
        return [[view[name].max_version for name in self.names] for view in self.views]


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_the_same_exchanges_as_objects(loss):
    rng = np.random.default_rng(5)
    matrix, objects = VersionMatrix(12), Objects(12)
    for _ in range(25):
        np.fill_diagonal(matrix.known, matrix.known.diagonal() + 1)
        objects.beat()
        asker = rng.integers(12, size=30)
        asked = (asker + rng.integers(1, 12, size=30)) % 12
        arrived = np.where(rng.random(30) < loss, rng.integers(0, 3, size=30), 3)
        ack, ack2 = matrix.exchange(asker, asked, arrived if loss else None)
        sent = [
            objects.exchange(*one)
            for one in zip(asker.tolist(), asked.tolist(), arrived.tolist(), strict=True)
        ]
        assert (ack, ack2) == tuple(map(sum, zip(*sent, strict=True)))
        assert matrix.known.tolist() == objects.versions()


def test_exchange_by_exchange():
    rng = np.random.default_rng(6)
    matrix, objects = VersionMatrix(8), Objects(8)
    for _ in range(60):
        np.fill_diagonal(matrix.known, matrix.known.diagonal() + 1)
        objects.beat()
        asker, asked = rng.choice(8, size=2, replace=False).tolist()
        assert matrix.exchange([asker], [asked]) == objects.exchange(asker, asked)
    assert matrix.known.tolist() == objects.versions()


def test_a_round_is_one_exchange_a_node_and_one_with_a_seed_now_and_then():
    nodes, seeds, rounds = 40, 3, 400
    cluster = VersionMatrix(nodes, seeds=seeds, seed=2)
    exchanges = [cluster.round().exchanges for _ in range(rounds)]
    # a node that is no seed: 3 of 39 others are seeds; a seed: 2 of 39
    p = (37 * 36 / 39 * 3 / 39 + 3 * 37 / 39 * 2 / 39) / nodes
    tolerance = 5 * (nodes * p * (1 - p) / rounds) ** 0.5
    assert np.mean(exchanges) == pytest.approx(nodes * (1 + p), abs=tolerance)
    assert {VersionMatrix(nodes, seed=2).round().exchanges for _ in range(3)} == {nodes}


def test_versions_never_go_back_and_nobody_is_ahead_of_the_node_itself():
    cluster = VersionMatrix(30, seeds=2, loss=0.2, seed=3)
    for _ in range(40):
        before = cluster.known.copy()
        cluster.round()
        assert (cluster.known >= before).all()
        assert (cluster.staleness() >= 0).all()
        assert (cluster.known.diagonal() == cluster.rounds + 1).all()


def test_news_reaches_all_in_some_rounds_more_when_the_cluster_is_eight_times_as_large():
    def rounds_until_all_know(nodes, seed):
        cluster = VersionMatrix(nodes, seed=seed)
        for _ in range(10):
            cluster.round()
        news = cluster.known[0, 0]
        while (cluster.known[:, 0] < news).any():
            cluster.round()
        return cluster.rounds - 10

    means = [np.mean([rounds_until_all_know(nodes, seed) for seed in range(12)]) for nodes in (16, 128)]
    assert means[0] < means[1] < means[0] + 6


def test_a_seed_replays():
    runs = [VersionMatrix(50, seeds=2, loss=0.1, seed=9) for _ in range(2)]
    assert [runs[0].round() for _ in range(9)] == [runs[1].round() for _ in range(9)]
    assert (runs[0].known == runs[1].known).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"nodes": 1}, "nodes is 1: it must be a whole number, at least 2"),
        ({"nodes": 5, "seeds": 6}, "seeds is 6: it must be a whole number, from 0 to 5"),
        ({"nodes": 5, "loss": 1.5}, "loss is 1.5"),
    ],
)
def test_what_it_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        VersionMatrix(**arguments)


def test_nobody_asks_itself():
    cluster = VersionMatrix(5)
    with pytest.raises(ValueError, match="node 3 asks itself"):
        cluster.exchange([0, 3], [1, 3])
    assert (cluster.known == 1).all()
