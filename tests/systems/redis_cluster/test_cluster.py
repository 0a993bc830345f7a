"""A Redis Cluster: what clients get, how a master is replaced, how nodes come back, and each part switched off."""

import pytest

from gossipkit.gossip.cluster_bus import Belief
from gossipkit.sim import Constant, Network, Scenario
from gossipkit.systems import RedisCluster
from gossipkit.systems.redis_cluster.messages import AuthRequest, Header, Ping, Update

KEY, OWNER, REPLICA = "{user:1}", "node-2", "node-5"


def made(masters=3, replicas=1, node_timeout_s=2.0, seed=1, until=3.0, **options):
    options = {"repl_diskless_sync_delay_s": 0.0, "trace": "events"} | options
    cluster = RedisCluster(masters, replicas, node_timeout_s=node_timeout_s, seed=seed, **options)
    cluster.run(until=until)
    return cluster


def set_(cluster, value="v", key=KEY, **how):
    return cluster.wait(cluster.set(key, value, **how))


def get(cluster, key=KEY, **how):
    return cluster.wait(cluster.get(key, **how))


def events(cluster, kind, **fields):
    return [event for event in cluster.trace.filter(kind=kind) if fields.items() <= event.fields.items()]


def failed_over(cluster, name=OWNER, seconds=8.0):
    cluster.crash(name)
    cluster.run(until=cluster.world.now + seconds)
    return cluster


def run_to(cluster, kind, seconds=60):
    """The first event of a kind; the cluster stands shortly behind it."""
    end_s = cluster.world.now + seconds
    while not (found := events(cluster, kind)) and cluster.world.now < end_s:
        cluster.run(until=cluster.world.now + 0.05)
    return found[0]


class Deaf:
    """A process that only is there."""

    def start(self, env):
        pass

    def receive(self, env, sender, message):
        pass


# Clients.


def test_a_key_is_served_by_the_owner_of_its_slot_and_others_point_there():
    cluster = made()
    assert cluster.authority.owner(cluster.slot(KEY)) == OWNER
    assert set_(cluster, via=OWNER).asked == (OWNER,)
    moved = get(cluster, via="node-1")
    assert (moved.value, moved.asked, moved.ok) == ("v", ("node-1", OWNER), True)
    pointed = get(cluster, via="node-1", follow=False)
    assert (pointed.status, pointed.error) == ("unavailable", f"MOVED {cluster.slot(KEY)} {OWNER}")
    assert cluster.metrics.value("errorstat_MOVED", "node-1") == 2


def test_a_replica_points_to_its_master_unless_it_may_answer():
    cluster = made()
    set_(cluster)
    cluster.run(until=4)
    assert get(cluster, via=REPLICA, follow=False).error.startswith("MOVED")
    assert get(cluster, via=REPLICA, readonly=True).asked == (REPLICA,)
    assert get(cluster, via="node-4", readonly=True).asked == ("node-4", OWNER)  # another master's replica
    assert set_(cluster, via=REPLICA).asked == (REPLICA, OWNER)


def test_a_client_that_is_pointed_to_a_dead_node_is_refused():
    cluster = made()
    cluster.crash(OWNER)
    assert get(cluster, via="node-1").error == "Connection refused"


def test_a_client_of_a_node_that_crashes_learns_no_more():
    cluster = made()
    asked = cluster.set(KEY, "v", via=OWNER, wait=2)
    cluster.run(until=3.5)
    cluster.crash(OWNER)
    assert (asked.status, asked.error) == ("timeout", "Connection closed")


def test_a_paused_node_answers_when_it_goes_on():
    cluster = made(node_timeout_s=15)
    cluster.pause(OWNER, 2.0)
    asked = cluster.set(KEY, "v", via=OWNER)
    cluster.run(until=4.9)
    assert (asked.status, asked.offset) == ("pending", None)
    cluster.run(until=5.1)
    assert asked.ok


# Replication.


def test_a_write_is_acknowledged_before_a_replica_has_it():
    cluster = made(network=Network(latency=Constant(0.2)))
    assert set_(cluster).latency_s == 0.0
    assert cluster.repair.lacking() == {REPLICA: (KEY,)}
    cluster.run(until=cluster.world.now + 0.21)
    assert cluster.repair.divergent() == ()
    assert cluster.repair.backlog() == {(OWNER, REPLICA): 1}  # it has it, and has not said so
    cluster.run(until=cluster.world.now + 1.5)
    assert cluster.repair.backlog() == {}


