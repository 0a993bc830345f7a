"""The Cassandra system: what its levels promise, what repair repairs, and what each part is worth when it is switched off."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.authority.log_rules import JOINED
from gossipkit.gossip.scuttlebutt import GossipConfig
from gossipkit.sim import Constant, LogNormal, Network, Scenario
from gossipkit.systems import Cassandra

SLOW_DISK = LogNormal(0.004, sigma=1.0)


def down(cluster, name, at):
    """Crash a node and let time pass until everybody has convicted it: 18.4 s of silence."""
    cluster.run(until=at)
    cluster.crash(name)
    cluster.run(until=at + 30)


def written(cluster, count, level="QUORUM", prefix="k", via=None):
    operations = [cluster.write(f"{prefix}{i}", f"v{i}", level, via) for i in range(count)]
    cluster.run(until=cluster.world.now + 3)
    return operations


def test_a_cluster_begins_settled_and_agrees():
    cluster = Cassandra(nodes=5, seed=1)
    cluster.run(until=3)
    assert cluster.gossip.disagreement() == []
    assert cluster.gossip.converged()
    assert cluster.gossip.view("node-2") == dict.fromkeys(sorted(cluster.world.names), "up")


def test_what_was_written_is_read_and_what_was_deleted_is_gone():
    cluster = Cassandra(nodes=5, seed=1)
    assert cluster.wait(cluster.read("k")).value is None
    assert cluster.wait(cluster.write("k", "v")).ok
    assert cluster.wait(cluster.read("k")).value == "v"
    assert cluster.wait(cluster.delete("k")).ok
    found = cluster.wait(cluster.read("k"))
    assert (found.ok, found.value, found.stale) == (True, None, False)


@pytest.mark.parametrize(("level", "replies"), [("ONE", 1), ("QUORUM", 2), ("ALL", 3)])
def test_a_level_waits_for_its_number_of_replicas(level, replies):
    cluster = Cassandra(nodes=5, seed=2)
    write = cluster.wait(cluster.write("k", "v", level))
    assert write.required == len(write.acks) == replies
    assert set(write.acks) <= set(cluster.authority.replicas("k"))


def test_too_few_replicas_up_is_unavailable_at_once_and_leaves_nothing():
    cluster = Cassandra(nodes=3, seed=2)
    down(cluster, "node-3", at=2)
    write = cluster.write("k", "v", "ALL", "node-1")
    assert (write.status, write.finished_s) == ("unavailable", write.started_s)
    cluster.run(until=60)
    assert cluster.stored_keys() == ()
    assert cluster.metrics.value("ClientRequest.Unavailables.Write") == 1
    assert cluster.wait(cluster.write("k", "v", "QUORUM", "node-1")).ok


def test_a_timeout_says_nothing_about_what_was_kept():
    cluster = Cassandra(nodes=3, seed=2, repair=None)
    cluster.run(until=2)
    cluster.crash("node-2")  # nobody knows it yet
    cluster.crash("node-3")
    write = cluster.wait(cluster.write("k", "v", "QUORUM", "node-1"))
    assert (write.status, write.acks) == ("timeout", ("node-1",))
    assert write.latency_s == pytest.approx(2.0)
    assert cluster.wait(cluster.read("k", "ONE", "node-1")).value == "v", "it is there all the same"


def test_local_quorum_asks_only_its_own_data_centre():
    cluster = Cassandra(nodes=6, replication={"dc1": 3, "dc2": 3}, seed=3)
    cluster.run(until=2)
    there = [name for name in cluster.world.names if cluster.place(name).datacentre == "dc2"]
    cluster.partition(there)
    cluster.run(until=40)
    here = next(name for name in cluster.world.names if name not in there)
    local = cluster.wait(cluster.write("k", "v", "LOCAL_QUORUM", here))
    assert local.ok
    assert all(cluster.place(name).datacentre == "dc1" for name in local.acks)
    assert cluster.write("k", "v", "QUORUM", here).status == "unavailable"


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    steps=st.lists(
        st.tuples(st.booleans(), st.integers(0, 2), st.floats(0.0, 0.02)), min_size=5, max_size=40
    ),
)
def test_quorum_reads_after_quorum_writes_are_never_stale_without_failures(seed, steps):
    cluster = Cassandra(nodes=5, seed=seed, vnodes=4, storage_write=SLOW_DISK, trace=False)
    reads = []
    for writes, key, wait_s in steps:
        if writes:
            cluster.write(f"k{key}", f"{cluster.world.now}")
        else:
            reads.append(cluster.read(f"k{key}"))
        cluster.run(until=cluster.world.now + wait_s)
    cluster.run(until=cluster.world.now + 10)
    assert all(read.ok for read in reads)
    assert not any(read.stale for read in reads)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), victim=st.integers(1, 5), loss=st.sampled_from([0.0, 0.1]))
def test_what_a_quorum_acknowledged_is_read_by_a_quorum_whoever_crashes(seed, victim, loss):
    cluster = Cassandra(nodes=5, seed=seed, vnodes=4, network=Network(loss=loss), trace=False)
    cluster.run(until=2)
    operations = written(cluster, 8)
    down(cluster, f"node-{victim}", at=cluster.world.now)
    reads = [cluster.read(operation.key) for operation in operations if operation.ok]
    cluster.run(until=cluster.world.now + 10)
    assert any(read.ok for read in reads) or loss
    assert not any(read.stale for read in reads)


def test_when_hints_count_a_quorum_can_be_stale():
    def stale(hints_count):
        cluster = Cassandra(nodes=3, seed=4, hints_count=hints_count, merkle=False)
        down(cluster, "node-2", at=2)
        cluster.crash("node-3")
        cluster.run(until=cluster.world.now + 30)
        write = cluster.wait(cluster.write("k", "v", "QUORUM", "node-1"))
        if not write.ok:
            return write.status
        cluster.restart("node-2")
        cluster.restart("node-3")
        while cluster.gossip.disagreement():
            cluster.run(until=cluster.world.now + 0.1)
        cluster.crash("node-1")  # with the only copy, and the hints
        cluster.run(until=cluster.world.now + 30)
        return cluster.wait(cluster.read("k", "QUORUM", "node-2")).stale

    assert stale(hints_count=True) is True
    assert stale(hints_count=False) == "unavailable"


def test_hints_bring_a_replica_what_it_missed_within_the_window_and_not_beyond():
    for window_s, arrives in ((3600.0, True), (2.0, False)):
        cluster = Cassandra(nodes=3, seed=5, hint_window_s=window_s, read_repair=False, merkle=False)
        down(cluster, "node-3", at=2)
        written(cluster, 10)
        assert {target for _, target in cluster.repair.backlog()} == ({"node-3"} if arrives else set())
        cluster.restart("node-3")
        cluster.run(until=cluster.world.now + 60)
        assert (cluster.repair.divergent() == ()) is arrives
        assert len(cluster.trace.filter(kind="hint-not-stored")) == (0 if arrives else 10)
        assert len(cluster.trace.filter(kind="hint-delivered")) == (10 if arrives else 0)


def test_gossip_converges_and_replicas_differ_where_nothing_repairs():
    cluster = Cassandra(nodes=5, seed=6, repair=None)
    down(cluster, "node-5", at=2)
    written(cluster, 30)
    cluster.restart("node-5")
    cluster.run(until=600)
    assert cluster.gossip.converged()
    behind = cluster.repair.divergent()
    assert behind
    assert all("node-5" in cluster.authority.replicas(key) for key in behind)


def test_a_read_repairs_the_replicas_that_it_asked():
    cluster = Cassandra(nodes=3, seed=7, hints=False, merkle=False)
    down(cluster, "node-3", at=2)
    written(cluster, 5)
    cluster.restart("node-3")
    cluster.run(until=cluster.world.now + 5)
    assert cluster.repair.divergent() == ("k0", "k1", "k2", "k3", "k4")
    assert cluster.wait(cluster.read("k0", "ALL")).value == "v0"
    assert cluster.repair.divergent() == ("k1", "k2", "k3", "k4")
    assert cluster.metrics.value("ReadRepair.RepairedBlocking") == 1
    assert "ReadRepair.ReconcileRead" not in cluster.metrics.names


def test_without_read_repair_a_mismatch_is_counted_as_a_reconciled_read():
    cluster = Cassandra(nodes=3, seed=7, hints=False, merkle=False, read_repair=False)
    down(cluster, "node-3", at=2)
    written(cluster, 1)
    cluster.restart("node-3")
    cluster.run(until=cluster.world.now + 5)
    assert cluster.wait(cluster.read("k0", "ALL")).value == "v0"
    assert cluster.metrics.value("ReadRepair.ReconcileRead") == 1
    assert "ReadRepair.RepairedBlocking" not in cluster.metrics.names
    assert cluster.repair.divergent() == ("k0",), "and it repairs nothing"


def test_merkle_repair_makes_all_replicas_equal_and_a_node_that_is_down_prevents_it():
    cluster = Cassandra(nodes=5, seed=8, hints=False, read_repair=False)
    down(cluster, "node-5", at=2)
    written(cluster, 40)
    cluster.repair.run()
    cluster.run(until=cluster.world.now + 5)
    assert cluster.trace.filter(kind="repair-failed").table()
    cluster.restart("node-5")
    cluster.run(until=cluster.world.now + 10)
    assert cluster.repair.divergent()
    cluster.repair.run()
    cluster.run(until=cluster.world.now + 10)
    assert cluster.repair.divergent() == ()
    assert cluster.repair.last_sync("node-1") is not None


@pytest.mark.parametrize(("repaired_after_s", "zombies"), [(20, ()), (120, ("k",))])
def test_a_deleted_row_comes_back_exactly_when_repair_is_later_than_gc_grace(repaired_after_s, zombies):
    cluster = Cassandra(nodes=3, seed=9, hints=False, gc_grace_s=90, compaction_interval_s=5)
    cluster.run(until=2)
    assert cluster.wait(cluster.write("k", "alive", "ALL")).ok
    down(cluster, "node-3", at=5)
    assert cluster.wait(cluster.delete("k", "QUORUM", "node-1")).ok
    deleted = cluster.world.now
    cluster.restart("node-3")
    cluster.run(until=deleted + repaired_after_s)
    cluster.repair.run()
    cluster.run(until=deleted + 300)
    assert cluster.repair.zombies() == zombies
    held = cluster.authority.held("k")
    assert len(set(held.values())) == 1, "repair has made all replicas equal, in the one way or the other"
    assert (held["node-1"] is not None and held["node-1"].live) is bool(zombies)


def test_without_authority_one_reply_is_enough_for_every_level():
    cluster = Cassandra(nodes=3, seed=10, authority=None, repair=None)
    write = cluster.wait(cluster.write("k", "v", "ALL"))
    assert (write.required, len(write.acks)) == (1, 1)


def test_what_waited_too_long_is_dropped_unread():
    cluster = Cassandra(nodes=3, seed=11, repair=None)
    cluster.run(until=2)
    cluster.pause("node-3", seconds=4)
    written(cluster, 5, "ONE", via="node-1")
    cluster.run(until=12)
    assert cluster.metrics.value("DroppedMessage.Dropped.MUTATION") == 5
    assert len(cluster.repair.divergent()) == 5


def test_a_coordinator_writes_hints_for_those_that_do_not_answer_in_time():
    cluster = Cassandra(nodes=3, seed=11, read_repair=False, merkle=False)
    cluster.run(until=2)
    cluster.pause("node-3", seconds=4)
    written(cluster, 5, "ONE", via="node-1")
    cluster.run(until=40)
    assert cluster.metrics.value("Storage.TotalHints") == 5
    assert cluster.repair.divergent() == ()


def joined(cluster):
    return {row["node"] for row in cluster.trace.filter(kind="joined").table()}


@pytest.mark.parametrize("membership", ["gossip", "log"])
def test_a_node_that_joins_gets_its_rows_before_it_is_asked_for_them(membership):
    cluster = Cassandra(nodes=4, seed=12, vnodes=4, membership=membership)
    cluster.run(until=2)
    keys = [operation.key for operation in written(cluster, 60)]
    cluster.join("node-5")
    until = cluster.world.now
    while "node-5" not in joined(cluster) and cluster.world.now < until + 120:
        cluster.run(until=cluster.world.now + 1)
        reads = [cluster.read(key, "QUORUM") for key in keys[::6]]
        cluster.run(until=cluster.world.now + 0.1)
        assert not any(read.stale for read in reads)
    cluster.run(until=cluster.world.now + 30)
    assert joined(cluster) == {"node-5"}
    assert any("node-5" in cluster.authority.replicas(key) for key in keys)
    assert cluster.repair.divergent() == ()
    assert cluster.gossip.converged()


def test_a_node_that_restarts_while_it_joins_by_the_log_goes_on():
    cluster = Cassandra(nodes=4, seed=12, vnodes=4, membership="log")
    written(cluster, 20)
    cluster.join("node-5")
    cluster.run(until=cluster.world.now + 0.01)
    cluster.crash("node-5")
    cluster.run(until=cluster.world.now + 5)
    cluster.restart("node-5")
    cluster.run(until=cluster.world.now + 120)
    assert cluster.authority.ring().nodes == tuple(sorted(cluster.world.names))
    assert cluster.started("node-1").log.metadata.nodes["node-5"] == JOINED
    assert cluster.repair.divergent() == ()


def test_the_same_seed_gives_the_same_run():
    def trace(seed):
        cluster = Cassandra(nodes=4, seed=seed, network=Network(loss=0.1))
        cluster.play(Scenario([(3, "crash", {"name": "node-2"}), (20, "restart", {"name": "node-2"})]))
        written(cluster, 5)
        cluster.run(until=40)
        return cluster.trace.to_jsonl()

    assert trace(1) == trace(1)
    assert trace(1) != trace(2)


def test_the_operators_tables():
    cluster = Cassandra(nodes=4, seed=13, racks=2)
    written(cluster, 10)
    down(cluster, "node-4", at=5)
    rows = cluster.status("node-1")
    assert [row["status"] for row in rows] == ["UN", "UN", "UN", "DN"]
    assert sum(float(row["owns"].rstrip("%")) for row in rows) == pytest.approx(300, abs=0.3)
    assert {row["rack"] for row in rows} == {"rack1", "rack2"}
    info = cluster.gossip.gossipinfo("node-1")["node-2"]
    assert {"generation", "heartbeat", "STATUS", "TOKENS", "DC", "RACK", "SCHEMA"} <= set(info)
    assert re.fullmatch(r"\d+:NORMAL", info["STATUS"])
    described = cluster.authority.describecluster()
    assert list(described["ring"].values()) == [["node-1", "node-2", "node-3"]]
    assert cluster.gossip.phi("node-1", "node-4") > 8 > cluster.gossip.phi("node-1", "node-2")
    assert cluster.metrics.value("FailureDetector.DownEndpointCount", "node-1") == 1


def test_a_threshold_of_phi_changes_when_a_crash_is_noticed():
    def noticed(threshold):
        cluster = Cassandra(nodes=5, seed=14, config=GossipConfig(phi_convict_threshold=threshold))
        cluster.run(until=60)
        cluster.crash("node-5")
        while any(subject == "node-5" for _, subject, _ in cluster.gossip.disagreement()):
            cluster.run(until=cluster.world.now + 0.5)
        return cluster.world.now - 60

    assert 15 < noticed(8.0) < noticed(12.0) < 60


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"nodes": 0}, "nodes is 0"),
        ({"nodes": 2}, "replication in dc1 is 3"),
        ({"replication": 0}, "replication in dc1 is 0"),
        ({"membership": "raft"}, "membership is 'raft'"),
        ({"hint_window_s": -1}, "window_s is -1"),
        ({"repair_interval_s": 0}, "repair_interval_s is 0"),
        ({"vnodes": 0}, "vnodes is 0"),
        ({"compaction_interval_s": 0}, "compaction_interval_s is 0"),
        ({"seeds": "node-1"}, "seeds is 'node-1': it must be a list"),
        ({"seeds": ["node-1", "node-9"]}, r"seeds is \['node-1', 'node-9'\]: .*node-1 to node-6"),
    ],
)
def test_what_cannot_be_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Cassandra(**options)


def test_what_a_client_cannot_ask_is_refused_before_anything_happens():
    cluster = Cassandra(nodes=3, seed=1, storage_write=Constant(0.001))
    for ask, said in [
        (lambda: cluster.write("k", 3), "value is 3"),
        (lambda: cluster.write("", "v"), "key is ''"),
        (lambda: cluster.write("k", "v", "TWO"), "consistency is 'TWO'"),
        (lambda: cluster.read("k", via="node-9"), "'node-9' is not a node"),
        (lambda: cluster.join("node-1"), "there is a node 'node-1' already"),
    ]:
        with pytest.raises(ValueError, match=said):
            ask()
    assert cluster.operations == []
    for ask in (
        lambda: cluster.gossip.phi("node-1", "nobody"),
        lambda: cluster.gossip.phi("nobody", "node-1"),
        lambda: cluster.repair.last_sync("nobody"),
        lambda: cluster.authority.replicas("k", "nobody"),
        lambda: cluster.authority.ring("nobody"),
        lambda: cluster.repair.run("nobody"),
        lambda: cluster.storage("nobody"),
        lambda: cluster.place("nobody"),
    ):
        with pytest.raises(ValueError, match="'nobody' is not a node of this cluster"):
            ask()
    with pytest.raises(ValueError, match="merkle is False"):
        Cassandra(nodes=3, repair=None).repair.run()


def test_clusters_views_and_operations_say_on_a_line_what_they_are():
    cluster = Cassandra(nodes=4, seed=2)
    cluster.run(until=0.0)
    shown = [repr(each) for each in (cluster, cluster.gossip, cluster.authority, cluster.repair)]
    assert shown == [
        "<Cassandra at 0.000 s: 4 of 4 nodes up, one ring of 4, 0 wrong beliefs, 0 rows differ, 0 hints held>",
        "<gossip of Cassandra: one ring of 4, 0 wrong beliefs>",
        "<authority of Cassandra: tokens by gossip, replicas 3 in dc1, levels honoured>",
        "<repair of Cassandra: 0 rows differ, 0 hints held>",
    ]
    for name in cluster.world.names:
        cluster.crash(name)
    assert repr(cluster) == "<Cassandra at 0.000 s: 0 of 4 nodes up, nobody to ask>"
    assert repr(cluster.gossip) == "<gossip of Cassandra: nobody to ask>"
    assert repr(cluster.repair) == "<repair of Cassandra: nobody to ask>"
    assert repr(cluster.authority).startswith("<authority of Cassandra")


@pytest.mark.parametrize("seed", range(4))
def test_a_node_that_dies_before_its_first_word_is_down_and_not_forgotten(seed):
    cluster = Cassandra(nodes=5, seed=seed)
    cluster.crash("node-3")
    cluster.run(until=90.0)  # a fat client would have been forgotten after 30 s of silence
    assert {cluster.gossip.view(name).get("node-3") for name in cluster.running()} == {"down"}


def test_a_hint_that_does_not_count_is_no_acknowledgement():
    cluster = Cassandra(nodes=3, seed=2)
    down(cluster, "node-3", at=2)
    write = cluster.wait(cluster.write("k", "v", "QUORUM", "node-1"))
    assert write.ok and set(write.acks) == {"node-1", "node-2"}


def test_an_acknowledgement_that_comes_twice_is_one():
    cluster = Cassandra(nodes=3, seed=2, network=Network(duplicate=1.0))
    for number in range(10):
        write = cluster.wait(cluster.write(f"k{number}", "v", "ALL"))
        assert write.ok and len(set(write.acks)) == len(write.acks) == 3


def reads(cluster, since):
    """The commands that were sent to others: to whom, and whether a digest will do."""
    return [
        (event.fields["to"], event.fields["message"].digest)
        for event in cluster.trace.filter(kind="send", after=since)
        if type(event.fields["message"]).__name__ == "ReadCommand"
    ]


def test_a_read_asks_itself_first_and_one_for_the_cell_and_as_many_as_it_needs_for_digests():
    cluster = Cassandra(nodes=5, seed=2)
    written(cluster, 1)
    replicas = cluster.authority.replicas("k0")
    other = next(name for name in cluster.world.names if name not in replicas)
    for via in replicas:
        assert cluster.wait(cluster.read("k0", "ONE", via)).acks == (via,)
    for level, digests in (("ONE", [False]), ("QUORUM", [False, True]), ("ALL", [False, True, True])):
        since = cluster.world.now
        assert cluster.wait(cluster.read("k0", level, other)).ok
        asked = reads(cluster, since)
        assert [digest for _, digest in asked] == digests and {to for to, _ in asked} <= set(replicas)


def test_a_read_asks_its_own_data_centre_first():
    cluster = Cassandra(nodes=8, replication={"dc1": 2, "dc2": 2}, seed=3)
    cluster.run(until=2)
    for number in range(12):
        via = cluster.world.names[number % 8]
        (asked,) = cluster.wait(cluster.read(f"k{number}", "ONE", via)).acks
        assert cluster.place(asked).datacentre == cluster.place(via).datacentre


def test_a_read_that_repairs_waits_until_all_that_it_has_asked_have_the_newest():
    cluster = Cassandra(nodes=3, seed=7, hints=False, merkle=False, network=Network(latency=SLOW_DISK))
    cluster.run(until=2)
    for name in ("node-2", "node-3"):
        cluster.crash(name)
    cluster.run(until=40)
    assert all(write.ok for write in written(cluster, 10, "ONE", via="node-1"))
    for name in ("node-2", "node-3"):
        cluster.restart(name)
    cluster.run(until=cluster.world.now + 10)
    lacking = cluster.repair.divergent()
    assert len(lacking) == 10
    for key in lacking:
        assert cluster.wait(cluster.read(key, "ALL", "node-1")).value == f"v{key[1:]}"
        assert key not in cluster.repair.divergent(), "at the moment of the answer"


def test_nothing_is_replayed_to_one_that_is_down():
    cluster = Cassandra(nodes=3, seed=2, read_repair=False, merkle=False)
    down(cluster, "node-3", at=2)
    written(cluster, 3, via="node-1")
    cluster.run(until=cluster.world.now + 30)
    assert cluster.repair.backlog() == {("node-1", "node-3"): 3}
    assert "HintsService.HintsTimedOut" not in cluster.metrics.names


def test_hints_that_are_not_acknowledged_are_tried_again():
    cluster = Cassandra(nodes=3, seed=2, read_repair=False, merkle=False)
    down(cluster, "node-3", at=2)
    written(cluster, 3, via="node-1")
    cluster.restart("node-3")
    while cluster.gossip.view("node-1")["node-3"] != "up":
        cluster.run(until=cluster.world.now + 0.1)
    cluster.world.cut("node-1", "node-3")
    cluster.run(until=cluster.world.now + 14)
    assert cluster.metrics.value("HintsService.HintsTimedOut") >= 1 and cluster.repair.backlog()
    cluster.world.mend("node-1", "node-3")
    cluster.run(until=cluster.world.now + 14)
    assert cluster.repair.backlog() == {}


def test_a_hint_is_lost_with_its_holder_until_it_is_flushed_each_ten_seconds():
    for crash_s, kept in ((49.0, False), (51.0, True)):
        cluster = Cassandra(nodes=3, seed=2, read_repair=False, merkle=False)
        down(cluster, "node-3", at=2)
        cluster.run(until=42)
        cluster.wait(cluster.write("k", "v", "QUORUM", "node-1"))
        cluster.run(until=crash_s)
        cluster.crash("node-1")
        cluster.restart("node-1")
        assert bool(cluster.repair.backlog()) is kept
