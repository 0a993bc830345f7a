"""Connections of the cluster bus: what TCP makes of a node that is down, of a partition, and of a new connection."""

from itertools import pairwise

from gossipkit.sim import Constant, Network
from gossipkit.systems import RedisCluster
from gossipkit.systems.redis_cluster.messages import Fail, Pong


def made(node_timeout_s=15.0, **options):
    cluster = RedisCluster(
        node_timeout_s=node_timeout_s, seed=1, network=Network(latency=Constant(0.001)), **options
    )
    cluster.run(until=3)
    return cluster


def arrivals(cluster, kind, receiver):
    return [
        event.time
        for event in cluster.trace.filter(kind="stream-receive")
        if event.node == receiver and type(event.fields["message"]).__name__ == kind
    ]


def test_a_pong_counts_on_the_connection_on_which_its_ping_went_and_on_no_other():
    cluster = made()
    node, other = cluster.started("node-1"), cluster.started("node-2")
    peer = node.bus.peers["node-2"]
    for number, counts in [(peer.link.number + 1, False), (None, False), (peer.link.number, True)]:
        peer.ping_sent_s = 2.5
        node.receive(node.env, "node-2", Pong(other.header(), (), number))
        assert (peer.ping_sent_s is None) is counts


def test_a_node_that_is_back_is_connected_to_and_pinged_by_the_next_cron():
    cluster = made(node_timeout_s=4)
    cluster.crash("node-4")
    cluster.run(until=15)
    assert {cluster.gossip.view(name)["node-4"] for name in cluster.running()} == {"fail"}
    assert (
        " disconnected" in cluster.cluster_nodes("node-1")
        or cluster.started("node-1").bus.peers["node-4"].link
    )
    cluster.restart("node-4")
    cluster.run(until=15.3)
    assert {cluster.gossip.view(name)["node-4"] for name in cluster.running()} == {"ok"}


def test_attempts_to_reach_a_dead_node_cost_packets_and_no_bytes():
    cluster = made(node_timeout_s=4, trace=True)
    cluster.crash("node-4")
    cluster.run(until=20)
    tried = [
        event.fields["message"]
        for event in cluster.trace.filter(kind="stream-send")
        if event.node == "node-1" and event.fields["to"] == "node-4" and event.time > 10
    ]
    assert len(tried) > 90  # ten times a second
    assert {message.size_bytes for message in tried} == {0}


def test_what_is_sent_into_a_short_cut_comes_through_after_it_in_order():
    cluster = made(trace=True)
    node = cluster.started("node-1")
    cluster.cut("node-1", "node-3")
    node.send("node-3", Fail(node.header(), "node-2"))
    cluster.run(until=3.1)
    node.send("node-3", Fail(node.header(), "node-5"))
    assert arrivals(cluster, "Fail", "node-3") == []
    cluster.run(until=4)
    cluster.heal()
    cluster.run(until=6)
    # the first is sent again 0.2, 0.6, 1.4 s after it was sent: the third time nothing is in its way, and the second follows
    first, second = arrivals(cluster, "Fail", "node-3")
    assert 4.4 <= first <= second < 4.5
    assert [cluster.gossip.view("node-3")[name] for name in ("node-2", "node-5")] == ["fail", "fail"]


def test_a_connection_is_tried_again_after_one_two_and_four_seconds_behind_a_partition():
    cluster = made(node_timeout_s=30, trace=True)
    cluster.cut("node-1", "node-3")
    node = cluster.started("node-1")
    node.drop(node.bus.peers["node-3"])
    cluster.run(until=12)
    tried = [
        event.time
        for event in cluster.trace.filter(kind="stream-send")
        if (event.node, event.fields["to"]) == ("node-1", "node-3")
        and type(event.fields["message"]).__name__ == "Connect"
    ]
    waits = [round(after - before, 3) for before, after in pairwise(tried)]
    assert waits == [1.0, 2.0, 4.0]
    cluster.heal()
    cluster.run(until=18.2)
    assert cluster.started("node-1").bus.peers["node-3"].link.stands


def test_a_paused_node_s_machine_takes_connections_and_what_is_sent_on_them():
    cluster = made(node_timeout_s=4)
    cluster.pause("node-4", 5.0)
    cluster.run(until=7.5)
    assert all(cluster.started(f"node-{number}").bus.peers["node-4"].link.stands for number in (1, 2, 3))
    cluster.run(until=8.1)
    assert {cluster.gossip.view(name)["node-4"] for name in cluster.running()} == {"ok"}