def test_wait_waits_for_so_many_replicas_and_no_longer_than_its_timeout():
    cluster = made(replicas=2, network=Network(latency=Constant(0.2)))
    two = set_(cluster, wait=2)
    assert (two.ok, two.latency_s, two.required) == (True, pytest.approx(0.4), 3)
    assert set(two.acks) == {OWNER, "node-5", "node-8"}
    three = set_(cluster, "w", wait=3, timeout_s=1.0)
    assert (three.status, three.latency_s, len(three.acks)) == ("timeout", pytest.approx(1.0), 3)
    assert get(cluster).value == "w"  # kept all the same


def test_a_master_takes_no_write_without_so_many_good_replicas():
    cluster = made(min_replicas_to_write=1)
    assert set_(cluster).ok
    cluster.crash(REPLICA)
    cluster.run(until=4.5)
    refused = set_(cluster)
    assert (refused.status, refused.error.split()[0]) == ("unavailable", "NOREPLICAS")
    assert get(cluster).ok
    cluster.restart(REPLICA)
    cluster.run(until=8)
    assert set_(cluster).ok


def test_a_replica_that_confirms_nothing_for_ten_seconds_is_no_good_one():
    cluster = made(min_replicas_to_write=1, node_timeout_s=60)
    cluster.pause(REPLICA, 100.0)
    cluster.run(until=12.5)
    assert set_(cluster, via=OWNER).ok
    cluster.run(until=14.5)
    assert set_(cluster, via=OWNER).error.startswith("NOREPLICAS")


def test_a_replica_that_was_cut_off_for_a_while_gets_what_it_has_missed():
    cluster = made(node_timeout_s=15)
    cluster.cut(OWNER, REPLICA)
    for number in range(5):
        set_(cluster, str(number), via=OWNER)
    cluster.run(until=6)
    assert cluster.repair.lacking() == {REPLICA: (KEY,)}
    cluster.heal()
    cluster.run(until=10)
    assert cluster.repair.divergent() == ()
    assert "sync_full" not in cluster.metrics.names


def test_a_replica_that_restarts_is_synchronised_in_full_after_the_delay():
    cluster = made(node_timeout_s=15, repl_diskless_sync_delay_s=5.0)
    set_(cluster)
    cluster.crash(REPLICA)
    set_(cluster, "new")
    cluster.run(until=4)
    cluster.restart(REPLICA)
    cluster.run(until=8)
    assert (cluster.repair.link(REPLICA), cluster.repair.lacking()) == ("down", {REPLICA: (KEY,)})
    cluster.run(until=11)
    assert (cluster.repair.link(REPLICA), cluster.repair.lacking()) == ("up", {})
    assert cluster.metrics.value("sync_full", OWNER) == 1


def test_keys_are_found_after_a_restart_only_with_appendonly():
    for appendonly, value in [(True, "v"), (False, None)]:
        cluster = made(replicas=0, node_timeout_s=15, appendonly=appendonly)
        set_(cluster)
        cluster.crash(OWNER)
        cluster.restart(OWNER)
        cluster.run(until=9)
        assert get(cluster).value == value


def test_a_master_that_comes_back_empty_within_the_timeout_empties_its_replica():
    cluster = made(node_timeout_s=15, appendonly=False)
    set_(cluster)
    cluster.run(until=4)
    cluster.crash(OWNER)
    cluster.restart(OWNER)
    cluster.run(until=10)
    assert (get(cluster).value, get(cluster, via=REPLICA, readonly=True).value) == (None, None)


# Failover.


def test_a_replica_takes_the_place_of_a_dead_master_and_all_agree():
    cluster = made()
    set_(cluster)
    cluster.run(until=4)
    failed_over(cluster)
    for name in cluster.running():
        assert cluster.authority.owner(cluster.slot(KEY), via=name) == REPLICA
        assert cluster.gossip.view(name)[OWNER] == "fail"
        assert cluster.authority.state(name) == "ok"
        assert cluster.authority.epoch(name) == 7
    assert cluster.authority.config_epochs() == {"node-1": 1, "node-3": 3, REPLICA: 7}
    assert get(cluster).value == "v"
    assert {name for name in cluster.running() if cluster.authority.last_vote(name) == 7} == {
        "node-1",
        "node-3",
    }


def test_while_slots_are_not_served_no_request_is():
    cluster = made()
    cluster.crash(OWNER)
    assert run_to(cluster, "failing").fields["about"] == OWNER
    refused = get(cluster, key="other", via="node-1", follow=False)
    assert refused.error == "CLUSTERDOWN The cluster is down"


def test_two_dead_masters_of_three_are_doubted_for_ever_and_nobody_takes_their_place():
    cluster = made()
    cluster.crash("node-1")
    cluster.crash(OWNER)
    cluster.run(until=60)
    for name in cluster.running():
        assert cluster.gossip.view(name)["node-1"] == cluster.gossip.view(name)[OWNER] == "pfail"
        assert cluster.authority.state(name) == "fail"
        assert cluster.authority.owner(cluster.slot(KEY), via=name) == OWNER
    assert not events(cluster, "failing")
    assert not events(cluster, "election-scheduled")


def test_a_dead_replica_is_failed_too_and_nobody_is_elected():
    cluster = failed_over(made(), REPLICA)
    assert {cluster.gossip.view(name)[REPLICA] for name in cluster.running()} == {"fail"}
    assert not events(cluster, "election-scheduled")
    assert cluster.authority.state() == "ok"


def test_of_two_replicas_that_with_more_data_stands_first():
    cluster = made(replicas=2, node_timeout_s=2)
    cluster.cut(OWNER, "node-5")
    set_(cluster, via=OWNER)
    cluster.run(until=cluster.world.now + 0.5)
    assert cluster.repair.lacking() == {"node-5": (KEY,)}
    failed_over(cluster)
    cluster.heal()
    cluster.run(until=20)
    assert cluster.authority.owner(cluster.slot(KEY)) == "node-8"
    (first, *_) = events(cluster, "election-scheduled") + events(cluster, "election-delayed")
    ranks = {event.node: event.fields["rank"] for kind in ("election-scheduled", "election-delayed")
             for event in events(cluster, kind)}  # fmt: skip
    assert (ranks["node-5"], ranks["node-8"], first.fields["about"]) == (1, 0, OWNER)
    assert cluster.repair.divergent() == ()
    assert cluster.authority.masters()["node-5"] == "node-8"


def test_a_replica_whose_data_are_too_old_does_not_stand():
    for factor, stands in [(1.0, False), (0.0, True), (30.0, True)]:
        cluster = made(replica_validity_factor=factor, repair=None)
        cluster.crash(OWNER)  # its connection breaks, and without repair it asks for no new one
        cluster.run(until=5)
        cluster.restart(OWNER)
        cluster.run(until=30)
        assert cluster.repair.link(REPLICA) == "down"
        before = len(events(cluster, "election-scheduled"))
        failed_over(cluster, seconds=10)
        assert (len(events(cluster, "election-scheduled")) > before) is stands


def test_the_time_that_it_takes_to_find_a_failure_is_not_counted_as_the_data_s_age():
    """A timeout and a factor of 1: 10 s and one timeout are allowed, and one timeout more that the failure takes."""
    for crash_s, stands in [(15, True), (30, False)]:
        cluster = made(node_timeout_s=10, replica_validity_factor=1.0, repair=None)
        cluster.crash(OWNER)
        cluster.restart(
            OWNER
        )  # without repair its replica, which is down from 4 s on, asks for the stream no more
        cluster.run(until=crash_s)
        assert cluster.repair.link(REPLICA) == "down"
        failed_over(cluster, seconds=20)
        (started,) = events(cluster, "election-started") or (None,)
        assert (started is not None) is stands
        if stands:
            # older than 20 s, and no older than 30
            assert 24.0 < started.time < 33.0


def test_a_replica_that_will_stand_tells_its_fellows_how_far_it_is():
    cluster = made(replicas=2, trace=True)
    cluster.crash(OWNER)
    scheduled = run_to(cluster, "election-scheduled")
    told = [
        event.fields["to"]
        for event in cluster.trace.filter(kind="stream-send")
        if (event.time, event.node) == (scheduled.time, scheduled.node)
        and getattr(event.fields["message"], "link", 0) is None
    ]
    assert told == [name for name in ("node-5", "node-8") if name != scheduled.node]


def test_a_new_connection_to_a_silent_node_makes_its_ping_no_younger():
    """Given up after half the timeout and opened anew, which a stopped process's kernel accepts, and pinged again."""
    cluster = made(node_timeout_s=6)
    cluster.pause("node-1", 60.0)
    doubted = run_to(cluster, "possibly-failing")
    assert 6.0 < doubted.time - 3.0 < 8.5  # counted anew from 3 s or later it would be 9 s and more


def test_the_master_s_vote_needs_the_master_s_own_view_that_it_has_failed():
    """The old master itself, which was only paused, hears the request when it wakes, and denies."""
    cluster = made()
    cluster.pause("node-1", 8.0)
    cluster.run(until=20)
    (denied,) = events(cluster, "vote", verdict="its master is up")
    assert (denied.node, denied.time) == ("node-1", 11.0)
    (demoted,) = events(cluster, "following")
    assert (demoted.node, demoted.fields["master"]) == ("node-1", "node-4")
    assert demoted.time - 11.0 < 0.05  # measured: 0.02 s


def test_a_pause_shorter_than_the_timeout_changes_nothing():
    cluster = made()
    cluster.pause("node-1", 1.5)
    cluster.run(until=20)
    assert not events(cluster, "possibly-failing")
    assert cluster.gossip.disagreement() == []


def test_a_process_that_stood_still_reads_what_has_come_before_it_doubts_others():
    """Pings take 0.4 s there and back here, so that when it stops some wait for their pongs, which come meanwhile."""
    waiting = 0
    for seed in range(5):
        cluster = made(seed=seed, network=Network(latency=Constant(0.2)))
        waiting += sum(peer.ping_sent_s is not None for peer in cluster.started("node-6").bus.peers.values())
        cluster.pause("node-6", 30.0)
        cluster.run(until=40)
        assert not [event for event in events(cluster, "possibly-failing") if event.node == "node-6"]
    assert waiting


def test_a_replica_of_a_replica_goes_to_the_master_of_both():
    """It hears from its old master that this one replicates another now, before that one can tell it of its slots."""
    cluster = made(replicas=2, repair=None, seed=6)  # with which node-5 is elected, and not node-8
    cluster.cut(OWNER, "node-8")
    cluster.cut("node-5", "node-8")
    failed_over(cluster)
    cluster.mend(OWNER, "node-8")
    cluster.restart(OWNER)
    cluster.run(until=18)
    masters = cluster.authority.masters("node-8")
    assert (masters["node-8"], masters[OWNER]) == (OWNER, "node-5")
    assert cluster.authority.owner(cluster.slot(KEY), via="node-8") is None  # a replica owns no slots
    cluster.mend("node-5", "node-8")
    cluster.run(until=30)
    assert cluster.authority.masters("node-8")["node-8"] == "node-5"


# Replica migration.


def test_a_master_that_has_lost_its_replicas_is_given_one_by_a_master_with_two():
    cluster = made(replicas=2)
    for name in ("node-5", "node-8"):
        cluster.crash(name)
    failed_s = max(run_to(cluster, "failing").time, 3.0)
    cluster.run(until=20)
    (moved,) = events(cluster, "migrating")
    # node-4, node-6, node-7 and node-9 could go: the smallest name does, five seconds after both have failed
    assert (moved.node, moved.fields["about"]) == ("node-4", OWNER)
    assert failed_s + 5.0 < moved.time < failed_s + 7.0
    assert cluster.authority.masters()["node-4"] == OWNER
    set_(cluster, via=OWNER)
    cluster.run(until=21)
    assert get(cluster, via="node-4", readonly=True).asked == ("node-4",)


def test_a_master_keeps_its_last_replica():
    cluster = made(replicas=1)
    cluster.crash(REPLICA)
    cluster.run(until=20)
    assert not events(cluster, "migrating")


def test_a_new_master_whose_fellow_replicas_follow_is_given_none():
    cluster = failed_over(made(replicas=2), seconds=15)
    assert not events(cluster, "migrating")
    (owner,) = cluster.authority.claimants(cluster.slot(KEY))
    fellow = ({"node-5", "node-8"} - {owner}).pop()
    assert cluster.authority.masters()[fellow] == owner


# Coming back.


def test_a_master_that_restarts_with_an_old_disk_is_told_and_becomes_the_replica_of_the_new_one():
    cluster = made()
    set_(cluster, "old")
    cluster.run(until=4)
    failed_over(cluster)
    set_(cluster, "new")
    cluster.restart(OWNER)
    cluster.run(until=cluster.world.now + 5)
    assert cluster.authority.masters()[OWNER] == REPLICA
    assert events(cluster, "update-sent", about=REPLICA, to=OWNER)
    assert (cluster.repair.lacking(), cluster.gossip.disagreement(), cluster.repair.stale()) == ({}, [], ())


def test_an_update_of_an_epoch_that_is_known_changes_nothing():
    cluster = failed_over(made())
    cluster.restart(OWNER)
    cluster.run(until=cluster.world.now + 5)
    node, teller = cluster.started("node-3"), cluster.started("node-1")
    before = cluster.cluster_nodes("node-3")
    node.receive(node.env, "node-1", Update(teller.header(), OWNER, 2, ((5461, 10922),)))
    assert cluster.cluster_nodes("node-3") == before
    node.receive(node.env, "node-1", Update(teller.header(), OWNER, 8, ((5461, 10922),)))
    assert cluster.authority.owner(cluster.slot(KEY), via="node-3") == OWNER


def test_a_write_that_the_replica_had_not_is_lost_although_it_was_acknowledged():
    cluster = made(node_timeout_s=2)
    set_(cluster, "first")
    cluster.run(until=4)
    cluster.partition([OWNER], [name for name in cluster.world.names if name != OWNER])
    assert set_(cluster, "lost", via=OWNER).ok  # the minority takes writes until it doubts the others
    cluster.run(until=14)
    refused = set_(cluster, "refused", via=OWNER)
    assert refused.error == "CLUSTERDOWN The cluster is down"
    for number in range(5):  # the new stream is longer than the old one, and an offset alone tells nothing
        set_(cluster, "other", key=f"{KEY}{number}", via=REPLICA)
    cluster.heal()
    cluster.run(until=30)
    assert (get(cluster).value, cluster.repair.divergent()) == ("first", ())
    assert cluster.authority.masters()[OWNER] == REPLICA
    assert (
        cluster.metrics.value("sync_full", REPLICA) == 1
    )  # its stream had gone on where the new master's had not


def test_an_old_master_without_such_writes_goes_on_where_it_stands():
    cluster = made(node_timeout_s=2)
    set_(cluster, "first")
    cluster.run(until=5)
    cluster.pause(OWNER, 6.0)
    cluster.run(until=10.9)
    set_(cluster, "second", via=REPLICA)
    cluster.run(until=20)
    assert cluster.repair.divergent() == ()
    assert cluster.metrics.value("sync_partial_ok", REPLICA) == 1
    assert "sync_full" not in cluster.metrics.names


def test_a_failed_master_without_replicas_is_taken_back_after_twice_the_timeout():
    cluster = made(replicas=0)
    failed_over(cluster, "node-1", seconds=4)
    failed_s = events(cluster, "failing")[0].time
    cluster.restart("node-1")
    cluster.run(until=30)
    back_s = [event.time for event in events(cluster, "reachable")]
    assert cluster.gossip.disagreement() == []
    assert min(back_s) > failed_s + 4.0
    assert cluster.authority.owner(0) == "node-1"


def test_a_master_that_restarts_takes_no_request_for_two_seconds():
    cluster = made(node_timeout_s=15)
    cluster.crash("node-1")
    cluster.restart("node-1")
    cluster.run(until=4.9)
    assert cluster.authority.state("node-1") == "fail"
    cluster.run(until=5.3)
    assert cluster.authority.state("node-1") == "ok"


def test_a_minority_that_is_united_again_waits_before_it_takes_requests():
    """A master: for the node timeout, here 2 s; a replica need not."""
    cluster = made(masters=3, replicas=0, node_timeout_s=2)
    cluster.partition(["node-1"], ["node-2", "node-3"])
    cluster.run(until=6.5)
    assert cluster.authority.state("node-1") == "fail"
    cluster.heal()
    cluster.run(until=20)
    ok = [event for event in events(cluster, "cluster-state", ok=True) if event.node == "node-1"][-1]
    last_doubt_s = max(event.time for event in events(cluster, "reachable") if event.node == "node-1")
    assert ok.time > last_doubt_s + 1.5


def test_a_new_node_is_told_of_by_gossip_and_replicates_whom_it_is_to():
    cluster = made()
    set_(cluster)
    cluster.join("new", replicate=OWNER, via="node-3")
    cluster.run(until=12)
    for name in cluster.running():
        assert cluster.gossip.view(name)["new"] == "ok"
        assert cluster.authority.masters(name)["new"] == OWNER
    assert get(cluster, via="new", readonly=True).asked == ("new",)
    assert cluster.gossip.disagreement() == []
    failed_over(cluster)
    assert cluster.authority.owner(cluster.slot(KEY)) in ("new", REPLICA)


def test_a_join_that_cannot_be_is_refused():
    cluster = made()
    for wrong, words in [
        ({"name": "node-1"}, "'node-1' is a node of this cluster already"),
        ({"name": "new", "replicate": REPLICA}, f"replicate is {REPLICA!r}: it must be a master"),
        ({"name": "new", "via": "x"}, "'x' is not a node of this cluster"),
    ]:
        with pytest.raises(ValueError, match=words):
            cluster.join(**wrong)
    assert len(cluster.world.names) == 6


# Bytes, texts, views.


def test_packets_have_the_size_of_the_product_s():
    cluster = made(trace=True)
    pings = [event.fields["message"] for event in cluster.trace.filter(kind="stream-send")
             if type(event.fields["message"]).__name__ == "Ping"]  # fmt: skip
    assert {message.size_bytes - 2256 - 104 * len(message.section) for message in pings} == {0}


def test_cluster_nodes_and_cluster_info_read_as_the_product_s():
    cluster = failed_over(made())
    lines = {line.split()[0]: line.split() for line in cluster.cluster_nodes("node-1").splitlines()}
    assert lines["node-1"][1:4] == ["node-1:6379@16379", "myself,master", "-"]
    assert lines["node-1"][6:] == ["1", "connected", "0-5460"]
    assert lines[OWNER][2:4] == ["master,fail", "-"]
    assert lines[REPLICA][2:4] + lines[REPLICA][6:] == ["master", "-", "7", "connected", "5461-10922"]
    assert lines["node-4"][2:4] == ["slave", "node-1"]
    info = dict(line.split(":") for line in cluster.cluster_info("node-1").splitlines())
    assert {name: info[name] for name in ("cluster_state", "cluster_size", "cluster_current_epoch", "cluster_my_epoch",
            "cluster_known_nodes", "cluster_slots_ok", "cluster_stats_messages_auth-ack_sent")} == {
        "cluster_state": "ok", "cluster_size": "3", "cluster_current_epoch": "7", "cluster_my_epoch": "1",
        "cluster_known_nodes": "6", "cluster_slots_ok": "16384", "cluster_stats_messages_auth-ack_sent": "1",
    }  # fmt: skip


def test_metrics_follow_a_failover():
    cluster = made()
    cluster.crash(OWNER)
    run_to(cluster, "failing")
    at = cluster.world.now
    cluster.run(until=12)
    metrics = cluster.metrics
    assert metrics.value("cluster_slots_fail", "node-1", at) == 5462
    assert (metrics.value("cluster_state", "node-1", at), metrics.value("cluster_state", "node-1")) == (0, 1)
    assert metrics.value("cluster_current_epoch", "node-1") == 7
    assert metrics.value("cluster_my_epoch", REPLICA) == 7
    assert metrics.value("master_link_status", REPLICA, at) == 0


def test_reports_name_the_masters_that_doubt_a_node():
    cluster = made(masters=5)
    cluster.crash("node-1")
    run_to(cluster, "failing")
    about = {name: cluster.gossip.reports("node-1", via=name) for name in cluster.running()}
    assert max(len(masters) for masters in about.values()) >= 2
    assert {master for masters in about.values() for master in masters} <= {f"node-{i}" for i in range(2, 6)}


def test_one_line_says_how_it_stands():
    cluster = failed_over(made())
    assert repr(cluster) == (
        "<RedisCluster at 11.000 s: 5 of 6 nodes up, cluster_state:ok, 3 masters own slots, 0 wrong beliefs>"
    )
    assert (
        repr(cluster.authority)
        == "<authority of Redis Cluster: cluster_state:ok, 3 masters own slots, epoch 7>"
    )
    for name in list(cluster.running()):
        cluster.crash(name)
    assert "nobody to ask" in repr(cluster.authority) + repr(cluster.repair)


# Parts switched off.


def test_without_authority_a_partition_makes_two_owners_and_both_take_writes():
    both = {}
    for authority in (True, None):
        cluster = made(authority=authority)
        cluster.partition([OWNER, "node-4"], ["node-1", "node-3", REPLICA, "node-6"])
        cluster.run(until=15)
        both[authority] = cluster.authority.claimants(cluster.slot(KEY))
        if authority is None:
            assert set_(cluster, "left", via=OWNER).ok
            assert set_(cluster, "right", via=REPLICA).ok
    assert both == {True: (REPLICA,), None: (OWNER, REPLICA)}


def test_two_masters_that_took_one_epoch_are_told_apart_when_they_meet():
    """Two replicas that nobody votes for take over in their own halves, both in epoch 10."""
    cluster = made(replicas=2, authority=None)
    left, right = ["node-5", "node-1", "node-4", "node-7"], ["node-8", "node-3", "node-6", "node-9"]
    cluster.partition([OWNER], left, right)
    cluster.run(until=12)
    slot = cluster.slot(KEY)
    assert cluster.authority.claimants(slot) == (OWNER, "node-5", "node-8")
    assert cluster.authority.config_epochs("node-5")["node-5"] == 10
    assert cluster.authority.config_epochs("node-8")["node-8"] == 10
    cluster.heal()
    cluster.run(until=40)
    (collision,) = events(cluster, "epoch-collision")
    assert (collision.node, collision.fields["about"]) == ("node-5", "node-8")  # the smaller name moves on
    assert len(cluster.authority.claimants(slot)) == 1
    epochs = list(cluster.authority.config_epochs().values())
    assert len(set(epochs)) == len(epochs)


def test_without_repair_what_a_replica_missed_stays_missed():
    lacking = {}
    for repair in (True, None):
        cluster = made(repair=repair, node_timeout_s=15)
        cluster.crash(REPLICA)
        set_(cluster)
        cluster.restart(REPLICA)
        cluster.run(until=12)
        lacking[repair] = cluster.repair.lacking()
    assert lacking == {True: {}, None: {REPLICA: (KEY,)}}


def test_without_repair_an_old_master_that_does_not_meet_the_new_one_goes_on_claiming_its_slots():
    claims = {}
    for repair in (True, None):
        cluster = failed_over(made(repair=repair))
        cluster.crash(REPLICA)
        cluster.restart(OWNER)
        cluster.run(until=cluster.world.now + 10)
        claims[repair] = cluster.authority.owner(cluster.slot(KEY), via=OWNER)
    assert claims == {True: REPLICA, None: OWNER}


def test_more_pings_a_second_find_a_failure_earlier():
    def found_s(fanout, seed):
        cluster = made(node_timeout_s=15, fanout=fanout, seed=seed, until=10)
        cluster.crash("node-1")
        return run_to(cluster, "possibly-failing").time - 10

    slow, quick = (sum(found_s(fanout, seed) for seed in range(4)) / 4 for fanout in (1, 5))
    assert quick <= slow
    assert 15 < quick < 16.2


def test_loss_makes_packets_late_and_loses_none():
    """A ping that is lost once leaves 0.2 s later: so do 0.4 of them, and one in six 0.6 s later or more."""
    cluster = made(network=Network(loss=0.4), node_timeout_s=15, trace=True)
    cluster.run(until=100)
    assert not events(cluster, "lost")
    assert not events(cluster, "stream-failed")
    assert cluster.gossip.disagreement() == []
    waits = []
    for name in cluster.world.names:
        number = cluster.metrics.series("cluster_stats_messages_ping_sent", name)
        left = [
            event.time
            for event in cluster.trace.filter(kind="stream-send")
            if event.node == name and type(event.fields["message"]).__name__ == "Ping"
        ]
        waits += [left_s not in number[0] for left_s in left]
    late = sum(waits) / len(waits)
    assert abs(late - 0.4) < 4 * (0.4 * 0.6 / len(waits)) ** 0.5
    assert len(waits) > 400


# Scenarios and replay.


def test_a_scenario_acts_as_a_client_and_as_an_operator():
    cluster = RedisCluster(seed=1, node_timeout_s=2)
    cluster.play(
        Scenario(
            [
                (1, "set", {"key": KEY, "value": "v", "wait": 1}),
                (2, "crash", {"name": OWNER}),
                (9, "get", {"key": KEY, "via": "node-1"}),
                (10, "join", {"name": "new", "replicate": REPLICA}),
                (11, "get", {"key": KEY, "via": OWNER}),
            ]
        )
    )
    cluster.run(until=20)
    assert [(each.kind, each.status, each.value) for each in cluster.operations] == [
        ("set", "ok", "v"),
        ("get", "ok", "v"),
    ]
    assert [(refusal.action, refusal.at) for refusal in cluster.refused] == [("get", 11.0)]
    assert cluster.authority.masters()["new"] == REPLICA


def test_the_same_seed_and_the_same_story_give_the_same_trace():
    def traced(seed):
        cluster = RedisCluster(seed=seed, node_timeout_s=2)
        cluster.play(
            Scenario([(2, "pause", {"name": "node-1", "seconds": 5}), (3, "set", {"key": "k", "value": "v"})])
        )
        cluster.run(until=10)
        return cluster.trace.to_jsonl()

    assert traced(3) == traced(3) != traced(4)


def test_a_slot_that_nobody_owns_is_not_served():
    cluster = made()
    cluster.started("node-1").slots.release(OWNER)
    assert get(cluster, via="node-1").error == "CLUSTERDOWN Hash slot not served"


def test_a_client_that_is_sent_round_in_a_circle_gives_up_after_five():
    cluster = made()
    cluster.started(OWNER).slots.hand_over(OWNER, "node-1")
    round_ = get(cluster, via="node-1")
    assert round_.status == "unavailable" and round_.error.startswith("MOVED")
    assert round_.asked == ("node-1", OWNER) * 3


def test_nobody_votes_for_who_claims_slots_of_a_newer_owner():
    for epoch, verdict in ((1, "slots have a newer owner"), (2, "granted")):
        cluster = made()
        voter, asker = cluster.started("node-1"), cluster.started(REPLICA)
        voter.bus.peers[OWNER].belief, voter.epochs[OWNER] = Belief.FAIL, 2
        claimed = asker.slots.ranges(OWNER)
        header = Header(voter.current_epoch, epoch, claimed, OWNER, 0, True)
        voter.failover.vote(REPLICA, AuthRequest(header))
        (vote,) = events(cluster, "vote")
        assert vote.fields["verdict"] == verdict


def test_a_master_that_has_lost_some_slots_stays_a_master():
    cluster = made()
    node, teller = cluster.started(OWNER), cluster.started("node-1")
    node.receive(node.env, "node-3", Update(teller.header(), "node-1", 9, ((0, 6000),)))
    assert node.master is None and node.slots.ranges(OWNER) == ((6001, 10922),)


def test_who_was_not_met_is_no_node_of_the_cluster():
    cluster = made()
    node = cluster.started("node-1")
    cluster.world.add("stranger", Deaf())
    for meet, known in ((False, False), (True, True)):
        node.receive(node.env, "stranger", Ping(node.header(), (), 1, meet))
        assert ("stranger" in node.masters) is known


def test_who_takes_over_says_so_to_all_at_once():
    cluster = made()
    cluster.crash(OWNER)
    run_to(cluster, "promoted")
    for name in cluster.running():
        assert cluster.authority.owner(cluster.slot(KEY), via=name) == REPLICA
